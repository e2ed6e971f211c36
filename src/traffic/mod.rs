//! Stimulus: making a device do what an indicator looks for, with evidence that it did.
//!
//! In reading order: [`http`] (a request that the device sends). What a device does with files is asked of the
//! laboratory's controls. A stimulus is never retried and never redacted: what happened is the evidence.

pub mod http;
