//! What a drill made or changed, undone in reverse.
//!
//! An entry is made before the request leaves, so that what was accepted though its answer was lost is found again by
//! its name, and narrowed to the service's key as soon as that is known. On a tenant all of it stands in the run's journal
//! as well, so that what a killed process leaves is known.

use std::{io, sync::Arc, time::Duration};

use crate::{
    clock::limit::Allowance,
    domain::{alert_definition::AlertDefinition, device::Device, indicator::Indicator, marker::Marker},
    journal::{Journal, Number, thing::Thing},
    record::drill::Undone,
    services::{
        controls::Controls,
        definitions::{DefinitionId, Query},
        error::{Capability, ServiceError},
        indicators::{IndicatorId, Publication},
    },
    world::lab::Lab,
};

/// Everything that a drill made or changed and that is to be undone.
#[derive(Default)]
pub struct Ledger {
    lines: Vec<Line>,
    journal: Option<Arc<Journal>>,
}

struct Line {
    entry: Entry,
    /// Its number in the journal, where there is one.
    number: Option<Number>,
}

/// Something to undo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// Definitions of this name, signed with this marker, were or are about to be published; their keys are not known.
    DefinitionsNamed(String, Marker),
    /// A definition of this key was published.
    Definition(DefinitionId),
    /// An indicator of this key was published.
    Indicator(IndicatorId),
    /// An indicator like this was or is about to be published together with its definition; its key is not known.
    Together(Box<Draft>),
    /// A device was taken off the sensor.
    Offboarded(Device),
    /// The threat intelligence API was switched off.
    ApiSwitchedOff,
}

/// An indicator with its definition, as asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is the one of the same name of `Alarm`")]
pub struct Draft {
    pub marker: Marker,
    pub definition: AlertDefinition,
    pub indicator: Indicator,
}

impl Draft {
    /// What is said to a service of it, under the definition of the key `under` where that stands apart.
    pub fn publication<'a>(&'a self, under: Option<&'a DefinitionId>) -> Publication<'a> {
        Publication { indicator: &self.indicator, definition: &self.definition, under, marker: &self.marker }
    }
}

impl Ledger {
    /// An empty one, whose lines are written to `journal` as well.
    pub fn new(journal: Option<Arc<Journal>>) -> Self {
        Self { lines: Vec::new(), journal }
    }

    /// A ledger of what `journal` knows of already, each under its number there.
    pub fn again(journal: Option<Arc<Journal>>, entries: Vec<(Entry, Number)>) -> Self {
        let lines = entries.into_iter().map(|(entry, number)| Line { entry, number: Some(number) }).collect();
        Self { lines, journal }
    }

    /// The numbers in the journal of everything that is to be undone.
    pub fn numbers(&self) -> Vec<u64> {
        self.lines.iter().filter_map(|line| line.number).map(Number::get).collect()
    }

    /// Enters what is about to happen, or has happened, under `marker`.
    pub fn enter(&mut self, marker: &Marker, entry: Entry) {
        let number = self.journal.as_ref().map(|journal| journal.about_to(marker, &entry.thing()));
        self.lines.push(Line { entry, number });
    }

    /// Waits until everything that was entered would be known even if this machine lost its power.
    pub async fn sync(&self) -> io::Result<()> {
        match &self.journal {
            Some(journal) => journal.sync().await,
            None => Ok(()),
        }
    }

    /// Replaces the newest entry that is `known_as` by what is known now.
    pub fn narrow(&mut self, known_as: &Entry, to: Entry) {
        if let Some(line) = self.lines.iter_mut().rev().find(|line| line.entry == *known_as) {
            if let (Some(journal), Some(number)) = (&self.journal, line.number) {
                journal.became(number, &to.thing());
            }
            line.entry = to;
        }
    }

    /// Strikes what a step has undone by itself, or what did not come about.
    pub fn strike(&mut self, entry: &Entry) {
        let journal = self.journal.as_ref();
        self.lines.retain(|line| {
            let stays = line.entry != *entry;
            if !stays {
                note(journal, line.number, Journal::undone);
            }
            stays
        });
    }

    /// Undoes everything, the newest first, and says of each how it went; one that fails keeps none of the others. What
    /// failed for the moment is tried again after a while, when a service may have recovered.
    pub async fn undo(&mut self, lab: &Lab) -> Vec<Undone> {
        let mut tried = Vec::new();
        for line in std::mem::take(&mut self.lines).into_iter().rev() {
            let outcome = self.undo_line(&line, lab).await;
            tried.push((line, outcome));
        }
        for pause in PAUSES {
            if !tried.iter().any(|(_, outcome)| outcome.as_ref().is_err_and(may_pass)) {
                break;
            }
            Allowance::extend_current(pause);
            lab.clock.sleep(pause).await;
            for (line, outcome) in &mut tried {
                if outcome.as_ref().is_err_and(may_pass) {
                    *outcome = self.undo_line(line, lab).await;
                }
            }
        }
        let told = |(Line { entry, .. }, outcome): (Line, Result<(), ServiceError>)| Undone {
            what: entry.what(),
            left: outcome.err().map(|error| error.to_string()),
        };
        tried.into_iter().map(told).collect()
    }

