//! What a service can answer instead of what was asked for.

use crate::transport::error::TransportError;

/// Something a service may or may not be able to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capability {
    /// Alert definitions.
    Definitions,
    /// Indicators.
    Indicators,
    /// Alerts.
    Alerts,
    /// Controls over a laboratory.
    Controls,
}

/// Why a service did not do what it was asked to.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ServiceError {
    /// The service has no such thing.
    #[error("the service offers no {0:?}")]
    Unsupported(Capability),
    /// The service understood and said no: what was asked for is wrong, or too much.
    #[error("the service refused to {purpose}: HTTP {status}: {why}")]
    Rejected {
        /// What was asked for.
        purpose: String,
        /// The response's status.
        status: u16,
        /// The service's own words.
        why: String,
    },
    /// The request did not get through, or its answer was not understood.
    #[error(transparent)]
    Transport(#[from] TransportError),
}
