//! The endpoint service's alerts, machines and hunting against recordings.

use alertdrill::{
    domain::{device::Device, indicator::Kind},
    services::{
        alerts::Alerts,
        devices::Devices,
        endpoint::alerts::AlertUpdate,
        error::ServiceError,
        hunting::{Hunting, Sought},
    },
};
use jiff::Timestamp;
use serde_json::Value;

use crate::services::endpoint_stage::{Playback, marker, recording};

const FILE_ALERT: &str = "da638181185158896141_-1114309685";

fn at(text: &str) -> Timestamp {
    text.parse().expect("a timestamp")
}

fn since() -> Timestamp {
    at("2023-04-26T00:00:00.9Z")
}

#[tokio::test]
async fn alerts_are_read_with_their_evidence_oldest_first() {
    let playback = Playback::of(&["alerts"]).await;
    let alerts = playback.endpoint().since(since()).await.expect("they are listed");
    playback.was_asked_for().await;
    assert_eq!(alerts.iter().map(|alert| alert.id.as_str()).collect::<Vec<_>>(), [FILE_ALERT, &network().id]);
    let (file, network) = (&alerts[0], &alerts[1]);
    assert_eq!(network.title, "Connection to a custom network indicator");
    assert_eq!((network.severity.as_str(), network.category.as_str()), ("Informational", "CommandAndControl"));
    assert_eq!((network.source.as_str(), network.part, &network.link), ("CustomerTI", 0, &None));
    assert_eq!(network.device, Device { id: "0123456789abcdef0123456789abcdef01234567".into(), name: "pc7".into() });
    assert_eq!(network.observables.first().map(String::as_str), Some("www.evil.example"), "the bare host");
    assert_eq!(file.observables.first(), Some(&"b".repeat(64)), "the strongest hash");
    assert!(marker().is_in(&file.description));
}

struct Network {
    id: String,
}

fn network() -> Network {
    let id = recording("alerts", "")["response"]["body"]["value"][0]["id"].as_str().expect("a key").to_owned();
    Network { id }
}

#[tokio::test]
async fn an_alert_is_ready_when_it_is_made_or_when_it_took_the_last_event_in() {
    let playback = Playback::of(&["alerts"]).await;
    let alerts = playback.endpoint().since(since()).await.expect("they are listed");
    let (file, network) = (&alerts[0], &alerts[1]);
    assert_eq!(network.happened_at, at("2023-04-28T15:22:12.6050889Z"));
    assert_eq!(network.last_happened_at, at("2023-05-01T13:17:16.729907Z"));
    assert_eq!(network.processed_at, at("2023-05-01T13:23:23.1066667Z"), "extended three days later");
    assert_eq!(file.last_happened_at, at("2023-04-26T15:05:49.7771293Z"));
    assert_eq!(file.processed_at, at("2023-04-26T15:08:35.8896312Z"), "resolved by a machine, which changes no event");
}

#[tokio::test]
async fn nothing_that_the_service_says_of_an_alert_is_lost() {
    for name in ["alerts", "alerts_odd"] {
        let playback = Playback::of(&[name]).await;
        let alerts = playback.endpoint().since(since()).await.expect("they are listed");
        let served = recording(name, "");
        for served in served["response"]["body"]["value"].as_array().expect("alerts") {
            let id = served["id"].as_str().expect("a key");
            let read = alerts.iter().find(|alert| alert.id == id).expect("it is read");
            // Byte by byte: members, their order, numbers.
            assert_eq!(read.original.as_deref(), Some(served.to_string().as_str()));
        }
    }
}

#[tokio::test]
async fn words_and_members_of_no_page_are_read_as_they_came() {
    let playback = Playback::of(&["alerts_odd"]).await;
    let alerts = playback.endpoint().since(since()).await.expect("they are listed");
    let odd = &alerts[0];
    assert_eq!(
        (odd.severity.as_str(), odd.source.as_str(), odd.category.as_str()),
        ("UnSpecified", "SomethingNew", "")
    );
    assert_eq!(odd.observables.first().map(String::as_str), Some("203.0.113.9"));
    assert_eq!(odd.device, Device { id: String::new(), name: String::new() });
    assert_eq!((odd.happened_at, odd.last_happened_at), (odd.processed_at, odd.processed_at));
    let original: Value = serde_json::from_str(odd.original.as_deref().expect("the original")).expect("JSON");
    assert_eq!(original["status"], "Postponed");
    assert_eq!(original["xNewMember"]["kept"][2], "three");
}

#[tokio::test]
async fn a_tenant_without_alerts_has_none() {
    let playback = Playback::of(&["alerts_none"]).await;
    assert_eq!(playback.endpoint().since(since()).await, Ok(Vec::new()));
    playback.was_asked_for().await;
}

#[tokio::test]
async fn an_alert_is_read_by_its_key_and_none_is_none() {
    let playback = Playback::of(&["alert_read"]).await;
    let read = playback.endpoint().alert_of(FILE_ALERT).await.expect("it is read");
    playback.was_asked_for().await;
    assert_eq!(read.and_then(|alert| alert.observables.into_iter().next()), Some("b".repeat(64)));
    let playback = Playback::of(&["alert_gone"]).await;
    assert_eq!(playback.endpoint().alert_of(FILE_ALERT).await, Ok(None));
    playback.was_asked_for().await;
}

