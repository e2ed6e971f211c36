//! What was done: the test case of a drill, its steps one by one, and how each went.
//!
//! Cucumber knows no drill that errored: the step that broke off is `FAILED` like a gap, and the type of its exception
//! begins with `errored` or `failed`. Where no step says how the drill ended, a hook does, so that the worst step of a case
//! is always its verdict.

use std::io::{self, Write};

use jiff::Timestamp;

use crate::{
    record::{
        chain::Link,
        drill::{Drill, Outcome},
        verdict::Verdict,
    },
    report::{
        account,
        messages::{
            CLEAN_UP, RUN, VERDICT, attachment,
            document::{pickle_id, pickle_step_id},
            envelope::{
                Envelope, Exception, Moment, Span, Status, TestCase, TestCaseFinished, TestCaseStarted, TestStep,
                TestStepFinished, TestStepResult, TestStepStarted,
            },
            send,
        },
        reading, wording,
    },
};

/// Writes the case of a drill, from its beginning to its end.
pub(super) fn write(drill: &Drill, id: &str, out: &mut dyn Write) -> io::Result<()> {
    let steps = steps(drill, id);
    let case = |step: &Planned| TestStep {
        id: step.id.clone(),
        hook_id: step.hook,
        pickle_step_id: step.pickle_step.map(|index| pickle_step_id(id, index)),
    };
    send(
        out,
        &Envelope::TestCase(TestCase {
            id: format!("{id}.case"),
            pickle_id: pickle_id(id),
            test_steps: steps.iter().map(case).collect(),
            test_run_started_id: RUN,
        }),
    )?;
    let run = format!("{id}.run");
    send(
        out,
        &Envelope::TestCaseStarted(TestCaseStarted {
            attempt: 0,
            id: &run,
            test_case_id: format!("{id}.case"),
            timestamp: Moment(drill.started),
        }),
    )?;
    for step in &steps {
        write_step(drill, &run, step, out)?;
    }
    send(
        out,
        &Envelope::TestCaseFinished(TestCaseFinished {
            test_case_started_id: &run,
            timestamp: Moment(drill.finished),
            will_be_retried: false,
        }),
    )
}

/// A step of a case, and how it went.
struct Planned {
    id: String,
    hook: Option<&'static str>,
    pickle_step: Option<usize>,
    from: Timestamp,
    until: Timestamp,
    status: Status,
    /// Whether it says how the drill ended, and bears its evidence.
    decides: bool,
}

fn write_step(drill: &Drill, run: &str, step: &Planned, out: &mut dyn Write) -> io::Result<()> {
    send(
        out,
        &Envelope::TestStepStarted(TestStepStarted {
            test_case_started_id: run,
            test_step_id: &step.id,
            timestamp: Moment(step.from),
        }),
    )?;
    if step.decides {
        attachment::write_evidence(drill, (run, &step.id), out)?;
    }
    if step.hook == Some(CLEAN_UP) {
        attachment::write_clean_up(drill, (run, &step.id), out)?;
    }
    let (message, exception) = if step.decides { told(drill) } else { (None, None) };
    let duration = Span(step.from, step.until);
    send(
        out,
        &Envelope::TestStepFinished(TestStepFinished {
            test_case_started_id: run,
            test_step_id: &step.id,
            test_step_result: TestStepResult { status: step.status, duration, message, exception },
            timestamp: Moment(step.until),
        }),
    )
}

/// The steps of the drill, and after them what no step tells of.
fn steps(drill: &Drill, id: &str) -> Vec<Planned> {
    let decides = deciding_step(drill);
    let mut at = drill.started;
    let mut planned = Vec::with_capacity(drill.steps.len() + 2);
    for (index, step) in drill.steps.iter().enumerate() {
        let from = step.started.unwrap_or(at);
        at = step.finished.unwrap_or(from);
        planned.push(Planned {
            id: format!("{id}.case.{index}"),
            hook: None,
            pickle_step: Some(index),
            from,
            until: at,
            status: match step.outcome {
                Outcome::Passed => Status::Passed,
                Outcome::Failed => Status::Failed,
                Outcome::Skipped | Outcome::NotRun => Status::Skipped,
            },
            decides: decides == Some(index),
        });
    }
    let hook = |name: &'static str, (from, until), status, decides| Planned {
        id: format!("{id}.case.{name}"),
        hook: Some(name),
        pickle_step: None,
        from,
        until,
        status,
        decides,
    };
    if decides.is_none() {
        planned.push(hook(VERDICT, (at, at), status(&drill.verdict), true));
    }
    if !drill.clean_up.is_empty() {
        planned.push(hook(CLEAN_UP, clean_up_took(drill), clean_up_status(drill), false));
    }
    planned
}

/// The step that says how the drill ended, if one does: the one that failed or that the service has no such thing for, or,
/// where all held, the last.
fn deciding_step(drill: &Drill) -> Option<usize> {
    let at = |outcome| drill.steps.iter().position(|step| step.outcome == outcome);
    match &drill.verdict {
        Verdict::Passed if drill.steps.iter().all(|step| step.outcome == Outcome::Passed) => {
            drill.steps.len().checked_sub(1)
        }
        Verdict::Passed => None,
        Verdict::Failed { .. } | Verdict::Errored { .. } => at(Outcome::Failed),
        Verdict::Skipped { .. } => at(Outcome::Skipped).or_else(|| at(Outcome::NotRun)),
    }
}

fn status(verdict: &Verdict) -> Status {
    match verdict {
        Verdict::Passed => Status::Passed,
        Verdict::Failed { .. } | Verdict::Errored { .. } => Status::Failed,
        Verdict::Skipped { .. } => Status::Skipped,
    }
}

/// What was left behind is no part of the verdict, and `UNKNOWN` is the one word that neither says that all is well nor
/// weighs more than `PASSED`.
fn clean_up_status(drill: &Drill) -> Status {
    let left = reading::left_behind(drill).next().is_some();
    if left { Status::Unknown } else { Status::Passed }
}

fn clean_up_took(drill: &Drill) -> (Timestamp, Timestamp) {
    let witness = drill.chain.iter().rev().find(|witness| witness.link == Link::CleanUp);
    witness.map_or((drill.finished, drill.finished), |witness| (witness.from, witness.until))
}

/// Why the drill ended as it did.
fn told(drill: &Drill) -> (Option<String>, Option<Exception>) {
    let word = drill.verdict.word();
    match &drill.verdict {
        Verdict::Passed => (None, None),
        Verdict::Skipped { reason, remedy } => {
            (Some(wording::brief(&format!("{word}: {reason} (remedy: {remedy})"))), None)
        }
        Verdict::Failed { code, .. } | Verdict::Errored { code, .. } => {
            let (kind, message) = (format!("{word}: {code}"), account::told(drill));
            (Some(format!("{kind}: {message}")), Some(Exception { kind, message }))
        }
    }
}
