//! Hunting for what the tenant made of events: its alerts, what they name, and what a device was kept from.

use serde_json::{Value, json};

use crate::emulator::{
    graph_rules::{RULES, rule},
    graph_stage::Graph,
};

/// The rows of a query, without the names of their columns.
async fn found(graph: &Graph, query: &str) -> Value {
    let seen = graph.send("POST", "v1.0/security/runHuntingQuery", &json!({"Query": query})).await;
    assert_eq!(seen.status, 200, "{query}: {}", seen.text);
    let rows = seen.json()["results"].as_array().expect("rows").clone();
    let cells = |row: &Value| row.as_object().expect("a row").values().cloned().collect::<Value>();
    rows.iter().map(cells).collect()
}

/// A tenant that has blocked a connection to `evil.example`, and told of it in an alert.
async fn blocked() -> Graph {
    let graph = Graph::new().await;
    graph.lab.set(&json!({"telemetrySeconds": 0, "networkEnforcementSeconds": 60, "networkAlertSeconds": 120}));
    let made = json!({"type": "DomainName", "value": "evil.example", "action": "Block"});
    let url = format!("{}/custom-indicators", graph.lab.details.control);
    let made = graph.lab.client.post(url).body(made.to_string()).send().await.expect("an answer");
    assert_eq!(made.status(), 200);
    graph.lab.advance(60);
    graph.lab.connect(Some("evil.example"), None);
    graph
}

#[tokio::test]
async fn a_connection_that_is_cut_off_succeeded_first_and_is_told_as_blocked() {
    let graph = blocked().await;
    let query = "DeviceNetworkEvents | project ActionType, RemoteUrl";
    assert_eq!(found(&graph, query).await, json!([["ConnectionSuccess", "evil.example"]]));
    let query = "DeviceEvents | where ActionType startswith 'ExploitGuard' | extend parsed = parse_json(AdditionalFields) \
                 | project ActionType, RemoteUrl, List = tostring(parsed.ResponseCategory)";
    let expected = json!([["ExploitGuardNetworkProtectionBlocked", "evil.example", "CustomBlockList"]]);
    assert_eq!(found(&graph, query).await, expected);
}

#[tokio::test]
async fn an_alert_is_a_row_when_it_can_be_read_and_not_before() {
    let graph = blocked().await;
    graph.lab.advance(119);
    assert_eq!(found(&graph, "AlertInfo").await, json!([]));
    graph.lab.advance(1);
    let alert = graph.list("v1.0/security/alerts_v2").await.remove(0);
    let query = "AlertInfo | project AlertId, Title, Category, Severity, ServiceSource, DetectionSource";
    let expected = json!([[
        alert["id"],
        "Connection to a custom network indicator",
        "CommandAndControl",
        "Informational",
        "Microsoft Defender for Endpoint",
        "Custom TI"
    ]]);
    assert_eq!(found(&graph, query).await, expected);
    let query = "AlertInfo | join kind=inner AlertEvidence on AlertId | where EntityType in ('Machine', 'Url') \
                 | project EntityType, EvidenceRole, DeviceName, RemoteUrl, Categories";
    let device = &graph.lab.details.device_name;
    let categories = r#"["CommandAndControl"]"#;
    let expected =
        json!([["Machine", "Impacted", device, "", categories], ["Url", "Related", "", "evil.example", categories]]);
    assert_eq!(found(&graph, query).await, expected);
}

#[tokio::test]
async fn what_a_rule_names_is_the_evidence_of_its_alert() {
    let graph = Graph::new().await;
    graph.lab.set(&json!({"telemetrySeconds": 0}));
    let seen = graph.send("POST", RULES, &rule("r")).await;
    assert_eq!(seen.status, 201, "{}", seen.text);
    graph.lab.connect(None, Some("52.184.197.12"));
    graph.lab.advance(600);
    let query = "AlertEvidence | project EntityType, EvidenceRole, DeviceId, RemoteIP, DetectionSource";
    let device = &graph.lab.details.device_id;
    let rows = found(&graph, query).await;
    assert_eq!(rows[0], json!(["Machine", "Impacted", device, "", "Custom detection"]));
    assert_eq!(rows.as_array().map(Vec::len), Some(2), "{rows}");
}
