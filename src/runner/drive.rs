//! The drills of a suite, through cucumber, a bounded number at a time, each told to the sink as soon as it has ended.
//!
//! Features are handed to cucumber in small portions as drills end: its queue is searched whole at each start, and a
//! suite of ten thousand drills is no longer than a suite of ten, only more of them. Drills that speak of the run come when
//! all others have ended.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, VecDeque},
    panic::AssertUnwindSafe,
    rc::Rc,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use cucumber::{
    Cucumber, Event, Writer, cli,
    codegen::Regex,
    event::{self, ScenarioFinished},
    parser::{self, Parser},
    step, writer,
};
use futures::{FutureExt as _, Stream, future::LocalBoxFuture, stream};

use crate::{
    clock::limit::Allowance,
    domain::service::Service,
    record::{
        drill::{Drill, Outcome, Step, Undone},
        failure::{Code, Failure},
        recorder,
        tally::Tally,
        verdict::Verdict,
    },
    runner::{
        arming::{Armed, Part},
        course::{COURSE, Course, Options, current},
        outline, step as one_step,
        stop::{Level, Stop},
        suite::{Feature, Suite},
        vocabulary::Vocabulary,
    },
    steps::budget,
    world::{
        World,
        arming::Rest,
        lab::{Lab, Labs, NoLab, Wish},
    },
};

/// What is known when every drill has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Panics outside of any step, each with its place: defects of alertdrill.
    pub defects: Vec<String>,
}

/// Runs every drill of `suite` in labs of `labs`, and tells each to `sink` when it has ended.
pub async fn run(
    suite: Suite,
    vocabulary: Rc<Vocabulary>,
    labs: Arc<dyn Labs>,
    (options, stop): (Options, Stop),
    sink: impl FnMut(Drill) + 'static,
) -> Ended {
    let tally = Tally::of(options.scope());
    let course = course(vocabulary, labs, (options, stop), (Part::Whole, tally), sink);
    run_course(&course, suite).await
}

/// Runs the drills of `suite` up to the first `Then` of each, and tells those to `sink` that ended before it; the others are
/// armed. After an interruption none is.
pub async fn arm(
    suite: Suite,
    vocabulary: Rc<Vocabulary>,
    labs: Arc<dyn Labs>,
    (options, stop): (Options, Stop),
    sink: impl FnMut(Drill) + 'static,
) -> (Ended, Armed) {
    let tally = Tally::of(options.scope());
    let course = course(vocabulary, labs, (options, stop), (Part::arming(), tally), sink);
    let mut ended = run_course(&course, suite).await;
    let mut armed = Armed::of(&course);
    if course.stop.level() == Level::Now {
        armed.give_up(&one_step::interrupted()).await;
        ended.defects.append(&mut course.defects());
    }
    (ended, armed)
}

/// Goes on with the drills of `suite` where `rests` were left, and tells each to `sink` when it has ended. `tally` is what is
/// known of the run's other drills.
pub async fn go_on(
    suite: Suite,
    vocabulary: Rc<Vocabulary>,
    (labs, options, stop): (Arc<dyn Labs>, Options, Stop),
    (rests, tally): (BTreeMap<String, Rest>, Tally),
    sink: impl FnMut(Drill) + 'static,
) -> Ended {
    let course = course(vocabulary, labs, (options, stop), (Part::rests(rests), tally), sink);
    run_course(&course, suite).await
}

fn course(
    vocabulary: Rc<Vocabulary>,
    labs: Arc<dyn Labs>,
    (options, stop): (Options, Stop),
    (part, tally): (Part, Tally),
    sink: impl FnMut(Drill) + 'static,
) -> Rc<Course> {
    Rc::new(Course {
        vocabulary,
        options,
        stop,
        labs,
        part,
        tally: RefCell::new(tally),
        defects: Arc::default(),
        sink: RefCell::new(Box::new(sink)),
        under_way: Cell::new(0),
        ended: tokio::sync::Notify::new(),
    })
}

async fn run_course(course: &Rc<Course>, suite: Suite) -> Ended {
    // Cucumber may be done before it is heard that it has begun: then the hook that it puts back is not the last.
    let hook = std::panic::take_hook();
    let [drills, of_the_run] = suite.split(budget::TAG);
    run_some(course, drills).await;
    if of_the_run.total() > 0 {
        run_some(course, of_the_run).await;
    }
    std::panic::set_hook(hook);
    Ended { defects: course.defects() }
}

