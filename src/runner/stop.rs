//! Ending a run before its last drill: by a signal, or because a drill did not pass and was to be the last.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::sync::watch;

/// How much of a run is to be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing.
    Run,
    /// No drill that has not begun.
    NoMore,
    /// Nothing but clean-up: drills that run are broken off.
    Now,
}

/// A switch that many hold and everybody sees, and how many drills there are to stop.
#[derive(Debug, Clone)]
pub struct Stop {
    level: watch::Sender<Level>,
    under_way: Arc<AtomicUsize>,
}

impl Default for Stop {
    fn default() -> Self {
        Self { level: watch::Sender::new(Level::Run), under_way: Arc::default() }
    }
}

impl Stop {
    /// Stops at least as much as `level`.
    pub fn at_least(&self, level: Level) {
        self.level.send_if_modified(|current| {
            let more = level > *current;
            *current = level.max(*current);
            more
        });
    }

    /// How much is left out.
    pub fn level(&self) -> Level {
        *self.level.borrow()
    }

    /// How many drills have begun and not ended, clean-up and all.
    pub fn under_way(&self) -> usize {
        self.under_way.load(Ordering::Relaxed)
    }

    /// Counts a drill that begins.
    pub(super) fn begins(&self) {
        self.under_way.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a drill that has ended.
    pub(super) fn ends(&self) {
        self.under_way.fetch_sub(1, Ordering::Relaxed);
    }

    /// Waits until everything but clean-up is to be left out.
    pub async fn now(&self) {
        let mut seen = self.level.subscribe();
        // The sender is held by `self`, so the wait ends by the level alone.
        let _level = seen.wait_for(|level| *level == Level::Now).await;
    }
}
