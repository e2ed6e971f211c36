//! What is known of past runs: one small database, to which every run adds itself when it ends.
//!
//! In reading order: [`run`] (a run as it is remembered, and which drill is which over runs), [`store`] (the file: written,
//! read, thinned out; in private `bytes`), [`figures`] (how long alerts took), [`standing`] (what is new, fixed or flaky),
//! [`look_back`] (what a run is seen beside, and how soon a tenant's alerts came), [`overview`] (runs over time, by tenant and
//! service), [`gate`] (what must not be so of them).
//!
//! Knows the record alone: what is remembered of a run can be taken from its run.json again.

mod bytes;
pub mod figures;
pub mod gate;
pub mod look_back;
pub mod overview;
pub mod run;
pub mod standing;
pub mod store;

#[cfg(test)]
mod tests;
