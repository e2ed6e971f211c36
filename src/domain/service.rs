//! The three services, each of which is a way to the same tenant.

use std::{fmt, str::FromStr};

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