/// Runs the drills of `suite`, which are some of the course's.
async fn run_some(course: &Rc<Course>, suite: Suite) {
    let runner = cucumber::runner::Basic::default()
        .max_concurrent_scenarios(course.options.jobs.max(1))
        // A drill is not repeated until it passes: a flaky alert is a finding.
        .retry_options(|_, _, _, _| None)
        .steps(every_line())
        .before(|feature, _, scenario, world| begin(feature, scenario, world).boxed_local())
        .after(|feature, _, scenario, finished, world| end(feature, scenario, finished, world));
    let cucumber = Cucumber::<World, _, _, _, _, cli::Empty>::custom(
        Portions { course: Rc::clone(course), suite },
        runner,
        Hearing { defects: Arc::clone(&course.defects) },
    );
    // Work on many sockets in one task would run into the budget that tokio gives a task: a drop of a server would hang.
    tokio::task::unconstrained(COURSE.scope(Rc::clone(course), cucumber.with_default_cli().run(()))).await;
}

fn every_line() -> step::Collection<World> {
    let any = || Regex::new("^").expect("it is a pattern");
    step::Collection::new().given(None, any(), one_step::run).when(None, any(), one_step::run).then(
        None,
        any(),
        one_step::run,
    )
}

/// A suite, given out in portions.
struct Portions {
    course: Rc<Course>,
    suite: Suite,
}

impl Parser<()> for Portions {
    type Cli = cli::Empty;
    type Output = stream::LocalBoxStream<'static, parser::Result<gherkin::Feature>>;

    fn parse(self, (): (), _: cli::Empty) -> Self::Output {
        Box::pin(portions(self.course, self.suite.features.into()))
    }
}

/// So many drills are handed over at a time.
const PORTION: usize = 32;

fn portions(
    course: Rc<Course>,
    features: VecDeque<Feature>,
) -> impl Stream<Item = parser::Result<gherkin::Feature>> + 'static {
    stream::unfold((course, features), |(course, mut features)| async move {
        while features.front().is_some_and(|feature| feature.drills.is_empty()) {
            features.pop_front();
        }
        let feature = features.front_mut()?;
        // Never so few that cucumber, having nothing to do, asks in circles.
        while course.under_way.get() > course.options.jobs.max(PORTION) {
            course.ended.notified().await;
        }
        let rest = feature.drills.split_off(PORTION.min(feature.drills.len()));
        let places = std::mem::replace(&mut feature.drills, rest);
        course.under_way.set(course.under_way.get() + places.len());
        let portion = feature.chunk(places.into_iter().map(|place| feature.drill(place)).collect());
        Some((Ok(portion), (course, features)))
    })
}

/// Hears the run's events only for its beginning, when cucumber has silenced all panics and they can be heard again.
struct Hearing {
    defects: Arc<Mutex<Vec<String>>>,
}

impl Writer<World> for Hearing {
    type Cli = cli::Empty;

    async fn handle_event(&mut self, event: parser::Result<Event<event::Cucumber<World>>>, _: &cli::Empty) {
        if let Ok(event) = event
            && matches!(*event, event::Cucumber::Started)
        {
            hear_panics(Arc::clone(&self.defects));
        }
    }
}

impl writer::Normalized for Hearing {}
impl writer::NonTransforming for Hearing {}

fn hear_panics(defects: Arc<Mutex<Vec<String>>>) {
    std::panic::set_hook(Box::new(move |panic| {
        let place = panic.location().map(ToString::to_string);
        if recorder::in_a_drill() {
            one_step::panicked_at(place);
            return;
        }
        let text = panic.payload_as_str().unwrap_or("no word");
        let place = place.unwrap_or_else(|| "an unknown place".into());
        defects.lock().unwrap_or_else(PoisonError::into_inner).push(format!("panic at {place}: {text}"));
    }));
}

/// A drill's own name: where it is written and, unless it is the guide's, on which service it runs.
fn id(feature: &gherkin::Feature, scenario: &gherkin::Scenario) -> String {
    let file = feature.path.as_deref().unwrap_or_else(|| std::path::Path::new("?")).display();
    id_on(current().labs.service(), &file.to_string(), scenario.position.line)
}

/// The name of the drill at this line, on this service.
pub(super) fn id_on(service: Service, file: &str, line: usize) -> String {
    let place = format!("{file}:{line}");
    match service {
        Service::Legacy => place,
        service => format!("{place}@{service}"),
    }
}

/// Leaves in `suite` only the drills whose names on `service` are `meant`.
pub fn keep_only(suite: &mut Suite, service: Service, meant: impl Fn(&str) -> bool) {
    for feature in &mut suite.features {
        let (file, templates) = (&feature.file, &feature.templates);
        feature.drills.retain(|place| {
            let line = templates[place.template].line_of(place.row);
            meant(&id_on(service, file, line as usize))
        });
    }
}

