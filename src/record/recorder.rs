//! Where a drill writes down what happens while it happens.
//!
//! The recorder of the drill that is running reaches whoever has something to record through a task-local, which holds
//! for each poll of the drill's own future; so drills that share a thread stay apart, and transport needs no drill.

use std::sync::{Arc, Mutex, PoisonError};

use crate::record::{
    chain::Witness,
    drill::{Step, Stimulus},
    exchange::Exchange,
    finding::Finding,
    held::Held,
    sighting::Sighting,
    wait::Wait,
};

tokio::task_local! {
    static CURRENT: Arc<Recorder>;
}

/// What a drill has written down so far.
#[derive(Debug, Default)]
pub struct Recorder(Mutex<Notes>);

/// The notes of a drill, in the order in which they were taken.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "each field is the one of the same name of `record::drill::Drill`")]
pub struct Notes {
    pub steps: Vec<Step>,
    pub chain: Vec<Witness>,
    pub stimuli: Vec<Stimulus>,
    pub waits: Vec<Wait>,
    pub sightings: Vec<Sighting>,
    pub findings: Vec<Finding>,
    pub held: Vec<Held>,
    pub exchanges: Vec<Exchange>,
}

impl Recorder {
    /// Lets `write` add to the notes.
    pub fn note<T>(&self, write: impl FnOnce(&mut Notes) -> T) -> T {
        write(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes all notes out.
    pub fn take(&self) -> Notes {
        self.note(std::mem::take)
    }

    /// Runs `work` with this recorder as the current one.
    pub async fn scope<T>(self: Arc<Self>, work: impl Future<Output = T>) -> T {
        CURRENT.scope(self, work).await
    }
}

/// Whether this is said from within a drill.
pub fn in_a_drill() -> bool {
    CURRENT.try_with(|_| ()).is_ok()
}

/// Lets `write` add to the notes of the drill that is running; outside of any drill nothing is kept.
pub fn note(write: impl FnOnce(&mut Notes)) {
    let _outside_of_any_drill = CURRENT.try_with(|recorder| recorder.note(write));
}
