//! `alertdrill report`: reports made again, and shards merged.

use crate::cli::stage::{Stage, reports_in};

#[test]
fn a_report_that_is_made_again_is_the_same() {
    let stage = Stage::new();
    stage.run("run --tags @guide").exits(0);
    let read = || -> Vec<_> { reports_in("alertdrill-report").iter().map(|file| stage.read(file)).collect() };
    let before = read();
    for run in ["alertdrill-report", "alertdrill-report/run.json"] {
        let ran = stage.run(&format!("report {run}"));
        ran.exits(0).tells("");
        ran.prints(&reports_in("alertdrill-report").join("\n"));
        assert_eq!(read(), before);
    }
    stage.run("report alertdrill-report --out other --format markdown").exits(0).prints("other/summary.md");
    assert_eq!(stage.names("other"), ["summary.md"]);
    assert_eq!(stage.read("other/summary.md"), stage.read("alertdrill-report/summary.md"));
}

#[test]
fn a_place_that_cannot_be_written_to_is_told() {
    let stage = Stage::new();
    stage.write("file", "precious").run("run --tags @guide --format junit").exits(0);
    let told = "alertdrill: ⟨line⟩file⟨line⟩ (hint: give --out a folder that you can write to)";
    stage.run("report alertdrill-report --out file").exits(64).prints("").tells(told);
    stage.run("report alertdrill-report --out file/deeper").exits(64).prints("").tells(told);
    assert_eq!(stage.read("file"), "precious");
}

#[test]
fn shards_are_merged_into_one_run() {
    let stage = Stage::new();
    for shard in ["1", "2"] {
        stage.run(&format!("run --tags @guide --shard {shard}/2 --out s{shard} --seed 7")).exits(0);
    }
    stage.run("report s1 s2 --out merged").exits(0);
    let drills = |run: &str| stage.json(&format!("{run}/run.json"))["drills"].as_array().expect("a list").len();
    assert_eq!(drills("merged"), drills("s1") + drills("s2"));
    assert_eq!(stage.json("merged/run.json")["verdict"], "passed");
    for (line, told) in [
        (
            "report s1 s2",
            "several runs are merged into a new one, which needs a place of its own (hint: add --out DIR)",
        ),
        (
            "report s1 s2 --out s1",
            "s1 holds one of the runs that are to be merged (hint: give --out another directory)",
        ),
        (
            "report s1 s2 s1 --out twice",
            "s1/run.json and s1/run.json are not shards of one run: both hold the drill features/guide/⟨line⟩",
        ),
    ] {
        stage.run(line).exits(64).prints("").tells(&format!("alertdrill: {told}"));
    }
    assert!(!stage.file("twice").exists());
}

const GAP: &str = "Feature: f\n  Scenario: silent\n    Given an onboarded device\n    And a control is published\n    \
                   And an alert definition and an indicator are in effect\n    When the device contacts the indicator's address\n    \
                   And the device contacts the control's address\n    Then no alert is raised\n  \
                   Scenario: fine\n    Given an onboarded device\n    Then the tenant holds 0 indicators in all\n";

#[test]
fn reports_end_as_their_run_did_where_that_is_asked_for() {
    let stage = Stage::new();
    stage.write("f.feature", GAP);
    for (shard, exit) in [("1", 1), ("2", 0)] {
        stage.run(&format!("run f.feature --shard {shard}/2 --out s{shard}")).exits(exit);
        stage.run(&format!("report s{shard} --exit-code")).exits(exit);
    }
    stage.run("report s1 s2 --out merged").exits(0);
    stage.run("report s2 s1 --out again --exit-code").exits(1);
    // One that was killed has no last line.
    let record = stage.read("s2/run.json");
    let cut = record.lines().take(record.lines().count() - 1).collect::<Vec<_>>().join("\n");
    stage.write("cut/run.json", cut).run("report cut --exit-code").exits(130);
}

#[test]
fn what_is_no_run_is_told() {
    let stage = Stage::new();
    stage.write("empty/readme.txt", "").write("other.json", "{\"a\": 1}").write("text.json", "hello");
    let hint = "(hint: name a run.json, or a directory that holds one)";
    for (run, told) in [
        ("nowhere", format!("nowhere: there is no such file or directory {hint}")),
        ("empty", format!("empty: no run.json here {hint}")),
        ("other.json", "other.json: this is no run.json: ⟨line⟩".to_owned()),
        ("text.json", "text.json: this is no run.json: ⟨line⟩".to_owned()),
    ] {
        stage.run(&format!("report {run}")).exits(64).prints("").tells(&format!("alertdrill: {told}"));
    }
}
