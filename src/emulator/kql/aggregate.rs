//! What `summarize` makes of many rows.

use std::{cmp::Ordering, collections::HashSet};

use serde_json::Value as Json;

use crate::emulator::kql::{
    QueryError, dynamic,
    eval::{self, Context},
    plan::Expr,
    value::{Key, Type, Value},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Count,
    DistinctCount,
    Sum,
    Average,
    Min,
    Max,
    /// Some row's values.
    Any,
    /// The values of the row with the largest first one.
    ArgMax,
    ArgMin,
    Set,
    List,
}

/// An aggregate of a group's rows.
#[derive(Debug)]
pub(super) struct Aggregate {
    pub(super) kind: Kind,
    pub(super) arguments: Vec<Expr>,
    /// Only rows of which this is true count.
    pub(super) only: Option<Expr>,
    /// The types of its results; most have one.
    pub(super) results: Vec<Type>,
    /// How many values a set or list may hold.
    pub(super) most: usize,
}

/// The aggregate of this name, and whether its last argument is a condition.
pub(super) fn find(name: &str) -> Option<(Kind, bool)> {
    Some(match name {
        "count" => (Kind::Count, false),
        "countif" => (Kind::Count, true),
        "dcount" | "count_distinct" => (Kind::DistinctCount, false),
        "dcountif" | "count_distinctif" => (Kind::DistinctCount, true),
        "sum" => (Kind::Sum, false),
        "sumif" => (Kind::Sum, true),
        "avg" => (Kind::Average, false),
        "avgif" => (Kind::Average, true),
        "min" => (Kind::Min, false),
        "minif" => (Kind::Min, true),
        "max" => (Kind::Max, false),
        "maxif" => (Kind::Max, true),
        "any" | "take_any" => (Kind::Any, false),
        "anyif" | "take_anyif" => (Kind::Any, true),
        "arg_max" => (Kind::ArgMax, false),
        "arg_min" => (Kind::ArgMin, false),
        "make_set" | "makeset" => (Kind::Set, false),
        "make_set_if" => (Kind::Set, true),
        "make_list" | "makelist" => (Kind::List, false),
        "make_list_if" => (Kind::List, true),
        _ => return None,
    })
}

impl Kind {
    /// What stands before the column's name in the name of the result.
    pub(super) fn prefix(self, name: &str) -> String {
        match self {
            Self::Set => "set".to_owned(),
            Self::List => "list".to_owned(),
            _ => name.to_owned(),
        }
    }

    /// The type of the result for an argument of type `of`.
    pub(super) fn result(self, name: &str, of: Option<Type>) -> Result<Type, QueryError> {
        let misfit = || QueryError::semantic(format!("{name}(): argument #1 expected to be a numeric expression"));
        if self == Self::Count {
            return Ok(Type::Long);
        }
        Ok(match (self, of) {
            (_, None) => return Err(QueryError::semantic(format!("{name}(): function expects 1 argument(s)"))),
            (Self::DistinctCount, _) | (Self::Sum, Some(Type::Int | Type::Long)) => Type::Long,
            (Self::Sum | Self::Average, Some(of @ (Type::Real | Type::Span))) => of,
            (Self::Average, Some(Type::Int | Type::Long)) => Type::Real,
            (Self::Sum | Self::Average, _) => return Err(misfit()),
            (Self::Set | Self::List, _) => Type::Dynamic,
            (_, Some(of)) => of,
        })
    }
}

/// What has been seen of a group.
#[derive(Debug)]
pub(super) enum State {
    Count(i64),
    Keys(HashSet<Key>),
    Sum { total: Value, count: i64 },
    Row(Option<Vec<Value>>),
    Items { seen: HashSet<Key>, items: Vec<Json> },
}

impl Aggregate {
    pub(super) fn start(&self) -> State {
        match self.kind {
            Kind::Count => State::Count(0),
            Kind::DistinctCount => State::Keys(HashSet::new()),
            Kind::Sum | Kind::Average => State::Sum { total: Value::Null, count: 0 },
            Kind::Min | Kind::Max | Kind::Any | Kind::ArgMax | Kind::ArgMin => State::Row(None),
            Kind::Set | Kind::List => State::Items { seen: HashSet::new(), items: Vec::new() },
        }
    }

    pub(super) fn see(&self, state: &mut State, row: &[Value], context: &Context<'_>) {
        if self.only.as_ref().is_some_and(|only| !eval::passes(only, row, context)) {
            return;
        }
        let first = self.arguments.first().map_or(Value::Null, |first| eval::value(first, row, context));
        match state {
            State::Count(count) => *count += 1,
            _ if first == Value::Null => {}
            State::Keys(keys) => {
                keys.insert(first.key());
            }
            State::Sum { total, count } => {
                *count += 1;
                *total = sum(total, &first);
            }
            State::Row(kept) => {
                let better = match (self.kind, kept.as_ref().and_then(|kept| first.compare(&kept[0]))) {
                    (Kind::Any, order) => kept.is_none() && order.is_none(),
                    (Kind::Min | Kind::ArgMin, order) => kept.is_none() || order == Some(Ordering::Less),
                    (_, order) => kept.is_none() || order == Some(Ordering::Greater),
                };
                if better {
                    let rest = self.arguments[1..].iter().map(|argument| eval::value(argument, row, context));
                    *kept = Some(std::iter::once(first).chain(rest).collect());
                }
            }
            State::Items { seen, items } => {
                if items.len() < self.most && (self.kind == Kind::List || seen.insert(first.key())) {
                    context.budget.spend(first.weight() / 16);
                    items.push(dynamic::of(&first));
                }
            }
        }
    }

    /// The results of a group.
    pub(super) fn finish(&self, state: State) -> Vec<Value> {
        match state {
            State::Count(count) => vec![Value::Int(count)],
            State::Keys(keys) => vec![Value::Int(i64::try_from(keys.len()).unwrap_or(i64::MAX))],
            State::Sum { total, count } => vec![match (self.kind, total) {
                (Kind::Sum, Value::Null) if self.results != [Type::Span] => Value::Int(0),
                (Kind::Sum, total) => total,
                (_, Value::Span(total)) => Value::Span(total / count.max(1)),
                (_, total) => mean(&total, count),
            }],
            State::Row(Some(kept)) => kept,
            State::Row(None) => self.results.iter().map(|of| of.nothing()).collect(),
            State::Items { items, .. } => vec![Value::dynamic(Json::Array(items))],
        }
    }
}

fn sum(total: &Value, more: &Value) -> Value {
    match (total, more) {
        (Value::Null, more) => more.clone(),
        (Value::Int(total), Value::Int(more)) => Value::Int(total.wrapping_add(*more)),
        (Value::Span(total), Value::Span(more)) => Value::Span(total.wrapping_add(*more)),
        (total, more) => Value::Real(total.as_real().unwrap_or_default() + more.as_real().unwrap_or_default()),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a mean is a double, and no table has as many rows as it can count")]
fn mean(total: &Value, count: i64) -> Value {
    total.as_real().filter(|_| count > 0).map_or(Value::Null, |total| Value::Real(total / count as f64))
}
