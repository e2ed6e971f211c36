//! `alertdrill run`: features to verdicts and reports.

use std::{
    io::{self, IsTerminal as _},
    path::{Path, PathBuf},
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use jiff::{Timestamp, tz::TimeZone};

use crate::{
    cli::{
        compose::{Emulated, OneTenant},
        endings,
        exit::{self, Exit},
        interruption,
        logging::Verbosity,
        print,
        progress::Progress,
        result_table::ResultTable,
        scribe::Scribe,
        sweep, tell,
        tenancy::{self, Tenancies},
    },
    clock::{Clock, limit::Stopwatch},
    config::environment::Environment,
    domain::service::Service,
    journal::{self, Journal},
    record::{
        file::{FORMAT, RunWriter},
        run::{Foot, Head},
        verdict::RunVerdict,
    },
    report::{self, Format, Outline},
    runner::{
        check, course, drive,
        find::{self, Found},
        problem::{Mistake, Problem},
        select::{self, Selection},
        stop::{Level, Stop},
        suite::Suite,
        vocabulary::Vocabulary,
    },
    world::lab::Labs,
};

/// What the command was told.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each field is the flag of the same name")]
pub struct Options {
    pub features: Vec<String>,
    pub tenant: Option<String>,
    pub service: Option<Service>,
    pub config: Option<PathBuf>,
    pub selection: Selection,
    pub jobs: usize,
    pub out: PathBuf,
    pub formats: Vec<Format>,
    pub seed: Option<u64>,
    pub fail_fast: bool,
    pub keep: bool,
    pub step_limit: Duration,
    pub verbosity: Verbosity,
}

/// Runs the drills, and returns how it went.
pub fn run(options: Options, environment: &Environment) -> Exit {
    let (suite, vocabulary) = match prepare(&options) {
        Ok(prepared) => prepared,
        Err(exit) => return exit,
    };
    let ground = match Ground::find(&options, environment) {
        Ok(ground) => ground,
        Err(why) => return exit::said(Exit::Usage, &why),
    };
    // Every drill runs on this one thread: what they do is wait for answers.
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return exit::said(Exit::Defect, &format!("the runtime does not start: {error}")),
    };
    runtime.block_on(perform(options, suite, vocabulary, ground))
}

/// The drills that were asked for, and the vocabulary that they are written in; or what is wrong with them, told.
fn prepare(options: &Options) -> Result<(Suite, Vocabulary), Exit> {
    let vocabulary = Vocabulary::linked()
        .map_err(|error| exit::said(Exit::Defect, &format!("the steps' patterns cannot be tried together: {error}")))?;
    let suite = suite(options, &vocabulary).map_err(|problems| {
        for problem in &problems {
            tell(&problem.to_string());
        }
        if problems.iter().any(|problem| problem.mistake == Mistake::CommandLine) {
            return exit::said(Exit::Usage, "nothing was run");
        }
        let (count, are) = (problems.len(), if problems.len() == 1 { "problem" } else { "problems" });
        exit::said(Exit::Features, &format!("{count} {are} in the features, so nothing was run"))
    })?;
    Ok((suite, vocabulary))
}

fn suite(options: &Options, vocabulary: &Vocabulary) -> Result<Suite, Vec<Problem>> {
    let found: Vec<Found> = if options.features.is_empty() { find::builtin() } else { find::find(&options.features)? };
    let mut suite = Suite::parse(&found)?;
    check::check(&suite, vocabulary)?;
    let all = suite.total();
    select::select(&mut suite, &found, &options.selection)?;
    if suite.total() == 0 {
        tell(&nothing_selected(all, &options.selection));
    }
    Ok(suite)
}

fn nothing_selected(all: usize, selection: &Selection) -> String {
    let asked = [
        ("--tags", selection.tags.is_some()),
        ("--name", selection.name.is_some()),
        ("--shard", selection.shard.is_some()),
    ];
    let asked: Vec<_> = asked.into_iter().filter_map(|(flag, given)| given.then_some(flag)).collect();
    let are = if all == 1 { "drill is" } else { "drills are" };
    format!(
        "alertdrill: none of the {all} {are} selected, so nothing is judged (hint: see what {} leaves of them)",
        asked.join(" with ")
    )
}

