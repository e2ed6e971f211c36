//! The endpoint service's client against answers that are not as documented: what they mean is understood, what they do
//! not say is said.

use std::{fmt::Write as _, sync::Arc};

use alertdrill::{
    domain::indicator::{Action, Kind},
    services::{
        alerts::Alerts,
        definitions::{Definitions, Query},
        endpoint::{Endpoint, alerts::AlertUpdate, quotas::Quotas},
        error::ServiceError,
        hunting::{Hunting, Sought},
        indicators::{IndicatorChange, IndicatorId, Indicators},
    },
    transport::quota::Allotment,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::services::{
    endpoint_stage::{Playback, Wish, endpoint, recording},
    stage::{self, FixedToken, Scripted, Turn, url},
};

fn id(key: &str) -> IndicatorId {
    IndicatorId::from(key.to_owned())
}

fn nothing(status: &str) -> Turn {
    Turn::say(status, "", "")
}

/// The answer of a recording.
fn as_recorded(name: &str) -> Turn {
    Turn::json(&recording(name, "")["response"]["body"].to_string())
}

/// What listing indicators comes to on a server that says this: the error's text with the server as HOST.
async fn listing_fails(script: Vec<Turn>) -> String {
    let (clock, _me) = stage::clock();
    let server = Scripted::start(script).await;
    let error = Indicators::list(&endpoint(&server.origin(), &clock), &Query::default()).await;
    told(&error.expect_err("the answer is not understood"), &server)
}

fn told(error: &ServiceError, server: &Scripted) -> String {
    error.to_string().replace(&server.address.to_string(), "HOST")
}

#[tokio::test]
async fn each_refusal_is_told_in_the_service_s_own_words() {
    for (name, said, denied) in [
        (
            "refused_role",
            "answered HTTP 403: Forbidden: Missing application roles. API required roles: \
             Ti.ReadWrite,Ti.ReadWrite.All, application roles: Alert.Read.All.",
            true,
        ),
        (
            "refused_account",
            "answered HTTP 401: Unauthorized: Unauthorized request - reason of failure: Account mode is inactive",
            true,
        ),
        ("refused_route", "answered HTTP 404: no words with it", false),
        ("refused_method", "answered HTTP 405: no words with it", false),
    ] {
        // A token that is refused is asked for once more, which is not played back.
        let playback = Playback::of(&[name, name]).await;
        let error = playback.endpoint().access().await.expect_err(name);
        let host = playback.server.address();
        assert_eq!(error.to_string(), format!("list indicators: {host} {said}"));
        assert_eq!((error.denied(), matches!(error, ServiceError::Rejected { .. })), (denied, false), "{name}");
    }
    let playback = Playback::of(&["refused_invalid"]).await;
    let error = Indicators::publish(&playback.endpoint(), Wish::new().publication()).await.expect_err("it is refused");
    assert_eq!(
        error.to_string(),
        "the service refused to create an indicator: HTTP 400: InvalidInput: Recieved an empty indicator value."
    );
    let playback = Playback::of(&["refused_size"]).await;
    let error =
        Indicators::publish_all(&playback.endpoint(), &[Wish::new().publication()]).await.expect_err("it is refused");
    assert!(matches!(error, ServiceError::Rejected { status: 400, .. }), "{error}");
    playback.was_asked_for().await;
}

#[tokio::test]
async fn json_that_is_not_as_documented_is_told_by_its_path() {
    for (body, expected) in [
        ("", "at .: expected JSON, saw an empty body"),
        ("[]", "at .: expected an object, saw an array of 0"),
        (r#"{"value":{}}"#, "at value: expected an array, saw an object"),
        (r#"{"value":[{"id":"1"}]}"#, "at value[0]: expected a member `indicatorValue`, saw none of that name"),
        (r#"{"value":[{"id":{}}]}"#, "at value[0].id: expected a key, saw an object"),
        (
            r#"{"value":[{"id":"1","indicatorValue":"v","indicatorType":"Url","action":7}]}"#,
            "at value[0].action: expected a text, saw 7",
        ),
        (
            r#"{"value":[{"id":"1","indicatorValue":"v","indicatorType":"Url","action":"Audit","expirationTime":"soon"}]}"#,
            "at value[0].expirationTime: expected a date and time, or null, saw the text \"soon\"",
        ),
        (
            r#"{"error":{"code":"InternalServerError","message":"Try later."}}"#,
            "at .: expected what was asked for, saw an error with HTTP 200: InternalServerError: Try later.",
        ),
    ] {
        let text = listing_fails(vec![Turn::json(body)]).await;
        let start = "list indicators: the answer of HOST is not understood ";
        assert_eq!(text, format!("{start}{expected}"), "{body}");
    }
}

#[tokio::test]
async fn deep_nesting_pages_of_a_proxy_and_cut_bodies_do_no_harm() {
    let deep = format!(r#"{{"value":[{{"id":"1","evidence":{}"#, "[".repeat(1_000_000));
    let (clock, _me) = stage::clock();
    let server = Scripted::start(vec![Turn::json(&deep)]).await;
    let error = endpoint(&server.origin(), &clock).since(Timestamp::UNIX_EPOCH).await.expect_err("it has no end");
    assert!(told(&error, &server).len() < 600);
    let whole = format!(
        r#"{{"value":[{{"id":"1","alertCreationTime":"2026-11-24T12:00:00Z","x":{}{}}}]}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let server = Scripted::start(vec![Turn::json(&whole)]).await;
    let error = endpoint(&server.origin(), &clock).since(Timestamp::UNIX_EPOCH).await.expect_err("it is too deep");
    assert!(told(&error, &server).contains("recursion limit exceeded"), "{error}");

    let page = "<html><head><title>Sign in</title></head></html>";
    let text = listing_fails(vec![Turn::say("200 OK", "content-type: text/html\r\n", page)]).await;
    assert!(text.ends_with("expected JSON, saw an HTML page titled `Sign in`"), "{text}");
    let text = listing_fails(vec![Turn::say("502 Bad Gateway", "content-type: text/html\r\n", page)]).await;
    assert_eq!(text, "list indicators: HOST answered HTTP 502: an HTML page titled `Sign in`");
    let cut = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{\"value\":[".to_vec();
    let text = listing_fails(vec![Turn::Say(cut)]).await;
    assert!(text.starts_with("list indicators: the answer of HOST broke off: "), "{text}");
}

#[tokio::test]
async fn the_next_page_is_read_from_nobody_else_and_not_for_ever() {
    let elsewhere = Scripted::start(vec![Turn::json(r#"{"value":[]}"#)]).await;
    let away = format!(r#"{{"value":[],"@odata.nextLink":"{}/api/indicators"}}"#, elsewhere.origin());
    let same = r#"{"value":[],"@odata.nextLink":"indicators"}"#;
    for body in [away.as_str(), same, r#"{"value":[],"@odata.nextLink":"http://"}"#] {
        let text = listing_fails(vec![Turn::json(body)]).await;
        assert_eq!(
            text,
            "list indicators: the answer of HOST is not understood at @odata.nextLink: expected the address of a page \
             not read yet, at the same service, saw another",
            "{body}"
        );
    }
    assert_eq!(elsewhere.requests(), Vec::<String>::new());
    let round = [
        r#"{"value":[],"@odata.nextLink":"?a"}"#,
        r#"{"value":[],"@odata.nextLink":"?b"}"#,
        r#"{"value":[],"@odata.nextLink":"?a"}"#,
    ];
    let text = listing_fails(round.map(Turn::json).to_vec()).await;
    assert!(text.contains("at @odata.nextLink"), "what leads in a circle is left: {text}");
}

#[tokio::test]
async fn half_a_set_is_not_taken_for_the_whole() {
    let first = r#"{"value":[],"@odata.nextLink":"?$skiptoken=2"}"#;
    let text = listing_fails(vec![Turn::json(first), nothing("500 Internal Server Error")]).await;
    assert_eq!(text, "list indicators: HOST answered HTTP 500: no words with it");
}

#[tokio::test]
async fn a_service_that_offers_more_than_was_asked_for_is_left_there() {
    let (clock, _me) = stage::clock();
    let server = Scripted::start(vec![as_recorded("indicator_page_1")]).await;
    let service = endpoint(&server.origin(), &clock);
    assert_eq!(service.access().await, Ok(()));
    assert_eq!(server.requests().len(), 1, "access is one small call");
    let server = Scripted::start(vec![as_recorded("indicators_of_marker")]).await;
    let query = Query { top: Some(2), ..Query::default() };
    let listed = Indicators::list(&endpoint(&server.origin(), &clock), &query).await.expect("they are listed");
    assert_eq!(listed.len(), 2);
}

#[tokio::test]
async fn what_is_there_but_not_understood_is_not_called_gone() {
    let (clock, _me) = stage::clock();
    let server = Scripted::start(vec![as_recorded("indicator_list")]).await;
    let service = endpoint(&server.origin(), &clock);
    let error = Indicators::read(&service, &id("14")).await.expect_err("its action is of old");
    assert_eq!(
        told(&error, &server),
        "read indicator 14: the answer of HOST is not understood at action: expected Allowed, Audit, Warn, Block, \
         BlockAndRemediate, saw `AlertAndBlock`"
    );
}

#[tokio::test]
async fn an_indicator_whose_answer_is_lost_is_sent_again_for_it_stays_one() {
    let (clock, _me) = stage::clock();
    for lost in [Turn::Close, nothing("503 Service Unavailable")] {
        let server = Scripted::start(vec![lost, as_recorded("indicator_create")]).await;
        let sent = Indicators::publish(&endpoint(&server.origin(), &clock), Wish::new().publication()).await;
        assert_eq!(sent.map(|published| published.indicator.id), Ok(id("21")));
        let requests = server.requests();
        let body = |request: &str| request.split("\r\n\r\n").nth(1).map(str::to_owned);
        assert_eq!((requests.len(), body(&requests[0])), (2, body(&requests[1])));
    }
}

#[tokio::test]
async fn an_indicator_that_is_accepted_without_words_is_found_by_its_marker() {
    let (clock, _me) = stage::clock();
    for silent in ["204 No Content", "200 OK", "201 Created"] {
        let server = Scripted::start(vec![nothing(silent), as_recorded("indicator_read")]).await;
        let sent = Indicators::publish(&endpoint(&server.origin(), &clock), Wish::new().publication()).await;
        assert_eq!(sent.map(|published| published.indicator.id), Ok(id("21")), "{silent}");
    }
    let server = Scripted::start(vec![nothing("204 No Content"), Turn::json(r#"{"value":[]}"#)]).await;
    let error = Indicators::publish(&endpoint(&server.origin(), &clock), Wish::new().publication()).await;
    let text = told(&error.expect_err("nothing is there"), &server);
    assert!(text.ends_with("expected the indicator as it is held, saw none"), "{text}");
}

#[tokio::test]
async fn keys_that_are_numbers_and_letter_case_do_no_harm() {
    let (clock, _me) = stage::clock();
    let mut body = recording("indicator_create", "")["response"]["body"].clone();
    (body["id"], body["action"], body["indicatorType"]) = (json!(21), json!("AUDIT"), json!("domainname"));
    let server = Scripted::start(vec![Turn::json(&body.to_string())]).await;
    let sent = Indicators::publish(&endpoint(&server.origin(), &clock), Wish::new().publication()).await;
    let stored = sent.expect("it is understood").indicator;
    assert_eq!((stored.id, stored.indicator), (id("21"), Wish::new().indicator));
}

#[tokio::test]
async fn there_are_never_two_where_one_cannot_be_removed() {
    let (clock, _me) = stage::clock();
    let script = vec![
        as_recorded("indicator_read"),
        as_recorded("indicator_change_action"),
        Turn::say("403 Forbidden", "", r#"{"error":{"code":"Forbidden","message":"Not your device group."}}"#),
        nothing("204 No Content"),
    ];
    let server = Scripted::start(script).await;
    let change = IndicatorChange { action: Some(Action::Block), ..IndicatorChange::default() };
    let error = Indicators::change(&endpoint(&server.origin(), &clock), &id("21"), &change).await;
    assert!(error.expect_err("the one before stays").denied());
    let requests = server.requests();
    let heads: Vec<_> = requests.iter().filter_map(|request| request.split(" HTTP").next()).collect();
    assert_eq!(
        heads,
        ["GET /api/indicators", "POST /api/indicators", "DELETE /api/indicators/21", "DELETE /api/indicators/25"]
    );
}

#[tokio::test]
async fn what_is_not_there_or_not_understood_is_not_changed() {
    let (clock, _me) = stage::clock();
    let change = IndicatorChange { action: Some(Action::Block), ..IndicatorChange::default() };
    let server = Scripted::start(vec![Turn::json(r#"{"value":[]}"#)]).await;
    let error = Indicators::change(&endpoint(&server.origin(), &clock), &id("21"), &change).await;
    assert_eq!(
        told(&error.expect_err("it is not there"), &server),
        "the service refused to change indicator 21: HTTP 404: it is not there (no indicator of the tenant has this key)"
    );
    let server = Scripted::start(vec![as_recorded("indicator_list")]).await;
    let error = Indicators::change(&endpoint(&server.origin(), &clock), &id("14"), &change).await;
    assert_eq!(
        told(&error.expect_err("its action is of old"), &server),
        "the service cannot do this with indicators: the action of indicator 14 is `AlertAndBlock`, which could not be \
         sent again"
    );
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn an_import_that_tells_less_than_it_was_asked_is_not_believed() {
    let (clock, _me) = stage::clock();
    for (body, expected) in [
        (r#"{"value":[]}"#, "at value: expected what became of each of 1, saw 0 of them"),
        (r#"{"value":[{"indicator":"x","isFailed":false}]}"#, "at value[0].id: expected a key, saw none"),
    ] {
        let server = Scripted::start(vec![Turn::json(body)]).await;
        let service = endpoint(&server.origin(), &clock);
        let error = Indicators::publish_all(&service, &[Wish::new().publication()]).await;
        let text = told(&error.expect_err("something is missing"), &server);
        assert_eq!(text, format!("create 1 indicators at once: the answer of HOST is not understood {expected}"));
    }
}

#[tokio::test]
async fn an_import_of_more_than_500_is_several_and_what_is_not_minted_is_looked_up_in_one_call() {
    let (clock, _me) = stage::clock();
    let wishes: Vec<Wish> =
        (0..501).map(|n| Wish::of(Kind::IpAddress, &format!("203.0.{}.{}", n / 250, n % 250))).collect();
    let publications: Vec<_> = wishes.iter().map(Wish::publication).collect();
    let outcomes = |range: std::ops::Range<usize>| {
        let mut body = String::from(r#"{"value":["#);
        for (place, wish) in wishes[range].iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            write!(body, r#"{comma}{{"id":"{place}","indicator":"{}","isFailed":false}}"#, wish.indicator.value)
                .expect("a text takes all");
        }
        Turn::json(&(body + "]}"))
    };
    let script = vec![Turn::json(r#"{"value":[]}"#), outcomes(0..500), outcomes(500..501)];
    let server = Scripted::start(script).await;
    let imported = endpoint(&server.origin(), &clock).import(&publications).await.expect("all are taken");
    assert_eq!((imported.len(), server.requests().len()), (501, 3));
    assert!(server.requests()[0].starts_with("GET /api/indicators HTTP"));
}

#[tokio::test]
async fn a_batch_update_and_a_comment_are_not_sent_twice() {
    let (clock, _me) = stage::clock();
    let server = Scripted::start(vec![Turn::Close]).await;
    let service = endpoint(&server.origin(), &clock);
    let update = AlertUpdate::security_test("a comment");
    assert!(service.update_alert("da1_1", update).await.is_err());
    assert!(service.update_alerts(&["da1_1".to_owned()], update).await.is_err());
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn alerts_whose_closing_may_have_been_lost_are_closed_again_without_a_comment() {
    let (clock, _me) = stage::clock();
    let row = r#"{"id":"da1_1","alertCreationTime":"2026-11-24T12:00:00Z"}"#;
    for ids in [vec!["da1_1".to_owned()], vec!["da1_1".to_owned(), "da2_1".to_owned()]] {
        let trouble = Turn::say("500 Internal Server Error", "", "");
        let server = Scripted::start(vec![Turn::Close, trouble, Turn::json(row)]).await;
        let closed = endpoint(&server.origin(), &clock).close_many(&ids, "a comment").await;
        assert!(closed.iter().all(Result::is_ok), "{closed:?}");
        let commented: Vec<_> = server.requests().iter().map(|request| request.contains("a comment")).collect();
        assert_eq!(commented, [true, false, false]);
    }
}

#[tokio::test]
async fn a_fraction_of_a_retry_after_is_waited_for() {
    let (clock, _me) = stage::clock();
    let busy = Turn::say("429 Too Many Requests", "retry-after: 12.75\r\n", "");
    let server = Scripted::start(vec![busy, Turn::json(r#"{"value":[]}"#)]).await;
    let before = clock.now();
    assert_eq!(endpoint(&server.origin(), &clock).access().await, Ok(()));
    let waited = clock.now().duration_since(before);
    assert!(waited >= SignedDuration::from_millis(12_750) && waited <= SignedDuration::from_millis(13_750), "{waited}");
}

#[tokio::test]
async fn each_kind_of_call_keeps_within_its_own_limits() {
    let (clock, _me) = stage::clock();
    let server = Scripted::start(vec![Turn::json(r#"{"Results":[],"value":[]}"#)]).await;
    let transport = stage::transport(&clock).authorised_by(Arc::new(FixedToken));
    let service = Endpoint::new(transport, url(&server.origin(), "/api/v1.0"))
        .within(Quotas::of(&Allotment { kept_back: 0, ..Allotment::default() }));
    let device = alertdrill::domain::device::Device { id: "ab".into(), name: "pc".into() };
    let before = clock.now();
    let sought = Sought { device: &device, kind: Kind::Sha1, observable: "aa", since: before };
    for _ in 0..45 {
        assert_eq!(service.rows(sought).await, Ok(Vec::new()));
    }
    assert_eq!(service.since(before).await, Ok(Vec::new()));
    assert_eq!(clock.now(), before, "45 hunts, and a call of another kind");
    assert_eq!(service.rows(sought).await, Ok(Vec::new()));
    assert_eq!(clock.now().duration_since(before), SignedDuration::from_secs(61));
    assert!(server.requests()[0].starts_with("POST /api/v1.0/advancedqueries/run HTTP"));
}
