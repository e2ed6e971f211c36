//! `alertdrill run --detach`: what is armed, what is written down of it, and what is refused meanwhile.
#![cfg(unix)]

use std::os::unix::fs::PermissionsExt as _;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::cli::{
    foreign::Holdings,
    served::Served,
    stage::{Ran, Running, Stage, folder_with},
};

pub(crate) const SERVICES: [&str; 3] = ["legacy", "endpoint", "graph"];

/// Drills with a stimulus before their first `Then`, and more than one step after it.
pub(crate) const FEATURE: &str = "Feature: f
  Scenario: the alert comes
    Given an onboarded device
    And an alert definition and an indicator are in effect
    When the device contacts the indicator's address
    Then an alert is raised within 10 minutes
    And the alert names the device and the indicator
    When the indicator is removed
    Then the tenant holds the indicator no more
";

/// A drill that is judged with a control beside it.
pub(crate) const SILENCE: &str = "Feature: silence
  Scenario: nothing comes
    Given a control is published
    And an alert definition and an indicator are in effect
    When the device contacts \"another-{marker}.alertdrill.example\"
    And the device contacts the control's address
    Then no alert is raised
";

/// A served tenant on which things take effect at once, and alerts come after 200 seconds of its clock.
pub(crate) struct Ground {
    pub(crate) stage: Stage,
    pub(crate) served: Served,
}

impl Ground {
    pub(crate) fn new(feature: &str) -> Self {
        Self::at_speed(1, feature)
    }

    /// The same, of which the time passes so much faster.
    pub(crate) fn at_speed(speed: u32, feature: &str) -> Self {
        let stage = Stage::new();
        let served = Served::on(&stage, &format!("--speed {speed}"));
        let table =
            "[tenants.lab]\ndetails = \"details.json\"\npropagation = \"1 second\"\ndetection = \"5 minutes\"\n";
        stage.write("alertdrill.toml", format!("{table}speed = {speed}.0\n"));
        stage.write("f.feature", feature);
        let ground = Self { stage, served };
        let knobs = json!({ "propagationSeconds": 0, "detectionSeconds": 200, "networkEnforcementSeconds": 0,
                            "networkAlertSeconds": 200, "telemetrySeconds": 0 });
        ground.control("PATCH", "knobs", &knobs);
        ground
    }

    pub(crate) fn control(&self, method: &str, path: &str, body: &Value) -> Value {
        let address = format!("{}/{path}", self.served.detail("control"));
        Served::ask(method, &address, "Content-Type: application/json\r\n", &body.to_string())
    }

    /// Moves the tenant's clock, as hours on the way from one job to the next do.
    pub(crate) fn hours_pass(&self, hours: u32) {
        self.control("POST", "advance", &json!({ "seconds": hours * 3600 }));
    }

    pub(crate) fn arm(&self, options: &str) -> Ran {
        self.stage.run(&format!("run f.feature --tenant lab --detach {options}"))
    }

    pub(crate) fn collect(&self, options: &str) -> Ran {
        self.stage.run(&format!("collect alertdrill-report {options}"))
    }

    pub(crate) fn count(&self) -> usize {
        Holdings::of(&self.served).count()
    }

    pub(crate) fn record(&self) -> Value {
        self.stage.json("alertdrill-report/run.json")
    }
}

