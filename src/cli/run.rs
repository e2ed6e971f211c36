//! `alertdrill run`: features to verdicts and reports.

use std::{
    io::{self, IsTerminal as _},
    path::{Path, PathBuf},
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use jiff::{Timestamp, tz::TimeZone};

use crate::{
    cli::{
        announce::{self, Announcement},
        compose::{self, Emulated, Manner, OneTenant},
        endings,
        exit::{self, Exit},
        gate::Gate,
        interruption,
        logging::Verbosity,
        print,
        progress::Progress,
        result_table::ResultTable,
        scribe::Scribe,
        tell,
    },
    clock::{Clock, limit::Stopwatch},
    config::{
        announce::Announce,
        environment::Environment,
        file::{self, File},
        tenant::Tenant,
    },
    domain::{off_limits::OffLimits, quiet_hours::QuietHours, service::Service},
    record::{
        file::{FORMAT, RunWriter},
        run::{Foot, Head},
        verdict::RunVerdict,
    },
    report::{self, Format, Outline},
    runner::{
        check, course, drive,
        find::{self, Found},
        foretold, manners,
        problem::{Mistake, Problem},
        select::{self, Selection},
        stop::{Level, Stop},
        suite::Suite,
        vocabulary::Vocabulary,
    },
    transport::Transport,
    world::lab::Labs,
};

/// What the command was told.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each field is the flag of the same name")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Options {
    pub features: Vec<String>,
    pub tenant: Option<String>,
    pub service: Option<Service>,
    pub config: Option<PathBuf>,
    pub selection: Selection,
    pub jobs: usize,
    pub out: PathBuf,
    pub formats: Vec<Format>,
    pub seed: Option<u64>,
    pub fail_fast: bool,
    pub keep: bool,
    pub now: bool,
    pub stop_file: Option<PathBuf>,
    pub step_limit: Duration,
    pub fixed_wait: bool,
    pub verbosity: Verbosity,
}

impl Options {
    fn manner(&self) -> Manner {
        Manner { shards: self.selection.shard.map_or(1, |shard| shard.count), fixed_wait: self.fixed_wait }
    }
}

/// Runs the drills, and returns how it went.
pub fn run(options: Options, environment: &Environment) -> Exit {
    let (suite, vocabulary) = match prepare(&options) {
        Ok(prepared) => prepared,
        Err(exit) => return exit,
    };
    let ground = match Ground::find(&options, environment) {
        Ok(ground) => ground,
        Err(why) => return exit::said(Exit::Usage, &why),
    };
    if let Some(refused) = ground.refuses(&suite) {
        return refused;
    }
    if let Some(held) = ground.gate.holds() {
        return exit::said(
            Exit::PreflightRefused,
            &format!("nothing was run: {} (hint: {})", held.reason, held.remedy),
        );
    }
    // Every drill runs on this one thread: what they do is wait for answers.
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return exit::said(Exit::Defect, &format!("the runtime does not start: {error}")),
    };
    runtime.block_on(perform(options, suite, vocabulary, ground))
}

/// The drills that were asked for, and the vocabulary that they are written in; or what is wrong with them, told.
fn prepare(options: &Options) -> Result<(Suite, Vocabulary), Exit> {
    let vocabulary = Vocabulary::linked()
        .map_err(|error| exit::said(Exit::Defect, &format!("the steps' patterns cannot be tried together: {error}")))?;
    let suite = suite(options, &vocabulary).map_err(|problems| {
        for problem in &problems {
            tell(&problem.to_string());
        }
        if problems.iter().any(|problem| problem.mistake == Mistake::CommandLine) {
            return exit::said(Exit::Usage, "nothing was run");
        }
        let (count, are) = (problems.len(), if problems.len() == 1 { "problem" } else { "problems" });
        exit::said(Exit::Features, &format!("{count} {are} in the features, so nothing was run"))
    })?;
    Ok((suite, vocabulary))
}

fn suite(options: &Options, vocabulary: &Vocabulary) -> Result<Suite, Vec<Problem>> {
    let found: Vec<Found> = if options.features.is_empty() { find::builtin() } else { find::find(&options.features)? };
    let mut suite = Suite::parse(&found)?;
    check::check(&suite, vocabulary)?;
    let all = suite.total();
    select::select(&mut suite, &found, &options.selection)?;
    if suite.total() == 0 {
        tell(&nothing_selected(all, &options.selection));
    }
    Ok(suite)
}

fn nothing_selected(all: usize, selection: &Selection) -> String {
    let asked = [
        ("--tags", selection.tags.is_some()),
        ("--name", selection.name.is_some()),
        ("--shard", selection.shard.is_some()),
    ];
    let asked: Vec<_> = asked.into_iter().filter_map(|(flag, given)| given.then_some(flag)).collect();
    let are = if all == 1 { "drill is" } else { "drills are" };
    format!(
        "alertdrill: none of the {all} {are} selected, so nothing is judged (hint: see what {} leaves of them)",
        asked.join(" with ")
    )
}

