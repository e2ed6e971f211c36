//! A drill that is armed: what its rest needs, and its record so far.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::record::{failure::Failure, recorder::Notes, sighting::Sighting};

/// A drill that is armed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Drill {
    /// Where it is written, and which it is: as in `run.json`.
    pub id: String,
    /// Its marker.
    pub marker: String,
    /// When it began, on the drills' clock.
    pub started: Timestamp,
    /// What it took so far, in real milliseconds.
    pub took_ms: f64,
    /// The alert definitions and indicators that it speaks of.
    pub alarms: Vec<Alarm>,
    /// What came of what a step tried last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tried: Option<Tried>,
    /// The device that it speaks of, where it is not the tenant's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<Device>,
    /// The device's operating system, where the tenant tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// How long it has set propagation to take.
    pub propagation: SignedDuration,
    /// How long it has set detection to take.
    pub detection: SignedDuration,
    /// How many indicators it asked for.
    pub published: usize,
    /// The ids of alerts that a step waited for and that came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub awaited: Vec<String>,
    /// The alerts that were looked for last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sighted: Vec<Sighted>,
    /// The numbers in the journal of what it made: what is undone by now is judged no more.
    pub made: Vec<u64>,
    /// Its record so far; each member is the one of the same name in `run.json`.
    pub notes: Notes,
}

/// Which alarm of a drill is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "each is the one of the same name of `world::alarm::Role`")]
pub enum Role {
    Subject,
    Second,
    Control,
    Foreign,
}

/// An alert definition with its indicator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each field is the one of the same name of `world::alarm::Alarm`")]
pub struct Alarm {
    pub role: Role,
    pub marker: String,
    pub definition: Definition,
    pub indicator: Indicator,
    pub announced: bool,
    pub expiry_said: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stored_definition: Option<Stored<Definition>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stored_indicator: Option<Stored<Indicator>>,
    pub removed: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_at: Option<Timestamp>,
    /// Everything that touched it, the first first.
    pub touches: Vec<Touch>,
}

/// An alert definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    missing_docs,
    reason = "each field is the one of the same name of `domain::alert_definition::AlertDefinition`"
)]
pub struct Definition {
    pub name: String,
    pub severity: String,
    pub internal_description: String,
    pub title: String,
    pub ux_description: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recommended_action: Option<String>,
    pub category: String,
    pub enabled: bool,
}

/// An indicator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each field is the one of the same name of `domain::indicator::Indicator`")]
pub struct Indicator {
    pub kind: String,
    pub value: String,
    pub function: String,
    pub action: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    pub enabled: bool,
}

/// A thing as the tenant held it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored<T> {
    /// The service's key.
    pub key: String,
    /// What it said.
    pub says: T,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
    /// When it was last changed; none until it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified_at: Option<Timestamp>,
    /// By whom it was last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified_by: Option<String>,
}

/// What a device did that an indicator should or should not see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each field is the one of the same name of `world::alarm::Touch`")]
pub struct Touch {
    pub observable: String,
    pub device: Device,
    pub at: Timestamp,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Timestamp>,
}

/// A device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each field is the one of the same name of `domain::device::Device`")]
pub struct Device {
    pub id: String,
    pub name: String,
}

/// What came of what a step tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "was", rename_all = "kebab-case")]
pub enum Tried {
    /// The tenant took it.
    Accepted,
    /// It did not.
    Refused {
        /// The HTTP status, where there was one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
        /// Whether it was that the tenant holds as much as it may.
        full: bool,
        /// The failure that it is where it was not expected.
        failure: Failure,
    },
}

/// An alert that was looked for, and how it compares with what is documented.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sighted {
    /// Of which alarm.
    pub role: Role,
    /// What was seen.
    pub sighting: Sighting,
    /// Each field of it.
    pub compared: Vec<Compared>,
}

/// A field of an alert, held against what is documented of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compared {
    /// The field.
    pub field: String,
    /// What the alert says.
    pub saw: String,
    /// What is to be said of it.
    pub finding: Found,
}

/// How a field of an alert compares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
#[expect(missing_docs, reason = "each is the one of the same name of `domain::appearance::Finding`")]
pub enum Found {
    Definitions,
    Services,
    Better { documented: String },
    Wrong { expected: String },
}
