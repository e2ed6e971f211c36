//! `alertdrill history`: what is told of past runs, gates, and what is remembered and forgotten on demand.

use std::{fs, path::Path};

use alertdrill::{
    clock::limit::Stopwatch,
    history::{
        run::{About, Alert, Ended, Identity, Outcome, Run, Word},
        store::Store,
    },
    record::verdict::{Counts, RunVerdict},
};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::cli::stage::{Ran, Stage};

const STORE: &str = "alertdrill-report/history.redb";

/// How a drill ended: passed with an alert after so many seconds, failed, errored or was skipped.
#[derive(Clone, Copy)]
enum End {
    After(u32),
    Failed,
    Errored,
    Skipped,
}
use End::{After, Errored, Failed, Skipped};

fn ended(service: &str, name: &str, end: End) -> Ended {
    let (verdict, code) = match end {
        After(_) => (Word::Passed, None),
        Failed => (Word::Failed, Some("no-alert")),
        Errored => (Word::Errored, Some("service-error")),
        Skipped => (Word::Skipped, None),
    };
    let alert = |seconds: u32| Alert {
        propagation_at_least: Some(0),
        propagation_at_most: Some(1_200_000),
        detection: seconds * 1000,
        ready: seconds * 1000,
        shown: seconds * 1000,
        resolution: 15_000,
    };
    let alerts = if let After(seconds) = end { vec![alert(seconds)] } else { Vec::new() };
    let identity =
        Identity { service: service.into(), file: "f.feature".into(), name: name.into(), example: Vec::new(), nth: 0 };
    Ended { id: name.into(), identity, outcome: Outcome { verdict, code: code.map(Into::into), alerts } }
}

/// The run of the day on the tenant `lab`.
fn run(day: i64, drills: Vec<Ended>) -> Run {
    let first: jiff::Timestamp = "2026-11-01T12:00:00Z".parse().expect("a moment");
    let mut counts = Counts::default();
    for drill in &drills {
        drill.outcome.verdict.count(&mut counts);
    }
    let about = About {
        run: format!("run-{day}"),
        started: first + SignedDuration::from_hours(24 * (day - 1)),
        took_ms: 1.0,
        tenant: "lab".into(),
        alertdrill: "0.1.0".into(),
        verdict: RunVerdict::of(&counts),
        counts,
    };
    Run { about, drills }
}

/// Runs of four drills on `endpoint`: one is fixed in the last, one newly fails, one stays broken, one is flaky.
fn week() -> Vec<Run> {
    let days = [
        [Failed, After(100), Failed, After(200)],
        [Failed, After(110), Failed, Failed],
        [Failed, Errored, Failed, After(300)],
        [After(120), Failed, Failed, Failed],
    ];
    let drills = |ends: [End; 4]| {
        ["repaired", "broken", "stuck", "wavering"]
            .into_iter()
            .zip(ends)
            .map(|(name, end)| ended("endpoint", name, end))
            .collect()
    };
    (1..).zip(days).map(|(day, ends)| run(day, drills(ends))).collect()
}

fn remembering(runs: &[Run]) -> Stage {
    let stage = Stage::new();
    let store = Store::open(&stage.file(STORE)).expect("opened");
    for run in runs {
        store.remember(run).expect("remembered");
    }
    stage
}

fn json_of(stage: &Stage, options: &[&str]) -> Value {
    let ran = stage.run_of(&[&["history", "--format", "json"], options].concat());
    let told: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.told()));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/schema/history.schema.json");
    let schema = serde_json::from_str(&fs::read_to_string(path).expect("readable")).expect("JSON");
    let validator = jsonschema::draft202012::new(&schema).expect("a schema");
    let problems: Vec<_> =
        validator.iter_errors(&told).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(problems.is_empty(), "{problems:#?}");
    told
}

