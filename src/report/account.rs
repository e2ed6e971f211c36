//! What a person needs who sees nothing of a drill but its entry in a report for machines.

use std::fmt::Write as _;

use crate::{
    record::drill::{Drill, Outcome},
    report::{
        reading::{self, State},
        wording,
    },
};

/// The whole of it, a line for each thing, with the command `rerun` that runs the drill again.
pub(super) fn account(drill: &Drill, rerun: &str) -> String {
    let mut text = format!("\n{}", told(drill));
    let _ = writeln!(text, "chain: {}", chain(drill));
    for step in &drill.steps {
        let outcome = match step.outcome {
            Outcome::Passed => "passed",
            Outcome::Failed => "FAILED",
            Outcome::Skipped => "skipped",
            Outcome::NotRun => "not reached",
        };
        let _ = writeln!(text, "  {outcome:<11} {} {}", wording::brief(&step.keyword), wording::brief(&step.text));
    }
    for (what, why) in reading::left_behind(drill) {
        let _ = writeln!(text, "left behind: {} ({})", wording::line(what), wording::line(why));
    }
    let _ = writeln!(text, "again: {rerun}");
    text
}

/// What broke, what was expected, what was seen, and what to do about it.
pub(super) fn told(drill: &Drill) -> String {
    let mut text = format!("{}\n", wording::broken(drill).unwrap_or_default());
    let Some(failure) = reading::failure(drill) else { return text };
    let rest =
        [("expected", &failure.expected), ("saw", &failure.saw), ("hint", &failure.hint), ("at", &failure.place)];
    for (label, value) in rest {
        if let Some(value) = value {
            let _ = writeln!(text, "  {label}: {}", wording::brief(value));
        }
    }
    text
}

/// Both latencies of the first alert that was seen.
pub(super) fn latencies(drill: &Drill) -> Option<String> {
    let latencies = reading::latencies(drill)?;
    let (propagation, detection) = (wording::propagation(latencies), wording::seconds(latencies.detection));
    Some(format!("propagation {propagation}, detection {detection}"))
}

/// How each link of the chain went, on one line; those that the drill has not are left out.
pub(super) fn chain(drill: &Drill) -> String {
    let told = reading::links(drill).map(|(link, state, witness)| {
        let why = witness.filter(|_| state == State::Unwitnessable);
        let why = why.map(|witness| format!(" ({})", wording::brief(&witness.by))).unwrap_or_default();
        format!("{} {}{why}", link.label(), state.word())
    });
    let links: Vec<String> = told.collect();
    links.join(", ")
}
