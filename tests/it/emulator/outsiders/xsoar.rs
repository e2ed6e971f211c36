//! Cortex XSOAR's integration `MicrosoftDefenderAdvancedThreatProtection`.

use crate::emulator::{
    endpoint::{Api, ids},
    outsiders::sent,
};

#[tokio::test]
async fn lists_of_names_come_in_quotes_of_either_kind() {
    let api = Api::new().await;
    for (filter, count) in [
        ("computerDnsName+in+(\"workstation-1.contoso.example\",\"nobody\")", 1),
        ("computerDnsName%20in%20('workstation-1.contoso.example','nobody')", 1),
        ("lastIpAddress+eq+\"192.0.2.77\"", 0),
        ("computerDnsName+eq+\"it's\"", 0),
    ] {
        let seen = sent(&api, "GET", &format!("/machines?$filter={filter}&$top=50"), "").await;
        assert_eq!(seen.status, 200, "{filter}: {}", seen.text);
        assert_eq!(ids(&seen.json()).len(), count, "{filter}");
    }
    assert_eq!(sent(&api, "GET", "/machines?$filter=id+eq+%22open", "").await.status, 400);
}
