//! Who may be shown out when every place is taken: whoever has sat longest without having asked for anything.
//!
//! A guest asks for something from the end of a request's body until the answer is ready. All else is sitting: silence,
//! half a handshake, half a request, the time between two requests.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use crate::clock::{
    Clock,
    limit::{Allowance, Stopwatch},
};

/// How soon to look again whether somebody may be shown out.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// How long somebody who was shown out may take to be gone, before somebody else is.
const LEAVING: Duration = Duration::from_millis(200);

/// The places, and who sits on them.
#[derive(Debug)]
pub(super) struct Lobby {
    seats: Arc<Semaphore>,
    /// How long somebody may sit while others stand.
    grace: Duration,
    sitting: Mutex<Sitting>,
}

#[derive(Debug, Default)]
struct Sitting {
    next: u64,
    by_turn: BTreeMap<u64, (Stopwatch, Arc<Notify>)>,
}

impl Lobby {
    pub(super) fn new(places: usize, grace: Duration) -> Arc<Self> {
        Arc::new(Self { seats: Arc::new(Semaphore::new(places)), grace, sitting: Mutex::default() })
    }

    /// A place for somebody who stands; until there is one, those who sit are shown out.
    pub(super) async fn seat(self: &Arc<Self>) -> Option<Stay> {
        let mut patience = Duration::ZERO;
        loop {
            if let Ok(seat) = Arc::clone(&self.seats).try_acquire_owned() {
                return Some(Stay::new(Arc::clone(self), seat));
            }
            if !patience.is_zero() {
                let seat = Arc::clone(&self.seats).acquire_owned();
                if let Some(seat) = Clock::system().limit(&Allowance::new(patience), seat).await {
                    return seat.ok().map(|seat| Stay::new(Arc::clone(self), seat));
                }
            }
            patience = if self.show_out() { LEAVING } else { LOOK_AGAIN };
        }
    }

    /// Tells whoever has sat longest to go; false when nobody has sat for long enough.
    fn show_out(&self) -> bool {
        let mut sitting = self.sitting();
        let long = sitting.by_turn.first_entry().filter(|first| first.get().0.elapsed() >= self.grace);
        let Some(first) = long else { return false };
        first.remove().1.notify_one();
        true
    }

    fn sitting(&self) -> MutexGuard<'_, Sitting> {
        self.sitting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sit(&self, leave: &Arc<Notify>) -> u64 {
        let mut sitting = self.sitting();
        let turn = sitting.next;
        sitting.next += 1;
        sitting.by_turn.insert(turn, (Stopwatch::start(), Arc::clone(leave)));
        turn
    }
}

/// A guest's place, until it is dropped.
#[derive(Debug)]
pub(super) struct Stay {
    lobby: Arc<Lobby>,
    leave: Arc<Notify>,
    /// The turn of sitting; none while something is asked for.
    turn: Mutex<Option<u64>>,
    _seat: OwnedSemaphorePermit,
}

impl Stay {
    fn new(lobby: Arc<Lobby>, seat: OwnedSemaphorePermit) -> Self {
        let leave = Arc::new(Notify::new());
        let turn = Mutex::new(Some(lobby.sit(&leave)));
        Self { lobby, leave, turn, _seat: seat }
    }

    /// Waits to be shown out.
    pub(super) async fn shown_out(&self) {
        self.leave.notified().await;
    }

    /// Whether something is asked for and not answered yet.
    pub(super) fn asks(&self) -> bool {
        self.turn().is_none()
    }

    /// Is not shown out until what this returns is dropped.
    pub(super) fn ask(&self) -> Asking<'_> {
        self.get_up();
        Asking(self)
    }

    fn get_up(&self) {
        if let Some(turn) = self.turn().take() {
            self.lobby.sitting().by_turn.remove(&turn);
        }
    }

    fn turn(&self) -> MutexGuard<'_, Option<u64>> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        self.get_up();
    }
}

/// Something that a guest asks for.
#[derive(Debug)]
pub(super) struct Asking<'a>(&'a Stay);

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        *self.0.turn() = Some(self.0.lobby.sit(&self.0.leave));
    }
}
