//! The functions of expressions: `choices` (with what converts), `texts`, `times`, `networks`.
//!
//! A name that is not in these tables is refused in the recorded words, whether the service knows it or not.

mod choices;
mod networks;
mod texts;
mod times;

use jiff::Timestamp;

use crate::emulator::kql::{
    QueryError,
    bind::comparable,
    dynamic, literal,
    value::{Type, Value},
};

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
    [choices::ALL, texts::ALL, times::ALL, networks::ALL].into_iter().flatten().find(|function| function.name == name)
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
