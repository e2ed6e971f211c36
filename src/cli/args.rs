//! What can be typed. Nothing here is known beyond the command line: each command gets plain options.

mod remembering;

use std::{ffi::OsString, net::SocketAddr, path::PathBuf, time::Duration};

use clap::{Args, Parser, Subcommand, ValueEnum, builder::NonEmptyStringValueParser, error::ErrorKind};
use gherkin::tagexpr::TagOperation;
use regex::Regex;

use crate::{
    cli::{
        args::remembering::{HistoryArgs, Remembering},
        collect, emulate,
        exit::Exit,
        history,
        init::{self, source::Source},
        logging::Verbosity,
        plan, print, report, run, steps, sweep,
    },
    domain::{service, span::Span},
    report::Format,
    runner::select::{Selection, Shard},
};

/// What was typed, understood.
pub struct Invocation {
    /// How much is told.
    pub verbosity: Verbosity,
    /// What is to be done.
    pub command: Command,
}

/// What is to be done, with everything that it needs.
pub enum Command {
    /// Run drills.
    Run(run::Options),
    /// Say what a run would ask.
    Plan(plan::Options),
    /// Judge what a run armed.
    Collect(collect::Options),
    /// List the vocabulary.
    Steps(steps::Format),
    /// Serve an emulated tenant.
    Emulate(emulate::Options),
    /// Make the reports of a run again.
    Report(report::Options),
    /// Remove what runs left behind.
    Sweep(sweep::Options),
    /// Tell of past runs.
    History(history::Options),
    /// Write a project.
    Init(init::Options),
}

/// Proves, end to end, that a custom threat-intelligence alert in Microsoft Defender really goes off.
#[derive(Parser)]
#[command(name = "alertdrill", version, arg_required_else_help = true, after_help = EXIT_CODES)]
struct Typed {
    #[command(subcommand)]
    command: Typing,
    /// Errors and results only
    #[arg(long, short, global = true, conflicts_with = "verbose", display_order = LAST)]
    quiet: bool,
    /// Log every call and look to standard error
    #[arg(long, short, global = true, display_order = LAST)]
    verbose: bool,
}

/// What every command takes stands below what it alone does.
const LAST: usize = 900;

const EXIT_CODES: &str = "Exit codes: 0 passed, 1 a detection gap, 2 cannot tell, 3 preflight refused, 4 drift, \
                          64 usage, 65 a feature is wrong, 70 a defect of alertdrill, 130 interrupted";

#[derive(Subcommand)]
enum Typing {
    /// Run drills; without FEATURES, the built-in ones on the emulator
    #[command(after_help = "Examples:\n  alertdrill run\n  alertdrill run features/silence.feature:12\n  \
                            alertdrill run features --tags '@guide and not @controls' --jobs 8\n  \
                            alertdrill run --tenant lab --out reports/lab")]
    Run(RunArgs),
    /// Say what a run would ask of a tenant and how long it would take, asking it nothing
    #[command(after_help = "Examples:\n  alertdrill plan --tenant lab\n  \
                            alertdrill plan features --service endpoint --format json")]
    Plan(PlanArgs),
    /// Judge, later and elsewhere, what `run --detach` armed, and clean up
    #[command(after_help = "Examples:\n  alertdrill collect reports/lab\n  \
                            alertdrill collect artefacts/lab --tenant lab --config ci/alertdrill.toml")]
    Collect(CollectArgs),
    /// List the Gherkin vocabulary, from the code
    #[command(after_help = "Example:\n  alertdrill steps --format json")]
    Steps(StepsArgs),
    /// Serve an emulated tenant for any client, until interrupted
    #[command(after_help = "Example:\n  alertdrill emulate --tls --ca-out ca.pem --details-out details.json")]
    Emulate(EmulateArgs),
    /// Make the reports of a run again, or merge the runs of several shards
    #[command(after_help = "Examples:\n  alertdrill report alertdrill-report\n  \
                            alertdrill report shard-1 shard-2 --out merged --exit-code")]
    Report(ReportArgs),
    /// Tell of past runs, what is new, how long alerts took; and hold them to gates
    #[command(after_help = "Examples:\n  alertdrill history\n  \
                            alertdrill history --tenant lab --last 1 --gate 'newly failing' --gate 'p95 detection > 10m'\n  \
                            alertdrill history ci/history.redb --import shards/merged --keep 200\n\n\
                            Gates: newly failing, still failing, flaky, p95 detection > 10m, max propagation > 2h, \
                            errored > 5%, failed > 0%")]
    History(HistoryArgs),
    /// Remove what interrupted runs left behind in a tenant
    #[command(after_help = "Examples:\n  alertdrill sweep --dry-run\n  alertdrill sweep reports/lab\n  \
                            alertdrill sweep --tenant lab --older-than '2 hours'")]
    Sweep(SweepArgs),
    /// Write a project with drills of its own, which works as it stands
    #[command(after_help = "Examples:\n  alertdrill init drills\n  \
                            alertdrill init --alertdrill https://git.example/alertdrill.git")]
    Init(InitArgs),
}

