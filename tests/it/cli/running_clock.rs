//! What shows only on a clock that runs: everything takes its time there, and nothing happens at the moment that it began.
#![cfg(unix)]

use serde_json::Value;

use crate::cli::detach::Ground;

/// What the drill says of itself.
fn drill(steps: &str) -> Value {
    let head = "Feature: f\n  Scenario: s\n    Given an onboarded device\n    \
                And an alert definition and an indicator are in effect\n";
    let ground = Ground::at_speed(120, &format!("{head}{steps}"));
    ground.stage.run("run f.feature --tenant lab --service endpoint");
    ground.stage.json("alertdrill-report/run.json")["drills"][0].clone()
}

#[test]
fn what_was_done_twice_within_seconds_was_reported_twice() {
    let contact = "    When the device contacts the indicator's address\n";
    let told = drill(&format!("{contact}{contact}    Then at least 3 alerts are raised\n"));
    assert_eq!((&told["verdict"], &told["code"]), (&"failed".into(), &"no-alert".into()), "{told:#}");
    let links = told["chain"].as_array().expect("a list").iter().filter(|link| link["link"] == "telemetry");
    let witnessed: Vec<_> = links.map(|link| link["standing"].as_str().expect("a word")).collect();
    assert_eq!(witnessed, ["held", "held"], "{told:#}");
}

#[test]
fn a_latency_is_as_exact_as_the_looks_were_apart() {
    let told =
        drill("    When the device contacts the indicator's address\n    Then an alert is raised within 10 minutes\n");
    assert_eq!(told["verdict"], "passed", "{told:#}");
    let resolution = told["sightings"][0]["latencies"]["resolution"].as_f64().expect("seconds");
    // The alert comes after 200 seconds, when looks are a minute or two apart.
    assert!(resolution > 45.0, "{resolution}: {:#}", told["waits"]);
}
