//! What an expression is worth on a row.
//!
//! Logic is three-valued: of two nulls nobody knows whether they are equal, a null is not equal to a value, and any
//! other comparison with null is null. A row passes `where` only where it is true.

use std::{cell::Cell, cmp::Ordering, collections::HashSet};

use jiff::Timestamp;

use crate::emulator::kql::{
    dynamic, literal,
    plan::{Expr, List},
    syntax::{Among, Binary, Find},
    text,
    value::{Key, Value},
};

/// How much work may still be done.
#[derive(Debug)]
pub(super) struct Budget(Cell<u64>);

impl Budget {
    pub(super) fn new(units: u64) -> Self {
        Self(Cell::new(units))
    }

    pub(super) fn spend(&self, units: usize) {
        let units = u64::try_from(units).unwrap_or(u64::MAX);
        self.0.set(self.0.get().saturating_sub(units));
    }

    pub(super) fn is_spent(&self) -> bool {
        self.0.get() == 0
    }
}

/// What was worked out beforehand.
#[derive(Debug)]
pub(super) enum Slot {
    Value(Value),
    Set { keys: HashSet<Key>, texts: Vec<Value> },
}

/// What an expression sees besides its row.
#[derive(Debug)]
pub(super) struct Context<'a> {
    pub(super) now: Timestamp,
    pub(super) slots: &'a [Slot],
    pub(super) budget: &'a Budget,
}

/// Texts of this many bytes cost one unit more.
const BYTES_A_UNIT: usize = 64;

/// Whether `row` passes a condition.
pub(super) fn passes(condition: &Expr, row: &[Value], context: &Context<'_>) -> bool {
    value(condition, row, context).as_bool() == Some(true)
}

/// What `expr` is worth on `row`. Once the budget is spent, everything is null: whoever calls looks at it.
pub(super) fn value(expr: &Expr, row: &[Value], context: &Context<'_>) -> Value {
    context.budget.spend(1);
    if context.budget.is_spent() {
        return Value::Null;
    }
    let of = |expr: &Expr| value(expr, row, context);
    match expr {
        Expr::Literal(literal) => literal.clone(),
        Expr::Column(at) => row.get(*at).cloned().unwrap_or(Value::Null),
        Expr::Slot(at) => match context.slots.get(*at) {
            Some(Slot::Value(value)) => value.clone(),
            _ => Value::Null,
        },
        Expr::Negative(inner) => match of(inner) {
            Value::Int(number) => number.checked_neg().map_or(Value::Null, Value::Int),
            Value::Real(number) => Value::Real(-number),
            Value::Span(ticks) => ticks.checked_neg().map_or(Value::Null, Value::Span),
            _ => Value::Null,
        },
        Expr::And(all) => logic(all.iter().map(of), false),
        Expr::Or(all) => logic(all.iter().map(of), true),
        Expr::Binary(operator, left, right) => binary(*operator, &of(left), &of(right)),
        Expr::Text(test, left, right) => {
            let (left, right) = (searched(of(left)), searched(of(right)));
            let (Some(left), Some(right)) = (left.as_str(), right.as_str()) else { return Value::Bool(test.negated) };
            context.budget.spend((left.len() + right.len()) / BYTES_A_UNIT);
            Value::Bool(text::holds(*test, left, right))
        }
        Expr::Pattern { used, of: inner, regex } => {
            let inner = of(inner);
            let text = inner.as_str().unwrap_or_default();
            let made = used.of(regex, text);
            context.budget.spend((text.len() + made.weight()) / BYTES_A_UNIT * 8);
            made
        }
        Expr::Among(among, left, list) => {
            let others: Vec<Value> = list.others.iter().map(of).collect();
            Value::Bool(is_among(*among, &of(left), (list, &others), context))
        }
        Expr::Between { negated, of: inner, low, high } => {
            let inner = of(inner);
            let within = inner.compare(&of(low)).zip(inner.compare(&of(high)));
            within.map_or(Value::Null, |(low, high)| Value::Bool((low.is_ge() && high.is_le()) != *negated))
        }
        Expr::Call(function, arguments) => {
            let arguments: Vec<_> = arguments.iter().map(of).collect();
            let before: usize = arguments.iter().map(Value::weight).sum();
            let made = function.run(&arguments, context.now);
            context.budget.spend((before + made.weight()) / BYTES_A_UNIT);
            made
        }
        Expr::Member(inner, at) => match of(inner) {
            Value::Dynamic(json) => {
                let found = dynamic::member(&json, &of(at));
                context.budget.spend(found.weight() / BYTES_A_UNIT);
                found
            }
            _ => Value::Null,
        },
    }
}

/// What texts are looked for in: of an object or array, its JSON.
fn searched(value: Value) -> Value {
    match value {
        Value::Dynamic(json) if !json.is_string() => Value::text(&dynamic::written(&json)),
        other => other,
    }
}

/// `and` and `or`: one part that is `decisive` settles it, whatever the others are.
fn logic(parts: impl Iterator<Item = Value>, decisive: bool) -> Value {
    let mut known = true;
    for part in parts {
        match part.as_bool() {
            Some(holds) if holds == decisive => return Value::Bool(decisive),
            Some(_) => {}
            None => known = false,
        }
    }
    if known { Value::Bool(!decisive) } else { Value::Null }
}

