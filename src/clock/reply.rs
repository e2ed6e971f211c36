//! An answer that somebody else brings. Whoever waits for it counts as asleep, and from the moment it is given as awake.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};

use crate::clock::{Clock, lock};

/// Two ends of one answer.
pub fn reply<T>(clock: &Clock) -> (Giver<T>, Taker<T>) {
    let shared = Arc::new(Mutex::new(State { given: None, over: false, waiting: None }));
    (Giver { clock: clock.clone(), state: Arc::clone(&shared) }, Taker { clock: clock.clone(), state: shared })
}

/// The end that gives. Dropped without giving, it tells the other end so.
#[derive(Debug)]
pub struct Giver<T> {
    clock: Clock,
    state: Arc<Mutex<State<T>>>,
}

/// The end that waits: for the answer, or for `None`, which is that there will be none.
#[derive(Debug)]
#[must_use = "an answer is waited for"]
pub struct Taker<T> {
    clock: Clock,
    state: Arc<Mutex<State<T>>>,
}

#[derive(Debug)]
struct State<T> {
    given: Option<T>,
    over: bool,
    waiting: Option<Waker>,
}

impl<T> Giver<T> {
    /// Gives the answer.
    pub fn give(self, answer: T) {
        lock(&self.state).given = Some(answer);
    }

    /// Whether nobody waits any more.
    pub fn is_given_up(&self) -> bool {
        Arc::strong_count(&self.state) == 1
    }
}

impl<T> Drop for Giver<T> {
    fn drop(&mut self) {
        let mut state = lock(&self.state);
        state.over = true;
        if let Some(waker) = state.waiting.take() {
            self.clock.leave_line();
            waker.wake();
        }
    }
}

impl<T> Future for Taker<T> {
    type Output = Option<T>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let mut state = lock(&self.state);
        if state.over {
            return Poll::Ready(state.given.take());
        }
        let waits_already = state.waiting.replace(cx.waker().clone()).is_some();
        drop(state);
        if !waits_already {
            self.clock.stand_in_line();
        }
        Poll::Pending
    }
}

impl<T> Drop for Taker<T> {
    fn drop(&mut self) {
        if lock(&self.state).waiting.take().is_some() {
            self.clock.leave_line();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use super::*;
    use crate::clock::tests::{MINUTE, noon};

    #[tokio::test]
    async fn whoever_waits_for_an_answer_sleeps_until_it_is_given() {
        let clock = Clock::jumping(noon());
        let _me = clock.join();
        let (giver, taker) = reply(&clock);
        let other = {
            let (clock, me) = (clock.clone(), clock.join());
            tokio::spawn(async move {
                clock.sleep(MINUTE).await;
                giver.give(7);
                drop(me);
            })
        };
        assert_eq!(taker.await, Some(7));
        assert_eq!(clock.now().to_string(), "2026-11-24T12:01:00Z");
        other.await.expect("it ended");
        clock.sleep(MINUTE).await;
        assert_eq!(clock.now().to_string(), "2026-11-24T12:02:00Z", "nobody is counted as asleep who is not");
    }

    #[tokio::test]
    async fn an_answer_that_will_not_come_is_none_and_one_that_nobody_waits_for_is_known_to_be() {
        let clock = Clock::jumping(noon());
        let (giver, taker) = reply::<u8>(&clock);
        drop(giver);
        assert_eq!(taker.await, None);
        let (giver, taker) = reply::<u8>(&clock);
        {
            let mut taker = pin!(taker);
            assert!(futures::poll!(&mut taker).is_pending());
            assert!(!giver.is_given_up());
        }
        assert!(giver.is_given_up());
        giver.give(1);
        let _me = clock.join();
        clock.sleep(MINUTE).await;
    }
}
