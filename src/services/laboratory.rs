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
    domain::{device::Device, service::Service},
    services::{
        controls::{Controls, Duty, Fault, FileRun, Knobs},
        error::{Capability, ServiceError},
        permissions::{self, Permission, Purpose},
    },
    transport::{
        Transport,
        call::{Call, Reply},
        error::TransportError,
    },
};

/// A laboratory at its control address.
#[derive(Clone)]
pub struct Laboratory {
    transport: Transport,
    control: Url,
    service: Service,
}

#[derive(Deserialize)]
struct DeviceState {
    id: String,
    name: String,
}

impl Laboratory {
    /// The laboratory with this control address, over a transport without authorisation; its pace is set as far as
    /// `service` goes.
    pub fn new(transport: Transport, control: Url, service: Service) -> Self {
        Self { transport, control, service }
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

    async fn call(&self, call: Call) -> Result<Reply, ServiceError> {
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
                .json(&settings(knobs, self.service)?)
                .purpose("set the pace and limits of the laboratory")
                .repeatable();
            self.call(call).await.map(drop)
        })
    }

    fn leave(&self, duty: Duty) -> BoxFuture<'_, Result<(), ServiceError>> {
        Box::pin(async move {
            let Some(Permission { application: resource, name: role }) = role(self.service, duty) else {
                let why = format!("the service {} knows no roles", self.service);
                return Err(ServiceError::Unsupported { what: Capability::Controls, why });
            };
            let call = Call::put(self.at("roles"))
                .json(&json!({ "resource": resource, "roles": [role] }))
                .purpose(format!("leave the application no role but {role}"));
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

/// What a tenant's owner withdraws to keep an application from a duty; none where the service knows no permissions.
fn role(service: Service, duty: Duty) -> Option<Permission> {
    match duty {
        Duty::Publish => permissions::least(service, Purpose::Publish),
        Duty::ReadAlerts => permissions::least(service, Purpose::ReadAlerts),
    }
}

/// The control face's names for the pace and limits of a service.
struct Names {
    propagation: &'static [&'static str],
    detection: &'static [&'static str],
    definition_quota: &'static [&'static str],
    indicator_quota: &'static [&'static str],
    pattern_quota: &'static [&'static str],
    page_size: &'static [&'static str],
}

impl Names {
    fn of(service: Service) -> Self {
        match service {
            Service::Legacy => Self {
                propagation: &["propagationSeconds"],
                detection: &["detectionSeconds"],
                definition_quota: &["definitionQuota"],
                indicator_quota: &["indicatorQuota"],
                pattern_quota: &["patternQuota"],
                page_size: &[],
            },
            Service::Endpoint => Self {
                propagation: &["networkEnforcementSeconds", "fileEnforcementSeconds"],
                detection: &["networkAlertSeconds", "fileAlertSeconds"],
                definition_quota: &[],
                indicator_quota: &["customIndicatorQuota"],
                pattern_quota: &[],
                page_size: &["endpointPageSize"],
            },
            Service::Graph => Self {
                propagation: &["rulePropagationSeconds"],
                detection: &["nrtDetectionSeconds"],
                definition_quota: &["ruleQuota"],
                indicator_quota: &["ruleQuota"],
                pattern_quota: &[],
                page_size: &["graphPageSize"],
            },
        }
    }
}

/// What is given, in the control face's names; none for what the service has no such limit of. A pace that is exact has
/// the same least and most.
fn settings(knobs: &Knobs, service: Service) -> Result<Value, ServiceError> {
    let names = Names::of(service);
    let exactly = |span: Option<Duration>| span.map(|span| json!({ "min": seconds(span), "max": seconds(span) }));
    let given = [
        (names.propagation, exactly(knobs.propagation)),
        (names.detection, exactly(knobs.detection)),
        (names.definition_quota, knobs.definition_quota.map(Value::from)),
        (names.indicator_quota, knobs.indicator_quota.map(Value::from)),
        (names.pattern_quota, knobs.pattern_quota.map(Value::from)),
        (names.page_size, knobs.page_size.map(Value::from)),
    ];
    let mut settings = Map::new();
    for (names, value) in given {
        let Some(value) = value else { continue };
        if names.is_empty() {
            let why = format!("the service {service} has no such limit");
            return Err(ServiceError::Unsupported { what: Capability::Controls, why });
        }
        settings.extend(names.iter().map(|name| ((*name).to_owned(), value.clone())));
    }
    Ok(settings.into())
}

/// Whole seconds as a whole number: not everybody reads `1200.0` as one.
fn seconds(span: Duration) -> Value {
    if span.subsec_nanos() == 0 { span.as_secs().into() } else { span.as_secs_f64().into() }
}

/// A fault as one object: settings are numbers or truth values where they read as such, and texts otherwise.
fn rule(fault: &Fault) -> Value {
    let mut rule = Map::from_iter([("kind".to_owned(), Value::from(fault.kind.as_str()))]);
    for (name, text) in &fault.settings {
        let plain = serde_json::from_str::<Value>(text).ok().filter(|value| value.is_number() || value.is_boolean());
        rule.insert(name.clone(), plain.unwrap_or_else(|| text.as_str().into()));
    }
    rule.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_knobs_that_are_given_are_set() {
        let legacy = |knobs: &Knobs| settings(knobs, Service::Legacy).expect("it has them");
        assert_eq!(legacy(&Knobs::default()), json!({}));
        let knobs = Knobs {
            propagation: Some(Duration::from_mins(20)),
            detection: Some(Duration::from_millis(1500)),
            pattern_quota: Some(3),
            ..Knobs::default()
        };
        assert_eq!(
            legacy(&knobs).to_string(),
            r#"{"propagationSeconds":{"min":1200,"max":1200},"detectionSeconds":{"min":1.5,"max":1.5},"patternQuota":3}"#
        );
    }

    #[test]
    fn a_pace_is_set_in_the_names_of_the_service_and_a_limit_that_it_has_not_is_unsupported() {
        let knobs = Knobs { propagation: Some(Duration::from_mins(1)), ..Knobs::default() };
        assert_eq!(
            settings(&knobs, Service::Endpoint).map(|settings| settings.to_string()),
            Ok(r#"{"networkEnforcementSeconds":{"min":60,"max":60},"fileEnforcementSeconds":{"min":60,"max":60}}"#
                .into())
        );
        let patterns = Knobs { pattern_quota: Some(1), ..Knobs::default() };
        assert!(matches!(settings(&patterns, Service::Graph), Err(ServiceError::Unsupported { .. })));
    }

    #[test]
    fn settings_of_a_fault_are_numbers_or_truth_values_where_they_read_as_such() {
        let setting = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let fault = Fault {
            kind: "status".into(),
            settings: vec![
                setting("status", "503"),
                setting("path", "/export"),
                setting("value", "007"),
                setting("applied", "true"),
            ],
        };
        assert_eq!(
            rule(&fault).to_string(),
            r#"{"kind":"status","status":503,"path":"/export","value":"007","applied":true}"#
        );
    }
}
