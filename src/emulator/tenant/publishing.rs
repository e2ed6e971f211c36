//! Definitions and indicators: publish, read, change, take away; quotas, and what follows for detection.

use jiff::Timestamp;

use crate::{
    domain::{
        alert_definition::AlertDefinition,
        indicator::{Function, Indicator},
    },
    emulator::{
        detection::Candidate,
        faults::rule::{Fault, Subject},
        propagation,
        tenant::{
            Tenant,
            shelf::{Asked, Dropped, Stored},
        },
    },
};

/// An indicator under its definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The indicator.
    pub indicator: Indicator,
    /// The id of the definition whose alert it raises.
    pub definition: i64,
}

/// Why the tenant does not keep something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It holds as many alert definitions as it may.
    DefinitionQuota,
    /// It holds as many indicators as it may.
    IndicatorQuota,
    /// It holds as many indicators with another function than `Equals` as it may.
    PatternQuota,
    /// There is no alert definition of this id.
    NoDefinition(i64),
    /// There is nothing of this id.
    NotFound,
}

/// What becomes of what is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Kept,
    /// It is accepted, and not kept.
    Forgotten,
    /// It is kept, and never takes effect.
    Inert,
}

impl Fate {
    /// From when on it is in effect, where that is `at` if nothing goes wrong.
    pub(super) fn from(self, at: Timestamp) -> Timestamp {
        if self == Self::Inert { Timestamp::MAX } else { at }
    }
}

impl Tenant {
    /// Every alert definition, by id.
    pub fn definitions(&self) -> impl Iterator<Item = &Stored<AlertDefinition>> {
        self.definitions.iter()
    }

    /// The alert definition of this id.
    pub fn definition(&self, id: i64) -> Option<&Stored<AlertDefinition>> {
        self.definitions.get(id)
    }

    /// Every indicator, by id.
    pub fn indicators(&self) -> impl Iterator<Item = &Stored<Placed>> {
        self.indicators.iter()
    }

    /// The indicator of this id.
    pub fn indicator(&self, id: i64) -> Option<&Stored<Placed>> {
        self.indicators.get(id)
    }

    /// The alert definition of an indicator.
    pub fn definition_of(&self, indicator: &Stored<Placed>) -> Option<&Stored<AlertDefinition>> {
        self.definitions.get(indicator.content.definition)
    }

    /// The definition of this id as it is in effect at `now`, even if the API shows it otherwise or no longer.
    pub fn definition_in_effect(&self, id: i64, now: Timestamp) -> Option<&AlertDefinition> {
        self.definitions.in_effect(id, now).map(|(_, definition)| definition)
    }

    /// Keeps `definitions`, all or none.
    pub fn publish_definitions(
        &mut self,
        definitions: Vec<AlertDefinition>,
        asked: Asked<'_>,
    ) -> Result<Vec<Stored<AlertDefinition>>, Refusal> {
        self.settle(asked.at);
        if self.definitions.len() + definitions.len() > self.knobs.definition_quota {
            return Err(Refusal::DefinitionQuota);
        }
        Ok(definitions.into_iter().map(|definition| self.keep_definition(definition, asked)).collect())
    }

    fn keep_definition(&mut self, definition: AlertDefinition, asked: Asked<'_>) -> Stored<AlertDefinition> {
        let fate = self.fate(&format!("{}\n{}", definition.title, definition.ux_description), asked.at);
        let enabled = definition.enabled;
        let stored = self.definitions.make(definition, asked);
        if fate != Fate::Forgotten {
            let from = fate.from(self.effective_from(("definition", stored.id, 0), enabled, asked.at));
            self.definitions.keep(stored.clone(), from);
            self.settle(asked.at);
        }
        stored
    }

    /// Keeps `indicators`, all or none.
    pub fn publish_indicators(
        &mut self,
        indicators: Vec<Placed>,
        asked: Asked<'_>,
    ) -> Result<Vec<Stored<Placed>>, Refusal> {
        self.settle(asked.at);
        let patterns = indicators.iter().filter(|placed| placed.is_pattern()).count();
        if let Some(lost) = indicators.iter().find(|placed| self.definitions.get(placed.definition).is_none()) {
            return Err(Refusal::NoDefinition(lost.definition));
        }
        if self.indicators.len() + indicators.len() > self.knobs.indicator_quota {
            return Err(Refusal::IndicatorQuota);
        }
        if patterns > 0 && self.patterns + patterns > self.knobs.pattern_quota {
            return Err(Refusal::PatternQuota);
        }
        Ok(indicators.into_iter().map(|placed| self.keep_indicator(placed, asked)).collect())
    }

    fn keep_indicator(&mut self, placed: Placed, asked: Asked<'_>) -> Stored<Placed> {
        let fate = self.fate(&placed.indicator.value, asked.at);
        let stored = self.indicators.make(placed, asked);
        if fate != Fate::Forgotten {
            self.patterns += usize::from(stored.content.is_pattern());
            let enabled = stored.content.indicator.enabled;
            let from = fate.from(self.effective_from(("indicator", stored.id, 0), enabled, asked.at));
            self.index.insert(&stored.content.indicator, Candidate { indicator: stored.id, version: 0 });
            self.indicators.keep(stored.clone(), from);
            self.settle(asked.at);
        }
        stored
    }

