//! What one drill at a time may hold.

use std::{
    collections::VecDeque,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};

use crate::clock::{Clock, Kind, lock};

/// Something that only one may hold at a time, first come, first served. Whoever waits for it counts as asleep.
#[derive(Debug)]
pub struct Turn {
    clock: Clock,
    line: Mutex<Line>,
}

#[derive(Debug, Default)]
struct Line {
    taken: bool,
    waiting: VecDeque<Arc<Place>>,
}

/// A place in the line of a [`Turn`].
#[derive(Debug)]
struct Place(Mutex<PlaceState>);

#[derive(Debug)]
enum PlaceState {
    Waiting(Option<Waker>),
    Called,
}

/// The turn, until dropped.
#[derive(Debug)]
#[must_use = "dropped at once, the turn is over"]
pub struct TurnGuard<T: std::ops::Deref<Target = Turn>>(T);

impl Turn {
    /// A turn that nobody holds.
    pub fn new(clock: &Clock) -> Self {
        Self { clock: clock.clone(), line: Mutex::default() }
    }

    /// Waits in line, then holds the turn.
    pub async fn take(&self) -> TurnGuard<&Self> {
        self.wait().await;
        TurnGuard(self)
    }

    /// The same, for a guard that outlives the borrow.
    pub async fn take_owned(self: Arc<Self>) -> TurnGuard<Arc<Self>> {
        self.wait().await;
        TurnGuard(self)
    }

    async fn wait(&self) {
        let place = {
            let mut line = lock(&self.line);
            if !line.taken {
                line.taken = true;
                return;
            }
            let place = Arc::new(Place(Mutex::new(PlaceState::Waiting(None))));
            line.waiting.push_back(Arc::clone(&place));
            place
        };
        self.clock.stand_in_line();
        InLine { turn: self, place, served: false }.await;
    }

    /// Hands the turn to the first in line, or to nobody. The one called counts as awake from this moment on, not from
    /// the moment its task runs: a clock that leapt in between would leave it behind.
    fn pass_on(&self) {
        let mut line = lock(&self.line);
        match line.waiting.pop_front() {
            None => line.taken = false,
            Some(place) => {
                self.clock.leave_line();
                if let PlaceState::Waiting(Some(waker)) = std::mem::replace(&mut *lock(&place.0), PlaceState::Called) {
                    waker.wake();
                }
            }
        }
    }
}

impl<T: std::ops::Deref<Target = Turn>> Drop for TurnGuard<T> {
    fn drop(&mut self) {
        self.0.pass_on();
    }
}

impl Clock {
    pub(super) fn stand_in_line(&self) {
        if let Kind::Jumping(state) = &*self.0 {
            let mut state = lock(state);
            state.in_line += 1;
            state.leap_if_all_sleep();
        }
    }

    pub(super) fn leave_line(&self) {
        if let Kind::Jumping(state) = &*self.0 {
            lock(state).in_line -= 1;
        }
    }
}

struct InLine<'a> {
    turn: &'a Turn,
    place: Arc<Place>,
    served: bool,
}

impl Future for InLine<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let place = Arc::clone(&self.place);
        let mut state = lock(&place.0);
        match &mut *state {
            PlaceState::Called => {
                self.served = true;
                Poll::Ready(())
            }
            PlaceState::Waiting(waker) => {
                *waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Drop for InLine<'_> {
    fn drop(&mut self) {
        if self.served {
            return;
        }
        let called = matches!(*lock(&self.place.0), PlaceState::Called);
        if called {
            self.turn.pass_on();
        } else {
            let mut line = lock(&self.turn.line);
            line.waiting.retain(|place| !Arc::ptr_eq(place, &self.place));
            self.turn.clock.leave_line();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use jiff::SignedDuration;

    use super::*;
    use crate::clock::tests::{MINUTE, noon};

    #[tokio::test]
    async fn whoever_waits_for_a_turn_counts_as_asleep_and_whoever_gets_it_as_awake() {
        let clock = Clock::jumping(noon());
        let turn = Arc::new(Turn::new(&clock));
        let tasks: Vec<_> = (0..3)
            .map(|_| {
                let (clock, turn, me) = (clock.clone(), Arc::clone(&turn), clock.join());
                tokio::spawn(async move {
                    let held = turn.take().await;
                    let from = clock.now();
                    clock.sleep(MINUTE).await;
                    let span = clock.now().duration_since(from);
                    drop(held);
                    drop(me);
                    span
                })
            })
            .collect();
        for task in tasks {
            assert_eq!(task.await.expect("every turn comes"), SignedDuration::from_secs(60));
        }
        assert_eq!(clock.now().to_string(), "2026-11-24T12:03:00Z");
    }

    #[tokio::test]
    async fn a_place_in_line_that_is_given_up_is_nobody_s() {
        let clock = Clock::jumping(noon());
        let turn = Turn::new(&clock);
        let held = turn.take().await;
        assert!(futures::poll!(pin!(turn.take())).is_pending(), "the turn is taken");
        drop(held);
        let _mine = turn.take().await;
    }
}
