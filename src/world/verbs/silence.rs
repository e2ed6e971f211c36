//! The absence of an alert, which proves nothing by itself: it counts only beside a control that fired.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::{
    clock::later,
    domain::{
        alert::Alert,
        appearance::{Compared, Finding},
        attribution::{self, Expectation, SKEW},
        marker::Marker,
    },
    record::{
        chain::Link,
        failure::{Code, Failure},
    },
    world::{
        World,
        alarm::Role,
        verbs::search::{described, judge},
    },
};

impl World {
    /// No alert of the subject came, once it has had the time to, while the control's did on the same device.
    pub async fn stays_silent(&mut self) -> Result<(), Failure> {
        let from = self.clock().now();
        let window = Window { until: self.settled(self.detection_patience()), whole: true };
        let outcome = self.silence(window).await;
        self.attest(Link::Detection, from, outcome)
    }

    /// No alert of the subject came within `span` of the last stimulus, while the control's did on the same device.
    pub async fn stays_silent_within(&mut self, span: SignedDuration) -> Result<(), Failure> {
        let from = self.clock().now();
        let outcome = self.silence(Window { until: self.settled(span), whole: false }).await;
        self.attest(Link::Detection, from, outcome)
    }

    async fn silence(&mut self, window: Window) -> Result<String, Failure> {
        let subject = self.expectation(Role::Subject)?;
        let settled = window.until;
        let alerts = self.alerts_at(settled).await?;
        let alerts: Vec<_> = alerts.into_iter().filter(|alert| window.holds(alert)).collect();
        let raised = self.raised(&subject, &alerts);
        if let Some(alert) = raised.iter().copied().find(|alert| bears(&subject, alert) || self.is_worded_so(alert)) {
            self.was_reported_by(Some(alert));
            let extra = Failure::new(Code::ExtraAlert, "an alert came that should not have")
                .expected("none")
                .saw(described(alert))
                .hint("look whether the indicator sees more than it names, or is still in effect");
            return Err(self.unless_it_lingered(Role::Subject, subject.since, extra));
        }
        if let Some(alert) = raised.first() {
            let what = "an alert came that names the same, though the service words none of the indicator's so";
            return Err(Failure::new(Code::Inconclusive, format!("{what}: whose it is cannot be told"))
                .expected("none")
                .saw(described(alert))
                .hint("see in the portal what raised it, and let the drill use an address that nobody else does"));
        }
        let Some(control) = self.control_fired(&subject, &alerts) else {
            return Err(Failure::new(
                Code::Inconclusive,
                "no alert came, but neither did the control's, so the silence proves nothing",
            )
            .expected(format!("the control's alert on {} by {settled}", subject.device.name))
            .saw("none")
            .hint(
                "put a control in effect, let the same device contact the control's address right after, and wait as \
                 long as its alert needs",
            ));
        };
        self.was_reported_by(Some(&control));
        self.is_where_it_should_be().await?;
        Ok(format!("none by {settled}, while the control's came"))
    }

    /// The control's alert among `alerts`, for something that the device of `subject` did in the same window: one that is
    /// older than what was done is not of that.
    pub(super) fn control_fired(&self, subject: &Expectation, alerts: &[Arc<Alert>]) -> Option<Alert> {
        // What fired longer ago says nothing of a sensor that may have gone deaf since.
        let beside = later(subject.since, -self.detection_patience());
        let controls = self.expectations(Role::Control).ok()?;
        let in_window = controls.iter().filter(|control| control.since >= beside);
        in_window.flat_map(|control| judge(control, alerts).matches).find(|alert| alert.device.is(&subject.device))
    }

    /// What should keep silent is still there, where it should be: of what a tenant has forgotten, anything is silent.
    async fn is_where_it_should_be(&mut self) -> Result<(), Failure> {
        let now = self.clock().now();
        let alarm = self.alarm(Role::Subject)?;
        // What ended while nobody judged may have ended at any time.
        let is_over = !self.is_gone && alarm.indicator.expires_at.is_some_and(|end| end <= now);
        if is_over || alarm.removed { Ok(()) } else { self.still_holds(Role::Subject).await }
    }

    /// The alerts that could be the subject's in this drill, and that no step waited for, or that happened again since: not
    /// only what followed the last touch.
    fn raised<'a>(&self, subject: &Expectation, alerts: &'a [Arc<Alert>]) -> Vec<&'a Alert> {
        let before = |moment: Timestamp| moment.saturating_sub(SKEW).unwrap_or(Timestamp::MIN);
        let (begun, touched) = (before(self.started()), before(subject.since));
        let whole_drill = Expectation { since: self.started(), ..subject.clone() };
        let is_past = |alert: &Alert| {
            alert.last_happened_at < begun || (self.awaited.contains(&alert.id) && alert.last_happened_at < touched)
        };
        let could_be =
            |alert: &Alert| bears(subject, alert) || !attribution::judge(&whole_drill, [alert]).matches.is_empty();
        alerts.iter().map(AsRef::as_ref).filter(|alert| !is_past(alert) && could_be(alert)).collect()
    }

    /// Whether `alert` is worded as the service words the subject's, or nothing is documented of that: the words tell it
    /// from another's of the same address on the same device.
    fn is_worded_so(&self, alert: &Alert) -> bool {
        let is_wrong = |told: &Compared| matches!(told.finding, Finding::Wrong { .. });
        let tells_whose = |told: &Compared| ["source", "description"].contains(&told.field);
        let compared = self.compared(Role::Subject, alert).unwrap_or_default();
        !compared.iter().any(|told| tells_whose(told) && is_wrong(told))
    }

    /// When every alert of what was done so far has had `patience` to come.
    fn settled(&self, patience: SignedDuration) -> Timestamp {
        let touched = self.alarms.values().filter_map(|alarm| alarm.touch.as_ref()).map(|touch| touch.at).max();
        later(touched.unwrap_or_else(|| self.clock().now()), patience)
    }
}

/// Until when there has to be silence.
#[derive(Debug, Clone, Copy)]
struct Window {
    until: Timestamp,
    /// Whether whatever comes later breaks it as well.
    whole: bool,
}

impl Window {
    /// Whether `alert` counts. One that has taken in further events tells no more when it first came: it does.
    fn holds(self, alert: &Alert) -> bool {
        self.whole || alert.processed_at <= self.until || alert.last_happened_at > alert.happened_at
    }
}

/// Whether `alert` bears the marker of `subject`: in its description, or in what it names where that was minted. On
/// whichever device, for no other drill has it.
fn bears(subject: &Expectation, alert: &Alert) -> bool {
    let value = &subject.indicator.value;
    let minted = value.to_ascii_lowercase().contains(subject.marker.as_str());
    let named = |observable: &String| observable.eq_ignore_ascii_case(value);
    subject.marker.is_in(&alert.description)
        || (minted && !Marker::signs(&alert.description) && alert.observables.iter().any(named))
}
