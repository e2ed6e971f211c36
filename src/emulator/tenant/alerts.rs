//! The alerts of a tenant: raised at an event, to be read when detection has done its work.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::{
    domain::indicator::Indicator,
    emulator::{detection::Activity, propagation, tenant::devices::Device},
};

/// An alert of the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// The moment of its making in ticks of 100 nanoseconds since the year 1, an underscore, a signed number.
    pub id: String,
    /// The definition that raised it.
    pub definition_id: i64,
    /// The definition's title at the time of the event.
    pub title: String,
    /// The definition's severity, in the service's spelling.
    pub severity: String,
    /// The definition's category, in the service's spelling.
    pub category: String,
    /// The definition's `UxDescription`.
    pub description: String,
    /// The definition's `RecommendedAction`.
    pub recommended_action: Option<String>,
    /// What raised it: `CustomerTI`.
    pub source: String,
    /// Where it happened.
    pub device: Device,
    /// What happened.
    pub activity: Activity,
    /// When it happened.
    pub first_event_at: Timestamp,
    /// When it last happened; later than the first only where alerts merge.
    pub last_event_at: Timestamp,
    /// From when on it can be read.
    pub visible_at: Timestamp,
    /// The indicators that were touched, each a message of its own in the export feed.
    pub parts: Vec<Part>,
}

/// One indicator of an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The indicator's id.
    pub indicator_id: i64,
    /// What it looked for at the time of the event.
    pub indicator: Indicator,
    /// Thirty-two bytes that only this indicator of this alert has.
    pub unique_id: [u8; 32],
    /// From when on this part can be read.
    pub visible_at: Timestamp,
}

/// How many alerts are kept, whatever their age.
pub const ALERTS_AT_MOST: usize = 10_000;

/// How many parts of alerts are kept: an event may touch as many indicators as there are.
const PARTS_AT_MOST: usize = 100_000;

/// Alerts, in the order in which they were raised and in that in which they can be read.
#[derive(Debug, Default)]
pub(super) struct Alerts {
    raised: BTreeMap<u64, Alert>,
    /// When which part of which alert can be read.
    rows: BTreeSet<(Timestamp, u64, usize)>,
    numbers: BTreeMap<String, u64>,
    /// The newest alert of each definition and device.
    newest: BTreeMap<(i64, String), u64>,
    next: u64,
}

impl Alerts {
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Alert> {
        self.raised.values()
    }

    pub(super) fn get(&self, id: &str) -> Option<&Alert> {
        self.raised.get(self.numbers.get(id)?)
    }

    pub(super) fn holds(&self, id: &str) -> bool {
        self.numbers.contains_key(id)
    }

    /// The parts that could first be read from `since` to `until`, both included, oldest first.
    pub(super) fn rows(&self, since: Timestamp, until: Timestamp) -> impl DoubleEndedIterator<Item = (&Alert, usize)> {
        let empty = since > until;
        let bounds = if empty { (since, 0, 0)..=(since, 0, 0) } else { (since, 0, 0)..=(until, u64::MAX, usize::MAX) };
        self.rows
            .range(bounds)
            .filter(move |_| !empty)
            .filter_map(|(_, number, part)| self.raised.get(number).map(|alert| (alert, *part)))
    }

    pub(super) fn raise(&mut self, alert: Alert) {
        let number = self.next;
        self.next += 1;
        for (place, part) in alert.parts.iter().enumerate() {
            self.rows.insert((part.visible_at, number, place));
        }
        self.numbers.insert(alert.id.clone(), number);
        self.newest.insert((alert.definition_id, alert.device.id.clone()), number);
        self.raised.insert(number, alert);
        self.trim();
    }

    /// Forgets the oldest of what is too much.
    pub(super) fn trim(&mut self) {
        while self.raised.len() > ALERTS_AT_MOST || (self.rows.len() > PARTS_AT_MOST && self.raised.len() > 1) {
            self.forget_oldest();
        }
    }

    /// The newest alert of this definition and device, if its last event is at most `window` before `now`.
    pub(super) fn open(
        &mut self,
        definition: i64,
        device: &str,
        now: Timestamp,
        window: std::time::Duration,
    ) -> Option<Merging<'_>> {
        let number = *self.newest.get(&(definition, device.to_owned()))?;
        let alert = self.raised.get_mut(&number)?;
        (propagation::after(alert.last_event_at, window) >= now).then_some(Merging {
            alert,
            rows: &mut self.rows,
            number,
        })
    }

    /// Forgets what could be read before `oldest`.
    pub(super) fn prune(&mut self, oldest: Timestamp) {
        while self.raised.first_key_value().is_some_and(|(_, alert)| alert.visible_at < oldest) {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        let Some((number, alert)) = self.raised.pop_first() else { return };
        for (place, part) in alert.parts.iter().enumerate() {
            self.rows.remove(&(part.visible_at, number, place));
        }
        self.numbers.remove(&alert.id);
        let key = (alert.definition_id, alert.device.id);
        if self.newest.get(&key) == Some(&number) {
            self.newest.remove(&key);
        }
    }
}

/// An alert that a further event joins.
pub(super) struct Merging<'a> {
    alert: &'a mut Alert,
    rows: &'a mut BTreeSet<(Timestamp, u64, usize)>,
    number: u64,
}

impl Merging<'_> {
    /// Joins an event at `now` that touched `parts`; indicators that the alert has already are not added twice.
    pub(super) fn join(self, now: Timestamp, parts: Vec<Part>) -> String {
        self.alert.last_event_at = now;
        for part in parts {
            if self.alert.parts.iter().all(|known| known.indicator_id != part.indicator_id) {
                self.rows.insert((part.visible_at, self.number, self.alert.parts.len()));
                self.alert.parts.push(part);
            }
        }
        self.alert.id.clone()
    }
}
