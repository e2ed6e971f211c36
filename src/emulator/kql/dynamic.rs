//! Values of type `dynamic`: JSON, by which the language reaches into what a column holds.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::emulator::kql::value::{Key, Value};

/// As text: a text is itself, anything else its JSON.
pub(super) fn written(json: &Json) -> String {
    match json {
        Json::String(text) => text.clone(),
        json => json.to_string(),
    }
}

/// What two dynamic values, or one and a plain one, share only when they are equal.
pub(super) fn key(json: &Json) -> Key {
    match json {
        Json::Null => Key::Null,
        Json::Bool(holds) => Key::Bool(*holds),
        Json::String(text) => Key::Text(Arc::from(text.as_str())),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => Key::Int(whole),
            None => Value::Real(number.as_f64().unwrap_or_default()).key(),
        },
        json => Key::Json(json.to_string()),
    }
}

/// About how many bytes it has.
pub(super) fn weight(json: &Json) -> usize {
    match json {
        Json::String(text) => text.len(),
        Json::Array(items) => items.iter().map(|item| weight(item) + 16).sum(),
        Json::Object(entries) => entries.iter().map(|(name, value)| name.len() + weight(value) + 32).sum(),
        _ => 8,
    }
}

/// The text as JSON; what is none is itself.
pub(super) fn parsed(text: &str) -> Value {
    Value::dynamic(serde_json::from_str(text).unwrap_or_else(|_| Json::String(text.to_owned())))
}

/// A plain value as a dynamic one.
pub(super) fn of(value: &Value) -> Json {
    match value {
        Value::Dynamic(json) => json.as_ref().clone(),
        plain => plain.to_json(),
    }
}

/// What stands in `json` under a name, or at a place (backwards from the end where it is negative).
pub(super) fn member(json: &Json, at: &Value) -> Value {
    let found = match (json, at) {
        (Json::Object(entries), at) => at.as_str().and_then(|name| entries.get(name)),
        (Json::Array(items), at) => at.as_int().and_then(|place| {
            let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
            let place = if place < 0 { place.checked_add(length)? } else { place };
            items.get(usize::try_from(place).ok()?)
        }),
        _ => None,
    };
    found.map_or(Value::Null, |json| Value::dynamic(json.clone()))
}
