//! `alertdrill collect`: what was armed, judged by another process, hours later.
#![cfg(unix)]

use serde_json::{Value, json};

use crate::cli::{
    detach::{FEATURE, Ground, SERVICES, SILENCE},
    foreign::{self, Holdings},
    stage::{Running, Stage, folder_with},
};

#[test]
fn hours_later_another_process_judges_what_was_armed_and_cleans_up_and_a_second_finds_nothing() {
    let ground = Ground::new(FEATURE);
    let foreign = foreign::publish(&ground.served);
    for service in SERVICES {
        ground.arm(&format!("--service {service}")).exits(0);
        let marker = ground.stage.json("alertdrill-report/armed.json")["drills"][0]["marker"].clone();
        ground.hours_pass(6);
        let ran = ground.collect("");
        ran.exits(0);
        let record = ground.record();
        let drill = &record["drills"][0];
        let steps: Vec<_> = drill["steps"].as_array().expect("steps").iter().map(|step| &step["outcome"]).collect();
        assert_eq!(steps, [&json!("passed"); 7], "{service}");
        assert_eq!((&drill["marker"], &record["verdict"]), (&marker, &"passed".into()));
        let purposes = drill["exchanges"].as_array().expect("exchanges").len();
        let links: Vec<_> = drill["chain"].as_array().expect("links").iter().map(|one| one["link"].clone()).collect();
        for link in ["published", "propagation", "stimulus", "detection", "check"] {
            assert!(links.contains(&link.into()), "{service}: {links:?} by {purposes} exchanges");
        }
        assert_eq!(Holdings::of(&ground.served), foreign, "{service}: {}", ran.told());
        ground
            .collect("")
            .exits(64)
            .prints("")
            .tells("alertdrill: nothing is armed in alertdrill-report (hint: ⟨line⟩)");
        ground.stage.run("sweep alertdrill-report").exits(0).prints("lab (⟨line⟩), ⟨line⟩: 0 to remove");
    }
}

#[test]
fn what_came_otherwise_meanwhile_is_judged_as_ever() {
    let ground = Ground::new(FEATURE);
    for service in SERVICES {
        for (fault, exit, code) in [
            (json!({ "kind": "drop-alert" }), 1, "no-alert"),
            (json!({ "kind": "delay-alert", "seconds": 900 }), 1, "late-alert"),
        ] {
            ground.control("POST", "faults", &fault);
            ground.arm(&format!("--service {service}")).exits(0);
            ground.hours_pass(3);
            let ran = ground.collect("");
            ran.exits(exit);
            assert_eq!(ground.record()["drills"][0]["code"], code, "{service}, {fault}: {}", ran.told());
            assert_eq!(ground.count(), 0, "{service}, {fault}");
            ground.control("DELETE", "faults", &Value::Null);
        }
    }
}

#[test]
fn silence_is_judged_beside_its_control() {
    let ground = Ground::new(SILENCE);
    for service in SERVICES {
        ground.arm(&format!("--service {service}")).exits(0);
        ground.hours_pass(3);
        ground.collect("").exits(0);
        ground.control("POST", "faults", &json!({ "kind": "drop-alert" }));
        ground.arm(&format!("--service {service}")).exits(0);
        ground.hours_pass(3);
        ground.collect("").exits(2);
        assert_eq!(ground.record()["drills"][0]["code"], "inconclusive", "{service}");
        ground.control("DELETE", "faults", &Value::Null);
    }
    assert_eq!(ground.count(), 0);
}

#[test]
fn features_that_changed_are_named_and_all_stays_armed() {
    let ground = Ground::new(FEATURE);
    ground.arm("--service endpoint").exits(0);
    ground.hours_pass(1);
    for (text, told) in [
        (Some(FEATURE.replace("10 minutes", "3 minutes")), "f.feature: it is not what it was⟨line⟩"),
        (None, "f.feature: there is no such file or folder"),
    ] {
        match text {
            Some(text) => drop(ground.stage.write("f.feature", text)),
            None => std::fs::remove_file(ground.stage.file("f.feature")).expect("removed"),
        }
        let told = format!(
            "{told}\nalertdrill: nothing is judged, and all stays armed: 1 feature changed since the drills were armed"
        );
        ground.collect("").exits(65).prints("").tells(&told);
        assert_eq!(ground.count(), 1);
    }
    ground.stage.write("f.feature", FEATURE);
    ground.collect("").exits(0);
}