/// Which drills are meant.
#[derive(Args)]
struct Drills {
    /// Feature files, folders of them, or one scenario by its line
    #[arg(
        value_name = "FEATURES",
        value_parser = NonEmptyStringValueParser::new(),
        help = "Feature files, folders of them, or FILE:LINE for one scenario"
    )]
    features: Vec<String>,
    /// Only drills whose tags fulfil this, such as '@guide and not @controls'
    #[arg(long, value_name = "EXPR", value_parser = tags)]
    tags: Option<TagOperation>,
    /// Only drills whose name, or whose feature's name, matches this
    #[arg(long, value_name = "REGEX", value_parser = regex)]
    name: Option<Regex>,
    /// Only this share of the drills, such as 2/5, with its share of a tenant's limits
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
}

impl Drills {
    fn selection(self) -> (Vec<String>, Selection) {
        (self.features, Selection { tags: self.tags, name: self.name, shard: self.shard })
    }
}

#[derive(Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
struct RunArgs {
    /// The tenant's table in alertdrill.toml [default: the emulator]
    #[arg(long, value_name = "NAME")]
    tenant: Option<String>,
    /// The service to run on [default: what the tenant's table says; on the emulator all of them, one after the other]
    #[arg(long, value_enum)]
    service: Option<Service>,
    #[command(flatten)]
    drills: Drills,
    /// How many drills run at a time [default: as many as the tenant's `max_indicators`; on the emulator 64]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=4096))]
    jobs: Option<u16>,
    /// Where the record and the reports are written
    #[arg(long, value_name = "DIR", default_value = "alertdrill-report")]
    out: PathBuf,
    #[command(flatten)]
    remembering: Remembering,
    /// Which reports are made of run.json
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = Format::LIST)]
    format: Vec<Format>,
    /// What markers and, on the emulator, latencies are derived from [default: chance]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Begin no further drill once one did not pass
    #[arg(long)]
    fail_fast: bool,
    /// Leave what was made in the tenant, for debugging
    #[arg(long)]
    keep: bool,
    /// Publish and provoke up to each drill's first Then, and leave the rest to `alertdrill collect`
    #[arg(long, conflicts_with = "keep")]
    detach: bool,
    /// How long what --detach arms can be judged: its indicators live as long
    #[arg(long, value_name = "SPAN", default_value = "24h", value_parser = within, requires = "detach")]
    collect_within: Duration,
    /// Begin within the tenant's quiet hours as well
    #[arg(long, requires = "tenant")]
    now: bool,
    /// While this file exists no drill begins, and those under way are broken off and cleaned up
    #[arg(long, value_name = "PATH")]
    stop_file: Option<PathBuf>,
    /// How much real time a step may take beyond what it waits for
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
    step_limit: u32,
    /// Wait for the whole of propagation where it could be probed: the guide's 20 minutes
    #[arg(long)]
    fixed_wait: bool,
    /// The file of the tenant's table [default: alertdrill.toml]
    #[arg(long, value_name = "FILE", requires = "tenant")]
    config: Option<PathBuf>,
}

#[derive(Args)]
struct PlanArgs {
    /// The tenant's table in alertdrill.toml [default: a tenant as documented]
    #[arg(long, value_name = "NAME")]
    tenant: Option<String>,
    /// The service to plan for [default: what the tenant's table says; without a tenant each of them]
    #[arg(long, value_enum)]
    service: Option<Service>,
    #[command(flatten)]
    drills: Drills,
    /// How many drills run at a time [default: as many as the tenant's `max_indicators`]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=4096))]
    jobs: Option<u16>,
    /// What the latencies of the rehearsal are derived from
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Wait for the whole of propagation where it could be probed
    #[arg(long)]
    fixed_wait: bool,
    /// The file of the tenant's table [default: alertdrill.toml]
    #[arg(long, value_name = "FILE", requires = "tenant")]
    config: Option<PathBuf>,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Shown::Text)]
    format: Shown,
}

