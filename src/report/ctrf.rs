//! `ctrf.json`, in the Common Test Report Format (<https://ctrf.io>): what dashboards and CI actions take from any tool.
//!
//! A test for each drill. A drill that errored is `other`, not `failed`: the format has no word for not being able to
//! tell. `duration` is real time; the moments of drills are those of their clock, and are told as `start` and `stop` only
//! where that is the world's.

use std::{
    io::{self, Write},
    iter,
};

use jiff::Timestamp;
use serde::Serialize;

use crate::{
    record::{
        chain::Link,
        drill::{Drill, Outcome, Step},
        failure::Code,
        run::Head,
        sighting::Latencies,
        verdict::{RunVerdict, Verdict},
    },
    report::{
        Outline, Report, account,
        escaped::{self, Items},
        reading, wording,
    },
};

/// The version of the format.
const SPECIFICATION: &str = "0.0.0";

/// The report while the drills come in: nothing of them is kept.
pub(super) struct Ctrf {
    outline: Outline,
    tests: Items,
}

impl Ctrf {
    pub(super) fn new(outline: Outline) -> Self {
        Self { outline, tests: Items::default() }
    }
}

impl Report for Ctrf {
    fn start(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let head = &self.outline.head;
        let version = wording::brief(&head.alertdrill);
        write!(out, "{{\"reportFormat\":\"CTRF\",\"specVersion\":\"{SPECIFICATION}\",\"runId\":")?;
        escaped::write(out, &named(&head.run, "run"))?;
        out.write_all(b",\"generatedBy\":")?;
        escaped::write(out, &format!("alertdrill {version}"))?;
        out.write_all(b",\"results\":{\"tool\":")?;
        escaped::write(out, &Tool { name: "alertdrill", version: &version })?;
        out.write_all(b",\"summary\":")?;
        escaped::write(out, &Summary::of(&self.outline))?;
        out.write_all(b",\"environment\":")?;
        escaped::write(out, &Environment::of(&self.outline))?;
        out.write_all(b",\"tests\":[")
    }

    fn drill(&mut self, drill: &Drill, out: &mut dyn Write) -> io::Result<()> {
        self.tests.push(out, &Test::of(drill, &self.outline.head))
    }

    fn finish(self: Box<Self>, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"\n]}}\n")
    }
}

#[derive(Serialize)]
struct Tool<'a> {
    name: &'static str,
    version: &'a str,
}

#[derive(Serialize)]
struct Summary {
    tests: u64,
    passed: u64,
    failed: u64,
    skipped: u64,
    pending: u64,
    other: u64,
    start: i64,
    stop: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<u64>,
}

