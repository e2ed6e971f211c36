//! Budgets over a run, for drills that are tagged `@run` and run after all others.

use cucumber::then;

use crate::{
    domain::span::Span,
    record::tally::Latency,
    steps::phrase::Share,
    world::{OrFail as _, World},
};

/// The tag of a drill that speaks of the run.
pub const TAG: &str = "run";

/// Whether a line speaks of the run, and not of its own drill alone.
pub fn speaks_of_the_run(line: &str) -> bool {
    line.contains("% of the run's ")
}

/// So large a share of the alerts of all drills before came within this time, counted from each one's stimulus. An alert that
/// was expected and never came did not. Of a shard, its own drills count.
#[then(regex = r"^(?P<share>\d[\d.]* ?%) of the run's alerts come within (?P<time>\d.*)$")]
fn come(world: &mut World, share: Share, time: Span) {
    world.run_keeps_to(Latency::Detection, share.0, time.0).or_fail();
}

/// So large a share of what all drills before published was seen in effect within this time of its acceptance, by the alert
/// that it raised. What raised none was not. Of a shard, its own drills count.
#[then(regex = r"^(?P<share>\d[\d.]* ?%) of the run's indicators take effect within (?P<time>\d.*)$")]
fn take_effect(world: &mut World, share: Share, time: Span) {
    world.run_keeps_to(Latency::Propagation, share.0, time.0).or_fail();
}
