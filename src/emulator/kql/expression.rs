//! From tokens to an expression: a parser by binding powers, with a bound on depth.

use serde_json::{Map, Value as Json};

use crate::emulator::kql::{
    QueryError, dynamic,
    lexer::{Token, unrecognized},
    parser::Parser,
    syntax::{Among, Binary, Expr, Find, Items, Test},
    value::{Type, Value},
};

/// An operator between two operands, and how tightly it binds.
#[derive(Clone, Copy)]
enum Between {
    Or,
    And,
    Binary(Binary),
    Text(Test),
    Among(Among),
    Range { negated: bool },
}

const OR: u8 = 1;
const AND: u8 = 2;
const COMPARE: u8 = 3;
const SUM: u8 = 4;
const PRODUCT: u8 = 5;
const SIGN: u8 = 6;

impl Parser {
    /// An expression.
    pub(super) fn expression(&mut self) -> Result<Expr, QueryError> {
        Ok(self.operation(OR)?.0)
    }

    /// An expression of operators that bind at least as tightly as `least`, and how deep it is.
    fn operation(&mut self, least: u8) -> Result<(Expr, usize), QueryError> {
        self.deeper()?;
        let (mut left, mut depth) = self.operand()?;
        while let Some((operator, power, words)) = self.between().filter(|(_, power, _)| *power >= least) {
            self.skip(words);
            let next = match operator {
                Between::Range { negated } => self.range(left, negated)?,
                Between::Among(among) => {
                    let (items, inside) = self.items()?;
                    (Expr::Among(among, Box::new(left), items), inside)
                }
                operator => {
                    let (right, inside) = self.operation(power + 1)?;
                    (joined(operator, left, right), inside)
                }
            };
            left = next.0;
            // A chain of `and` or of `or` is one node; any other grows to the left, a level for each of its parts.
            let level = usize::from(!matches!(left, Expr::And(_) | Expr::Or(_)));
            depth = self.level(depth.max(next.1), level)?;
        }
        self.shallower();
        Ok((left, depth))
    }

    /// The operator that comes next, how tightly it binds, and of how many tokens it is.
    fn between(&self) -> Option<(Between, u8, usize)> {
        match self.peek() {
            Token::Sign(sign) => by_sign(sign),
            Token::Word(word) if word == "matches" && self.is_word(1, "regex") => {
                let test = Test { find: Find::Regex, cased: true, negated: false };
                Some((Between::Text(test), COMPARE, 2))
            }
            Token::Word(word) => by_word(word),
            _ => None,
        }
    }

    fn range(&mut self, of: Expr, negated: bool) -> Result<(Expr, usize), QueryError> {
        self.need("(")?;
        let (low, a) = self.operation(SUM)?;
        self.need("..")?;
        let (high, b) = self.operation(SUM)?;
        self.need(")")?;
        Ok((Expr::Between { negated, of: Box::new(of), low: Box::new(low), high: Box::new(high) }, a.max(b)))
    }

    /// What stands in brackets after `in` and its kin.
    fn items(&mut self) -> Result<(Items, usize), QueryError> {
        self.need("(")?;
        if self.begins_table() {
            let table = self.nested()?;
            self.need(")")?;
            return Ok((Items::Table(Box::new(table)), 1));
        }
        let (items, depth) = self.arguments()?;
        Ok((Items::Exprs(items), depth))
    }

    /// Expressions up to the closing bracket, which is taken.
    fn arguments(&mut self) -> Result<(Vec<Expr>, usize), QueryError> {
        let (mut items, mut depth) = (Vec::new(), 0);
        if self.takes(")") {
            return Ok((items, depth));
        }
        loop {
            let (item, inside) = if self.takes("*") { (Expr::Star, 0) } else { self.operation(OR)? };
            items.push(item);
            depth = depth.max(inside);
            if self.takes(")") {
                return Ok((items, depth));
            }
            self.need(",")?;
        }
    }

    fn operand(&mut self) -> Result<(Expr, usize), QueryError> {
        let (mut left, mut depth) = match self.take() {
            Token::Sign("(") => {
                let inner = self.operation(OR)?;
                self.need(")")?;
                inner
            }
            Token::Sign("-") => {
                let (inner, depth) = self.operation(SIGN)?;
                (Expr::Negative(Box::new(inner)), self.level(depth, 1)?)
            }
            Token::Sign("+") => self.operation(SIGN)?,
            Token::Sign("*") => (Expr::Star, 0),
            Token::Literal(value, of) => (Expr::Literal(value, of), 0),
            Token::Quoted(name) => (Expr::Name(name), 0),
            Token::Word(word) => self.word(word)?,
            Token::End => return Err(QueryError::syntax("The incomplete fragment is unexpected")),
            Token::Sign(_) => return Err(unrecognized()),
        };
        loop {
            let at = if self.takes(".") {
                match self.take() {
                    Token::Word(word) => Expr::Literal(Value::text(&word), Type::Text),
                    Token::Quoted(name) => Expr::Literal(Value::text(&name), Type::Text),
                    _ => return Err(unrecognized()),
                }
            } else if let Token::Quoted(name) = self.peek() {
                let name = Value::text(name);
                self.take();
                Expr::Literal(name, Type::Text)
            } else if self.takes("[") {
                let (at, inside) = self.operation(OR)?;
                self.need("]")?;
                depth = depth.max(inside);
                at
            } else {
                return Ok((left, depth));
            };
            left = Expr::Member(Box::new(left), Box::new(at));
            depth = self.level(depth, 1)?;
        }
    }

