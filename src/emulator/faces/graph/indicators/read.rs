//! What is submitted: checked, and read as a custom indicator where it is for endpoints.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::{
    domain::alert_definition::Severity,
    emulator::{
        faces::graph::{ASKER, body, indicators::schema, refusal::Refusal},
        odata::value::Type,
        tenant::{
            custom::{Action, Custom, Kind, Source},
            submissions::Draft,
        },
    },
};

/// Whether a target product is that of endpoints.
pub(super) fn is_endpoints(product: &str) -> bool {
    product.eq_ignore_ascii_case("Microsoft Defender ATP")
}

/// Properties with a few words, in the documented spelling.
const WORDS: [(&str, &[&str]); 4] = [
    ("action", &["unknown", "allow", "block", "alert"]),
    (
        "threatType",
        &[
            "Botnet",
            "C2",
            "CryptoMining",
            "Darknet",
            "DDoS",
            "MaliciousUrl",
            "Malware",
            "Phishing",
            "Proxy",
            "PUA",
            "WatchList",
        ],
    ),
    ("tlpLevel", &["unknown", "white", "green", "amber", "red"]),
    ("fileHashType", &["unknown", "sha1", "sha256", "md5", "authenticodeHash256", "lsHash", "ctph"]),
];

const REQUIRED: [&str; 6] = ["action", "description", "expirationDateTime", "targetProduct", "threatType", "tlpLevel"];

/// One of these must be there.
const OBSERVABLES: [&str; 18] = [
    "domainName",
    "url",
    "networkDestinationIPv4",
    "networkDestinationIPv6",
    "networkIPv4",
    "networkIPv6",
    "networkSourceIPv4",
    "networkSourceIPv6",
    "networkCidrBlock",
    "networkDestinationCidrBlock",
    "networkSourceCidrBlock",
    "fileHashValue",
    "fileName",
    "filePath",
    "fileMutexName",
    "emailSenderAddress",
    "emailSourceIpAddress",
    "emailSubject",
];

/// A submitted indicator, if it is one.
pub(super) fn draft(members: &Map<String, Value>, now: Timestamp) -> Result<Draft, Refusal> {
    let mut says = Map::new();
    for (name, value) in members.iter().filter(|(name, _)| *name != "id" && !name.contains('@')) {
        let known = schema::PROPERTIES.iter().find(|(known, _)| known == name);
        let (_, of) = known.ok_or_else(|| {
            Refusal::bad(format!(
                "The property '{}' does not exist on type 'microsoft.graph.tiIndicator'.",
                name.chars().take(100).collect::<String>()
            ))
        })?;
        says.insert(name.clone(), typed(name, value, *of)?);
    }
    let missing = REQUIRED.iter().find(|name| says.get(**name).is_none_or(Value::is_null));
    if let Some(name) = missing {
        return Err(Refusal::bad(format!("The {name} field is required.")));
    }
    if !OBSERVABLES.iter().any(|name| body::text(&says, name).is_some_and(|text| !text.is_empty())) {
        return Err(Refusal::bad("At least one observable is required."));
    }
    let expires_at = body::text(&says, "expirationDateTime").and_then(|text| text.parse::<Timestamp>().ok());
    let expires_at = expires_at.filter(|at| *at > now);
    let expires_at = expires_at.ok_or_else(|| Refusal::bad("The expirationDateTime must be in the future."))?;
    let custom = body::text(&says, "targetProduct").is_some_and(is_endpoints).then(|| custom(&says, expires_at));
    Ok(Draft { custom: custom.transpose()?.flatten(), says, expires_at })
}

