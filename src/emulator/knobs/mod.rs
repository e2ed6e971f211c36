//! What can be set of the emulated tenant's pace and limits, with what is known of the real ones.
//!
//! Each knob states how sure its default is: A, the vendor's documentation says so; B, a strong inference or a good
//! second source; C, a convention of the emulator, because nothing is published.

pub mod endpoint;
pub mod graph;
mod handling;
pub mod identity;
mod read;

use std::{fmt, time::Duration};

use serde_json::{Map, Value, json};

use crate::emulator::knobs::identity::Identity;
use crate::emulator::knobs::read::{count, era, login, range, range_json, refusal, switch};
pub(in crate::emulator) use crate::emulator::knobs::read::{seconds, seconds_json};

/// A span of time between two bounds, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The shortest.
    pub min: Duration,
    /// The longest.
    pub max: Duration,
}

/// Which year's set of fields the alert export feed has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Era {
    /// March 2017: no value is `null`, and a key is misspelt.
    Y2017,
    /// November 2018: no value is empty text.
    Y2018,
    /// 2020: fifty fields, and alert ids that begin with `da`.
    Y2020,
}

/// User name and password that the sensor's proxy demands.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// The user name.
    pub user: String,
    /// The password.
    pub password: String,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("user", &self.user).finish_non_exhaustive()
    }
}

/// The knobs. [`Knobs::documentation`] says what each means.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is documented, with its source, in the table below")]
pub struct Knobs {
    pub propagation: Range,
    pub removal: Duration,
    pub detection: Range,
    pub telemetry: Range,
    pub token_lifetime: Duration,
    pub definition_quota: usize,
    pub indicator_quota: usize,
    pub pattern_quota: usize,
    pub alert_merge: Duration,
    pub alert_retention: Duration,
    pub export_era: Era,
    pub validate_values: bool,
    pub disabled_api_status: u16,
    pub proxy_login: Option<Login>,
    pub handling: handling::Knobs,
    pub endpoint: endpoint::Knobs,
    pub graph: graph::Knobs,
    pub identity: Identity,
}

const DAY: u64 = 86_400;

impl Default for Knobs {
    fn default() -> Self {
        let between = |min, max| Range { min: Duration::from_secs(min), max: Duration::from_secs(max) };
        Self {
            propagation: between(1200, 1200),
            removal: Duration::ZERO,
            detection: between(120, 900),
            telemetry: between(0, 60),
            token_lifetime: Duration::from_hours(1),
            definition_quota: 10_000,
            indicator_quota: 15_000,
            pattern_quota: 1_000,
            alert_merge: Duration::ZERO,
            alert_retention: Duration::from_secs(180 * DAY),
            export_era: Era::Y2020,
            validate_values: true,
            disabled_api_status: 403,
            proxy_login: None,
            handling: handling::Knobs::default(),
            endpoint: endpoint::Knobs::default(),
            graph: graph::Knobs::default(),
            identity: Identity::default(),
        }
    }
}

/// One knob: its name in JSON, what it means, how sure its default is, and how it is read and set.
struct Knob {
    name: &'static str,
    meaning: &'static str,
    sureness: &'static str,
    get: fn(&Knobs) -> Value,
    set: fn(&mut Knobs, &Value) -> Result<(), String>,
}

