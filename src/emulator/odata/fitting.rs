//! Which operands fit each other, and as what a literal is read beside another operand.

use jiff::{civil::Time, tz::Offset};

use crate::emulator::odata::{
    QueryError,
    expr::Expr,
    literal,
    parser::Typed,
    value::{Type, Value},
};

/// A text beside an enumeration stands for the member that it names.
pub(super) fn as_members(left: Typed, right: Typed) -> Result<(Typed, Typed), QueryError> {
    Ok(match (left.of, right.of) {
        (Type::Enum(_), Type::Text) => {
            let right = as_member(right, left.of)?;
            (left, right)
        }
        (Type::Text, Type::Enum(_)) => (as_member(left, right.of)?, right),
        _ => (left, right),
    })
}

/// As [`as_members`]; besides, a date beside a moment is its first moment in UTC, and a text beside a GUID is one.
pub(super) fn fitted(left: Typed, right: Typed) -> Result<(Typed, Typed), QueryError> {
    let (left, right) = as_members(left, right)?;
    let (left_of, right_of) = (left.of, right.of);
    Ok((converted(left, right_of), converted(right, left_of)))
}

/// A literal as a value of type `of`, if it can be read as one.
fn converted(typed: Typed, of: Type) -> Typed {
    let value = match (&typed.expr, of) {
        (Expr::Literal(Value::Date(date)), Type::Time) => {
            Offset::UTC.to_timestamp(date.to_datetime(Time::midnight())).ok().map(Value::Time)
        }
        (Expr::Literal(Value::Text(text)), Type::Guid) if typed.of == Type::Text => {
            literal::guid(text).map(Value::Text)
        }
        _ => None,
    };
    value.map_or(typed, |value| Typed { expr: Expr::Literal(value), of })
}

fn as_member(typed: Typed, of: Type) -> Result<Typed, QueryError> {
    match (typed.expr, of) {
        (Expr::Literal(Value::Text(text)), Type::Enum(enumeration)) => {
            let number = enumeration.read(&text).ok_or_else(|| no_member(&text))?;
            Ok(Typed { expr: Expr::Literal(Value::Enum(enumeration, number)), of })
        }
        (expr, _) => Ok(Typed { expr, of: typed.of }),
    }
}

pub(super) fn no_member(text: &str) -> QueryError {
    QueryError(format!("The string '{text}' is not a valid enumeration type constant."))
}

pub(super) fn incompatible(left: Type, right: Type, operator: &str) -> QueryError {
    QueryError(format!(
        "A binary operator with incompatible types was detected. Found operand types '{}' and '{}' for operator kind \
         '{operator}'.",
        left.name(),
        right.name()
    ))
}

pub(super) fn unary_misfit(of: Type, operator: &str) -> QueryError {
    QueryError(format!(
        "A unary operator with an incompatible type was detected. Found operand type '{}' for operator kind \
         '{operator}'.",
        of.name()
    ))
}
