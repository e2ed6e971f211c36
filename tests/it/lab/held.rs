//! Drills that may not begin, though the run did.

use std::sync::atomic::{AtomicUsize, Ordering};

use alertdrill::{
    record::verdict::Verdict,
    runner::{
        course::Options,
        stop::{Held, Stop},
    },
};

use super::{options, run_with, verdict};

#[test]
fn a_drill_that_would_begin_when_it_may_not_is_skipped_with_the_reason_and_the_remedy() {
    let begun = AtomicUsize::new(0);
    let stop = Stop::beside(move || {
        let late = begun.fetch_add(1, Ordering::SeqCst) > 0;
        late.then(|| Held { reason: "it is late".into(), remedy: "wait for the morning".into() })
    });
    let scenario = |name: &str| format!("  Scenario: {name}\n    Given access to the tenant\n");
    let text = format!("Feature: f\n{}{}", scenario("one"), scenario("other"));
    let ran = run_with(&text, Options { jobs: 1, ..options() }, &stop);
    assert_eq!(ran.drills.iter().map(verdict).collect::<Vec<_>>(), ["passed", "skipped"]);
    let Verdict::Skipped { reason, remedy } = &ran.drills[1].verdict else { unreachable!("it was skipped") };
    assert_eq!((reason.as_str(), remedy.as_str()), ("it is late", "wait for the morning"));
    assert!(ran.drills[1].exchanges.is_empty());
}
