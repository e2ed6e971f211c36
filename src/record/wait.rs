//! A wait, and every look that was taken meanwhile.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A wait for something to become visible.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    /// What was waited for.
    pub what: String,
    /// When the wait began.
    pub from: Timestamp,
    /// When it ended.
    pub until: Timestamp,
    /// The latest moment at which what was waited for would have been in time.
    pub deadline: Timestamp,
    /// Every look, taken by this drill or by another that waits on the same tenant.
    pub looks: Vec<Look>,
}

/// One look at the tenant's alerts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// When.
    pub at: Timestamp,
    /// How many alerts were new to the poller.
    pub news: u32,
    /// Why it saw nothing, if it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
}
