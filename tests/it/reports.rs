//! The reports, made from the runs in `fixtures/runs`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use alertdrill::{
    cli::{progress::Progress, report, result_table::ResultTable},
    record::{
        drill::Drill,
        file::{FORMAT, RunWriter},
        reader::{ReadError, RunReader},
        run::{Foot, Head},
        verdict::{Counts, RunVerdict},
    },
    report::{Format, Outline, markdown, render},
};
use quick_xml::{Reader, events::Event};

mod browser;
mod ctrf;
mod har;
mod hostile;
mod live;
mod messages;
mod page;
mod samples;
mod schema;

/// The runs in `fixtures/runs`.
const FIXTURES: [&str; 8] =
    ["passed", "no-alert", "wrong-alert", "late", "access-denied", "interrupted", "nothing-judged", "hostile"];

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/runs").join(name).with_extension("json")
}

/// One report of one fixture.
fn rendered(name: &str, file: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    render(&fixture(name), folder.path(), &Format::ALL).expect("rendered");
    fs::read_to_string(folder.path().join(file)).expect("written")
}

fn drills(run: &Path) -> Vec<Drill> {
    let mut drills = Vec::new();
    let all = RunReader::open(run).expect("readable").each_drill(|drill| {
        drills.push(drill);
        Ok::<(), ReadError>(())
    });
    all.expect("readable");
    drills
}

fn terminal(name: &str) -> String {
    let reader = RunReader::open(&fixture(name)).expect("readable");
    let mut table = ResultTable::default();
    for drill in drills(&fixture(name)) {
        table.drill(&drill);
    }
    let text = table.text(&Outline::of(&reader), 80, &[PathBuf::from("alertdrill-report/index.html")]);
    anstream::adapter::strip_str(&text).to_string()
}

#[test]
fn every_fixture_is_listed() {
    let there = fs::read_dir(fixture("passed").parent().expect("a folder")).expect("readable").count();
    assert_eq!(there, FIXTURES.len());
}

#[test]
fn the_summary_says_what_a_person_needs() {
    for name in FIXTURES {
        insta::assert_snapshot!(format!("{name}.md"), rendered(name, "summary.md"));
    }
}

#[test]
fn the_junit_file_says_what_a_ci_server_needs() {
    for name in FIXTURES {
        insta::assert_snapshot!(format!("{name}.xml"), rendered(name, "junit.xml"));
    }
}

#[test]
fn the_terminal_says_what_came_of_the_run() {
    for name in FIXTURES {
        insta::assert_snapshot!(format!("{name}.txt"), terminal(name));
    }
}

#[test]
fn a_table_fits_its_width_whatever_the_names_are() {
    for name in FIXTURES {
        let text = terminal(name);
        let table = text.lines().take_while(|line| !line.is_empty());
        for line in table {
            assert!(line.chars().count() <= 80, "{name}: {line}");
        }
    }
}

#[test]
fn a_junit_file_keeps_to_the_rules_of_both_schemas() {
    for name in FIXTURES {
        let xml = rendered(name, "junit.xml");
        let counts = *RunReader::open(&fixture(name)).expect("readable").counts();
        let mut reader = Reader::from_str(&xml);
        let (mut path, mut cases, mut last_of_suite) = (Vec::new(), Vec::new(), Vec::new());
        loop {
            let event = reader.read_event().expect("well formed");
            let (element, opens) = match event {
                Event::Start(element) => (element, true),
                Event::Empty(element) => (element, false),
                Event::End(_) => {
                    path.pop();
                    continue;
                }
                Event::Eof => break,
                _ => continue,
            };
            let tag = element.name().as_ref().to_owned();
            let mut names: Vec<String> =
                element.attributes().map(|attribute| attribute.expect("well formed").key.as_ref().to_owned()).collect();
            names.sort_unstable();
            check_element(&tag, &path, &names.join(" "));
            match tag.as_str() {
                "testsuite" => last_of_suite.clear(),
                "testcase" | "failure" | "error" | "skipped" => cases.push(tag.clone()),
                _ => {}
            }
            if path.len() == 2 {
                last_of_suite.push(tag.clone());
                let order = ["properties", "testcase", "system-out", "system-err"];
                let places = last_of_suite.iter().map(|tag| order.iter().position(|known| known == tag));
                assert!(places.is_sorted(), "{name}: {last_of_suite:?}");
            }
            if opens {
                path.push(tag);
            }
        }
        let number = |tag: &str| cases.iter().filter(|case| *case == tag).count() as u64;
        assert_eq!(number("testcase"), counts.total(), "{name}");
        assert_eq!(
            (number("failure"), number("error"), number("skipped")),
            (counts.failed, counts.errored, counts.skipped)
        );
    }
}

