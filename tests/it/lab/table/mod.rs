//! Each expectation under each sabotage: the verdict that it must give, on each service.
//!
//! In reading order: [`steps`] (the expectations, each at the end of a drill), [`sabotages`] (what goes wrong, and what is
//! to be said of it), this file (all of it run, compared, and written into `SABOTAGE.md`).

mod sabotages;
mod steps;

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{Arc, Mutex},
};

use alertdrill::{
    cli::compose::Emulated,
    clock::Clock,
    domain::service::Service,
    emulator::{Emulator, mocks::Mocks},
    runner::{
        stop::Stop,
        vocabulary::{Definition, Vocabulary},
    },
    world::lab::{Lab, Labs, NoLab, Wish},
};
use futures::{FutureExt as _, future::BoxFuture};
use jiff::SignedDuration;
use serde_json::Value;

use self::{
    sabotages::{SABOTAGES, Sabotage},
    steps::{ALL, ASIDE, OF_NO_ALERT, On, STEPS, Step},
};
use super::{options, rows, run_in, told, verdict};

impl On {
    fn services(self) -> (Service, Service) {
        match self {
            Self::Legacy => (Service::Legacy, Service::Legacy),
            Self::Endpoint => (Service::Endpoint, Service::Endpoint),
            Self::Graph => (Service::Graph, Service::Graph),
            Self::Both => (Service::Endpoint, Service::Graph),
        }
    }

    /// At the head of a column.
    fn title(self) -> &'static str {
        match self {
            Self::Legacy => "`legacy`",
            Self::Endpoint => "`endpoint`",
            Self::Graph => "`graph`",
            Self::Both => "`endpoint` read by `graph`",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Legacy => "legacy",
            Self::Endpoint => "endpoint",
            Self::Graph => "graph",
            Self::Both => "endpoint read by graph",
        }
    }
}

impl Sabotage {
    /// The verdict that `step` must give on `on`.
    fn expected(&self, step: &Step, on: On) -> &'static str {
        let fits = |(line, of, _): &&(&str, &str, &str)| {
            let is_it = if line.starts_with(ASIDE) { step.line.ends_with(line) } else { step.line.starts_with(line) };
            is_it && (of.is_empty() || of.split(", ").any(|of| of == on.words()))
        };
        if self.spares.iter().any(|line| step.line.starts_with(line)) {
            return step.right;
        }
        let gives = self.but.iter().find(fits).map_or(self.gives, |(.., gives)| gives);
        if gives == "right" { step.right } else { gives }
    }

    /// Whether `step` is run with it on `on`: not where the first one fails, with which its drill begins.
    fn reaches(&self, step: &Step, on: On) -> bool {
        step.on.contains(&on) && (!step.follows_the_first() || self.expected(&STEPS[0], on) == "passed")
    }

    fn misbehaves(&self) -> String {
        let step = |(fault, settings): &(&str, &[(&str, &str)])| {
            format!("\n    And the laboratory misbehaves: {fault}\n{}", rows(settings)).trim_end().to_owned()
        };
        self.faults.iter().map(step).collect()
    }
}

/// Labs whose tenants have these knobs, each tenant kept, to be looked into when the run is over.
struct Set {
    labs: Emulated,
    knobs: Value,
    made: Mutex<Vec<Arc<Emulator>>>,
}

/// The pace of every tenant, so that no verdict hangs on a draw.
const PACE: &str = r#"{"detectionSeconds": 420, "networkEnforcementSeconds": 3600, "networkAlertSeconds": 420, "nrtDetectionSeconds": 420}"#;

fn emulator(lab: &Lab) -> Arc<Emulator> {
    let ground = lab.ground.clone().expect("an emulated lab stands on an emulator");
    Arc::clone(ground.downcast::<Mocks>().expect("it is an emulator's server").emulator())
}

impl Labs for Set {
    fn service(&self) -> Service {
        self.labs.service()
    }

    fn lab(&self, wish: Wish) -> BoxFuture<'_, Result<Arc<Lab>, NoLab>> {
        async move {
            let lab = Labs::lab(&self.labs, wish).await?;
            let emulator = emulator(&lab);
            let pace = serde_json::from_str(PACE).expect("JSON");
            for knobs in [&pace, &self.knobs] {
                emulator.with(|tenant, _| tenant.knobs = tenant.knobs.with(knobs).expect("good knobs"));
            }
            self.made.lock().expect("nobody panicked with it").push(emulator);
            Ok(lab)
        }
        .boxed()
    }
}

/// What each expectation said of each sabotage, by their places, and what was told of it.
type Seen = BTreeMap<(usize, usize), (String, String)>;

/// Runs the drills of `sabotages` (by their places), which share knobs and clocks.
fn run(on: On, sabotages: &[(usize, &Sabotage)]) -> Seen {
    let (_, ground) = sabotages[0];
    let mut feature = "Feature: sabotage\n".to_owned();
    for (place, sabotage) in sabotages {
        for (number, step) in STEPS.iter().enumerate().filter(|(_, step)| sabotage.reaches(step, on)) {
            feature += &step.scenario(&format!("{number} {place}"), &sabotage.misbehaves());
        }
    }
    let (publishing, reading) = on.services();
    let clock = Clock::jumping("2026-11-24T12:00:00Z".parse().expect("a timestamp"));
    let emulated = Emulated::new(&clock, options().seed, publishing).expect("the emulator starts");
    let labs = emulated.reading_by(reading, reading).ahead_by(SignedDuration::from_secs(ground.ahead));
    let knobs = serde_json::from_str(ground.knobs).expect("JSON");
    let labs = Arc::new(Set { labs, knobs, made: Mutex::default() });
    let ran = run_in(Arc::clone(&labs) as _, &feature, options(), &Stop::default());
    for emulator in labs.made.lock().expect("nobody panicked with it").iter() {
        assert_eq!(emulator.panics(), Vec::<String>::new());
    }
    let seen = ran.drills.iter().map(|drill| {
        let (number, place) = drill.name.split_once(' ').expect("two numbers");
        let key = (number.parse().expect("a number"), place.parse().expect("a number"));
        (key, (verdict(drill), told(drill)))
    });
    seen.collect()
}

