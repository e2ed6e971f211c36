//! `alertdrill collect`: what `run --detach` armed, judged and cleaned up, in another process, hours later.
//!
//! The journal beside `armed.json` says what is there to be undone; it is locked as long as this goes on. What is judged
//! is written down drill by drill in the folder of the run, wherever its record is to go, so that a collection that was
//! killed goes on where it was.
//!
//! In reading order: this file, private `features` (what the drills are written in).

mod features;

use std::{
    collections::{BTreeMap, HashSet},
    fs,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};

use crate::{
    armed::{self, Armed, drill::Drill},
    cli::{
        compose::{Manner, OneTenant},
        endings,
        exit::{self, Exit},
        gate::Gate,
        ground::AT_MOST,
        interruption::{self, Left},
        job::Job,
        logging::Verbosity,
        memory::{History, Memory},
        run, runtime,
        scribe::{Begun, Scribe},
        tell,
        tenancy::{self, Tenancies},
    },
    clock::{Clock, limit::Stopwatch},
    config::{environment::Environment, tenant::Tenant},
    domain::{marker::Marker, service::Service},
    journal::{self, Journal, past::Past},
    record::{
        file::{FORMAT, RunWriter},
        owner_only,
        place::Place,
        reader::ReadError,
        run::{Foot, Head},
        tally::Tally,
    },
    report::Format,
    runner::{course::Options as Course, drive, stop::Stop, suite::Suite, vocabulary::Vocabulary},
    services::error::ServiceError,
    world::{
        arming::Rest,
        lab::{Lab, Labs, NoLab, Wish},
    },
};

/// What the command was told.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each field is the flag of the same name")]
pub struct Options {
    pub run: PathBuf,
    pub tenant: Option<String>,
    pub config: Option<PathBuf>,
    pub out: Option<PathBuf>,
    pub history: History,
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
struct Found {
    dir: PathBuf,
    armed: Armed,
    suite: Suite,
    vocabulary: Vocabulary,
}

/// What it is judged on.
struct Ground {
    past: Past,
    own: HashSet<(Marker, String)>,
    journal: Arc<Journal>,
    labs: Arc<dyn Labs>,
    gate: Gate,
    memory: Memory,
}

/// Judges the drills, and returns how it went.
pub fn collect(options: &Options, environment: &Environment) -> Exit {
    let tenancies = Tenancies { config: options.config.clone(), environment };
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(defect) => return defect,
    };
    let judged = runtime.block_on(async {
        let found = find(&options.run)?;
        let ground = ground(options, &found, &tenancies).await?;
        judge(options, found, ground, environment).await
    });
    judged.unwrap_or_else(|Refused(exit, why)| exit::said(exit, &why))
}

fn find(run: &Path) -> Result<Found, Refused> {
    let dir = match run.file_name() {
        Some(name) if name == armed::NAME => run.parent().unwrap_or(run),
        _ => run,
    };
    let armed = Armed::read(dir).map_err(|error| Refused::usage(error.to_string()))?.ok_or_else(|| {
        let hint = "`alertdrill run --detach` arms drills; those that were armed here may be judged already";
        Refused::usage(format!("nothing is armed in {} (hint: {hint})", dir.display()))
    })?;
    let (suite, vocabulary) = features::written(dir, &armed)?;
    Ok(Found { dir: dir.into(), armed, suite, vocabulary })
}

async fn ground(options: &Options, found: &Found, tenancies: &Tenancies<'_>) -> Result<Ground, Refused> {
    let Found { dir, armed, .. } = found;
    let name = options.tenant.as_deref().unwrap_or(&armed.tenant);
    let tenant = tenancies.find(name, Some(service(armed)?)).map_err(Refused::usage)?;
    endings::tell_of(name, &tenant);
    let clock = clock(&tenant, armed).await?;
    let (journal, past) = Journal::reopen(&dir.join(journal::NAME), &clock).map_err(|error| match error.kind() {
        ErrorKind::NotFound => {
            let hint = format!("it belongs to {}: copy both", armed::NAME);
            Refused::usage(format!("{} has no {} (hint: {hint})", dir.display(), journal::NAME))
        }
        _ => Refused::usage(error.to_string()),
    })?;
    is_the_same(name, &tenant, (armed, &past)).map_err(Refused::usage)?;
    let gate = Gate { clock: clock.clone(), quiet: None, stop_file: tenant.stop_file.clone() };
    if let Some(held) = gate.holds() {
        let why = format!("{STAYS}: {} (hint: {})", held.reason, held.remedy);
        return Err(Refused(Exit::PreflightRefused, why));
    }
    if clock.now() > armed.until {
        let until = armed.until;
        tell(&format!(
            "alertdrill: these drills could be judged until {until}, and their indicators may have ended: of an alert that did \
             not come, it may not be known why"
        ));
    }
    let journal = Arc::new(journal);
    let labs = labs(tenant, &clock, (armed, Some(armed.service_ahead)))?.journaled(Arc::clone(&journal));
    let memory = options.history.of(options.out.as_deref().unwrap_or(dir));
    labs.learn(&memory.shown_after(&armed.tenant, labs.service()).await);
    let own = own(&labs, &past).await?;
    Ok(Ground { past, own, journal, labs: Arc::new(labs), gate, memory })
}

