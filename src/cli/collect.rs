//! `alertdrill collect`: what `run --detach` armed, judged and cleaned up, in another process, hours later.
//!
//! The journal beside `armed.json` says what is there to be undone; it is locked as long as this goes on. What is judged
//! is written down drill by drill, so that a collection that was killed goes on where it was.

use std::{
    collections::{HashMap, HashSet},
    io::ErrorKind,
    path::PathBuf,
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use jiff::tz::TimeZone;

use crate::{
    armed::{self, Armed, Feature, drill::Drill},
    cli::{
        compose::{Manner, OneTenant},
        detach, endings,
        exit::{self, Exit},
        gate::Gate,
        interruption,
        logging::Verbosity,
        run,
        scribe::{Begun, Scribe},
        tell,
        tenancy::{self, Tenancies},
    },
    clock::{Clock, limit::Stopwatch},
    config::{environment::Environment, tenant::Tenant},
    domain::service::Service,
    journal::{self, Journal, past::Past},
    record::{
        file::{FORMAT, RunWriter},
        reader::ReadError,
        run::{Foot, Head},
        tally::Tally,
        verdict::RunVerdict,
    },
    report::Format,
    runner::{
        check,
        course::Options as Course,
        drive,
        find::{self, Found},
        stop::{Level, Stop},
        suite::Suite,
        vocabulary::Vocabulary,
    },
    world::{arming::Rest, lab::Labs},
};

/// What the command was told.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each field is the flag of the same name")]
pub struct Options {
    pub run: PathBuf,
    pub tenant: Option<String>,
    pub config: Option<PathBuf>,
    pub out: Option<PathBuf>,
    pub formats: Vec<Format>,
    pub step_limit: Duration,
    pub verbosity: Verbosity,
}

/// Why nothing is judged, and how the program ends for it.
struct Refused(Exit, String);

impl Refused {
    fn usage(why: impl Into<String>) -> Self {
        Self(Exit::Usage, why.into())
    }
}

/// What is armed, and where it lies.
struct Collection {
    dir: PathBuf,
    out: PathBuf,
    armed: Armed,
    suite: Suite,
    vocabulary: Vocabulary,
    past: Past,
    labs: Arc<dyn Labs>,
    journal: Arc<Journal>,
    gate: Gate,
}

/// Judges the drills, and returns how it went.
pub fn collect(options: &Options, environment: &Environment) -> Exit {
    let found = find(options, environment);
    let collection = match found {
        Ok(collection) => collection,
        Err(Refused(exit, why)) => return exit::said(exit, &why),
    };
    if let Some(held) = collection.gate.holds() {
        let why = format!("nothing is judged, and all stays armed: {} (hint: {})", held.reason, held.remedy);
        return exit::said(Exit::PreflightRefused, &why);
    }
    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(judge(options, collection)),
        Err(error) => exit::said(Exit::Defect, &format!("the runtime does not start: {error}")),
    }
}

fn find(options: &Options, environment: &Environment) -> Result<Collection, Refused> {
    let dir = match options.run.file_name() {
        Some(name) if name == armed::NAME => options.run.parent().map_or_else(PathBuf::new, Into::into),
        _ => options.run.clone(),
    };
    let shown = dir.display();
    let armed = Armed::read(&dir).map_err(|error| Refused::usage(error.to_string()))?.ok_or_else(|| {
        let hint = "`alertdrill run --detach` arms drills; those that were armed here may be judged already";
        Refused::usage(format!("nothing is armed in {shown} (hint: {hint})"))
    })?;
    let (suite, vocabulary) = written(&armed)?;
    let tenancies = Tenancies { config: options.config.clone(), environment };
    let name = options.tenant.as_deref().unwrap_or(&armed.tenant);
    let service: Service = armed.service.parse().map_err(|why| Refused::usage(format!("{}: {why}", armed::NAME)))?;
    let tenant = tenancies.find(name, Some(service)).map_err(Refused::usage)?;
    for ending in endings::of(&tenant, TimeZone::UTC.to_datetime(Clock::system().now()).date()) {
        tell(&format!("alertdrill: --tenant {name}: {ending}"));
    }
    let clock = tenancy::clock_since(&tenant, armed.clock);
    let (journal, past) = Journal::reopen(&dir.join(journal::NAME), &clock).map_err(|error| match error.kind() {
        ErrorKind::NotFound => {
            Refused::usage(format!("{shown} has no {} (hint: it belongs to {}; copy both)", journal::NAME, armed::NAME))
        }
        _ => Refused::usage(error.to_string()),
    })?;
    is_the_same(name, &tenant, (&armed, &past)).map_err(Refused::usage)?;
    if clock.now() > armed.until {
        tell(&format!(
            "alertdrill: the drills could be judged until {}, and their indicators may have ended: where no alert came, it may \
             not be known why",
            armed.until
        ));
    }
    let journal = Arc::new(journal);
    let gate = Gate { clock: clock.clone(), quiet: None, stop_file: tenant.stop_file.clone() };
    let labs = labs(tenant, &clock, &armed).map_err(Refused::usage)?.journaled(Arc::clone(&journal));
    let out = options.out.clone().unwrap_or_else(|| dir.clone());
    Ok(Collection { dir, out, armed, suite, vocabulary, past, labs: Arc::new(labs), journal, gate })
}

