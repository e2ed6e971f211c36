//! The alerts of a drill, closed as security tests when it ends, so that nobody works on them.
//!
//! Only what attribution gave to the drill, and only where it is the drill's alone: an open alert may take events of
//! others in, or have taken in the drill's.

use std::{collections::BTreeSet, net::IpAddr, sync::Arc, time::Duration};

use jiff::Timestamp;

use crate::{
    clock::limit::Allowance,
    domain::{attribution::SKEW, marker::Marker, service::Service, well_known::host_of},
    record::{drill::Undone, finding::Finding, recorder::Notes, sighting::SeenAlert},
    services::{
        error::ServiceError,
        permissions::{self, Purpose},
    },
    world::{World, closing::may_not},
};

/// So much real time, beyond what is waited for by the clock, is given to closing. What remains open is told; what
/// clean-up undid before is not lost over it.
const LIMIT: Duration = Duration::from_secs(45);

impl World {
    /// Closes the drill's alerts, and says which were closed; what was not is a finding.
    pub(in crate::world) async fn close_alerts(&mut self) -> Vec<Undone> {
        let lab = Arc::clone(self.lab());
        let Some(closing) = &lab.closing else { return Vec::new() };
        let own = Own {
            since: self.started().saturating_sub(SKEW).unwrap_or(Timestamp::MIN),
            markers: self.alarms.values().map(|alarm| alarm.marker.clone()).chain([self.marker()]).collect(),
            hosts: self.hosts(),
        };
        let seen = self.recorder.note(|notes| attributed(notes));
        let (mut ids, mut left) = (Vec::new(), Vec::new());
        for alert in seen {
            match own.alone(&alert) {
                Ok(()) => ids.push(alert.id),
                Err(why) => left.push(shared(&alert.id, why)),
            }
        }
        let mut closed = Vec::new();
        if !ids.is_empty() {
            let comment = format!("Security test: the alert of the drill {}, closed by alertdrill.", self.marker());
            let answers = self.clock().limit(&Allowance::new(LIMIT), closing.close(&ids, &comment)).await;
            match answers {
                Some(answers) => {
                    for (id, answer) in ids.into_iter().zip(answers) {
                        match answer {
                            Ok(()) => closed
                                .push(Undone { what: format!("alert {id} closed as a security test"), left: None }),
                            Err(error) => left.extend(not_closed(&id, &error, lab.alerts_by)),
                        }
                    }
                }
                None => left.push(open(
                    &ids.join(", "),
                    "the drill's alerts stay open",
                    format!("no answer within {LIMIT:?}"),
                )),
            }
        }
        self.recorder.note(|notes| notes.findings.extend(left));
        closed
    }

    /// Every host and address that the drill named or touched.
    fn hosts(&self) -> BTreeSet<String> {
        let named = self.alarms.values().flat_map(|alarm| {
            [Some(alarm.indicator.value.as_str()), alarm.touch.as_ref().map(|touch| touch.observable.as_str())]
        });
        let mut hosts: BTreeSet<_> = named.flatten().map(lower_host).collect();
        self.recorder.note(|notes| {
            let touched = notes.stimuli.iter().filter_map(|stimulus| stimulus.what.split_whitespace().last());
            hosts.extend(touched.map(lower_host));
        });
        hosts
    }
}

/// The alerts that attribution gave to the drill, each once, as it was seen last.
fn attributed(notes: &Notes) -> Vec<SeenAlert> {
    let mut alerts: Vec<SeenAlert> = Vec::new();
    for seen in notes.sightings.iter().flat_map(|sighting| &sighting.seen) {
        alerts.retain(|known| known.id != seen.id);
        alerts.push(seen.clone());
    }
    alerts
}

/// What is a drill's own.
struct Own {
    /// Nothing of it was before.
    since: Timestamp,
    markers: Vec<Marker>,
    hosts: BTreeSet<String>,
}

impl Own {
    /// That nothing in `alert` is somebody else's, or what is.
    fn alone(&self, alert: &SeenAlert) -> Result<(), String> {
        if alert.happened_at < self.since {
            return Err(format!("it began at {}, before the drill did", alert.happened_at));
        }
        match alert.observables().find(|observable| self.is_foreign(observable)) {
            Some(foreign) => Err(format!("it names {foreign} as well")),
            None => Ok(()),
        }
    }

