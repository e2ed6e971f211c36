//! Why a drill did not pass.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a drill that did not pass is called. The names are part of every report and stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// No alert came, though everything before it worked.
    NoAlert,
    /// The alert came and says something else than its definition.
    WrongAlert,
    /// An alert came that should not have.
    ExtraAlert,
    /// The alert came after its time.
    LateAlert,
    /// The definition or indicator could not be published, or is not there as published.
    NotPublished,
    /// The traffic did not happen.
    NoStimulus,
    /// The traffic happened and the device did not report it.
    NoTelemetry,
    /// What was published had not yet taken effect.
    NotYetEffective,
    /// The service had no more calls to give.
    Throttled,
    /// The service failed, or answered what cannot be understood.
    ServiceError,
    /// The service refused the credential.
    AccessDenied,
    /// Nothing proves either way.
    Inconclusive,
    /// The service of the drill has no such thing: the drill is skipped.
    Unsupported,
}

impl Code {
    /// Every code, gaps first.
    pub const ALL: [Self; 13] = [
        Self::NoAlert,
        Self::WrongAlert,
        Self::ExtraAlert,
        Self::LateAlert,
        Self::NotPublished,
        Self::NoStimulus,
        Self::NoTelemetry,
        Self::NotYetEffective,
        Self::Throttled,
        Self::ServiceError,
        Self::AccessDenied,
        Self::Inconclusive,
        Self::Unsupported,
    ];

    /// The name, as in every report.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoAlert => "no-alert",
            Self::WrongAlert => "wrong-alert",
            Self::ExtraAlert => "extra-alert",
            Self::LateAlert => "late-alert",
            Self::NotPublished => "not-published",
            Self::NoStimulus => "no-stimulus",
            Self::NoTelemetry => "no-telemetry",
            Self::NotYetEffective => "not-yet-effective",
            Self::Throttled => "throttled",
            Self::ServiceError => "service-error",
            Self::AccessDenied => "access-denied",
            Self::Inconclusive => "inconclusive",
            Self::Unsupported => "unsupported",
        }
    }

    /// Whether the drill that ends with it is skipped: nothing was judged.
    pub fn is_skip(self) -> bool {
        self == Self::Unsupported
    }

    /// Whether it is a detection gap: everything before it is proven to have worked. Otherwise alertdrill cannot tell.
    pub fn is_gap(self) -> bool {
        matches!(self, Self::NoAlert | Self::WrongAlert | Self::ExtraAlert | Self::LateAlert)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a step failed, for the person who reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What it is called.
    pub code: Code,
    /// What happened, in one sentence without a full stop.
    pub what: String,
    /// What should have been seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saw: Option<String>,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Where in the code it happened, for a panic: `file:line:column`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

impl Failure {
    /// A failure of which only the name and what happened are known yet.
    pub fn new(code: Code, what: impl Into<String>) -> Self {
        Self { code, what: what.into(), expected: None, saw: None, hint: None, place: None }
    }

    /// Adds what should have been seen.
    #[must_use]
    pub fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    /// Adds what was seen.
    #[must_use]
    pub fn saw(mut self, saw: impl Into<String>) -> Self {
        self.saw = Some(saw.into());
        self
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// Everything, line by line: cucumber keeps nothing of an error but this.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.what)?;
        let rest = [("expected", &self.expected), ("saw", &self.saw), ("hint", &self.hint), ("at", &self.place)];
        for (label, text) in rest {
            if let Some(text) = text {
                write!(f, "\n  {label}: {text}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}
