//! Links that need no token and open for half an hour: a signature stands in them.

use jiff::Timestamp;

use crate::emulator::{answer::Answer, faces::endpoint::Visit, noise};

/// How long a link opens, in seconds (get-live-response-result; of a package only that it is short).
const OPEN_FOR: i64 = 1_800;

/// A link below `/api/` to `path`, where there is what these parts name.
pub(super) fn address(visit: &Visit<'_>, path: &str, parts: &[&str]) -> String {
    let expires = visit.now.as_second() + OPEN_FOR;
    let signature = signature(visit, parts, expires);
    format!("{}/api/{path}?sv=2020-08-04&se={expires}&sr=b&sp=r&sig={signature}", visit.call.base)
}

/// Whether the request came by a link to what these parts name, in time.
pub(super) fn opens(visit: &Visit<'_>, parts: &[&str]) -> bool {
    let query: Vec<_> = url::form_urlencoded::parse(visit.call.request.query.as_bytes()).collect();
    let value = |name: &str| query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_ref());
    let expires = value("se").and_then(|text| text.parse::<i64>().ok());
    expires.is_some_and(|expires| {
        Timestamp::from_second(expires).is_ok_and(|at| visit.now < at)
            && value("sig") == Some(signature(visit, parts, expires).as_str())
    })
}

fn signature(visit: &Visit<'_>, parts: &[&str], expires: i64) -> String {
    let expires = expires.to_string();
    let parts: Vec<_> = parts.iter().copied().chain([expires.as_str()]).collect();
    noise::hex(&noise::bytes(visit.tenant.seed(), &parts))
}

/// What is answered where a link does not open.
pub(super) fn refused() -> Answer {
    let body = "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>AuthenticationFailed</Code><Message>Server failed to \
                authenticate the request.</Message></Error>";
    Answer::of(403, "application/xml", body.as_bytes().to_vec())
}
