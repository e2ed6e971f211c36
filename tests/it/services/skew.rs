//! A service whose clock is not ours.

use std::sync::{Arc, Mutex};

use alertdrill::{
    domain::indicator::{Action, Function, Indicator, Kind},
    services::{
        alerts::Alerts as _,
        graph::Generation,
        indicators::{IndicatorChange, Indicators as _},
    },
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{any, method, path},
};

use crate::services::{
    endpoint_stage::{Wish, endpoint},
    graph_stage::graph,
    stage::{Wanted, clock, legacy},
};

/// The service is so far ahead of the drill's noon.
const AHEAD: SignedDuration = SignedDuration::from_mins(7);

fn at(text: &str) -> Timestamp {
    text.parse().expect("a timestamp")
}

fn dated(answer: ResponseTemplate, date: &str) -> ResponseTemplate {
    answer.insert_header("date", date)
}

/// A service that keeps an indicator as it was sent, and has one alert, all by its own clock.
async fn service(date: &'static str) -> MockServer {
    let server = MockServer::start().await;
    let created = move |request: &Request| {
        let mut indicator: Value = serde_json::from_slice(&request.body).expect("an indicator");
        indicator["Id"] = json!(1);
        indicator["CreatedAt"] = json!("2026-11-24T12:07:00Z");
        indicator["CreatedBy"] = json!("somebody");
        dated(ResponseTemplate::new(201).set_body_json(indicator), date)
    };
    Mock::given(method("POST")).and(path("/V1.0/IndicatorsOfCompromise")).respond_with(created).mount(&server).await;
    let feed = json!([{
        "AlertTime": "2026-11-24T12:10:00Z", "LastProcessedTimeUtc": "2026-11-24T12:12:00Z", "AlertId": "1",
        "AlertPart": 0, "AlertTitle": "t", "Severity": "Low", "Category": "c", "ComputerDnsName": "pc",
    }]);
    let feed = dated(ResponseTemplate::new(200).set_body_json(feed), date);
    Mock::given(method("GET")).and(path("/api/alerts")).respond_with(feed).mount(&server).await;
    server
}

fn indicator(expires_at: Timestamp) -> Indicator {
    Indicator {
        kind: Kind::DomainName,
        value: "a.example".into(),
        function: Function::Equals,
        action: Action::Audit,
        expires_at: Some(expires_at),
        enabled: true,
    }
}

#[tokio::test]
async fn moments_of_a_service_that_is_ahead_are_told_by_our_clock_and_asked_for_by_its_own() {
    let server = service("Tue, 24 Nov 2026 12:07:00 GMT").await;
    let (clock, _me) = clock();
    let legacy = legacy(&server.uri(), &clock);
    let wish = Wanted::new(indicator(at("2026-11-24T13:00:00Z")), 1);
    // The first answer tells the service's clock; from then on it is known.
    legacy.publish(wish.publication()).await.expect("the first is accepted");
    let stored = legacy.publish(wish.publication()).await.expect("the second is accepted").indicator;
    assert_eq!(stored.indicator, wish.indicator, "it is held as asked for, by our clock");
    let alerts = legacy.since(at("2026-11-24T12:00:00Z")).await.expect("the feed is read");
    assert_eq!(alerts[0].happened_at, at("2026-11-24T12:03:00Z"));
    assert_eq!(alerts[0].processed_at, at("2026-11-24T12:05:00Z"));
    let asked = server.received_requests().await.expect("requests are kept");
    let body: Value = serde_json::from_slice(&asked[1].body).expect("an indicator");
    let expires: Timestamp = body["ExpiresAt"].as_str().and_then(|text| text.parse().ok()).expect("a moment");
    assert_eq!(expires.duration_since(at("2026-11-24T13:00:00Z")), AHEAD);
    assert!(asked[2].url.query().is_some_and(|query| query.contains("12:07:00.000") || query.contains("12%3A07")));
}

#[tokio::test]
async fn a_difference_that_a_date_cannot_tell_from_none_is_none() {
    let server = service("Tue, 24 Nov 2026 11:59:58 GMT").await;
    let (clock, _me) = clock();
    let legacy = legacy(&server.uri(), &clock);
    let alerts = legacy.since(at("2026-11-24T12:00:00Z")).await.expect("the feed is read");
    assert_eq!(alerts[0].happened_at, at("2026-11-24T12:10:00Z"));
}

