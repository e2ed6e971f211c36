//! How many calls a service gives, and who may use them.
//!
//! The service's windows are counted as sliding ones, which keeps within its limits wherever its own windows begin.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};

use crate::clock::{Clock, later, limit::Allowance};

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

/// The calls made so far, against the limits. Shared by every transport to the same service.
#[derive(Debug)]
pub struct Quota(Mutex<Windows>);

impl Quota {
    /// A quota of which nothing is used yet.
    pub fn new(limits: Limits) -> Self {
        let window = |limit: Option<u32>, span| limit.map(|limit| Window::new(limit, limits.kept_back, span));
        Self(Mutex::new(Windows(
            [
                window(limits.per_minute, SignedDuration::from_mins(1)),
                window(limits.per_hour, SignedDuration::from_hours(1)),
            ]
            .into_iter()
            .flatten()
            .collect(),
        )))
    }

    /// Waits by `clock` until there is a call to use, and uses it.
    pub(crate) async fn take(&self, clock: &Clock, clean_up: bool) {
        loop {
            let admitted = self.0.lock().unwrap_or_else(PoisonError::into_inner).admit(clock.now(), clean_up);
            match admitted {
                Ok(()) => return,
                Err(due) => {
                    Allowance::extend_current(Duration::try_from(due.duration_since(clock.now())).unwrap_or_default());
                    clock.sleep_until(due).await;
                }
            }
        }
    }
}

#[derive(Debug)]
struct Windows(Vec<Window>);

impl Windows {
    /// Uses a call at `now`, or says when to ask again.
    fn admit(&mut self, now: Timestamp, clean_up: bool) -> Result<(), Timestamp> {
        let full = self.0.iter_mut().filter_map(|window| window.full_until(now, clean_up)).max();
        if let Some(due) = full {
            return Err(due);
        }
        for window in &mut self.0 {
            window.used.push_back(now);
        }
        Ok(())
    }
}

#[derive(Debug)]
struct Window {
    limit: usize,
    kept_back: usize,
    span: SignedDuration,
    used: VecDeque<Timestamp>,
}

impl Window {
    /// A limit of nothing would wait for ever: one call at a time is the least, and at least one is for the drills.
    fn new(limit: u32, kept_back: u32, span: SignedDuration) -> Self {
        let limit = limit.max(1) as usize;
        Self { limit, kept_back: (kept_back as usize).min(limit - 1), span, used: VecDeque::new() }
    }

    /// Until when nobody of this kind may call; `None` is that they may now.
    fn full_until(&mut self, now: Timestamp, clean_up: bool) -> Option<Timestamp> {
        while self.used.front().is_some_and(|&oldest| later(oldest, self.span) <= now) {
            self.used.pop_front();
        }
        let limit = if clean_up { self.limit } else { self.limit - self.kept_back };
        let surplus = (self.used.len() + 1).checked_sub(limit)?.checked_sub(1)?;
        Some(later(self.used[surplus], self.span))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        later("2026-11-24T12:00:00Z".parse().expect("a timestamp"), SignedDuration::from_secs(seconds))
    }

    fn windows(limits: Limits) -> Windows {
        Quota::new(limits).0.into_inner().expect("a fresh lock")
    }

    #[test]
    fn the_minute_and_the_hour_both_hold() {
        let mut windows = windows(Limits { per_minute: Some(2), per_hour: Some(3), kept_back: 0 });
        assert_eq!(windows.admit(at(0), false), Ok(()));
        assert_eq!(windows.admit(at(10), false), Ok(()));
        assert_eq!(windows.admit(at(20), false), Err(at(60)));
        assert_eq!(windows.admit(at(60), false), Ok(()));
        assert_eq!(windows.admit(at(120), false), Err(at(3600)));
        assert_eq!(windows.admit(at(3600), false), Ok(()));
    }

    #[test]
    fn calls_that_are_kept_back_are_for_clean_up_alone() {
        let mut windows = windows(Limits { per_minute: Some(3), per_hour: None, kept_back: 2 });
        assert_eq!(windows.admit(at(0), false), Ok(()));
        assert_eq!(windows.admit(at(1), false), Err(at(60)));
        assert_eq!(windows.admit(at(2), true), Ok(()));
        assert_eq!(windows.admit(at(3), true), Ok(()));
        assert_eq!(windows.admit(at(4), true), Err(at(60)));
        assert_eq!(windows.admit(at(5), false), Err(at(63)), "of three used, all must be past");
    }

    #[test]
    fn without_limits_nobody_waits_and_nothing_is_kept() {
        let mut windows = windows(Limits::default());
        assert!((0..1000).all(|_| windows.admit(at(0), false).is_ok()));
        assert!(windows.0.is_empty());
    }

    #[test]
    fn limits_that_leave_nothing_leave_one() {
        let mut windows = windows(Limits { per_minute: Some(0), per_hour: Some(1), kept_back: 9 });
        assert_eq!(windows.admit(at(0), false), Ok(()));
    }

    #[tokio::test]
    async fn callers_share_the_quota_and_wait_by_the_clock() {
        let clock = Clock::jumping(at(0));
        let quota = Arc::new(Quota::new(Limits { per_minute: Some(10), ..Limits::default() }));
        let callers: Vec<_> = (0..30)
            .map(|_| {
                let (clock, quota, me) = (clock.clone(), Arc::clone(&quota), clock.join());
                tokio::spawn(async move {
                    quota.take(&clock, false).await;
                    drop(me);
                    clock.now()
                })
            })
            .collect();
        let mut moments = Vec::new();
        for caller in callers {
            moments.push(caller.await.expect("every caller gets a call"));
        }
        assert_eq!(moments.iter().filter(|moment| **moment < at(60)).count(), 10);
        assert!(moments.iter().all(|moment| *moment <= at(120)));
    }
}
