//! What a run is told: defaults < file < environment < flags.
//!
//! In reading order: [`mod@file`] (`alertdrill.toml`), [`tenant`] (a tenant's table, with the environment's secrets),
//! [`service`] (which services are used, and the words for it), [`proof`] (what the application proves its identity
//! with), in private `address` (where everything is, by the tenant's cloud) and `place` (a table and its keys),
//! [`announce`] (who is told of a run), [`error`] (what is wrong with a setting, and where it came from), [`environment`] (read once).
//!
//! Nothing else reads the environment, and nothing here is known to the modules that it configures.

mod address;
pub mod announce;
pub mod environment;
pub mod error;
pub mod file;
mod place;
pub mod proof;
pub mod service;
pub mod tenant;
