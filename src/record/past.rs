//! What a run is seen beside: the runs before it, and what has changed since.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::record::{
    quantiles::Quantiles,
    verdict::{Counts, RunVerdict},
};

/// The earlier runs of the same tenant, and what is new of this run's drills beside them.
///
/// A drill's judgements are its passes and failures in runs that were not broken off; what errored or was skipped is none.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Past {
    /// The last of those that ended by themselves, at most 30, the earliest first.
    pub runs: Vec<Earlier>,
    /// The ids of drills that failed, and did not at their judgement before, if they had one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub newly_failing: Vec<String>,
    /// The ids of drills that passed, and failed at their judgement before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fixed: Vec<String>,
    /// The ids of drills that failed, as at their judgement before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub still_failing: Vec<String>,
    /// The ids of drills that were judged, and whose last ten judgements changed three times or more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flaky: Vec<String>,
}

/// An earlier run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Earlier {
    /// Its own name.
    pub run: String,
    /// When it began, on the world's clock.
    pub started: Timestamp,
    /// The verdict on it.
    pub verdict: RunVerdict,
    /// How many of its drills ended how.
    pub counts: Counts,
    /// Of each service of its drills, how long alerts took.
    pub services: Vec<Taken>,
}

/// How long the alerts of a run took on one service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Taken {
    /// Which: `legacy`, `endpoint` or `graph`.
    pub service: String,
    /// From acceptance of what was published to the stimulus that was detected: the upper bounds of propagation. None where
    /// no alert came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub propagation: Option<Quantiles>,
    /// From the event on the device to the alert being ready. None where no alert came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detection: Option<Quantiles>,
}
