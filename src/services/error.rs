//! What a service can answer instead of what was asked for.

use std::fmt;

use futures::{FutureExt as _, future::BoxFuture};

use crate::{domain::marker::Marker, transport::error::TransportError};

/// Something a service may or may not be able to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capability {
    /// Alert definitions.
    Definitions,
    /// Indicators.
    Indicators,
    /// Alerts.
    Alerts,
    /// Devices.
    Devices,
    /// What devices reported, row by row.
    Hunting,
    /// Controls over a laboratory.
    Controls,
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Definitions => "alert definitions",
            Self::Indicators => "indicators",
            Self::Alerts => "alerts",
            Self::Devices => "devices",
            Self::Hunting => "hunting",
            Self::Controls => "controls",
        })
    }
}

/// Why a service did not do what it was asked to.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ServiceError {
    /// The service has no such thing.
    #[error("the service cannot do this with {what}: {why}")]
    Unsupported {
        /// With what.
        what: Capability,
        /// What it lacks, in one clause.
        why: String,
    },
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
    /// What was asked for would have written over what is somebody else's, and was not sent.
    #[error("this would write over what is not this drill's: {why}")]
    Occupied {
        /// What is there, in one clause.
        why: String,
        /// The drill whose mark it carries, where a drill made it.
        holder: Option<Marker>,
    },
    /// The service took it on, and does not hold it.
    #[error("the service agreed to {purpose}, and does not hold it: {why}")]
    NotHeld {
        /// What was asked for.
        purpose: String,
        /// How that is known, in one clause.
        why: String,
    },
    /// The request did not get through, or its answer was not understood.
    #[error(transparent)]
    Transport(#[from] TransportError),
}

impl ServiceError {
    /// Whether the service refused the credential, or what it may do, or no token was given for it.
    pub fn denied(&self) -> bool {
        matches!(self, Self::Transport(error) if error.denies_access())
    }

    /// Whether the service had no more calls to give.
    pub fn throttled(&self) -> bool {
        matches!(self, Self::Transport(TransportError::Throttled { .. }))
    }

    /// The HTTP status of a refusal.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Rejected { status, .. } | Self::Transport(TransportError::Refused { status, .. }) => Some(*status),
            Self::Unsupported { .. } | Self::Occupied { .. } | Self::NotHeld { .. } | Self::Transport(_) => None,
        }
    }

    /// Whether the tenant holds as much as it may. Only the legacy service has a status for it; the words of the others are
    /// not documented, so that any that speak of a maximum or a limit are taken for it.
    pub fn is_full(&self) -> bool {
        let words = |why: &str| {
            let why = why.to_ascii_lowercase();
            ["maximum number", "limit", "quota"].iter().any(|word| why.contains(word))
        };
        match self {
            Self::Rejected { status: 507, .. } => true,
            Self::Rejected { status: 400 | 403 | 409, why, .. } => words(why),
            Self::Rejected { .. }
            | Self::Unsupported { .. }
            | Self::Occupied { .. }
            | Self::NotHeld { .. }
            | Self::Transport(_) => false,
        }
    }

    /// Whether what was to be published has a key or name that is taken, maybe by what is gone: a service may keep the name
    /// of what was removed for a while.
    pub fn is_taken(&self) -> bool {
        match self {
            Self::Rejected { status: 409, .. } => true,
            Self::Rejected { status: 400, why, .. } => why.contains("already exists"),
            Self::Rejected { .. }
            | Self::Unsupported { .. }
            | Self::Occupied { .. }
            | Self::NotHeld { .. }
            | Self::Transport(_) => false,
        }
    }

    /// Whether asking again later could not fare better.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Unsupported { .. } | Self::Transport(TransportError::Refused { status: 404, .. }) => true,
            Self::Transport(error) if error.denies_access() => true,
            Self::Rejected { .. } | Self::Occupied { .. } | Self::NotHeld { .. } | Self::Transport(_) => false,
        }
    }

    /// What a person can do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Transport(error) => error.hint(),
            Self::Rejected { status: 507, .. } => {
                Some("the tenant's quota is used up: remove definitions or indicators that nobody needs")
            }
            Self::Unsupported { .. } => {
                Some("ask for something else, or run it with --service and the name of another service")
            }
            Self::Occupied { holder: Some(_), .. } => {
                Some("if no other run goes on, it was left behind: `alertdrill sweep` removes it")
            }
            Self::Occupied { holder: None, .. } => {
                Some("have it removed, or wait until it expires, or let the drill look for another value")
            }
            Self::NotHeld { .. } => Some("see in the portal whether it is there, and run it again"),
            Self::Rejected { .. } => Some(
                "the service's own words say what it does not take: correct that, or see whether it is still there",
            ),
        }
    }
}

/// Whether what was asked for may have been done, although `error` came instead of an answer.
pub(crate) fn may_have_been_done(error: &ServiceError) -> bool {
    matches!(
        error,
        ServiceError::Transport(
            TransportError::Broken { .. }
                | TransportError::TimedOut { .. }
                | TransportError::Malformed { .. }
                | TransportError::Refused { status: 500 | 502..=504, .. }
        )
    )
}

/// The answer of a service that cannot do something.
pub(crate) fn unsupported<'a, T: Send + 'a>(
    what: Capability,
    why: impl Into<String>,
) -> BoxFuture<'a, Result<T, ServiceError>> {
    std::future::ready(Err(ServiceError::Unsupported { what, why: why.into() })).boxed()
}
