//! Nothing that a tenant says of a drill's own indicator, device or alert is lost on the way to `run.json`: members and
//! words of no page, in answers of any size.

use std::sync::{Arc, Mutex, PoisonError};

use alertdrill::{
    bulk::{company::Company, gathering::Gathering},
    clock::Clock,
    domain::{device::Device, off_limits::OffLimits, service::Service},
    record::drill::Drill,
    runner::stop::Stop,
    services::{
        alerts::Alerts, definitions::Definitions, devices::Devices, error::ServiceError, graph::Generation,
        indicators::Indicators,
    },
    traffic::http::{Browser, Route},
    watch::Watch,
    world::lab::{Lab, Labs, NoLab, Patience, Turns, Wish},
};
use futures::future::BoxFuture;
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};
use tokio::sync::OnceCell;
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers::any};

use crate::{
    lab::{options, run_in, verdict},
    services::{endpoint_stage::endpoint, graph_stage::graph},
};

const DEVICE: &str = "0123456789abcdef0123456789abcdef01234567";
const ADDRESS: &str = "203.0.113.9";

const DRILL: &str = "Feature: f\n  Scenario: s\n    Given an onboarded device\n    \
                     And an alert definition and an indicator are published\n      | type  | IpAddress   |\n      \
                     | value | 203.0.113.9 |\n    And everything published is in effect\n    \
                     Then the tenant holds the indicator as published\n    \
                     When the device contacts the indicator's address\n    \
                     Then an alert is raised within 15 minutes\n";

/// A service that answers as it is recorded, and says more than any page knows.
struct Recorded {
    service: Service,
    clock: Clock,
}

/// What has reached it.
#[derive(Default)]
struct Heard {
    published: Option<Value>,
    touched: Option<Timestamp>,
}

/// What no page knows, longer than what is kept of a body.
fn news() -> Value {
    json!({"word": "Unheard", "list": [1, null, {"deep": true}], "long": "x".repeat(20_000)})
}

fn recording(name: &str) -> Value {
    let path = format!("{}/fixtures/exchanges/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("the recording is there");
    let recording: Value = serde_json::from_str(&text).expect("JSON");
    recording["response"]["body"].clone()
}

fn written(at: Timestamp) -> Value {
    json!(TimeZone::UTC.to_datetime(at).strftime("%Y-%m-%dT%H:%M:%S%.7fZ").to_string())
}

/// `one` among others of which no word is known.
fn among(strange: &Value, one: Option<Value>) -> Value {
    let others = (0..30).map(|number| {
        let mut other = strange.clone();
        other["id"] = json!(format!("9{number}"));
        other
    });
    json!({"value": others.chain(one).collect::<Vec<_>>()})
}

/// What the Defender for Endpoint API answers.
fn of_endpoint(heard: &mut Heard, request: &Request, now: Timestamp) -> (u16, Value) {
    match (request.method.as_str(), request.url.path()) {
        ("GET", "/api/machines") => {
            let mut machine = recording("endpoint/machines")["value"][1].clone();
            let mut strange = machine.clone();
            for word in ["healthStatus", "onboardingStatus", "riskScore", "computerDnsName"] {
                strange[word] = json!("Unheard");
            }
            machine["news"] = news();
            (200, among(&strange, Some(machine)))
        }
        ("POST", "/api/indicators") => {
            let mut held: Value = serde_json::from_slice(&request.body).expect("JSON");
            held["id"] = json!("12");
            held["creationTimeDateTimeUtc"] = written(now);
            held["createdBySource"] = json!("Unheard");
            held["news"] = news();
            heard.published = Some(held.clone());
            (200, held)
        }
        ("GET", "/api/indicators") => {
            let strange = json!({
                "indicatorValue": ADDRESS, "indicatorType": "Unheard", "action": "Unheard", "severity": "Unheard",
                "creationTimeDateTimeUtc": written(now)
            });
            (200, among(&strange, heard.published.clone()))
        }
        ("DELETE", _) => {
            heard.published = None;
            (204, Value::Null)
        }
        ("GET", "/api/alerts") => {
            let alert = heard.touched.map(|at| {
                let mut alert = recording("endpoint/alerts")["value"][0].clone();
                for time in ["alertCreationTime", "firstEventTime", "lastEventTime", "lastUpdateTime"] {
                    alert[time] = written(at);
                }
                alert["computerDnsName"] = json!("pc7");
                alert["evidence"] = json!([{"entityType": "Ip", "ipAddress": ADDRESS}]);
                alert["status"] = json!("Unheard");
                alert["news"] = news();
                alert
            });
            (200, json!({"value": alert.into_iter().collect::<Vec<_>>()}))
        }
        _ => (404, json!({"error": {"code": "NotFound", "message": "no"}})),
    }
}

/// What Graph answers.
fn of_graph(heard: &mut Heard, request: &Request, now: Timestamp) -> (u16, Value) {
    let missing = (404, json!({"error": {"code": "NotFound", "message": "no"}}));
    match (request.method.as_str(), request.url.path()) {
        ("POST", "/v1.0/security/runHuntingQuery") => {
            let mut found = recording("graph/device");
            found["results"][0]["SensorHealthState"] = json!("Unheard");
            found["results"][0]["news"] = news();
            (200, found)
        }
        ("POST", "/beta/security/rules/detectionRules") => {
            let mut held: Value = serde_json::from_slice(&request.body).expect("JSON");
            held["createdDateTime"] = written(now);
            held["createdBy"] = json!("alertdrill");
            held["status"] = json!("enabled");
            held["news"] = news();
            heard.published = Some(held.clone());
            (201, held)
        }
        ("GET", "/beta/security/rules/detectionRules") => (200, among(&json!({"status": "Unheard"}), None)),
        ("GET", path) if path.starts_with("/beta/") => heard.published.clone().map_or(missing, |held| (200, held)),
        ("DELETE", _) => (if heard.published.take().is_some() { 204 } else { 404 }, missing.1),
        ("GET", "/v1.0/security/alerts_v2") => {
            let rule = heard.published.clone().unwrap_or_default();
            let alert = heard.touched.map(|at| {
                let mut alert = recording("graph/alerts")["value"][0].clone();
                for time in ["createdDateTime", "firstActivityDateTime", "lastActivityDateTime", "lastUpdateDateTime"] {
                    alert[time] = written(at);
                }
                for text in ["title", "description"] {
                    alert[text] = rule["detectionAction"]["alertTemplate"][text].clone();
                }
                alert["status"] = json!("Unheard");
                alert["news"] = news();
                alert
            });
            (200, json!({"value": alert.into_iter().collect::<Vec<_>>()}))
        }
        _ => missing,
    }
}

impl Recorded {
    async fn served(&self) -> MockServer {
        let (service, clock, heard) = (self.service, self.clock.clone(), Mutex::new(Heard::default()));
        let answer = move |request: &Request| {
            let (now, mut heard) = (clock.now(), heard.lock().unwrap_or_else(PoisonError::into_inner));
            let date = TimeZone::UTC.to_datetime(now).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
            // What the device asks for by way of its proxy.
            if request.headers.get("host").is_some_and(|host| host == ADDRESS) {
                heard.touched = Some(now);
                return ResponseTemplate::new(200);
            }
            let (status, body) = match service {
                Service::Endpoint => of_endpoint(&mut heard, request, now),
                _ => of_graph(&mut heard, request, now),
            };
            let template = ResponseTemplate::new(status).insert_header("date", date);
            if body.is_null() { template } else { template.set_body_json(body) }
        };
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(answer).mount(&server).await;
        server
    }
}

type Clients = (Arc<dyn Definitions>, Arc<dyn Indicators>, Arc<dyn Devices>, Arc<dyn Alerts>);

impl Labs for Recorded {
    fn service(&self) -> Service {
        self.service
    }

    fn lab(&self, _: Wish) -> BoxFuture<'_, Result<Arc<Lab>, NoLab>> {
        Box::pin(async move {
            let server = self.served().await;
            let (definitions, indicators, devices, alerts): Clients = if self.service == Service::Endpoint {
                let client = Arc::new(endpoint(&server.uri(), &self.clock));
                (client.clone(), client.clone(), client.clone(), client)
            } else {
                let client = Arc::new(graph(&server.uri(), &self.clock, Generation::B));
                (client.clone(), client.clone(), client.clone(), client)
            };
            let route = Route { proxy: Some(server.uri()), ..Route::default() };
            Ok(Arc::new(Lab {
                service: self.service,
                alerts_by: self.service,
                clock: self.clock.clone(),
                access: access(&self.clock, Arc::clone(&definitions)),
                definitions,
                indicators,
                devices: Some(devices),
                hunting: None,
                watch: Watch::new(&self.clock, alerts),
                closing: None,
                controls: None,
                browser: Browser::new(&route, std::time::Duration::from_secs(5)).expect("a browser"),
                device: Device { id: DEVICE.into(), name: "pc7".into() },
                machine: OnceCell::new(),
                patience: Patience::of(self.service),
                fixed_wait: false,
                armed_for: std::time::Duration::ZERO,
                blocking: false,
                off_limits: OffLimits { laboratory: true, ..OffLimits::default() },
                shared: false,
                turns: Turns::new(&self.clock),
                company: Company::default(),
                journal: None,
                ground: Some(Arc::new(server)),
            }))
        })
    }
}

