//! The binary as a user meets it: what is typed, what comes back on each stream, the exit code, and what is left on disk.

mod beside;
mod blocking;
mod collect;
mod detach;
mod edited;
mod emulate;
mod features;
mod foreign;
mod help;
mod interruption;
mod jobs;
mod kills;
mod manners;
mod plan;
mod proofs;
mod report;
mod run;
mod running_clock;
mod served;
mod services;
pub(crate) mod stage;
mod steps;
mod sweep;
mod tenant;
mod unread;
mod usage;
