//! Those who ask for the same kind of thing at the same time, and what carries it for all of them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::future::BoxFuture;
use jiff::SignedDuration;
use tokio::task::AbortHandle;

use crate::{
    bulk::company::Company,
    clock::{
        Clock, later,
        limit::Allowance,
        reply::{Giver, reply},
        turn::Turn,
    },
    record::recorder::{self, Recorder},
};

/// What is asked for is sent when everybody of the company asks, when there is as much as a call takes, or so long after the
/// first has asked, whichever comes first.
const PATIENCE: SignedDuration = SignedDuration::from_secs(2);

/// Takes all that is asked for, and brings an answer to each, in the same order.
type Carrier<T, R> = dyn Fn(Vec<T>) -> BoxFuture<'static, Vec<R>> + Send + Sync;

/// A place where things are asked for, to be carried together. Clones are the same place.
pub struct Gathering<T, R>(Arc<Place<T, R>>);

impl<T, R> Clone for Gathering<T, R> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

struct Place<T, R> {
    clock: Clock,
    company: Company,
    at_most: usize,
    /// Whether all ask for the same.
    alike: bool,
    carrier: Box<Carrier<T, R>>,
    /// One load at a time is on its way.
    way: Turn,
    asked: Mutex<Asked<T, R>>,
}

struct Asked<T, R> {
    all: Vec<One<T, R>>,
    /// How often all was taken: whoever waits to take it knows by this that another did.
    taken: u64,
    /// Who takes all when the patience of the first is over.
    timer: Option<AbortHandle>,
}

/// Somebody who has asked.
struct One<T, R> {
    what: T,
    answer: Giver<R>,
    recorder: Option<Arc<Recorder>>,
    allowance: Option<Allowance>,
}

impl<T: Send + 'static, R: Send + 'static> Gathering<T, R> {
    /// A place for `company`, from which `carrier` takes at most so many at a time.
    pub fn new(
        clock: &Clock,
        company: &Company,
        at_most: usize,
        carrier: impl Fn(Vec<T>) -> BoxFuture<'static, Vec<R>> + Send + Sync + 'static,
    ) -> Self {
        Self::at(clock, company, (at_most, false), Box::new(carrier))
    }

    fn at(clock: &Clock, company: &Company, (at_most, alike): (usize, bool), carrier: Box<Carrier<T, R>>) -> Self {
        let (way, clock, company) = (Turn::new(clock), clock.clone(), company.clone());
        let asked = Mutex::new(Asked { all: Vec::new(), taken: 0, timer: None });
        Self(Arc::new(Place { clock, company, at_most: at_most.max(1), alike, carrier, way, asked }))
    }

    /// Waits until what is on its way has arrived: what somebody asked for who gave up since may be among it.
    pub async fn arrived(&self) {
        let _nothing_is_on_its_way = self.0.way.take().await;
    }

    /// Asks for `what`, and waits for the answer. Whoever stops to wait before it was sent has not asked.
    ///
    /// # Panics
    /// Where what carries it has: nothing is known of what became of it then.
    pub async fn ask(&self, what: T) -> R {
        let place = &self.0;
        let (answer, brought) = reply(&place.clock);
        let one = One { what, answer, recorder: recorder::current(), allowance: Allowance::current() };
        let (count, taken) = {
            let mut asked = place.asked();
            asked.all.push(one);
            (asked.all.len(), asked.taken)
        };
        if count >= place.at_most || count >= place.company.size() {
            let all = place.asked().take();
            self.carry(all);
        } else {
            Allowance::extend_current(PATIENCE.unsigned_abs());
            if count == 1 {
                let timer = self.carry_later(taken);
                place.asked().timer = Some(timer);
            }
        }
        brought.await.expect("what is asked for together is answered, unless its carrier panicked")
    }

