//! The one poller of a tenant, and its waiters.
//!
//! However many drills wait, the tenant's alerts are read by one [`Watch`]: whoever is due first takes the turn and
//! looks, and everyone sees what was found. [`cadence`] says when the next look is due. A look that fails is recorded
//! and the wait goes on, unless the tenant refuses access, which no later look would change; private `recovery` is for those that
//! look once.
//!
//! Knows nothing of drills: a waiter brings the question that it asks of the alerts.

pub mod cadence;
mod recovery;

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};

use crate::{
    clock::{Clock, later, turn::Turn},
    domain::alert::Alert,
    record::wait::Look,
    services::{alerts::Alerts, error::ServiceError},
    watch::cadence::Known,
};

/// The poller of one tenant.
pub struct Watch {
    clock: Clock,
    alerts: Arc<dyn Alerts>,
    turn: Turn,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    /// The versions seen of each alert: an open alert takes further events in, and evidence may come late.
    versions: HashSet<Version>,
    alerts: Vec<Arc<Alert>>,
    looks: Vec<Look>,
    /// When somebody last looked, whatever came of it.
    last_try: Option<Timestamp>,
    /// When somebody last looked and saw.
    last_look: Option<Timestamp>,
    /// From when on everything was read that was ready by the last look.
    read_from: Option<Timestamp>,
    /// From when on the last look read.
    looked_from: Option<Timestamp>,
    /// Why the last look saw nothing, if it failed.
    failed: Option<ServiceError>,
    /// What the tenant's alerts have needed.
    known: Known,
    /// No look reads less than what was ready from then on.
    reach: Option<Timestamp>,
}

/// What tells a version of an alert from the others.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Version {
    id: String,
    part: u32,
    last_happened_at: Timestamp,
    device: String,
    named: usize,
}

impl Version {
    fn of(alert: &Alert) -> Self {
        Self {
            id: alert.id.clone(),
            part: alert.part,
            last_happened_at: alert.last_happened_at,
            // On Graph it is evidence as well.
            device: format!("{}/{}", alert.device.id, alert.device.name),
            named: alert.observables.len() + alert.entities.len(),
        }
    }
}

/// What a wait came to.
#[derive(Debug)]
pub struct Waited<T> {
    /// The answer to the waiter's question, if it came.
    pub found: Option<T>,
    /// Every look during the wait.
    pub looks: Vec<Look>,
    /// Why the last look failed, if it did.
    pub failed: Option<ServiceError>,
}

impl<T> Waited<T> {
    /// Whether the tenant refused to show its alerts, which no later look would change.
    pub fn is_refused(&self) -> bool {
        self.failed.as_ref().is_some_and(ServiceError::is_final)
    }

    /// Why nothing can be said of what was to be there by `moment`: the wait was refused, or no look then or later
    /// succeeded. What came after the last good look nobody saw.
    pub fn blind(&self, moment: Timestamp) -> Option<&ServiceError> {
        let saw = self.looks.iter().any(|look| look.failed.is_none() && look.at >= moment);
        self.failed.as_ref().filter(|error| error.is_final() || !saw)
    }
}

/// A look reads again what the service may have had ready this long before the last look but shown only since.
const OVERLAP: SignedDuration = SignedDuration::from_mins(2);

/// The first look reads at least what was ready so long ago; further back only what somebody waits for.
const FIRST_WINDOW: SignedDuration = SignedDuration::from_hours(1);

impl Watch {
    /// A poller that has not looked yet.
    pub fn new(clock: &Clock, alerts: Arc<dyn Alerts>) -> Self {
        Self { clock: clock.clone(), alerts, turn: Turn::new(clock), seen: Mutex::default() }
    }

    /// Looks, from `since` on, until `question` has an answer or `deadline` has come; the last look is taken then, or with
    /// the next of all, which is at most [`cadence::LONGEST`] later.
    ///
    /// `question` is asked of every alert seen on this tenant, and after each look of those that are new; it is asked at
    /// least once.
    pub async fn until<T>(
        &self,
        since: Timestamp,
        deadline: Timestamp,
        question: impl FnMut(&[Arc<Alert>]) -> Option<T>,
    ) -> Waited<T> {
        self.watching(since, (since, deadline), question).await
    }

