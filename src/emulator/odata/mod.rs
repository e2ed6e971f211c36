//! OData V4's query options, as far as the threat intelligence API documents them.
//!
//! In reading order: [`value`] (what a property can be), [`schema`] (which properties there are), [`lexer`],
//! [`parser`] (text to a checked expression), [`functions`], [`eval`] (an expression on a row), [`options`] (`$filter`
//! and the others together). It knows neither HTTP nor the tenant. Error texts follow the framework of the time
//! (OData library 6, whose resources are public) where it has one.

pub(super) mod eval;
mod functions;
mod lexer;
pub(super) mod options;
mod parser;
pub(super) mod schema;
pub(super) mod value;

/// A query that is not understood, in words for whoever sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct QueryError(pub(super) String);
