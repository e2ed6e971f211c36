//! What runs remember of those before them, and what is remembered of them.
#![cfg(unix)]

use std::fs;

use alertdrill::{history::store::Store, record::verdict::RunVerdict};
use serde_json::{Value, json};

use crate::cli::{
    detach::{FEATURE, Ground},
    stage::{Ran, Running, Stage},
};

/// Three drills, of whose alerts each is ready 200 seconds after its stimulus.
const THREE: &str = "Feature: three
  Scenario Outline: <name>
    Given an alert definition and an indicator are in effect
    When the device contacts the indicator's address
    Then an alert is raised within 10 minutes

    Examples:
      | name |
      | one  |
      | two  |
      | last |
";

const STORE: &str = "alertdrill-report/history.redb";

/// A drill that passes, and one whose definition is enabled, or not.
fn two(enabled: &str) -> String {
    format!(
        "Feature: f\n  Scenario: first\n    Given access to the tenant\n\n  Scenario: second\n    Given an alert \
         definition and an indicator are in effect\n      | enabled | {enabled} |\n    When the device contacts the \
         indicator's address\n    Then an alert is raised within 40 minutes\n"
    )
}

/// After how many seconds the drill's looks were taken, and how exact its latency is for it.
fn looks(drill: &Value) -> (Vec<f64>, f64) {
    let moment = |text: &Value| -> jiff::Timestamp { text.as_str().expect("text").parse().expect("a moment") };
    let wait = &drill["waits"][0];
    let after = |look: &Value| moment(&look["at"]).duration_since(moment(&wait["from"])).as_secs_f64();
    let looks = wait["looks"].as_array().expect("a list").iter().map(after).collect();
    (looks, drill["sightings"][0]["latencies"]["resolution"].as_f64().expect("seconds"))
}

fn all_looks(ground: &Ground) -> Vec<(Vec<f64>, f64)> {
    ground.record()["drills"].as_array().expect("a list").iter().map(looks).collect()
}

#[test]
fn a_run_looks_when_alerts_came_in_the_run_before_it_and_knows_latencies_more_exactly_for_it() {
    let ground = Ground::at_speed(60, THREE);
    let run = |options: &str| {
        let ran = ground.stage.run(&format!("run f.feature --tenant lab --service endpoint {options}"));
        ran.exits(0);
        all_looks(&ground)
    };
    for (looks, resolution) in run("") {
        assert!(looks[0] < 60.0 && resolution > 45.0, "nothing is known: {looks:?} {resolution}");
    }
    for (looks, resolution) in run("") {
        assert!((145.0..=200.0).contains(&looks[0]) && resolution < 45.0, "{looks:?} {resolution}");
    }
    for (looks, _) in run("--no-history") {
        assert!(looks[0] < 60.0, "it is to know nothing: {looks:?}");
    }
    // What comes otherwise than before is found all the same, and the next run knows it.
    ground.control("PATCH", "knobs", &json!({ "detectionSeconds": 20, "networkAlertSeconds": 20 }));
    assert!(run("").iter().all(|(looks, _)| looks.len() < 3));
    for (looks, _) in run("") {
        assert!(looks[0] < 60.0, "{looks:?}");
    }
}

#[test]
fn what_is_remembered_is_its_owner_s_alone_and_left_out_where_it_is_asked_for() {
    use std::os::unix::fs::PermissionsExt as _;

    let stage = Stage::new();
    stage.write("f.feature", two("yes"));
    stage.run("run f.feature --no-history").exits(0);
    assert!(!stage.file(STORE).exists());
    for out in ["one", "other"] {
        stage.run(&format!("run f.feature --history all/runs.redb --out {out}")).exits(0);
        assert!(!stage.file(&format!("{out}/history.redb")).exists());
    }
    let path = stage.file("all/runs.redb");
    assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
    let store = Store::open(&path).expect("opened");
    let runs = store.runs().expect("runs");
    let ids = ["one", "other"].map(|out| stage.json(&format!("{out}/run.json"))["run"].clone());
    assert_eq!(runs.iter().map(|run| json!(run.run)).collect::<Vec<_>>(), ids);
    assert!(runs.iter().all(|run| run.counts.passed == 2 && run.tenant == "emulator"), "{runs:?}");
    stage.run("run f.feature --no-history --history x").exits(64);
}

#[test]
fn a_run_says_what_is_new_beside_those_before_it() {
    let stage = Stage::new();
    let run = |feature: &str| stage.write("f.feature", feature).run("run f.feature").stdout;
    let record = || stage.json("alertdrill-report/run.json");
    assert!(!run(&two("yes")).contains("since"));
    assert_eq!(record()["past"], Value::Null, "nothing was before it");
    let last = record()["run"].as_str().expect("a name").to_owned();

    let told = run(&two("no"));
    assert!(told.contains(&format!("\n  new       1 newly failing since {last}\n")), "{told}");
    assert!(stage.read("alertdrill-report/summary.md").contains("\n> 1 newly failing since run-"));
    let past = record()["past"].clone();
    assert_eq!(past["newly_failing"], json!(["f.feature:5"]));
    assert_eq!((&past["runs"][0]["run"], &past["runs"][0]["services"][0]["detection"]["n"]), (&json!(last), &json!(1)));

    assert!(run(&two("no")).contains("1 still failing since"));
    // It is the same drill, wherever it is written by now.
    let told = run(&format!("# why\n\n{}", two("yes")));
    assert!(told.contains("  new       1 fixed since"), "{told}");
    assert_eq!(record()["past"]["fixed"], json!(["f.feature:7"]));
    let told = run(&two("no"));
    assert!(told.contains("  new       1 newly failing, 1 flaky since"), "{told}");
}