    /// An alert could be seen so long after what raised it, and no sooner: later waits look when it is worth it.
    pub fn learn(&self, time: SignedDuration) {
        self.seen().known.learn(time);
    }

    /// Looks between two moments at what was ready at `ready_since` or later.
    async fn watching<T>(
        &self,
        ready_since: Timestamp,
        (since, deadline): (Timestamp, Timestamp),
        mut question: impl FnMut(&[Arc<Alert>]) -> Option<T>,
    ) -> Waited<T> {
        let (mut last, mut asked_of) = (None, 0);
        loop {
            let due = cadence::next(self.seen().known, since, last, deadline);
            self.clock.sleep_until(due).await;
            self.look_unless_someone_did(due, ready_since, due >= deadline).await;
            last = Some(due);
            let now = self.clock.now();
            let seen = self.seen();
            let found = question(&seen.alerts[asked_of..]);
            asked_of = seen.alerts.len();
            if found.is_some() || now >= deadline || seen.failed.as_ref().is_some_and(ServiceError::is_final) {
                // Among them may be one that somebody took at this very moment, before this waiter asked.
                let first = seen.looks.partition_point(|look| look.at < since);
                let looks = seen.looks[first..].to_vec();
                return Waited { found, looks, failed: seen.failed.clone() };
            }
        }
    }

    /// Every alert seen on this tenant by `moment`, when it looks once: at least those that were ready at `ready_since`
    /// or later.
    pub async fn at(&self, moment: Timestamp, ready_since: Timestamp) -> Waited<Vec<Arc<Alert>>> {
        self.watching(ready_since, (moment, moment), |alerts| Some(alerts.to_vec())).await
    }

    /// Looks once, at `due`, at what was ready at `ready_since` or later, and asks `question` of every alert seen so far;
    /// that it finds none is not the last word.
    pub async fn glance<T>(
        &self,
        due: Timestamp,
        ready_since: Timestamp,
        question: impl FnOnce(&[Arc<Alert>]) -> Option<T>,
    ) -> Waited<T> {
        self.clock.sleep_until(due).await;
        self.look_unless_someone_did(due, ready_since, false).await;
        let seen = self.seen();
        let first = seen.looks.partition_point(|look| look.at < due);
        Waited { found: question(&seen.alerts), looks: seen.looks[first..].to_vec(), failed: seen.failed.clone() }
    }

    /// Lets every look read at least what was ready at `moment` or later: many who waited for long find theirs in one.
    pub fn reach_back_to(&self, moment: Timestamp) {
        let mut seen = self.seen();
        seen.reach = Some(seen.reach.map_or(moment, |earlier| earlier.min(moment)));
    }

    /// What the service shows now of what it had ready at `since` or later, whatever was seen before.
    pub async fn read_again(&self, since: Timestamp) -> Result<Vec<Alert>, ServiceError> {
        self.alerts.since(since).await
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn look_unless_someone_did(&self, due: Timestamp, ready_since: Timestamp, is_last: bool) {
        let _turn = self.turn.take().await;
        let at = self.clock.now();
        let Some(from) = self.seen().to_read(at, due, ready_since, is_last) else { return };
        let answer = self.alerts.since(from).await;
        self.seen().note(at, from, answer);
    }
}

impl Seen {
    /// From when on a look at `at` has to read; none where somebody read all of it when it was `due`, or could not. The
    /// last look of a wait reads all of it again: how long after it is ready an alert is shown is published nowhere, and
    /// that none came is not said of one that was shown late.
    fn to_read(&self, at: Timestamp, due: Timestamp, ready_since: Timestamp, is_last: bool) -> Option<Timestamp> {
        let taken = self.last_try.is_some_and(|last| last >= due);
        let ready_since = self.reach.map_or(ready_since, |reach| reach.min(ready_since));
        let from = if is_last { self.looked_from } else { self.read_from };
        let reached = from.is_some_and(|from| from <= ready_since);
        if taken && (reached || self.failed.is_some()) {
            return None;
        }
        let before = |moment: Timestamp, span| moment.saturating_sub(span).unwrap_or(Timestamp::MIN);
        Some(match self.last_look {
            None => before(at, FIRST_WINDOW).min(ready_since),
            Some(last) if is_last || !reached => before(last, OVERLAP).min(ready_since),
            Some(last) => before(last, OVERLAP),
        })
    }

