//! Where the parts meet: a tenant's settings, or the emulator, to labs.
//!
//! In private `emulated`, the emulator of this process; in `rehearsal`, the emulator in the place of a tenant; in `reach`,
//! the services that a lab is made of: which of them does what, and what they are asked with.

mod emulated;
mod reach;
mod rehearsal;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Display,
    sync::Arc,
    time::Duration,
};

use futures::{FutureExt as _, future::BoxFuture};
use jiff::SignedDuration;
use url::Url;

use crate::{
    auth::{
        client_credentials::{Proof, Registration},
        federated::Federated,
    },
    cli::compose::reach::{Chosen, Quotas, Reach},
    clock::Clock,
    config::{
        announce::Announce,
        proof, service,
        tenant::{self, Tenant},
    },
    domain::{device::Device, service::Service},
    emulator::mocks::Mocks,
    journal::Journal,
    record::calls::Calls,
    services::{
        cloud::{Capability, Lack},
        endpoint, graph,
        legacy::Addresses,
    },
    traffic::http::{Browser, Route},
    transport::{
        Transport,
        quota::{Allotment, Quota},
        secret::Secret,
        send::{HttpClient, HttpSettings, Login, Proxy},
    },
    world::lab::{Lab, Labs, NoLab, Patience, Wish},
};

pub use emulated::Emulated;

/// Why no drill can run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ComposeError(String);

impl ComposeError {
    fn of(error: &impl Display) -> Self {
        Self(error.to_string())
    }
}

/// A stimulus that is not answered in so much real time was not answered.
const STIMULUS_LIMIT: Duration = Duration::from_secs(30);

/// How drills use what they are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manner {
    /// Among so many shards the tenant's calls are shared.
    pub shards: u32,
    /// Whether the whole of propagation is waited for where it could be probed.
    pub fixed_wait: bool,
    /// So much longer than a drill needs it does an indicator live.
    pub armed_for: Duration,
    /// How far the service's clock is ahead of ours, where that is known before it answers.
    pub service_ahead: Option<SignedDuration>,
}

impl Default for Manner {
    /// Alone, and probing.
    fn default() -> Self {
        Self { shards: 1, fixed_wait: false, armed_for: Duration::ZERO, service_ahead: None }
    }
}

/// One tenant, the same for every drill.
pub struct OneTenant {
    lab: Arc<Lab>,
    /// What the tenant's cloud has not, though drills need it.
    lacking: Option<&'static Lack>,
    quotas: Quotas,
}

impl OneTenant {
    /// The lab of `tenant`, on the world's clock.
    pub fn new(tenant: Tenant, clock: &Clock, manner: Manner) -> Result<Self, ComposeError> {
        let control = tenant.control.clone();
        Self::standing_on(None, tenant, control, clock, manner)
    }

    /// The same, standing on `ground`, and changed by drills at `control` alone.
    fn standing_on(
        ground: Option<Arc<Mocks>>,
        tenant: Tenant,
        control: Option<Url>,
        clock: &Clock,
        manner: Manner,
    ) -> Result<Self, ComposeError> {
        know(&tenant.quotas)?;
        let services = services(tenant.services);
        let lacking = needs(services).find_map(|needed| tenant.cloud.lacks(needed));
        let patience = Patience { propagation: tenant.propagation, detection: tenant.detection };
        let allotment = Allotment { shared_by: manner.shards, own: tenant.quotas, ..Allotment::default() };
        let quotas = Quotas::of(&allotment);
        let reach = reach::Services {
            legacy: tenant.legacy_api.clone().zip(tenant.alert_export_api.clone()).map(|(api, alert_export)| {
                reach::Legacy { resource: tenant.resource.clone(), addresses: Addresses { api, alert_export } }
            }),
            endpoint: tenant.endpoint_api.clone().map(|api| {
                let resource = tenant.cloud.endpoint_resource().unwrap_or(ENDPOINT_RESOURCE).to_owned();
                reach::Endpoint { resource, api }
            }),
            graph: tenant.graph_api.clone().map(|root| reach::Graph {
                resource: tenant.cloud.graph().to_owned(),
                addresses: reach::graph_addresses(&root, tenant.rules_version),
                generation: reach::generation(tenant.rules_generation),
            }),
        };
        let asked = reach.addresses().chain([&tenant.token_endpoint.url]).chain(tenant.proof.address());
        let settings = HttpSettings {
            plain_only: asked.into_iter().all(|url| url.scheme() == "http"),
            proxy: tenant.proxy.map_or(Proxy::System, through),
            ca_file: tenant.ca_file,
            ..HttpSettings::default()
        };
        let http = HttpClient::new(&settings).map_err(|error| ComposeError::of(&error))?;
        let reach = Reach {
            registration: Registration {
                endpoint: tenant.token_endpoint,
                client_id: tenant.client_id,
                proof: proven(tenant.proof, &http, clock),
            },
            services: reach,
            chosen: services,
            control,
            device: Device { id: tenant.device_id, name: tenant.device_name },
            patience,
            shared: true,
            blocking: tenant.allow_blocking,
            quotas: quotas.clone(),
            fixed_wait: manner.fixed_wait,
            armed_for: manner.armed_for,
            service_ahead: manner.service_ahead,
            off_limits: tenant.off_limits,
            closes: tenant.close_alerts,
        };
        let browser = browser(tenant.device_proxy, tenant.control.is_some())?;
        let ground = ground.map(|ground| ground as _);
        Ok(Self { lab: Arc::new(reach.lab(&http, clock, browser, ground)?), lacking, quotas })
    }

