//! What happened: the run as a value, written down while it happens.
//!
//! In reading order: [`failure`] and [`verdict`] (what can be said of a drill), [`exchange`] (one request with its
//! response and attempts, redacted at birth by [`redaction`]), [`chain`] (the links of a drill and their witnesses),
//! [`wait`] (a wait and its looks), [`sighting`] (alerts as expected and as seen), [`held`] (indicators and devices as the
//! service told them), [`finding`] (what is other than documented), [`drill`] (all of one drill), [`tally`]
//! (the latencies of a run's drills together) and their [`quantiles`], [`calls`] (what a run asked of a tenant), [`past`] (the
//! runs before, and what is new beside them), [`run`] (the head and foot around the drills), [`mod@file`] and [`reader`]
//! (`run.json`, written drill by drill and read back the same way) at their [`place`], over [`owner_only`] (files for their
//! owner alone) and [`claim`] (files that one process at a time may write to), [`recorder`] (where a drill writes while it
//! runs), [`waiting`] (what it waits for meanwhile).
//!
//! Knows nothing of how anything was done, nor of any report made from it.

pub mod calls;
pub mod chain;
pub mod claim;
pub mod drill;
pub mod exchange;
pub mod failure;
pub mod file;
pub mod finding;
pub mod held;
pub mod owner_only;
pub mod past;
pub mod place;
pub mod quantiles;
pub mod reader;
pub mod recorder;
pub mod redaction;
pub mod run;
pub mod sighting;
pub mod tally;
pub mod verdict;
pub mod wait;
pub mod waiting;
