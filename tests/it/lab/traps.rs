//! The traps of the tools that the runner stands on, each held shut.

use std::{sync::Arc, time::Duration};

use alertdrill::{
    World,
    clock::limit::Stopwatch,
    domain::service::Service,
    runner::{
        course::Options,
        stop::{Level, Stop},
    },
    world::lab::{Lab, Labs, NoLab, Wish},
};
use cucumber::{given, when};
use futures::future::BoxFuture;

use super::{options, run, run_in, run_with, told, verdict};

#[given("a step that never ends")]
async fn never_ends(_: &mut World) {
    std::future::pending::<()>().await;
}

#[given("a step that panics by an index")]
fn panics(_: &mut World) {
    let nothing: Vec<u8> = Vec::new();
    assert_eq!(nothing[3], 0);
}

#[when("a task beside the step panics")]
fn task_panics(_: &mut World) {
    let panicked = std::thread::spawn(|| panic!("beside the step")).join();
    assert!(panicked.is_err());
}

#[given("a step that stops the run")]
async fn stops(_: &mut World) {
    STOP.with(|stop| stop.at_least(Level::Now));
    std::future::pending::<()>().await;
}

std::thread_local! {
    static STOP: Stop = Stop::default();
}

fn scenario(steps: &str) -> String {
    format!("Feature: f\n  Scenario: s\n{steps}")
}

#[test]
fn a_step_that_never_ends_is_ended_and_the_drill_cleans_up() {
    let options = Options { step_limit: Duration::from_millis(200), ..options() };
    let text = scenario("    Given an alert definition is published\n    And a step that never ends\n");
    let ran = run_with(&text, options, &Stop::default());
    assert_eq!(verdict(ran.drill()), "errored inconclusive");
    assert!(told(ran.drill()).contains("limit of 200ms"), "{}", told(ran.drill()));
    assert_eq!(ran.drill().clean_up.len(), 1);
}

#[test]
fn every_drill_cleans_up_where_the_first_that_does_not_pass_is_the_last_to_begin() {
    let options = Options { fail_fast: true, jobs: 2, ..options() };
    let publishes = "    Given an alert definition is published\n";
    let text = format!(
        "Feature: f\n  Scenario: a\n{publishes}    And a step that panics by an index\n  \
         Scenario: b\n{publishes}    When 48 hours pass\n  Scenario: c\n{publishes}"
    );
    let ran = run_with(&text, options, &Stop::default());
    let mut ended: Vec<_> = ran.drills.iter().map(|drill| (drill.name.as_str(), drill.clean_up.len())).collect();
    ended.sort_unstable();
    assert_eq!(ended, [("a", 1), ("b", 1), ("c", 0)]);
    assert!(ran.drills.iter().flat_map(|drill| &drill.clean_up).all(|undone| undone.left.is_none()));
}

#[test]
fn a_limit_does_not_count_what_a_step_waits_for_by_the_clock() {
    let options = Options { step_limit: Duration::from_secs(5), ..options() };
    let ran = run_with(&scenario("    When 48 hours pass\n"), options, &Stop::default());
    assert_eq!(verdict(ran.drill()), "passed");
    assert_eq!(ran.drill().finished.duration_since(ran.drill().started).as_hours(), 48);
}

#[test]
fn a_panic_in_a_step_is_told_with_its_place() {
    let ran = run(&scenario("    Given a step that panics by an index\n"));
    assert!(told(ran.drill()).contains("traps.rs:"), "{}", told(ran.drill()));
    assert_eq!(ran.ended.defects, Vec::<String>::new());
}

#[test]
fn a_panic_beside_the_steps_is_a_defect_with_its_place() {
    let ran = run(&scenario("    When a task beside the step panics\n"));
    assert_eq!(ran.ended.defects.len(), 1);
    assert!(ran.ended.defects[0].contains("traps.rs:") && ran.ended.defects[0].contains("beside the step"));
}

/// A ground that gives way.
struct NoGround;

