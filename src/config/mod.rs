//! What a run is told: defaults < file < environment < flags.
//!
//! In reading order: [`mod@file`] (`alertdrill.toml`), [`tenant`] (a tenant's table, with the environment's secrets),
//! [`error`] (what is wrong with a setting, and where it came from), [`environment`] (read once).
//!
//! Nothing else reads the environment, and nothing here is known to the modules that it configures.

pub mod environment;
pub mod error;
pub mod file;
pub mod tenant;
