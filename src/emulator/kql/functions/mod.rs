//! The functions of expressions: `texts`, `times`, `networks` and what converts and chooses, here.
//!
//! A name that is not in these tables is refused in the recorded words, whether the service knows it or not.

mod networks;
mod texts;
mod times;

use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::Value as Json;

use crate::emulator::kql::{
    QueryError,
    bind::comparable,
    dynamic, literal,
    value::{Type, Value},
};

use Takes::{Any, Bool, Dynamic, Number, Text};

/// What an argument must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    Any,
    Text,
    Number,
    Time,
    Span,
    Bool,
    Dynamic,
    /// What has an order: numbers, moments, spans.
    Ordered,
}

/// What the result is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gives {
    This(Type),
    /// What the first argument is.
    First,
    /// What every second argument from the second on, and the last, have in common.
    Branches,
    /// What all arguments have in common.
    Common,
}

/// A function.
#[derive(Debug)]
pub(super) struct Function {
    name: &'static str,
    /// The last one stands for all that may follow.
    takes: &'static [Takes],
    /// How many arguments at least, and at most.
    count: (usize, usize),
    gives: Gives,
    run: fn(&[Value], Timestamp) -> Value,
}

/// The most arguments of a function that takes any number.
const MANY: usize = 64;

/// The function of this name; names are case-sensitive.
pub(super) fn find(name: &str) -> Option<&'static Function> {
    [texts::ALL, times::ALL, networks::ALL, ALL].into_iter().flatten().find(|function| function.name == name)
}

impl Takes {
    fn accepts(self, of: Type) -> bool {
        match self {
            Self::Any => true,
            Self::Text => matches!(of, Type::Text | Type::Dynamic),
            Self::Number => of.is_number() || of == Type::Dynamic,
            Self::Time => of == Type::Time,
            Self::Span => of == Type::Span,
            Self::Bool => matches!(of, Type::Bool | Type::Dynamic),
            Self::Dynamic => of == Type::Dynamic,
            Self::Ordered => of.is_number() || matches!(of, Type::Time | Type::Span),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Any => "scalar",
            Self::Text => "string",
            Self::Number | Self::Ordered => "numeric",
            Self::Time => "datetime",
            Self::Span => "timespan",
            Self::Bool => "bool",
            Self::Dynamic => "dynamic",
        }
    }
}

impl Function {
    /// The type of the result for arguments of these types, if they fit.
    pub(super) fn result(&self, types: &[Type]) -> Result<Type, QueryError> {
        let name = self.name;
        let (least, most) = self.count;
        if types.len() < least || types.len() > most {
            let expected = if least == most { least.to_string() } else { format!("[{least}, {most}]") };
            return Err(QueryError::semantic(format!("{name}(): function expects {expected} argument(s)")));
        }
        for (at, of) in types.iter().enumerate() {
            let Some(takes) = self.takes.get(at).or(self.takes.last()) else { continue };
            if !takes.accepts(*of) {
                let (at, takes) = (at + 1, takes.name());
                return Err(QueryError::semantic(format!(
                    "{name}(): argument #{at} expected to be a {takes} expression"
                )));
            }
        }
        match self.gives {
            Gives::This(of) => Ok(of),
            Gives::First => Ok(types[0]),
            Gives::Common => common(name, types.iter().copied()),
            Gives::Branches => {
                if types.len().is_multiple_of(2) {
                    let text = format!("{name}(): function expects an odd number of arguments");
                    return Err(QueryError::semantic(text));
                }
                let otherwise = types.len() - 1;
                for at in (0..otherwise).step_by(2) {
                    if types[at] != Type::Bool {
                        let text = format!("{name}(): argument #{} expected to be a bool expression", at + 1);
                        return Err(QueryError::semantic(text));
                    }
                }
                common(name, (1..otherwise).step_by(2).chain([otherwise]).map(|at| types[at]))
            }
        }
    }

    /// What it makes of these arguments at `now`.
    pub(super) fn run(&self, arguments: &[Value], now: Timestamp) -> Value {
        (self.run)(arguments, now)
    }
}

fn common(name: &str, types: impl Iterator<Item = Type>) -> Result<Type, QueryError> {
    let mut found: Option<Type> = None;
    for of in types {
        found = match found {
            None => Some(of),
            Some(earlier) if earlier == of => Some(of),
            Some(earlier) if earlier.is_number() && of.is_number() => {
                Some(if [earlier, of].contains(&Type::Real) { Type::Real } else { Type::Long })
            }
            Some(earlier) if comparable(earlier, of) => Some(Type::Dynamic),
            Some(earlier) => {
                let (a, b) = (earlier.name(), of.name());
                let text = format!("{name}(): the arguments must have the same type, and are of types {a} and {b}");
                return Err(QueryError::semantic(text));
            }
        };
    }
    Ok(found.unwrap_or(Type::Dynamic))
}

/// Whether there is nothing in it: no value, or no text.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        value => value.as_str().is_some_and(str::is_empty),
    }
}

