//! How answers are read where services are careless: `null` for nothing, words that nobody knew before, keys that are
//! numbers, moments without a zone.

use std::{fmt, str::FromStr};

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde::{
    Deserialize, Deserializer,
    de::{Error, Unexpected, Visitor},
};

/// A word of a list that the service owns, which may have grown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Word<T> {
    Known(T),
    Unknown(String),
}

impl<'de, T: FromStr> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        Ok(word.parse().map_or_else(|_| Self::Unknown(word), Self::Known))
    }
}

/// A text, or `null` for none.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// A key: a text, or a number that stands for one.
pub(super) fn key<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    key_or_none(deserializer)?.ok_or_else(|| D::Error::invalid_value(Unexpected::Other("none"), &"a key"))
}

/// The same, where there may be none.
pub(super) fn key_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    struct Key;
    impl Visitor<'_> for Key {
        type Value = Option<String>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a key")
        }
        fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
            Ok((!text.is_empty()).then(|| text.to_owned()))
        }
        fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
            Ok(Some(number.to_string()))
        }
        fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
            Ok(Some(number.to_string()))
        }
        fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }
    }
    deserializer.deserialize_any(Key)
}

/// A moment, with or without a fraction and a zone; without a zone it is UTC.
pub(super) fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    let word = String::deserialize(deserializer)?;
    moment(&word).ok_or_else(|| D::Error::invalid_value(Unexpected::Str(&word), &"a date and time"))
}

/// The same, where there may be none.
pub(super) fn date_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    match Option::<String>::deserialize(deserializer)?.filter(|word| !word.is_empty()) {
        None => Ok(None),
        Some(word) => match moment(&word) {
            None => Err(D::Error::invalid_value(Unexpected::Str(&word), &"a date and time, or null")),
            moment => Ok(moment),
        },
    }
}

/// The moment that a word tells, with or without a fraction and a zone; without a zone it is UTC.
pub(super) fn moment(word: &str) -> Option<Timestamp> {
    word.parse().ok().or_else(|| TimeZone::UTC.to_timestamp(word.parse::<DateTime>().ok()?).ok())
}
