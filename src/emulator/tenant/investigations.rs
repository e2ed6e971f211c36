//! Automated investigations: each of one alert, which began it. Who asks for one of a device raises an alert that says so
//! (recorded in 2023).

use jiff::Timestamp;

use crate::emulator::{
    detection::Activity,
    propagation,
    tenant::{
        Tenant,
        alerts::{Alert, Origin},
        devices::Device,
        observing,
    },
};

/// The recorded alert's detector and words.
const DETECTOR: &str = "5c6b7d86-c91f-4f8c-8aec-9d2086f46527";
const TITLE: &str = "Automated investigation started manually";

/// An investigation, as it stands.
#[derive(Debug, Clone, Copy)]
pub struct Investigation<'a> {
    /// Its number: the first of a tenant is 1.
    pub number: u64,
    /// The alert that began it, and when.
    pub alert: &'a Alert,
    /// When it was over, if it is.
    pub ended_at: Option<Timestamp>,
}

impl Tenant {
    /// Investigates a device because `by` asks for it. Returns the number of the investigation.
    pub fn investigate(&mut self, device: Device, by: &str, now: Timestamp) -> Option<u64> {
        let nothing = Activity::Connection { host: None, address: None, port: 0, url: None, process: String::new() };
        let takes = self.knobs.handling.investigation;
        let alert = Alert::new(Origin::Investigator, device, nothing, now, now);
        let alert = Alert {
            group: "investigation".to_owned(),
            detector: DETECTOR.to_owned(),
            title: TITLE.to_owned(),
            description: format!(
                "{by} initiated an Automated investigation on {}.\n    The investigation automatically identifies and \
                 reviews threat artifacts for possible remediation.",
                alert.device.name
            ),
            severity: "Informational".to_owned(),
            category: "SuspiciousActivity".to_owned(),
            source: "AutomatedInvestigation".to_owned(),
            entities: Vec::new(),
            named: Some(Vec::new()),
            resolves_at: Some(propagation::after(now, takes)),
            ..alert
        };
        let id = observing::keep(self, alert);
        self.alert(&id, now)?.investigation
    }

    /// The investigations that can be read at `now`, the newest first.
    pub fn investigations(&self, now: Timestamp) -> impl Iterator<Item = Investigation<'_>> {
        self.alerts(now).filter_map(move |alert| {
            let ended_at = alert.resolves_at.filter(|at| *at <= now);
            alert.investigation.map(|number| Investigation { number, alert, ended_at })
        })
    }
}
