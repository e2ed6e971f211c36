//! The emulated tenant: all of its state, in one plain struct.
//!
//! In reading order: [`application`] and `credentials` (who may ask), `directory` (for what), [`shelf`] (things by id,
//! shown and in effect), [`publishing`] (definitions and indicators, with their quotas), [`devices`], `observing` (an
//! event becomes alerts), [`alerts`], [`evidence`] (what they name), [`custom`] (the indicators of today, and their
//! alerts), [`handling`] (what becomes of them), [`actions`] and [`library`] (what devices are told to do),
//! [`incidents`] (which belong together), [`investigations`] (of which alerts), [`rules`] (detection rules, their runs and alerts), [`submissions`] (indicators
//! of the security API of before), `calls` (quotas), `state` (the whole of it in JSON). Every method that needs the time
//! takes it as an argument; none of them knows HTTP or how any API spells things.

pub mod actions;
pub mod alerts;
pub mod application;
pub(in crate::emulator) mod calls;
pub(in crate::emulator) mod credentials;
pub mod custom;
pub mod devices;
mod directory;
pub mod evidence;
pub mod handling;
pub mod incidents;
pub mod investigations;
pub mod library;
#[cfg(test)]
mod naive;
mod observing;
pub mod publishing;
pub mod rules;
pub mod shelf;
mod state;
pub mod submissions;

use jiff::Timestamp;

use crate::{
    domain::alert_definition::AlertDefinition,
    emulator::{
        detection::{Activity, Event, Index},
        faults::Faults,
        knobs::Knobs,
        noise,
        tenant::{
            actions::Actions,
            alerts::{Alert, Alerts},
            application::Application,
            calls::Calls,
            custom::Customs,
            devices::{Device, Devices, Telemetry},
            directory::Directory,
            handling::Change,
            incidents::{Incident, Incidents, Notes},
            library::Library,
            publishing::Placed,
            rules::Rules,
            shelf::Shelf,
            submissions::Submissions,
        },
    },
};

/// The tenant.
#[derive(Debug)]
pub struct Tenant {
    id: String,
    seed: u64,
    /// What is set of its pace and limits.
    pub knobs: Knobs,
    /// How it misbehaves.
    pub faults: Faults,
    application: Application,
    directory: Directory,
    definitions: Shelf<AlertDefinition>,
    indicators: Shelf<Placed>,
    /// How many live indicators have another function than `Equals`.
    patterns: usize,
    index: Index,
    devices: Devices,
    alerts: Alerts,
    incidents: Incidents,
    /// How many investigations there ever were.
    investigations: u64,
    /// What quotas are counted with.
    pub(in crate::emulator) calls: Calls,
    customs: Customs,
    actions: Actions,
    /// The files of live response.
    pub library: Library,
    rules: Rules,
    submissions: Submissions,
}

/// The name of the device that a new tenant has.
pub const FIRST_DEVICE: &str = "workstation-1.contoso.example";

/// What became of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observation {
    /// The sensor reported it, and it raised the alerts of these ids (or joined them).
    Reported(Vec<String>),
    /// The tenant knows no device of this name.
    UnknownDevice,
    /// The device is not onboarded: nothing watches it.
    NotOnboarded,
    /// A fault swallowed it.
    Lost,
}

/// There is no incident of the number that was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoIncident;

impl Tenant {
    /// A tenant whose ids, keys and delays follow from `seed`, with one onboarded device.
    pub fn new(seed: u64, knobs: Knobs) -> Self {
        let mut devices = Devices::default();
        devices.put(FIRST_DEVICE, true, seed);
        Self {
            id: noise::guid(seed, &["tenant"]),
            seed,
            knobs,
            faults: Faults::default(),
            application: Application::new(seed),
            directory: Directory::new(),
            definitions: Shelf::new(),
            indicators: Shelf::new(),
            patterns: 0,
            index: Index::default(),
            devices,
            alerts: Alerts::default(),
            incidents: Incidents::default(),
            investigations: 0,
            calls: Calls::default(),
            customs: Customs::new(),
            actions: Actions::default(),
            library: Library::default(),
            rules: Rules::default(),
            submissions: Submissions::default(),
        }
    }

    /// The tenant's id, a GUID.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What its ids, keys and delays follow from.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The registered application.
    pub fn application(&self) -> &Application {
        &self.application
    }

    /// The registered application, to be changed.
    pub(in crate::emulator) fn application_mut(&mut self) -> &mut Application {
        &mut self.application
    }

    /// The registered application's secret, the first time that anybody asks since it was made; never again.
    pub fn reveal_secret(&mut self) -> Option<String> {
        self.application.reveal_secret()
    }

    /// The secret itself, for what is handed to whoever started the emulator.
    pub(super) fn secret(&self) -> &str {
        self.application.secret()
    }

    /// Makes a new secret in place of the old one, and returns it, as shown once.
    pub fn rotate_secret(&mut self) -> Option<String> {
        self.application.rotate();
        self.application.reveal_secret()
    }

