//! From an event to its alerts: which indicators in effect it touches, one alert for each of their definitions.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;

use crate::{
    domain::alert_definition::AlertDefinition,
    emulator::{
        detection::{Candidate, Event},
        faults::rule::{Fault, Subject},
        knobs::Range,
        noise, propagation,
        tenant::{
            Observation, Tenant,
            alerts::{Alert, Origin, Part},
            custom,
            devices::Device,
            handling::Investigation,
            publishing::Placed,
            rules,
        },
    },
};

/// Ticks of 100 nanoseconds from the year 1 to 1970.
const TICKS_TO_1970: i128 = 621_355_968_000_000_000;

pub(super) fn observe(tenant: &mut Tenant, event: Event, now: Timestamp) -> Observation {
    let Some(device) = tenant.devices.get(&event.device).cloned() else { return Observation::UnknownDevice };
    if !device.onboarded {
        return Observation::NotOnboarded;
    }
    let subject = Subject::Telemetry { device: &device.name, text: &Tenant::text_of(&event.activity) };
    if !tenant.faults.applying(&subject, now).is_empty() {
        return Observation::Lost;
    }
    let touched = in_effect(tenant, &tenant.index.touched(&event.activity), now);
    let seen = Seen { device, event: &event, now };
    let mut raised = Vec::new();
    for (definition, indicators) in touched {
        raised.extend(raise(tenant, &seen, definition, indicators));
    }
    raised.extend(custom::raise(tenant, &seen));
    let kept_off = tenant.blocks(&event.device, &event.activity, now);
    let telemetry = tenant.devices.remember(now, event, kept_off);
    raised.extend(rules::stream(tenant, &telemetry));
    Observation::Reported(raised)
}

/// An event on its device, at its moment.
pub(super) struct Seen<'a> {
    pub(super) device: Device,
    pub(super) event: &'a Event,
    pub(super) now: Timestamp,
}

/// The candidates that are in effect at `now`, by definition.
fn in_effect(tenant: &Tenant, candidates: &[Candidate], now: Timestamp) -> BTreeMap<i64, Vec<(i64, Placed)>> {
    let mut by_definition: BTreeMap<i64, Vec<_>> = BTreeMap::new();
    for candidate in candidates {
        let Some((version, placed)) = tenant.indicators.in_effect(candidate.indicator, now) else { continue };
        let indicator = &placed.indicator;
        let expired = indicator.expires_at.is_some_and(|expiry| expiry <= now);
        let definition_counts =
            tenant.definition_in_effect(placed.definition, now).is_some_and(|definition| definition.enabled);
        if version == candidate.version && indicator.enabled && !expired && definition_counts {
            by_definition.entry(placed.definition).or_default().push((candidate.indicator, placed.clone()));
        }
    }
    by_definition
}

fn raise(tenant: &mut Tenant, seen: &Seen<'_>, definition: i64, indicators: Vec<(i64, Placed)>) -> Vec<String> {
    let Some(text) = tenant.definition_in_effect(definition, seen.now).cloned() else { return Vec::new() };
    let alert = of_definition(tenant, seen, (definition, &text), indicators);
    let merging = Merging { window: tenant.knobs.alert_merge, shown_after: Duration::ZERO };
    raise_or_join(tenant, alert, merging)
}

/// Which open alert an event joins, and how soon it shows there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Merging {
    /// The last event of the open alert is at most so old; zero makes an alert of every event.
    pub(super) window: Duration,
    /// From the event until the alert shows it.
    pub(super) shown_after: Duration,
}

