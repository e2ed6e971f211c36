//! What the members of a rule may be, and the words for what they may not.

use jiff::{SignedDuration, Span, SpanRelativeTo};
use serde_json::{Map, Value};

use crate::emulator::{
    faces::graph::refusal::Refusal,
    knobs::graph::Knobs,
    tenant::rules::rule::{LONGEST_LOOKBACK, Status},
};

/// What only the service writes: ignored in a new rule, refused in a change (a field report of 2026).
pub(super) const OWNED: [&str; 6] =
    ["createdBy", "createdDateTime", "lastModifiedBy", "lastModifiedDateTime", "detectorId", "lastRunDetails"];

/// The longest names, texts and queries that are taken. Nothing is published; memory stays bounded.
pub(super) const NAME: usize = 1_000;
pub(super) const TEXT: usize = 10_000;
pub(super) const QUERY: usize = 100_000;

pub(super) fn required(name: &str) -> Refusal {
    Refusal::input(format!("The {name} field is required."))
}

pub(super) fn read_only(name: &str) -> Refusal {
    Refusal::input(format!("The property '{name}' is read-only and cannot be updated."))
}

/// The framework's words for a member that a type does not have.
pub(super) fn unknown(name: &str, of: &str) -> Refusal {
    let shown: String = name.chars().take(100).collect();
    Refusal::bad(format!(
        "The property '{shown}' does not exist on type 'microsoft.graph.security.{of}'. Make sure to only use property \
         names that are defined by the type."
    ))
}

/// The framework's words for a value of a wrong type.
pub(super) fn wrong(name: &str) -> Refusal {
    Refusal::bad(format!("The field {name} is invalid."))
}

/// A text of at most so many letters; null is none.
pub(super) fn text(value: &Value, name: &str, most: usize) -> Result<Option<String>, Refusal> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) if text.chars().count() > most => Err(Refusal::input(format!(
            "The field {name} must be a string or array type with a maximum length of '{most}'."
        ))),
        Value::String(text) => Ok(Some(text.clone())),
        _ => Err(wrong(name)),
    }
}

pub(super) fn object<'a>(value: &'a Value, name: &str) -> Result<&'a Map<String, Value>, Refusal> {
    match value {
        Value::Object(members) => Ok(members),
        Value::Null => Err(required(name)),
        _ => Err(wrong(name)),
    }
}

/// An object that is kept as it was sent.
pub(super) fn kept_object(value: &Value, name: &str) -> Result<Option<Value>, Refusal> {
    match value {
        Value::Null => Ok(None),
        Value::Object(_) if value.to_string().len() <= TEXT => Ok(Some(value.clone())),
        _ => Err(wrong(name)),
    }
}

/// Letters, digits, dashes and underscores, a letter first, at most a hundred.
pub(super) fn id(value: &Value) -> Result<String, Refusal> {
    let allowed = |letter: u8| letter.is_ascii_alphanumeric() || letter == b'-' || letter == b'_';
    let id = value.as_str().filter(|id| {
        id.len() <= 100 && id.bytes().next().is_some_and(|first| first.is_ascii_alphabetic()) && id.bytes().all(allowed)
    });
    id.map(str::to_owned).ok_or_else(|| {
        Refusal::input(
            "Invalid rule identifier format. Rule ID must consist of letters, numbers, dashes, or underscores only, begin \
             with a letter, and not exceed 100 characters.",
        )
    })
}

/// A word that its list does not have.
pub(super) fn no_such_word(word: &str) -> Refusal {
    Refusal::bad(format!("Requested value '{}' was not found.", word.chars().take(100).collect::<String>()))
}

/// What a word means, or why it is none of its list: that is said only when everything is there that has to be.
pub(super) type Word<T> = Result<T, Refusal>;

/// Only the service switches a rule off in its own name.
pub(super) fn status(value: &Value) -> Result<Word<Status>, Refusal> {
    match value.as_str() {
        Some("enabled") => Ok(Ok(Status::Enabled)),
        Some("disabled") => Ok(Ok(Status::Disabled)),
        Some(other) => Ok(Err(no_such_word(other))),
        None => Err(wrong("Status")),
    }
}

