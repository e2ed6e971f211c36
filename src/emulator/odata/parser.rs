//! From tokens to an expression whose types fit: a parser by binding powers, with a bound on depth and size.

use crate::emulator::odata::{
    QueryError,
    functions::Function,
    lexer::{self, Kind, Token},
    schema::{Column, Schema},
    value::{Type, Value},
};

/// An expression whose types were checked.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::emulator) enum Expr {
    Literal(Value),
    Property(Column),
    Not(Box<Self>),
    Negative(Box<Self>),
    Binary(Operator, Box<Self>, Box<Self>),
    In(Box<Self>, Vec<Self>),
    Call(Function, Vec<Self>),
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

/// Deeper expressions than this are refused; so are expressions of more parts than [`MOST_NODES`], each of which would
/// be worked out for every row.
const DEEPEST: usize = 100;
const MOST_NODES: usize = 1_000;

/// Reads an expression on the properties of `schema`.
pub(in crate::emulator) fn expression(text: &str, schema: &'static Schema) -> Result<(Expr, Type), QueryError> {
    let tokens = lexer::tokens(text)?;
    let mut parser = Parser { text, tokens: &tokens, next: 0, schema, depth: 0, nodes: 0 };
    let typed = parser.expression(0)?;
    match parser.peek().kind {
        Kind::End => Ok((typed.expr, typed.of)),
        _ => Err(parser.syntax()),
    }
}

struct Typed {
    expr: Expr,
    of: Type,
}

struct Parser<'a> {
    text: &'a str,
    tokens: &'a [Token],
    next: usize,
    schema: &'static Schema,
    depth: usize,
    nodes: usize,
}