/// Who is told of the run before it begins, and what of it the tenant's table says.
struct Webhook {
    way: Transport,
    announce: Announce,
    service: Service,
    device: String,
    /// How long a drill waits.
    wait: Duration,
}

impl Webhook {
    fn of(tenant: &Tenant) -> Result<Option<Self>, String> {
        let found = compose::to_webhook(tenant).map_err(|error| error.to_string())?;
        let (service, device) = (tenant.services.all, tenant.device_name.clone());
        let wait = tenant.propagation + tenant.detection * 2;
        Ok(found.map(|(way, announce)| Self { way, announce, service, device, wait }))
    }

    /// Announces the run; what is returned is why it must not begin.
    async fn announce(&self, head: &Head, suite: &Suite, jobs: usize) -> Option<Exit> {
        let (run, tenant, from) = (head.run.clone(), head.tenant.clone(), head.started);
        let titles = foretold::titles(suite, self.service, head.seed);
        let until = announce::until(from, titles.len(), jobs, self.wait);
        let announcement = Announcement { run, tenant, device: self.device.clone(), from, until, titles };
        let why = announcement.send(&self.way, &self.announce).await.err()?;
        let told = format!("the webhook of `announce` was not told of the run: {why}");
        if self.announce.required {
            let hint = "correct ALERTDRILL_ANNOUNCE_URL, or set `announce_required = false`";
            return Some(exit::said(Exit::PreflightRefused, &format!("nothing was run: {told} (hint: {hint})")));
        }
        tell(&format!("alertdrill: {told}"));
        None
    }
}

/// What drills run on.
struct Ground {
    name: String,
    /// Of each service that the drills run on, one after the other.
    labs: Vec<Arc<dyn Labs>>,
    clock: Clock,
    seed: u64,
    /// What a tenant's owner asks of its drills; nothing on the emulator.
    limits: Option<(Service, OffLimits)>,
    gate: Gate,
    webhook: Option<Webhook>,
}

impl Ground {
    fn find(options: &Options, environment: &Environment) -> Result<Self, String> {
        let seed = options.seed.unwrap_or_else(|| fastrand::u32(..).into());
        let Some(name) = &options.tenant else {
            let clock = Clock::jumping(Clock::system().now());
            let all = options.service.map_or_else(|| Service::ALL.to_vec(), |service| vec![service]);
            let emulated = |service| {
                Emulated::new(&clock, seed, service).map(|labs| Arc::new(labs.waiting(options.fixed_wait)) as _)
            };
            let labs = all.into_iter().map(emulated).collect::<Result<_, _>>().map_err(|error| error.to_string())?;
            return Ok(Self {
                name: "emulator".into(),
                labs,
                gate: gate(&clock, options, None, None),
                clock,
                seed,
                limits: None,
                webhook: None,
            });
        };
        let path = options.config.as_deref().unwrap_or_else(|| Path::new(file::NAME));
        let file = File::read(path).map_err(|error| error.to_string())?;
        let table = file.tenants.get(name).ok_or_else(|| no_table(name, path, &file))?;
        let mut table = table.clone();
        if let Some(service) = options.service {
            table.service = Some(service.to_string());
        }
        let tenant = Tenant::resolve(name, &path.display().to_string(), &table, environment);
        let tenant = tenant.map_err(|error| error.to_string())?;
        let now = Clock::system().now();
        for ending in endings::of(&tenant, TimeZone::UTC.to_datetime(now).date()) {
            tell(&format!("alertdrill: --tenant {name}: {ending}"));
        }
        let (quiet, stop_file) = (tenant.quiet.clone(), tenant.stop_file.clone());
        let webhook = Webhook::of(&tenant).map_err(|error| format!("--tenant {name}: {error}"))?;
        let as_the_world = (tenant.speed - 1.0).abs() < f64::EPSILON;
        let clock = if as_the_world { Clock::system() } else { Clock::steered(now, tenant.speed) };
        let limits = Some((tenant.services.all, tenant.off_limits.clone()));
        let labs =
            OneTenant::new(tenant, &clock, options.manner()).map_err(|error| format!("--tenant {name}: {error}"))?;
        Ok(Self {
            name: name.clone(),
            labs: vec![Arc::new(labs)],
            gate: gate(&clock, options, quiet, stop_file),
            clock,
            seed,
            limits,
            webhook,
        })
    }

    /// What the features say that they would publish and the tenant does not allow, told.
    fn refuses(&self, suite: &Suite) -> Option<Exit> {
        let (service, limits) = self.limits.as_ref()?;
        let problems = manners::refused(suite, *service, limits);
        for problem in &problems {
            tell(&problem.to_string());
        }
        let name = &self.name;
        (!problems.is_empty()).then(|| {
            exit::said(Exit::PreflightRefused, &format!("--tenant {name} does not allow this, so nothing was run"))
        })
    }

    fn head(&self) -> Head {
        let started = Clock::system().now();
        Head {
            format: FORMAT,
            alertdrill: env!("CARGO_PKG_VERSION").into(),
            run: format!("run-{}-{}", stamp(started), self.seed),
            started,
            tenant: self.name.clone(),
            time_jumps: self.clock.jumps(),
            seed: self.seed,
        }
    }
}

