//! From tokens to an operator, such as `where` or `summarize`.

use crate::emulator::kql::{
    QueryError,
    lexer::{Token, unrecognized},
    parser::Parser,
    syntax::{JoinKind, Operator, Order, Source, Tabular},
    value::Type,
};

impl Parser {
    /// What comes after a pipe.
    pub(super) fn operator(&mut self) -> Result<Operator, QueryError> {
        let name = self.operator_name()?;
        Ok(match name.as_str() {
            "serialize" if self.ends() => Operator::Nothing,
            "where" | "filter" => Operator::Where(self.expression()?),
            "project" => Operator::Project(self.named_list()?),
            "project-away" => Operator::ProjectAway(self.patterns()?),
            "project-keep" => Operator::ProjectKeep(self.patterns()?),
            "project-reorder" => Operator::ProjectReorder(self.patterns()?),
            "project-rename" => self.rename()?,
            "extend" | "serialize" => Operator::Extend(self.named_list()?),
            "distinct" => Operator::Distinct(self.named_list()?),
            "take" | "limit" | "sample" => Operator::Take(self.expression()?),
            "top" => {
                let count = self.expression()?;
                self.need_word("by")?;
                Operator::Top(count, self.orders()?)
            }
            "sort" | "order" => {
                self.need_word("by")?;
                Operator::Sort(self.orders()?)
            }
            "count" => Operator::Count(if self.takes_word("as") { Some(self.name()?) } else { None }),
            "summarize" => self.summarize()?,
            "join" => self.join(false)?,
            "lookup" => self.join(true)?,
            "union" => Operator::Union(self.union()?),
            "mv-expand" | "mvexpand" => self.expand()?,
            "search" => Operator::Search(self.expression()?),
            "getschema" => Operator::Schema,
            "as" => {
                self.name()?;
                Operator::Nothing
            }
            "render" => {
                while !self.ends() {
                    self.skip(1);
                }
                Operator::Nothing
            }
            _ => return Err(unknown_operator()),
        })
    }

    /// Whether the operator has ended.
    fn ends(&self) -> bool {
        matches!(self.peek(), Token::End | Token::Sign("|" | ";" | ")"))
    }

    /// A word, or two with a hyphen.
    fn operator_name(&mut self) -> Result<String, QueryError> {
        let Token::Word(mut name) = self.take() else { return Err(unknown_operator()) };
        if matches!(name.as_str(), "project" | "mv") && self.takes("-") {
            let Token::Word(second) = self.take() else { return Err(unknown_operator()) };
            name = format!("{name}-{second}");
        }
        Ok(name)
    }

    fn rename(&mut self) -> Result<Operator, QueryError> {
        let mut pairs = Vec::new();
        loop {
            let new = self.name()?;
            self.need("=")?;
            pairs.push((new, self.name()?));
            if !self.takes(",") {
                return Ok(Operator::ProjectRename(pairs));
            }
        }
    }

    fn orders(&mut self) -> Result<Vec<Order>, QueryError> {
        let mut all = Vec::new();
        loop {
            let expr = self.expression()?;
            let descending = !self.takes_word("asc");
            if descending {
                self.takes_word("desc");
            }
            let nulls_first = if self.takes_word("nulls") {
                let first = self.takes_word("first");
                if !first {
                    self.need_word("last")?;
                }
                Some(first)
            } else {
                None
            };
            all.push(Order { expr, descending, nulls_first });
            if !self.takes(",") {
                return Ok(all);
            }
        }
    }

    fn summarize(&mut self) -> Result<Operator, QueryError> {
        let none = self.is_word(0, "by");
        let aggregates = if none { Vec::new() } else { self.named_list()? };
        let by = if self.takes_word("by") { self.named_list()? } else { Vec::new() };
        Ok(Operator::Summarize { aggregates, by })
    }

    fn join(&mut self, lookup: bool) -> Result<Operator, QueryError> {
        let mut kind = if lookup { JoinKind::LeftOuter } else { JoinKind::InnerUnique };
        loop {
            if self.takes_word("kind") {
                self.need("=")?;
                kind = join_kind(&self.name()?).ok_or_else(unrecognized)?;
            } else if self.is_word(0, "hint") {
                self.skip(1);
                self.need(".")?;
                self.name()?;
                self.need("=")?;
                self.skip(1);
            } else {
                break;
            }
        }
        if lookup && !matches!(kind, JoinKind::LeftOuter | JoinKind::Inner) {
            return Err(unrecognized());
        }
        let right = if self.takes("(") {
            let right = self.nested()?;
            self.need(")")?;
            right
        } else {
            Tabular { source: Source::Table(self.name()?), operators: Vec::new() }
        };
        self.need_word("on")?;
        let mut on = vec![self.expression()?];
        while self.takes(",") {
            on.push(self.expression()?);
        }
        Ok(Operator::Join { kind, lookup, right: Box::new(right), on })
    }

    fn expand(&mut self) -> Result<Operator, QueryError> {
        let mut all = Vec::new();
        loop {
            let named = self.named()?;
            let of = if self.takes_word("to") {
                self.need_word("typeof")?;
                self.need("(")?;
                let of = Type::named(&self.name()?).ok_or_else(unrecognized)?;
                self.need(")")?;
                Some(of)
            } else {
                None
            };
            all.push((named, of));
            if !self.takes(",") {
                return Ok(Operator::Expand(all));
            }
        }
    }
}

/// The recorded text for a word after a pipe that begins no operator that is known.
fn unknown_operator() -> QueryError {
    QueryError::syntax("Query operator expected.")
}

fn join_kind(name: &str) -> Option<JoinKind> {
    Some(match name {
        "innerunique" => JoinKind::InnerUnique,
        "inner" => JoinKind::Inner,
        "leftouter" => JoinKind::LeftOuter,
        "rightouter" => JoinKind::RightOuter,
        "fullouter" => JoinKind::FullOuter,
        "leftsemi" => JoinKind::LeftSemi,
        "leftanti" | "anti" | "leftantisemi" => JoinKind::LeftAnti,
        "rightsemi" => JoinKind::RightSemi,
        "rightanti" | "rightantisemi" => JoinKind::RightAnti,
        _ => return None,
    })
}
