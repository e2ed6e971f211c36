//! `allow_blocking`: whether a drill may keep a tenant's devices from anything.

use serde_json::Value;

use crate::cli::{served::Served, stage::Stage};

/// Both ways in which an indicator that blocks could come to stand in a tenant.
const DRILLS: &str = "Feature: f\n\
    \x20 Background:\n    Given an onboarded device\n\
    \x20 Scenario: by being published\n    Given an alert definition is published\n\
    \x20   When an indicator is published under it\n      | action | Block |\n\
    \x20 Scenario: by being changed\n    Given an alert definition and an indicator are published\n\
    \x20   When the indicator is changed\n      | action | Warn |\n";

#[test]
fn nothing_that_warns_or_blocks_comes_to_stand_in_a_tenant_whose_owner_does_not_allow_it() {
    let stage = Stage::new();
    let _served = Served::on(&stage, "");
    let table = format!("{}service = \"endpoint\"\n", stage.read("alertdrill.toml"));
    stage.write("f.feature", DRILLS).write("alertdrill.toml", &table);
    stage.run("run --tenant lab f.feature").exits(2);
    let run = stage.json("alertdrill-report/run.json");
    for drill in run["drills"].as_array().expect("they ran") {
        let (name, why) = (&drill["name"], drill["reason"].as_str().unwrap_or_default());
        assert_eq!(drill["verdict"], "skipped", "{name}");
        assert!(why.contains("not allowed on this tenant"), "{name}: {why}");
        for exchange in drill["exchanges"].as_array().expect("a list") {
            let sent = exchange["request_body"].as_str().unwrap_or_default();
            assert!(!sent.contains("\"Block\"") && !sent.contains("\"Warn\""), "{name}: {sent}");
        }
    }
    stage.write("alertdrill.toml", format!("{table}allow_blocking = true\n"));
    stage.run("run --tenant lab f.feature").exits(0);
    let judged = stage.json("alertdrill-report/run.json");
    let passed = |drill: &Value| drill["verdict"] == "passed";
    assert!(
        judged["drills"].as_array().is_some_and(|drills| drills.len() == 2 && drills.iter().all(passed)),
        "{judged}"
    );
}

#[test]
fn what_every_device_goes_to_is_put_on_no_list() {
    let stage = Stage::new();
    let drills = "Feature: f\n\
        \x20 Scenario: by being published\n    Given an alert definition is published\n\
        \x20   When an indicator is published under it\n      | value | login.microsoftonline.com |\n\
        \x20 Scenario: by being changed\n    Given an alert definition and an indicator are published\n\
        \x20   When the indicator is changed\n      | value | www.google.com |\n\
        \x20 Scenario: by being tried\n    Given an alert definition is published\n\
        \x20   When publishing another indicator under it is tried\n      | type | IpAddress |\n      | value | 8.8.8.8 |\n";
    stage.write("f.feature", drills);
    for service in ["legacy", "endpoint", "graph"] {
        stage.run(&format!("run --service {service} f.feature")).exits(2);
        let run = stage.json("alertdrill-report/run.json");
        let judged = run["drills"].as_array().expect("they ran");
        assert_eq!(judged.len(), 3);
        for drill in judged {
            assert_eq!(drill["code"], "not-published", "{service}: {}", drill["name"]);
            for exchange in drill["exchanges"].as_array().expect("a list") {
                let sent = exchange["request_body"].as_str().unwrap_or_default();
                let named = ["microsoftonline", "google", "8.8.8.8"].iter().any(|known| sent.contains(known));
                assert!(!named, "{service}: {}: {sent}", drill["name"]);
            }
        }
    }
}
