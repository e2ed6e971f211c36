//! What the hooks and steps of a run share.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use gherkin::StepType;
use tokio::sync::Notify;

use crate::{
    record::{drill::Drill, tally::Tally},
    runner::{
        arming::Part,
        select::Shard,
        stop::{Level, Stop},
        vocabulary::Vocabulary,
    },
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

impl Options {
    /// Of what the drills are all.
    pub fn scope(&self) -> String {
        self.shard.map_or_else(|| "the run".to_owned(), |shard| format!("shard {shard} of the run"))
    }
}

/// A run while it goes on.
pub(super) struct Course {
    pub(super) vocabulary: Rc<Vocabulary>,
    pub(super) options: Options,
    pub(super) stop: Stop,
    pub(super) labs: Arc<dyn Labs>,
    /// Which part of its drills it is.
    pub(super) part: Part,
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

impl Course {
    /// Whether a drill is armed before a step of this type. An interruption is the step's own to tell.
    pub(super) fn arms_before(&self, step: StepType) -> bool {
        matches!(self.part, Part::Arming(_)) && step == StepType::Then && self.stop.level() != Level::Now
    }

    /// The defects that were told since they were last asked for.
    pub(super) fn defects(&self) -> Vec<String> {
        std::mem::take(&mut *self.defects.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

tokio::task_local! {
    /// The run that is being polled.
    pub(super) static COURSE: Rc<Course>;
}

/// The run that this step or hook belongs to.
pub(super) fn current() -> Rc<Course> {
    COURSE.with(Rc::clone)
}
