//! Runs over time: each tenant and service by itself.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use regex::Regex;
use serde::Serialize;

use crate::{
    history::{
        figures::Figures,
        run::{About, Identity, Outcome, Word},
        standing::{self, Change, WINDOW},
        store::{Store, StoreError},
    },
    record::{
        quantiles::Quantiles,
        tally::Latency,
        verdict::{Counts, RunVerdict},
    },
};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Filter {
    /// Only runs of this tenant.
    pub tenant: Option<String>,
    /// Only drills on this service.
    pub service: Option<String>,
    /// Only drills whose name or file this matches.
    pub drill: Option<Regex>,
    /// So many runs are told, of each tenant and service.
    pub last: usize,
}

/// The runs of one tenant on one service.
#[derive(Debug, Clone, Serialize)]
pub struct Group {
    /// `emulator`, or the name of the tenant's table.
    pub tenant: String,
    /// `legacy`, `endpoint` or `graph`.
    pub service: String,
    /// How many runs are remembered of it.
    pub remembered: usize,
    /// The last of them, the earliest first.
    pub runs: Vec<RunOf>,
    /// How long detection took in those that ended by themselves; none where no alert came.
    pub detection: Option<Quantiles>,
    /// Of propagation, the upper bounds.
    pub propagation: Option<Quantiles>,
    /// The last run that ended by itself: what is said of drills is said of those that it judged.
    pub judged_in: Option<String>,
    /// How many drills it judged.
    pub judged: usize,
    /// Those of which something is new, or that are flaky.
    pub drills: Vec<DrillOf>,
    #[serde(skip)]
    figures: Figures,
}

/// What a run says of one service.
#[derive(Debug, Clone, Serialize)]
pub struct RunOf {
    /// Its own name.
    pub run: String,
    /// When it began, on the world's clock.
    pub started: Timestamp,
    /// The version of alertdrill that ran it.
    pub alertdrill: String,
    /// The verdict on the whole of it.
    pub verdict: RunVerdict,
    /// How many of its drills on this service, as far as they are asked for, ended how.
    pub counts: Counts,
    /// How long detection took; none where no alert came.
    pub detection: Option<Quantiles>,
    /// Of propagation, the upper bounds.
    pub propagation: Option<Quantiles>,
}

/// A drill of which something is to be said.
#[derive(Debug, Clone, Serialize)]
pub struct DrillOf {
    /// Which.
    pub drill: Identity,
    /// What is new of it, or stays as bad as it was.
    pub change: Option<Change>,
    /// Whether its verdict goes back and forth.
    pub flaky: bool,
    /// What was wrong with it, where it failed.
    pub code: Option<String>,
    /// The run since which it has been judged as it was last.
    pub since: String,
    /// Its last ten judgements at most, the earliest first.
    pub judgements: Vec<Word>,
}

/// What is remembered, as far as `filter` asks for it, by tenant and service.
pub fn overview(store: &Store, filter: &Filter) -> Result<Vec<Group>, StoreError> {
    let drills: HashMap<u32, Identity> = store.drills()?.into_iter().map(|(drill, number)| (number, drill)).collect();
    let mut groups: BTreeMap<(String, String), Gathering<'_>> = BTreeMap::new();
    let is_asked_for = |about: &About| filter.tenant.as_ref().is_none_or(|tenant| *tenant == about.tenant);
    for about in store.runs()?.into_iter().filter(is_asked_for) {
        let mut parts: BTreeMap<&str, Vec<(&Identity, Outcome)>> = BTreeMap::new();
        for (number, outcome) in store.outcomes(&about)? {
            if let Some(drill) = drills.get(&number).filter(|drill| filter.asks_for(drill)) {
                parts.entry(&drill.service).or_default().push((drill, outcome));
            }
        }
        for (service, outcomes) in parts {
            let group = groups.entry((about.tenant.clone(), service.to_owned())).or_default();
            group.run(&about, outcomes);
        }
    }
    Ok(groups.into_iter().map(|(whose, gathering)| gathering.into_group(whose, filter.last)).collect())
}

impl Filter {
    fn asks_for(&self, drill: &Identity) -> bool {
        let is_named = |regex: &Regex| regex.is_match(&drill.name) || regex.is_match(&drill.file);
        self.service.as_ref().is_none_or(|service| *service == drill.service)
            && self.drill.as_ref().is_none_or(is_named)
    }
}

