//! The search for an alert: how long, what was found, what it is taken for, and what is written down of it.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp, Unit};

use crate::{
    clock::later,
    domain::{
        alert::Alert,
        appearance::{self, Appearance, Compared, Finding, Says},
        attribution::{self, Expectation, Judgement},
    },
    record::{
        chain::Link,
        failure::{Code, Failure},
        sighting::{Difference, Expected, Latencies, Sighting},
        wait::Wait,
    },
    services::error::ServiceError,
    watch::{self, Waited},
    world::{World, alarm::Role, trouble},
};

/// How a wait for an alert went.
pub(super) struct Search {
    pub(super) expectation: Expectation,
    pub(super) judgement: Judgement,
    pub(super) deadline: Timestamp,
    pub(super) looked_at: Timestamp,
    pub(super) waited: Waited<()>,
}

impl World {
    /// What the alert of `role` has to be, once something touched its indicator.
    pub(super) fn expectation(&self, role: Role) -> Result<Expectation, Failure> {
        self.alarm(role)?.expectation(self.appearance(role)?, self.started())
    }

    /// The same of everything that touched it, the first first.
    pub(super) fn expectations(&self, role: Role) -> Result<Vec<Expectation>, Failure> {
        self.alarm(role)?.expectations(self.appearance(role)?, self.started())
    }

    /// What the alert of `role` is documented to look like; none where none is documented to come.
    pub(super) fn appearance(&self, role: Role) -> Result<Option<Appearance>, Failure> {
        self.documented(role).map(|row| row.alert)
    }

