//! What the tests of the endpoint service's client stand on: the service at an address, what a drill publishes, and
//! recordings that are played back one after the other.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use alertdrill::{
    clock::Clock,
    domain::{
        alert_definition::{AlertDefinition, Severity},
        indicator::{Action, Function, Indicator, Kind},
        marker::Marker,
    },
    services::{endpoint::Endpoint, indicators::Publication},
};
use serde_json::Value;
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers::any};

use crate::services::stage::{self, FixedToken, url};

/// The marker of the drill whose recordings these are.
pub(crate) fn marker() -> Marker {
    Marker::of(1, "a.feature:1")
}

/// The service at `origin`, its API below `/api`.
pub(crate) fn endpoint(origin: &str, clock: &Clock) -> Endpoint {
    Endpoint::new(stage::transport(clock).authorised_by(Arc::new(FixedToken)), url(origin, "/api/"))
}

/// An indicator with its definition, as a drill publishes them.
#[derive(Clone)]
pub(crate) struct Wish {
    pub(crate) indicator: Indicator,
    pub(crate) definition: AlertDefinition,
    marker: Marker,
}

impl Wish {
    /// What the recordings publish: an indicator for a domain that has the marker in it.
    pub(crate) fn new() -> Self {
        let marker = marker();
        let definition = AlertDefinition {
            name: format!("alertdrill {marker}"),
            severity: Severity::Medium,
            internal_description: "For its author".into(),
            title: format!("Alert drill {marker}"),
            ux_description: marker.sign("A device contacted an address."),
            recommended_action: Some("None.".into()),
            category: "SuspiciousActivity".into(),
            enabled: true,
        };
        let indicator = Indicator {
            kind: Kind::DomainName,
            value: format!("{marker}.alertdrill.example"),
            function: Function::Equals,
            action: Action::Audit,
            expires_at: Some("2026-11-24T15:00:00.1234567Z".parse().expect("a timestamp")),
            enabled: true,
        };
        Self { indicator, definition, marker }
    }

    /// The same for another value.
    pub(crate) fn of(kind: Kind, value: &str) -> Self {
        let mut wish = Self::new();
        (wish.indicator.kind, wish.indicator.value) = (kind, value.into());
        wish
    }

    pub(crate) fn publication(&self) -> Publication<'_> {
        let Self { indicator, definition, marker } = self;
        Publication { indicator, definition, under: None, marker }
    }
}

/// Recordings, and a server that answers as they say, one after the other.
pub(crate) struct Playback {
    exchanges: Vec<Value>,
    pub(crate) server: MockServer,
    clock: Clock,
}

impl Playback {
    pub(crate) async fn of(names: &[&str]) -> Self {
        let server = MockServer::start().await;
        let exchanges: Vec<Value> = names.iter().map(|name| recording(name, &server.uri())).collect();
        let answers: Vec<ResponseTemplate> = exchanges.iter().map(|exchange| answer(&exchange["response"])).collect();
        let next = AtomicUsize::new(0);
        let reply = move |_: &Request| {
            let place = next.fetch_add(1, Ordering::Relaxed);
            answers.get(place).cloned().unwrap_or_else(|| ResponseTemplate::new(500))
        };
        Mock::given(any()).respond_with(reply).mount(&server).await;
        Self { exchanges, server, clock: stage::clock().0 }
    }

    pub(crate) fn endpoint(&self) -> Endpoint {
        endpoint(&self.server.uri(), &self.clock)
    }

    /// That each request was sent as it was recorded, in this order, and no other: method, path, query, headers, body,
    /// byte by byte.
    pub(crate) async fn was_asked_for(&self) {
        let sent = self.server.received_requests().await.expect("requests are kept");
        assert_eq!(sent.len(), self.exchanges.len(), "{sent:?}");
        for (sent, exchange) in sent.iter().zip(&self.exchanges) {
            let recorded = &exchange["request"];
            assert_eq!(sent.method.as_str(), recorded["method"]);
            assert_eq!(sent.url.path(), recorded["path"]);
            assert_eq!(sent.url.query(), recorded.get("query").and_then(Value::as_str));
            for (name, value) in recorded["headers"].as_object().expect("headers") {
                let all: Vec<_> = sent.headers.get_all(name.as_str()).iter().collect();
                assert_eq!(all, [value.as_str().expect("a header is a text")], "{name}");
            }
            let body = recorded.get("body").map(Value::to_string).unwrap_or_default();
            assert_eq!(String::from_utf8_lossy(&sent.body), body);
        }
    }
}

/// A recording, with the drill's marker and the server's address where they belong.
pub(crate) fn recording(name: &str, origin: &str) -> Value {
    let path = format!("{}/fixtures/exchanges/endpoint/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).expect("the recording is there");
    let text = text.replace("{marker}", marker().as_str()).replace("{origin}", origin);
    serde_json::from_str(&text).expect("the recording is JSON")
}

fn answer(response: &Value) -> ResponseTemplate {
    let status = response["status"].as_u64().and_then(|status| u16::try_from(status).ok()).expect("a status");
    // A service whose clock is ours; otherwise the server would tell the machine's.
    let mut template = ResponseTemplate::new(status).insert_header("date", stage::DATE);
    for (name, value) in response["headers"].as_object().expect("headers") {
        if !matches!(name.as_str(), "content-type" | "content-length") {
            template = template.insert_header(name.as_str(), value.as_str().expect("a header is a text"));
        }
    }
    match response.get("body") {
        Some(body) => {
            let kind = response["headers"]["content-type"].as_str().expect("a body has a type");
            template.set_body_raw(body.to_string(), kind)
        }
        None => template,
    }
}
