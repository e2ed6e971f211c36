//! The expectations of the vocabulary, each at the end of a drill that is right where nothing goes wrong.

/// The services that a drill runs on: what is published through one may be read by another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum On {
    Legacy,
    Endpoint,
    Graph,
    /// Published through `endpoint`, read by `graph`.
    Both,
}

pub(super) const ALL: [On; 4] = [On::Legacy, On::Endpoint, On::Graph, On::Both];
pub(super) const TODAY: [On; 3] = [On::Endpoint, On::Graph, On::Both];

/// An expectation, and the drill that ends with it.
pub(super) struct Step {
    /// As the vocabulary writes it; after [`ASIDE`], what tells it from others of the same words.
    pub(super) line: &'static str,
    /// The steps before it, without what every drill begins with.
    pub(super) before: &'static str,
    /// What follows it: the rows of its table.
    pub(super) rows: &'static str,
    /// What it says of a tenant that does nothing wrong.
    pub(super) right: &'static str,
    pub(super) on: &'static [On],
}

/// Stands between a line of the vocabulary and what tells it from others.
pub(super) const ASIDE: &str = ", where ";

const PUBLISHED: &str = "
    And an alert definition and an indicator are in effect
    When the device contacts the indicator's address";

const RAISED: &str = "
    And an alert definition and an indicator are in effect
    When the device contacts the indicator's address
    Then an alert is raised within 20 minutes";

const RAISED_LONG_AGO: &str = "
    And an alert definition and an indicator are in effect
    When the device contacts the indicator's address
    Then an alert is raised within 20 minutes
    When 1 hour passes";

const SILENT: &str = "
    And a control is published
    And an alert definition and an indicator are in effect
    When the device contacts \"another.example\"
    And the device contacts the control's address";

const NOT_SILENT: &str = "
    And a control is published
    And an alert definition and an indicator are in effect
    When the device contacts the indicator's address
    And the device contacts the control's address";

const STEP: Step = Step { line: "", before: PUBLISHED, rows: "", right: "passed", on: &ALL };
const CHECK: Step = Step { before: RAISED, ..STEP };
const BROKEN: Step = Step { before: NOT_SILENT, right: "failed extra-alert", ..STEP };

/// A new expectation is a row here; its exceptions stand with the sabotages.
pub(super) const STEPS: [Step; 28] = [
    // The first, which the drills of others begin with.
    Step { line: "an alert is raised within 20 minutes", ..STEP },
    Step {
        line: "an alert is raised within 20 minutes, where it was probed whether the indicator is in effect",
        before: "
    And an alert definition and an indicator are published
    When the device contacts the indicator's address until an alert is seen",
        ..STEP
    },
    Step {
        line: "the second definition's alert is raised within 20 minutes",
        before: "
    And an alert definition and an indicator are published
    When a second alert definition and its indicator are published
    And everything published is in effect
    And the device contacts the second indicator's address",
        ..STEP
    },
    Step {
        line: "the control's alert is raised within 20 minutes",
        before: "
    And a control is published
    And an alert definition and an indicator are in effect
    When the device contacts the control's address",
        ..STEP
    },
    Step { line: "the alert says what its definition says", ..CHECK },
    Step {
        line: "the alert documented for this action is raised within 20 minutes",
        before: NOT_SILENT,
        on: &[On::Endpoint, On::Both],
        ..STEP
    },
    Step { line: "the alert carries the definition's title", on: &[On::Legacy, On::Graph], ..CHECK },
    Step { line: "the alert names the device and the indicator", ..CHECK },
    Step {
        line: "the alert shows",
        rows: "
      | indicator | {marker}.alertdrill.example |",
        ..CHECK
    },
    Step {
        line: "the alert shows, where a field is of a form",
        rows: "
      | title | matches | ^(Alert drill [a-z0-9]{8}\\|Connection to a custom network indicator)$ |",
        ..CHECK
    },
    Step {
        line: "the alert shows, where a field is one of several",
        rows: "
      | severity | is one of | Medium, Informational |",
        ..CHECK
    },
    Step {
        line: "the alert shows, where a field has a part in it",
        rows: "
      | source | contains | custom |",
        ..CHECK
    },
    Step {
        line: "the alert's evidence names",
        rows: "
      | domain | {indicator} |
      | device | {device}    |",
        ..CHECK
    },
    Step {
        line: "the alert's evidence names, where a page was asked for",
        rows: "
      | url | http://{indicator}/ |",
        on: &[On::Endpoint, On::Both],
        ..CHECK
    },
    Step { line: "it is the only alert", ..STEP },
    Step { line: "exactly 1 alert is raised", ..STEP },
    Step { line: "exactly 1 alert is raised within 20 minutes", ..STEP },
    Step { line: "at least 1 alert is raised", ..STEP },
    Step { line: "at least 1 alert is raised within 20 minutes", ..STEP },
    Step { line: "at most 1 alert is raised", before: NOT_SILENT, ..STEP },
    Step { line: "at most 1 alert is raised within 20 minutes", before: NOT_SILENT, ..STEP },
    Step { line: "the alert is still there", before: RAISED_LONG_AGO, ..STEP },
    Step { line: "the device's telemetry shows it within 20 minutes", on: &TODAY, ..STEP },
    Step { line: "no alert is raised", before: SILENT, ..STEP },
    Step { line: "no alert is raised, where one comes", ..BROKEN },
    Step { line: "no alert is raised within 20 minutes", before: SILENT, ..STEP },
    Step { line: "no alert is raised within 20 minutes, where one comes", ..BROKEN },
    Step {
        line: "the tenant holds the indicator as published",
        before: "
    And an alert definition and an indicator are in effect",
        ..STEP
    },
];

/// The expectations of the vocabulary that judge no alert of a drill, and so have no row.
pub(super) const OF_NO_ALERT: [&str; 11] = [
    "the tenant refuses it: <reason: no access, malformed, quota used up>",
    "the tenant accepts it",
    "<share> of the run's alerts come within <time>",
    "<share> of the run's indicators take effect within <time>",
    "the tenant holds the alert definition as published",
    "the tenant holds the alert definition no more",
    "the tenant holds the indicator no more",
    "the tenant holds <count> alert definition(s) in all",
    "the tenant holds <count> indicator(s) in all",
    "the tenant finds the alert definition by \"<filter>\"",
    "the address answers \"<text>\"",
];

impl Step {
    /// As a feature writes it.
    pub(super) fn words(&self) -> &'static str {
        self.line.split_once(ASIDE).map_or(self.line, |(words, _)| words)
    }

    /// Whether its drill begins with the whole of the first one's: what makes that fail, makes this fail in the same way.
    pub(super) fn follows_the_first(&self) -> bool {
        self.before.starts_with(RAISED)
    }

    /// The drill, on a tenant of its own that misbehaves so from before its first step.
    pub(super) fn scenario(&self, name: &str, faults: &str) -> String {
        let (before, words, rows) = (self.before, self.words(), self.rows);
        format!(
            "
  @exclusive @controls
  Scenario: {name}
    Given an onboarded device{faults}{before}
    Then {words}{rows}
"
        )
    }
}
