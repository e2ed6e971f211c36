//! The head and foot of a run, around its drills.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::record::{
    calls::Calls,
    past::Past,
    verdict::{Counts, RunVerdict},
};

/// What is known of a run before its first drill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The version of the format that it was read in: 2, or 1, in which a link of a chain held or did not.
    pub format: u32,
    /// The version of alertdrill that wrote it.
    pub alertdrill: String,
    /// The run's own name: `run-20261124T031554Z-7-k3xp`.
    pub run: String,
    /// When it began, on the world's clock.
    pub started: Timestamp,
    /// `emulator`, or the name of the tenant's table in `alertdrill.toml`.
    pub tenant: String,
    /// Whether time jumped, as it does on the emulator: then the times of drills are not the world's.
    pub time_jumps: bool,
    /// What markers and, on the emulator, latencies are derived from.
    pub seed: u64,
}

/// What is known of a run after its last drill.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Foot {
    /// When it ended, on the world's clock.
    pub finished: Timestamp,
    /// What it took, in real milliseconds.
    pub took_ms: f64,
    /// The verdict on the run.
    pub verdict: RunVerdict,
    /// How many drills ended how.
    pub counts: Counts,
    /// Panics outside of any step: defects of alertdrill, each with its place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub defects: Vec<String>,
    /// What the tenant was asked, by family of calls; on the emulator, what the tenants were that several drills shared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<Calls>,
    /// What it is seen beside; none where no earlier run of the tenant was remembered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub past: Option<Past>,
}
