//! `alertdrill run` on the emulator: what runs, what is printed, what is written.

use std::{collections::BTreeSet, fs};

use serde_json::Value;

use crate::cli::stage::{Ran, Stage, finished, fits, folder_with, reports_in};

/// Two scenarios, and an outline of three; one of them cannot pass.
const FEATURE: &str = "@all\nFeature: Small\n\n  @a\n  Scenario: first\n    Given an onboarded device\n\n  @b\n  \
                       Scenario Outline: row <n>\n    Given <n> minutes pass\n\n    Examples:\n      | n |\n      | 1 |\n      \
                       | 2 |\n      | 3 |\n\n  @c\n  Scenario: last\n    Given an onboarded device\n";

/// A drill that cannot pass: what the device does is not reported.
const GAP: &str = "Feature: Gap\n  @exclusive\n  Scenario: gap\n    Given the laboratory misbehaves: drop-telemetry\n    \
                   And an alert definition and an indicator are in effect\n    When the device contacts the indicator's address\n    \
                   Then an alert is raised within 15 minutes\n  Scenario: after\n    Given 1 minute passes\n";

fn stage() -> Stage {
    let stage = Stage::new();
    stage.write("f/small.feature", FEATURE);
    stage
}

fn drills(stage: &Stage, folder: &str) -> Vec<Value> {
    stage.json(&format!("{folder}/run.json"))["drills"].as_array().expect("a list").clone()
}

fn texts(drills: &[Value], key: &str) -> BTreeSet<String> {
    drills.iter().map(|drill| drill[key].as_str().expect("a text").to_owned()).collect()
}

/// The names of the drills that ran.
fn ran(stage: &Stage) -> Vec<String> {
    texts(&drills(stage, "alertdrill-report"), "name").into_iter().collect()
}

#[test]
fn the_built_in_drills_run_in_an_empty_folder_and_pass() {
    let stage = Stage::new();
    // On every service: what one of them cannot do is skipped, and nothing else.
    let ran = stage.run_of(&["--quiet", "run"]);
    ran.exits(0);
    let drills = drills(&stage, "alertdrill-report");
    let (count, passed) = (drills.len(), drills.iter().filter(|drill| drill["verdict"] == "passed").count());
    let skipped = drills.iter().filter(|drill| drill["verdict"] == "skipped").count();
    assert!(passed > 180 && passed + skipped == count, "{passed} passed, {skipped} skipped of {count}");
    let end = format!(
        "Verdict ⟨any⟩\n\n{count} drills: {passed} passed, {skipped} skipped\n\
         ✔ passed: Every drill that was judged passed: {passed} of {count}.\n  \
         on emulator (time jumped) in ⟨span⟩, seed ⟨seed⟩\n  {}",
        reports_in("alertdrill-report").join("\n  ")
    );
    ran.prints(&end);
    assert_eq!(ran.stderr, "", "nobody asked");
    assert_eq!(stage.names("."), ["alertdrill-report"]);
    assert_eq!(stage.names("alertdrill-report"), folder_with(&["history.redb"]));
}

#[test]
fn what_the_tenant_was_asked_is_in_the_record_by_family_and_adds_up() {
    let stage = Stage::new();
    stage.run("run --service endpoint --name custom.threat.intelligence.alert.goes.off").exits(0);
    let record = stage.json("alertdrill-report/run.json");
    let calls = record["calls"].as_array().expect("a list");
    let of = |family: &str| calls.iter().find(|calls| calls["family"] == family).expect("it was asked");
    for calls in calls {
        let counted = calls["over_time"].as_array().expect("a list").iter();
        let sum: u64 = counted.map(|counted| counted["calls"].as_u64().expect("a number")).sum();
        assert!(sum > 0 && calls["all"] == sum, "{calls}");
    }
    assert_eq!(of("endpoint.indicators")["per_minute"], 100, "as published");
    let asked = |url: &str| {
        let drills = drills(&stage, "alertdrill-report");
        let exchanges = drills.iter().flat_map(|drill| drill["exchanges"].as_array().expect("a list").clone());
        exchanges.filter(|exchange| exchange["url"].as_str().expect("a text").contains(url)).count()
    };
    assert_eq!(of("endpoint.alerts")["all"], asked("/api/alerts"), "one drill had the tenant for itself");
}

#[cfg(unix)]
#[test]
fn what_a_run_writes_is_its_owner_s_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let stage = stage();
    stage.run("run f").exits(0);
    let mode = |name: &str| fs::metadata(stage.file(name)).expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode("alertdrill-report"), 0o700);
    for name in stage.names("alertdrill-report") {
        assert_eq!(mode(&format!("alertdrill-report/{name}")), 0o600, "{name}");
    }
}

