//! A run that is ended from outside while a drill waits: by a signal that it hears, and by one that it cannot.
#![cfg(unix)]

use crate::cli::{
    served::Served,
    stage::{Running, Stage, reports_in},
};

/// A run on the served tenant that waits, in real time, for propagation; what it published is there.
fn waiting(stage: &Stage) -> Running {
    let mut command = stage.command("run --tenant lab --name Step.3 --verbose");
    let mut run = Running::of(command.spawn().expect("the binary starts"));
    run.has_told("create an indicator: ");
    run
}

#[test]
fn a_signal_ends_a_drill_after_clean_up_and_the_report_says_so() {
    let stage = Stage::new();
    let served = Served::on(&stage, "");
    for signal in endings() {
        let mut run = waiting(&stage);
        assert_eq!(served.holds(), (1, 1), "before {signal}");
        run.signal(signal);
        let ran = run.end();
        ran.exits(130);
        assert_eq!(served.holds(), (0, 0), "after {signal}: {}", ran.told());
        let notice = "interrupted: cleaning up 1 drill, and removing 2 things in the tenant (once more ends at once, and leaves \
                      behind what was made)\n";
        assert!(ran.stderr.contains(notice), "{}", ran.stderr);
        ran.prints(
            "Verdict ⟨any⟩! inconclusive  The device reaches the demo server (legacy)\n  propagation broke: interrupted before \
             it was judged\n⟨any⟩! interrupted: The run was interrupted, and cleaned up.\n⟨any⟩",
        );
        let record = stage.json("alertdrill-report/run.json");
        assert_eq!((&record["verdict"], &record["drills"][0]["code"]), (&"interrupted".into(), &"inconclusive".into()));
        assert!(stage.read("alertdrill-report/summary.md").contains("interrupted"));
    }
}

/// The signals that end a run. Under `nohup` the end of the terminal is passed over, by what is tested as by the tests.
pub(crate) fn endings() -> Vec<&'static str> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    if ignored & 1 == 0 { vec!["INT", "TERM", "HUP"] } else { vec!["INT", "TERM"] }
}

#[test]
fn a_second_signal_ends_a_clean_up_that_goes_on_and_says_what_is_left() {
    let stage = Stage::new();
    let served = Served::on(&stage, "");
    let mut run = waiting(&stage);
    // A tenant that does not answer is asked again and again.
    served.gone();
    run.signal("INT");
    run.has_told("interrupted: cleaning up");
    run.signal("INT");
    let ran = run.end();
    ran.exits(130).prints("");
    assert!(ran.stderr.ends_with(AGAIN), "{}", ran.stderr);
    assert_eq!(stage.names("alertdrill-report"), ["journal.ndjson", "run.json.part"]);
}

const AGAIN: &str = "interrupted again: what the drills made is left in the tenant: `alertdrill sweep --tenant lab \
                     alertdrill-report` removes it\n";

/// As `nohup` begins a process: the end of the terminal is nothing to it.
#[cfg(target_os = "linux")]
#[test]
fn the_end_of_a_terminal_is_passed_over_where_it_was_asked_for() {
    let stage = Stage::new();
    let served = Served::on(&stage, "");
    let command = stage.command("run --tenant lab --name Step.3 --verbose");
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", "trap '' HUP; exec \"$0\" \"$@\""]).arg(command.get_program()).args(command.get_args());
    shell.current_dir(stage.path()).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut run = Running::of(shell.spawn().expect("the shell starts"));
    run.has_told("create an indicator: ");
    run.signal("HUP");
    run.signal("TERM");
    let ran = run.end();
    ran.exits(130);
    assert!(!ran.stderr.contains("interrupted again"), "the first signal counted: {}", ran.told());
    assert_eq!(served.holds(), (0, 0), "{}", ran.told());
}

#[test]
fn what_a_killed_run_wrote_down_is_still_reported() {
    let stage = Stage::new();
    let served = Served::on(&stage, "");
    let mut run = waiting(&stage);
    run.signal("KILL");
    assert_eq!(run.end().exit, None, "a signal ended it");
    assert_eq!(stage.names("alertdrill-report"), ["journal.ndjson", "run.json.part"]);
    assert_eq!(served.holds(), (1, 1), "nobody cleaned up");
    let ran = stage.run("report alertdrill-report");
    ran.exits(0).tells("");
    ran.prints(&reports_in("alertdrill-report").join("\n"));
    let summary = stage.read("alertdrill-report/summary.md");
    assert!(summary.contains("The record ends early: alertdrill was killed"), "{summary}");
    // What is left bears the drill's sign, by which the summary says it can be told.
    assert!(summary.contains("[drill …]") || summary.contains("\\[drill …\\]"), "{summary}");
    let described = served.state()["definitions"][0]["description"].as_str().expect("a text").to_owned();
    assert!(described.contains("[drill "), "{described}");
}
