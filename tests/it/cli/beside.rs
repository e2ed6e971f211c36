//! Two runs on one tenant, at the same time or one beside what another left: no verdict of one depends on the other.
#![cfg(unix)]

use std::{collections::BTreeSet, io::Write as _, net::TcpListener};

use serde_json::{Value, json};

use crate::cli::{
    detach::{self, Ground},
    served::Served,
    stage::{Ran, Running, Stage},
};

/// A drill of its own address, and one of the guide's, which every run has in common.
const FEATURE: &str = "Feature: f
  Scenario: minted
    Given an alert definition and an indicator are in effect
    When the device contacts the indicator's address
    Then an alert is raised within 5 minutes
    And it is the only alert
  Scenario: guide
    Given the guide's alert definition and indicator are in effect
    When the device contacts the indicator's address
    Then an alert is raised within 5 minutes
    And it is the only alert
";

/// A served tenant on which time passes faster, and drills take some minutes of it.
fn stage() -> (Stage, Served) {
    let stage = Stage::new();
    stage.write("f.feature", FEATURE);
    let served = Served::on(&stage, "--speed 200");
    stage.write(
        "alertdrill.toml",
        "[tenants.lab]\ndetails = \"details.json\"\nspeed = 200.0\npropagation = \"5 minutes\"\ndetection = \"5 minutes\"\n",
    );
    let knobs = json!({
        "propagationSeconds": 60, "detectionSeconds": 30, "networkAlertSeconds": 30,
        "networkEnforcementSeconds": 60, "enforcementRemovalSeconds": 60,
        "nrtDetectionSeconds": 30, "telemetrySeconds": 0, "rulePropagationSeconds": 0
    });
    let headers = "Content-Type: application/json\r\n";
    Served::ask("PATCH", &format!("{}/knobs", served.detail("control")), headers, &knobs.to_string());
    (stage, served)
}

fn begun(stage: &Stage, service: &str, out: &str) -> Running {
    let line = format!("run f.feature --tenant lab --service {service} --seed 7 --out {out} --verbose");
    Running::of(stage.command(&line).spawn().expect("the binary starts"))
}

/// Every drill's verdict in words, by its name.
fn verdicts(stage: &Stage, out: &str) -> Vec<(String, String)> {
    let run = stage.json(&format!("{out}/run.json"));
    let drills = run["drills"].as_array().expect("drills").iter();
    let word = |drill: &Value| {
        let (word, code) = (drill["verdict"].as_str(), drill["code"].as_str());
        [word, code].into_iter().flatten().collect::<Vec<_>>().join(" ")
    };
    let mut all: Vec<_> =
        drills.map(|drill| (drill["name"].as_str().expect("a name").to_owned(), word(drill))).collect();
    all.sort();
    all
}

fn markers(stage: &Stage, out: &str) -> BTreeSet<String> {
    let run = stage.json(&format!("{out}/run.json"));
    let drills = run["drills"].as_array().expect("drills").iter();
    drills.map(|drill| drill["marker"].as_str().expect("a marker").to_owned()).collect()
}

fn of_guide_and_minted(guide: &str, minted: &str) -> Vec<(String, String)> {
    vec![("guide".into(), guide.into()), ("minted".into(), minted.into())]
}

/// What the tenant holds of drills.
fn left(served: &Served) -> usize {
    let state = served.state();
    let sets = ["definitions", "indicators", "customIndicators", "rules"];
    let things = sets.iter().flat_map(|set| state[*set].as_array().expect("a list"));
    things.filter(|thing| thing["deletedAt"].is_null()).count()
}

fn two_at_once(service: &str) {
    let (stage, served) = stage();
    let mut runs = ["a", "b"].map(|out| begun(&stage, service, out));
    let ran: Vec<Ran> = runs.iter_mut().map(Running::end).collect();
    for (out, ran) in ["a", "b"].into_iter().zip(&ran) {
        assert_eq!(verdicts(&stage, out), of_guide_and_minted("passed", "passed"), "{service} {out}: {}", ran.told());
    }
    assert!(markers(&stage, "a").is_disjoint(&markers(&stage, "b")), "{service}: one seed, and markers of their own");
    let heads = ["a", "b"].map(|out| stage.json(&format!("{out}/run.json")));
    assert_ne!(heads[0]["run"], heads[1]["run"]);
    assert_eq!((&heads[0]["seed"], &heads[1]["seed"]), (&json!(7), &json!(7)));
    assert_eq!(left(&served), 0, "{service}");
}

#[test]
fn two_runs_of_one_seed_at_once_on_endpoint_pass_both() {
    two_at_once("endpoint");
}

#[test]
fn two_runs_of_one_seed_at_once_on_graph_pass_both() {
    two_at_once("graph");
}

#[test]
fn two_runs_of_one_seed_at_once_on_legacy_pass_both() {
    two_at_once("legacy");
}

#[test]
fn what_a_killed_run_left_holds_the_place_of_what_cannot_be_minted_and_nothing_else() {
    let (stage, served) = stage();
    let mut killed = begun(&stage, "endpoint", "a");
    killed.has_told("create an indicator: ");
    killed.has_told("find the indicators that carry the marker");
    killed.signal("KILL");
    assert_eq!(killed.end().exit, None);
    assert!(left(&served) > 0);

    let ran = begun(&stage, "endpoint", "b").end();
    assert_eq!(verdicts(&stage, "b"), of_guide_and_minted("errored not-published", "passed"), "{}", ran.told());
    assert!(ran.stdout.contains("alertdrill sweep"), "{}", ran.told());
    stage.run("sweep --tenant lab --service endpoint").exits(0);
    assert_eq!(left(&served), 0);

    let ran = begun(&stage, "endpoint", "c").end();
    assert_eq!(verdicts(&stage, "c"), of_guide_and_minted("passed", "passed"), "{}", ran.told());
}

#[test]
fn drills_that_were_armed_in_the_folder_while_a_run_was_announced_stay_armed() {
    let ground = Ground::new(detach::FEATURE);
    let table = ground.stage.read("alertdrill.toml");
    let announced = table.replace("[tenants.lab]", "[tenants.told]");
    ground.stage.write("alertdrill.toml", format!("{table}{announced}announce = \"generic\"\n"));
    let webhook = TcpListener::bind("127.0.0.1:0").expect("a port");
    let mut command = ground.stage.command("run f.feature --tenant told --service endpoint --detach");
    command.env("ALERTDRILL_ANNOUNCE_URL", format!("http://{}/", webhook.local_addr().expect("an address")));
    let mut second = Running::of(command.spawn().expect("it starts"));
    let (mut asked, _) = webhook.accept().expect("it is announced");
    ground.arm("--service endpoint").exits(0);
    let armed = ground.stage.read("alertdrill-report/armed.json");
    asked.write_all(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").expect("answered");
    let ran = second.end();
    ran.exits(64).prints("");
    assert!(ran.stderr.contains("nothing was run: alertdrill-report holds 1 drill of "), "{}", ran.told());
    assert_eq!(ground.stage.read("alertdrill-report/armed.json"), armed);
    assert!(!ground.stage.names("alertdrill-report").contains(&"run.json.part".to_owned()));
    ground.hours_pass(1);
    ground.collect("").exits(0);
    assert_eq!(ground.count(), 0);
}
