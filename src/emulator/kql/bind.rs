//! The names and types of an expression.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::emulator::kql::{
    Columns, QueryError,
    check::{Bound, Checker},
    functions::{self, Function},
    patterns::Use,
    plan::{Expr as Checked, List, Prelude},
    syntax::{Among, Binary, Expr, Find, Items, Test},
    text,
    value::{Type, Value},
};

/// Where an expression stands: in which operator, on which columns.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) operator: &'a str,
    pub(super) columns: &'a Columns,
}

impl Place<'_> {
    pub(super) fn column(self, name: &str) -> Option<(usize, Type)> {
        self.columns.iter().enumerate().find(|(_, (column, _))| column == name).map(|(at, (_, of))| (at, *of))
    }

    /// Recorded for a name that is no column.
    pub(super) fn unresolved(self, name: &str) -> QueryError {
        let operator = self.operator;
        QueryError::semantic(format!("'{operator}' operator: Failed to resolve scalar expression named '{name}'"))
    }
}

type Typed = (Checked, Type);

fn boxed(checked: Checked) -> Box<Checked> {
    Box::new(checked)
}

impl Checker<'_> {
    /// The expression, with its type.
    pub(super) fn bind(&mut self, place: Place<'_>, expr: &Expr) -> Result<Typed, QueryError> {
        match expr {
            Expr::Literal(value, of) => Ok((Checked::Literal(value.clone()), *of)),
            Expr::Name(name) => self.named(place, name),
            Expr::Star => Err(QueryError::syntax("A recognition error occurred.")),
            Expr::Negative(inner) => {
                let (inner, of) = self.bind(place, inner)?;
                match of {
                    Type::Int | Type::Long | Type::Real | Type::Span => Ok((Checked::Negative(boxed(inner)), of)),
                    _ => Err(arithmetic(of, of)),
                }
            }
            Expr::And(all) => Ok((Checked::And(self.conditions(place, all)?), Type::Bool)),
            Expr::Or(all) => Ok((Checked::Or(self.conditions(place, all)?), Type::Bool)),
            Expr::Binary(operator, left, right) => self.binary(place, *operator, [left, right]),
            Expr::Text(test, left, right) => self.text(place, *test, [left, right]),
            Expr::Among(among, left, items) => self.among(place, *among, left, items),
            Expr::Between { negated, of, low, high } => self.between(place, *negated, [of, low, high]),
            Expr::Call(name, arguments) => self.call(place, name, arguments),
            Expr::Member(of, at) => {
                let ((of, of_type), (at, at_type)) = (self.bind(place, of)?, self.bind(place, at)?);
                if of_type != Type::Dynamic {
                    let name = of_type.name();
                    return Err(QueryError::semantic(format!(
                        "Path expression source must be of dynamic type. Received a source of type {name} instead"
                    )));
                }
                match at_type {
                    Type::Text | Type::Int | Type::Long | Type::Dynamic => {
                        Ok((Checked::Member(boxed(of), boxed(at)), Type::Dynamic))
                    }
                    of => Err(misfit("[]", of)),
                }
            }
            Expr::ToScalar(table) => {
                let plan = self.table(table)?;
                let of = plan.columns.first().map_or(Type::Text, |(_, of)| *of);
                Ok((self.slot(Prelude::First(plan)), of))
            }
        }
    }

    /// An expression that must be true or false.
    pub(super) fn condition(&mut self, place: Place<'_>, expr: &Expr) -> Result<Checked, QueryError> {
        match self.bind(place, expr)? {
            (checked, Type::Bool | Type::Dynamic) => Ok(checked),
            _ => Err(QueryError::semantic(format!("'{}' operator: A value of type bool expected", place.operator))),
        }
    }

    fn conditions(&mut self, place: Place<'_>, all: &[Expr]) -> Result<Vec<Checked>, QueryError> {
        all.iter().map(|one| self.condition(place, one)).collect()
    }

    fn named(&mut self, place: Place<'_>, name: &str) -> Result<Typed, QueryError> {
        if let Some((at, of)) = place.column(name) {
            return Ok((Checked::Column(at), of));
        }
        match self.lets.get(name) {
            Some(Bound::Scalar(checked, of)) => Ok((checked.clone(), *of)),
            _ => Err(place.unresolved(name)),
        }
    }

    fn binary(&mut self, place: Place<'_>, operator: Binary, sides: [&Expr; 2]) -> Result<Typed, QueryError> {
        let ((left, a), (right, b)) = (self.bind(place, sides[0])?, self.bind(place, sides[1])?);
        let of = match operator {
            Binary::Equal | Binary::NotEqual => comparable(a, b).then_some(Type::Bool),
            Binary::Less | Binary::AtMost | Binary::Greater | Binary::AtLeast => {
                (comparable(a, b) && a != Type::Bool).then_some(Type::Bool)
            }
            _ => return Ok((Checked::Binary(operator, boxed(left), boxed(right)), result(operator, a, b)?)),
        };
        let of = of.ok_or_else(|| incomparable(a, b))?;
        Ok((Checked::Binary(operator, boxed(left), boxed(right)), of))
    }

    fn text(&mut self, place: Place<'_>, test: Test, sides: [&Expr; 2]) -> Result<Typed, QueryError> {
        let ((left, a), (right, b)) = (self.bind(place, sides[0])?, self.bind(place, sides[1])?);
        for of in [a, b] {
            if !matches!(of, Type::Text | Type::Dynamic) {
                return Err(misfit(operator_name(test), of));
            }
        }
        if test.find != Find::Regex {
            return Ok((Checked::Text(test, boxed(left), boxed(right)), Type::Bool));
        }
        let regex = self.pattern(&right)?;
        Ok((Checked::Pattern { used: Use::Matches { negated: test.negated }, of: boxed(left), regex }, Type::Bool))
    }

    fn among(&mut self, place: Place<'_>, among: Among, left: &Expr, items: &Items) -> Result<Typed, QueryError> {
        let (left, of) = self.bind(place, left)?;
        let texts = !matches!(among, Among::In { cased: true, .. });
        if texts && !matches!(of, Type::Text | Type::Dynamic) {
            return Err(misfit(if matches!(among, Among::In { .. }) { "in~" } else { "has_any" }, of));
        }
        let cased = matches!(among, Among::In { cased: true, .. });
        let mut list = List::default();
        let table = match items {
            Items::Table(table) => Some(self.table(table)?),
            Items::Exprs(items) => match items.as_slice() {
                [Expr::Name(name)] if place.column(name).is_none() => self.known_table(name)?,
                _ => None,
            },
        };
        match (table, items) {
            (Some(plan), _) => {
                list.slot = match self.slot(Prelude::Set(plan, cased)) {
                    Checked::Slot(at) => Some(at),
                    _ => None,
                };
            }
            (None, Items::Exprs(items)) => {
                for item in items {
                    let (item, item_of) = self.bind(place, item)?;
                    if !comparable(of, item_of) {
                        return Err(incomparable(of, item_of));
                    }
                    list.add(item, cased);
                }
            }
            (None, Items::Table(_)) => {}
        }
        Ok((Checked::Among(among, boxed(left), Box::new(list)), Type::Bool))
    }

    fn between(&mut self, place: Place<'_>, negated: bool, parts: [&Expr; 3]) -> Result<Typed, QueryError> {
        let (of, a) = self.bind(place, parts[0])?;
        let ((low, b), (mut high, c)) = (self.bind(place, parts[1])?, self.bind(place, parts[2])?);
        let mut c_type = c;
        if b == Type::Time && c == Type::Span {
            high = Checked::Binary(Binary::Add, boxed(low.clone()), boxed(high));
            c_type = Type::Time;
        }
        for other in [b, c_type] {
            if !comparable(a, other) || matches!(a, Type::Text | Type::Bool) {
                return Err(incomparable(a, other));
            }
        }
        Ok((Checked::Between { negated, of: boxed(of), low: boxed(low), high: boxed(high) }, Type::Bool))
    }

    fn call(&mut self, place: Place<'_>, name: &str, arguments: &[Expr]) -> Result<Typed, QueryError> {
        if let ("column_ifexists" | "columnifexists", [Expr::Literal(Value::Text(column), _), fallback]) =
            (name, arguments)
        {
            return match place.column(column) {
                Some((at, of)) => Ok((Checked::Column(at), of)),
                None => self.bind(place, fallback),
            };
        }
        if let Some(call) = self.call_of_pattern(place, name, arguments)? {
            return Ok((call, Type::Text));
        }
        let function: &'static Function =
            functions::find(name).ok_or_else(|| QueryError::semantic(format!("Unknown function: '{name}'")))?;
        let mut bound = Vec::with_capacity(arguments.len());
        let mut types = Vec::with_capacity(arguments.len());
        for argument in arguments {
            let (argument, of) = self.bind(place, argument)?;
            bound.push(argument);
            types.push(of);
        }
        let of = function.result(&types)?;
        Ok((Checked::Call(function, bound), of))
    }
}

