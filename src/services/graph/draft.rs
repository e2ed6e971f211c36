//! A detection rule before it is sent: what an alert definition and its indicator come to.

use crate::{
    domain::{
        alert_definition::AlertDefinition,
        indicator::{Action, Indicator, Kind},
        marker::Marker,
    },
    services::graph::{
        Generation,
        kql::{self, Meaning},
        tactics::{self, Tactic},
    },
};

/// A rule as it is to be, by value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Draft {
    /// The key that we choose; the older generation chooses its own.
    pub(super) id: Option<String>,
    pub(super) name: String,
    pub(super) enabled: bool,
    pub(super) query: String,
    pub(super) description: String,
    pub(super) alert: AlertDraft,
}

/// What the alerts of a rule are to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AlertDraft {
    pub(super) title: String,
    pub(super) description: String,
    pub(super) severity: String,
    pub(super) recommended: Option<String>,
    pub(super) tactics: Vec<Tactic>,
    /// The older generation's word for the tactic.
    pub(super) category: &'static str,
    pub(super) entities: Vec<Entity>,
}

/// A thing that each alert names: a collection of the service's entity mappings, with the columns that tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entity {
    /// `hosts`.
    pub(super) collection: &'static str,
    /// Member and column: `deviceIdColumn`, `DeviceId`.
    pub(super) columns: Vec<(&'static str, &'static str)>,
}

/// The key of the rule that carries `marker`.
pub(super) fn key(marker: &Marker) -> String {
    format!("alertdrill-{marker}")
}

/// The marker of the rule with the key `id`, if it is one that we chose.
pub(super) fn marker(id: &str) -> Option<Marker> {
    id.strip_prefix("alertdrill-").and_then(Marker::parse)
}

/// What the service lacks for `indicator`, in a clause.
pub(super) fn lack(indicator: &Indicator) -> Option<String> {
    if indicator.action != Action::Audit {
        return Some(format!(
            "its rules raise an alert and do nothing else that a drill may want, as {}",
            indicator.action
        ));
    }
    if !indicator.enabled {
        return Some(
            "an indicator and its alert definition are one rule, whose one switch is the alert definition's".into(),
        );
    }
    kql::unfit(indicator.kind, &indicator.value)
}

impl Draft {
    /// The rule for `indicator`, by the service's clock, whose alerts follow `definition`.
    pub(super) fn new(generation: Generation, definition: &AlertDefinition, indicator: &Indicator) -> Self {
        let (kind, category) = (indicator.kind, definition.category.as_str());
        Self {
            id: None,
            name: definition.name.clone(),
            enabled: definition.enabled,
            query: kql::rule(&Meaning {
                kind,
                function: indicator.function,
                value: indicator.value.clone(),
                end: indicator.expires_at,
            }),
            description: definition.internal_description.clone(),
            alert: AlertDraft {
                title: definition.title.clone(),
                description: definition.ux_description.clone(),
                severity: definition.severity.as_str().to_ascii_lowercase(),
                recommended: definition.recommended_action.clone(),
                tactics: vec![tactics::of(category, kind)],
                category: tactics::word(generation, category, kind),
                entities: entities(kind),
            },
        }
    }

    /// The same under the key of `marker`.
    pub(super) fn under(self, marker: &Marker) -> Self {
        Self { id: Some(key(marker)), ..self }
    }
}

/// The device, and what the indicator is about.
fn entities(kind: Kind) -> Vec<Entity> {
    let host = Entity { collection: "hosts", columns: vec![("deviceIdColumn", "DeviceId")] };
    let other = match kind {
        Kind::IpAddress => Entity { collection: "ips", columns: vec![("addressColumn", "RemoteIP")] },
        Kind::DomainName | Kind::Url => Entity { collection: "urls", columns: vec![("addressColumn", "RemoteUrl")] },
        Kind::Sha1 | Kind::Sha256 | Kind::Md5 => Entity {
            collection: "files",
            columns: vec![("nameColumn", "FileName"), ("sha1Column", "SHA1"), ("sha256Column", "SHA256")],
        },
    };
    vec![host, other]
}
