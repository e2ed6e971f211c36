//! Graph: alerts and incidents, as they are read, changed and asked for.

use serde_json::{Value, json};

use crate::emulator::{
    graph_stage::{Graph, refused, said},
    names,
};

const ALERTS: &str = "v1.0/security/alerts_v2";

#[tokio::test]
async fn alerts_come_newest_first_and_an_indicator_s_is_of_custom_ti() {
    let graph = Graph::with_alerts(3).await;
    let alerts = graph.list(ALERTS).await;
    let created: Vec<_> = alerts.iter().map(|alert| alert["createdDateTime"].as_str().expect("a text")).collect();
    assert_eq!(created, ["2026-11-24T12:41:00Z", "2026-11-24T12:31:00Z", "2026-11-24T12:21:00Z"]);
    let alert = &alerts[0];
    for (name, value) in [
        ("detectionSource", json!("customTi")),
        ("serviceSource", json!("microsoftDefenderForEndpoint")),
        ("status", json!("new")),
        ("classification", json!("unknown")),
        ("resolvedDateTime", Value::Null),
        ("comments", json!([])),
    ] {
        assert_eq!(alert[name], value, "{name}");
    }
    let id = alert["id"].as_str().expect("a text");
    assert!(id.starts_with("da639"), "{id}");
    assert_eq!(graph.read(&format!("{ALERTS}/{id}")).await["id"], json!(id));
    let types: Vec<_> = alert["evidence"].as_array().expect("a list").iter().map(|item| &item["@odata.type"]).collect();
    assert_eq!(types[0], "#microsoft.graph.security.deviceEvidence");
    assert!(types.contains(&&json!("#microsoft.graph.security.ipEvidence")), "{types:?}");
}

#[tokio::test]
async fn an_unknown_alert_is_404() {
    let graph = Graph::with_alerts(1).await;
    for method in ["GET", "PATCH"] {
        let seen = graph.send(method, &format!("{ALERTS}/da1_1"), &json!({"status": "new"})).await;
        assert_eq!(refused(&seen, 404).0, "NotFound");
    }
}

#[tokio::test]
async fn the_eight_documented_properties_filter_and_others_are_refused() {
    let graph = Graph::with_alerts(2).await;
    for (filter, count) in [
        ("status eq 'new'", 2),
        ("status ne 'new'", 0),
        ("severity in ('medium','high') and serviceSource eq 'microsoftDefenderForEndpoint'", 2),
        ("createdDateTime ge 2026-11-24T12:31:00Z", 1),
        ("createdDateTime gt 2026-11-24T12:31:00.0000001Z", 0),
        ("lastUpdateDateTime le 2026-11-24T12:25:00Z", 1),
        ("assignedTo eq null", 2),
        ("classification eq 'unknown' or determination eq 'apt'", 2),
        ("detectionSource eq 'customTi'", 2),
    ] {
        let alerts = graph.list(&format!("{ALERTS}?$filter={filter}")).await;
        assert_eq!(alerts.len(), count, "{filter}");
        assert_eq!(graph.get(&format!("{ALERTS}/$count?$filter={filter}")).await.text, count.to_string());
    }
    let words = |seen| refused(&seen, 400);
    let (code, message) = words(graph.get(&format!("{ALERTS}?$filter=title eq 'x'")).await);
    assert!(code == "BadRequest" && message.starts_with("Invalid filter clause: "), "{message}");
    graph.lab.set(&json!({"undocumentedAlertQueries": false}));
    words(graph.get(&format!("{ALERTS}?$filter=detectionSource eq 'customTi'")).await);
    words(graph.get(&format!("{ALERTS}?$orderby=createdDateTime desc")).await);
}

#[tokio::test]
async fn pages_follow_each_other_by_the_link_and_new_alerts_disturb_them_not() {
    let graph = Graph::with_alerts(3).await;
    graph.lab.set(&json!({"graphPageSize": 2}));
    let first = graph.read(&format!("{ALERTS}?$count=true")).await;
    assert_eq!(names(&first), ["@odata.context", "@odata.count", "@odata.nextLink", "value"]);
    assert_eq!(first["@odata.count"], json!(3));
    graph.lab.raised();
    graph.lab.advance(60);
    let link = first["@odata.nextLink"].as_str().expect("a link");
    let link = link.strip_prefix(&format!("{}/graph/", graph.lab.mocks.base())).expect("a link here");
    let second = graph.list(link).await;
    assert_eq!(second.len(), 1);
    assert_eq!(second[0]["createdDateTime"], json!("2026-11-24T12:21:00Z"));
}

