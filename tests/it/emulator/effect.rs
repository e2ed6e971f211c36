//! What is in effect when: a universe of definitions, indicators, devices and moments around one event.

use alertdrill::emulator::{
    detection::{Activity, Event},
    tenant::{FIRST_DEVICE, Observation},
};
use serde_json::json;

use crate::emulator::{Lab, definition, indicator};

const PROPAGATION: i64 = 20 * 60;

#[tokio::test]
async fn neither_alone_raises_an_alert_and_both_together_one() {
    let lab = Lab::new().await;
    lab.advance(PROPAGATION);
    assert_eq!(lab.raised(), 0, "neither");
    let id = lab.publish("AlertDefinitions", &definition()).await;
    lab.advance(PROPAGATION);
    assert_eq!(lab.raised(), 0, "the definition only");
    let ioc = lab.publish("IndicatorsOfCompromise", &indicator(id)).await;
    lab.advance(PROPAGATION);
    assert_eq!(lab.raised(), 1, "both");
    lab.api("DELETE", &format!("IndicatorsOfCompromise({ioc})"), None).await;
    assert_eq!(lab.raised(), 0, "the definition only, again");
}

#[tokio::test]
async fn twenty_minutes_after_publication_and_not_a_second_before() {
    let lab = Lab::new().await;
    lab.publish_both("IpAddress", "Equals", "52.184.197.12").await;
    lab.advance(PROPAGATION - 1);
    assert_eq!(lab.raised(), 0, "at 19:59");
    lab.advance(1);
    assert_eq!(lab.raised(), 1, "at 20:00");
}

#[tokio::test]
async fn an_event_before_its_indicator_is_in_effect_raises_nothing_later() {
    let lab = Lab::new().await;
    lab.publish_both("IpAddress", "Equals", "52.184.197.12").await;
    assert_eq!(lab.raised(), 0);
    lab.advance(24 * 3600);
    assert_eq!(lab.feed("?ago=P2D").await.json(), json!([]));
}

#[tokio::test]
async fn a_disabled_half_is_as_good_as_none_and_an_enabled_one_propagates_anew() {
    let lab = Lab::new().await;
    let (id, ioc) = lab.publish_both("IpAddress", "Equals", "52.184.197.12").await;
    lab.advance(PROPAGATION);
    for path in [format!("AlertDefinitions({id})"), format!("IndicatorsOfCompromise({ioc})")] {
        lab.api("PATCH", &path, Some(&json!({"Enabled": false}))).await;
        assert_eq!(lab.raised(), 0, "{path} is disabled");
        lab.api("PATCH", &path, Some(&json!({"Enabled": "true"}))).await;
        lab.advance(PROPAGATION - 1);
        assert_eq!(lab.raised(), 0, "{path} is on its way");
        lab.advance(1);
        assert_eq!(lab.raised(), 1, "{path} is enabled again");
    }
}

#[tokio::test]
async fn the_old_text_stays_in_effect_until_the_new_has_propagated() {
    let lab = Lab::new().await;
    let (id, ioc) = lab.publish_both("IpAddress", "Equals", "52.184.197.12").await;
    lab.advance(PROPAGATION);
    lab.api("PATCH", &format!("AlertDefinitions({id})"), Some(&json!({"Title": "New title"}))).await;
    lab.api("PATCH", &format!("IndicatorsOfCompromise({ioc})"), Some(&json!({"Value": "198.51.100.7"}))).await;
    lab.advance(PROPAGATION - 1);
    assert_eq!(lab.raised(), 1, "the old address still counts");
    assert_eq!(lab.connect(None, Some("198.51.100.7")), Observation::Reported(vec![]));
    lab.advance(1);
    assert_eq!(lab.raised(), 0, "the old address no longer counts");
    assert!(matches!(lab.connect(None, Some("198.51.100.7")), Observation::Reported(alerts) if alerts.len() == 1));
    lab.advance(15 * 60);
    let alerts = lab.feed("").await.json();
    let titles: Vec<_> = alerts.as_array().expect("an array").iter().map(|alert| alert["AlertTitle"].clone()).collect();
    assert_eq!(titles.len(), 2);
    assert!(titles.contains(&json!("Test alert.")) && titles.contains(&json!("New title")), "{titles:?}");
}