#[test]
fn past_runs_are_told_with_what_is_new_and_how_long_alerts_took() {
    let stage = remembering(&week());
    stage.run("history").exits(0).tells("").prints(
        "endpoint of lab: 4 runs

  ✘ failed       run-1  2 passed, 2 failed
  ✘ failed       run-2  1 passed, 3 failed
  ✘ failed       run-3  1 passed, 2 failed, 1 errored
  ✘ failed       run-4  1 passed, 3 failed

  Newly failing
    ✔✔✘         broken (f.feature): no-alert, since run-4
    ✔✘✔✘        wavering (f.feature): no-alert, since run-4, flaky

  Still failing
    ✘✘✘✘        stuck (f.feature): no-alert, since run-1

  Fixed
    ✘✘✘✔        repaired (f.feature): since run-4

  Propagation, at most: p50 20 min, p95 20 min, max 20 min, of 5 alerts
  began                   ● p50        ┃ p95        │ max      n
  2026-11-01 12:00       20 min       20 min       20 min      2               ●
  2026-11-02 12:00       20 min       20 min       20 min      1               ●
  2026-11-03 12:00       20 min       20 min       20 min      1               ●
  2026-11-04 12:00       20 min       20 min       20 min      1               ●

  Detection: p50 2 min, p95 5 min, max 5 min, of 5 alerts
  began                   ● p50        ┃ p95        │ max      n
  2026-11-01 12:00   1 min 40 s   3 min 20 s   3 min 20 s      2      ●━━━━┃
  2026-11-02 12:00   1 min 50 s   1 min 50 s   1 min 50 s      1       ●
  2026-11-03 12:00        5 min        5 min        5 min      1               ●
  2026-11-04 12:00        2 min        2 min        2 min      1       ●
",
    );
}

#[test]
fn what_is_told_to_programs_is_as_documented_and_filtered_as_asked() {
    let mut runs = week();
    runs.push(run(5, vec![ended("graph", "other", After(30)), ended("graph", "none", Skipped)]));
    let mut broken_off = run(6, vec![ended("endpoint", "repaired", Failed)]);
    broken_off.about.verdict = RunVerdict::Interrupted;
    runs.push(broken_off);
    let stage = remembering(&runs);
    let told = json_of(&stage, &[]);
    let [endpoint, graph] = [0, 1].map(|place| told["groups"][place].clone());
    assert_eq!(
        (&endpoint["judged_in"], &endpoint["judged"], &endpoint["remembered"]),
        (&json!("run-4"), &json!(4), &json!(5))
    );
    let changes: Vec<_> =
        endpoint["drills"].as_array().expect("a list").iter().map(|drill| drill["change"].clone()).collect();
    assert_eq!(changes, ["newly-failing", "newly-failing", "still-failing", "fixed"]);
    let quantiles = json!({ "n": 1, "p50": 30.0, "p95": 30.0, "max": 30.0 });
    assert_eq!((&graph["detection"], &graph["runs"][0]["counts"]["skipped"]), (&quantiles, &json!(1)));

    let services = |told: &Value| {
        let groups = told["groups"].as_array().expect("a list").iter();
        groups.map(|group| (group["service"].clone(), group["runs"].as_array().map(Vec::len))).collect::<Vec<_>>()
    };
    assert_eq!(services(&json_of(&stage, &["--service", "graph"])), [(json!("graph"), Some(1))]);
    assert_eq!(services(&json_of(&stage, &["--tenant", "prod"])), []);
    let told = json_of(&stage, &["--drill", "^stuck$", "--last", "2"]);
    assert_eq!(services(&told), [(json!("endpoint"), Some(2))]);
    assert_eq!(told["groups"][0]["drills"][0]["judgements"], json!(["failed", "failed", "failed", "failed"]));
    assert_eq!(told["groups"][0]["runs"][1]["counts"]["failed"], 1);
}

fn gate(stage: &Stage, gates: &[&str], exit: i32) -> Vec<Value> {
    let options: Vec<_> = gates.iter().flat_map(|gate| ["--gate", gate]).collect();
    stage.run_of(&[&["history", "--last", "4"], &options[..]].concat()).exits(exit);
    json_of(stage, &[&["--last", "4"], &options[..]].concat())["gates"].as_array().expect("a list").clone()
}

