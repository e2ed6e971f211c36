//! From tokens to an expression whose types fit: a parser by binding powers, with a bound on depth and size.

use std::borrow::Cow;

use crate::emulator::odata::{
    QueryError,
    expr::{Expr, IN, Operator, Quantity, UNARY, binding},
    fitting::{as_members, fitted, incompatible, no_member, unary_misfit},
    functions::Function,
    lexer::{self, Kind, Token},
    literal,
    schema::{Column, Dialect, Path, Schema},
    value::{Type, Value},
};

/// Deeper expressions than this are refused; so are expressions of more parts than [`MOST_NODES`], each of which would
/// be worked out for every row.
const DEEPEST: usize = 100;
const MOST_NODES: usize = 1_000;

/// What an expression is for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Use {
    /// The option that it stands in.
    pub(super) option: &'static str,
    /// Whether properties may be named of which no documentation says so.
    pub(super) lenient: bool,
}

/// Reads an expression on the properties of `schema` for a filter.
#[cfg(test)]
pub(in crate::emulator) fn expression(text: &str, schema: &'static Schema) -> Result<(Expr, Type), QueryError> {
    read(text, schema, Use { option: "$filter", lenient: false })
}

/// Reads an expression on the properties of `schema`.
pub(super) fn read(text: &str, schema: &'static Schema, purpose: Use) -> Result<(Expr, Type), QueryError> {
    let tokens = lexer::tokens(text, schema.rules.dialect)?;
    let today = schema.rules.dialect != Dialect::Legacy;
    let mut parser =
        Parser { text, tokens: &tokens, next: 0, schema, purpose, today, variable: None, depth: 0, nodes: 0 };
    let typed = parser.expression(0)?;
    match parser.peek().kind {
        Kind::End => Ok((typed.expr, typed.of)),
        _ => Err(parser.syntax()),
    }
}

pub(super) struct Typed {
    pub(super) expr: Expr,
    pub(super) of: Type,
}