    fn carry_later(&self, taken: u64) -> AbortHandle {
        let (this, me) = (self.clone(), self.0.clock.join());
        let timer = tokio::spawn(async move {
            let due = later(this.0.clock.now(), PATIENCE);
            this.0.clock.sleep_until(due).await;
            let all = {
                let mut asked = this.0.asked();
                if asked.taken == taken { asked.take() } else { Vec::new() }
            };
            this.carry(all);
            drop(me);
        });
        timer.abort_handle()
    }

    /// Carries `all` by a task of its own: if one of those who asked gives up, the others lose nothing.
    fn carry(&self, all: Vec<One<T, R>>) {
        if all.is_empty() {
            return;
        }
        let (this, me) = (self.clone(), self.0.clock.join());
        tokio::spawn(async move {
            let _way = this.0.way.take().await;
            let mut whats = Vec::with_capacity(all.len());
            let (mut answers, mut recorders, mut allowances) = (Vec::new(), Vec::new(), Vec::new());
            for One { what, answer, recorder, allowance } in all.into_iter().filter(|one| !one.answer.is_given_up()) {
                whats.push(what);
                answers.push(answer);
                recorders.push(recorder);
                allowances.extend(allowance);
            }
            if whats.is_empty() {
                return;
            }
            let work = (this.0.carrier)(whats);
            let brought = if this.0.alike {
                let work = recorder::scope_of_alike(recorders.into_iter().flatten().collect(), work);
                Allowance::for_all(allowances, work).await
            } else {
                Allowance::for_all(allowances, recorder::scope_of_several(recorders, work)).await
            };
            for (giver, answer) in answers.into_iter().zip(brought) {
                giver.give(answer);
            }
            drop(me);
        });
    }
}

impl<R: Clone + Send + 'static> Gathering<(), R> {
    /// A place where everybody asks for the same: `carrier` is asked once for all who come together.
    pub fn of_the_same(
        clock: &Clock,
        company: &Company,
        carrier: impl Fn() -> BoxFuture<'static, R> + Send + Sync + 'static,
    ) -> Self {
        let carrier = move |all: Vec<()>| -> BoxFuture<'static, Vec<R>> {
            let answer = carrier();
            Box::pin(async move { vec![answer.await; all.len()] })
        };
        Self::at(clock, company, (usize::MAX, true), Box::new(carrier))
    }
}

