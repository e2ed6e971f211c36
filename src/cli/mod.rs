//! The edge: what a person types, and what they get.

pub mod emulate;
mod handout;
