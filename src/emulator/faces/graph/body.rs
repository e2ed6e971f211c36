//! What was sent: a JSON object, and its members by type.

use serde_json::{Map, Value};

use crate::emulator::{answer::Request, faces::graph::refusal::Refusal};

/// The object that a request's body is.
pub(super) fn object(request: &Request) -> Result<Map<String, Value>, Refusal> {
    let media_type = request.header("content-type").unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if media_type != "application/json" && !media_type.ends_with("+json") {
        return Err(Refusal::bad("Entity only allows writes with a JSON Content-Type header."));
    }
    if request.body.iter().all(u8::is_ascii_whitespace) {
        return Err(Refusal::bad("Empty Payload. JSON content expected."));
    }
    match serde_json::from_slice(&request.body) {
        Ok(Value::Object(members)) => Ok(members),
        _ => Err(Refusal::bad(
            "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON \
             format.",
        )),
    }
}

/// A member that is a text.
pub(super) fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    members.get(name).and_then(Value::as_str)
}

/// A member of whatever type, by its name in any letter case: for the few bodies whose names working clients write in
/// either.
pub(super) fn any_case<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    members
        .get(name)
        .or_else(|| members.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}