/// The drills, in features that say what they said when they were armed.
fn written(armed: &Armed) -> Result<(Suite, Vocabulary), Refused> {
    let mut found = Vec::new();
    let mut changed = 0;
    for feature in &armed.features {
        match same(feature) {
            Ok(same) => found.push(same),
            Err(why) => {
                tell(&format!("{}: {why}", feature.file));
                changed += 1;
            }
        }
    }
    if changed > 0 {
        let features = crate::report::wording::count(changed, "feature");
        let why = format!("{features} changed since the drills were armed, so nothing is judged, and all stays armed");
        return Err(Refused(Exit::Features, why));
    }
    let defect = |why: String| Refused(Exit::Defect, why);
    let vocabulary = Vocabulary::linked().map_err(|error| defect(format!("the steps' patterns: {error}")))?;
    let problems = |problems: Vec<_>| {
        problems.iter().for_each(|problem: &crate::runner::problem::Problem| tell(&problem.to_string()));
        Refused(Exit::Features, "this alertdrill does not read the features as the one that armed them did".into())
    };
    let mut suite = Suite::parse(&found).map_err(problems)?;
    check::check(&suite, &vocabulary).map_err(problems)?;
    let service = armed.service.parse().map_err(|why| Refused::usage(format!("{}: {why}", armed::NAME)))?;
    let ids: HashSet<_> = armed.drills.iter().map(|drill| drill.id.as_str()).collect();
    drive::keep_only(&mut suite, service, |id| ids.contains(id));
    if suite.total() < ids.len() {
        let why = format!("{} names drills that its features do not hold", armed::NAME);
        return Err(Refused(Exit::Features, why));
    }
    Ok((suite, vocabulary))
}

fn same(feature: &Feature) -> Result<Found, String> {
    let found = if feature.built_in {
        find::builtin().into_iter().find(|found| found.file == feature.file)
    } else {
        let read = find::find(std::slice::from_ref(&feature.file));
        read.map_err(|problems| problems.into_iter().map(|problem| problem.what).collect::<Vec<_>>().join("; "))?.pop()
    };
    let other = if feature.built_in {
        "this alertdrill has another built in (hint: use the version that armed it)"
    } else {
        "it is not what it was when its drills were armed (hint: check out what was armed)"
    };
    let found = found.ok_or(other)?;
    if detach::feature(&found, feature.built_in) == *feature { Ok(found) } else { Err(other.into()) }
}

/// A key of one tenant may be somebody else's in another.
fn is_the_same(name: &str, tenant: &Tenant, (armed, past): (&Armed, &Past)) -> Result<(), String> {
    if past.head.run != armed.run {
        return Err(format!(
            "{} is of {}, and the {} beside it of {}",
            armed::NAME,
            armed.run,
            journal::NAME,
            past.head.run
        ));
    }
    let differs = |what: &str, was: &str, is: &str| {
        (!was.eq_ignore_ascii_case(is)).then(|| {
            format!(
                "--tenant {name}: its {what} is `{is}`, and the drills were armed with `{was}` (hint: name its table)"
            )
        })
    };
    let ids = armed.tenant_id.as_deref().zip(tenant.tenant_id.as_deref());
    let differing = differs("client_id", &past.head.client_id, &tenant.client_id)
        .or_else(|| ids.and_then(|(was, is)| differs("tenant_id", was, is)));
    differing.map_or(Ok(()), Err)
}

fn labs(tenant: Tenant, clock: &Clock, armed: &Armed) -> Result<OneTenant, String> {
    tenancy::labs(tenant, clock, Manner { shards: armed.shards, ..Manner::default() })
}