impl Labs for NoGround {
    fn service(&self) -> Service {
        Service::Legacy
    }

    fn lab(&self, _: Wish) -> BoxFuture<'_, Result<Arc<Lab>, NoLab>> {
        Box::pin(async { panic!("the ground gave way") })
    }
}

#[test]
fn a_panic_while_a_lab_is_made_is_a_defect_and_no_drill_is_lost() {
    let rows = (0..100).map(|row| format!("      | {row} |\n")).collect::<Vec<_>>().concat();
    let text = format!(
        "Feature: f\n  Scenario Outline: <n>\n    Given an onboarded device\n    Examples:\n      | n |\n{rows}"
    );
    let ran = run_in(Arc::new(NoGround), &text, options(), &Stop::default());
    assert_eq!(ran.drills.len(), 100);
    assert!(ran.drills.iter().all(|drill| verdict(drill) == "errored inconclusive"));
    assert!(ran.ended.defects[0].contains("traps.rs:") && ran.ended.defects[0].contains("the ground gave way"));
}

#[test]
fn an_interrupted_run_breaks_drills_off_cleans_up_and_begins_no_other() {
    let stop = STOP.with(Clone::clone);
    let text = format!(
        "{}  Scenario: another\n    Given an onboarded device\n",
        scenario("    Given an alert definition is published\n    And a step that stops the run\n")
    );
    let ran = run_with(&text, Options { jobs: 1, ..options() }, &stop);
    let verdicts: Vec<_> = ran.drills.iter().map(verdict).collect();
    assert_eq!(verdicts, ["errored inconclusive", "skipped"]);
    assert_eq!(ran.drills[0].clean_up.len(), 1);
    assert!(ran.drills[0].clean_up[0].left.is_none());
}

#[test]
fn a_retry_tag_does_not_repeat_a_drill_until_it_passes() {
    let ran = run("Feature: f\n  @retry(3)\n  Scenario: s\n    Given a step that panics by an index\n");
    assert_eq!(ran.drills.len(), 1);
}

#[test]
fn waiting_costs_no_processor_time_and_many_drills_hang_nothing() {
    let rows = (0..600).map(|row| format!("      | {row} |\n")).collect::<Vec<_>>().concat();
    let watch = Stopwatch::start();
    let ran = run(&format!(
        "Feature: f\n  Scenario Outline: <n>\n    Given an alert definition is published\n      | title | <n> |\n    Examples:\n      | n |\n{rows}"
    ));
    assert_eq!(ran.drills.len(), 600);
    assert!(ran.drills.iter().all(|drill| verdict(drill) == "passed"));
    assert!(watch.elapsed() < Duration::from_mins(1), "600 small drills took {:?}", watch.elapsed());
}

#[test]
fn a_hundred_servers_that_end_in_one_run_hang_nothing() {
    let rows = (0..100).map(|row| format!("      | {row} |\n")).collect::<Vec<_>>().concat();
    let ran = run(&format!(
        "Feature: f\n  @exclusive\n  Scenario Outline: <n>\n    Given access to the tenant\n    Examples:\n      | n |\n{rows}"
    ));
    assert_eq!(ran.drills.iter().filter(|drill| verdict(drill) == "passed").count(), 100);
}

#[test]
fn a_drill_that_is_kept_leaves_what_it_made_and_says_so() {
    let text = scenario("    Given an alert definition is published\n");
    let ran = run_with(&text, Options { keep: true, ..options() }, &Stop::default());
    assert_eq!(verdict(ran.drill()), "passed");
    assert!(ran.drill().clean_up[0].left.as_deref().is_some_and(|why| why.contains("--keep")));
}

#[test]
fn cucumber_s_tracing_feature_which_spins_while_it_waits_is_off() {
    let manifest = include_str!("../../../Cargo.toml");
    let line = manifest.lines().find(|line| line.starts_with("cucumber = ")).expect("cucumber is a dependency");
    assert!(line.contains("default-features = false") && !line.contains("tracing"), "{line}");
}