#[tokio::test]
async fn an_indicator_expires_to_the_second() {
    let lab = Lab::new().await;
    let id = lab.publish("AlertDefinitions", &definition()).await;
    let mut body = indicator(id);
    body["ExpiresAt"] = json!("2026-11-24T13:00:00Z");
    lab.publish("IndicatorsOfCompromise", &body).await;
    lab.advance(3599);
    assert_eq!(lab.raised(), 1);
    lab.advance(1);
    assert_eq!(lab.raised(), 0);
}

#[tokio::test]
async fn a_deletion_takes_effect_when_its_knob_says() {
    let lab = Lab::new().await;
    lab.set(&json!({"removalSeconds": 60}));
    let (id, _) = lab.publish_both("IpAddress", "Equals", "52.184.197.12").await;
    lab.advance(PROPAGATION);
    lab.api("DELETE", &format!("AlertDefinitions({id})"), None).await;
    lab.advance(59);
    assert_eq!(lab.raised(), 1, "still in effect");
    lab.advance(1);
    assert_eq!(lab.raised(), 0);
}

#[tokio::test]
async fn a_deleted_definition_keeps_its_alerts_and_an_identical_one_raises_new_ones() {
    let lab = Lab::new().await;
    let (id, _) = lab.publish_both("IpAddress", "Equals", "52.184.197.12").await;
    lab.advance(PROPAGATION);
    assert_eq!(lab.raised(), 1);
    lab.api("DELETE", &format!("AlertDefinitions({id})"), None).await;
    lab.publish_both("IpAddress", "Equals", "52.184.197.12").await;
    lab.advance(PROPAGATION);
    assert_eq!(lab.raised(), 1);
    lab.advance(15 * 60);
    let alerts = lab.feed("").await.json();
    let definitions: Vec<_> =
        alerts.as_array().expect("an array").iter().map(|alert| alert["IoaDefinitionId"].clone()).collect();
    assert_eq!(definitions.len(), 2);
    assert_ne!(definitions[0], definitions[1], "alerts go by the definition's identity, not by its text");
}

#[tokio::test]
async fn only_a_known_and_onboarded_device_is_watched() {
    let lab = Lab::new().await;
    lab.publish_both("IpAddress", "Equals", "52.184.197.12").await;
    lab.advance(PROPAGATION);
    let emulator = lab.mocks.emulator();
    emulator.with(|tenant, _| tenant.put_device(FIRST_DEVICE, false));
    assert_eq!(lab.connect(None, Some("52.184.197.12")), Observation::NotOnboarded);
    emulator.with(|tenant, _| tenant.put_device(FIRST_DEVICE, true));
    assert_eq!(lab.raised(), 1);
    let activity =
        Activity::File { name: "a".into(), sha1: "0".repeat(40), sha256: "0".repeat(64), md5: "0".repeat(32) };
    let event = Event { device: "nobody".into(), activity };
    assert_eq!(emulator.with(|tenant, now| tenant.observe(event, now)), Observation::UnknownDevice);
}

#[tokio::test]
async fn equals_on_a_domain_is_not_touched_by_its_subdomains() {
    let lab = Lab::new().await;
    lab.publish_both("DomainName", "Equals", "Evil.example").await;
    lab.advance(PROPAGATION);
    assert_eq!(lab.connect(Some("www.evil.example"), None), Observation::Reported(vec![]));
    assert!(matches!(lab.connect(Some("evil.EXAMPLE"), None), Observation::Reported(alerts) if alerts.len() == 1));
}

