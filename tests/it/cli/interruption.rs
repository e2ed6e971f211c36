//! A run that is ended from outside while a drill waits: by a signal that it hears, and by one that it cannot.
#![cfg(unix)]

use crate::cli::{
    served::Served,
    stage::{Running, Stage},
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
    for signal in ["INT", "TERM", "HUP"] {
        let mut run = waiting(&stage);
        assert_eq!(served.holds(), (1, 1), "before {signal}");
        run.signal(signal);
        let ran = run.end();
        ran.exits(130);
        assert_eq!(served.holds(), (0, 0), "after {signal}: {}", ran.told());
        let notice = "interrupted: cleaning up 1 drill (once more ends at once, and leaves behind what was made)\n";
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
    ran.prints("alertdrill-report/index.html\nalertdrill-report/junit.xml\nalertdrill-report/summary.md");
    let summary = stage.read("alertdrill-report/summary.md");
    assert!(summary.contains("The record ends early: alertdrill was killed"), "{summary}");
    // What is left bears the drill's sign, by which the summary says it can be told.
    assert!(summary.contains("[drill …]") || summary.contains("\\[drill …\\]"), "{summary}");
    let described = served.state()["definitions"][0]["description"].as_str().expect("a text").to_owned();
    assert!(described.contains("[drill "), "{described}");
}
