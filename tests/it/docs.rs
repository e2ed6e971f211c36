//! What is written for people, held to the code: whatever a test does not compare will rot.

mod costs;
mod facts;
mod matrix;
mod tables;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use alertdrill::{
    cli::{
        exit::Exit,
        steps::{Format, written},
    },
    config::file::Table,
    record::failure::Code,
    runner::vocabulary::Vocabulary,
};
use regex::Regex;

const DOCUMENTS: [&str; 4] = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "SABOTAGE.md"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The lines of a document's section, from its heading to the next of any level.
fn section(document: &str, heading: &str) -> String {
    let text = read(document);
    let start = text.find(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("{document}: {heading}"));
    let below = &text[start + heading.len() + 2..];
    Regex::new("\n##+ ").expect("a pattern").split(below).next().unwrap_or(below).to_owned()
}

/// The cells of every row of the section's tables, heads and rules left out.
fn rows(section: &str) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut body = false;
    for line in section.lines() {
        body = if line.starts_with("|---") { true } else { body && line.starts_with('|') };
        if body && !line.starts_with("|---") {
            rows.push(line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect());
        }
    }
    rows
}

/// Every text in backticks.
fn quoted(text: &str) -> BTreeSet<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// What the binary prints for `arguments`.
fn printed(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_alertdrill")).args(arguments).output().expect("the binary starts");
    assert!(output.status.success(), "{arguments:?}");
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn the_vocabulary_is_what_the_program_prints() {
    let vocabulary = Vocabulary::linked().expect("the patterns are small");
    // The steps that these tests add are linked as well; the program has its own alone.
    assert!(written(&vocabulary, Format::Markdown).len() >= printed(&["steps"]).len());
    tables::hold("steps", &printed(&["steps"]));
}

#[test]
fn the_exit_codes_are_those_of_the_program() {
    let listed: Vec<_> = rows(&section("README.md", "## Verdicts and exit codes"))
        .into_iter()
        .filter(|row| row[0].parse::<u8>().is_ok())
        .map(|row| (row[0].clone(), row[1].clone()))
        .collect();
    let known = Exit::ALL.map(|exit| (exit.code().to_string(), exit.meaning().to_owned()));
    assert_eq!(listed, known);
    let help = printed(&["--help"]);
    for exit in Exit::ALL {
        assert!(Regex::new(&format!(r"\b{} ", exit.code())).expect("a pattern").is_match(&help), "{exit:?}: {help}");
    }
}

#[test]
fn every_code_of_a_failure_stands_with_its_verdict() {
    let rows = rows(&section("README.md", "## Verdicts and exit codes"));
    for (verdict, junit, gap) in [("failed", "failure", true), ("errored", "error", false)] {
        let row = rows.iter().find(|row| row[0].starts_with(verdict)).expect("a row");
        let known: BTreeSet<_> = Code::ALL
            .iter()
            .filter(|code| !code.is_skip() && code.is_gap() == gap)
            .map(|code| code.as_str().to_owned())
            .collect();
        assert_eq!((quoted(&row[0]), row[2].as_str()), (known, junit), "{verdict}");
    }
}

#[test]
fn the_commands_are_those_of_the_program() {
    let listed: BTreeSet<_> = rows(&section("README.md", "## Commands"))
        .into_iter()
        .filter_map(|row| row[0].strip_prefix("`alertdrill ")?.split([' ', '`']).next().map(str::to_owned))
        .collect();
    let help = printed(&["--help"]);
    let (_, below) = help.split_once("Commands:\n").expect("commands");
    let known: BTreeSet<_> = below
        .lines()
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .filter(|name| name != "help")
        .collect();
    assert_eq!(listed, known);
}

#[test]
fn every_detail_that_is_handed_out_is_explained() {
    let listed: BTreeSet<_> = rows(&section("README.md", "### An emulated tenant for other programs"))
        .iter()
        .flat_map(|row| quoted(&row[0]))
        .collect();
    let clock = alertdrill::clock::Clock::system();
    let options =
        alertdrill::emulator::Options { clock, seed: 1, knobs: alertdrill::emulator::knobs::Knobs::default() };
    let details = alertdrill::emulator::Emulator::new(options).details("http://here", "http://here");
    let known = serde_json::to_value(details).expect("JSON");
    let known: BTreeSet<_> = known.as_object().expect("an object").keys().cloned().collect();
    assert_eq!(listed, known);
}

#[test]
fn every_setting_is_explained() {
    let listed: BTreeSet<_> =
        rows(&section("README.md", "### Tenants")).iter().flat_map(|row| quoted(&row[0])).collect();
    let debug = format!("{:?}", Table::default());
    let known: BTreeSet<_> =
        debug.split([' ', '{', ',']).filter_map(|word| word.strip_suffix(':')).map(str::to_owned).collect();
    assert_eq!(listed, known);
}

#[test]
fn the_newest_version_of_the_changelog_is_the_crate_s() {
    let changelog = read("CHANGELOG.md");
    let newest = changelog.lines().find_map(|line| line.strip_prefix("## ")).expect("a version");
    assert_eq!(newest.split([',', ' ']).next(), Some(env!("CARGO_PKG_VERSION")));
}

#[test]
fn every_link_to_a_file_leads_somewhere() {
    let link = Regex::new(r"\]\(([^)#]+)(?:#[^)]*)?\)").expect("a pattern");
    for document in DOCUMENTS {
        let text = read(document);
        for target in link.captures_iter(&text).map(|found| found[1].to_owned()) {
            assert!(target.contains("://") || root().join(&target).exists(), "{document}: {target}");
        }
    }
}

/// The features, files and folders that the documents name in backticks, as paths from the root or from `src`.
#[test]
fn every_file_that_is_named_is_there() {
    let is_path = Regex::new(r"^(?:src|tests|features|fixtures|benches)/[\w./-]*$").expect("a pattern");
    for document in DOCUMENTS {
        for name in quoted(&read(document).replace("```", "")) {
            if is_path.is_match(&name) {
                assert!(root().join(&name).exists(), "{document}: `{name}`");
            }
        }
    }
}

#[test]
fn no_file_names_a_place_on_somebody_s_machine() {
    let place = Regex::new(r"(?:^|[\s`'\x22(=:])(?:/(?:home|Users|root|work)/\w|[A-Z]:\\Users\\)").expect("a pattern");
    for file in files() {
        let Ok(text) = fs::read_to_string(&file) else { continue };
        let found = text.lines().find(|line| place.is_match(line) && !line.contains("home|Users"));
        assert_eq!(found, None, "{}", file.display());
    }
}

/// Every file that is ours.
fn files() -> Vec<PathBuf> {
    let folders = ["src", "tests", "features", "fixtures", "benches", ".ci"].map(|name| root().join(name));
    let in_folders = folders.iter().filter(|folder| folder.exists()).flat_map(walkdir::WalkDir::new);
    let below = in_folders.map(|entry| entry.expect("an entry").into_path()).filter(|path| path.is_file());
    let above = DOCUMENTS.iter().chain(&["Cargo.toml"]).map(|name| root().join(name));
    below.chain(above).collect()
}