/// A tenant that has no rule, takes one on, and tells it as it was last sent.
async fn tenant_of_rules() -> MockServer {
    let server = MockServer::start().await;
    let held: Arc<Mutex<Option<Value>>> = Arc::default();
    let answer = move |request: &Request| {
        let mut held = held.lock().expect("no test panicked");
        if let Ok(Value::Object(sent)) = serde_json::from_slice(&request.body) {
            let rule =
                held.get_or_insert_with(|| json!({ "id": "7", "createdDateTime": "2026-11-24T12:07:00.1234567Z" }));
            sent.into_iter().for_each(|(member, value)| rule[member] = value);
        }
        let told = held.clone().unwrap_or_else(|| json!({ "value": [] }));
        dated(ResponseTemplate::new(200).set_body_json(told), "Tue, 24 Nov 2026 12:07:00 GMT")
    };
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

/// The query of the rule that was last sent.
async fn sent_query(server: &MockServer) -> String {
    let asked = server.received_requests().await.expect("requests are kept");
    let rule: Value = serde_json::from_slice(&asked.last().expect("a request").body).expect("a rule");
    rule["queryCondition"]["queryText"].as_str().expect("a query").to_owned()
}

#[tokio::test]
async fn a_rule_ends_by_the_clock_that_writes_the_rows_it_reads() {
    for generation in [Generation::A, Generation::B] {
        let server = tenant_of_rules().await;
        let (clock, _me) = clock();
        let graph = graph(&server.uri(), &clock, generation);
        let wish = Wanted::new(indicator(at("2026-11-24T13:00:00Z")), 1);
        let stored = graph.publish(wish.publication()).await.expect("it is accepted").indicator;
        assert_eq!(stored.indicator, wish.indicator, "it is held as asked for, by our clock");
        let query = sent_query(&server).await;
        assert!(query.contains("Timestamp < datetime(2026-11-24T13:07:00Z)"), "{query}");
        let later = Some(at("2026-11-24T15:00:00Z"));
        let change = IndicatorChange { expires_at: Some(later), ..IndicatorChange::default() };
        let stored = graph.change(&stored.id, &change).await.expect("it is changed");
        assert_eq!(stored.indicator.expires_at, later);
        let query = sent_query(&server).await;
        assert!(query.contains("Timestamp < datetime(2026-11-24T15:07:00Z)"), "{query}");
    }
}

/// A service that is a day ahead, and takes no indicator that has expired by its clock.
async fn strict_about_expiry() -> MockServer {
    let server = MockServer::start().await;
    let answer = |request: &Request| {
        let mut sent: Value = serde_json::from_slice(&request.body).expect("an indicator");
        let expires = at(sent["expirationTime"].as_str().expect("an expiry"));
        let answer = if expires > at("2026-11-25T12:00:00Z") {
            sent["id"] = json!("17");
            sent["creationTimeDateTimeUtc"] = json!("2026-11-25T12:00:00.1234567Z");
            ResponseTemplate::new(200).set_body_json(sent)
        } else {
            let error =
                json!({ "error": { "code": "InvalidInput", "message": "ExpirationTime must be in the future." } });
            ResponseTemplate::new(400).set_body_json(error)
        };
        dated(answer, "Wed, 25 Nov 2026 12:00:00 GMT")
    };
    Mock::given(method("POST")).respond_with(answer).mount(&server).await;
    server
}

#[tokio::test]
async fn an_expiry_that_is_refused_before_the_clock_was_known_is_sent_again_by_that_clock() {
    let server = strict_about_expiry().await;
    let (clock, _me) = clock();
    let endpoint = endpoint(&server.uri(), &clock);
    let mut wish = Wish::new();
    wish.indicator.expires_at = Some(at("2026-11-24T18:00:00Z"));
    let stored = endpoint.publish(wish.publication()).await.expect("the second is accepted").indicator;
    assert_eq!(stored.indicator, wish.indicator, "it is held as asked for, by our clock");
    let asked = server.received_requests().await.expect("requests are kept");
    assert_eq!(asked.len(), 2);
    let body: Value = serde_json::from_slice(&asked[1].body).expect("an indicator");
    assert_eq!(at(body["expirationTime"].as_str().expect("an expiry")), at("2026-11-25T18:00:00Z"));
    wish.indicator.expires_at = Some(at("2026-11-24T11:00:00Z"));
    endpoint.publish(wish.publication()).await.expect_err("what is past by either clock");
    assert_eq!(server.received_requests().await.map(|asked| asked.len()), Some(3), "and is not sent again");
}
