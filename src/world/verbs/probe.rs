//! Propagation, probed: the device does the same again and again, until an alert tells that it was seen.
//!
//! So propagation and detection come out as two numbers. Each attempt has an identity of its own: its moment, and a number
//! in the address that is requested; and the alert says when what raised it happened.
//!
//! An attempt that is not answered is no evidence, and may have been seen all the same: others follow it.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::{
    clock::later,
    domain::{
        alert::Alert,
        attribution::{self, SKEW},
        indicator::Kind,
    },
    record::{
        chain::Link,
        failure::{Code, Failure},
    },
    traffic::http,
    watch::cadence::Gaps,
    world::{World, alarm::Role},
};

/// The attempt that has to be seen is made again where it is not answered, so often,
const AGAIN: usize = 4;

/// and so long after the one before.
const SOON: SignedDuration = SignedDuration::from_secs(30);

/// An attempt, and why it is no evidence, if it was not answered.
struct Attempt {
    at: Timestamp,
    outcome: Result<String, Failure>,
}

/// From one attempt to the next: soon at first, and ever more rarely, for each is followed by a look at the alerts.
const ATTEMPTS: Gaps = Gaps { first: SignedDuration::from_mins(1), longest: SignedDuration::from_mins(16) };

/// When attempt number `count` after the `first` is due, the last of which is made when propagation has to be over. No two
/// are so close that an alert could be of either.
fn next_attempt(first: Timestamp, count: u32, effective: Timestamp) -> Timestamp {
    let due = ATTEMPTS.next(first, count, effective);
    if later(due, SOON) > effective { effective } else { due }
}

impl World {
    /// The device contacts the address of the indicator of `role`, again and again, until an alert of it is seen or the
    /// attempt that is surely seen has been made; with a fixed wait, once, when it is surely in effect.
    pub async fn contact_until_alert(&mut self, role: Role) -> Result<(), Failure> {
        if self.lab().fixed_wait {
            self.wait_until_in_effect().await?;
            return self.contact_indicator(role).await;
        }
        let alarm = self.alarm(role)?;
        let accepted = alarm.accepted_at.ok_or_else(|| {
            Failure::new(Code::Inconclusive, "nothing was published, so nothing can take effect")
                .hint("put a step before this one that publishes something")
        })?;
        let touches = alarm.touches();
        let (attempts, raised) = self.probe(role, self.in_effect_from(accepted)).await?;
        self.alarm_mut(role)?.only_probed_after(touches);
        let outcome = match &raised {
            Some(alert) => {
                let place = attempts.partition_point(|attempt| attempt.at <= later(alert.happened_at, SKEW)).max(1) - 1;
                self.settle_on(role, &attempts, place)?;
                // The attempts are minutes apart.
                let span = SignedDuration::from_secs(attempts[place].at.duration_since(accepted).as_secs());
                format!("in effect at the latest {span:#} after it was accepted, at attempt {}", place + 1)
            }
            None => format!("no alert of {} attempts, the last when propagation had to be over", attempts.len()),
        };
        self.attest_attempts(attempts, raised.is_some())?;
        self.attest(Link::Propagation, accepted, Ok(outcome))
    }

    /// Makes attempts until an alert is seen, and returns them, and the alert.
    async fn probe(&mut self, role: Role, effective: Timestamp) -> Result<(Vec<Attempt>, Option<Alert>), Failure> {
        let mut attempts: Vec<Attempt> = Vec::new();
        let mut last_tries = 0;
        let surely_seen = later(effective.max(self.clock().now()), self.detection_patience());
        let _told = self.tells(Link::Propagation, "an alert of a probe", surely_seen);
        loop {
            let now = self.clock().now();
            let outcome = self.attempt(role, attempts.len() + 1).await?;
            let answered = outcome.is_ok();
            attempts.push(Attempt { at: now, outcome });
            last_tries += usize::from(now >= effective);
            let (first, count) = (attempts[0].at, u32::try_from(attempts.len()).unwrap_or(u32::MAX) - 1);
            let is_last = now >= effective && (answered || last_tries > AGAIN);
            let due = if is_last {
                later(now, self.detection_patience())
            } else if now >= effective {
                later(now, SOON)
            } else {
                next_attempt(first, count, effective)
            };
            let _told = self.allow_look_at(due, (Link::Propagation, "an alert of a probe"));
            let expectation = attribution::Expectation { since: first, until: None, ..self.expectation(role)? };
            let question = |alerts: &[Arc<Alert>]| {
                let alerts = alerts.iter().map(AsRef::as_ref);
                let mut matches = attribution::judge(&expectation, alerts).matches;
                matches.sort_by_key(|alert| alert.happened_at);
                matches.into_iter().next()
            };
            let watch = &self.lab().watch;
            let waited =
                if is_last { watch.until(now, due, question).await } else { watch.glance(due, first, question).await };
            if is_last || waited.found.is_some() || waited.is_refused() {
                return Ok((attempts, waited.found));
            }
        }
    }