/// Which service the drills of this course run on.
fn service() -> String {
    current().labs.service().to_string()
}

/// The services that a drill with these tags is for, where `service` is none of them; none where it is.
pub(super) fn others(tags: &[String], service: Service) -> Vec<Service> {
    let is_named = |known: &Service| tags.iter().any(|tag| tag == known.as_str());
    let named = Service::ALL.into_iter().filter(is_named).collect();
    if is_named(&service) { Vec::new() } else { named }
}

/// Why a drill that names the services it is for is not for `service`.
fn for_another(scenario: &gherkin::Scenario, service: Service) -> Option<NoLab> {
    let others = others(&scenario.tags, service);
    let first = others.first()?;
    let named: Vec<_> = others.iter().map(|known| format!("@{known}")).collect();
    Some(NoLab::Skip {
        reason: format!("it is not for the service {service} ({})", named.join(", ")),
        remedy: format!("run it with --service {first}"),
    })
}

async fn begin(feature: &gherkin::Feature, scenario: &gherkin::Scenario, world: &mut World) {
    let course = current();
    let tagged = |tag: &str| scenario.tags.iter().any(|known| known == tag);
    let wish = Wish { exclusive: tagged("exclusive"), controls: tagged("controls") };
    let id = id(feature, scenario);
    if let Some((rest, earliest)) = course.part.rest_of(&id) {
        // What is there already is cleaned up, whatever keeps others from beginning: its first step finds out.
        let gone = if course.stop.level() == Level::NoMore { stopped(Level::NoMore) } else { None };
        let lab = match gone {
            // Nobody can write down any more what comes of it: it stays armed.
            Some(gone) => Err(gone),
            None => lab(&course, wish).await,
        };
        let lab = lab.inspect(|lab| lab.watch.reach_back_to(earliest));
        world.go_on(lab, course.options.seed, &id, rest);
        return began(&course, scenario, id, world);
    }
    let held = course.stop.held().map(|held| NoLab::Skip { reason: held.reason, remedy: held.remedy });
    let blocked = held.or_else(|| stopped(course.stop.level()));
    let lab = match blocked.or_else(|| for_another(scenario, course.labs.service())) {
        Some(blocked) => Err(blocked),
        None => lab(&course, wish).await,
    };
    world.begin(lab, course.options.seed, &id);
    began(&course, scenario, id, world);
}

fn began(course: &Course, scenario: &gherkin::Scenario, id: String, world: &mut World) {
    if scenario.tags.iter().any(|tag| tag == budget::TAG) {
        world.speaks_of(course.tally.borrow().clone());
    }
    if !world.is_blocked() {
        course.stop.running().begins(id, (&scenario.name, scenario.steps.len()), world);
    }
}

/// Why no drill begins any more at this level.
fn stopped(level: Level) -> Option<NoLab> {
    match level {
        Level::Now => Some(NoLab::Skip { reason: "interrupted before it began".into(), remedy: "run it again".into() }),
        Level::NoMore => Some(NoLab::Skip {
            reason: "an earlier drill did not pass".into(),
            remedy: "run without --fail-fast".into(),
        }),
        Level::Run => None,
    }
}

/// A panic that reached cucumber would take the drill with it, and its place in the queue.
async fn lab(course: &Course, wish: Wish) -> Result<Arc<Lab>, NoLab> {
    match AssertUnwindSafe(course.labs.lab(wish)).catch_unwind().await {
        Ok(lab) => lab,
        // The panic was heard outside of any drill: it is among the defects already.
        Err(panic) => {
            let why = one_step::failure_of(panic.as_ref()).what;
            Err(NoLab::Broken(Failure::new(Code::Inconclusive, format!("no lab could be made: {why}"))))
        }
    }
}

fn end<'a>(
    feature: &'a gherkin::Feature,
    scenario: &'a gherkin::Scenario,
    finished: &'a ScenarioFinished,
    world: Option<&'a mut World>,
) -> LocalBoxFuture<'a, ()> {
    async move {
        let course = current();
        if let Some(world) = world {
            if world.is_armed() {
                course.stop.running().is_armed(&id(feature, scenario));
                course.part.armed(feature, scenario, std::mem::take(world));
            } else {
                conclude(&course, feature, scenario, world).await;
            }
        } else {
            unreachable!("a world is made before every drill, and making it cannot fail: {finished:?}");
        }
        course.under_way.set(course.under_way.get() - 1);
        course.ended.notify_one();
    }
    .boxed_local()
}