    fn word(&mut self, word: String) -> Result<(Expr, usize), QueryError> {
        if *self.peek() != Token::Sign("(") {
            let operator = by_word(&word).is_some() || word.starts_with('!') || word == "by";
            return if operator { Err(unrecognized()) } else { Ok((Expr::Name(word), 0)) };
        }
        self.take();
        match word.as_str() {
            "dynamic" => {
                let json = self.json(0)?;
                self.need(")")?;
                Ok((Expr::Literal(Value::dynamic(json), Type::Dynamic), 0))
            }
            "toscalar" => {
                let table = self.nested()?;
                self.need(")")?;
                Ok((Expr::ToScalar(Box::new(table)), 1))
            }
            _ => {
                let (arguments, depth) = self.arguments()?;
                let depth = self.level(depth, 1)?;
                Ok((Expr::Call(word, arguments), depth))
            }
        }
    }

    /// What stands in `dynamic(…)`: JSON, with the language's own texts and literals.
    fn json(&mut self, depth: usize) -> Result<Json, QueryError> {
        self.level(depth, 1)?;
        Ok(match self.take() {
            Token::Literal(value, _) => dynamic::of(&value),
            Token::Word(word) if word == "null" => Json::Null,
            Token::Quoted(only) => Json::Array(vec![Json::String(only)]),
            Token::Sign("-") => match self.take() {
                Token::Literal(Value::Int(number), _) => Json::from(number.wrapping_neg()),
                Token::Literal(Value::Real(number), _) => Json::from(-number),
                _ => return Err(unrecognized()),
            },
            Token::Sign("[") => {
                let mut items = Vec::new();
                while !self.takes("]") {
                    items.push(self.json(depth + 1)?);
                    if !self.takes(",") && *self.peek() != Token::Sign("]") {
                        return Err(unrecognized());
                    }
                }
                Json::Array(items)
            }
            Token::Sign("{") => {
                let mut entries = Map::new();
                while !self.takes("}") {
                    let Token::Literal(Value::Text(name), _) = self.take() else { return Err(unrecognized()) };
                    self.need(":")?;
                    entries.insert(name.to_string(), self.json(depth + 1)?);
                    if !self.takes(",") && *self.peek() != Token::Sign("}") {
                        return Err(unrecognized());
                    }
                }
                Json::Object(entries)
            }
            _ => return Err(unrecognized()),
        })
    }
}

fn joined(operator: Between, left: Expr, right: Expr) -> Expr {
    match operator {
        Between::And => match left {
            Expr::And(mut all) => {
                all.push(right);
                Expr::And(all)
            }
            left => Expr::And(vec![left, right]),
        },
        Between::Or => match left {
            Expr::Or(mut all) => {
                all.push(right);
                Expr::Or(all)
            }
            left => Expr::Or(vec![left, right]),
        },
        Between::Binary(binary) => Expr::Binary(binary, Box::new(left), Box::new(right)),
        Between::Text(test) => Expr::Text(test, Box::new(left), Box::new(right)),
        // The caller has dealt with these, whose right side is no operand.
        Between::Among(_) | Between::Range { .. } => left,
    }
}

fn by_sign(sign: &str) -> Option<(Between, u8, usize)> {
    let binary = |binary, power| (Between::Binary(binary), power, 1);
    let whole = |negated| (Between::Text(Test { find: Find::Whole, cased: false, negated }), COMPARE, 1);
    Some(match sign {
        "==" => binary(Binary::Equal, COMPARE),
        "!=" | "<>" => binary(Binary::NotEqual, COMPARE),
        "<" => binary(Binary::Less, COMPARE),
        "<=" => binary(Binary::AtMost, COMPARE),
        ">" => binary(Binary::Greater, COMPARE),
        ">=" => binary(Binary::AtLeast, COMPARE),
        "=~" => whole(false),
        "!~" => whole(true),
        "+" => binary(Binary::Add, SUM),
        "-" => binary(Binary::Subtract, SUM),
        "*" => binary(Binary::Multiply, PRODUCT),
        "/" => binary(Binary::Divide, PRODUCT),
        "%" => binary(Binary::Modulo, PRODUCT),
        _ => return None,
    })
}

fn by_word(word: &str) -> Option<(Between, u8, usize)> {
    let (negated, bare) = match word.strip_prefix('!') {
        Some(bare) => (true, bare),
        None => (false, word),
    };
    let (stem, cased) = match bare.strip_suffix("_cs") {
        Some(stem) => (stem, true),
        None => (bare, false),
    };
    let find = match stem {
        "has" => Some(Find::Term),
        "hasprefix" => Some(Find::TermPrefix),
        "hassuffix" => Some(Find::TermSuffix),
        "contains" => Some(Find::Within),
        "startswith" => Some(Find::Prefix),
        "endswith" => Some(Find::Suffix),
        _ => None,
    };
    let operator = match (find, bare, negated) {
        (Some(find), ..) => Between::Text(Test { find, cased, negated }),
        (None, "and", false) => return Some((Between::And, AND, 1)),
        (None, "or", false) => return Some((Between::Or, OR, 1)),
        (None, "in", negated) => Between::Among(Among::In { cased: true, negated }),
        (None, "in~", negated) => Between::Among(Among::In { cased: false, negated }),
        (None, "has_any", false) => Between::Among(Among::HasAny),
        (None, "has_all", false) => Between::Among(Among::HasAll),
        (None, "between", negated) => Between::Range { negated },
        _ => return None,
    };
    Some((operator, COMPARE, 1))
}
