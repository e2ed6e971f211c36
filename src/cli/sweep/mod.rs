//! `alertdrill sweep`: what interrupted runs left behind in a tenant, removed.
//!
//! In reading order: [`sweep`] here (what is swept, in which order), private `journals` (where runs wrote down what they
//! made; also for the next run in the same folder), `broom` (what removes), `told` (what is said).
//!
//! What is removed carries the mark of a drill, as read from the tenant just before: a key alone proves nothing.

mod broom;
mod journals;
mod told;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};

use crate::{
    armed::Armed,
    cli::{
        exit::{self, Exit},
        print, runtime,
        sweep::{broom::Item, told::Sweep},
        tell,
        tenancy::Tenancies,
    },
    clock::Clock,
    config::environment::Environment,
    domain::service::Service,
    journal::{Head, Journal, past::Past},
    services::error::ServiceError,
};

pub(super) use journals::earlier;

/// What the command was told.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each field is the flag of the same name")]
pub struct Options {
    pub runs: Vec<PathBuf>,
    pub tenant: Option<String>,
    pub service: Option<Service>,
    pub config: Option<PathBuf>,
    pub creators: Vec<String>,
    pub older_than: Option<SignedDuration>,
    pub dry_run: bool,
    pub format: Format,
}

/// How the result is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Where runs are looked for when none is named.
const HERE: &str = "alertdrill-report";

/// What the command has to do.
enum Plan {
    /// To finish what these journals know of.
    Journals(Vec<PathBuf>),
    /// To remove from this tenant what carries a drill's mark.
    Marked(String),
}

/// Why a sweep did not begin, and how the program ends for it.
struct Refused(Exit, String);

impl Refused {
    fn usage(why: impl Into<String>) -> Self {
        Self(Exit::Usage, why.into())
    }
}

/// Removes what is left, and returns whether it is gone.
pub fn sweep(options: &Options, environment: &Environment) -> Exit {
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(defect) => return defect,
    };
    let tenancies = Tenancies { config: options.config.clone(), environment };
    let swept = runtime.block_on(async {
        match plan(options)? {
            Plan::Journals(paths) => by_journals(options, &tenancies, &paths).await,
            Plan::Marked(tenant) => Ok((vec![by_marker(options, &tenancies, &tenant).await?], Vec::new())),
        }
    });
    match swept {
        Ok((sweeps, unread)) => {
            if options.format == Format::Json {
                let text = serde_json::to_string_pretty(&serde_json::json!({ "sweeps": sweeps }));
                print(&format!("{}\n", text.unwrap_or_default()));
            }
            for why in &unread {
                tell(&format!("alertdrill: {why}"));
            }
            if !unread.is_empty() || sweeps.iter().any(Sweep::leaves) { Exit::Errored } else { Exit::Passed }
        }
        Err(Refused(exit, why)) => exit::said(exit, &why),
    }
}

/// A run that is named has a journal, or it is a mistake. Where none is named and none is here, another machine may have
/// it, and the marker has to do.
fn plan(options: &Options) -> Result<Plan, Refused> {
    let mut paths = Vec::new();
    for run in &options.runs {
        let found = if run.is_dir() { journals::within(run) } else { vec![run.clone()] };
        if found.is_empty() {
            let why = format!("{}: no run wrote a journal here (hint: only runs on a tenant have one)", run.display());
            return Err(Refused::usage(why));
        }
        paths.extend(found);
    }
    if options.runs.is_empty() && options.older_than.is_none() {
        paths = journals::within(Path::new(HERE));
    }
    match (&options.tenant, paths.is_empty()) {
        (_, false) => Ok(Plan::Journals(paths)),
        (Some(tenant), true) => Ok(Plan::Marked(tenant.clone())),
        (None, true) => Err(Refused::usage(
            "no run is named and there is no journal here (hint: name the folder of a run, or with --tenant the tenant \
             to look through)",
        )),
    }
}

