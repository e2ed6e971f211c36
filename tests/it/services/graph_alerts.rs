//! Alerts, hunting, devices and calls by the dozen against recordings.

use alertdrill::{
    domain::{alert::Alert, device::Device, indicator::Kind},
    services::{
        alerts::Alerts,
        definitions::DefinitionId,
        definitions::Definitions,
        devices::Devices,
        error::ServiceError,
        graph::alerts::Treatment,
        hunting::{Hunting, Sought},
        indicators::{IndicatorId, Indicators},
    },
};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::services::graph_stage::Reel;

fn at(text: &str) -> Timestamp {
    text.parse().expect("a timestamp")
}

fn since() -> Timestamp {
    at("2026-11-24T12:00:00.75Z")
}

async fn read() -> (Reel, Vec<Alert>) {
    let reel = Reel::of(&["alerts"]).await;
    let alerts = reel.graph().since(since()).await.expect("they are read");
    reel.was_played().await;
    (reel, alerts)
}

#[tokio::test]
async fn alerts_of_every_origin_come_oldest_first_with_what_they_name() {
    let (_, alerts) = read().await;
    let told: Vec<_> =
        alerts.iter().map(|alert| (alert.source.as_str(), alert.observables.first().map(String::as_str))).collect();
    let sha1 = "b".repeat(40);
    assert_eq!(
        told,
        [
            ("quantumSensor", Some(sha1.as_str())),
            ("customTi", Some("evil.example")),
            ("customDetection", Some("203.0.113.9")),
        ]
    );
    let ours = &alerts[2];
    let id = "0123456789abcdef0123456789abcdef01234567".to_owned();
    assert_eq!(ours.device, Device { id, name: "pc7.contoso.example".into() });
    assert_eq!((ours.severity.as_str(), ours.category.as_str(), ours.part), ("medium", "CommandAndControl", 0));
    assert_eq!(ours.title, "Alert drill 9ir6asyz");
    assert_eq!(ours.description, "A device contacted an address. [drill 9ir6asyz]");
    assert!(ours.link.as_deref().is_some_and(|link| link.starts_with("https://security.microsoft.com/alerts/ed6")));
}

#[tokio::test]
async fn an_alert_that_took_more_in_is_ready_when_it_last_changed_and_others_when_they_were_made() {
    let (_, alerts) = read().await;
    let times = |alert: &Alert| {
        [alert.happened_at, alert.last_happened_at, alert.processed_at].map(|moment| moment.to_string())
    };
    assert_eq!(
        times(&alerts[2]),
        ["2026-11-24T12:02:18.3378347Z", "2026-11-24T12:30:26.7842322Z", "2026-11-24T12:31:10.5Z"]
    );
    assert_eq!(
        times(&alerts[1]),
        ["2026-11-24T12:01:00Z", "2026-11-24T12:01:30Z", "2026-11-24T12:03:00.5Z"],
        "it was closed later, which made it no other"
    );
    assert_eq!(times(&alerts[0]), ["2026-11-24T12:02:00Z"; 3], "it tells nothing but its making");
}