    /// The same tenant, of which `journal` knows what is about to be made there.
    ///
    /// # Panics
    ///
    /// Where a drill has the lab already.
    #[must_use]
    pub fn journaled(mut self, journal: Arc<Journal>) -> Self {
        let lab = Arc::get_mut(&mut self.lab).expect("a journal is there before the first drill");
        lab.journal = Some(journal);
        self
    }

    /// Alerts of the tenant could be seen so long after what raised them: its poller looks for the next accordingly.
    pub fn learn(&self, times: &[SignedDuration]) {
        for time in times {
            self.lab.watch.learn(*time);
        }
    }

    /// Of each family of calls, its name and its quota.
    pub fn quotas(&self) -> impl Iterator<Item = (&'static str, &Quota)> {
        self.quotas.each()
    }
}

/// That each family of calls whose limits the profile sets is one.
fn know(own: &BTreeMap<String, (Option<u32>, Option<u32>)>) -> Result<(), ComposeError> {
    let endpoint = endpoint::quotas::PUBLISHED.iter().map(|row| row.calls.family());
    let known: BTreeSet<_> = endpoint.chain(graph::limits::PUBLISHED.iter().map(|row| row.family.as_str())).collect();
    match own.keys().find(|name| !known.contains(name.as_str())) {
        None => Ok(()),
        Some(name) => {
            let known: Vec<_> = known.into_iter().collect();
            Err(ComposeError(format!("quotas: `{name}` is no family of calls (known: {})", known.join(", "))))
        }
    }
}

/// A webhook that does not answer in so much real time was not told.
const ANNOUNCING: Duration = Duration::from_secs(10);

/// The way to the webhook that a run is announced at, if it is to be: through the proxy of the services, trusting whom they
/// trust.
pub(super) fn to_webhook(tenant: &Tenant) -> Result<Option<(Transport, Announce)>, ComposeError> {
    let Some(announce) = tenant.announce.clone() else { return Ok(None) };
    let settings = HttpSettings {
        read_limit: ANNOUNCING,
        total_limit: ANNOUNCING,
        plain_only: announce.url().scheme() == "http",
        proxy: tenant.proxy.clone().map_or(Proxy::System, through),
        ca_file: tenant.ca_file.clone(),
        ..HttpSettings::default()
    };
    let http = HttpClient::new(&settings).map_err(|error| ComposeError::of(&error))?;
    Ok(Some((Transport::new(&http, &Clock::system()), announce)))
}

/// What a token for the Defender for Endpoint API is asked for where a cloud has no such service of its own.
const ENDPOINT_RESOURCE: &str = "https://api.securitycenter.microsoft.com";

/// What every drill needs of a cloud, where these services are chosen. Without hunting a drill knows less, and runs.
fn needs(chosen: Chosen) -> impl Iterator<Item = Capability> {
    let publishing = match chosen.publishing {
        Service::Legacy => None,
        Service::Endpoint => Some(Capability::Endpoint),
        Service::Graph => Some(Capability::DetectionRules),
    };
    let alerts = match chosen.alerts {
        Service::Legacy => None,
        Service::Endpoint => Some(Capability::Endpoint),
        Service::Graph => Some(Capability::AlertsV2),
    };
    publishing.into_iter().chain(alerts)
}

fn services(given: service::Services) -> Chosen {
    Chosen { publishing: given.all, alerts: given.alerts, hunting: given.hunting }
}

fn proven(proof: proof::Proof, http: &HttpClient, clock: &Clock) -> Proof {
    match proof {
        proof::Proof::Secret(secret) => Proof::Secret(secret),
        proof::Proof::Certificate(certificate) => Proof::Certificate(certificate),
        // A way of its own: the issuer's clock says nothing of the service's.
        proof::Proof::Federated(issuer) => {
            Proof::Federated(Box::new(Federated::new(issuer, Transport::new(http, clock))))
        }
    }
}

fn through(login: tenant::Login) -> Proxy {
    let password = login.password.unwrap_or_else(|| Secret::new(""));
    Proxy::Through { url: login.url, login: login.user.map(|user| Login { user, password }) }
}

fn browser(proxy: Option<tenant::Login>, by_device: bool) -> Result<Browser, ComposeError> {
    let route = match proxy {
        None => Route::default(),
        Some(login) => Route {
            proxy: Some(login.url.to_string()),
            user: login.user,
            password: login.password.map(|password| password.expose().into()),
            by_device,
        },
    };
    Browser::new(&route, STIMULUS_LIMIT).map_err(|error| ComposeError::of(&error))
}

impl Labs for OneTenant {
    fn service(&self) -> Service {
        self.lab.service
    }

    fn lab(&self, wish: Wish) -> BoxFuture<'_, Result<Arc<Lab>, NoLab>> {
        let skip = |reason: &str, remedy: &str| Err(NoLab::Skip { reason: reason.into(), remedy: remedy.into() });
        let lab = if let Some(lack) = self.lacking {
            skip(lack.reason, "choose another service in the tenant's table: `service`, `alerts_service`")
        } else if wish.exclusive {
            skip(
                "it changes what every other drill on the tenant stands on (@exclusive)",
                "run it on the emulator, where each such drill gets a tenant of its own",
            )
        } else if wish.controls && self.lab.controls.is_none() {
            skip(
                "it needs a control face, which this tenant has not (@controls)",
                "run it on the emulator, or give the tenant's table a `control` address",
            )
        } else {
            Ok(Arc::clone(&self.lab))
        };
        std::future::ready(lab).boxed()
    }

    fn calls(&self) -> Vec<Calls> {
        self.quotas.calls()
    }
}

fn url(text: &str) -> Result<Url, ComposeError> {
    Url::parse(text).map_err(|error| ComposeError(format!("`{text}`: {error}")))
}