/// Cleans up after a drill, and tells what came of it.
pub(super) async fn conclude(
    course: &Course,
    feature: &gherkin::Feature,
    scenario: &gherkin::Scenario,
    world: &mut World,
) {
    let undone = clean_up(world, course).await;
    let drill = drill(feature, scenario, world, undone);
    course.stop.running().ends(&drill.id);
    world.end();
    if course.options.fail_fast && matches!(drill.verdict, Verdict::Failed { .. } | Verdict::Errored { .. }) {
        course.stop.at_least(Level::NoMore);
    }
    course.tally.borrow_mut().add(&drill);
    (course.sink.borrow_mut())(drill);
}

/// Clean-up may take so much real time beyond what it waits for by the clock.
const CLEAN_UP_LIMIT: Duration = Duration::from_mins(2);

async fn clean_up(world: &mut World, course: &Course) -> Vec<Undone> {
    if world.is_blocked() {
        return Vec::new();
    }
    let clock = world.clock().clone();
    let allowance = Allowance::new(CLEAN_UP_LIMIT);
    let recorder = Arc::clone(world.recorder());
    // A panic that reached cucumber would take the drill with it: no verdict, and nobody told.
    let undoing = recorder.scope(AssertUnwindSafe(world.clean_up(course.options.keep)).catch_unwind());
    let why = match clock.limit(&allowance, undoing).await {
        Some(Ok(undone)) => return undone,
        Some(Err(panic)) => {
            let defect = one_step::panic_text(panic.as_ref());
            course.defects.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{defect} (in clean-up)"));
            defect
        }
        None => format!("clean-up ran past its limit of {CLEAN_UP_LIMIT:?}"),
    };
    vec![Undone { what: "what the drill made".into(), left: Some(why) }]
}

fn drill(feature: &gherkin::Feature, scenario: &gherkin::Scenario, world: &mut World, undone: Vec<Undone>) -> Drill {
    let notes = world.recorder().take();
    let steps = with_those_not_reached(notes.steps, scenario);
    let kept = current().options.keep;
    let verdict = verdict(world, &steps, &undone, kept);
    let (started, finished, took) = world.times();
    Drill {
        id: id(feature, scenario),
        feature: feature.name.clone(),
        file: feature.path.as_deref().map(|path| path.display().to_string()).unwrap_or_default(),
        name: scenario.name.clone(),
        line: line(scenario.position.line),
        example: outline::example(scenario).to_vec(),
        tags: scenario.tags.clone(),
        marker: world.marker().to_string(),
        service: Some(world.service()).filter(|told| !told.is_empty()).unwrap_or_else(service),
        started,
        finished,
        took_ms: milliseconds(took),
        verdict,
        steps,
        chain: notes.chain,
        stimuli: notes.stimuli,
        waits: notes.waits,
        sightings: notes.sightings,
        findings: notes.findings,
        held: notes.held,
        exchanges: notes.exchanges,
        logs: notes.logs,
        clean_up: undone,
    }
}

fn verdict(world: &World, steps: &[Step], undone: &[Undone], kept: bool) -> Verdict {
    match world.blocked() {
        Some(NoLab::Skip { reason, remedy }) => {
            return Verdict::Skipped { reason: reason.clone(), remedy: remedy.clone() };
        }
        Some(NoLab::Broken(failure)) => return Verdict::of(failure),
        None => {}
    }
    let verdict = steps.iter().find_map(|step| step.failure.as_ref()).map_or(Verdict::Passed, Verdict::of);
    let left = undone.iter().find_map(|undone| Some((&undone.what, undone.left.as_ref()?)));
    match (left, verdict) {
        // What is left behind is never passed over in silence.
        (Some((what, why)), Verdict::Passed | Verdict::Skipped { .. }) if !kept => {
            Verdict::of(&Failure::new(Code::ServiceError, format!("{what} could not be removed: {why}")))
        }
        (_, verdict) => verdict,
    }
}

fn with_those_not_reached(mut run: Vec<Step>, scenario: &gherkin::Scenario) -> Vec<Step> {
    let not_reached = scenario.steps.iter().skip(run.len()).map(|step| Step {
        keyword: step.keyword.trim().to_owned(),
        text: step.value.clone(),
        line: line(step.position.line),
        outcome: Outcome::NotRun,
        started: None,
        finished: None,
        took_ms: 0.0,
        failure: None,
    });
    let not_reached: Vec<_> = not_reached.collect();
    run.extend(not_reached);
    run
}

fn line(line: usize) -> u32 {
    u32::try_from(line).unwrap_or(u32::MAX)
}

fn milliseconds(took: Duration) -> f64 {
    took.as_secs_f64() * 1000.0
}