/// Those that the services of every time have, and those of the threat intelligence API.
const COMMON: [Knob; 14] = [
    Knob {
        name: "propagationSeconds",
        meaning: "from acceptance of a definition, an indicator or a change of one until it is in effect; \
                  {min, max}, or one number for both",
        sureness: "A: up to 20 minutes (experiment-custom-ti)",
        get: |knobs| range_json(knobs.propagation),
        set: |knobs, value| range(value).map(|range| knobs.propagation = range),
    },
    Knob {
        name: "removalSeconds",
        meaning: "from a deletion or disabling until it is in effect",
        sureness: "C: nothing is published",
        get: |knobs| seconds_json(knobs.removal),
        set: |knobs, value| seconds(value).map(|span| knobs.removal = span),
    },
    Knob {
        name: "detectionSeconds",
        meaning: "from an event on a device until its alert can be read; {min, max}, or one number for both",
        sureness: "A for the longest: up to 15 minutes (experiment-custom-ti, 2017); C for the shortest",
        get: |knobs| range_json(knobs.detection),
        set: |knobs, value| range(value).map(|range| knobs.detection = range),
    },
    Knob {
        name: "telemetrySeconds",
        meaning: "from an event on a device until hunting shows it; {min, max}, or one number for both",
        sureness: "C: almost immediately, the documentation says (advanced-hunting-overview)",
        get: |knobs| range_json(knobs.telemetry),
        set: |knobs, value| range(value).map(|range| knobs.telemetry = range),
    },
    Knob {
        name: "tokenLifetimeSeconds",
        meaning: "how long an access token is valid; the answer says one second less",
        sureness: "A: an hour, expires_in 3599 (powershell-example-code)",
        get: |knobs| seconds_json(knobs.token_lifetime),
        set: |knobs, value| seconds(value).map(|span| knobs.token_lifetime = span),
    },
    Knob {
        name: "definitionQuota",
        meaning: "how many alert definitions the tenant may hold",
        sureness: "A that there is a quota, C for the number: none is published",
        get: |knobs| json!(knobs.definition_quota),
        set: |knobs, value| count(value).map(|count| knobs.definition_quota = count),
    },
    Knob {
        name: "indicatorQuota",
        meaning: "how many indicators the tenant may hold",
        sureness: "A that there is a quota, C for the number: it is the successor's",
        get: |knobs| json!(knobs.indicator_quota),
        set: |knobs, value| count(value).map(|count| knobs.indicator_quota = count),
    },
    Knob {
        name: "patternQuota",
        meaning: "how many indicators with another function than Equals the tenant may hold",
        sureness: "A that there is a quota, C for the number: none is published",
        get: |knobs| json!(knobs.pattern_quota),
        set: |knobs, value| count(value).map(|count| knobs.pattern_quota = count),
    },
    Knob {
        name: "alertMergeSeconds",
        meaning: "an event this soon after the last one of an alert of the same definition and device joins that alert",
        sureness: "C: that alerts merge is known, for how long is not",
        get: |knobs| seconds_json(knobs.alert_merge),
        set: |knobs, value| seconds(value).map(|span| knobs.alert_merge = span),
    },
    Knob {
        name: "alertRetentionSeconds",
        meaning: "how long an alert can be read",
        sureness: "C: 180 days, the portal's longest view",
        get: |knobs| seconds_json(knobs.alert_retention),
        set: |knobs, value| seconds(value).map(|span| knobs.alert_retention = span),
    },
    Knob {
        name: "exportEra",
        meaning: "which year's fields the alert export feed has: 2017, 2018 or 2020",
        sureness: "A for 2017 and 2020 (pull-alerts-using-rest-api), B for 2018",
        get: |knobs| json!(knobs.export_era.year()),
        set: |knobs, value| era(value).map(|era| knobs.export_era = era),
    },
    Knob {
        name: "validateValues",
        meaning: "whether an indicator's value must have the form that its type demands",
        sureness: "C: nothing is published",
        get: |knobs| json!(knobs.validate_values),
        set: |knobs, value| switch(value).map(|on| knobs.validate_values = on),
    },
    Knob {
        name: "disabledApiStatus",
        meaning: "how the threat intelligence API answers while it is switched off: 401 or 403",
        sureness: "C: nothing is published",
        get: |knobs| json!(knobs.disabled_api_status),
        set: |knobs, value| refusal(value).map(|status| knobs.disabled_api_status = status),
    },
    Knob {
        name: "proxyLogin",
        meaning: "what the sensor's proxy demands: null for nothing, or {user, password}",
        sureness: "A that a proxy may demand one (experiment-custom-ti, 407)",
        get: |knobs| match &knobs.proxy_login {
            None => Value::Null,
            Some(login) => json!({"user": login.user, "password": "(not shown)"}),
        },
        set: |knobs, value| login(value).map(|login| knobs.proxy_login = login),
    },
];

/// Every knob.
fn all() -> impl Iterator<Item = &'static Knob> {
    COMMON.iter().chain(handling::KNOBS).chain(endpoint::KNOBS).chain(graph::KNOBS).chain(&identity::KNOBS)
}

impl Era {
    /// The year that names it.
    pub fn year(self) -> u16 {
        match self {
            Self::Y2017 => 2017,
            Self::Y2018 => 2018,
            Self::Y2020 => 2020,
        }
    }
}

impl Knobs {
    /// Every knob with its value, by name; a password is not shown.
    pub fn to_json(&self) -> Value {
        Value::Object(all().map(|knob| (knob.name.to_owned(), (knob.get)(self))).collect())
    }

