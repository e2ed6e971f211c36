//! The alert: that it comes, in time, alone, and says what it should.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::{
    clock::later,
    domain::{
        alert::Alert,
        attribution::{self, Expectation, Judgement},
    },
    record::{
        chain::Link,
        failure::{Code, Failure},
        sighting::{Expected, Latencies, SeenAlert, Sighting},
        wait::Wait,
    },
    services::error::ServiceError,
    watch::{self, Waited},
    world::{World, alarm::Role, trouble, verbs::draft::Row},
};

/// How a wait for an alert went.
struct Search {
    expectation: Expectation,
    judgement: Judgement,
    deadline: Timestamp,
    looked_at: Timestamp,
    waited: Waited<()>,
}

impl World {
    /// The alert of `role` comes within `patience` of the stimulus.
    pub async fn alert_within(&mut self, role: Role, patience: SignedDuration) -> Result<(), Failure> {
        let from = self.clock().now();
        let search = self.search(role, patience).await?;
        self.note_search(role, &search)?;
        let mut outcome = self.judge(role, &search);
        if outcome.as_ref().is_err_and(|failure| failure.code == Code::NoAlert) {
            // A gap is only what remains when everything before it is proven to have worked.
            if let Err(not_held) = self.still_holds(role).await {
                outcome = Err(not_held);
            }
        }
        self.attest(Link::Detection, from, outcome)
    }

    /// No more than `count` alerts of `role` have come once every alert of its stimulus has had the time to.
    pub async fn alerts_in_all(&mut self, role: Role, count: usize) -> Result<(), Failure> {
        let expectation = self.alarm(role)?.expectation()?;
        let settled = later(expectation.since, self.detection_patience());
        let alerts = self.alerts_at(settled.max(self.clock().now())).await?;
        let found = judge(&expectation, &alerts).matches;
        match found.len() {
            seen if seen == count => Ok(()),
            seen if seen > count => Err(Failure::new(Code::ExtraAlert, format!("{seen} alerts came, not {count}"))
                .expected(format!("{count} for one stimulus"))
                .saw(found.iter().map(described).collect::<Vec<_>>().join("; "))),
            seen => Err(Failure::new(Code::NoAlert, format!("{seen} alerts came, not {count}"))),
        }
    }

    /// The alert of `role` says what its definition says, field by field.
    pub fn alert_says_what_its_definition_says(&mut self, role: Role) -> Result<(), Failure> {
        let from = self.clock().now();
        let sighting = self.sighting(role)?;
        let outcome = if sighting.differences.is_empty() {
            Ok("title, severity, category, description and source are the definition's".to_owned())
        } else {
            let (expected, saw): (Vec<_>, Vec<_>) = sighting
                .differences
                .iter()
                .map(|difference| {
                    let field = &difference.field;
                    (format!("{field} `{}`", difference.expected), format!("{field} `{}`", difference.saw))
                })
                .unzip();
            Err(Failure::new(Code::WrongAlert, "the alert does not say what its definition says")
                .expected(expected.join(", "))
                .saw(saw.join(", ")))
        };
        self.attest(Link::Check, from, outcome)
    }

    /// The alert of `role` names the device that touched the indicator, and the indicator.
    pub fn alert_names_device_and_indicator(&mut self, role: Role) -> Result<(), Failure> {
        let from = self.clock().now();
        let sighting = self.sighting(role)?;
        let seen = sighting.seen.first();
        let device = seen.map(|alert| alert.device.clone()).unwrap_or_default();
        let observable = seen.and_then(|alert| alert.observable.clone()).unwrap_or_default();
        let expected = &sighting.expected;
        let holds =
            device.eq_ignore_ascii_case(&expected.device) && observable.eq_ignore_ascii_case(&expected.indicator);
        let outcome = if holds {
            Ok(format!("device {device}, indicator {observable}"))
        } else {
            Err(Failure::new(Code::WrongAlert, "the alert does not name the device and the indicator")
                .expected(format!("device `{}`, indicator `{}`", expected.device, expected.indicator))
                .saw(format!("device `{device}`, indicator `{observable}`")))
        };
        self.attest(Link::Check, from, outcome)
    }

