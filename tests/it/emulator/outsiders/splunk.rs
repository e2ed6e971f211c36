//! Splunk SOAR's connectors `windowsdefenderatp` and `microsoft365defender`.

use serde_json::{Value, json};

use crate::emulator::{
    endpoint::{Api, ids, token_for},
    graph_stage::Graph,
    outsiders::sent,
};

#[tokio::test]
async fn the_endpoint_connector_gets_what_it_reads() {
    let api = Api::quick().await;
    let token = token_for(&api.lab, "https://api.securitycenter.windows.com").await;
    let api = Api { token, ..api };
    let device = api.lab.details.device_id.clone();
    for path in ["/alerts?$top=1", "/alerts?$top=100", "/ips/198.51.100.7/alerts?$top=100", "/indicators?$top=100"] {
        let seen = sent(&api, "GET", path, "").await;
        assert_eq!((seen.status, &seen.json()["value"]), (200, &json!([])), "{path}");
    }
    let machines = sent(&api, "GET", "/machines?$top=100&", "").await;
    assert_eq!(ids(&machines.json()), [device.as_str()], "an empty query of the user's own leaves an ampersand");
    let users = sent(&api, "GET", &format!("/machines/{device}/logonusers"), "").await.json();
    assert_eq!(
        (&users["value"][0]["accountName"], &users["value"][0]["id"]),
        (&json!("user1"), &json!("workstation-1\\user1"))
    );
    let prevalence = sent(&api, "GET", "/domains/evil.example/stats?lookBackHours=720", "").await.json();
    assert_eq!(prevalence["organizationPrevalence"], json!(0));
    for (call, body) in [
        ("runAntiVirusScan", r#"{"Comment": "c", "ScanType": "Quick"}"#),
        ("isolate", r#"{"Comment": "c", "IsolationType": "Selective"}"#),
        ("StopAndQuarantineFile", r#"{"Comment": "c", "Sha1": "0123456789abcdef0123456789abcdef01234567"}"#),
        ("restrictCodeExecution", r#"{"Comment": "c"}"#),
        ("collectInvestigationPackage", r#"{"Comment": "c"}"#),
    ] {
        let seen = sent(&api, "POST", &format!("/machines/{device}/{call}"), body).await;
        assert_eq!((seen.status, &seen.json()["status"]), (201, &json!("Pending")), "{call}: {}", seen.text);
    }
    let tag = sent(&api, "POST", &format!("/machines/{device}/tags"), r#"{"Value": "t", "Action": "Add"}"#).await;
    assert_eq!(tag.json()["machineTags"], json!(["t"]));
}

#[tokio::test]
async fn the_graph_connector_lists_and_updates() {
    let graph = Graph::with_alerts(1).await;
    assert_eq!(graph.list("v1.0/security/alerts_v2?%24top=1").await.len(), 1, "how it tries a connection");
    let filter = "%24filter=lastUpdateDateTime+ge+2026-11-01T00%3A00%3A00Z&%24orderby=lastUpdateDateTime";
    let incident = graph.list(&format!("v1.0/security/incidents?{filter}")).await[0].clone();
    let path = format!("v1.0/security/incidents/{}", incident["id"].as_str().expect("an id"));
    let change = json!({
        "status": "resolved", "classification": "informationalExpectedActivity", "determination": "securityTesting",
        "assignedTo": "a@contoso.example"
    });
    let changed = graph.send("PATCH", &path, &change).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    for member in ["status", "classification", "determination", "assignedTo"] {
        assert_eq!(changed.json()[member], change[member], "{member}");
    }
    let found = graph.send("POST", "v1.0/security/runHuntingQuery", &json!({"Query": "DeviceInfo | take 1"})).await;
    let found = found.json();
    let rows = found["results"].as_array().map(Vec::len);
    assert_eq!((rows, found["schema"][0]["name"].as_str()), (Some(1), Some("Timestamp")), "{found}");
    assert_ne!(found["results"][0]["DeviceName"], Value::Null);
}
