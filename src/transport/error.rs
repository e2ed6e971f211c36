//! What can go wrong between a request and its answer.

use std::time::Duration;

use crate::transport::{credential, entra};

/// Why there is no answer to a request. Every text says what was asked, of whom, and what came instead.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TransportError {
    /// No connection: the name, the address, TLS.
    #[error("{purpose}: no connection to {host}: {cause}")]
    Connect {
        /// What was asked for.
        purpose: String,
        /// Host and port.
        host: String,
        /// The whole chain of causes.
        cause: String,
    },
    /// The connection broke, or the answer was not whole.
    #[error("{purpose}: the answer of {host} broke off: {cause}")]
    Broken {
        /// What was asked for.
        purpose: String,
        /// Host and port.
        host: String,
        /// The whole chain of causes.
        cause: String,
    },
    /// No answer in time.
    #[error("{purpose}: no answer from {host} within {limit:?}")]
    TimedOut {
        /// What was asked for.
        purpose: String,
        /// Host and port.
        host: String,
        /// The limit, in real time.
        limit: Duration,
    },
    /// A proxy on the way wants a login.
    #[error("{purpose}: the proxy wants a login (HTTP 407)")]
    ProxyLogin {
        /// What was asked for.
        purpose: String,
    },
    /// There is nothing to prove an identity with: an assertion that could not be had.
    #[error("{}: {cause}", credential::PURPOSE)]
    Unproven {
        /// Why there is none. Never the assertion, nor any of it.
        cause: String,
        /// What a person can do about it.
        remedy: &'static str,
    },
    /// The answer is an error.
    #[error("{purpose}: {host} answered HTTP {status}: {code}")]
    Refused {
        /// What was asked for.
        purpose: String,
        /// Host and port.
        host: String,
        /// The response's status.
        status: u16,
        /// The service's own code or message, at most 300 characters.
        code: String,
    },
    /// Too many calls, still, after every retry.
    #[error(
        "{purpose}: {host} has no more calls to give (HTTP 429) after {attempts} attempt{}",
        if *attempts == 1 { "" } else { "s" }
    )]
    Throttled {
        /// What was asked for.
        purpose: String,
        /// Host and port.
        host: String,
        /// How many times it was tried.
        attempts: u32,
    },
    /// The answer is not what was documented.
    #[error("{purpose}: the answer of {host} is not understood at {path}: expected {expected}, saw {saw}")]
    Malformed {
        /// What was asked for.
        purpose: String,
        /// Host and port.
        host: String,
        /// Where in the JSON: `value[0].Severity`, or `.` for the whole.
        path: String,
        /// What was expected there.
        expected: String,
        /// What was there, at most 200 characters.
        saw: String,
    },
}

impl TransportError {
    /// Whether it is the credential that was refused: by the service, or by whoever should have given a token for it.
    pub fn denies_access(&self) -> bool {
        match self {
            Self::Refused { status: 401 | 403, .. } | Self::Unproven { .. } => true,
            Self::Refused { purpose, status: 400..=499, .. } => purpose == credential::PURPOSE,
            _ => false,
        }
    }

    /// What a person can do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Connect { cause, .. } if cause.contains("certificate") => Some(
                "if something in between reads TLS, or the service has an authority of its own, name its file with `ca_file` in the tenant's table",
            ),
            Self::Connect { .. } => {
                Some("check the address in the tenant's table, and whether a proxy or firewall is in between")
            }
            Self::ProxyLogin { .. } => {
                Some("set `proxy`, `proxy_user` in the tenant's table and ALERTDRILL_PROXY_PASSWORD in the environment")
            }
            Self::Unproven { remedy, .. } => Some(remedy),
            Self::Refused { purpose, status, code, .. } if purpose == credential::PURPOSE => {
                entra::remedy(code).or_else(|| hint_of_token_endpoint(*status))
            }
            Self::Refused { code, .. } if code.contains("AADSTS") => entra::remedy(code),
            Self::Refused { status: 401, .. } => Some("the token was refused: check client id, secret and resource"),
            Self::Refused { status: 403, .. } => {
                Some("the application lacks a permission, or the tenant has the API switched off")
            }
            Self::Throttled { .. } => Some("run fewer drills at once, or later"),
            Self::Malformed { .. } => Some("the service may have changed, or something in between answered for it"),
            Self::Refused { status: 404, .. } => Some("check the service's address in the tenant's table"),
            Self::Refused { status: 500.., .. } => Some("the service itself has trouble: try again later"),
            Self::TimedOut { .. } => Some("try again later, and check whether a proxy or firewall is in between"),
            Self::Broken { .. } => Some("try again; if it stays so, something in between cuts answers short"),
            Self::Refused { .. } => None,
        }
    }
}

/// What can be done where the token endpoint refused without an error that is known.
fn hint_of_token_endpoint(status: u16) -> Option<&'static str> {
    match status {
        404 | 405 => Some(
            "check `token_url` or `authorization_url` in the tenant's table: it is the token endpoint, tenant included",
        ),
        401 | 403 => Some("the application was refused: check its id and its secret, certificate or assertion"),
        400..=499 => Some(
            "this is no refusal of a token endpoint's: check its address in the tenant's table, and whether something in \
             between answered for it",
        ),
        500.. => Some("the service itself has trouble: try again later"),
        _ => None,
    }
}
