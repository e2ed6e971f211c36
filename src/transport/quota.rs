//! How many calls a service gives, and who may use them.
//!
//! The service's windows are counted as sliding ones, which keeps within its limits wherever its own windows begin.
//! What it says itself comes first: where it answers 429, everybody waits, not only the one who was told.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};

use crate::{
    clock::{Clock, later, limit::Allowance},
    record::{
        calls::{self, Minutes},
        recorder,
        waiting::Waiting,
    },
};

/// The published limits of a service, and the calls kept back for cleaning up. `None` is unlimited, as it is for the
/// legacy service, which published nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// Calls in any minute.
    pub per_minute: Option<u32>,
    /// Calls in any hour.
    pub per_hour: Option<u32>,
    /// Of each, so many are kept back for cleaning up.
    pub kept_back: u32,
}

impl Limits {
    /// The part of one of `count` who share these limits without seeing each other, such as the shards of a run: never
    /// less than one call.
    #[must_use]
    pub fn shared_by(self, count: u32) -> Self {
        let part = |limit: u32| (limit / count.max(1)).max(1);
        let kept_back = if self.kept_back == 0 { 0 } else { part(self.kept_back) };
        Self { per_minute: self.per_minute.map(part), per_hour: self.per_hour.map(part), kept_back }
    }
}

/// How much of the limits of a service a program may use, and in what parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allotment {
    /// Of each family of calls that clean-up makes, so many are kept back for it, and at most a fifth.
    pub kept_back: u32,
    /// So many programs share the limits without seeing each other.
    pub shared_by: u32,
    /// By the name of a family, other limits than the published ones: in a minute, and in an hour.
    pub own: BTreeMap<String, (Option<u32>, Option<u32>)>,
}

impl Default for Allotment {
    /// All of the published limits, five calls of each kept back.
    fn default() -> Self {
        Self { kept_back: 5, shared_by: 1, own: BTreeMap::new() }
    }
}

impl Allotment {
    /// The limits of `family`, of which these are published: in a minute and in an hour.
    pub fn limits(&self, family: &str, published: (Option<u32>, Option<u32>), cleans_up: bool) -> Limits {
        let (own_minute, own_hour) = self.own.get(family).copied().unwrap_or_default();
        let (per_minute, per_hour) = (own_minute.or(published.0), own_hour.or(published.1));
        let fifth = per_minute.into_iter().chain(per_hour).min().map_or(0, |least| least.div_ceil(5));
        let kept_back = if cleans_up { self.kept_back.min(fifth) } else { 0 };
        Limits { per_minute, per_hour, kept_back }.shared_by(self.shared_by)
    }
}

/// A call keeps its place in a window for so much longer than the window, since it may be later on its way than one that
/// was sent after it.
const ON_ITS_WAY: SignedDuration = SignedDuration::from_secs(1);

/// The calls made so far, against the limits. Shared by every transport to the same service.
///
/// Whoever wants to call is given a moment at once, first come, first served, and sleeps until then: so a thousand who
/// wait cost a thousand sleeps, and not one more each time that one of them may go. Clean-up has moments of its own,
/// and takes those of the drills as well where they come sooner.
#[derive(Debug)]
pub struct Quota {
    limits: Limits,
    booked: Mutex<Booked>,
}

#[derive(Debug)]
struct Booked {
    drills: Lane,
    clean_up: Lane,
    /// The service has said that it takes no call before this.
    closed_until: Option<Timestamp>,
    /// How often it has said so: whoever was given a moment before is given another.
    closings: u64,
    calls: u64,
    by_minute: Minutes,
}

/// That the service takes no call for longer than anybody waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Closed;

impl Quota {
    /// A quota of which nothing is used yet.
    pub fn new(limits: Limits) -> Self {
        let least = |limit: u32| limit.max(1);
        // A limit of nothing would wait for ever: at least one call is for the drills.
        let drills = |limit: u32| least(limit) - limits.kept_back.min(least(limit) - 1);
        let kept = |limit: u32| limits.kept_back.min(least(limit) - 1);
        let lane = |part: &dyn Fn(u32) -> u32| {
            Lane::new([
                limits.per_minute.map(|limit| (part(limit), SignedDuration::from_mins(1))),
                limits.per_hour.map(|limit| (part(limit), SignedDuration::from_hours(1))),
            ])
        };
        let (drills, clean_up) = (lane(&drills), lane(&kept));
        let booked = Booked { drills, clean_up, closed_until: None, closings: 0, calls: 0, by_minute: Minutes::new() };
        Self { limits, booked: Mutex::new(booked) }
    }

