//! From an event to its alerts: which indicators in effect it touches, one alert for each of their definitions.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::{
    domain::alert_definition::AlertDefinition,
    emulator::{
        detection::{Candidate, Event},
        faults::rule::{Fault, Subject},
        noise, propagation,
        tenant::{
            Observation, Tenant,
            alerts::{Alert, Part},
            devices::Device,
            publishing::Placed,
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
    if !tenant.faults.applying(&subject).is_empty() {
        return Observation::Lost;
    }
    let touched = in_effect(tenant, &tenant.index.touched(&event.activity), now);
    let seen = Seen { device, event: &event, now };
    let mut raised = Vec::new();
    for (definition, indicators) in touched {
        raised.extend(raise(tenant, &seen, definition, indicators));
    }
    tenant.devices.remember(now, event);
    Observation::Reported(raised)
}

/// An event on its device, at its moment.
struct Seen<'a> {
    device: Device,
    event: &'a Event,
    now: Timestamp,
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
    let mut alert = new_alert(tenant, seen, (definition, &text), indicators);
    let window = tenant.knobs.alert_merge;
    if !window.is_zero()
        && let Some(open) = tenant.alerts.open(definition, &alert.device.id, seen.now, window)
    {
        let joined = open.join(seen.now, alert.parts);
        tenant.alerts.trim();
        return vec![joined];
    }
    let subject_text = format!("{}\n{}", alert.title, alert.description);
    let faults = tenant.faults.applying(&Subject::Alert { device: &alert.device.name, text: &subject_text });
    let mut copies = 1;
    for fault in faults {
        match fault {
            Fault::DropAlert => return Vec::new(),
            Fault::DuplicateAlert => copies += 1,
            fault => distort(tenant, &mut alert, fault),
        }
    }
    (0..copies).map(|_| keep(tenant, alert.clone())).collect()
}

/// What a fault makes of an alert that is raised all the same.
fn distort(tenant: &Tenant, alert: &mut Alert, fault: Fault) {
    match fault {
        Fault::DelayAlert(span) => {
            alert.visible_at = propagation::after(alert.visible_at, span);
            for part in &mut alert.parts {
                part.visible_at = propagation::after(part.visible_at, span);
            }
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
        Fault::MoveAlert { device } => {
            let known = tenant.devices.get(&device).cloned();
            alert.device = known.unwrap_or_else(|| Device {
                id: noise::hex(&noise::bytes(tenant.seed, &["device", &device.to_ascii_lowercase()])[..20]),
                name: device,
                ..alert.device.clone()
            });
        }
        _ => {}
    }
}

/// Keeps `alert` under an id that no other has.
fn keep(tenant: &mut Tenant, mut alert: Alert) -> String {
    let ticks = ticks(alert.first_event_at);
    let parts = ["alert", &ticks.to_string(), &alert.definition_id.to_string(), &alert.device.id];
    let mut number = i32::from_le_bytes(first_four(noise::bytes(tenant.seed, &parts)));
    while tenant.alerts.holds(&format!("{ticks}_{number}")) {
        number = number.wrapping_add(1);
    }
    alert.id = format!("{ticks}_{number}");
    for part in &mut alert.parts {
        part.unique_id = noise::bytes(tenant.seed, &["part", &alert.id, &part.indicator_id.to_string()]);
    }
    let id = alert.id.clone();
    tenant.alerts.raise(alert);
    id
}

fn first_four(bytes: [u8; 32]) -> [u8; 4] {
    [bytes[0], bytes[1], bytes[2], bytes[3]]
}

/// .NET's count of time: ticks of 100 nanoseconds since the year 1.
fn ticks(at: Timestamp) -> i128 {
    at.as_nanosecond() / 100 + TICKS_TO_1970
}

fn new_alert(
    tenant: &Tenant,
    seen: &Seen<'_>,
    (definition_id, text): (i64, &AlertDefinition),
    indicators: Vec<(i64, Placed)>,
) -> Alert {
    let parts = ["detection", &seen.device.id, &seen.event.activity.key(), &seen.now.to_string()];
    let visible_at = propagation::after(seen.now, propagation::draw(tenant.knobs.detection, tenant.seed, &parts));
    Alert {
        id: String::new(),
        definition_id,
        title: text.title.clone(),
        severity: text.severity.as_str().to_owned(),
        category: text.category.clone(),
        description: text.ux_description.clone(),
        recommended_action: text.recommended_action.clone(),
        source: "CustomerTI".to_owned(),
        device: seen.device.clone(),
        activity: seen.event.activity.clone(),
        first_event_at: seen.now,
        last_event_at: seen.now,
        visible_at,
        parts: indicators
            .into_iter()
            .map(|(indicator_id, placed)| Part {
                indicator_id,
                indicator: placed.indicator,
                unique_id: [0; 32],
                visible_at,
            })
            .collect(),
    }
}
