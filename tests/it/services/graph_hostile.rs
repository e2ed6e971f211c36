//! The client of Microsoft Graph against servers that say anything else than is documented, and by another clock.

use alertdrill::{
    domain::{device::Device, indicator::Kind},
    services::{
        alerts::Alerts,
        definitions::{DefinitionId, Definitions, Query},
        devices::Devices,
        error::ServiceError,
        graph::{
            Generation, Graph,
            alerts::Treatment,
            limits::{Family, PUBLISHED, Quotas},
        },
        hunting::{Hunting, Sought},
        indicators::{IndicatorId, Indicators},
    },
    transport::quota::Allotment,
};
use jiff::{SignedDuration, Timestamp};

use crate::services::{
    graph_stage::{KEY, graph, wanted},
    stage::{self, Scripted, Turn},
};

fn at(text: &str) -> Timestamp {
    text.parse().expect("a timestamp")
}

/// A server with this script, and a client of it.
async fn staged(script: Vec<Turn>) -> (Scripted, Graph, alertdrill::clock::Clock) {
    let clock = stage::clock().0;
    let server = Scripted::start(script).await;
    let graph = graph(&server.origin(), &clock, Generation::B);
    (server, graph, clock)
}

fn told<T: std::fmt::Debug>(outcome: Result<T, ServiceError>, server: &Scripted) -> String {
    let text = outcome.expect_err("it fails").to_string();
    text.replace(&server.address.to_string(), "HOST").replace("127.0.0.1", "HOST")
}

const ALERT: &str = r#""id":"a","createdDateTime":"2026-11-24T12:00:00Z""#;

