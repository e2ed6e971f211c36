//! Microsoft Graph security: custom detection rules, alerts (`alerts_v2`) and advanced hunting.
//!
//! A detection rule is an alert definition together with its one indicator: its query looks for the indicator's value,
//! and its alerts say what the definition says.
//!
//! In reading order: [`Graph`] here (where the service is, and how its refusals are read), [`limits`] (how many calls it
//! gives); of rules, in private, `draft` (what a rule is to be), `kql` over `lexer` (its query, and back), `tactics`,
//! `check` (what the service refuses without saying so), `wire` (how it spells things), `held` (what it tells), `rules`
//! (create, read, change and remove one), and the ports `definitions` and `indicators`; then [`alerts`] with `evidence`, `batch` (many calls in
//! one), and `hunting`, which also finds devices.
//!
//! It writes strictly, in the documented order and types, and reads tolerantly: members that it does not know are passed
//! over, and both generations of a rule are understood whichever is written.

pub mod alerts;
mod batch;
mod check;
mod definitions;
mod draft;
pub(crate) mod evidence;
mod held;
mod hunting;
mod indicators;
mod kql;
mod lexer;
pub mod limits;
mod rules;
mod tactics;
mod wire;

use std::{collections::HashSet, sync::Arc};

use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use url::Url;

use crate::{
    services::{
        error::{Capability, ServiceError},
        graph::{
            held::Removed,
            limits::{Family, Quotas, Ways},
            wire::Page,
        },
        walk::Walk,
    },
    transport::{
        Transport,
        call::{Call, Reply},
        credential,
        decode::Odd,
        error::TransportError,
    },
};

/// Where Microsoft Graph is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    /// The root, `https://graph.microsoft.com/`, before any version; with or without its last slash.
    pub root: Url,
    /// The version that serves detection rules.
    pub rules: Version,
}

/// A version of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// `beta`, where detection rules were seen to answer (`SentinelToXDR`, 2026-09-25).
    Beta,
    /// `v1.0`, where they are documented as well.
    V1,
}

impl Version {
    /// The segment of a path.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Beta => "beta",
            Self::V1 => "v1.0",
        }
    }
}

/// The two generations of a detection rule, which share hardly a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generation {
    /// From 2023 until it was announced to leave beta on 2026-10-01: `isEnabled`, `schedule.period`, `category`,
    /// `impactedAssets`; the service chooses the key.
    A,
    /// Since June 2026: `status`, `schedule.frequency`, `tactics`, `entityMappings`; the caller chooses the key.
    B,
}

/// Microsoft Graph security, as [`Definitions`](crate::services::definitions::Definitions),
/// [`Indicators`](crate::services::indicators::Indicators), [`Alerts`](crate::services::alerts::Alerts),
/// [`Devices`](crate::services::devices::Devices) and [`Hunting`](crate::services::hunting::Hunting).
#[derive(Clone)]
pub struct Graph {
    ways: Ways,
    addresses: Addresses,
    generation: Generation,
    removed: Arc<Removed>,
}

impl Graph {
    /// The service at `addresses`, over a transport that is authorised for it, writing rules of `generation`.
    pub fn new(transport: &Transport, addresses: Addresses, generation: Generation) -> Self {
        Self { ways: Ways::all(transport), addresses, generation, removed: Arc::default() }
    }

    /// The same service, within `quotas`.
    #[must_use]
    pub fn within(self, quotas: &Quotas) -> Self {
        Self { ways: self.ways.within(quotas), ..self }
    }

    /// A moment of ours, on the service's clock.
    fn to_theirs(&self, ours: Timestamp) -> Timestamp {
        ours.saturating_add(self.ways.of(Family::Alerts).ahead()).unwrap_or(Timestamp::MAX)
    }

    /// A moment of the service's, on our clock.
    fn to_ours(&self, theirs: Timestamp) -> Timestamp {
        theirs.saturating_sub(self.ways.of(Family::Alerts).ahead()).unwrap_or(Timestamp::MIN)
    }

    /// The address of `path` in a version of the API. Of what a path holds, only keys need escaping, which [`member`] does.
    fn at(&self, version: Version, path: &str) -> Url {
        let mut url = self.addresses.root.clone();
        url.set_query(None);
        let root = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{root}/{}/{path}", version.as_str()));
        url
    }
}