pub(super) fn span(value: &Value, name: &str) -> Result<SignedDuration, Refusal> {
    let text = value.as_str().ok_or_else(|| wrong(name))?;
    let span = text.starts_with(['P', 'p']).then(|| text.parse::<Span>().ok()).flatten();
    let span = span.and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
    span.filter(|span| !span.is_negative()).ok_or_else(|| {
        let shown: String = text.chars().take(100).collect();
        Refusal::bad(format!("Cannot convert the literal '{shown}' to the expected type 'Edm.Duration'."))
    })
}

/// The frequencies of the portal, in hours.
const USUAL: [i64; 5] = [0, 1, 3, 12, 24];

/// Whether a rule may run so often and look so far back. The rules are documented, the words are not.
pub(super) fn spans(frequency: SignedDuration, lookback: Option<SignedDuration>, knobs: &Knobs) -> Result<(), Refusal> {
    let usual = USUAL.iter().any(|hours| frequency == SignedDuration::from_hours(*hours));
    let custom = frequency >= SignedDuration::from_mins(5) && frequency <= SignedDuration::from_hours(14 * 24);
    if !(usual || custom && knobs.custom_frequencies) {
        return Err(Refusal::input("The frequency is not supported for the data sources of the query."));
    }
    match lookback {
        Some(_) if frequency.is_zero() => Err(Refusal::input("Lookback is not allowed with a zero frequency.")),
        Some(lookback) if lookback < frequency => {
            Err(Refusal::input("Lookback must be greater than or equal to the frequency."))
        }
        Some(lookback) if lookback > LONGEST_LOOKBACK => Err(Refusal::input("Lookback must not exceed 30 days.")),
        _ => Ok(()),
    }
}

/// Whom a rule is for. Sent as null, it was refused without words in February 2026, although the documentation does so.
pub(super) fn scope(value: &Value, knobs: &Knobs) -> Result<Option<Value>, Refusal> {
    if value.is_null() && !knobs.null_scope {
        return Err(Refusal::input(""));
    }
    for name in value.as_object().into_iter().flat_map(Map::keys) {
        if !name.contains('@') && !["scopeType", "deviceGroups", "scopeNames"].contains(&name.as_str()) {
            return Err(unknown(name, "organizationalScope"));
        }
    }
    kept_object(value, "OrganizationalScope")
}

/// Actions, each with the members that its items may have.
const ACTIONS: [(&[&str], &[&str]); 6] = [
    (&["isolateDevices"], &["deviceIdColumn", "isolationType"]),
    (
        &["collectInvestigationPackages", "initiateInvestigations", "restrictAppExecutions", "runAntivirusScans"],
        &["deviceIdColumn"],
    ),
    (&["allowFiles", "blockFiles"], &["sha1Column", "sha256Column", "deviceGroupNames"]),
    (&["stopAndQuarantineFiles"], &["deviceIdColumn", "sha1Column"]),
    (
        &["disableUsers", "forceUserPasswordResets", "markUsersAsCompromised"],
        &["accountSidColumn", "accountObjectIdColumn"],
    ),
    (
        &["softDeleteEmails", "hardDeleteEmails", "moveEmailsToJunk", "moveEmailsToInbox", "moveEmailsToDeletedItems"],
        &["networkMessageIdColumn", "recipientColumn"],
    ),
];

/// What is done when a rule finds something: kept as it was sent, and not done.
pub(super) fn automated_actions(value: &Value) -> Result<Option<Value>, Refusal> {
    for (name, items) in value.as_object().into_iter().flatten() {
        if name.contains('@') {
            continue;
        }
        let known = ACTIONS.iter().find(|(names, _)| names.contains(&name.as_str()));
        let (_, members) = known.ok_or_else(|| unknown(name, "automatedActionSet"))?;
        let items = match items {
            Value::Null => continue,
            Value::Array(items) => items,
            _ => return Err(wrong(name)),
        };
        for item in items {
            let item = object(item, name)?;
            if let Some(stranger) = item.keys().find(|key| !key.contains('@') && !members.contains(&key.as_str())) {
                return Err(unknown(stranger, "automatedAction"));
            }
        }
    }
    kept_object(value, "AutomatedActions")
}
