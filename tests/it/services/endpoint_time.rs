//! The endpoint service on a clock that is not ours, and alerts that move while their pages are read.

use alertdrill::{
    domain::{device::Device, indicator::Kind},
    services::{
        alerts::Alerts,
        devices::Devices,
        hunting::{Hunting, Sought},
        indicators::Indicators,
    },
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{method, path, query_param},
};

use crate::services::{
    endpoint_stage::{Wish, endpoint, recording},
    stage::{self, clock},
};

/// The service is so far ahead of the drill's noon.
const AHEAD: SignedDuration = SignedDuration::from_mins(7);
const ITS_DATE: &str = "Tue, 24 Nov 2026 12:07:00 GMT";

fn at(text: &str) -> Timestamp {
    text.parse().expect("a timestamp")
}

fn dated(body: &Value, date: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body).insert_header("date", date)
}

fn alert(id: &str, updated: &str) -> Value {
    json!({
        "id": id, "title": "t", "alertCreationTime": "2026-11-24T12:10:00Z", "firstEventTime": "2026-11-24T12:09:00Z",
        "lastEventTime": "2026-11-24T12:09:30Z", "lastUpdateTime": updated, "computerDnsName": "pc",
    })
}

/// A service that keeps an indicator as it was sent, all by its own clock, which is ahead of ours.
async fn service() -> MockServer {
    let server = MockServer::start().await;
    let created = |request: &Request| {
        let mut indicator: Value = serde_json::from_slice(&request.body).expect("an indicator");
        indicator["id"] = json!("1");
        indicator["creationTimeDateTimeUtc"] = json!("2026-11-24T12:07:00Z");
        dated(&indicator, ITS_DATE)
    };
    Mock::given(method("POST")).and(path("/api/indicators")).respond_with(created).mount(&server).await;
    let answers = [
        ("/api/alerts", json!({ "value": [alert("da1_1", "2026-11-24T12:12:00Z")] })),
        (
            "/api/machines",
            json!({ "value": [{ "id": "ab", "computerDnsName": "pc", "lastSeen": "2026-11-24T12:08:00Z" }] }),
        ),
    ];
    for (at, body) in answers {
        Mock::given(method("GET")).and(path(at)).respond_with(dated(&body, ITS_DATE)).mount(&server).await;
    }
    let rows = json!({ "Results": [{ "Timestamp": "2026-11-24T12:08:00.5Z", "ActionType": "FileCreated" }] });
    Mock::given(path("/api/advancedqueries/run")).respond_with(dated(&rows, ITS_DATE)).mount(&server).await;
    server
}

#[tokio::test]
async fn moments_of_a_service_that_is_ahead_are_told_by_our_clock_and_asked_for_by_its_own() {
    let server = service().await;
    let (clock, _me) = clock();
    let service = endpoint(&server.uri(), &clock);
    let wish = Wish::new();
    // The first answer tells the service's clock; from then on it is known.
    let first = service.publish(wish.publication()).await.expect("the first is accepted").indicator;
    let second = service.publish(wish.publication()).await.expect("the second is accepted").indicator;
    assert_eq!((&first.indicator, &second.indicator), (&wish.indicator, &wish.indicator));
    assert_eq!(second.created_at, at("2026-11-24T12:00:00Z"));

    let alerts = service.since(at("2026-11-24T12:00:00Z")).await.expect("they are listed");
    assert_eq!(alerts[0].happened_at, at("2026-11-24T12:02:00Z"));
    assert_eq!(alerts[0].last_happened_at, at("2026-11-24T12:02:30Z"));
    assert_eq!(alerts[0].processed_at, at("2026-11-24T12:03:00Z"));
    let machine = service.named("pc").await.expect("they are listed").expect("it is there");
    assert_eq!(machine.last_seen, Some(at("2026-11-24T12:01:00Z")));
    let sought =
        Sought { device: &machine.device, kind: Kind::Sha1, observable: "aa", since: at("2026-11-24T12:00:00Z") };
    let rows = service.rows(sought).await.expect("they are found");
    assert_eq!(rows[0].at, at("2026-11-24T12:01:00.5Z"));

    let asked = server.received_requests().await.expect("requests are kept");
    let body: Value = serde_json::from_slice(&asked[1].body).expect("an indicator");
    let expires = at(body["expirationTime"].as_str().expect("a moment"));
    assert_eq!(expires.duration_since(wish.indicator.expires_at.expect("an expiry")), AHEAD);
    assert!(asked[2].url.query().is_some_and(|query| query.contains("lastUpdateTime%20ge%202026-11-24T12:07:00Z")));
    assert!(String::from_utf8_lossy(&asked[4].body).contains("Timestamp >= datetime(2026-11-24T12:07:00.0000000Z)"));
}