fn check_element(tag: &str, path: &[String], attributes: &str) {
    let (within, expected) = match tag {
        "testsuites" => ("", ""),
        "testsuite" => ("testsuites", "errors failures hostname id name package skipped tests time timestamp"),
        "properties" | "system-out" | "system-err" => ("testsuite", ""),
        "property" => ("properties", "name value"),
        "testcase" => ("testsuite", "classname name time"),
        "failure" | "error" => ("testcase", "message type"),
        "skipped" => ("testcase", "message"),
        other => panic!("no schema knows <{other}>"),
    };
    assert_eq!(path.last().map_or("", String::as_str), within, "<{tag}>");
    assert_eq!(attributes, expected, "<{tag}>");
}

#[cfg(unix)]
#[test]
fn a_report_is_its_owner_s_alone() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().expect("a folder");
    let written = render(&fixture("passed"), &folder.path().join("new"), &Format::ALL).expect("rendered");
    assert_eq!(written.len(), Format::ALL.len());
    for path in written {
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600, "{}", path.display());
    }
}

#[test]
fn what_is_no_run_is_refused_with_a_reason() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = folder.path().join("run.json");
    let newer = fs::read_to_string(fixture("passed")).expect("readable").replace("\"format\": 2", "\"format\": 3");
    let miscounted = fs::read_to_string(fixture("passed")).expect("readable").replace("\"passed\": 4", "\"passed\": 5");
    let cases = [
        (newer.as_str(), "its format is 3, and this alertdrill reads up to 2"),
        (miscounted.as_str(), "it counts 5 drills and holds 4"),
        ("<html>", "this is no run.json"),
        ("{}", "this is no run.json: missing field `format`"),
        ("", "this is no run.json"),
        (r#"{"format":1,"drills":[{"verdict":"passed"}]}"#, "this is no run.json"),
    ];
    for (content, expected) in cases {
        fs::write(&run, content).expect("written");
        let error = render(&run, folder.path(), &Format::ALL).expect_err("refused").to_string();
        assert!(error.contains("run.json: ") && error.contains(expected), "{error}");
    }
    let error = render(&folder.path().join("nowhere"), folder.path(), &[]).expect_err("refused").to_string();
    assert!(error.contains("nowhere: "), "{error}");
}

#[test]
fn a_run_of_the_first_format_is_read_as_well_and_written_again_in_the_second() {
    let folder = tempfile::tempdir().expect("a folder");
    let old = folder.path().join("old.json");
    let text = fs::read_to_string(fixture("wrong-alert")).expect("readable").replace("\"format\": 2", "\"format\": 1");
    let text = text.replace("\"standing\": \"held\"", "\"held\": true");
    let text = text.replace("\"standing\": \"broke\"", "\"held\": false");
    assert!(!text.contains("standing") && text.contains("\"held\": false"));
    fs::write(&old, &text).expect("written");
    assert_eq!(drills(&old), drills(&fixture("wrong-alert")));

    let other = folder.path().join("other.json");
    fs::write(&other, text.replace("\"features/", "\"others/")).expect("written");
    let runs = vec![old, other];
    let merged = report::report(&report::Options {
        runs,
        out: Some(folder.path().join("merged")),
        formats: vec![],
        exit_code: false,
    });
    let merged = RunReader::open(&merged.expect("merged").run).expect("readable");
    assert_eq!(merged.head().format, FORMAT);
}

