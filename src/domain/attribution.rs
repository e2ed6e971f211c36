//! Whether an alert belongs to a drill.
//!
//! [`judge`] asks whose alert it is: an alert that shares something with the drill but not everything is a near miss, with
//! the reasons. What an alert of the drill's own says is another question, which
//! [`appearance`](crate::domain::appearance) answers.

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
    /// When the drill began, on its clock. What first happened before that began as somebody else's.
    pub begun: Timestamp,
    /// When the traffic began, on the drill's clock.
    pub since: Timestamp,
    /// When the same traffic began anew: what an alert says that first happened then or later is of that, not of this.
    pub until: Option<Timestamp>,
    /// Whether the alert is documented to carry the definition's description, and with it the marker. Where it is not,
    /// observable, device and time are what ties it.
    pub signed: bool,
}

/// What is dated may be this far behind the drill's clock before it counts as earlier than the stimulus: two seconds of the
/// device's, and three by which a service's clock may be behind without its being told from a slow answer.
pub const SKEW: SignedDuration = SignedDuration::from_secs(5);

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
    judgement.add(expectation, alerts);
    judgement
}

impl Judgement {
    /// Judges more alerts for the same drill.
    pub fn add<'a>(&mut self, expectation: &Expectation, alerts: impl IntoIterator<Item = &'a Alert>) {
        for alert in alerts.into_iter().filter(|alert| shares_something(expectation, alert)) {
            // An alert that was seen before and has grown since takes the place of what it was.
            self.matches.retain(|known| (&known.id, known.part) != (&alert.id, alert.part));
            self.near_misses.retain(|miss| (&miss.alert.id, miss.alert.part) != (&alert.id, alert.part));
            let reasons = reasons_against(expectation, alert);
            if reasons.is_empty() {
                self.matches.push(alert.clone());
            } else {
                self.near_misses.push(NearMiss { alert: alert.clone(), reasons });
            }
        }
        self.near_misses.sort_by_key(|miss| miss.reasons.len());
    }
}

fn reasons_against(expectation: &Expectation, alert: &Alert) -> Vec<Difference> {
    let before = |moment: Timestamp| moment.saturating_sub(SKEW).unwrap_or(Timestamp::MIN);
    let mut reasons = Vec::new();
    // What is said against an alert is put together only for the few that are nearly the drill's.
    let mut tie = |holds: bool, difference: &dyn Fn() -> Difference| {
        if !holds {
            reasons.push(difference());
        }
    };
    tie(is_of_the_drill(expectation, alert), &|| Difference {
        field: "marker",
        expected: format!("a description signed [drill {}]", expectation.marker),
        saw: alert.description.clone(),
    });
    tie(expectation.device.is(&alert.device), &|| Difference {
        field: "device",
        expected: expectation.device.name.clone(),
        saw: alert.device.name.clone(),
    });
    tie(names_it(expectation, alert), &|| Difference {
        field: "observable",
        expected: expectation.indicator.value.clone(),
        saw: if alert.observables.is_empty() { "none".into() } else { alert.observables.join(", ") },
    });
    tie(alert.last_happened_at >= before(expectation.since), &|| Difference {
        field: "time",
        expected: format!("at or after the stimulus at {}", expectation.since),
        saw: alert.last_happened_at.to_string(),
    });
    let began_with_it = alert.happened_at >= before(expectation.begun) || is_worded_by_it(expectation, alert);
    tie(began_with_it, &|| Difference {
        field: "beginning",
        expected: format!("at or after the drill's at {}", expectation.begun),
        saw: format!("{}, of something before the drill", alert.happened_at),
    });
    tie(expectation.until.is_none_or(|until| alert.happened_at < before(until)), &|| Difference {
        field: "time",
        expected: format!("of the stimulus at {}", expectation.since),
        saw: format!("{}, of a later one", alert.happened_at),
    });
    reasons
}

/// Whether the alert's description says that it is the drill's, or is none that could. A description that is signed by
/// another drill says that it is not.
fn is_of_the_drill(expectation: &Expectation, alert: &Alert) -> bool {
    expectation.marker.is_in(&alert.description) || (!expectation.signed && !Marker::signs(&alert.description))
}

/// Whether the alert's own words bear the marker, so that it was the drill's from its beginning on. In what it names the
/// marker says nothing of that: whatever took the drill's event in names it from then on.
fn is_worded_by_it(expectation: &Expectation, alert: &Alert) -> bool {
    expectation.marker.is_in(&alert.description) || expectation.marker.ends(&alert.title)
}

