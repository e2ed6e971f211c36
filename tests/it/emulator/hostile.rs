//! What a hostile tester found: the ends of time, names in other scripts, and alerts of very many parts.

use serde_json::json;

use crate::emulator::{Lab, definition, indicator};

#[tokio::test]
async fn an_expiry_is_any_moment_that_the_framework_can_hold_and_is_shown_as_it_was_sent() {
    let lab = Lab::new().await;
    let id = lab.publish("AlertDefinitions", &definition()).await;
    let path = format!("IndicatorsOfCompromise({})", lab.publish("IndicatorsOfCompromise", &indicator(id)).await);
    for (sent, shown) in [
        ("1969-12-31T23:59:59.75Z", "1969-12-31T23:59:59.75Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("9999-12-30T00:00:00Z", "9999-12-30T00:00:00Z"),
        ("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.9999999Z"),
        ("9999-12-31T23:59:59.9999999+00:00", "9999-12-31T23:59:59.9999999Z"),
        ("2030-01-01T00:00:00+02:00", "2029-12-31T22:00:00Z"),
    ] {
        let seen = lab.api("PATCH", &path, Some(&json!({"ExpiresAt": sent}))).await;
        assert_eq!(seen.status, 200, "{sent}: {}", seen.text);
        assert_eq!(seen.json()["ExpiresAt"], shown, "{sent}");
    }
    lab.advance(20 * 60);
    for sent in ["-000001-01-01T00:00:00Z", "0000-12-31T00:00:00Z", "0001-01-01T00:00:00+14:00", "2030-01-01T00:00:00"]
    {
        let seen = lab.api("PATCH", &path, Some(&json!({"ExpiresAt": sent}))).await;
        assert_eq!(seen.status, 400, "{sent}: {}", seen.text);
    }
    assert_eq!(lab.raised(), 1, "it still has years");
}

#[tokio::test]
async fn a_name_in_another_script_is_the_same_in_punycode() {
    for value in ["bücher.example", "BÜCHER.example.", "xn--bcher-kva.example"] {
        let lab = Lab::new().await;
        lab.publish_both("DomainName", "Equals", value).await;
        lab.advance(20 * 60);
        for host in ["xn--bcher-kva.example", "XN--BCHER-KVA.example", "bücher.example", "Bücher.Example"] {
            let seen = lab.connect(Some(host), None);
            let raised = matches!(&seen, alertdrill::emulator::tenant::Observation::Reported(ids) if ids.len() == 1);
            assert!(raised, "{value}, {host}: {seen:?}");
        }
        lab.connect(Some("bucher.example"), None);
        lab.advance(15 * 60);
        assert_eq!(lab.feed("").await.json().as_array().map(Vec::len), Some(4), "{value}");
    }
}

#[tokio::test]
async fn alerts_of_very_many_parts_are_forgotten_before_they_fill_the_memory() {
    let lab = Lab::new().await;
    let id = lab.publish("AlertDefinitions", &definition()).await;
    let many = json!({"iocs": vec![indicator(id); 5_000]});
    assert_eq!(lab.api("POST", "IndicatorsOfCompromise/Actions.BulkUpload", Some(&many)).await.status, 204);
    lab.advance(20 * 60);
    let raised: usize = (0..30).map(|_| lab.raised()).sum();
    assert_eq!(raised, 30);
    lab.advance(15 * 60);
    let kept =
        lab.mocks.emulator().with(|tenant, now| tenant.alerts(now).map(|alert| alert.parts.len()).sum::<usize>());
    assert!((50_000..=100_000).contains(&kept), "{kept}");
}
