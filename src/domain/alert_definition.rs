//! An alert definition: what an alert will say when one of its indicators is seen.

use std::{fmt, str::FromStr};

use crate::domain::indicator::{UnknownWord, by_word};

/// How serious an alert is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Grey in the portal.
    Informational,
    /// Yellow in the portal.
    Low,
    /// Orange in the portal.
    Medium,
    /// Red in the portal.
    High,
}

impl Severity {
    /// Every severity, from the least to the most serious.
    pub const ALL: [Self; 4] = [Self::Informational, Self::Low, Self::Medium, Self::High];

    /// The services' common spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Informational => "Informational",
            Self::Low => "Low",
            Self::Medium => "Medium",
            Self::High => "High",
        }
    }
}

impl FromStr for Severity {
    type Err = UnknownWord;
    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        by_word("severity", &Self::ALL, Self::as_str, word)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An alert definition, as asked for. Lengths are the service's to enforce: `Name` 100,
/// `InternalDescription` 350, `Title` 120, `UxDescription` 500, `RecommendedAction` 2000 characters (custom-ti-api page).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertDefinition {
    /// For its author; not shown in the portal.
    pub name: String,
    /// The alert's severity.
    pub severity: Severity,
    /// For its author; not shown in the portal.
    pub internal_description: String,
    /// The alert's title, one sentence.
    pub title: String,
    /// The alert's description: "More information about this alert".
    pub ux_description: String,
    /// What the reader of the alert should do.
    pub recommended_action: Option<String>,
    /// The alert's category, in the service's spelling: `SuspiciousNetworkTraffic`. The service owns the list.
    pub category: String,
    /// A disabled definition raises no alert.
    pub enabled: bool,
}
