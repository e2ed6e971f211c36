//! How the services of a tenant are reached, and which of them does what: the parts of a lab.

use std::{any::Any, sync::Arc, time::Duration};

use jiff::SignedDuration;
use url::Url;

use crate::{
    auth::client_credentials::{ClientCredentials, Registration},
    bulk::{company::Company, gathering::Gathering, hunting::HuntingTogether, together::Together},
    cli::compose::ComposeError,
    clock::Clock,
    config::service::{RulesGeneration, RulesVersion},
    domain::{device::Device, off_limits::OffLimits, service::Service},
    record::calls::Calls,
    services::{
        alerts::Alerts, controls::Controls, definitions::Definitions, devices::Devices, endpoint, graph,
        hunting::Hunting, indicators::Indicators, laboratory::Laboratory, legacy,
    },
    traffic::http::Browser,
    transport::{
        Transport,
        quota::{Allotment, Limits, Quota},
        send::HttpClient,
    },
    watch::Watch,
    world::{
        closing::Closing,
        lab::{Lab, Patience, Turns},
    },
};

/// Everything that a lab is made of.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub(super) struct Reach {
    pub(super) registration: Registration,
    pub(super) services: Services,
    pub(super) chosen: Chosen,
    pub(super) control: Option<Url>,
    pub(super) device: Device,
    pub(super) patience: Patience,
    pub(super) shared: bool,
    pub(super) blocking: bool,
    pub(super) quotas: Quotas,
    pub(super) fixed_wait: bool,
    pub(super) armed_for: Duration,
    pub(super) service_ahead: Option<SignedDuration>,
    pub(super) off_limits: OffLimits,
    /// Whether the alerts of drills are closed.
    pub(super) closes: bool,
}

/// The calls of a tenant, counted by family. Clones count together.
#[derive(Debug, Clone)]
pub(super) struct Quotas {
    endpoint: endpoint::quotas::Quotas,
    graph: graph::limits::Quotas,
    legacy: Arc<Quota>,
    tokens: Arc<Quota>,
}

impl Quotas {
    /// Quotas of which nothing is used yet: of what is published, as much as is allotted. Of the legacy service and of
    /// tokens nothing is.
    pub(super) fn of(allotment: &Allotment) -> Self {
        let uncounted = || Arc::new(Quota::new(Limits::default()));
        Self {
            endpoint: endpoint::quotas::Quotas::of(allotment),
            graph: graph::limits::Quotas::of(allotment),
            legacy: uncounted(),
            tokens: uncounted(),
        }
    }

    /// The quota of each family, by its name.
    pub(super) fn each(&self) -> impl Iterator<Item = (&'static str, &Quota)> {
        let others = [("tokens", &*self.tokens), ("legacy", &*self.legacy)];
        others.into_iter().chain(self.endpoint.each()).chain(self.graph.each())
    }

    /// What was asked of the tenant so far, in the families of which anything was.
    pub(super) fn calls(&self) -> Vec<Calls> {
        let asked = self.each().filter(|(_, quota)| quota.calls() > 0);
        asked
            .map(|(family, quota)| {
                let Limits { per_minute, per_hour, .. } = quota.limits();
                Calls::of(family, (per_minute, per_hour), &quota.by_minute())
            })
            .collect()
    }
}

/// Which service does what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chosen {
    pub(super) publishing: Service,
    pub(super) alerts: Service,
    pub(super) hunting: Service,
}

/// Where each service is, as far as that is known, and what a token for it is asked for.
pub(super) struct Services {
    pub(super) legacy: Option<Legacy>,
    pub(super) endpoint: Option<Endpoint>,
    pub(super) graph: Option<Graph>,
}

pub(super) struct Legacy {
    pub(super) resource: String,
    pub(super) addresses: legacy::Addresses,
}

pub(super) struct Endpoint {
    pub(super) resource: String,
    pub(super) api: Url,
}

pub(super) struct Graph {
    pub(super) resource: String,
    pub(super) addresses: graph::Addresses,
    pub(super) generation: graph::Generation,
}

impl Services {
    /// Every address that is asked.
    pub(super) fn addresses(&self) -> impl Iterator<Item = &Url> {
        let legacy = self.legacy.iter().flat_map(|legacy| [&legacy.addresses.api, &legacy.addresses.alert_export]);
        let endpoint = self.endpoint.iter().map(|endpoint| &endpoint.api);
        legacy.chain(endpoint).chain(self.graph.iter().map(|graph| &graph.addresses.root))
    }
}

/// Graph's addresses below `root`, which may name a version as an emulator's details do.
pub(super) fn graph_addresses(root: &Url, version: RulesVersion) -> graph::Addresses {
    let mut root = root.clone();
    let path = root.path().trim_end_matches('/').to_owned();
    let bare = ["/v1.0", "/beta"].iter().find_map(|version| path.strip_suffix(version)).unwrap_or(&path);
    root.set_path(&format!("{bare}/"));
    let rules = match version {
        RulesVersion::Beta => graph::Version::Beta,
        RulesVersion::V1 => graph::Version::V1,
    };
    graph::Addresses { root, rules }
}

/// The generation of detection rules to write.
pub(super) fn generation(generation: RulesGeneration) -> graph::Generation {
    match generation {
        RulesGeneration::A => graph::Generation::A,
        RulesGeneration::B => graph::Generation::B,
    }
}

/// The clients of the services, made when they are first wanted.
struct Clients<'a> {
    open: Transport,
    credential: ClientCredentials,
    services: &'a Services,
    quotas: &'a Quotas,
    /// One client each, whatever it does: what a client counts and remembers is the tenant's.
    legacy: Option<Arc<legacy::Legacy>>,
    endpoint: Option<Arc<endpoint::Endpoint>>,
    graph: Option<Arc<graph::Graph>>,
}