#[test]
fn a_gate_that_is_broken_says_by_what_and_one_without_data_is_not_green() {
    let stage = remembering(&week());
    for (text, outcome, by, exit) in [
        ("newly failing", "broken", "endpoint of lab: broken (f.feature)", 1),
        ("still failing", "broken", "endpoint of lab: stuck (f.feature)", 1),
        ("flaky", "broken", "endpoint of lab: wavering (f.feature)", 1),
        ("p50 detection > 2m", "held", "endpoint of lab: 2m, of 5 alerts", 0),
        ("p50 detection > 119s", "broken", "endpoint of lab: 2m, of 5 alerts", 1),
        ("max propagation > 20m", "held", "endpoint of lab: 20m, of 5 alerts", 0),
        ("errored > 6.25%", "held", "endpoint of lab: 1 of 16 drills errored", 0),
        ("errored > 6%", "broken", "endpoint of lab: 1 of 16 drills errored", 1),
        ("failed > 50%", "broken", "endpoint of lab: 10 of 16 drills failed", 1),
    ] {
        let judged = gate(&stage, &[text], exit);
        assert_eq!((&judged[0]["outcome"], &judged[0]["by"][0]), (&json!(outcome), &json!(by)), "{text}");
    }
    let stage = remembering(&[run(1, vec![ended("graph", "none", Skipped), ended("graph", "cannot tell", Errored)])]);
    for text in ["newly failing", "flaky", "p95 detection > 10m"] {
        assert_eq!(gate(&stage, &[text], 2)[0]["outcome"], "nothing-to-judge", "{text}");
    }
    let judged = gate(&stage, &["flaky", "errored > 5%"], 1);
    assert_eq!(judged[1]["outcome"], "broken", "what is broken outweighs what cannot be judged");
    let nobody = stage.run_of(&["history", "--tenant", "prod", "--gate", "errored > 5%"]);
    nobody.exits(2).prints(
        "No run that is asked for is remembered.\n\nGates\n\n  ! nothing to judge: errored > 5%\n    \
         no run that is asked for is remembered\n",
    );
}

#[test]
fn a_gate_that_cannot_be_read_is_told_with_its_place() {
    let stage = remembering(&week());
    let ran = stage.run_of(&["history", "--gate", "p95 detektion > 10m"]);
    ran.exits(64).prints("");
    assert!(ran.stderr.contains("at 5: `detektion` is not known"), "{}", ran.told());
}

fn names(stage: &Stage, at: &str) -> Vec<String> {
    let store = Store::open(&stage.file(at)).expect("opened");
    store.runs().expect("runs").into_iter().map(|run| run.run).collect()
}

#[test]
fn what_is_old_or_too_many_is_forgotten_and_told_and_the_file_shrinks() {
    let many =
        |day| run(day, (0..200).map(|drill| ended("endpoint", &format!("{day}, drill {drill}"), After(9))).collect());
    let stage = remembering(&(1..=6).map(many).collect::<Vec<_>>());
    let size = || fs::metadata(stage.file(STORE)).expect("there").len();
    let before = size();
    let ran = stage.run("history --keep 2");
    ran.exits(0);
    let told = "alertdrill: forgot run-1 of lab, which began 1 Nov 2026, 12:00:00 UTC (200 drills)\n";
    assert!(ran.stderr.starts_with(told), "{}", ran.told());
    assert!(ran.stderr.contains("alertdrill: forgot 4 runs; alertdrill-report/history.redb is "), "{}", ran.told());
    assert_eq!(names(&stage, STORE), ["run-5", "run-6"]);
    assert!(size() < before / 2, "{} of {before}", size());
    stage.run_of(&["history", "--prune", "1 day", "--tenant", "prod"]).exits(0);
    assert_eq!(names(&stage, STORE).len(), 2, "what is of another tenant stays");
    stage.run_of(&["history", "--prune", "100000 days"]).exits(0);
    assert_eq!(names(&stage, STORE).len(), 2);
    assert!(stage.run_of(&["history", "--prune", "soon"]).exits(64).stderr.contains("write '90 days'"));
}

