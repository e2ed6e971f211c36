//! One request with its response and attempts. It cannot be built unredacted: the fields are private, the constructors
//! redact, and reading `run.json` back redacts once more, which changes nothing in what alertdrill wrote.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::record::redaction;

/// What stands where a secret was.
pub const REDACTED: &str = "[redacted]";

/// A recorded body is cut at this many bytes, on a character's boundary, and then says how long it was.
pub const BODY_LIMIT: usize = 8 * 1024;

/// One request to a service, with every attempt at it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "WrittenExchange")]
pub struct Exchange {
    purpose: String,
    method: String,
    url: String,
    request_headers: Vec<(String, String)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_body: Option<String>,
    attempts: Vec<Attempt>,
}

/// One attempt at a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "WrittenAttempt")]
pub struct Attempt {
    at: Timestamp,
    took_ms: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    response_headers: Vec<(String, String)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_body: Option<String>,
    response_bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    failed: Option<String>,
}

impl Exchange {
    /// A request that is about to leave, without an attempt yet; `purpose` is what it is for: "create an alert
    /// definition". Header names may be in any letter case.
    pub fn new<'a>(
        purpose: impl Into<String>,
        method: impl Into<String>,
        url: &str,
        headers: impl IntoIterator<Item = (&'a str, &'a str)>,
        body: Option<&[u8]>,
    ) -> Self {
        let request_headers = redaction::headers(headers);
        let request_body = body.map(|bytes| redaction::body(bytes, &request_headers));
        Self {
            purpose: redaction::text(purpose.into()),
            method: method.into(),
            url: redaction::url(url),
            request_headers,
            request_body,
            attempts: Vec::new(),
        }
    }

    /// Adds an attempt; the last one decided.
    pub fn push(&mut self, attempt: Attempt) {
        self.attempts.push(attempt);
    }

    /// The same exchange with one more attempt.
    #[must_use]
    pub fn with(mut self, attempt: Attempt) -> Self {
        self.push(attempt);
        self
    }

    /// What it was for: "create an alert definition".
    pub fn purpose(&self) -> &str {
        &self.purpose
    }

    /// The method.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The whole address, its secrets redacted.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The headers sent, those that are not on the list of harmless ones redacted.
    pub fn request_headers(&self) -> &[(String, String)] {
        &self.request_headers
    }

    /// The body sent, redacted, and cut at [`BODY_LIMIT`].
    pub fn request_body(&self) -> Option<&str> {
        self.request_body.as_deref()
    }

    /// Every attempt, the last of which decided.
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// The status of the last attempt; none if it had no response.
    pub fn status(&self) -> Option<u16> {
        self.attempts.last().and_then(|attempt| attempt.status)
    }
}

impl Attempt {
    /// An attempt that was answered in `took`, in real time, until the last byte.
    pub fn answered<'a>(
        at: Timestamp,
        took: Duration,
        status: u16,
        headers: impl IntoIterator<Item = (&'a str, &'a str)>,
        body: &[u8],
    ) -> Self {
        let response_headers = redaction::headers(headers);
        let response_body = (!body.is_empty()).then(|| redaction::body(body, &response_headers));
        Self {
            at,
            took_ms: milliseconds(took),
            status: Some(status),
            response_headers,
            response_body,
            response_bytes: body.len() as u64,
            failed: None,
        }
    }

    /// An attempt without an answer, and why.
    pub fn failed(at: Timestamp, took: Duration, why: impl Into<String>) -> Self {
        Self {
            at,
            took_ms: milliseconds(took),
            status: None,
            response_headers: Vec::new(),
            response_body: None,
            response_bytes: 0,
            failed: Some(redaction::text(why.into())),
        }
    }

    /// The same attempt, whose answer was not whole, and why.
    #[must_use]
    pub fn broken_off(mut self, why: impl Into<String>) -> Self {
        self.failed = Some(redaction::text(why.into()));
        self
    }

    /// When the request left, on the drill's clock.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// What it took until the last byte of the response, in real milliseconds.
    pub fn took_ms(&self) -> f64 {
        self.took_ms
    }

    /// The response's status; none if there was no response.
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// The headers received, redacted like those sent.
    pub fn response_headers(&self) -> &[(String, String)] {
        &self.response_headers
    }

    /// The body received, redacted, and cut at [`BODY_LIMIT`]; none where it was empty.
    pub fn response_body(&self) -> Option<&str> {
        self.response_body.as_deref()
    }

    /// How many bytes the body had.
    pub fn response_bytes(&self) -> u64 {
        self.response_bytes
    }

    /// Why there was no whole response, if there was none.
    pub fn why_failed(&self) -> Option<&str> {
        self.failed.as_deref()
    }
}

/// Whole microseconds, so that the number is short and is read back as it was written.
#[expect(clippy::cast_precision_loss, reason = "a request of 285 years is not told to the microsecond")]
fn milliseconds(took: Duration) -> f64 {
    took.as_micros() as f64 / 1000.0
}

/// An exchange as `run.json` holds it. Whoever wrote that file, what is read from it is redacted by the same rules.
#[derive(Deserialize)]
struct WrittenExchange {
    purpose: String,
    method: String,
    url: String,
    request_headers: Vec<(String, String)>,
    #[serde(default)]
    request_body: Option<String>,
    attempts: Vec<Attempt>,
}