/// What is typed after `run`, and the names of the drills that then run.
const SELECTED: [(&str, &[&str]); 17] = [
    ("f", &["first", "last", "row 1", "row 2", "row 3"]),
    ("f/small.feature", &["first", "last", "row 1", "row 2", "row 3"]),
    ("f/small.feature f", &["first", "last", "row 1", "row 2", "row 3"]),
    ("f/small.feature:1", &["first", "last", "row 1", "row 2", "row 3"]),
    ("f/small.feature:4", &["first"]),
    ("f/small.feature:5", &["first"]),
    ("f/small.feature:6", &["first"]),
    ("f/small.feature:8", &["row 1", "row 2", "row 3"]),
    ("f/small.feature:9", &["row 1", "row 2", "row 3"]),
    ("f/small.feature:15", &["row 2"]),
    ("f/small.feature:15 f/small.feature:19", &["last", "row 2"]),
    ("f --tags @b", &["row 1", "row 2", "row 3"]),
    ("f --name ^row.[12]$", &["row 1", "row 2"]),
    ("f --name Small", &["first", "last", "row 1", "row 2", "row 3"]),
    ("f --tags @b --name 3", &["row 3"]),
    ("f --jobs 1", &["first", "last", "row 1", "row 2", "row 3"]),
    ("f/small.feature:9 --shard 2/3", &["row 2"]),
];

#[test]
fn what_was_asked_for_runs_and_nothing_else() {
    let stage = stage();
    for (line, names) in SELECTED {
        stage.run(&format!("run {line}")).exits(0);
        assert_eq!(ran(&stage), names, "{line}");
    }
    let ran_by_tags = stage.run_of(&["run", "f", "--tags", "@all and not (@b or @c)"]);
    ran_by_tags.exits(0).tells("[1/1] ✔ passed  first (0 s, ⟨span⟩ real)");
    assert_eq!(ran(&stage), ["first"]);
}

#[test]
fn every_drill_is_in_exactly_one_shard() {
    let stage = Stage::new();
    let mut all = BTreeSet::new();
    let mut count = 0;
    for shard in 1..=3 {
        stage.run(&format!("run --tags @guide --shard {shard}/3 --out {shard} --format junit")).exits(0);
        let drills = drills(&stage, &shard.to_string());
        count += drills.len();
        all.extend(texts(&drills, "id"));
    }
    assert_eq!(count, all.len(), "none twice");
    stage.run("run --tags @guide --out all --format junit").exits(0);
    assert_eq!(all, texts(&drills(&stage, "all"), "id"));
}

#[test]
fn where_nothing_is_selected_nothing_is_green() {
    let stage = stage();
    for (line, flags) in [
        ("run f --tags @none", "--tags"),
        ("run f --name nobody", "--name"),
        ("run f/small.feature:5 --tags @a --shard 2/2", "--tags with --shard"),
    ] {
        let ran = stage.run(line);
        let told = format!(
            "alertdrill: none of the 5 drills are selected, so nothing is judged \
             (hint: see what {flags} leaves of them)"
        );
        let printed = "0 drills\n! errored: Nothing was judged.\n  on emulator (time jumped) in ⟨span⟩, seed ⟨seed⟩\n  \
                       ⟨any⟩";
        ran.exits(2).tells(&told).prints(printed);
        assert!(!stage.read("alertdrill-report/summary.md").contains('✔'), "{line}");
        assert_eq!(stage.json("alertdrill-report/run.json")["verdict"], "errored", "{line}");
    }
}

#[test]
fn the_same_seed_makes_the_same_markers_and_another_makes_others() {
    let stage = stage();
    let markers = |line: &str| {
        stage.run(line).exits(0).prints("⟨any⟩");
        texts(&drills(&stage, "alertdrill-report"), "marker")
    };
    let seven = markers("run f --seed 7");
    assert_eq!(seven.len(), 5, "each drill has its own");
    assert_eq!(seven, markers("run f --seed 7 --jobs 1"));
    assert!(seven.is_disjoint(&markers("run f --seed 8")));
    assert!(seven.is_disjoint(&markers("run f")), "chance");
}

#[test]
fn fail_fast_begins_no_drill_after_one_that_did_not_pass() {
    let stage = Stage::new();
    stage.write("gap.feature", GAP);
    let broke = "[1/2] ✘ failed  gap: no-alert, detection broke (⟨span⟩, ⟨span⟩ real)\n";
    let ran = stage.run("run gap.feature --jobs 1");
    ran.exits(1).tells(&format!("{broke}[2/2] ✔ passed  after (1 min, ⟨span⟩ real)"));
    let ran = stage.run("run gap.feature --jobs 1 --fail-fast");
    ran.exits(1).tells(&format!("{broke}[2/2] – skipped after: an earlier drill did not pass"));
}