    fn note(&mut self, at: Timestamp, from: Timestamp, answer: Result<Vec<Alert>, ServiceError>) {
        self.last_try = Some(at);
        match answer {
            Ok(alerts) => {
                let before = self.alerts.len();
                for alert in alerts {
                    if self.versions.insert(Version::of(&alert)) {
                        self.alerts.push(Arc::new(alert));
                    }
                }
                let news = u32::try_from(self.alerts.len() - before).unwrap_or(u32::MAX);
                self.looks.push(Look { at, news, failed: None });
                self.last_look = Some(at);
                self.looked_from = Some(from);
                self.read_from = Some(self.read_from.map_or(from, |earlier| earlier.min(from)));
                self.failed = None;
            }
            Err(error) => {
                self.looks.push(Look { at, news: 0, failed: Some(error.to_string()) });
                self.failed = Some(error);
            }
        }
    }
}

/// From the look before the one that found something to the moment `found` when it had its answer: how exact the finding's
/// time is. A look that failed saw nothing.
pub fn resolution(looks: &[Look], since: Timestamp, found: Timestamp) -> Duration {
    let good = || looks.iter().filter(|look| look.failed.is_none()).map(|look| look.at);
    // The look itself began before it was answered.
    let finding = good().filter(|at| *at <= found).max().unwrap_or(found);
    let before = good().filter(|at| *at < finding).max().unwrap_or(since);
    Duration::try_from(found.duration_since(before)).unwrap_or_default()
}

/// The moment until which a late alert is still waited for, so that "late" can be told from "none".
pub fn grace(since: Timestamp, deadline: Timestamp) -> Timestamp {
    later(deadline, deadline.duration_since(since))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use futures::{FutureExt as _, future::BoxFuture};

    use super::*;
    use crate::{domain::device::Device, services::error::Capability};

    pub(super) fn noon() -> Timestamp {
        "2026-11-24T12:00:00Z".parse().expect("a timestamp")
    }

    pub(super) fn minutes(count: i64) -> Timestamp {
        later(noon(), SignedDuration::from_mins(count))
    }

    pub(super) fn alert(id: &str, at: Timestamp) -> Alert {
        Alert {
            id: id.into(),
            part: 0,
            title: String::new(),
            severity: String::new(),
            category: String::new(),
            description: String::new(),
            source: String::new(),
            device: Device { id: String::new(), name: "pc".into() },
            observables: Vec::new(),
            entities: Vec::new(),
            happened_at: at,
            last_happened_at: at,
            processed_at: at,
            link: None,
            original: None,
        }
    }

    #[test]
    fn a_wait_whose_looks_failed_from_before_its_deadline_on_saw_nothing_by_then() {
        let look = |at, failed: Option<&str>| Look { at, news: 0, failed: failed.map(Into::into) };
        let looks = vec![look(minutes(1), None), look(minutes(5), None), look(minutes(15), Some("busy"))];
        let waited = Waited { found: None::<()>, looks, failed: Some(passing()) };
        assert!(waited.blind(minutes(5)).is_none());
        assert!(waited.blind(minutes(6)).is_some());
    }

    /// A tenant whose alerts are shown so long after they are ready, and whose feed fails in the first calls.
    pub(super) struct Feed {
        clock: Clock,
        alerts: Vec<Alert>,
        shown_after: SignedDuration,
        pub(super) calls: AtomicU32,
        failing: u32,
        error: ServiceError,
    }

    impl Alerts for Feed {
        fn since(&self, since: Timestamp) -> BoxFuture<'_, Result<Vec<Alert>, ServiceError>> {
            let call = self.calls.fetch_add(1, Ordering::Relaxed);
            let now = self.clock.now();
            let shown =
                |alert: &&Alert| alert.processed_at >= since && later(alert.processed_at, self.shown_after) <= now;
            let ready = self.alerts.iter().filter(shown).cloned().collect();
            let answer = if call < self.failing { Err(self.error.clone()) } else { Ok(ready) };
            std::future::ready(answer).boxed()
        }
    }

