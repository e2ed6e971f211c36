//! The alerts of a tenant: raised at an event, to be read when detection has done its work.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::{
    domain::indicator::Indicator,
    emulator::{
        detection::Activity,
        propagation,
        tenant::{
            devices::Device,
            evidence::Entity,
            handling::{Change, Handling, Investigation, Status},
            rules::entities::Named,
        },
    },
};

/// What raised an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// An alert definition of the threat intelligence API.
    Definition(i64),
    /// A custom indicator of the Defender for Endpoint API.
    Indicator(i64),
    /// A custom detection rule.
    Rule(String),
    /// A caller who asked for it.
    Caller,
    /// A caller who asked for an investigation.
    Investigator,
}

/// An alert of the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// The moment of its making in ticks of 100 nanoseconds since the year 1, an underscore, a signed number; or a
    /// GUID, an underscore, 1. Later years write two letters before it: [`Alert::full_id`].
    pub id: String,
    /// What raised it.
    pub origin: Origin,
    /// Events of the same group and device join one alert while it is open.
    pub group: String,
    /// The detector that raised it, a GUID.
    pub detector: String,
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
    /// From when on it can be read.
    pub visible_at: Timestamp,
    /// From when on lists show it.
    pub listed_at: Timestamp,
    /// From when on its evidence can be read.
    pub evidence_at: Timestamp,
    /// From when on it names its device; the end of time is never.
    pub device_at: Timestamp,
    /// From when on it names other things; the end of time is never.
    pub things_at: Timestamp,
    /// When it was last written by the service itself; people's changes are in `handling`.
    pub written_at: Timestamp,
    /// The indicators of the threat intelligence API that were touched, each a message of its own in the export feed.
    pub parts: Vec<Part>,
    /// What it names besides the device.
    pub entities: Vec<Entity>,
    /// What a rule or a caller named; then that, and not the device and the event, is what it names.
    pub named: Option<Vec<Named>>,
    /// MITRE ATT&CK techniques.
    pub techniques: Vec<String>,
    /// Names and values that a detection rule adds.
    pub custom_details: Vec<(String, String)>,
    /// The incident that it belongs to.
    pub incident: u64,
    /// What became of it since.
    pub handling: Handling,
    /// The number of the automated investigation of it, if there is one.
    pub investigation: Option<u64>,
    /// When that is over, and resolves it.
    pub resolves_at: Option<Timestamp>,
    /// Events that joined it after the first.
    pub(in crate::emulator) later: Vec<Hit>,
}

/// An event that joined an open alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::emulator) struct Hit {
    at: Timestamp,
    shown_at: Timestamp,
    listed_at: Timestamp,
}

/// More joined events than these are not kept one by one; the newest is what an alert shows.
const HITS_AT_MOST: usize = 64;

impl Alert {
    /// Names `device` instead of its own, wherever it names that.
    pub fn move_to(&mut self, device: Device) {
        let hosts = self.named.iter_mut().flatten().filter(|named| named.is_device());
        for (identifier, value) in hosts.flat_map(|host| &mut host.values) {
            match *identifier {
                "deviceId" if value.eq_ignore_ascii_case(&self.device.id) => value.clone_from(&device.id),
                "name" if value.eq_ignore_ascii_case(&self.device.name) => value.clone_from(&device.name),
                _ => {}
            }
        }
        self.device = device;
    }

    /// Names nothing any more that has `value` in it, in whatever letter case.
    pub fn name_nothing_with(&mut self, value: &str) {
        let value = value.to_ascii_lowercase();
        let has = |text: &str| text.to_ascii_lowercase().contains(&value);
        self.entities.retain(|entity| !entity.texts().iter().any(|text| has(text)));
        for named in self.named.iter_mut().flatten() {
            named.values.retain(|(_, text)| !has(text));
        }
        self.named.iter_mut().for_each(|named| named.retain(|named| !named.values.is_empty()));
    }

