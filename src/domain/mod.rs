//! The nouns of the field, and the rules between them.
//!
//! In reading order: [`service`], [`marker`], [`device`], [`indicator`], [`alert_definition`], [`entity`] (what
//! evidence names), [`alert`], [`appearance`] (what an alert is documented to look like), [`attribution`], [`condition`] (what
//! a text has to be), [`network`], `special_addresses`, [`well_known`] and [`off_limits`] (what no drill may put on a
//! list), [`quiet_hours`], [`span`].
//! Nothing here does I/O, reads a clock or knows how a service spells things on the wire: `now` is an argument.

pub mod alert;
pub mod alert_definition;
pub mod appearance;
pub mod attribution;
pub mod condition;
pub mod device;
pub mod entity;
pub mod indicator;
pub mod marker;
pub mod network;
pub mod off_limits;
pub mod quiet_hours;
pub mod service;
pub mod span;
mod special_addresses;
pub mod well_known;
