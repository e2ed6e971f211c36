//! Scripts: the module `PSMDATP`, the driver of msticpy, Microsoft's bridge from MISP, the plugin `check-msdefender`, and
//! playbooks of Sentinel.

use serde_json::json;

use crate::emulator::{
    Seen,
    endpoint::{Api, ids, token_for},
    graph_stage::Graph,
    names,
    outsiders::sent,
};

#[tokio::test]
async fn psmdatp_asks_for_its_token_with_a_field_too_many_and_adds_an_indicator() {
    let api = Api::new().await;
    let fields =
        [("resource", Some("https://api.securitycenter.windows.com")), ("redirectUri", Some("https://localhost:8000"))];
    let token = api.lab.ask_token(&api.lab.details.authorization_url.clone(), &fields).await.json();
    let token = token["access_token"].as_str().expect("a token").to_owned();
    let body = json!({
        "indicatorValue": "198.51.100.7", "indicatorType": "IpAddress", "action": "Block", "title": "t",
        "description": "d", "severity": "Medium"
    });
    let seen = api.ask_with(&token, "POST", "/indicators", Some(&body.to_string())).await;
    assert_eq!((seen.status, &seen.json()["severity"]), (200, &json!("Medium")), "{}", seen.text);
    let found = api.ask_with(&token, "GET", "/indicators?$filter=indicatorType+eq+'IpAddress'", None).await;
    assert_eq!(ids(&found.json()), ["1"]);
}

#[tokio::test]
async fn psmdatp_filters_investigations_without_a_blank_at_a_host_of_before() {
    let api = Api::new().await;
    let device = api.lab.details.device_id.clone();
    let begun = sent(&api, "POST", &format!("/machines/{device}/startInvestigation"), r#"{"Comment": "c"}"#).await;
    assert_eq!(begun.status, 201);
    for host in ["api-us.securitycenter.windows.com", "api-eu.securitycenter.windows.com"] {
        for (query, count) in [
            ("?$filter=state+eq+'Running'".to_owned(), 1),
            (format!("?$filter=machineId+eq+'{device}'and state+eq+'Running'"), 1),
            (format!("?$filter=machineId+eq+'{device}'and state+eq+'Benign'"), 0),
        ] {
            let url = format!("{}/api/investigations/{query}", api.lab.mocks.base());
            let request = api.lab.client.get(url).bearer_auth(&api.token).header("Host", host);
            let seen = Seen::of(request.send().await.expect("an answer")).await;
            assert_eq!(seen.status, 200, "{host} {query}: {}", seen.text);
            assert_eq!(ids(&seen.json()).len(), count, "{host} {query}");
        }
    }
}

#[tokio::test]
async fn msticpy_hunts_with_a_capital_query_at_either_service() {
    let api = Api::new().await;
    let query = r#"{"Query": "DeviceInfo | take 5 | project Timestamp, DeviceName"}"#;
    let found = sent(&api, "POST", "/advancedqueries/run", query).await.json();
    assert_eq!((&found["Schema"][0]["Name"], &found["Schema"][0]["Type"]), (&json!("Timestamp"), &json!("DateTime")));
    let graph = Graph::new().await;
    let query = json!({"Query": "DeviceInfo | take 5 | project Timestamp, DeviceName"});
    let found = graph.send("POST", "v1.0/security/runHuntingQuery", &query).await.json();
    assert_eq!((&found["schema"][0]["name"], &found["schema"][0]["type"]), (&json!("Timestamp"), &json!("DateTime")));
}

#[tokio::test]
async fn the_bridge_from_misp_posts_and_deletes_many_at_once() {
    let graph = Graph::new().await;
    let one = json!({
        "action": "alert", "description": "MISP event", "expirationDateTime": "2026-12-01T00:00:00Z",
        "targetProduct": "Azure Sentinel", "threatType": "WatchList", "tlpLevel": "amber", "passiveOnly": false,
        "tags": ["misp"], "networkIPv4": "198.51.100.7"
    });
    let path = "beta/security/tiindicators";
    let posted = graph.send("POST", &format!("{path}/submitTiIndicators"), &json!({"value": [one]})).await;
    assert_eq!(posted.status, 200, "{}", posted.text);
    let posted = posted.json();
    let gone = graph.send("POST", &format!("{path}/deleteTiIndicators"), &json!({"value": ids(&posted)})).await;
    assert_eq!((gone.status, &gone.json()["value"][0]["code"]), (200, &json!(0)));
    assert_eq!(graph.list(path).await.len(), 0);
}

#[tokio::test]
async fn a_nagios_plugin_reads_machines_alerts_and_an_incident() {
    let graph = Graph::with_alerts(1).await;
    let token = token_for(&graph.lab, "https://api.securitycenter.microsoft.com").await;
    let api = Api { lab: graph.lab, token };
    let name = "workstation-1.contoso.example";
    let found =
        sent(&api, "GET", &format!("/machines?%24filter=computerDnsName+eq+%27{name}%27&%24select=id"), "").await;
    let device = &found.json()["value"][0];
    assert_eq!((names(device), &device["id"]), (vec!["id"], &json!(api.lab.details.device_id)), "{}", found.text);
    let members = "status,title,machineId,incidentId,alertCreationTime,severity";
    let ordered = "%24orderby=alertCreationTime+desc";
    for query in [
        format!("%24expand=evidence&{ordered}&%24select={}", members.replace(',', "%2C")),
        "%24filter=incidentId+eq+1&%24expand=evidence".to_owned(),
    ] {
        let seen = sent(&api, "GET", &format!("/alerts?{query}"), "").await;
        assert_eq!(seen.status, 200, "{query}: {}", seen.text);
        assert_eq!(
            (&seen.json()["value"][0]["incidentId"], seen.json()["value"].as_array().map(Vec::len)),
            (&json!(1), Some(1))
        );
    }
    let graph = Graph { token: Graph::token_for(&api.lab, "https://graph.microsoft.com").await, lab: api.lab };
    let incident = graph.read("v1.0/security/incidents/1?%24expand=alerts").await;
    assert_eq!((&incident["id"], &incident["alerts"][0]["incidentId"]), (&json!("1"), &json!("1")));
}

#[tokio::test]
async fn a_playbook_isolates_a_machine_by_its_name_and_restricts_an_address() {
    let api = Api::new().await;
    let isolate = r#"{"Comment": "Automated isolation"}"#;
    let action = sent(&api, "POST", "/machines/workstation-1.contoso.example/isolate", isolate).await;
    assert_eq!((action.status, &action.json()["machineId"]), (201, &json!(api.lab.details.device_id)));
    let body = json!({
        "action": "Block", "description": "d", "expirationTime": "2027-02-22T12:00:00.1234567Z", "generateAlert": true,
        "indicatorType": "IpAddress", "indicatorValue": "198.51.100.7", "title": "t", "rbacGroupNames": []
    });
    let seen = sent(&api, "POST", "/indicators", &body.to_string()).await;
    assert_eq!((seen.status, &seen.json()["expirationTime"]), (200, &body["expirationTime"]), "{}", seen.text);
}
