//! Incidents: alerts that belong together. Every alert is in one.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;

use crate::emulator::propagation;

/// An incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// The number, small and growing.
    pub id: u64,
    /// When its first alert was made.
    pub created_at: Timestamp,
    /// When its latest alert was made.
    pub last_alert_at: Timestamp,
}

/// More incidents than these push out the oldest: memory stays bounded.
const INCIDENTS_AT_MOST: usize = 10_000;

/// The incidents of a tenant.
#[derive(Debug, Default)]
pub(super) struct Incidents {
    by_id: BTreeMap<u64, Incident>,
    /// The newest incident of each device, by its key.
    newest: BTreeMap<String, u64>,
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

    /// The incident that an alert of `device` made at `at` belongs to: the newest of the device if its last alert is at
    /// most `window` old, a new one otherwise.
    pub(super) fn join(&mut self, device: &str, at: Timestamp, window: Duration) -> u64 {
        if let Some(incident) = self.newest.get(device).and_then(|id| self.by_id.get_mut(id))
            && propagation::after(incident.last_alert_at, window) >= at
        {
            incident.last_alert_at = at;
            return incident.id;
        }
        self.last_id += 1;
        let id = self.last_id;
        self.by_id.insert(id, Incident { id, created_at: at, last_alert_at: at });
        self.newest.insert(device.to_owned(), id);
        if self.by_id.len() > INCIDENTS_AT_MOST {
            self.by_id.pop_first();
        }
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_of_a_device_within_the_window_share_an_incident() {
        let at = |second| Timestamp::from_second(second).expect("a moment");
        let (mut incidents, window) = (Incidents::default(), Duration::from_mins(1));
        assert_eq!(incidents.join("a", at(0), window), 1);
        assert_eq!(incidents.join("b", at(1), window), 2);
        assert_eq!(incidents.join("a", at(60), window), 1);
        assert_eq!(incidents.join("a", at(121), window), 3);
        assert_eq!(incidents.get(1).map(|incident| incident.last_alert_at), Some(at(60)));
        assert_eq!(incidents.iter().count(), 3);
    }
}
