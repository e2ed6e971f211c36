//! Every way to say no, in the shape that all of Graph shares: `{"error": {"code", "message", "innerError"}}`.

use std::time::Duration;

use crate::emulator::odata::QueryError;

/// A refusal, before the request's own ids are written into it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) code: &'static str,
    pub(super) message: String,
    /// How long to wait before another try.
    pub(super) wait: Option<Duration>,
}

impl Refusal {
    pub(super) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), wait: None }
    }

    /// The token is missing, or none.
    pub(super) fn token(message: &str) -> Self {
        Self::new(401, "InvalidAuthenticationToken", message)
    }

    /// The request is wrong.
    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequest", message)
    }

    /// What a rule says is wrong (recorded for detection rules in 2026).
    pub(super) fn input(message: impl Into<String>) -> Self {
        Self::new(400, "InvalidInput", message)
    }

    /// The body of a change of an alert is wrong (recorded in 2024: a bad enumeration value).
    pub(super) fn body() -> Self {
        Self::new(400, "InvalidRequestBody", "Request body is incorrect")
    }

    /// There is no such segment.
    pub(super) fn segment(name: &str) -> Self {
        Self::bad(format!("Resource not found for the segment '{name}'."))
    }

    /// The place does not take this method.
    pub(super) fn method() -> Self {
        Self::new(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")
    }

    /// There is nothing of this id.
    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::new(404, "NotFound", message)
    }

    /// Too many calls.
    pub(super) fn throttled(wait: Duration) -> Self {
        let refusal = Self::new(429, "TooManyRequests", "Please retry again later.");
        Self { wait: Some(wait), ..refusal }
    }
}

impl From<QueryError> for Refusal {
    fn from(error: QueryError) -> Self {
        Self::bad(error.0)
    }
}
