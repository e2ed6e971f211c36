//! The emulator of this process: a tenant for many drills, and one of its own for each that wishes to be alone.

use std::{sync::Arc, time::Duration};

use futures::{FutureExt as _, future::BoxFuture};
use jiff::SignedDuration;

use crate::{
    auth::client_credentials::{Proof, Registration, Style, TokenEndpoint},
    cli::compose::{
        ComposeError, ENDPOINT_RESOURCE, browser,
        reach::{self, Chosen, Quotas, Reach},
        url,
    },
    clock::Clock,
    config::{
        service::{RulesGeneration, RulesVersion},
        tenant,
    },
    domain::{device::Device, off_limits::OffLimits, service::Service},
    emulator::{self, Emulator, details::Details, knobs::Knobs, mocks::Mocks},
    record::{
        calls::Calls,
        failure::{Code, Failure},
    },
    services::{cloud::Cloud, legacy::Addresses},
    transport::{
        quota::Allotment,
        secret::Secret,
        send::{HttpClient, HttpSettings, Proxy},
    },
    world::lab::{Lab, Labs, NoLab, Patience, Wish},
};

/// The emulator: one tenant for many drills, and one for each that wishes to be alone.
pub struct Emulated {
    clock: Clock,
    seed: u64,
    service: Service,
    chosen: Chosen,
    /// How far the clock of the services is ahead.
    ahead: SignedDuration,
    fixed_wait: bool,
    http: HttpClient,
    shared: tokio::sync::Mutex<Shared>,
}

#[derive(Default)]
struct Shared {
    lab: Option<Arc<Lab>>,
    drills_left: u32,
    labs_made: u64,
    /// Of each tenant that several drills share or shared.
    quotas: Vec<Quotas>,
}

/// So many drills share an emulated tenant. The server behind it keeps every request that it was sent, and the tenant
/// every alert; a bound keeps memory flat however long the run.
const DRILLS_PER_LAB: u32 = 256;

impl Emulated {
    /// Labs on `clock` that publish through `service`, whose ids and latencies follow from `seed`.
    pub fn new(clock: &Clock, seed: u64, service: Service) -> Result<Self, ComposeError> {
        let settings = HttpSettings { proxy: Proxy::Direct, plain_only: true, ..HttpSettings::default() };
        let http = HttpClient::new(&settings).map_err(|error| ComposeError::of(&error))?;
        let chosen = Chosen { publishing: service, alerts: service, hunting: service };
        let (clock, ahead) = (clock.clone(), SignedDuration::ZERO);
        let shared = tokio::sync::Mutex::default();
        Ok(Self { clock, seed, service, chosen, ahead, fixed_wait: false, http, shared })
    }

    /// The same labs, in which alerts and telemetry are read by other services than the one that publishes.
    #[must_use]
    pub fn reading_by(self, alerts: Service, hunting: Service) -> Self {
        Self { chosen: Chosen { publishing: self.service, alerts, hunting }, ..self }
    }

    /// The same labs, in which drills wait for the whole of propagation where they could probe it, if `fixed_wait`.
    #[must_use]
    pub fn waiting(self, fixed_wait: bool) -> Self {
        Self { fixed_wait, ..self }
    }

    /// The same labs, the clock of whose services is so far ahead of the drills'.
    #[must_use]
    pub fn ahead_by(self, ahead: SignedDuration) -> Self {
        Self { ahead, ..self }
    }

    async fn make(&self, number: u64, shared: bool, quotas: Quotas) -> Result<Arc<Lab>, ComposeError> {
        let options = emulator::Options {
            clock: self.clock.apart(self.ahead),
            seed: self.seed.wrapping_add(number),
            knobs: Knobs::default(),
        };
        let mocks = Mocks::start(Arc::new(Emulator::new(options))).await.map_err(|error| ComposeError::of(&error))?;
        let details = mocks.details();
        let proxy = tenant::Login { url: url(&details.sensor_proxy)?, user: None, password: None };
        let browser = browser(Some(proxy), true)?;
        let lab = self.reach(details, shared, quotas)?.lab(&self.http, &self.clock, browser, Some(Arc::new(mocks)))?;
        Ok(Arc::new(lab))
    }