fn gate(clock: &Clock, options: &Options, quiet: Option<QuietHours>, stop_file: Option<PathBuf>) -> Gate {
    Gate {
        clock: clock.clone(),
        quiet: quiet.filter(|_| !options.now),
        stop_file: options.stop_file.clone().or(stop_file),
    }
}

fn no_table(name: &str, path: &Path, file: &File) -> String {
    let known: Vec<_> = file.tenants.keys().map(String::as_str).collect();
    let hint = match known.as_slice() {
        [] => format!("it has none; write [tenants.{name}], as the README shows"),
        known => format!("it has {}", known.join(", ")),
    };
    format!("--tenant {name}: {} has no table of that name (hint: {hint})", path.display())
}

fn stamp(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

async fn perform(options: Options, suite: Suite, vocabulary: Vocabulary, ground: Ground) -> Exit {
    let watch = Stopwatch::start();
    let head = ground.head();
    if let Some(webhook) = &ground.webhook
        && let Some(refused) = webhook.announce(&head, &suite, options.jobs).await
    {
        return refused;
    }
    let out = format!("--out {}", options.out.display());
    let progress = progress(options.verbosity);
    let total = suite.total() * ground.labs.len();
    let started = RunWriter::create(&options.out, &head).and_then(|writer| Scribe::start(writer, progress, total));
    let scribe = match started {
        Ok(scribe) => scribe,
        Err(error) => {
            return exit::said(Exit::Usage, &format!("{out}: {error} (hint: name a folder that you can write to)"));
        }
    };
    let gate = ground.gate.clone();
    let stop = Stop::beside(move || gate.holds());
    let signals = tokio::spawn(interruption::listen(stop.clone()));
    let file = tokio::spawn(ground.gate.clone().watch(stop.clone()));
    let manner = course::Options {
        jobs: options.jobs,
        fail_fast: options.fail_fast,
        keep: options.keep,
        step_limit: options.step_limit,
        seed: ground.seed,
        shard: options.selection.shard,
    };
    let mut found = Vec::new();
    let vocabulary = Rc::new(vocabulary);
    for labs in ground.labs {
        let (sender, broken) = (scribe.sender(), stop.clone());
        let told = move |drill| {
            // The scribe is gone when the disk is full: the drills that run are cleaned up, and no other begins.
            if sender.send(drill).is_err() {
                broken.at_least(Level::NoMore);
            }
        };
        let manner = (manner.clone(), stop.clone());
        found.extend(drive::run(suite.clone(), Rc::clone(&vocabulary), labs, manner, told).await.defects);
    }
    signals.abort();
    file.abort();
    let written = scribe.finish(|counts| Foot {
        finished: Clock::system().now(),
        took_ms: watch.elapsed().as_secs_f64() * 1000.0,
        verdict: if stop.level() == Level::Now { RunVerdict::Interrupted } else { RunVerdict::of(&counts) },
        counts,
        defects: defects(found, total, counts.total()),
    });
    match written {
        Ok((record, foot, mut table)) => conclude(&options, &record, foot, &mut table, head),
        Err(error) => exit::said(Exit::Errored, &format!("{out}: {error}")),
    }
}

/// The defects of a run, among them that of `total` drills fewer were told of.
fn defects(mut defects: Vec<String>, total: usize, told: u64) -> Vec<String> {
    let lost = u64::try_from(total).unwrap_or(u64::MAX).saturating_sub(told);
    if lost > 0 {
        defects.push(format!("how {lost} of {total} drills ended was never told"));
    }
    defects
}

fn progress(verbosity: Verbosity) -> Progress {
    match verbosity {
        Verbosity::Quiet => Progress::nothing(),
        _ if io::stderr().is_terminal() => Progress::bar(),
        _ => Progress::lines(io::stderr()),
    }
}

/// Makes the reports, prints the results, and returns how the run ended.
fn conclude(options: &Options, record: &Path, foot: Foot, table: &mut ResultTable, head: Head) -> Exit {
    let exit = if foot.defects.is_empty() { Exit::of(foot.verdict) } else { Exit::Defect };
    let reports = match report::render(record, &options.out, &options.formats) {
        Ok(reports) => reports,
        Err(error) => return exit::said(Exit::Errored, &error.to_string()),
    };
    for defect in &foot.defects {
        tell(&format!("alertdrill: a defect of its own: {defect}"));
    }
    let counts = foot.counts;
    let outline = Outline { head, foot: Some(foot), counts };
    print(&table.text(&outline, width(), &reports));
    exit
}

/// The columns of the terminal; a pipe has as many as everybody can read.
fn width() -> u16 {
    let columns = || terminal_size::terminal_size().map(|(width, _)| width.0);
    if io::stdout().is_terminal() { columns().unwrap_or(80).min(120) } else { 80 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drill_that_nobody_told_of_is_a_defect() {
        assert_eq!(defects(vec![], 3, 3), Vec::<String>::new());
        assert_eq!(defects(vec!["a".into()], 3, 2), ["a", "how 1 of 3 drills ended was never told"]);
    }
}
