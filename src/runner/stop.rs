//! Ending a run before its last drill: by a signal, or because a drill did not pass and was to be the last.

use std::{fmt, sync::Arc};

use tokio::sync::watch;

use crate::world::board::Board;

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

/// Why a drill may not begin now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Why.
    pub reason: String,
    /// What would let it begin.
    pub remedy: String,
}

/// What is asked, each time that a drill is about to begin, why it may not.
type Gate = Arc<dyn Fn() -> Option<Held> + Send + Sync>;

/// A switch that many hold and everybody sees, and the drills that there are to stop.
#[derive(Clone)]
pub struct Stop {
    level: watch::Sender<Level>,
    gate: Option<Gate>,
    running: Board,
}

impl Default for Stop {
    fn default() -> Self {
        Self { level: watch::Sender::new(Level::Run), gate: None, running: Board::default() }
    }
}

impl fmt::Debug for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stop").field("level", &self.level()).finish_non_exhaustive()
    }
}

impl Stop {
    /// A switch beside which `gate` is asked before each drill.
    pub fn beside(gate: impl Fn() -> Option<Held> + Send + Sync + 'static) -> Self {
        Self { gate: Some(Arc::new(gate)), ..Self::default() }
    }

    /// Why no drill may begin now, whatever the switch says.
    pub fn held(&self) -> Option<Held> {
        self.gate.as_ref().and_then(|gate| gate())
    }

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

    /// The drills that have begun and not ended, clean-up and all.
    pub fn running(&self) -> &Board {
        &self.running
    }

    /// Waits until everything but clean-up is to be left out.
    pub async fn now(&self) {
        let mut seen = self.level.subscribe();
        // The sender is held by `self`, so the wait ends by the level alone.
        let _level = seen.wait_for(|level| *level == Level::Now).await;
    }
}
