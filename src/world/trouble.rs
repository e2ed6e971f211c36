//! What an error of a service means for the verdict.

use crate::{
    record::failure::{Code, Failure},
    services::error::ServiceError,
};

/// The failure that `error` means, where a plain "no" of the service is called `rejected`.
pub fn of(error: &ServiceError, rejected: Code) -> Failure {
    let code = match error {
        _ if error.denied() => Code::AccessDenied,
        _ if error.throttled() => Code::Throttled,
        ServiceError::Rejected { .. } | ServiceError::Occupied { .. } | ServiceError::NotHeld { .. } => rejected,
        ServiceError::Unsupported { .. } => Code::Unsupported,
        ServiceError::Transport(_) => Code::ServiceError,
    };
    let failure = Failure::new(code, error.to_string());
    match error.hint() {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// What the tenant said no with, as far as later steps speak of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status, where there was one.
    pub status: Option<u16>,
    /// Whether it was that the tenant holds as much as it may.
    pub full: bool,
    /// The failure that it is where it was not expected.
    pub failure: Failure,
}

impl From<ServiceError> for Refusal {
    fn from(error: ServiceError) -> Self {
        Self { status: error.status(), full: error.is_full(), failure: of(&error, Code::NotPublished) }
    }
}
