//! The files of a run whose drills are armed, changed by hand or copied badly: nothing of anybody else is touched, and
//! nothing is forgotten.
#![cfg(unix)]

use regex::Regex;
use serde_json::{Value, json};

use crate::cli::{
    detach::{FEATURE, Ground, SERVICES},
    foreign::{self, Holdings},
};

const JOURNAL: &str = "alertdrill-report/journal.ndjson";
const ARMED: &str = "alertdrill-report/armed.json";

/// What is armed, after `edit`.
fn edited(ground: &Ground, edit: impl FnOnce(&mut Value)) {
    let mut armed = ground.stage.json(ARMED);
    let before = armed.clone();
    edit(&mut armed);
    assert_ne!(armed, before);
    ground.stage.write(ARMED, armed.to_string());
}

/// Of each service, the keys of an alert definition and an indicator that somebody else has published.
fn keys_of_others(ground: &Ground) -> [(&'static str, String, String); 3] {
    let state = ground.served.state();
    let key = |set: &str| state[set][0]["id"].to_string().replace('"', "");
    [
        ("legacy", key("definitions"), key("indicators")),
        ("endpoint", key("customIndicators"), key("customIndicators")),
        ("graph", key("rules"), key("rules")),
    ]
}

#[test]
fn a_key_in_the_journal_that_is_somebody_else_s_is_left_alone_and_what_is_the_drill_s_is_found() {
    let ground = Ground::new(FEATURE);
    let foreign = foreign::publish(&ground.served);
    for (service, definition, indicator) in keys_of_others(&ground) {
        ground.arm(&format!("--service {service}")).exits(0);
        let mut journal = ground.stage.read(JOURNAL);
        for (what, key) in [("definition", definition), ("indicator", indicator)] {
            let named = Regex::new(&format!(r#""what":"{what}","key":"[^"]*""#)).expect("a pattern");
            journal = named.replace_all(&journal, format!(r#""what":"{what}","key":"{key}""#)).into_owned();
        }
        assert_ne!(ground.stage.read(JOURNAL), journal, "{service}");
        ground.stage.write(JOURNAL, journal);
        ground.hours_pass(1);
        let ran = ground.collect("");
        ran.exits(0);
        assert_eq!(Holdings::of(&ground.served), foreign, "{service}: {}", ran.told());
    }
}

#[test]
fn a_journal_that_was_cut_off_is_refused_and_all_stays_armed() {
    let ground = Ground::new(FEATURE);
    for service in SERVICES {
        ground.arm(&format!("--service {service}")).exits(0);
        let journal = ground.stage.read(JOURNAL);
        let head = journal.split_inclusive('\n').next().expect("a line");
        ground.stage.write(JOURNAL, head);
        let ran = ground.collect("");
        ran.exits(64).prints("");
        assert!(ran.stderr.contains("journal.ndjson ends before what was made is in it (hint: "), "{}", ran.told());
        ground.stage.write(JOURNAL, &journal);
        ground.hours_pass(1);
        ground.collect("").exits(0);
        assert_eq!(ground.count(), 0, "{service}");
    }
}

#[test]
fn what_cannot_be_so_is_refused_with_its_field_and_all_stays_armed() {
    let ground = Ground::new(FEATURE);
    ground.arm("--service endpoint").exits(0);
    ground.hours_pass(1);
    let text = ground.stage.read(ARMED);
    let (drill, then) = ("/drills/0", "9999-12-30T00:00:00Z");
    let not_yet = |field: &str| format!("{field}: {then} is to come yet, at ⟨line⟩");
    for (field, value, exit, told) in [
        ("/alarms/0/touches/0/at", json!(then), 64, not_yet("alarms[0].touches[0].at")),
        ("/alarms/0/touches/0/next", json!(then), 64, not_yet("alarms[0].touches[0].next")),
        ("/alarms/0/touches/0/before", json!([then]), 64, not_yet("alarms[0].touches[0].before")),
        ("/alarms/0/accepted_at", json!(then), 64, not_yet("alarms[0].accepted_at")),
        ("/started", json!(then), 64, not_yet("started")),
        ("/marker", json!("abcd2345"), 64, "marker: `abcd2345` is not the drill's own, `⟨line⟩`".into()),
        (
            "/alarms/0/marker",
            json!("abcd2345"),
            64,
            "alarms[0].marker: `abcd2345` is not the drill's own, `⟨line⟩`".into(),
        ),
        ("/notes/steps", json!([]), 65, "notes.steps: 0 are done, and 3 stand before its first Then".into()),
        ("/notes/steps/1/text", json!("x"), 65, "notes.steps: `x` is not what line 4 says and did".into()),
        (
            "/notes/steps/1/outcome",
            json!("failed"),
            65,
            "notes.steps: `an alert⟨line⟩` is not what line 4 says and did".into(),
        ),
    ] {
        edited(&ground, |armed| {
            let drill = armed.pointer_mut(drill).expect("a drill");
            let (parent, name) = field.rsplit_once('/').expect("a path");
            drill.pointer_mut(parent).expect("it is there")[name] = value;
        });
        ground.collect("").exits(exit).prints("").tells(&format!(
            "⟨any⟩alertdrill: {ARMED}: f.feature:2@endpoint: {told} (hint: put back what `run --detach` wrote; or `alertdrill sweep \
             alertdrill-report` gives up what is armed)"
        ));
        assert_eq!(ground.count(), 1, "{field}");
        ground.stage.write(ARMED, &text);
    }
    ground.collect("").exits(0);
}

/// Drills that change or remove what they published after their first `Then`.
const AFTERWARDS: &str = "Feature: f
  Scenario: removed
    Given an onboarded device
    And an alert definition and an indicator are in effect
    When the device contacts the indicator's address
    Then an alert is raised within 10 minutes
    When the indicator is removed
  Scenario: removed whole
    Given an onboarded device
    And an alert definition and an indicator are in effect
    When the device contacts the indicator's address
    Then an alert is raised within 10 minutes
    When the alert definition is removed
  Scenario: changed
    Given an onboarded device
    And an alert definition and an indicator are in effect
    When the device contacts the indicator's address
    Then an alert is raised within 10 minutes
    When the alert definition is changed
      | title | Changed {marker} |
";

#[test]
fn a_key_in_what_is_armed_that_is_somebody_else_s_is_neither_changed_nor_removed() {
    let ground = Ground::new(AFTERWARDS);
    let foreign = foreign::publish(&ground.served);
    for (service, definition, indicator) in keys_of_others(&ground) {
        ground.arm(&format!("--service {service}")).exits(0);
        ground.hours_pass(1);
        edited(&ground, |armed| {
            for drill in armed["drills"].as_array_mut().expect("drills") {
                drill["alarms"][0]["stored_definition"]["key"] = json!(definition);
                drill["alarms"][0]["stored_indicator"]["key"] = json!(indicator);
            }
        });
        let ran = ground.collect("");
        assert_eq!(Holdings::of(&ground.served), foreign, "{service}: {}", ran.told());
        ran.exits(2);
        let record = ground.record();
        for drill in record["drills"].as_array().expect("drills") {
            assert_eq!(drill["code"], "not-published", "{service}: {drill:#}");
            let told = drill["steps"].to_string();
            assert!(told.contains("is this drill's, and it does not bear its marker"), "{service}: {told}");
        }
    }
}

#[test]
fn what_is_no_file_is_refused_and_not_waited_for() {
    let ground = Ground::new(FEATURE);
    ground.arm("--service endpoint").exits(0);
    let pipe = |path: &std::path::Path| {
        let made = std::process::Command::new("mkfifo").arg(path).status().expect("it is there");
        assert!(made.success());
    };
    let folder = |path: &std::path::Path| std::fs::create_dir(path).expect("made");
    for (name, commands) in [
        (ARMED, vec!["collect alertdrill-report", "run f.feature --tenant lab"]),
        (JOURNAL, vec!["collect alertdrill-report", "run f.feature --tenant lab", "sweep alertdrill-report"]),
    ] {
        let (path, text) = (ground.stage.file(name), ground.stage.read(name));
        for make in [&pipe as &dyn Fn(&std::path::Path), &folder] {
            std::fs::remove_file(&path).expect("removed");
            make(&path);
            for line in &commands {
                let ran = ground.stage.run(line);
                ran.exits(64).prints("");
                assert!(ran.stderr.contains(&format!("{name} is no regular file (hint: ")), "{line}: {}", ran.told());
            }
            std::fs::remove_file(&path).or_else(|_| std::fs::remove_dir(&path)).expect("removed");
            ground.stage.write(name, &text);
        }
    }
    ground.hours_pass(1);
    ground.collect("").exits(0);
}
