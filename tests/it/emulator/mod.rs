//! The emulated tenant as any client sees it: raw HTTP, and never a client of alertdrill's own.
//!
//! In reading order: this file (a tenant to talk to), [`guide`] (the guide's script, request for request), [`token`] and
//! [`unissued`] (tokens, and why there is none), [`discovery`], [`assertions`] and [`signing`] (keys and signatures),
//! [`legacy`] and [`refusals`] (the threat intelligence API), [`queries`], [`effect`] (what is in effect when),
//! [`export`], [`endpoint`] (the Defender for Endpoint API), [`graph_stage`] and the others of Graph, [`faults`] and
//! [`alert_faults`], [`clients`]
//! and [`outsiders`] (what real clients send), [`hostile`] and [`noise`] (what nobody should).

mod alert_faults;
mod assertions;
mod clients;
mod contract;
mod discovery;
mod effect;
mod endpoint;
mod export;
mod faults;
mod graph_access;
mod graph_alerts;
mod graph_contract;
mod graph_detection;
mod graph_hunting;
mod graph_indicators;
mod graph_rules;
mod graph_stage;
mod guide;
mod hostile;
mod hunted_alerts;
mod legacy;
mod noise;
mod outsiders;
mod queries;
mod refusals;
mod signing;
mod token;
mod unissued;

use std::{net::IpAddr, sync::Arc};

use alertdrill::{
    clock::Clock,
    emulator::{
        Emulator, Options,
        details::Details,
        detection::{Activity, Event},
        knobs::Knobs,
        mocks::Mocks,
        tenant::{FIRST_DEVICE, Observation},
    },
};
use jiff::{SignedDuration, Timestamp};
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};

/// An emulated tenant, served, with a token in hand.
struct Lab {
    mocks: Mocks,
    clock: Clock,
    client: Client,
    details: Details,
    token: String,
}

/// An answer, read whole.
#[derive(Debug)]
struct Seen {
    status: u16,
    headers: reqwest::header::HeaderMap,
    text: String,
}

impl Seen {
    async fn of(response: Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, text: response.text().await.expect("a whole body") }
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in {:?}", self.text))
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a header in ASCII"))
    }
}

fn noon() -> Timestamp {
    "2026-11-24T12:00:00Z".parse().expect("a moment")
}

fn client() -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = Client::builder().no_proxy().retry(reqwest::retry::never()).tls_certs_only([]);
    builder.build().expect("a client")
}

impl Lab {
    async fn new() -> Self {
        let clock = Clock::jumping(noon());
        let emulator = Emulator::new(Options { clock: clock.clone(), seed: 7, knobs: Knobs::default() });
        let mocks = Mocks::start(Arc::new(emulator)).await.expect("a port");
        let details = mocks.details();
        let mut lab = Self { mocks, clock, client: client(), details, token: String::new() };
        // Most tests move the clock by more than an hour and are not about tokens: theirs lasts ten days.
        lab.set(&json!({"tokenLifetimeSeconds": 864_000}));
        lab.token = lab.fetch_token().await;
        lab.set(&json!({"tokenLifetimeSeconds": 3600}));
        lab
    }

    async fn fetch_token(&self) -> String {
        let seen = self.ask_token(&self.details.authorization_url.clone(), &[]).await;
        seen.json()["access_token"].as_str().expect("a token").to_owned()
    }

    /// Asks for a token with the right fields, except for those given: none takes a field away.
    async fn ask_token(&self, url: &str, other: &[(&str, Option<&str>)]) -> Seen {
        let mut fields = vec![
            ("resource", self.details.resource.as_str()),
            ("client_id", &self.details.client_id),
            ("client_secret", &self.details.client_secret),
            ("grant_type", "client_credentials"),
        ];
        for (name, value) in other {
            fields.retain(|(known, _)| known != name);
            fields.extend(value.map(|value| (*name, value)));
        }
        Seen::of(self.client.post(url).form(&fields).send().await.expect("an answer")).await
    }

    /// A request to the threat intelligence API as PowerShell sends it, with the token.
    async fn api(&self, method: &str, path: &str, body: Option<&Value>) -> Seen {
        let url = format!("{}{path}", self.details.legacy_api);
        let mut request = self
            .client
            .request(Method::from_bytes(method.as_bytes()).expect("a method"), url)
            .header("Content-Type", "application/json")
            .header("Accept", "application/json")
            .header("Authorization", format!("Bearer {}", self.token));
        if let Some(body) = body {
            request = request.body(body.to_string());
        }
        Seen::of(request.send().await.expect("an answer")).await
    }

    async fn publish(&self, set: &str, body: &Value) -> i64 {
        let seen = self.api("POST", set, Some(body)).await;
        assert_eq!(seen.status, 201, "{}", seen.text);
        seen.json()["Id"].as_i64().expect("an id")
    }

    /// Publishes a definition and, under it, an indicator with these fields; returns their ids.
    async fn publish_both(&self, kind: &str, function: &str, value: &str) -> (i64, i64) {
        let definition = self.publish("AlertDefinitions", &definition()).await;
        let mut body = indicator(definition);
        body["Type"] = json!(kind);
        body["DetectionFunction"] = json!(function);
        body["Value"] = json!(value);
        (definition, self.publish("IndicatorsOfCompromise", &body).await)
    }

    async fn feed(&self, query: &str) -> Seen {
        let url = format!("{}{query}", self.details.alert_export_api);
        let request = self.client.get(url).header("Authorization", format!("Bearer {}", self.token));
        Seen::of(request.send().await.expect("an answer")).await
    }

    fn advance(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
    }

    fn set(&self, knobs: &Value) {
        self.mocks.emulator().with(|tenant, _| tenant.knobs = tenant.knobs.with(knobs).expect("good knobs"));
    }

    fn fault(&self, fault: &Value) {
        self.mocks.emulator().with(|tenant, _| tenant.faults.add(fault).expect("a good fault"));
    }

    /// The tenant's first device connects.
    fn connect(&self, host: Option<&str>, address: Option<&str>) -> Observation {
        let activity = Activity::Connection {
            host: host.map(str::to_owned),
            address: address.map(|address| address.parse::<IpAddr>().expect("an address")),
            port: 80,
            url: None,
            process: "powershell_ise.exe".to_owned(),
        };
        let event = Event { device: FIRST_DEVICE.to_owned(), activity };
        self.mocks.emulator().with(|tenant, now| tenant.observe(event, now))
    }

    /// How many alerts an event on the demo server's address raises now.
    fn raised(&self) -> usize {
        match self.connect(None, Some("52.184.197.12")) {
            Observation::Reported(alerts) => alerts.len(),
            other => panic!("{other:?}"),
        }
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let panics = self.mocks.emulator().panics();
        assert!(panics.is_empty() || std::thread::panicking(), "the emulator panicked: {panics:?}");
    }
}

/// The guide's definition.
fn definition() -> Value {
    serde_json::from_str(include_str!("../../../fixtures/payloads/guide_alert_definition.json")).expect("JSON")
}

/// The guide's indicator, under this definition.
fn indicator(definition: i64) -> Value {
    let text = include_str!("../../../fixtures/payloads/guide_indicator.json");
    let mut indicator: Value = serde_json::from_str(text).expect("JSON");
    indicator["AlertDefinition@odata.bind"] = json!(format!("AlertDefinitions({definition})"));
    indicator
}

/// The names of an object's members, in order.
fn names(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}
