//! What is remembered is read again, once, whatever happened to the file in between.

use std::{fs, path::Path};

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use crate::{
    history::{
        look_back,
        run::{About, Alert, Ended, Gathered, Identity, Outcome, Run, Word},
        store::{NAME, Remembered, Store, StoreError},
    },
    record::{
        drill::Drill,
        quantiles::Quantiles,
        run::Head,
        verdict::{Counts, RunVerdict},
    },
};

fn noon(day: i64) -> Timestamp {
    let first: Timestamp = "2026-11-01T12:00:00Z".parse().expect("a timestamp");
    first + SignedDuration::from_hours(24 * (day - 1))
}

fn identity(name: &str) -> Identity {
    let [service, file] = ["endpoint", "f.feature"].map(Into::into);
    Identity { service, file, name: name.into(), example: vec!["a|b".into()], nth: 0 }
}

/// An alert that was ready so many seconds after its stimulus.
fn alert(seconds: u32) -> Alert {
    let ready = seconds * 1000;
    Alert {
        propagation_at_least: None,
        propagation_at_most: Some(60_000),
        detection: ready,
        ready,
        shown: ready,
        resolution: 15_000,
    }
}

/// A drill with one alert, which failed if its name is written large.
fn drill(name: &str, seconds: u32) -> Ended {
    let failed = name.chars().all(char::is_uppercase);
    let verdict = if failed { Word::Failed } else { Word::Passed };
    let outcome = Outcome { verdict, code: failed.then(|| "late-alert".into()), alerts: vec![alert(seconds)] };
    Ended { id: format!("f.feature:{name}"), identity: identity(&name.to_lowercase()), outcome }
}

/// The run of the day, each of whose drills is a letter; one that failed is written large.
fn run(day: i64, drills: &str) -> Run {
    let drills: Vec<_> = drills.chars().map(|name| drill(&name.to_string(), 200)).collect();
    let failed = drills.iter().filter(|drill| drill.outcome.verdict == Word::Failed).count() as u64;
    let counts = Counts { passed: drills.len() as u64 - failed, failed, ..Counts::default() };
    let about = About {
        run: format!("run-{day}"),
        started: noon(day),
        took_ms: 12.5,
        tenant: "lab".into(),
        alertdrill: "0.1.0".into(),
        verdict: RunVerdict::of(&counts),
        counts,
    };
    Run { about, drills }
}

fn filled(path: &Path, runs: &[Run]) -> Store {
    let store = Store::open(path).expect("opened");
    for run in runs {
        store.remember(run).expect("remembered");
    }
    store
}

/// Everything that is known of a run.
fn known_of(store: &Store, about: &About) -> Vec<(Identity, Outcome)> {
    let drills = store.drills().expect("drills");
    let name = |number| drills.iter().find(|(_, known)| **known == number).expect("it has one").0.clone();
    let outcomes = store.outcomes(about).expect("outcomes");
    outcomes.into_iter().map(|(number, outcome)| (name(number), outcome)).collect()
}

#[test]
fn what_is_remembered_is_read_again_in_the_order_of_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("deep/er").join(NAME);
    let runs = [run(2, "aB"), run(1, "bC")];
    drop(filled(&path, &runs));
    let store = Store::open(&path).expect("opened again");
    let abouts = store.runs().expect("runs");
    assert_eq!(abouts, [runs[1].about.clone(), runs[0].about.clone()]);
    for run in runs {
        let drills: Vec<_> = run.drills.into_iter().map(|drill| (drill.identity, drill.outcome)).collect();
        assert_eq!(known_of(&store, &run.about), drills);
    }
    assert_eq!(store.drills().expect("drills").len(), 3, "a drill of two runs has one number");
}

#[test]
fn the_same_run_is_one_however_often_it_is_told_and_what_tells_more_is_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(&folder.path().join(NAME)).expect("opened");
    let remember = |run: &Run| store.remember(run).expect("remembered");
    let mut killed = run(1, "a");
    killed.about.verdict = RunVerdict::Interrupted;
    assert_eq!(remember(&killed), Remembered::New);
    assert_eq!(remember(&run(1, "ab")), Remembered::Again);
    assert_eq!(remember(&run(1, "ab")), Remembered::Again);
    assert_eq!(remember(&killed), Remembered::Known);
    assert_eq!(remember(&run(1, "aB")), Remembered::Again, "the later of two that tell as much");
    killed.drills = run(1, "ab").drills;
    killed.about.counts.passed = 2;
    assert_eq!(remember(&killed), Remembered::Known, "it was over");
    assert_eq!(store.runs().expect("runs"), [run(1, "aB").about]);
}

#[cfg(unix)]
#[test]
fn the_file_is_its_owner_s_alone_and_no_link_is_followed() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let folder = tempfile::tempdir().expect("a folder");
    let (path, link) = (folder.path().join(NAME), folder.path().join("link"));
    drop(Store::open(&path).expect("opened"));
    assert_eq!(fs::metadata(&path).expect("it is there").permissions().mode() & 0o777, 0o600);
    symlink(&path, &link).expect("linked");
    let error = Store::open(&link).err().expect("refused").to_string();
    assert!(error.contains("link is a symbolic link"), "{error}");
}

