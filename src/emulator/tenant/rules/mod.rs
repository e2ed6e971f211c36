//! Custom detection rules: what is kept, and when it runs.

pub mod entities;