    /// Whatever is expected of the alarm of `role` from now on is of the attempt at `place`.
    fn settle_on(&mut self, role: Role, attempts: &[Attempt], place: usize) -> Result<(), Failure> {
        if let Some(touch) = &mut self.alarm_mut(role)?.touch {
            touch.at = attempts[place].at;
            // That nothing came of one that was not answered tells nothing of propagation.
            let answered = attempts[..place].iter().filter(|attempt| attempt.outcome.is_ok());
            touch.before = answered.map(|attempt| attempt.at).collect();
            touch.next = attempts.get(place + 1).map(|attempt| attempt.at);
        }
        Ok(())
    }

    /// Writes down what bears witness to each attempt. One that was not answered breaks the chain only where no alert tells
    /// that it was made, and no answered one came after it.
    fn attest_attempts(&mut self, attempts: Vec<Attempt>, seen: bool) -> Result<(), Failure> {
        let count = attempts.len();
        for (place, Attempt { at, outcome }) in attempts.into_iter().enumerate() {
            let is_last = place + 1 == count;
            match outcome {
                Err(failure) if is_last && !seen => return self.attest(Link::Stimulus, at, Err(failure)),
                Err(failure) if is_last => {
                    let by =
                        format!("an alert tells that it was made, though attempt {count} came to: {}", failure.what);
                    self.attest(Link::Stimulus, at, Ok(by))?;
                }
                Err(_) => {}
                answered => self.attest(Link::Stimulus, at, answered)?,
            }
        }
        Ok(())
    }

    /// Once every alert of earlier attempts has had the time to come, what none came of tells more of propagation.
    pub(super) fn narrow_propagation(&self, role: Role) -> Result<(), Failure> {
        let alarm = self.alarm(role)?;
        let (Some(touch), Some(accepted)) = (&alarm.touch, alarm.accepted_at) else { return Ok(()) };
        let at_least = self.silent_since(role, accepted);
        self.recorder.note(|notes| {
            let last = notes.sightings.iter_mut().rev().find(|sighting| sighting.expected.since == touch.at);
            if let Some(latencies) = last.and_then(|sighting| sighting.latencies.as_mut()) {
                latencies.propagation_at_least = at_least.or(latencies.propagation_at_least);
            }
        });
        Ok(())
    }

    /// Makes the attempt of this number; an error is that none can be made.
    async fn attempt(&mut self, role: Role, number: usize) -> Result<Result<String, Failure>, Failure> {
        let (from, target) = (self.clock().now(), self.target(role, number)?);
        let outcome = self.ask(role, &target).await;
        self.touched(role, http::host(&target).unwrap_or(target), from);
        Ok(outcome)
    }

    fn target(&self, role: Role, number: usize) -> Result<String, Failure> {
        let address = self.address(role)?;
        let is_url = self.alarm(role)?.indicator.kind == Kind::Url;
        let Some(host) = http::host(&address).filter(|_| !is_url) else { return Ok(address) };
        let host = if host.contains(':') { format!("[{host}]") } else { host };
        Ok(format!("http://{host}/?alertdrill={}-{number}", self.marker()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_attempts_are_so_close_that_an_alert_could_be_of_either() {
        for (second, propagation) in (0..2_000).flat_map(|second| [5, 20, 120].map(|minutes| (second, minutes))) {
            let first = Timestamp::from_second(1_795_521_600 + second).expect("a moment");
            let effective = later(first, SignedDuration::from_mins(propagation));
            let mut attempts = vec![first];
            for count in 0.. {
                let next = next_attempt(first, count, effective);
                attempts.push(next);
                if next >= effective {
                    break;
                }
            }
            assert_eq!(attempts.last(), Some(&effective));
            let close = attempts.windows(2).find(|two| two[1].duration_since(two[0]) < SOON);
            assert_eq!(close, None, "{second} {propagation}: {attempts:?}");
        }
    }
}
