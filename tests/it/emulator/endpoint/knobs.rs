//! Knobs that are set: each makes the difference that it is said to make.

use alertdrill::emulator::{
    detection::{Activity, Event},
    tenant::FIRST_DEVICE,
};
use serde_json::json;

use crate::emulator::endpoint::{Api, ids, indicator};

const SHA1: &str = "0123456789abcdef0123456789abcdef01234567";

/// The device writes the file.
fn write(api: &Api) {
    let activity = Activity::File {
        name: "a.exe".to_owned(),
        sha1: SHA1.to_owned(),
        sha256: "ab".repeat(32),
        md5: "cd".repeat(16),
    };
    let event = Event { device: FIRST_DEVICE.to_owned(), activity };
    api.lab.mocks.emulator().with(|tenant, now| tenant.observe(event, now));
}

async fn alerts(api: &Api, query: &str) -> usize {
    ids(&api.get(&format!("/alerts{query}")).await.json()).len()
}

#[tokio::test]
async fn the_switch_for_files_makes_their_indicators_inert() {
    let api = Api::quick().await;
    api.publish(&indicator("FileSha1", SHA1, "Audit")).await;
    for (on, seen) in [(false, 0), (true, 1)] {
        api.lab.set(&json!({"allowOrBlockFile": on}));
        write(&api);
        api.lab.advance(10);
        assert_eq!(alerts(&api, "").await, seen);
    }
}

#[tokio::test]
async fn an_allowing_twin_of_an_audited_file_silences_it_where_the_knob_says_so() {
    for (silences, seen) in [(false, 1), (true, 0)] {
        let api = Api::quick().await;
        api.lab.set(&json!({"allowSilencesFileAudit": silences}));
        api.publish(&indicator("FileSha1", SHA1, "Audit")).await;
        api.publish(&indicator("FileSha1", SHA1, "Allowed")).await;
        write(&api);
        api.lab.advance(10);
        assert_eq!(alerts(&api, "").await, seen);
    }
}

#[tokio::test]
async fn a_file_s_alert_is_resolved_when_the_knob_says_and_not_at_all_at_zero() {
    for (after, resolved) in [(60, 1), (0, 0)] {
        let api = Api::quick().await;
        api.lab.set(&json!({"autoResolutionSeconds": after}));
        api.publish(&indicator("FileSha1", SHA1, "Audit")).await;
        write(&api);
        api.lab.advance(10 + 60);
        assert_eq!(alerts(&api, "?$filter=status eq 'Resolved'").await, resolved);
        api.lab.advance(24 * 3600);
        assert_eq!(alerts(&api, "?$filter=status eq 'Resolved'").await, resolved);
    }
}

#[tokio::test]
async fn an_open_alert_shows_a_further_event_when_the_knob_says() {
    let api = Api::quick().await;
    api.lab.set(&json!({"alertExtensionSeconds": 100}));
    api.publish(&indicator("IpAddress", "52.184.197.12", "Audit")).await;
    assert_eq!(api.lab.raised(), 1);
    api.lab.advance(30);
    api.lab.raised();
    let extended = async || {
        let list = api.get("/alerts").await.json();
        assert_eq!(ids(&list).len(), 1, "it is the same alert");
        list["value"][0]["lastEventTime"] != list["value"][0]["firstEventTime"]
    };
    api.lab.advance(99);
    assert!(!extended().await);
    api.lab.advance(1);
    assert!(extended().await);
}

#[tokio::test]
async fn alerts_of_a_device_share_an_incident_within_the_time_that_the_knob_says() {
    for (span, shared) in [(600, true), (0, false)] {
        let api = Api::quick().await;
        api.lab.set(&json!({"incidentSeconds": span}));
        api.publish(&indicator("IpAddress", "52.184.197.12", "Audit")).await;
        api.publish(&indicator("FileSha1", SHA1, "Audit")).await;
        api.lab.raised();
        api.lab.advance(300);
        write(&api);
        api.lab.advance(10);
        let list = api.get("/alerts").await.json();
        let incident = |place: usize| list["value"][place]["incidentId"].clone();
        assert_eq!((ids(&list).len(), incident(0) == incident(1)), (2, shared));
    }
}

#[tokio::test]
async fn what_is_left_out_and_what_may_be_filtered_by_are_as_the_knobs_say() {
    let api = Api::quick().await;
    for (number, default) in [true, false].into_iter().enumerate() {
        api.lab.set(&json!({"generateAlertDefault": default}));
        let mut body = indicator("DomainName", &format!("{number}.example"), "Block");
        body.as_object_mut().expect("an object").remove("generateAlert");
        assert_eq!(api.publish(&body).await["generateAlert"], json!(default));
    }
    for (only, status) in [(true, 400), (false, 200)] {
        api.lab.set(&json!({"documentedFiltersOnly": only}));
        assert_eq!(api.get("/indicators?$filter=description eq 'x'").await.status, status);
    }
}

#[tokio::test]
async fn live_response_waits_for_a_silent_device_as_long_as_the_knob_says() {
    let api = Api::new().await;
    api.lab.set(&json!({"liveResponseQueueSeconds": 600}));
    api.lab.mocks.emulator().with(|tenant, _| tenant.put_device(FIRST_DEVICE, false).expect("room"));
    let path = format!("/machines/{}/runliveresponse", api.lab.details.device_id);
    let commands = json!({
        "Commands": [{"type": "GetFile", "params": [{"key": "Path", "value": "C:\\a.txt"}]}], "Comment": "a drill"
    });
    let seen = api.post(&path, &commands).await;
    assert_eq!(seen.status, 201, "{}", seen.text);
    let action = format!("/machineactions/{}", seen.json()["id"].as_str().expect("an id"));
    for (seconds, status) in [(599, "Pending"), (1, "TimeOut")] {
        api.lab.advance(seconds);
        assert_eq!(api.get(&action).await.json()["status"], status);
    }
}
