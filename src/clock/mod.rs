//! Time, asked for and never read: the only place where the machine's clock is looked at or slept by.
//!
//! A [`Clock`] is one of three. The *system* clock is the world's. A *steered* clock runs at a chosen speed and can be
//! moved forward by hand: the emulator served to other programs lives by it. A *jumping* clock stands still while
//! anybody works and leaps to the next moment at which anything is due when, and only when, everybody sleeps: a run on
//! the emulator lives by it, so that a propagation of 48 hours takes no time and no drill can tell.
//!
//! For the leap to be right, everybody who works must be counted: a drill holds a [`Participant`] while it runs, and
//! waits in no other way than [`Clock::sleep_until`], [`turn::Turn::take`] and [`reply::reply`].
//!
//! In reading order: this file (the clocks), [`turn`] (what one drill at a time may hold), [`reply`] (an answer that
//! somebody else brings), [`limit`] (real time, for costs and for what may hang in the world outside).

pub mod limit;
pub mod reply;
pub mod turn;

use std::{
    collections::BTreeMap,
    future::Future,
    pin::{Pin, pin},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};

/// A clock. Clones are the same clock; [`Clock::apart`] is the same clock read wrongly.
#[derive(Debug, Clone)]
pub struct Clock(Arc<Kind>, SignedDuration);

#[derive(Debug)]
enum Kind {
    System,
    Steered {
        origin: Timestamp,
        started: Instant,
        speed: f64,
        ahead: Mutex<SignedDuration>,
        moved: tokio::sync::Notify,
    },
    Jumping(Mutex<Jumping>),
}

#[derive(Debug)]
struct Jumping {
    now: Timestamp,
    participants: usize,
    /// Who waits for a [`Turn`]: asleep, with no moment of their own.
    in_line: usize,
    sleepers: BTreeMap<(Timestamp, u64), Waker>,
    next_sleeper: u64,
}

impl Jumping {
    /// Leaps, if everybody sleeps, to the moment of the first sleeper, and wakes all who are due by then.
    fn leap_if_all_sleep(&mut self) {
        if self.sleepers.len() + self.in_line < self.participants {
            return;
        }
        let Some((&(due, _), _)) = self.sleepers.first_key_value() else { return };
        self.now = self.now.max(due);
        self.wake_due();
    }

    fn wake_due(&mut self) {
        while let Some(entry) = self.sleepers.first_entry() {
            if entry.key().0 > self.now {
                return;
            }
            entry.remove().wake();
        }
    }
}