async fn judge(options: &Options, collection: Collection) -> Exit {
    let watch = Stopwatch::start();
    let Collection { dir, out, armed, mut suite, vocabulary, past, labs, journal, gate } = collection;
    let shown = format!("--out {}", out.display());
    let head = Head {
        format: FORMAT,
        alertdrill: env!("CARGO_PKG_VERSION").into(),
        run: armed.run.clone(),
        started: past.head.started,
        tenant: armed.tenant.clone(),
        time_jumps: false,
        seed: armed.seed,
    };
    let mut tally = Tally::of(armed.scope.clone());
    let (begun, judged, took) = match begin(&dir, &out, &head, &mut tally) {
        Ok(begun) => begun,
        Err(error) => return run::cannot_write(&shown, &std::io::Error::other(error)),
    };
    drive::keep_only(&mut suite, labs.service(), |id| !judged.contains(id));
    let drills: Vec<_> = armed.drills.into_iter().filter(|drill| !judged.contains(&drill.id)).collect();
    let total = drills.len();
    let rests = match rests(drills, &past) {
        Ok(rests) => rests,
        Err(why) => return exit::said(Exit::Usage, &format!("{}: {why}", armed::NAME)),
    };
    let scribe = match Scribe::start(begun, run::progress(options.verbosity), total) {
        Ok(scribe) => scribe,
        Err(error) => return run::cannot_write(&shown, &error),
    };
    let stop = Stop::default();
    let removing = format!("`alertdrill sweep {}` removes it", dir.display());
    let file = tokio::spawn(gate.watch(stop.clone()));
    let signals = tokio::spawn(interruption::listen(stop.clone(), Some(removing.clone())));
    let manner = Course {
        // One that only waits costs nothing, and all are there already.
        jobs: total.clamp(1, AT_MOST),
        fail_fast: false,
        keep: false,
        step_limit: options.step_limit,
        seed: armed.seed,
        shard: None,
    };
    let (sender, broken) = (scribe.sender(), stop.clone());
    let told = move |drill| {
        if sender.send(drill).is_err() {
            broken.at_least(Level::NoMore);
        }
    };
    let ended = drive::go_on(suite, Rc::new(vocabulary), labs, (manner, stop.clone()), (rests, tally), told).await;
    signals.abort();
    file.abort();
    if let left @ 1.. = journal.left() {
        tell(&format!("alertdrill: of what the drills made, {left} left in the tenant: {removing}"));
    }
    let before = judged.len();
    let written = scribe.finish(|counts| Foot {
        finished: Clock::system().now(),
        took_ms: took + watch.elapsed().as_secs_f64() * 1000.0,
        verdict: if stop.level() == Level::Now { RunVerdict::Interrupted } else { RunVerdict::of(&counts) },
        counts,
        defects: run::defects(ended.defects, before + total, counts.total()),
    });
    match written {
        Ok((record, foot, mut table)) => {
            if let Err(error) = Armed::remove(&dir) {
                tell(&format!("alertdrill: {error}"));
            }
            run::conclude((&out, &options.formats), &record, foot, &mut table, head)
        }
        Err(error) => exit::said(Exit::Errored, &format!("{shown}: {error}")),
    }
}

/// More drills at a time than this cost memory.
const AT_MOST: usize = 4_096;

/// The record, with what is in it already: drills that ended when the others were armed, and those that a collection
/// judged that was killed; their ids, and the real milliseconds that they took.
fn begin(
    dir: &std::path::Path,
    out: &std::path::Path,
    head: &Head,
    tally: &mut Tally,
) -> Result<(Begun, HashSet<String>, f64), ReadError> {
    let io = |cause| ReadError::Io { path: out.to_owned(), cause };
    let (writer, mut known) = RunWriter::go_on(out, head).map_err(io)?;
    if out != dir {
        known.extend(crate::record::file::of_run(dir, &head.run));
    }
    let took = known.iter().find_map(|known| Some(known.foot()?.took_ms)).unwrap_or_default();
    let (mut begun, mut ids) = (Begun::from(writer), HashSet::new());
    for known in known {
        known.each_drill(|drill| {
            if ids.insert(drill.id.clone()) {
                tally.add(&drill);
                begun.drill(&drill).map_err(io)?;
            }
            Ok::<(), ReadError>(())
        })?;
    }
    begun.has_copied().map_err(io)?;
    Ok((begun, ids, took))
}

/// What is left of each drill, by its id, with what the journal says is there of it.
fn rests(drills: Vec<Drill>, past: &Past) -> Result<HashMap<String, Rest>, String> {
    let rest = |drill: Drill| {
        let markers: HashSet<_> =
            drill.alarms.iter().map(|alarm| alarm.marker.clone()).chain([drill.marker.clone()]).collect();
        let left = past.left.iter().filter(|left| markers.contains(left.marker.as_str())).cloned().collect();
        Ok((drill.id.clone(), Rest::of(drill, left)?))
    };
    drills.into_iter().map(rest).collect()
}