impl<T, R> Place<T, R> {
    fn asked(&self) -> MutexGuard<'_, Asked<T, R>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T, R> Asked<T, R> {
    fn take(&mut self) -> Vec<One<T, R>> {
        self.taken += 1;
        if let Some(timer) = self.timer.take() {
            timer.abort();
        }
        std::mem::take(&mut self.all)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    type Carried = Arc<Mutex<Vec<(Vec<u32>, Timestamp)>>>;

    /// A place whose carrier doubles what it is given, and what it carried when.
    fn doubling(company: &Company, at_most: usize) -> (Gathering<u32, u32>, Carried, Clock) {
        let clock = Clock::jumping("2026-11-24T12:00:00Z".parse().expect("a timestamp"));
        let carried = Carried::default();
        let (seen, now) = (Arc::clone(&carried), clock.clone());
        let gathering = Gathering::new(&clock, company, at_most, move |all: Vec<u32>| {
            seen.lock().expect("nobody panicked").push((all.clone(), now.now()));
            Box::pin(std::future::ready(all.into_iter().map(|one| one * 2).collect()))
        });
        (gathering, carried, clock)
    }

    async fn all(gathering: &Gathering<u32, u32>, clock: &Clock, asked: std::ops::Range<u32>) -> Vec<u32> {
        let ask = |one| {
            let (gathering, me) = (gathering.clone(), clock.join());
            tokio::spawn(async move {
                let answer = gathering.ask(one).await;
                drop(me);
                answer
            })
        };
        let tasks: Vec<_> = asked.map(ask).collect();
        let mut answers = Vec::new();
        for task in tasks {
            answers.push(task.await.expect("everybody is answered"));
        }
        answers
    }

    fn sizes(carried: &Carried) -> Vec<usize> {
        carried.lock().expect("nobody panicked").iter().map(|(all, _)| all.len()).collect()
    }

    #[tokio::test]
    async fn whoever_is_alone_waits_for_nobody() {
        let company = Company::default();
        let _me = company.join();
        let (gathering, carried, clock) = doubling(&company, 10);
        let before = clock.now();
        assert_eq!(all(&gathering, &clock, 1..2).await, [2]);
        assert_eq!((sizes(&carried), clock.now()), (vec![1], before));
    }

    #[tokio::test]
    async fn those_who_ask_at_the_same_time_are_carried_together_and_each_has_its_own_answer() {
        let company = Company::default();
        let _all: Vec<_> = (0..30).map(|_| company.join()).collect();
        let (gathering, carried, clock) = doubling(&company, 10);
        let before = clock.now();
        assert_eq!(all(&gathering, &clock, 0..25).await, (0..25).map(|one| one * 2).collect::<Vec<_>>());
        assert_eq!(sizes(&carried), [10, 10, 5]);
        assert_eq!(clock.now(), later(before, PATIENCE), "the last five waited for others");
    }

    #[tokio::test]
    async fn when_everybody_has_asked_nobody_waits() {
        let company = Company::default();
        let _all: Vec<_> = (0..3).map(|_| company.join()).collect();
        let (gathering, carried, clock) = doubling(&company, 10);
        let before = clock.now();
        assert_eq!(all(&gathering, &clock, 0..3).await, [0, 2, 4]);
        assert_eq!((sizes(&carried), clock.now()), (vec![3], before));
    }

    #[tokio::test]
    async fn whoever_gives_up_before_it_is_sent_has_not_asked() {
        let company = Company::default();
        let _all: Vec<_> = (0..9).map(|_| company.join()).collect();
        let (gathering, carried, clock) = doubling(&company, 10);
        {
            let mut given_up = std::pin::pin!(gathering.ask(7));
            assert!(futures::poll!(&mut given_up).is_pending());
        }
        assert_eq!(all(&gathering, &clock, 1..3).await, [2, 4]);
        assert_eq!(carried.lock().expect("nobody panicked")[0].0, [1, 2]);
    }

    #[tokio::test]
    async fn whoever_gives_up_while_another_load_is_on_its_way_has_not_asked_either() {
        let (_, _, clock) = doubling(&Company::default(), 1);
        let (carried, slowly) = (Carried::default(), clock.clone());
        let seen = Arc::clone(&carried);
        let gathering = Gathering::new(&clock, &Company::default(), 1, move |all: Vec<u32>| {
            let (seen, slowly) = (Arc::clone(&seen), slowly.clone());
            Box::pin(async move {
                seen.lock().expect("nobody panicked").push((all.clone(), slowly.now()));
                slowly.sleep(std::time::Duration::from_mins(1)).await;
                all
            })
        });
        let (me, awake) = (clock.join(), clock.join());
        let first = all(&gathering, &clock, 1..2);
        {
            let mut first = std::pin::pin!(first);
            while carried.lock().expect("nobody panicked").is_empty() {
                assert!(futures::poll!(&mut first).is_pending());
                tokio::task::yield_now().await;
            }
            let mut given_up = std::pin::pin!(gathering.ask(7));
            assert!(futures::poll!(&mut given_up).is_pending());
        }
        drop((me, awake));
        gathering.arrived().await;
        assert_eq!(all(&gathering, &clock, 2..3).await, [2]);
        let carried: Vec<_> = carried.lock().expect("nobody panicked").iter().map(|(all, _)| all.clone()).collect();
        assert_eq!(carried, [vec![1], vec![2]]);
    }

    #[tokio::test]
    #[should_panic(expected = "unless its carrier panicked")]
    async fn a_carrier_that_panics_leaves_nobody_waiting() {
        let clock = Clock::jumping("2026-11-24T12:00:00Z".parse().expect("a timestamp"));
        let gathering =
            Gathering::<u32, u32>::new(&clock, &Company::default(), 1, |_| Box::pin(async { panic!("oh") }));
        gathering.ask(1).await;
    }
}
