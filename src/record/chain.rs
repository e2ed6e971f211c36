//! The chain of a drill: what must hold, one link after the other, for an alert to prove anything.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A link of the chain, in the order in which they must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Link {
    /// The tenant gave access.
    Access,
    /// Definition and indicator were accepted.
    Published,
    /// What was published took effect.
    Propagation,
    /// The device did what the indicator looks for.
    Stimulus,
    /// The tenant knows what the device did.
    Telemetry,
    /// The tenant showed the alert.
    Detection,
    /// The alert says what it should.
    Check,
    /// Everything that was made is gone.
    CleanUp,
}

impl Link {
    /// Every link, in order.
    pub const ALL: [Self; 8] = [
        Self::Access,
        Self::Published,
        Self::Propagation,
        Self::Stimulus,
        Self::Telemetry,
        Self::Detection,
        Self::Check,
        Self::CleanUp,
    ];

    /// The name people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Published => "publish",
            Self::Propagation => "propagation",
            Self::Stimulus => "stimulus",
            Self::Telemetry => "telemetry",
            Self::Detection => "detection",
            Self::Check => "check",
            Self::CleanUp => "clean-up",
        }
    }
}

/// A link that was tried, when, and what bears witness to how it went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Witness {
    /// The link.
    pub link: Link,
    /// Whether it held.
    pub held: bool,
    /// When it was begun, on the drill's clock.
    pub from: Timestamp,
    /// When it was known, on the drill's clock.
    pub until: Timestamp,
    /// What bears witness, in one sentence without a full stop: "HTTP 201, definition 7".
    pub by: String,
}
