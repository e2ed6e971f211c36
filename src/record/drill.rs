//! Everything that is known of one drill.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};

use crate::record::{
    chain::Witness, exchange::Exchange, failure::Failure, finding::Finding, held::Held, redaction, sighting::Sighting,
    verdict::Verdict, wait::Wait,
};

/// One drill, from its first step to the end of its clean-up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Drill {
    /// Where it is written, and which it is: `features/guide/5_whole.feature:12`.
    pub id: String,
    /// The feature's name.
    pub feature: String,
    /// The file, as it was named to alertdrill; built-in features begin with `features/`.
    pub file: String,
    /// The drill's own name.
    pub name: String,
    /// The line of the scenario, or of its row in the table of examples.
    pub line: u32,
    /// The cells of its row in the table of examples, where it is one of an outline's: what tells it from its neighbours
    /// wherever they are written by now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub example: Vec<String>,
    /// The tags, without `@`.
    pub tags: Vec<String>,
    /// The drill's marker.
    pub marker: String,
    /// Which service it ran on: `legacy`, `endpoint` or `graph`.
    pub service: String,
    /// When it began, on the drill's clock.
    pub started: Timestamp,
    /// When it ended, on the drill's clock.
    pub finished: Timestamp,
    /// What it took, in real milliseconds.
    pub took_ms: f64,
    /// The verdict.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// The steps, in order, those that were not reached as well.
    pub steps: Vec<Step>,
    /// The links of the chain that were tried, in order.
    pub chain: Vec<Witness>,
    /// What was done on a device.
    pub stimuli: Vec<Stimulus>,
    /// What was waited for.
    pub waits: Vec<Wait>,
    /// The alerts that were looked for.
    pub sightings: Vec<Sighting>,
    /// What is other than documented, without being wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// What the tenant held for the drill, as the service wrote it, in the order in which it was told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<Held>,
    /// Every exchange with a service, in order.
    pub exchanges: Vec<Exchange>,
    /// What alertdrill logged meanwhile.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub logs: Vec<Logged>,
    /// What clean-up did.
    pub clean_up: Vec<Undone>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// `Given`, `When`, `Then`, `And`, `But` or `*`, as written.
    pub keyword: String,
    /// The rest of the line.
    pub text: String,
    /// The line in the file.
    pub line: u32,
    /// How it went.
    pub outcome: Outcome,
    /// When it began, on the drill's clock; none if it was not reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<Timestamp>,
    /// When it ended, on the drill's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished: Option<Timestamp>,
    /// What it took, in real milliseconds.
    pub took_ms: f64,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

/// How a step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It held.
    Passed,
    /// It did not.
    Failed,
    /// The service of the drill has no such thing.
    Skipped,
    /// A step before it did not, so it was not reached.
    NotRun,
}

/// What a device did, with the evidence that it did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stimulus {
    /// What was done, in one sentence without a full stop: `GET http://52.184.197.12/`.
    pub what: String,
    /// On which device.
    pub device: String,
    /// From where the request left, where that is known: the local address, or the proxy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
    /// When it began.
    pub from: Timestamp,
    /// When it was over.
    pub until: Timestamp,
    /// What came back: an HTTP status, or an exit code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// How many bytes came back.
    pub bytes: u64,
    /// The beginning of what came back, at most 200 characters.
    pub excerpt: String,
}

/// Something that alertdrill logged while the drill ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Logged {
    /// How much it matters.
    pub level: Level,
    /// What it says, without secrets.
    #[serde(deserialize_with = "redacted")]
    pub text: String,
    /// So many exchanges of the drill were over.
    pub after: u32,
}

/// Whoever wrote a record, what was logged is read from it as it is written down: redacted.
fn redacted<'de, D: Deserializer<'de>>(text: D) -> Result<String, D::Error> {
    String::deserialize(text).map(redaction::text)
}

/// How much what was logged matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Something failed.
    Error,
    /// Something is not as it should be.
    Warn,
    /// Something happened.
    Info,
}

impl Level {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warning",
            Self::Info => "info",
        }
    }
}

/// Something that clean-up undid, or could not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undone {
    /// What it was: "alert definition 7".
    pub what: String,
    /// Why it is still there, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<String>,
}

impl Drill {
    /// The step that failed, if one did.
    pub fn failed_step(&self) -> Option<&Step> {
        self.steps.iter().find(|step| step.outcome == Outcome::Failed)
    }
}
