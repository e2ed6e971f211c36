//! `alertdrill run`: features to verdicts and reports.

use std::{
    io::{self, IsTerminal as _, Write as _},
    path::{Path, PathBuf},
    rc::Rc,
    time::Duration,
};

use crate::{
    cli::{
        compose::Manner,
        detach,
        exit::{self, Exit},
        ground::Ground,
        interruption::{self, Left},
        job::{Job, SHOWN, harmless},
        logging::Verbosity,
        memory::History,
        print,
        progress::Progress,
        result_table::ResultTable,
        runtime,
        scribe::Scribe,
        tell, terminal,
    },
    clock::{Clock, limit::Stopwatch},
    config::environment::Environment,
    domain::service::Service,
    journal::Journal,
    record::{
        calls::Calls,
        drill::Drill,
        file::RunWriter,
        run::{Foot, Head},
        verdict::{Counts, RunVerdict},
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
};

/// What the command was told.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each field is the flag of the same name")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Options {
    pub features: Vec<String>,
    pub tenant: Option<String>,
    pub service: Option<Service>,
    pub config: Option<PathBuf>,
    pub selection: Selection,
    pub jobs: Option<usize>,
    pub out: PathBuf,
    pub history: History,
    pub formats: Vec<Format>,
    pub seed: Option<u64>,
    pub fail_fast: bool,
    pub keep: bool,
    /// How long what is armed can be judged, where drills are armed and not judged.
    pub detach: Option<Duration>,
    pub now: bool,
    pub stop_file: Option<PathBuf>,
    pub step_limit: Duration,
    pub fixed_wait: bool,
    pub verbosity: Verbosity,
}

impl Options {
    fn course(&self, jobs: usize, markers: u64) -> course::Options {
        course::Options {
            jobs,
            fail_fast: self.fail_fast,
            keep: self.keep,
            step_limit: self.step_limit,
            seed: markers,
            shard: self.selection.shard,
        }
    }

    pub(super) fn scope(&self) -> String {
        self.course(1, 0).scope()
    }

    pub(super) fn manner(&self) -> Manner {
        Manner {
            shards: self.selection.shards(),
            fixed_wait: self.fixed_wait,
            armed_for: self.detach.unwrap_or_default(),
            service_ahead: None,
        }
    }
}

/// Runs the drills, and returns how it went.
pub fn run(options: Options, environment: &Environment) -> Exit {
    let (suite, vocabulary, found) = match prepare(&options.features, &options.selection) {
        Ok(prepared) => prepared,
        Err(exit) => return exit,
    };
    if let Some(refused) = detach::refuses(&options) {
        return refused;
    }
    let ground = match Ground::find(&options, environment) {
        Ok(ground) => ground,
        Err(why) => return exit::said(Exit::Usage, &why),
    };
    if let Some(refused) = ground.refuses(&suite) {
        return refused;
    }
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(defect) => return defect,
    };
    runtime.block_on(perform(options, (suite, vocabulary, found), ground, environment))
}

/// The drills that were asked for, and the vocabulary that they are written in; or what is wrong with them, told.
pub(super) fn prepare(features: &[String], selection: &Selection) -> Result<(Suite, Vocabulary, Vec<Found>), Exit> {
    let vocabulary = Vocabulary::linked()
        .map_err(|error| exit::said(Exit::Defect, &format!("the steps' patterns cannot be tried together: {error}")))?;
    let (suite, found) = suite(features, selection, &vocabulary).map_err(|problems| {
        for problem in &problems {
            tell(&problem.to_string());
        }
        if problems.iter().any(|problem| problem.mistake == Mistake::CommandLine) {
            return exit::said(Exit::Usage, "nothing was run");
        }
        let (count, are) = (problems.len(), if problems.len() == 1 { "problem" } else { "problems" });
        exit::said(Exit::Features, &format!("{count} {are} in the features, so nothing was run"))
    })?;
    Ok((suite, vocabulary, found))
}

