//! Elastic's integrations `microsoft_defender_endpoint` and `m365_defender`.

use serde_json::json;

use crate::emulator::{
    endpoint::{Api, ids, token_for},
    graph_stage::Graph,
    outsiders::sent,
};

#[tokio::test]
async fn what_the_integration_polls_is_answered() {
    let api = Api::quick().await;
    let path = format!("/machines/{}/isolate", api.lab.details.device_id);
    let action = sent(&api, "POST", &path, r#"{"Comment":"c","IsolationType":"Full"}"#).await.json();
    for (path, count) in [
        ("/alerts?$expand=evidence&$filter=lastUpdateTime+gt+2026-11-01T00:00:00.000Z", 0),
        ("/machineactions?$filter=lastUpdateDateTimeUtc%20gt%202026-11-01T00:00:00Z&$top=1000&$skip=0", 1),
        ("/machineactions?$filter=lastUpdateDateTimeUtc+gt+2026-12-01T00:00:00Z", 0),
        ("/machines?$filter=isExcluded+eq+false&$top=10000&$skip=0", 1),
        ("/machines?$filter=isExcluded%20eq%20true", 0),
    ] {
        let seen = sent(&api, "GET", path, "").await;
        assert_eq!(seen.status, 200, "{path}: {}", seen.text);
        assert_eq!(ids(&seen.json()).len(), count, "{path}");
    }
    assert_eq!(action["lastUpdateDateTimeUtc"], json!("2026-11-24T12:00:00Z"));
}

#[tokio::test]
async fn incidents_are_polled_with_a_token_for_the_host() {
    let api = Api::new().await;
    let token = token_for(&api.lab, "https://api.security.microsoft.com").await;
    let path = "/incidents?$filter=lastUpdateTime+gt+2026-11-01T00:00:00.000Z&$top=100&$skip=0";
    let seen = api.ask_with(&token, "GET", path, None).await;
    assert_eq!((seen.status, &seen.json()["value"]), (200, &json!([])), "{}", seen.text);
}

#[tokio::test]
async fn incidents_and_alerts_are_polled_from_graph() {
    let graph = Graph::with_alerts(2).await;
    // As the client's library writes a query: sorted by name, and encoded but for the blanks.
    let query = "%24filter=lastUpdateDateTime+ge+2026-11-24T00%3A00%3A00Z&%24orderby=lastUpdateDateTime+asc&%24skip=0&%24top=50";
    let list = graph.list(&format!("v1.0/security/incidents?%24expand=alerts&{query}")).await;
    assert_eq!(list.len(), 2);
    assert!(list[0]["lastUpdateDateTime"].as_str() < list[1]["lastUpdateDateTime"].as_str(), "{list:?}");
    assert_eq!(list[0]["alerts"][0]["incidentId"], list[0]["id"]);
    let preference = [("Prefer", "include-unknown-enum-members")];
    let alerts = graph.ask("GET", &format!("v1.0/security/alerts_v2?{query}"), &preference, None).await;
    assert_eq!(ids(&alerts.json()).len(), 2);
    let beyond = query.replace("skip=0", "skip=50");
    assert_eq!(graph.list(&format!("v1.0/security/alerts_v2?{beyond}")).await.len(), 0);
}
