//! The clients: against recordings of what the services say, and against servers that say anything else.

mod access;
mod endpoint_alerts;
mod endpoint_hostile;
mod endpoint_indicators;
pub(crate) mod endpoint_stage;
mod endpoint_time;
mod endpoint_together;
mod federated;
mod graph_alerts;
mod graph_hostile;
mod graph_rules;
pub(crate) mod graph_stage;
mod hostile;
mod hunting_together;
mod lost_answers;
mod obstacles;
mod proofs;
mod recordings;
mod skew;
mod stage;
mod tolerance;