    /// These knobs with those that `change` names set anew. All or none; the error is for a person to read.
    pub fn with(&self, change: &Value) -> Result<Self, String> {
        let Value::Object(change) = change else {
            return Err("expected an object of knobs, such as {\"propagationSeconds\": 60}".to_owned());
        };
        let mut knobs = self.clone();
        for (name, value) in change {
            let Some(knob) = all().find(|knob| knob.name == name) else {
                let known: Vec<_> = all().map(|knob| knob.name).collect();
                return Err(format!("there is no knob `{name}` (known: {})", known.join(", ")));
            };
            (knob.set)(&mut knobs, value).map_err(|problem| format!("`{name}`: {problem}, not {value}"))?;
        }
        Ok(knobs)
    }

    /// Each knob with its meaning, default and how sure the default is.
    pub fn documentation() -> Value {
        let standard = Self::default();
        let entry = |knob: &Knob| {
            let mut entry = Map::new();
            entry.insert("name".into(), json!(knob.name));
            entry.insert("meaning".into(), json!(knob.meaning));
            entry.insert("default".into(), (knob.get)(&standard));
            entry.insert("sureness".into(), json!(knob.sureness));
            Value::Object(entry)
        };
        Value::Array(all().map(entry).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_knob_reads_back_what_it_was_set_to() {
        let change = json!({
            "propagationSeconds": {"min": 60, "max": 90}, "removalSeconds": 5, "detectionSeconds": {"min": 1, "max": 1},
            "telemetrySeconds": {"min": 2, "max": 3},
            "tokenLifetimeSeconds": 30, "definitionQuota": 1, "indicatorQuota": 2, "patternQuota": 3,
            "alertMergeSeconds": 4, "alertRetentionSeconds": 100, "exportEra": 2017, "validateValues": false,
            "disabledApiStatus": 401, "proxyLogin": null, "alertVisibilitySeconds": 12, "evidenceSeconds": 6,
            "deviceEvidenceSeconds": 13, "observableEvidenceSeconds": 14, "alertExtensionSeconds": 7,
            "alertGroupingSeconds": 8, "incidentSeconds": 9, "autoResolutionSeconds": 10, "investigationSeconds": 11,
            "roleLagSeconds": 6, "tokenErrorOnLines": true,
            "tokenErrorUri": false, "scopeErrorCode": 70011, "sharedTenantErrorCode": 50194, "oneFederatedError": true,
            "repeatedAssertions": false, "identicalTokenRequests": 7
        });
        let mut change = change;
        endpoint::every_other_value(&mut change);
        let knobs = Knobs::default().with(&change).expect("all are good");
        let shown = knobs.to_json();
        for (name, value) in change.as_object().expect("an object") {
            assert_eq!(&shown[name], value, "{name}");
        }
    }

    #[test]
    fn one_number_is_both_bounds_and_may_be_a_decimal() {
        let knobs = Knobs::default().with(&json!({"propagationSeconds": 0.5})).expect("a decimal");
        assert_eq!(knobs.to_json()["propagationSeconds"], json!({"min": 0.5, "max": 0.5}));
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_known_ones_and_nothing_is_changed() {
        let error = Knobs::default().with(&json!({"removalSeconds": 1, "speed": 2})).expect_err("no such knob");
        assert!(error.starts_with("there is no knob `speed` (known: propagationSeconds, "), "{error}");
    }

    #[test]
    fn bad_values_are_refused_in_words() {
        let refused = |change: Value| Knobs::default().with(&change).expect_err("refused");
        assert_eq!(
            refused(json!({"removalSeconds": -1})),
            "`removalSeconds`: expected a number of seconds from 0 to ten years, not -1"
        );
        assert!(refused(json!({"propagationSeconds": {"min": 2, "max": 1}})).contains("min to be at most max"));
        assert!(refused(json!({"exportEra": 2019})).contains("2017, 2018 or 2020"));
        assert!(refused(json!({"definitionQuota": 1.5})).contains("whole number"));
        assert!(refused(json!({"proxyLogin": {"user": "a:b", "password": "x"}})).contains("without a colon"));
        assert!(refused(json!({"scopeErrorCode": 1})).contains("expected one of 1002012, 70011, 28002"));
        assert!(refused(json!([])).contains("object of knobs"));
    }

    #[test]
    fn a_password_is_never_shown() {
        let knobs =
            Knobs::default().with(&json!({"proxyLogin": {"user": "a", "password": "hunter2"}})).expect("a good login");
        assert!(!knobs.to_json().to_string().contains("hunter2"));
        assert!(!format!("{knobs:?}").contains("hunter2"));
    }
}
