//! Cortex XSOAR's integration `MicrosoftDefenderAdvancedThreatProtection`.

use serde_json::json;

use crate::emulator::{
    endpoint::{Api, ids, refusal, token_for},
    outsiders::sent,
};

#[tokio::test]
async fn lists_of_names_come_in_quotes_of_either_kind() {
    let api = Api::new().await;
    for (filter, count) in [
        ("computerDnsName+in+(\"workstation-1.contoso.example\",\"nobody\")", 1),
        ("computerDnsName%20in%20('workstation-1.contoso.example','nobody')", 1),
        ("computerDnsName+in+(\"it's\")", 0),
    ] {
        let seen = sent(&api, "GET", &format!("/machines?$filter={filter}&$top=50"), "").await;
        assert_eq!(seen.status, 200, "{filter}: {}", seen.text);
        assert_eq!(ids(&seen.json()).len(), count, "{filter}");
    }
    for filter in ["id+in+(%22open)", "id+eq+%22x%22"] {
        let status = sent(&api, "GET", &format!("/machines?$filter={filter}"), "").await.status;
        assert_eq!(status, 400, "{filter}: outside of a list such quotes are none");
    }
}

#[tokio::test]
async fn a_machine_is_found_by_its_address_at_a_time() {
    let api = Api::new().await;
    let machine = api.get(&format!("/machines/{}", api.lab.details.device_id)).await.json();
    let address = machine["lastIpAddress"].as_str().expect("an address");
    for function in ["findbyip", "findByIp", "FindByIP"] {
        let path = format!("/machines/{function}(ip='{address}',timestamp=2026-11-24T11:59:00Z)");
        let seen = sent(&api, "GET", &path, "").await;
        assert_eq!(seen.status, 200, "{path}: {}", seen.text);
        assert_eq!(ids(&seen.json()), [api.lab.details.device_id.as_str()]);
        assert_eq!(seen.json()["value"][0]["lastIpAddress"], machine["lastIpAddress"]);
    }
    let at = async |ip: &str, time: &str| {
        sent(&api, "GET", &format!("/machines/findbyip(ip='{ip}',timestamp={time})"), "").await
    };
    let nobody = at("192.0.2.250", "2026-11-24T11:59:00Z").await;
    assert_eq!((nobody.status, ids(&nobody.json()).len()), (200, 0), "only a bad time is documented as refused");
    for (ip, time) in [
        (address, "soon"),
        (address, "2026-10-01T00:00:00Z"),
        (address, "2026-12-01T00:00:00Z"),
        ("x", "2026-11-24T11:59:00Z"),
    ] {
        assert_eq!(refusal(&at(ip, time).await).0, 400, "{ip} {time}");
    }
    assert_eq!(sent(&api, "GET", "/machines/findbyip(ip='10.0.0.1')", "").await.status, 404);
}

#[tokio::test]
async fn an_investigation_is_started_and_read_back() {
    let api = Api::new().await;
    let path = format!("/machines/{}/startInvestigation", api.lab.details.device_id);
    let seen = sent(&api, "POST", &path, r#"{"Comment":"Check"}"#).await;
    assert_eq!(seen.status, 201, "{}", seen.text);
    let begun = seen.json();
    assert_eq!((&begun["state"], &begun["endTime"]), (&json!("Running"), &json!(null)));
    assert_eq!((&begun["machineId"], &begun["id"]), (&json!(api.lab.details.device_id), &json!("1")));
    let trigger = begun["triggeringAlertId"].as_str().expect("an id");
    assert!(trigger.starts_with("ar639"), "{trigger}");
    let alert = api.get(&format!("/alerts/{trigger}")).await.json();
    assert_eq!((&alert["investigationId"], &alert["investigationState"]), (&json!(1), &json!("Running")));
    assert_eq!(
        (&alert["title"], &alert["detectionSource"]),
        (&json!("Automated investigation started manually"), &json!("AutomatedInvestigation"))
    );
    assert_eq!((&alert["severity"], &alert["evidence"]), (&json!("Informational"), &json!([])));

    api.lab.advance(349);
    for id in ["1", trigger] {
        let seen = sent(&api, "GET", &format!("/investigations/{id}"), "").await.json();
        assert_eq!((&seen["state"], &seen["endTime"]), (&json!("Benign"), &json!("2026-11-24T12:05:49Z")), "{id}");
    }
    let alert = api.get(&format!("/alerts/{trigger}")).await.json();
    assert_eq!((&alert["status"], &alert["assignedTo"]), (&json!("Resolved"), &json!("API Action")));
    for (filter, count) in
        [("state eq 'Benign'", 1), ("state eq 'Running'", 0), ("startTime gt 2026-11-24T12:00:00Z", 0)]
    {
        let list = sent(&api, "GET", &format!("/investigations?$filter={filter}&$top=100"), "").await.json();
        assert_eq!(ids(&list).len(), count, "{filter}");
    }
    assert_eq!(refusal(&sent(&api, "GET", "/investigations/9", "").await).0, 404);
    assert_eq!(refusal(&sent(&api, "POST", &path, "{}").await).0, 400);
    assert_eq!(refusal(&sent(&api, "POST", "/machines/none/startInvestigation", r#"{"Comment":"c"}"#).await).0, 404);
}

#[tokio::test]
async fn fifty_investigations_can_be_started_in_an_hour() {
    let api = Api::new().await;
    api.lab.set(&json!({"endpointQuotas": true}));
    let path = format!("/machines/{}/startInvestigation", api.lab.details.device_id);
    for number in 1..=50 {
        assert_eq!(sent(&api, "POST", &path, r#"{"Comment":"c"}"#).await.status, 201, "{number}");
    }
    let refused = sent(&api, "POST", &path, r#"{"Comment":"c"}"#).await;
    assert_eq!((refusal(&refused).0, refused.header("retry-after")), (429, "3600"));
    assert_eq!(ids(&sent(&api, "GET", "/investigations", "").await.json()).len(), 50);
    let other = token_for(&api.lab, "https://graph.microsoft.com").await;
    assert_eq!(api.ask_with(&other, "GET", "/investigations", None).await.status, 403);
}
