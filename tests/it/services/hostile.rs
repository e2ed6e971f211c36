//! The legacy service's client against servers that say anything else than is documented.

use std::time::Duration;

use alertdrill::{
    clock::limit::Stopwatch,
    domain::alert_definition::{AlertDefinition, Severity},
    services::{
        alerts::Alerts,
        definitions::{Definitions, Query},
        error::ServiceError,
    },
    transport::{Transport, call::Call, send::HttpSettings},
};
use jiff::{SignedDuration, Timestamp};

use crate::services::stage::{self, Scripted, Turn, recorded};

/// What listing the definitions of a server with this script comes to: the error's text, with the server's address as
/// HOST, and the hint.
async fn listing_fails(script: Vec<Turn>) -> (String, String) {
    let (clock, _me) = stage::clock();
    let server = Scripted::start(script).await;
    let error = Definitions::list(&stage::legacy(&server.origin(), &clock), &Query::default()).await;
    told(&error.expect_err("the answer is not understood"), &server)
}

fn told(error: &ServiceError, server: &Scripted) -> (String, String) {
    let text = error.to_string().replace(&server.address.to_string(), "HOST");
    (text, error.hint().unwrap_or_default().to_owned())
}

fn definition() -> AlertDefinition {
    AlertDefinition {
        name: "a".into(),
        severity: Severity::Low,
        internal_description: "b".into(),
        title: "c".into(),
        ux_description: "d".into(),
        recommended_action: None,
        category: "Trojan".into(),
        enabled: true,
    }
}

const EMPTY_SET: &str = r#"{"value":[]}"#;

