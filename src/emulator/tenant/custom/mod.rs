//! Custom indicators of the services of today: one entry says what to look for, what to do about it, and how its alert
//! reads. (The threat intelligence API of before kept these apart: see `publishing`.)
//!
//! In reading order: this file (what an indicator says), [`keeping`] (publish, change, take away, expire), `address`
//! (a URL as it is compared), `index` (what an event touches), `verdict` (which of it counts), `alerting` (the
//! alert that follows), [`by_reference`] (the alert that a caller makes).

mod address;
mod alerting;
pub mod by_reference;
mod index;
pub mod keeping;
mod verdict;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use crate::domain::alert_definition::Severity;
pub(in crate::emulator) use crate::emulator::tenant::custom::alerting::{ENGINE, is_edge};
pub(super) use crate::emulator::tenant::custom::{alerting::raise, keeping::Customs};

/// What kind of thing an indicator looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is what its name says")]
pub enum Kind {
    FileSha1,
    FileSha256,
    FileMd5,
    CertificateThumbprint,
    IpAddress,
    DomainName,
    Url,
}

impl Kind {
    /// Every kind, in the documentation's order.
    pub const ALL: [Self; 7] = [
        Self::FileSha1,
        Self::FileSha256,
        Self::FileMd5,
        Self::CertificateThumbprint,
        Self::IpAddress,
        Self::DomainName,
        Self::Url,
    ];

    /// The service's spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FileSha1 => "FileSha1",
            Self::FileSha256 => "FileSha256",
            Self::FileMd5 => "FileMd5",
            Self::CertificateThumbprint => "CertificateThumbprint",
            Self::IpAddress => "IpAddress",
            Self::DomainName => "DomainName",
            Self::Url => "Url",
        }
    }

    /// Whether it is told from a connection, and not from a file.
    pub fn is_network(self) -> bool {
        matches!(self, Self::IpAddress | Self::DomainName | Self::Url)
    }
}

/// What is to be done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is what its name says")]
pub enum Action {
    Warn,
    Block,
    Audit,
    /// What `Audit` with an alert was called until January 2022.
    Alert,
    /// What `BlockAndRemediate` was called until January 2022.
    AlertAndBlock,
    BlockAndRemediate,
    Allowed,
}

impl Action {
    /// Every action, in the documentation's order.
    pub const ALL: [Self; 7] = [
        Self::Warn,
        Self::Block,
        Self::Audit,
        Self::Alert,
        Self::AlertAndBlock,
        Self::BlockAndRemediate,
        Self::Allowed,
    ];

    /// The service's spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Warn => "Warn",
            Self::Block => "Block",
            Self::Audit => "Audit",
            Self::Alert => "Alert",
            Self::AlertAndBlock => "AlertAndBlock",
            Self::BlockAndRemediate => "BlockAndRemediate",
            Self::Allowed => "Allowed",
        }
    }

    /// What the action is called since January 2022.
    #[must_use]
    pub fn of_today(self) -> Self {
        match self {
            Self::Alert => Self::Audit,
            Self::AlertAndBlock => Self::BlockAndRemediate,
            today => today,
        }
    }
}

/// Where an indicator was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// By a person.
    Portal,
    /// By an application.
    PublicApi,
}

/// An indicator, as it was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Custom {
    /// What kind of thing it looks for.
    pub kind: Kind,
    /// The thing itself.
    pub value: String,
    /// What is to be done about it.
    pub action: Action,
    /// Whether it raises alerts.
    pub generate_alert: bool,
    /// The alert's title, where the alert has the indicator's.
    pub title: String,
    /// The alert's description, likewise.
    pub description: String,
    /// The alert's severity, likewise.
    pub severity: Severity,
    /// The number of the alert's category, likewise; only that 1 is `SuspiciousActivity` is known.
    pub category: i64,
    /// What the reader of the alert should do.
    pub recommended_actions: Option<String>,
    /// MITRE ATT&CK techniques.
    pub techniques: Vec<String>,
    /// When it is deleted; none is never.
    pub expires_at: Option<Timestamp>,
    /// The device groups that it is for, by name; for all devices if there are neither names nor ids.
    pub groups: Vec<String>,
    /// The device groups that it is for, by id.
    pub group_ids: Vec<String>,
    /// Where it was made.
    pub source: Source,
    /// The display name of who made it.
    pub author: String,
    /// What it says besides, which nothing here depends on, by the service's names.
    pub carried: BTreeMap<&'static str, Value>,
}

/// Whether `text` is a URL that an indicator can look for: one with a host of several labels, or an address for one.
pub fn is_url(text: &str) -> bool {
    let address = address::Address::read(text).filter(|_| !text.contains(char::is_whitespace));
    address.is_some_and(|address| address.host.contains(['.', ':']))
}

/// An indicator that raises alerts, for tests.
#[cfg(test)]
pub(in crate::emulator) fn custom(kind: Kind, value: &str, action: Action) -> Custom {
    Custom {
        kind,
        value: value.to_owned(),
        action,
        generate_alert: true,
        title: "own title".into(),
        description: "own description".into(),
        severity: Severity::High,
        category: 1,
        recommended_actions: None,
        techniques: Vec::new(),
        expires_at: None,
        groups: Vec::new(),
        group_ids: Vec::new(),
        source: Source::PublicApi,
        author: "an application".into(),
        carried: BTreeMap::new(),
    }
}

impl Custom {
    /// Whether it is for some devices only.
    pub fn is_scoped(&self) -> bool {
        !self.groups.is_empty() || !self.group_ids.is_empty()
    }
}
