//! From tokens to a query: statements, sources and operators.

use crate::emulator::kql::{
    QueryError,
    lexer::{self, Token, unrecognized},
    syntax::{Expr, Let, Named, Query, Source, Tabular, Union},
    value::{Type, Value},
};

/// Deeper nesting than this is refused, of brackets as of what an expression's parts are made of.
const DEEPEST: usize = 64;

/// Higher trees than this are refused: operators in a row grow to the left.
const HIGHEST: usize = 90;

/// Queries of more operators than this are refused: what one makes of a value, the next can make more of.
const MOST_OPERATORS: usize = 400;

/// Reads a query.
pub(in crate::emulator) fn query(text: &str) -> Result<Query, QueryError> {
    let tokens = lexer::tokens(text)?;
    let mut parser = Parser { tokens: tokens.all, next: 0, depth: 0, operators: 0 };
    let mut lets = Vec::new();
    while parser.is_word(0, "let") {
        parser.skip(1);
        lets.push(parser.binding()?);
        if !parser.takes(";") {
            return Err(parser.unexpected());
        }
    }
    let body = parser.tabular()?;
    while parser.takes(";") {}
    match parser.peek() {
        Token::End => Ok(Query { lets, body, comments: tokens.comments }),
        _ => Err(parser.unexpected()),
    }
}

/// The tokens that are left.
pub(super) struct Parser {
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
    operators: usize,
}

impl Parser {
    pub(super) fn peek(&self) -> &Token {
        self.ahead(0)
    }

    fn ahead(&self, count: usize) -> &Token {
        self.tokens.get(self.next + count).unwrap_or(&Token::End)
    }

    pub(super) fn take(&mut self) -> Token {
        let token = self.tokens.get_mut(self.next).map(|token| std::mem::replace(token, Token::End));
        self.next += 1;
        token.unwrap_or(Token::End)
    }

    pub(super) fn skip(&mut self, count: usize) {
        self.next += count;
    }

    /// Takes the next token if it is this sign.
    pub(super) fn takes(&mut self, sign: &str) -> bool {
        let is = matches!(self.peek(), Token::Sign(found) if *found == sign);
        self.next += usize::from(is);
        is
    }

    pub(super) fn takes_word(&mut self, word: &str) -> bool {
        let is = self.is_word(0, word);
        self.next += usize::from(is);
        is
    }

    pub(super) fn is_word(&self, ahead: usize, word: &str) -> bool {
        matches!(self.ahead(ahead), Token::Word(found) if found == word)
    }

    fn is_sign(&self, ahead: usize, sign: &str) -> bool {
        matches!(self.ahead(ahead), Token::Sign(found) if *found == sign)
    }

    pub(super) fn need(&mut self, sign: &str) -> Result<(), QueryError> {
        if self.takes(sign) { Ok(()) } else { Err(self.unexpected()) }
    }

    pub(super) fn need_word(&mut self, word: &str) -> Result<(), QueryError> {
        if self.takes_word(word) { Ok(()) } else { Err(self.unexpected()) }
    }

    /// The error for a token that cannot stand here. Of the recorded texts, two say more than that it was not
    /// recognised.
    fn unexpected(&self) -> QueryError {
        match self.peek() {
            Token::End => QueryError::syntax("The incomplete fragment is unexpected"),
            _ => unrecognized(),
        }
    }

    /// One level further in; as each has its way back, the stack is bounded.
    pub(super) fn deeper(&mut self) -> Result<(), QueryError> {
        self.depth += 1;
        if self.depth > DEEPEST { Err(unrecognized()) } else { Ok(()) }
    }

    pub(super) fn shallower(&mut self) {
        self.depth -= 1;
    }

    /// The height of a tree that stands `more` above one of `depth`.
    #[expect(clippy::unused_self, reason = "it reads as one of the parser's two bounds")]
    pub(super) fn level(&self, depth: usize, more: usize) -> Result<usize, QueryError> {
        if depth + more > HIGHEST { Err(unrecognized()) } else { Ok(depth + more) }
    }

    pub(super) fn name(&mut self) -> Result<String, QueryError> {
        match self.peek() {
            Token::Word(_) | Token::Quoted(_) => match self.take() {
                Token::Word(name) | Token::Quoted(name) => Ok(name),
                _ => Err(unrecognized()),
            },
            _ => Err(self.unexpected()),
        }
    }

    fn binding(&mut self) -> Result<(String, Let), QueryError> {
        let name = self.name()?;
        self.need("=")?;
        let bound = if self.begins_table() { Let::Table(self.tabular()?) } else { Let::Scalar(self.expression()?) };
        Ok((name, bound))
    }

    /// Whether what comes next, behind any opening brackets, is a source of rows for certain. A bare name is not: what
    /// it names, names and types say later.
    pub(super) fn begins_table(&self) -> bool {
        let brackets = (0..DEEPEST).take_while(|ahead| self.is_sign(*ahead, "(")).count();
        match self.ahead(brackets) {
            Token::Word(word) => match word.as_str() {
                "union" | "print" | "search" => !self.is_sign(brackets + 1, "(") || word == "union",
                "datatable" | "materialize" => true,
                _ => self.is_sign(brackets + 1, "|"),
            },
            Token::Quoted(_) => self.is_sign(brackets + 1, "|"),
            _ => false,
        }
    }

    /// A source and its operators, a level further in.
    pub(super) fn nested(&mut self) -> Result<Tabular, QueryError> {
        self.deeper()?;
        let table = self.tabular()?;
        self.shallower();
        Ok(table)
    }

