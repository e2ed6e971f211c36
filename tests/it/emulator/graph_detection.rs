//! Graph: from an event to the alert of a detection rule, and when.

use alertdrill::emulator::tenant::Observation;
use serde_json::{Value, json};

use crate::emulator::{
    graph_rules::{RULES, rule},
    graph_stage::Graph,
};

const ALERTS: &str = "v1.0/security/alerts_v2";

async fn stage() -> Graph {
    let graph = Graph::new().await;
    graph.lab.set(&json!({
        "nrtDetectionSeconds": 120, "scheduledDetectionSeconds": 30, "telemetrySeconds": 0,
        "graphQuotas": {"alerts": [0, 0, 0], "ruleCreate": [0, 0, 0]}
    }));
    graph
}

async fn publish(graph: &Graph, rule: &Value) {
    let seen = graph.send("POST", RULES, rule).await;
    assert_eq!(seen.status, 201, "{}", seen.text);
}

fn hit(graph: &Graph) -> usize {
    match graph.lab.connect(None, Some("52.184.197.12")) {
        Observation::Reported(alerts) => alerts.len(),
        other => panic!("{other:?}"),
    }
}

fn scheduled(id: &str, frequency: &str) -> Value {
    let mut rule = rule(id);
    rule["schedule"]["frequency"] = json!(frequency);
    rule
}

#[tokio::test]
async fn a_continuous_rule_raises_its_alert_for_an_event_that_comes_after_it() {
    let graph = stage().await;
    assert_eq!(hit(&graph), 0, "an event that came before is not seen");
    publish(&graph, &rule("a")).await;
    assert_eq!(hit(&graph), 1);
    graph.lab.advance(119);
    assert_eq!(graph.list(ALERTS).await.len(), 0);
    graph.lab.advance(1);
    let alert = graph.list(ALERTS).await[0].clone();
    for (name, value) in [
        ("title", json!("Title a")),
        ("description", json!("Found 52.184.197.12")),
        ("severity", json!("medium")),
        ("category", json!("CommandAndControl")),
        ("mitreTechniques", json!(["T1071.001"])),
        ("customDetails", json!({"port": "80"})),
        ("detectionSource", json!("customDetection")),
        ("recommendedActions", json!("")),
        ("investigationState", json!("unsupportedAlertType")),
        ("createdDateTime", json!("2026-11-24T12:02:00Z")),
        ("firstActivityDateTime", json!("2026-11-24T12:00:00Z")),
        ("incidentId", json!("1")),
    ] {
        assert_eq!(alert[name], value, "{name}");
    }
    let id = alert["id"].as_str().expect("a text");
    assert!(id.starts_with("ed639"), "{id}");
    let evidence = alert["evidence"].as_array().expect("a list");
    let types: Vec<_> = evidence.iter().map(|item| item["@odata.type"].as_str().expect("a text")).collect();
    let wanted = ["#microsoft.graph.security.deviceEvidence", "#microsoft.graph.security.ipEvidence"];
    assert_eq!(types, wanted, "only what is mapped");
    assert_eq!(evidence[0]["mdeDeviceId"], json!(graph.lab.details.device_id));
}

#[tokio::test]
async fn a_disabled_or_deleted_rule_raises_nothing() {
    let graph = stage().await;
    publish(&graph, &rule("a")).await;
    let path = format!("{RULES}/a");
    graph.send("PATCH", &path, &json!({"status": "disabled"})).await;
    assert_eq!(hit(&graph), 0);
    graph.send("PATCH", &path, &json!({"status": "enabled"})).await;
    assert_eq!(hit(&graph), 1);
    graph.send("DELETE", &path, &json!({})).await;
    assert_eq!(hit(&graph), 0, "although it is still listed");
}

