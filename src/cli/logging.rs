//! Logs, on standard error: what is going on, for whoever asks for it. Nothing here is a result.

use tracing_subscriber::EnvFilter;

use crate::{
    cli::{tell, terminal},
    config::environment::Environment,
};

/// How much is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Verbosity {
    /// Errors, and no progress.
    Quiet,
    /// Warnings, and progress.
    #[default]
    Normal,
    /// Every call and look.
    Verbose,
}

/// Starts logging; `ALERTDRILL_LOG` says more exactly what of, in the words of `tracing`'s filters.
pub fn start(verbosity: Verbosity, environment: &Environment) {
    let default = match verbosity {
        Verbosity::Quiet => "error",
        Verbosity::Normal => "warn",
        Verbosity::Verbose => "alertdrill=debug,warn",
    };
    let wanted = environment.get("ALERTDRILL_LOG").unwrap_or(default);
    let filter = EnvFilter::try_new(wanted).unwrap_or_else(|error| {
        tell(&format!("alertdrill: ALERTDRILL_LOG is passed over: {error} (hint: such as alertdrill=debug)"));
        EnvFilter::new(default)
    });
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        // Nor is there anybody to tell that nobody reads this: it would be said where nothing can be.
        .log_internal_errors(false)
        .with_ansi(!environment.is_set("NO_COLOR") && std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .with_writer(|| terminal::Stderr)
        .finish();
    // A program that links this one may have set its own.
    let _theirs_stays = tracing::subscriber::set_global_default(subscriber);
}