/// The members of a collection that `first` asks for, page by page, at most `limit`: a service may take `$top` for the
/// size of a page and go on. Where the rest is, is the service's to say, and is followed as it stands; but the token goes
/// where the profile says, and nowhere that an answer says.
async fn pages<T>(
    way: &Transport,
    first: Url,
    limit: Option<u32>,
    call: impl Fn(Url) -> Call,
    read: impl Fn(usize, Value, &Reply) -> Result<T, TransportError>,
) -> Result<Vec<T>, TransportError> {
    let limit = limit.map_or(usize::MAX, |limit| limit as usize);
    let mut members = Vec::new();
    let mut url = first;
    let (mut walk, mut read_before) = (Walk::default(), HashSet::new());
    loop {
        let reply = way.call(call(url.clone())).await?;
        walk.took(&reply)?;
        let page: Page = reply.json()?;
        for (place, member) in page.value.into_iter().enumerate().take(limit - members.len()) {
            members.push(read(place, member, &reply)?);
        }
        let next = page.next.filter(|next| !next.is_empty() && members.len() < limit);
        let Some(next) = next else { return Ok(members) };
        match url.join(&next) {
            // Pages that lead in a circle would be read for ever.
            Ok(next) if next.origin() == url.origin() && next != url && !read_before.contains(&next) => {
                read_before.insert(std::mem::replace(&mut url, next));
            }
            _ => {
                let odd = Odd::new("@odata.nextLink", "another address of the same service", "none");
                return Err(reply.malformed(odd));
            }
        }
    }
}

/// The path of one member of a collection, whatever its key holds. A key that a path cannot have as a segment, for it
/// would lead elsewhere, stands in brackets, which is OData's other way.
fn member(collection: &str, key: &str) -> String {
    const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'~');
    if matches!(key, "" | "." | "..") {
        return format!("{collection}('{key}')");
    }
    format!("{collection}/{}", utf8_percent_encode(key, SEGMENT))
}

/// A text within a filter: OData doubles a quote (OData 4.01, URL conventions, 5.1.1.6.1).
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Whether what was addressed is not there, and the service says so of the thing, not of the whole path.
fn not_there(error: &TransportError) -> bool {
    matches!(error, TransportError::Refused { purpose, status: 404, code, .. }
        if purpose != credential::PURPOSE && !is_no_path(code))
}

/// Whether an error's words are that the path itself is not there: in this version, or in this cloud.
fn is_no_path(words: &str) -> bool {
    words.to_ascii_lowercase().contains("resource not found for the segment")
}

/// An answer that says no to what was asked of `what`, told from one that is no answer to it.
fn said_no(what: Capability, error: TransportError) -> ServiceError {
    match error {
        error if error.denies_access() => error.into(),
        TransportError::Refused { status: 400 | 404, code, .. } if is_no_path(&code) => ServiceError::Unsupported {
            what,
            why: format!("this cloud, or this version of the API, has none ({code})"),
        },
        TransportError::Refused { purpose, status: status @ (400 | 409 | 412 | 413 | 422), code: why, .. } => {
            ServiceError::Rejected { purpose, status, why }
        }
        other => other.into(),
    }
}

/// The same where the address names one thing: 404 says that it is not there.
fn said_no_to_one(what: Capability, error: TransportError) -> ServiceError {
    match error {
        TransportError::Refused { purpose, status: 404, code, .. }
            if purpose != credential::PURPOSE && !is_no_path(&code) =>
        {
            ServiceError::Rejected { purpose, status: 404, why: format!("it is not there ({code})") }
        }
        other => said_no(what, other),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::services::{definitions::Query, odata::with_options};

    fn url() -> Url {
        "https://graph.example/beta/security/rules/detectionRules".parse().expect("an address")
    }

    proptest! {
        #[test]
        fn no_key_leaves_its_segment(key in prop_oneof![any::<String>(), "[./?#%]{0,3}"]) {
            let mut whole = url();
            whole.set_path(&member(url().path(), &key));
            let rest = whole.path().strip_prefix(url().path()).expect("it is below the collection").to_owned();
            let bare = rest.strip_prefix('/').or_else(|| rest.strip_prefix("('")?.strip_suffix("')"));
            let bare = bare.expect("it is one segment, or in brackets");
            prop_assert!(!bare.contains('/'));
            let read = percent_encoding::percent_decode_str(bare).decode_utf8().expect("UTF-8");
            prop_assert_eq!(read, key);
            prop_assert_eq!((whole.query(), whole.fragment()), (None, None));
        }

        #[test]
        fn no_text_leaves_its_quotes_in_a_filter(text in any::<String>()) {
            let filter = format!("displayName eq {}", quoted(&text));
            let whole = with_options(url(), &Query { filter: Some(filter), ..Query::default() }, None);
            let pairs: Vec<_> = whole.query_pairs().collect();
            prop_assert_eq!(pairs.len(), 1);
            let inside = pairs[0].1.strip_prefix("displayName eq '").and_then(|rest| rest.strip_suffix('\''));
            let inside = inside.expect("it stands in quotes");
            prop_assert_eq!(inside.replace("''", ""), text.replace('\'', ""), "quotes come in pairs");
            prop_assert_eq!(inside.matches('\'').count(), 2 * text.matches('\'').count());
        }
    }
}
