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
    world::{World, alarm::Role, verbs::search::judge},
};

impl World {
    /// No alert of the subject came, once it has had the time to, while the control's did on the same device.
    pub async fn stays_silent(&mut self) -> Result<(), Failure> {
        let from = self.clock().now();
        let outcome = self.silence().await;
        self.attest(Link::Detection, from, outcome)
    }

    async fn silence(&mut self) -> Result<String, Failure> {
        let subject = self.expectation(Role::Subject)?;
        let control = self.expectation(Role::Control).ok();
        let settled = self.settled();
        let alerts = self.alerts_at(settled).await?;
        if let Some(alert) = self.first_raised(&subject, &alerts)? {
            return Err(Failure::new(Code::ExtraAlert, "an alert came that should not have")
                .expected("none")
                .saw(format!("{} `{}` on {} at {}", alert.id, alert.title, alert.device.name, alert.processed_at)));
        }
        let fired = control.is_some_and(|control| {
            let whole_drill = Expectation { since: self.started(), ..control };
            judge(&whole_drill, &alerts).matches.iter().any(|alert| alert.device.is(&subject.device))
        });
        if !fired {
            return Err(Failure::new(
                Code::Inconclusive,
                "no alert came, but neither did the control's, so the silence proves nothing",
            )
            .hint("put a control in effect, and let the same device contact the control's address"));
        }
        Ok(format!("none by {settled}, while the control's came"))
    }

    /// The first alert of the subject's in this drill that no step waited for, or that happened again since: not only what
    /// followed the last touch.
    fn first_raised<'a>(&self, subject: &Expectation, alerts: &'a [Arc<Alert>]) -> Result<Option<&'a Alert>, Failure> {
        let before = |moment: Timestamp| moment.saturating_sub(SKEW).unwrap_or(Timestamp::MIN);
        let (begun, touched) = (before(self.started()), before(subject.since));
        let whole_drill = Expectation { since: self.started(), ..subject.clone() };
        for alert in alerts.iter().map(AsRef::as_ref) {
            let is_past = alert.last_happened_at < begun
                || (self.awaited.contains(&alert.id) && alert.last_happened_at < touched);
            if !is_past && (bears(subject, alert) || self.could_be(&whole_drill, alert)?) {
                return Ok(Some(alert));
            }
        }
        Ok(None)
    }

    /// Whether an alert that does not bear the drill's marker is tied to the subject by what it names, and worded as the
    /// service words the subject's: another's alert of the same address on the same device is another's.
    fn could_be(&self, subject: &Expectation, alert: &Alert) -> Result<bool, Failure> {
        if attribution::judge(subject, [alert]).matches.is_empty() {
            return Ok(false);
        }
        let compared = self.compared(Role::Subject, alert)?;
        let is_wrong = |told: &Compared| matches!(told.finding, Finding::Wrong { .. });
        let tells_whose = |told: &Compared| ["source", "description"].contains(&told.field);
        Ok(!compared.iter().any(|told| tells_whose(told) && is_wrong(told)))
    }

    /// When every alert of what was done so far has had the time to come.
    fn settled(&self) -> Timestamp {
        let touched = self.alarms.values().filter_map(|alarm| alarm.touch.as_ref()).map(|touch| touch.at).max();
        let patience: SignedDuration = self.detection_patience();
        later(touched.unwrap_or_else(|| self.clock().now()), patience)
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
