//! The way in for `cargo test`: drills as acceptance tests of a crate, through the same runner as `alertdrill run`.

use std::{ffi::OsString, process::ExitCode};

use crate::{
    cli::{self, exit::Exit},
    config::environment::Environment,
};

/// Runs the drills of `features` as the `main` of a test without harness, on the emulator, or on the tenant that
/// `ALERTDRILL_TENANT` names. Steps of the crate's own are part of the vocabulary.
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
    let asked: Vec<String> = std::env::args().skip(1).collect();
    if asked.iter().any(|argument| argument == "--list") {
        if !asked.iter().any(|argument| argument == "--ignored") {
            cli::print("drills: test\n");
        }
        return ExitCode::SUCCESS;
    }
    let exit = cli::invoke(command_line(features, &asked, &Environment::of_process()));
    // Under `cargo test`, where a name picks tests of several binaries, none of ours is no failure.
    exit.into()
}

fn command_line(features: &[&str], asked: &[String], environment: &Environment) -> Vec<OsString> {
    let out = environment.get("ALERTDRILL_OUT").unwrap_or("target/alertdrill-report");
    let mut line: Vec<OsString> = ["alertdrill", "run", "--out", out].map(Into::into).into();
    if let Some(tenant) = environment.get("ALERTDRILL_TENANT") {
        line.extend(["--tenant", tenant].map(OsString::from));
    }
    if let Some(name) = asked.iter().find(|argument| !argument.starts_with('-') && *argument != "drills") {
        line.extend(["--name".to_owned(), regex::escape(name)].map(OsString::from));
    }
    line.extend(features.iter().map(OsString::from));
    line
}

/// Whether a run that ended with `exit` is a failure of the test.
pub fn is_failure(exit: Exit) -> bool {
    exit != Exit::Passed
}