    /// Changes what a definition says.
    pub fn change_definition(
        &mut self,
        id: i64,
        definition: AlertDefinition,
        asked: Asked<'_>,
    ) -> Result<Stored<AlertDefinition>, Refusal> {
        self.settle(asked.at);
        let version = self.definitions.next_version(id);
        let from = self.effective_from(("definition", id, version), definition.enabled, asked.at);
        self.definitions.change(id, definition, asked, from);
        self.settle(asked.at);
        self.definitions.get(id).cloned().ok_or(Refusal::NotFound)
    }

    /// Changes what an indicator looks for, or moves it under another definition.
    pub fn change_indicator(&mut self, id: i64, placed: Placed, asked: Asked<'_>) -> Result<Stored<Placed>, Refusal> {
        self.settle(asked.at);
        let before = self.indicators.get(id).ok_or(Refusal::NotFound)?.content.is_pattern();
        if self.definitions.get(placed.definition).is_none() {
            return Err(Refusal::NoDefinition(placed.definition));
        }
        let patterns = self.patterns - usize::from(before) + usize::from(placed.is_pattern());
        if placed.is_pattern() && !before && patterns > self.knobs.pattern_quota {
            return Err(Refusal::PatternQuota);
        }
        self.patterns = patterns;
        let version = self.indicators.next_version(id);
        let from = self.effective_from(("indicator", id, version), placed.indicator.enabled, asked.at);
        self.index.insert(&placed.indicator, Candidate { indicator: id, version });
        for dropped in self.indicators.change(id, placed, asked, from) {
            self.unindex(dropped);
        }
        self.settle(asked.at);
        self.indicators.get(id).cloned().ok_or(Refusal::NotFound)
    }

    /// Takes a definition and its indicators away; false when there is none of this id. Its alerts stay.
    pub fn delete_definition(&mut self, id: i64, now: Timestamp) -> bool {
        self.settle(now);
        let known = self.definitions.get(id).is_some();
        self.delete_indicators_of(id, now);
        self.definitions.delete(id, propagation::after(now, self.knobs.removal));
        self.settle(now);
        known
    }

    /// Takes an indicator away; false when there is none of this id.
    pub fn delete_indicator(&mut self, id: i64, now: Timestamp) -> bool {
        self.settle(now);
        let Some(stored) = self.indicators.get(id) else { return false };
        self.patterns -= usize::from(stored.content.is_pattern());
        for dropped in self.indicators.delete(id, propagation::after(now, self.knobs.removal)) {
            self.unindex(dropped);
        }
        self.settle(now);
        true
    }

    /// Takes the indicators of a definition away; the definition stays. Returns how many there were.
    pub fn delete_indicators_of(&mut self, definition: i64, now: Timestamp) -> usize {
        let of_it = self.indicators.iter().filter(|stored| stored.content.definition == definition);
        let ids: Vec<_> = of_it.map(|stored| stored.id).collect();
        ids.iter().filter(|id| self.delete_indicator(**id, now)).count()
    }

    /// Takes every indicator away.
    pub fn delete_all_indicators(&mut self, now: Timestamp) {
        let ids: Vec<_> = self.indicators.iter().map(|stored| stored.id).collect();
        for id in ids {
            self.delete_indicator(id, now);
        }
    }

    /// Takes every definition away, and with them every indicator.
    pub fn delete_all_definitions(&mut self, now: Timestamp) {
        self.delete_all_indicators(now);
        let ids: Vec<_> = self.definitions.iter().map(|stored| stored.id).collect();
        for id in ids {
            self.definitions.delete(id, propagation::after(now, self.knobs.removal));
        }
        self.settle(now);
    }

    /// When a version accepted at `at` is in effect: switching off is a removal, everything else propagates.
    fn effective_from(&self, (set, id, version): (&str, i64, u64), enabled: bool, at: Timestamp) -> Timestamp {
        let parts = ["propagation", set, &id.to_string(), &version.to_string()];
        let propagation = propagation::draw(self.knobs.propagation, self.seed, &parts);
        propagation::after(at, if enabled { propagation } else { self.knobs.removal })
    }

    /// What becomes of what is published, as faults have it.
    pub(super) fn fate(&mut self, text: &str, now: Timestamp) -> Fate {
        let faults = self.faults.applying(&Subject::Publishing { text }, now);
        match faults.as_slice() {
            [] => Fate::Kept,
            faults if faults.contains(&Fault::Forget) => Fate::Forgotten,
            _ => Fate::Inert,
        }
    }

    pub(super) fn unindex(&mut self, (id, version): Dropped<Placed>) {
        if let Some(placed) = version.content {
            self.index.remove(&placed.indicator, Candidate { indicator: id, version: version.number });
        }
    }
}

impl Placed {
    fn is_pattern(&self) -> bool {
        self.indicator.function != Function::Equals
    }
}