    /// The alert of `role` shows the texts of the table, field by field.
    pub fn alert_shows(&mut self, role: Role, rows: &[Row]) -> Result<(), Failure> {
        let marker = self.marker_of(role);
        let sighting = self.sighting(role)?;
        let seen = sighting.seen.first().cloned();
        for (field, text) in rows {
            let expected = marker.fill(text);
            let saw = seen.as_ref().and_then(|alert| shown(alert, field)).ok_or_else(|| {
                Failure::new(Code::Inconclusive, format!("an alert has no field `{field}`"))
                    .expected("one of: title, severity, category, description, source, device, indicator")
                    .hint("correct the feature")
            })?;
            if saw != expected {
                return Err(Failure::new(Code::WrongAlert, format!("the alert shows another {field}"))
                    .expected(expected)
                    .saw(saw));
            }
        }
        Ok(())
    }

    /// The alert of `role`, which was seen before, is still there.
    pub async fn alert_is_still_there(&mut self, role: Role) -> Result<(), Failure> {
        let id = self.sighting(role)?.seen.first().map(|alert| alert.id.clone()).unwrap_or_default();
        let since = self.sighting(role)?.expected.since;
        let alerts = self.lab().watch.read_again(since).await;
        let alerts = alerts.map_err(|error| trouble::of(&error, Code::ServiceError))?;
        if alerts.iter().any(|alert| alert.id == id) {
            return Ok(());
        }
        Err(Failure::new(Code::NoAlert, format!("the alert {id} is gone")))
    }

    /// The alert that was seen for `role`.
    fn sighting(&self, role: Role) -> Result<Sighting, Failure> {
        let marker = self.alarm(role)?.marker.clone();
        let found = self.recorder.note(|notes| {
            let ours = |sighting: &&Sighting| marker.is_in(&sighting.expected.description) && !sighting.seen.is_empty();
            notes.sightings.iter().rev().find(ours).cloned()
        });
        found.ok_or_else(|| {
            Failure::new(Code::Inconclusive, "no alert was seen before this step, so nothing can be said of it")
                .hint("put a step before this one that waits for the alert")
        })
    }

    async fn search(&mut self, role: Role, patience: SignedDuration) -> Result<Search, Failure> {
        let expectation = self.alarm(role)?.expectation()?;
        let deadline = later(expectation.since, patience);
        let last = watch::grace(expectation.since, deadline);
        self.allow_until(last);
        let mut judgement = Judgement::default();
        let waited = self.lab().watch.until(expectation.since, last, |alerts| {
            judgement.add(&expectation, alerts.iter().map(AsRef::as_ref));
            (!judgement.matches.is_empty()).then_some(())
        });
        let waited = waited.await;
        Ok(Search { expectation, judgement, deadline, looked_at: self.clock().now(), waited })
    }

    fn judge(&self, role: Role, search: &Search) -> Result<String, Failure> {
        let Some(alert) = search.judgement.matches.first() else { return Err(self.why_none(role, search)) };
        if alert.processed_at > search.deadline {
            let late = alert.processed_at.duration_since(search.deadline);
            return Err(Failure::new(Code::LateAlert, format!("the alert came {late:#} after its time"))
                .expected(format!("by {}", search.deadline))
                .saw(format!("at {}", alert.processed_at)));
        }
        let latency = alert.processed_at.duration_since(search.expectation.since);
        Ok(format!(
            "alert {} ready {latency:#} after the stimulus, seen at look {}",
            alert.id,
            search.waited.looks.len()
        ))
    }

    /// Why no alert was attributed: because none came, or because alertdrill cannot tell.
    fn why_none(&self, role: Role, search: &Search) -> Failure {
        if let Some(error) = search.waited.blind() {
            return unseen(error);
        }
        if let Some(effective) = self.not_yet_effective(role, search.expectation.since) {
            return Failure::new(
                Code::NotYetEffective,
                "the stimulus came before what was published had to be in effect",
            )
            .expected(format!("a stimulus at {effective} or later"))
            .saw(format!("one at {}", search.expectation.since))
            .hint("wait until it is in effect before the device contacts the indicator's address");
        }
        let failure =
            Failure::new(Code::NoAlert, "no alert came, though everything before it worked").expected(format!(
                "an alert signed with {} on {} by {}",
                search.expectation.marker, search.expectation.device.name, search.deadline
            ));
        match search.judgement.near_misses.first() {
            None => failure.saw(format!("nothing like it in {} looks", search.waited.looks.len())),
            Some(miss) => failure.saw(near_miss(miss)).hint("the nearest alert is shown with every reason against it"),
        }
    }

    fn not_yet_effective(&self, role: Role, since: Timestamp) -> Option<Timestamp> {
        let accepted = self.alarm(role).ok()?.accepted_at?;
        let effective = self.in_effect_from(accepted);
        (since < effective).then_some(effective)
    }