/// Whether the alert names what the drill's indicator looks for, or what the device touched: feeds disagree on which.
fn names_it(expectation: &Expectation, alert: &Alert) -> bool {
    let (value, observable) = (&expectation.indicator.value, &expectation.observable);
    let is_it = |named: &String| named.eq_ignore_ascii_case(value) || named.eq_ignore_ascii_case(observable);
    alert.observables.iter().any(is_it)
}

/// Time and device alone are no kinship: every alert of the day would be a near miss.
fn shares_something(expectation: &Expectation, alert: &Alert) -> bool {
    expectation.marker.is_in(&alert.description)
        || alert.title == expectation.definition.title
        || names_it(expectation, alert)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        alert_definition::Severity,
        indicator::{Action, Function, Kind},
    };

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a timestamp")
    }

    fn device(name: &str) -> Device {
        Device { id: String::new(), name: name.into() }
    }

    fn expectation() -> Expectation {
        let marker = Marker::of(1, "a.feature:1");
        Expectation {
            definition: AlertDefinition {
                name: "Test Alert".into(),
                severity: Severity::Medium,
                internal_description: String::new(),
                title: "Test alert.".into(),
                ux_description: marker.sign("A test alert"),
                recommended_action: None,
                category: "SuspiciousNetworkTraffic".into(),
                enabled: true,
            },
            marker,
            indicator: Indicator {
                kind: Kind::IpAddress,
                value: "52.184.197.12".into(),
                function: Function::Equals,
                action: Action::Audit,
                expires_at: None,
                enabled: true,
            },
            observable: "52.184.197.12".into(),
            device: device("pc7.contoso.com"),
            begun: at("2026-11-24T11:30:00Z"),
            since: at("2026-11-24T12:00:00Z"),
            until: None,
            signed: true,
        }
    }

    fn alert() -> Alert {
        Alert {
            id: "1".into(),
            part: 0,
            title: "Test alert.".into(),
            severity: "Medium".into(),
            category: "SuspiciousNetworkTraffic".into(),
            description: expectation().definition.ux_description,
            source: "CustomerTI".into(),
            device: device("PC7"),
            observables: vec!["52.184.197.12".into()],
            entities: Vec::new(),
            happened_at: at("2026-11-24T12:00:01Z"),
            last_happened_at: at("2026-11-24T12:00:01Z"),
            processed_at: at("2026-11-24T12:05:00Z"),
            link: None,
            original: None,
        }
    }

    fn happened(moment: &str) -> Alert {
        Alert { happened_at: at(moment), last_happened_at: at(moment), ..alert() }
    }

    fn reasons(alert: &Alert) -> Option<Vec<&'static str>> {
        let judgement = judge(&expectation(), [alert]);
        if !judgement.matches.is_empty() {
            return Some(Vec::new());
        }
        let miss = judgement.near_misses.first()?;
        Some(miss.reasons.iter().map(|reason| reason.field).collect())
    }

    #[test]
    fn an_alert_with_every_tie_is_the_drill_s() {
        assert_eq!(reasons(&alert()), Some(vec![]));
    }

    #[test]
    fn an_alert_with_one_tie_missing_is_a_near_miss_for_that_reason() {
        let other_drill = Marker::of(1, "b.feature:1").sign("A test alert");
        assert_eq!(reasons(&Alert { description: other_drill, ..alert() }), Some(vec!["marker"]));
        assert_eq!(reasons(&Alert { device: device("pc8"), ..alert() }), Some(vec!["device"]));
        assert_eq!(reasons(&Alert { observables: vec!["52.184.197.13".into()], ..alert() }), Some(vec!["observable"]));
        assert_eq!(reasons(&Alert { observables: vec![], ..alert() }), Some(vec!["observable"]));
        assert_eq!(reasons(&happened("2026-11-24T11:00:00Z")), Some(vec!["time"]));
    }

    #[test]
    fn time_and_device_alone_are_no_kinship() {
        let stranger = Alert {
            title: "Another".into(),
            description: "Another".into(),
            observables: vec!["203.0.113.1".into()],
            ..alert()
        };
        assert_eq!(reasons(&stranger), None);
        let same_title = Alert { title: "Test alert.".into(), ..stranger };
        assert_eq!(reasons(&same_title), Some(vec!["marker", "observable"]));
    }

    #[test]
    fn the_clocks_of_device_and_service_may_lag_five_seconds_together_and_no_more() {
        assert_eq!(reasons(&happened("2026-11-24T11:59:55Z")), Some(vec![]));
        assert_eq!(reasons(&happened("2026-11-24T11:59:54.999Z")), Some(vec!["time"]));
    }

    /// An alert that says nothing of the drill's but in what it names, which began at `first` and happened again.
    fn taken_in(first: &str) -> Alert {
        Alert {
            title: "Generic".into(),
            description: "Of the service".into(),
            happened_at: at(first),
            last_happened_at: at("2026-11-24T12:00:01Z"),
            ..alert()
        }
    }

    #[test]
    fn an_alert_that_began_before_the_drill_is_another_s_though_it_took_the_drill_s_event_in() {
        let unsigned = Expectation { signed: false, ..expectation() };
        let fields = |expectation: &Expectation, alert: &Alert| {
            let judgement = judge(expectation, [alert]);
            judgement.near_misses.first().map(|miss| miss.reasons.iter().map(|why| why.field).collect::<Vec<_>>())
        };
        for within in ["2026-11-24T11:29:55Z", "2026-11-24T11:30:00Z", "2026-11-24T11:45:00Z"] {
            assert_eq!(fields(&unsigned, &taken_in(within)), None, "begun in the drill at {within}");
        }
        for before in ["2026-11-24T11:29:54.999999999Z", "2026-11-23T12:00:00Z"] {
            assert_eq!(fields(&unsigned, &taken_in(before)), Some(vec!["beginning"]), "begun at {before}");
        }
    }

    #[test]
    fn what_an_alert_names_does_not_make_it_the_drill_s_from_its_beginning_on_what_it_says_does() {
        let marker = expectation().marker;
        let mut unsigned = Expectation { signed: false, ..expectation() };
        unsigned.indicator.value = format!("{marker}.alertdrill.example");
        let observables = vec![unsigned.indicator.value.clone()];
        let of_another = Alert { observables, ..taken_in("2026-11-23T12:00:00Z") };
        assert!(judge(&unsigned, [&of_another]).matches.is_empty());
        let worded = [
            Alert { description: marker.sign("A test alert"), ..of_another.clone() },
            Alert { title: format!("Alert drill {marker}"), ..of_another },
        ];
        for alert in worded {
            assert_eq!(judge(&unsigned, [&alert]).matches.len(), 1, "{} {}", alert.title, alert.description);
        }
    }

    #[test]
    fn what_first_happened_when_the_traffic_began_anew_is_of_that() {
        let until = "2026-11-24T12:10:00Z".parse().ok();
        let expectation = Expectation { until, ..expectation() };
        let fields = |at: &str| {
            let judgement = judge(&expectation, [&happened(at)]);
            judgement.near_misses.first().map(|miss| miss.reasons.iter().map(|why| why.field).collect::<Vec<_>>())
        };
        assert_eq!(fields("2026-11-24T12:09:54Z"), None);
        assert_eq!(fields("2026-11-24T12:09:55Z"), Some(vec!["time"]));
    }

    #[test]
    fn a_feed_may_name_the_indicator_or_what_was_touched() {
        let mut expectation = expectation();
        expectation.indicator.value = "52.184.".into();
        assert_eq!(judge(&expectation, [&alert()]).matches.len(), 1);
        let by_value = Alert { observables: vec!["52.184.".into()], ..alert() };
        assert_eq!(judge(&expectation, [&by_value]).matches.len(), 1);
    }

    #[test]
    fn the_nearest_miss_comes_first() {
        let far = Alert { id: "far".into(), device: device("x"), observables: vec![], ..alert() };
        let near = Alert { id: "near".into(), device: device("x"), ..alert() };
        let judgement = judge(&expectation(), [&far, &near]);
        let ids: Vec<_> = judgement.near_misses.iter().map(|miss| miss.alert.id.as_str()).collect();
        assert_eq!(ids, ["near", "far"]);
    }

    #[test]
    fn where_alerts_are_not_signed_what_was_touched_where_and_when_ties_them() {
        let unsigned = Expectation { signed: false, ..expectation() };
        let generic = Alert { title: "Generic".into(), description: "Of the service".into(), ..alert() };
        assert_eq!(judge(&unsigned, [&generic]).matches.len(), 1);
        assert_eq!(reasons(&generic), Some(vec!["marker"]), "where they are, it is nobody's");
        let of_another = Alert { description: Marker::of(1, "b.feature:1").sign("Of the service"), ..generic };
        assert!(judge(&unsigned, [&of_another]).matches.is_empty(), "another drill's is another drill's");
    }

    #[test]
    fn an_alert_that_has_grown_takes_the_place_of_what_it_was() {
        let first = Alert { observables: vec![], ..alert() };
        let mut judgement = judge(&expectation(), [&first]);
        assert_eq!((judgement.matches.len(), judgement.near_misses.len()), (0, 1));
        judgement.add(&expectation(), [&alert(), &alert()]);
        assert_eq!((judgement.matches.len(), judgement.near_misses.len()), (1, 0));
    }
}
