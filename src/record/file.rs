//! `run.json`.