#[test]
fn whoever_has_it_open_has_it_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(NAME);
    let first = Store::open(&path).expect("opened");
    assert!(matches!(Store::open(&path), Err(StoreError::Busy { .. })));
    drop(first);
    Store::open(&path).expect("nobody has it open");
}

#[test]
fn what_is_no_history_or_a_newer_one_is_told_and_left_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(NAME);
    for content in ["x", "hello\n", &"not a database\n".repeat(1_000)] {
        fs::write(&path, content).expect("written");
        assert!(matches!(Store::open(&path), Err(StoreError::Foreign { .. })), "{} bytes", content.len());
        assert_eq!(fs::read_to_string(&path).expect("readable"), content);
    }
    let about = redb::TableDefinition::<&str, u64>::new("about");
    let other = redb::TableDefinition::<&str, &str>::new("other");
    let database = |path: &Path, fill: &dyn Fn(&redb::WriteTransaction)| {
        drop(fs::remove_file(path));
        let database = redb::Database::create(path).expect("created");
        let writing = database.begin_write().expect("begun");
        fill(&writing);
        writing.commit().expect("written");
    };
    database(&path, &|writing| drop(writing.open_table(other).expect("opened")));
    assert!(matches!(Store::open(&path), Err(StoreError::Foreign { .. })), "somebody else's database");
    database(&path, &|writing| drop(writing.open_table(about).expect("opened").insert("format", 2)));
    assert!(matches!(Store::open(&path), Err(StoreError::Newer { format: 2, .. })));
}

/// What is read of a history that was damaged, as the rest of the program would.
fn read(path: &Path) -> Result<Vec<usize>, StoreError> {
    let store = Store::open(path)?;
    store.drills()?;
    look_back::shown_after(&store, "lab", "endpoint")?;
    store.remember(&run(9, "xy"))?;
    let runs = store.runs()?;
    runs.iter().map(|about| Ok(store.outcomes(about)?.len())).collect()
}

#[test]
fn a_history_that_was_cut_off_or_changed_is_told_or_read_as_it_was_and_nothing_panics() {
    let folder = tempfile::tempdir().expect("a folder");
    let whole = folder.path().join(NAME);
    drop(filled(&whole, &[run(1, "abcdefgh"), run(2, "aBc"), run(3, "ABCDEF")]));
    let (bytes, path) = (fs::read(&whole).expect("readable"), folder.path().join("damaged"));
    let right = [8, 3, 6, 2];
    let mut refused = 0;
    let mut try_out = |bytes: &[u8], what: &str| {
        fs::write(&path, bytes).expect("written");
        match read(&path) {
            Ok(read) => assert_eq!(read, right, "{what}"),
            Err(error) => {
                refused += 1;
                assert!(!matches!(error, StoreError::Busy { .. } | StoreError::Newer { .. }), "{what}: {error}");
            }
        }
    };
    for share in 1..60 {
        try_out(&bytes[..bytes.len() * share / 60], &format!("{share} of 60 parts"));
    }
    let used = |place: &usize| bytes[*place] != 0;
    for place in (0..bytes.len()).filter(used).step_by(101) {
        let mut damaged = bytes.clone();
        damaged[place] ^= 0x41;
        try_out(&damaged, &format!("byte {place}"));
    }
    assert!(refused > 60, "only {refused} were refused");
}

#[test]
fn only_the_last_runs_of_the_tenant_and_service_say_how_soon_alerts_come() {
    let folder = tempfile::tempdir().expect("a folder");
    let seconds = |day: i64| u32::try_from(day * 10).expect("a few");
    let of_day = |day| Run { drills: vec![drill("a", seconds(day))], ..run(day, "") };
    let elsewhere = Run { about: About { tenant: "prod".into(), ..of_day(11).about }, ..of_day(11) };
    let mut on_graph = of_day(12);
    on_graph.drills[0].identity.service = "graph".into();
    let mut without = of_day(13);
    without.drills[0].outcome.alerts.clear();
    let runs: Vec<_> = (1..=10).map(of_day).chain([elsewhere, on_graph, without]).collect();
    let store = filled(&folder.path().join(NAME), &runs);
    let known = look_back::shown_after(&store, "lab", "endpoint").expect("known");
    assert_eq!(known, [100, 90, 80, 70, 60].map(SignedDuration::from_secs));
}

