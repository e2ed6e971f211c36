//! Graph: hunting, and many requests in one.

use serde_json::{Value, json};

use crate::emulator::{
    graph_rules::{RULES, rule},
    graph_stage::{Graph, refused},
    names,
};

const HUNT: &str = "v1.0/security/runHuntingQuery";

async fn stage() -> Graph {
    let graph = Graph::new().await;
    graph.lab.set(&json!({"telemetrySeconds": 0}));
    graph.lab.connect(None, Some("52.184.197.12"));
    graph.lab.advance(3600);
    graph.lab.connect(Some("evil.example"), None);
    graph
}

#[tokio::test]
async fn a_query_in_either_letter_case_is_answered_with_schema_and_rows() {
    let graph = stage().await;
    for (name, span) in [("Query", "Timespan"), ("query", "timespan")] {
        let query = "DeviceNetworkEvents | project Timestamp, RemoteIP, RemotePort | order by Timestamp asc";
        let seen = graph.send("POST", HUNT, &json!({name: query, span: "P1D"})).await;
        assert_eq!(seen.status, 200, "{}", seen.text);
        let body = seen.json();
        assert_eq!(names(&body), ["@odata.context", "schema", "results"]);
        assert!(
            body["@odata.context"]
                .as_str()
                .is_some_and(|text| text.ends_with("#microsoft.graph.security.huntingQueryResults"))
        );
        assert_eq!(body["schema"][0], json!({"name": "Timestamp", "type": "DateTime"}));
        assert_eq!(body["results"][0]["RemoteIP"], json!("52.184.197.12"));
        assert_eq!(body["results"].as_array().map(Vec::len), Some(2));
    }
}

#[tokio::test]
async fn a_timespan_cuts_and_a_bad_one_is_refused() {
    let graph = stage().await;
    let count = async |span: &str| {
        let body = json!({"Query": "DeviceNetworkEvents | project Timestamp", "Timespan": span});
        graph.send("POST", HUNT, &body).await
    };
    for (span, rows) in
        [("PT30M", 1), ("2026-11-24T11:00:00Z/2026-11-24T12:30:00Z", 1), ("PT2H/2026-11-24T12:30:00Z", 1), ("P30D", 2)]
    {
        assert_eq!(count(span).await.json()["results"].as_array().map(Vec::len), Some(rows), "{span}");
    }
    refused(&count("yesterday").await, 400);
}

#[tokio::test]
async fn a_bad_query_is_400_with_the_engine_s_words() {
    let graph = stage().await;
    for (query, words) in [
        ("DeviceNetworkEvents | where (", "Fix syntax errors in your query."),
        ("Nope | take 1", "Fix semantic errors in your query."),
    ] {
        let (code, message) = refused(&graph.send("POST", HUNT, &json!({"Query": query})).await, 400);
        assert!(code == "BadRequest" && message.ends_with(words), "{message}");
    }
    for body in [json!({}), json!({"Query": ""}), json!({"Query": 1}), json!({"Query": "print 1", "Timespan": 5})] {
        refused(&graph.send("POST", HUNT, &body).await, 400);
    }
}

#[tokio::test]
async fn forty_five_queries_a_minute_are_let_through_and_no_more() {
    let graph = stage().await;
    for _ in 0..45 {
        assert_eq!(graph.send("POST", HUNT, &json!({"Query": "print 1"})).await.status, 200);
    }
    refused(&graph.send("POST", HUNT, &json!({"Query": "print 1"})).await, 429);
}

#[tokio::test]
async fn the_schema_of_hunting_is_in_beta() {
    let graph = stage().await;
    let schema = graph.read("beta/security/microsoft.graph.security.getHuntingSchema").await;
    let tables = schema["tables"].as_array().expect("a list");
    let table = tables.iter().find(|table| table["name"] == json!("DeviceNetworkEvents")).expect("a table");
    assert_eq!(table["columns"][0], json!({"name": "Timestamp", "type": "DateTime"}));
    refused(&graph.get("v1.0/security/getHuntingSchema").await, 400);
}