/// What was swept, and which journals could not be read: they keep no other from being.
async fn by_journals(
    options: &Options,
    tenancies: &Tenancies<'_>,
    paths: &[PathBuf],
) -> Result<(Vec<Sweep>, Vec<String>), Refused> {
    let (mut sweeps, mut others, mut unread) = (Vec::new(), Vec::new(), Vec::new());
    for path in paths {
        let (journal, past) = match Journal::reopen(path, &Clock::system()) {
            Ok(both) => both,
            Err(error) => {
                unread.push(error.to_string());
                continue;
            }
        };
        let Head { tenant, service, .. } = &past.head;
        // What a run made through one service is not looked for, and given up, through another.
        let is_meant = options.tenant.as_ref().is_none_or(|meant| meant == tenant)
            && options.service.is_none_or(|meant| meant == *service);
        if is_meant {
            sweeps.push(by_journal(options, tenancies, (journal, past)).await?);
        } else {
            others.push(format!("{}: its run was on {tenant} ({service})", path.display()));
        }
    }
    if sweeps.is_empty() {
        others.extend(unread);
        return Err(Refused::usage(others.join("; ")));
    }
    Ok((sweeps, unread))
}

async fn by_journal(
    options: &Options,
    tenancies: &Tenancies<'_>,
    (journal, past): (Journal, Past),
) -> Result<Sweep, Refused> {
    let Past { head, left, .. } = past;
    let mut sweep = Sweep {
        tenant: head.tenant.clone(),
        service: head.service.to_string(),
        journal: Some(journal.path().display().to_string()),
        dry_run: options.dry_run,
        things: Vec::new(),
    };
    let is_young = made_before(options).is_some_and(|moment| head.started > moment);
    if left.is_empty() || is_young {
        sweep.lists(&[], &[], options.format);
        return Ok(sweep);
    }
    let broom = journals::broom_of(tenancies, journal.path(), &head).await.map_err(Refused::usage)?;
    let items = broom.of(&left).await.map_err(|error| cannot_list(&head.tenant, &error))?;
    tell_what_is_armed(journal.path(), &head, options);
    sweep.lists(&items, &[], options.format);
    if !options.dry_run {
        let outcomes = broom.remove(items).await;
        broom::write_down(&journal, &left, &outcomes);
        let written = Arc::new(journal).sync().await;
        written.map_err(|error| Refused(Exit::Errored, error.to_string()))?;
        sweep.ends(&outcomes, options.format);
    }
    Ok(sweep)
}

/// Drills that were not judged yet lose what they need; whoever did not mean that can still collect them first.
fn tell_what_is_armed(journal: &Path, head: &Head, options: &Options) {
    let dir = journal.parent().unwrap_or(Path::new(""));
    let Ok(Some(armed)) = Armed::read(dir) else { return };
    if armed.run != head.run {
        return;
    }
    let (count, dir) = (armed.drills.len(), dir.display());
    let drills = if count == 1 { "1 drill is".to_owned() } else { format!("{count} drills are") };
    let first = if options.dry_run { "; `alertdrill collect` judges them first" } else { "" };
    tell(&format!("alertdrill: {drills} armed in {dir}, and given up by a sweep{first}"));
}

async fn by_marker(options: &Options, tenancies: &Tenancies<'_>, tenant: &str) -> Result<Sweep, Refused> {
    let (broom, client_id) = journals::broom(tenancies, tenant, options.service).await.map_err(Refused::usage)?;
    let found = broom.signed().await.map_err(|error| cannot_list(tenant, &error))?;
    let made_before = made_before(options).unwrap_or(Timestamp::MAX);
    let (mut items, mut spared): (Vec<Item>, Vec<(Item, String)>) = Default::default();
    for item in found {
        match broom::spared(&item, (&client_id, &options.creators), made_before) {
            Some(why) => spared.push((item, why)),
            None => items.push(item),
        }
    }
    let mut sweep = Sweep {
        tenant: tenant.into(),
        service: broom.lab.service.to_string(),
        journal: None,
        dry_run: options.dry_run,
        things: Vec::new(),
    };
    sweep.lists(&items, &spared, options.format);
    if !options.dry_run {
        let outcomes = broom.remove(items).await;
        sweep.ends(&outcomes, options.format);
    }
    Ok(sweep)
}

fn cannot_list(tenant: &str, error: &ServiceError) -> Refused {
    let hint = error.hint().map(|hint| format!(" (hint: {hint})")).unwrap_or_default();
    Refused(Exit::Errored, format!("what is left in {tenant} cannot be listed: {error}{hint}"))
}

/// What was made after this moment is spared.
fn made_before(options: &Options) -> Option<Timestamp> {
    let span = options.older_than?;
    Some(Clock::system().now().saturating_sub(span).unwrap_or(Timestamp::MIN))
}