/// A drill whose judgement asks for telemetry.
const HUNTING: &str = "  Scenario: hunted for
    Given an alert definition and an indicator are in effect
    When the device contacts the indicator's address
    Then the device's telemetry shows it within 10 minutes
";

#[test]
fn a_collection_that_is_killed_is_finished_by_the_next_and_judges_nothing_twice() {
    let ground = Ground::new(&format!("{FEATURE}{HUNTING}"));
    ground.arm("--service endpoint").exits(0);
    ground.hours_pass(1);
    let slow = json!({ "kind": "delay", "milliseconds": 600_000, "match": { "path": "advancedqueries" } });
    ground.control("POST", "faults", &slow);
    let mut judging = Running::of(ground.stage.command("collect alertdrill-report").spawn().expect("it starts"));
    judging.has_told("[1/2] ✔ passed  the alert comes");
    let locked = ground.collect("");
    locked.exits(64).prints("");
    assert!(locked.stderr.contains("journal.ndjson: its run goes on"), "{}", locked.told());
    judging.signal("KILL");
    assert_eq!(judging.end().exit, None, "a signal ended it");
    ground.control("DELETE", "faults", &Value::Null);
    assert_eq!(ground.count(), 1, "the other is armed still");
    let part = ground.stage.read("alertdrill-report/run.json.part");
    let judged = part.lines().find(|line| line.contains("the alert comes")).expect("it is judged");

    let ran = ground.collect("");
    ran.exits(0);
    assert!(ran.stderr.contains("[1/1] ✔ passed  hunted for"), "{}", ran.told());
    assert!(ground.stage.read("alertdrill-report/run.json").contains(judged), "word for word");
    assert_eq!(ground.record()["counts"]["passed"], 2, "{}", ran.told());
    assert_eq!(ground.count(), 0);
    assert_eq!(ground.stage.names("alertdrill-report"), folder_with(&["history.redb", "journal.ndjson"]));
}

#[test]
fn a_collection_that_is_killed_is_known_in_the_folder_of_the_run_wherever_its_record_was_to_go() {
    let ground = Ground::new(&format!("{FEATURE}{HUNTING}"));
    for (killed, next) in [("--out elsewhere", ""), ("", "--out elsewhere"), ("--out elsewhere", "--out elsewhere")] {
        ground.arm("--service endpoint").exits(0);
        ground.hours_pass(1);
        let slow = json!({ "kind": "delay", "milliseconds": 600_000, "match": { "path": "advancedqueries" } });
        ground.control("POST", "faults", &slow);
        let line = format!("collect alertdrill-report {killed}");
        let mut judging = Running::of(ground.stage.command(&line).spawn().expect("it starts"));
        judging.has_told("[1/2] ✔ passed  the alert comes");
        judging.signal("KILL");
        judging.end();
        ground.control("DELETE", "faults", &Value::Null);

        let ran = ground.collect(next);
        ran.exits(0);
        assert!(ran.stderr.contains("[1/1] ✔ passed  hunted for"), "{killed}, {next}: {}", ran.told());
        assert_eq!(ground.record()["counts"]["passed"], 2, "{killed}, {next}: {}", ran.told());
        assert_eq!(ground.count(), 0);
        if next.is_empty() {
            assert_eq!(ground.stage.names("alertdrill-report"), folder_with(&["history.redb", "journal.ndjson"]));
        } else {
            let both = ["alertdrill-report/run.json", "elsewhere/run.json"].map(|record| ground.stage.read(record));
            assert_eq!(both[0], both[1]);
            assert_eq!(
                ground.stage.names("elsewhere"),
                folder_with(&["history.redb"]),
                "the journal stays with the run"
            );
        }
        ground.collect("").exits(64);
        for folder in ["alertdrill-report", "elsewhere"] {
            std::fs::remove_dir_all(ground.stage.file(folder)).expect("removed");
        }
    }
}

#[test]
fn the_folder_of_the_run_is_the_same_under_any_name() {
    let ground = Ground::new(FEATURE);
    ground.arm("--service legacy").exits(0);
    ground.hours_pass(1);
    ground.collect("--out ./alertdrill-report/../alertdrill-report/").exits(0);
    assert_eq!(ground.record()["verdict"], "passed");
}