/// A value as text.
pub(super) fn written(value: &Value) -> Value {
    match value {
        Value::Null => Value::text(""),
        Value::Text(_) => value.clone(),
        Value::Bool(holds) => Value::text(if *holds { "true" } else { "false" }),
        Value::Int(number) => Value::text(&number.to_string()),
        Value::Real(number) => Value::text(&number.to_string()),
        Value::Time(at) => Value::text(&literal::written_time(*at)),
        Value::Span(ticks) => Value::text(&literal::written_span(*ticks)),
        Value::Dynamic(json) => Value::text(&dynamic::written(json)),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "bounded before it is cast")]
fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Bool(holds) => Some(i64::from(*holds)),
        Value::Text(text) => match text.trim().strip_prefix("0x") {
            Some(digits) => i64::from_str_radix(digits, 16).ok(),
            None => text.trim().parse().ok(),
        },
        Value::Span(ticks) => Some(*ticks),
        Value::Time(at) => i64::try_from(literal::ticks_of(*at) - literal::ticks_of(literal::first_moment())).ok(),
        value => value.as_int().or_else(|| {
            let real = value.as_real().filter(|real| real.abs() < 9.0e18)?;
            Some(real.trunc() as i64)
        }),
    }
}

fn real(value: &Value) -> Option<f64> {
    match value {
        Value::Text(text) => text.trim().parse().ok(),
        value => value.as_real(),
    }
}

fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Int(number) => Some(*number != 0),
        Value::Text(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        },
        value => value.as_bool(),
    }
}

/// A value as one of another type; null where there is no such value.
pub(super) fn converted(value: &Value, of: Type) -> Value {
    match of {
        _ if *value == Value::Null => of.nothing(),
        Type::Text => written(value),
        Type::Bool => or_null(truth(value), Value::Bool),
        Type::Int | Type::Long => or_null(whole(value), Value::Int),
        Type::Real => or_null(real(value), Value::Real),
        Type::Time => match value {
            Value::Time(_) => value.clone(),
            other => or_null(other.as_str().and_then(literal::time), Value::Time),
        },
        Type::Span => match value {
            Value::Span(_) => value.clone(),
            other => or_null(other.as_str().and_then(literal::span), Value::Span),
        },
        Type::Dynamic => Value::dynamic(dynamic::of(value)),
    }
}

fn or_null<T>(value: Option<T>, make: fn(T) -> Value) -> Value {
    value.map_or(Value::Null, make)
}

fn branch(arguments: &[Value]) -> Value {
    for pair in arguments.chunks(2) {
        match pair {
            [condition, then] if condition.as_bool() == Some(true) => return then.clone(),
            [otherwise] => return otherwise.clone(),
            _ => {}
        }
    }
    Value::Null
}

fn extreme(arguments: &[Value], wanted: Ordering) -> Value {
    let mut found = Value::Null;
    for value in arguments.iter().filter(|value| **value != Value::Null) {
        if found == Value::Null || value.compare(&found) == Some(wanted) {
            found = value.clone();
        }
    }
    found
}

fn rounded(arguments: &[Value]) -> Value {
    let digits = arguments.get(1).and_then(Value::as_int).unwrap_or(0).clamp(-15, 15);
    let power = 10_f64.powi(i32::try_from(digits).unwrap_or_default());
    or_null(arguments[0].as_real().map(|real| (real * power).round() / power), Value::Real)
}

fn length(value: &Value) -> Value {
    match value {
        Value::Dynamic(json) => or_null(json.as_array().and_then(|items| i64::try_from(items.len()).ok()), Value::Int),
        _ => Value::Null,
    }
}

fn keys(value: &Value) -> Value {
    match value {
        Value::Dynamic(json) => or_null(json.as_object(), |entries| {
            Value::dynamic(Json::Array(entries.keys().cloned().map(Json::String).collect()))
        }),
        _ => Value::Null,
    }
}

fn holds_element(arguments: &[Value]) -> Value {
    let Value::Dynamic(json) = &arguments[0] else { return Value::Null };
    let Some(items) = json.as_array() else { return Value::Null };
    let sought = arguments[1].key();
    Value::Bool(items.iter().any(|item| dynamic::key(item) == sought))
}

