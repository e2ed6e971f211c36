//! Ports to a tenant: one trait for each thing a tenant can do, and the services that can do it.
//!
//! In reading order: [`definitions`], [`indicators`], [`alerts`], [`devices`], [`hunting`], [`controls`] (what the owner
//! of a tenant, or of a laboratory, can change), [`error`], [`cloud`] (where services are, what is missing, and when what
//! ends), [`permissions`], then the services themselves: [`legacy`], [`endpoint`], [`graph`], and [`laboratory`], which is
//! no service but has controls. Private `odata` is what all three clients ask in, and `reading` how they take what services
//! are careless with.
//!
//! No service names another: three APIs, three readings.

pub mod alerts;
pub mod cloud;
pub mod controls;
pub mod definitions;
pub mod devices;
pub mod endpoint;
pub mod error;
pub mod graph;
pub mod hunting;
pub mod indicators;
pub mod laboratory;
pub mod legacy;
mod odata;
pub mod permissions;
mod reading;
mod walk;
