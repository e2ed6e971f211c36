//! What a line of Gherkin calls: each verb does one thing to the tenant or the device, or asks one thing of them.
//!
//! In reading order: [`access`], [`draft`] (an alarm before it is published), [`publish`], in private `place` (what a
//! service has once) and `own` (which keys are the drill's own), [`change`], [`hold`] (what the tenant holds), [`bulk`], [`refusal`] (what the tenant says no to),
//! [`touch`] (traffic), [`probe`] (traffic until it is seen), [`telemetry`] (that it was reported), [`expect`] (the alert),
//! [`says`], [`shows`] and [`evidence`] (what it says), in private `search` (how it is looked for), [`count`] (how many),
//! [`budget`] (how long, over a run), [`silence`] (its absence), in private `close` (it is closed when the drill ends),
//! [`laboratory`] (devices, switches, pace).

pub mod access;
pub mod budget;
pub mod bulk;
pub mod change;
mod close;
pub mod count;
pub mod draft;
pub mod evidence;
pub mod expect;
pub mod hold;
pub mod laboratory;
mod lingering;
mod own;
mod place;
pub mod probe;
pub mod publish;
pub mod refusal;
pub mod says;
mod search;
pub mod shows;
pub mod silence;
pub mod telemetry;
pub mod touch;