#[test]
fn what_did_not_pass_is_accounted_for_with_how_to_run_it_again() {
    let stage = Stage::new();
    stage.write("gap.feature", GAP);
    let Ran { stdout, .. } = stage.run("run gap.feature");
    assert!(stdout.contains("✘ no-alert  gap (legacy)\n  detection broke: no alert came"), "{stdout}");
    assert!(stdout.contains("  again     alertdrill run gap.feature:3 --service legacy\n"), "{stdout}");
    stage.run("run gap.feature:3 --service legacy").exits(1);
}

#[test]
fn what_is_kept_is_told() {
    let stage = Stage::new();
    stage.run("run --keep --name Step.2").exits(0);
    let drill = &drills(&stage, "alertdrill-report")[0];
    let left: Vec<_> = drill["clean_up"].as_array().expect("a list").iter().map(|undone| &undone["left"]).collect();
    assert_eq!(left.len(), 2, "{drill:#}");
    assert!(left.iter().all(|why| why.is_string()), "{left:?}");
}

#[test]
fn only_the_reports_that_were_asked_for_are_made() {
    let stage = stage();
    for (list, files) in [
        ("html", &["history.redb", "index.html", "run.json"][..]),
        ("junit", &["history.redb", "junit.xml", "run.json"]),
        ("markdown,junit", &["history.redb", "junit.xml", "run.json", "summary.md"]),
    ] {
        stage.run(&format!("run f --format {list} --out {list}")).exits(0);
        assert_eq!(stage.names(list), files);
    }
}

#[test]
fn quiet_leaves_the_result_and_nothing_else() {
    let ran = stage().run("run f --quiet");
    ran.exits(0).tells("").prints("Verdict ⟨any⟩5 drills: 5 passed\n⟨any⟩");
}

#[test]
fn verbose_tells_every_call_and_never_a_token() {
    let ran = Stage::new().run("run --verbose --name Step.2");
    ran.exits(0);
    for call in ["get an access token", "create an alert definition", "create an indicator", "remove indicator 1"] {
        assert!(ran.stderr.contains(&format!("{call}: 127.0.0.1:")), "{call}: {}", ran.stderr);
    }
    assert!(!ran.stderr.contains("eyJ") && !ran.stderr.to_lowercase().contains("bearer"), "{}", ran.stderr);
}

#[test]
fn a_filter_of_the_log_that_is_none_is_told_and_the_run_goes_on() {
    let stage = stage();
    let mut command = stage.command("run f --quiet");
    command.env("ALERTDRILL_LOG", "alertdrill=loud");
    let told = "alertdrill: ALERTDRILL_LOG is passed over: ⟨line⟩ (hint: such as alertdrill=debug)";
    finished(command).exits(0).tells(told);
}

#[cfg(target_os = "linux")]
#[test]
fn a_result_that_cannot_be_printed_is_told() {
    let stage = stage();
    for line in ["steps", "run f --quiet"] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("it is there");
        let mut command = stage.command(line);
        command.stdout(full);
        let ran = command.output().expect("the binary starts");
        let told = String::from_utf8_lossy(&ran.stderr);
        assert!(fits(&told, "alertdrill: standard output cannot be written to: ⟨line⟩"), "{line}: {told}");
    }
}

#[test]
fn colours_are_for_terminals() {
    let ran = stage().run("run f");
    assert!(!ran.stdout.contains('\u{1b}') && !ran.stderr.contains('\u{1b}'), "{}", ran.told());
}

#[test]
fn a_place_that_cannot_be_written_to_is_told_before_any_drill_begins() {
    let stage = stage();
    stage.write("file", "precious");
    let refused = |out: &str, why: &str| {
        let ran = stage.run(&format!("run f --out {out}"));
        let told = format!("alertdrill: --out {out}: {why} (hint: name a folder that you can write to)");
        ran.exits(64).prints("").tells(&told);
    };
    refused("file", "file is no folder");
    refused("file/deeper", "file/deeper: ⟨line⟩");
    assert_eq!(stage.read("file"), "precious");
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_symbolic_link() {
    let stage = stage();
    stage.write("elsewhere/run.json", "precious").write("out/other", "");
    std::os::unix::fs::symlink("../elsewhere/run.json", stage.file("out/run.json")).expect("linked");
    std::os::unix::fs::symlink("nowhere", stage.file("link")).expect("linked");
    let hint = "(hint: name a folder that you can write to)";
    stage.run("run f --out out").exits(64).prints("").tells(&format!(
        "alertdrill: --out out: out/run.json is a symbolic link, and alertdrill writes through none {hint}"
    ));
    stage
        .run("run f --out link")
        .exits(64)
        .prints("")
        .tells(&format!("alertdrill: --out link: link is no folder {hint}"));
    assert_eq!(stage.read("elsewhere/run.json"), "precious");
    assert_eq!(stage.names("elsewhere"), ["run.json"]);
}