    /// An alert of what `activity` did on `device` at `at`, which can be read from `visible_at` on; the rest is empty
    /// and to be filled in.
    pub(in crate::emulator) fn new(
        origin: Origin,
        device: Device,
        activity: Activity,
        at: Timestamp,
        visible_at: Timestamp,
    ) -> Self {
        let entities = Entity::of(&activity);
        Self {
            id: String::new(),
            origin,
            group: String::new(),
            detector: String::new(),
            title: String::new(),
            severity: String::new(),
            category: String::new(),
            description: String::new(),
            recommended_action: None,
            source: "CustomerTI".to_owned(),
            device,
            activity,
            first_event_at: at,
            visible_at,
            listed_at: visible_at,
            evidence_at: visible_at,
            device_at: visible_at,
            things_at: visible_at,
            written_at: visible_at,
            parts: Vec::new(),
            entities,
            named: None,
            techniques: Vec::new(),
            custom_details: Vec::new(),
            incident: 0,
            handling: Handling::default(),
            investigation: None,
            resolves_at: None,
            later: Vec::new(),
        }
    }

    /// The id as the services of today write it: `da` before it, or `ed` where a detection rule raised it, `ea` where
    /// the action of 2026 made it, or `ar` where it stands for an investigation.
    pub fn full_id(&self) -> String {
        let prefix = match self.origin {
            Origin::Rule(_) => "ed",
            Origin::Caller if self.id.ends_with("_aml") => "ea",
            Origin::Investigator => "ar",
            _ => "da",
        };
        format!("{prefix}{}", self.id)
    }

    /// Writes `to` in place of `from` in every text of it.
    pub(super) fn rewrite(&mut self, from: &str, to: &str) {
        for entity in &mut self.entities {
            if let Entity::Ip(address) = entity {
                *address = address.to_string().replace(from, to).parse().unwrap_or(*address);
            }
        }
        let texts = [&mut self.title, &mut self.description];
        let parts = self.parts.iter_mut().map(|part| &mut part.indicator.value);
        let named = self.named.iter_mut().flatten().flat_map(|named| &mut named.values).map(|(_, value)| value);
        let entities = self.entities.iter_mut().filter_map(|entity| match entity {
            Entity::Url(text) | Entity::Dns(text) => Some(text),
            _ => None,
        });
        for text in texts.into_iter().chain(parts).chain(named).chain(entities) {
            *text = text.replace(from, to);
        }
    }

    /// Whether its evidence tells the device by `now`.
    pub fn evidence_has_device(&self, now: Timestamp) -> bool {
        self.evidence_at.max(self.device_at) <= now
    }

    /// Whether its evidence tells other things than the device by `now`.
    pub fn evidence_has_things(&self, now: Timestamp) -> bool {
        self.evidence_at.max(self.things_at) <= now
    }

    /// Moves every moment of it but that of the event, as `by` says.
    pub(super) fn shift(&mut self, by: impl Fn(Timestamp) -> Timestamp) {
        for moment in [
            &mut self.visible_at,
            &mut self.listed_at,
            &mut self.evidence_at,
            &mut self.device_at,
            &mut self.things_at,
            &mut self.written_at,
        ] {
            *moment = by(*moment);
        }
        for part in &mut self.parts {
            part.visible_at = by(part.visible_at);
        }
    }

    /// When it last happened, as the alert shows it at `now`; later than the first only where events joined it.
    pub fn last_event_at(&self, now: Timestamp) -> Timestamp {
        self.shown(now).map(|hit| hit.at).fold(self.first_event_at, Timestamp::max)
    }

    /// When anything about it last changed, as the alert shows it at `now`.
    pub fn updated_at(&self, now: Timestamp) -> Timestamp {
        let shown = self.shown(now).map(|hit| hit.shown_at);
        shown.chain(self.handling.changed_at).fold(self.written_at.min(now), Timestamp::max)
    }

    /// When an event of its group last happened, shown already or not.
    fn latest_event_at(&self) -> Timestamp {
        self.later.iter().map(|hit| hit.at).fold(self.first_event_at, Timestamp::max)
    }

