//! A tenant to talk to in the words of Graph.

use reqwest::Method;
use serde_json::{Value, json};

use crate::emulator::{Lab, Seen, definition, indicator};

/// A tenant, and a token for Graph.
pub(super) struct Graph {
    pub(super) lab: Lab,
    pub(super) token: String,
}

impl Graph {
    pub(super) async fn new() -> Self {
        let lab = Lab::new().await;
        lab.set(&json!({"tokenLifetimeSeconds": 86_400_000}));
        let token = Self::token_for(&lab, "https://graph.microsoft.com").await;
        Self { lab, token }
    }

    pub(super) async fn token_for(lab: &Lab, resource: &str) -> String {
        let url = lab.details.authorization_url.clone();
        let seen = lab.ask_token(&url, &[("resource", Some(resource))]).await;
        seen.json()["access_token"].as_str().expect("a token").to_owned()
    }

    /// A tenant in which an indicator of the threat intelligence API has raised `alerts` alerts, ten minutes apart.
    pub(super) async fn with_alerts(alerts: usize) -> Self {
        let graph = Self::new().await;
        graph.lab.set(&json!({"detectionSeconds": 60, "graphQuotas": {"alerts": [0, 0, 0]}}));
        let id = graph.lab.publish("AlertDefinitions", &definition()).await;
        graph.lab.publish("IndicatorsOfCompromise", &indicator(id)).await;
        graph.lab.advance(20 * 60);
        for _ in 0..alerts {
            assert_eq!(graph.lab.raised(), 1);
            graph.lab.advance(10 * 60);
        }
        graph
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("{}/graph/{path}", self.lab.mocks.base())
    }

    /// A request with the token, and these headers besides.
    pub(super) async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&Value>) -> Seen {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let mut request = self.lab.client.request(method, self.url(path)).bearer_auth(&self.token);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header("Content-Type", "application/json").body(body.to_string());
        }
        Seen::of(request.send().await.expect("an answer")).await
    }

    pub(super) async fn get(&self, path: &str) -> Seen {
        self.ask("GET", path, &[], None).await
    }

    pub(super) async fn send(&self, method: &str, path: &str, body: &Value) -> Seen {
        self.ask(method, path, &[], Some(body)).await
    }

    /// The body of a GET that succeeds.
    pub(super) async fn read(&self, path: &str) -> Value {
        let seen = self.get(path).await;
        assert_eq!(seen.status, 200, "{path}: {}", seen.text);
        seen.json()
    }

    /// The entities of a list, first page.
    pub(super) async fn list(&self, path: &str) -> Vec<Value> {
        self.read(path).await["value"].as_array().expect("a list").clone()
    }
}

/// The code and message of a refusal of this status.
pub(super) fn refused(seen: &Seen, status: u16) -> (String, String) {
    assert_eq!(seen.status, status, "{}", seen.text);
    let error = seen.json()["error"].clone();
    let text = |name: &str| error[name].as_str().expect("a text").to_owned();
    (text("code"), text("message"))
}

/// A refusal as code and message.
pub(super) fn said(code: &str, message: &str) -> (String, String) {
    (code.to_owned(), message.to_owned())
}
