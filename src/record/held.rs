//! What a tenant holds for a drill, whole. The body of an exchange is cut where it is long; this is not.

use serde::{Deserialize, Serialize};

use crate::record::redaction;

/// An indicator or a device as the service told it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written")]
pub struct Held {
    what: String,
    original: String,
}

impl Held {
    /// `what` it is, "indicator 7", and the whole of it in JSON, redacted like any body.
    pub fn new(what: impl Into<String>, original: &str) -> Self {
        Self { what: redaction::text(what.into()), original: redaction::json(original) }
    }

    /// What it is.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// All that the service said of it, in JSON.
    pub fn original(&self) -> &str {
        &self.original
    }
}

/// The same as `run.json` holds it.
#[derive(Deserialize)]
struct Written {
    what: String,
    original: String,
}

impl From<Written> for Held {
    fn from(written: Written) -> Self {
        Self::new(written.what, &written.original)
    }
}
