//! `alertdrill report`: makes the reports of a run again, or merges the runs of several shards into one.

use std::{
    collections::{HashMap, hash_map::Entry},
    io,
    path::{Path, PathBuf},
};

use crate::{
    record::{
        calls::Calls,
        file::RunWriter,
        reader::{ReadError, RunReader},
        run::{Foot, Head},
        verdict::{Counts, RunVerdict},
    },
    report::{self, Format, Outline, ReportError},
};

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Each a `run.json`, or a directory that holds one; at least one.
    pub runs: Vec<PathBuf>,
    /// Where the reports go; a single run's go beside it if nothing else is said.
    pub out: Option<PathBuf>,
    /// Which reports.
    pub formats: Vec<Format>,
    /// Whether the exit code is to be that of the run.
    pub exit_code: bool,
}

/// What was made.
#[derive(Debug)]
pub struct Made {
    /// The run that the reports are of.
    pub run: PathBuf,
    /// The reports.
    pub reports: Vec<PathBuf>,
    /// The verdict of that run; one that was killed is at best interrupted.
    pub verdict: RunVerdict,
}

/// Why nothing was made.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// A run cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A report, or the merged run, cannot be written.
    #[error("{0} (hint: give --out a folder that you can write to)")]
    Write(#[from] io::Error),
    /// No run was named.
    #[error("no run was named (hint: `alertdrill report alertdrill-report`)")]
    NoRun,
    /// Several runs, and nowhere to put them together.
    #[error("several runs are merged into a new one, which needs a place of its own (hint: add --out DIR)")]
    NoOut,
    /// The runs cannot be shards of one.
    #[error("{first} and {second} are not shards of one run: {why}", first = first.display(), second = second.display())]
    NotShards {
        /// One run.
        first: PathBuf,
        /// Another.
        second: PathBuf,
        /// What sets them apart.
        why: String,
    },
    /// A drill is in two of the runs, and would be counted twice.
    #[error("{first} and {second} are not shards of one run: both hold the drill {drill}", first = first.display(), second = second.display())]
    Twice {
        /// One run.
        first: PathBuf,
        /// Another, or the same again.
        second: PathBuf,
        /// The drill's id.
        drill: String,
    },
    /// The merged run would replace one of its own shards.
    #[error("{out} holds one of the runs that are to be merged (hint: give --out another directory)", out = out.display())]
    OutIsAShard {
        /// The directory.
        out: PathBuf,
    },
}

impl From<ReportError> for Refused {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::Read(error) => error.into(),
            ReportError::Write(error) => error.into(),
        }
    }
}

/// Makes the reports.
pub fn report(options: &Options) -> Result<Made, Refused> {
    let readers = options.runs.iter().map(|run| RunReader::open(run)).collect::<Result<Vec<_>, _>>()?;
    match (readers.as_slice(), &options.out) {
        ([], _) => Err(Refused::NoRun),
        ([run], out) => {
            let beside = run.path().parent().unwrap_or(Path::new(".")).to_owned();
            let reports = report::render_run(run, out.as_ref().unwrap_or(&beside), &options.formats)?;
            let verdict = Outline::of(run).verdict();
            Ok(Made { run: run.path().to_owned(), reports, verdict })
        }
        (_, None) => Err(Refused::NoOut),
        (shards, Some(out)) => {
            let foot = foot(shards);
            let run = merge(shards, &foot, out)?;
            let reports = report::render(&run, out, &options.formats)?;
            Ok(Made { run, reports, verdict: foot.verdict })
        }
    }
}

/// Writes the drills of all shards into one new run in `out`, in the order of the shards.
fn merge(shards: &[RunReader], foot: &Foot, out: &Path) -> Result<PathBuf, Refused> {
    let is_out = |shard: &RunReader| {
        let parent = shard.path().parent().and_then(|parent| parent.canonicalize().ok());
        parent.is_some() && parent == out.canonicalize().ok()
    };
    if shards.iter().any(is_out) {
        return Err(Refused::OutIsAShard { out: out.to_owned() });
    }
    let head = head(shards)?;
    refuse_twins(shards)?;
    let mut writer = RunWriter::create(out, &head)?;
    for shard in shards {
        shard.each_drill(|drill| writer.drill(&drill).map_err(Refused::from))?;
    }
    Ok(writer.finish(foot)?)
}

/// A drill runs in one shard alone.
fn refuse_twins(shards: &[RunReader]) -> Result<(), Refused> {
    let mut seen: HashMap<String, &Path> = HashMap::new();
    for shard in shards {
        shard.each_drill(|drill| match seen.entry(drill.id) {
            Entry::Vacant(place) => {
                place.insert(shard.path());
                Ok(())
            }
            Entry::Occupied(place) => Err(Refused::Twice {
                first: place.get().to_path_buf(),
                second: shard.path().to_owned(),
                drill: place.key().clone(),
            }),
        })?;
    }
    Ok(())
}

/// The head of the first to begin, if all of them ran on the same target.
fn head(shards: &[RunReader]) -> Result<Head, Refused> {
    let first = shards.iter().min_by_key(|shard| shard.head().started).ok_or(Refused::NoRun)?;
    let sets_apart = |other: &RunReader| {
        let (a, b) = (first.head(), other.head());
        [
            ("target", a.tenant.clone(), b.tenant.clone()),
            ("version", a.alertdrill.clone(), b.alertdrill.clone()),
            ("clock", clock(a).into(), clock(b).into()),
        ]
        .into_iter()
        .find(|(_, a, b)| a != b)
    };
    for other in shards {
        if let Some((what, a, b)) = sets_apart(other) {
            let why = format!("the {what} of one is `{a}`, that of the other `{b}`");
            return Err(Refused::NotShards { first: first.path().into(), second: other.path().into(), why });
        }
    }
    Ok(first.head().clone())
}

fn clock(head: &Head) -> &'static str {
    if head.time_jumps { "jumping" } else { "real" }
}

/// The shards ran side by side: the run took as long as from the first beginning to the last end. One that was
/// interrupted or killed makes the whole so, unless a gap was found.
fn foot(shards: &[RunReader]) -> Foot {
    let mut counts = Counts::default();
    for shard in shards.iter().map(RunReader::counts) {
        counts.passed += shard.passed;
        counts.failed += shard.failed;
        counts.errored += shard.errored;
        counts.skipped += shard.skipped;
    }
    let feet = || shards.iter().filter_map(RunReader::foot);
    let broken_off = shards.iter().any(|shard| shard.foot().is_none_or(|foot| foot.verdict == RunVerdict::Interrupted));
    let armed = feet().any(|foot| foot.verdict == RunVerdict::Armed);
    let verdict = match RunVerdict::of(&counts) {
        RunVerdict::Failed => RunVerdict::Failed,
        _ if broken_off => RunVerdict::Interrupted,
        RunVerdict::Passed | RunVerdict::Errored if armed && counts.errored == 0 => RunVerdict::Armed,
        verdict => verdict,
    };
    let began = shards.iter().map(|shard| shard.head().started).min();
    let finished = feet().map(|foot| foot.finished).max().or(began).unwrap_or_default();
    let took_ms = began.map_or(0.0, |began| finished.duration_since(began).as_secs_f64() * 1000.0);
    let defects = feet().flat_map(|foot| foot.defects.iter().cloned()).collect();
    let calls = Calls::together(feet().flat_map(|foot| foot.calls.iter().cloned()));
    // What the shards were seen beside was each shard's own.
    Foot { finished, took_ms, verdict, counts, defects, calls, past: None }
}
