//! Real time: what something cost, and how long it may take.

use std::{
    future::Future,
    pin::pin,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use crate::clock::{Clock, lock, real_now, real_sleep};

/// Real time since a moment, for costs and limits; never for what a drill is judged by.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    pub fn start() -> Self {
        Self(real_now())
    }

    /// Real time since the start.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

tokio::task_local! {
    /// The allowance of whatever is being polled.
    static CURRENT: Allowance;
}

/// How long something may take: a real time of its own, and what it has said that it will wait for by the clock.
/// Clones are the same allowance.
#[derive(Debug, Clone)]
pub struct Allowance {
    base: Duration,
    waits: Arc<Mutex<Duration>>,
    /// Those that it is part of, or stands for: what is waited for in here is waited for there as well.
    within: Arc<[Self]>,
}

impl Allowance {
    /// `base` of real time, and no waiting yet.
    pub fn new(base: Duration) -> Self {
        Self { base, waits: Arc::default(), within: Arc::default() }
    }

    /// The allowance that the caller works under, where there is one.
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Self::clone).ok()
    }

    /// Works for those who work under `of`: what is waited for meanwhile, each of them waits for.
    pub async fn for_all<T>(of: Vec<Self>, work: impl Future<Output = T>) -> T {
        let all = Self { within: of.into(), ..Self::new(Duration::ZERO) };
        CURRENT.scope(all, work).await
    }

    /// Adds a wait of `span` by the clock to the allowance that the caller works under, where there is one: for waits
    /// deep below whoever gave it.
    pub fn extend_current(span: Duration) {
        let _under_no_allowance = CURRENT.try_with(|allowance| allowance.extend(span));
    }

    /// Adds a wait of `span` by the clock.
    pub fn extend(&self, span: Duration) {
        let mut waits = lock(&self.waits);
        *waits = waits.saturating_add(span);
        drop(waits);
        self.within.iter().for_each(|one| one.extend(span));
    }

    /// The real time that it comes to on `clock`.
    pub fn limit(&self, clock: &Clock) -> Duration {
        self.base.saturating_add(clock.real(*lock(&self.waits)))
    }
}

impl Clock {
    /// Gives `work` the real time of `allowance`, which may grow meanwhile; `None` is that it ran out.
    pub async fn limit<T>(&self, allowance: &Allowance, work: impl Future<Output = T>) -> Option<T> {
        let started = real_now();
        let within = Allowance::current().into_iter().collect();
        let mut work = pin!(CURRENT.scope(Allowance { within, ..allowance.clone() }, work));
        loop {
            let limit = allowance.limit(self);
            let left = limit.saturating_sub(started.elapsed());
            tokio::select! {
                biased;
                done = &mut work => return Some(done),
                () = real_sleep(left) => if allowance.limit(self) == limit { return None },
            }
        }
    }
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::clock::tests::{MINUTE, noon};

    #[tokio::test]
    async fn a_limit_ends_what_hangs_and_grows_with_what_is_waited_for() {
        let clock = Clock::jumping(noon());
        let short = Allowance::new(Duration::from_millis(20));
        assert_eq!(clock.limit(&short, std::future::pending::<()>()).await, None);
        let system = Clock::system();
        let grown = Allowance::new(Duration::from_millis(1));
        grown.extend(Duration::from_secs(5));
        assert_eq!(
            system
                .limit(&grown, async {
                    real_sleep(Duration::from_millis(30)).await;
                    7
                })
                .await,
            Some(7)
        );
    }

    #[tokio::test]
    async fn a_wait_deep_below_extends_the_allowance_that_it_is_under() {
        let system = Clock::system();
        let waiting = async {
            Allowance::extend_current(Duration::from_secs(5));
            real_sleep(Duration::from_millis(30)).await;
        };
        assert_eq!(system.limit(&Allowance::new(Duration::from_millis(1)), waiting).await, Some(()));
        Allowance::extend_current(MINUTE);
    }

    #[tokio::test]
    async fn a_wait_on_behalf_of_several_extends_the_allowance_of_each() {
        let clock = Clock::system();
        let all = [Allowance::new(MINUTE), Allowance::new(2 * MINUTE)];
        Allowance::for_all(all.to_vec(), async { Allowance::extend_current(MINUTE) }).await;
        assert_eq!(all.map(|one| one.limit(&clock)), [2 * MINUTE, 3 * MINUTE]);
        let current = clock.limit(&Allowance::new(MINUTE), async { Allowance::current() }).await.flatten();
        assert_eq!(current.map(|one| one.limit(&clock)), Some(MINUTE));
    }

    #[tokio::test]
    async fn what_is_waited_for_within_a_limit_extends_what_the_limit_is_within() {
        let system = Clock::system();
        let waiting = async {
            Allowance::extend_current(Duration::from_secs(5));
            real_sleep(Duration::from_millis(30)).await;
        };
        let short = || Allowance::new(Duration::from_millis(1));
        let inner = short();
        assert_eq!(system.limit(&short(), system.limit(&inner, waiting)).await, Some(Some(())));
    }
}