#[test]
fn runs_of_before_are_remembered_on_demand_and_each_once() {
    let stage = Stage::new();
    stage.write("f.feature", "Feature: f\n  Scenario Outline: s\n    Given access to the tenant\n    Examples:\n      | n |\n      | 1 |\n      | 2 |\n");
    for part in ["1", "2"] {
        stage.run(&format!("run f.feature --shard {part}/2 --out s{part} --no-history")).exits(0);
    }
    stage.run("report s1 s2 --out merged --format junit").exits(0);
    let import = |runs: &str| -> Ran { stage.run(&format!("history all --import {runs}")) };
    let ran = import("s1");
    ran.exits(0).tells("alertdrill: run-⟨line⟩ (1 drill) is remembered");
    import("merged/run.json").exits(0).tells("alertdrill: run-⟨line⟩ (2 drills) was remembered, and is anew");
    let again = import("s1 merged");
    again.exits(0).tells(
        "alertdrill: run-⟨line⟩ (1 drill) is remembered with more drills already, and stays so\n\
         alertdrill: run-⟨line⟩ (2 drills) was remembered, and is anew",
    );
    let name = stage.json("merged/run.json")["run"].as_str().expect("a name").to_owned();
    assert_eq!(names(&stage, "all/history.redb"), [name]);
    for fixture in ["passed", "late", "interrupted", "no-alert"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/runs/{fixture}.json"));
        import(&path.display().to_string()).exits(0);
    }
    assert!(names(&stage, "all/history.redb").len() > 2);
    import("nowhere").exits(64).tells("alertdrill: nowhere: there is no such file or directory⟨line⟩");
}

#[test]
fn where_nothing_is_remembered_it_is_told_and_no_file_is_made() {
    let stage = Stage::new();
    for (at, file) in [("", STORE), ("other", "other/history.redb"), ("x.redb", "x.redb")] {
        let told = format!("alertdrill: {file}: nothing is remembered here (hint: `alertdrill run` remembers ⟨line⟩");
        stage.run(&format!("history {at}")).exits(64).prints("").tells(&told);
    }
    assert!(stage.names(".").is_empty());
    stage.write("x.redb", "hello");
    stage.run("history x.redb").exits(64).tells("alertdrill: x.redb: this is no history of alertdrill ⟨line⟩");
}

/// `cargo test --release --test it two_million -- --include-ignored --nocapture`
#[test]
#[ignore = "it takes a while, and says something in release alone"]
fn two_million_drills_are_told_in_a_moment() {
    let drills = |day: u32| {
        let end = |drill: u32| if (drill + day).is_multiple_of(97) { Failed } else { After(100 + (drill * day) % 300) };
        (0..10_000).map(|drill| ended("endpoint", &format!("drill {drill}"), end(drill))).collect()
    };
    let stage = Stage::new();
    let store = Store::open(&stage.file(STORE)).expect("opened");
    let remembering = Stopwatch::start();
    for day in 1..=200 {
        store.remember(&run(day.into(), drills(day))).expect("remembered");
    }
    println!("200 runs of 10,000 drills remembered in {:?}", remembering.elapsed());
    drop(store);
    println!("{} MiB", fs::metadata(stage.file(STORE)).expect("there").len() >> 20);
    for options in ["", "--last 200 --gate flaky", "--drill 777 --format json", "--keep 100"] {
        let watch = Stopwatch::start();
        let ran = stage.run(&format!("history {options}"));
        println!("history {options}: {:?}", watch.elapsed());
        assert!(ran.exit.is_some_and(|exit| exit < 2), "{}", ran.told());
    }
}