    /// Waits by `clock` until `count` calls may be made at once, and counts them as made; an error where the service has
    /// closed for longer than `longest`.
    pub(crate) async fn take(
        &self,
        clock: &Clock,
        (count, clean_up): (usize, bool),
        longest: Duration,
    ) -> Result<(), Closed> {
        loop {
            let now = clock.now();
            let (due, closings) = {
                let mut booked = self.booked();
                booked.is_open_within(now, longest)?;
                (booked.book(now, count, clean_up), booked.closings)
            };
            if due > now {
                Allowance::extend_current(Duration::try_from(due.duration_since(now)).unwrap_or_default());
                let what = "a call within the limits".into();
                let _told = recorder::all_wait(&Waiting { link: None, what, since: now, until: Some(due) });
                clock.sleep_until(due).await;
            }
            let mut booked = self.booked();
            if booked.closings == closings {
                booked.made(clock.now(), count);
                return Ok(());
            }
        }
    }

    /// The service has said at `now` that it takes no call before `until`: whoever waits for it waits until then.
    pub(crate) fn close(&self, now: Timestamp, until: Timestamp) {
        let mut booked = self.booked();
        booked.closings += 1;
        booked.closed_until = booked.closed_until.max(Some(until));
        booked.drills.forget_after(now);
        booked.clean_up.forget_after(now);
    }

    /// What it was made for.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// How many calls were made.
    pub fn calls(&self) -> u64 {
        self.booked().calls
    }

    /// The same of each minute of the clock.
    pub fn by_minute(&self) -> Minutes {
        self.booked().by_minute.clone()
    }

    fn booked(&self) -> MutexGuard<'_, Booked> {
        self.booked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Booked {
    fn is_open_within(&self, now: Timestamp, longest: Duration) -> Result<(), Closed> {
        let left = self.closed_until.map(|until| until.duration_since(now));
        let too_long = left.is_some_and(|left| Duration::try_from(left).is_ok_and(|left| left > longest));
        if too_long { Err(Closed) } else { Ok(()) }
    }

    fn made(&mut self, now: Timestamp, count: usize) {
        self.calls += u64::try_from(count).unwrap_or(u64::MAX);
        let minute = self.by_minute.entry(calls::minute(now)).or_default();
        *minute = minute.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
    }

    /// The moment of `count` calls of somebody who asks at `now`.
    fn book(&mut self, now: Timestamp, count: usize, clean_up: bool) -> Timestamp {
        let from = self.closed_until.map_or(now, |until| until.max(now));
        self.drills.forget_until(now);
        self.clean_up.forget_until(now);
        // Of the calls of clean-up, as many as are kept back; the others are of what the drills leave.
        let kept = if clean_up { self.clean_up.most().min(count) } else { 0 };
        let ways = [(count, 0), (count - kept, kept)].map(|(of_drills, kept)| {
            let due = self.drills.next(from, of_drills).max(self.clean_up.next(from, kept));
            (due, of_drills, kept)
        });
        let (due, of_drills, kept) = if ways[1].0 < ways[0].0 { ways[1] } else { ways[0] };
        self.drills.book(due, of_drills);
        self.clean_up.book(due, kept);
        due
    }
}

/// Moments that were given out, in order, and the windows that they have to fit into.
#[derive(Debug)]
struct Lane {
    windows: Vec<(usize, SignedDuration)>,
    given: VecDeque<Timestamp>,
}

impl Lane {
    fn new(windows: [Option<(u32, SignedDuration)>; 2]) -> Self {
        let windows = windows.into_iter().flatten().map(|(limit, span)| (limit as usize, span)).collect();
        Self { windows, given: VecDeque::new() }
    }

    /// The most calls that fit in at once.
    fn most(&self) -> usize {
        self.windows.iter().map(|(limit, _)| *limit).min().unwrap_or_default()
    }

    /// The first moment from `from` on at which `count` calls fit in, after all that were given out.
    fn next(&self, from: Timestamp, count: usize) -> Timestamp {
        if count == 0 {
            return from;
        }
        let mut due = self.given.back().map_or(from, |last| from.max(*last));
        for (limit, span) in &self.windows {
            // More at once than a window takes are sent when none is in it.
            let before = limit.saturating_sub(count);
            if let Some(place) = self.given.len().checked_sub(before + 1) {
                due = due.max(later(later(self.given[place], *span), ON_ITS_WAY));
            }
        }
        due
    }

