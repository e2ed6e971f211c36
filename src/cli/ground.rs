//! What drills run on: the emulator, or a tenant by the name of its table, with what its owner asks of a run.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;

use crate::{
    cli::{
        announce::{self, Announcement},
        compose::{self, Emulated, OneTenant},
        detach::Armory,
        endings,
        exit::{self, Exit},
        gate::Gate,
        memory::Memory,
        run::Options,
        sweep, tell,
        tenancy::{self, Tenancies},
    },
    clock::Clock,
    config::{announce::Announce, environment::Environment, tenant::Tenant},
    domain::{marker::Marker, off_limits::OffLimits, quiet_hours::QuietHours, service::Service},
    journal::{self, Journal},
    record::{file::FORMAT, run::Head},
    runner::{foretold, manners, suite::Suite},
    transport::Transport,
    world::lab::Labs,
};

/// What drills run on.
pub(super) struct Ground<'a> {
    name: String,
    place: Place,
    clock: Clock,
    seed: u64,
    /// What follows from the seed and the moment of the start, and is no other run's.
    own: u64,
    tenancies: Tenancies<'a>,
    /// What a tenant's owner asks of its drills; nothing on the emulator.
    limits: Option<(Service, OffLimits)>,
    pub(super) gate: Gate,
    webhook: Option<Webhook>,
}

enum Place {
    /// Labs of each service that the drills run on, one after the other.
    Emulator(Vec<Arc<dyn Labs>>),
    Tenant {
        labs: Box<OneTenant>,
        client_id: String,
        tenant_id: Option<String>,
    },
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

impl<'a> Ground<'a> {
    pub(super) fn find(options: &Options, environment: &'a Environment) -> Result<Self, String> {
        let seed = options.seed.unwrap_or_else(|| fastrand::u32(..).into());
        let tenancies = Tenancies { config: options.config.clone(), environment };
        match &options.tenant {
            None => Self::emulated(options, seed, tenancies),
            Some(name) => Self::tenant(name, options, seed, tenancies),
        }
    }

    fn emulated(options: &Options, seed: u64, tenancies: Tenancies<'a>) -> Result<Self, String> {
        let clock = Clock::jumping(Clock::system().now());
        let all = options.service.map_or_else(|| Service::ALL.to_vec(), |service| vec![service]);
        let emulated =
            |service| Emulated::new(&clock, seed, service).map(|labs| Arc::new(labs.waiting(options.fixed_wait)) as _);
        let labs = all.into_iter().map(emulated).collect::<Result<_, _>>().map_err(|error| error.to_string())?;
        Ok(Self {
            name: "emulator".into(),
            place: Place::Emulator(labs),
            gate: gate(&clock, options, None, None),
            clock,
            seed,
            own: no_other_run_s(seed),
            tenancies,
            limits: None,
            webhook: None,
        })
    }

    fn tenant(name: &str, options: &Options, seed: u64, tenancies: Tenancies<'a>) -> Result<Self, String> {
        let tenant = tenancies.find(name, options.service)?;
        endings::tell_of(name, &tenant);
        let (quiet, stop_file) = (tenant.quiet.clone(), tenant.stop_file.clone());
        let webhook = Webhook::of(&tenant).map_err(|error| format!("--tenant {name}: {error}"))?;
        let (clock, client_id) = (tenancy::clock(&tenant), tenant.client_id.clone());
        let tenant_id = tenant.tenant_id.clone();
        let limits = Some((tenant.services.all, tenant.off_limits.clone()));
        let labs = Box::new(tenancy::labs(tenant, &clock, options.manner())?);
        Ok(Self {
            name: name.into(),
            place: Place::Tenant { labs, client_id, tenant_id },
            gate: gate(&clock, options, quiet, stop_file),
            clock,
            seed,
            own: no_other_run_s(seed),
            tenancies,
            limits,
            webhook,
        })
    }

    /// Why nothing may run, told: what the features say that they would publish and the tenant does not allow, or that no
    /// drill may begin now.
    pub(super) fn refuses(&self, suite: &Suite) -> Option<Exit> {
        let problems = self.limits.as_ref().map(|(service, limits)| manners::refused(suite, *service, limits));
        let problems = problems.unwrap_or_default();
        for problem in &problems {
            tell(&problem.to_string());
        }
        if !problems.is_empty() {
            let why = format!("--tenant {} does not allow this, so nothing was run", self.name);
            return Some(exit::said(Exit::PreflightRefused, &why));
        }
        let held = self.gate.holds()?;
        let why = format!("nothing was run: {} (hint: {})", held.reason, held.remedy);
        Some(exit::said(Exit::PreflightRefused, &why))
    }

    /// Announces the run, if it is to be; what is returned is why it must not begin.
    pub(super) async fn announce(&self, head: &Head, suite: &Suite, jobs: usize) -> Option<Exit> {
        self.webhook.as_ref()?.announce(head, suite, (self.markers(), jobs)).await
    }

