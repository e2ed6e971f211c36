//! Actions on devices: asked for, taken up by the device, done; live response among them.
//!
//! What an action has come to is a function of the time: everything that will happen to it is settled when the device
//! takes it up.

use std::time::Duration;

use jiff::Timestamp;

use crate::emulator::{
    noise, propagation,
    tenant::{Tenant, devices::Device},
};

/// What an action has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is what its name says")]
pub enum Status {
    Pending,
    InProgress,
    Succeeded,
    Failed,
    TimeOut,
    Cancelled,
}

/// A part of an action, done one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What it does, in the API's word; none where the action is one whole.
    pub command: String,
    /// What it is told, in order.
    pub params: Vec<(String, String)>,
    /// How long it takes.
    pub takes: Duration,
    /// Why it fails, if it does: the rest is not done.
    pub error: Option<String>,
    /// What it brings back.
    pub result: Option<Vec<u8>>,
}

/// A step at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// When it began, if it has.
    pub begun: Option<Timestamp>,
    /// When it ended, if it has.
    pub ended: Option<Timestamp>,
}

/// Who called an action off, when and why.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is what its name says")]
pub struct Cancellation {
    pub at: Timestamp,
    pub by: String,
    pub comment: String,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is what its name says")]
pub struct Order {
    pub kind: &'static str,
    pub scope: Option<String>,
    pub by: String,
    pub comment: String,
    pub external_id: Option<String>,
    /// The SHA-1 of the file that it is about.
    pub file: Option<String>,
    pub steps: Vec<Step>,
}

/// An action on a device.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is what its name says")]
pub struct Action {
    /// A GUID.
    pub id: String,
    pub order: Order,
    pub device: Device,
    pub created_at: Timestamp,
    /// When the device takes it up; none while it does not report.
    pub taken_up_at: Option<Timestamp>,
    /// Until when it waits for the device.
    pub waits_until: Timestamp,
    pub cancellation: Option<Cancellation>,
}

/// Why an action is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// One of its kind is under way on the device.
    Active,
    /// As many live response sessions as the tenant may have are under way.
    Sessions,
}

/// The API's word for live response.
pub const LIVE_RESPONSE: &str = "LiveResponse";

/// More actions than these push out the oldest: memory stays bounded.
const ACTIONS_AT_MOST: usize = 1_000;

/// How soon a device that reports takes an action up.
const TAKING_UP: Duration = Duration::from_secs(5);

impl Action {
    /// The steps at `now`.
    pub fn progress(&self, now: Timestamp) -> Vec<Progress> {
        let end = self.cancellation.as_ref().map_or(now, |cancellation| cancellation.at.min(now));
        let mut next = self.taken_up_at;
        let step = |step: &Step| {
            let begun = next.filter(|at| *at <= end);
            let ends = begun.map(|at| propagation::after(at, step.takes));
            next = ends.filter(|_| step.error.is_none());
            Progress { begun, ended: ends.filter(|at| *at <= end) }
        };
        self.order.steps.iter().map(step).collect()
    }

    /// What it has come to at `now`.
    pub fn status(&self, now: Timestamp) -> Status {
        if self.cancellation.as_ref().is_some_and(|cancellation| cancellation.at <= now) {
            return Status::Cancelled;
        }
        let progress = self.progress(now);
        let failed = |(step, progress): (&Step, &Progress)| step.error.is_some() && progress.ended.is_some();
        match self.taken_up_at {
            None if self.waits_until <= now => Status::TimeOut,
            Some(at) if at <= now => {
                if self.order.steps.iter().zip(&progress).any(failed) {
                    Status::Failed
                } else if progress.iter().all(|step| step.ended.is_some()) {
                    Status::Succeeded
                } else {
                    Status::InProgress
                }
            }
            _ => Status::Pending,
        }
    }

    /// When anything about it last changed, as seen at `now`.
    pub fn updated_at(&self, now: Timestamp) -> Timestamp {
        let steps = self.progress(now).into_iter().flat_map(|step| [step.begun, step.ended]).flatten();
        let waited = self.taken_up_at.is_none().then_some(self.waits_until);
        let cancelled = self.cancellation.as_ref().map(|cancellation| cancellation.at);
        let moments = steps.chain(waited).chain(cancelled).filter(|at| *at <= now);
        moments.fold(self.created_at, Timestamp::max)
    }

    fn is_under_way(&self, now: Timestamp) -> bool {
        matches!(self.status(now), Status::Pending | Status::InProgress)
    }
}

/// The actions of a tenant, the oldest first.
#[derive(Debug, Default)]
pub(in crate::emulator::tenant) struct Actions {
    kept: Vec<Action>,
    made: u64,
}

impl Tenant {
    /// Every action, the oldest first.
    pub fn actions(&self) -> &[Action] {
        &self.actions.kept
    }

    /// The action of this id.
    pub fn action(&self, id: &str) -> Option<&Action> {
        self.actions.kept.iter().find(|action| action.id.eq_ignore_ascii_case(id))
    }

