//! An expression, and its operators.

use crate::emulator::odata::{
    functions::Function,
    schema::{Column, Path},
    value::{Type, Value},
};

/// An expression whose types were checked.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::emulator) enum Expr {
    Literal(Value),
    Property(Column),
    /// A property of the row, by its path.
    Path(Path),
    /// A property of the member of a collection that a lambda looks at.
    Member(Path),
    Not(Box<Self>),
    Negative(Box<Self>),
    Binary(Operator, Box<Self>, Box<Self>),
    In(Box<Self>, Vec<Self>),
    /// One of these, which are sorted.
    Among(Box<Self>, Vec<Value>),
    /// Whether any member of a collection, or all of them, fit.
    Lambda(Quantity, Path, Option<Box<Self>>),
    Call(Function, Vec<Self>),
}

/// How many members of a collection have to fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::emulator) enum Quantity {
    Any,
    All,
}

/// An operator between two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::emulator) enum Operator {
    Or,
    And,
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
    Add,
    Sub,
    Mul,
    Div,
    Mod,
}

/// How tightly an operator binds: the more, the tighter. `not` and the sign bind as [`UNARY`], `in` tighter still.
pub(super) fn binding(word: &str) -> Option<(Operator, u8)> {
    Some(match word {
        "or" => (Operator::Or, 1),
        "and" => (Operator::And, 2),
        "eq" => (Operator::Eq, 3),
        "ne" => (Operator::Ne, 3),
        "gt" => (Operator::Gt, 4),
        "ge" => (Operator::Ge, 4),
        "lt" => (Operator::Lt, 4),
        "le" => (Operator::Le, 4),
        "add" => (Operator::Add, 5),
        "sub" => (Operator::Sub, 5),
        "mul" => (Operator::Mul, 6),
        "div" => (Operator::Div, 6),
        "mod" => (Operator::Mod, 6),
        _ => return None,
    })
}

pub(super) const UNARY: u8 = 7;
pub(super) const IN: u8 = 8;

impl Operator {
    /// The framework's name of it in error texts.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Or => "Or",
            Self::And => "And",
            Self::Eq => "Equal",
            Self::Ne => "NotEqual",
            Self::Gt => "GreaterThan",
            Self::Ge => "GreaterThanOrEqual",
            Self::Lt => "LessThan",
            Self::Le => "LessThanOrEqual",
            Self::Add => "Add",
            Self::Sub => "Subtract",
            Self::Mul => "Multiply",
            Self::Div => "Divide",
            Self::Mod => "Modulo",
        }
    }

    /// The type of the result, if operands of these types fit.
    pub(super) fn result(self, left: Type, right: Type) -> Option<Type> {
        let both = |holds: fn(Type) -> bool| holds(left) && holds(right);
        match self {
            Self::Or | Self::And => both(|of| matches!(of, Type::Bool | Type::Null)).then_some(Type::Bool),
            Self::Eq | Self::Ne => left.compares_with(right).then_some(Type::Bool),
            Self::Gt | Self::Ge | Self::Lt | Self::Le => {
                let ordered = !matches!((left, right), (Type::Bool, _) | (_, Type::Bool));
                (ordered && left.compares_with(right)).then_some(Type::Bool)
            }
            Self::Add | Self::Sub | Self::Mul | Self::Div | Self::Mod => {
                let whole = both(|of| matches!(of, Type::Int | Type::Null));
                both(Type::is_number).then_some(if whole { Type::Int } else { Type::Real })
            }
        }
    }
}