/// Everything, on one kind of tenant.
fn all(on: On) -> Seen {
    let mut grounds: BTreeMap<(&str, i64), Vec<(usize, &Sabotage)>> = BTreeMap::new();
    for (place, sabotage) in SABOTAGES.iter().enumerate() {
        grounds.entry((sabotage.knobs, sabotage.ahead)).or_default().push((place, sabotage));
    }
    grounds.values().flat_map(|sabotages| run(on, sabotages)).collect()
}

/// The parts of what a person is told of a gap.
const PARTS: [&str; 3] = ["\n  expected: ", "\n  saw: ", "\n  hint: "];

/// Where a verdict is other than it must be, a line for each.
fn others(on: On) -> String {
    let seen = all(on);
    let mut others = String::new();
    for (place, sabotage) in SABOTAGES.iter().enumerate() {
        for (number, step) in STEPS.iter().enumerate().filter(|(_, step)| step.on.contains(&on)) {
            let number = if sabotage.reaches(step, on) { number } else { 0 };
            let (verdict, told) = seen.get(&(number, place)).expect("every drill ran");
            let expected = sabotage.expected(step, on);
            let (on, name, line) = (on.words(), sabotage.name, step.line);
            if verdict != expected {
                let told = told.lines().next().unwrap_or_default();
                writeln!(others, "{on} | {name} | {line} | {verdict}, not {expected}: {told}").expect("written");
            } else if verdict.starts_with("failed") && !PARTS.iter().all(|part| told.contains(part)) {
                writeln!(others, "{on} | {name} | {line} | a part is missing of: {told}").expect("written");
            }
        }
    }
    others
}

#[test]
fn every_expectation_under_every_sabotage_gives_the_verdict_that_it_must() {
    let others: String = ALL.map(others).concat();
    assert!(others.is_empty(), "verdicts are others:\n{others}");
}

#[test]
fn every_expectation_of_the_vocabulary_that_judges_an_alert_has_a_row() {
    let vocabulary = Vocabulary::linked().expect("the patterns are small");
    let own = vocabulary.definitions().filter(|step| step.place.path.contains("src/steps/"));
    let expectations = own.filter(|step| step.keyword() == "Then");
    let without: Vec<_> = expectations
        .filter(|expectation| !STEPS.iter().any(|row| expectation.pattern.is_match(row.words())))
        .map(Definition::phrase)
        .collect();
    assert_eq!(without, OF_NO_ALERT, "what judges an alert is a row of the table; nothing else is left out");
}

/// The table for people.
fn document() -> String {
    let mut text = HEAD.to_owned();
    let notes: Vec<_> = SABOTAGES.iter().filter(|sabotage| !sabotage.note.is_empty()).collect();
    for step in &STEPS {
        writeln!(text, "\n## {}\n", step.line).expect("written");
        let heads = step.on.iter().map(|on| format!(" {} |", on.title()));
        writeln!(text, "| what goes wrong |{}", heads.collect::<String>()).expect("written");
        writeln!(text, "|---|{}", "---|".repeat(step.on.len())).expect("written");
        for sabotage in SABOTAGES {
            let cells = step.on.iter().map(|on| format!(" {} |", in_code(sabotage.expected(step, *on))));
            let mark = notes.iter().position(|noted| noted.name == sabotage.name);
            let mark = mark.map(|place| format!(" <sup>{}</sup>", place + 1)).unwrap_or_default();
            writeln!(text, "| {}{mark} |{}", sabotage.name, cells.collect::<String>()).expect("written");
        }
    }
    text.push_str("\n## Notes\n\n");
    for (place, sabotage) in notes.iter().enumerate() {
        writeln!(text, "{}. {}: {}.", place + 1, sabotage.name, sabotage.note).expect("written");
    }
    text
}

/// `failed` stays a word, its code is one of the program's.
fn in_code(verdict: &str) -> String {
    verdict.split_once(' ').map_or(verdict.to_owned(), |(word, code)| format!("{word} `{code}`"))
}

const HEAD: &str = "# What each expectation says when something goes wrong

Every line of these tables is a drill that a test runs on an emulated tenant: right but for what goes wrong, and ending with
the expectation that the section is named after. Where nothing goes wrong for the expectation, its verdict is the one of the
first line. `passed` stands where what goes wrong is none of the expectation's business, where it was waited for, or with a
number, where it cannot be told. A test writes this file (`UPDATE_README=1`).
";

#[test]
fn the_document_says_what_is_tested() {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("SABOTAGE.md");
    let document = document();
    #[expect(clippy::disallowed_methods, reason = "whoever wants the file written says so to the test alone")]
    if std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(&file, &document).expect("written");
    }
    let written = std::fs::read_to_string(&file).expect("SABOTAGE.md can be read");
    assert_eq!(written, document, "SABOTAGE.md is behind: `UPDATE_README=1 cargo test --test it lab::table` writes it");
}