/// A lock whose holder panicked still holds true state: every change under it is a single step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Clock {
    /// The world's clock.
    pub fn system() -> Self {
        Self(Arc::new(Kind::System), SignedDuration::ZERO)
    }

    /// A clock that starts at `origin`, runs `speed` seconds a second and can be moved with [`Clock::advance`].
    pub fn steered(origin: Timestamp, speed: f64) -> Self {
        Self(
            Arc::new(Kind::Steered {
                origin,
                started: real_now(),
                speed,
                ahead: Mutex::new(SignedDuration::ZERO),
                moved: tokio::sync::Notify::new(),
            }),
            SignedDuration::ZERO,
        )
    }

    /// A clock that stands at `origin` and jumps.
    pub fn jumping(origin: Timestamp) -> Self {
        Self(
            Arc::new(Kind::Jumping(Mutex::new(Jumping {
                now: origin,
                participants: 0,
                in_line: 0,
                sleepers: BTreeMap::new(),
                next_sleeper: 0,
            }))),
            SignedDuration::ZERO,
        )
    }

    /// This clock as somebody reads it who is so far ahead of it, or behind it where `ahead` is negative.
    #[must_use]
    pub fn apart(&self, ahead: SignedDuration) -> Self {
        Self(Arc::clone(&self.0), self.1.saturating_add(ahead))
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        let right = match &*self.0 {
            Kind::System => wall_clock(),
            Kind::Steered { origin, started, speed, ahead, .. } => {
                let run = SignedDuration::try_from(started.elapsed().mul_f64(*speed)).unwrap_or(SignedDuration::MAX);
                later(later(*origin, run), *lock(ahead))
            }
            Kind::Jumping(state) => lock(state).now,
        };
        later(right, self.1)
    }

    /// Moves a steered or jumping clock forward, waking everyone who is due by then. Time never goes back: a negative
    /// `by` is nothing. False on the system clock, which nobody moves.
    pub fn advance(&self, by: SignedDuration) -> bool {
        let by = by.max(SignedDuration::ZERO);
        match &*self.0 {
            Kind::System => false,
            Kind::Steered { ahead, moved, .. } => {
                let mut ahead = lock(ahead);
                *ahead = ahead.saturating_add(by);
                moved.notify_waiters();
                true
            }
            Kind::Jumping(state) => {
                let mut state = lock(state);
                state.now = later(state.now, by);
                state.wake_due();
                true
            }
        }
    }

    /// Whether waiting costs no real time on this clock.
    pub fn jumps(&self) -> bool {
        matches!(&*self.0, Kind::Jumping(_))
    }

    /// The real time that `span` of this clock's takes.
    pub fn real(&self, span: Duration) -> Duration {
        match &*self.0 {
            Kind::System => span,
            Kind::Steered { speed, .. } => span.div_f64(speed.max(f64::MIN_POSITIVE)),
            Kind::Jumping(_) => Duration::ZERO,
        }
    }

    /// Counts the caller among those who must sleep before a jumping clock leaps, until the result is dropped.
    #[must_use = "dropped at once, it counts nobody"]
    pub fn join(&self) -> Participant {
        if let Kind::Jumping(state) = &*self.0 {
            lock(state).participants += 1;
        }
        Participant(self.clone())
    }

    /// Sleeps for `span` of this clock's time.
    pub async fn sleep(&self, span: Duration) {
        let span = SignedDuration::try_from(span).unwrap_or(SignedDuration::MAX);
        self.sleep_until(later(self.now(), span)).await;
    }

    /// Sleeps until `due`; a moment that has passed takes no time.
    pub async fn sleep_until(&self, due: Timestamp) {
        match &*self.0 {
            Kind::System => {
                while let Ok(left) = Duration::try_from(due.duration_since(self.now())) {
                    if left.is_zero() {
                        return;
                    }
                    real_sleep(left).await;
                }
            }
            Kind::Steered { speed, moved, .. } => {
                loop {
                    let mut notified = pin!(moved.notified());
                    notified.as_mut().enable();
                    let left = Duration::try_from(due.duration_since(self.now())).unwrap_or_default();
                    if left.is_zero() {
                        return;
                    }
                    // A sleep ends a little after its moment, never before: a nanosecond more spares a second look.
                    let real = left.div_f64(speed.max(f64::MIN_POSITIVE)).saturating_add(Duration::from_nanos(1));
                    tokio::select! { () = real_sleep(real) => {}, () = notified => {} }
                }
            }
            Kind::Jumping(_) => Sleep { clock: self, due: later(due, -self.1), key: None }.await,
        }
    }
}

/// `from` and `span` later, or the last moment there is.
pub fn later(from: Timestamp, span: SignedDuration) -> Timestamp {
    from.saturating_add(span).unwrap_or(Timestamp::MAX)
}

/// `moment`, or the next whole second: services keep no more of a moment that they are given than that for sure.
pub fn whole_second(moment: Timestamp) -> Timestamp {
    let begun = i64::from(moment.subsec_nanosecond() > 0);
    Timestamp::from_second(moment.as_second().saturating_add(begun)).unwrap_or(Timestamp::MAX)
}

#[expect(clippy::disallowed_methods, reason = "the one place where the wall clock is read")]
fn wall_clock() -> Timestamp {
    Timestamp::now()
}

#[expect(clippy::disallowed_methods, reason = "the one place where the monotonic clock is read")]
fn real_now() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "the one place where real time is slept")]
async fn real_sleep(span: Duration) {
    tokio::time::sleep(span).await;
}

/// Somebody whose work a jumping clock waits for.
#[derive(Debug)]
pub struct Participant(Clock);

impl Drop for Participant {
    fn drop(&mut self) {
        if let Kind::Jumping(state) = &*self.0.0 {
            let mut state = lock(state);
            state.participants -= 1;
            state.leap_if_all_sleep();
        }
    }
}

/// A sleep on a jumping clock. Dropped before its time, it no longer counts as asleep.
struct Sleep<'a> {
    clock: &'a Clock,
    due: Timestamp,
    key: Option<u64>,
}

impl Future for Sleep<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Kind::Jumping(state) = &*self.clock.0 else { return Poll::Ready(()) };
        let mut state = lock(state);
        if state.now >= self.due {
            return Poll::Ready(());
        }
        let key = self.key.unwrap_or_else(|| {
            state.next_sleeper += 1;
            state.next_sleeper
        });
        state.sleepers.insert((self.due, key), cx.waker().clone());
        drop(state);
        self.key = Some(key);
        let Kind::Jumping(state) = &*self.clock.0 else { return Poll::Ready(()) };
        lock(state).leap_if_all_sleep();
        Poll::Pending
    }
}

