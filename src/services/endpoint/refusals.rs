//! How the service's refusals are read.
//!
//! It is the status that counts: codes are documented and recorded in other spellings (`TooManyRequests`, `429`), and a
//! route that is not there, or a method it does not have, is answered without any words.

use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    services::error::ServiceError,
    transport::{call::Reply, credential, decode::Odd, error::TransportError},
};

/// Whether the entity that was addressed is not there.
pub(super) fn not_there(error: &TransportError) -> bool {
    matches!(error, TransportError::Refused { purpose, status: 404, .. } if purpose != credential::PURPOSE)
}

/// An answer that says no to what was asked for, told from one that is no answer to it.
pub(super) fn said_no(error: TransportError) -> ServiceError {
    match error {
        error if error.denies_access() => error.into(),
        TransportError::Refused { purpose, status: status @ (400 | 409 | 412 | 413 | 422), code: why, .. } => {
            ServiceError::Rejected { purpose, status, why }
        }
        other => other.into(),
    }
}

/// The same where the address names one entity: 404 says that it is not there.
pub(super) fn said_no_to_one(error: TransportError) -> ServiceError {
    match error {
        TransportError::Refused { purpose, status: 404, code, .. } if purpose != credential::PURPOSE => {
            not_one(purpose, &code)
        }
        other => said_no(other),
    }
}

/// That the one entity that `purpose` is about is not there.
pub(super) fn not_one(purpose: String, words: &str) -> ServiceError {
    ServiceError::Rejected { purpose, status: 404, why: format!("it is not there ({words})") }
}

/// The body of `reply`. An error that hides in a success is named with its own words.
pub(super) fn read<T: DeserializeOwned>(reply: &Reply) -> Result<T, TransportError> {
    #[derive(Deserialize)]
    struct Hidden {
        error: Words,
    }
    #[derive(Deserialize)]
    struct Words {
        #[serde(default)]
        code: String,
        #[serde(default)]
        message: String,
    }
    reply.json().map_err(|odd| match reply.json::<Hidden>() {
        Ok(Hidden { error: Words { code, message } }) => {
            let saw = format!("an error with HTTP {}: {code}: {message}", reply.status());
            reply.malformed(Odd::new(".", "what was asked for", saw))
        }
        Err(_) => odd,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, code: &str) -> TransportError {
        let purpose = "change indicator 7".to_owned();
        TransportError::Refused { purpose, host: "api.example".into(), status, code: code.into() }
    }

    #[test]
    fn the_status_counts_whatever_the_code_says() {
        let error = said_no(refused(400, "Forbidden: Invalid request body"));
        assert_eq!(
            error.to_string(),
            "the service refused to change indicator 7: HTTP 400: Forbidden: Invalid request body"
        );
        assert!(!error.denied());
        assert!(said_no(refused(403, "BadRequest: Missing application roles.")).denied());
    }

    #[test]
    fn a_route_or_a_method_that_is_not_there_is_no_refusal_of_what_was_asked() {
        for status in [404, 405] {
            let error = said_no(refused(status, "no words with it"));
            assert!(matches!(error, ServiceError::Transport(_)), "{error:?}");
            assert_eq!(
                error.to_string(),
                format!("change indicator 7: api.example answered HTTP {status}: no words with it")
            );
        }
        assert_eq!(said_no_to_one(refused(404, "NotFound: gone")).status(), Some(404));
        assert!(matches!(said_no_to_one(refused(404, "")), ServiceError::Rejected { .. }));
    }
}