#[tokio::test]
async fn a_change_is_200_with_the_alert_and_a_bad_one_has_the_recorded_body() {
    let graph = Graph::with_alerts(1).await;
    let id = graph.list(ALERTS).await[0]["id"].as_str().expect("a text").to_owned();
    let path = format!("{ALERTS}/{id}");
    let change = json!({
        "status": "resolved", "classification": "informationalExpectedActivity", "determination": "securityTesting",
        "assignedTo": "drill@contoso.example"
    });
    let seen = graph.send("PATCH", &path, &change).await;
    assert_eq!(seen.status, 200, "{}", seen.text);
    let changed = graph.read(&path).await;
    for (name, value) in change.as_object().expect("an object") {
        assert_eq!((&seen.json()[name], &changed[name]), (value, value), "{name}");
    }
    assert_eq!(changed["resolvedDateTime"], changed["lastUpdateDateTime"]);
    for body in [
        json!({"classification": "benignPositive"}),
        json!({"determination": "clean"}),
        json!({"status": 3}),
        json!({"status": "unknownFutureValue"}),
        json!({"title": "x"}),
        json!({"assignedTo": {}}),
    ] {
        let words = said("InvalidRequestBody", "Request body is incorrect");
        assert_eq!(refused(&graph.send("PATCH", &path, &body).await, 400), words, "{body}");
    }
}

#[tokio::test]
async fn a_remark_is_answered_with_all_remarks() {
    let graph = Graph::with_alerts(1).await;
    let id = graph.list(ALERTS).await[0]["id"].as_str().expect("a text").to_owned();
    let path = format!("{ALERTS}/{id}/comments");
    for (text, count) in [("one", 1), ("two", 2)] {
        let body = json!({"@odata.type": "microsoft.graph.security.alertComment", "comment": text});
        let seen = graph.send("POST", &path, &body).await;
        assert_eq!(seen.status, 200, "{}", seen.text);
        let value = seen.json()["value"].as_array().expect("a list").clone();
        assert_eq!((value.len(), &value[count - 1]["comment"]), (count, &json!(text)));
        assert_eq!(names(&value[0]), ["comment", "createdByDisplayName", "createdDateTime"]);
        let context = format!("#security/alerts_v2('{id}')/comments");
        assert!(seen.json()["@odata.context"].as_str().is_some_and(|text| text.ends_with(&context)));
    }
    assert_eq!(graph.read(&format!("{ALERTS}/{id}")).await["comments"].as_array().map(Vec::len), Some(2));
    refused(&graph.send("POST", &path, &json!({"comment": ""})).await, 400);
}

#[tokio::test]
async fn evidence_comes_when_it_is_due_and_not_before() {
    let graph = Graph::with_alerts(0).await;
    graph.lab.set(&json!({"evidenceSeconds": 120}));
    graph.lab.raised();
    graph.lab.advance(60);
    assert_eq!(graph.list(ALERTS).await[0]["evidence"], json!([]), "a list without evidence is no sign of it");
    graph.lab.advance(120);
    assert_ne!(graph.list(ALERTS).await[0]["evidence"], json!([]));
}

/// An alert as it is posted.
pub(super) fn manual() -> Value {
    json!({
        "@odata.type": "#microsoft.graph.security.manualAlert", "title": "A test", "description": "Of ours",
        "category": "InitialAccess", "severity": "high", "mitreTechniques": ["T1078"],
        "entityDefinitions": [
            {"entityType": "device", "entityIdentifier": "deviceName",
             "identifierValue": "workstation-1.contoso.example", "role": "impacted"},
            {"entityType": "ip", "entityIdentifier": "address", "identifierValue": "198.51.100.42", "role": "related"}
        ]
    })
}

#[tokio::test]
async fn an_alert_that_somebody_posts_is_there_at_once_in_an_incident_of_its_own() {
    let graph = Graph::with_alerts(1).await;
    let seen = graph.send("POST", "beta/security/alerts_v2", &manual()).await;
    assert_eq!(seen.status, 201, "{}", seen.text);
    let alert = seen.json();
    for (name, value) in [
        ("detectionSource", "manual"),
        ("serviceSource", "microsoft365Defender"),
        ("incidentId", "2"),
        ("category", "InitialAccess"),
    ] {
        assert_eq!(alert[name], json!(value), "{name}");
    }
    assert!(alert["providerAlertId"].as_str().is_some_and(|id| id.starts_with("manual_")));
    let found = graph.read(&format!("{ALERTS}/{}", alert["id"].as_str().expect("a text"))).await;
    assert_eq!(found["evidence"][0]["hostName"], json!("workstation-1"));
    assert_eq!(found["evidence"][1]["ipAddress"], json!("198.51.100.42"));
    let mut linked = manual();
    linked["linkToIncident"] = json!(1);
    assert_eq!(graph.send("POST", "beta/security/alerts_v2", &linked).await.json()["incidentId"], json!("1"));
    linked["linkToIncident"] = json!(99);
    refused(&graph.send("POST", "beta/security/alerts_v2", &linked).await, 400);
}

