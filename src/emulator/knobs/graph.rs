//! Knobs of Microsoft Graph security.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::emulator::knobs::{
    Knob, Range,
    read::{count, range, range_json, seconds, seconds_json, switch},
};

/// The knobs of this part. Each field is documented in the table below.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is documented, with its source, in the table below")]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own, set by its own name")]
pub struct Knobs {
    pub cloud: &'static str,
    pub quotas: [[usize; 3]; FAMILIES.len()],
    pub retry_after: &'static str,
    pub page: usize,
    pub undocumented_queries: bool,
    pub incident_merge: Duration,
    pub incident_resolves: bool,
    pub rules_in_v1: bool,
    pub generation: &'static str,
    pub generation_cutoff: Timestamp,
    pub wording: &'static str,
    pub null_scope: bool,
    pub rule_quota: usize,
    pub rule_propagation: Range,
    pub nrt_detection: Range,
    pub scheduled_detection: Range,
    pub schedule_acceleration: usize,
    pub alerts_per_run: usize,
    pub suppression: Duration,
    pub delete_lag: Duration,
    pub name_reservation: Duration,
    pub ghost_on_error: bool,
    pub failures_until_off: usize,
    pub custom_frequencies: bool,
}

/// The families of calls that have quotas, each with its default: per minute and per hour for an application, per hour
/// for the tenant; 0 is without limit.
pub const FAMILIES: [(&str, [usize; 3]); 8] = [
    ("ruleList", [10, 300, 600]),
    ("ruleGet", [100, 1_500, 1_800]),
    ("ruleCreate", [10, 1_500, 1_800]),
    ("ruleUpdate", [100, 1_500, 1_800]),
    ("ruleDelete", [100, 1_500, 1_800]),
    ("alerts", [150, 0, 0]),
    ("hunting", [45, 1_500, 0]),
    ("indicators", [1_000, 0, 0]),
];

impl Default for Knobs {
    fn default() -> Self {
        let between = |min, max| Range { min: Duration::from_secs(min), max: Duration::from_secs(max) };
        Self {
            cloud: "host",
            quotas: FAMILIES.map(|(_, limits)| limits),
            retry_after: "whole",
            page: 50,
            undocumented_queries: true,
            incident_merge: Duration::ZERO,
            incident_resolves: true,
            rules_in_v1: false,
            generation: "b",
            generation_cutoff: Timestamp::constant(1_790_812_800, 0),
            wording: "2026-09",
            null_scope: true,
            rule_quota: 1_000,
            rule_propagation: between(0, 0),
            nrt_detection: between(60, 300),
            scheduled_detection: between(0, 60),
            schedule_acceleration: 1,
            alerts_per_run: 150,
            suppression: Duration::from_hours(24 * 7),
            delete_lag: Duration::from_hours(2),
            name_reservation: Duration::from_secs(45),
            ghost_on_error: false,
            failures_until_off: 3,
            custom_frequencies: false,
        }
    }
}

