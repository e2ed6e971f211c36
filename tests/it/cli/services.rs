//! `--service`: on which services drills run.

use super::stage::{Ran, Stage};

const GUIDE: &str = "Feature: Whole\n  Scenario: it goes off\n    Given an onboarded device\n    \
                     And an alert definition and an indicator are in effect\n    \
                     When the device contacts the indicator's address\n    \
                     Then an alert is raised within 30 minutes\n";

fn services_of(stage: &Stage) -> Vec<(String, String, String)> {
    let run = stage.json("alertdrill-report/run.json");
    let text = |drill: &serde_json::Value, name: &str| drill[name].as_str().expect("a text").to_owned();
    let drills = run["drills"].as_array().expect("drills");
    drills.iter().map(|drill| (text(drill, "id"), text(drill, "service"), text(drill, "verdict"))).collect()
}

#[test]
fn without_a_service_the_emulator_runs_every_drill_on_all_of_them() {
    let stage = Stage::new();
    stage.write("whole.feature", GUIDE);
    let Ran { stdout, .. } = stage.run_of(&["--quiet", "run", "whole.feature"]);
    assert!(stdout.contains("3 drills: 3 passed"), "{stdout}");
    let told = [("", "legacy"), ("@endpoint", "endpoint"), ("@graph", "graph")]
        .map(|(of, service)| (format!("whole.feature:2{of}"), service.to_owned(), "passed".to_owned()));
    assert_eq!(services_of(&stage), told);
}

#[test]
fn a_service_that_is_named_is_the_only_one_and_stands_in_the_way_to_run_it_again() {
    for service in ["legacy", "endpoint", "graph"] {
        let stage = Stage::new();
        stage.write("held.feature", "Feature: f\n  Scenario: s\n    Then the tenant holds 7 indicators in all\n");
        let Ran { stdout, .. } = stage.run(&format!("run held.feature --service {service}"));
        assert!(stdout.contains("not-published") && stdout.contains("1 drill: 1 errored"), "{stdout}");
        assert!(stdout.contains(&format!("alertdrill run held.feature:2 --service {service}\n")), "{stdout}");
    }
}