    pub(super) fn watch(alerts: Vec<Alert>, failing: u32, error: ServiceError) -> (Arc<Watch>, Arc<Feed>, Clock) {
        let clock = Clock::jumping(noon());
        let calls = AtomicU32::new(0);
        let feed =
            Arc::new(Feed { clock: clock.clone(), alerts, shown_after: SignedDuration::ZERO, calls, failing, error });
        (Arc::new(Watch::new(&clock, Arc::clone(&feed) as _)), feed, clock)
    }

    pub(super) fn passing() -> ServiceError {
        ServiceError::Rejected { purpose: "read".into(), status: 500, why: "busy".into() }
    }

    fn find(id: &'static str) -> impl FnMut(&[Arc<Alert>]) -> Option<Timestamp> {
        move |alerts| alerts.iter().find(|alert| alert.id == id).map(|alert| alert.processed_at)
    }

    #[tokio::test]
    async fn many_waiters_cost_no_more_calls_than_one() {
        let (one, feed, _) = watch(vec![alert("a", minutes(7))], 0, passing());
        assert_eq!(one.until(noon(), minutes(15), find("a")).await.found, Some(minutes(7)));
        let alone = feed.calls.load(Ordering::Relaxed);
        let (many, feed, clock) = watch(vec![alert("a", minutes(7))], 0, passing());
        let waiters: Vec<_> = (0..100)
            .map(|_| {
                let (many, me) = (Arc::clone(&many), clock.join());
                tokio::spawn(async move {
                    let waited = many.until(noon(), minutes(15), find("a")).await;
                    drop(me);
                    waited.found
                })
            })
            .collect();
        for waiter in waiters {
            assert_eq!(waiter.await.expect("a waiter ends"), Some(minutes(7)));
        }
        assert_eq!(feed.calls.load(Ordering::Relaxed), alone);
    }

    #[tokio::test]
    async fn many_who_waited_for_long_find_theirs_in_one_look() {
        for (reach, calls) in [(Some(0), 1), (None, 3)] {
            let ready = [("a", 0), ("b", 1), ("c", 2)].map(|(id, at)| alert(id, minutes(at)));
            let (watch, feed, clock) = watch(ready.into(), 0, passing());
            clock.advance(SignedDuration::from_hours(6));
            if let Some(reach) = reach {
                watch.reach_back_to(minutes(reach));
            }
            for (id, at) in [("c", 2), ("b", 1), ("a", 0)] {
                let waited = watch.until(minutes(at), minutes(at + 15), find(id)).await;
                assert_eq!(waited.found, Some(minutes(at)));
            }
            assert_eq!(feed.calls.load(Ordering::Relaxed), calls, "reaching back to {reach:?}");
        }
    }

    #[tokio::test]
    async fn the_last_look_is_taken_at_the_deadline_or_with_the_next_of_all() {
        let (watch, _, clock) = watch(vec![alert("a", minutes(15))], 0, passing());
        let waited = watch.until(noon(), minutes(15), find("a")).await;
        assert_eq!((waited.found, clock.now()), (Some(minutes(15)), minutes(16)));
    }

    #[tokio::test]
    async fn a_look_that_fails_is_recorded_and_the_wait_goes_on() {
        let (watch, _, _) = watch(vec![alert("a", minutes(1))], 3, passing());
        let waited = watch.until(noon(), minutes(15), find("a")).await;
        assert_eq!(waited.found, Some(minutes(1)));
        assert_eq!(waited.looks.iter().filter(|look| look.failed.is_some()).count(), 3);
        assert!(waited.blind(minutes(1)).is_none());
    }

    #[tokio::test]
    async fn a_refusal_ends_the_wait_at_once() {
        let (watch, feed, clock) =
            watch(vec![], u32::MAX, ServiceError::Unsupported { what: Capability::Alerts, why: String::new() });
        let waited = watch.until(noon(), minutes(15), find("a")).await;
        assert!(waited.blind(noon()).is_some() && waited.found.is_none());
        assert_eq!(feed.calls.load(Ordering::Relaxed), 1);
        assert!(clock.now() < minutes(1));
    }

