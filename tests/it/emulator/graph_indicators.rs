//! Graph: threat indicators of the security API of before.

use serde_json::{Value, json};

use crate::emulator::{
    graph_stage::{Graph, refused},
    names,
};

const INDICATORS: &str = "beta/security/tiIndicators";

fn indicator(observable: &str, value: &str) -> Value {
    json!({
        "action": "alert", "description": "A drill", "expirationDateTime": "2026-12-01T00:00:00Z",
        "targetProduct": "Microsoft Defender ATP", "threatType": "WatchList", "tlpLevel": "green",
        "externalId": "drill-1", observable: value
    })
}

#[tokio::test]
async fn one_for_endpoints_raises_the_alert_of_a_custom_indicator() {
    let graph = Graph::new().await;
    let seen = graph.send("POST", INDICATORS, &indicator("domainName", "evil.example")).await;
    assert_eq!(seen.status, 201, "{}", seen.text);
    let body = seen.json();
    assert_eq!((&body["severity"], &body["isActive"], &body["url"]), (&json!(3), &json!(true), &Value::Null));
    assert_eq!(names(&body)[..3], ["@odata.context", "id", "action"]);
    graph.lab.advance(48 * 3600);
    graph.lab.connect(Some("www.evil.example"), None);
    graph.lab.advance(3600);
    let alerts = graph.list("v1.0/security/alerts_v2").await;
    assert_eq!((alerts.len(), &alerts[0]["detectionSource"]), (1, &json!("customTi")), "{alerts:?}");
    let path = format!("{INDICATORS}/{}", body["id"].as_str().expect("a text"));
    assert_eq!(graph.send("DELETE", &path, &json!({})).await.status, 204);
    refused(&graph.get(&path).await, 404);
}

#[tokio::test]
async fn one_for_another_product_is_kept_and_nothing_comes_of_it() {
    let graph = Graph::new().await;
    let mut body = indicator("domainName", "evil.example");
    body["targetProduct"] = json!("Azure Sentinel");
    assert_eq!(graph.send("POST", INDICATORS, &body).await.status, 201);
    graph.lab.advance(48 * 3600);
    graph.lab.connect(Some("evil.example"), None);
    graph.lab.advance(3600);
    assert_eq!(graph.list("v1.0/security/alerts_v2").await.len(), 0);
    assert_eq!(graph.list(INDICATORS).await.len(), 1);
    graph.lab.advance(7 * 86_400);
    assert_eq!(graph.list(INDICATORS).await.len(), 0, "it has expired");
}

#[tokio::test]
async fn what_an_indicator_lacks_is_refused() {
    let graph = Graph::new().await;
    for (name, value) in [
        ("action", Value::Null),
        ("action", json!("warn")),
        ("description", json!("x".repeat(101))),
        ("threatType", json!("Nothing")),
        ("severity", json!(6)),
        ("expirationDateTime", json!("2026-01-01T00:00:00Z")),
        ("domainName", Value::Null),
        ("strange", json!(1)),
    ] {
        let mut body = indicator("domainName", "evil.example");
        body[name] = value;
        refused(&graph.send("POST", INDICATORS, &body).await, 400);
    }
    refused(&graph.get("v1.0/security/tiIndicators").await, 400);
}

#[tokio::test]
async fn many_at_once_are_a_hundred_and_each_fails_for_itself() {
    let graph = Graph::new().await;
    let good = indicator("url", "https://evil.example/a");
    let body = json!({"value": [good, {"action": "alert"}]});
    let seen = graph.send("POST", &format!("{INDICATORS}/submitTiIndicators"), &body).await;
    assert_eq!(seen.status, 200, "{}", seen.text);
    let value = seen.json()["value"].as_array().expect("a list").clone();
    let id = value[0]["id"].as_str().expect("an id").to_owned();
    assert_eq!(value[1]["code"], json!(400));
    let update = json!({"value": [{"id": id, "description": "Another"}, {"id": id, "url": "https://x.example"}]});
    let value = graph.send("POST", &format!("{INDICATORS}/updateTiIndicators"), &update).await.json()["value"].clone();
    assert_eq!((&value[0]["description"], &value[1]["code"]), (&json!("Another"), &json!(400)));
    let delete = json!({"value": ["drill-1", "none"]});
    let seen = graph.send("POST", &format!("{INDICATORS}/deleteTiIndicatorsByExternalId"), &delete).await;
    let codes: Vec<_> =
        seen.json()["value"].as_array().expect("a list").iter().map(|one| one["code"].clone()).collect();
    assert_eq!(codes, [json!(0), json!(404)]);
    assert_eq!(graph.list(INDICATORS).await.len(), 0);
    let many = json!({"value": vec![json!("x"); 101]});
    refused(&graph.send("POST", &format!("{INDICATORS}/deleteTiIndicators"), &many).await, 400);
}
