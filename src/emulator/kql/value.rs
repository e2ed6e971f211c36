//! What a cell of a table can be.

use std::{cmp::Ordering, sync::Arc};

use jiff::Timestamp;
use serde_json::{Value as Json, json};

use crate::emulator::kql::{dynamic, literal};

/// The engine's texts have a mebibyte at most; what makes longer ones cuts them.
pub(super) const LONGEST_TEXT: usize = 1 << 20;

/// One row: a value for each column.
pub type Row = Vec<Value>;

/// The type of a column. Which .NET name stands for which is the engine's published table of its first result format;
/// `Object`, `DateTime`, `String` and `Int64` were recorded from hunting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// True or false.
    Bool,
    /// A whole number of 32 bits.
    Int,
    /// A whole number of 64 bits.
    Long,
    /// A double.
    Real,
    /// Text; there is no null of this type.
    Text,
    /// A moment, in ticks of 100 nanoseconds.
    Time,
    /// A span of time, in ticks.
    Span,
    /// Anything that JSON can say.
    Dynamic,
}

impl Type {
    /// The name in a result's schema.
    pub fn wire_name(self) -> &'static str {
        match self {
            Self::Bool => "SByte",
            Self::Int => "Int32",
            Self::Long => "Int64",
            Self::Real => "Double",
            Self::Text => "String",
            Self::Time => "DateTime",
            Self::Span => "TimeSpan",
            Self::Dynamic => "Object",
        }
    }

    /// The name in the language.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Long => "long",
            Self::Real => "real",
            Self::Text => "string",
            Self::Time => "datetime",
            Self::Span => "timespan",
            Self::Dynamic => "dynamic",
        }
    }

    /// The type of this name in the language.
    pub(in crate::emulator) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "bool" | "boolean" => Self::Bool,
            "int" => Self::Int,
            "long" => Self::Long,
            "real" | "double" => Self::Real,
            "string" => Self::Text,
            "datetime" | "date" => Self::Time,
            "timespan" | "time" => Self::Span,
            "dynamic" => Self::Dynamic,
            _ => return None,
        })
    }

    pub(super) fn is_number(self) -> bool {
        matches!(self, Self::Int | Self::Long | Self::Real)
    }

    /// The value of a cell of this type that holds nothing.
    pub fn nothing(self) -> Value {
        if self == Self::Text { Value::text("") } else { Value::Null }
    }
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing; never of type text.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number, `int` or `long`.
    Int(i64),
    /// A double.
    Real(f64),
    /// Text.
    Text(Arc<str>),
    /// A moment.
    Time(Timestamp),
    /// A span, in ticks of 100 nanoseconds.
    Span(i64),
    /// JSON.
    Dynamic(Arc<Json>),
}

impl Value {
    /// A text.
    pub fn text(text: &str) -> Self {
        Self::Text(Arc::from(text))
    }

    /// A dynamic value; JSON's null is null.
    pub(super) fn dynamic(json: Json) -> Self {
        if json.is_null() { Self::Null } else { Self::Dynamic(Arc::new(json)) }
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Dynamic(json) => json.as_str(),
            _ => None,
        }
    }

    /// As a result has it: moments with seven digits; dynamic values are texts that hold JSON.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Bool(holds) => json!(holds),
            Self::Int(number) => json!(number),
            Self::Real(number) if number.is_finite() => json!(number),
            Self::Real(number) if number.is_nan() => json!("NaN"),
            Self::Real(number) => json!(if *number > 0.0 { "Infinity" } else { "-Infinity" }),
            Self::Text(text) => json!(text.as_ref()),
            Self::Time(at) => json!(literal::written_time(*at)),
            Self::Span(ticks) => json!(literal::written_span(*ticks)),
            Self::Dynamic(json) => json!(dynamic::written(json)),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "the language itself compares whole numbers with doubles so")]
    pub(super) fn as_real(&self) -> Option<f64> {
        match self {
            Self::Int(number) => Some(*number as f64),
            Self::Real(number) => Some(*number),
            Self::Dynamic(json) => json.as_f64(),
            _ => None,
        }
    }

    pub(super) fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            Self::Dynamic(json) => json.as_i64(),
            _ => None,
        }
    }

    pub(super) fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(holds) => Some(*holds),
            Self::Dynamic(json) => json.as_bool(),
            _ => None,
        }
    }

    /// How two values compare; none where one is null or they have nothing in common.
    pub(super) fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Time(a), Self::Time(b)) => Some(a.cmp(b)),
            (Self::Span(a), Self::Span(b)) => Some(a.cmp(b)),
            _ => {
                if let (Some(a), Some(b)) = (self.as_str(), other.as_str()) {
                    return Some(a.cmp(b));
                }
                if let (Some(a), Some(b)) = (self.as_bool(), other.as_bool()) {
                    return Some(a.cmp(&b));
                }
                if let (Some(a), Some(b)) = (self.as_int(), other.as_int()) {
                    return Some(a.cmp(&b));
                }
                self.as_real()?.partial_cmp(&other.as_real()?)
            }
        }
    }

    /// The order in which rows are sorted upwards: what is null comes first.
    pub(super) fn sorts(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Null, Self::Null) => Ordering::Equal,
            (Self::Null, _) => Ordering::Less,
            (_, Self::Null) => Ordering::Greater,
            _ => self.compare(other).unwrap_or(Ordering::Equal),
        }
    }

    /// What two values share only when they are equal.
    #[expect(clippy::cast_possible_truncation, reason = "the guard compares the number with what is left of it")]
    pub(super) fn key(&self) -> Key {
        match self {
            Self::Null => Key::Null,
            Self::Bool(holds) => Key::Bool(*holds),
            Self::Int(number) => Key::Int(*number),
            Self::Real(number) if number.fract() == 0.0 && number.abs() < 1e15 => Key::Int(*number as i64),
            Self::Real(number) => Key::Real(number.to_bits()),
            Self::Text(text) => Key::Text(text.clone()),
            Self::Time(at) => Key::Time(*at),
            Self::Span(ticks) => Key::Span(*ticks),
            Self::Dynamic(json) => dynamic::key(json),
        }
    }

    /// How much there is of it, in bytes, beyond its fixed size.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Dynamic(json) => dynamic::weight(json),
            _ => 0,
        }
    }
}

/// A value as something to look up.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Null,
    Bool(bool),
    Int(i64),
    Real(u64),
    Text(Arc<str>),
    Time(Timestamp),
    Span(i64),
    Json(String),
}
