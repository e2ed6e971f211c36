//! What the hooks and steps of a run share.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::sync::Notify;

use crate::{
    record::{drill::Drill, tally::Tally},
    runner::{select::Shard, stop::Stop, vocabulary::Vocabulary},
    world::lab::Labs,
};

/// How a suite is run.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many drills run at a time.
    pub jobs: usize,
    /// Whether the first drill that does not pass is the last to begin.
    pub fail_fast: bool,
    /// Whether what drills make is left in the tenant.
    pub keep: bool,
    /// How much real time a step may take beyond what it waits for by the clock.
    pub step_limit: Duration,
    /// What markers are derived from.
    pub seed: u64,
    /// Which share of the run's drills these are, where they are not all.
    pub shard: Option<Shard>,
}

/// A run while it goes on.
pub(super) struct Course {
    pub(super) vocabulary: Rc<Vocabulary>,
    pub(super) options: Options,
    pub(super) stop: Stop,
    pub(super) labs: Arc<dyn Labs>,
    /// What the drills that have ended say of the run's latencies.
    pub(super) tally: RefCell<Tally>,
    /// Panics outside of any step, each with its place.
    pub(super) defects: Arc<Mutex<Vec<String>>>,
    /// Where a drill is told that has ended.
    pub(super) sink: RefCell<Box<dyn FnMut(Drill)>>,
    /// Drills that cucumber has and that have not ended.
    pub(super) under_way: Cell<usize>,
    /// Told when a drill has ended.
    pub(super) ended: Notify,
}

tokio::task_local! {
    /// The run that is being polled.
    pub(super) static COURSE: Rc<Course>;
}

/// The run that this step or hook belongs to.
pub(super) fn current() -> Rc<Course> {
    COURSE.with(Rc::clone)
}
