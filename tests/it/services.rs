//! The clients: against recordings of what the services say, and against servers that say anything else.

mod access;
mod federated;
mod hostile;
mod obstacles;
mod proofs;
mod recordings;
mod skew;
mod stage;
mod tolerance;