/// A drill whose judgement waits in real time, for two looks that are a minute apart.
const COUNTING: &str = "  Scenario: counted
    Given an alert definition and an indicator are in effect
    When the device contacts the indicator's address
    Then exactly 1 alert is raised
";

#[test]
fn an_interruption_of_a_collection_cleans_up_what_is_not_judged() {
    let ground = Ground::new(&format!("{FEATURE}{COUNTING}"));
    ground.arm("--service graph").exits(0);
    ground.hours_pass(1);
    let mut judging = Running::of(ground.stage.command("collect alertdrill-report").spawn().expect("it starts"));
    judging.has_told("[1/2] ✔ passed  the alert comes");
    judging.signal("TERM");
    let ran = judging.end();
    ran.exits(130);
    let record = ground.record();
    assert_eq!(
        (&record["verdict"], &record["counts"]["errored"]),
        (&"interrupted".into(), &1.into()),
        "{}",
        ran.told()
    );
    assert_eq!(ground.count(), 0);
    ground.collect("").exits(64);
}

#[test]
fn another_machine_needs_the_files_the_features_and_the_tenant_alone() {
    let ground = Ground::new(FEATURE);
    let there = Stage::new();
    for service in SERVICES {
        ground.arm(&format!("--service {service} --out made")).exits(0);
        for name in ["armed.json", "journal.ndjson", "run.json"] {
            there.write(&format!("artefact/{name}"), ground.stage.read(&format!("made/{name}")));
        }
        std::fs::remove_dir_all(ground.stage.file("made")).expect("removed");
        there.write("details.json", ground.stage.read("details.json"));
        there.write("other.toml", ground.stage.read("alertdrill.toml").replace("tenants.lab", "tenants.again"));
        there.write("f.feature", FEATURE);
        ground.hours_pass(2);
        let line = "collect artefact/armed.json --out judged --tenant again --config other.toml --format junit";
        let ran = there.run(line);
        ran.exits(0);
        assert_eq!(there.names("judged"), ["history.redb", "junit.xml", "run.json"]);
        assert_eq!(there.names("artefact"), ["journal.ndjson", "run.json"]);
        assert_eq!(ground.count(), 0, "{service}: {}", ran.told());
    }
}

#[test]
fn what_was_swept_is_judged_by_what_came() {
    let ground = Ground::new(FEATURE);
    for service in SERVICES {
        ground.arm(&format!("--service {service}")).exits(0);
        ground.hours_pass(2);
        ground.stage.run("sweep alertdrill-report").exits(0);
        assert_eq!(ground.count(), 0);
        ground.collect("").exits(0);

        ground.control("POST", "faults", &json!({ "kind": "drop-alert" }));
        ground.arm(&format!("--service {service}")).exits(0);
        ground.hours_pass(2);
        ground.stage.run("sweep alertdrill-report").exits(0);
        let ran = ground.collect("");
        ran.exits(2);
        assert_eq!(ground.record()["drills"][0]["code"], "not-published", "{service}: {}", ran.told());
        ground.control("DELETE", "faults", &Value::Null);
    }
}

#[test]
fn what_has_ended_by_itself_meanwhile_is_no_gap_and_no_silence() {
    for (feature, code) in [(FEATURE, "not-published"), (SILENCE, "not-published")] {
        let ground = Ground::new(feature);
        if feature == FEATURE {
            ground.control("POST", "faults", &json!({ "kind": "drop-alert" }));
        }
        ground.arm("--service endpoint --collect-within 2h").exits(0);
        ground.hours_pass(10);
        assert_eq!(ground.served.state()["customIndicators"].as_array().map(Vec::len), Some(0), "they have ended");
        let ran = ground.collect("");
        ran.exits(2);
        assert!(ran.stderr.contains("alertdrill: these drills could be judged until "), "{}", ran.told());
        assert_eq!(ground.record()["drills"][0]["code"], code, "{}", ran.told());
    }
}

#[test]
fn where_time_passes_faster_both_processes_agree_on_it() {
    let ground = Ground::at_speed(10, FEATURE);
    ground.control("PATCH", "knobs", &json!({ "networkAlertSeconds": 60 }));
    ground.arm("--service endpoint").exits(0);
    ground.hours_pass(1);
    ground.collect("").exits(0);
    assert_eq!(ground.count(), 0);
}

