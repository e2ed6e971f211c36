//! `messages.ndjson`, for the formatters of Cucumber: Cucumber Messages (<https://github.com/cucumber/messages>), a line
//! each.
//!
//! In reading order: `envelope` (the messages), `document` (what was to be done: a Gherkin document for each file, a pickle
//! for each drill), `course` (what was done: its test case, step by step), `attachment` (what bears witness).
//!
//! In the order that formatters know: documents, pickles, then the cases. A document is whole only after the last
//! drill, so what comes after it waits in files of its own, and memory holds the documents alone.

use std::{
    collections::HashMap,
    io::{self, Write},
    path::Path,
};

use jiff::Timestamp;

use crate::{
    record::{drill::Drill, owner_only::Draft, verdict::RunVerdict},
    report::{
        Format, Outline, Report, escaped,
        messages::{
            document::Document,
            envelope::{Empty, Envelope, Hook, Meta, Moment, Product, TestRunFinished, TestRunStarted},
        },
        wording,
    },
};

mod attachment;
mod course;
mod document;
mod envelope;

/// The version of the messages that is written: that of npm `@cucumber/messages`.
const PROTOCOL: &str = "34.2.1";

/// The id of the run.
const RUN: &str = "run";

/// What is undone after a drill.
const CLEAN_UP: &str = "clean-up";

/// What says how a drill ended where no step does.
const VERDICT: &str = "verdict";

/// The report while the drills come in.
pub(super) struct Messages {
    outline: Outline,
    documents: Vec<Document>,
    by_file: HashMap<String, usize>,
    pickles: Draft,
    cases: Draft,
    drills: u64,
    latest: Timestamp,
}

impl Messages {
    /// Begins the report, the later parts of which wait in `dir`.
    pub(super) fn begin(outline: Outline, dir: &Path) -> io::Result<Self> {
        let part = |name: &str| Draft::at(dir.join(format!("{}.{name}.part", Format::Messages.file_name())));
        Ok(Self {
            latest: outline.head.started,
            outline,
            documents: Vec::new(),
            by_file: HashMap::new(),
            pickles: part("pickles")?,
            cases: part("cases")?,
            drills: 0,
        })
    }

    fn document(&mut self, drill: &Drill) -> &mut Document {
        let documents = &mut self.documents;
        let index = *self.by_file.entry(drill.file.clone()).or_insert_with(|| {
            documents.push(Document::of(drill));
            documents.len() - 1
        });
        &mut documents[index]
    }
}

impl Report for Messages {
    fn drill(&mut self, drill: &Drill, _: &mut dyn Write) -> io::Result<()> {
        self.drills += 1;
        self.latest = self.latest.max(drill.finished);
        let id = self.drills.to_string();
        let mut pickle = Vec::new();
        self.document(drill).push(drill, &id, &mut pickle)?;
        self.pickles.write_all(&pickle)?;
        course::write(drill, &id, &mut self.cases)
    }

    fn finish(self: Box<Self>, out: &mut dyn Write) -> io::Result<()> {
        let Self { outline, documents, pickles, cases, latest, .. } = *self;
        let head = &outline.head;
        send(out, &Envelope::Meta(meta(&wording::brief(&head.alertdrill))))?;
        for document in documents {
            document.write(out)?;
        }
        pickles.pour(out)?;
        for name in [CLEAN_UP, VERDICT] {
            let source_reference = Empty {};
            send(out, &Envelope::Hook(Hook { id: name, name, kind: "AFTER_TEST_CASE", source_reference }))?;
        }
        send(out, &Envelope::TestRunStarted(TestRunStarted { id: RUN, timestamp: Moment(head.started) }))?;
        cases.pour(out)?;
        // The end of a run that was killed is not known: it is told as that of its last drill.
        let finished = outline.foot.as_ref().map_or(latest, |foot| foot.finished);
        send(
            out,
            &Envelope::TestRunFinished(TestRunFinished {
                success: outline.verdict() == RunVerdict::Passed,
                message: message(&outline),
                timestamp: Moment(finished),
                test_run_started_id: RUN,
            }),
        )
    }
}

/// Writes one message.
fn send(out: &mut dyn Write, envelope: &Envelope<'_>) -> io::Result<()> {
    escaped::write(out, envelope)?;
    out.write_all(b"\n")
}

/// The record does not say on what machine it was made.
fn meta(version: &str) -> Meta<'_> {
    let product = |name, version| Product { name, version };
    Meta {
        protocol_version: PROTOCOL,
        implementation: product("alertdrill", Some(version)),
        runtime: product("Rust", None),
        os: product("unknown", None),
        cpu: product("unknown", None),
    }
}

fn message(outline: &Outline) -> String {
    let verdict = format!("{}: {}", outline.verdict().word(), wording::headline(outline));
    let told: Vec<String> =
        std::iter::once(verdict).chain(wording::notes(outline)).map(|text| wording::brief(&text)).collect();
    told.join("\n")
}