    fn book(&mut self, due: Timestamp, count: usize) {
        if !self.windows.is_empty() {
            self.given.extend(std::iter::repeat_n(due, count));
        }
    }

    /// What no window reaches any more.
    fn forget_until(&mut self, now: Timestamp) {
        let longest = self.windows.iter().map(|(_, span)| *span).max().unwrap_or_default();
        while self.given.front().is_some_and(|oldest| later(later(*oldest, longest), ON_ITS_WAY) <= now) {
            self.given.pop_front();
        }
    }

    /// Moments that nobody will use.
    fn forget_after(&mut self, now: Timestamp) {
        self.given.truncate(self.given.partition_point(|moment| *moment <= now));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    const LONG: Duration = Duration::from_mins(5);

    fn at(seconds: i64) -> Timestamp {
        later("2026-11-24T12:00:00Z".parse().expect("a timestamp"), SignedDuration::from_secs(seconds))
    }

    fn quota(per_minute: Option<u32>, per_hour: Option<u32>, kept_back: u32) -> Quota {
        Quota::new(Limits { per_minute, per_hour, kept_back })
    }

    /// When somebody who asks at this second may call.
    fn given(quota: &Quota, seconds: i64, clean_up: bool) -> i64 {
        let due = quota.booked().book(at(seconds), 1, clean_up);
        due.duration_since(at(0)).as_secs()
    }

    #[test]
    fn the_minute_and_the_hour_both_hold_and_a_second_more() {
        let quota = quota(Some(2), Some(3), 0);
        let moments: Vec<_> = [0, 10, 20, 61, 122].map(|second| given(&quota, second, false)).into();
        assert_eq!(moments, [0, 10, 61, 3601, 3611]);
    }

    #[test]
    fn calls_that_are_kept_back_are_for_clean_up_alone() {
        let quota = quota(Some(3), None, 2);
        assert_eq!(given(&quota, 0, false), 0);
        assert_eq!(given(&quota, 1, false), 61);
        assert_eq!(given(&quota, 2, true), 2);
        assert_eq!(given(&quota, 3, true), 3);
        assert_eq!(given(&quota, 4, true), 63, "of its own, which come sooner than those of the drills");
        assert_eq!(given(&quota, 5, false), 122);
    }

    #[test]
    fn clean_up_of_many_takes_what_is_kept_back_and_what_drills_leave_at_once() {
        let quota = quota(Some(10), None, 4);
        assert_eq!(given(&quota, 0, false), 0);
        let due = quota.booked().book(at(1), 9, true);
        assert_eq!(due, at(1));
    }

    #[test]
    fn calls_are_counted_by_the_minute_of_the_clock_however_many_are_made_at_once() {
        let quota = quota(None, None, 0);
        for (count, seconds) in [(3, 0), (1, 59), (1, 60)] {
            quota.booked().made(at(seconds), count);
        }
        assert_eq!((quota.calls(), quota.by_minute().into_values().collect::<Vec<_>>()), (5, vec![4, 1]));
    }

    #[test]
    fn clean_up_takes_what_drills_leave() {
        let quota = quota(Some(3), None, 1);
        assert_eq!([0, 1, 2, 3].map(|second| given(&quota, second, true)), [0, 1, 2, 61]);
    }

    #[test]
    fn no_minute_has_more_than_its_limit_whoever_asks() {
        let quota = quota(Some(7), Some(40), 3);
        let mut moments: Vec<i64> = (0..120).map(|n| given(&quota, n / 2, n % 5 == 0)).collect();
        moments.sort_unstable();
        for (limit, span) in [(7, 60), (40, 3600)] {
            assert!(moments.windows(limit + 1).all(|calls| calls[limit] - calls[0] > span), "{moments:?}");
        }
    }

    #[test]
    fn many_at_once_wait_until_all_of_them_fit_in() {
        let quota = quota(Some(10), None, 0);
        let of = |count, seconds| quota.booked().book(at(seconds), count, false).duration_since(at(0)).as_secs();
        assert_eq!([of(8, 0), of(8, 1), of(2, 2), of(25, 3)], [0, 61, 61, 122]);
    }

    #[test]
    fn without_limits_nobody_waits_and_nothing_is_kept() {
        let quota = Quota::new(Limits::default());
        assert!((0..1000).all(|_| given(&quota, 0, false) == 0));
        assert!(quota.booked().drills.given.is_empty());
    }

    #[test]
    fn limits_that_leave_nothing_leave_one() {
        assert_eq!(given(&quota(Some(0), Some(1), 9), 0, false), 0);
    }

    #[test]
    fn those_who_share_get_a_part_each_and_never_nothing() {
        let limits = Limits { per_minute: Some(100), per_hour: Some(1_500), kept_back: 6 };
        let part = Limits { per_minute: Some(25), per_hour: Some(375), kept_back: 1 };
        assert_eq!(limits.shared_by(4), part);
        assert_eq!(limits.shared_by(1_000_000).per_minute, Some(1));
        assert_eq!(Limits::default().shared_by(4), Limits::default());
    }

    #[test]
    fn a_family_has_its_own_limits_or_the_published_ones_and_keeps_back_what_clean_up_needs() {
        let own = BTreeMap::from([("a".to_owned(), (Some(8), None))]);
        let allotment = Allotment { kept_back: 5, shared_by: 1, own };
        let published = (Some(100), Some(1_500));
        let limits = |per_minute, kept_back| Limits { per_minute: Some(per_minute), per_hour: Some(1_500), kept_back };
        assert_eq!(allotment.limits("a", published, true), limits(8, 2));
        assert_eq!(allotment.limits("b", published, true), limits(100, 5));
        assert_eq!(allotment.limits("b", published, false), limits(100, 0));
        assert_eq!(allotment.limits("b", (None, None), true), Limits::default());
    }

    async fn all_of(callers: Vec<tokio::task::JoinHandle<Timestamp>>) -> Vec<Timestamp> {
        let mut moments = Vec::new();
        for caller in callers {
            moments.push(caller.await.expect("every caller gets a call"));
        }
        moments
    }

    fn callers(clock: &Clock, quota: &Arc<Quota>, count: usize) -> Vec<tokio::task::JoinHandle<Timestamp>> {
        let call = |_| {
            let (clock, quota, me) = (clock.clone(), Arc::clone(quota), clock.join());
            tokio::spawn(async move {
                quota.take(&clock, (1, false), LONG).await.expect("it is open");
                let at = clock.now();
                drop(me);
                at
            })
        };
        (0..count).map(call).collect()
    }

    #[tokio::test]
    async fn callers_share_the_quota_and_wait_by_the_clock() {
        let clock = Clock::jumping(at(0));
        let quota = Arc::new(quota(Some(10), None, 0));
        let moments = all_of(callers(&clock, &quota, 30)).await;
        let in_minute = |minute: i64| moments.iter().filter(|moment| **moment == at(61 * minute)).count();
        assert_eq!([in_minute(0), in_minute(1), in_minute(2)], [10, 10, 10]);
        assert_eq!(quota.calls(), 30);
    }

    #[tokio::test]
    async fn when_the_service_closes_everybody_waits_and_none_comes_together_with_too_many() {
        let clock = Clock::jumping(at(0));
        let quota = Arc::new(quota(Some(10), None, 0));
        let all = clock.join();
        let waiting = callers(&clock, &quota, 30);
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        quota.close(at(0), at(90));
        drop(all);
        let moments = all_of(waiting).await;
        let before = moments.iter().filter(|moment| **moment < at(90)).count();
        assert_eq!(before, 10, "they had called already");
        for moment in &moments {
            let within = moments
                .iter()
                .filter(|other| *other >= moment && **other < later(*moment, SignedDuration::from_mins(1)));
            assert!(within.count() <= 10, "{moments:?}");
        }
    }

    #[tokio::test]
    async fn a_service_that_closes_for_longer_than_anybody_waits_is_not_asked() {
        let clock = Clock::jumping(at(0));
        let quota = quota(None, None, 0);
        quota.close(at(0), at(3600));
        assert_eq!(quota.take(&clock, (1, false), LONG).await, Err(Closed));
        clock.advance(SignedDuration::from_mins(56));
        let _me = clock.join();
        assert_eq!(quota.take(&clock, (1, false), LONG).await, Ok(()));
        assert_eq!(clock.now(), at(3600));
    }
}
