//! The query language of advanced hunting and of detection rules (KQL), in a stated subset.
//!
//! In reading order: [`value`] (what a cell can be), `literal` and `lexer` (text to tokens), `syntax`, `parser`,
//! `operators` and `expression` (tokens to a tree, bounded in depth), `plan`, `check`, `shape`, `combine`, `summary`,
//! `bind` and `patterns` (names and types; columns become places), `text`, `dynamic`, `functions` and `aggregate`, `eval`
//! (an expression on a row), `execute` (a plan on tables, within a bound on its work). It knows neither the tenant nor
//! which tables there are.
//!
//! The subset: of sources a table, `union`, `print`, `datatable`, `search`, `materialize`, and any of them in brackets;
//! `let` of values and of tables; of operators `where`, `project` and its four kin, `extend`, `distinct`, `take`, `top`,
//! `sort`, `count`, `summarize`, `join` of every kind, `lookup`, `union`, `mv-expand`, `search`, `getschema`, and
//! `serialize`, `as` and `render`, which change nothing; every comparison, `in`, `has` and `between`, with their kin;
//! `matches regex`; arithmetic; `toscalar`; and the functions that stand in the tables of `functions`, `patterns` and
//! `aggregate`. Without it are functions by `let`, `parse`, `externaldata`, `invoke`, `evaluate` and `make-series`.
//!
//! What is outside the subset is refused as what the service does not know is refused, never answered wrongly. So a
//! query that is refused here need not be refused by the service.
//!
//! A parser of its own, because none that is published serves: `kqlparser` 0.0.4 (November 2024, `nom` 7) knows neither
//! comments, verbatim texts, `has` and its kin, `in~` nor `between`, and recurses without a bound;
//! `kql-language-tools` binds to a .NET library.

mod aggregate;
mod bind;
mod check;
mod combine;
mod dynamic;
mod eval;
mod execute;
mod expression;
mod functions;
mod lexer;
mod literal;
mod operators;
mod parser;
mod patterns;
mod plan;
mod shape;
mod summary;
mod syntax;
#[cfg(test)]
mod tests;
mod text;
pub mod value;

use crate::emulator::kql::value::{Row, Type};

pub(in crate::emulator) use crate::emulator::kql::{
    check::program,
    execute::{Limits, execute},
    parser::query,
    plan::Program,
};

/// A moment, in the forms that the language and hunting take: ISO 8601, in UTC where it does not say otherwise.
pub(in crate::emulator) fn moment(text: &str) -> Option<jiff::Timestamp> {
    literal::time(text)
}

/// Of what sort a [`QueryError`] is: the faces word them differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The text is no query.
    Syntax,
    /// It is one, but names or types do not fit.
    Semantic,
    /// It asks for more than the service is ready to do.
    Limits,
}

/// Why a query is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryError {
    /// Of what sort it is.
    pub kind: ErrorKind,
    /// The engine's own words, without what the faces put around them.
    pub text: String,
}

impl QueryError {
    pub(super) fn syntax(text: &str) -> Self {
        Self { kind: ErrorKind::Syntax, text: text.to_owned() }
    }

    pub(super) fn semantic(text: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Semantic, text: text.into() }
    }

    /// The recorded words for a result that is too large; there is one text for whatever is too much.
    pub(super) fn limits() -> Self {
        let text = "Query execution has exceeded the allowed result size. Optimize your query by limiting the number \
                    of results and try again.";
        Self { kind: ErrorKind::Limits, text: text.to_owned() }
    }

    /// As hunting words it: the engine's words and what to do (recorded: `A recognition error occurred.. Fix syntax
    /// errors in your query.`, with both stops).
    pub fn sentence(&self) -> String {
        match self.kind {
            ErrorKind::Syntax => format!("{}. Fix syntax errors in your query.", self.text),
            ErrorKind::Semantic => format!("{}. Fix semantic errors in your query.", self.text),
            ErrorKind::Limits => self.text.clone(),
        }
    }

    /// As the creation of a detection rule words it (recorded in September 2026).
    pub fn rule_sentence(&self) -> String {
        match self.kind {
            ErrorKind::Syntax => {
                "The query contains syntax errors: The request had some invalid properties.".to_owned()
            }
            ErrorKind::Semantic => format!("The query has a semantic error: {}", self.sentence()),
            ErrorKind::Limits => self.text.clone(),
        }
    }
}

/// The columns of a table: name and type.
pub type Columns = Vec<(String, Type)>;

/// Which tables there are.
pub(in crate::emulator) trait Catalogue {
    /// The columns of the table of this name; names are case-sensitive.
    fn columns(&self, table: &str) -> Option<Columns>;

    /// The names of all tables.
    fn names(&self) -> Vec<&'static str>;
}

/// Where the rows of tables come from.
pub(in crate::emulator) trait Source {
    /// The rows of a table that the catalogue has, in the order of its columns.
    fn rows(&self, table: &str) -> Vec<Row>;
}
