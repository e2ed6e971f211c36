//! What a request says in its body. Names are case-sensitive (common-errors), and what is not known is not minded.

use serde_json::{Map, Value};

use crate::emulator::{answer::Request, faces::endpoint::refusal::Refusal};

/// Longer texts are refused: no limit is published, but the tenant remembers many, and clients cut theirs at 4000.
const TEXT_AT_MOST: usize = 4_096;

/// The longest query that anybody gets to send.
const QUERY_AT_MOST: usize = 65_536;

/// Texts in a list are names and ids.
const NAME_AT_MOST: usize = 256;

/// The body as JSON. A byte order mark, which some shells send, is nothing.
pub(super) fn json(request: &Request) -> Result<Value, Refusal> {
    let body = request.body.as_slice();
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    serde_json::from_slice(body).map_err(|_| Refusal::body())
}

/// The members of an object, each read by its exact name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Body<'a>(&'a Map<String, Value>);

impl<'a> Body<'a> {
    pub(super) fn of(value: &'a Value) -> Result<Self, Refusal> {
        value.as_object().map(Self).ok_or_else(Refusal::body)
    }

    /// Refuses members that are `known` but for their letter case.
    pub(super) fn check_case(self, known: &[&str]) -> Result<Self, Refusal> {
        let misspelt = |name: &&String| {
            known.iter().any(|known| *known != name.as_str() && known.eq_ignore_ascii_case(name))
                && !known.contains(&name.as_str())
        };
        match self.0.keys().find(misspelt) {
            Some(_) => Err(Refusal::body()),
            None => Ok(self),
        }
    }

    /// What is there and not null.
    pub(super) fn get(self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// A text, if it is there.
    pub(super) fn text(self, name: &str) -> Result<Option<&'a str>, Refusal> {
        self.text_up_to(TEXT_AT_MOST, name)
    }

    /// A query that must be there. People write long ones, and how long they may be is published nowhere.
    pub(super) fn query(self, name: &str) -> Result<&'a str, Refusal> {
        self.text_up_to(QUERY_AT_MOST, name)?.ok_or_else(|| Refusal::missing(name))
    }

    fn text_up_to(self, limit: usize, name: &str) -> Result<Option<&'a str>, Refusal> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) if text.chars().count() <= limit => Ok(Some(text)),
            Some(Value::String(_)) => Err(Refusal::input(format!("The value of {name} is too long."))),
            Some(_) => Err(Refusal::body()),
        }
    }

    /// A text that must be there.
    pub(super) fn required(self, name: &str) -> Result<&'a str, Refusal> {
        self.text(name)?.ok_or_else(|| Refusal::missing(name))
    }

    /// True or false, if it is there; the text of it is neither.
    pub(super) fn flag(self, name: &str) -> Result<Option<bool>, Refusal> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Bool(on)) => Ok(Some(*on)),
            Some(_) => Err(Refusal::body()),
        }
    }

    /// A whole number, if it is there.
    pub(super) fn number(self, name: &str) -> Result<Option<i64>, Refusal> {
        self.get(name).map(|value| value.as_i64().ok_or_else(Refusal::body)).transpose()
    }

    /// Texts, at most so many; none where there is nothing. Numbers are read as their digits: ids are sent as either.
    pub(super) fn texts(self, name: &str, most: usize) -> Result<Vec<String>, Refusal> {
        let Some(value) = self.get(name) else { return Ok(Vec::new()) };
        let items = value.as_array().ok_or_else(Refusal::body)?;
        if items.len() > most {
            return Err(Refusal::input(format!("{name} has more than {most} items.")));
        }
        let texts = items.iter().map(|item| match item {
            Value::String(text) if text.len() <= NAME_AT_MOST => Ok(text.clone()),
            Value::Number(number) => Ok(number.to_string()),
            _ => Err(Refusal::body()),
        });
        texts.collect()
    }
}
