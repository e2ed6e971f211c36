//! What faults do to an exchange: instead of serving it, or to the answer.

use serde_json::{Number, Value};

use crate::emulator::{
    answer::{Answer, Delivery},
    faults::rule::Fault,
};

/// What is answered instead of serving the request, if anything is.
pub(in crate::emulator) fn instead(faults: &[Fault]) -> Option<Answer> {
    faults.iter().find_map(|fault| match fault {
        Fault::Status { status, retry_after, body, applied: false } => {
            Some(with_status(*status, retry_after.as_ref(), body.as_deref()))
        }
        Fault::Close { applied: false } => Some(Answer { delivery: Delivery::Closed, ..Answer::empty(503) }),
        Fault::Html => Some(Answer::of(200, "text/html; charset=utf-8", SIGN_IN.as_bytes().to_vec())),
        Fault::Garbage => Some(Answer::of(200, "application/json; charset=utf-8", br#"{"value":[{"Id":1,"#.to_vec())),
        _ => None,
    })
}

const SIGN_IN: &str = "<!DOCTYPE html><html><head><title>Sign in</title></head>\
    <body><h1>Sign in to the network</h1><form method=\"post\"><input name=\"user\"></form></body></html>\n";

/// What a part of a request is answered instead of being served, if anything is.
pub(in crate::emulator) fn instead_of_part(faults: &[Fault]) -> Option<Answer> {
    faults.iter().find_map(|fault| match fault {
        Fault::RefusePart { status } => Some(with_status(*status, None, None)),
        _ => None,
    })
}

/// What is said with a status.
pub(in crate::emulator) fn reason(status: u16) -> &'static str {
    match status {
        401 => "Authorization has been denied for this request.",
        403 => "Forbidden.",
        404 => "Not found.",
        429 => "Too many requests.",
        503 => "The service is unavailable.",
        _ => "An error has occurred.",
    }
}

fn with_status(status: u16, retry_after: Option<&Number>, body: Option<&str>) -> Answer {
    let mut answer = match body {
        Some(body) if body.trim_start().starts_with('{') => {
            Answer::of(status, "application/json; charset=utf-8", body.as_bytes().to_vec())
        }
        Some(body) => Answer::of(status, "text/plain; charset=utf-8", body.as_bytes().to_vec()),
        None => Answer::message(status, reason(status)),
    };
    if let Some(seconds) = retry_after {
        answer.headers.push(("retry-after".to_owned(), seconds.to_string()));
    }
    answer
}

/// What becomes of the answer of a request that was served.
pub(in crate::emulator) fn distorted(faults: &[Fault], answer: Answer) -> Answer {
    faults.iter().fold(answer, |mut answer, fault| {
        match fault {
            Fault::CutBody(bytes) => answer.delivery = Delivery::Cut(*bytes),
            Fault::Close { applied: true } => answer.delivery = Delivery::Closed,
            Fault::Status { status, retry_after, body, applied: true } => {
                let delivery = answer.delivery;
                answer = Answer { delivery, ..with_status(*status, retry_after.as_ref(), body.as_deref()) };
            }
            Fault::Delay(span) => answer.delivery = Delivery::After(*span),
            Fault::WrongTypes => {
                if let Ok(body) = serde_json::from_slice::<Value>(&answer.body) {
                    answer.body = wrong(body).to_string().into_bytes();
                }
            }
            _ => {}
        }
        answer
    })
}

/// The same JSON with texts for numbers and numbers for texts.
fn wrong(value: Value) -> Value {
    match value {
        Value::String(_) => Value::from(7),
        Value::Number(number) => Value::String(number.to_string()),
        Value::Bool(on) => Value::String(on.to_string()),
        Value::Array(items) => Value::Array(items.into_iter().map(wrong).collect()),
        Value::Object(members) => {
            Value::Object(members.into_iter().map(|(name, value)| (name, wrong(value))).collect())
        }
        Value::Null => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_types_keep_the_shape_and_change_every_leaf() {
        let served = Answer::of(200, "application/json", br#"{"a":"x","b":[1,true,null]}"#.to_vec());
        let answer = distorted(&[Fault::WrongTypes], served);
        assert_eq!(answer.body, br#"{"a":7,"b":["1","true",null]}"#);
    }

    #[test]
    fn a_status_that_is_applied_takes_the_place_of_what_was_served() {
        let fault = [Fault::Status { status: 504, retry_after: None, body: None, applied: true }];
        assert!(instead(&fault).is_none());
        let answer = distorted(&fault, Answer::of(201, "application/json", b"{}".to_vec()));
        assert_eq!((answer.status, answer.body), (504, br#"{"Message":"An error has occurred."}"#.to_vec()));
    }

    #[test]
    fn a_status_carries_its_pause_and_its_words() {
        let fault = Fault::Status { status: 429, retry_after: Some(7.into()), body: None, applied: false };
        let answer = instead(&[fault]).expect("an answer");
        assert_eq!(answer.status, 429);
        assert!(answer.headers.contains(&("retry-after".to_owned(), "7".to_owned())));
        assert_eq!(answer.body, br#"{"Message":"Too many requests."}"#);
    }
}