/// A group, while its runs come in.
#[derive(Default)]
struct Gathering<'a> {
    runs: Vec<(RunOf, Figures)>,
    courses: HashMap<&'a Identity, Course>,
    /// The last run that was over, by its place among them.
    last: Option<usize>,
}

/// The judgements on a drill.
#[derive(Default)]
struct Course {
    judgements: Vec<bool>,
    code: Option<String>,
    /// The run of the last, by its place.
    last: usize,
    /// The run since which they are alike, by its place.
    since: usize,
}

impl<'a> Gathering<'a> {
    fn run(&mut self, about: &About, outcomes: Vec<(&'a Identity, Outcome)>) {
        let place = self.runs.len();
        let (mut counts, mut figures) = (Counts::default(), Figures::default());
        for (drill, outcome) in outcomes {
            outcome.verdict.count(&mut counts);
            figures.add(&outcome);
            if let Some(judgement) = outcome.judgement().filter(|_| about.is_over()) {
                self.courses.entry(drill).or_default().judge(judgement, outcome.code, place);
            }
        }
        if about.is_over() {
            self.last = Some(place);
        }
        let run = RunOf {
            run: about.run.clone(),
            started: about.started,
            alertdrill: about.alertdrill.clone(),
            verdict: about.verdict,
            counts,
            detection: figures.quantiles(Latency::Detection),
            propagation: figures.quantiles(Latency::Propagation),
        };
        // What was measured in a run that was broken off is told with it, and counts no further.
        self.runs.push((run, if about.is_over() { figures } else { Figures::default() }));
    }

    fn into_group(mut self, (tenant, service): (String, String), last: usize) -> Group {
        let name = |place: usize| self.runs[place].0.run.clone();
        let judged: Vec<_> = self.courses.iter().filter(|(_, course)| Some(course.last) == self.last).collect();
        let told = judged.iter().filter_map(|(drill, course)| course.told(drill, name(course.since)));
        let mut drills: Vec<DrillOf> = told.collect();
        drills.sort_by(|a, b| (a.change, &a.drill).cmp(&(b.change, &b.drill)));
        let (judged, judged_in, remembered) = (judged.len(), self.last.map(name), self.runs.len());
        let shown = self.runs.split_off(remembered.saturating_sub(last));
        let mut figures = Figures::default();
        for (_, of_run) in &shown {
            figures.add_all(of_run);
        }
        let [detection, propagation] = [Latency::Detection, Latency::Propagation].map(|one| figures.quantiles(one));
        let runs = shown.into_iter().map(|(run, _)| run).collect();
        Group { tenant, service, remembered, runs, detection, propagation, judged_in, judged, drills, figures }
    }
}

impl Course {
    fn judge(&mut self, judgement: bool, code: Option<String>, place: usize) {
        if self.judgements.last() != Some(&judgement) {
            self.since = place;
        }
        self.judgements.push(judgement);
        (self.code, self.last) = (code, place);
    }

    fn told(&self, drill: &Identity, since: String) -> Option<DrillOf> {
        let (change, flaky) = (standing::change(&self.judgements), standing::is_flaky(&self.judgements));
        let last = &self.judgements[self.judgements.len().saturating_sub(WINDOW)..];
        let judgements = last.iter().map(|passed| if *passed { Word::Passed } else { Word::Failed }).collect();
        let drill = || drill.clone();
        let told = || DrillOf { drill: drill(), change, flaky, code: self.code.clone(), since, judgements };
        (change.is_some() || flaky).then(told)
    }
}

impl Group {
    /// Of which it is: "endpoint of lab".
    pub fn name(&self) -> String {
        format!("{} of {}", self.service, self.tenant)
    }

    /// How its drills of the runs that are told and ended by themselves ended.
    pub fn counts(&self) -> Counts {
        let over = self.runs.iter().filter(|run| run.verdict.is_over());
        over.fold(Counts::default(), |all, run| Counts {
            passed: all.passed + run.counts.passed,
            failed: all.failed + run.counts.failed,
            errored: all.errored + run.counts.errored,
            skipped: all.skipped + run.counts.skipped,
        })
    }

    /// The span that `percent` of a hundred alerts of these runs did not exceed, and how many there were.
    pub fn quantile(&self, latency: Latency, percent: f64) -> Option<(f64, usize)> {
        self.figures.quantile(latency, percent)
    }
}
