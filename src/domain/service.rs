//! The three services, each of which is a way to the same tenant.

use std::{fmt, str::FromStr, time::Duration};

use crate::domain::indicator::{UnknownWord, by_word};

/// A service that alerts are published to or read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// The custom threat intelligence API V1.0 and its alert export feed, retired on 2019-08-29.
    Legacy,
    /// The Defender for Endpoint API, announced to end on 2027-02-01.
    Endpoint,
    /// Microsoft Graph security.
    Graph,
}

impl Service {
    /// Every service, the oldest first.
    pub const ALL: [Self; 3] = [Self::Legacy, Self::Endpoint, Self::Graph];

    /// The one word that options, tags and reports have for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Legacy => "legacy",
            Self::Endpoint => "endpoint",
            Self::Graph => "graph",
        }
    }
}

impl Service {
    /// How long it takes at most, as a rule, until what is published is in effect: 20 minutes in the guide; two hours for
    /// indicators of today, though pages say up to 48 (indicator-ip-domain, 2026-07); nothing is published for detection
    /// rules, which run when they are saved.
    pub fn propagation(self) -> Duration {
        match self {
            Self::Legacy => Duration::from_mins(20),
            Self::Endpoint => Duration::from_hours(2),
            Self::Graph => Duration::from_mins(5),
        }
    }

    /// How long what was removed may still raise alerts. Of today's indicators only the removal of a file's is documented,
    /// "up to two hours" (indicator-file, 2026-07), which is as long as publication takes; the guide says nothing, and a
    /// detection rule that is deleted does not run.
    pub fn lingering(self) -> Duration {
        match self {
            Self::Legacy | Self::Graph => Duration::ZERO,
            Self::Endpoint => self.propagation(),
        }
    }

    /// How long it takes at most, as a rule, from an event until its alert: 15 minutes in the guide's first edition; a few
    /// minutes in the alerts of indicators that were recorded in 2023; nothing is published for detection rules.
    pub fn detection(self) -> Duration {
        match self {
            Self::Legacy | Self::Graph => Duration::from_mins(15),
            Self::Endpoint => Duration::from_mins(30),
        }
    }
}

impl FromStr for Service {
    type Err = UnknownWord;
    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        by_word("service", &Self::ALL, Self::as_str, word)
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