/// How tightly an operator binds: the more, the tighter. `not` and the sign bind as [`UNARY`], `in` tighter still.
fn binding(word: &str) -> Option<(Operator, u8)> {
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

const UNARY: u8 = 7;
const IN: u8 = 8;

impl Operator {
    /// The framework's name of it in error texts.
    fn name(self) -> &'static str {
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
    fn result(self, left: Type, right: Type) -> Option<Type> {
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

impl Parser<'_> {
    fn peek(&self) -> &Token {
        &self.tokens[self.next.min(self.tokens.len() - 1)]
    }

    fn take(&mut self) -> Kind {
        let kind = self.peek().kind.clone();
        self.next += 1;
        kind
    }

    fn syntax(&self) -> QueryError {
        QueryError(format!("Syntax error at position {} in '{}'.", self.peek().at, self.text))
    }

    fn expected(&self, what: &str) -> QueryError {
        QueryError(format!("{what} expected at position {} in '{}'.", self.peek().at, self.text))
    }

    /// Makes a node, and refuses one too many.
    fn node(&mut self, expr: Expr, of: Type) -> Result<Typed, QueryError> {
        self.nodes += 1;
        if self.nodes > MOST_NODES {
            return Err(QueryError(format!("The node count limit of '{MOST_NODES}' has been exceeded.")));
        }
        Ok(Typed { expr, of })
    }

    /// An expression of operators that bind at least as tightly as `least`.
    fn expression(&mut self, least: u8) -> Result<Typed, QueryError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(QueryError("Recursion depth exceeded allowed limit.".to_owned()));
        }
        let mut left = self.operand()?;
        while let Kind::Word(word) = &self.peek().kind {
            if word == "in" && least <= IN {
                self.next += 1;
                left = self.membership(left)?;
            } else if let Some((operator, power)) = binding(word).filter(|(_, power)| *power >= least) {
                self.next += 1;
                let right = self.expression(power + 1)?;
                left = self.binary(operator, left, right)?;
            } else {
                break;
            }
        }
        self.depth -= 1;
        Ok(left)
    }

    fn operand(&mut self) -> Result<Typed, QueryError> {
        match self.take() {
            Kind::Open => {
                let inner = self.expression(0)?;
                self.close()?;
                Ok(inner)
            }
            Kind::Minus => {
                let inner = self.expression(UNARY)?;
                let fits = inner.of.is_number();
                if !fits {
                    return Err(unary_misfit(inner.of, "Negate"));
                }
                self.node(Expr::Negative(Box::new(inner.expr)), inner.of)
            }
            Kind::Word(word) => self.word(&word),
            Kind::Enum(name, member) => self.enumerated(&name, &member),
            Kind::Text(text) => self.node(Expr::Literal(Value::Text(text)), Type::Text),
            Kind::Int(number) => self.node(Expr::Literal(Value::Int(number)), Type::Int),
            Kind::Real(number) => self.node(Expr::Literal(Value::Real(number)), Type::Real),
            Kind::Time(time) => self.node(Expr::Literal(Value::Time(time)), Type::Time),
            Kind::Date(date) => self.node(Expr::Literal(Value::Date(date)), Type::Date),
            Kind::Close | Kind::Comma | Kind::End => {
                self.next -= 1;
                Err(self.expected("Expression"))
            }
        }
    }

    fn word(&mut self, word: &str) -> Result<Typed, QueryError> {
        let literal = match word {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Null,
            "not" => {
                let inner = self.expression(UNARY)?;
                if !matches!(inner.of, Type::Bool | Type::Null) {
                    return Err(unary_misfit(inner.of, "Not"));
                }
                return self.node(Expr::Not(Box::new(inner.expr)), Type::Bool);
            }
            _ if self.peek().kind == Kind::Open => return self.call(word),
            _ => return self.property(word),
        };
        let of = literal.type_of();
        self.node(Expr::Literal(literal), of)
    }

    fn property(&mut self, path: &str) -> Result<Typed, QueryError> {
        let path = path.strip_prefix("$it/").unwrap_or(path);
        let (navigated, schema, name) = match path.split_once('/') {
            Some((first, rest)) if first == self.schema.navigation && self.schema.single.is_some() => {
                (true, self.schema.single.unwrap_or(self.schema), rest)
            }
            _ => (false, self.schema, path),
        };
        let Some((index, of)) = schema.property(name) else { return Err(QueryError(schema.no_property(name))) };
        self.node(Expr::Property(Column { navigated, index }), of)
    }

    fn enumerated(&mut self, name: &str, member: &str) -> Result<Typed, QueryError> {
        let schemas = [Some(self.schema), self.schema.single];
        let properties = schemas.into_iter().flatten().flat_map(|schema| schema.properties);
        let found = properties.filter_map(|(_, of)| match of {
            Type::Enum(enumeration) if enumeration.name == name => Some(*enumeration),
            _ => None,
        });
        let Some(enumeration) = found.into_iter().next() else { return Err(self.syntax()) };
        let number = enumeration.read(member).ok_or_else(|| no_member(&format!("{name}'{member}'")))?;
        self.node(Expr::Literal(Value::Enum(enumeration, number)), Type::Enum(enumeration))
    }

    fn call(&mut self, name: &str) -> Result<Typed, QueryError> {
        self.next += 1;
        let arguments = self.list()?;
        let types: Vec<_> = arguments.iter().map(|argument| argument.of).collect();
        let (function, of) = Function::find(name, &types)?;
        self.node(Expr::Call(function, arguments.into_iter().map(|argument| argument.expr).collect()), of)
    }

    /// Expressions with commas between them, up to and with the closing parenthesis.
    fn list(&mut self) -> Result<Vec<Typed>, QueryError> {
        let mut items = Vec::new();
        if self.peek().kind == Kind::Close {
            self.next += 1;
            return Ok(items);
        }
        loop {
            items.push(self.expression(0)?);
            if self.peek().kind != Kind::Comma {
                self.close()?;
                return Ok(items);
            }
            self.next += 1;
        }
    }

    fn close(&mut self) -> Result<(), QueryError> {
        if self.peek().kind != Kind::Close {
            return Err(self.expected("')' or operator"));
        }
        self.next += 1;
        Ok(())
    }

    fn binary(&mut self, operator: Operator, left: Typed, right: Typed) -> Result<Typed, QueryError> {
        let (left, right) = as_members(left, right)?;
        let Some(of) = operator.result(left.of, right.of) else {
            return Err(QueryError(format!(
                "A binary operator with incompatible types was detected. Found operand types '{}' and '{}' for \
                 operator kind '{}'.",
                left.of.name(),
                right.of.name(),
                operator.name()
            )));
        };
        self.node(Expr::Binary(operator, Box::new(left.expr), Box::new(right.expr)), of)
    }

    fn membership(&mut self, left: Typed) -> Result<Typed, QueryError> {
        if self.take() != Kind::Open {
            self.next -= 1;
            return Err(self.expected("'('"));
        }
        let items = self.list()?;
        let (expr, of) = (left.expr, left.of);
        let mut fitting = Vec::new();
        for item in items {
            let (left, item) = as_members(Typed { expr: Expr::Literal(Value::Null), of }, item)?;
            if !left.of.compares_with(item.of) {
                return Err(QueryError(format!(
                    "The operand types '{}' and '{}' of the operator 'in' do not fit.",
                    left.of.name(),
                    item.of.name()
                )));
            }
            fitting.push(item.expr);
        }
        self.node(Expr::In(Box::new(expr), fitting), Type::Bool)
    }
}

/// A text beside an enumeration stands for the member that it names.
fn as_members(left: Typed, right: Typed) -> Result<(Typed, Typed), QueryError> {
    Ok(match (left.of, right.of) {
        (Type::Enum(_), Type::Text) => {
            let right = as_member(right, left.of)?;
            (left, right)
        }
        (Type::Text, Type::Enum(_)) => (as_member(left, right.of)?, right),
        _ => (left, right),
    })
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

fn no_member(text: &str) -> QueryError {
    QueryError(format!("The string '{text}' is not a valid enumeration type constant."))
}

fn unary_misfit(of: Type, operator: &str) -> QueryError {
    QueryError(format!(
        "A unary operator with an incompatible type was detected. Found operand type '{}' for operator kind \
         '{operator}'.",
        of.name()
    ))
}
