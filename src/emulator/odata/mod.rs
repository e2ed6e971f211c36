//! OData V4's query options, as three services take them: the threat intelligence API, Defender for Endpoint and
//! Microsoft Graph.
//!
//! In reading order: [`value`] (what a property can be), [`schema`] (which properties there are, and in which dialect
//! they are asked for), `literal` and `lexer`, [`expr`] and `parser` (text to a checked expression; `fitting` says which
//! operands go together), `functions`, [`eval`] (an expression on a row), [`wire`] (a JSON object as a row),
//! [`lazy`] (a row that is written when it is asked for), [`options`] (`$filter` and the others together), [`paging`] (a collection page by page), [`metadata`] (schemas as
//! XML). It knows neither HTTP nor the tenant. Error texts follow the framework (OData library 6 for the first dialect,
//! its successors for the others, whose resources are public) where it has one.

pub(super) mod eval;
pub(super) mod expr;
mod fitting;
mod functions;
pub(super) mod lazy;
mod lexer;
mod literal;
pub(super) mod metadata;
pub(super) mod options;
pub(super) mod paging;
mod parser;
pub(super) mod schema;
#[cfg(test)]
mod today;
pub(super) mod value;
pub(super) mod wire;

/// A query that is not understood, in words for whoever sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct QueryError(pub(super) String);
