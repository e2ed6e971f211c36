//! The Defender for Endpoint API as any client sees it.
//!
//! In reading order: this file (a token, a request, an indicator), [`access`] (who may ask, and how often),
//! [`indicators`], [`effect`] (what they do), [`alerts`], [`machines`] (and everything else),
//! [`knobs`] (those that the others do not set).

mod access;
mod alerts;
mod effect;
mod indicators;
mod knobs;
mod machines;

use reqwest::Method;
use serde_json::{Value, json};

use crate::emulator::{Lab, Seen};

const RESOURCE: &str = "https://api.securitycenter.microsoft.com";

/// A tenant with a token for the API.
pub(super) struct Api {
    pub(super) lab: Lab,
    pub(super) token: String,
}

impl Api {
    pub(super) async fn new() -> Self {
        let lab = Lab::new().await;
        lab.set(&json!({"tokenLifetimeSeconds": 864_000, "endpointQuotas": false}));
        let token = token_for(&lab, RESOURCE).await;
        Self { lab, token }
    }

    /// A tenant whose indicators are enforced at once, and whose alerts can be read ten seconds after the event.
    pub(super) async fn quick() -> Self {
        let api = Self::new().await;
        api.lab.set(&json!({
            "networkEnforcementSeconds": 0, "fileEnforcementSeconds": 0, "enforcementRemovalSeconds": 0,
            "networkAlertSeconds": 10, "fileAlertSeconds": 10
        }));
        api
    }

    pub(super) async fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Seen {
        self.ask_with(&self.token, method, path, body.map(Value::to_string).as_deref()).await
    }

    pub(super) async fn ask_with(&self, token: &str, method: &str, path: &str, body: Option<&str>) -> Seen {
        let url = format!("{}{path}", self.lab.details.endpoint_api);
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let mut request = self.lab.client.request(method, url).header("authorization", format!("Bearer {token}"));
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_owned());
        }
        Seen::of(request.send().await.expect("an answer")).await
    }

    pub(super) async fn get(&self, path: &str) -> Seen {
        self.ask("GET", path, None).await
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Seen {
        self.ask("POST", path, Some(body)).await
    }

    /// Publishes an indicator and returns it as it was answered.
    pub(super) async fn publish(&self, body: &Value) -> Value {
        let seen = self.post("/indicators", body).await;
        assert_eq!(seen.status, 200, "{}", seen.text);
        seen.json()
    }
}

pub(super) async fn token_for(lab: &Lab, resource: &str) -> String {
    let seen = lab.ask_token(&lab.details.authorization_url.clone(), &[("resource", Some(resource))]).await;
    seen.json()["access_token"].as_str().unwrap_or_else(|| panic!("no token: {}", seen.text)).to_owned()
}

pub(super) fn indicator(kind: &str, value: &str, action: &str) -> Value {
    json!({
        "indicatorType": kind, "indicatorValue": value, "action": action, "title": "own title",
        "description": "own description", "severity": "High", "generateAlert": true
    })
}

/// The code and the message of an error.
pub(super) fn refusal(seen: &Seen) -> (u16, String, String) {
    let body = seen.json();
    let error = |name: &str| body["error"][name].as_str().unwrap_or_else(|| panic!("{}", seen.text)).to_owned();
    let target = error("target");
    assert!(target.starts_with('|') && target.ends_with('.') && target.contains('-'), "{target}");
    (seen.status, error("code"), error("message"))
}

/// The indicator ids, or alert ids, of a list.
pub(super) fn ids(list: &Value) -> Vec<&str> {
    let list = list["value"].as_array().unwrap_or_else(|| panic!("no list: {list}"));
    list.iter().map(|row| row["id"].as_str().expect("an id")).collect()
}