    /// What is documented of alerts like that of `role`.
    pub(super) fn documented(&self, role: Role) -> Result<&'static appearance::Row, Failure> {
        let (service, indicator) = (self.lab().service, &self.alarm(role)?.indicator);
        let row = appearance::documented(service, indicator.action, indicator.kind, self.platform.as_deref());
        row.ok_or_else(|| {
            let what = format!("of a {} indicator with the action {}", indicator.kind, indicator.action);
            Failure::new(Code::Inconclusive, format!("nothing is known of the alert {what} on {service}"))
        })
    }

    /// Waits for the alert of `role`, and writes down what came of it.
    pub(super) async fn search(&mut self, role: Role, patience: SignedDuration) -> Result<Search, Failure> {
        let expectation = self.expectation(role)?;
        let deadline = later(expectation.since, patience);
        let last = watch::grace(expectation.since, deadline);
        let told = self.allow_look_at(last, (Link::Detection, "the alert"));
        let mut judgement = Judgement::default();
        let waited = self.lab().watch.until(expectation.since, last, |alerts| {
            judgement.add(&expectation, alerts.iter().map(AsRef::as_ref));
            (!judgement.matches.is_empty()).then_some(())
        });
        let waited = waited.await;
        drop(told);
        let looked_at = self.clock().now();
        let search = Search { expectation, judgement, deadline, looked_at, waited };
        self.note_search(role, &search)?;
        if let Some(time) = self.sighted.get(&role).and_then(|(sighting, _)| sighting.shown_after()) {
            self.lab().watch.learn(time);
        }
        Ok(search)
    }

    /// What the search is taken for: the alert in time, or why not.
    pub(super) fn judge(&self, role: Role, search: &Search) -> Result<String, Failure> {
        let Some(alert) = search.judgement.matches.first() else { return Err(self.why_none(role, search)) };
        if alert.processed_at > search.deadline {
            let late = spoken(alert.processed_at.duration_since(search.deadline));
            return Err(Failure::new(Code::LateAlert, format!("the alert came {late:#} after its time"))
                .expected(format!("by {}", search.deadline))
                .saw(format!("at {}", alert.processed_at))
                .hint("its own times tell when it happened and when it was ready; allow more, or look why it took so long"));
        }
        let latency = spoken(alert.processed_at.duration_since(search.expectation.since));
        let ready = format!("alert {} ready {latency:#} after the stimulus", alert.id);
        let shared = self.lingered(role, search.expectation.since).map_or_else(String::new, |vacated| {
            format!(
                "; how long propagation took cannot be told, for the same address was another drill's until {vacated}"
            )
        });
        Ok(format!("{ready}, seen at look {}{shared}", search.waited.looks.len()))
    }

    /// Why no alert was attributed: because none came, or because alertdrill cannot tell.
    fn why_none(&self, role: Role, search: &Search) -> Failure {
        if let Some(error) = search.waited.blind(search.deadline) {
            return unseen(error);
        }
        if let Err(too_early) = self.was_in_effect(role, search.expectation.since) {
            return too_early;
        }
        let Expectation { signed, marker, indicator, device, .. } = &search.expectation;
        let tie = if *signed { format!("signed with {marker}") } else { format!("that names {}", indicator.value) };
        let before =
            if self.lab().hunting.is_some() { "everything before it worked" } else { "nothing before it broke" };
        let failure = Failure::new(Code::NoAlert, format!("no alert came, though {before}"))
            .expected(format!("an alert {tie} on {} by {}", device.name, search.deadline));
        match search.judgement.near_misses.first() {
            None => failure.saw(format!("nothing like it in {} looks", search.waited.looks.len())).hint(
                "see in the tenant whether the definition is enabled and meant for this device, and whether its detection is on",
            ),
            Some(miss) => failure.saw(near_miss(miss)).hint("the nearest alert is shown with every reason against it"),
        }
    }

    /// What was published of `role` had to be in effect at the stimulus, which was at `since`: long enough, and still.
    pub(super) fn was_in_effect(&self, role: Role, since: Timestamp) -> Result<(), Failure> {
        if let Some(end) = self.alarm(role)?.indicator.expires_at.filter(|end| *end <= since) {
            let over = Failure::new(Code::NotPublished, "what was published had ended by itself before the stimulus")
                .expected(format!("a stimulus before {end}"))
                .saw(format!("one at {since}"))
                .hint("run fewer drills at a time, so that none waits for so long, or let it end later (`expires in`)");
            return self.attest(Link::Published, since, Err(over));
        }
        let Some(effective) = self.alarm(role)?.accepted_at.map(|accepted| self.in_effect_from(accepted)) else {
            return Ok(());
        };
        if since >= effective {
            return Ok(());
        }
        let early = "the stimulus came before what was published had to be in effect";
        let early = Failure::new(Code::NotYetEffective, early)
            .expected(format!("a stimulus at {effective} or later"))
            .saw(format!("one at {since}"))
            .hint("wait until it is in effect before the device contacts the indicator's address");
        self.attest(Link::Propagation, since, Err(early))
    }

    fn note_search(&mut self, role: Role, search: &Search) -> Result<(), Failure> {
        let expectation = &search.expectation;
        let first = search.judgement.matches.first();
        let accepted = self.alarm(role)?.accepted_at.unwrap_or(expectation.since);
        let compared = match first {
            Some(alert) => self.compared(role, alert)?,
            None => Vec::new(),
        };
        let wait = Wait {
            what: format!("the alert of {}", role.words()),
            from: expectation.since,
            until: search.looked_at,
            deadline: search.deadline,
            looks: search.waited.looks.clone(),
        };
        let sighting = Sighting {
            expected: self.expected(role, search)?,
            seen: search.judgement.matches.iter().map(Into::into).collect(),
            near_misses: search.judgement.near_misses.iter().take(NEAR_MISSES).map(Into::into).collect(),
            differences: compared.iter().filter_map(difference).collect(),
            latencies: first.map(|alert| {
                let known = self.lingered(role, expectation.since).is_none();
                let at_most = expectation.since.duration_since(accepted).as_secs_f64();
                Latencies {
                    propagation_at_least: self.silent_since(role, accepted).filter(|_| known),
                    propagation_at_most: known.then_some(at_most),
                    ..latencies(expectation, alert, search)
                }
            }),
        };
        self.recorder.note(|notes| {
            notes.waits.push(wait);
            notes.sightings.push(sighting.clone());
        });
        self.awaited.extend(first.map(|alert| alert.id.clone()));
        self.sighted.insert(role, (sighting, compared));
        Ok(())
    }

    /// The lower bound of propagation, in seconds: from `accepted` to the last stimulus of which no alert came though it had
    /// the time to.
    pub(super) fn silent_since(&self, role: Role, accepted: Timestamp) -> Option<f64> {
        let touch = self.alarm(role).ok()?.touch.as_ref()?;
        let silent = touch.silent_at(self.clock().now(), self.detection_patience())?;
        Some(silent.duration_since(accepted).as_secs_f64())
    }

    /// Every field of `alert` held against what is documented of it.
    pub(super) fn compared(&self, role: Role, alert: &Alert) -> Result<Vec<Compared>, Failure> {
        let Some(appearance) = self.appearance(role)? else { return Ok(Vec::new()) };
        let mut compared = appearance.compare(&self.alarm(role)?.definition_as_held(), alert);
        let sources = self.sources(role)?;
        let finding = if sources.contains(&alert.source.as_str()) {
            Finding::Services
        } else {
            Finding::Wrong { expected: sources.join("` or `") }
        };
        compared.push(Compared { field: "source", saw: alert.source.clone(), finding });
        Ok(compared)
    }

    /// What the reading service calls that which may raise the alert of `role`.
    fn sources(&self, role: Role) -> Result<Vec<&'static str>, Failure> {
        let (publisher, reader) = (self.lab().service, self.lab().alerts_by);
        let engine = self.documented(role)?.engine.then(|| appearance::engine(reader));
        Ok([appearance::source(publisher, reader)].into_iter().chain(engine).collect())
    }

    fn expected(&self, role: Role, search: &Search) -> Result<Expected, Failure> {
        let (expectation, definition) = (&search.expectation, self.alarm(role)?.definition_as_held());
        let says = self.appearance(role)?;
        let text = |says: Option<Says>, own: &str| match says {
            None | Some(Says::Own) => own.to_owned(),
            Some(Says::Fixed(text)) => text.to_owned(),
            Some(Says::Either(text)) => format!("{own} (or: {text})"),
            Some(Says::Generic) => "(a text of the service's own)".to_owned(),
        };
        Ok(Expected {
            title: text(says.map(|says| says.title), &definition.title),
            severity: text(says.map(|says| says.severity), definition.severity.as_str()),
            category: text(says.map(|says| says.category), &definition.category),
            description: text(says.map(|says| says.description), &definition.ux_description),
            source: self.sources(role)?.join(" or "),
            device: expectation.device.name.clone(),
            indicator: expectation.indicator.value.clone(),
            observable: expectation.observable.clone(),
            since: expectation.since,
            deadline: search.deadline,
        })
    }
}