impl Drop for Sleep<'_> {
    fn drop(&mut self) {
        if let (Kind::Jumping(state), Some(key)) = (&*self.clock.0, self.key) {
            lock(state).sleepers.remove(&(self.due, key));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::limit::Stopwatch;

    pub(super) fn noon() -> Timestamp {
        "2026-11-24T12:00:00Z".parse().expect("a timestamp")
    }

    pub(super) const MINUTE: Duration = Duration::from_mins(1);

    #[tokio::test]
    async fn a_jumping_clock_takes_no_real_time_over_two_days() {
        let clock = Clock::jumping(noon());
        let _me = clock.join();
        let watch = Stopwatch::start();
        clock.sleep(48 * 60 * MINUTE).await;
        assert_eq!(clock.now().to_string(), "2026-11-26T12:00:00Z");
        assert!(watch.elapsed() < Duration::from_secs(1));
    }

    #[tokio::test]
    async fn a_clock_that_is_apart_is_the_same_clock_read_wrongly() {
        let clock = Clock::jumping(noon());
        let (fast, slow) = (clock.apart(SignedDuration::from_mins(10)), clock.apart(SignedDuration::from_millis(-400)));
        assert_eq!(fast.now().to_string(), "2026-11-24T12:10:00Z");
        assert_eq!(slow.now().to_string(), "2026-11-24T11:59:59.6Z");
        let _me = clock.join();
        fast.sleep_until(later(noon(), SignedDuration::from_mins(25))).await;
        assert_eq!(clock.now().to_string(), "2026-11-24T12:15:00Z");
        slow.sleep(MINUTE).await;
        assert_eq!(clock.now().to_string(), "2026-11-24T12:16:00Z");
    }

    #[tokio::test]
    async fn it_stands_still_while_anybody_works() {
        let clock = Clock::jumping(noon());
        let worker = clock.join();
        let sleeper = {
            let clock = clock.clone();
            let me = clock.join();
            tokio::spawn(async move {
                clock.sleep(MINUTE).await;
                drop(me);
            })
        };
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert_eq!(clock.now(), noon());
        drop(worker);
        sleeper.await.expect("the sleeper wakes when the worker has gone");
        assert_eq!(clock.now().to_string(), "2026-11-24T12:01:00Z");
    }

    #[tokio::test]
    async fn sleepers_wake_in_the_order_of_their_moments() {
        let clock = Clock::jumping(noon());
        let order = Arc::new(Mutex::new(Vec::new()));
        let tasks: Vec<_> = [3, 1, 2]
            .into_iter()
            .map(|minutes| {
                let (clock, order, me) = (clock.clone(), Arc::clone(&order), clock.join());
                tokio::spawn(async move {
                    clock.sleep(minutes * MINUTE).await;
                    lock(&order).push((minutes, clock.now().to_string()));
                    drop(me);
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("every sleeper wakes");
        }
        let minutes: Vec<_> = lock(&order).iter().map(|(minutes, _)| *minutes).collect();
        assert_eq!(minutes, [1, 2, 3]);
        assert_eq!(lock(&order)[2].1, "2026-11-24T12:03:00Z");
    }

    #[tokio::test]
    async fn a_sleep_that_is_given_up_no_longer_counts() {
        let clock = Clock::jumping(noon());
        let _me = clock.join();
        let _other = clock.join();
        {
            let mut sleep = pin!(clock.sleep(MINUTE));
            assert!(futures::poll!(&mut sleep).is_pending());
        }
        let mut sleep = pin!(clock.sleep(2 * MINUTE));
        assert!(futures::poll!(&mut sleep).is_pending(), "the other participant is awake");
        assert_eq!(clock.now(), noon());
    }

    #[tokio::test]
    async fn a_steered_clock_is_moved_by_hand_and_wakes_who_is_due() {
        let clock = Clock::steered(noon(), 1.0);
        let sleeper = {
            let clock = clock.clone();
            tokio::spawn(async move { clock.sleep(20 * MINUTE).await })
        };
        tokio::task::yield_now().await;
        assert!(clock.advance(SignedDuration::from_mins(20)));
        sleeper.await.expect("the sleeper is due");
        assert!(clock.now() >= later(noon(), SignedDuration::from_mins(20)));
    }

    #[tokio::test]
    async fn nobody_moves_the_system_clock_and_no_clock_goes_back() {
        assert!(!Clock::system().advance(SignedDuration::from_secs(1)));
        let clock = Clock::jumping(noon());
        clock.advance(SignedDuration::from_secs(-5));
        assert_eq!(clock.now(), noon());
    }
}
