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
    /// As the vocabulary writes it.
    pub(super) line: &'static str,
    /// The steps before it, without what every drill begins with.
    pub(super) before: &'static str,
    /// What follows it: the rows of its table.
    pub(super) rows: &'static str,
    /// What it says of a tenant that does nothing wrong.
    pub(super) right: &'static str,
    pub(super) on: &'static [On],
}

const PUBLISHED: &str = "
    And an alert definition and an indicator are in effect
    When the device contacts the indicator's address";

const RAISED: &str = "
    And an alert definition and an indicator are in effect
    When the device contacts the indicator's address
    Then an alert is raised within 30 minutes";

const STEP: Step = Step { line: "", before: PUBLISHED, rows: "", right: "passed", on: &ALL };

/// A new expectation is a row here; its exceptions stand with the sabotages.
pub(super) const STEPS: [Step; 14] = [
    Step { line: "an alert is raised within 30 minutes", ..STEP },
    Step {
        line: "the second definition's alert is raised within 30 minutes",
        before: "
    And an alert definition and an indicator are published
    When a second alert definition and its indicator are published
    And everything published is in effect
    And the device contacts the second indicator's address",
        ..STEP
    },
    Step {
        line: "the control's alert is raised within 30 minutes",
        before: "
    And a control is published
    And an alert definition and an indicator are in effect
    When the device contacts the control's address",
        ..STEP
    },
    Step { line: "the alert says what its definition says", before: RAISED, ..STEP },
    Step {
        line: "the alert documented for this action is raised within 30 minutes",
        before: "
    And a control is published
    And an alert definition and an indicator are in effect
    When the device contacts the indicator's address
    And the device contacts the control's address",
        on: &[On::Endpoint, On::Both],
        ..STEP
    },
    Step { line: "the alert carries the definition's title", before: RAISED, on: &[On::Legacy, On::Graph], ..STEP },
    Step { line: "the alert names the device and the indicator", before: RAISED, ..STEP },
    Step {
        line: "the alert shows",
        before: RAISED,
        rows: "
      | indicator | {marker}.alertdrill.example |",
        ..STEP
    },
    Step { line: "it is the only alert", ..STEP },
    Step {
        line: "the alert is still there",
        before: "
    And an alert definition and an indicator are in effect
    When the device contacts the indicator's address
    Then an alert is raised within 30 minutes
    When 1 hour passes",
        ..STEP
    },
    Step { line: "the device's telemetry shows it within 30 minutes", on: &TODAY, ..STEP },
    Step {
        line: "no alert is raised",
        before: "
    And a control is published
    And an alert definition and an indicator are in effect
    When the device contacts \"another.example\"
    And the device contacts the control's address",
        ..STEP
    },
    Step {
        line: "no alert is raised, though one comes",
        before: "
    And a control is published
    And an alert definition and an indicator are in effect
    When the device contacts the indicator's address
    And the device contacts the control's address",
        right: "failed extra-alert",
        ..STEP
    },
    Step {
        line: "the tenant holds the indicator as published",
        before: "
    And an alert definition and an indicator are in effect",
        ..STEP
    },
];

impl Step {
    /// The drill, on a tenant of its own that misbehaves so from before its first step.
    pub(super) fn scenario(&self, name: &str, faults: &str) -> String {
        let Self { before, rows, .. } = self;
        let line = self.line.split(", though").next().unwrap_or_default();
        format!(
            "
  @exclusive @controls
  Scenario: {name}
    Given an onboarded device{faults}{before}
    Then {line}{rows}
"
        )
    }
}
