//! The edge: a file for each command, and what a person sees while it runs.
//!
//! In reading order: [`progress`] (while a run goes on, on standard error), [`result_table`] (what came of it, on
//! standard output), [`report`] (reports made again from `run.json`).

pub mod progress;
pub mod report;
pub mod result_table;
