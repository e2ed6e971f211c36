//! Drills in two parts: up to the first `Then`, and from there on, in another process.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use futures::future::join_all;
use gherkin::StepType;
use jiff::{SignedDuration, Timestamp};

use crate::{
    armed::drill,
    domain::service::Service,
    record::{
        drill::{Outcome, Step},
        failure::Failure,
    },
    runner::{
        course::{COURSE, Course},
        drive,
        suite::Suite,
    },
    world::{World, arming::Rest},
};

/// Which part of its drills a run is.
pub(super) enum Part {
    /// All of each.
    Whole,
    /// The first; those that are armed.
    Arming(RefCell<Vec<Waiting>>),
    /// The second: what is left of each, by its id, and when the first of them began.
    Rests(RefCell<BTreeMap<String, Rest>>, Timestamp),
}

/// A drill that is armed, with what it takes to clean up after it.
pub(super) struct Waiting {
    feature: gherkin::Feature,
    scenario: gherkin::Scenario,
    world: World,
}

impl Part {
    pub(super) fn arming() -> Self {
        Self::Arming(RefCell::default())
    }

    pub(super) fn rests(rests: BTreeMap<String, Rest>) -> Self {
        let earliest = rests.values().map(Rest::started).min().unwrap_or(Timestamp::MAX);
        Self::Rests(RefCell::new(rests), earliest)
    }

    /// What is left of the drill `id`, once, and when the first of all began.
    pub(super) fn rest_of(&self, id: &str) -> Option<(Rest, Timestamp)> {
        match self {
            Self::Rests(rests, earliest) => Some((rests.borrow_mut().remove(id)?, *earliest)),
            Self::Whole | Self::Arming(_) => None,
        }
    }

    /// Keeps a drill that is armed.
    pub(super) fn armed(&self, feature: &gherkin::Feature, scenario: &gherkin::Scenario, world: World) {
        let Self::Arming(armed) = self else { unreachable!("no drill is armed but in the part that arms") };
        let feature = gherkin::Feature {
            keyword: feature.keyword.clone(),
            name: feature.name.clone(),
            description: None,
            background: None,
            scenarios: Vec::new(),
            rules: Vec::new(),
            tags: Vec::new(),
            span: feature.span,
            position: feature.position,
            path: feature.path.clone(),
        };
        armed.borrow_mut().push(Waiting { feature, scenario: scenario.clone(), world });
    }
}

/// The drills of a run that are armed.
pub struct Armed {
    course: Rc<Course>,
    waiting: Vec<Waiting>,
}

impl Armed {
    pub(super) fn of(course: &Rc<Course>) -> Self {
        let waiting = match &course.part {
            Part::Arming(armed) => std::mem::take(&mut *armed.borrow_mut()),
            Part::Whole | Part::Rests(..) => Vec::new(),
        };
        Self { course: Rc::clone(course), waiting }
    }

    /// Everything that the rest of each needs.
    pub fn drills(&self) -> Vec<drill::Drill> {
        self.waiting.iter().map(|one| one.world.armed()).collect()
    }

    /// How far the service's clock is ahead of the drills', as far as that is known.
    pub fn service_ahead(&self) -> SignedDuration {
        self.waiting.first().map_or(SignedDuration::ZERO, |one| one.world.lab().definitions.ahead())
    }

    /// Cleans up after all of them, and tells of each that it ended with `why`.
    pub async fn give_up(&mut self, why: &Failure) {
        let course = &self.course;
        let all = std::mem::take(&mut self.waiting).into_iter().map(|one| async move {
            let Waiting { feature, scenario, mut world } = one;
            world.disarm();
            world.recorder().note(|notes| notes.steps.extend(not_reached(&scenario, notes.steps.len(), why)));
            drive::conclude(course, &feature, &scenario, &mut world).await;
        });
        COURSE.scope(Rc::clone(course), join_all(all)).await;
    }
}

/// Says of which of `drills`, armed on `service`, what is written down is not what `suite` says: the steps before the first
/// `Then` of each were done, and no other.
pub fn fit(suite: &Suite, service: Service, drills: &[drill::Drill]) -> Result<(), String> {
    for feature in &suite.features {
        for place in &feature.drills {
            let scenario = feature.drill(*place);
            let id = drive::id_on(service, &feature.file, scenario.position.line);
            for drill in drills.iter().filter(|drill| drill.id == id) {
                has_done(&drill.notes.steps, &scenario).map_err(|why| format!("{id}: notes.steps: {why}"))?;
            }
        }
    }
    Ok(())
}

fn has_done(done: &[Step], scenario: &gherkin::Scenario) -> Result<(), String> {
    let first = scenario.steps.iter().position(|step| step.ty == StepType::Then);
    let first = first.ok_or("its scenario has no Then, so that it is never armed")?;
    if done.len() != first {
        return Err(format!("{} are done, and {first} stand before its first Then", done.len()));
    }
    let other = done.iter().zip(&scenario.steps).find(|(done, said)| {
        let is_said = (done.keyword.as_str(), done.text.as_str()) == (said.keyword.trim(), said.value.as_str());
        !is_said || done.outcome != Outcome::Passed
    });
    match other {
        Some((done, said)) => Err(format!("`{}` is not what line {} says and did", done.text, said.position.line)),
        None => Ok(()),
    }
}

/// The step that would have come next, ended by `why`.
fn not_reached(scenario: &gherkin::Scenario, done: usize, why: &Failure) -> Option<Step> {
    let next = scenario.steps.get(done)?;
    Some(Step {
        keyword: next.keyword.trim().to_owned(),
        text: next.value.clone(),
        line: u32::try_from(next.position.line).unwrap_or(u32::MAX),
        outcome: Outcome::Failed,
        started: None,
        finished: None,
        took_ms: 0.0,
        failure: Some(why.clone()),
    })
}