    /// Lets the secret expire at `now`.
    pub fn expire_secret(&mut self, now: Timestamp) {
        self.application.expire(now);
    }

    /// Switches the threat intelligence API on or off. What was published stays, and stays in effect.
    pub fn switch_api(&mut self, enabled: bool) {
        self.application.switch(enabled);
    }

    /// Adds a device, or changes whether it is onboarded; none when the tenant has no room for another.
    pub fn put_device(&mut self, name: &str, onboarded: bool) -> Option<Device> {
        self.devices.put(name, onboarded, self.seed)
    }

    /// The device of this name, in any letter case.
    pub fn device(&self, name: &str) -> Option<&Device> {
        self.devices.get(name)
    }

    /// Every device, by name.
    pub fn devices(&self) -> impl Iterator<Item = &Device> {
        self.devices.iter()
    }

    /// The latest events that sensors reported, the newest first.
    pub fn telemetry(&self) -> impl Iterator<Item = &Telemetry> {
        self.devices.events().rev()
    }

    /// What `event` does at `now`: what it touches of the indicators in effect raises alerts. An event that came before
    /// its indicator was in effect never raises anything later.
    pub fn observe(&mut self, event: Event, now: Timestamp) -> Observation {
        self.settle(now);
        observing::observe(self, event, now)
    }

    /// The alerts that lists show at `now`, the newest first.
    pub fn alerts(&self, now: Timestamp) -> impl Iterator<Item = &Alert> {
        self.alerts.iter().rev().filter(move |alert| alert.visible_at.max(alert.listed_at) <= now)
    }

    /// The alert of this id, if it can be read at `now`. Later years write `da` or `ed` before the id.
    pub fn alert(&self, id: &str, now: Timestamp) -> Option<&Alert> {
        self.alerts.get(id).filter(|alert| alert.visible_at <= now)
    }

    /// Raises `alert` because a caller asked for it: as it is, in the incident of this number or a new one. The error is
    /// that there is no such incident. Returns its id.
    pub(in crate::emulator) fn raise_for_caller(
        &mut self,
        mut alert: Alert,
        incident: Option<u64>,
    ) -> Result<String, NoIncident> {
        let at = alert.visible_at;
        alert.incident = match incident {
            Some(id) if self.incidents.get(id).is_none() => return Err(NoIncident),
            Some(id) => self.incidents.current(id),
            None => self.incidents.open(&alert.device.id, at),
        };
        Ok(observing::keep(self, alert))
    }

    /// Changes how an alert is handled, as seen from outside; false when none of this id can be read at `now`.
    pub fn handle_alert(&mut self, id: &str, change: Change, now: Timestamp) -> bool {
        self.settle(now);
        self.alert(id, now).is_some() && self.alerts.handle(id, change, now)
    }

    /// The incident of this number.
    pub fn incident(&self, id: u64) -> Option<&Incident> {
        self.incidents.get(id)
    }

    /// The number of the incident that an alert is in, wherever correlation has put it by now.
    pub fn incident_of(&self, alert: &Alert) -> u64 {
        self.incidents.current(alert.incident)
    }

    /// Changes how an incident is handled; false when there is none of this number.
    pub fn handle_incident(&mut self, id: u64, change: Change, now: Timestamp) -> bool {
        self.incidents.handle(id, change, now)
    }

    /// What people wrote on an incident, to be changed.
    pub fn incident_notes(&mut self, id: u64) -> Option<&mut Notes> {
        self.incidents.notes_mut(id)
    }

    /// Every incident, the newest last.
    pub fn incidents(&self) -> impl DoubleEndedIterator<Item = &Incident> {
        self.incidents.iter()
    }

    /// The parts of alerts that could first be read from `since` to `until`, and can at `now`, oldest first.
    pub fn alert_parts(
        &self,
        since: Timestamp,
        until: Timestamp,
        now: Timestamp,
    ) -> impl DoubleEndedIterator<Item = (&Alert, usize)> {
        self.alerts.rows(since, until.min(now)).filter(move |(alert, _)| alert.listed_at <= now)
    }

    /// The activity's own text, by which faults find it.
    fn text_of(activity: &Activity) -> String {
        activity.key()
    }

    /// Forgets whatever no longer matters at `now`.
    pub(super) fn settle(&mut self, now: Timestamp) {
        self.definitions.settle(now);
        for dropped in self.indicators.settle(now) {
            self.unindex(dropped);
        }
        self.settle_customs(now);
        self.settle_rules(now);
        self.alerts.resolve_due(now);
        self.incidents.merge_due(self.knobs.graph.incident_merge, now);
        let retention = jiff::SignedDuration::try_from(self.knobs.alert_retention).unwrap_or(jiff::SignedDuration::MAX);
        self.alerts.prune(now.saturating_sub(retention).unwrap_or(Timestamp::MIN));
    }
}