#[derive(Args)]
struct CollectArgs {
    /// The folder of the run, with its armed.json and journal
    #[arg(value_name = "RUN")]
    run: PathBuf,
    /// The tenant's table in alertdrill.toml [default: the one that it was armed with]
    #[arg(long, value_name = "NAME")]
    tenant: Option<String>,
    /// The file of the tenant's table [default: alertdrill.toml]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where the reports and a copy of the record are written [default: RUN]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    remembering: Remembering,
    /// Which reports are made of run.json
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = Format::LIST)]
    format: Vec<Format>,
    /// How much real time a step may take beyond what it waits for
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
    step_limit: u32,
}

#[derive(Args)]
struct StepsArgs {
    /// How to write it
    #[arg(long, value_enum, default_value_t = StepsFormat::Markdown)]
    format: StepsFormat,
}

#[derive(Clone, Copy, ValueEnum)]
enum StepsFormat {
    /// For people
    Markdown,
    /// For programs
    Json,
}

/// The services that this version speaks.
#[derive(Clone, Copy, ValueEnum)]
enum Service {
    /// The custom TI API V1.0, retired on 2019-08-29: the emulator, or a compatible server
    Legacy,
    /// The Defender for Endpoint API, announced to end on 2027-02-01
    Endpoint,
    /// Microsoft Graph security: custom detection rules, alerts, hunting
    Graph,
}

impl From<Service> for service::Service {
    fn from(typed: Service) -> Self {
        match typed {
            Service::Legacy => Self::Legacy,
            Service::Endpoint => Self::Endpoint,
            Service::Graph => Self::Graph,
        }
    }
}

#[derive(Args)]
struct EmulateArgs {
    /// Where to listen; port 0 is any free port
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Speak TLS, with a certificate authority of this start's own
    #[arg(long)]
    tls: bool,
    /// Write the authority's certificate, for clients to trust
    #[arg(long, value_name = "FILE")]
    ca_out: Option<PathBuf>,
    /// Write the details that a client needs, as JSON; they hold a secret
    #[arg(long, value_name = "FILE")]
    details_out: Option<PathBuf>,
    /// How many emulated seconds pass in one
    #[arg(long, value_name = "N", default_value_t = 1.0, allow_negative_numbers = true)]
    speed: f64,
    /// What ids, the secret and latencies are drawn from [default: chance]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

#[derive(Args)]
struct ReportArgs {
    /// Each a run.json, or a folder that holds one
    #[arg(value_name = "RUN", required = true)]
    runs: Vec<PathBuf>,
    /// Where the reports are written [default: beside the run; several runs need one]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Which reports are made
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = Format::LIST)]
    format: Vec<Format>,
    /// Exit as the run did, instead of with 0 once the reports are made
    #[arg(long)]
    exit_code: bool,
}

#[derive(Args)]
struct InitArgs {
    /// Where the project is to stand
    #[arg(value_name = "DIR", default_value = ".")]
    dir: PathBuf,
    /// Where it has alertdrill from: a version, a git repository's address, or a folder [default: where this program is from]
    #[arg(long, value_name = "SOURCE")]
    alertdrill: Option<Source>,
    /// Tell what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Args)]
struct SweepArgs {
    /// Each the folder of a run, or a journal [default: alertdrill-report; where there is none, the tenant is looked through]
    #[arg(value_name = "RUN")]
    runs: Vec<PathBuf>,
    /// Only journals of this tenant; without a journal, the table in alertdrill.toml of the tenant to look through
    #[arg(long, value_name = "NAME")]
    tenant: Option<String>,
    /// Only journals of this service; without a journal, the service to look through [default: what the tenant's table says]
    #[arg(long, value_enum)]
    service: Option<Service>,
    /// The file of the tenant's table [default: alertdrill.toml]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Without a journal, count what this person or application made as this application's
    #[arg(long = "creator", value_name = "NAME")]
    creators: Vec<String>,
    /// Only what is older, such as '2 hours'; without RUN, no journal is read
    #[arg(long, value_name = "SPAN")]
    older_than: Option<Span>,
    /// List, and remove nothing
    #[arg(long)]
    dry_run: bool,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Shown::Text)]
    format: Shown,
}

#[derive(Clone, Copy, ValueEnum)]
enum Shown {
    /// For people
    Text,
    /// For programs
    Json,
}

fn tags(text: &str) -> Result<TagOperation, String> {
    text.parse().map_err(|error| format!("{error} (write '@a and not @b')"))
}