#[tokio::test]
async fn the_action_that_followed_gives_ids_of_another_form() {
    let graph = Graph::new().await;
    let mut input = manual();
    input.as_object_mut().expect("an object").remove("@odata.type");
    let body = json!({"createAlertInput": input});
    let alert = graph.send("POST", "beta/security/alerts_v2/createAlert", &body).await;
    assert_eq!(alert.status, 201, "{}", alert.text);
    let id = alert.json()["id"].as_str().expect("a text").to_owned();
    assert!(id.starts_with("ea") && id.ends_with("_aml"), "{id}");
    assert_eq!(alert.json()["providerAlertId"], json!(format!("manual_{}", id.trim_end_matches("_aml"))));
    assert_eq!(graph.read(&format!("{ALERTS}/{id}")).await["id"], json!(id));
}

#[tokio::test]
async fn what_a_posted_alert_lacks_is_refused() {
    let graph = Graph::new().await;
    for (name, value) in [
        ("title", Value::Null),
        ("description", json!("x".repeat(5_001))),
        ("severity", json!("huge")),
        ("entityDefinitions", json!([])),
        ("entityDefinitions", json!(vec![manual()["entityDefinitions"][0].clone(); 101])),
        (
            "entityDefinitions",
            json!([{"entityType": "ip", "entityIdentifier": "url", "identifierValue": "x", "role": "impacted"}]),
        ),
        ("@odata.type", json!("#microsoft.graph.security.alert")),
    ] {
        let mut body = manual();
        body[name] = value;
        refused(&graph.send("POST", "beta/security/alerts_v2", &body).await, 400);
    }
    assert_eq!(graph.list(ALERTS).await.len(), 0);
}

#[tokio::test]
async fn every_alert_is_in_an_incident_that_can_be_read_changed_and_expanded() {
    let graph = Graph::with_alerts(2).await;
    let incidents = graph.list("v1.0/security/incidents?$expand=alerts").await;
    assert_eq!(incidents.len(), 2);
    for incident in &incidents {
        let alerts = incident["alerts"].as_array().expect("a list");
        assert_eq!((alerts.len(), &alerts[0]["incidentId"]), (1, &incident["id"]));
        assert_eq!((&incident["status"], &incident["severity"]), (&json!("active"), &alerts[0]["severity"]));
    }
    let path = "v1.0/security/incidents/1";
    let change = json!({"status": "resolved", "classification": "falsePositive", "customTags": ["drill"], "displayName": "Ours"});
    assert_eq!(graph.send("PATCH", path, &change).await.status, 200);
    let incident = graph.read(path).await;
    for (name, value) in change.as_object().expect("an object") {
        assert_eq!(&incident[name], value, "{name}");
    }
    assert!(incident.get("alerts").is_none(), "only where they are asked for");
    assert_eq!(graph.list(&format!("{path}/alerts")).await[0]["status"], json!("resolved"));
    assert_eq!(graph.list("v1.0/security/incidents?$filter=status eq 'active'").await.len(), 1);
    refused(&graph.send("PATCH", path, &json!({"status": "new"})).await, 400);
    refused(&graph.get("v1.0/security/incidents/99").await, 404);
}

#[tokio::test]
async fn correlation_may_leave_an_incident_redirected_and_its_alerts_elsewhere() {
    let graph = Graph::with_alerts(2).await;
    graph.lab.set(&json!({"incidentMergeSeconds": 3600}));
    graph.lab.advance(3600);
    let incident = graph.read("v1.0/security/incidents/2?$expand=alerts").await;
    assert_eq!((&incident["status"], &incident["redirectIncidentId"]), (&json!("redirected"), &json!("1")));
    assert_eq!(incident["alerts"], json!([]));
    assert!(graph.list(ALERTS).await.iter().all(|alert| alert["incidentId"] == json!("1")));
}

#[tokio::test]
async fn resolving_an_incident_resolves_its_alerts_where_the_knob_says_so() {
    for (resolves, status) in [(true, "resolved"), (false, "new")] {
        let graph = Graph::with_alerts(1).await;
        graph.lab.set(&json!({"incidentResolvesAlerts": resolves}));
        let incident = graph.list("v1.0/security/incidents").await[0]["id"].as_str().expect("an id").to_owned();
        let path = format!("v1.0/security/incidents/{incident}");
        assert_eq!(graph.send("PATCH", &path, &json!({"status": "resolved"})).await.status, 200);
        assert_eq!(graph.list("v1.0/security/alerts_v2").await[0]["status"], status);
    }
}
