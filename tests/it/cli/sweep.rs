//! `alertdrill sweep`, and the clean-up that the next run finishes.
#![cfg(unix)]

use crate::cli::{
    foreign::{self, Holdings},
    served::Served,
    stage::{Running, Stage},
};

/// A drill that publishes on any service and waits then.
const WAITING: &str = "Feature: f\n  Scenario: s\n    Given an onboarded device\n    \
                       When an alert definition and an indicator are published\n    And everything published is in effect\n";

const SERVICES: [&str; 3] = ["legacy", "endpoint", "graph"];

fn stage() -> (Stage, Served) {
    let stage = Stage::new();
    stage.write("f.feature", WAITING);
    let served = Served::on(&stage, "");
    (stage, served)
}

/// A run of the drill that has published and waits.
fn waiting(stage: &Stage, service: &str) -> Running {
    let mut command = stage.command(&format!("run f.feature --tenant lab --service {service} --verbose"));
    let mut run = Running::of(command.spawn().expect("the binary starts"));
    run.has_told(if service == "graph" { "create a detection rule: " } else { "create an indicator: " });
    run
}

/// The same, killed.
fn killed(stage: &Stage, service: &str) {
    let mut run = waiting(stage, service);
    run.signal("KILL");
    assert_eq!(run.end().exit, None, "a signal ended it");
}

#[test]
fn what_a_killed_run_left_is_listed_then_removed_and_nothing_of_anybody_else() {
    let (stage, served) = stage();
    let foreign = foreign::publish(&served);
    for service in SERVICES {
        killed(&stage, service);
        let left = Holdings::of(&served);
        assert!(left.count() > foreign.count(), "{service}: {left:?}");

        let listed = stage.run("sweep --dry-run");
        listed.exits(0).tells("");
        let expected = format!(
            "lab ({service}), from alertdrill-report/journal.ndjson: 1 to remove\n  ⟨line⟩ [drill ⟨line⟩], `Alert drill ⟨line⟩`, made ⟨line⟩ by ⟨line⟩"
        );
        listed.prints(&expected);
        assert_eq!(Holdings::of(&served), left, "a dry run removes nothing");

        let swept = stage.run("sweep");
        swept.exits(0).tells("").prints(&format!("{expected}\nremoved 1, left 0"));
        assert_eq!(Holdings::of(&served), foreign, "{service}");

        let again = stage.run("sweep --format json");
        again.exits(0);
        let told: serde_json::Value = serde_json::from_str(&again.stdout).expect("JSON");
        assert_eq!(told["sweeps"][0]["things"], serde_json::json!([]), "{told:#}");
        assert_eq!((&told["sweeps"][0]["service"], &told["sweeps"][0]["tenant"]), (&service.into(), &"lab".into()));
    }
}

#[test]
fn without_a_journal_the_marker_and_the_creator_decide() {
    let (stage, served) = stage();
    let foreign = foreign::publish(&served);
    for service in SERVICES {
        killed(&stage, service);
        std::fs::remove_dir_all(stage.file("alertdrill-report")).expect("removed");
        let line = format!("sweep --tenant lab --service {service}");
        let spared = stage.run(&format!("{line} --older-than 1h"));
        spared.exits(0).tells("").prints(&format!(
            "lab ({service}), by their marker: 0 to remove\n⟨line⟩; left alone: it is younger than --older-than\nremoved 0, left 0"
        ));
        assert!(Holdings::of(&served).count() > foreign.count());
        let swept = stage.run(&line);
        swept.exits(0).tells("");
        swept.prints(&format!("lab ({service}), by their marker: 1 to remove\n⟨line⟩ by ⟨line⟩\nremoved 1, left 0"));
        assert_eq!(Holdings::of(&served), foreign, "{service}");
    }
}

#[test]
fn the_journal_of_a_run_that_goes_on_is_refused_and_its_things_stay() {
    let (stage, served) = stage();
    let mut run = waiting(&stage, "endpoint");
    let swept = stage.run("sweep");
    swept.exits(64).prints("");
    swept.tells("alertdrill: alertdrill-report/journal.ndjson: its run goes on, or another sweep of it");
    assert_eq!(Holdings::of(&served).count(), 1);
    run.signal("INT");
    run.end().exits(130);
    assert_eq!(Holdings::of(&served).count(), 0);
    let swept = stage.run("sweep");
    swept.exits(0).prints("lab (endpoint), from alertdrill-report/journal.ndjson: 0 to remove");
}

#[test]
fn the_next_run_in_the_folder_finishes_the_clean_up_first() {
    let (stage, served) = stage();
    for service in SERVICES {
        killed(&stage, service);
        // Whatever it runs on itself.
        let ran = stage.run("run f.feature --tenant lab --service legacy --tags @none");
        ran.exits(2);
        let told = "alertdrill: run-⟨line⟩ left ⟨line⟩ in lab; removing ⟨line⟩ first⟨any⟩";
        assert!(crate::cli::stage::fits(&ran.stderr, &format!("⟨any⟩{told}")), "{}", ran.told());
        assert_eq!(Holdings::of(&served).count(), 0, "{service}");
        assert!(!stage.names("alertdrill-report").iter().any(|name| name.starts_with("journal-")));
    }
}