#[tokio::test]
async fn a_rule_is_in_effect_when_it_has_propagated_and_an_edit_likewise() {
    let graph = stage().await;
    graph.lab.set(&json!({"rulePropagationSeconds": 600}));
    publish(&graph, &rule("a")).await;
    graph.lab.advance(599);
    assert_eq!(hit(&graph), 0);
    graph.lab.advance(1);
    assert_eq!(hit(&graph), 1);
    let change = json!({"detectionAction": {"alertTemplate": {"title": "Another"}}});
    graph.send("PATCH", &format!("{RULES}/a"), &change).await;
    graph.lab.advance(599);
    assert_eq!(hit(&graph), 1, "the old text is in effect, and joins its alert");
    graph.lab.advance(1);
    hit(&graph);
    graph.lab.advance(120);
    let titles: Vec<_> = graph.list(ALERTS).await.iter().map(|alert| alert["title"].clone()).collect();
    assert_eq!(titles, [json!("Another"), json!("Title a")]);
}

#[tokio::test]
async fn a_rule_that_a_fault_keeps_from_taking_effect_takes_none_when_it_is_changed_either() {
    let graph = stage().await;
    graph.lab.fault(&json!({"kind": "inert", "times": 1}));
    publish(&graph, &rule("a")).await;
    let seen = graph.send("PATCH", &format!("{RULES}/a"), &json!({"displayName": "another"})).await;
    assert!(seen.status < 300, "{}", seen.text);
    assert_eq!(hit(&graph), 0);
    publish(&graph, &rule("b")).await;
    assert_eq!(hit(&graph), 1, "the fault was for one");
}

#[tokio::test]
async fn rows_with_the_same_entities_details_and_texts_share_an_alert() {
    let graph = stage().await;
    publish(&graph, &rule("a")).await;
    hit(&graph);
    graph.lab.advance(960);
    hit(&graph);
    graph.lab.advance(120);
    let alerts = graph.list(ALERTS).await;
    assert_eq!(alerts.len(), 1);
    assert_eq!(alerts[0]["firstActivityDateTime"], json!("2026-11-24T12:00:00Z"));
    assert_eq!(alerts[0]["lastActivityDateTime"], json!("2026-11-24T12:16:00Z"));
    graph.lab.set(&json!({"ruleSuppressionSeconds": 0}));
    hit(&graph);
    graph.lab.advance(120);
    assert_eq!(graph.list(ALERTS).await.len(), 2, "without suppression each is an alert");
}

#[tokio::test]
async fn a_scheduled_rule_runs_on_save_over_the_past_and_then_by_its_frequency() {
    let graph = stage().await;
    hit(&graph);
    graph.lab.advance(29 * 86_400);
    publish(&graph, &scheduled("a", "PT1H")).await;
    graph.lab.advance(30);
    let alerts = graph.list(ALERTS).await;
    assert_eq!(alerts.len(), 1, "the event of 29 days ago");
    assert_eq!(alerts[0]["createdDateTime"], json!("2026-12-23T12:00:30Z"));
    assert_eq!(alerts[0]["firstActivityDateTime"], json!("2026-11-24T12:00:00Z"));
    graph.lab.set(&json!({"ruleSuppressionSeconds": 0}));
    hit(&graph);
    graph.lab.advance(3598);
    assert_eq!(graph.list(ALERTS).await.len(), 1, "it has not run again");
    graph.lab.advance(2 + 30);
    let alerts = graph.list(ALERTS).await;
    assert_eq!(alerts.len(), 2);
    assert_eq!(alerts[0]["createdDateTime"], json!("2026-12-23T13:00:30Z"));
    for _ in 0..3 {
        graph.lab.advance(3600);
        assert_eq!(graph.list(ALERTS).await.len(), 2, "later runs look back on the same row, and raise nothing of it");
    }
}

#[tokio::test]
async fn whoever_looks_late_sees_what_the_runs_of_their_time_made() {
    let graph = stage().await;
    publish(&graph, &scheduled("a", "PT1H")).await;
    graph.lab.advance(60);
    hit(&graph);
    graph.lab.advance(40 * 3600);
    let alert = graph.list(ALERTS).await[0].clone();
    assert_eq!(alert["createdDateTime"], json!("2026-11-24T13:00:30Z"));
}

#[tokio::test]
async fn a_hurried_schedule_runs_as_many_times_as_often() {
    let graph = stage().await;
    graph.lab.set(&json!({"scheduleAcceleration": 60}));
    publish(&graph, &scheduled("a", "PT1H")).await;
    graph.lab.advance(10);
    hit(&graph);
    graph.lab.advance(50 + 30);
    assert_eq!(graph.list(ALERTS).await[0]["createdDateTime"], json!("2026-11-24T12:01:30Z"));
}

