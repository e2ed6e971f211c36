//! A served tenant, with a hand on what it holds.

use std::{sync::Arc, time::Duration};

use alertdrill::{
    clock::Clock,
    domain::{
        alert_definition::{AlertDefinition, Severity},
        indicator::{Action, Function, Indicator, Kind},
    },
    emulator::{
        Emulator, Options,
        knobs::Knobs,
        serve::Limits,
        tenant::{FIRST_DEVICE, publishing::Placed, shelf::Asked},
    },
};
use jiff::SignedDuration;
use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::emulate::wire::{Served, serve};

/// A served tenant that starts on a day of March 2017.
pub(crate) struct Lab {
    pub(crate) emulator: Arc<Emulator>,
    pub(crate) served: Served,
    client: reqwest::Client,
    scheme: &'static str,
}

impl Lab {
    /// Over plain HTTP, on a clock that is moved by hand alone.
    pub(crate) async fn plain() -> Self {
        Self::new(Clock::jumping(morning()), false).await
    }

    /// Over TLS.
    pub(crate) async fn secure() -> Self {
        Self::new(Clock::jumping(morning()), true).await
    }

    /// On this clock.
    pub(crate) async fn new(clock: Clock, tls: bool) -> Self {
        let emulator = Arc::new(Emulator::new(Options { clock, seed: 7, knobs: Knobs::default() }));
        let site: Arc<Emulator> = Arc::clone(&emulator);
        let served = serve(site, tls, Limits::default()).await;
        let client = served.client().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        Self { emulator, served, client, scheme: if tls { "https" } else { "http" } }
    }

    /// A request by the tenant's own client.
    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, self.served.url(self.scheme, path))
    }

    /// Status and text of a page.
    pub(crate) async fn page(&self, path: &str) -> (StatusCode, String) {
        let answer = self.request(Method::GET, path).send().await.expect("an answer");
        (answer.status(), answer.text().await.expect("text"))
    }

    /// Status and JSON of what the control face answers; null where it answers nothing.
    pub(crate) async fn control(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let request = self.request(method, &format!("/control{path}")).body(body.to_owned());
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        let text = answer.text().await.expect("text");
        (status, if text.is_empty() { Value::Null } else { serde_json::from_str(&text).expect("JSON") })
    }

    /// Publishes the guide's definition with an indicator, and lets them come into effect.
    pub(crate) fn publish(&self, kind: Kind, value: &str) {
        self.publish_titled("Test alert.", kind, value);
    }

    /// The same, under another title.
    pub(crate) fn publish_titled(&self, title: &str, kind: Kind, value: &str) {
        self.emulator.with(|tenant, at| {
            let asked = Asked { by: "a test", at };
            let kept = tenant.publish_definitions(vec![definition(title)], asked).expect("room for a definition");
            let indicator = Indicator {
                kind,
                value: value.to_owned(),
                function: Function::Equals,
                action: Action::Audit,
                expires_at: None,
                enabled: true,
            };
            let placed = Placed { indicator, definition: kept[0].id };
            tenant.publish_indicators(vec![placed], asked).expect("room for an indicator");
        });
        self.pass(Duration::from_mins(20));
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, span: Duration) {
        assert!(self.emulator.clock().advance(SignedDuration::try_from(span).expect("a span")));
    }

    /// Titles and devices of the alerts that can be read.
    pub(crate) fn alerts(&self) -> Vec<(String, String)> {
        self.emulator.with(|tenant, now| {
            tenant.alerts(now).map(|alert| (alert.title.clone(), alert.device.name.clone())).collect()
        })
    }

    /// Which devices were seen to connect where.
    pub(crate) async fn telemetry(&self) -> Vec<(String, String, u64)> {
        let (_, state) = self.control("GET", "/state", "").await;
        let seen = state["telemetry"].as_array().expect("a list").iter();
        seen.map(|event| {
            let place = event["host"].as_str().or(event["address"].as_str()).unwrap_or_default();
            let device = event["device"].as_str().unwrap_or_default();
            (device.to_owned(), place.to_owned(), event["port"].as_u64().unwrap_or_default())
        })
        .collect()
    }
}

/// What a connection of the first device looks like in [`Lab::telemetry`].
pub(crate) fn seen(place: &str, port: u64) -> (String, String, u64) {
    (FIRST_DEVICE.to_owned(), place.to_owned(), port)
}

fn morning() -> jiff::Timestamp {
    "2017-03-15T06:00:00Z".parse().expect("a timestamp")
}

fn definition(title: &str) -> AlertDefinition {
    AlertDefinition {
        name: "Test Alert".into(),
        severity: Severity::Medium,
        internal_description: "for tests".into(),
        title: title.into(),
        ux_description: "This is a test alert.".into(),
        recommended_action: Some("No recommended action for this test alert.".into()),
        category: "SuspiciousNetworkTraffic".into(),
        enabled: true,
    }
}