fn access(clock: &Clock, definitions: Arc<dyn Definitions>) -> Gathering<(), Result<(), ServiceError>> {
    Gathering::of_the_same(clock, &Company::default(), move || {
        let definitions = Arc::clone(&definitions);
        Box::pin(async move { definitions.access().await })
    })
}

/// The drill as `run.json` holds it.
fn written_down(service: Service) -> Value {
    let clock = Clock::jumping("2026-11-24T12:00:00Z".parse().expect("a timestamp"));
    let ran = run_in(Arc::new(Recorded { service, clock }), DRILL, options(), &Stop::default());
    let drill: &Drill = ran.drill();
    assert_eq!(verdict(drill), "passed", "{drill:#?}");
    serde_json::to_value(drill).expect("plain data")
}

#[test]
fn what_the_service_says_of_indicator_device_and_alert_is_in_the_record_whole() {
    for (service, words) in [
        (
            Service::Endpoint,
            [("device pc7", "healthStatus", "HalfAsleep"), ("indicator 12", "createdBySource", "Unheard")],
        ),
        (
            Service::Graph,
            [("device pc7.contoso.example", "SensorHealthState", "Unheard"), ("indicator ", "createdBy", "alertdrill")],
        ),
    ] {
        let drill = written_down(service);
        let parsed = |text: &Value| -> Value { serde_json::from_str(text.as_str().expect("a text")).expect("JSON") };
        let held = drill["held"].as_array().expect("a list");
        for (what, member, word) in words {
            let of = held.iter().filter(|held| held["what"].as_str().is_some_and(|told| told.starts_with(what)));
            let of: Vec<_> = of.map(|held| parsed(&held["original"])).collect();
            assert!(!of.is_empty(), "{service}: nothing of {what}");
            for original in of {
                assert_eq!((&original[member], &original["news"]), (&json!(word), &news()), "{service}: {what}");
            }
        }
        let alert = parsed(&drill["sightings"][0]["seen"][0]["original"]);
        assert_eq!((&alert["status"], &alert["news"]), (&json!("Unheard"), &news()), "{service}");
    }
}