/// Raises `alert`, or joins its event to the open alert of its group; faults do their part. Returns the ids of what was
/// raised or joined.
pub(super) fn raise_or_join(tenant: &mut Tenant, mut alert: Alert, merging: Merging) -> Vec<String> {
    let now = alert.first_event_at;
    if !merging.window.is_zero()
        && let Some(open) = tenant.alerts.open(&alert.group, &alert.device.id, now, merging.window)
    {
        let shown_at = propagation::after(now, merging.shown_after);
        let listed_at = propagation::after(shown_at, tenant.knobs.handling.visibility);
        let joined = open.join(now, (shown_at, listed_at), alert.parts);
        tenant.alerts.trim();
        return vec![joined];
    }
    let handling = &tenant.knobs.handling;
    alert.listed_at = propagation::after(alert.visible_at, handling.visibility);
    alert.device_at = propagation::after(alert.visible_at, handling.device_evidence);
    alert.things_at = propagation::after(alert.visible_at, handling.observable_evidence);
    let subject_text = format!("{}\n{}", alert.title, alert.description);
    let faults = tenant.faults.applying(&Subject::Alert { device: &alert.device.name, text: &subject_text }, now);
    let mut copies = 1;
    for fault in faults {
        match fault {
            Fault::DropAlert => return Vec::new(),
            Fault::DuplicateAlert => copies += 1,
            Fault::MergeAlert => return vec![merge(tenant, alert)],
            fault => distort(tenant, &mut alert, fault),
        }
    }
    (0..copies).map(|_| keep(tenant, alert.clone())).collect()
}

/// Lets the event of `alert` join an older alert of something else on the same device, which is there by then.
fn merge(tenant: &mut Tenant, alert: Alert) -> String {
    const GROUP: &str = "an older alert";
    let (now, shown_at) = (alert.first_event_at, (alert.visible_at, alert.listed_at));
    let since = earlier(now, A_DAY);
    if tenant.alerts.open(GROUP, &alert.device.id, now, Duration::MAX).is_none() {
        let older = Alert::new(Origin::Caller, alert.device.clone(), alert.activity.clone(), since, since);
        let older = Alert {
            group: GROUP.to_owned(),
            detector: noise::guid(tenant.seed, &["older"]),
            title: "Suspicious activity".to_owned(),
            severity: "Low".to_owned(),
            category: "SuspiciousActivity".to_owned(),
            description: "Something was seen on this device.".to_owned(),
            source: "WindowsDefenderAtp".to_owned(),
            entities: Vec::new(),
            ..older
        };
        keep(tenant, older);
    }
    let Some(mut open) = tenant.alerts.open(GROUP, &alert.device.id, now, Duration::MAX) else { return String::new() };
    open.name(alert.entities);
    open.join(now, shown_at, alert.parts)
}

const A_DAY: Duration = Duration::from_hours(24);

fn earlier(moment: Timestamp, span: Duration) -> Timestamp {
    let span = jiff::SignedDuration::try_from(span).unwrap_or(jiff::SignedDuration::MAX);
    moment.checked_sub(span).unwrap_or(Timestamp::MIN)
}

/// What a fault makes of an alert that is raised all the same.
fn distort(tenant: &Tenant, alert: &mut Alert, fault: Fault) {
    match fault {
        Fault::DelayAlert(span) => alert.shift(|moment| propagation::after(moment, span)),
        Fault::EarlyAlert(span) => {
            alert.first_event_at = earlier(alert.first_event_at, span);
            alert.shift(|moment| earlier(moment, span));
        }
        Fault::ReplayAlert(span) => {
            let (listed_at, written_at) = (alert.listed_at, alert.written_at);
            alert.first_event_at = earlier(alert.first_event_at, span);
            alert.shift(|moment| earlier(moment, span));
            (alert.listed_at, alert.written_at) = (listed_at, written_at);
        }
        Fault::MislabelAlert { field, value } => {
            let label = match field.as_str() {
                "title" => &mut alert.title,
                "severity" => &mut alert.severity,
                "category" => &mut alert.category,
                "source" => &mut alert.source,
                _ => &mut alert.description,
            };
            *label = value;
        }
        Fault::RewriteAlert { from, to } => alert.rewrite(&from, &to),
        Fault::DropEvidence { device, things } => {
            alert.device_at = if device { Timestamp::MAX } else { alert.device_at };
            alert.things_at = if things { Timestamp::MAX } else { alert.things_at };
        }
        Fault::MoveAlert { device } => {
            let known = tenant.devices.get(&device).cloned();
            let there = known.unwrap_or_else(|| Device {
                id: noise::hex(&noise::bytes(tenant.seed, &["device", &device.to_ascii_lowercase()])[..20]),
                name: device,
                ..alert.device.clone()
            });
            alert.move_to(there);
        }
        Fault::HideEvidence(value) => alert.name_nothing_with(&value),
        _ => {}
    }
}

