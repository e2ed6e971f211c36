//! `OpenCTI`'s connectors `microsoft-defender-intel` and `microsoft-graph-security-intel`.

use serde_json::{Value, json};

use crate::emulator::{
    Seen,
    endpoint::{Api, ids},
    graph_stage::Graph,
    outsiders::sent,
};

fn observable(kind: &str, value: &str) -> Value {
    json!({
        "indicatorType": kind, "indicatorValue": value, "application": "OpenCTI Microsoft Defender Intel",
        "action": "Audit", "title": value, "description": "No description", "externalId": "guid",
        "lastUpdateTime": "2026-11-24T11:00:00.000Z", "expirationTime": "2026-12-24T11:00:00+00:00",
        "severity": "High", "generateAlert": true
    })
}

#[tokio::test]
async fn indicators_are_imported_found_updated_listed_and_deleted() {
    let api = Api::new().await;
    let url = "http://evil.example/a?b=1&c='d'";
    let many = json!({"Indicators": [observable("Url", url), observable("DomainName", "evil.example")]});
    let imported = sent(&api, "POST", "/indicators/import", &many.to_string()).await.json();
    assert_eq!(
        (&imported["value"][0]["isFailed"], imported["value"].as_array().map(Vec::len)),
        (&json!(false), Some(2))
    );
    let filter = "%24filter=indicatorValue%20eq%20%27http%3A%2F%2Fevil.example%2Fa%3Fb%3D1%26c%3D%27%27d%27%27%27";
    let filter = filter.replacen("%24", "$", 1);
    let found = sent(&api, "GET", &format!("/indicators?{filter}"), "").await.json();
    let [id] = ids(&found)[..] else { panic!("{found}") };
    let mut change = observable("Url", url);
    change["id"] = json!(id);
    change["severity"] = json!("Low");
    let changed = sent(&api, "POST", "/indicators", &change.to_string()).await.json();
    assert_eq!((&changed["id"], &changed["severity"]), (&json!(id), &json!("Low")));
    let own = "$filter=application%20eq%20%27OpenCTI%20Microsoft%20Defender%20Intel%27&$top=2&$skip=";
    let page = async |skip: usize| sent(&api, "GET", &format!("/indicators?{own}{skip}"), "").await.json();
    let (first, second) = (page(0).await, page(1).await);
    assert_eq!(ids(&first).len(), 2);
    assert_eq!(ids(&second), ids(&first)[1..], "a page begins with the last of the one before");
    let gone = json!({"IndicatorIds": ids(&first)});
    assert_eq!(sent(&api, "POST", "/indicators/BatchDelete", &gone.to_string()).await.status, 204);
    assert_eq!(ids(&page(0).await).len(), 0);
}

#[tokio::test]
async fn threat_indicators_of_graph_are_kept_with_a_bare_token_and_texts_for_truths() {
    let graph = Graph::new().await;
    let ask = async |method: &str, path: &str, body: Option<Value>| {
        let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
        let request = graph.lab.client.request(method, graph.url(&format!("beta/security/tiIndicators{path}")));
        let mut request = request.header("Authorization", &graph.token);
        if let Some(body) = body {
            request = request.header("Content-Type", "application/json").body(body.to_string());
        }
        Seen::of(request.send().await.expect("an answer")).await
    };
    let body = json!({
        "threatType": "WatchList", "description": "No description", "tags": ["opencti"], "confidence": 50,
        "externalId": "indicator--1", "lastReportedDateTime": "2026-11-24T11:00:00.000Z",
        "expirationDateTime": "2026-12-24T11:00:00+00:00", "action": "alert", "severity": 4, "tlpLevel": "unknown",
        "passiveOnly": "false", "targetProduct": "Azure Sentinel", "additionalInformation": 60,
        "domainName": "evil.example"
    });
    let made = ask("POST", "", Some(body.clone())).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!((&made.json()["passiveOnly"], &made.json()["additionalInformation"]), (&json!(false), &json!("60")));
    for filter in ["externalId%20eq%20'indicator--1'", "domainName%20eq%20'evil.example'"] {
        let found = ask("GET", &format!("?$filter={filter}"), None).await;
        assert_eq!(ids(&found.json()).len(), 1, "{filter}");
    }
    let id = made.json()["id"].as_str().expect("an id").to_owned();
    assert_eq!(ask("PATCH", &format!("/{id}"), Some(body)).await.status, 204);
    assert_eq!(ask("DELETE", &format!("/{id}"), None).await.status, 204);
    assert_eq!(ids(&ask("GET", "", None).await.json()).len(), 0);
    let empty = graph.lab.client.get(graph.url("beta/security/tiIndicators")).header("Authorization", "a.b");
    assert_eq!(Seen::of(empty.send().await.expect("an answer")).await.status, 401);
}