    fn shown(&self, now: Timestamp) -> impl Iterator<Item = &Hit> {
        self.later.iter().filter(move |hit| hit.listed_at <= now)
    }
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
    /// The newest alert of each group and device.
    newest: BTreeMap<(String, String), u64>,
    /// When automated investigation resolves which alert.
    resolutions: BTreeSet<(Timestamp, u64)>,
    next: u64,
}

impl Alerts {
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Alert> {
        self.raised.values()
    }

    pub(super) fn get(&self, id: &str) -> Option<&Alert> {
        self.raised.get(&self.number(id)?)
    }

    /// The number of the alert of this id, with or without the letters that later years write before it. A GUID may
    /// begin with the same letters, so the whole is tried first.
    fn number(&self, id: &str) -> Option<u64> {
        let bare = || ["da", "ed", "ea", "ar"].into_iter().find_map(|prefix| id.strip_prefix(prefix));
        self.numbers.get(id).or_else(|| self.numbers.get(bare()?)).copied()
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
        self.newest.insert((alert.group.clone(), alert.device.id.clone()), number);
        self.resolutions.extend(alert.resolves_at.map(|at| (at, number)));
        self.raised.insert(number, alert);
        self.trim();
    }

    /// Forgets the oldest of what is too much.
    pub(super) fn trim(&mut self) {
        while self.raised.len() > ALERTS_AT_MOST || (self.rows.len() > PARTS_AT_MOST && self.raised.len() > 1) {
            self.forget_oldest();
        }
    }

    /// The newest alert of this group and device, if it is not resolved and its last event is at most `window` before
    /// `now`.
    pub(super) fn open(
        &mut self,
        group: &str,
        device: &str,
        now: Timestamp,
        window: std::time::Duration,
    ) -> Option<Merging<'_>> {
        let number = *self.newest.get(&(group.to_owned(), device.to_owned()))?;
        let alert = self.raised.get_mut(&number)?;
        let open = alert.handling.status != Status::Resolved;
        (open && propagation::after(alert.latest_event_at(), window) >= now).then_some(Merging {
            alert,
            rows: &mut self.rows,
            number,
        })
    }

    /// Changes how the alert of this id is handled; false when there is none.
    pub(super) fn handle(&mut self, id: &str, change: Change, now: Timestamp) -> bool {
        let alert = self.number(id).and_then(|number| self.raised.get_mut(&number));
        alert.is_some_and(|alert| {
            alert.handling.apply(change, now);
            true
        })
    }

    /// Lets automated investigation resolve what it has dealt with by `now`; what somebody took up before stays theirs.
    pub(super) fn resolve_due(&mut self, now: Timestamp) {
        while let Some(&(due, number)) = self.resolutions.first() {
            if due > now {
                break;
            }
            self.resolutions.pop_first();
            if let Some(alert) = self.raised.get_mut(&number) {
                let found = if alert.origin == Origin::Investigator {
                    Investigation::Benign
                } else {
                    Investigation::SuccessfullyRemediated
                };
                alert.handling.conclude(found, due);
            }
        }
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
        if let Some(at) = alert.resolves_at {
            self.resolutions.remove(&(at, number));
        }
        let key = (alert.group, alert.device.id);
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
    /// Names these things, too, from now on.
    pub(super) fn name(&mut self, entities: Vec<Entity>) {
        self.alert.entities.extend(entities);
    }

    /// Joins an event at `now` that touched `parts`, which the alert shows from the first of `shown_at` on, and lists from
    /// the second; indicators that the alert has already are not added twice.
    pub(super) fn join(self, now: Timestamp, shown_at: (Timestamp, Timestamp), parts: Vec<Part>) -> String {
        if self.alert.later.len() == HITS_AT_MOST {
            self.alert.later.remove(0);
        }
        let (shown_at, listed_at) = shown_at;
        self.alert.later.push(Hit { at: now, shown_at, listed_at });
        for part in parts {
            if self.alert.parts.iter().all(|known| known.indicator_id != part.indicator_id) {
                self.rows.insert((part.visible_at, self.number, self.alert.parts.len()));
                self.alert.parts.push(part);
            }
        }
        self.alert.id.clone()
    }
}
