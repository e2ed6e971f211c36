//! Every kind of fault, where it shows.

use alertdrill::emulator::tenant::Observation;
use serde_json::{Value, json};

use crate::emulator::{Lab, Seen, definition};

/// A tenant whose guide indicator is in effect, with this fault.
async fn with_fault(fault: Value) -> Lab {
    let lab = Lab::new().await;
    lab.set(&json!({"detectionSeconds": 60}));
    lab.publish_both("IpAddress", "Equals", "52.184.197.12").await;
    lab.advance(20 * 60);
    lab.fault(&fault);
    lab
}

async fn alerts_after(lab: &Lab, seconds: i64) -> Vec<Value> {
    lab.connect(None, Some("52.184.197.12"));
    lab.advance(seconds);
    lab.feed("").await.json().as_array().expect("an array").clone()
}

#[tokio::test]
async fn alerts_are_dropped_delayed_mislabelled_doubled_and_moved() {
    let lab = with_fault(json!({"kind": "drop-alert"})).await;
    assert_eq!(alerts_after(&lab, 3600).await.len(), 0);

    let lab = with_fault(json!({"kind": "delay-alert", "seconds": 600})).await;
    assert_eq!(alerts_after(&lab, 659).await.len(), 0);
    lab.advance(1);
    assert_eq!(lab.feed("").await.json().as_array().map(Vec::len), Some(1));

    let lab = with_fault(json!({"kind": "mislabel-alert", "field": "severity", "value": "High"})).await;
    assert_eq!(alerts_after(&lab, 60).await[0]["Severity"], json!("High"));

    let lab = with_fault(json!({"kind": "duplicate-alert"})).await;
    let alerts = alerts_after(&lab, 60).await;
    assert_eq!(alerts.len(), 2);
    assert_ne!(alerts[0]["AlertId"], alerts[1]["AlertId"]);

    let lab = with_fault(json!({"kind": "move-alert", "device": "elsewhere.example"})).await;
    let alert = alerts_after(&lab, 60).await[0].clone();
    assert_eq!(alert["ComputerDnsName"], json!("elsewhere.example"));
    assert_ne!(alert["DeviceID"], json!(lab.details.device_id));
}

#[tokio::test]
async fn an_alert_fault_can_be_meant_for_one_definition_only() {
    let lab = with_fault(json!({"kind": "drop-alert", "match": {"text": "another title"}})).await;
    assert_eq!(alerts_after(&lab, 60).await.len(), 1);
}

#[tokio::test]
async fn telemetry_is_lost() {
    let lab = with_fault(json!({"kind": "drop-telemetry", "times": 1})).await;
    assert_eq!(lab.connect(None, Some("52.184.197.12")), Observation::Lost);
    assert_eq!(lab.raised(), 1);
}

#[tokio::test]
async fn what_is_accepted_is_forgotten() {
    let lab = with_fault(json!({"kind": "forget", "times": 1})).await;
    let id = lab.publish("AlertDefinitions", &definition()).await;
    assert_eq!(lab.api("GET", &format!("AlertDefinitions({id})"), None).await.json()["value"], json!([]));
    let kept = lab.publish("AlertDefinitions", &definition()).await;
    assert_ne!(kept, id);
}

#[tokio::test]
async fn exchanges_fail_with_a_status_a_page_or_garbage() {
    let lab = with_fault(json!({"kind": "status", "status": 429, "retryAfter": 7, "times": 1})).await;
    let seen = lab.feed("").await;
    assert_eq!((seen.status, seen.header("retry-after")), (429, "7"));
    assert_eq!(lab.feed("").await.status, 200);

    let lab = with_fault(json!({"kind": "status", "status": 429, "retryAfter": 2.128})).await;
    assert_eq!(lab.feed("").await.header("retry-after"), "2.128");

    let lab = with_fault(json!({"kind": "status", "status": 504, "applied": true, "method": "POST"})).await;
    assert_eq!(lab.api("POST", "AlertDefinitions", Some(&definition())).await.status, 504);
    assert_eq!(lab.api("GET", "AlertDefinitions/$count", None).await.text, "2", "it was served all the same");

    let lab = with_fault(json!({"kind": "html", "match": {"face": "legacy"}})).await;
    let seen = lab.api("GET", "AlertDefinitions", None).await;
    assert_eq!((seen.status, seen.header("content-type")), (200, "text/html; charset=utf-8"));
    assert_eq!(lab.feed("").await.status, 200, "another face is spared");

    let lab = with_fault(json!({"kind": "garbage", "path": "alertdefinitions"})).await;
    let seen = lab.api("GET", "AlertDefinitions", None).await;
    assert!(seen.status == 200 && serde_json::from_str::<Value>(&seen.text).is_err());

    let lab = with_fault(json!({"kind": "wrong-types", "method": "GET"})).await;
    let one = lab.api("GET", "AlertDefinitions", None).await.json()["value"][0].clone();
    assert_eq!((&one["Id"], &one["Title"], &one["Enabled"]), (&json!("1"), &json!(7), &json!("true")));
}

#[tokio::test]
async fn a_closed_connection_leaves_no_answer_and_the_request_undone_unless_it_is_to_be_done() {
    for (applied, left) in [(false, "1"), (true, "2")] {
        let lab = with_fault(json!({"kind": "close", "applied": applied, "times": 1})).await;
        let url = format!("{}AlertDefinitions", lab.details.legacy_api);
        let request = lab.client.post(url).header("Authorization", format!("Bearer {}", lab.token));
        let request = request.header("Content-Type", "application/json").body(definition().to_string());
        assert!(request.send().await.is_err());
        assert_eq!(lab.api("GET", "AlertDefinitions/$count", None).await.text, left);
    }
}

#[tokio::test]
async fn a_cut_body_is_no_answer_and_a_delayed_one_comes_whole() {
    let lab = with_fault(json!({"kind": "cut-body", "bytes": 3, "times": 1})).await;
    let request = lab.client.get(&lab.details.alert_export_api);
    assert!(request.send().await.is_err());
    lab.fault(&json!({"kind": "delay", "milliseconds": 50}));
    let watch = alertdrill::clock::limit::Stopwatch::start();
    assert_eq!(lab.feed("").await.status, 200);
    assert!(watch.elapsed() >= std::time::Duration::from_millis(50));
}

#[tokio::test]
async fn a_scripted_mock_answers_before_the_tenant() {
    let lab = Lab::new().await;
    let mock = wiremock::Mock::given(wiremock::matchers::path_regex("/AlertDefinitions$"))
        .respond_with(wiremock::ResponseTemplate::new(418))
        .up_to_n_times(1);
    lab.mocks.scripted(mock).await;
    assert_eq!(lab.api("GET", "AlertDefinitions", None).await.status, 418);
    assert_eq!(lab.api("GET", "AlertDefinitions", None).await.status, 200);
    let seen = Seen::of(lab.client.get(lab.mocks.base()).send().await.expect("an answer")).await;
    assert_eq!(seen.status, 404);
}
