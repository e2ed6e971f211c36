//! What a property or an expression can be worth, and of which type.

use std::cmp::Ordering;

use jiff::{Timestamp, civil::Date};

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
    Enum(&'static Enumeration),
}

impl Type {
    /// The type's name in the entity data model.
    pub(in crate::emulator) fn name(self) -> &'static str {
        match self {
            Self::Null => "<null>",
            Self::Bool => "Edm.Boolean",
            Self::Int => "Edm.Int64",
            Self::Real => "Edm.Double",
            Self::Text => "Edm.String",
            Self::Time => "Edm.DateTimeOffset",
            Self::Date => "Edm.Date",
            Self::Enum(enumeration) => enumeration.name,
        }
    }

    pub(super) fn is_number(self) -> bool {
        matches!(self, Self::Int | Self::Real | Self::Null)
    }

    /// Whether values of the two can be compared.
    pub(super) fn compares_with(self, other: Self) -> bool {
        self == other || self == Self::Null || other == Self::Null || (self.is_number() && other.is_number())
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
    Enum(&'static Enumeration, usize),
}

impl Value {
    pub(in crate::emulator) fn type_of(&self) -> Type {
        match self {
            Self::Null => Type::Null,
            Self::Bool(_) => Type::Bool,
            Self::Int(_) => Type::Int,
            Self::Real(_) => Type::Real,
            Self::Text(_) => Type::Text,
            Self::Time(_) => Type::Time,
            Self::Date(_) => Type::Date,
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
            (Self::Enum(_, a), Self::Enum(_, b)) => Some(a.cmp(b)),
            _ => self.as_real()?.partial_cmp(&other.as_real()?),
        }
    }

    /// The order in which rows are sorted: what is null comes first.
    pub(in crate::emulator) fn sorts(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Null, Self::Null) => Ordering::Equal,
            (Self::Null, _) => Ordering::Less,
            (_, Self::Null) => Ordering::Greater,
            _ => self.compare(other).unwrap_or(Ordering::Equal),
        }
    }
}
