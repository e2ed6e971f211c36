//! Ending a run before its last drill: by a signal, or because a drill did not pass and was to be the last.

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

/// A switch that many hold and everybody sees.
#[derive(Debug, Clone)]
pub struct Stop(watch::Sender<Level>);

impl Default for Stop {
    fn default() -> Self {
        Self(watch::Sender::new(Level::Run))
    }
}

impl Stop {
    /// Stops at least as much as `level`.
    pub fn at_least(&self, level: Level) {
        self.0.send_if_modified(|current| {
            let more = level > *current;
            *current = level.max(*current);
            more
        });
    }

    /// How much is left out.
    pub fn level(&self) -> Level {
        *self.0.borrow()
    }

    /// Waits until everything but clean-up is to be left out.
    pub async fn now(&self) {
        let mut seen = self.0.subscribe();
        // The sender is held by `self`, so the wait ends by the level alone.
        let _level = seen.wait_for(|level| *level == Level::Now).await;
    }
}
