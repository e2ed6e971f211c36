//! The drills that run, for whoever looks on.
//!
//! Nothing of them is kept here: where a drill is, and what it waits for, is read from where it writes down what happens.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;

use crate::{
    clock::Clock,
    record::{chain::Link, recorder::Recorder, waiting::Waiting},
    world::World,
};

/// The drills that have begun and not ended, clean-up and all. Clones are the same board.
#[derive(Clone, Default)]
pub struct Board(Arc<Mutex<BTreeMap<String, Running>>>);

struct Running {
    name: String,
    steps: usize,
    started: Timestamp,
    clock: Clock,
    recorder: Arc<Recorder>,
    is_armed: bool,
}

/// A drill that runs, as it is at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Its name.
    pub name: String,
    /// When it began, on its clock.
    pub started: Timestamp,
    /// What time it is on its clock.
    pub now: Timestamp,
    /// So many of its steps are done,
    pub done: usize,
    /// of so many.
    pub steps: usize,
    /// The link of the chain that it is at.
    pub link: Link,
    /// What it waits for, if it waits.
    pub waiting: Option<Waiting>,
}

impl Board {
    /// The drill `id`, of the name and as many steps as are given, has begun in `world`.
    pub fn begins(&self, id: String, (name, steps): (&str, usize), world: &World) {
        let running = Running {
            name: name.to_owned(),
            steps,
            started: world.started(),
            clock: world.clock().clone(),
            recorder: Arc::clone(world.recorder()),
            is_armed: false,
        };
        self.running().insert(id, running);
    }

    /// The drill `id` has come to its first `Then`, and is judged in another process.
    pub fn is_armed(&self, id: &str) {
        if let Some(running) = self.running().get_mut(id) {
            running.is_armed = true;
        }
    }

    /// The drill `id` has ended.
    pub fn ends(&self, id: &str) {
        self.running().remove(id);
    }

    /// How many drills have begun and not ended.
    pub fn count(&self) -> usize {
        self.running().len()
    }

    /// Those that go on, in the order of their ids; of those whose clock jumps, on which nobody waits for long, none.
    pub fn seen(&self) -> Vec<Seen> {
        let running = self.running();
        running.values().filter(|one| !one.is_armed && !one.clock.jumps()).map(Running::seen).collect()
    }

    fn running(&self) -> MutexGuard<'_, BTreeMap<String, Running>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Board {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Board").field("count", &self.count()).finish_non_exhaustive()
    }
}

impl Running {
    fn seen(&self) -> Seen {
        let waiting = self.recorder.waiting();
        let (done, last) = self.recorder.note(|notes| (notes.steps.len(), notes.chain.last().map(|told| told.link)));
        let next = || last.map_or(Link::Access, after);
        Seen {
            name: self.name.clone(),
            started: self.started,
            now: self.clock.now(),
            done,
            steps: self.steps,
            link: waiting.as_ref().and_then(|waiting| waiting.link).unwrap_or_else(next),
            waiting,
        }
    }
}

/// The link that comes after `link`; nothing comes after the last.
fn after(link: Link) -> Link {
    Link::ALL.into_iter().find(|next| *next > link).unwrap_or(link)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::chain::{Standing, Witness};

    fn board(clock: &Clock) -> (Board, Arc<Recorder>) {
        let (board, recorder) = (Board::default(), Arc::new(Recorder::default()));
        let running = Running {
            name: "a drill".into(),
            steps: 3,
            started: clock.now(),
            clock: clock.clone(),
            recorder: Arc::clone(&recorder),
            is_armed: false,
        };
        board.running().insert("a:1".into(), running);
        (board, recorder)
    }

    #[test]
    fn a_drill_is_at_the_link_that_waits_and_else_at_the_one_after_the_last_that_was_told() {
        let (board, recorder) = board(&Clock::system());
        let link = || board.seen()[0].link;
        assert_eq!(link(), Link::Access);
        let (at, by) = (Timestamp::UNIX_EPOCH, String::new());
        recorder.note(|notes| {
            notes.chain.push(Witness { link: Link::Published, standing: Standing::Held, from: at, until: at, by });
        });
        assert_eq!(link(), Link::Propagation);
        let waiting = |link| Waiting { link, what: "something".into(), since: at, until: None };
        let told = recorder.waits(|| waiting(None));
        assert_eq!((link(), board.seen()[0].waiting.clone()), (Link::Propagation, Some(waiting(None))));
        drop(told);
        let _told = recorder.waits(|| waiting(Some(Link::Detection)));
        assert_eq!(link(), Link::Detection);
    }

    #[test]
    fn what_is_armed_and_what_runs_on_a_clock_that_jumps_is_counted_and_not_seen() {
        let (board, _recorder) = board(&Clock::system());
        assert_eq!((board.count(), board.seen().len()), (1, 1));
        board.is_armed("a:1");
        assert_eq!((board.count(), board.seen().len()), (1, 0));
        board.ends("a:1");
        assert_eq!(board.count(), 0);
        let (board, _recorder) = self::board(&Clock::jumping(Timestamp::UNIX_EPOCH));
        assert_eq!((board.count(), board.seen().len()), (1, 0));
    }
}
