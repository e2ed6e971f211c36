//! What drills ask for one by one, and a service takes many at a time of.
//!
//! In reading order: [`company`] (who else is there), [`gathering`] (those who ask for the same kind of thing at the same
//! time, and what carries it), [`together`] (the indicators of a service, gathered), [`hunting`] (its telemetry).
//!
//! Whoever asks has an answer of its own, an exchange of its own in its record, and an error of its own; that others were
//! on the same way it need not know.

pub mod company;
pub mod gathering;
pub mod hunting;
pub mod together;