#[test]
fn what_cannot_be_undone_stays_known_under_another_name() {
    let (stage, served) = stage();
    killed(&stage, "endpoint");
    served.gone();
    let next = Served::on(&stage, "");
    // The table leads to another tenant now, and the journal's name for it is one that no table has.
    let journal = stage.read("alertdrill-report/journal.ndjson").replacen("\"lab\"", "\"gone\"", 1);
    stage.write("alertdrill-report/journal.ndjson", &journal);
    let ran = stage.run("run f.feature --tenant lab --tags @none");
    ran.exits(2);
    let told = "it is in the tenant gone; `alertdrill sweep` removes what it knows of; it is kept as alertdrill-report/journal-run-";
    assert!(ran.stderr.contains(&told["it is in ".len()..]), "{}", ran.told());
    let aside: Vec<_> =
        stage.names("alertdrill-report").into_iter().filter(|name| name.starts_with("journal-run-")).collect();
    assert_eq!(aside.len(), 1);
    assert_eq!(stage.read(&format!("alertdrill-report/{}", aside[0])), journal);
    stage.run("sweep").exits(64).tells("alertdrill: --tenant gone: alertdrill.toml has no table of that name⟨any⟩");
    next.gone();
}

#[test]
fn a_table_that_leads_to_another_tenant_by_now_does_not_say_what_is_left() {
    let (stage, served) = stage();
    killed(&stage, "endpoint");
    let details = stage.read("details.json");
    let other = Served::on(&stage, "");
    let told = "alertdrill: alertdrill-report/journal.ndjson: its run was by the application ⟨line⟩, and that of lab is ⟨line⟩ (hint: ⟨line⟩)";
    stage.run("sweep").exits(64).prints("").tells(told);
    let ran = stage.run("run f.feature --tenant lab --tags @none");
    ran.exits(2);
    assert!(ran.stderr.contains("; it is kept as alertdrill-report/journal-run-"), "{}", ran.told());
    assert_eq!(Holdings::of(&served).count(), 1);
    other.gone();
    stage.write("details.json", details);
    stage.run("sweep").exits(0);
    assert_eq!(Holdings::of(&served).count(), 0);
}

#[test]
fn a_journal_that_cannot_be_read_keeps_no_other_from_being_swept() {
    let (stage, served) = stage();
    killed(&stage, "endpoint");
    stage.write("alertdrill-report/journal-run-old.ndjson", stage.read("alertdrill-report/journal.ndjson"));
    stage.write("alertdrill-report/journal.ndjson", "nothing\n");
    let swept = stage.run("sweep --format json");
    swept.exits(2).tells("alertdrill: alertdrill-report/journal.ndjson: it is no journal of alertdrill");
    let told: serde_json::Value = serde_json::from_str(&swept.stdout).expect("JSON");
    assert_eq!(told["sweeps"][0]["things"][0]["outcome"], "removed", "{told:#}");
    assert_eq!(Holdings::of(&served).count(), 0);
}

#[test]
fn what_is_kept_is_told_how_to_remove_and_is_removed_by_a_sweep_alone() {
    let (stage, served) = stage();
    stage.write("f.feature", WAITING.replace("    And everything published is in effect\n", ""));
    for service in SERVICES {
        let ran = stage.run(&format!("run f.feature --tenant lab --service {service} --keep"));
        ran.exits(0);
        assert!(
            ran.stderr.contains("kept in the tenant: `alertdrill sweep --tenant lab alertdrill-report` removes it"),
            "{}",
            ran.told()
        );
        let kept = Holdings::of(&served);
        assert!(kept.count() > 0);

        let next = stage.run("run f.feature --tenant lab --tags @none");
        assert!(next.stderr.contains("what it knows of was kept"), "{}", next.told());
        assert_eq!(Holdings::of(&served), kept, "the next run leaves it alone");

        let swept = stage.run("sweep --tenant lab alertdrill-report");
        swept.exits(0);
        assert!(swept.stdout.contains("\nremoved 1, left 0\n"), "{}", swept.told());
        assert_eq!(Holdings::of(&served).count(), 0);
    }
}