/// Keeps `alert` under an id that no other has: its own, or one of the moment of its making.
pub(super) fn keep(tenant: &mut Tenant, mut alert: Alert) -> String {
    if alert.id.is_empty() || tenant.alerts.holds(&alert.id) {
        alert.id = new_id(tenant, &alert);
    }
    for part in &mut alert.parts {
        part.unique_id = noise::bytes(tenant.seed, &["part", &alert.id, &part.indicator_id.to_string()]);
    }
    if alert.incident == 0 {
        alert.incident = tenant.incidents.join(&alert.device.id, alert.visible_at, tenant.knobs.handling.incident);
    }
    if alert.resolves_at.is_some() {
        tenant.investigations += 1;
        alert.investigation = Some(tenant.investigations);
        alert.handling.investigation = Investigation::Running;
    }
    let id = alert.id.clone();
    tenant.alerts.raise(alert);
    id
}

/// The ticks of the alert's making and a number: that of a rule is made when its query has run, others at the event.
fn new_id(tenant: &Tenant, alert: &Alert) -> String {
    let made_at = if matches!(alert.origin, Origin::Rule(_)) { alert.visible_at } else { alert.first_event_at };
    let ticks = ticks(made_at);
    let parts = ["alert", &ticks.to_string(), &alert.group, &alert.device.id];
    let mut number = i32::from_le_bytes(first_four(noise::bytes(tenant.seed, &parts)));
    while tenant.alerts.holds(&format!("{ticks}_{number}")) {
        number = number.wrapping_add(1);
    }
    format!("{ticks}_{number}")
}

fn first_four(bytes: [u8; 32]) -> [u8; 4] {
    [bytes[0], bytes[1], bytes[2], bytes[3]]
}

/// .NET's count of time: ticks of 100 nanoseconds since the year 1.
pub(super) fn ticks(at: Timestamp) -> i128 {
    at.as_nanosecond() / 100 + TICKS_TO_1970
}

/// When an alert of what was seen can be read, detection taking a span of `range`.
pub(super) fn readable_at(tenant: &Tenant, seen: &Seen<'_>, range: Range) -> Timestamp {
    let parts = ["detection", &seen.device.id, &seen.event.activity.key(), &seen.now.to_string()];
    propagation::after(seen.now, propagation::draw(range, tenant.seed, &parts))
}

fn of_definition(
    tenant: &Tenant,
    seen: &Seen<'_>,
    (id, text): (i64, &AlertDefinition),
    indicators: Vec<(i64, Placed)>,
) -> Alert {
    let visible_at = readable_at(tenant, seen, tenant.knobs.detection);
    let activity = seen.event.activity.clone();
    let alert = Alert::new(Origin::Definition(id), seen.device.clone(), activity, seen.now, visible_at);
    Alert {
        group: format!("definition {id}"),
        detector: noise::guid(tenant.seed, &["definition", &id.to_string()]),
        title: text.title.clone(),
        severity: text.severity.as_str().to_owned(),
        category: text.category.clone(),
        description: text.ux_description.clone(),
        recommended_action: text.recommended_action.clone(),
        evidence_at: propagation::after(visible_at, tenant.knobs.handling.evidence),
        parts: indicators
            .into_iter()
            .map(|(indicator_id, placed)| Part {
                indicator_id,
                indicator: placed.indicator,
                unique_id: [0; 32],
                visible_at,
            })
            .collect(),
        ..alert
    }
}
