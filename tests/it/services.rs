//! The clients: against recordings of what the services say, and against servers that say anything else.

mod access;
mod hostile;
mod obstacles;
mod recordings;
mod skew;
mod stage;
mod tolerance;
