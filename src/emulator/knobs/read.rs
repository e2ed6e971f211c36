//! How a knob's value is read from JSON, and written to it again.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::emulator::knobs::{Era, Login, Range};

/// Longer spans than ten years are mistakes.
const LONGEST: f64 = 10.0 * 366.0 * 86_400.0;

/// Reads a number of seconds, whole or not.
pub(in crate::emulator) fn seconds(value: &Value) -> Result<Duration, String> {
    match value.as_f64() {
        Some(seconds) if (0.0..=LONGEST).contains(&seconds) => Ok(Duration::from_secs_f64(seconds)),
        _ => Err("expected a number of seconds from 0 to ten years".to_owned()),
    }
}

/// A whole number of seconds as one, any other as a decimal.
pub(in crate::emulator) fn seconds_json(span: Duration) -> Value {
    if span.subsec_nanos() == 0 { json!(span.as_secs()) } else { json!(span.as_secs_f64()) }
}

pub(super) fn range(value: &Value) -> Result<Range, String> {
    let Value::Object(bounds) = value else {
        return seconds(value).map(|span| Range { min: span, max: span });
    };
    if let Some(stranger) = bounds.keys().find(|key| !["min", "max"].contains(&key.as_str())) {
        return Err(format!("expected min and max, and no `{stranger}`"));
    }
    let (Some(min), Some(max)) = (bounds.get("min"), bounds.get("max")) else {
        return Err("expected both min and max".to_owned());
    };
    let (min, max) = (seconds(min)?, seconds(max)?);
    if min > max {
        return Err("expected min to be at most max".to_owned());
    }
    Ok(Range { min, max })
}

pub(super) fn range_json(range: Range) -> Value {
    json!({"min": seconds_json(range.min), "max": seconds_json(range.max)})
}

pub(super) fn count(value: &Value) -> Result<usize, String> {
    value
        .as_u64()
        .and_then(|count| usize::try_from(count).ok())
        .filter(|count| *count <= 1_000_000)
        .ok_or_else(|| "expected a whole number from 0 to 1000000".to_owned())
}

pub(super) fn era(value: &Value) -> Result<Era, String> {
    match value.as_u64() {
        Some(2017) => Ok(Era::Y2017),
        Some(2018) => Ok(Era::Y2018),
        Some(2020) => Ok(Era::Y2020),
        _ => Err("expected 2017, 2018 or 2020".to_owned()),
    }
}

pub(super) fn switch(value: &Value) -> Result<bool, String> {
    value.as_bool().ok_or_else(|| "expected true or false".to_owned())
}

pub(super) fn refusal(value: &Value) -> Result<u16, String> {
    match value.as_u64() {
        Some(401) => Ok(401),
        Some(403) => Ok(403),
        _ => Err("expected 401 or 403".to_owned()),
    }
}

pub(super) fn login(value: &Value) -> Result<Option<Login>, String> {
    if value.is_null() {
        return Ok(None);
    }
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    match (text("user"), text("password"), value.as_object().map(Map::len)) {
        (Some(user), Some(password), Some(2)) if !user.contains(':') => Ok(Some(Login { user, password })),
        _ => Err("expected null or {user, password}, both texts, without a colon in user".to_owned()),
    }
}
