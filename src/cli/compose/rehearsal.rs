//! The emulator in the place of a tenant: what a run would ask of the tenant, before it is asked.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::{
    auth::client_credentials::{Style, TokenEndpoint},
    cli::compose::{ComposeError, Manner, OneTenant, url},
    clock::Clock,
    config::{
        proof::Proof,
        service::RulesGeneration,
        tenant::{self, Tenant},
    },
    emulator::{
        self, Emulator,
        details::Details,
        knobs::{Knobs, graph},
        mocks::Mocks,
    },
    transport::secret::Secret,
};

impl OneTenant {
    /// The lab of `tenant` on an emulator in its place, on a clock that jumps: with the tenant's services, patience and
    /// limits, and without controls where the tenant has none. What is published takes as long as the tenant's owner is
    /// ready to wait until it is in effect, and alerts come as they do on the emulator, never later than that.
    pub async fn rehearsed(tenant: Tenant, clock: &Clock, seed: u64, manner: Manner) -> Result<Self, ComposeError> {
        let options = emulator::Options { clock: clock.clone(), seed, knobs: knobs(&tenant)? };
        let mocks = Mocks::start(Arc::new(Emulator::new(options))).await.map_err(|error| ComposeError::of(&error))?;
        let has_controls = tenant.control.is_some();
        let tenant = moved_to(tenant, mocks.details())?;
        let control = tenant.control.clone().filter(|_| has_controls);
        Self::standing_on(Some(Arc::new(mocks)), tenant, control, clock, manner)
    }
}

/// What takes as long as `propagation` says.
const PROPAGATIONS: [&str; 4] =
    ["propagationSeconds", "networkEnforcementSeconds", "fileEnforcementSeconds", "rulePropagationSeconds"];

/// What takes no longer than `detection` says.
const DETECTIONS: [&str; 5] =
    ["detectionSeconds", "networkAlertSeconds", "fileAlertSeconds", "nrtDetectionSeconds", "scheduledDetectionSeconds"];

/// The emulator's own limits are left out: those that the tenant's table changes are kept by the one who calls.
fn knobs(tenant: &Tenant) -> Result<Knobs, ComposeError> {
    let usual = Knobs::default().to_json();
    let mut changes = Map::new();
    for knob in PROPAGATIONS {
        changes.insert(knob.into(), json!(tenant.propagation.as_secs_f64()));
    }
    for knob in DETECTIONS {
        let within = |end: &str| usual[knob][end].as_f64().map(|usual| usual.min(tenant.detection.as_secs_f64()));
        changes.insert(knob.into(), json!({ "min": within("min"), "max": within("max") }));
    }
    let unlimited: Map<String, Value> =
        graph::FAMILIES.iter().map(|(family, _)| ((*family).to_owned(), json!([0, 0, 0]))).collect();
    changes.insert("endpointQuotas".into(), json!(false));
    changes.insert("graphQuotas".into(), unlimited.into());
    // What the tenant's cloud has not is known before anything is asked; whose tokens are taken is not the question here.
    changes.insert("graphCloud".into(), json!("global"));
    changes.insert("endpointAudiences".into(), json!("any"));
    let generation = match tenant.rules_generation {
        RulesGeneration::A => "a",
        RulesGeneration::B => "b",
    };
    changes.insert("ruleGeneration".into(), json!(generation));
    changes.insert("rulesInV1".into(), json!(true));
    Knobs::default().with(&changes.into()).map_err(ComposeError)
}

/// `tenant`, at the addresses of an emulator and with what the emulator handed out.
fn moved_to(tenant: Tenant, details: Details) -> Result<Tenant, ComposeError> {
    let (token, style) = match tenant.token_endpoint.style {
        Style::V1 => (&details.authorization_url, Style::V1),
        Style::V2 => (&details.token_url, Style::V2),
    };
    Ok(Tenant {
        token_endpoint: TokenEndpoint { url: url(token)?, style },
        client_id: details.client_id,
        proof: Proof::Secret(Secret::new(details.client_secret)),
        resource: details.resource,
        legacy_api: Some(url(&details.legacy_api)?),
        alert_export_api: Some(url(&details.alert_export_api)?),
        endpoint_api: Some(url(&details.endpoint_api)?),
        graph_api: Some(url(&details.graph_api)?),
        control: Some(url(&details.control)?),
        device_name: details.device_name,
        device_id: details.device_id,
        device_proxy: Some(tenant::Login { url: url(&details.sensor_proxy)?, user: None, password: None }),
        proxy: None,
        ca_file: None,
        ..tenant
    })
}