#[tokio::test]
async fn an_alert_of_a_drill_is_closed_as_a_security_test() {
    let comment = format!("alertdrill {}", marker());
    let playback = Playback::of(&["alert_update"]).await;
    let closed = playback.endpoint().update_alert(FILE_ALERT, AlertUpdate::security_test(&comment)).await;
    playback.was_asked_for().await;
    let original = closed.expect("it is closed").original.expect("the original");
    assert!(original.contains(r#""determination":"SecurityTesting""#), "{original}");

    let playback = Playback::of(&["alert_update_gone"]).await;
    let update = AlertUpdate { status: Some("Resolved"), ..AlertUpdate::default() };
    let error = playback.endpoint().update_alert("da1_1", update).await.expect_err("it is not there");
    playback.was_asked_for().await;
    assert_eq!(
        error.to_string(),
        "the service refused to update alert da1_1: HTTP 404: it is not there (ResourceNotFound: Alert da1_1 was not \
         found)"
    );
}

#[tokio::test]
async fn many_alerts_are_closed_at_once() {
    let comment = format!("alertdrill {}", marker());
    let playback = Playback::of(&["alerts_update"]).await;
    let ids = ["da1_1".to_owned(), "da2_1".to_owned()];
    let closed = playback.endpoint().update_alerts(&ids, AlertUpdate::security_test(&comment)).await;
    assert_eq!(closed, Ok(()));
    playback.was_asked_for().await;
}

#[tokio::test]
async fn the_alerts_of_drills_are_closed_together_and_one_alone_by_itself() {
    let comment = format!("alertdrill {}", marker());
    let playback = Playback::of(&["alerts_update"]).await;
    let closed = playback.endpoint().close_many(&["da1_1".to_owned(), "da2_1".to_owned()], &comment).await;
    assert_eq!(closed, [Ok(()), Ok(())]);
    playback.was_asked_for().await;

    let playback = Playback::of(&["alert_update"]).await;
    assert_eq!(playback.endpoint().close_many(&[FILE_ALERT.to_owned()], &comment).await, [Ok(())]);
    playback.was_asked_for().await;
}

#[tokio::test]
async fn where_many_are_refused_together_each_is_answered_by_itself() {
    let comment = format!("alertdrill {}", marker());
    let playback = Playback::of(&["alerts_update_refused", "alert_update", "alert_update_gone_beside"]).await;
    let closed = playback.endpoint().close_many(&[FILE_ALERT.to_owned(), "da1_1".to_owned()], &comment).await;
    assert_eq!(closed[0], Ok(()));
    assert_eq!(closed[1].as_ref().expect_err("it is not there").status(), Some(404));
    playback.was_asked_for().await;
}

#[tokio::test]
async fn of_several_devices_of_a_name_the_one_that_reported_last_is_meant() {
    let playback = Playback::of(&["machines"]).await;
    let machine = playback.endpoint().named("pc7").await.expect("they are listed").expect("it is there");
    playback.was_asked_for().await;
    assert_eq!(machine.device.id, "0123456789abcdef0123456789abcdef01234567");
    assert_eq!((machine.platform.as_deref(), machine.onboarding.as_deref()), (Some("Windows10"), Some("Onboarded")));
    assert_eq!(machine.health.as_deref(), Some("HalfAsleep"), "a word of no page stays as it came");
    assert_eq!(machine.last_seen, Some(at("2023-05-04T08:30:15.7654321Z")));
}

#[tokio::test]
async fn a_device_is_found_by_its_host_name_alone_and_none_is_none() {
    let playback = Playback::of(&["machines_empty", "machines_by_host"]).await;
    let machine = playback.endpoint().named("pc7").await.expect("they are listed").expect("it is there");
    playback.was_asked_for().await;
    assert_eq!(machine.device.name, "pc7.contoso.example");
    let playback = Playback::of(&["machines_none", "machines_none"]).await;
    assert_eq!(playback.endpoint().named("pc7").await, Ok(None));
}

fn device() -> Device {
    Device { id: "0123456789abcdef0123456789abcdef01234567".into(), name: "pc7".into() }
}

fn sought(device: &Device) -> Sought<'_> {
    let since = at("2023-05-01T13:17:00Z");
    Sought { device, kind: Kind::DomainName, observable: "www.evil.example", since }
}

#[tokio::test]
async fn the_rows_of_a_stimulus_are_found_oldest_first_and_no_others() {
    let playback = Playback::of(&["hunt"]).await;
    let rows = playback.endpoint().rows(sought(&device())).await.expect("they are found");
    playback.was_asked_for().await;
    let found: Vec<_> = rows.iter().map(|row| (row.at.to_string(), row.action.as_str())).collect();
    assert_eq!(
        found,
        [
            ("2023-05-01T13:17:16.729907Z".into(), "SomethingNew"),
            ("2023-05-01T13:17:17.2Z".into(), "ConnectionSuccess")
        ]
    );
    assert!(rows.iter().all(|row| row.table == "DeviceNetworkEvents"));
}

#[tokio::test]
async fn a_hunt_that_is_refused_is_told_in_the_service_s_words() {
    let playback = Playback::of(&["hunt_refused"]).await;
    let error = playback.endpoint().rows(sought(&device())).await.expect_err("it is refused");
    assert_eq!(
        error.to_string(),
        "the service refused to hunt for www.evil.example on pc7: HTTP 400: BadRequest: A recognition error occurred.. \
         Fix syntax errors in your query."
    );
    let playback = Playback::of(&["hunt_throttled"]).await;
    let error = playback.endpoint().rows(sought(&device())).await.expect_err("no call is left");
    assert!(error.throttled(), "{error}");
    let playback = Playback::of(&[]).await;
    let device = device();
    let nothing = Sought { observable: "", ..sought(&device) };
    let error = playback.endpoint().rows(nothing).await;
    assert!(matches!(error, Err(ServiceError::Unsupported { .. })), "{error:?}");
    playback.was_asked_for().await;
}