    /// Takes an order for a device. One of a kind may be under way on a device at a time.
    pub fn act(&mut self, device: Device, order: Order, now: Timestamp) -> Result<Action, Refusal> {
        self.settle_actions(now);
        let under_way = || self.actions.kept.iter().filter(|action| action.is_under_way(now));
        if under_way().any(|action| action.device.id == device.id && action.order.kind == order.kind) {
            return Err(Refusal::Active);
        }
        let sessions = under_way().filter(|action| action.order.kind == LIVE_RESPONSE).count();
        if order.kind == LIVE_RESPONSE && sessions >= self.knobs.endpoint.live_response_sessions {
            return Err(Refusal::Sessions);
        }
        self.actions.made += 1;
        let action = Action {
            id: noise::guid(self.seed, &["action", &self.actions.made.to_string()]),
            taken_up_at: device.onboarded.then(|| propagation::after(now, TAKING_UP)),
            waits_until: propagation::after(now, self.knobs.endpoint.live_response_queue),
            order,
            device,
            created_at: now,
            cancellation: None,
        };
        if self.actions.kept.len() == ACTIONS_AT_MOST {
            self.actions.kept.remove(0);
        }
        self.actions.kept.push(action.clone());
        Ok(action)
    }

    /// Calls off the action of this id, if it is under way at `now`; false otherwise.
    pub fn cancel_action(&mut self, id: &str, cancellation: Cancellation) -> bool {
        let now = cancellation.at;
        let action = self.actions.kept.iter_mut().find(|action| action.id.eq_ignore_ascii_case(id));
        action.filter(|action| action.is_under_way(now)).is_some_and(|action| {
            action.cancellation = Some(cancellation);
            true
        })
    }

    /// Lets devices that report again take up what waits for them.
    pub(in crate::emulator) fn settle_actions(&mut self, now: Timestamp) {
        for action in &mut self.actions.kept {
            let waits = action.taken_up_at.is_none() && action.status(now) == Status::Pending;
            if waits && self.devices.get(&action.device.name).is_some_and(|device| device.onboarded) {
                action.taken_up_at = Some(propagation::after(now, TAKING_UP));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::{knobs::Knobs, tenant::FIRST_DEVICE};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).expect("a moment")
    }

    fn step(error: Option<&str>) -> Step {
        Step {
            command: "RunScript".into(),
            params: Vec::new(),
            takes: Duration::from_secs(10),
            error: error.map(str::to_owned),
            result: None,
        }
    }

    fn order(steps: Vec<Step>) -> Order {
        Order {
            kind: LIVE_RESPONSE,
            scope: None,
            by: "somebody".into(),
            comment: "a drill".into(),
            external_id: None,
            file: None,
            steps,
        }
    }

    fn device(tenant: &Tenant) -> Device {
        tenant.device(FIRST_DEVICE).expect("a device").clone()
    }

    #[test]
    fn steps_are_done_one_after_the_other_and_a_failure_ends_them() {
        let mut tenant = Tenant::new(7, Knobs::default());
        let steps = vec![step(None), step(Some("no such script")), step(None)];
        let action = tenant.act(device(&tenant), order(steps), at(0)).expect("taken");
        let statuses = [(4, Status::Pending), (5, Status::InProgress), (24, Status::InProgress), (25, Status::Failed)];
        for (second, status) in statuses {
            assert_eq!(action.status(at(second)), status, "{second}");
        }
        let ended: Vec<_> = action.progress(at(1000)).iter().map(|step| step.ended).collect();
        assert_eq!(ended, [Some(at(15)), Some(at(25)), None]);
        assert_eq!(action.updated_at(at(1000)), at(25));
    }

    #[test]
    fn one_at_a_time_on_a_device_and_so_many_in_a_tenant() {
        let mut tenant = Tenant::new(7, Knobs::default());
        tenant.knobs.endpoint.live_response_sessions = 1;
        let other = tenant.put_device("pc7", true).expect("room");
        tenant.act(device(&tenant), order(vec![step(None)]), at(0)).expect("taken");
        assert_eq!(tenant.act(device(&tenant), order(Vec::new()), at(14)), Err(Refusal::Active));
        assert_eq!(tenant.act(other.clone(), order(Vec::new()), at(14)), Err(Refusal::Sessions));
        assert!(tenant.act(other, order(Vec::new()), at(15)).is_ok(), "the first is done");
    }

    #[test]
    fn what_waits_for_a_device_is_taken_up_or_given_up_or_called_off() {
        let mut tenant = Tenant::new(7, Knobs::default());
        let silent = tenant.put_device("pc7", false).expect("room");
        let id = tenant.act(silent, order(vec![step(None)]), at(0)).expect("taken").id;
        let status = |tenant: &Tenant, second| tenant.action(&id).expect("kept").status(at(second));
        assert_eq!((status(&tenant, 7199), status(&tenant, 7200)), (Status::Pending, Status::TimeOut));
        tenant.put_device("pc7", true);
        tenant.settle_actions(at(100));
        assert_eq!((status(&tenant, 105), status(&tenant, 115)), (Status::InProgress, Status::Succeeded));
        let cancellation = |second| Cancellation { at: at(second), by: "x".into(), comment: String::new() };
        assert!(tenant.cancel_action(&id, cancellation(110)) && !tenant.cancel_action(&id, cancellation(111)));
        assert_eq!(status(&tenant, 200), Status::Cancelled);
    }
}