#[tokio::test]
async fn nothing_of_an_alert_is_lost_however_new_its_members_and_words_are() {
    let (reel, alerts) = read().await;
    let served = reel.answer(0)["value"].as_array().expect("alerts");
    for alert in &alerts {
        let original = served.iter().find(|one| one["id"] == alert.id.as_str()).expect("it was served");
        assert_eq!(alert.original.as_deref(), Some(original.to_string().as_str()), "member by member, in their order");
    }
    assert_eq!(alerts[0].severity, "critical");
    assert!(alerts[0].original.as_deref().is_some_and(|text| text.contains(r#""hologram":{"depth":[3,2.5]}"#)));
    assert!(alerts[1].original.as_deref().is_some_and(|text| text.contains(r#""remediationStatus":"active""#)));
}

#[tokio::test]
async fn a_caller_without_the_role_is_told_what_it_lacks() {
    let reel = Reel::of(&["refused_role"]).await;
    let error = reel.graph().since(since()).await.expect_err("it is refused");
    let expected = format!(
        "read alerts: {} answered HTTP 403: Forbidden: Missing application roles. API required roles: \
         SecurityAlert.Read.All,",
        reel.host()
    );
    assert!(error.to_string().starts_with(&expected), "{error}");
    assert!(error.denied());
    reel.was_played().await;
}

#[tokio::test]
async fn an_alert_is_closed_as_a_test_and_commented_on() {
    let id = "ed639047114220050398_-1516486255";
    let reel = Reel::of(&["alert_close", "alert_comment", "alert_close_refused"]).await;
    let graph = reel.graph();
    assert_eq!(graph.update(id, Treatment::DRILL).await, Ok(()));
    assert_eq!(graph.comment(id, "A drill's.").await, Ok(()));
    let resolved = Treatment { status: Some("resolved"), ..Treatment::default() };
    let error = graph.update(id, resolved).await.expect_err("it is refused");
    assert_eq!(
        error.to_string(),
        format!("the service refused to change alert {id}: HTTP 400: InvalidRequestBody: Request body is incorrect")
    );
    reel.was_played().await;
}

#[tokio::test]
async fn many_alerts_are_closed_in_one_call_and_each_is_answered_by_itself() {
    let reel = Reel::of(&["batch_close"]).await;
    let closed = reel.graph().update_many(&["da1", "da2"], Treatment::DRILL).await;
    assert_eq!(closed[0], Ok(()));
    let error = closed[1].clone().expect_err("it is not there");
    assert_eq!(
        error.to_string(),
        "the service refused to change alert da2: HTTP 404: it is not there (NotFound: Alert not found)"
    );
    reel.was_played().await;
}

#[tokio::test]
async fn the_alerts_of_drills_are_closed_with_a_comment_on_each_that_was() {
    let reel = Reel::of(&["batch_close", "batch_comment"]).await;
    let closed = reel.graph().close_many(&["da1".to_owned(), "da2".to_owned()], "A drill's.").await;
    assert_eq!(closed[0], Ok(()));
    assert_eq!(closed[1].as_ref().expect_err("it is not there").status(), Some(404));
    reel.was_played().await;

    let one = ["ed639047114220050398_-1516486255".to_owned()];
    let reel = Reel::of(&["alert_close", "alert_comment"]).await;
    assert_eq!(reel.graph().close_many(&one, "A drill's.").await, [Ok(())]);
    reel.was_played().await;
}

#[tokio::test]
async fn many_rules_are_removed_in_one_call_and_those_that_are_to_wait_in_another() {
    let reel = Reel::of(&["batch_remove", "batch_remove_rest"]).await;
    let ids = ["a", "b", "c d", "e", "f"].map(|id| IndicatorId::from(id.to_owned()));
    let before = reel.clock.now();
    let graph = reel.graph();
    let removed = graph.remove_many(&ids).await;
    let waited = reel.clock.now().duration_since(before);
    assert!(waited >= SignedDuration::from_millis(2_128) && waited < SignedDuration::from_secs(4), "{waited}");
    assert_eq!([&removed[0], &removed[1], &removed[3]], [&Ok(()); 3], "one was gone already, one had to wait");
    assert!(matches!(&removed[2], Err(ServiceError::Rejected { status: 400, .. })), "{:?}", removed[2]);
    let unanswered = removed[4].clone().expect_err("nothing was said of it");
    assert_eq!(
        unanswered.to_string(),
        format!(
            "remove detection rule f: the answer of {} is not understood at responses: expected an answer to each \
             request, saw none to this one",
            reel.host()
        )
    );
    reel.was_played().await;
    let gone = Definitions::read(&graph, &DefinitionId::from("b".to_owned())).await;
    assert_eq!(gone, Ok(None), "its 404 was proof");
}

fn pc7() -> Device {
    Device { id: "0123456789abcdef0123456789abcdef01234567".into(), name: "pc7".into() }
}

#[tokio::test]
async fn what_a_device_reported_bears_witness_row_by_row() {
    let reel = Reel::of(&["hunt_address", "hunt_file"]).await;
    let graph = reel.graph();
    let device = pc7();
    let since = at("2026-11-24T12:00:00.123456789Z");
    let sought = Sought { device: &device, kind: Kind::IpAddress, observable: "203.0.113.9", since };
    let rows = graph.rows(sought).await.expect("they are found");
    let told: Vec<_> = rows.iter().map(|row| (row.at.to_string(), row.table.as_str(), row.action.as_str())).collect();
    let (first, second) = ("2026-11-24T12:02:18.1Z".to_owned(), "2026-11-24T12:02:18.3378347Z".to_owned());
    assert_eq!(
        told,
        [(first, "DeviceNetworkEvents", "ConnectionRequest"), (second, "DeviceNetworkEvents", "ConnectionSuccess")]
    );
    let device = Device { id: String::new(), name: "pc'7".into() };
    let since = at("2026-11-24T12:00:00Z");
    let rows = graph.rows(Sought { device: &device, kind: Kind::Sha256, observable: "ab", since }).await;
    assert_eq!(rows, Ok(Vec::new()));
    reel.was_played().await;
}

#[tokio::test]
async fn a_device_is_found_by_its_name_as_it_last_reported() {
    let reel = Reel::of(&["device", "device_none", "hunt_refused"]).await;
    let graph = reel.graph();
    let machine = graph.named("pc7").await.expect("it is looked for").expect("it is found");
    assert_eq!(machine.device, Device { name: "pc7.contoso.example".into(), ..pc7() });
    assert_eq!(machine.platform.as_deref(), Some("Windows11"));
    assert_eq!(machine.onboarding.as_deref(), Some("Onboarded"));
    assert_eq!(machine.health.as_deref(), Some("HolographicallyActive"), "words stay as they were written");
    assert_eq!(machine.last_seen.map(|at| at.to_string()).as_deref(), Some("2026-11-24T11:50:00.7654321Z"));
    assert_eq!(graph.named("pc7").await, Ok(None));
    let error = graph.named("pc7").await.expect_err("the query is refused");
    assert_eq!(
        error.to_string(),
        "the service refused to find the device pc7: HTTP 400: BadRequest: Fix semantic errors in your query."
    );
    reel.was_played().await;
}

#[tokio::test]
async fn every_recording_says_where_it_comes_from() {
    let folder = format!("{}/fixtures/exchanges/graph", env!("CARGO_MANIFEST_DIR"));
    for file in std::fs::read_dir(folder).expect("the folder is there") {
        let path = file.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("the recording is there");
        let exchange: Value = serde_json::from_str(&text).expect("the recording is JSON");
        assert!(exchange["source"].as_str().is_some_and(|source| source.len() > 7), "{}", path.display());
    }
}
