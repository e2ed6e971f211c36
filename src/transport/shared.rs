//! What of a call that carries many belongs to whom, so that each has an exchange of its own in its record.

use std::collections::HashMap;

use serde_json::Value;

/// How a call that carries many is told apart.
#[derive(Debug, Clone, Default)]
pub struct Shared {
    /// The list of the request's body that has an element for each of `shares`, in their order.
    pub asked: Option<&'static str>,
    /// The list of the answer's body, and the member of its elements that tells whose each is.
    pub answered: Option<(&'static str, &'static str)>,
    /// Who shares the call.
    pub shares: Vec<Share>,
}

/// One of those who share a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// Its place among those who asked together.
    pub place: usize,
    /// What an element of the answer has that is its own, in any letter case.
    pub key: String,
}

impl Shared {
    /// The whole call is that of the one who asked at `place`, among others whose calls are others.
    pub fn of_one(place: usize) -> Self {
        Self { asked: None, answered: None, shares: vec![Share { place, key: String::new() }] }
    }

    /// Of a request's body, what is each one's: the same body with one element of its list.
    pub(crate) fn requests(&self, body: &[u8]) -> Vec<Vec<u8>> {
        let Some((list, whole, elements)) = self.asked.and_then(|list| taken_out(body, list)) else {
            return vec![body.to_vec(); self.shares.len()];
        };
        let mut elements = elements.into_iter();
        self.shares.iter().map(|_| put_in(&whole, list, elements.next())).collect()
    }

    /// Of an answer's body, what is each one's: the same body with the elements that have its key.
    pub(crate) fn answers(&self, body: &[u8]) -> Vec<Vec<u8>> {
        let taken = self.answered.and_then(|(list, key)| Some((taken_out(body, list)?, key)));
        let Some(((list, whole, elements), key)) = taken else { return vec![body.to_vec(); self.shares.len()] };
        let mut by_key = HashMap::<_, Vec<_>>::new();
        for element in elements {
            let key = element.get(key).map(|key| key.as_str().map_or_else(|| key.to_string(), str::to_owned));
            by_key.entry(key.unwrap_or_default().to_ascii_lowercase()).or_default().push(element);
        }
        let own = |share: &Share| by_key.remove(&share.key.to_ascii_lowercase()).unwrap_or_default();
        self.shares.iter().map(own).map(|own| put_in(&whole, list, own)).collect()
    }
}

/// The list `name` of a body, and the body without it; none where it has no such list.
fn taken_out<'a>(body: &[u8], name: &'a str) -> Option<(&'a str, Value, Vec<Value>)> {
    let mut whole: Value = serde_json::from_slice(body).ok()?;
    match whole.get_mut(name)?.take() {
        Value::Array(elements) => Some((name, whole, elements)),
        _ => None,
    }
}

fn put_in(whole: &Value, list: &str, elements: impl IntoIterator<Item = Value>) -> Vec<u8> {
    let mut own = whole.clone();
    own[list] = elements.into_iter().collect();
    own.to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared() -> Shared {
        let share = |(place, key): (usize, &str)| Share { place, key: key.into() };
        let shares = ["a.example", "b.example"].into_iter().enumerate().map(share).collect();
        Shared { asked: Some("Indicators"), answered: Some(("value", "indicator")), shares }
    }

    fn texts(bodies: Vec<Vec<u8>>) -> Vec<String> {
        bodies.into_iter().map(|body| String::from_utf8(body).expect("text")).collect()
    }

    #[test]
    fn each_has_its_own_element_of_the_request_and_of_the_answer_in_whichever_order_it_comes() {
        let asked = texts(shared().requests(br#"{"Indicators":[{"v":1},{"v":2}],"more":true}"#));
        assert_eq!(asked, [r#"{"Indicators":[{"v":1}],"more":true}"#, r#"{"Indicators":[{"v":2}],"more":true}"#]);
        let answer = br#"{"value":[{"indicator":"B.EXAMPLE","id":"2"},{"indicator":"x"},{"indicator":"a.example"}]}"#;
        let expected =
            [r#"{"value":[{"indicator":"a.example"}]}"#, r#"{"value":[{"indicator":"B.EXAMPLE","id":"2"}]}"#];
        assert_eq!(texts(shared().answers(answer)), expected);
        assert_eq!(texts(shared().answers(br#"{"value":[]}"#)), [r#"{"value":[]}"#; 2]);
    }

    #[test]
    fn a_body_that_cannot_be_told_apart_is_everybody_s_as_it_is() {
        for body in ["", "<html>", r#"{"error":{"code":"TooManyRequests"}}"#, r#"{"value":"none"}"#] {
            assert_eq!(texts(shared().answers(body.as_bytes())), [body; 2]);
        }
        let alike = Shared { asked: None, ..shared() };
        assert_eq!(texts(alike.requests(b"{}")), ["{}"; 2]);
    }
}
