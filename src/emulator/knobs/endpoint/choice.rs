//! Knobs that are one of a few words.

use serde_json::{Value, json};

/// What network protection of the devices is set to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is what its name says")]
pub enum NetworkProtection {
    Off,
    Audit,
    Block,
}

/// What the title of the alert of a network indicator with the action `Audit` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetworkAuditTitle {
    /// The one that every network indicator's alert was seen to have.
    Fixed,
    /// The indicator's own.
    Own,
}

/// What the alert of a file that was blocked or warned of says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileBlockAlert {
    /// What the antivirus engine says of it.
    Engine,
    /// What the indicator says.
    Own,
}

/// What becomes of an indicator whose action is one of the two of before 2022.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LegacyActions {
    /// It is kept as it is, and does what its successor does.
    Accept,
    /// It is kept with its successor in its place.
    Rewrite,
    /// It is refused.
    Refuse,
}

/// Whose tokens the API takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audiences {
    /// Those for any name of the Defender for Endpoint API.
    Defender,
    /// Those for its former name alone.
    Former,
    /// Those for anybody.
    Any,
}

/// How a refusal for too many calls says when to come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    /// In whole seconds.
    Whole,
    /// In seconds with a fraction.
    Fractional,
    /// Not at all.
    Absent,
}

pub(super) const NETWORK_PROTECTION: &[(&str, NetworkProtection)] =
    &[("off", NetworkProtection::Off), ("audit", NetworkProtection::Audit), ("block", NetworkProtection::Block)];

pub(super) const NETWORK_AUDIT_TITLE: &[(&str, NetworkAuditTitle)] =
    &[("fixed", NetworkAuditTitle::Fixed), ("own", NetworkAuditTitle::Own)];

pub(super) const FILE_BLOCK_ALERT: &[(&str, FileBlockAlert)] =
    &[("engine", FileBlockAlert::Engine), ("own", FileBlockAlert::Own)];

pub(super) const LEGACY_ACTIONS: &[(&str, LegacyActions)] =
    &[("accept", LegacyActions::Accept), ("rewrite", LegacyActions::Rewrite), ("refuse", LegacyActions::Refuse)];

pub(super) const AUDIENCES: &[(&str, Audiences)] =
    &[("defender", Audiences::Defender), ("former", Audiences::Former), ("any", Audiences::Any)];

pub(super) const RETRY_AFTER: &[(&str, RetryAfter)] =
    &[("whole", RetryAfter::Whole), ("fractional", RetryAfter::Fractional), ("absent", RetryAfter::Absent)];

/// The member of `words` that `value` names.
pub(super) fn choice<T: Copy>(words: &[(&str, T)], value: &Value) -> Result<T, String> {
    let named = words.iter().find(|(word, _)| value.as_str() == Some(word));
    named.map(|(_, member)| *member).ok_or_else(|| {
        let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
        format!("expected one of {}", words.join(", "))
    })
}

/// The word of `member`.
pub(super) fn word<T: Copy + PartialEq>(words: &[(&str, T)], member: T) -> Value {
    words.iter().find(|(_, known)| *known == member).map_or(Value::Null, |(word, _)| json!(word))
}
