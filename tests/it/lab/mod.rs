//! Drills that must not pass: for each expectation a sabotaged tenant that turns it red, with the right verdict.

mod chain;
mod clean_up;
mod crowd;
mod expectations;
mod held;
mod places;
mod pollers;
mod probing;
mod refusals;
mod sabotage;
mod services;
mod sharing;
mod storm;
mod table;
mod today;
mod traps;
mod undoing;
mod users_steps;
mod whole;

use std::{
    cell::RefCell,
    rc::Rc,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use alertdrill::{
    cli::compose::Emulated,
    clock::Clock,
    domain::service::Service,
    record::{drill::Drill, verdict::Verdict},
    runner::{
        check,
        course::Options,
        drive::{self, Ended},
        find::Found,
        stop::Stop,
        suite::Suite,
        vocabulary::Vocabulary,
    },
    world::lab::Labs,
};

/// What ran, and what was said besides.
pub(crate) struct Ran {
    pub(crate) drills: Vec<Drill>,
    pub(crate) ended: Ended,
}

impl Ran {
    /// The only drill.
    pub(crate) fn drill(&self) -> &Drill {
        assert_eq!(self.drills.len(), 1, "one drill was to run");
        &self.drills[0]
    }
}

/// How the tests run drills: in a moment, whatever hangs.
pub(crate) fn options() -> Options {
    Options { jobs: 64, fail_fast: false, keep: false, step_limit: Duration::from_secs(20), seed: 7, shard: None }
}

/// A run silences and restores the process's panic hook, so runs of this binary take turns.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs the feature `text` on the emulator.
pub(crate) fn run(text: &str) -> Ran {
    run_with(text, options(), &Stop::default())
}

/// Runs the feature `text` on the emulator, in this way, until stopped.
pub(crate) fn run_with(text: &str, options: Options, stop: &Stop) -> Ran {
    run_in(emulated(Service::Legacy, options.seed), text, options, stop)
}

/// Runs the feature `text` on this service of the emulator.
pub(crate) fn run_on(service: Service, text: &str) -> Ran {
    let options = options();
    run_in(emulated(service, options.seed), text, options, &Stop::default())
}

fn emulated(service: Service, seed: u64) -> Arc<dyn Labs> {
    let clock = Clock::jumping("2026-11-24T12:00:00Z".parse().expect("a timestamp"));
    Arc::new(Emulated::new(&clock, seed, service).expect("the emulator starts"))
}

/// Runs the feature `text` in `labs`, in this way, until stopped.
pub(crate) fn run_in(labs: Arc<dyn Labs>, text: &str, options: Options, stop: &Stop) -> Ran {
    let _turn = turn();
    let found = [Found { file: "test.feature".into(), text: text.into(), lines: vec![] }];
    let suite = Suite::parse(&found).unwrap_or_else(|problems| panic!("{}", problems[0]));
    let vocabulary = Vocabulary::linked().expect("the patterns are small");
    check::check(&suite, &vocabulary).unwrap_or_else(|problems| panic!("{}", problems[0]));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let drills = Rc::new(RefCell::new(Vec::new()));
    let sink = Rc::clone(&drills);
    let ended = runtime.block_on(drive::run(suite, Rc::new(vocabulary), labs, (options, stop.clone()), move |drill| {
        sink.borrow_mut().push(drill);
    }));
    Ran { drills: drills.take(), ended }
}

/// The rows of a step's table, below a step.
pub(crate) fn rows(settings: &[(&str, &str)]) -> String {
    settings.iter().map(|(name, value)| format!("      | {name} | {value} |\n")).collect::<Vec<_>>().concat()
}

/// The verdict in words: `passed`, `failed no-alert`, `errored throttled`.
pub(crate) fn verdict(drill: &Drill) -> String {
    match &drill.verdict {
        Verdict::Failed { code, .. } => format!("failed {code}"),
        Verdict::Errored { code, .. } => format!("errored {code}"),
        other => other.word().to_owned(),
    }
}

/// What a person is told of the step that failed.
pub(crate) fn told(drill: &Drill) -> String {
    drill.failed_step().and_then(|step| step.failure.as_ref()).map(ToString::to_string).unwrap_or_default()
}