    /// Lets a tenant's poller look when alerts came in earlier runs. A run on the emulator is the same again by its seed,
    /// whatever was before it.
    pub(super) async fn learn(&self, memory: &Memory) {
        if let Place::Tenant { labs, .. } = &self.place {
            labs.learn(&memory.shown_after(&self.name, labs.service()).await);
        }
    }

    /// The labs, and, on a tenant that outlives this process, the journal that knows what is made there; it is on disk
    /// before anything is.
    pub(super) async fn journaled(
        self,
        out: &Path,
        head: &Head,
    ) -> io::Result<(Vec<Arc<dyn Labs>>, Option<Arc<Journal>>)> {
        let (labs, client_id) = match self.place {
            Place::Emulator(labs) => return Ok((labs, None)),
            Place::Tenant { labs, client_id, .. } => (labs, client_id),
        };
        sweep::earlier(out, &self.name, &self.tenancies).await?;
        let (run, tenant, started) = (head.run.clone(), self.name, head.started);
        let whose = journal::Head { run, tenant, service: labs.service(), client_id, started };
        let journal = Arc::new(Journal::create(out, &whose, &self.clock)?);
        Ok((vec![Arc::new(labs.journaled(Arc::clone(&journal)))], Some(journal)))
    }

    /// What the drills are armed on; none on the emulator, which ends with the run.
    pub(super) fn armory(&self) -> Option<Armory> {
        let Place::Tenant { labs, tenant_id, .. } = &self.place else { return None };
        Some(Armory {
            tenant: self.name.clone(),
            tenant_id: tenant_id.clone(),
            service: labs.service(),
            clock: self.clock.clone(),
            markers: self.markers(),
        })
    }

    /// How many drills run at a time, unless the command line says: one that only waits costs nothing, so that what a
    /// tenant may hold is the bound. The emulator is in this process, and memory is.
    pub(super) fn jobs(&self) -> usize {
        self.limits.as_ref().map_or(ON_THE_EMULATOR, |(_, limits)| at_a_time(limits))
    }

    /// What markers derive from. On a tenant other runs may go on, or have left something, with the same seed; the emulator
    /// in this process is nobody else's, and a run there is the same again by its seed.
    pub(super) fn markers(&self) -> u64 {
        match self.place {
            Place::Emulator(_) => self.seed,
            Place::Tenant { .. } => self.own,
        }
    }

    pub(super) fn head(&self) -> Head {
        let started = Clock::system().now();
        Head {
            format: FORMAT,
            alertdrill: env!("CARGO_PKG_VERSION").into(),
            run: format!("run-{}-{}-{}", stamp(started), self.seed, &Marker::of(self.own, "run").as_str()[..4]),
            started,
            tenant: self.name.clone(),
            time_jumps: self.clock.jumps(),
            seed: self.seed,
        }
    }
}

/// So many drills run at a time on the emulator.
const ON_THE_EMULATOR: usize = 64;

/// So many drills run at a time on a tenant with these limits.
pub(super) fn at_a_time(limits: &OffLimits) -> usize {
    limits.max_indicators.map_or(ON_THE_EMULATOR, |most| most.clamp(1, AT_MOST))
}

/// More drills at a time than this cost memory, whatever the tenant may hold.
pub(super) const AT_MOST: usize = 4_096;

fn gate(clock: &Clock, options: &Options, quiet: Option<QuietHours>, stop_file: Option<PathBuf>) -> Gate {
    Gate {
        clock: clock.clone(),
        quiet: quiet.filter(|_| !options.now),
        stop_file: options.stop_file.clone().or(stop_file),
    }
}

/// The seed, mixed with what no other start has: its moment, and its process.
fn no_other_run_s(seed: u64) -> u64 {
    let nanoseconds = Clock::system().now().as_nanosecond().unsigned_abs();
    let moment = u64::try_from(nanoseconds & u128::from(u64::MAX)).unwrap_or_default();
    moment ^ seed.rotate_left(40) ^ u64::from(std::process::id()).rotate_left(52)
}

fn stamp(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

impl Webhook {
    fn of(tenant: &Tenant) -> Result<Option<Self>, String> {
        let found = compose::to_webhook(tenant).map_err(|error| error.to_string())?;
        let (service, device) = (tenant.services.all, tenant.device_name.clone());
        let wait = tenant.propagation + tenant.detection * 2;
        Ok(found.map(|(way, announce)| Self { way, announce, service, device, wait }))
    }

    async fn announce(&self, head: &Head, suite: &Suite, (markers, jobs): (u64, usize)) -> Option<Exit> {
        let (run, tenant, from) = (head.run.clone(), head.tenant.clone(), head.started);
        let titles = foretold::titles(suite, self.service, markers);
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