/// Of what happened longer ago no telemetry can be asked for (advanced hunting limits, 2025-05).
const LONGEST: Duration = Duration::from_hours(30 * 24);

fn within(text: &str) -> Result<Duration, String> {
    let span = text.parse::<Span>()?.unsigned();
    if span.is_zero() || span > LONGEST {
        return Err("it is more than nothing and at most 30 days: no telemetry is kept for longer".into());
    }
    Ok(span)
}

fn regex(text: &str) -> Result<Regex, String> {
    Regex::new(text).map_err(|error| error.to_string())
}

/// Reads the command line; help and version are printed, and mistakes are told.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Invocation, Exit> {
    let typed = Typed::try_parse_from(arguments).map_err(|error| match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            print(&error.render().ansi().to_string());
            Exit::Passed
        }
        _ => {
            super::tell(error.render().ansi().to_string().trim_end());
            Exit::Usage
        }
    })?;
    let verbosity = match (typed.quiet, typed.verbose) {
        (true, _) => Verbosity::Quiet,
        (_, true) => Verbosity::Verbose,
        _ => Verbosity::Normal,
    };
    let command = match typed.command {
        Typing::Run(typed) => Command::Run(run_options(typed, verbosity)),
        Typing::Collect(typed) => Command::Collect(collect::Options {
            run: typed.run,
            tenant: typed.tenant,
            config: typed.config,
            out: typed.out,
            history: typed.remembering.history(),
            formats: typed.format,
            step_limit: Duration::from_secs(typed.step_limit.into()),
            verbosity,
        }),
        Typing::Steps(typed) => Command::Steps(match typed.format {
            StepsFormat::Markdown => steps::Format::Markdown,
            StepsFormat::Json => steps::Format::Json,
        }),
        Typing::Emulate(typed) => Command::Emulate(emulate::Options {
            listen: typed.listen,
            tls: typed.tls,
            ca_out: typed.ca_out,
            details_out: typed.details_out,
            speed: typed.speed,
            seed: typed.seed,
        }),
        Typing::Report(typed) => Command::Report(report::Options {
            runs: typed.runs,
            out: typed.out,
            formats: typed.format,
            exit_code: typed.exit_code,
        }),
        Typing::Plan(typed) => Command::Plan(plan_options(typed, verbosity)),
        Typing::Sweep(typed) => Command::Sweep(sweep_options(typed)),
        Typing::History(typed) => Command::History(typed.options()),
        Typing::Init(typed) => Command::Init(init::Options {
            dir: typed.dir,
            alertdrill: typed.alertdrill,
            dry_run: typed.dry_run,
            verbosity,
        }),
    };
    Ok(Invocation { verbosity, command })
}

fn run_options(typed: RunArgs, verbosity: Verbosity) -> run::Options {
    let (features, selection) = typed.drills.selection();
    run::Options {
        features,
        tenant: typed.tenant,
        service: typed.service.map(Into::into),
        config: typed.config,
        selection,
        jobs: typed.jobs.map(usize::from),
        out: typed.out,
        history: typed.remembering.history(),
        formats: typed.format,
        seed: typed.seed,
        fail_fast: typed.fail_fast,
        keep: typed.keep,
        detach: typed.detach.then_some(typed.collect_within),
        now: typed.now,
        stop_file: typed.stop_file,
        step_limit: Duration::from_secs(typed.step_limit.into()),
        fixed_wait: typed.fixed_wait,
        verbosity,
    }
}

fn plan_options(typed: PlanArgs, verbosity: Verbosity) -> plan::Options {
    let (features, selection) = typed.drills.selection();
    plan::Options {
        features,
        tenant: typed.tenant,
        service: typed.service.map(Into::into),
        config: typed.config,
        selection,
        jobs: typed.jobs.map(usize::from),
        seed: typed.seed,
        fixed_wait: typed.fixed_wait,
        format: match typed.format {
            Shown::Text => plan::Format::Text,
            Shown::Json => plan::Format::Json,
        },
        verbosity,
    }
}

fn sweep_options(typed: SweepArgs) -> sweep::Options {
    sweep::Options {
        runs: typed.runs,
        tenant: typed.tenant,
        service: typed.service.map(Into::into),
        config: typed.config,
        creators: typed.creators,
        older_than: typed.older_than.map(|span| span.0),
        dry_run: typed.dry_run,
        format: match typed.format {
            Shown::Text => sweep::Format::Text,
            Shown::Json => sweep::Format::Json,
        },
    }
}