impl Clients<'_> {
    fn authorised(&self, resource: &str) -> Transport {
        self.open.clone().authorised_by(Arc::new(self.credential.for_resource(resource)))
    }

    fn legacy(&mut self) -> Result<Arc<legacy::Legacy>, ComposeError> {
        if let Some(client) = &self.legacy {
            return Ok(Arc::clone(client));
        }
        let Legacy { resource, addresses } = self.services.legacy.as_ref().ok_or_else(|| nowhere(Service::Legacy))?;
        let client =
            legacy::Legacy::new(self.authorised(resource).within(Arc::clone(&self.quotas.legacy)), addresses.clone());
        Ok(Arc::clone(self.legacy.insert(Arc::new(client))))
    }

    fn endpoint(&mut self) -> Result<Arc<endpoint::Endpoint>, ComposeError> {
        if let Some(client) = &self.endpoint {
            return Ok(Arc::clone(client));
        }
        let Endpoint { resource, api } = self.services.endpoint.as_ref().ok_or_else(|| nowhere(Service::Endpoint))?;
        let client = endpoint::Endpoint::new(self.authorised(resource), api.clone());
        let client = client.within(self.quotas.endpoint.clone());
        Ok(Arc::clone(self.endpoint.insert(Arc::new(client))))
    }

    fn graph(&mut self) -> Result<Arc<graph::Graph>, ComposeError> {
        if let Some(client) = &self.graph {
            return Ok(Arc::clone(client));
        }
        let Graph { resource, addresses, generation } =
            self.services.graph.as_ref().ok_or_else(|| nowhere(Service::Graph))?;
        let client = graph::Graph::new(&self.authorised(resource), addresses.clone(), *generation);
        let client = client.within(&self.quotas.graph);
        Ok(Arc::clone(self.graph.insert(Arc::new(client))))
    }

    fn publishing(&mut self, service: Service) -> Result<Publishing, ComposeError> {
        Ok(match service {
            Service::Legacy => both(self.legacy()?),
            Service::Endpoint => both(self.endpoint()?),
            Service::Graph => both(self.graph()?),
        })
    }

    fn alerts(&mut self, service: Service) -> Result<Arc<dyn Alerts>, ComposeError> {
        Ok(match service {
            Service::Legacy => self.legacy()?,
            Service::Endpoint => self.endpoint()?,
            Service::Graph => self.graph()?,
        })
    }

    /// Who tells of devices and of what they reported: not the guide's service.
    fn telling(&mut self, service: Service) -> Result<Telling, ComposeError> {
        Ok(match service {
            Service::Legacy => (None, None),
            Service::Endpoint => {
                let client = self.endpoint()?;
                (Some(Arc::clone(&client) as _), Some(client))
            }
            Service::Graph => {
                let client = self.graph()?;
                (Some(Arc::clone(&client) as _), Some(client))
            }
        })
    }
}

/// What is published through.
type Publishing = (Arc<dyn Definitions>, Arc<dyn Indicators>);

/// What tells of devices, and of what they reported.
type Telling = (Option<Arc<dyn Devices>>, Option<Arc<dyn Hunting>>);

fn both<T: Definitions + Indicators + 'static>(client: Arc<T>) -> Publishing {
    (Arc::clone(&client) as _, client)
}

fn nowhere(service: Service) -> ComposeError {
    ComposeError(format!("where the service {service} is, is not known"))
}

impl Reach {
    /// The lab of these parts.
    pub(super) fn lab(
        self,
        http: &HttpClient,
        clock: &Clock,
        browser: Browser,
        ground: Option<Arc<dyn Any + Send + Sync>>,
    ) -> Result<Lab, ComposeError> {
        let open = Transport::new(http, clock);
        let open = self.service_ahead.map_or(open.clone(), |ahead| open.knowing(ahead));
        let to_tokens = open.clone().within(Arc::clone(&self.quotas.tokens));
        let credential = ClientCredentials::new(self.registration, "", to_tokens, clock);
        let (services, quotas) = (&self.services, &self.quotas);
        let mut clients =
            Clients { open: open.clone(), credential, services, quotas, legacy: None, endpoint: None, graph: None };
        let (definitions, indicators) = clients.publishing(self.chosen.publishing)?;
        let (devices, hunting) = clients.telling(self.chosen.hunting)?;
        let company = Company::default();
        let indicators = Arc::new(Together::new(indicators, clock, &company));
        let hunting =
            hunting.map(|service| Arc::new(HuntingTogether::new(service, clock, &company)) as Arc<dyn Hunting>);
        let alerts = clients.alerts(self.chosen.alerts)?;
        let watch = Watch::new(clock, Arc::clone(&alerts));
        let service = self.chosen.publishing;
        let controls = self.control.map(|url| Arc::new(Laboratory::new(open, url, service)) as Arc<dyn Controls>);
        Ok(Lab {
            service,
            alerts_by: self.chosen.alerts,
            clock: clock.clone(),
            access: {
                let definitions = Arc::clone(&definitions);
                Gathering::of_the_same(clock, &company, move || {
                    let definitions = Arc::clone(&definitions);
                    Box::pin(async move { definitions.access().await })
                })
            },
            definitions,
            indicators,
            devices,
            hunting,
            watch,
            closing: self.closes.then(|| Closing::new(clock, &company, alerts)),
            controls,
            browser,
            device: self.device,
            machine: tokio::sync::OnceCell::new(),
            patience: self.patience,
            journal: None,
            ground,
            shared: self.shared,
            blocking: self.blocking,
            fixed_wait: self.fixed_wait,
            armed_for: self.armed_for,
            off_limits: self.off_limits,
            turns: Turns::new(clock),
            company,
        })
    }
}
