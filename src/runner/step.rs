//! One step: its time limit, its panic, its record.
//!
//! Every line of every drill comes through [`run`], the only step that cucumber knows; which step is meant is found
//! here. So each one has a limit, each failure keeps its parts, and each panic its place.

use std::{any::Any, cell::RefCell, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use cucumber::step::Context;
use futures::{FutureExt as _, future::LocalBoxFuture};

use crate::{
    clock::limit::{Allowance, Stopwatch},
    record::{
        drill::{Outcome, Step},
        failure::{Code, Failure},
    },
    runner::{
        course::{self, Course},
        vocabulary::Meaning,
    },
    world::World,
};

thread_local! {
    /// Where the last panic on this thread was, for the step that it ended.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Keeps the place of a panic for the step that it ends.
pub(super) fn panicked_at(place: Option<String>) {
    PLACE.with(|kept| *kept.borrow_mut() = place);
}

/// Runs the step that the line means.
pub(super) fn run(world: &mut World, context: Context) -> LocalBoxFuture<'_, ()> {
    async move {
        let course = course::current();
        if world.is_blocked() || world.is_armed() || world.did_it_before() {
            return;
        }
        if course.arms_before(context.step.ty) {
            world.arm();
            return;
        }
        let (started, watch) = (world.clock().now(), Stopwatch::start());
        let recorder = Arc::clone(world.recorder());
        let clock = world.clock().clone();
        let line = (context.step.keyword.trim().to_owned(), context.step.value.clone(), context.step.position.line);
        let outcome = perform(world, context, &course).await;
        let failure = outcome.err();
        recorder.note(|notes| {
            notes.steps.push(Step {
                keyword: line.0,
                text: line.1,
                line: u32::try_from(line.2).unwrap_or(u32::MAX),
                outcome: failure.as_ref().map_or(Outcome::Passed, outcome_of),
                started: Some(started),
                finished: Some(clock.now()),
                took_ms: watch.elapsed().as_secs_f64() * 1000.0,
                failure: failure.clone(),
            });
        });
        if let Some(failure) = failure {
            // Cucumber ends a scenario at a panic; this one has been told already, so no hook needs to hear of it.
            std::panic::resume_unwind(Box::new(failure.to_string()));
        }
    }
    .boxed_local()
}

/// So much real time a request that makes something has to be answered, once its drill is to be broken off.
const SETTLING: Duration = Duration::from_secs(10);

async fn perform(world: &mut World, mut context: Context, course: &Course) -> Result<(), Failure> {
    let call = match course.vocabulary.meaning(context.step.ty, &context.step.value) {
        Meaning::Step(step, parts) => {
            context.matches = parts;
            step.call
        }
        Meaning::Unknown | Meaning::Ambiguous(_) => {
            return Err(Failure::new(Code::Inconclusive, "no single step is known for this line")
                .hint("`alertdrill steps` lists every step"));
        }
    };
    let allowance = Allowance::new(course.options.step_limit);
    // A panic that an earlier step caught by itself is none of this one's.
    panicked_at(None);
    let (recorder, clock) = (Arc::clone(world.recorder()), world.clock().clone());
    let sending = world.sending().clone();
    let stopped = async {
        course.stop.now().await;
        let patience = Allowance::new(SETTLING);
        let _answered_or_late = clock.limit(&patience, sending.settled()).await;
    };
    let step = recorder.scope(AssertUnwindSafe(call(world, context)).catch_unwind());
    tokio::select! {
        biased;
        () = stopped => Err(interrupted()),
        outcome = clock.limit(&allowance, step) => match outcome {
            Some(Ok(())) => Ok(()),
            Some(Err(panic)) => Err(failure_of(panic.as_ref())),
            None => Err(Failure::new(Code::Inconclusive, format!("the step ran past its limit of {:?}", allowance.limit(&clock)))
                .hint("something on the way does not answer; the exchanges of the drill show what was asked last")),
        },
    }
}

fn outcome_of(failure: &Failure) -> Outcome {
    if failure.code.is_skip() { Outcome::Skipped } else { Outcome::Failed }
}

/// A panic of a drill outside of its steps, with its place.
pub(super) fn panic_text(panic: &(dyn Any + Send)) -> String {
    let failure = failure_of(panic);
    format!("panic at {}: {}", failure.place.as_deref().unwrap_or("an unknown place"), failure.what)
}

/// What a drill that was broken off says.
pub(super) fn interrupted() -> Failure {
    Failure::new(Code::Inconclusive, "interrupted before it was judged").hint("run it again")
}

/// A step ends with a [`Failure`] of its verb, or a user's step with an error or a panic, of which there is the text.
pub(super) fn failure_of(panic: &(dyn Any + Send)) -> Failure {
    let place = PLACE.with(|kept| kept.borrow_mut().take());
    if let Some(failure) = panic.downcast_ref::<Failure>() {
        return failure.clone();
    }
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    let mut failure = Failure::new(Code::Inconclusive, text.unwrap_or("the step panicked without a word"));
    failure.place = place;
    failure
}
