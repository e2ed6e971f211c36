//! Every way in which the API says no.
//!
//! The form and the codes are documented (common-errors); where a text is recorded, that is told where it is made. What
//! there is no route or method for is answered without a body.

use std::time::Duration;

use serde_json::json;

use crate::emulator::{
    answer::Answer,
    faces::endpoint::{Visit, quota::Exceeded},
    knobs::endpoint::RetryAfter,
    noise,
    tenant::calls::Reached,
    tokens::Unauthorised,
};

/// A request that is not served.
#[derive(Debug)]
pub(super) enum Refusal {
    /// There is no such route.
    NoRoute,
    /// The place does not take this method, but these.
    Method(&'static str),
    /// There is no good token.
    Unauthorised(Unauthorised),
    /// Too many calls.
    Quota(Exceeded),
    /// Everything else.
    Coded {
        /// The status.
        status: u16,
        /// The code, which does not always go with the status.
        code: &'static str,
        /// The message.
        message: String,
    },
}

impl Refusal {
    pub(super) fn bad(code: &'static str, message: impl Into<String>) -> Self {
        Self::Coded { status: 400, code, message: message.into() }
    }

    pub(super) fn forbidden(code: &'static str, message: impl Into<String>) -> Self {
        Self::Coded { status: 403, code, message: message.into() }
    }

    /// The body cannot be read as what it should be.
    pub(super) fn body() -> Self {
        Self::bad("InvalidRequestBody", "Request body is incorrect.")
    }

    pub(super) fn missing(parameter: &str) -> Self {
        Self::bad("MissingRequiredParameter", format!("Parameter {parameter} is missing."))
    }

    pub(super) fn input(message: impl Into<String>) -> Self {
        Self::bad("InvalidInput", message)
    }

    /// There is no `what` of this id.
    pub(super) fn not_found(what: &str, id: &str) -> Self {
        Self::Coded { status: 404, code: "ResourceNotFound", message: format!("{what} {} was not found", short(id)) }
    }

    /// What of the refusal an item of a batch is told.
    pub(super) fn reason(&self) -> String {
        match self {
            Self::Coded { message, .. } => message.clone(),
            _ => String::new(),
        }
    }

    pub(super) fn into_answer(self, visit: &Visit<'_>) -> Answer {
        match self {
            Self::NoRoute => Answer::empty(404),
            Self::Method(allow) => Answer::empty(405).with("allow", allow),
            Self::Unauthorised(reason) => {
                let message = format!("Unauthorized request - reason of failure: {}", why(reason));
                error(visit, (401, "Unauthorized"), &message).with("www-authenticate", "Bearer")
            }
            Self::Quota(exceeded) => quota(visit, &exceeded),
            Self::Coded { status, code, message } => error(visit, (status, code), &message),
        }
    }
}

/// The pattern of the recorded text is kept; its ends are the emulator's own words.
fn why(reason: Unauthorised) -> &'static str {
    match reason {
        Unauthorised::Missing => "The access token is missing",
        Unauthorised::Malformed => "The access token is malformed",
        Unauthorised::Forged => "The access token's signature is not valid",
        Unauthorised::Expired => "The access token has expired",
        Unauthorised::NotYet => "The access token is not valid yet",
        Unauthorised::OtherTenant => "The access token is of another tenant",
    }
}

/// The text is recorded, of hunting, in 2021, with the number for its code; the page on errors has another code.
fn quota(visit: &Visit<'_>, exceeded: &Exceeded) -> Answer {
    let code = if exceeded.hunting { "429" } else { "TooManyRequests" };
    let Reached { limit, wait } = exceeded.reached;
    let window = if limit.span > Duration::from_mins(1) { "01:00:00" } else { "00:01:00" };
    let message = format!("API calls quota exceeded! maximum allowed {} per {window}", limit.calls);
    let answer = error(visit, (429, code), &message);
    let seconds = wait.as_secs_f64().max(1.0);
    match visit.tenant.knobs.endpoint.retry_after {
        RetryAfter::Whole => answer.with("retry-after", format!("{:.0}", seconds.ceil())),
        RetryAfter::Fractional => answer.with("retry-after", format!("{seconds:.3}")),
        RetryAfter::Absent => answer,
    }
}

fn error(visit: &Visit<'_>, (status, code): (u16, &str), message: &str) -> Answer {
    let body = json!({"error": {"code": code, "message": message, "target": target(visit)}});
    Answer::json(status, &body)
}

/// The tracking id, in the form of those recorded: `|b1838e63-40a6640ddd2719ac.`
fn target(visit: &Visit<'_>) -> String {
    let request = visit.call.request;
    let parts = ["target", &request.method, &request.path, &visit.now.to_string()];
    let hex = noise::hex(&noise::bytes(visit.tenant.seed(), &parts)[..12]);
    format!("|{}-{}.", &hex[..8], &hex[8..])
}

/// A text of a request, short enough to be said back.
pub(super) fn short(text: &str) -> String {
    const AT_MOST: usize = 1_000;
    text.chars().take(AT_MOST).collect()
}
