//! `alertdrill history`: past runs over time, what is new, fixed or flaky, how long alerts took, and gates on all of it.

mod told;

use std::path::{Path, PathBuf};

use jiff::SignedDuration;

use crate::{
    cli::{
        exit::{self, Exit},
        memory, print, runtime, tell, terminal,
    },
    clock::Clock,
    history::{
        gate::{Gate, Judged, Outcome},
        overview::{self, Filter},
        run::{About, Gathered, Run},
        store::{self, Remembered, Store},
    },
    record::reader::{ReadError, RunReader},
    report::wording,
};

/// What the command was told.
#[derive(Debug, Clone)]
pub struct Options {
    /// The file, or the folder of a run that holds it.
    pub at: PathBuf,
    /// What of it is told and judged.
    pub filter: Filter,
    /// How it is written.
    pub format: Format,
    /// Runs that are remembered first, each a run.json or a folder that holds one.
    pub import: Vec<PathBuf>,
    /// Runs that began longer ago are forgotten first.
    pub prune: Option<SignedDuration>,
    /// All but so many runs of each tenant are forgotten first.
    pub keep: Option<usize>,
    /// What must not be so.
    pub gates: Vec<Gate>,
}

/// How it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Remembers and forgets as it was told, tells what is remembered, and returns whether every gate held.
pub fn history(options: &Options) -> Exit {
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(defect) => return defect,
    };
    let file = file(&options.at);
    if options.import.is_empty() && !file.exists() {
        let hint = "`alertdrill run` remembers its runs in its --out; `--import RUN...` adds those of before";
        return exit::said(Exit::Usage, &format!("{}: nothing is remembered here (hint: {hint})", file.display()));
    }
    let opened = runtime.block_on(memory::patiently(&file));
    let told = opened.map_err(|error| error.to_string()).and_then(|store| perform(options, store));
    told.unwrap_or_else(|why| exit::said(Exit::Usage, &why))
}

/// The file that is meant by its own name or that of its folder.
fn file(at: &Path) -> PathBuf {
    let is_file = at.is_file() || !at.exists() && at.extension().is_some_and(|extension| extension == "redb");
    if is_file { at.to_owned() } else { at.join(store::NAME) }
}

fn perform(options: &Options, mut store: Store) -> Result<Exit, String> {
    for run in &options.import {
        import(&store, run)?;
    }
    if options.prune.is_some() || options.keep.is_some() {
        forget(&mut store, options)?;
    }
    let groups = overview::overview(&store, &options.filter).map_err(|error| error.to_string())?;
    let judged: Vec<Judged> = options.gates.iter().map(|gate| gate.judge(&groups)).collect();
    match options.format {
        Format::Text => print(&told::text(&groups, &judged, terminal::width())),
        Format::Json => print(&told::json(&groups, &judged)),
    }
    Ok(match judged.iter().map(|judged| judged.outcome).max() {
        None | Some(Outcome::Held) => Exit::Passed,
        Some(Outcome::NothingToJudge) => Exit::Errored,
        Some(Outcome::Broken) => Exit::Failed,
    })
}

fn import(store: &Store, path: &Path) -> Result<(), String> {
    let run = read(path).map_err(|error| error.to_string())?;
    let (name, drills) = (wording::line(&run.about.run), wording::count(run.drills.len() as u64, "drill"));
    if run.drills.is_empty() {
        tell(&format!("alertdrill: {name} holds no drill, and is not remembered"));
        return Ok(());
    }
    let what = match store.remember(&run).map_err(|error| error.to_string())? {
        Remembered::New => "is remembered",
        Remembered::Again => "was remembered, and is anew",
        Remembered::Known => "is remembered with more drills already, and stays so",
    };
    tell(&format!("alertdrill: {name} ({drills}) {what}"));
    Ok(())
}

fn read(path: &Path) -> Result<Run, ReadError> {
    let reader = RunReader::open(path)?;
    let mut gathered = Gathered::default();
    reader.each_drill(|drill| {
        gathered.drill(&drill);
        Ok::<(), ReadError>(())
    })?;
    Ok(gathered.into_run(reader.head(), reader.foot()))
}

fn forget(store: &mut Store, options: &Options) -> Result<(), String> {
    let runs = store.runs().map_err(|error| error.to_string())?;
    let gone = to_forget(runs, options);
    let smaller = store.forget(&gone).map_err(|error| error.to_string())?;
    for run in &gone {
        let (name, tenant) = (wording::line(&run.run), wording::line(&run.tenant));
        let (began, drills) = (wording::moment(run.started), wording::count(run.counts.total(), "drill"));
        tell(&format!("alertdrill: forgot {name} of {tenant}, which began {began} ({drills})"));
    }
    let runs = wording::count(gone.len() as u64, "run");
    tell(&format!("alertdrill: forgot {runs}; {} is {} KiB smaller", store.path().display(), smaller / 1024));
    Ok(())
}

/// The runs that are older than is asked for, or beyond the number that is to stay of their tenant.
fn to_forget(runs: Vec<About>, options: &Options) -> Vec<About> {
    let tenant = options.filter.tenant.as_ref();
    let oldest = options.prune.map(|span| Clock::system().now().saturating_sub(span).unwrap_or_default());
    let later =
        |run: &About| runs.iter().filter(|other| other.tenant == run.tenant && other.started > run.started).count();
    let goes = |run: &About| {
        tenant.is_none_or(|tenant| *tenant == run.tenant)
            && (oldest.is_some_and(|oldest| run.started < oldest)
                || options.keep.is_some_and(|keep| later(run) >= keep))
    };
    let gone: Vec<bool> = runs.iter().map(goes).collect();
    runs.into_iter().zip(gone).filter_map(|(run, goes)| goes.then_some(run)).collect()
}
