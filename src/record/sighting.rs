//! The alert of a drill, as expected and as seen.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::{
    self,
    device::Device,
    entity::{Entity, EntityKind},
};

/// What a drill looked for, what it found, and what it nearly found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sighting {
    /// The alert as it should be.
    pub expected: Expected,
    /// The alerts that belong to the drill.
    pub seen: Vec<SeenAlert>,
    /// The alerts that attribution refused, the nearest first.
    pub near_misses: Vec<NearMiss>,
    /// Fields of the first alert seen that do not say what the definition says.
    pub differences: Vec<Difference>,
    /// Both latencies, where an alert was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latencies: Option<Latencies>,
}

impl Sighting {
    /// How long after its stimulus the first alert can have been seen at the earliest: not before it was ready, and not
    /// before the last look that did not see it. None where none was seen.
    ///
    /// When the look was that found it says less, and would be learnt from the looks that were chosen by what was learnt.
    pub fn shown_after(&self) -> Option<SignedDuration> {
        let (alert, latencies) = (self.seen.first()?, self.latencies?);
        let unseen = SignedDuration::try_from_secs_f64(latencies.until_seen - latencies.resolution).unwrap_or_default();
        Some(alert.processed_at.duration_since(self.expected.since).max(unseen))
    }
}

/// The two latencies of an alert, in seconds of the drill's clock.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Latencies {
    /// From acceptance of the last thing published to the last stimulus of which an alert would have come and did not: a
    /// lower bound of propagation; none where there was no such stimulus.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub propagation_at_least: Option<f64>,
    /// From acceptance of the last thing published to the stimulus that was detected: an upper bound of propagation; none
    /// where something else of the same address may have raised the alert.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub propagation_at_most: Option<f64>,
    /// From the event on the device to the alert being ready in the service, by the service's own times.
    pub detection: f64,
    /// From the stimulus to the look that found the alert.
    pub until_seen: f64,
    /// The gap between the looks before and at which the alert was found: how exact `until_seen` is.
    pub resolution: f64,
}

/// The alert as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each field is the one of the same name of definition, indicator or device")]
pub struct Expected {
    pub title: String,
    pub severity: String,
    pub category: String,
    pub description: String,
    pub source: String,
    pub device: String,
    pub indicator: String,
    pub observable: String,
    /// Not before.
    pub since: Timestamp,
    /// Not after.
    pub deadline: Timestamp,
}

/// An alert as the tenant showed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each field is the one of the same name of `domain::alert::Alert`")]
pub struct SeenAlert {
    pub id: String,
    pub part: u32,
    pub title: String,
    pub severity: String,
    pub category: String,
    pub description: String,
    pub source: String,
    pub device: String,
    pub device_id: String,
    /// The observable that it names, the first where it names several.
    pub observable: Option<String>,
    /// The others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub further_observables: Vec<String>,
    /// What its evidence names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entities: Vec<SeenEntity>,
    pub happened_at: Timestamp,
    pub processed_at: Timestamp,
    pub link: Option<String>,
    /// The alert as the service wrote it, in JSON, where that says more than the rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original: Option<String>,
}

/// A thing that the evidence of an alert names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenEntity {
    /// Of which kind, in the word of the vocabulary.
    pub kind: String,
    /// As the service wrote it.
    pub value: String,
}

impl From<&Entity> for SeenEntity {
    fn from(entity: &Entity) -> Self {
        Self { kind: entity.kind.word().into(), value: entity.value.clone() }
    }
}

impl SeenAlert {
    /// What its evidence names, of the kinds that are known.
    pub fn entities(&self) -> impl Iterator<Item = Entity> {
        self.entities.iter().filter_map(|seen| Some(Entity::new(EntityKind::of(&seen.kind)?, &seen.value)))
    }

    /// Every observable that it names.
    pub fn observables(&self) -> impl Iterator<Item = &str> {
        self.observable.iter().chain(&self.further_observables).map(String::as_str)
    }

    /// Whether it names `device`: some alerts do by its key alone, others by its name alone.
    pub fn names(&self, device: &Device) -> bool {
        device.is(&Device { id: self.device_id.clone(), name: self.device.clone() })
    }
}