#[test]
fn a_run_is_seen_beside_those_before_it_that_ended_by_themselves() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut broken_off = run(4, "Abcd");
    broken_off.about.verdict = RunVerdict::Interrupted;
    let elsewhere = Run { about: About { tenant: "prod".into(), ..run(4, "ABCD").about }, ..run(4, "ABCD") };
    let runs = [run(1, "abCD"), run(2, "aBcD"), run(3, "abCD"), broken_off, elsewhere, run(6, "ABCD")];
    let store = filled(&folder.path().join(NAME), &runs);
    let past = |run: &Run| look_back::past(&store, run).expect("readable");
    let now = run(5, "AbcDE");
    let told = past(&now).expect("there are earlier ones");
    assert_eq!(told.runs.iter().map(|run| run.run.as_str()).collect::<Vec<_>>(), ["run-1", "run-2", "run-3"]);
    let ids = |ids: &[String]| ids.join(" ").replace("f.feature:", "");
    let lists = [&told.newly_failing, &told.still_failing, &told.fixed, &told.flaky].map(|list| ids(list));
    assert_eq!(lists, ["A E", "D", "c", "c"]);
    let detection = Quantiles { n: 4, p50: 200.0, p95: 200.0, max: 200.0 };
    assert_eq!((told.runs[0].services[0].detection, told.runs[0].counts.failed), (Some(detection), 2));
    let mut stopped = now.clone();
    stopped.about.verdict = RunVerdict::Interrupted;
    let told = past(&stopped).expect("there are earlier ones");
    assert!(told.newly_failing.is_empty() && told.fixed.is_empty() && told.runs.len() == 3);
    assert_eq!(past(&run(1, "a")), None);
}

#[test]
fn a_run_is_seen_beside_thirty_at_most() {
    let folder = tempfile::tempdir().expect("a folder");
    let runs: Vec<_> = (1..=40).map(|day| run(day, "a")).collect();
    let store = filled(&folder.path().join(NAME), &runs);
    let told = look_back::past(&store, &run(41, "A")).expect("readable").expect("there are earlier ones");
    assert_eq!((told.runs.len(), told.runs[0].run.as_str()), (30, "run-11"));
}

/// A drill of a record.
fn recorded(file: &str, line: u32, name: &str, example: &[&str]) -> Drill {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/runs/passed.json")).expect("readable");
    let run: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let drill: Drill = serde_json::from_value(run["drills"][0].clone()).expect("a drill");
    let example = example.iter().map(|cell| (*cell).to_owned()).collect();
    Drill { id: format!("{file}:{line}"), file: file.into(), line, name: name.into(), example, ..drill }
}

fn gathered(drills: &[Drill]) -> Run {
    let mut gathered = Gathered::default();
    for drill in drills {
        gathered.drill(drill);
    }
    let head = serde_json::json!({ "format": 2, "alertdrill": "0", "run": "r", "started": "2026-11-24T03:15:54Z",
                                   "tenant": "emulator", "time_jumps": true, "seed": 1 });
    gathered.into_run(&serde_json::from_value::<Head>(head).expect("a head"), None)
}

#[test]
fn a_drill_is_the_same_wherever_it_is_written_by_now() {
    let outline = |offset: u32| {
        gathered(&[
            recorded("./f/a.feature", 12 + offset, "outline", &["2", "y"]),
            recorded("./f/a.feature", 11 + offset, "outline", &["1", "x"]),
            recorded("./f/a.feature", 5 + offset, "twin", &[]),
            recorded("./f/a.feature", 3 + offset, "twin", &[]),
        ])
    };
    let moved = outline(7).drills.into_iter().map(|drill| drill.identity).collect::<Vec<_>>();
    let run = outline(0);
    assert_eq!(run.drills.iter().map(|drill| drill.identity.clone()).collect::<Vec<_>>(), moved);
    let windows = gathered(&[recorded(r"f\a.feature", 12, "outline", &["2", "y"])]);
    assert!(moved.contains(&windows.drills[0].identity));
    let twins: Vec<_> = run.drills.iter().filter(|drill| drill.identity.name == "twin").collect();
    assert_eq!(
        twins.iter().map(|twin| (twin.id.as_str(), twin.identity.nth)).collect::<Vec<_>>(),
        [("./f/a.feature:3", 0), ("./f/a.feature:5", 1)]
    );
    let distinct: std::collections::HashSet<_> = moved.iter().collect();
    assert_eq!((distinct.len(), run.about.verdict), (4, RunVerdict::Interrupted));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn runs_are_what_was_remembered_last_of_each(told in prop::collection::vec((1_i64..5, "[a-fA-F]{3}"), 1..12)) {
        let folder = tempfile::tempdir().expect("a folder");
        let runs: Vec<_> = told.iter().map(|(day, drills)| run(*day, drills)).collect();
        let store = filled(&folder.path().join(NAME), &runs);
        let last: std::collections::BTreeMap<i64, &Run> = told.iter().map(|(day, _)| *day).zip(&runs).collect();
        let abouts: Vec<_> = last.values().map(|run| run.about.clone()).collect();
        prop_assert_eq!(store.runs().expect("runs"), abouts);
        for run in last.values() {
            let drills: Vec<_> = run.drills.iter().map(|drill| (drill.identity.clone(), drill.outcome.clone())).collect();
            prop_assert_eq!(known_of(&store, &run.about), drills);
        }
    }
}