    fn note_search(&self, role: Role, search: &Search) -> Result<(), Failure> {
        let alarm = self.alarm(role)?;
        let expectation = &search.expectation;
        let first = search.judgement.matches.first();
        let accepted = alarm.accepted_at.unwrap_or(expectation.since);
        let wait = Wait {
            what: format!("the alert of {}", role.words()),
            from: expectation.since,
            until: search.looked_at,
            deadline: search.deadline,
            looks: search.waited.looks.clone(),
        };
        let sighting = Sighting {
            expected: expected(expectation, search.deadline),
            seen: search.judgement.matches.iter().map(Into::into).collect(),
            near_misses: search.judgement.near_misses.iter().take(NEAR_MISSES).map(Into::into).collect(),
            differences: first
                .map(|alert| attribution::differences(&expectation.definition, alert))
                .unwrap_or_default()
                .iter()
                .map(Into::into)
                .collect(),
            latencies: first.map(|alert| latencies(expectation, alert, accepted, search)),
        };
        self.recorder.note(|notes| {
            notes.waits.push(wait);
            notes.sightings.push(sighting);
        });
        Ok(())
    }

    /// Every alert seen by `moment`, when it looks once.
    pub(super) async fn alerts_at(&mut self, moment: Timestamp) -> Result<Vec<Arc<Alert>>, Failure> {
        self.allow_until(moment);
        let waited = self.lab().watch.at(moment).await;
        if let Some(error) = waited.blind() {
            return Err(unseen(error));
        }
        Ok(waited.found.unwrap_or_default())
    }

    pub(super) fn detection_patience(&self) -> SignedDuration {
        SignedDuration::try_from(self.lab().patience.detection).unwrap_or(SignedDuration::MAX)
    }
}

/// What it means for the verdict that the tenant's alerts were refused, or that no look at them succeeded.
fn unseen(error: &ServiceError) -> Failure {
    let failure = trouble::of(error, Code::ServiceError);
    if error.is_final() {
        return failure;
    }
    Failure { what: format!("no look at the tenant's alerts succeeded: {}", failure.what), ..failure }
}

/// So many near misses are kept; the nearest are what explains.
const NEAR_MISSES: usize = 5;

/// Sorts the alerts that a watch has seen.
pub(super) fn judge(expectation: &Expectation, alerts: &[Arc<Alert>]) -> Judgement {
    attribution::judge(expectation, alerts.iter().map(AsRef::as_ref))
}

fn expected(expectation: &Expectation, deadline: Timestamp) -> Expected {
    let definition = &expectation.definition;
    Expected {
        title: definition.title.clone(),
        severity: definition.severity.to_string(),
        category: definition.category.clone(),
        description: definition.ux_description.clone(),
        source: attribution::SOURCE.into(),
        device: expectation.device.name.clone(),
        indicator: expectation.indicator.value.clone(),
        observable: expectation.observable.clone(),
        since: expectation.since,
        deadline,
    }
}

fn latencies(expectation: &Expectation, alert: &Alert, accepted: Timestamp, search: &Search) -> Latencies {
    Latencies {
        propagation_at_most: expectation.since.duration_since(accepted).as_secs_f64(),
        detection: alert.processed_at.duration_since(alert.happened_at).as_secs_f64(),
        until_seen: search.looked_at.duration_since(expectation.since).as_secs_f64(),
        resolution: watch::resolution(&search.waited.looks, expectation.since, search.looked_at).as_secs_f64(),
    }
}

fn described(alert: &Alert) -> String {
    format!("{} `{}` on {} at {}", alert.id, alert.title, alert.device.name, alert.processed_at)
}

fn near_miss(miss: &attribution::NearMiss) -> String {
    let reasons =
        miss.reasons.iter().map(|reason| format!("{} is `{}`, not `{}`", reason.field, reason.saw, reason.expected));
    format!("the nearest: {}: {}", described(&miss.alert), reasons.collect::<Vec<_>>().join("; "))
}

fn shown(alert: &SeenAlert, field: &str) -> Option<String> {
    Some(match field.to_ascii_lowercase().as_str() {
        "title" => alert.title.clone(),
        "severity" => alert.severity.clone(),
        "category" => alert.category.clone(),
        "description" => alert.description.clone(),
        "source" => alert.source.clone(),
        "device" => alert.device.clone(),
        "indicator" => alert.observable.clone().unwrap_or_default(),
        _ => return None,
    })
}