async fn batch(graph: &Graph, requests: Value) -> Vec<Value> {
    let seen = graph.send("POST", "beta/$batch", &json!({"requests": requests})).await;
    assert_eq!(seen.status, 200, "{}", seen.text);
    seen.json()["responses"].as_array().expect("a list").clone()
}

#[tokio::test]
async fn requests_of_a_batch_are_answered_each_for_itself() {
    let graph = stage().await;
    let json = json!({"Content-Type": "application/json"});
    let responses = batch(
        &graph,
        json!([
            {"id": "2", "method": "GET", "url": "/security/rules/detectionRules/a", "dependsOn": ["1"]},
            {"id": "1", "method": "POST", "url": "security/rules/detectionRules", "headers": json, "body": rule("a")},
            {"id": "3", "method": "GET", "url": "/security/alerts_v2?$top=1"},
            {"id": "4", "method": "GET", "url": "/security/nope"},
            {"id": "5", "method": "GET", "url": "/security/alerts_v2", "dependsOn": ["4"]},
            {"id": "6", "method": "POST", "url": "/security/rules/detectionRules", "body": rule("b")}
        ]),
    )
    .await;
    let status = |id: &str| responses.iter().find(|one| one["id"] == json!(id)).expect("an answer")["status"].clone();
    assert_eq!(["1", "2", "3", "4", "5", "6"].map(status), [201, 200, 200, 400, 424, 400].map(|status| json!(status)));
    let made = responses.iter().find(|one| one["id"] == json!("1")).expect("an answer");
    assert_eq!(made["body"]["id"], json!("a"));
    assert!(made["headers"]["Location"].as_str().is_some_and(|place| place.ends_with("/detectionRules/a")));
    assert_eq!(graph.list(RULES).await.len(), 1);
}

#[tokio::test]
async fn a_fault_may_refuse_one_part_of_a_batch_and_no_other() {
    let graph = Graph::new().await;
    graph.lab.fault(&json!({
        "kind": "refuse-part", "status": 503, "match": {"face": "graph", "method": "GET", "path": "alerts_v2"},
    }));
    let part = |id: &str, url: &str| json!({"id": id, "method": "GET", "url": url});
    let parts = json!([part("1", "/security/alerts_v2"), part("2", "/security/rules/detectionRules")]);
    let responses = batch(&graph, parts).await;
    assert_eq!((&responses[0]["status"], &responses[1]["status"]), (&json!(503), &json!(200)));
    assert_eq!(graph.get("v1.0/security/alerts_v2").await.status, 200, "by itself it is no part");
}

#[tokio::test]
async fn parts_of_a_batch_are_throttled_each_for_itself() {
    let graph = stage().await;
    let requests: Vec<_> = (0..12)
        .map(|id| json!({"id": id.to_string(), "method": "GET", "url": "/security/rules/detectionRules"}))
        .collect();
    let responses = batch(&graph, json!(requests)).await;
    let throttled: Vec<_> = responses.iter().filter(|one| one["status"] == json!(429)).collect();
    assert_eq!(throttled.len(), 2);
    assert_eq!(throttled[0]["headers"]["Retry-After"], json!("60"));
}

#[tokio::test]
async fn a_batch_that_is_none_is_refused_whole() {
    let graph = stage().await;
    let get = |id: &str| json!({"id": id, "method": "GET", "url": "/security/alerts_v2"});
    let depends = |id: &str, on: &str| json!({"id": id, "method": "GET", "url": "/x", "dependsOn": [on]});
    let many: Vec<_> = (0..21).map(|id| get(&id.to_string())).collect();
    for requests in [
        json!(many),
        json!([]),
        json!([get("a"), get("A")]),
        json!([depends("1", "2"), depends("2", "1")]),
        json!([depends("1", "3")]),
        json!([{"id": 1, "method": "GET", "url": "/x"}]),
        json!("x"),
    ] {
        refused(&graph.send("POST", "v1.0/$batch", &json!({"requests": requests})).await, 400);
    }
    let nested = batch(&graph, json!([{"id": "1", "method": "POST", "url": "/$batch", "body": {}}])).await;
    assert_eq!(nested[0]["status"], json!(400));
}