/// What drills run on.
struct Ground<'a> {
    name: String,
    place: Place,
    clock: Clock,
    seed: u64,
    tenancies: Tenancies<'a>,
}

enum Place {
    /// Labs of each service that the drills run on, one after the other.
    Emulator(Vec<Arc<dyn Labs>>),
    Tenant {
        labs: Box<OneTenant>,
        client_id: String,
    },
}

impl<'a> Ground<'a> {
    fn find(options: &Options, environment: &'a Environment) -> Result<Self, String> {
        let seed = options.seed.unwrap_or_else(|| fastrand::u32(..).into());
        let tenancies = Tenancies { config: options.config.clone(), environment };
        let Some(name) = &options.tenant else {
            let clock = Clock::jumping(Clock::system().now());
            let all = options.service.map_or_else(|| Service::ALL.to_vec(), |service| vec![service]);
            let emulated = |service| Emulated::new(&clock, seed, service).map(|labs| Arc::new(labs) as _);
            let labs = all.into_iter().map(emulated).collect::<Result<_, _>>().map_err(|error| error.to_string())?;
            return Ok(Self { name: "emulator".into(), place: Place::Emulator(labs), clock, seed, tenancies });
        };
        let tenant = tenancies.find(name, options.service)?;
        for ending in endings::of(&tenant, TimeZone::UTC.to_datetime(Clock::system().now()).date()) {
            tell(&format!("alertdrill: --tenant {name}: {ending}"));
        }
        let clock = tenancy::clock(&tenant);
        let client_id = tenant.client_id.clone();
        let labs = Box::new(tenancy::labs(tenant, &clock)?);
        Ok(Self { name: name.clone(), place: Place::Tenant { labs, client_id }, clock, seed, tenancies })
    }

    /// The labs, and, on a tenant that outlives this process, the journal that knows what is made there; it is on disk
    /// before anything is.
    async fn journaled(self, out: &Path, head: &Head) -> io::Result<(Vec<Arc<dyn Labs>>, Option<Arc<Journal>>)> {
        let (labs, client_id) = match self.place {
            Place::Emulator(labs) => return Ok((labs, None)),
            Place::Tenant { labs, client_id } => (labs, client_id),
        };
        sweep::earlier(out, &self.name, &self.tenancies).await?;
        let (run, tenant, started) = (head.run.clone(), self.name, head.started);
        let whose = journal::Head { run, tenant, service: labs.service(), client_id, started };
        let journal = Arc::new(Journal::create(out, &whose, &self.clock)?);
        Ok((vec![Arc::new(labs.journaled(Arc::clone(&journal)))], Some(journal)))
    }

    fn head(&self) -> Head {
        let started = Clock::system().now();
        Head {
            format: FORMAT,
            alertdrill: env!("CARGO_PKG_VERSION").into(),
            run: format!("run-{}-{}", stamp(started), self.seed),
            started,
            tenant: self.name.clone(),
            time_jumps: self.clock.jumps(),
            seed: self.seed,
        }
    }
}