#[tokio::test]
async fn indicators_of_one_definition_are_parts_of_one_alert_and_of_two_are_two() {
    let lab = Lab::new().await;
    let (id, _) = lab.publish_both("DomainName", "Equals", "evil.example").await;
    let mut second = indicator(id);
    second["Type"] = json!("DomainName");
    second["DetectionFunction"] = json!("EndWith");
    second["Value"] = json!(".example");
    lab.publish("IndicatorsOfCompromise", &second).await;
    lab.publish_both("DomainName", "Contains", "evil").await;
    lab.advance(PROPAGATION);
    assert!(matches!(lab.connect(Some("evil.example"), None), Observation::Reported(alerts) if alerts.len() == 2));
    lab.advance(15 * 60);
    let rows = lab.feed("").await.json();
    let rows = rows.as_array().expect("an array");
    assert_eq!(rows.len(), 3);
    let of_first: Vec<_> = rows.iter().filter(|row| row["Url"] != json!("evil")).collect();
    assert_eq!(of_first[0]["AlertId"], of_first[1]["AlertId"]);
    assert_ne!(of_first[0]["FullId"], of_first[1]["FullId"]);
    let parts: std::collections::BTreeSet<_> = of_first.iter().map(|row| row["AlertPart"].to_string()).collect();
    assert_eq!(parts, ["0".to_owned(), "1".to_owned()].into());
}

#[tokio::test]
async fn every_event_is_an_alert_of_its_own_unless_alerts_merge() {
    let lab = Lab::new().await;
    lab.publish_both("IpAddress", "Equals", "52.184.197.12").await;
    lab.advance(PROPAGATION);
    let raised = || match lab.connect(None, Some("52.184.197.12")) {
        Observation::Reported(alerts) => alerts,
        other => panic!("{other:?}"),
    };
    assert_ne!(raised(), raised(), "two events of one moment");
    lab.set(&json!({"alertMergeSeconds": 60}));
    let first = raised();
    lab.advance(60);
    assert_eq!(raised(), first, "within the window of the last event");
    lab.advance(61);
    assert_ne!(raised(), first, "after it");
}

#[tokio::test]
async fn an_alert_can_be_read_within_two_to_fifteen_minutes_and_the_same_seed_gives_the_same_moment() {
    let mut moments = Vec::new();
    for _ in 0..2 {
        let lab = Lab::new().await;
        lab.publish_both("IpAddress", "Equals", "52.184.197.12").await;
        lab.advance(PROPAGATION);
        assert_eq!(lab.raised(), 1);
        lab.advance(119);
        assert_eq!(lab.feed("").await.json(), json!([]));
        lab.advance(900 - 119);
        moments.push(lab.feed("").await.json()[0]["LastProcessedTimeUtc"].clone());
    }
    assert!(moments[0].is_string());
    assert_eq!(moments[0], moments[1]);
}

#[tokio::test]
async fn files_are_known_by_each_of_their_hashes() {
    for (kind, value) in [("Sha1", "a".repeat(40)), ("Sha256", "b".repeat(64)), ("Md5", "c".repeat(32))] {
        let lab = Lab::new().await;
        lab.publish_both(kind, "Equals", &value.to_uppercase()).await;
        lab.advance(PROPAGATION);
        let activity = Activity::File {
            name: "tool.exe".into(),
            sha1: "a".repeat(40),
            sha256: "b".repeat(64),
            md5: "c".repeat(32),
        };
        let event = Event { device: FIRST_DEVICE.to_uppercase(), activity };
        let seen = lab.mocks.emulator().with(|tenant, now| tenant.observe(event, now));
        assert!(matches!(seen, Observation::Reported(alerts) if alerts.len() == 1), "{kind}");
        lab.advance(15 * 60);
        let alert = lab.feed("").await.json()[0].clone();
        assert_eq!((&alert["FileName"], &alert["Sha1"]), (&json!("tool.exe"), &json!("a".repeat(40))), "{kind}");
        assert_eq!((&alert["IpAddress"], &alert["Url"]), (&json!(""), &json!("")), "{kind}");
    }
}
