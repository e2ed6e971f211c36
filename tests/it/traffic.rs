//! The stimulus: a request that a device sends, by whatever way leads out, with evidence of what came back.

use std::time::Duration;

use alertdrill::{
    clock::{Clock, limit::Allowance},
    domain::device::Device,
    traffic::http::{Browser, Route, TrafficError},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{any, header},
};

const LIMIT: Duration = Duration::from_secs(10);

fn device() -> Device {
    Device { id: String::new(), name: "pc7.contoso.example".into() }
}

async fn contact(
    route: Route,
    limit: Duration,
    target: &str,
) -> Result<alertdrill::record::drill::Stimulus, TrafficError> {
    Browser::new(&route, limit)?.contact(&device(), target, &Clock::system()).await
}

fn through(proxy: &str) -> Route {
    Route { proxy: Some(proxy.into()), ..Route::default() }
}

#[tokio::test]
async fn what_came_back_is_the_evidence() {
    let proxy = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(200).set_body_string("hello")).mount(&proxy).await;
    let stimulus = contact(through(&proxy.uri()), LIMIT, "52.184.197.12").await.expect("it is answered");
    assert_eq!((stimulus.status, stimulus.bytes, stimulus.excerpt.as_str()), (Some(200), 5, "hello"));
    assert_eq!(stimulus.what, "GET http://52.184.197.12/");
    assert_eq!(stimulus.via.as_deref(), Some(proxy.uri().as_str()));
    let asked = proxy.received_requests().await.expect("requests are kept");
    assert_eq!(asked[0].url.as_str(), "http://52.184.197.12/", "the request truly names the address");
}

#[tokio::test]
async fn a_proxy_that_did_not_reach_the_address_is_no_stimulus() {
    for status in [429, 500, 502, 503, 504] {
        let proxy = MockServer::start().await;
        Mock::given(any()).respond_with(ResponseTemplate::new(status)).mount(&proxy).await;
        let error = contact(through(&proxy.uri()), LIMIT, "a.example").await.expect_err("it was not reached");
        assert!(error.to_string().contains(&status.to_string()) && error.to_string().contains(&proxy.uri()), "{error}");
    }
}

#[tokio::test]
async fn an_error_of_the_address_itself_is_a_stimulus_where_nobody_else_can_have_said_it() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(500)).mount(&server).await;
    let stimulus = contact(Route::default(), LIMIT, &server.uri()).await.expect("it is answered");
    assert_eq!(stimulus.status, Some(500));
}

