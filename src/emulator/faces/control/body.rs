//! What a request to the control face says in its body.

use serde_json::{Map, Value};

use crate::emulator::{answer::Answer, faces::Call};

/// Refuses a request as malformed.
pub(super) fn bad(message: impl AsRef<str>) -> Answer {
    Answer::message(400, message.as_ref())
}

/// The body as JSON; none where it is empty. A byte order mark, which some shells send, is nothing.
pub(super) fn json(call: &Call<'_>) -> Result<Option<Value>, Answer> {
    let body = call.request.body.as_slice();
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body).trim_ascii();
    if body.is_empty() {
        return Ok(None);
    }
    serde_json::from_slice(body).map(Some).map_err(|error| {
        bad(format!("The body is not JSON: line {}, column {} is where it breaks.", error.line(), error.column()))
    })
}

/// The body as an object with no other members than `known`.
pub(super) fn object(call: &Call<'_>, known: &[&str]) -> Result<Map<String, Value>, Answer> {
    let expected = || bad(format!("The body must be a JSON object with {}.", known.join(", ")));
    let Some(Value::Object(members)) = json(call)? else { return Err(expected()) };
    match members.keys().find(|name| !known.contains(&name.as_str())) {
        Some(stranger) => Err(bad(format!("There is no `{stranger}` here (known: {}).", known.join(", ")))),
        None => Ok(members),
    }
}

/// A member that must be true or false.
pub(super) fn switch(members: &Map<String, Value>, name: &str) -> Result<bool, Answer> {
    members.get(name).and_then(Value::as_bool).ok_or_else(|| bad(format!("`{name}` must be true or false.")))
}

/// A member that must be a text of 1 to `at_most` bytes.
pub(super) fn text<'a>(members: &'a Map<String, Value>, name: &str, at_most: usize) -> Result<&'a str, Answer> {
    let text = members.get(name).and_then(Value::as_str).filter(|text| !text.is_empty() && text.len() <= at_most);
    text.ok_or_else(|| bad(format!("`{name}` must be a text of 1 to {at_most} bytes.")))
}