/// What it means for the verdict that the tenant's alerts were refused, or that no look at them succeeded
/// when they were due.
pub(super) fn unseen(error: &ServiceError) -> Failure {
    let failure = trouble::of(error, Code::ServiceError);
    if error.is_final() {
        return failure;
    }
    Failure {
        what: format!("no look at the tenant's alerts succeeded when they were due: {}", failure.what),
        ..failure
    }
}

/// So many near misses are kept; the nearest are what explains.
const NEAR_MISSES: usize = 5;

/// Sorts the alerts that a watch has seen.
pub(super) fn judge(expectation: &Expectation, alerts: &[Arc<Alert>]) -> Judgement {
    attribution::judge(expectation, alerts.iter().map(AsRef::as_ref))
}

/// Those that are measured from the event on.
fn latencies(expectation: &Expectation, alert: &Alert, search: &Search) -> Latencies {
    Latencies {
        propagation_at_least: None,
        propagation_at_most: None,
        detection: alert.processed_at.duration_since(alert.happened_at).as_secs_f64(),
        until_seen: search.looked_at.duration_since(expectation.since).as_secs_f64(),
        resolution: watch::resolution(&search.waited.looks, expectation.since, search.looked_at).as_secs_f64(),
    }
}

/// A span as exact as anybody wants to read it.
fn spoken(span: SignedDuration) -> SignedDuration {
    span.round(Unit::Millisecond).unwrap_or(span)
}

pub(super) fn described(alert: &Alert) -> String {
    format!("{} `{}` on {} at {}", alert.id, alert.title, alert.device.name, alert.processed_at)
}

/// The same of all of them.
pub(super) fn listed(alerts: &[Alert]) -> String {
    if alerts.is_empty() { "none".into() } else { alerts.iter().map(described).collect::<Vec<_>>().join("; ") }
}

fn near_miss(miss: &attribution::NearMiss) -> String {
    let reasons =
        miss.reasons.iter().map(|reason| format!("{} is `{}`, not `{}`", reason.field, reason.saw, reason.expected));
    format!("the nearest: {}: {}", described(&miss.alert), reasons.collect::<Vec<_>>().join("; "))
}

fn difference(compared: &Compared) -> Option<Difference> {
    let Finding::Wrong { expected } = &compared.finding else { return None };
    Some(Difference { field: compared.field.into(), expected: expected.clone(), saw: compared.saw.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_told_to_the_millisecond() {
        assert_eq!(format!("{:#}", spoken(SignedDuration::new(843, 968_999_981))), "14m 3s 969ms");
    }
}
