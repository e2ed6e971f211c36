//! Everything that a feature can demand of alerts, on a tenant that does not fulfil it: the verdict, and what is told.
//!
//! In reading order: [`fields`], [`evidence`], [`counts`], [`silence`], [`recovery`], [`budgets`] (of a run).

mod budgets;
mod counts;
mod evidence;
mod fields;
mod recovery;
mod silence;

use alertdrill::{
    domain::service::Service,
    record::{drill::Drill, verdict::Verdict},
};

use super::{Ran, rows, run_on, told, verdict};

/// The settings of a fault, or the rows of a table.
type Settings<'a> = &'a [(&'a str, &'a str)];

/// A drill that publishes on a tenant of its own, which misbehaves in the ways of `faults` from before its first step; then
/// `steps`.
fn drill(service: Service, faults: &[(&str, Settings<'_>)], steps: &str) -> Ran {
    let misbehaves = |(fault, settings): &(&str, Settings<'_>)| {
        format!("    And the laboratory misbehaves: {fault}\n{}", rows(settings))
    };
    let faults: String = faults.iter().map(misbehaves).collect();
    run_on(
        service,
        &format!(
            "Feature: f\n  @exclusive @controls\n  Scenario: s\n    Given an onboarded device\n{faults}\
             \x20   And an alert definition and an indicator are in effect\n{steps}"
        ),
    )
}

/// The same, where the device then contacts the indicator's address.
fn touched(service: Service, faults: &[(&str, Settings<'_>)], steps: &str) -> Ran {
    drill(service, faults, &format!("    When the device contacts the indicator's address\n{steps}"))
}

/// The verdict on `drill` is `expected`, what is told has each of `words`, and a failure has all of its parts.
#[track_caller]
fn is(drill: &Drill, expected: &str, words: &[&str]) {
    let told = match &drill.verdict {
        Verdict::Skipped { reason, remedy } => format!("{reason} ({remedy})"),
        _ => told(drill),
    };
    assert_eq!(verdict(drill), expected, "{}: {told}", drill.service);
    for word in words {
        assert!(told.contains(word), "{}: `{word}` is not told: {told}", drill.service);
    }
    if expected.starts_with("failed") {
        for part in ["\n  expected: ", "\n  saw: ", "\n  hint: "] {
            assert!(told.contains(part), "{}: no {part:?} is told: {told}", drill.service);
        }
    }
}