#[test]
fn what_cannot_be_removed_is_told_and_left_to_a_sweep() {
    let ground = Ground::new(&format!("Feature: f\n{HUNTING}"));
    for service in ["endpoint", "graph"] {
        ground.arm(&format!("--service {service}")).exits(0);
        ground.hours_pass(1);
        let deny = json!({ "kind": "status", "status": 403, "match": { "method": "DELETE" } });
        ground.control("POST", "faults", &deny);
        let ran = ground.collect("");
        ran.exits(2);
        let told = "alertdrill: of what the drills made, 1 left in the tenant: `alertdrill sweep alertdrill-report` removes it";
        assert!(ran.stderr.contains(told), "{service}: {}", ran.told());
        assert_eq!(ground.record()["drills"][0]["code"], "service-error");
        ground.control("DELETE", "faults", &Value::Null);
        ground.stage.run("sweep alertdrill-report").exits(0);
        assert_eq!(ground.count(), 0);
    }
}

#[test]
fn budgets_of_the_run_are_judged_last_and_of_all_its_drills() {
    let budget = "  @run\n  Scenario: budget\n    Then 50 % of the run's alerts come within 5 minutes\n";
    let ground = Ground::new(&format!("Feature: f\n{budget}{}", FEATURE.trim_start_matches("Feature: f\n")));
    ground.arm("--service endpoint").exits(0);
    ground.hours_pass(1);
    ground.collect("").exits(0);
    let record = ground.record();
    let told = record["drills"][1]["chain"][0]["by"].as_str().unwrap_or_default();
    assert!(told.starts_with("1 of 1 alerts of the run came within"), "{record:#}");
}

#[test]
fn what_does_not_belong_together_is_refused_and_stays_armed() {
    let ground = Ground::new(FEATURE);
    ground.arm("--service endpoint").exits(0);
    let (armed, journal) = ("alertdrill-report/armed.json", "alertdrill-report/journal.ndjson");
    let (text, entries) = (ground.stage.read(armed), ground.stage.read(journal));
    let details = ground.stage.read("details.json");
    let refused = |exit: i32, told: &str| {
        let ran = ground.collect("");
        ran.exits(exit).prints("").tells(&format!("⟨any⟩alertdrill: {told}"));
        assert_eq!(ground.count(), 1);
    };
    ground.stage.write(journal, entries.replacen("run-", "run-another-", 1));
    refused(64, "armed.json is of run-⟨line⟩, and the journal.ndjson beside it of run-another-⟨line⟩");
    std::fs::remove_file(ground.stage.file(journal)).expect("removed");
    refused(64, "alertdrill-report has no journal.ndjson (hint: it belongs to armed.json: copy both)");
    ground.stage.write(journal, &entries);
    ground.stage.write(armed, text.replacen("\"alertdrill_armed\": 1", "\"alertdrill_armed\": 9", 1));
    refused(64, "alertdrill-report/armed.json: its format is 9, and this alertdrill reads 1");
    ground.stage.write(armed, "{}");
    refused(64, "alertdrill-report/armed.json: it does not say what a run has armed");
    ground.stage.write(armed, text.replacen("\"kind\": \"DomainName\"", "\"kind\": \"Mail\"", 1));
    refused(64, "alertdrill-report/armed.json: f.feature:2@endpoint: `Mail` is no indicator type⟨line⟩");
    ground.stage.write(armed, &text);
    let tenant = ground.served.detail("tenantId");
    ground.stage.write(
        "details.json",
        details
            .replace(&format!("\"tenantId\": \"{tenant}\""), "\"tenantId\": \"11111111-2222-3333-4444-555555555555\""),
    );
    refused(64, "--tenant lab: its tenant_id is `11111111-⟨line⟩`, and the drills were armed with ⟨line⟩");
    let secret = ground.served.detail("clientSecret");
    ground.stage.write("details.json", details.replace(secret, "wrong"));
    refused(3, "nothing is judged, and all stays armed: ⟨any⟩");
    ground.stage.write("details.json", &details);
    ground.hours_pass(1);
    ground.collect("").exits(0);
}
