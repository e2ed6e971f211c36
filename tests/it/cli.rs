//! The binary as a user meets it: what is typed, what comes back on each stream, the exit code, and what is left on disk.

mod blocking;
mod emulate;
mod features;
mod help;
mod interruption;
mod manners;
mod proofs;
mod report;
mod run;
mod served;
mod services;
pub(crate) mod stage;
mod steps;
mod tenant;
mod usage;
