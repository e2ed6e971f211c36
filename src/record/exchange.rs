//! One request with its response and attempts. It cannot be built unredacted: see [`Exchange::new`].

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What stands where a secret was.
pub const REDACTED: &str = "[redacted]";

/// One request to a service, with every attempt at it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exchange {
    /// What it was for: "create an alert definition".
    pub purpose: String,
    /// The method.
    pub method: String,
    /// The whole address, its secrets redacted.
    pub url: String,
    /// The headers sent, those that are not on the list of harmless ones redacted.
    pub request_headers: Vec<(String, String)>,
    /// The body sent, redacted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_body: Option<String>,
    /// Every attempt, the last of which decided.
    pub attempts: Vec<Attempt>,
}

/// One attempt at a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// When the request left, on the drill's clock.
    pub at: Timestamp,
    /// What it took until the last byte of the response, in real milliseconds.
    pub took_ms: f64,
    /// The response's status; none if there was no response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The headers received, redacted like those sent.
    pub response_headers: Vec<(String, String)>,
    /// The body received, redacted, and cut at [`BODY_LIMIT`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_body: Option<String>,
    /// How many bytes the body had.
    pub response_bytes: u64,
    /// Why there was no whole response, if there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
}

/// A recorded body is cut at this many bytes; `response_bytes` tells how long it was.
pub const BODY_LIMIT: usize = 16 * 1024;