#[test]
fn the_record_of_a_killed_run_is_told_up_to_where_it_ends() {
    let folder = tempfile::tempdir().expect("a folder");
    let reader = RunReader::open(&fixture("wrong-alert")).expect("readable");
    let mut writer = RunWriter::create(folder.path(), reader.head()).expect("created");
    for drill in drills(&fixture("wrong-alert")).iter().take(1) {
        writer.drill(drill).expect("written");
    }
    drop(writer);
    let written = render(folder.path(), folder.path(), &Format::ALL).expect("rendered");
    let summary = fs::read_to_string(written.last().expect("a summary")).expect("readable");
    assert!(summary.starts_with("# ! alertdrill: interrupted"), "{summary}");
    assert!(summary.contains("The record ends early: alertdrill was killed"), "{summary}");
}

#[test]
fn the_runs_of_several_shards_are_merged_into_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("merged");
    let other = folder.path().join("other.json");
    let text = fs::read_to_string(fixture("no-alert")).expect("readable");
    fs::write(&other, text.replace("\"features/", "\"others/")).expect("written");
    let options = report::Options {
        runs: vec![fixture("passed"), other.clone()],
        out: Some(out.clone()),
        formats: Format::ALL.to_vec(),
        exit_code: false,
    };
    let made = report::report(&options).expect("merged");
    let merged = RunReader::open(&made.run).expect("readable");
    assert_eq!(*merged.counts(), Counts { passed: 6, failed: 1, errored: 0, skipped: 1 });
    assert_eq!(merged.foot().map(|foot| foot.verdict), Some(RunVerdict::Failed));
    let both = [drills(&fixture("passed")), drills(&other)].concat();
    assert_eq!(drills(&made.run), both);
    assert_eq!(made.reports.len(), Format::ALL.len());

    let refused = |runs: Vec<PathBuf>, out: Option<PathBuf>| {
        report::report(&report::Options { runs, out, formats: vec![], exit_code: false })
            .expect_err("refused")
            .to_string()
    };
    let error = refused(vec![fixture("passed"), fixture("access-denied")], Some(out.clone()));
    assert!(error.contains("the target of one is"), "{error}");
    let error = refused(vec![fixture("passed"), fixture("no-alert")], Some(out.clone()));
    assert!(error.contains("both hold the drill features/guide/1_enable.feature:6"), "{error}");
    assert!(refused(vec![fixture("passed"), fixture("late")], None).contains("add --out DIR"));
    let error = refused(vec![made.run, fixture("late")], Some(out));
    assert!(error.contains("holds one of the runs that are to be merged"), "{error}");
}

#[test]
fn a_pipe_gets_a_line_for_each_drill() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("stderr");
    let mut progress = Progress::lines(fs::File::create(&path).expect("created"), None);
    progress.started(4);
    for drill in drills(&fixture("no-alert")) {
        progress.drill(&drill);
    }
    drop(progress);
    insta::assert_snapshot!("progress.txt", fs::read_to_string(path).expect("readable"));
}

/// A run of `number` small drills, every fiftieth of which failed; returns its directory.
fn run_of(number: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let head: Head = RunReader::open(&fixture("passed")).expect("readable").head().clone();
    let small = drills(&fixture("passed")).remove(0);
    let failed = drills(&fixture("access-denied")).remove(0);
    let mut counts = Counts::default();
    let mut writer = RunWriter::create(folder.path(), &head).expect("created");
    for at in 0..number {
        let mut drill = if at % 50 == 49 { failed.clone() } else { small.clone() };
        drill.name = format!("Drill {at} | of <many>");
        counts.add(&drill.verdict);
        writer.drill(&drill).expect("written");
    }
    let foot = Foot {
        finished: head.started,
        took_ms: 1.0,
        verdict: RunVerdict::of(&counts),
        counts,
        defects: Vec::new(),
        calls: Vec::new(),
        past: None,
    };
    writer.finish(&foot).expect("finished");
    folder
}

/// In a process of its own, so that nothing else is measured.
#[test]
#[ignore = "another test runs it, in a process of its own"]
fn render_the_run_named_in_the_environment() {
    #[expect(clippy::disallowed_methods, reason = "the other process has nothing else to be told by")]
    let folder = PathBuf::from(std::env::var("RUN_TO_RENDER").expect("another test runs it"));
    render(&folder, &folder, &Format::ALL).expect("rendered");
}

