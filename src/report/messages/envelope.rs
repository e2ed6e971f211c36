//! The messages, as <https://github.com/cucumber/messages> has them: the members that are written, and no others.

use jiff::Timestamp;
use serde::{Serialize, Serializer, ser::SerializeStruct as _};

/// One line of the file.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Envelope<'a> {
    Meta(Meta<'a>),
    Hook(Hook),
    Pickle(Pickle<'a>),
    TestRunStarted(TestRunStarted),
    TestCase(TestCase),
    TestCaseStarted(TestCaseStarted<'a>),
    TestStepStarted(TestStepStarted<'a>),
    Attachment(Attachment<'a>),
    TestStepFinished(TestStepFinished<'a>),
    TestCaseFinished(TestCaseFinished<'a>),
    TestRunFinished(TestRunFinished),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Meta<'a> {
    pub(super) protocol_version: &'static str,
    pub(super) implementation: Product<'a>,
    pub(super) runtime: Product<'a>,
    pub(super) os: Product<'a>,
    pub(super) cpu: Product<'a>,
}

#[derive(Serialize)]
pub(super) struct Product<'a> {
    pub(super) name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<&'a str>,
}

/// What is done after a drill that no step tells of.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Hook {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) source_reference: Empty,
}

#[derive(Serialize)]
pub(super) struct Empty {}

#[derive(Clone, Copy, Serialize)]
pub(super) struct Location {
    pub(super) line: u32,
}

/// A scenario of a Gherkin document.
#[derive(Serialize)]
pub(super) struct Child<'a> {
    pub(super) scenario: Scenario<'a>,
}

#[derive(Serialize)]
pub(super) struct Scenario<'a> {
    pub(super) id: &'a str,
    pub(super) location: Location,
    pub(super) tags: Vec<Tag<'a>>,
    pub(super) keyword: &'static str,
    pub(super) name: &'a str,
    pub(super) description: &'a str,
    pub(super) steps: Vec<Step<'a>>,
    pub(super) examples: [(); 0],
}

#[derive(Serialize)]
pub(super) struct Tag<'a> {
    pub(super) id: String,
    pub(super) name: &'a str,
    pub(super) location: Location,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Step<'a> {
    pub(super) id: String,
    pub(super) location: Location,
    pub(super) keyword: String,
    pub(super) keyword_type: &'static str,
    pub(super) text: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pickle<'a> {
    pub(super) id: String,
    pub(super) uri: &'a str,
    pub(super) location: Location,
    pub(super) name: &'a str,
    pub(super) language: &'static str,
    pub(super) steps: Vec<PickleStep<'a>>,
    pub(super) tags: Vec<PickleTag<'a>>,
    pub(super) ast_node_ids: [&'a str; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PickleStep<'a> {
    pub(super) id: String,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) text: &'a str,
    pub(super) ast_node_ids: [String; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PickleTag<'a> {
    pub(super) name: &'a str,
    pub(super) ast_node_id: String,
}

#[derive(Serialize)]
pub(super) struct TestRunStarted {
    pub(super) id: &'static str,
    pub(super) timestamp: Moment,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TestCase {
    pub(super) id: String,
    pub(super) pickle_id: String,
    pub(super) test_steps: Vec<TestStep>,
    pub(super) test_run_started_id: &'static str,
}

/// A step of the pickle, or a hook.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TestStep {
    pub(super) id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hook_id: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pickle_step_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TestCaseStarted<'a> {
    pub(super) attempt: u8,
    pub(super) id: &'a str,
    pub(super) test_case_id: String,
    pub(super) timestamp: Moment,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TestStepStarted<'a> {
    pub(super) test_case_started_id: &'a str,
    pub(super) test_step_id: &'a str,
    pub(super) timestamp: Moment,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Attachment<'a> {
    pub(super) body: String,
    pub(super) content_encoding: &'static str,
    pub(super) media_type: &'static str,
    pub(super) file_name: String,
    pub(super) test_case_started_id: &'a str,
    pub(super) test_step_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TestStepFinished<'a> {
    pub(super) test_case_started_id: &'a str,
    pub(super) test_step_id: &'a str,
    pub(super) test_step_result: TestStepResult,
    pub(super) timestamp: Moment,
}

#[derive(Serialize)]
pub(super) struct TestStepResult {
    pub(super) status: Status,
    pub(super) duration: Span,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) exception: Option<Exception>,
}

/// How a step went. Of the words of the messages these are the ones that a drill can mean.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Status {
    Unknown,
    Passed,
    Skipped,
    Failed,
}

#[derive(Serialize)]
pub(super) struct Exception {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) message: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TestCaseFinished<'a> {
    pub(super) test_case_started_id: &'a str,
    pub(super) timestamp: Moment,
    pub(super) will_be_retried: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TestRunFinished {
    pub(super) success: bool,
    pub(super) message: String,
    pub(super) timestamp: Moment,
    pub(super) test_run_started_id: &'static str,
}

/// A moment, in the seconds and nanoseconds of the messages.
#[derive(Clone, Copy)]
pub(super) struct Moment(pub(super) Timestamp);

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        seconds(serializer, self.0.as_nanosecond())
    }
}

/// The span between two moments, in the seconds and nanoseconds of the messages; none is negative.
#[derive(Clone, Copy)]
pub(super) struct Span(pub(super) Timestamp, pub(super) Timestamp);

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        seconds(serializer, (self.1.as_nanosecond() - self.0.as_nanosecond()).max(0))
    }
}

fn seconds<S: Serializer>(serializer: S, nanoseconds: i128) -> Result<S::Ok, S::Error> {
    const SECOND: i128 = 1_000_000_000;
    let mut parts = serializer.serialize_struct("Time", 2)?;
    // Whole, so that a reader without 128 bits reads it.
    parts.serialize_field("seconds", &i64::try_from(nanoseconds.div_euclid(SECOND)).unwrap_or(i64::MAX))?;
    parts.serialize_field("nanos", &i64::try_from(nanoseconds.rem_euclid(SECOND)).unwrap_or(0))?;
    parts.end()
}
