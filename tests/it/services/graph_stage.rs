//! What the tests of the client of Microsoft Graph stand on: recordings played in their order.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use alertdrill::{
    clock::{Clock, Participant},
    domain::indicator::{Action, Function, Indicator, Kind},
    services::graph::{Addresses, Generation, Graph, Version},
};
use serde_json::Value;
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers::any};

use crate::services::stage::{self, FixedToken, Wanted, url};

/// Microsoft Graph at `origin`, writing rules of `generation`.
pub(crate) fn graph(origin: &str, clock: &Clock, generation: Generation) -> Graph {
    let transport = stage::transport(clock).authorised_by(Arc::new(FixedToken));
    Graph::new(&transport, Addresses { root: url(origin, "/"), rules: Version::Beta }, generation)
}

/// An indicator on an address, with what goes along with it; its marker is `9ir6asyz`.
pub(crate) fn wanted() -> Wanted {
    Wanted::new(indicator(), 1)
}

/// The indicator of [`wanted`].
pub(crate) fn indicator() -> Indicator {
    Indicator {
        kind: Kind::IpAddress,
        value: "203.0.113.9".into(),
        function: Function::Equals,
        action: Action::Audit,
        expires_at: None,
        enabled: true,
    }
}

/// The key of the rule of [`wanted`].
pub(crate) const KEY: &str = "alertdrill-9ir6asyz";

/// Recordings, and a server that gives their answers one after the other.
pub(crate) struct Reel {
    exchanges: Arc<Vec<Value>>,
    server: MockServer,
    pub(crate) clock: Clock,
    _me: Participant,
}

impl Reel {
    /// The recordings of these names.
    pub(crate) async fn of(names: &[&str]) -> Self {
        let exchanges: Arc<Vec<Value>> = Arc::new(names.iter().map(|name| recording(name)).collect());
        let played = AtomicUsize::new(0);
        let answers = Arc::clone(&exchanges);
        let answer = move |_: &Request| match answers.get(played.fetch_add(1, Ordering::SeqCst)) {
            Some(exchange) => template(&exchange["response"]),
            None => ResponseTemplate::new(599),
        };
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(answer).mount(&server).await;
        let (clock, me) = stage::clock();
        Self { exchanges, server, clock, _me: me }
    }

    pub(crate) fn graph(&self) -> Graph {
        self.graph_of(Generation::B)
    }

    pub(crate) fn graph_of(&self, generation: Generation) -> Graph {
        graph(&self.server.uri(), &self.clock, generation)
    }

    pub(crate) fn host(&self) -> String {
        self.server.address().to_string()
    }

    /// What was answered, as recorded.
    pub(crate) fn answer(&self, place: usize) -> &Value {
        &self.exchanges[place]["response"]["body"]
    }

    /// That what was recorded was asked for, all of it, in its order and nothing else: method, path, query, headers, body,
    /// byte by byte.
    pub(crate) async fn was_played(&self) {
        let sent = self.server.received_requests().await.expect("requests are kept");
        for (sent, exchange) in sent.iter().zip(self.exchanges.iter()) {
            let recorded = &exchange["request"];
            assert_eq!(sent.method.as_str(), recorded["method"]);
            assert_eq!(sent.url.path(), recorded["path"]);
            assert_eq!(sent.url.query(), recorded.get("query").and_then(Value::as_str));
            for (name, value) in recorded["headers"].as_object().expect("headers") {
                let all: Vec<_> = sent.headers.get_all(name.as_str()).iter().collect();
                assert_eq!(all, [value.as_str().expect("a header is a text")], "{name}");
            }
            assert_eq!(sent.headers.contains_key("prefer"), recorded["headers"].get("prefer").is_some());
            let body = recorded.get("body").map_or_else(String::new, Value::to_string);
            assert_eq!(String::from_utf8_lossy(&sent.body), body);
        }
        assert_eq!(sent.len(), self.exchanges.len(), "{sent:?}");
    }
}

fn recording(name: &str) -> Value {
    let path = format!("{}/fixtures/exchanges/graph/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).expect("the recording is there");
    serde_json::from_str(&text).expect("the recording is JSON")
}

fn template(response: &Value) -> ResponseTemplate {
    let status = response["status"].as_u64().and_then(|status| u16::try_from(status).ok()).expect("a status");
    // A service whose clock is ours; otherwise the server would tell the machine's.
    let mut template = ResponseTemplate::new(status).insert_header("date", stage::DATE);
    for (name, value) in response["headers"].as_object().expect("headers") {
        template = template.insert_header(name.as_str(), value.as_str().expect("a header is a text"));
    }
    match response.get("body") {
        Some(body) => {
            let kind = response["headers"]["content-type"].as_str().expect("a body has a type");
            template.set_body_raw(body.to_string(), kind)
        }
        None => template,
    }
}
