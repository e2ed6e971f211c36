//! The matrix of promise and service: what the built-in suite proves of each, as the binary tells it.

use std::{collections::HashMap, fmt::Write as _};

use alertdrill::{domain::service::Service, runner::builtin::FEATURES};
use regex::Regex;
use serde_json::Value;

use super::tables;
use crate::cli::stage::Stage;

/// How the drills of one feature ended on one service.
#[derive(Default)]
struct Cell {
    /// Verdicts in the order of their first drill, with how many ended so.
    verdicts: Vec<(String, usize)>,
    /// The letters of the reasons why some were skipped.
    notes: Vec<char>,
}

impl Cell {
    fn add(&mut self, verdict: &str) {
        match self.verdicts.iter_mut().find(|(known, _)| known == verdict) {
            Some((_, count)) => *count += 1,
            None => self.verdicts.push((verdict.to_owned(), 1)),
        }
    }

    /// `9 passed, 31 skipped (e, f)`
    fn text(&mut self) -> String {
        self.verdicts.sort();
        self.notes.sort_unstable();
        self.notes.dedup();
        let counts: Vec<_> = self.verdicts.iter().map(|(verdict, count)| format!("{count} {verdict}")).collect();
        let notes: Vec<_> = self.notes.iter().map(|letter| format!("<sup>{letter}</sup>")).collect();
        [counts.join(", "), notes.join(" ")].join(" ").trim_end().to_owned()
    }
}

/// The reasons why drills were skipped, each once.
#[derive(Default)]
struct Notes(Vec<String>);

impl Notes {
    fn letter(&mut self, reason: &str) -> char {
        let reason = shortened(reason);
        let place = self.0.iter().position(|known| *known == reason).unwrap_or_else(|| {
            self.0.push(reason);
            self.0.len() - 1
        });
        char::from(b'a' + u8::try_from(place).expect("few reasons"))
    }
}

/// The reason without what differs from service to service, so that one note serves all of them.
fn shortened(reason: &str) -> String {
    if let Some((_, tags)) = reason.split_once(" is not for the service ") {
        let tags = tags.split_once('(').expect("tags").1.trim_end_matches(')').replace('@', "");
        return format!("it is about what `{}` does", tags.replace(", ", "` or `"));
    }
    let reason = reason.strip_prefix("the service cannot do this with ").unwrap_or(reason);
    let reason = Regex::new("the service (legacy|endpoint|graph)").expect("a pattern").replace(reason, "the service");
    reason.split(", and knows no ").next().expect("a part").to_owned()
}

/// Every drill of the built-in suite on `service`: its file, its verdict and why, in the order of the files' lines.
fn drills(service: Service) -> Vec<(String, String, String)> {
    let stage = Stage::new();
    let ran = stage.run(&format!("run --service {service} --seed 7 --quiet"));
    ran.exits(0);
    let run = stage.json("alertdrill-report/run.json");
    let mut drills = run["drills"].as_array().expect("drills").clone();
    drills.sort_by_key(|drill| drill["line"].as_u64());
    let text = |drill: &Value, name: &str| drill[name].as_str().unwrap_or_default().to_owned();
    drills.iter().map(|drill| (text(drill, "file"), text(drill, "verdict"), text(drill, "reason"))).collect()
}

/// The name of a feature, and the first sentence of what it says of itself.
fn promise(feature: &str) -> (String, String) {
    let mut lines = feature.lines().skip_while(|line| !line.starts_with("Feature: "));
    let name = lines.next().expect("a name").trim_start_matches("Feature: ").to_owned();
    let text: Vec<_> = lines.take_while(|line| !line.trim().is_empty()).map(str::trim).collect();
    let text = text.join(" ");
    let sentence = text.split_inclusive(". ").next().unwrap_or_default().trim().to_owned();
    (name, sentence)
}

fn matrix() -> String {
    let mut cells: HashMap<(String, Service), Cell> = HashMap::new();
    let mut notes = Notes::default();
    // The services one after the other, their features in the order of the table: the letters follow the eye.
    for service in Service::ALL {
        let of_service = drills(service);
        for (file, _) in FEATURES {
            for (_, verdict, reason) in of_service.iter().filter(|(of, ..)| of == file) {
                for key in [file, "all"] {
                    let cell = cells.entry((key.to_owned(), service)).or_default();
                    cell.add(verdict);
                    if verdict == "skipped" && key == file {
                        cell.notes.push(notes.letter(reason));
                    }
                }
            }
        }
    }
    let mut table = String::from("| promise | `legacy` | `endpoint` | `graph` |\n|---|---|---|---|\n");
    let mut row = |promise: String, key: &str| {
        let texts = Service::ALL.map(|service| cells.get_mut(&(key.to_owned(), service)).expect("a cell").text());
        writeln!(table, "| {promise} | {} |", texts.join(" | ")).expect("written");
    };
    for (file, text) in FEATURES {
        let (name, sentence) = promise(text);
        row(format!("[{name}]({file}). {sentence}"), file);
    }
    row("all of them".into(), "all");
    table.push('\n');
    for (place, note) in (b'a'..).zip(&notes.0) {
        writeln!(table, "- {}: {note}", char::from(place)).expect("written");
    }
    table
}

#[test]
fn the_matrix_of_promise_and_service_is_what_the_built_in_drills_come_to() {
    tables::hold("matrix", &matrix());
}

#[test]
fn a_reason_is_shortened_to_what_is_the_same_for_every_service() {
    let both = ["graph", "endpoint"].map(|service| {
        shortened(&format!("the service cannot do this with controls: the service {service} has no such limit"))
    });
    assert_eq!(both, ["controls: the service has no such limit"; 2]);
    assert_eq!(
        shortened("it is not for the service legacy (@endpoint, @graph)"),
        "it is about what `endpoint` or `graph` does"
    );
}