/// A value of the property's type, in the documented spelling where it is a word.
fn typed(name: &str, value: &Value, of: Type) -> Result<Value, Refusal> {
    let invalid = || Refusal::bad(format!("The field {name} is invalid."));
    if let Some((_, words)) = WORDS.iter().find(|(known, _)| *known == name) {
        let given = value.as_str().ok_or_else(invalid)?;
        let word = words.iter().find(|word| word.eq_ignore_ascii_case(given)).ok_or_else(invalid)?;
        return Ok(Value::from(*word));
    }
    // OpenCTI's connector sends a truth as its word, and a number where a text is documented.
    match (of, value) {
        (Type::Bool, Value::String(word)) => return word.parse().map(Value::Bool).map_err(|_| invalid()),
        (Type::Text, Value::Number(number)) => return Ok(Value::from(number.to_string())),
        _ => {}
    }
    let good = match (of, value) {
        (_, Value::Null) | (Type::Bool, Value::Bool(_)) => true,
        (Type::Int, Value::Number(number)) => in_range(name, number.as_i64()),
        (Type::Text, Value::String(text)) => text.chars().count() <= longest(name),
        (Type::Time, Value::String(text)) => text.parse::<Timestamp>().is_ok(),
        (Type::Many(_), Value::Array(list)) => {
            list.len() <= 100 && list.iter().all(|item| item.as_str().is_some_and(|text| text.len() <= 1_000))
        }
        _ => false,
    };
    if good { Ok(value.clone()) } else { Err(invalid()) }
}

fn in_range(name: &str, number: Option<i64>) -> bool {
    match (name, number) {
        (_, None) => false,
        ("severity", Some(severity)) => (0..=5).contains(&severity),
        ("confidence", Some(confidence)) => (0..=100).contains(&confidence),
        _ => true,
    }
}

/// A description has at most a hundred letters; other texts are cut off where memory must stay bounded.
fn longest(name: &str) -> usize {
    if name == "description" { 100 } else { 5_000 }
}

/// What endpoints look for; they take one of four observables, and do nothing for an unknown action.
fn custom(says: &Map<String, Value>, expires_at: Timestamp) -> Result<Option<Custom>, Refusal> {
    let text = |name: &str| body::text(says, name).filter(|text| !text.is_empty());
    let hash = || match text("fileHashType") {
        Some("sha1") => Some(Kind::FileSha1),
        Some("sha256") => Some(Kind::FileSha256),
        Some("md5") => Some(Kind::FileMd5),
        _ => None,
    };
    let found = [
        (Some(Kind::DomainName), text("domainName")),
        (Some(Kind::Url), text("url")),
        (Some(Kind::IpAddress), text("networkDestinationIPv4")),
        (Some(Kind::IpAddress), text("networkDestinationIPv6")),
        (hash(), text("fileHashValue")),
    ];
    let found = found.into_iter().find_map(|(kind, value)| Some((kind?, value?)));
    let (kind, value) = found.ok_or_else(|| {
        Refusal::bad("Microsoft Defender ATP takes a domain, a URL, a destination address or a file hash.")
    })?;
    let file = !kind.is_network();
    let action = match text("action") {
        Some("allow") => Action::Allowed,
        Some("block") if file => Action::BlockAndRemediate,
        Some("block") => Action::Block,
        Some("alert") => Action::Audit,
        _ => return Ok(None),
    };
    let description = text("description").unwrap_or_default();
    Ok(Some(Custom {
        kind,
        value: value.to_owned(),
        action,
        generate_alert: action != Action::Allowed,
        title: description.to_owned(),
        description: description.to_owned(),
        severity: severity(says.get("severity").and_then(Value::as_i64).unwrap_or(3)),
        category: 1,
        recommended_actions: None,
        techniques: Vec::new(),
        expires_at: Some(expires_at),
        groups: Vec::new(),
        group_ids: Vec::new(),
        source: Source::PublicApi,
        author: ASKER.to_owned(),
        carried: BTreeMap::new(),
    }))
}

/// From 0 to 5: how they map is not published.
fn severity(number: i64) -> Severity {
    match number {
        ..=1 => Severity::Informational,
        2 => Severity::Low,
        3 => Severity::Medium,
        _ => Severity::High,
    }
}