    async fn lab(&self, wish: Wish) -> Result<Arc<Lab>, ComposeError> {
        let mut shared = self.shared.lock().await;
        if !wish.exclusive
            && shared.drills_left > 0
            && let Some(lab) = shared.lab.clone()
        {
            shared.drills_left -= 1;
            return Ok(lab);
        }
        shared.labs_made += 1;
        let quotas = Quotas::of(&Allotment::default());
        let lab = self.make(shared.labs_made, !wish.exclusive, quotas.clone()).await?;
        if !wish.exclusive {
            shared.quotas.push(quotas);
            shared.lab = Some(Arc::clone(&lab));
            shared.drills_left = DRILLS_PER_LAB - 1;
        }
        Ok(lab)
    }
}

impl Labs for Emulated {
    fn service(&self) -> Service {
        self.service
    }

    fn lab(&self, wish: Wish) -> BoxFuture<'_, Result<Arc<Lab>, NoLab>> {
        let broken = |error: ComposeError| {
            NoLab::Broken(Failure::new(Code::Inconclusive, format!("the emulator does not start: {error}")))
        };
        async move { Self::lab(self, wish).await.map_err(broken) }.boxed()
    }

    fn calls(&self) -> Vec<Calls> {
        let Ok(shared) = self.shared.try_lock() else { return Vec::new() };
        let all = Calls::together(shared.quotas.iter().flat_map(Quotas::calls));
        if shared.quotas.len() < 2 {
            return all;
        }
        // Each tenant has limits of its own, which say nothing of what several were asked together.
        all.into_iter().map(|calls| Calls { per_minute: None, per_hour: None, ..calls }).collect()
    }
}

impl Emulated {
    fn reach(&self, details: Details, shared: bool, quotas: Quotas) -> Result<Reach, ComposeError> {
        let legacy = self.service == Service::Legacy;
        let (token, style) =
            if legacy { (&details.authorization_url, Style::V1) } else { (&details.token_url, Style::V2) };
        Ok(Reach {
            registration: Registration {
                endpoint: TokenEndpoint { url: url(token)?, style },
                client_id: details.client_id,
                proof: Proof::Secret(Secret::new(details.client_secret)),
            },
            services: reach::Services {
                legacy: Some(reach::Legacy {
                    resource: details.resource,
                    addresses: Addresses {
                        api: url(&details.legacy_api)?,
                        alert_export: url(&details.alert_export_api)?,
                    },
                }),
                endpoint: Some(reach::Endpoint {
                    resource: ENDPOINT_RESOURCE.into(),
                    api: url(&details.endpoint_api)?,
                }),
                graph: Some(reach::Graph {
                    resource: Cloud::global().graph().into(),
                    addresses: reach::graph_addresses(&url(&details.graph_api)?, RulesVersion::default()),
                    generation: reach::generation(RulesGeneration::default()),
                }),
            },
            chosen: self.chosen,
            control: Some(url(&details.control)?),
            device: Device { id: details.device_id, name: details.device_name },
            patience: Patience::of(self.service),
            shared,
            blocking: true,
            quotas,
            fixed_wait: self.fixed_wait,
            armed_for: Duration::ZERO,
            service_ahead: None,
            off_limits: OffLimits { laboratory: true, ..OffLimits::default() },
            closes: true,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHARED: Wish = Wish { exclusive: false, controls: false };

    fn emulated() -> Emulated {
        let clock = Clock::jumping("2026-11-24T12:00:00Z".parse().expect("a timestamp"));
        Emulated::new(&clock, 1, Service::Legacy).expect("the emulator starts")
    }

    #[tokio::test]
    async fn a_server_that_keeps_every_request_serves_a_bounded_number_of_drills() {
        let labs = emulated();
        let first = labs.lab(SHARED).await.expect("a lab");
        for _ in 1..DRILLS_PER_LAB {
            assert!(Arc::ptr_eq(&first, &labs.lab(SHARED).await.expect("a lab")));
        }
        assert!(!Arc::ptr_eq(&first, &labs.lab(SHARED).await.expect("a lab")));
    }

    #[tokio::test]
    async fn a_drill_that_wishes_to_be_alone_shares_with_nobody() {
        let labs = emulated();
        let alone = Wish { exclusive: true, controls: false };
        let (shared, first) = (labs.lab(SHARED).await.expect("a lab"), labs.lab(alone).await.expect("a lab"));
        let second = labs.lab(alone).await.expect("a lab");
        assert!(!Arc::ptr_eq(&shared, &first) && !Arc::ptr_eq(&first, &second));
        assert!(Arc::ptr_eq(&shared, &labs.lab(SHARED).await.expect("a lab")));
    }
}