/// What is not as the documented schema says.
fn problems(armed: &Value) -> Vec<String> {
    let read = |name: &str| {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/schema").join(name);
        std::fs::read_to_string(path).expect("readable")
    };
    // What the record holds is documented there.
    let text = read("armed.schema.json").replace("run.schema.json#", "#");
    let mut schema: Value = serde_json::from_str(&text).expect("JSON");
    let run: Value = serde_json::from_str(&read("run.schema.json")).expect("JSON");
    let parts = schema["$defs"].as_object_mut().expect("parts");
    for (name, part) in run["$defs"].as_object().expect("parts") {
        assert!(parts.insert(name.clone(), part.clone()).is_none(), "{name} is documented twice");
    }
    let validator = jsonschema::draft202012::new(&schema).expect("a schema");
    validator.iter_errors(armed).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// Drills whose rest needs what no other does: what was tried, probing with its attempts, what was changed and removed.
const MANY: &str = "Feature: many
  Scenario: refused
    Given an alert definition and an indicator are published
      | expires in | never |
    When publishing another indicator under it is tried
      | type  | Md5 |
      | value | x   |
    Then the tenant refuses it: malformed
  Scenario: probed
    Given an onboarded device
    And an alert definition and an indicator are published
    When the device contacts the indicator's address until an alert is seen
    Then an alert is raised within 10 minutes
  Scenario: changed and removed
    Given an alert definition and an indicator are in effect
    And a control is published
    When the alert definition is changed
      | title | Changed {marker} |
    And the device contacts the indicator's address
    Then an alert is raised within 10 minutes
";

#[test]
fn whatever_a_rest_needs_is_written_as_the_schema_says_and_read_again() {
    // At first a minute is between two attempts.
    let ground = Ground::at_speed(10, MANY);
    let knobs = json!({ "detectionSeconds": 1, "networkAlertSeconds": 1 });
    ground.control("PATCH", "knobs", &knobs);
    for service in ["legacy", "endpoint"] {
        ground.arm(&format!("--service {service}")).exits(0);
        let armed = ground.stage.json("alertdrill-report/armed.json");
        assert_eq!(problems(&armed), Vec::<String>::new(), "{service}");
        assert_eq!(armed["drills"].as_array().map(Vec::len), Some(3), "{service}");
        let drills = armed["drills"].as_array().expect("drills");
        assert!(drills.iter().any(|drill| drill["tried"]["was"] == "refused"), "{service}: {armed:#}");
        ground.hours_pass(1);
        let ran = ground.collect("");
        ran.exits(0);
        assert_eq!(ground.count(), 0, "{service}: {}", ran.told());
    }
}

#[test]
fn what_is_armed_is_left_and_told_and_written_down_for_its_owner_alone_without_a_secret() {
    let ground = Ground::new(FEATURE);
    let ran = ground.arm("--service endpoint --seed 7");
    ran.exits(0).prints(
        "0 drills\n… armed: Drills are armed, and have no verdict yet: `alertdrill collect` judges them.\n⟨any⟩\n\n\
         1 drill is armed, to be judged until 20⟨line⟩ UTC:\n  alertdrill collect alertdrill-report",
    );
    assert_eq!(ground.count(), 1);
    assert_eq!(ground.stage.names("alertdrill-report"), folder_with(&["armed.json", "journal.ndjson"]));
    let path = ground.stage.file("alertdrill-report/armed.json");
    assert_eq!(std::fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);

    let text = ground.stage.read("alertdrill-report/armed.json");
    let secret = ground.served.detail("clientSecret");
    assert!(!text.contains(secret) && !text.contains("eyJ"), "{text}");
    let armed: Value = serde_json::from_str(&text).expect("JSON");
    let drill = &armed["drills"][0];
    assert_eq!((&armed["service"], &armed["seed"]), (&"endpoint".into(), &7.into()));
    assert_eq!(drill["notes"]["steps"].as_array().map(Vec::len), Some(3), "{drill:#}");
    assert_eq!(drill["alarms"][0]["touches"].as_array().map(Vec::len), Some(1));
    let record = ground.record();
    assert_eq!((&record["verdict"], &record["drills"]), (&"armed".into(), &json!([])));
    assert_eq!(problems(&armed), Vec::<String>::new());
    let until: Timestamp = armed["until"].as_str().and_then(|text| text.parse().ok()).expect("a moment");
    let started: Timestamp = record["started"].as_str().and_then(|text| text.parse().ok()).expect("a moment");
    assert!(until.duration_since(started).as_hours() == 24, "{until}");
    // Even a collection that never comes leaves nothing for long.
    let ends = ground.served.state()["customIndicators"][0]["expiresAt"].as_str().map(str::to_owned);
    assert!(ends.as_deref().is_some_and(|ends| ends >= armed["until"].as_str().expect("a moment")), "{ends:?}");
}

#[test]
fn a_drill_that_ends_before_its_first_then_is_judged_and_cleaned_up_at_once() {
    let broken = "  Scenario: broken\n    Given an alert definition and an indicator are published\n    \
                  When the device contacts the control's address\n    Then an alert is raised within 10 minutes\n";
    let whole = "  Scenario: without a then\n    Given an alert definition and an indicator are published\n";
    let ground = Ground::new(&format!("{FEATURE}{broken}{whole}"));
    for service in SERVICES {
        let ran = ground.arm(&format!("--service {service}"));
        ran.exits(2);
        assert!(ran.stdout.contains("\n1 drill is armed, "), "{}", ran.told());
        let record = ground.record();
        let verdicts: Vec<_> = record["drills"].as_array().expect("drills").iter().map(|one| &one["verdict"]).collect();
        assert_eq!((verdicts.len(), &record["verdict"]), (2, &"errored".into()), "{service}: {verdicts:?}");
        ground.hours_pass(2);
        let ran = ground.collect("");
        ran.exits(2);
        let record = ground.record();
        assert_eq!(record["counts"], json!({ "passed": 2, "failed": 0, "errored": 1, "skipped": 0 }), "{service}");
        assert_eq!(ground.count(), 0, "{service}: {}", ran.told());
    }
}

#[test]
fn where_drills_are_armed_no_other_run_begins_until_they_are_judged_or_given_up() {
    let ground = Ground::new(FEATURE);
    ground.arm("--service legacy").exits(0);
    let before = (ground.stage.read("alertdrill-report/armed.json"), ground.count());
    for line in ["run f.feature --tenant lab --service legacy", "run f.feature --tenant lab --detach", "run f.feature"]
    {
        ground.stage.run(line).exits(64).prints("").tells(
            "alertdrill: nothing was run: alertdrill-report holds 1 drill of run-⟨line⟩ armed until ⟨line⟩ (hint: `alertdrill \
             collect alertdrill-report` judges them, `alertdrill sweep alertdrill-report` gives them up; or give this run \
             its own --out)",
        );
        assert_eq!((ground.stage.read("alertdrill-report/armed.json"), ground.count()), before, "{line}");
    }
    let given_up = "alertdrill: 1 drill is armed in alertdrill-report, and given up by a sweep";
    let collects = format!("{given_up}; `alertdrill collect` judges them first");
    ground.stage.run("sweep alertdrill-report --dry-run").exits(0).tells(&collects);
    ground.stage.run("sweep alertdrill-report").exits(0).tells(given_up);
    ground.stage.run("sweep alertdrill-report").exits(0).tells("");
    assert_eq!(ground.count(), 0);
    ground.arm("--service legacy").exits(0);
    ground.hours_pass(1);
    ground.collect("").exits(0);
    ground.stage.run("run f.feature --tenant lab --service legacy --tags @none").exits(2);
}

#[test]
fn what_is_armed_without_its_journal_is_kept_and_no_other_run_begins() {
    let ground = Ground::new(FEATURE);
    ground.arm("--service endpoint").exits(0);
    let (armed, journal) = ("alertdrill-report/armed.json", "alertdrill-report/journal.ndjson");
    let (before, entries) = (ground.stage.read(armed), ground.stage.read(journal));
    for other in [None, Some(entries.replacen("run-", "run-another-", 1))] {
        match other {
            Some(other) => drop(ground.stage.write(journal, other)),
            None => std::fs::remove_file(ground.stage.file(journal)).expect("removed"),
        }
        for line in ["run f.feature --tenant lab --service endpoint", "run f.feature"] {
            ground.stage.run(line).exits(64).prints("").tells(
                "alertdrill: nothing was run: alertdrill-report holds 1 drill of run-⟨line⟩ armed until ⟨line⟩, without the \
                 journal.ndjson of that run (hint: put it back; where it is lost, `alertdrill sweep --tenant lab` finds what \
                 was made, and armed.json can be deleted; or give this run its own --out)",
            );
            assert_eq!((ground.stage.read(armed), ground.count()), (before.clone(), 1), "{line}");
        }
    }
    ground.stage.write(journal, entries);
    ground.hours_pass(1);
    ground.collect("").exits(0);
}

#[test]
fn what_one_drill_at_a_time_may_use_is_the_first_s_until_it_is_judged() {
    let drill = |name: &str| {
        format!(
            "  Scenario: {name}\n    Given an alert definition and an indicator are in effect\n      | type | IpAddress |\n      \
             | value | 52.184.197.12 |\n    When the device contacts the indicator's address\n    Then an alert is raised \
             within 10 minutes\n"
        )
    };
    let ground = Ground::new(&format!("Feature: f\n{}{}", drill("one"), drill("another")));
    let ran = ground.arm("--service endpoint");
    ran.exits(0);
    assert!(ran.stdout.contains("1 drill: 1 skipped") && ran.stdout.contains("\n1 drill is armed, "), "{}", ran.told());
    let reason = ground.record()["drills"][0]["reason"].as_str().map(str::to_owned);
    assert_eq!(reason.as_deref(), Some("a drill that is armed needs `52.184.197.12` until it is judged"));
    assert_eq!(ground.count(), 1);
    ground.hours_pass(1);
    ground.collect("").exits(0);
}

#[test]
fn an_interruption_leaves_nothing_armed() {
    let waits = "  Scenario: waits\n    Given an alert definition and an indicator are published\n    When 4 seconds pass\n    And access to the tenant is obtained\n    And 10 minutes pass\n    \
                 Then an alert is raised within 10 minutes\n";
    let ground = Ground::new(&format!("{FEATURE}{waits}"));
    for service in SERVICES {
        let line = format!("run f.feature --tenant lab --service {service} --detach --verbose");
        let mut run = Running::of(ground.stage.command(&line).spawn().expect("the binary starts"));
        // By then the other is armed.
        run.has_told(match service {
            "legacy" => "list alert definitions: ",
            "endpoint" => "list indicators: ",
            _ => "list detection rules: ",
        });
        run.signal("INT");
        let ran = run.end();
        ran.exits(130);
        assert_eq!(ground.count(), 0, "{service}: {}", ran.told());
        assert!(!ground.stage.names("alertdrill-report").contains(&"armed.json".to_owned()));
        assert_eq!(ground.record()["counts"]["errored"], 2, "{service}: {}", ran.told());
    }
}

#[test]
fn where_what_is_armed_cannot_be_written_down_nothing_is_left() {
    let ground = Ground::new(FEATURE);
    std::fs::create_dir(ground.stage.file("alertdrill-report")).expect("made");
    std::os::unix::fs::symlink("nowhere/else", ground.stage.file("alertdrill-report/armed.json")).expect("linked");
    for service in SERVICES {
        let ran = ground.arm(&format!("--service {service}"));
        ran.exits(2);
        assert!(ran.stderr.contains("what is armed cannot be written down, and is cleaned up: "), "{}", ran.told());
        assert!(!ran.stdout.contains("armed, to be judged"), "{}", ran.told());
        assert_eq!(ground.record()["counts"]["errored"], 1);
        assert_eq!(ground.count(), 0, "{service}: {}", ran.told());
    }
}

#[test]
fn as_long_as_it_may_be_is_written_in_days() {
    let ground = Ground::new(FEATURE);
    ground.arm("--service endpoint --collect-within 30days").exits(0);
    let moment = |text: &Value| text.as_str().and_then(|text| text.parse::<Timestamp>().ok()).expect("a moment");
    let until = moment(&ground.stage.json("alertdrill-report/armed.json")["until"]);
    assert_eq!(until.duration_since(moment(&ground.record()["started"])).as_hours(), 30 * 24, "{until}");
    ground.stage.run("sweep alertdrill-report --older-than 1week").exits(0).prints("⟨line⟩: 0 to remove");
    ground.stage.run("sweep alertdrill-report").exits(0);
}

#[test]
fn what_cannot_be_armed_is_refused_with_what_to_do() {
    let ground = Ground::new(FEATURE);
    ground.stage.run("run f.feature --detach").exits(64).prints("").tells(
        "alertdrill: --detach needs --tenant: the emulator of a run ends with it, and what was armed there (hint: serve one \
         with `alertdrill emulate`, and give it a table in alertdrill.toml)",
    );
    for (options, told) in [
        ("--detach --keep", "the argument '--detach' cannot be used with '--keep'"),
        ("--collect-within 2h", "required arguments were not provided"),
        ("--detach --collect-within 800h", "at most 30 days"),
        ("--detach --collect-within 31days", "at most 30 days"),
        ("--detach --collect-within 1month", "`1month` is no span of time"),
        ("--detach --collect-within 0s", "more than nothing"),
        ("--detach --collect-within soon", "`soon` is no span of time, such as `15 minutes`, `24 hours` or `30 days`"),
    ] {
        let ran = ground.stage.run(&format!("run f.feature --tenant lab {options}"));
        ran.exits(64).prints("");
        assert!(ran.stderr.contains(told), "{options}: {}", ran.told());
    }
    assert_eq!(ground.count(), 0);
}