fn suite(
    features: &[String],
    selection: &Selection,
    vocabulary: &Vocabulary,
) -> Result<(Suite, Vec<Found>), Vec<Problem>> {
    let found: Vec<Found> = if features.is_empty() { find::builtin() } else { find::find(features)? };
    let mut suite = Suite::parse(&found)?;
    check::check(&suite, vocabulary)?;
    let all = suite.total();
    select::select(&mut suite, &found, selection)?;
    if suite.total() == 0 {
        tell(&nothing_selected(all, selection));
    }
    Ok((suite, found))
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

async fn perform(
    options: Options,
    (suite, vocabulary, features): (Suite, Vocabulary, Vec<Found>),
    ground: Ground<'_>,
    environment: &Environment,
) -> Exit {
    let watch = Stopwatch::start();
    let (head, markers) = (ground.head(), ground.markers());
    let jobs = options.jobs.unwrap_or_else(|| ground.jobs());
    if let Some(refused) = ground.announce(&head, &suite, jobs).await {
        return refused;
    }
    let out = format!("--out {}", options.out.display());
    let writer = match begin(&options, &head, &out) {
        Ok(writer) => writer,
        Err(refused) => return refused,
    };
    let (gate, armory, memory) = (ground.gate.clone(), ground.armory(), options.history.of(&options.out));
    ground.learn(&memory).await;
    let (labs, journal) = match ground.journaled(&options.out, &head).await {
        Ok(both) => both,
        Err(error) => return cannot_write(&out, &error),
    };
    let total = suite.total() * labs.len();
    let stop = gate.stop();
    let progress = progress(options.verbosity, environment).of(stop.running());
    let scribe = match Scribe::start(writer, progress, total) {
        Ok(scribe) => scribe,
        Err(error) => return cannot_write(&out, &error),
    };
    let file = tokio::spawn(gate.watch(stop.clone()));
    let left = Left { journal: journal.clone(), removing: removing(&options) };
    let signals = tokio::spawn(interruption::listen(stop.clone(), left));
    let (mut found, mut armed) = (Vec::new(), detach::Told::default());
    let vocabulary = Rc::new(vocabulary);
    for labs in labs.clone() {
        let manner = (options.course(jobs, markers), stop.clone());
        let told = to(&scribe, &stop);
        if let Some(armory) = armory.as_ref().filter(|_| options.detach.is_some()) {
            let (ended, drills) = drive::arm(suite.clone(), Rc::clone(&vocabulary), labs, manner, told).await;
            found.extend(ended.defects);
            armed = detach::write(&options, armory, (&head, &features), drills).await;
        } else {
            found.extend(drive::run(suite.clone(), Rc::clone(&vocabulary), labs, manner, told).await.defects);
        }
    }
    signals.abort();
    file.abort();
    if armed.count == 0 {
        tell_what_is_left(journal.as_deref(), &options);
    }
    let written = scribe.finish((&head, &memory), |counts| {
        let defects = defects(found, total - armed.count, counts.total());
        let calls = Calls::together(labs.iter().flat_map(|labs| labs.calls()));
        Foot { calls, ..foot(watch.elapsed(), (&stop, armed.count), counts, defects) }
    });
    let exit = closed(&options, written.await, head, Job::of(environment).as_ref());
    print(&armed.text(&options));
    exit
}

/// Drills that are armed are not broken off: they can still be judged.
fn verdict(stop: &Stop, counts: &Counts, armed: usize) -> RunVerdict {
    match stop.level() {
        Level::Now if armed == 0 => RunVerdict::Interrupted,
        _ => RunVerdict::with_armed(counts, armed),
    }
}

/// What is told once the record is closed, or could not be.
fn closed(options: &Options, written: io::Result<(PathBuf, Foot, ResultTable)>, head: Head, job: Option<&Job>) -> Exit {
    match written {
        Ok((record, foot, mut table)) => {
            conclude((&options.out, &options.formats, job), &record, foot, &mut table, head)
        }
        Err(error) => exit::said(Exit::Errored, &format!("--out {}: {error}", options.out.display())),
    }
}

/// Where drills are told that have ended. The scribe is gone when the disk is full: the drills that run are cleaned up, and
/// no other begins.
pub(super) fn to(scribe: &Scribe, stop: &Stop) -> impl FnMut(Drill) + 'static {
    let (sender, stop) = (scribe.sender(), stop.clone());
    move |drill| {
        if sender.send(drill).is_err() {
            stop.at_least(Level::NoMore);
        }
    }
}