impl List {
    /// Adds an item: what is known is filed, arrays item by item.
    fn add(&mut self, item: Checked, cased: bool) {
        match item {
            Checked::Literal(Value::Dynamic(json)) => match json.as_ref() {
                Json::Array(items) => {
                    for item in items {
                        self.add_known(&Value::dynamic(item.clone()), cased);
                    }
                }
                _ => self.add_known(&Value::Dynamic(json), cased),
            },
            Checked::Literal(value) => self.add_known(&value, cased),
            other => self.others.push(other),
        }
    }

    fn add_known(&mut self, value: &Value, cased: bool) {
        let folded = value.as_str().map(|text| if cased { Arc::from(text) } else { Arc::from(text::folded(text)) });
        match folded {
            Some(text) => {
                self.known.insert(Value::Text(Arc::clone(&text)).key());
                self.texts.push(text);
            }
            None => {
                self.known.insert(value.key());
            }
        }
    }
}

/// Whether values of the two types can be compared.
pub(super) fn comparable(a: Type, b: Type) -> bool {
    a == b || (a.is_number() && b.is_number()) || a == Type::Dynamic || b == Type::Dynamic
}

fn incomparable(a: Type, b: Type) -> QueryError {
    let (a, b) = (a.name(), b.name());
    QueryError::semantic(format!("Cannot compare values of types {a} and {b}. Try adding explicit casts"))
}

