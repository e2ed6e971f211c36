//! The edge: what a person types, and what they get.
//!
//! In reading order: [`args`] (what can be typed), [`exit`] (what comes back), [`logging`], [`compose`] (the only place
//! where the parts meet), then a file a command: [`run`] (with [`progress`] and [`result_table`], and in private `ground`,
//! what it runs on; `detach`, drills that are armed; `tenancy`, a tenant by its name; `gate`, whether a drill may begin;
//! `announce`, who is told before), [`memory`] (what it knows of earlier runs), [`plan`], [`collect`], [`sweep`],
//! [`emulate`], [`report`], [`history`], [`steps`], [`init`]; and [`acceptance`], the way in for `cargo test`. Private
//! `terminal` is what they write for people on, [`live`] the lines of the drills that run, [`job`] the words for the log of a
//! job.

pub mod acceptance;
mod announce;
pub mod args;
pub mod collect;
pub mod compose;
mod detach;
pub mod emulate;
mod endings;
pub mod exit;
mod gate;
mod ground;
mod handout;
pub mod history;
pub mod init;
mod interruption;
pub mod job;
pub mod live;
pub mod logging;
pub mod memory;
pub mod plan;
pub mod progress;
pub mod report;
pub mod result_table;
pub mod run;
mod scribe;
pub mod steps;
pub mod sweep;
mod tenancy;
mod terminal;

use std::{
    ffi::OsString,
    io::{ErrorKind, Write as _},
    process::ExitCode,
};

use crate::{
    cli::{
        args::{Command, Invocation},
        exit::Exit,
    },
    config::environment::Environment,
};

/// The command line of this process, from its arguments to its exit code. A crate with steps of its own calls this
/// from its `main`: the steps are linked into the same vocabulary.
pub fn main() -> ExitCode {
    invoke(std::env::args_os()).into()
}

/// The command line `arguments`, the program's name first.
pub fn invoke(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let environment = Environment::of_process();
    let invocation = match args::parse(arguments) {
        Ok(invocation) => invocation,
        Err(said) => return said,
    };
    logging::start(invocation.verbosity, &environment);
    dispatch(invocation, &environment)
}

fn dispatch(invocation: Invocation, environment: &Environment) -> Exit {
    match invocation.command {
        Command::Run(options) => run::run(options, environment),
        Command::Plan(options) => plan::plan(&options, environment),
        Command::Collect(options) => collect::collect(&options, environment),
        Command::Sweep(options) => sweep::sweep(&options, environment),
        Command::Steps(format) => steps::steps(format),
        Command::Emulate(options) => serve(options),
        Command::Report(options) => make_reports(&options),
        Command::History(options) => history::history(&options),
        Command::Init(options) => init::init(&options),
    }
}

fn serve(options: emulate::Options) -> Exit {
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return exit::said(Exit::Defect, &format!("the runtime does not start: {error}")),
    };
    match runtime.block_on(emulate::emulate(options, &mut std::io::stdout())) {
        Ok(()) => Exit::Passed,
        Err(error) => exit::said(Exit::Usage, &error.to_string()),
    }
}

fn make_reports(options: &report::Options) -> Exit {
    match report::report(options) {
        Ok(made) => {
            for report in made.reports {
                print(&format!("{}\n", report.display()));
            }
            if options.exit_code { Exit::of(made.verdict) } else { Exit::Passed }
        }
        Err(refused) => exit::said(Exit::Usage, &refused.to_string()),
    }
}

/// What a command that speaks to services runs on: one thread, for what drills do is wait for answers; or that there is none,
/// told.
fn runtime() -> Result<tokio::runtime::Runtime, Exit> {
    let built = tokio::runtime::Builder::new_current_thread().enable_all().build();
    built.map_err(|error| exit::said(Exit::Defect, &format!("the runtime does not start: {error}")))
}

/// Prints a command's result to standard output. A reader that has gone is no mistake of ours; a full disk is told; nothing is no result.
fn print(text: &str) {
    if text.is_empty() {
        return;
    }
    let mut stdout = anstream::stdout();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            tell(&format!("alertdrill: standard output cannot be written to: {error}"));
        }
        _ => (),
    }
}

/// Prints what is not a result, but about it, to standard error.
fn tell(text: &str) {
    let _reader_may_have_gone = terminal::Stderr.write_all(job::harmless(&format!("{text}\n")).as_bytes());
}
