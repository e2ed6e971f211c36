//! The services of Microsoft Graph security.
mod check;
mod draft;
mod kql;
mod lexer;
mod tactics;

/// Which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generation {
    /// Old.
    A,
    /// New.
    B,
}
