//! Tokens on their way: fetched once, dropped when refused, and never seen.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use alertdrill::{
    auth::client_secret::{Application, ClientSecret, Style},
    clock::Clock,
    services::{
        definitions::{Definitions, Query},
        error::ServiceError,
        legacy::Legacy,
    },
    transport::{
        Transport,
        call::Call,
        credential::Credential,
        error::TransportError,
        quota::{Limits, Quota},
        retry::Patience,
        secret::Secret,
    },
};
use jiff::SignedDuration;
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{header, method, path},
};

use crate::services::stage::{self, Scripted, Turn, recorded, url};

const SECRET: &str = "s3cr3t~of.the-application";

fn credential(origin: &str, clock: &Clock) -> Arc<ClientSecret> {
    let application = Application {
        authorization_url: url(origin, "/tenant/oauth2/token"),
        client_id: "an-application".into(),
        secret: Secret::new(SECRET),
        resource: "https://graph.windows.net".into(),
        style: Style::V1,
    };
    Arc::new(ClientSecret::new(application, stage::transport(clock), clock))
}

/// The legacy service at `origin`, with tokens from `issuer`.
fn legacy(issuer: &str, origin: &str, clock: &Clock) -> Legacy {
    stage::legacy_over(stage::transport(clock).authorised_by(credential(issuer, clock)), origin)
}

/// An issuer that gives out `token-1`, `token-2` and so on, each for an hour.
async fn issuer() -> (MockServer, Arc<AtomicU32>) {
    let server = MockServer::start().await;
    let issued = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&issued);
    Mock::given(method("POST"))
        .and(path("/tenant/oauth2/token"))
        .respond_with(move |_: &Request| {
            let number = count.fetch_add(1, Ordering::SeqCst) + 1;
            let body = serde_json::json!({
                "token_type": "Bearer", "expires_in": "3599", "access_token": format!("token-{number}"),
            });
            ResponseTemplate::new(200).set_body_json(body).set_delay(Duration::from_millis(20))
        })
        .mount(&server)
        .await;
    (server, issued)
}

