//! What a drill found out beside its verdict.

use serde::{Deserialize, Serialize};

/// Something that is other than documented, without being wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What it is, in one sentence without a full stop.
    pub what: String,
    /// What the documentation says.
    pub documented: String,
    /// What was seen.
    pub saw: String,
    /// Where the documentation says so, and when.
    pub source: String,
}
