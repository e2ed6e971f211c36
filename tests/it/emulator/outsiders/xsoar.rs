//! Cortex XSOAR's integration `MicrosoftDefenderAdvancedThreatProtection`.

use crate::emulator::{
    endpoint::{Api, ids, refusal},
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