impl Summary {
    /// The end of a run that was killed is not known, and the format demands one: it is told as its beginning.
    fn of(outline: &Outline) -> Self {
        let (head, foot, counts) = (&outline.head, outline.foot.as_ref(), &outline.counts);
        Self {
            tests: counts.total(),
            passed: counts.passed,
            failed: counts.failed,
            skipped: counts.skipped,
            pending: 0,
            other: counts.errored,
            start: head.started.as_millisecond(),
            stop: foot.map_or(head.started, |foot| foot.finished).as_millisecond(),
            duration: foot.map(|foot| whole(foot.took_ms)),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Environment {
    report_name: String,
    #[serde(rename = "testEnvironment")]
    tenant: String,
    healthy: bool,
    extra: RunExtra,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RunExtra {
    verdict: &'static str,
    seed: u64,
    time_jumps: bool,
    notes: Vec<String>,
}

impl Environment {
    fn of(outline: &Outline) -> Self {
        let (verdict, head) = (outline.verdict(), &outline.head);
        Self {
            report_name: wording::brief(&wording::headline(outline)),
            tenant: wording::brief(&head.tenant),
            healthy: verdict == RunVerdict::Passed,
            extra: RunExtra {
                verdict: verdict.word(),
                seed: head.seed,
                time_jumps: head.time_jumps,
                notes: wording::notes(outline).iter().map(|note| wording::brief(note)).collect(),
            },
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Test {
    #[serde(rename = "testId")]
    id: String,
    name: String,
    status: &'static str,
    raw_status: &'static str,
    duration: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stop: Option<i64>,
    suite: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<String>,
    file_path: String,
    line: u32,
    #[serde(rename = "type")]
    kind: &'static str,
    tags: Vec<String>,
    labels: Labels,
    steps: Vec<TestStep>,
    extra: TestExtra,
}

impl Test {
    fn of(drill: &Drill, head: &Head) -> Self {
        let judged = drill.verdict.code();
        let rerun = || wording::rerun(head, (&drill.file, drill.line), &drill.service);
        let moment = |at: Timestamp| (!head.time_jumps).then(|| at.as_millisecond());
        let suite = iter::once(&drill.feature).chain(iter::once(&drill.service).filter(|service| !service.is_empty()));
        Self {
            id: wording::brief(&format!("{} {}", drill.id, drill.service)),
            name: named(&drill.name, &drill.id),
            status: status(&drill.verdict),
            raw_status: drill.verdict.word(),
            duration: whole(drill.took_ms),
            start: moment(drill.started),
            stop: moment(drill.finished),
            suite: suite.map(|part| wording::brief(part)).collect(),
            message: message(drill),
            trace: judged.map(|_| account::account(drill, &rerun()).trim_start().to_owned()),
            file_path: wording::brief(&drill.file),
            line: drill.line,
            kind: "e2e",
            tags: drill.tags.iter().map(|tag| wording::brief(tag)).collect(),
            labels: Labels {
                service: wording::brief(&drill.service),
                marker: wording::brief(&drill.marker),
                code: judged.map(Code::as_str),
                broken_link: reading::broken_link(drill).map(Link::label),
            },
            steps: drill.steps.iter().map(TestStep::of).collect(),
            extra: TestExtra::of(drill),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Labels {
    service: String,
    marker: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    broken_link: Option<&'static str>,
}

#[derive(Serialize)]
struct TestStep {
    name: String,
    status: &'static str,
    extra: StepExtra,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StepExtra {
    line: u32,
    took_ms: f64,
}

impl TestStep {
    fn of(step: &Step) -> Self {
        let gap = step.failure.as_ref().is_none_or(|failure| failure.code.is_gap());
        Self {
            name: wording::brief(&format!("{} {}", step.keyword, step.text)),
            status: match step.outcome {
                Outcome::Passed => "passed",
                Outcome::Failed if gap => "failed",
                Outcome::Failed => "other",
                Outcome::Skipped | Outcome::NotRun => "skipped",
            },
            extra: StepExtra { line: step.line, took_ms: step.took_ms },
        }
    }
}

/// What the format has no member for.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TestExtra {
    started: Timestamp,
    finished: Timestamp,
    chain: Vec<ChainLink>,
    #[serde(skip_serializing_if = "Option::is_none")]
    latencies: Option<Latencies>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    left_behind: Vec<String>,
}

#[derive(Serialize)]
struct ChainLink {
    link: &'static str,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
}

impl TestExtra {
    fn of(drill: &Drill) -> Self {
        let link = reading::links(drill).map(|(link, state, witness)| ChainLink {
            link: link.label(),
            state: state.word(),
            by: witness.map(|witness| wording::brief(&witness.by)),
        });
        Self {
            started: drill.started,
            finished: drill.finished,
            chain: link.collect(),
            latencies: reading::latencies(drill).copied(),
            left_behind: reading::left_behind(drill)
                .map(|(what, why)| wording::brief(&format!("{what} ({why})")))
                .collect(),
        }
    }
}

fn status(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "passed",
        Verdict::Failed { .. } => "failed",
        Verdict::Errored { .. } => "other",
        Verdict::Skipped { .. } => "skipped",
    }
}

fn message(drill: &Drill) -> Option<String> {
    match &drill.verdict {
        Verdict::Passed => None,
        Verdict::Skipped { reason, remedy } => Some(wording::brief(&format!("{reason} (remedy: {remedy})"))),
        Verdict::Failed { code, .. } | Verdict::Errored { code, .. } => {
            let broken = wording::broken(drill).unwrap_or_default();
            Some(wording::brief(&format!("{}: {code}: {broken}", drill.verdict.word())))
        }
    }
}

/// A name that is not empty, as the format demands.
fn named(name: &str, otherwise: &str) -> String {
    wording::brief([name, otherwise, "unnamed"].into_iter().find(|name| !name.is_empty()).unwrap_or_default())
}

/// Milliseconds, as the format counts them.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "what is too large becomes the largest")]
fn whole(milliseconds: f64) -> u64 {
    milliseconds.round().max(0.0) as u64
}
