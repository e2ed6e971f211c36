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

/// How a link went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", from = "Told")]
pub enum Standing {
    /// It held, and something bears witness.
    Held,
    /// It did not.
    Broke,
    /// Nothing broke it, and the service has nothing that could bear witness that it held.
    Unwitnessable,
}

/// A standing as it is written, now or in the first format of `run.json`, which said whether the link held.
#[derive(Deserialize)]
#[serde(untagged)]
enum Told {
    Word(Word),
    Held(bool),
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Word {
    Held,
    Broke,
    Unwitnessable,
}

impl From<Told> for Standing {
    fn from(told: Told) -> Self {
        match told {
            Told::Word(Word::Held) | Told::Held(true) => Self::Held,
            Told::Word(Word::Broke) | Told::Held(false) => Self::Broke,
            Told::Word(Word::Unwitnessable) => Self::Unwitnessable,
        }
    }
}

/// A link that was tried, when, and what bears witness to how it went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Witness {
    /// The link.
    pub link: Link,
    /// How it went.
    #[serde(alias = "held")]
    pub standing: Standing,
    /// When it was begun, on the drill's clock.
    pub from: Timestamp,
    /// When it was known, on the drill's clock.
    pub until: Timestamp,
    /// What bears witness, or why nothing can, in one sentence without a full stop: "HTTP 201, definition 7".
    pub by: String,
}

impl Witness {
    /// Whether the link is proven to have held.
    pub fn held(&self) -> bool {
        self.standing == Standing::Held
    }

    /// Whether the link is proven to have broken.
    pub fn broke(&self) -> bool {
        self.standing == Standing::Broke
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(member: &str, value: &serde_json::Value) -> Result<Standing, serde_json::Error> {
        let at = "2026-11-24T12:00:00Z";
        let witness = json!({ "link": "telemetry", member: value, "from": at, "until": at, "by": "x" });
        serde_json::from_value(witness).map(|witness: Witness| witness.standing)
    }

    #[test]
    fn a_witness_of_the_first_format_says_whether_its_link_held() {
        assert_eq!(told("held", &json!(true)).expect("known"), Standing::Held);
        assert_eq!(told("held", &json!(false)).expect("known"), Standing::Broke);
    }

    #[test]
    fn every_standing_is_read_as_it_is_written_and_nothing_else_is_one() {
        for standing in [Standing::Held, Standing::Broke, Standing::Unwitnessable] {
            let written = serde_json::to_value(standing).expect("plain data");
            assert_eq!(told("standing", &written).expect("known"), standing);
        }
        assert!(told("standing", &json!("perhaps")).is_err());
    }
}
