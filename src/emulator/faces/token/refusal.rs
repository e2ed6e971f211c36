//! Why no token is issued, in the words of the real service.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::emulator::{answer::Request, knobs::identity::Identity, noise};

/// Why no token is issued.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) error: &'static str,
    pub(super) code: u32,
    pub(super) text: String,
    /// What the body has besides, if anything.
    pub(super) more: Vec<(&'static str, Value)>,
    /// How many seconds the client is asked to wait.
    pub(super) retry_after: Option<u32>,
}

impl Refusal {
    fn of(status: u16, error: &'static str, code: u32, text: impl Into<String>) -> Self {
        Self { status, error, code, text: text.into(), more: Vec::new(), retry_after: None }
    }

    /// 400, `invalid_request`.
    pub(super) fn request(code: u32, text: impl Into<String>) -> Self {
        Self::of(400, "invalid_request", code, text)
    }

    /// 401, `invalid_client`.
    pub(super) fn client(code: u32, text: impl Into<String>) -> Self {
        Self::of(401, "invalid_client", code, text)
    }

    /// 400, `unauthorized_client`.
    pub(super) fn unauthorized(code: u32, text: impl Into<String>) -> Self {
        Self::of(400, "unauthorized_client", code, text)
    }

    /// 400, with another `error`.
    pub(super) fn bad(error: &'static str, code: u32, text: impl Into<String>) -> Self {
        Self::of(400, error, code, text)
    }

    pub(super) fn missing(name: &str) -> Self {
        Self::request(900_144, format!("The request body must contain the following parameter: '{name}'."))
    }

    pub(super) fn duplicated(name: &str) -> Self {
        let text = format!("The request is not properly formatted. The parameter '{name}' is duplicated.");
        Self::request(9_000_411, text)
    }

    /// Conditional access of workload identities, recorded in 2025.
    pub(super) fn policy(seed: u64) -> Self {
        let text = "Access has been blocked by Conditional Access policies. The access policy does not allow token \
                    issuance.";
        let policies = json!({"access_token": {"capolids": {
            "essential": true, "values": [noise::guid(seed, &["conditional access policy"])],
        }}});
        let more = vec![("suberror", json!("message_only")), ("claims", json!(policies.to_string()))];
        Self { more, ..Self::bad("invalid_grant", 53_003, text) }
    }

    /// Too many requests for the same token: 429 and a minute's wait for client credentials (the documentation of
    /// MSAL.NET).
    pub(super) fn repeated() -> Self {
        let text = "The server terminated an operation because it encountered a client request loop. Please contact \
                    your app vendor.";
        Self { retry_after: Some(60), ..Self::of(429, "invalid_grant", 50_196, text) }
    }
}

/// What marks one answer: for the body and the headers.
#[derive(Debug)]
pub(super) struct Stamp {
    now: Timestamp,
    pub(super) trace: String,
    pub(super) correlation: String,
}

impl Stamp {
    /// The marks of the answer to a request. The client may choose the correlation id, by header or in the form.
    pub(super) fn new(request: &Request, in_form: Option<&str>, seed: u64, now: Timestamp) -> Self {
        let moment = now.to_string();
        let chosen = [request.header("client-request-id"), in_form].into_iter().flatten().map(str::trim);
        let chosen = chosen.map(|id| id.trim_matches(['{', '}'])).find(|id| is_guid(id)).map(str::to_ascii_lowercase);
        let drawn = |name| noise::guid(seed, &[name, &moment, &request.path]);
        Self { now, trace: drawn("trace"), correlation: chosen.unwrap_or_else(|| drawn("correlation")) }
    }

    /// The body of a refusal.
    pub(super) fn body(&self, refusal: &Refusal, knobs: &Identity) -> Value {
        let (Refusal { code, text, error, .. }, Self { trace, correlation, .. }) = (refusal, self);
        let timestamp = self.now.strftime("%Y-%m-%d %H:%M:%SZ").to_string();
        let joint = if knobs.error_on_lines { "\r\n" } else { " " };
        let description = format!(
            "AADSTS{code}: {text}{joint}Trace ID: {trace}{joint}Correlation ID: {correlation}{joint}Timestamp: {timestamp}"
        );
        let mut body = json!({
            "error": error, "error_description": description, "error_codes": [code], "timestamp": timestamp,
            "trace_id": trace, "correlation_id": correlation,
        });
        if knobs.error_uri {
            body["error_uri"] = json!(format!("https://login.microsoftonline.com/error?code={code}"));
        }
        for (name, value) in &refusal.more {
            body[*name] = value.clone();
        }
        body
    }
}

/// Whether a text has the shape of a GUID with hyphens.
pub(super) fn is_guid(text: &str) -> bool {
    let groups: Vec<_> = text.split('-').map(str::len).collect();
    groups == [8, 4, 4, 4, 12] && text.chars().all(|letter| letter.is_ascii_hexdigit() || letter == '-')
}
