//! Incidents: alerts that belong together. Every alert is in one, and correlation may merge it into another.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jiff::Timestamp;

use crate::emulator::{
    propagation,
    tenant::handling::{Change, Handling},
};

/// An incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// The number, small and growing.
    pub id: u64,
    /// When its first alert was made.
    pub created_at: Timestamp,
    /// When its latest alert was made.
    pub last_alert_at: Timestamp,
    /// What became of it since.
    pub handling: Handling,
    /// What people wrote on it.
    pub notes: Notes,
    /// The incident that correlation merged it into.
    pub redirected_to: Option<u64>,
    device: String,
}

/// What people wrote on an incident, in place of what the service would say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "each field is what its name says")]
pub struct Notes {
    pub name: Option<String>,
    pub severity: Option<String>,
    pub tags: Vec<String>,
    pub description: Option<String>,
    pub summary: Option<String>,
    pub resolving_comment: Option<String>,
    /// Who changed it last.
    pub changed_by: Option<String>,
}

/// More incidents than these push out the oldest: memory stays bounded.
const INCIDENTS_AT_MOST: usize = 10_000;

/// The incidents of a tenant.
#[derive(Debug, Default)]
pub(super) struct Incidents {
    by_id: BTreeMap<u64, Incident>,
    /// The newest incident of each device, by its key.
    newest: BTreeMap<String, u64>,
    /// The incident of each device that others are merged into.
    anchors: BTreeMap<String, u64>,
    /// Those that correlation has not looked at yet.
    unmerged: BTreeSet<(Timestamp, u64)>,
    last_id: u64,
}

impl Incidents {
    /// The incident of this number.
    pub(super) fn get(&self, id: u64) -> Option<&Incident> {
        self.by_id.get(&id)
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Incident> {
        self.by_id.values()
    }

    /// The incident that what was in `id` is in now.
    pub(super) fn current(&self, id: u64) -> u64 {
        self.by_id.get(&id).and_then(|incident| incident.redirected_to).unwrap_or(id)
    }

    /// Changes the incident of this number; false when there is none.
    pub(super) fn handle(&mut self, id: u64, change: Change, now: Timestamp) -> bool {
        self.by_id.get_mut(&id).is_some_and(|incident| {
            incident.handling.apply(change, now);
            true
        })
    }

    /// What people wrote on the incident of this number, to be changed.
    pub(super) fn notes_mut(&mut self, id: u64) -> Option<&mut Notes> {
        self.by_id.get_mut(&id).map(|incident| &mut incident.notes)
    }

    /// The incident that an alert of `device` made at `at` belongs to: the newest of the device if its last alert is at
    /// most `window` old, a new one otherwise.
    pub(super) fn join(&mut self, device: &str, at: Timestamp, window: Duration) -> u64 {
        if let Some(incident) = self.newest.get(device).and_then(|id| self.by_id.get_mut(id))
            && propagation::after(incident.last_alert_at, window) >= at
        {
            incident.last_alert_at = at;
            return incident.id;
        }
        let id = self.open(device, at);
        self.newest.insert(device.to_owned(), id);
        id
    }

    /// A new incident of an alert of `device` made at `at`, which later alerts do not join by themselves.
    pub(super) fn open(&mut self, device: &str, at: Timestamp) -> u64 {
        self.last_id += 1;
        let id = self.last_id;
        let incident = Incident {
            id,
            created_at: at,
            last_alert_at: at,
            handling: Handling::default(),
            notes: Notes::default(),
            redirected_to: None,
            device: device.to_owned(),
        };
        self.by_id.insert(id, incident);
        self.unmerged.insert((at, id));
        if self.by_id.len() > INCIDENTS_AT_MOST
            && let Some((oldest, forgotten)) = self.by_id.pop_first()
        {
            self.forget(oldest, &forgotten);
        }
        id
    }

    fn forget(&mut self, id: u64, incident: &Incident) {
        self.unmerged.remove(&(incident.created_at, id));
        for by_device in [&mut self.newest, &mut self.anchors] {
            if by_device.get(&incident.device) == Some(&id) {
                by_device.remove(&incident.device);
            }
        }
    }

    /// Merges what is at least `age` old at `now` into an earlier incident of its device; an age of zero is never.
    pub(super) fn merge_due(&mut self, age: Duration, now: Timestamp) {
        if age.is_zero() {
            return;
        }
        while let Some(&(created_at, id)) = self.unmerged.first() {
            if propagation::after(created_at, age) > now {
                break;
            }
            self.unmerged.pop_first();
            self.merge(id);
        }
    }

    fn merge(&mut self, id: u64) {
        let Some(incident) = self.by_id.get_mut(&id) else { return };
        if incident.device.is_empty() {
            return;
        }
        let anchor = *self.anchors.entry(incident.device.clone()).or_insert(id);
        if anchor == id {
            return;
        }
        incident.redirected_to = Some(anchor);
        let last_alert_at = incident.last_alert_at;
        if self.newest.get(&incident.device) == Some(&id) {
            self.newest.insert(incident.device.clone(), anchor);
        }
        if let Some(anchor) = self.by_id.get_mut(&anchor) {
            anchor.last_alert_at = anchor.last_alert_at.max(last_alert_at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a moment")
    }

    #[test]
    fn alerts_of_a_device_within_the_window_share_an_incident() {
        let (mut incidents, window) = (Incidents::default(), Duration::from_mins(1));
        assert_eq!(incidents.join("a", at(0), window), 1);
        assert_eq!(incidents.join("b", at(1), window), 2);
        assert_eq!(incidents.join("a", at(60), window), 1);
        assert_eq!(incidents.join("a", at(121), window), 3);
        assert_eq!(incidents.get(1).map(|incident| incident.last_alert_at), Some(at(60)));
        assert_eq!(incidents.iter().count(), 3);
    }

    #[test]
    fn an_incident_is_merged_into_an_earlier_one_of_its_device_at_its_age_and_not_before() {
        let (mut incidents, window, age) = (Incidents::default(), Duration::from_mins(1), Duration::from_mins(10));
        incidents.join("a", at(0), window);
        incidents.join("b", at(100), window);
        incidents.join("a", at(200), window);
        incidents.merge_due(age, at(799));
        assert_eq!(incidents.current(3), 3);
        incidents.merge_due(Duration::ZERO, at(800));
        assert_eq!(incidents.current(3), 3, "zero is never");
        incidents.merge_due(age, at(800));
        assert_eq!([1, 2, 3].map(|id| incidents.current(id)), [1, 2, 1]);
        assert_eq!(incidents.join("a", at(240), window), 1, "what would have joined it joins where it went");
    }
}
