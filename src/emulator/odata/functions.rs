//! The functions of an expression: which there are, on which types, and what they are worth.

use jiff::{civil::Time, tz::Offset};

use crate::emulator::odata::{
    QueryError,
    value::{Type, Value},
};

/// A function, by its place in [`ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::emulator) struct Function(usize);

struct Known {
    name: &'static str,
    takes: &'static [Type],
    gives: Type,
    work: fn(&[Value]) -> Option<Value>,
}

const fn known(name: &'static str, takes: &'static [Type], gives: Type, work: fn(&[Value]) -> Option<Value>) -> Known {
    Known { name, takes, gives, work }
}

/// Every function. Where one is null, so is the result.
const ALL: [Known; 24] = [
    known("contains", &[Type::Text, Type::Text], Type::Bool, |a| with_texts(a, |text, part| text.contains(part))),
    known("startswith", &[Type::Text, Type::Text], Type::Bool, |a| with_texts(a, |text, part| text.starts_with(part))),
    known("endswith", &[Type::Text, Type::Text], Type::Bool, |a| with_texts(a, |text, part| text.ends_with(part))),
    known("tolower", &[Type::Text], Type::Text, |a| Some(Value::Text(text(a, 0)?.to_lowercase()))),
    known("toupper", &[Type::Text], Type::Text, |a| Some(Value::Text(text(a, 0)?.to_uppercase()))),
    known("trim", &[Type::Text], Type::Text, |a| Some(Value::Text(text(a, 0)?.trim().to_owned()))),
    known("length", &[Type::Text], Type::Int, |a| Some(whole(text(a, 0)?.chars().count()))),
    known("indexof", &[Type::Text, Type::Text], Type::Int, index_of),
    known("substring", &[Type::Text, Type::Int], Type::Text, |a| substring(a, None)),
    known("substring", &[Type::Text, Type::Int, Type::Int], Type::Text, |a| substring(a, Some(int(a, 2)?))),
    known("concat", &[Type::Text, Type::Text], Type::Text, concat),
    known("year", &[Type::Time], Type::Int, |a| Some(Value::Int(date(a)?.year().into()))),
    known("month", &[Type::Time], Type::Int, |a| Some(Value::Int(date(a)?.month().into()))),
    known("day", &[Type::Time], Type::Int, |a| Some(Value::Int(date(a)?.day().into()))),
    known("year", &[Type::Date], Type::Int, |a| Some(Value::Int(date(a)?.year().into()))),
    known("month", &[Type::Date], Type::Int, |a| Some(Value::Int(date(a)?.month().into()))),
    known("day", &[Type::Date], Type::Int, |a| Some(Value::Int(date(a)?.day().into()))),
    known("hour", &[Type::Time], Type::Int, |a| Some(Value::Int(time(a)?.hour().into()))),
    known("minute", &[Type::Time], Type::Int, |a| Some(Value::Int(time(a)?.minute().into()))),
    known("second", &[Type::Time], Type::Int, |a| Some(Value::Int(time(a)?.second().into()))),
    known("date", &[Type::Time], Type::Date, |a| Some(Value::Date(date(a)?))),
    known("round", &[Type::Real], Type::Real, |a| Some(Value::Real(a.first()?.as_real()?.round_ties_even()))),
    known("floor", &[Type::Real], Type::Real, |a| Some(Value::Real(a.first()?.as_real()?.floor()))),
    known("ceiling", &[Type::Real], Type::Real, |a| Some(Value::Real(a.first()?.as_real()?.ceil()))),
];

impl Function {
    /// The function of this name that takes arguments of these types, and the type of its result.
    pub(super) fn find(name: &str, types: &[Type]) -> Result<(Self, Type), QueryError> {
        let mut named = ALL.iter().filter(|known| known.name == name).peekable();
        if named.peek().is_none() {
            return Err(QueryError(format!("An unknown function with name '{name}' was found.")));
        }
        let fits = |known: &Known| {
            known.name == name
                && known.takes.len() == types.len()
                && known.takes.iter().zip(types).all(|(takes, given)| {
                    takes == given || *given == Type::Null || (*takes == Type::Real && *given == Type::Int)
                })
        };
        match ALL.iter().position(fits) {
            Some(place) => Ok((Self(place), ALL[place].gives)),
            None => Err(no_signature(name, named)),
        }
    }

    /// What the function is worth.
    pub(super) fn of(self, arguments: &[Value]) -> Value {
        (ALL[self.0].work)(arguments).unwrap_or(Value::Null)
    }
}

fn no_signature<'a>(name: &str, named: impl Iterator<Item = &'a Known>) -> QueryError {
    let signatures = named.map(|known| {
        let takes = known.takes.iter().map(|of| format!("{} Nullable=true", of.name())).collect::<Vec<_>>();
        format!("{name}({})", takes.join(", "))
    });
    QueryError(format!(
        "No function signature for the function with name '{name}' matches the specified arguments. The function \
         signatures considered are: {}.",
        signatures.collect::<Vec<_>>().join("; ")
    ))
}

fn text(arguments: &[Value], place: usize) -> Option<&str> {
    match arguments.get(place)? {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

fn int(arguments: &[Value], place: usize) -> Option<i64> {
    match arguments.get(place)? {
        Value::Int(number) => Some(*number),
        _ => None,
    }
}

fn with_texts(arguments: &[Value], holds: impl Fn(&str, &str) -> bool) -> Option<Value> {
    Some(Value::Bool(holds(text(arguments, 0)?, text(arguments, 1)?)))
}

fn whole(number: usize) -> Value {
    Value::Int(i64::try_from(number).unwrap_or(i64::MAX))
}

/// Counted in characters from 0; -1 where there is none.
fn index_of(arguments: &[Value]) -> Option<Value> {
    let (text, part) = (text(arguments, 0)?, text(arguments, 1)?);
    Some(text.find(part).map_or(Value::Int(-1), |bytes| whole(text[..bytes].chars().count())))
}

/// Out of range is cut to what there is.
fn substring(arguments: &[Value], length: Option<i64>) -> Option<Value> {
    let text = text(arguments, 0)?;
    let start = usize::try_from(int(arguments, 1)?.max(0)).unwrap_or(usize::MAX);
    let length = length.map_or(usize::MAX, |length| usize::try_from(length.max(0)).unwrap_or(usize::MAX));
    Some(Value::Text(text.chars().skip(start).take(length).collect()))
}

fn concat(arguments: &[Value]) -> Option<Value> {
    Some(Value::Text(format!("{}{}", text(arguments, 0)?, text(arguments, 1)?)))
}

fn date(arguments: &[Value]) -> Option<jiff::civil::Date> {
    match arguments.first()? {
        Value::Time(time) => Some(Offset::UTC.to_datetime(*time).date()),
        Value::Date(date) => Some(*date),
        _ => None,
    }
}

fn time(arguments: &[Value]) -> Option<Time> {
    match arguments.first()? {
        Value::Time(time) => Some(Offset::UTC.to_datetime(*time).time()),
        _ => None,
    }
}
