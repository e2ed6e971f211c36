//! Whether an alert belongs to a drill, and whether it says what it should.
//!
//! Two questions, two functions. [`judge`] asks whose alert it is: an alert that shares something with the drill but
//! not everything is a near miss, with the reasons. [`differences`] then compares every field of an alert that does
//! belong to the drill with the definition that raised it.

use jiff::{SignedDuration, Timestamp};

use crate::domain::{
    alert::Alert, alert_definition::AlertDefinition, device::Device, indicator::Indicator, marker::Marker,
};

/// What the alert of a drill has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// The drill's marker, carried by the definition's description.
    pub marker: Marker,
    /// The definition as published.
    pub definition: AlertDefinition,
    /// The indicator as published.
    pub indicator: Indicator,
    /// The observable that the device touched, which the indicator matches.
    pub observable: String,
    /// Where the traffic came from.
    pub device: Device,
    /// When the traffic began, on the drill's clock.
    pub since: Timestamp,
}

/// What raises an alert of an indicator of the tenant's own (section 4.2 of the alert API's samples).
pub const SOURCE: &str = "CustomerTI";

/// The device's clock may be this far behind the drill's before its event counts as earlier than the stimulus.
pub const SKEW: SignedDuration = SignedDuration::from_secs(2);

/// One field in which what was seen is not what was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The field, in the words of the report.
    pub field: &'static str,
    /// What it should have been.
    pub expected: String,
    /// What it was.
    pub saw: String,
}

/// An alert that attribution refused, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearMiss {
    /// The alert.
    pub alert: Alert,
    /// Every reason against it; never empty.
    pub reasons: Vec<Difference>,
}

/// What [`judge`] found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Judgement {
    /// The alerts of this drill, in the order they were given.
    pub matches: Vec<Alert>,
    /// Alerts that share something with the drill but are not its own, the nearest first.
    pub near_misses: Vec<NearMiss>,
}

/// Sorts `alerts` into those of the drill, those nearly so, and the rest, which is left out.
pub fn judge<'a>(expectation: &Expectation, alerts: impl IntoIterator<Item = &'a Alert>) -> Judgement {
    let mut judgement = Judgement::default();
    for alert in alerts {
        let reasons = reasons_against(expectation, alert);
        if reasons.is_empty() {
            judgement.matches.push(alert.clone());
        } else if reasons.len() < TIES && shares_something(expectation, alert) {
            judgement.near_misses.push(NearMiss { alert: alert.clone(), reasons });
        }
    }
    judgement.near_misses.sort_by_key(|miss| miss.reasons.len());
    judgement
}

/// How many ties [`reasons_against`] looks at.
const TIES: usize = 4;

fn reasons_against(expectation: &Expectation, alert: &Alert) -> Vec<Difference> {
    let mut reasons = Vec::new();
    let mut tie = |holds: bool, field, expected: String, saw: String| {
        if !holds {
            reasons.push(Difference { field, expected, saw });
        }
    };
    tie(
        expectation.marker.is_in(&alert.description),
        "marker",
        format!("a description signed [drill {}]", expectation.marker),
        alert.description.clone(),
    );
    tie(expectation.device.is(&alert.device), "device", expectation.device.name.clone(), alert.device.name.clone());
    let named = alert.observable.as_deref();
    tie(
        named.is_some_and(|value| names(expectation, value)),
        "observable",
        expectation.indicator.value.clone(),
        named.unwrap_or("none").to_owned(),
    );
    let earliest = expectation.since.saturating_sub(SKEW).unwrap_or(Timestamp::MIN);
    tie(
        alert.happened_at >= earliest,
        "time",
        format!("at or after the stimulus at {}", expectation.since),
        alert.happened_at.to_string(),
    );
    reasons
}

/// Feeds disagree on whether an alert names the indicator's value or what the device touched; either ties it.
fn names(expectation: &Expectation, value: &str) -> bool {
    value.eq_ignore_ascii_case(&expectation.indicator.value) || value.eq_ignore_ascii_case(&expectation.observable)
}

/// Time and device alone are no kinship: every alert of the day would be a near miss.
fn shares_something(expectation: &Expectation, alert: &Alert) -> bool {
    expectation.marker.is_in(&alert.description)
        || alert.title == expectation.definition.title
        || alert.observable.as_deref().is_some_and(|value| names(expectation, value))
}

/// Every field of `alert` that does not say what the definition says.
pub fn differences(definition: &AlertDefinition, alert: &Alert) -> Vec<Difference> {
    let fields: [(&'static str, &str, &str); 5] = [
        ("title", &definition.title, &alert.title),
        ("severity", definition.severity.as_str(), &alert.severity),
        ("category", &definition.category, &alert.category),
        ("description", &definition.ux_description, &alert.description),
        ("source", SOURCE, &alert.source),
    ];
    fields
        .into_iter()
        .filter(|(_, expected, saw)| expected != saw)
        .map(|(field, expected, saw)| Difference { field, expected: expected.into(), saw: saw.into() })
        .collect()
}