#[tokio::test]
async fn from_the_beginning_is_1970() {
    let server = service().await;
    let (clock, _me) = clock();
    endpoint(&server.uri(), &clock).since(Timestamp::MIN).await.expect("they are listed");
    let asked = server.received_requests().await.expect("requests are kept");
    assert!(asked[0].url.query().is_some_and(|query| query.contains("ge%201970-01-01T00:00:00Z")));
}

fn full_page(from: usize) -> Value {
    let alerts: Vec<Value> = (from..from + 500).map(|n| alert(&format!("da{n}_1"), "2026-11-24T12:12:00Z")).collect();
    json!({ "value": alerts })
}

#[tokio::test]
async fn a_full_page_without_the_address_of_the_next_is_not_taken_for_the_last() {
    let server = MockServer::start().await;
    let rest = json!({ "value": [alert("da499_1", "2026-11-24T12:13:00Z"), alert("last", "2026-11-24T12:14:00Z")] });
    Mock::given(query_param("$skip", "500")).respond_with(dated(&rest, stage::DATE)).mount(&server).await;
    let first = dated(&full_page(0), stage::DATE);
    Mock::given(method("GET")).respond_with(first).with_priority(9).mount(&server).await;
    let (clock, _me) = clock();
    let alerts = endpoint(&server.uri(), &clock).since(at("2026-11-24T12:00:00Z")).await.expect("they are listed");
    assert_eq!(alerts.len(), 501, "one moved to the next page while they were read, and is there once");
    let moved = alerts.iter().find(|alert| alert.id == "da499_1").and_then(|alert| alert.original.clone());
    assert!(moved.is_some_and(|original| original.contains("12:13:00Z")), "as it was last");
    assert_eq!(server.received_requests().await.expect("requests are kept").len(), 2);
}

#[tokio::test]
async fn a_service_that_does_not_know_how_to_skip_is_asked_twice_and_no_more() {
    let server = MockServer::start().await;
    Mock::given(method("GET")).respond_with(dated(&full_page(0), stage::DATE)).mount(&server).await;
    let (clock, _me) = clock();
    let alerts = endpoint(&server.uri(), &clock).since(at("2026-11-24T12:00:00Z")).await.expect("they are listed");
    assert_eq!((alerts.len(), server.received_requests().await.expect("requests are kept").len()), (500, 2));
}

#[tokio::test]
async fn a_device_that_a_service_names_without_being_asked_is_not_taken() {
    let server = MockServer::start().await;
    let all = recording("machines_by_host", "")["response"]["body"].clone();
    Mock::given(method("GET")).respond_with(dated(&all, stage::DATE)).mount(&server).await;
    let (clock, _me) = clock();
    let service = endpoint(&server.uri(), &clock);
    assert_eq!(service.named("pc8.contoso.example").await, Ok(None));
    let found = service.named("PC7").await.expect("they are listed").map(|machine| machine.device);
    let expected = Device { id: "0123456789abcdef0123456789abcdef01234567".into(), name: "pc7.contoso.example".into() };
    assert_eq!(found, Some(expected));
}