    fn tabular(&mut self) -> Result<Tabular, QueryError> {
        let source = self.source()?;
        let mut operators = Vec::new();
        while self.takes("|") {
            self.operators += 1;
            if self.operators > MOST_OPERATORS {
                return Err(QueryError::limits());
            }
            operators.push(self.operator()?);
        }
        Ok(Tabular { source, operators })
    }

    fn source(&mut self) -> Result<Source, QueryError> {
        if self.takes("(") {
            let inner = self.nested()?;
            self.need(")")?;
            return Ok(Source::Pipeline(Box::new(inner)));
        }
        let word = match self.take() {
            Token::Quoted(name) => return Ok(Source::Table(name)),
            Token::Word(word) => word,
            Token::End => return Err(QueryError::syntax("The incomplete fragment is unexpected")),
            _ => return Err(unrecognized()),
        };
        match word.as_str() {
            "print" => Ok(Source::Print(self.named_list()?)),
            "union" => Ok(Source::Union(self.union()?)),
            "search" => self.search(),
            "datatable" => self.data(),
            "materialize" if self.takes("(") => {
                let inner = self.nested()?;
                self.need(")")?;
                Ok(Source::Pipeline(Box::new(inner)))
            }
            _ if self.takes("(") => {
                while !self.takes(")") {
                    self.expression()?;
                    if !self.takes(",") && !self.is_sign(0, ")") {
                        return Err(self.unexpected());
                    }
                }
                Ok(Source::Function(word))
            }
            _ => Ok(Source::Table(word)),
        }
    }

    fn search(&mut self) -> Result<Source, QueryError> {
        self.search_options()?;
        let mut tables = Vec::new();
        if self.takes_word("in") {
            self.need("(")?;
            tables = self.patterns()?;
            self.need(")")?;
        }
        self.search_options()?;
        Ok(Source::Search { tables, condition: Box::new(self.expression()?) })
    }

    /// `kind=` of a search is whether letter case counts: only the default, that it does not, is known.
    fn search_options(&mut self) -> Result<(), QueryError> {
        if self.is_word(0, "kind") && self.is_sign(1, "=") {
            self.skip(2);
            if !self.takes_word("case_insensitive") && !self.takes_word("default") {
                return Err(self.unexpected());
            }
        }
        Ok(())
    }

    /// `datatable (name: type, …) [value, …]`
    fn data(&mut self) -> Result<Source, QueryError> {
        let mut columns = Vec::new();
        self.need("(")?;
        while !self.takes(")") {
            let name = self.name()?;
            self.need(":")?;
            let of = Type::named(&self.name()?).ok_or_else(unrecognized)?;
            columns.push((name, of));
            if !self.takes(",") && !self.is_sign(0, ")") {
                return Err(self.unexpected());
            }
        }
        if let Token::Quoted(only) = self.peek() {
            let only = Expr::Literal(Value::text(only), Type::Text);
            self.skip(1);
            return Ok(Source::Data { columns, values: vec![only] });
        }
        self.need("[")?;
        let mut values = Vec::new();
        while !self.takes("]") {
            values.push(self.expression()?);
            if !self.takes(",") && !self.is_sign(0, "]") {
                return Err(self.unexpected());
            }
        }
        Ok(Source::Data { columns, values })
    }

    pub(super) fn union(&mut self) -> Result<Union, QueryError> {
        let mut union = Union { inner: false, fuzzy: false, with_source: None, tables: Vec::new() };
        while let Token::Word(option) = self.peek()
            && self.is_sign(1, "=")
        {
            let option = option.clone();
            self.skip(2);
            match (option.as_str(), self.take()) {
                ("kind", Token::Word(kind)) if kind == "inner" => union.inner = true,
                ("kind", Token::Word(kind)) if kind == "outer" => {}
                ("isfuzzy", Token::Literal(Value::Bool(fuzzy), _)) => union.fuzzy = fuzzy,
                ("withsource", Token::Word(name)) => union.with_source = Some(name),
                _ => return Err(unrecognized()),
            }
        }
        self.deeper()?;
        loop {
            union.tables.push(match self.pattern_at_start()? {
                Some(name) => Tabular { source: Source::Table(name), operators: Vec::new() },
                None => Tabular { source: self.source()?, operators: Vec::new() },
            });
            if !self.takes(",") {
                self.shallower();
                return Ok(union);
            }
        }
    }

    /// A name with `*` at its end, or `*` alone.
    fn pattern_at_start(&mut self) -> Result<Option<String>, QueryError> {
        if self.is_sign(0, "*") || (self.is_sign(1, "*") && matches!(self.peek(), Token::Word(_))) {
            return self.pattern().map(Some);
        }
        Ok(None)
    }

    fn pattern(&mut self) -> Result<String, QueryError> {
        if self.takes("*") {
            return Ok("*".to_owned());
        }
        let mut name = self.name()?;
        if self.takes("*") {
            name.push('*');
        }
        Ok(name)
    }

    pub(super) fn patterns(&mut self) -> Result<Vec<String>, QueryError> {
        let mut patterns = vec![self.pattern()?];
        while self.takes(",") {
            patterns.push(self.pattern()?);
        }
        Ok(patterns)
    }

    pub(super) fn named(&mut self) -> Result<Named, QueryError> {
        let name = if self.is_sign(1, "=") && !self.is_sign(0, "(") { Some(self.name()?) } else { None };
        if name.is_some() {
            self.need("=")?;
        }
        Ok(Named { name, expr: self.expression()? })
    }

    pub(super) fn named_list(&mut self) -> Result<Vec<Named>, QueryError> {
        let mut all = vec![self.named()?];
        while self.takes(",") {
            all.push(self.named()?);
        }
        Ok(all)
    }
}