#[tokio::test]
async fn a_run_raises_no_more_alerts_than_it_may() {
    let graph = stage().await;
    graph.lab.set(&json!({"alertsPerRun": 3}));
    for port in 0..5 {
        let address = format!("198.51.100.{port}");
        graph.lab.connect(None, Some(&address));
        graph.lab.advance(1);
    }
    let mut rule = scheduled("a", "PT1H");
    rule["queryCondition"]["queryText"] =
        json!("DeviceNetworkEvents | project Timestamp, DeviceId, DeviceName, ReportId, RemoteIP, RemotePort");
    publish(&graph, &rule).await;
    graph.lab.advance(30);
    assert_eq!(graph.list(ALERTS).await.len(), 3);
}

#[tokio::test]
async fn a_rule_that_the_service_switches_off_runs_no_more() {
    let graph = stage().await;
    publish(&graph, &scheduled("a", "PT1H")).await;
    for (id, status) in [("b", 404), ("a", 200)] {
        let url = format!("{}/rules/{id}/auto-disable", graph.lab.details.control);
        let seen = graph.lab.client.post(url).send().await.expect("an answer");
        assert_eq!(seen.status().as_u16(), status, "{id}");
    }
    assert_eq!(graph.read(&format!("{RULES}/a")).await["status"], json!("autoDisabled"));
    hit(&graph);
    graph.lab.advance(2 * 3600);
    assert_eq!(graph.list(ALERTS).await.len(), 0);
}

#[tokio::test]
async fn telemetry_that_is_late_is_found_by_the_next_run_that_can_read_it() {
    let graph = stage().await;
    graph.lab.set(&json!({"telemetrySeconds": 5400}));
    publish(&graph, &scheduled("a", "PT1H")).await;
    graph.lab.advance(60);
    hit(&graph);
    graph.lab.advance(3 * 3600);
    assert_eq!(graph.list(ALERTS).await[0]["createdDateTime"], json!("2026-11-24T14:00:30Z"));
}

#[tokio::test]
async fn a_fault_moves_the_alert_of_a_rule_with_the_device_that_the_rule_maps() {
    let graph = stage().await;
    publish(&graph, &rule("a")).await;
    graph.lab.fault(&json!({"kind": "move-alert", "device": "elsewhere.example"}));
    assert_eq!(hit(&graph), 1);
    graph.lab.advance(120);
    let evidence = graph.list(ALERTS).await[0]["evidence"].clone();
    let device = &evidence.as_array().expect("a list")[0];
    assert_eq!(device["deviceDnsName"], json!("elsewhere.example"));
    assert_ne!(device["mdeDeviceId"], json!(graph.lab.details.device_id));
}

#[tokio::test]
async fn a_rule_that_fails_as_often_as_the_knob_says_is_switched_off() {
    for (most, status) in [(3, "autoDisabled"), (0, "enabled")] {
        let graph = stage().await;
        graph.lab.set(&json!({"ruleFailuresUntilOff": most}));
        for _ in 0..120 {
            hit(&graph);
        }
        let mut rule = scheduled("a", "PT1H");
        rule["queryCondition"]["queryText"] = json!(
            "DeviceNetworkEvents | join kind=inner (DeviceNetworkEvents | project RemoteIP) on RemoteIP \
             | join kind=inner (DeviceNetworkEvents | project RemoteIP) on RemoteIP \
             | project Timestamp, DeviceId, DeviceName, ReportId, RemoteIP, RemotePort"
        );
        publish(&graph, &rule).await;
        let status_of = async || graph.read(&format!("{RULES}/a")).await["status"].clone();
        graph.lab.advance(2 * 3_600 - 1);
        hit(&graph);
        assert_eq!(status_of().await, "enabled", "it failed twice");
        graph.lab.advance(1);
        hit(&graph);
        graph.lab.advance(3_600);
        assert_eq!(status_of().await, status);
    }
}
