//! Where a drill runs.

use std::{
    any::Any,
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::future::BoxFuture;
use jiff::Timestamp;

use crate::{
    bulk::{company::Company, gathering::Gathering},
    clock::{
        Clock,
        turn::{Turn, TurnGuard},
    },
    domain::{device::Device, off_limits::OffLimits, service::Service},
    journal::Journal,
    record::{calls::Calls, failure::Failure},
    services::{
        controls::Controls,
        definitions::Definitions,
        devices::{Devices, Machine},
        error::ServiceError,
        hunting::Hunting,
        indicators::Indicators,
    },
    traffic::http::Browser,
    watch::Watch,
    world::closing::Closing,
};

/// A tenant with its services, the device that the traffic comes from, and how long its owner is ready to wait.
pub struct Lab {
    /// Which service things are published through.
    pub service: Service,
    /// Which service alerts are read by.
    pub alerts_by: Service,
    /// The drills' clock.
    pub clock: Clock,
    /// Alert definitions.
    pub definitions: Arc<dyn Definitions>,
    /// Whether the tenant lets the application in: asked once for all drills that ask at the same time.
    pub access: Gathering<(), Result<(), ServiceError>>,
    /// Indicators.
    pub indicators: Arc<dyn Indicators>,
    /// Devices, where the service tells of them.
    pub devices: Option<Arc<dyn Devices>>,
    /// Telemetry, where the service tells of it.
    pub hunting: Option<Arc<dyn Hunting>>,
    /// The one poller of the tenant's alerts.
    pub watch: Watch,
    /// Who closes the drills' alerts, unless the tenant's owner wants them left open.
    pub closing: Option<Closing>,
    /// What the owner of the laboratory can change, where there is one.
    pub controls: Option<Arc<dyn Controls>>,
    /// What sends requests on the device.
    pub browser: Browser,
    /// The onboarded device.
    pub device: Device,
    /// What the service tells of it, once somebody has asked.
    pub machine: tokio::sync::OnceCell<Option<Machine>>,
    /// How long to wait for what.
    pub patience: Patience,
    /// Whether the whole of propagation is waited for where it could be probed.
    pub fixed_wait: bool,
    /// So much longer than a drill needs it does an indicator live: as long as what is armed waits to be judged.
    pub armed_for: Duration,
    /// Whether indicators that keep something from happening may be published.
    pub blocking: bool,
    /// What may not be published.
    pub off_limits: OffLimits,
    /// Whether other drills stand on the same tenant.
    pub shared: bool,
    /// What one drill at a time may use.
    pub turns: Turns,
    /// The drills that run in it.
    pub company: Company,
    /// Where what is about to be made is written down first: on a tenant that outlives this process.
    pub journal: Option<Arc<Journal>>,
    /// What the lab stands on: dropped with it.
    pub ground: Option<Arc<dyn Any + Send + Sync>>,
}

/// Observables that cannot be minted, each of which one drill of a lab at a time may use.
pub struct Turns {
    clock: Clock,
    known: Mutex<HashMap<String, Arc<Turn>>>,
    /// When a drill last gave each of them back.
    vacated: Mutex<HashMap<String, Timestamp>>,
    /// Those that drills which are armed need until they are judged.
    kept: Mutex<HashSet<String>>,
}

impl Turns {
    /// Turns of drills on `clock`, none of them taken.
    pub fn new(clock: &Clock) -> Self {
        Self { clock: clock.clone(), known: Mutex::default(), vacated: Mutex::default(), kept: Mutex::default() }
    }

    /// Waits until no other drill uses `observable`, and keeps them from it until the guard is dropped.
    pub async fn take(&self, observable: &str) -> TurnGuard<Arc<Turn>> {
        let turn = {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(known.entry(observable.into()).or_insert_with(|| Arc::new(Turn::new(&self.clock))))
        };
        turn.take_owned().await
    }

    /// Notes that a drill that used `observable` has removed what it made, and is over.
    pub fn vacate(&self, observable: &str) {
        let now = self.clock.now();
        self.vacated.lock().unwrap_or_else(PoisonError::into_inner).insert(observable.into(), now);
    }

    /// When the last drill that used `observable` was over.
    pub fn vacated(&self, observable: &str) -> Option<Timestamp> {
        self.vacated.lock().unwrap_or_else(PoisonError::into_inner).get(observable).copied()
    }

    /// Keeps `observable` from every other drill for good: the one that has it is armed.
    pub fn keep(&self, observable: String) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).insert(observable);
    }

    /// Whether a drill that is armed needs `observable`.
    pub fn is_kept(&self, observable: &str) -> bool {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).contains(observable)
    }
}

/// How long a drill waits before it concludes that nothing will come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// From acceptance of what was published until it is in effect: 20 minutes in the guide.
    pub propagation: Duration,
    /// From the event on the device until the alert: 15 minutes in the guide's first edition.
    pub detection: Duration,
}

impl Patience {
    /// What is documented for `service`, or where nothing is, what drills have needed.
    pub fn of(service: Service) -> Self {
        Self { propagation: service.propagation(), detection: service.detection() }
    }
}

/// What a drill needs of its lab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    /// A tenant that no other drill uses: the drill changes what others stand on.
    pub exclusive: bool,
    /// A control face.
    pub controls: bool,
}

/// Why a drill gets no lab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoLab {
    /// The drill is not for this tenant.
    Skip {
        /// Why.
        reason: String,
        /// What would let it run.
        remedy: String,
    },
    /// The lab could not be made.
    Broken(Failure),
}

/// Where drills get their labs from. A tenant is one lab for all; the emulator makes as many as are wished for.
pub trait Labs {
    /// Which service things are published through in its labs.
    fn service(&self) -> Service;

    /// A lab that fulfils `wish`.
    fn lab(&self, wish: Wish) -> BoxFuture<'_, Result<Arc<Lab>, NoLab>>;

    /// What was asked of the tenant so far; on the emulator, of the tenants that several drills shared.
    fn calls(&self) -> Vec<Calls> {
        Vec::new()
    }
}