/// Peak memory in KiB, and the time it took.
fn cost_of_rendering(folder: &Path) -> (u64, Duration) {
    #[expect(clippy::disallowed_methods, reason = "what is measured is real time")]
    let begin = Instant::now();
    let mut child = Command::new(std::env::current_exe().expect("a path"))
        .args(["--exact", "reports::render_the_run_named_in_the_environment", "--ignored", "--test-threads=1"])
        .env("RUN_TO_RENDER", folder)
        .stdout(std::process::Stdio::null())
        .spawn()
        .expect("started");
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    loop {
        let ended = child.try_wait().expect("waited");
        let told = fs::read_to_string(&status).unwrap_or_default();
        let high = told.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
        peak = peak.max(high.unwrap_or(0));
        if let Some(ended) = ended {
            assert!(ended.success());
            return (peak, begin.elapsed());
        }
        std::thread::yield_now();
    }
}

#[test]
fn ten_thousand_drills_cost_ten_times_a_thousand_and_hardly_more_memory_and_none_is_forgotten() {
    let (small, large) = (run_of(1_000), run_of(10_000));
    let (small_peak, small_time) = cost_of_rendering(small.path());
    let (large_peak, large_time) = cost_of_rendering(large.path());
    assert!(large_time < small_time * 40, "{small_time:?}, then {large_time:?}");
    // Only Linux tells a peak. A row and a case of each drill are kept, some 15 MiB for 9,000 of them; the drills are
    // not, which take five times that.
    assert!(large_peak <= small_peak + 30 * 1024, "{small_peak} KiB, then {large_peak} KiB");
    check_page_and_junit_of_ten_thousand(large.path());
    check_summary_of_ten_thousand(large.path());
    check_what_tools_read_of_ten_thousand(large.path());
    check_terminal_of_ten_thousand(large.path());
}

fn check_what_tools_read_of_ten_thousand(folder: &Path) {
    let count = |file: &str, what: &str| {
        let text = fs::read_to_string(folder.join(file)).expect("readable");
        text.lines().filter(|line| line.starts_with(what)).count()
    };
    assert_eq!(count("messages.ndjson", "{\"pickle\":"), 10_000);
    assert_eq!(count("messages.ndjson", "{\"testCaseFinished\":"), 10_000);
    assert_eq!(count("exchanges.har", "{\"startedDateTime\":"), 10_000, "a page each");
    assert_eq!(count("exchanges.har", "{\"pageref\":"), 10_000, "an exchange each");
    assert_eq!(count("ctrf.json", "{\"testId\":"), 10_000);
}

fn check_page_and_junit_of_ten_thousand(folder: &Path) {
    let page = fs::read_to_string(folder.join("index.html")).expect("readable");
    assert!(page.len() < 20_000_000, "{}", page.len());
    assert_eq!(page.matches("<tr data-verdict=").count(), 500);
    assert_eq!(page.matches("{\"verdict\":\"").count(), 9_500, "data for the script");
    let told = page.matches("<article class=\"drill").count();
    assert!((400..10_000).contains(&told), "{told}");
    assert!(page.contains(&format!("… and {} drills", 10_000 - told)), "what is not told in full is said");
    let xml = fs::read_to_string(folder.join("junit.xml")).expect("readable");
    assert_eq!(xml.matches("<testcase ").count(), 10_000);
}

fn check_summary_of_ten_thousand(folder: &Path) {
    let summary = fs::read_to_string(folder.join("summary.md")).expect("readable");
    assert!(summary.len() <= markdown::LIMIT, "{}", summary.len());
    let (_, table) = summary.split_once("## All drills").expect("a table");
    let rows = table.lines().filter(|line| line.contains(" Drill ")).count();
    let more = table.lines().find_map(|line| line.strip_prefix("… and ")?.strip_suffix(" more.")).expect("more");
    assert_eq!(rows + more.parse::<usize>().expect("a number"), 10_000);
}

fn check_terminal_of_ten_thousand(folder: &Path) {
    let reader = RunReader::open(folder).expect("readable");
    let mut table = ResultTable::default();
    let taken = reader.each_drill(|drill| {
        table.drill(&drill);
        Ok::<(), ReadError>(())
    });
    taken.expect("readable");
    let text = table.text(&Outline::of(&reader), 80, &[]);
    assert!(text.contains("… and 9860 more\n") && text.contains("… and 100 more that did not pass"), "{text}");
}
