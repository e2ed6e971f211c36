//! The token endpoint's answer.

use std::time::Duration;

use serde_json::Value;

use crate::transport::{call::Reply, decode::Odd, error::TransportError, secret::Secret};

/// An access token and how long it is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The token.
    pub secret: Secret,
    /// How long it is good, from its receipt: the two clocks may differ, so its own times are not looked at.
    pub lifetime: Duration,
}

/// Assumed where the answer does not say, or says something that cannot be.
const SHORT: Duration = Duration::from_mins(1);

/// No token is kept longer, whatever the answer says.
const LONG: Duration = Duration::from_hours(24);

/// More bytes than any token has: a header that is longer is refused by most servers.
const LONGEST: usize = 64 * 1024;

/// Reads a token. What is odd about an answer is told without showing any of it, for it may hold a token.
pub(crate) fn read(reply: &Reply) -> Result<Token, TransportError> {
    // Any JSON is a `Value`, so the reader's own sentences never quote a text of the body.
    let answer: Value = reply.json()?;
    let odd = |path: &str, expected: &str, saw: &str| reply.malformed(Odd::new(path, expected, saw));
    let Some(token) = answer.get("access_token") else {
        return Err(odd("access_token", "a token", "no such member"));
    };
    let Some(token) = token.as_str() else {
        return Err(odd("access_token", "a text", kind(token)));
    };
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(odd("access_token", "a token", "a text that no header can carry"));
    }
    if token.len() > LONGEST {
        return Err(odd("access_token", "a token", "a text longer than any"));
    }
    if answer.get("token_type").and_then(Value::as_str).is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
        return Err(odd("token_type", "Bearer", "another type of token"));
    }
    Ok(Token { secret: Secret::new(token), lifetime: lifetime(answer.get("expires_in")) })
}

/// Seconds: a text from the v1 endpoint, a number from v2.
fn lifetime(expires_in: Option<&Value>) -> Duration {
    let seconds = match expires_in {
        Some(Value::String(text)) => text.trim().parse::<f64>().ok(),
        Some(number) => number.as_f64(),
        None => None,
    };
    match seconds {
        Some(seconds) if seconds > 0.0 => Duration::try_from_secs_f64(seconds).unwrap_or(LONG).min(LONG),
        _ => SHORT,
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_lifetime_is_a_text_or_a_number_and_never_absurd() {
        assert_eq!(lifetime(Some(&json!("3599"))), Duration::from_secs(3599));
        assert_eq!(lifetime(Some(&json!(3599))), Duration::from_secs(3599));
        for absurd in [json!("soon"), json!(0), json!(-5), json!("NaN"), json!(null), json!([1])] {
            assert_eq!(lifetime(Some(&absurd)), SHORT, "{absurd}");
        }
        assert_eq!(lifetime(None), SHORT);
        for endless in [json!(1e300), json!("inf"), json!("99999999999999999999999999")] {
            assert_eq!(lifetime(Some(&endless)), LONG, "{endless}");
        }
    }
}