struct Parser<'a> {
    text: &'a str,
    tokens: &'a [Token],
    next: usize,
    schema: &'static Schema,
    purpose: Use,
    /// Whether it reads one of the dialects that came after the first.
    today: bool,
    /// The variable of the lambda that is being read, and the type that it stands for.
    variable: Option<(String, Type)>,
    depth: usize,
    nodes: usize,
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

    /// A word as it is compared with the words of the language.
    fn keyword<'w>(&self, word: &'w str) -> Cow<'w, str> {
        if self.today { word.to_ascii_lowercase().into() } else { word.into() }
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
            let word = self.keyword(word);
            if word == "in" && least <= IN {
                self.next += 1;
                left = self.membership(left)?;
            } else if let Some((operator, power)) = binding(&word).filter(|(_, power)| *power >= least) {
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
            Kind::Guid(guid) => self.node(Expr::Literal(Value::Text(guid)), Type::Guid),
            Kind::Close | Kind::Comma | Kind::Colon | Kind::End => {
                self.next -= 1;
                Err(self.expected("Expression"))
            }
        }
    }

    fn word(&mut self, word: &str) -> Result<Typed, QueryError> {
        let literal = match &*self.keyword(word) {
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
        if self.today {
            return self.by_path(path);
        }
        let (navigated, schema, name) = match path.split_once('/') {
            Some((first, rest)) if first == self.schema.navigation && self.schema.single.is_some() => {
                (true, self.schema.single.unwrap_or(self.schema), rest)
            }
            _ => (false, self.schema, path),
        };
        let Some((index, of)) = schema.property(name) else { return Err(QueryError(schema.no_property(name))) };
        self.node(Expr::Property(Column { navigated, index }), of)
    }

    /// A property of the row or of the lambda's variable, or a duration without its frame.
    fn by_path(&mut self, text: &str) -> Result<Typed, QueryError> {
        let (first, rest) = text.split_once('/').map_or((text, None), |(first, rest)| (first, Some(rest)));
        if let Some((_, of)) = self.variable.as_ref().filter(|(name, _)| name == first) {
            let path = member(*of, rest)?;
            let of = path.of;
            return self.node(Expr::Member(path), of);
        }
        match self.schema.path(text) {
            Ok(path) => {
                self.permit(&path)?;
                let of = path.of;
                self.node(Expr::Path(path), of)
            }
            Err(problem) => match literal::duration(text) {
                Some(duration) if self.schema.rules.dialect == Dialect::Graph => {
                    self.node(Expr::Literal(Value::Duration(duration)), Type::Duration)
                }
                _ => Err(QueryError(problem)),
            },
        }
    }

    /// Refuses a property that the option may not name.
    fn permit(&self, path: &Path) -> Result<(), QueryError> {
        let (rules, option) = (self.schema.rules, self.purpose.option);
        let allowed = if option == "$orderby" { rules.order } else { rules.filter };
        if allowed.has(&path.names.join("/"), self.purpose.lenient) {
            return Ok(());
        }
        let name = path.names.last().copied().unwrap_or_default();
        Err(QueryError(format!("The property '{name}' cannot be used in the {option} query option.")))
    }

    fn enumerated(&mut self, name: &str, member: &str) -> Result<Typed, QueryError> {
        if self.today && name.eq_ignore_ascii_case("duration") {
            let Some(duration) = literal::duration(member) else { return Err(self.syntax()) };
            return self.node(Expr::Literal(Value::Duration(duration)), Type::Duration);
        }
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
        if self.today
            && let Some((path, quantity)) = quantified(name)
        {
            return self.lambda(path, quantity);
        }
        self.next += 1;
        let arguments = self.list()?;
        let types: Vec<_> = arguments.iter().map(|argument| argument.of).collect();
        let (function, of) = Function::find(&self.keyword(name), &types)?;
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
        let (left, right) = self.fitted(left, right)?;
        let Some(of) = operator.result(left.of, right.of) else {
            return Err(incompatible(left.of, right.of, operator.name()));
        };
        self.node(Expr::Binary(operator, Box::new(left.expr), Box::new(right.expr)), of)
    }

    /// The two operands, one of them read as the other's type where the language does so.
    fn fitted(&self, left: Typed, right: Typed) -> Result<(Typed, Typed), QueryError> {
        if self.today { fitted(left, right) } else { as_members(left, right) }
    }

    fn membership(&mut self, left: Typed) -> Result<Typed, QueryError> {
        if self.take() != Kind::Open {
            self.next -= 1;
            return Err(self.expected("'('"));
        }
        let (expr, of) = (left.expr, left.of);
        let mut fitting = Vec::new();
        for item in self.members()? {
            let (left, item) = self.fitted(Typed { expr: Expr::Literal(Value::Null), of }, item)?;
            if !left.of.compares_with(item.of) {
                return Err(QueryError(format!(
                    "The operand types '{}' and '{}' of the operator 'in' do not fit.",
                    left.of.name(),
                    item.of.name()
                )));
            }
            fitting.push(item.expr);
        }
        let made = if self.today { among(expr, fitting)? } else { Expr::In(Box::new(expr), fitting) };
        self.node(made, Type::Bool)
    }

    /// What stands in the parentheses of `in`. Today these are literals, however many, and count as one part: each row
    /// is looked up in them.
    fn members(&mut self) -> Result<Vec<Typed>, QueryError> {
        if !self.today {
            return self.list();
        }
        let nodes = std::mem::take(&mut self.nodes);
        let mut items = Vec::new();
        loop {
            if items.is_empty() && self.peek().kind == Kind::Close {
                break;
            }
            items.push(self.expression(0)?);
            self.nodes = 0;
            if self.peek().kind != Kind::Comma {
                break;
            }
            self.next += 1;
        }
        self.nodes = nodes;
        self.close()?;
        Ok(items)
    }

    /// `any` or `all` of a collection, from the parenthesis on.
    fn lambda(&mut self, path: &str, quantity: Quantity) -> Result<Typed, QueryError> {
        if self.variable.is_some() {
            return Err(QueryError(
                "The Any/All nesting limit of '1' has been exceeded. 'MaxAnyAllExpressionDepth' can be configured on \
                 ODataQuerySettings or EnableQueryAttribute."
                    .to_owned(),
            ));
        }
        self.next += 1;
        let path = self.schema.path(path.strip_prefix("$it/").unwrap_or(path)).map_err(QueryError)?;
        self.permit(&path)?;
        let Type::Many(of) = path.of else {
            return Err(QueryError("Any/All may only be used following a collection.".to_owned()));
        };
        if quantity == Quantity::Any && self.peek().kind == Kind::Close {
            self.next += 1;
            return self.node(Expr::Lambda(quantity, path, None), Type::Bool);
        }
        let Kind::Word(variable) = self.take() else {
            self.next -= 1;
            return Err(self.expected("A range variable"));
        };
        if self.take() != Kind::Colon {
            self.next -= 1;
            return Err(self.expected("':'"));
        }
        self.variable = Some((variable, *of));
        let body = self.expression(0)?;
        self.variable = None;
        self.close()?;
        if !matches!(body.of, Type::Bool | Type::Null) {
            return Err(QueryError("The expression of Any/All must evaluate to a single boolean value.".to_owned()));
        }
        self.node(Expr::Lambda(quantity, path, Some(Box::new(body.expr))), Type::Bool)
    }
}

/// The collection and the word of `collection/any` and `collection/all`.
fn quantified(name: &str) -> Option<(&str, Quantity)> {
    let (path, word) = name.rsplit_once('/')?;
    let quantities = [("any", Quantity::Any), ("all", Quantity::All)];
    quantities.into_iter().find(|(known, _)| word.eq_ignore_ascii_case(known)).map(|(_, quantity)| (path, quantity))
}

/// What `rest` leads to from a lambda's variable of type `of` on.
fn member(of: Type, rest: Option<&str>) -> Result<Path, QueryError> {
    match (of, rest) {
        (_, None) => Ok(Path { names: Vec::new(), of }),
        (Type::Complex(schema), Some(rest)) => schema.path(rest).map_err(QueryError),
        (of, Some(rest)) => {
            Err(QueryError(format!("Could not find a property named '{rest}' on type '{}'.", of.name())))
        }
    }
}

/// `in` with its literals sorted, so that a row costs a search and not a comparison with each.
fn among(expr: Expr, items: Vec<Expr>) -> Result<Expr, QueryError> {
    let literals = items.into_iter().map(|item| match item {
        Expr::Literal(value) => Ok(value),
        _ => Err(QueryError("The operator 'in' takes literals.".to_owned())),
    });
    let mut literals = literals.collect::<Result<Vec<_>, _>>()?;
    literals.sort_by(Value::sorts);
    literals.dedup();
    Ok(Expr::Among(Box::new(expr), literals))
}
