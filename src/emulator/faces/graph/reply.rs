//! What every answer carries: the ids of the request, and in a refusal the common shape.

use std::time::Duration;

use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use crate::emulator::{
    answer::{Answer, Request},
    faces::graph::refusal::Refusal,
    knobs::graph::Knobs,
    noise,
    tenant::Tenant,
};

/// How Graph names the form of its JSON (recorded).
const JSON: &str = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";

/// The ids by which a request can be found again.
pub(super) struct Ids {
    request: String,
    client: String,
}

/// Longer ids of a client's own are not taken up.
const LONGEST_ID: usize = 128;

impl Ids {
    /// A new id for `request`, and the client's own where it sends one.
    pub(super) fn new(tenant: &mut Tenant, request: &Request) -> Self {
        let number = tenant.calls.next_answer();
        let id = noise::guid(tenant.seed(), &["graph request", &number.to_string()]);
        let own = request.header("client-request-id").map(str::trim);
        let own =
            own.filter(|id| !id.is_empty() && id.len() <= LONGEST_ID && id.bytes().all(|byte| byte.is_ascii_graphic()));
        Self { client: own.unwrap_or(&id).to_owned(), request: id }
    }
}

/// An answer in JSON.
pub(super) fn json(status: u16, body: &Value) -> Answer {
    Answer::of(status, JSON, body.to_string().into_bytes()).with("odata-version", "4.0")
}

/// An outcome as it is written.
pub(super) fn written(outcome: Result<Answer, Refusal>, ids: &Ids, knobs: &Knobs, now: Timestamp) -> Answer {
    let answer = outcome.unwrap_or_else(|refusal| refused(&refusal, ids, knobs, now));
    answer.with("request-id", &ids.request).with("client-request-id", &ids.client)
}

fn refused(refusal: &Refusal, ids: &Ids, knobs: &Knobs, now: Timestamp) -> Answer {
    let date = TimeZone::UTC.to_datetime(now).strftime("%Y-%m-%dT%H:%M:%S").to_string();
    let inner = json!({"date": date, "request-id": ids.request, "client-request-id": ids.client});
    let mut body = json!({"error": {"code": refusal.code, "message": refusal.message, "innerError": inner}});
    if refusal.status == 429 {
        // The throttling guide's sample says it all twice.
        body = json!({"error": {
            "code": refusal.code,
            "innerError": {
                "code": "429", "date": date, "message": "Please retry after", "request-id": ids.request, "status": "429"
            },
            "message": refusal.message,
        }});
    }
    // A refusal has no version of OData, and its media type is the plain one.
    let mut answer = Answer::of(refusal.status, "application/json", body.to_string().into_bytes());
    if refusal.status == 401 {
        answer = answer.with("www-authenticate", "Bearer");
    }
    if let Some(wait) = refusal.wait
        && knobs.retry_after != "absent"
    {
        answer = answer.with("retry-after", retry_after(wait, knobs.retry_after == "fractional"));
    }
    answer
}

/// How long to wait, never less than it takes: in whole seconds, or with three digits after the point.
fn retry_after(wait: Duration, fractional: bool) -> String {
    let milliseconds = wait.as_micros().div_ceil(1_000).max(1);
    if fractional {
        format!("{}.{:03}", milliseconds / 1_000, milliseconds % 1_000)
    } else {
        milliseconds.div_ceil(1_000).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_as_long_as_it_says_is_always_enough() {
        for (microseconds, whole, fractional) in
            [(0, "1", "0.001"), (1, "1", "0.001"), (2_128_000, "3", "2.128"), (60_000_001, "61", "60.001")]
        {
            let wait = Duration::from_micros(microseconds);
            assert_eq!((retry_after(wait, false), retry_after(wait, true)), (whole.into(), fractional.into()));
        }
    }
}