#[test]
fn what_cannot_be_swept_is_named_with_why() {
    let (stage, served) = stage();
    stage.run("sweep").exits(64).prints("").tells(
        "alertdrill: no run is named and there is no journal here (hint: name the folder of a run, or with --tenant the \
         tenant to look through)",
    );
    stage.run("sweep nowhere").exits(64).tells("alertdrill: nowhere: ⟨line⟩");
    stage
        .run("sweep .")
        .exits(64)
        .tells("alertdrill: .: no run wrote a journal here (hint: only runs on a tenant have one)");
    stage.run("sweep f.feature").exits(64).tells("alertdrill: f.feature: it is no journal of alertdrill");

    killed(&stage, "endpoint");
    stage
        .run("sweep --tenant other alertdrill-report")
        .exits(64)
        .tells("alertdrill: ⟨line⟩: its run was on lab (endpoint)");
    // What is looked for through another service is not there, and would be given up.
    stage.run("sweep --service graph").exits(64).tells("alertdrill: ⟨line⟩: its run was on lab (endpoint)");
    let deny = r#"{"kind":"status","status":403,"match":{"method":"DELETE"}}"#;
    Served::ask("POST", &format!("{}/faults", served.detail("control")), "Content-Type: application/json\r\n", deny);
    let swept = stage.run("sweep");
    swept.exits(2).prints(
        "lab (endpoint), ⟨line⟩\n⟨line⟩\nremoved 0, left 1\n  indicator ⟨line⟩ could not be removed: ⟨line⟩403⟨line⟩",
    );
    assert_eq!(Holdings::of(&served).count(), 1);
    Served::ask("DELETE", &format!("{}/faults", served.detail("control")), "", "");
    // That it was removed is the tenant's word; what it holds is looked at.
    let empty_word = r#"{"kind":"status","status":204,"match":{"method":"DELETE"}}"#;
    Served::ask(
        "POST",
        &format!("{}/faults", served.detail("control")),
        "Content-Type: application/json\r\n",
        empty_word,
    );
    stage.run("sweep").exits(2).prints(
        "lab (endpoint), ⟨line⟩\n⟨line⟩\nremoved 0, left 1\n  indicator ⟨line⟩ could not be removed: it is there still",
    );
    Served::ask("DELETE", &format!("{}/faults", served.detail("control")), "", "");
    stage.run("sweep").exits(0);
    assert_eq!(Holdings::of(&served).count(), 0);
}

/// The binary in a shell that lets no file grow beyond so many bytes: what a full disk does to it, without a disk.
#[cfg(target_os = "linux")]
fn where_files_end_at(stage: &Stage, bytes: u32, line: &str) -> crate::cli::stage::Ran {
    let command = stage.command(line);
    let mut shell = std::process::Command::new("sh");
    // The shell counts in blocks of 512 bytes. The signal would end the process, as no full disk does.
    let script = format!("trap '' XFSZ; ulimit -f {}; exec \"$0\" \"$@\"", bytes / 512);
    shell.args(["-c", &script]).arg(command.get_program()).args(command.get_args()).current_dir(stage.path());
    shell.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    crate::cli::stage::finished(shell)
}

#[cfg(target_os = "linux")]
#[test]
fn where_no_journal_can_be_written_nothing_is_published() {
    let (stage, served) = stage();
    for service in SERVICES {
        let line = format!("run f.feature --tenant lab --service {service}");
        let ran = where_files_end_at(&stage, 0, &line);
        ran.exits(64).prints("");
        ran.tells("alertdrill: --out alertdrill-report: alertdrill-report/⟨line⟩: File too large (os error 27) (hint: name a folder that you can write to)");
        let ran = stage.run(&format!("{line} --out /proc/alertdrill"));
        ran.exits(64).prints("");
        ran.tells(
            "alertdrill: --out /proc/alertdrill: /proc/alertdrill: ⟨line⟩ (hint: name a folder that you can write to)",
        );
        assert_eq!(Holdings::of(&served).count(), 0);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_drill_that_cannot_be_written_down_first_sends_nothing_and_says_so() {
    let (stage, served) = stage();
    // Those that publish end after those that are refused, whose verdicts the limited record has room for.
    let drill = WAITING
        .split_once('\n')
        .expect("lines")
        .1
        .replace("And everything published is in effect", "And 2 seconds pass");
    let drill = drill.replace("Scenario: s", "Scenario: s <n>").replace("    Given an onboarded device\n", "");
    let rows = (1..=40).map(|row| format!("      | {row} |\n")).collect::<Vec<_>>().concat();
    let outline = drill.replace("Scenario:", "Scenario Outline:");
    stage.write("f.feature", format!("Feature: f\n{outline}    Examples:\n      | n |\n{rows}"));
    // On `graph`, where this takes the same way, the quota would let few rules be made in a minute.
    for service in ["legacy", "endpoint"] {
        let line = format!("run f.feature --tenant lab --service {service} --verbose --jobs 40");
        let ran = where_files_end_at(&stage, 2048, &line);
        // On `endpoint` those that publish at the same time do so in one call.
        let made = if service == "legacy" { "create an alert definition: " } else { " indicators at once: " };
        let created = ran.stderr.lines().filter(|line| line.contains(made)).count();
        assert!(ran.stderr.contains(": not-published, publish broke"), "{service}: {}", ran.told());
        assert!(created > 0 && created < 40, "{created} on {service}: {}", ran.told());
        assert_eq!(Holdings::of(&served).count(), 0, "{service}");
    }
}
