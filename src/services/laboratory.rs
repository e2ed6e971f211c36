//! A laboratory: a tenant whose owner lets drills change what surrounds them, over the documented control face.
//!
//! It speaks to any server that keeps to that face, `GET {control}` of which documents it.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use futures::future::BoxFuture;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::Url;

use crate::{
    domain::device::Device,
    services::{
        controls::{Controls, Fault, FileRun, Knobs},
        error::ServiceError,
    },
    transport::{Transport, call::Call, error::TransportError},
};

/// A laboratory at its control address.
#[derive(Clone)]
pub struct Laboratory {
    transport: Transport,
    control: Url,
}

#[derive(Deserialize)]
struct DeviceState {
    id: String,
    name: String,
}

impl Laboratory {
    /// The laboratory with this control address, over a transport without authorisation.
    pub fn new(transport: Transport, control: Url) -> Self {
        Self { transport, control }
    }

    fn at(&self, path: &str) -> Url {
        let mut url = self.control.clone();
        url.set_query(None);
        let root = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{root}/{path}"));
        url
    }

    fn device(&self, name: &str, rest: &str) -> Url {
        self.at(&format!("devices/{}{rest}", utf8_percent_encode(name, SEGMENT)))
    }

    async fn switch_device(&self, name: &str, onboarded: bool) -> Result<Device, ServiceError> {
        let verb = if onboarded { "onboard" } else { "offboard" };
        let call = Call::put(self.device(name, ""))
            .json(&json!({ "onboarded": onboarded }))
            .purpose(format!("{verb} the device {name}"));
        let device: DeviceState = self.call(call).await?.json()?;
        Ok(Device { id: device.id, name: device.name })
    }

    async fn call(&self, call: Call) -> Result<crate::transport::call::Reply, ServiceError> {
        self.transport.call(call).await.map_err(|error| match error {
            TransportError::Refused { purpose, status: status @ 400..=499, code: why, .. } => {
                ServiceError::Rejected { purpose, status, why }
            }
            other => other.into(),
        })
    }
}

/// A device's name is one segment of a path, whatever it holds.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

impl Controls for Laboratory {
    fn onboard<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Device, ServiceError>> {
        Box::pin(self.switch_device(name, true))
    }

    fn offboard<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Device, ServiceError>> {
        Box::pin(self.switch_device(name, false))
    }

    fn run_file<'a>(&'a self, device: &'a Device, file: &'a FileRun) -> BoxFuture<'a, Result<(), ServiceError>> {
        Box::pin(async move {
            let body = json!({ "name": file.name, "content": STANDARD.encode(&file.content) });
            let call = Call::post(self.device(&device.name, "/files"))
                .json(&body)
                .purpose(format!("run the file {} on the device {}", file.name, device.name));
            self.call(call).await.map(drop)
        })
    }

    fn switch_api(&self, on: bool) -> BoxFuture<'_, Result<(), ServiceError>> {
        Box::pin(async move {
            let verb = if on { "on" } else { "off" };
            let call = Call::put(self.at("api"))
                .json(&json!({ "enabled": on }))
                .purpose(format!("switch the threat intelligence API {verb}"));
            self.call(call).await.map(drop)
        })
    }

    fn set<'a>(&'a self, knobs: &'a Knobs) -> BoxFuture<'a, Result<(), ServiceError>> {
        Box::pin(async move {
            let call = Call::patch(self.at("knobs"))
                .json(&settings(knobs))
                .purpose("set the pace and limits of the laboratory")
                .repeatable();
            self.call(call).await.map(drop)
        })
    }

    fn inject<'a>(&'a self, fault: &'a Fault) -> BoxFuture<'a, Result<(), ServiceError>> {
        Box::pin(async move {
            let call = Call::post(self.at("faults"))
                .json(&rule(fault))
                .purpose(format!("make the laboratory misbehave ({})", fault.kind));
            self.call(call).await.map(drop)
        })
    }
}

/// What is given, in the control face's names. A pace that is exact has the same least and most.
fn settings(knobs: &Knobs) -> Value {
    let exactly = |span: Option<Duration>| span.map(|span| json!({ "min": seconds(span), "max": seconds(span) }));
    let given = [
        ("propagationSeconds", exactly(knobs.propagation)),
        ("detectionSeconds", exactly(knobs.detection)),
        ("definitionQuota", knobs.definition_quota.map(Value::from)),
        ("indicatorQuota", knobs.indicator_quota.map(Value::from)),
        ("patternQuota", knobs.pattern_quota.map(Value::from)),
    ];
    given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect::<Map<_, _>>().into()
}

/// Whole seconds as a whole number: not everybody reads `1200.0` as one.
fn seconds(span: Duration) -> Value {
    if span.subsec_nanos() == 0 { span.as_secs().into() } else { span.as_secs_f64().into() }
}

/// A fault as one object: settings are numbers where they read as such, and texts otherwise.
fn rule(fault: &Fault) -> Value {
    let mut rule = Map::from_iter([("kind".to_owned(), Value::from(fault.kind.as_str()))]);
    for (name, text) in &fault.settings {
        rule.insert(
            name.clone(),
            serde_json::from_str::<serde_json::Number>(text).map_or_else(|_| text.as_str().into(), Value::Number),
        );
    }
    rule.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_knobs_that_are_given_are_set() {
        assert_eq!(settings(&Knobs::default()), json!({}));
        let knobs = Knobs {
            propagation: Some(Duration::from_mins(20)),
            detection: Some(Duration::from_millis(1500)),
            pattern_quota: Some(3),
            ..Knobs::default()
        };
        assert_eq!(
            settings(&knobs).to_string(),
            r#"{"propagationSeconds":{"min":1200,"max":1200},"detectionSeconds":{"min":1.5,"max":1.5},"patternQuota":3}"#
        );
    }

    #[test]
    fn settings_of_a_fault_are_numbers_where_they_read_as_such() {
        let setting = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let fault = Fault {
            kind: "status".into(),
            settings: vec![setting("status", "503"), setting("path", "/export"), setting("value", "007")],
        };
        assert_eq!(rule(&fault).to_string(), r#"{"kind":"status","status":503,"path":"/export","value":"007"}"#);
    }
}