/// The keys under which the tenant holds what carries the drills' markers. Another in the journal may be somebody else's by
/// now: what it was said to name is removed by its marker.
async fn own(labs: &OneTenant, past: &Past) -> Result<HashSet<(Marker, String)>, Refused> {
    let signed = past.left.iter().filter(|left| left.thing.is_signed());
    let markers: HashSet<_> = signed.map(|left| left.marker.clone()).collect();
    if markers.is_empty() {
        return Ok(HashSet::new());
    }
    let held = some_lab(labs).await?.definitions.signed(&markers).await.map_err(|error| refused(&error))?;
    Ok(held.into_iter().map(|signed| (signed.marker, signed.id.to_string())).collect())
}

async fn some_lab(labs: &OneTenant) -> Result<Arc<Lab>, Refused> {
    labs.lab(Wish { exclusive: false, controls: false }).await.map_err(|none| match none {
        NoLab::Skip { reason, remedy } => Refused::usage(format!("{STAYS}: {reason} (hint: {remedy})")),
        NoLab::Broken(failure) => Refused::usage(format!("{STAYS}: {failure}")),
    })
}

fn refused(error: &ServiceError) -> Refused {
    let hint = error.hint().map(|hint| format!(" (hint: {hint})")).unwrap_or_default();
    Refused(Exit::PreflightRefused, format!("{STAYS}: {error}{hint}"))
}

/// What is armed is not as it was written.
fn otherwise(exit: Exit, dir: &Path, why: &str) -> Refused {
    let (file, dir) = (dir.join(armed::NAME), dir.display());
    let hint = format!("put back what `run --detach` wrote; or `alertdrill sweep {dir}` gives up what is armed");
    Refused(exit, format!("{}: {why} (hint: {hint})", file.display()))
}

/// What is said where nothing is begun.
const STAYS: &str = "nothing is judged, and all stays armed";

/// The drills' clock, going on: as far from the service's as when they were armed, whichever machine this is. And the
/// tenant lets us in, or nothing is begun.
async fn clock(tenant: &Tenant, armed: &Armed) -> Result<Clock, Refused> {
    let clock = tenancy::clock(tenant);
    let labs = labs(tenant.clone(), &clock, (armed, None))?;
    let lab = some_lab(&labs).await?;
    lab.definitions.access().await.map_err(|error| refused(&error))?;
    Ok(clock.apart(lab.definitions.ahead().saturating_sub(armed.service_ahead)))
}

fn service(armed: &Armed) -> Result<Service, Refused> {
    armed.service.parse().map_err(|why| Refused::usage(format!("{}: {why}", armed::NAME)))
}

