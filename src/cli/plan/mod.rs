//! `alertdrill plan`: what a run would ask of a tenant, and how long it would take.
//!
//! In reading order: [`plan`] here (the drills, rehearsed on an emulator in the tenant's place), private `told` (what is
//! said of it). The tenant is asked nothing, and no secret is needed.

mod told;

use std::{
    cell::RefCell,
    io::{self, IsTerminal as _},
    path::PathBuf,
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use crate::{
    cli::{
        compose::{Manner, OneTenant},
        endings,
        exit::{self, Exit},
        gate::Gate,
        ground,
        logging::Verbosity,
        plan::told::Plan,
        progress::Progress,
        run, runtime, tell,
        tenancy::{self, Tenancies},
    },
    clock::Clock,
    config::{environment::Environment, tenant::Tenant},
    domain::service::Service,
    record::drill::Drill,
    runner::{course, drive, manners, select::Selection, stop::Stop, suite::Suite, vocabulary::Vocabulary},
    world::lab::Labs,
};

/// What the command was told.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each field is the flag of the same name")]
pub struct Options {
    pub features: Vec<String>,
    pub tenant: Option<String>,
    pub service: Option<Service>,
    pub config: Option<PathBuf>,
    pub selection: Selection,
    pub jobs: Option<usize>,
    pub seed: u64,
    pub fixed_wait: bool,
    pub format: Format,
    pub verbosity: Verbosity,
}

/// How the plan is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Says what a run with these options would ask, and of whom.
pub fn plan(options: &Options, environment: &Environment) -> Exit {
    let (suite, vocabulary, _) = match run::prepare(&options.features, &options.selection) {
        Ok(prepared) => prepared,
        Err(exit) => return exit,
    };
    let tenants = match tenants(options, environment) {
        Ok(tenants) => tenants,
        Err(why) => return exit::said(Exit::Usage, &why),
    };
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(defect) => return defect,
    };
    let vocabulary = Rc::new(vocabulary);
    let mut plans = Vec::new();
    for tenant in tenants {
        if let Some(refused) = refused(&tenant, &suite, options) {
            return refused;
        }
        match runtime.block_on(rehearse(tenant, suite.clone(), &vocabulary, options)) {
            Ok(plan) => plans.push(plan),
            Err((exit, why)) => return exit::said(exit, &why),
        }
    }
    told::tell(&plans, options.format);
    Exit::Passed
}

/// The tenant that is named, or what is documented of each service.
fn tenants(options: &Options, environment: &Environment) -> Result<Vec<Tenant>, String> {
    let Some(name) = &options.tenant else {
        let all = options.service.map_or_else(|| Service::ALL.to_vec(), |service| vec![service]);
        return all.into_iter().map(tenancy::documented).collect();
    };
    let tenancies = Tenancies { config: options.config.clone(), environment };
    let tenant = tenancies.find_unasked(name, options.service)?;
    endings::tell_of(name, &tenant);
    Ok(vec![tenant])
}

/// That the run would be refused for what its features say, told.
fn refused(tenant: &Tenant, suite: &Suite, options: &Options) -> Option<Exit> {
    // Of a tenant that nobody knows nobody knows what it allows.
    let name = options.tenant.as_ref()?;
    let problems = manners::refused(suite, tenant.services.all, &tenant.off_limits);
    for problem in &problems {
        tell(&problem.to_string());
    }
    let why = format!("--tenant {name} does not allow this, so a run would be refused");
    (!problems.is_empty()).then(|| exit::said(Exit::PreflightRefused, &why))
}

/// A step of one drill among thousands waits in real time while the others are rehearsed; nobody is waiting for it.
const STEP_LIMIT: Duration = Duration::from_hours(24);

/// How far the rehearsal is, for whoever waits for it at a terminal.
fn progress(verbosity: Verbosity) -> Progress {
    let is_seen = verbosity != Verbosity::Quiet && io::stderr().is_terminal();
    if is_seen { Progress::bar() } else { Progress::nothing() }
}

async fn rehearse(
    tenant: Tenant,
    suite: Suite,
    vocabulary: &Rc<Vocabulary>,
    options: &Options,
) -> Result<Plan, (Exit, String)> {
    let gate = Gate { clock: Clock::system(), quiet: tenant.quiet.clone(), stop_file: tenant.stop_file.clone() };
    let jobs = options.jobs.unwrap_or_else(|| ground::at_a_time(&tenant.off_limits));
    let mut plan = Plan::of(&tenant, options.tenant.is_some(), jobs, gate.holds());
    let seed = options.seed;
    let clock = Clock::jumping(Clock::system().now());
    let (shard, shards) = (options.selection.shard, options.selection.shards());
    let manner = Manner { shards, fixed_wait: options.fixed_wait, ..Manner::default() };
    let labs = OneTenant::rehearsed(tenant, &clock, seed, manner).await;
    let labs = Arc::new(labs.map_err(|error| (Exit::Errored, format!("the emulator does not start: {error}")))?);
    let course = course::Options { jobs, fail_fast: false, keep: false, step_limit: STEP_LIMIT, seed, shard };
    let drills = Rc::new(RefCell::new((Vec::new(), progress(options.verbosity))));
    drills.borrow_mut().1.started(u64::try_from(suite.total()).unwrap_or(u64::MAX));
    let heard = Rc::clone(&drills);
    let started = clock.now();
    let lent = Arc::clone(&labs) as Arc<dyn Labs>;
    let sink = move |drill: Drill| {
        let (drills, progress) = &mut *heard.borrow_mut();
        progress.drill(&drill);
        drills.push(told::Rehearsed::of(drill));
    };
    let ended = drive::run(suite, Rc::clone(vocabulary), lent, (course, Stop::default()), sink).await;
    if let Some(defect) = ended.defects.into_iter().next() {
        return Err((Exit::Defect, format!("a defect of alertdrill's own: {defect}")));
    }
    plan.takes(clock.now().duration_since(started));
    plan.asks(labs.quotas());
    plan.rehearsed(std::mem::take(&mut drills.borrow_mut().0));
    Ok(plan)
}