fn misfit(operator: &str, of: Type) -> QueryError {
    QueryError::semantic(format!("Operator '{operator}' cannot be applied to an argument of type {}", of.name()))
}

fn arithmetic(a: Type, b: Type) -> QueryError {
    let (a, b) = (a.name(), b.name());
    QueryError::semantic(format!("Arithmetic expression cannot be carried-out between {a} and {b}"))
}

fn result(operator: Binary, a: Type, b: Type) -> Result<Type, QueryError> {
    let numbers = match (a, b) {
        (Type::Int, Type::Int) => Some(Type::Int),
        (Type::Real, _) | (_, Type::Real) => Some(Type::Real),
        _ => Some(Type::Long),
    };
    let of = match (operator, a, b) {
        _ if a.is_number() && b.is_number() => numbers,
        (Binary::Add | Binary::Subtract, Type::Time, Type::Span) | (Binary::Add, Type::Span, Type::Time) => {
            Some(Type::Time)
        }
        (Binary::Subtract, Type::Time, Type::Time)
        | (Binary::Add | Binary::Subtract | Binary::Modulo, Type::Span, Type::Span) => Some(Type::Span),
        (Binary::Divide, Type::Span, Type::Span) => Some(Type::Real),
        (Binary::Multiply | Binary::Divide, Type::Span, of) if of.is_number() => Some(Type::Span),
        (Binary::Multiply, of, Type::Span) if of.is_number() => Some(Type::Span),
        _ => None,
    };
    of.ok_or_else(|| arithmetic(a, b))
}

fn operator_name(test: Test) -> &'static str {
    match test.find {
        Find::Whole => "=~",
        Find::Term => "has",
        Find::TermPrefix => "hasprefix",
        Find::TermSuffix => "hassuffix",
        Find::Within => "contains",
        Find::Prefix => "startswith",
        Find::Suffix => "endswith",
        Find::Regex => "matches regex",
    }
}