/// Has `server` list nothing to whoever comes with `token`, and refuse everybody else.
async fn admit(server: &MockServer, token: &str) {
    let empty = ResponseTemplate::new(200).set_body_json(serde_json::json!({ "value": [] }));
    Mock::given(header("authorization", format!("Bearer {token}").as_str())).respond_with(empty).mount(server).await;
    let denied = serde_json::json!({ "Message": "Authorization has been denied for this request." });
    let refused = ResponseTemplate::new(401).set_body_json(denied);
    Mock::given(path("/V1.0/AlertDefinitions")).respond_with(refused).with_priority(9).mount(server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_callers_at_once_ask_for_one_token() {
    let (clock, _me) = stage::clock();
    let (issuer, fetches) = issuer().await;
    let service = MockServer::start().await;
    admit(&service, "token-1").await;
    let legacy = legacy(&issuer.uri(), &service.uri(), &clock);
    let callers: Vec<_> = (0..100)
        .map(|_| {
            let (legacy, me) = (legacy.clone(), clock.join());
            tokio::spawn(async move {
                let listed = Definitions::list(&legacy, &Query::default()).await;
                drop(me);
                listed
            })
        })
        .collect();
    for caller in callers {
        assert_eq!(caller.await.expect("no caller panics"), Ok(Vec::new()));
    }
    assert_eq!(fetches.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_token_that_is_refused_in_mid_flow_is_fetched_once_more() {
    let (clock, _me) = stage::clock();
    let (issuer, fetches) = issuer().await;
    let service = MockServer::start().await;
    admit(&service, "token-2").await;
    let legacy = legacy(&issuer.uri(), &service.uri(), &clock);
    let (listed, exchanges) = recorded(Definitions::list(&legacy, &Query::default())).await;
    assert_eq!(listed, Ok(Vec::new()));
    assert_eq!(fetches.load(Ordering::SeqCst), 2);
    let purposes: Vec<_> = exchanges.iter().map(|exchange| (exchange.purpose(), exchange.attempts().len())).collect();
    assert_eq!(purposes, [("get an access token", 1), ("get an access token", 1), ("list alert definitions", 2)]);
    assert_eq!(Definitions::list(&legacy, &Query::default()).await, Ok(Vec::new()));
    assert_eq!(fetches.load(Ordering::SeqCst), 2, "the second token is kept");
}

#[tokio::test]
async fn a_service_that_refuses_a_fresh_token_denies_access() {
    let (clock, _me) = stage::clock();
    let (issuer, fetches) = issuer().await;
    let service = MockServer::start().await;
    admit(&service, "a token that nobody has").await;
    let error = Definitions::list(&legacy(&issuer.uri(), &service.uri(), &clock), &Query::default()).await;
    let error = error.expect_err("nobody is admitted");
    assert!(error.denied() && error.is_final());
    assert_eq!(
        error.to_string(),
        format!(
            "list alert definitions: {} answered HTTP 401: Authorization has been denied for this request.",
            service.address()
        )
    );
    assert_eq!(error.hint(), Some("the token was refused: check client id, secret and resource"));
    assert_eq!(fetches.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends() {
    let (clock, _me) = stage::clock();
    let (issuer, fetches) = issuer().await;
    let credential = credential(&issuer.uri(), &clock);
    for (minutes, expected) in [(0, "token-1"), (54, "token-1"), (1, "token-2"), (60, "token-3")] {
        clock.advance(SignedDuration::from_mins(minutes));
        assert_eq!(credential.bearer().await, Ok(Secret::new(expected)), "after {minutes} minutes more");
    }
    assert_eq!(fetches.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn an_issuer_in_trouble_is_told_from_one_that_refuses() {
    let (clock, _me) = stage::clock();
    let page = "<html><title>Down for maintenance</title></html>";
    let invalid = r#"{"error":"invalid_resource","error_description":"AADSTS500011: The resource is unknown."}"#;
    let html = "content-type: text/html\r\n";
    let long = format!(r#"{{"access_token":"{}"}}"#, "x".repeat(64 * 1024 + 1));
    for (turn, denied, expected) in [
        (
            Turn::json(&long),
            false,
            "get an access token: the answer of HOST is not understood at access_token: expected a token, saw a text \
             longer than any",
        ),
        (
            Turn::say("500 Internal Server Error", html, page),
            false,
            "get an access token: HOST answered HTTP 500: an HTML page titled `Down for maintenance`",
        ),
        (
            Turn::say("200 OK", html, page),
            false,
            "get an access token: the answer of HOST is not understood at .: expected JSON, saw an HTML page titled \
             `Down for maintenance`",
        ),
        (
            Turn::json(r#"{"access_token":17}"#),
            false,
            "get an access token: the answer of HOST is not understood at access_token: expected a text, saw a number",
        ),
        (
            Turn::json(r#"{"access_token":"two\r\nlines"}"#),
            false,
            "get an access token: the answer of HOST is not understood at access_token: expected a token, saw a text \
             that no header can carry",
        ),
        (
            Turn::say("400 Bad Request", "content-type: application/json\r\n", invalid),
            true,
            "get an access token: HOST answered HTTP 400: invalid_resource: AADSTS500011: The resource is unknown",
        ),
    ] {
        let issuer = Scripted::start(vec![turn]).await;
        let service = Scripted::start(vec![Turn::json(r#"{"value":[]}"#)]).await;
        let legacy = legacy(&issuer.origin(), &service.origin(), &clock);
        let error = Definitions::list(&legacy, &Query::default()).await.expect_err("there is no token");
        assert_eq!(error.to_string().replace(&issuer.address.to_string(), "HOST"), expected);
        assert_eq!(error.denied(), denied, "{expected}");
        assert_eq!(service.requests(), Vec::<String>::new(), "nothing is asked without a token");
    }
}

#[tokio::test]
async fn a_failed_fetch_is_not_kept() {
    let (clock, _me) = stage::clock();
    let given = Turn::json(r#"{"access_token":"late","expires_in":3599}"#);
    let refused = Turn::say("401 Unauthorized", "", r#"{"error":"invalid_client"}"#);
    let issuer = Scripted::start(vec![refused, given]).await;
    let credential = credential(&issuer.origin(), &clock);
    assert!(matches!(credential.bearer().await, Err(TransportError::Refused { status: 401, .. })));
    assert_eq!(credential.bearer().await, Ok(Secret::new("late")));
}

#[tokio::test]
async fn no_secret_is_seen_anywhere_even_when_a_server_repeats_what_it_was_sent() {
    let (clock, _me) = stage::clock();
    let opaque = "0paque/t0ken-that.looks+like=nothing";
    let issuer = MockServer::start().await;
    let body = serde_json::json!({ "access_token": opaque, "expires_in": "3599", "note": format!("for {SECRET}") });
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(200).set_body_json(body)).mount(&issuer).await;
    let service = MockServer::start().await;
    let echo = |request: &Request| {
        let sent = request.headers["authorization"].to_str().expect("a text").to_owned();
        ResponseTemplate::new(400)
            .insert_header("x-echo", sent.as_str())
            .set_body_json(serde_json::json!({ "error": { "code": sent, "message": format!("bad: {sent}") } }))
    };
    Mock::given(path("/V1.0/AlertDefinitions")).respond_with(echo).mount(&service).await;

    let legacy = legacy(&issuer.uri(), &service.uri(), &clock);
    let (error, exchanges) = recorded(Definitions::list(&legacy, &Query::default())).await;
    let error = error.expect_err("it is refused");
    assert!(matches!(error, ServiceError::Rejected { status: 400, .. }), "{error}");
    assert_eq!(exchanges.len(), 2);
    let record = serde_json::to_string(&exchanges).expect("JSON");
    let credential = credential(&issuer.uri(), &clock);
    let token = credential.bearer().await.expect("a token");
    let call = Call::get(url(&service.uri(), "/")).hide(&token).form(&[("client_secret", SECRET)]);
    let shown = format!("{error} {error:?} {record} {token:?} {call:?}");
    for secret in [opaque, SECRET, "0paque", "s3cr3t"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}

#[tokio::test]
async fn an_issuer_s_refusal_that_repeats_the_secret_is_told_without_it() {
    let (clock, _me) = stage::clock();
    let form: String = url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
    assert_ne!(form, SECRET);
    let echo = Turn::say("400 Bad Request", "content-type: text/plain\r\n", &format!("cannot read {form}"));
    let issuer = Scripted::start(vec![echo]).await;
    let error = credential(&issuer.origin(), &clock).bearer().await.expect_err("it is refused");
    assert!(error.to_string().ends_with("HTTP 400: cannot read [redacted]"), "{error}");
    let escaped = SECRET.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect::<Vec<_>>().concat();
    for secret in [SECRET, &escaped] {
        let body = format!(r#"{{"error":"invalid_client","error_description":"AADSTS7000215: `{secret}` is wrong."}}"#);
        let issuer =
            Scripted::start(vec![Turn::say("401 Unauthorized", "content-type: application/json\r\n", &body)]).await;
        let (error, exchanges) = recorded(async { credential(&issuer.origin(), &clock).bearer().await }).await;
        let error = error.expect_err("it is refused");
        assert!(error.to_string().ends_with("invalid_client: AADSTS7000215: `[redacted]` is wrong"), "{error}");
        let record = serde_json::to_string(&exchanges).expect("JSON");
        assert!(!record.contains(SECRET) && !record.contains(&escaped[1..]), "{record}");
    }
}

#[tokio::test]
async fn calls_stay_within_the_quota_and_clean_up_has_its_own() {
    let (clock, _me) = stage::clock();
    let service = MockServer::start().await;
    Mock::given(method("DELETE")).respond_with(ResponseTemplate::new(204)).mount(&service).await;
    admit(&service, stage::TOKEN).await;
    let quota = Arc::new(Quota::new(Limits { per_minute: Some(5), per_hour: None, kept_back: 2 }));
    let transport: Transport = stage::transport(&clock).authorised_by(Arc::new(stage::FixedToken)).within(quota);
    let legacy = stage::legacy_over(transport, &service.uri());
    let before = clock.now();
    for _ in 0..3 {
        assert!(Definitions::list(&legacy, &Query::default()).await.is_ok());
    }
    assert!(Definitions::remove_all(&legacy).await.is_ok());
    assert_eq!(clock.now(), before, "neither drill nor clean-up had to wait yet");
    assert!(Definitions::list(&legacy, &Query::default()).await.is_ok());
    assert_eq!(clock.now().duration_since(before), SignedDuration::from_secs(61), "a minute, and a second on the way");
}

#[tokio::test]
async fn what_one_caller_is_told_of_the_quota_everybody_heeds() {
    let (clock, _me) = stage::clock();
    let service = MockServer::start().await;
    let slow_down = ResponseTemplate::new(429).insert_header("retry-after", "30");
    Mock::given(method("GET")).respond_with(slow_down).up_to_n_times(1).with_priority(1).mount(&service).await;
    admit(&service, stage::TOKEN).await;
    let quota = Arc::new(Quota::new(Limits::default()));
    let one_attempt = Patience { attempts: 1, ..Patience::default() };
    let legacy = || {
        let way = stage::transport(&clock).authorised_by(Arc::new(stage::FixedToken)).within(Arc::clone(&quota));
        stage::legacy_over(way.with_patience(one_attempt.clone()), &service.uri())
    };
    let before = clock.now();
    let told = Definitions::list(&legacy(), &Query::default()).await.expect_err("it asks once, and is told to wait");
    assert!(told.throttled() && clock.now() == before, "{told}");
    assert!(Definitions::list(&legacy(), &Query::default()).await.is_ok(), "another caller, of the same quota");
    assert_eq!(clock.now().duration_since(before), SignedDuration::from_secs(30));
    assert_eq!(service.received_requests().await.map(|all| all.len()), Some(2), "nobody asked in vain");
}
