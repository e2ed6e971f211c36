//! Graph: tokens, roles, versions, clouds, quotas, and the shape of every refusal.

use serde_json::json;

use crate::emulator::{
    Lab, Seen,
    graph_stage::{Graph, refused, said},
    names,
};

const ALERTS: &str = "v1.0/security/alerts_v2";

#[tokio::test]
async fn a_bad_token_is_401_with_the_recorded_text() {
    let graph = Graph::new().await;
    let legacy = graph.lab.token.clone();
    let mut forged = graph.token.clone();
    forged.replace_range(40..41, if forged.as_bytes()[40] == b'A' { "B" } else { "A" });
    for (header, message) in [
        (None, "Access token is empty."),
        (Some("Bearer nonsense".to_owned()), "CompactToken parsing failed with error code: 80049217"),
        (Some(format!("Bearer {legacy}")), "Access token validation failure. Invalid audience."),
    ] {
        let mut request = graph.lab.client.get(graph.url(ALERTS));
        if let Some(header) = &header {
            request = request.header("Authorization", header);
        }
        let seen = Seen::of(request.send().await.expect("an answer")).await;
        assert_eq!(refused(&seen, 401), said("InvalidAuthenticationToken", message), "{header:?}");
        assert_eq!(seen.header("www-authenticate"), "Bearer");
    }
    graph.lab.advance(86_400_000);
    let expired = said("InvalidAuthenticationToken", "Access token has expired or is not yet valid.");
    assert_eq!(refused(&graph.get(ALERTS).await, 401), expired);
}

#[tokio::test]
async fn a_refusal_has_the_common_shape_and_a_date_without_a_zone() {
    let graph = Graph::new().await;
    let seen = graph.ask("GET", "v1.0/security/nope", &[("client-request-id", "my-own-id")], None).await;
    assert_eq!(refused(&seen, 400), said("BadRequest", "Resource not found for the segment 'nope'."));
    let error = &seen.json()["error"];
    assert_eq!(names(error), ["code", "message", "innerError"]);
    assert_eq!(names(&error["innerError"]), ["date", "request-id", "client-request-id"]);
    assert_eq!(error["innerError"]["date"], json!("2026-11-24T12:00:00"));
    assert_eq!(error["innerError"]["client-request-id"], json!("my-own-id"));
    assert_eq!(seen.header("client-request-id"), "my-own-id");
    assert_eq!(error["innerError"]["request-id"], json!(seen.header("request-id")));
}

#[tokio::test]
async fn every_answer_has_ids_of_its_own_and_the_recorded_headers() {
    let graph = Graph::new().await;
    let (first, second) = (graph.get(ALERTS).await, graph.get(ALERTS).await);
    assert_ne!(first.header("request-id"), second.header("request-id"));
    assert_eq!(first.header("client-request-id"), first.header("request-id"), "without one of its own");
    assert_eq!(first.header("odata-version"), "4.0");
    assert_eq!(
        first.header("content-type"),
        "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
    );
}

#[tokio::test]
async fn a_method_that_a_place_does_not_take_is_405() {
    let graph = Graph::new().await;
    let words = said("Request_BadRequest", "Specified HTTP method is not allowed for the request target.");
    for (method, path) in [
        ("DELETE", ALERTS),
        ("PUT", "beta/security/rules/detectionRules/a"),
        ("GET", "v1.0/security/runHuntingQuery"),
        ("POST", ALERTS),
        ("POST", "v1.0/security/alerts_v2/createAlert"),
    ] {
        assert_eq!(refused(&graph.send(method, path, &json!({})).await, 405), words, "{method} {path}");
    }
}

#[tokio::test]
async fn versions_and_clouds_have_different_parts() {
    let graph = Graph::new().await;
    let segment = |name: &str| said("BadRequest", &format!("Resource not found for the segment '{name}'."));
    assert_eq!(refused(&graph.get("v3/security/alerts_v2").await, 400), said("BadRequest", "Invalid version: v3"));
    let rules = "v1.0/security/rules/detectionRules";
    assert_eq!(refused(&graph.get(rules).await, 400), segment("rules"));
    graph.lab.set(&json!({"rulesInV1": true}));
    assert_eq!(graph.get(rules).await.status, 200);
    graph.lab.set(&json!({"graphCloud": "usgov"}));
    assert_eq!(refused(&graph.get("beta/security/rules/detectionRules").await, 400), segment("rules"));
    assert_eq!(graph.get(ALERTS).await.status, 200);
    graph.lab.set(&json!({"graphCloud": "china"}));
    for (path, name) in [(ALERTS, "alerts_v2"), ("v1.0/security/incidents", "incidents")] {
        assert_eq!(refused(&graph.get(path).await, 400), segment(name), "{path}");
    }
}

#[tokio::test]
async fn the_cloud_is_that_of_the_host_whose_name_the_client_kept() {
    let graph = Graph::new().await;
    for (host, status) in [
        ("graph.microsoft.com", 200),
        ("graph.microsoft.us", 200),
        ("dod-graph.microsoft.us", 200),
        ("microsoftgraph.chinacloudapi.cn", 400),
    ] {
        let url = format!("{}/{ALERTS}", graph.lab.mocks.base());
        let request = graph.lab.client.get(url).bearer_auth(&graph.token).header("Host", host);
        let seen = Seen::of(request.send().await.expect("an answer")).await;
        assert_eq!(seen.status, status, "{host}: {}", seen.text);
        if status == 200 {
            let context = format!("https://{host}/v1.0/$metadata#security/alerts_v2");
            assert_eq!(seen.json()["@odata.context"], json!(context));
        }
    }
}

#[tokio::test]
async fn the_eleventh_list_of_rules_within_a_minute_is_429_and_says_when_to_come_back() {
    let graph = Graph::new().await;
    let path = "beta/security/rules/detectionRules";
    for _ in 0..10 {
        assert_eq!(graph.get(path).await.status, 200);
    }
    graph.lab.advance(10);
    let seen = graph.get(path).await;
    assert_eq!(refused(&seen, 429), said("TooManyRequests", "Please retry again later."));
    assert_eq!(names(&seen.json()["error"]), ["code", "innerError", "message"]);
    let inner = seen.json()["error"]["innerError"].clone();
    assert_eq!(names(&inner), ["code", "date", "message", "request-id", "status"]);
    assert_eq!((seen.header("retry-after"), &inner["status"]), ("50", &json!("429")));
    graph.lab.set(&json!({"graphRetryAfter": "fractional"}));
    assert_eq!(graph.get(path).await.header("retry-after"), "50.000");
    graph.lab.set(&json!({"graphRetryAfter": "absent"}));
    assert_eq!(graph.get(path).await.header("retry-after"), "");
    graph.lab.advance(50);
    assert_eq!(graph.get(path).await.status, 200);
    graph.lab.set(&json!({"graphQuotas": {"ruleList": [0, 0, 0]}}));
    for _ in 0..20 {
        assert_eq!(graph.get(path).await.status, 200);
    }
}

#[tokio::test]
async fn a_token_of_another_tenant_is_refused() {
    let (graph, other) = (Graph::new().await, Lab::new().await);
    other.mocks.emulator();
    let foreign = Graph::token_for(&other, "https://graph.microsoft.com").await;
    let request = graph.lab.client.get(graph.url(ALERTS)).bearer_auth(format!("{foreign}x"));
    assert_eq!(Seen::of(request.send().await.expect("an answer")).await.status, 401);
}
