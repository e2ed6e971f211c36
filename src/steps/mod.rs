//! The vocabulary: a line of Gherkin, one verb of the world.
//!
//! In reading order: [`access`], [`publish`], [`change`], [`hold`], [`touch`], [`expect`], [`budget`], [`laboratory`], then
//! [`phrase`] (how a step's own words are read), [`tables`] (those that demand something of an alert) and [`sources`] (where the
//! vocabulary's descriptions come from).
//!
//! Every step is one line, and its first doc sentence is what `alertdrill steps` prints.

pub mod access;
pub mod budget;
pub mod change;
pub mod expect;
pub mod hold;
pub mod laboratory;
pub mod phrase;
pub mod publish;
pub mod sources;
pub mod tables;
pub mod touch;