pub(super) const KNOBS: &[Knob] = &[
    Knob {
        name: "graphCloud",
        meaning: "which cloud's part of Graph there is: global, usgov, dod, china, or that of the host a client uses",
        sureness: "A: which cloud lacks what stands in the schemas and pages of each (graph deployments)",
        get: |knobs| json!(knobs.graph.cloud),
        set: |knobs, value| {
            one_of(&["host", "global", "usgov", "dod", "china"], value).map(|cloud| knobs.graph.cloud = cloud)
        },
    },
    Knob {
        name: "graphQuotas",
        meaning: "calls of each family: [per minute and application, per hour and application, per hour and tenant]; \
                  0 is without limit; only the families that are named are changed; false for no limit at all, true \
                  for the documented ones",
        sureness: "A for rules (security-api-overview), B for hunting and indicators, C that alerts have the 150 of the \
                   older alerts",
        get: |knobs| {
            let limits = FAMILIES.iter().zip(knobs.graph.quotas).map(|((name, _), of)| ((*name).to_owned(), json!(of)));
            Value::Object(limits.collect())
        },
        set: |knobs, value| quotas(&knobs.graph.quotas, value).map(|quotas| knobs.graph.quotas = quotas),
    },
    Knob {
        name: "graphRetryAfter",
        meaning: "how a throttled answer says when to come back: whole, fractional (2.128) or absent",
        sureness: "A for fractional (the throttling guide's sample), B for whole and absent",
        get: |knobs| json!(knobs.graph.retry_after),
        set: |knobs, value| {
            one_of(&["whole", "fractional", "absent"], value).map(|form| knobs.graph.retry_after = form)
        },
    },
    Knob {
        name: "graphPageSize",
        meaning: "how many entities of a list come in one page",
        sureness: "C: nothing is published",
        get: |knobs| json!(knobs.graph.page),
        set: |knobs, value| match count(value)? {
            0 => Err("expected at least 1".to_owned()),
            size => {
                knobs.graph.page = size;
                Ok(())
            }
        },
    },
    Knob {
        name: "undocumentedAlertQueries",
        meaning: "whether alerts can be filtered by detectionSource and ordered with $orderby, which no page mentions",
        sureness: "C: clients do both, no page lists either",
        get: |knobs| json!(knobs.graph.undocumented_queries),
        set: |knobs, value| switch(value).map(|on| knobs.graph.undocumented_queries = on),
    },
    Knob {
        name: "incidentMergeSeconds",
        meaning: "from the making of an incident until correlation merges it into an earlier one of the same device, \
                  which leaves it redirected; 0 is never",
        sureness: "A that it happens (incident resource), C when",
        get: |knobs| seconds_json(knobs.graph.incident_merge),
        set: |knobs, value| seconds(value).map(|span| knobs.graph.incident_merge = span),
    },
    Knob {
        name: "incidentResolvesAlerts",
        meaning: "whether resolving an incident resolves its open alerts",
        sureness: "B: the portal's pages say so, the API's do not",
        get: |knobs| json!(knobs.graph.incident_resolves),
        set: |knobs, value| switch(value).map(|on| knobs.graph.incident_resolves = on),
    },
    Knob {
        name: "rulesInV1",
        meaning: "whether detection rules are served under v1.0 as well as under beta",
        sureness: "B for no (a field report of September 2026, and the schema), although pages for v1.0 exist",
        get: |knobs| json!(knobs.graph.rules_in_v1),
        set: |knobs, value| switch(value).map(|on| knobs.graph.rules_in_v1 = on),
    },
    Knob {
        name: "ruleGeneration",
        meaning: "which members a detection rule has: b (status, frequency, entityMappings), a (isEnabled, period, \
                  impactedAssets), both, or byDate: both until ruleGenerationCutoff, then b",
        sureness: "A for both generations, B that the first is gone: its end was announced",
        get: |knobs| json!(knobs.graph.generation),
        set: |knobs, value| one_of(&["a", "b", "both", "byDate"], value).map(|which| knobs.graph.generation = which),
    },
    Knob {
        name: "ruleGenerationCutoff",
        meaning: "when the first generation of detection rules ends, for byDate",
        sureness: "A: announced for 2026-10-01",
        get: |knobs| json!(knobs.graph.generation_cutoff.to_string()),
        set: |knobs, value| {
            let moment = value.as_str().and_then(|text| text.parse().ok());
            moment.map(|at| knobs.graph.generation_cutoff = at).ok_or_else(|| "expected a moment".to_owned())
        },
    },
    Knob {
        name: "ruleWording",
        meaning: "of which month the words are that refuse a detection rule: 2026-08 or 2026-09",
        sureness: "B: field reports of both months",
        get: |knobs| json!(knobs.graph.wording),
        set: |knobs, value| one_of(&["2026-08", "2026-09"], value).map(|month| knobs.graph.wording = month),
    },
    Knob {
        name: "nullScopeAccepted",
        meaning: "whether a rule's organizationalScope may be sent as null",
        sureness: "B both ways: the documentation sends null, a user of February 2026 was refused",
        get: |knobs| json!(knobs.graph.null_scope),
        set: |knobs, value| switch(value).map(|on| knobs.graph.null_scope = on),
    },
    Knob {
        name: "ruleQuota",
        meaning: "how many detection rules the tenant may hold",
        sureness: "C: nothing is published",
        get: |knobs| json!(knobs.graph.rule_quota),
        set: |knobs, value| count(value).map(|count| knobs.graph.rule_quota = count),
    },
    Knob {
        name: "rulePropagationSeconds",
        meaning: "from acceptance of a detection rule or a change of one until it is in effect; {min, max}, or one number \
                  for both",
        sureness: "B for at once: a scheduled rule runs on save (custom-detection-rules); for continuous ones nothing is \
                   published",
        get: |knobs| range_json(knobs.graph.rule_propagation),
        set: |knobs, value| range(value).map(|range| knobs.graph.rule_propagation = range),
    },
    Knob {
        name: "nrtDetectionSeconds",
        meaning: "from an event until the alert of a continuous rule can be read; {min, max}, or one number for both",
        sureness: "C: no number is published; users say less than 5 minutes",
        get: |knobs| range_json(knobs.graph.nrt_detection),
        set: |knobs, value| range(value).map(|range| knobs.graph.nrt_detection = range),
    },
    Knob {
        name: "scheduledDetectionSeconds",
        meaning: "from the run of a scheduled rule until its alerts can be read; {min, max}, or one number for both",
        sureness: "C: nothing is published",
        get: |knobs| range_json(knobs.graph.scheduled_detection),
        set: |knobs, value| range(value).map(|range| knobs.graph.scheduled_detection = range),
    },
    Knob {
        name: "scheduleAcceleration",
        meaning: "how many times as often as they say scheduled rules run",
        sureness: "C: the real service runs them as often as they say",
        get: |knobs| json!(knobs.graph.schedule_acceleration),
        set: |knobs, value| match count(value)? {
            0 => Err("expected at least 1".to_owned()),
            times => {
                knobs.graph.schedule_acceleration = times;
                Ok(())
            }
        },
    },
    Knob {
        name: "alertsPerRun",
        meaning: "how many alerts one run of a detection rule may raise",
        sureness: "A that there is a limit, B for 150: older pages say 100",
        get: |knobs| json!(knobs.graph.alerts_per_run),
        set: |knobs, value| count(value).map(|count| knobs.graph.alerts_per_run = count),
    },
    Knob {
        name: "ruleSuppressionSeconds",
        meaning: "so long after its last event, an open alert of a rule takes further rows with the same entities, details \
                  and texts; 0 makes an alert of each",
        sureness: "A that such rows share an alert, C for how long",
        get: |knobs| seconds_json(knobs.graph.suppression),
        set: |knobs, value| seconds(value).map(|span| knobs.graph.suppression = span),
    },
    Knob {
        name: "ruleDeleteLagSeconds",
        meaning: "how long a deleted rule is still listed and read, while deleting it again is 404",
        sureness: "B: for hours, for 63 rules of a tenant in September 2026; the number is a convention",
        get: |knobs| seconds_json(knobs.graph.delete_lag),
        set: |knobs, value| seconds(value).map(|span| knobs.graph.delete_lag = span),
    },
    Knob {
        name: "ruleNameReservedSeconds",
        meaning: "how long a deleted rule's id, name and title cannot be used again",
        sureness: "B: 30 to 60 seconds, a user of 2026",
        get: |knobs| seconds_json(knobs.graph.name_reservation),
        set: |knobs, value| seconds(value).map(|span| knobs.graph.name_reservation = span),
    },
    Knob {
        name: "ruleGhostOnError",
        meaning: "whether a rule whose creation is refused for its alert title is there all the same",
        sureness: "B: a user of 2026 found rules after a 400 and a 409",
        get: |knobs| json!(knobs.graph.ghost_on_error),
        set: |knobs, value| switch(value).map(|on| knobs.graph.ghost_on_error = on),
    },
    Knob {
        name: "ruleFailuresUntilOff",
        meaning: "after so many failed runs in a row the service switches a rule off (autoDisabled); 0 is never",
        sureness: "A that the service switches rules off, C when",
        get: |knobs| json!(knobs.graph.failures_until_off),
        set: |knobs, value| count(value).map(|count| knobs.graph.failures_until_off = count),
    },
    Knob {
        name: "ruleCustomFrequencies",
        meaning: "whether a rule may run at other frequencies than the portal's, from 5 minutes to 14 days",
        sureness: "B that only rules over Sentinel's data may, of which there is none here",
        get: |knobs| json!(knobs.graph.custom_frequencies),
        set: |knobs, value| switch(value).map(|on| knobs.graph.custom_frequencies = on),
    },
];

