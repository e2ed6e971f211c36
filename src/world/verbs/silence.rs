//! The absence of an alert, which proves nothing by itself: it counts only beside a control that fired.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::{
    clock::later,
    domain::{
        alert::Alert,
        attribution::{Expectation, SKEW},
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
        // Whatever the subject's definition raised in this drill counts, on whichever device, and not only what followed
        // the last touch.
        let begun = self.started().saturating_sub(SKEW).unwrap_or(Timestamp::MIN);
        let signed = |alert: &&Arc<Alert>| subject.marker.is_in(&alert.description) && alert.last_happened_at >= begun;
        let whole_drill = Expectation { since: self.started(), ..subject.clone() };
        let raised = alerts.iter().find(signed).map(|alert| Alert::clone(alert));
        if let Some(alert) = raised.or_else(|| judge(&whole_drill, &alerts).matches.into_iter().next()) {
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