    /// A hash may be that of the program that did it, and where no address was touched, an address may be what a host's
    /// name led to: neither tells of somebody else.
    fn is_foreign(&self, observable: &str) -> bool {
        let host = lower_host(observable);
        let is_address = |host: &str| host.parse::<IpAddr>().is_ok();
        let is_hash = matches!(host.len(), 32 | 40 | 64) && host.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_own = self.hosts.contains(&host) || self.markers.iter().any(|marker| host.contains(marker.as_str()));
        let led_to = is_address(&host) && !self.hosts.iter().any(|own| is_address(own));
        !(is_own || is_hash || led_to)
    }
}

fn lower_host(value: &str) -> String {
    host_of(value).to_ascii_lowercase()
}

fn shared(id: &str, why: String) -> Finding {
    open(id, "it may be somebody else's as well", why)
}

/// What is told of an alert that was not closed; nothing where the service closes none.
fn not_closed(id: &str, error: &ServiceError, service: Service) -> Option<Finding> {
    match error {
        ServiceError::Unsupported { .. } => None,
        error if may_not(error) => {
            let granted = permissions::least(service, Purpose::CloseAlerts);
            let granted = granted.map_or_else(|| "the permission".into(), |permission| permission.to_string());
            let why = format!(
                "the application may not close alerts (grant it {granted}, with admin consent, or set `close_alerts = false` \
                 in the tenant's table)"
            );
            Some(open(id, &why, error.to_string()))
        }
        error => Some(open(id, "the tenant did not close it", error.to_string())),
    }
}

fn open(id: &str, why: &str, saw: String) -> Finding {
    Finding {
        what: format!("alert {id} stays open: {why}"),
        documented: "the alert of a drill is closed as a security test when the drill ends".into(),
        saw,
        source: "README, running against your tenant".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alert(happened_at: &str, observables: &[&str]) -> SeenAlert {
        let at: Timestamp = happened_at.parse().expect("a timestamp");
        SeenAlert {
            id: "1".into(),
            part: 0,
            title: String::new(),
            severity: String::new(),
            category: String::new(),
            description: String::new(),
            source: String::new(),
            device: String::new(),
            device_id: String::new(),
            observable: observables.first().map(|text| (*text).to_owned()),
            further_observables: observables.iter().skip(1).map(|text| (*text).to_owned()).collect(),
            entities: Vec::new(),
            happened_at: at,
            processed_at: at,
            link: None,
            original: None,
        }
    }

    fn own(hosts: &[&str]) -> Own {
        Own {
            since: "2026-11-24T12:00:00Z".parse().expect("a timestamp"),
            markers: vec![Marker::of(1, "a")],
            hosts: hosts.iter().map(|host| lower_host(host)).collect(),
        }
    }

    #[test]
    fn an_alert_that_names_what_the_drill_named_or_touched_alone_is_its_own() {
        let minted = format!("http://www.{}.example/x", Marker::of(1, "a"));
        let hash = "a".repeat(64);
        for (hosts, named) in [
            (vec!["evil.example"], vec!["evil.example", "http://Evil.example:80/a", &hash]),
            (vec!["evil.example"], vec![minted.as_str(), "203.0.113.9"]),
            (vec!["52.184.197.12"], vec!["52.184.197.12", "http://52.184.197.12/"]),
            (vec!["2001:db8::1"], vec!["2001:db8::1", "http://[2001:db8::1]/"]),
        ] {
            assert_eq!(own(&hosts).alone(&alert("2026-11-24T12:00:01Z", &named)), Ok(()), "{named:?}");
        }
    }

    #[test]
    fn an_alert_that_names_more_or_began_before_is_left_open() {
        for (hosts, named, why) in [
            (vec!["evil.example"], vec!["evil.example", "other.example"], "it names other.example as well"),
            (vec!["52.184.197.12"], vec!["52.184.197.12", "203.0.113.9"], "it names 203.0.113.9 as well"),
            (vec!["evil.example"], vec!["http://evil.example.other/"], "it names http://evil.example.other/ as well"),
        ] {
            assert_eq!(own(&hosts).alone(&alert("2026-11-24T12:00:01Z", &named)), Err(why.to_owned()));
        }
        let before = own(&["evil.example"]).alone(&alert("2026-11-24T11:00:00Z", &["evil.example"]));
        assert_eq!(before, Err("it began at 2026-11-24T11:00:00Z, before the drill did".into()));
    }
}
