//! Proves, end to end, that a custom threat-intelligence alert in Microsoft Defender really goes off.
//!
//! One drill, from end to end: [`runner`] reads a feature and begins a drill with a [`World`] in a lab; each line of
//! Gherkin is one of [`steps`], each step one verb of [`world`], which publishes through [`services`], provokes
//! [`traffic`], and waits with [`watch`]; what happens goes to [`record`], is judged by
//! [`domain::attribution`], and is read by people from [`report`]. [`cli`] is where the parts meet. [`emulator`] is the
//! other tower: a tenant that the rest reaches over HTTP alone.
//!
//! A crate with steps of its own needs [`World`] and [`OrFail`], and [`acceptance`] or [`main`] to run.

// In reading order: each module names only those above it.
pub mod domain;

pub mod clock;

pub mod record;

pub mod journal;

pub mod armed;

pub mod transport;

pub mod auth;

pub mod services;

pub mod bulk;

pub mod watch;

pub mod traffic;

pub mod emulator;

pub mod world;

pub mod steps;

pub mod runner;

pub mod report;

pub mod history;

pub mod config;

pub mod cli;

pub use cli::{acceptance::acceptance, main};
pub use record::failure::{Code, Failure};
pub use world::{OrFail, World};

/// The README's example, compiled with the tests of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
