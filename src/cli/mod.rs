//! The edge: what a person types, and what they get.

pub mod emulate;
mod handout;
pub mod progress;
pub mod report;
pub mod result_table;