static ALL: &[Function] = &[
    Function {
        name: "not",
        takes: &[Bool],
        count: (1, 1),
        gives: Gives::This(Type::Bool),
        run: |a, _| or_null(a[0].as_bool(), |holds| Value::Bool(!holds)),
    },
    Function { name: "iff", takes: &[Any], count: (3, 3), gives: Gives::Branches, run: |a, _| branch(a) },
    Function { name: "iif", takes: &[Any], count: (3, 3), gives: Gives::Branches, run: |a, _| branch(a) },
    Function { name: "case", takes: &[Any], count: (3, MANY + 1), gives: Gives::Branches, run: |a, _| branch(a) },
    Function {
        name: "coalesce",
        takes: &[Any],
        count: (2, MANY),
        gives: Gives::Common,
        run: |a, _| a.iter().find(|value| !is_empty(value)).or(a.last()).cloned().unwrap_or(Value::Null),
    },
    Function {
        name: "isempty",
        takes: &[Any],
        count: (1, 1),
        gives: Gives::This(Type::Bool),
        run: |a, _| Value::Bool(is_empty(&a[0])),
    },
    Function {
        name: "isnotempty",
        takes: &[Any],
        count: (1, 1),
        gives: Gives::This(Type::Bool),
        run: |a, _| Value::Bool(!is_empty(&a[0])),
    },
    Function {
        name: "notempty",
        takes: &[Any],
        count: (1, 1),
        gives: Gives::This(Type::Bool),
        run: |a, _| Value::Bool(!is_empty(&a[0])),
    },
    Function {
        name: "isnull",
        takes: &[Any],
        count: (1, 1),
        gives: Gives::This(Type::Bool),
        run: |a, _| Value::Bool(a[0] == Value::Null),
    },
    Function {
        name: "isnotnull",
        takes: &[Any],
        count: (1, 1),
        gives: Gives::This(Type::Bool),
        run: |a, _| Value::Bool(a[0] != Value::Null),
    },
    Function {
        name: "notnull",
        takes: &[Any],
        count: (1, 1),
        gives: Gives::This(Type::Bool),
        run: |a, _| Value::Bool(a[0] != Value::Null),
    },
    Function {
        name: "tostring",
        takes: &[Any],
        count: (1, 1),
        gives: Gives::This(Type::Text),
        run: |a, _| written(&a[0]),
    },
    Function {
        name: "toint",
        takes: &[Any],
        count: (1, 1),
        gives: Gives::This(Type::Int),
        run: |a, _| or_null(whole(&a[0]).filter(|number| i32::try_from(*number).is_ok()), Value::Int),
    },
    Function {
        name: "tolong",
        takes: &[Any],
        count: (1, 1),
        gives: Gives::This(Type::Long),
        run: |a, _| or_null(whole(&a[0]), Value::Int),
    },
    Function {
        name: "toreal",
        takes: &[Any],
        count: (1, 1),
        gives: Gives::This(Type::Real),
        run: |a, _| or_null(real(&a[0]), Value::Real),
    },
    Function {
        name: "todouble",
        takes: &[Any],
        count: (1, 1),
        gives: Gives::This(Type::Real),
        run: |a, _| or_null(real(&a[0]), Value::Real),
    },
    Function {
        name: "tobool",
        takes: &[Any],
        count: (1, 1),
        gives: Gives::This(Type::Bool),
        run: |a, _| or_null(truth(&a[0]), Value::Bool),
    },
    Function {
        name: "parse_json",
        takes: &[Text],
        count: (1, 1),
        gives: Gives::This(Type::Dynamic),
        run: |a, _| json(&a[0]),
    },
    Function {
        name: "parsejson",
        takes: &[Text],
        count: (1, 1),
        gives: Gives::This(Type::Dynamic),
        run: |a, _| json(&a[0]),
    },
    Function {
        name: "todynamic",
        takes: &[Any],
        count: (1, 1),
        gives: Gives::This(Type::Dynamic),
        run: |a, _| json(&a[0]),
    },
    Function {
        name: "array_length",
        takes: &[Dynamic],
        count: (1, 1),
        gives: Gives::This(Type::Long),
        run: |a, _| length(&a[0]),
    },
    Function {
        name: "bag_keys",
        takes: &[Dynamic],
        count: (1, 1),
        gives: Gives::This(Type::Dynamic),
        run: |a, _| keys(&a[0]),
    },
    Function {
        name: "set_has_element",
        takes: &[Dynamic, Any],
        count: (2, 2),
        gives: Gives::This(Type::Bool),
        run: |a, _| holds_element(a),
    },
    Function {
        name: "abs",
        takes: &[Number],
        count: (1, 1),
        gives: Gives::First,
        run: |a, _| match &a[0] {
            Value::Int(number) => or_null(number.checked_abs(), Value::Int),
            other => or_null(other.as_real().map(f64::abs), Value::Real),
        },
    },
    Function { name: "round", takes: &[Number], count: (1, 2), gives: Gives::This(Type::Real), run: |a, _| rounded(a) },
    Function {
        name: "min_of",
        takes: &[Any],
        count: (2, MANY),
        gives: Gives::Common,
        run: |a, _| extreme(a, Ordering::Less),
    },
    Function {
        name: "max_of",
        takes: &[Any],
        count: (2, MANY),
        gives: Gives::Common,
        run: |a, _| extreme(a, Ordering::Greater),
    },
];

/// A text as JSON; what is dynamic is so already.
fn json(value: &Value) -> Value {
    match value {
        Value::Text(text) if text.is_empty() => Value::Null,
        Value::Text(text) => dynamic::parsed(text),
        Value::Dynamic(json) => match json.as_ref() {
            Json::String(text) => dynamic::parsed(text),
            _ => value.clone(),
        },
        value => Value::dynamic(dynamic::of(value)),
    }
}
