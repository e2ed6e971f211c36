//! Logs: what is going on, on standard error for whoever asks for it, and in the record of the drill that it is about.
//! Nothing here is a result.

use std::fmt::{self, Write as _};

use tracing::{Event, Subscriber, field, level_filters::LevelFilter};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::Targets,
    layer::{Context, SubscriberExt as _},
    registry::LookupSpan,
};

use crate::{
    cli::{tell, terminal},
    config::environment::Environment,
    record::{drill::Level, recorder},
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
    let told = tracing_subscriber::fmt::layer()
        // Nor is there anybody to tell that nobody reads this: it would be said where nothing can be.
        .log_internal_errors(false)
        .with_ansi(!environment.is_set("NO_COLOR") && std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .with_writer(|| terminal::Stderr)
        .with_filter(filter);
    let subscriber = tracing_subscriber::registry().with(told).with(noted());
    // A program that links this one may have set its own.
    let _theirs_stays = tracing::subscriber::set_global_default(subscriber);
}

/// What alertdrill itself logs, into the record of the drill for which it was doing something; what every call does is in
/// its exchange.
fn noted<S: Subscriber + for<'span> LookupSpan<'span>>() -> impl Layer<S> {
    Noted.with_filter(Targets::new().with_target("alertdrill", LevelFilter::INFO))
}

struct Noted;

impl<S: Subscriber> Layer<S> for Noted {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let level = match *event.metadata().level() {
            tracing::Level::ERROR => Level::Error,
            tracing::Level::WARN => Level::Warn,
            _ => Level::Info,
        };
        let mut said = Said::default();
        event.record(&mut said);
        recorder::note_log(level, &said.0);
    }
}

/// The message of an event, then its fields.
#[derive(Default)]
struct Said(String);

impl field::Visit for Said {
    fn record_debug(&mut self, field: &field::Field, value: &dyn fmt::Debug) {
        let _a_string_takes_everything = if field.name() == "message" {
            let fields = std::mem::take(&mut self.0);
            write!(self.0, "{value:?}{fields}")
        } else {
            write!(self.0, " {}={value:?}", field.name())
        };
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::record::{drill::Logged, recorder::Recorder};

    #[test]
    fn what_is_logged_for_a_drill_is_in_its_record_without_secrets_and_nothing_else_is() {
        let recorder = Arc::new(Recorder::default());
        let subscriber = tracing_subscriber::registry().with(noted());
        let logging = tracing::subscriber::set_default(subscriber);
        tracing::warn!("outside of any drill");
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(Arc::clone(&recorder).scope(async {
            tracing::warn!(id = 7, "rule 7 is left out: client_secret=hunter2hunter2");
            tracing::debug!("every call");
            tracing::info!(target: "hyper", "somebody else's");
        }));
        drop(logging);
        let text = "rule 7 is left out: client_secret=[redacted] id=7".to_owned();
        assert_eq!(recorder.take().logs, [Logged { level: Level::Warn, text, after: 0 }]);
    }
}
