//! The absence of an alert, which proves nothing by itself: it counts only beside a control that fired.

use jiff::{SignedDuration, Timestamp};

use crate::{
    clock::later,
    domain::attribution::{Expectation, SKEW},
    record::{
        chain::Link,
        failure::{Code, Failure},
    },
    world::{
        World,
        alarm::{Alarm, Role},
        verbs::expect::judge,
    },
};

impl World {
    /// No alert of the subject came, once it has had the time to, while the control's did on the same device.
    pub async fn stays_silent(&mut self) -> Result<(), Failure> {
        let from = self.clock().now();
        let outcome = self.silence().await;
        self.attest(Link::Detection, from, outcome)
    }

    async fn silence(&mut self) -> Result<String, Failure> {
        let subject = self.alarm(Role::Subject)?.expectation()?;
        let control = self.alarm(Role::Control).and_then(Alarm::expectation).ok();
        let settled = self.settled();
        let alerts = self.alerts_at(settled).await?;
        // Whatever the subject's definition raised in this drill counts, on whichever device, and not only what followed
        // the last touch.
        let begun = self.started().saturating_sub(SKEW).unwrap_or(Timestamp::MIN);
        let raised = alerts.iter().find(|alert| subject.marker.is_in(&alert.description) && alert.happened_at >= begun);
        if let Some(alert) = raised {
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

    /// When every alert of what was done so far has had the time to come.
    fn settled(&self) -> Timestamp {
        let touched = self.alarms.values().filter_map(|alarm| alarm.touch.as_ref()).map(|touch| touch.at).max();
        let patience: SignedDuration = self.detection_patience();
        later(touched.unwrap_or_else(|| self.clock().now()), patience)
    }
}