    #[tokio::test]
    async fn a_look_that_was_taken_at_the_same_moment_counts_for_whoever_asks_after_it() {
        let (watch, feed, _) = watch(vec![alert("a", minutes(1))], 0, passing());
        for _ in 0..2 {
            let waited = watch.at(minutes(2), minutes(2)).await;
            assert_eq!(waited.found.as_ref().map(Vec::len), Some(1));
            assert!(waited.blind(minutes(2)).is_none(), "{waited:?}");
        }
        assert_eq!(feed.calls.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn what_was_ready_before_the_last_look_but_shown_after_it_is_not_missed() {
        let clock = Clock::jumping(noon());
        let feed = Feed {
            clock: clock.clone(),
            alerts: vec![alert("late", minutes(8))],
            shown_after: SignedDuration::from_mins(3),
            calls: AtomicU32::new(0),
            failing: 0,
            error: passing(),
        };
        let watch = Watch::new(&clock, Arc::new(feed));
        assert_eq!(watch.at(minutes(10), noon()).await.found.map(|alerts| alerts.len()), Some(0));
        assert_eq!(watch.at(minutes(11), noon()).await.found.map(|alerts| alerts.len()), Some(1));
    }

    #[tokio::test]
    async fn what_was_ready_long_before_anybody_looked_is_read_by_whoever_waits_for_it() {
        let (watch, feed, _) = watch(vec![alert("early", minutes(1))], 0, passing());
        assert_eq!(watch.at(minutes(200), minutes(190)).await.found.map(|alerts| alerts.len()), Some(0));
        assert_eq!(watch.at(minutes(200), noon()).await.found.map(|alerts| alerts.len()), Some(1));
        assert_eq!(watch.until(noon(), minutes(15), find("early")).await.found, Some(minutes(1)));
        assert_eq!(feed.calls.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn what_is_shown_long_after_it_was_ready_is_read_by_the_last_look_of_whoever_waits_for_it() {
        let clock = Clock::jumping(noon());
        let (alerts, shown_after) = (vec![alert("late", minutes(1))], SignedDuration::from_mins(6));
        let (calls, error) = (AtomicU32::new(0), passing());
        let feed = Arc::new(Feed { clock: clock.clone(), alerts, shown_after, calls, failing: 0, error });
        let watch = Watch::new(&clock, Arc::clone(&feed) as _);
        assert_eq!(watch.until(noon(), minutes(15), find("late")).await.found, Some(minutes(1)));
        assert_eq!(clock.now(), minutes(16));
        let calls = feed.calls.load(Ordering::Relaxed);
        assert_eq!(watch.at(minutes(16), noon()).await.found.map(|alerts| alerts.len()), Some(1));
        assert_eq!(feed.calls.load(Ordering::Relaxed), calls, "the last look of one is that of all");
    }

    #[test]
    fn an_alert_that_names_its_device_only_later_is_another_version_of_it() {
        let (mut seen, complete) = (Seen::default(), alert("a", minutes(1)));
        let nowhere = Device { id: String::new(), name: String::new() };
        seen.note(minutes(1), noon(), Ok(vec![Alert { device: nowhere, ..complete.clone() }]));
        seen.note(minutes(2), noon(), Ok(vec![complete.clone()]));
        seen.note(minutes(3), noon(), Ok(vec![complete]));
        assert_eq!(seen.alerts.len(), 2);
        assert_eq!(seen.alerts[1].device.name, "pc");
    }

    #[test]
    fn the_resolution_is_the_gap_before_the_look_that_found_it() {
        let look = |at| Look { at, news: 0, failed: None };
        let looks = [look(minutes(1)), look(minutes(3)), look(minutes(5))];
        assert_eq!(resolution(&looks, noon(), minutes(5)), Duration::from_mins(2));
        assert_eq!(resolution(&looks[..1], noon(), minutes(1)), Duration::from_mins(1));
    }

    #[test]
    fn a_look_takes_its_time_and_one_that_failed_saw_nothing() {
        let look = |at, failed: Option<&str>| Look { at, news: 0, failed: failed.map(str::to_owned) };
        let looks = [look(minutes(1), None), look(minutes(3), Some("cut off")), look(minutes(5), None)];
        let answered = later(minutes(5), SignedDuration::from_secs(1));
        assert_eq!(resolution(&looks, noon(), answered), Duration::from_secs(4 * 60 + 1));
        assert_eq!(resolution(&looks[2..], noon(), answered), Duration::from_secs(5 * 60 + 1));
    }
}