#[test]
fn a_row_of_examples_is_the_same_drill_when_others_come_above_it() {
    let stage = Stage::new();
    let run = |rows: &str| {
        let outline = two("<enabled>").replace("Scenario: second", "Scenario Outline: second");
        let feature = format!("{outline}\n    Examples:\n      | which | enabled |\n{rows}");
        stage.write("f.feature", feature).run("run f.feature").stdout
    };
    run("      | one   | yes     |\n      | other | no      |\n");
    let told = run("      | new   | yes     |\n      | one   | yes     |\n      | other | no      |\n");
    assert!(told.contains("\n  new       1 still failing since "), "{told}");
}

fn told(ran: &Ran, problem: &str) {
    ran.exits(0);
    let told = format!("alertdrill: this run is not remembered: {STORE}: {problem}");
    assert!(ran.stderr.contains(&told), "{}", ran.told());
}

#[test]
fn a_history_that_cannot_be_used_is_told_and_left_and_the_run_is_what_it_is() {
    let stage = Stage::new();
    stage.write("f.feature", two("yes")).write(STORE, "precious");
    told(&stage.run("run f.feature"), "this is no history of alertdrill (hint: name another file with --history");
    assert_eq!(stage.read(STORE), "precious");
    fs::remove_file(stage.file(STORE)).expect("removed");
    stage.run("run f.feature").exits(0);
    let bytes = fs::read(stage.file(STORE)).expect("readable");
    stage.write(STORE, &bytes[..bytes.len() / 2]);
    told(&stage.run("run f.feature"), "it is damaged: ");
    assert_eq!(fs::read(stage.file(STORE)).expect("readable").len(), bytes.len() / 2);
    let verdict = stage.json("alertdrill-report/run.json")["verdict"].clone();
    assert_eq!(verdict, "passed");
}

#[test]
fn whoever_has_a_history_open_is_waited_for_but_not_for_long() {
    let stage = Stage::new();
    stage.write("f.feature", two("yes"));
    stage.run("run f.feature").exits(0);
    let open = Store::open(&stage.file(STORE)).expect("opened");
    told(&stage.run("run f.feature"), "another alertdrill has it open (hint: ");
    drop(open);
    let (one, other) = std::thread::scope(|both| {
        let other = both.spawn(|| stage.run("run f.feature --out other --history alertdrill-report/history.redb"));
        (stage.run("run f.feature"), other.join().expect("it ran"))
    });
    for ran in [one, other] {
        ran.exits(0);
        assert!(!ran.stderr.contains("history"), "{}", ran.told());
    }
    assert_eq!(Store::open(&stage.file(STORE)).expect("opened").runs().expect("runs").len(), 3);
}

#[test]
fn drills_that_are_armed_and_then_judged_are_one_run() {
    let ground = Ground::new(&format!("{FEATURE}  Scenario: judged at once\n    Given access to the tenant\n"));
    let remembered = || Store::open(&ground.stage.file(STORE)).expect("opened").runs().expect("runs");
    ground.arm("--service endpoint").exits(0);
    let armed = remembered();
    assert_eq!((armed[0].verdict, armed[0].counts.passed), (RunVerdict::Armed, 1));
    ground.hours_pass(1);
    ground.collect("").exits(0);
    let judged = remembered();
    assert_eq!((judged.len(), &judged[0].run, judged[0].counts.passed), (1, &armed[0].run, 2));
    assert_eq!(judged[0].verdict, RunVerdict::Passed);
}

#[test]
fn an_interrupted_run_is_remembered_as_such_and_judges_nothing() {
    let ground = Ground::new(&format!("{FEATURE}  Scenario: first\n    Given access to the tenant\n"));
    let mut run = Running::of(ground.stage.command("run f.feature --tenant lab --verbose").spawn().expect("it starts"));
    run.has_told("✔ passed  first");
    run.signal("INT");
    run.end().exits(130);
    let remembered = Store::open(&ground.stage.file(STORE)).expect("opened").runs().expect("runs");
    assert_eq!((remembered[0].verdict, remembered[0].counts.passed), (RunVerdict::Interrupted, 1));
    let gate = ground.stage.run_of(&["history", "--gate", "newly failing"]);
    gate.exits(2);
    ground.stage.run("run f.feature --tenant lab --name first").exits(0);
    assert_eq!(ground.record()["past"], Value::Null, "it is no run to be seen beside");
}