impl From<&domain::alert::Alert> for SeenAlert {
    fn from(alert: &domain::alert::Alert) -> Self {
        Self {
            id: alert.id.clone(),
            part: alert.part,
            title: alert.title.clone(),
            severity: alert.severity.clone(),
            category: alert.category.clone(),
            description: alert.description.clone(),
            source: alert.source.clone(),
            device: alert.device.name.clone(),
            device_id: alert.device.id.clone(),
            observable: alert.observables.first().cloned(),
            further_observables: alert.observables.iter().skip(1).cloned().collect(),
            entities: alert.entities.iter().map(Into::into).collect(),
            happened_at: alert.happened_at,
            processed_at: alert.processed_at,
            link: alert.link.clone(),
            original: alert.original.as_deref().map(str::to_owned),
        }
    }
}

/// An alert that is not the drill's, and why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NearMiss {
    /// The alert.
    pub alert: SeenAlert,
    /// Every reason against it.
    pub reasons: Vec<Difference>,
}

/// A field that is not as expected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The field.
    pub field: String,
    /// What it should have been.
    pub expected: String,
    /// What it was.
    pub saw: String,
}

impl From<&domain::attribution::Difference> for Difference {
    fn from(difference: &domain::attribution::Difference) -> Self {
        Self { field: difference.field.into(), expected: difference.expected.clone(), saw: difference.saw.clone() }
    }
}

impl From<&domain::attribution::NearMiss> for NearMiss {
    fn from(miss: &domain::attribution::NearMiss) -> Self {
        Self { alert: (&miss.alert).into(), reasons: miss.reasons.iter().map(Into::into).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alert(id: &str, name: &str) -> SeenAlert {
        let moment = Timestamp::UNIX_EPOCH;
        SeenAlert {
            id: "1".into(),
            part: 0,
            title: String::new(),
            severity: String::new(),
            category: String::new(),
            description: String::new(),
            source: String::new(),
            device: name.into(),
            device_id: id.into(),
            observable: None,
            further_observables: Vec::new(),
            entities: Vec::new(),
            happened_at: moment,
            processed_at: moment,
            link: None,
            original: None,
        }
    }

    #[test]
    fn an_alert_names_its_device_by_key_or_by_name() {
        let device = Device { id: "ab".into(), name: "pc7.contoso.example".into() };
        for (id, name, names) in [("AB", "", true), ("", "PC7", true), ("cd", "pc7", false), ("", "", false)] {
            assert_eq!(alert(id, name).names(&device), names, "`{id}` `{name}`");
        }
    }

    /// An alert that was ready so many seconds after its stimulus, found by a look so much later, with the one before so far
    /// from it.
    fn sighting(ready: i64, until_seen: f64, resolution: f64) -> Sighting {
        let since = Timestamp::UNIX_EPOCH;
        let processed_at = Timestamp::from_second(ready).expect("a moment");
        let text = String::new;
        let expected = Expected {
            title: text(),
            severity: text(),
            category: text(),
            description: text(),
            source: text(),
            device: text(),
            indicator: text(),
            observable: text(),
            since,
            deadline: since,
        };
        let latencies =
            Latencies { propagation_at_least: None, propagation_at_most: None, detection: 0.0, until_seen, resolution };
        let seen = vec![SeenAlert { processed_at, ..alert("", "") }];
        Sighting { expected, seen, near_misses: Vec::new(), differences: Vec::new(), latencies: Some(latencies) }
    }

    #[test]
    fn an_alert_can_be_seen_when_it_is_ready_and_no_look_before_did_not_see_it() {
        let after = |sighting: Sighting| sighting.shown_after().map(|span| span.as_secs());
        assert_eq!(after(sighting(200, 240.0, 120.0)), Some(200));
        assert_eq!(after(sighting(60, 240.0, 15.0)), Some(225), "it was shown long after it was ready");
        assert_eq!(after(sighting(200, 7200.0, 7200.0)), Some(200), "the first look was hours later");
        assert_eq!(after(Sighting { latencies: None, ..sighting(200, 240.0, 120.0) }), None);
    }
}
