//! The clients: against recordings of what the services say, and against servers that say anything else.

mod access;
mod graph_alerts;
mod graph_hostile;
mod graph_rules;
mod graph_stage;
mod hostile;
mod obstacles;
mod recordings;
mod skew;
mod stage;
mod tolerance;
