//! Where a drill writes down what happens while it happens.
//!
//! The recorder of the drill that is running reaches whoever has something to record through a task-local, which holds
//! for each poll of the drill's own future; so drills that share a thread stay apart, and transport needs no drill.

use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::record::{
    chain::Witness,
    drill::{Level, Logged, Step, Stimulus},
    exchange::Exchange,
    finding::Finding,
    held::Held,
    redaction,
    sighting::Sighting,
    wait::Wait,
    waiting::{Waiting, Waits},
};

tokio::task_local! {
    static CURRENT: Hearers;
}

/// Whose notes are taken.
#[derive(Debug, Clone)]
enum Hearers {
    /// A drill's.
    One(Arc<Recorder>),
    /// Those of several, for whom something is done at once, in the order in which they asked for it.
    Several(Arc<[Option<Arc<Recorder>>]>),
    /// Those of several, for whom the same is done once.
    Alike(Arc<[Arc<Recorder>]>),
}

impl Hearers {
    /// Each of them.
    fn each(&self) -> impl Iterator<Item = &Arc<Recorder>> {
        let (one, several, alike): (_, &[Option<_>], &[_]) = match self {
            Self::One(recorder) => (Some(recorder), &[], &[]),
            Self::Several(several) => (None, several, &[]),
            Self::Alike(all) => (None, &[], all),
        };
        one.into_iter().chain(several.iter().flatten()).chain(alike)
    }
}

/// What a drill has written down so far, and what it waits for.
#[derive(Debug, Default)]
pub struct Recorder {
    notes: Mutex<Notes>,
    pub(super) waiting: Mutex<Option<Waiting>>,
}

/// The notes of a drill, in the order in which they were taken.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
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
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub logs: Vec<Logged>,
}

impl Recorder {
    /// Lets `write` add to the notes.
    pub fn note<T>(&self, write: impl FnOnce(&mut Notes) -> T) -> T {
        write(&mut self.notes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes all notes out.
    pub fn take(&self) -> Notes {
        self.note(std::mem::take)
    }

    /// Runs `work` with this recorder as the current one.
    pub async fn scope<T>(self: Arc<Self>, work: impl Future<Output = T>) -> T {
        CURRENT.scope(Hearers::One(self), work).await
    }
}

/// The recorder of the drill that is running, where one is.
pub fn current() -> Option<Arc<Recorder>> {
    CURRENT
        .try_with(|hearers| if let Hearers::One(recorder) = hearers { Some(Arc::clone(recorder)) } else { None })
        .ok()?
}

/// Does `work` for several at once, who asked for it in this order.
pub async fn scope_of_several<T>(recorders: Vec<Option<Arc<Recorder>>>, work: impl Future<Output = T>) -> T {
    CURRENT.scope(Hearers::Several(recorders.into()), work).await
}

/// Does `work` once for all of these: what is exchanged for it is each one's.
pub async fn scope_of_alike<T>(recorders: Vec<Arc<Recorder>>, work: impl Future<Output = T>) -> T {
    CURRENT.scope(Hearers::Alike(recorders.into()), work).await
}

/// Whether this is said from within a drill.
pub fn in_a_drill() -> bool {
    CURRENT.try_with(|hearers| matches!(hearers, Hearers::One(_))).unwrap_or(false)
}

/// Notes an exchange of the drill that is running, of all for whom it was made, or of the first of several; outside of any
/// drill nothing is kept.
pub fn note_exchange(exchange: Exchange) {
    let _outside_of_any_drill = CURRENT.try_with(|hearers| {
        let note = |recorder: &Arc<Recorder>, exchange| recorder.note(|notes| notes.exchanges.push(exchange));
        match hearers {
            Hearers::One(recorder) => note(recorder, exchange),
            Hearers::Several(several) => {
                if let Some(first) = several.iter().flatten().next() {
                    note(first, exchange);
                }
            }
            Hearers::Alike(all) => all.iter().for_each(|recorder| note(recorder, exchange.clone())),
        }
    });
}

/// No drill keeps more of what was logged: what repeats itself without end says nothing new.
const LOGS: usize = 200;

/// Notes what alertdrill logged while it did something for the drill that is running, or for each of several; outside of any
/// drill nothing is kept.
pub fn note_log(level: Level, text: &str) {
    let _outside_of_any_drill = CURRENT.try_with(|hearers| {
        let text = redaction::text(text.to_owned());
        let note = |recorder: &Arc<Recorder>| {
            recorder.note(|notes| {
                if notes.logs.len() < LOGS {
                    let after = u32::try_from(notes.exchanges.len()).unwrap_or(u32::MAX);
                    notes.logs.push(Logged { level, text: text.clone(), after });
                }
            });
        };
        hearers.each().for_each(note);
    });
}

/// Says of every drill for whom something is done what it waits for, as long as the result lives.
pub fn all_wait(waiting: &Waiting) -> Vec<Waits> {
    let wait = |recorder: &Arc<Recorder>| recorder.waits(|| waiting.clone());
    CURRENT.try_with(|hearers| hearers.each().map(wait).collect()).unwrap_or_default()
}

/// Whether something is done for several at once.
pub fn hears_several() -> bool {
    CURRENT.try_with(|hearers| matches!(hearers, Hearers::Several(_))).unwrap_or(false)
}

/// Lets `write` add to the notes of the one of several who asked at `place`.
pub fn note_of(place: usize, write: impl FnOnce(&mut Notes)) {
    let _outside_of_any_drill = CURRENT.try_with(|hearers| {
        if let Hearers::Several(several) = hearers
            && let Some(Some(recorder)) = several.get(place)
        {
            recorder.note(write);
        }
    });
}