fn labs(
    tenant: Tenant,
    clock: &Clock,
    (armed, service_ahead): (&Armed, Option<SignedDuration>),
) -> Result<OneTenant, Refused> {
    tenancy::labs(tenant, clock, Manner { shards: armed.shards, service_ahead, ..Manner::default() })
        .map_err(Refused::usage)
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
    let made = armed.drills.iter().flat_map(|drill| &drill.made).max();
    if made.is_some_and(|last| *last > past.entries()) {
        return Err(format!(
            "{} ends before what was made is in it (hint: it was cut off: copy it whole; where it is lost, `alertdrill sweep \
             --tenant {name}` finds what was made by its marker)",
            journal::NAME
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

async fn judge(options: &Options, found: Found, ground: Ground, environment: &Environment) -> Result<Exit, Refused> {
    let watch = Stopwatch::start();
    let Found { dir, armed, mut suite, vocabulary } = found;
    let Ground { past, own, journal, labs, gate, memory } = ground;
    let head = head(&armed, &past);
    let mut tally = Tally::of(armed.scope.clone());
    let now = gate.clock.now();
    let mut rests =
        rests(armed.drills, (&past, &own), (armed.markers, now)).map_err(|why| otherwise(Exit::Usage, &dir, &why))?;
    let out = options.out.as_deref().unwrap_or(&dir);
    let shown = format!("--out {}", out.display());
    let copy = elsewhere(&dir, out)
        .map_err(|error| Refused::usage(format!("{shown}: {error} (hint: name a folder that you can write to)")))?;
    let (begun, judged, took) =
        begin(&dir, &head, &mut tally).map_err(|error| Refused::usage(format!("{STAYS}: {error}")))?;
    drive::keep_only(&mut suite, labs.service(), |id| !judged.contains(id));
    rests.retain(|id, _| !judged.contains(id));
    let total = suite.total();
    let stop = Stop::default();
    let scribe = Scribe::start(begun, run::progress(options.verbosity, environment).of(stop.running()), total)
        .map_err(|error| Refused::usage(format!("{STAYS}: {error}")))?;
    let removing = format!("`alertdrill sweep {}` removes it", dir.display());
    let file = tokio::spawn(gate.watch(stop.clone()));
    let signals = tokio::spawn(interruption::listen(
        stop.clone(),
        Left { journal: Some(Arc::clone(&journal)), removing: Some(removing.clone()) },
    ));
    let manner = Course {
        // One that only waits costs nothing, and all are there already.
        jobs: total.clamp(1, AT_MOST),
        fail_fast: false,
        keep: false,
        step_limit: options.step_limit,
        seed: armed.markers,
        shard: None,
    };
    let told = run::to(&scribe, &stop);
    let ended =
        drive::go_on(suite, Rc::new(vocabulary), (Arc::clone(&labs), manner, stop.clone()), (rests, tally), told).await;
    signals.abort();
    file.abort();
    if let left @ 1.. = journal.left() {
        tell(&format!("alertdrill: of what the drills made, {left} left in the tenant: {removing}"));
    }
    let took = Duration::from_secs_f64(took / 1000.0);
    let written = scribe.finish((&head, &memory), |counts| {
        let defects = run::defects(ended.defects, judged.len() + total, counts.total());
        Foot { calls: labs.calls(), ..run::foot(took + watch.elapsed(), (&stop, 0), counts, defects) }
    });
    let (record, foot, mut table) = written.await.map_err(|error| Refused(Exit::Errored, error.to_string()))?;
    let record = match copy {
        Some(place) => place.copy(&record).map_err(|error| Refused(Exit::Errored, format!("{shown}: {error}")))?,
        None => record,
    };
    if let Err(error) = Armed::remove(&dir) {
        tell(&format!("alertdrill: {error}"));
    }
    let job = Job::of(environment);
    Ok(run::conclude((out, &options.formats, job.as_ref()), &record, foot, &mut table, head))
}

fn head(armed: &Armed, past: &Past) -> Head {
    Head {
        format: FORMAT,
        alertdrill: env!("CARGO_PKG_VERSION").into(),
        run: armed.run.clone(),
        started: past.head.started,
        tenant: armed.tenant.clone(),
        time_jumps: false,
        seed: armed.seed,
    }
}

/// Where the record goes as well, if that is another folder than the run's.
fn elsewhere(dir: &Path, out: &Path) -> io::Result<Option<Place>> {
    owner_only::make_directory(out)?;
    let is_it = fs::canonicalize(out)? == fs::canonicalize(dir)?;
    if is_it { Ok(None) } else { Place::hold(out).map(Some) }
}

/// The record, with what is in it already: drills that ended when the others were armed, and those that a collection
/// judged that was killed; their ids, and the real milliseconds that they took.
fn begin(dir: &Path, head: &Head, tally: &mut Tally) -> Result<(Begun, HashSet<String>, f64), ReadError> {
    let io = |cause| ReadError::Io { path: dir.to_owned(), cause };
    let (writer, known) = RunWriter::go_on(dir, head).map_err(io)?;
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

/// What is left of each drill, by its id, with what the journal says is there of it; or why it cannot be as it is written in
/// a run of these markers by this moment.
fn rests(
    drills: Vec<Drill>,
    (past, keys): (&Past, &HashSet<(Marker, String)>),
    when: (u64, Timestamp),
) -> Result<BTreeMap<String, Rest>, String> {
    let rest = |drill: Drill| {
        let own = drill.alarms.iter().map(|alarm| &alarm.marker).chain([&drill.marker]);
        let markers: HashSet<_> = own.cloned().collect();
        let left = past.left.iter().filter(|left| markers.contains(left.marker.as_str())).cloned().collect();
        Ok((drill.id.clone(), Rest::of(drill, (left, keys), when)?))
    };
    drills.into_iter().map(rest).collect()
}