/// The record, from which on the folder is this run's. Somebody may have armed drills there while the run was announced.
fn begin(options: &Options, head: &Head, out: &str) -> Result<RunWriter, Exit> {
    let writer = RunWriter::create(&options.out, head).map_err(|error| cannot_write(out, &error))?;
    match detach::refuses(options) {
        None => Ok(writer),
        Some(refused) => {
            writer.give_up();
            Err(refused)
        }
    }
}

pub(super) fn cannot_write(out: &str, error: &io::Error) -> Exit {
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

/// The foot of a run that took so long, that `stop` may have ended, and of which so many drills are armed.
pub(super) fn foot(took: Duration, (stop, armed): (&Stop, usize), counts: Counts, defects: Vec<String>) -> Foot {
    let verdict = verdict(stop, &counts, armed);
    let (finished, took_ms) = (Clock::system().now(), took.as_secs_f64() * 1000.0);
    Foot { finished, took_ms, verdict, counts, defects, calls: Vec::new(), past: None }
}

/// The defects of a run, among them that of `total` drills fewer were told of.
pub(super) fn defects(mut defects: Vec<String>, total: usize, told: u64) -> Vec<String> {
    let lost = u64::try_from(total).unwrap_or(u64::MAX).saturating_sub(told);
    if lost > 0 {
        defects.push(format!("how {lost} of {total} drills ended was never told"));
    }
    defects
}

/// How a run is shown: a terminal that can do no more than a printer, and the log of a job, get lines.
pub(super) fn progress(verbosity: Verbosity, environment: &Environment) -> Progress {
    let job = Job::of(environment);
    let is_drawn_on = io::stderr().is_terminal() && job.is_none() && environment.get("TERM") != Some("dumb");
    match verbosity {
        Verbosity::Quiet => Progress::nothing(),
        _ if is_drawn_on => Progress::bar(),
        _ => Progress::lines(io::stderr(), job),
    }
}

/// Makes the reports, prints the results, and returns how the run ended.
pub(super) fn conclude(
    (out, formats, job): (&Path, &[Format], Option<&Job>),
    record: &Path,
    foot: Foot,
    table: &mut ResultTable,
    head: Head,
) -> Exit {
    let exit = if foot.defects.is_empty() { Exit::of(foot.verdict) } else { Exit::Defect };
    let (exit, reports) = match report::render(record, out, formats) {
        Ok(reports) => (exit, reports),
        Err(error) => {
            let hint = format!("the record is whole: `alertdrill report {}` makes the reports of it", out.display());
            (exit::said(Exit::Errored, &format!("{error} (hint: {hint})")), vec![record.to_owned()])
        }
    };
    if let Some(job) = job {
        annotate(job, table, &reports);
    }
    for defect in &foot.defects {
        tell(&format!("alertdrill: a defect of its own: {defect}"));
    }
    let counts = foot.counts;
    let outline = Outline { head, foot: Some(foot), counts };
    print(&harmless(&table.text(&outline, terminal::width(), &reports)));
    exit
}

/// Tells the job's system of the drills that did not pass, each beside its line, and of the summary.
fn annotate(job: &Job, table: &ResultTable, reports: &[PathBuf]) {
    for is_gap in [true, false] {
        for issue in table.issues().filter(|issue| issue.is_gap == is_gap).take(SHOWN) {
            if let Some(told) = job.annotation(&issue) {
                let _reader_may_have_gone = io::stderr().write_all(format!("{told}\n").as_bytes());
            }
        }
    }
    if let Err(error) = job.summarize(reports) {
        tell(&format!("alertdrill: GITHUB_STEP_SUMMARY: nothing is appended: {error}"));
    }
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
