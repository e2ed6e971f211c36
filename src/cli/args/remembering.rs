//! What can be typed about past runs.

use std::path::PathBuf;

use clap::Args;
use jiff::{SignedDuration, SpanRelativeTo};
use regex::Regex;

use crate::{
    cli::{
        args::{Service, Shown, regex},
        history,
        memory::History,
    },
    domain::service,
    history::{gate::Gate, overview::Filter},
};

/// Where the run is remembered.
#[derive(Args)]
pub(super) struct Remembering {
    /// Where the run is remembered, and what earlier ones needed is known from [default: history.redb in the run's folder]
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,
    /// Neither remember the run, nor what earlier ones needed
    #[arg(long, conflicts_with = "history")]
    no_history: bool,
}

impl Remembering {
    /// What it comes to.
    pub(super) fn history(self) -> History {
        match self.history {
            _ if self.no_history => History::None,
            None => History::Beside,
            Some(file) => History::In(file),
        }
    }
}

#[derive(Args)]
pub(super) struct HistoryArgs {
    /// The folder of a run, or the file of --history
    #[arg(value_name = "DIR|FILE", default_value = "alertdrill-report")]
    at: PathBuf,
    /// Only runs of this tenant
    #[arg(long, value_name = "NAME")]
    tenant: Option<String>,
    /// Only drills on this service
    #[arg(long, value_enum)]
    service: Option<Service>,
    /// Only drills whose name or file matches this
    #[arg(long, value_name = "REGEX", value_parser = regex)]
    drill: Option<Regex>,
    /// Tell, and judge latencies and shares by, so many runs of each tenant and service
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
    last: u32,
    /// What must not be so, such as 'newly failing'; exit 1 where it is, 2 where nothing can tell
    #[arg(long = "gate", value_name = "EXPR")]
    gates: Vec<Gate>,
    /// Remember these runs first, each a run.json or a folder that holds one
    #[arg(long, value_name = "RUN", num_args = 1..)]
    import: Vec<PathBuf>,
    /// Forget first what began longer ago than this, such as '90 days'
    #[arg(long, value_name = "SPAN", value_parser = span)]
    prune: Option<SignedDuration>,
    /// Forget first all but so many runs of each tenant
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    keep: Option<u32>,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Shown::Text)]
    format: Shown,
}

impl HistoryArgs {
    /// What they come to.
    pub(super) fn options(self) -> history::Options {
        let count = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        history::Options {
            at: self.at,
            filter: Filter {
                tenant: self.tenant,
                service: self.service.map(|service| service::Service::from(service).to_string()),
                drill: self.drill,
                last: count(self.last),
            },
            format: match self.format {
                Shown::Text => history::Format::Text,
                Shown::Json => history::Format::Json,
            },
            import: self.import,
            prune: self.prune,
            keep: self.keep.map(count),
            gates: self.gates,
        }
    }
}

fn span(text: &str) -> Result<SignedDuration, String> {
    // A day is 24 hours here, whatever a zone says.
    let span = text.parse::<jiff::Span>().and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()));
    match span {
        Ok(span) if !span.is_negative() => Ok(span),
        Ok(_) => Err("it is less than nothing".into()),
        Err(error) => Err(format!("{error} (write '90 days' or '12 hours')")),
    }
}