#[tokio::test]
async fn json_that_breaks_off_is_no_evidence_and_any_other_text_is() {
    for (kind, body, is_evidence) in [
        ("application/json", r#"{"value":[{"Id":1,"#, false),
        ("application/json; charset=utf-8", "[", false),
        ("application/json", r#"{"value":[]}"#, true),
        ("application/json", "hello", true),
        ("application/json", "", true),
        ("text/plain", r#"{"value":["#, true),
    ] {
        let proxy = MockServer::start().await;
        let answer = ResponseTemplate::new(200).set_body_raw(body, kind);
        Mock::given(any()).respond_with(answer).mount(&proxy).await;
        let said = contact(through(&proxy.uri()), LIMIT, "a.example").await;
        assert_eq!(said.is_ok(), is_evidence, "{kind} {body}: {said:?}");
        assert!(said.is_ok() || said.is_err_and(|error| error.to_string().contains("breaks off")));
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_for_it_would_touch_something_else() {
    let proxy = MockServer::start().await;
    let elsewhere = ResponseTemplate::new(302).insert_header("location", "http://elsewhere.example/");
    Mock::given(any()).respond_with(elsewhere).mount(&proxy).await;
    let stimulus = contact(through(&proxy.uri()), LIMIT, "a.example").await.expect("it is answered");
    assert_eq!(stimulus.status, Some(302));
    assert_eq!(proxy.received_requests().await.expect("requests are kept").len(), 1);
}

/// A proxy that wants `Basic dXNlcjpwYXNz`, which is `user:pass`.
async fn proxy_with_login() -> MockServer {
    let proxy = MockServer::start().await;
    let login = header("proxy-authorization", "Basic dXNlcjpwYXNz");
    Mock::given(login).respond_with(ResponseTemplate::new(200)).with_priority(1).mount(&proxy).await;
    let challenge = ResponseTemplate::new(407).insert_header("proxy-authenticate", "Basic realm=\"corp\"");
    Mock::given(any()).respond_with(challenge).mount(&proxy).await;
    proxy
}

#[tokio::test]
async fn a_proxy_that_wants_a_login_is_told_exactly_so_with_what_to_set() {
    let proxy = proxy_with_login().await;
    let error = contact(through(&proxy.uri()), LIMIT, "52.184.197.12").await.expect_err("no login is set");
    assert!(error.to_string().contains("407 Proxy Authentication Required"), "{error}");
    for setting in ["device_proxy", "device_proxy_user", "ALERTDRILL_DEVICE_PROXY_PASSWORD"] {
        assert!(error.hint().contains(setting), "{}", error.hint());
    }
}

#[tokio::test]
async fn with_its_login_the_same_proxy_lets_the_request_through() {
    let proxy = proxy_with_login().await;
    let route = Route { user: Some("user".into()), password: Some("pass".into()), ..through(&proxy.uri()) };
    assert!(!format!("{route:?}").contains("\"pass\""), "the password is seen in debug output");
    let stimulus = contact(route, LIMIT, "52.184.197.12").await.expect("the login is right");
    assert_eq!(stimulus.status, Some(200));
}

#[tokio::test]
async fn an_address_that_nobody_answers_at_is_no_stimulus() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let error = contact(Route::default(), LIMIT, &address.to_string()).await.expect_err("nobody listens");
    assert!(matches!(error, TrafficError::NotAnswered { .. }), "{error}");
    assert!(error.to_string().contains(&address.to_string()), "{error}");
}

#[tokio::test]
async fn an_answer_that_never_comes_is_given_up_and_one_without_end_is_cut() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let error = contact(Route::default(), Duration::from_millis(100), &address).await.expect_err("no answer");
    assert!(matches!(error, TrafficError::NotAnswered { .. }), "{error}");
    let endless = tokio::spawn(async move {
        let (_silent, _) = listener.accept().await.expect("the first connection");
        let (mut socket, _) = listener.accept().await.expect("the second connection");
        let read = socket.read(&mut [0; 4096]).await.expect("the request");
        assert!(read > 0, "a request was sent");
        socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n").await.expect("a head");
        while socket.write_all(&[b'x'; 4096]).await.is_ok() {}
    });
    let stimulus = contact(Route::default(), LIMIT, &address).await.expect("the beginning is enough");
    assert!(stimulus.bytes < 1024 * 1024 && stimulus.excerpt.len() == 200);
    endless.await.expect("the server saw the connection close");
}

#[tokio::test]
async fn a_contact_leaves_no_connection_open_behind_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let proxy = format!("http://{}", listener.local_addr().expect("it is bound"));
    let guest = tokio::spawn(async move {
        let (mut guest, _) = listener.accept().await.expect("a guest");
        let mut piece = [0; 1024];
        assert!(guest.read(&mut piece).await.expect("a request") > 0);
        guest.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi").await.expect("it is taken");
        Clock::system().limit(&Allowance::new(LIMIT), guest.read(&mut piece)).await
    });
    let browser = Browser::new(&through(&proxy), LIMIT).expect("a browser");
    let stimulus = browser.contact(&device(), "a.example", &Clock::system()).await.expect("it is answered");
    assert_eq!(stimulus.excerpt, "hi");
    let more = guest.await.expect("the proxy is well").expect("the connection ends while the browser lives");
    assert_eq!(more.expect("it is closed in peace"), 0);
    drop(browser);
}
