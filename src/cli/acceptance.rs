//! The way in for `cargo test`: drills as acceptance tests of a crate, through the same runner as `alertdrill run`.

use std::{ffi::OsString, process::ExitCode};

use regex::Regex;

use crate::{
    cli,
    config::environment::Environment,
    runner::{
        find,
        select::{self, Selection},
        suite::Suite,
    },
};

/// Runs the drills of `features` as the `main` of a test without harness, on the emulator, or on the tenant that
/// `ALERTDRILL_TENANT` names. Steps of the crate's own are part of the vocabulary. The reports go to
/// `target/alertdrill-report`, or where `ALERTDRILL_OUT` says.
///
/// ```no_run
/// // tests/acceptance.rs, with `harness = false` in Cargo.toml
/// fn main() -> std::process::ExitCode {
///     alertdrill::acceptance(&["features"])
/// }
/// ```
///
/// What `cargo test` passes on is understood as far as it makes sense: a name picks drills, `--list` lists one test.
pub fn acceptance(features: &[&str]) -> ExitCode {
    let asked = Asked::read(std::env::args().skip(1));
    if asked.list {
        cli::print("drills: test\n");
        return ExitCode::SUCCESS;
    }
    if asked.name.as_ref().is_some_and(|name| picks_none(features, name)) {
        // `cargo test NAME` means tests of any binary, and none of ours is no failure.
        cli::print("0 drills have that in their name\n");
        return ExitCode::SUCCESS;
    }
    cli::invoke(command_line(features, asked.name.as_deref(), &Environment::of_process())).into()
}

/// What a test runner asked for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Asked {
    list: bool,
    name: Option<String>,
}

/// Flags of Rust's own test harness that take a value as their next argument.
const WITH_VALUE: [&str; 7] = ["--test-threads", "--skip", "--format", "--color", "--logfile", "--shuffle-seed", "-Z"];

impl Asked {
    fn read(mut arguments: impl Iterator<Item = String>) -> Self {
        let mut asked = Self::default();
        while let Some(argument) = arguments.next() {
            if WITH_VALUE.contains(&argument.as_str()) {
                arguments.next();
            } else if argument == "--list" {
                asked.list = true;
            } else if !argument.starts_with('-') && argument != "drills" {
                asked.name = Some(argument);
            }
        }
        asked
    }
}

/// Whether no drill has `name` in its name. Features with a mistake in them are for the run to tell.
fn picks_none(features: &[&str], name: &str) -> bool {
    let targets: Vec<String> = features.iter().map(|feature| (*feature).to_owned()).collect();
    let Ok(found) = find::find(&targets) else { return false };
    let Ok(mut suite) = Suite::parse(&found) else { return false };
    let selection = Selection { name: Regex::new(&regex::escape(name)).ok(), ..Selection::default() };
    select::select(&mut suite, &found, &selection).is_ok() && suite.total() == 0
}

fn command_line(features: &[&str], name: Option<&str>, environment: &Environment) -> Vec<OsString> {
    let out = environment.get("ALERTDRILL_OUT").unwrap_or("target/alertdrill-report");
    let mut line: Vec<OsString> = ["alertdrill", "run", "--out", out].map(Into::into).into();
    if let Some(tenant) = environment.get("ALERTDRILL_TENANT") {
        line.extend(["--tenant", tenant].map(OsString::from));
    }
    if let Some(name) = name {
        line.extend(["--name".to_owned(), regex::escape(name)].map(OsString::from));
    }
    line.extend(features.iter().map(OsString::from));
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Asked {
        Asked::read(arguments.iter().map(|argument| (*argument).to_owned()))
    }

    #[test]
    fn what_a_test_runner_passes_on_is_no_name_of_a_drill() {
        assert_eq!(read(&["--test-threads", "1", "--nocapture", "-q"]), Asked::default());
        assert_eq!(read(&["--exact", "drills"]), Asked::default());
        assert_eq!(read(&["silence"]).name.as_deref(), Some("silence"));
        assert!(read(&["--list", "--format", "terse"]).list);
    }

    #[test]
    fn a_name_that_no_drill_has_picks_none() {
        assert!(picks_none(&["features"], "a unit test of something else"));
        assert!(!picks_none(&["features"], "A disabled indicator"));
    }

    #[test]
    fn the_environment_says_which_tenant_and_where_to() {
        let environment = Environment::with(&[("ALERTDRILL_TENANT", "lab"), ("ALERTDRILL_OUT", "there")]);
        let line = command_line(&["features"], Some("a (b)"), &environment);
        let expected = ["alertdrill", "run", "--out", "there", "--tenant", "lab", "--name", r"a \(b\)", "features"];
        assert_eq!(line, expected);
    }
}