/// The one of `words` that `value` is.
fn one_of(words: &[&'static str], value: &Value) -> Result<&'static str, String> {
    let given = value.as_str().unwrap_or_default();
    words.iter().find(|word| **word == given).copied().ok_or_else(|| format!("expected one of {}", words.join(", ")))
}

fn quotas(old: &[[usize; 3]; FAMILIES.len()], value: &Value) -> Result<[[usize; 3]; FAMILIES.len()], String> {
    if let Value::Bool(limited) = value {
        return Ok(if *limited { FAMILIES.map(|(_, limits)| limits) } else { Default::default() });
    }
    let known = || FAMILIES.map(|(name, _)| name).join(", ");
    let given: &Map<String, Value> = value.as_object().ok_or_else(|| format!("expected an object of {}", known()))?;
    let mut quotas = *old;
    for (name, limits) in given {
        let place = FAMILIES.iter().position(|(family, _)| family == name);
        let place = place.ok_or_else(|| format!("expected one of {}, and no `{name}`", known()))?;
        let limits = limits.as_array().filter(|limits| limits.len() == 3);
        let limits = limits.ok_or_else(|| format!("expected three numbers for `{name}`"))?;
        for (quota, limit) in quotas[place].iter_mut().zip(limits) {
            *quota = count(limit)?;
        }
    }
    Ok(quotas)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::knobs::Knobs;

    #[test]
    fn every_knob_of_graph_reads_back_what_it_was_set_to() {
        let mut quotas = FAMILIES.map(|(name, limits)| (name.to_owned(), json!(limits)));
        quotas[0].1 = json!([1, 2, 3]);
        let change = json!({
            "graphCloud": "china", "graphQuotas": Value::Object(quotas.into_iter().collect()),
            "graphRetryAfter": "absent", "graphPageSize": 7, "undocumentedAlertQueries": false,
            "incidentMergeSeconds": 9, "incidentResolvesAlerts": false, "rulesInV1": true, "ruleGeneration": "byDate",
            "ruleGenerationCutoff": "2027-01-01T00:00:00Z", "ruleWording": "2026-08", "nullScopeAccepted": false,
            "ruleQuota": 3, "rulePropagationSeconds": {"min": 1, "max": 2}, "nrtDetectionSeconds": {"min": 3, "max": 4},
            "scheduledDetectionSeconds": {"min": 5, "max": 6}, "scheduleAcceleration": 60, "alertsPerRun": 8,
            "ruleSuppressionSeconds": 0, "ruleDeleteLagSeconds": 10, "ruleNameReservedSeconds": 11,
            "ruleGhostOnError": true, "ruleFailuresUntilOff": 2, "ruleCustomFrequencies": true
        });
        let knobs = Knobs::default().with(&change).expect("all are good").to_json();
        for (name, value) in change.as_object().expect("an object") {
            assert_eq!(&knobs[name], value, "{name}");
        }
        assert_eq!(change.as_object().map(Map::len), Some(KNOBS.len()));
    }

    #[test]
    fn only_the_families_that_are_named_change_and_strangers_are_refused() {
        let knobs = Knobs::default().with(&json!({"graphQuotas": {"alerts": [1, 0, 0]}})).expect("a good family");
        assert_eq!(knobs.to_json()["graphQuotas"]["alerts"], json!([1, 0, 0]));
        assert_eq!(knobs.to_json()["graphQuotas"]["ruleList"], json!([10, 300, 600]));
        let none = knobs.with(&json!({"graphQuotas": false})).expect("none at all");
        assert_eq!(none.to_json()["graphQuotas"]["ruleList"], json!([0, 0, 0]));
        let documented = none.with(&json!({"graphQuotas": true})).expect("the documented ones");
        assert_eq!(documented, Knobs::default());
        for bad in [json!({"graphQuotas": {"nope": [1, 0, 0]}}), json!({"graphQuotas": {"alerts": [1]}})] {
            assert!(Knobs::default().with(&bad).is_err(), "{bad}");
        }
        assert!(Knobs::default().with(&json!({"graphCloud": "mars"})).is_err());
        assert!(Knobs::default().with(&json!({"graphPageSize": 0})).is_err());
    }

    #[test]
    fn the_first_generation_ends_in_october() {
        assert_eq!(Knobs::default().to_json()["ruleGenerationCutoff"], json!("2026-10-01T00:00:00Z"));
    }
}