fn is_among(among: Among, left: &Value, (list, others): (&List, &[Value]), context: &Context<'_>) -> bool {
    let slot = list.slot.and_then(|at| context.slots.get(at));
    match among {
        Among::In { cased, negated } => {
            let fold = |value: &Value| match value.as_str() {
                Some(text) if !cased => Value::text(&text::folded(text)).key(),
                Some(text) => Value::text(text).key(),
                None => value.key(),
            };
            let sought = fold(left);
            context.budget.spend(others.len());
            let in_slot = matches!(slot, Some(Slot::Set { keys, .. }) if keys.contains(&sought));
            let found = sought != Key::Null
                && (list.known.contains(&sought)
                    || in_slot
                    || others.iter().any(|other| among_others(other, &sought, &fold)));
            found != negated
        }
        Among::HasAny | Among::HasAll => {
            let left = searched(left.clone());
            let Some(left) = left.as_str() else { return false };
            let left = text::folded(left);
            let of_slot: &[Value] = if let Some(Slot::Set { texts, .. }) = slot { texts } else { &[] };
            let count = list.texts.len() + of_slot.len() + others.len();
            context.budget.spend(count * (1 + left.len() / BYTES_A_UNIT));
            let known = list.texts.iter().map(AsRef::as_ref);
            let worked_out = of_slot.iter().chain(others).filter_map(Value::as_str);
            let has = |sought: &str| text::found(Find::Term, &left, &text::folded(sought));
            let mut all = known.chain(worked_out);
            if among == Among::HasAny { all.any(has) } else { all.all(has) }
        }
    }
}

/// Whether an item that was worked out for this row, or one within it if it is an array, is the one that is sought.
fn among_others(other: &Value, sought: &Key, fold: &impl Fn(&Value) -> Key) -> bool {
    if let Value::Dynamic(json) = other
        && let Some(items) = json.as_array()
    {
        return items.iter().any(|item| fold(&Value::dynamic(item.clone())) == *sought);
    }
    fold(other) == *sought
}

fn binary(operator: Binary, left: &Value, right: &Value) -> Value {
    let nulls = usize::from(*left == Value::Null) + usize::from(*right == Value::Null);
    let ordered =
        |holds: fn(Ordering) -> bool| left.compare(right).map_or(Value::Null, |order| Value::Bool(holds(order)));
    match operator {
        Binary::Equal | Binary::NotEqual if nulls == 2 => Value::Null,
        Binary::Equal => Value::Bool(equal(left, right)),
        Binary::NotEqual => Value::Bool(!equal(left, right)),
        Binary::Less => ordered(Ordering::is_lt),
        Binary::AtMost => ordered(Ordering::is_le),
        Binary::Greater => ordered(Ordering::is_gt),
        Binary::AtLeast => ordered(Ordering::is_ge),
        _ => arithmetic(operator, left, right).unwrap_or(Value::Null),
    }
}

fn equal(left: &Value, right: &Value) -> bool {
    match left.compare(right) {
        Some(order) => order.is_eq(),
        None => *left != Value::Null && left.key() == right.key(),
    }
}

fn arithmetic(operator: Binary, left: &Value, right: &Value) -> Option<Value> {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => whole(operator, *left, *right).map(Value::Int),
        (Value::Span(left), Value::Span(right)) if operator == Binary::Divide => ratio(*left, *right),
        (Value::Span(left), Value::Span(right)) => whole(operator, *left, *right).map(Value::Span),
        (Value::Time(left), Value::Time(right)) => {
            let span = literal::ticks_of(*left) - literal::ticks_of(*right);
            i64::try_from(span).ok().map(Value::Span)
        }
        (Value::Time(at), Value::Span(span)) | (Value::Span(span), Value::Time(at)) => {
            let sign = if operator == Binary::Subtract { -1 } else { 1 };
            literal::of_ticks(literal::ticks_of(*at) + sign * i128::from(*span)).map(Value::Time)
        }
        (Value::Span(span), number) | (number, Value::Span(span)) => scaled(operator, *span, number),
        _ => {
            let (left, right) = (left.as_real()?, right.as_real()?);
            Some(Value::Real(match operator {
                Binary::Add => left + right,
                Binary::Subtract => left - right,
                Binary::Multiply => left * right,
                Binary::Divide => left / right,
                _ => left % right,
            }))
        }
    }
}

fn whole(operator: Binary, left: i64, right: i64) -> Option<i64> {
    match operator {
        Binary::Add => left.checked_add(right),
        Binary::Subtract => left.checked_sub(right),
        Binary::Multiply => left.checked_mul(right),
        Binary::Divide => left.checked_div(right),
        _ => left.checked_rem(right),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a ratio is a double")]
fn ratio(left: i64, right: i64) -> Option<Value> {
    (right != 0).then(|| Value::Real(left as f64 / right as f64))
}

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "bounded before it is cast")]
fn scaled(operator: Binary, span: i64, number: &Value) -> Option<Value> {
    if let (Value::Int(number), Binary::Multiply) = (number, operator) {
        return span.checked_mul(*number).map(Value::Span);
    }
    let number = number.as_real()?;
    let ticks = if operator == Binary::Divide { span as f64 / number } else { span as f64 * number };
    (ticks.abs() < 9.0e18).then_some(Value::Span(ticks as i64))
}