#[tokio::test]
async fn a_body_that_is_cut_is_asked_for_again_and_then_said_to_have_broken_off() {
    let (clock, _me) = stage::clock();
    let cut = Turn::Say(
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{\"value\":[".into(),
    );
    let server = Scripted::start(vec![cut.clone()]).await;
    let legacy = stage::legacy(&server.origin(), &clock);
    let (error, exchanges) = recorded(Definitions::list(&legacy, &Query::default())).await;
    let (text, hint) = told(&error.expect_err("the answer is cut"), &server);
    assert_eq!(
        text,
        "list alert definitions: the answer of HOST broke off: error reading a body from connection: end of file \
         before message length reached"
    );
    assert!(hint.contains("cuts answers short"), "{hint}");
    assert_eq!((exchanges.len(), exchanges[0].attempts().len(), server.requests().len()), (1, 5, 5));
    let attempt = &exchanges[0].attempts()[0];
    assert_eq!((attempt.status(), attempt.response_body()), (Some(200), Some("{\"value\":[")));
    assert!(attempt.why_failed().is_some_and(|why| why.starts_with("the answer broke off")));

    let server = Scripted::start(vec![cut, Turn::json(EMPTY_SET)]).await;
    let listed = Definitions::list(&stage::legacy(&server.origin(), &clock), &Query::default()).await;
    assert_eq!(listed, Ok(Vec::new()), "a cut that does not last does no harm");
}

#[tokio::test]
async fn json_that_breaks_off_is_asked_for_again_where_that_does_no_harm() {
    let (clock, _me) = stage::clock();
    let cut = Turn::json(r#"{"value":[{"Id":1,"#);
    let server = Scripted::start(vec![cut.clone(), Turn::json(EMPTY_SET)]).await;
    let listed = Definitions::list(&stage::legacy(&server.origin(), &clock), &Query::default()).await;
    assert_eq!((listed, server.requests().len()), (Ok(Vec::new()), 2));

    let server = Scripted::start(vec![cut]).await;
    let patch = Call::patch(stage::url(&server.origin(), "/")).purpose("change it");
    let changed = stage::transport(&clock).call(patch).await.expect("it was answered with 200");
    assert!(changed.json::<serde_json::Value>().is_err_and(|error| error.to_string().contains("saw EOF")));
    assert_eq!(server.requests().len(), 1, "what to do twice does harm is done once");
}

#[tokio::test]
async fn a_page_instead_of_json_is_named_by_its_title() {
    let page = "<!DOCTYPE html><html><head><title>Sign in to the guest network</title></head></html>";
    let (text, hint) = listing_fails(vec![Turn::say("200 OK", "content-type: text/html\r\n", page)]).await;
    assert_eq!(
        text,
        "list alert definitions: the answer of HOST is not understood at .: expected JSON, saw an HTML page titled \
         `Sign in to the guest network`"
    );
    assert_eq!(hint, "the service may have changed, or something in between answered for it");
    let (text, _) = listing_fails(vec![Turn::say("404 Not Found", "content-type: text/html\r\n", page)]).await;
    assert_eq!(
        text,
        "list alert definitions: HOST answered HTTP 404: an HTML page titled `Sign in to the guest network`"
    );
}

#[tokio::test]
async fn json_that_is_not_as_documented_is_told_by_its_path() {
    for (body, expected) in [
        ("", "at .: expected JSON, saw an empty body"),
        (r#"{"value":["#, "at .: expected JSON, saw EOF while parsing a list at line 1 column 10"),
        ("[1,", "at [0]: expected an array, saw 1"),
        (r#"{"value":{}}"#, "at value: expected an array, saw an object"),
        (r#"{"values":[]}"#, "at .: expected a member `value`, saw none of that name"),
        (r#"{"value":[{"Id":"one"}]}"#, "at value[0].Id: expected a whole number, saw the text \"one\""),
        (r#"{"value":[{"Id":1,"Severity":3}]}"#, "at value[0].Severity: expected a text, saw 3"),
        (
            r#"{"value":[{"Id":1,"Severity":"Low","Enabled":"perhaps"}]}"#,
            "at value[0].Enabled: expected true or false, saw the text \"perhaps\"",
        ),
        (
            r#"{"value":[{"Id":1,"Severity":"Low","Enabled":true,"CreatedAt":"yesterday"}]}"#,
            "at value[0].CreatedAt: expected a date and time, saw the text \"yesterday\"",
        ),
    ] {
        let (text, _) = listing_fails(vec![Turn::json(body)]).await;
        let whole = format!("list alert definitions: the answer of HOST is not understood {expected}");
        assert_eq!(text, whole, "{body}");
    }
}

#[tokio::test]
async fn deep_nesting_and_bytes_that_are_no_text_do_no_harm() {
    let deep = format!(r#"{{"value":{}"#, "[".repeat(1_000_000));
    let (text, _) = listing_fails(vec![Turn::json(&deep)]).await;
    assert!(text.contains("is not understood at value[0]"), "{text}");
    assert!(text.len() < 600, "{}", text.len());
    let mut bytes = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n".to_vec();
    bytes.extend(b"{\"value\":[{\"Id\":1,\"Name\":\"\xc3\x28\xff\"}]}");
    let (text, _) = listing_fails(vec![Turn::Say(bytes)]).await;
    assert!(text.contains("is not understood at") && text.contains("invalid unicode"), "{text}");
}

#[tokio::test]
async fn what_is_no_http_is_an_answer_that_broke_off() {
    let (text, _) = listing_fails(vec![Turn::Say(b"SSH-2.0-OpenSSH_9.6\r\n".into())]).await;
    assert_eq!(text, "list alert definitions: the answer of HOST broke off: invalid HTTP version parsed");
    let (text, _) = listing_fails(vec![Turn::Close]).await;
    assert_eq!(
        text,
        "list alert definitions: the answer of HOST broke off: connection closed before message completed"
    );
}

#[tokio::test]
async fn trouble_of_the_service_is_waited_out_where_asking_again_does_no_harm() {
    let (clock, _me) = stage::clock();
    let trouble = Turn::say("500 Internal Server Error", "", r#"{"Message":"An error has occurred."}"#);
    let script = vec![trouble.clone(), Turn::say("502 Bad Gateway", "", ""), Turn::json(EMPTY_SET)];
    let server = Scripted::start(script).await;
    let before = clock.now();
    let listed = Definitions::list(&stage::legacy(&server.origin(), &clock), &Query::default()).await;
    assert_eq!(listed, Ok(Vec::new()));
    let waited = clock.now().duration_since(before);
    assert!(waited >= SignedDuration::from_millis(2250) && waited <= SignedDuration::from_millis(3750), "{waited}");

    let (text, hint) = listing_fails(vec![trouble.clone()]).await;
    assert_eq!(text, "list alert definitions: HOST answered HTTP 500: An error has occurred.");
    assert_eq!(hint, "the service itself has trouble: try again later");

    let server = Scripted::start(vec![trouble, Turn::json("{}")]).await;
    let error = Definitions::publish(&stage::legacy(&server.origin(), &clock), &definition()).await;
    assert_eq!(error.map_err(|error| error.status()), Err(Some(500)));
    assert_eq!(server.requests().len(), 1, "a definition is not created twice");
}

#[tokio::test]
async fn a_definition_is_not_sent_twice_when_its_answer_is_lost() {
    let (clock, _me) = stage::clock();
    for turn in [Turn::Close, Turn::say("503 Service Unavailable", "", "")] {
        let server = Scripted::start(vec![turn]).await;
        let sent = Definitions::publish(&stage::legacy(&server.origin(), &clock), &definition()).await;
        assert!(sent.is_err());
        assert_eq!(server.requests().len(), 1);
    }
    let busy = Turn::say("503 Service Unavailable", "retry-after: 7\r\n", "");
    let server = Scripted::start(vec![busy, Turn::say("400 Bad Request", "", "")]).await;
    let sent = Definitions::publish(&stage::legacy(&server.origin(), &clock), &definition()).await;
    assert!(matches!(sent, Err(ServiceError::Rejected { status: 400, .. })), "it was asked to come back, and did");
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_storm_of_429_is_obeyed_and_then_called_throttled() {
    let (clock, _me) = stage::clock();
    let wait = Turn::say("429 Too Many Requests", "retry-after: 30\r\n", "");
    let server = Scripted::start(vec![wait.clone(), wait.clone(), Turn::json(EMPTY_SET)]).await;
    let before = clock.now();
    let listed = Definitions::list(&stage::legacy(&server.origin(), &clock), &Query::default()).await;
    assert_eq!(listed, Ok(Vec::new()));
    assert!(clock.now().duration_since(before) >= SignedDuration::from_mins(1), "twice half a minute");

    for storm in [wait, Turn::say("429 Too Many Requests", "", "")] {
        let server = Scripted::start(vec![storm]).await;
        let before = clock.now();
        let error = Definitions::publish(&stage::legacy(&server.origin(), &clock), &definition()).await;
        let error = error.expect_err("the storm does not end");
        assert!(error.throttled());
        let (text, hint) = told(&error, &server);
        assert_eq!(text, "create an alert definition: HOST has no more calls to give (HTTP 429) after 5 attempts");
        assert_eq!(hint, "run fewer drills at once, or later");
        assert!(clock.now().duration_since(before) >= SignedDuration::from_secs(45));
    }

    let hours = Turn::say("429 Too Many Requests", "retry-after: 86400\r\n", "");
    let (text, _) = listing_fails(vec![hours]).await;
    assert!(text.ends_with("(HTTP 429) after 1 attempt"), "nobody waits a day: {text}");
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_the_token_stays_here() {
    let elsewhere = Scripted::start(vec![Turn::json(EMPTY_SET)]).await;
    for status in ["301 Moved Permanently", "302 Found", "307 Temporary Redirect"] {
        let to = format!("location: http://me:pass@{}/login?session=secret#top\r\n", elsewhere.address);
        let (text, _) = listing_fails(vec![Turn::say(status, &to, "")]).await;
        let code = &status[..3];
        assert_eq!(
            text,
            format!(
                "list alert definitions: the answer of HOST is not understood at .: expected an answer of its own, \
                 saw a redirect (HTTP {code}) to http://{}/login",
                elsewhere.address
            )
        );
    }
    assert_eq!(elsewhere.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn an_endless_body_ends_in_an_error_and_is_not_asked_for_again() {
    let (clock, _me) = stage::clock();
    let server = Scripted::start(vec![Turn::Endless]).await;
    let watch = Stopwatch::start();
    let since = clock.now();
    let error = stage::legacy(&server.origin(), &clock).since(since).await.expect_err("it has no end");
    let (text, _) = told(&error, &server);
    assert_eq!(text, "read the alert export feed: the answer of HOST broke off: the body is longer than 16384 KiB");
    assert_eq!(server.requests().len(), 1);
    assert!(watch.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up_by_real_time() {
    let (clock, _me) = stage::clock();
    let server = Scripted::start(vec![Turn::Hang]).await;
    let limited = |read, total| HttpSettings {
        read_limit: Duration::from_millis(read),
        total_limit: Duration::from_millis(total),
        ..stage::settings()
    };
    for (settings, limit) in [(limited(50, 5_000), "50ms"), (limited(5_000, 80), "80ms")] {
        let legacy = stage::legacy_over(stage::transport_by(&settings, &clock), &server.origin());
        let (error, exchanges) = recorded(Definitions::list(&legacy, &Query::default())).await;
        let (text, hint) = told(&error.expect_err("nothing is said"), &server);
        assert_eq!(text, format!("list alert definitions: no answer from HOST within {limit}"));
        assert!(hint.contains("proxy or firewall"), "{hint}");
        assert_eq!(exchanges[0].attempts().len(), 3);
    }
}

#[tokio::test]
async fn where_nobody_listens_even_a_definition_is_sent_again_for_nothing_was_received() {
    let (clock, _me) = stage::clock();
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let legacy = stage::legacy(&format!("http://{address}"), &clock);
    let (error, exchanges) = recorded(Definitions::publish(&legacy, &definition())).await;
    let error = error.expect_err("nobody listens");
    let expected = format!("create an alert definition: no connection to {address}: tcp connect error: ");
    assert!(error.to_string().starts_with(&expected), "{error}");
    assert!(error.to_string().contains("refused"), "the whole chain of causes is told: {error}");
    assert!(error.hint().is_some_and(|hint| hint.contains("check the address in the tenant's table")));
    assert_eq!(exchanges[0].attempts().len(), 3);
}

#[tokio::test]
async fn what_is_given_up_on_its_way_is_recorded_as_such() {
    let (clock, _me) = stage::clock();
    let server = Scripted::start(vec![Turn::Hang]).await;
    let transport: Transport = stage::transport(&clock);
    let ((), exchanges) = recorded(async {
        let mut call = Box::pin(transport.call(Call::get(stage::url(&server.origin(), "/slow")).purpose("wait")));
        while server.requests().is_empty() {
            assert!(futures::poll!(&mut call).is_pending());
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(exchanges.len(), 1);
    assert_eq!(exchanges[0].attempts()[0].why_failed(), Some("given up before an answer came"));
}

#[tokio::test]
async fn a_set_in_pages_is_read_to_its_end_but_not_from_anybody_else() {
    let (clock, _me) = stage::clock();
    let page = |id: u32, next: &str| {
        Turn::json(&format!(
            r#"{{"value":[{{"Id":{id},"Severity":"Low","Enabled":true,"CreatedAt":"2017-02-01T10:46:22Z"}}]{next}}}"#
        ))
    };
    let next = r#","@odata.nextLink":"AlertDefinitions?$skip=1""#;
    let server = Scripted::start(vec![page(1, next), page(2, "")]).await;
    let listed = Definitions::list(&stage::legacy(&server.origin(), &clock), &Query::default()).await;
    let ids: Vec<_> = listed.expect("both pages are read").iter().map(|stored| stored.id.to_string()).collect();
    assert_eq!(ids, ["1", "2"]);
    assert!(server.requests()[1].starts_with("GET /V1.0/AlertDefinitions?$skip=1 HTTP/1.1\r\n"));

    let elsewhere = Scripted::start(vec![page(2, "")]).await;
    let next = format!(r#","@odata.nextLink":"{}/V1.0/AlertDefinitions""#, elsewhere.origin());
    let (text, _) = listing_fails(vec![page(1, &next)]).await;
    assert_eq!(
        text,
        "list alert definitions: the answer of HOST is not understood at @odata.nextLink: expected an address of the \
         same service, saw another"
    );
    assert_eq!(elsewhere.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn a_body_in_a_coding_that_was_not_asked_for_is_said_to_be_so() {
    let headers = "content-type: application/json\r\ncontent-encoding: gzip\r\n";
    let (text, _) = listing_fails(vec![Turn::say("200 OK", headers, "\u{1f}\u{8b}")]).await;
    assert!(text.ends_with("expected JSON as it is, saw a body in gzip, which was not asked for"), "{text}");
}

#[tokio::test]
async fn a_row_of_the_feed_that_is_odd_is_told_by_its_place() {
    let (clock, _me) = stage::clock();
    let good =
        r#"{"AlertTime":"2020-03-02T10:00:00Z","AlertId":"1","AlertTitle":"t","Severity":"Low","Category":"None"}"#;
    for (row, expected) in [
        (r#"{"AlertTime":"2020-03-02T10:00:00Z"}"#, "at [1]: expected a member `AlertId`, saw none of that name"),
        (r#"{"AlertTime":7}"#, "at [1].AlertTime: expected a text, saw 7"),
        ("null", "at [1]: expected an object, saw null"),
    ] {
        let server = Scripted::start(vec![Turn::json(&format!("[{good},{row}]"))]).await;
        let error = stage::legacy(&server.origin(), &clock).since(Timestamp::UNIX_EPOCH).await;
        let (text, _) = told(&error.expect_err("the row is odd"), &server);
        assert_eq!(text, format!("read the alert export feed: the answer of HOST is not understood {expected}"));
    }
}
