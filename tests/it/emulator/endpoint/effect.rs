//! What custom indicators do to a device's traffic, and when.

use serde_json::{Value, json};

use crate::emulator::endpoint::{Api, indicator};

/// What becomes of a request of the first device through the sensor's proxy: its status, or none where the connection
/// is closed.
async fn visit(api: &Api, url: &str) -> Option<u16> {
    let proxy = reqwest::Proxy::http(api.lab.mocks.base()).expect("a proxy");
    let client = reqwest::Client::builder().proxy(proxy).retry(reqwest::retry::never()).tls_certs_only([]);
    let client = client.build().expect("a client");
    client.get(url).send().await.ok().map(|response| response.status().as_u16())
}

fn raised(api: &Api) -> Value {
    api.lab.mocks.emulator().with(|tenant, now| tenant.state(now))["alerts"].clone()
}

#[tokio::test]
async fn a_blocked_connection_is_closed_and_an_audited_or_allowed_one_is_not() {
    let api = Api::quick().await;
    for (host, action) in
        [("block.example", "Block"), ("warn.example", "Warn"), ("audit.example", "Audit"), ("allow.example", "Allowed")]
    {
        api.publish(&indicator("DomainName", host, action)).await;
    }
    for (url, outcome, alerts) in [
        ("http://www.block.example/a", None, 1),
        ("http://warn.example/", None, 2),
        ("http://audit.example/", Some(200), 3),
        ("http://allow.example/", Some(200), 3),
        ("http://other.example/", Some(200), 3),
    ] {
        assert_eq!(visit(&api, url).await, outcome, "{url}");
        assert_eq!(raised(&api).as_array().map(Vec::len), Some(alerts), "{url}");
    }
}

#[tokio::test]
async fn network_protection_that_is_not_in_block_mode_makes_indicators_of_networks_inert() {
    let api = Api::quick().await;
    api.publish(&indicator("Url", "http://evil.example/a", "Block")).await;
    for knobs in [
        json!({"networkProtection": "off"}),
        json!({"networkProtection": "audit"}),
        json!({"networkProtection": "block", "customNetworkIndicators": false}),
    ] {
        api.lab.set(&knobs);
        assert_eq!(visit(&api, "http://evil.example/a/b").await, Some(200), "{knobs}");
        assert_eq!(raised(&api), json!([]), "{knobs}");
    }
    api.lab.set(&json!({"customNetworkIndicators": true}));
    assert_eq!(visit(&api, "http://evil.example/b").await, Some(200), "another path");
    assert_eq!(visit(&api, "http://evil.example/a/b").await, None);
}

#[tokio::test]
async fn an_indicator_is_enforced_when_its_time_has_come_and_not_before() {
    let api = Api::new().await;
    api.lab.set(&json!({"networkEnforcementSeconds": 7200, "enforcementRemovalSeconds": 600}));
    api.publish(&indicator("IpAddress", "52.184.197.12", "Audit")).await;
    api.lab.advance(7199);
    assert_eq!(api.lab.raised(), 0);
    api.lab.advance(1);
    assert_eq!(api.lab.raised(), 1);
    api.ask("DELETE", "/indicators/1", None).await;
    assert_eq!(api.lab.raised(), 1, "its removal has to come through as well");
    api.lab.advance(600);
    assert_eq!(api.lab.raised(), 0);
}

#[tokio::test]
async fn what_somebody_else_allows_silences_the_network_s_audit() {
    let api = Api::quick().await;
    api.publish(&indicator("IpAddress", "52.184.197.12", "Audit")).await;
    assert_eq!(api.lab.raised(), 1);
    api.publish(&indicator("IpAddress", "52.184.197.12", "Allowed")).await;
    assert_eq!(api.lab.raised(), 0);
}

#[tokio::test]
async fn evidence_with_a_value_in_it_is_lost_and_the_rest_of_the_alert_is_not() {
    for (fault, urls) in [(None, vec!["evil.example", "http://evil.example/"]), (Some("HTTP://"), vec!["evil.example"])]
    {
        let api = Api::quick().await;
        api.publish(&indicator("DomainName", "evil.example", "Audit")).await;
        if let Some(value) = fault {
            api.lab.fault(&json!({"kind": "hide-evidence", "value": value}));
        }
        assert_eq!(visit(&api, "http://evil.example/").await, Some(200));
        api.lab.advance(3 * 3600);
        let alerts = api.get("/alerts?$expand=evidence").await.json()["value"].clone();
        let rows = alerts[0]["evidence"].as_array().expect("rows").clone();
        let named: Vec<_> = rows.iter().filter_map(|row| row["url"].as_str()).collect();
        assert_eq!(named, urls, "{rows:?}");
        assert!(rows.iter().any(|row| row["entityType"] == json!("Process")), "{rows:?}");
    }
}
