//! Budgets over a run.

use alertdrill::{
    domain::service::Service,
    record::chain::Link,
    runner::{course::Options, select::Shard, stop::Stop},
};

use super::{Settings, is, rows, run_on, told, verdict};
use crate::lab::{emulated, options, run_in};

/// A drill that speaks of the run stands first, and runs last; then a drill for each of `faults`.
fn text(budget: &str, faults: &[(&str, Settings<'_>)]) -> String {
    let drill = |(place, (fault, settings)): (usize, &(&str, Settings<'_>))| {
        // Longer than need be, the indicator would not last.
        let wait = if *fault == LATE.0 { "7 hours" } else { "1 hour" };
        format!(
            "  @exclusive @controls\n  Scenario: drill {place}\n    Given an onboarded device\n\
             \x20   And the laboratory misbehaves: {fault}\n{}\
             \x20   And an alert definition and an indicator are in effect\n\
             \x20   When the device contacts the indicator's address\n    Then an alert is raised within {wait}\n",
            rows(settings)
        )
    };
    let drills: String = faults.iter().enumerate().map(drill).collect();
    format!("Feature: f\n  @run\n  Scenario: budget\n    Then {budget}\n{drills}")
}

const FINE: (&str, Settings<'_>) = ("delay", &[("milliseconds", "1")]);
const LATE: (&str, Settings<'_>) = ("delay-alert", &[("seconds", "18000")]);
const LOST: (&str, Settings<'_>) = ("drop-alert", &[]);
const FORGOTTEN: (&str, Settings<'_>) = ("forget", &[]);

const ALL_OF_THEM: &str = "100 % of the run's alerts come within 4 hours";
const MOST_OF_THEM: &str = "75% of the run's alerts come within 4 hours";

/// The drill that speaks of the run, which is the last to end.
fn budget(service: Service, budget: &str, faults: &[(&str, Settings<'_>)]) -> super::Ran {
    let mut ran = run_on(service, &text(budget, faults));
    assert_eq!(ran.drills.len(), faults.len() + 1);
    ran.drills.drain(..faults.len());
    assert_eq!(ran.drill().name, "budget", "it runs after all others");
    ran
}

#[test]
fn a_run_that_keeps_to_its_budget_passes_and_says_by_how_much() {
    for service in Service::ALL {
        let ran = budget(service, ALL_OF_THEM, &[FINE, FINE]);
        is(ran.drill(), "passed", &[]);
        let by = &ran.drill().chain[0].by;
        assert!(by.starts_with("2 of 2 alerts of the run came within 4h; 100 % within "), "{by}");
        is(budget(service, MOST_OF_THEM, &[FINE, LATE, FINE, FINE]).drill(), "passed", &[]);
        let effect = "100 % of the run's indicators take effect within 72 hours";
        is(budget(service, effect, &[FINE, LATE]).drill(), "passed", &[]);
    }
}

#[test]
fn a_run_over_its_budget_names_the_quantile_and_the_slowest_drills() {
    for service in Service::ALL {
        let ran = budget(service, ALL_OF_THEM, &[FINE, LATE, FINE, FINE]);
        let words = [
            "100 % of the alerts of the run came within 5h",
            "not within 4h",
            "the slowest: `drill 1` (test.feature:",
            "hint",
        ];
        is(ran.drill(), "failed late-alert", &words);
        assert_eq!(told(ran.drill()).matches("`drill ").count(), 3, "{}", told(ran.drill()));
        assert!(ran.drill().chain.iter().any(|witness| witness.link == Link::Detection && witness.broke()));
        let effect = budget(service, "50 % of the run's indicators take effect within 10 seconds", &[FINE]);
        is(
            effect.drill(),
            "failed late-alert",
            &["of the indicators of the run took effect within ", "not within 10s"],
        );
        assert!(effect.drill().chain.iter().any(|witness| witness.link == Link::Propagation && witness.broke()));
    }
}

#[test]
fn an_alert_that_never_came_is_not_within_any_budget() {
    for service in Service::ALL {
        let ran = budget(service, ALL_OF_THEM, &[FINE, LOST]);
        is(
            ran.drill(),
            "failed late-alert",
            &["fewer than 100 % of the alerts of the run came at all", "`drill 1` (", " never"],
        );
        is(budget(service, "50 % of the run's alerts come within 4 hours", &[FINE, LOST]).drill(), "passed", &[]);
    }
}

#[test]
fn a_run_without_an_alert_has_nothing_to_judge() {
    is(
        budget(Service::Endpoint, ALL_OF_THEM, &[]).drill(),
        "errored inconclusive",
        &["no drill of the run expected an alert"],
    );
    // Why no alert came cannot be told, so that none counts.
    let ran = budget(Service::Endpoint, ALL_OF_THEM, &[FORGOTTEN]);
    is(ran.drill(), "errored inconclusive", &["1 drill that saw none cannot tell why"]);
}

#[test]
fn the_drills_of_a_shard_are_what_its_budget_is_judged_over() {
    let options = Options { shard: Some(Shard { index: 2, count: 5 }), ..options() };
    let service = Service::Graph;
    let ran = run_in(emulated(service, options.seed), &text(ALL_OF_THEM, &[FINE]), options, &Stop::default());
    assert_eq!(ran.drills.iter().map(verdict).collect::<Vec<_>>(), ["passed", "passed"]);
    assert!(
        ran.drills[1].chain[0].by.contains("1 of 1 alerts of shard 2/5 of the run came"),
        "{}",
        ran.drills[1].chain[0].by
    );
}
