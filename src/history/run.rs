//! A run as it is remembered: of each drill which it is, how it ended, and how long its alerts took.

use std::{collections::HashSet, fmt};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::record::{
    drill::Drill,
    run::{Foot, Head},
    sighting::Sighting,
    verdict::{Counts, RunVerdict, Verdict},
};

/// A run that is remembered.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// What is known of it as a whole.
    pub about: About,
    /// Its drills.
    pub drills: Vec<Ended>,
}

/// A run as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// Its own name.
    pub run: String,
    /// When it began, on the world's clock.
    pub started: Timestamp,
    /// What it took, in real milliseconds; 0 where it was killed.
    pub took_ms: f64,
    /// `emulator`, or the name of the tenant's table.
    pub tenant: String,
    /// The version of alertdrill that ran it.
    pub alertdrill: String,
    /// The verdict on it; a run that was killed was interrupted.
    pub verdict: RunVerdict,
    /// How many drills ended how.
    pub counts: Counts,
}

impl About {
    /// Whether it ended by itself, and all of it: what passed or failed in it is a judgement.
    pub fn is_over(&self) -> bool {
        self.verdict.is_over()
    }
}

/// A drill of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Ended {
    /// Its id in that run.
    pub id: String,
    /// Which drill it is in any run.
    pub identity: Identity,
    /// How it ended.
    pub outcome: Outcome,
}

/// Which drill it is, in whatever run, and wherever in its file it is written by now.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Identity {
    /// On which service.
    pub service: String,
    /// In which file, as it was named, with `/` between folders and without `./` before it.
    pub file: String,
    /// Its name.
    pub name: String,
    /// The cells of its row of examples, where it is one of an outline's.
    pub example: Vec<String>,
    /// Which it is of those in a run that are alike in all of the above, by their lines: 0 is the first.
    pub nth: u32,
}

/// `the alert comes, row two | 2 (f.feature)`, as people read it.
impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if !self.example.is_empty() {
            write!(f, ", row {}", self.example.join(" | "))?;
        }
        write!(f, " ({})", self.file)?;
        if self.nth > 0 { write!(f, ", number {} of that name", self.nth + 1) } else { Ok(()) }
    }
}

/// How a drill ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// `passed`, `failed`, `errored` or `skipped`.
    pub verdict: Word,
    /// The name of what was wrong, where something was.
    pub code: Option<String>,
    /// The alerts that it saw first of what it waited for.
    pub alerts: Vec<Alert>,
}

impl Outcome {
    /// Whether the drill passed, where it was judged.
    pub fn judgement(&self) -> Option<bool> {
        match self.verdict {
            Word::Passed => Some(true),
            Word::Failed => Some(false),
            Word::Errored | Word::Skipped => None,
        }
    }
}

/// The word of a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "each is the verdict of the same name")]
pub enum Word {
    Passed,
    Failed,
    Errored,
    Skipped,
}

impl Word {
    /// Every word; its place is how it is written down.
    pub const ALL: [Self; 4] = [Self::Passed, Self::Failed, Self::Errored, Self::Skipped];

    /// The word itself.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Errored => "errored",
            Self::Skipped => "skipped",
        }
    }
}

impl Word {
    /// Counts one more drill that ended so.
    pub fn count(self, counts: &mut Counts) {
        match self {
            Self::Passed => counts.passed += 1,
            Self::Failed => counts.failed += 1,
            Self::Errored => counts.errored += 1,
            Self::Skipped => counts.skipped += 1,
        }
    }
}

impl From<&Verdict> for Word {
    fn from(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Passed => Self::Passed,
            Verdict::Failed { .. } => Self::Failed,
            Verdict::Errored { .. } => Self::Errored,
            Verdict::Skipped { .. } => Self::Skipped,
        }
    }
}

/// How long an alert took: spans in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// Propagation took no less; none where nothing tells.
    pub propagation_at_least: Option<u32>,
    /// And no more; none where something else of the same address may have raised the alert.
    pub propagation_at_most: Option<u32>,
    /// From the event on the device to the alert being ready, by the service's own times.
    pub detection: u32,
    /// From the stimulus to the alert being ready.
    pub ready: u32,
    /// From the stimulus to the first moment at which it can have been seen.
    pub shown: u32,
    /// The gap between the looks before and at which it was found.
    pub resolution: u32,
}

impl Alert {
    /// The alert that a drill saw in answer to what it waited for; none where none was.
    fn of(sighting: &Sighting) -> Option<Self> {
        let latencies = sighting.latencies?;
        let ready = sighting.seen.first()?.processed_at.duration_since(sighting.expected.since);
        Some(Self {
            propagation_at_least: latencies.propagation_at_least.map(milliseconds),
            propagation_at_most: latencies.propagation_at_most.map(milliseconds),
            detection: milliseconds(latencies.detection),
            ready: milliseconds(ready.as_secs_f64()),
            shown: milliseconds(sighting.shown_after()?.as_secs_f64()),
            resolution: milliseconds(latencies.resolution),
        })
    }
}

/// A span of seconds in milliseconds: at least none, and at most the seven weeks that fit.
fn milliseconds(seconds: f64) -> u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "such a cast ends at the bounds")]
    let milliseconds = (seconds * 1000.0).round() as u32;
    milliseconds
}

/// The drills of a run, taken in as they end.
#[derive(Debug, Default)]
pub struct Gathered {
    counts: Counts,
    drills: Vec<(u32, Ended)>,
}

impl Gathered {
    /// Takes in one drill.
    pub fn drill(&mut self, drill: &Drill) {
        let mut known = HashSet::new();
        let mut sightings: Vec<&Sighting> = drill.sightings.iter().collect();
        // A later event of the same alert is another latency.
        sightings.retain(|one| one.seen.first().is_some_and(|alert| known.insert((&alert.id, alert.processed_at))));
        let outcome = Outcome {
            verdict: (&drill.verdict).into(),
            code: drill.verdict.code().map(|code| code.as_str().to_owned()),
            alerts: sightings.into_iter().filter_map(Alert::of).collect(),
        };
        let file = drill.file.replace('\\', "/");
        let identity = Identity {
            service: drill.service.clone(),
            file: file.trim_start_matches("./").to_owned(),
            name: drill.name.clone(),
            example: drill.example.clone(),
            nth: 0,
        };
        self.counts.add(&drill.verdict);
        self.drills.push((drill.line, Ended { id: drill.id.clone(), identity, outcome }));
    }

    /// The run with this head and foot; without a foot it was killed.
    pub fn into_run(self, head: &Head, foot: Option<&Foot>) -> Run {
        let about = About {
            run: head.run.clone(),
            started: head.started,
            took_ms: foot.map_or(0.0, |foot| foot.took_ms),
            tenant: head.tenant.clone(),
            alertdrill: head.alertdrill.clone(),
            verdict: foot.map_or(RunVerdict::Interrupted, |foot| foot.verdict),
            counts: self.counts,
        };
        Run { about, drills: told_apart(self.drills) }
    }
}

/// Drills that are alike are numbered by their lines.
fn told_apart(mut drills: Vec<(u32, Ended)>) -> Vec<Ended> {
    drills.sort_by(|(line, a), (other, b)| a.identity.cmp(&b.identity).then(line.cmp(other)));
    let mut drills: Vec<Ended> = drills.into_iter().map(|(_, drill)| drill).collect();
    for place in 1..drills.len() {
        let before = drills[place - 1].identity.clone();
        if (Identity { nth: 0, ..before.clone() }) == drills[place].identity {
            drills[place].identity.nth = before.nth + 1;
        }
    }
    drills
}