#[tokio::test]
async fn alerts_that_are_not_as_documented_are_told_by_their_place() {
    for (body, expected) in [
        ("", "at .: expected JSON, saw an empty body"),
        ("<html><title>Sign in</title></html>", "at .: expected JSON, saw an HTML page titled `Sign in`"),
        ("[]", "at .: expected an object, saw an array of 0"),
        (r#"{"value":7}"#, "at value: expected an array, saw 7"),
        (r#"{"value":[7]}"#, "at value[0].id: expected a text, saw null"),
        (r#"{"value":[{"id":7}]}"#, "at value[0].id: expected a text, saw 7"),
        (r#"{"value":[{"id":"a"}]}"#, "at value[0].createdDateTime: expected a date and time, saw null"),
        (
            r#"{"value":[{"id":"a","createdDateTime":"yesterday"}]}"#,
            "at value[0].createdDateTime: expected a date and time, saw the text \"yesterday\"",
        ),
        (
            &format!(r#"{{"value":[{{{ALERT},"lastActivityDateTime":[]}}]}}"#),
            "at value[0].lastActivityDateTime: expected a date and time, saw []",
        ),
    ] {
        let (server, graph, clock) = staged(vec![Turn::json(body)]).await;
        let text = told(graph.since(clock.now()).await, &server);
        let start = "read alerts: the answer of HOST is not understood ";
        assert_eq!(text, format!("{start}{expected}"), "{body}");
    }
}

#[tokio::test]
async fn an_alert_of_nothing_but_nulls_and_wrong_types_is_still_one() {
    let odd = format!(
        r#"{{"value":[{{{ALERT},"title":null,"severity":7,"category":[],"categories":["Malware"],"description":{{}},"evidence":[null,7,{{"@odata.type":"a.deviceEvidence","mdeDeviceId":{{}}}}]}}]}}"#
    );
    let (_server, graph, clock) = staged(vec![Turn::json(&odd)]).await;
    let alerts = graph.since(clock.now()).await.expect("it is read");
    assert_eq!((alerts[0].title.as_str(), alerts[0].category.as_str()), ("", "Malware"));
    assert_eq!((alerts[0].observables.len(), alerts[0].link.as_deref()), (0, None));
}

#[tokio::test]
async fn deep_nesting_huge_numbers_and_bytes_that_are_no_text_do_no_harm() {
    let deep = format!(r#"{{"value":[{{{ALERT},"evidence":{}"#, "[".repeat(1_000_000));
    let huge = format!(r#"{{"value":[{{{ALERT},"evidence":1e999999}}]}}"#);
    for body in [deep.as_str(), huge.as_str()] {
        let (server, graph, clock) = staged(vec![Turn::json(body)]).await;
        let text = told(graph.since(clock.now()).await, &server);
        assert!(text.contains("is not understood") && text.len() < 700, "{text}");
    }
    let mut bytes = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n".to_vec();
    bytes.extend(b"{\"value\":[{\"id\":\"\xc3\x28\"}]}");
    let (server, graph, clock) = staged(vec![Turn::Say(bytes)]).await;
    let text = told(graph.since(clock.now()).await, &server);
    assert!(text.contains("is not understood at"), "{text}");
}

fn page(ids: std::ops::Range<u32>, updated: &str, next: &str) -> Turn {
    let alert = |id: u32| {
        format!(r#"{{"id":"{id}","createdDateTime":"2026-11-24T12:00:00Z","lastUpdateDateTime":"{updated}"}}"#)
    };
    let alerts: Vec<_> = ids.map(alert).collect();
    Turn::json(&format!(r#"{{"value":[{}]{next}}}"#, alerts.join(",")))
}

const NOON: &str = "2026-11-24T12:00:00Z";

#[tokio::test]
async fn pages_are_followed_as_they_stand_and_an_alert_that_moved_between_them_is_one() {
    let next = r#","@odata.nextLink":"alerts_v2?$skiptoken=a%2Bb&x=%27""#;
    let script = vec![page(1..3, NOON, next), page(2..4, "2026-11-24T12:09:00Z", "")];
    let (server, graph, clock) = staged(script).await;
    let alerts = graph.since(clock.now()).await.expect("they are read");
    let ids: Vec<_> = alerts.iter().map(|alert| alert.id.as_str()).collect();
    assert_eq!(ids, ["1", "2", "3"]);
    assert!(alerts[1].original.as_deref().is_some_and(|text| text.contains("12:09:00")), "as it was last");
    let requests = server.requests();
    assert!(requests[1].starts_with("GET /v1.0/security/alerts_v2?$skiptoken=a%2Bb&x=%27 HTTP/1.1\r\n"));
    assert!(requests.iter().all(|request| request.contains("prefer: include-unknown-enum-members\r\n")));
}

#[tokio::test]
async fn a_page_that_leads_elsewhere_or_nowhere_is_not_followed() {
    let elsewhere = Scripted::start(vec![page(1..2, NOON, "")]).await;
    let away = format!(r#","@odata.nextLink":"{}/v1.0/security/alerts_v2""#, elsewhere.origin());
    let again = r#","@odata.nextLink":"?$filter=lastUpdateDateTime%20ge%202026-11-24T12:00:00Z&$top=100""#;
    for next in [away.as_str(), again, r#","@odata.nextLink":"http://[""#] {
        let (server, graph, clock) = staged(vec![page(1..2, NOON, next)]).await;
        let text = told(graph.since(clock.now()).await, &server);
        assert!(text.ends_with("at @odata.nextLink: expected another address of the same service, saw none"), "{text}");
        assert_eq!(server.requests().len(), 1);
    }
    assert_eq!(elsewhere.requests(), Vec::<String>::new());
    let round = ["a", "b", "a"].map(|next| page(1..2, NOON, &format!(r#","@odata.nextLink":"?{next}""#)));
    let (server, graph, clock) = staged(round.to_vec()).await;
    let text = told(graph.since(clock.now()).await, &server);
    assert!(text.contains("at @odata.nextLink"), "what leads in a circle is left: {text}");
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn a_service_that_takes_the_size_of_a_page_for_all_is_asked_for_the_rest() {
    let script = vec![page(0..100, NOON, ""), page(100..103, NOON, "")];
    let (server, graph, clock) = staged(script).await;
    assert_eq!(graph.since(clock.now()).await.expect("they are read").len(), 103);
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    assert!(requests[1].contains("&$top=100&$skip=100 HTTP/1.1"), "{}", requests[1]);
    let (server, graph, clock) = staged(vec![page(0..100, NOON, "")]).await;
    assert_eq!(graph.since(clock.now()).await.expect("they are read").len(), 100);
    assert_eq!(server.requests().len(), 2, "one that says the same again has no more");
}

#[tokio::test]
async fn a_filter_that_is_passed_over_does_no_harm() {
    let (_server, graph, clock) = staged(vec![page(1..3, "2026-11-24T11:59:59.9999999Z", "")]).await;
    assert_eq!(graph.since(clock.now()).await, Ok(Vec::new()));
}

#[tokio::test]
async fn rules_that_are_odd_are_left_out_of_a_list_and_do_not_hide_the_others() {
    let list = r#"{"value":[null,7,{"id":[]},{"id":"a","detectionAction":{"alertTemplate":{"severity":3}}},
        {"id":12,"createdDateTime":"2026-11-24T12:00:00","detectionAction":{"alertTemplate":{"severity":"HIGH","tactics":null}}},
        {"id":"b","createdDateTime":"never","detectionAction":null}]}"#;
    let (_server, graph, _clock) = staged(vec![Turn::json(list)]).await;
    let listed = Definitions::list(&graph, &Query::default()).await.expect("they are listed");
    let ids: Vec<_> = listed.iter().map(|stored| stored.id.as_str()).collect();
    assert_eq!(ids, ["12"]);
    assert!(!listed[0].definition.enabled, "what does not say that it is on is off");
}

#[tokio::test]
async fn one_rule_that_is_odd_is_told_by_its_place() {
    for (body, expected) in [
        (
            r#"{"id":"a"}"#,
            "at detectionAction.alertTemplate.severity: expected Informational, Low, Medium, High, saw none",
        ),
        (
            r#"{"id":"a","detectionAction":{"alertTemplate":{"severity":"dire"}}}"#,
            "at detectionAction.alertTemplate.severity: expected Informational, Low, Medium, High, saw `dire`",
        ),
        (
            r#"{"id":"a","detectionAction":{"alertTemplate":{"severity":"low"}}}"#,
            "at createdDateTime: expected a date and time, saw none",
        ),
        (
            r#"{"id":"a","createdDateTime":"x"}"#,
            "at createdDateTime: expected a date and time, or null, saw the text \"x\"",
        ),
        (r#"{"id":"a","isEnabled":"perhaps"}"#, "at isEnabled: expected a boolean, saw the text \"perhaps\""),
    ] {
        let (server, graph, _clock) = staged(vec![Turn::json(body)]).await;
        let text = told(Definitions::read(&graph, &DefinitionId::from("a".to_owned())).await, &server);
        assert_eq!(text, format!("read detection rule a: the answer of HOST is not understood {expected}"));
    }
}

#[tokio::test]
async fn answers_without_a_body_say_what_their_status_says() {
    let nothing = |status: &str| Turn::say(status, "", "");
    let id = IndicatorId::from(KEY.to_owned());
    let (_server, graph, _clock) = staged(vec![nothing("404 Not Found")]).await;
    assert_eq!(Indicators::read(&graph, &id).await, Ok(None));
    assert_eq!(Indicators::remove(&graph, &id).await, Ok(()));
    let (server, graph, _clock) = staged(vec![nothing("405 Method Not Allowed")]).await;
    let text = told(Indicators::remove(&graph, &id).await, &server);
    assert_eq!(text, format!("remove detection rule {KEY}: HOST answered HTTP 405: no words with it"));
    let odd = Turn::say("503 Service Unavailable", "", r#"{"error":{"code":"BadRequest","message":"It is fine."}}"#);
    let (server, graph, _clock) = staged(vec![odd]).await;
    let text = told(Indicators::read(&graph, &id).await, &server);
    assert!(text.ends_with("HOST answered HTTP 503: BadRequest: It is fine."), "the status counts: {text}");
}

#[tokio::test]
async fn a_rule_that_is_created_without_being_told_is_read() {
    let told_later = include_str!("../../../fixtures/exchanges/graph/rule_read.json");
    let read: serde_json::Value = serde_json::from_str(told_later).expect("the recording is JSON");
    let script = vec![Turn::say("201 Created", "", ""), Turn::json(&read["response"]["body"].to_string())];
    let (server, graph, _clock) = staged(script).await;
    let published = Indicators::publish(&graph, wanted().publication()).await.expect("it is created");
    assert_eq!(published.indicator.id.as_str(), KEY);
    assert!(server.requests()[1].starts_with(&format!("GET /beta/security/rules/detectionRules/{KEY} ")));
    let other = read["response"]["body"].to_string().replace("203.0.113.9", "203.0.113.10");
    let (server, graph, _clock) = staged(vec![Turn::say("201 Created", "", &other)]).await;
    let published = Indicators::publish(&graph, wanted().publication()).await.expect("it is created");
    assert_ne!(published.indicator.indicator, wanted().indicator, "what is held is told, not what was sent");
    drop(server);
    let foreign = read["response"]["body"].to_string().replace(" | project", " | where true | project");
    let (server, graph, _clock) = staged(vec![Turn::say("201 Created", "", &foreign)]).await;
    let error = Indicators::publish(&graph, wanted().publication()).await.expect_err("it is no query of ours");
    assert!(matches!(error, ServiceError::Transport(_)), "no refusal: the rule is there, to be removed");
    drop(server);
}

#[tokio::test]
async fn a_rule_whose_answer_is_cut_is_found_to_be_there() {
    let read: serde_json::Value =
        serde_json::from_str(include_str!("../../../fixtures/exchanges/graph/rule_read.json")).expect("it is JSON");
    let rule = Turn::json(&read["response"]["body"].to_string());
    let cut = b"HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{\"id\":";
    let taken = Turn::say("409 Conflict", "", "");
    for lost in [Turn::Say(cut.into()), Turn::Close] {
        let script = vec![lost, taken.clone(), rule.clone(), rule.clone(), rule.clone()];
        let (server, graph, _clock) = staged(script).await;
        let published = Indicators::publish(&graph, wanted().publication()).await.expect("it is there");
        assert_eq!(published.indicator.id.as_str(), KEY);
        let requests = server.requests();
        let methods: Vec<_> = requests.iter().filter_map(|request| request.split(' ').next()).collect();
        assert_eq!(methods, ["POST", "POST", "GET", "GET", "PATCH"]);
    }
}

#[tokio::test]
async fn a_rule_of_the_older_generation_is_not_sent_twice() {
    let (clock, _me) = stage::clock();
    let trouble = Turn::say("500 Internal Server Error", "", "");
    let empty = Turn::json(r#"{"value":[]}"#);
    let server = Scripted::start(vec![trouble, empty]).await;
    let older = graph(&server.origin(), &clock, Generation::A);
    let error = Indicators::publish(&older, wanted().publication()).await.expect_err("it failed");
    assert_eq!(error.status(), Some(500));
    let requests = server.requests();
    assert_eq!(requests.iter().filter(|request| request.starts_with("POST")).count(), 1);
    assert!(requests[1].contains("$filter=contains(displayName,%279ir6asyz%27)"), "{}", requests[1]);
}

#[tokio::test]
async fn a_storm_of_429_is_obeyed_to_the_fraction_and_then_called_throttled() {
    let wait = Turn::say(
        "429 Too Many Requests",
        "retry-after: 2.128\r\ncontent-type: application/json\r\n",
        r#"{"error":{"code":"TooManyRequests","innerError":{"code":"429"},"message":"Please retry again later."}}"#,
    );
    let (server, graph, clock) = staged(vec![wait]).await;
    let before = clock.now();
    let error = Indicators::publish(&graph, wanted().publication()).await.expect_err("the storm does not end");
    assert!(error.throttled());
    let waited = clock.now().duration_since(before);
    assert!(waited >= SignedDuration::from_millis(4 * 2_128) && waited < SignedDuration::from_secs(13), "{waited}");
    assert_eq!(server.requests().len(), 5, "and nothing is looked for, for nothing was taken on");
}

#[tokio::test]
async fn a_batch_that_is_no_answer_fails_every_part_of_it_and_one_that_only_waits_is_throttled() {
    let ids = ["a", "b"].map(|id| IndicatorId::from(id.to_owned()));
    for body in ["{}", r#"{"responses":7}"#, r#"{"responses":[{"id":"0"}]}"#, "<html>"] {
        let (_server, graph, _clock) = staged(vec![Turn::json(body)]).await;
        let removed = graph.remove_many(&ids).await;
        assert!(removed.len() == 2 && removed.iter().all(Result::is_err), "{body}: {removed:?}");
    }
    let wait =
        r#"{"responses":[{"id":"0","status":429,"headers":{"retry-after":1}},{"id":1,"status":204,"headers":null}]}"#;
    let (server, graph, _clock) = staged(vec![Turn::json(wait)]).await;
    let removed = graph.remove_many(&ids).await;
    assert!(removed[0].as_ref().is_err_and(ServiceError::throttled), "{removed:?}");
    assert_eq!(removed[1], Ok(()));
    assert_eq!(server.requests().len(), 5);
    let many: Vec<_> = (0..45).map(|number| format!("da{number}")).collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    let (server, graph, _clock) = staged(vec![Turn::json(r#"{"responses":[]}"#)]).await;
    assert_eq!(graph.update_many(&many, Treatment::DRILL).await.len(), 45);
    assert_eq!(server.requests().len(), 3, "twenty at a time");
    assert!(graph.remove_many(&[]).await.is_empty());
}

#[tokio::test]
async fn hunting_that_is_not_as_documented_is_told_by_its_place_and_trouble_is_waited_out() {
    let device = Device { id: "ab".into(), name: "pc".into() };
    let sought = |since| Sought { device: &device, kind: Kind::Url, observable: "evil.example", since };
    for (body, expected) in [
        (r#"{"schema":[]}"#, "at .: expected a member `results`, saw none of that name"),
        (r#"{"results":[{}]}"#, "at results[0].Timestamp: expected a date and time, saw null"),
        (r#"{"results":[{"Timestamp":7}]}"#, "at results[0].Timestamp: expected a date and time, saw 7"),
    ] {
        let (server, graph, clock) = staged(vec![Turn::json(body)]).await;
        let text = told(graph.rows(sought(clock.now())).await, &server);
        assert!(text.ends_with(expected), "{text}");
    }
    let trouble = Turn::say("504 Gateway Timeout", "", r#"{"error":{"code":"UnknownError","message":""}}"#);
    let (_server, graph, clock) = staged(vec![trouble.clone(), Turn::json(r#"{"Results":[]}"#)]).await;
    assert_eq!(graph.rows(sought(clock.now())).await, Ok(Vec::new()));
    let (server, graph, _clock) = staged(vec![trouble]).await;
    let text = told(graph.named("pc").await, &server);
    assert_eq!(text, "find the device pc: HOST answered HTTP 504: UnknownError");
}

#[tokio::test]
async fn moments_of_a_service_that_is_ahead_are_told_by_our_clock_and_asked_for_by_its_own() {
    let ahead = "date: Tue, 24 Nov 2026 12:07:00 GMT\r\ncontent-type: application/json\r\n";
    let alerts = r#"{"value":[{"id":"a","createdDateTime":"2026-11-24T12:10:00Z","firstActivityDateTime":"2026-11-24T12:08:00Z"}]}"#;
    let rows = r#"{"results":[{"Timestamp":"2026-11-24T12:08:00Z","ActionType":"ConnectionSuccess"}]}"#;
    let script = [alerts, alerts, rows].map(|body| Turn::say("200 OK", ahead, body)).to_vec();
    let (server, graph, _clock) = staged(script).await;
    graph.since(at(NOON)).await.expect("the first answer tells the service's clock");
    let alerts = graph.since(at(NOON)).await.expect("they are read");
    assert_eq!(alerts[0].processed_at, at("2026-11-24T12:03:00Z"));
    assert_eq!(alerts[0].happened_at, at("2026-11-24T12:01:00Z"));
    let device = Device { id: "ab".into(), name: "pc".into() };
    let sought = Sought { device: &device, kind: Kind::IpAddress, observable: "203.0.113.9", since: at(NOON) };
    let rows = graph.rows(sought).await.expect("they are found");
    assert_eq!(rows[0].at, at("2026-11-24T12:01:00Z"));
    let requests = server.requests();
    assert!(requests[0].contains("ge%202026-11-24T12:00:00Z"), "{}", requests[0]);
    assert!(requests[1].contains("ge%202026-11-24T12:07:00Z"), "{}", requests[1]);
    assert!(requests[2].contains("datetime(2026-11-24T12:07:00.0000000Z)"), "{}", requests[2]);
}

#[tokio::test]
async fn each_family_of_calls_keeps_within_its_own_limits_and_removing_within_what_is_kept_back() {
    let (_server, graph, clock) = staged(vec![Turn::json(r#"{"value":[]}"#)]).await;
    let graph = graph.within(&Quotas::of(&Allotment { kept_back: 2, ..Allotment::default() }));
    let before = clock.now();
    let list = PUBLISHED.iter().find(|row| row.family == Family::List).expect("it is published");
    for _ in 0..list.per_minute - 2 {
        Definitions::list(&graph, &Query::default()).await.expect("they are listed");
    }
    graph.since(before).await.expect("alerts are another family");
    assert_eq!(clock.now(), before);
    Definitions::list(&graph, &Query::default()).await.expect("they are listed");
    assert_eq!(clock.now().duration_since(before), SignedDuration::from_secs(61));
    let ids: Vec<_> = (0..100).map(|id| IndicatorId::from(id.to_string())).collect();
    let before = clock.now();
    graph.remove_many(&ids).await;
    assert_eq!(clock.now(), before, "each of a hundred in five calls is counted, and the minute has as many");
    Indicators::remove(&graph, &ids[0]).await.expect("it is removed");
    assert_eq!(clock.now().duration_since(before), SignedDuration::from_secs(61));
}

#[tokio::test]
async fn an_alert_that_is_closed_is_closed_though_its_comment_was_lost() {
    let closed = r#"{"responses":[{"id":"0","status":200,"body":{}},{"id":"1","status":200,"body":{}}]}"#;
    for (ids, script) in [
        (vec!["a".to_owned()], vec![Turn::json(&format!("{{{ALERT}}}")), Turn::Close]),
        (vec!["a".to_owned(), "b".to_owned()], vec![Turn::json(closed), Turn::Close]),
    ] {
        let (server, graph, _clock) = staged(script).await;
        let told = graph.close_many(&ids, "A drill's.").await;
        assert!(told.iter().all(Result::is_ok), "{told:?}");
        assert_eq!(server.requests().len(), 2, "and the comment is not made twice");
    }
}