fn stamp(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

async fn perform(options: Options, suite: Suite, vocabulary: Vocabulary, ground: Ground<'_>) -> Exit {
    let watch = Stopwatch::start();
    let (head, seed) = (ground.head(), ground.seed);
    let out = format!("--out {}", options.out.display());
    let writer = match RunWriter::create(&options.out, &head) {
        Ok(writer) => writer,
        Err(error) => return cannot_write(&out, &error),
    };
    let (labs, journal) = match ground.journaled(&options.out, &head).await {
        Ok(both) => both,
        Err(error) => return cannot_write(&out, &error),
    };
    let total = suite.total() * labs.len();
    let scribe = match Scribe::start(writer, progress(options.verbosity), total) {
        Ok(scribe) => scribe,
        Err(error) => return cannot_write(&out, &error),
    };
    let stop = Stop::default();
    let signals = tokio::spawn(interruption::listen(stop.clone(), removing(&options)));
    let manner = course::Options {
        jobs: options.jobs,
        fail_fast: options.fail_fast,
        keep: options.keep,
        step_limit: options.step_limit,
        seed,
    };
    let mut found = Vec::new();
    let vocabulary = Rc::new(vocabulary);
    for labs in labs {
        let (sender, broken) = (scribe.sender(), stop.clone());
        let told = move |drill| {
            // The scribe is gone when the disk is full: the drills that run are cleaned up, and no other begins.
            if sender.send(drill).is_err() {
                broken.at_least(Level::NoMore);
            }
        };
        let manner = (manner.clone(), stop.clone());
        found.extend(drive::run(suite.clone(), Rc::clone(&vocabulary), labs, manner, told).await.defects);
    }
    signals.abort();
    tell_what_is_left(journal.as_deref(), &options);
    let written = scribe.finish(|counts| Foot {
        finished: Clock::system().now(),
        took_ms: watch.elapsed().as_secs_f64() * 1000.0,
        verdict: if stop.level() == Level::Now { RunVerdict::Interrupted } else { RunVerdict::of(&counts) },
        counts,
        defects: defects(found, total, counts.total()),
    });
    match written {
        Ok((record, foot, mut table)) => conclude(&options, &record, foot, &mut table, head),
        Err(error) => exit::said(Exit::Errored, &format!("{out}: {error}")),
    }
}

fn cannot_write(out: &str, error: &io::Error) -> Exit {
    exit::said(Exit::Usage, &format!("{out}: {error} (hint: name a folder that you can write to)"))
}

/// How what a run has left is removed; nothing where the tenant ends with the run.
fn removing(options: &Options) -> Option<String> {
    let config = options.config.as_ref().map(|config| format!(" --config {}", config.display())).unwrap_or_default();
    let out = options.out.display();
    options.tenant.as_ref().map(|tenant| format!("`alertdrill sweep --tenant {tenant}{config} {out}` removes it"))
}

fn tell_what_is_left(journal: Option<&Journal>, options: &Options) {
    if let (Some(left @ 1..), Some(removing)) = (journal.map(Journal::left), removing(options)) {
        let why = if options.keep { "kept" } else { "left" };
        tell(&format!("alertdrill: of what the drills made, {left} {why} in the tenant: {removing}"));
    }
}

/// The defects of a run, among them that of `total` drills fewer were told of.
fn defects(mut defects: Vec<String>, total: usize, told: u64) -> Vec<String> {
    let lost = u64::try_from(total).unwrap_or(u64::MAX).saturating_sub(told);
    if lost > 0 {
        defects.push(format!("how {lost} of {total} drills ended was never told"));
    }
    defects
}

fn progress(verbosity: Verbosity) -> Progress {
    match verbosity {
        Verbosity::Quiet => Progress::nothing(),
        _ if io::stderr().is_terminal() => Progress::bar(),
        _ => Progress::lines(io::stderr()),
    }
}

/// Makes the reports, prints the results, and returns how the run ended.
fn conclude(options: &Options, record: &Path, foot: Foot, table: &mut ResultTable, head: Head) -> Exit {
    let exit = if foot.defects.is_empty() { Exit::of(foot.verdict) } else { Exit::Defect };
    let reports = match report::render(record, &options.out, &options.formats) {
        Ok(reports) => reports,
        Err(error) => return exit::said(Exit::Errored, &error.to_string()),
    };
    for defect in &foot.defects {
        tell(&format!("alertdrill: a defect of its own: {defect}"));
    }
    let counts = foot.counts;
    let outline = Outline { head, foot: Some(foot), counts };
    print(&table.text(&outline, width(), &reports));
    exit
}

/// The columns of the terminal; a pipe has as many as everybody can read.
fn width() -> u16 {
    let columns = || terminal_size::terminal_size().map(|(width, _)| width.0);
    if io::stdout().is_terminal() { columns().unwrap_or(80).min(120) } else { 80 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drill_that_nobody_told_of_is_a_defect() {
        assert_eq!(defects(vec![], 3, 3), Vec::<String>::new());
        assert_eq!(defects(vec!["a".into()], 3, 2), ["a", "how 1 of 3 drills ended was never told"]);
    }
}
