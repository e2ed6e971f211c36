//! The alert: that it comes, in time, alone, names what it should, and shows what a table says.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::{
    clock::later,
    domain::{alert::Alert, appearance::Compared},
    record::{
        chain::Link,
        failure::{Code, Failure},
        sighting::{SeenAlert, Sighting},
        waiting::Waits,
    },
    world::{
        World,
        alarm::Role,
        verbs::search::{judge, listed, unseen},
    },
};

impl World {
    /// The alert of `role` comes within `patience` of the stimulus.
    pub async fn alert_within(&mut self, role: Role, patience: SignedDuration) -> Result<(), Failure> {
        let from = self.clock().now();
        let search = self.search(role, patience).await?;
        self.was_reported_by(search.judgement.matches.first());
        let outcome = match self.judge(role, &search) {
            Err(gap) if gap.code == Code::NoAlert => Err(self.gap(role, gap).await),
            judged => judged,
        };
        self.attest(Link::Detection, from, outcome)
    }

    /// A gap is only what remains when everything before it is proven to have worked: `gap`, or what broke before.
    async fn gap(&mut self, role: Role, gap: Failure) -> Failure {
        match self.all_before_it_worked(role).await {
            Ok(()) => self.as_far_as_witnessed(gap),
            Err(before) => before,
        }
    }

    async fn all_before_it_worked(&mut self, role: Role) -> Result<(), Failure> {
        self.still_holds(role).await?;
        self.was_reported(role).await
    }

    /// No more than `count` alerts of `role` have come once every alert of its stimulus has had the time to.
    pub async fn alerts_in_all(&mut self, role: Role, count: usize) -> Result<(), Failure> {
        let from = self.clock().now();
        let outcome = self.come_to_no_more(role, count).await;
        self.attest(Link::Detection, from, outcome)
    }

    async fn come_to_no_more(&mut self, role: Role, count: usize) -> Result<String, Failure> {
        let expectation = self.expectation(role)?;
        let settled = later(expectation.since, self.detection_patience());
        let alerts = self.alerts_at(settled.max(self.clock().now())).await?;
        let found = judge(&expectation, &alerts).matches;
        match found.len() {
            seen if seen == count => {
                self.narrow_propagation(role).map(|()| format!("{count} in all: {}", listed(&found)))
            }
            seen if seen > count => {
                let extra = Failure::new(Code::ExtraAlert, format!("{seen} alerts came, not {count}"))
                    .expected(format!("{count} for one stimulus"))
                    .saw(listed(&found));
                Err(self.too_many(role, expectation.since, extra))
            }
            seen => {
                self.was_in_effect(role, expectation.since)?;
                let gap = Failure::new(Code::NoAlert, format!("{seen} alerts came, not {count}"))
                    .expected(format!("{count} by {settled}"))
                    .saw(listed(&found))
                    .hint("put a step before this one that waits for the alert: it shows the nearest, and what is against it");
                Err(self.gap(role, gap).await)
            }
        }
    }

    /// The alert of `role` names the device that touched the indicator, and the indicator.
    pub fn alert_names_device_and_indicator(&mut self, role: Role) -> Result<(), Failure> {
        let from = self.clock().now();
        let wanted = self.alarm(role)?.touch.as_ref().map(|touch| touch.device.clone());
        let sighting = self.sighting(role)?;
        let seen = sighting.seen.first();
        let device = seen.map(|alert| alert.device.clone()).unwrap_or_default();
        let expected = &sighting.expected;
        let observables: Vec<_> = seen.into_iter().flat_map(SeenAlert::observables).collect();
        let named = observables.iter().find(|named| named.eq_ignore_ascii_case(&expected.indicator));
        let observable = named.or(observables.first()).copied().unwrap_or_default();
        let of_device = seen.zip(wanted).is_some_and(|(alert, wanted)| alert.names(&wanted));
        let holds = of_device && named.is_some();
        let outcome = if holds {
            Ok(format!("device {device}, indicator {observable}"))
        } else {
            Err(Failure::new(Code::WrongAlert, "the alert does not name the device and the indicator")
                .expected(format!("device `{}`, indicator `{}`", expected.device, expected.indicator))
                .saw(format!("device `{device}`, indicator `{observable}`"))
                .hint("see in the portal what the alert's evidence is: it may be filled in later, or the rule may map none"))
        };
        self.attest(Link::Check, from, outcome)
    }

    /// The alert of `role`, which was seen before, is still there.
    pub async fn alert_is_still_there(&mut self, role: Role) -> Result<(), Failure> {
        let id = self.sighting(role)?.seen.first().map(|alert| alert.id.clone()).unwrap_or_default();
        let since = self.sighting(role)?.expected.since;
        let mut alerts = self.lab().watch.read_again(since).await;
        if alerts.as_ref().is_err_and(|error| !error.is_final()) {
            let (deadline, _told) = self.allow_recovery();
            alerts = self.lab().watch.read_recovered(since, deadline).await;
        }
        let alerts = alerts.map_err(|error| unseen(&error))?;
        if alerts.iter().any(|alert| alert.id == id) {
            return Ok(());
        }
        Err(Failure::new(Code::NoAlert, format!("the alert {id} is gone"))
            .expected("it, as long as the tenant keeps alerts")
            .saw(if alerts.is_empty() { "no alert at all".into() } else { format!("{} others", alerts.len()) })
            .hint("see in the portal whether it was merged into another or hidden"))
    }

    /// The alert that was seen for `role`.
    pub(super) fn sighting(&self, role: Role) -> Result<&Sighting, Failure> {
        self.sighted(role).map(|(sighting, _)| sighting)
    }

    /// The alert that was seen for `role`, and how it compares with what is documented.
    pub(super) fn sighted(&self, role: Role) -> Result<&(Sighting, Vec<Compared>), Failure> {
        self.sighted.get(&role).filter(|(sighting, _)| !sighting.seen.is_empty()).ok_or_else(|| {
            Failure::new(Code::Inconclusive, "no alert was seen before this step, so nothing can be said of it")
                .hint("put a step before this one that waits for the alert")
        })
    }

    /// Every alert seen by `moment`, when it looks once; where that fails, by the first look after it that does not.
    pub(super) async fn alerts_at(&mut self, moment: Timestamp) -> Result<Vec<Arc<Alert>>, Failure> {
        let told = self.allow_look_at(moment, (Link::Detection, "every alert"));
        let mut waited = self.lab().watch.at(moment, self.started()).await;
        drop(told);
        if waited.blind(moment).is_some_and(|error| !error.is_final()) {
            let (deadline, _told) = self.allow_recovery();
            waited = self.lab().watch.recovered(self.started(), deadline).await;
        }
        if let Some(error) = waited.blind(moment) {
            return Err(unseen(error));
        }
        Ok(waited.found.unwrap_or_default())
    }

    /// Until when it is looked again where a look failed: an alert would have had the time to come once more.
    fn allow_recovery(&self) -> (Timestamp, Waits) {
        let deadline = later(self.clock().now(), self.detection_patience());
        (deadline, self.allow_look_at(deadline, (Link::Detection, "alerts to be readable again")))
    }

    pub(super) fn detection_patience(&self) -> SignedDuration {
        SignedDuration::try_from(self.lab().patience.detection.max(self.pace.detection)).unwrap_or(SignedDuration::MAX)
    }
}