/// An attempt as `run.json` holds it.
#[derive(Deserialize)]
struct WrittenAttempt {
    at: Timestamp,
    took_ms: f64,
    #[serde(default)]
    status: Option<u16>,
    response_headers: Vec<(String, String)>,
    #[serde(default)]
    response_body: Option<String>,
    response_bytes: u64,
    #[serde(default)]
    failed: Option<String>,
}

impl From<WrittenExchange> for Exchange {
    fn from(written: WrittenExchange) -> Self {
        let request_headers = redaction::written_headers(written.request_headers);
        let request_body = written.request_body.map(|body| redaction::written_body(body, &request_headers));
        Self {
            purpose: redaction::text(written.purpose),
            method: written.method,
            url: redaction::url(&written.url),
            request_headers,
            request_body,
            attempts: written.attempts,
        }
    }
}

impl From<WrittenAttempt> for Attempt {
    fn from(written: WrittenAttempt) -> Self {
        let response_headers = redaction::written_headers(written.response_headers);
        let response_body = written.response_body.map(|body| redaction::written_body(body, &response_headers));
        Self {
            at: written.at,
            took_ms: written.took_ms,
            status: written.status,
            response_headers,
            response_body,
            response_bytes: written.response_bytes,
            failed: written.failed.map(redaction::text),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at() -> Timestamp {
        "2026-11-24T03:15:54Z".parse().expect("a moment")
    }

    /// Every place in which a secret can stand, on its own.
    fn exchange_with(secret: &str, place: usize) -> Exchange {
        let escaped = secret.replace('&', "%26").replace('#', "%23").replace('+', "%2B");
        let jwt =
            format!("eyJhbGciOiJSUzI1NiJ9.{}.{}", secret.len(), secret.replace(|c: char| !c.is_alphanumeric(), "_"));
        let json = |name: &str| serde_json::json!({ "value": [{ "a": { name: secret } }], "ok": 1 }).to_string();
        let form = format!("grant_type=password&password={escaped}");
        let url = match place {
            0 => format!("https://h/a?sig={escaped}"),
            1 => format!("https://me:{}@h/a", escaped.replace(['/', '?'], "%2F")),
            2 => format!("https://h/{jwt}/a"),
            _ => "https://h/a?$filter=1".to_owned(),
        };
        let header = if place == 3 { secret } else { "none" };
        let body = match place {
            4 => json("client_secret"),
            5 => json("refreshToken"),
            6 => form,
            7 => serde_json::json!({ "log": json("password") }).to_string(),
            8 => format!("<pre>it says {jwt} here</pre>"),
            9 => json("access_token")[..30 + secret.len()].to_owned(),
            _ => String::new(),
        };
        let answered = Attempt::answered(at(), Duration::ZERO, 200, [("Set-Cookie", header)], body.as_bytes());
        let why =
            if place == 10 { format!("could not reach https://h/?client_secret={escaped}") } else { String::new() };
        Exchange::new("try", "POST", &url, [("X-Api", header)], Some(body.as_bytes()))
            .with(answered)
            .with(Attempt::failed(at(), Duration::ZERO, why))
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_secret_is_never_written_down_wherever_it_stands(secret in r"[A-Za-z0-9~._@/?#&+:=-]{12,40}", place in 0_usize..11) {
            let exchange = exchange_with(&secret, place);
            let written = serde_json::to_string(&exchange).expect("it is plain data");
            let alphanumeric = secret.replace(|c: char| !c.is_alphanumeric(), "_");
            prop_assert!(!written.contains(&secret) && !written.contains(&alphanumeric), "{}", written);
            let read: Exchange = serde_json::from_str(&written).expect("what was written can be read");
            prop_assert_eq!(read, exchange);
        }
    }

    #[test]
    fn what_is_read_is_redacted_whoever_wrote_it() {
        let written = r#"{"purpose":"x","method":"GET","url":"https://h/?sig=abc","request_headers":[["Authorization","abc"]],
            "request_body":"{\"client_secret\":\"abc\"}","attempts":[]}"#;
        let read: Exchange = serde_json::from_str(written).expect("it has every member");
        assert!(!format!("{read:?}").contains("abc"), "{read:?}");
    }

    #[test]
    fn what_an_attempt_took_is_told_to_the_microsecond() {
        let attempt = Attempt::failed(at(), Duration::from_nanos(1_234_999), "x");
        assert_eq!(serde_json::to_value(&attempt).expect("plain data")["took_ms"], 1.234);
    }

    #[test]
    fn an_answer_that_broke_off_keeps_what_came() {
        let attempt = Attempt::answered(at(), Duration::ZERO, 200, [("Date", "x")], b"{\"a\":").broken_off("closed");
        assert_eq!((attempt.response_body(), attempt.why_failed()), (Some("{\"a\":"), Some("closed")));
        let silent = Attempt::answered(at(), Duration::ZERO, 204, [], b"");
        assert_eq!((silent.response_body(), silent.response_bytes()), (None, 0));
    }
}