    async fn undo_line(&self, line: &Line, lab: &Lab) -> Result<(), ServiceError> {
        line.entry.undo(lab).await?;
        note(self.journal.as_ref(), line.number, Journal::undone);
        Ok(())
    }

    /// Says of everything that it was left on purpose.
    pub fn leave(&mut self) -> Vec<Undone> {
        let lines = std::mem::take(&mut self.lines).into_iter().rev();
        lines
            .map(|Line { entry, number }| {
                note(self.journal.as_ref(), number, Journal::kept);
                Undone { what: entry.what(), left: Some("kept, as asked for with --keep".into()) }
            })
            .collect()
    }
}

/// So long after a removal that failed it is tried again.
const PAUSES: [Duration; 2] = [Duration::from_secs(15), Duration::from_mins(1)];

/// Whether what failed so may succeed a while later: the service did not say no, it did not answer as it should.
fn may_pass(error: &ServiceError) -> bool {
    matches!(error, ServiceError::Transport(_)) && !error.is_final()
}

fn note(journal: Option<&Arc<Journal>>, number: Option<Number>, how: impl Fn(&Journal, Number)) {
    if let (Some(journal), Some(number)) = (journal, number) {
        how(journal, number);
    }
}

impl Entry {
    /// The same, as the journal knows it.
    fn thing(&self) -> Thing {
        match self {
            Self::DefinitionsNamed(name, _) => Thing::DefinitionsNamed(name.clone()),
            Self::Definition(id) => Thing::Definition(id.to_string()),
            Self::Indicator(id) => Thing::Indicator(id.to_string()),
            Self::Together(draft) => Thing::Together(draft.indicator.value.clone()),
            Self::Offboarded(device) => Thing::Offboarded(device.name.clone()),
            Self::ApiSwitchedOff => Thing::ApiSwitchedOff,
        }
    }

    fn what(&self) -> String {
        match self {
            Self::DefinitionsNamed(name, _) => format!("alert definitions named `{name}`"),
            Self::Definition(id) => format!("alert definition {id}"),
            Self::Indicator(id) => format!("indicator {id}"),
            Self::Together(draft) => format!("what carries the marker {}", draft.marker),
            Self::Offboarded(device) => format!("device {} offboarded", device.name),
            Self::ApiSwitchedOff => "threat intelligence API switched off".into(),
        }
    }

    async fn undo(&self, lab: &Lab) -> Result<(), ServiceError> {
        match self {
            Self::DefinitionsNamed(name, marker) => remove_named(lab, name, marker).await,
            Self::Definition(id) => lab.definitions.remove(id).await,
            Self::Indicator(id) => lab.indicators.remove(id).await,
            Self::Together(draft) => remove_marked(lab, draft).await,
            Self::Offboarded(device) => controls(lab)?.onboard(&device.name).await.map(drop),
            Self::ApiSwitchedOff => controls(lab)?.switch_api(true).await,
        }
    }
}

async fn remove_named(lab: &Lab, name: &str, marker: &Marker) -> Result<(), ServiceError> {
    let quoted = name.replace('\'', "''");
    let query = Query { filter: Some(format!("Name eq '{quoted}'")), ..Query::default() };
    let mut outcome = Ok(());
    for stored in lab.definitions.list(&query).await? {
        // Somebody else may have given the same name, and a service that does not know the filter answers with everything.
        if stored.definition.name == name && marker.is_in(&stored.definition.ux_description) {
            outcome = outcome.and(lab.definitions.remove(&stored.id).await);
        }
    }
    outcome
}

async fn remove_marked(lab: &Lab, draft: &Draft) -> Result<(), ServiceError> {
    let mut outcome = Ok(());
    for id in lab.indicators.of_marker(draft.publication(None)).await? {
        outcome = outcome.and(lab.indicators.remove(&id).await);
    }
    outcome
}

fn controls(lab: &Lab) -> Result<&Arc<dyn Controls>, ServiceError> {
    let none =
        || ServiceError::Unsupported { what: Capability::Controls, why: "the tenant has no control face".into() };
    lab.controls.as_ref().ok_or_else(none)
}
