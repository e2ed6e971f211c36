//! What a property or an expression can be worth, and of which type.

use std::{borrow::Cow, cmp::Ordering};

use jiff::{SignedDuration, Timestamp, civil::Date};

use crate::emulator::odata::schema::{Schema, collection};

/// The name and members of an enumeration.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::emulator) struct Enumeration {
    /// The full name.
    pub(in crate::emulator) name: &'static str,
    /// The members, in the order of their numbers from 0 on.
    pub(in crate::emulator) members: &'static [&'static str],
}

impl Enumeration {
    /// The number of the member that `text` names, in any letter case, or whose number it is. The framework reads
    /// numbers too; the vendor's own pages write `Sha1` and `SHA1`.
    pub(in crate::emulator) fn read(&self, text: &str) -> Option<usize> {
        let by_name = self.members.iter().position(|member| member.eq_ignore_ascii_case(text));
        by_name.or_else(|| text.parse().ok().filter(|number| *number < self.members.len()))
    }
}

/// The type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::emulator) enum Type {
    Null,
    Bool,
    Int,
    Real,
    Text,
    Time,
    Date,
    Duration,
    /// Its values are texts in lower case.
    Guid,
    Enum(&'static Enumeration),
    /// Something with properties of its own.
    Complex(&'static Schema),
    /// A collection.
    Many(&'static Type),
}

impl Type {
    /// The type's name in the entity data model.
    pub(in crate::emulator) fn name(self) -> Cow<'static, str> {
        match self {
            Self::Null => "<null>".into(),
            Self::Bool => "Edm.Boolean".into(),
            Self::Int => "Edm.Int64".into(),
            Self::Real => "Edm.Double".into(),
            Self::Text => "Edm.String".into(),
            Self::Time => "Edm.DateTimeOffset".into(),
            Self::Date => "Edm.Date".into(),
            Self::Duration => "Edm.Duration".into(),
            Self::Guid => "Edm.Guid".into(),
            Self::Enum(enumeration) => enumeration.name.into(),
            Self::Complex(schema) => schema.name.into(),
            Self::Many(of) => collection(&of.name()),
        }
    }

    pub(super) fn is_number(self) -> bool {
        matches!(self, Self::Int | Self::Real | Self::Null)
    }

    /// Whether there is more to it than one value.
    pub(super) fn has_parts(self) -> bool {
        matches!(self, Self::Complex(_) | Self::Many(_))
    }

    /// Whether values of the two can be compared. What has parts can be compared with null only.
    pub(super) fn compares_with(self, other: Self) -> bool {
        (self == other && !self.has_parts())
            || self == Self::Null
            || other == Self::Null
            || (self.is_number() && other.is_number())
    }
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::emulator) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Real(f64),
    Text(String),
    Time(Timestamp),
    Date(Date),
    Duration(SignedDuration),
    Enum(&'static Enumeration, usize),
    /// Something with parts, which is not null; no more can be said of it.
    Parts,
}

impl Value {
    pub(in crate::emulator) fn type_of(&self) -> Type {
        match self {
            Self::Null | Self::Parts => Type::Null,
            Self::Bool(_) => Type::Bool,
            Self::Int(_) => Type::Int,
            Self::Real(_) => Type::Real,
            Self::Text(_) => Type::Text,
            Self::Time(_) => Type::Time,
            Self::Date(_) => Type::Date,
            Self::Duration(_) => Type::Duration,
            Self::Enum(enumeration, _) => Type::Enum(enumeration),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "ids and lengths are far below the limit of a double")]
    pub(super) fn as_real(&self) -> Option<f64> {
        match self {
            Self::Int(number) => Some(*number as f64),
            Self::Real(number) => Some(*number),
            _ => None,
        }
    }

    /// How two values compare; none where one is null or they have nothing in common.
    pub(super) fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => Some(a.cmp(b)),
            (Self::Int(a), Self::Int(b)) => Some(a.cmp(b)),
            (Self::Text(a), Self::Text(b)) => Some(a.cmp(b)),
            (Self::Time(a), Self::Time(b)) => Some(a.cmp(b)),
            (Self::Date(a), Self::Date(b)) => Some(a.cmp(b)),
            (Self::Duration(a), Self::Duration(b)) => Some(a.cmp(b)),
            (Self::Enum(_, a), Self::Enum(_, b)) => Some(a.cmp(b)),
            _ => self.as_real()?.partial_cmp(&other.as_real()?),
        }
    }

    /// The order in which rows are sorted: what is null comes first. It is total, also over numbers that are none.
    pub(in crate::emulator) fn sorts(&self, other: &Self) -> Ordering {
        self.kind().cmp(&other.kind()).then_with(|| match (self, other) {
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (Self::Real(a), Self::Real(b)) => a.total_cmp(b),
            _ => match (self.as_real(), other.as_real()) {
                // A whole number and another: the whole one comes after its equal.
                (Some(a), Some(b)) => a.total_cmp(&b).then(self.is_whole().cmp(&other.is_whole())),
                _ => self.compare(other).unwrap_or(Ordering::Equal),
            },
        })
    }

    /// The same order, in which whole and other numbers of the same size are equal.
    pub(super) fn sorts_beside(&self, other: &Self) -> Ordering {
        self.kind().cmp(&other.kind()).then_with(|| self.compare(other).unwrap_or(Ordering::Equal))
    }

    fn is_whole(&self) -> bool {
        matches!(self, Self::Int(_))
    }

    fn kind(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Bool(_) => 1,
            Self::Int(_) | Self::Real(_) => 2,
            Self::Text(_) => 3,
            Self::Time(_) => 4,
            Self::Date(_) => 5,
            Self::Duration(_) => 6,
            Self::Enum(..) => 7,
            Self::Parts => 8,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_rows_is_total_also_where_numbers_are_huge_or_none() {
        let big = 9_007_199_254_740_992;
        let values = [
            Value::Null,
            Value::Real(f64::NAN),
            Value::Real(-0.0),
            Value::Int(0),
            Value::Int(big),
            Value::Int(big + 1),
            Value::Real(9_007_199_254_740_992.0),
            Value::Text("a".into()),
            Value::Bool(true),
        ];
        for a in &values {
            assert_eq!(a.sorts(a), Ordering::Equal, "{a:?}");
            for b in &values {
                assert_eq!(a.sorts(b), b.sorts(a).reverse(), "{a:?} {b:?}");
                for c in &values {
                    let chain = a.sorts(b).is_le() && b.sorts(c).is_le();
                    assert!(!chain || a.sorts(c).is_le(), "{a:?} {b:?} {c:?}");
                }
            }
        }
    }
}
