//! An alert that a caller makes of an event that it found.

use jiff::Timestamp;

use crate::emulator::{
    detection::Activity,
    noise,
    tenant::{
        Tenant,
        alerts::{Alert, Origin},
        devices::Device,
        observing::{Merging, raise_or_join},
    },
};

/// What the caller says of it.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each field is what its name says")]
pub struct Reference {
    pub device: Device,
    pub event_time: Timestamp,
    /// What the device did; none where the tenant does not know it any more.
    pub activity: Option<Activity>,
    pub severity: String,
    pub title: String,
    pub description: String,
    pub recommended_action: String,
    pub category: String,
}

impl Tenant {
    /// Raises the alert at once, or joins its event to the open one of the same title and device. Returns its id; none
    /// where a fault swallows it.
    pub fn raise_by_reference(&mut self, reference: Reference, now: Timestamp) -> Option<String> {
        let known = reference.activity.is_some();
        let activity = reference.activity.unwrap_or_else(|| Activity::Connection {
            host: None,
            address: None,
            port: 0,
            url: None,
            process: String::new(),
        });
        let mut alert = Alert::new(Origin::Caller, reference.device, activity, reference.event_time, now);
        if !known {
            alert.entities.clear();
        }
        let alert = Alert {
            group: format!("reference {}", reference.title),
            detector: noise::guid(self.seed, &["by reference"]),
            title: reference.title,
            description: reference.description,
            severity: reference.severity,
            category: reference.category,
            recommended_action: Some(reference.recommended_action),
            ..alert
        };
        let merging = Merging { window: self.knobs.handling.grouping, shown_after: std::time::Duration::ZERO };
        raise_or_join(self, alert, merging).pop()
    }
}
