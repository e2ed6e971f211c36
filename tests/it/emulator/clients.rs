//! What real clients send: real host names, doubled slashes, proxies' targets, odd headers.

use std::io::{Read, Write};

use serde_json::json;

use crate::emulator::{Lab, Seen, client, definition};

/// Sends bytes as they are, and reads until the server has nothing more to say.
fn raw(lab: &Lab, bytes: &str) -> String {
    let address = lab.mocks.base().trim_start_matches("http://").to_owned();
    let mut stream = std::net::TcpStream::connect(address).expect("a connection");
    stream.set_read_timeout(Some(std::time::Duration::from_secs(5))).expect("a limit");
    stream.write_all(bytes.as_bytes()).expect("to write");
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_client_that_keeps_the_real_host_names_is_understood() {
    let lab = Lab::new().await;
    let request = lab
        .client
        .get(format!("{}/v1.0/AlertDefinitions", lab.mocks.base()))
        .header("Host", "ti.securitycenter.windows.com")
        .header("Authorization", format!("Bearer {}", lab.token));
    let seen = Seen::of(request.send().await.expect("an answer")).await;
    let context = "https://TI.SecurityCenter.Windows.com/V1.0/$metadata#AlertDefinitions";
    assert_eq!(seen.json(), json!({"@odata.context": context, "value": []}));
    let request = lab
        .client
        .get(format!("{}/api/alerts", lab.mocks.base()))
        .header("Host", "WDATP-AlertExporter-EU.windows.com:443")
        .header("Authorization", format!("Bearer {}", lab.token));
    assert_eq!(Seen::of(request.send().await.expect("an answer")).await.status, 200);
}

#[tokio::test]
async fn a_client_behind_the_proxy_reaches_the_real_names_over_plain_http() {
    let lab = Lab::new().await;
    let _ = client();
    let proxied = reqwest::Client::builder()
        .proxy(reqwest::Proxy::http(lab.mocks.base()).expect("a proxy"))
        .retry(reqwest::retry::never())
        .tls_certs_only([])
        .build()
        .expect("a client");
    let url = format!("http://login.windows.net/{}/oauth2/token", lab.details.tenant_id);
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", &lab.details.client_id),
        ("client_secret", &lab.details.client_secret),
    ];
    let seen = Seen::of(proxied.post(url).form(&fields).send().await.expect("an answer")).await;
    assert_eq!(seen.status, 200, "{}", seen.text);
}

#[tokio::test]
async fn slashes_and_letter_case_of_the_version_do_not_matter() {
    let lab = Lab::new().await;
    for path in [
        "/ti/v1.0/AlertDefinitions",
        "/ti//V1.0//AlertDefinitions/",
        "/V1.0/AlertDefinitions",
        "/v1.0/AlertDefinitions",
    ] {
        let url = format!("{}{path}", lab.mocks.base());
        let request = lab.client.get(url).header("authorization", format!("bearer  {}", lab.token));
        assert_eq!(Seen::of(request.send().await.expect("an answer")).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn bodies_of_windows_are_read_with_their_marks_and_letters() {
    let lab = Lab::new().await;
    let url = format!("{}AlertDefinitions", lab.details.legacy_api);
    let mut body = definition();
    body["Title"] = json!("Été");
    let text = body.to_string();
    let latin: Vec<u8> = text.chars().map(|letter| u8::try_from(letter).unwrap_or(b'?')).collect();
    let marked = format!("\u{feff}{text}").into_bytes();
    for (media_type, body) in [
        ("application/json;", marked),
        ("application/json; charset=iso-8859-1", latin),
        ("Application/JSON;odata.metadata=minimal;IEEE754Compatible=false", text.into_bytes()),
    ] {
        let request = lab.client.post(&url).header("Content-Type", media_type).body(body);
        let request = request.header("Authorization", format!("Bearer {}", lab.token));
        let seen = Seen::of(request.send().await.expect("an answer")).await;
        assert_eq!((seen.status, &seen.json()["Title"]), (201, &json!("Été")), "{media_type}: {}", seen.text);
    }
}

#[tokio::test]
async fn what_never_was_names_its_neighbours() {
    let lab = Lab::new().await;
    let url = format!("{}/ti/V2.0/AlertDefinitions?key=hunter2", lab.mocks.base());
    let seen = Seen::of(lab.client.get(url).send().await.expect("an answer")).await;
    assert_eq!(seen.status, 404);
    assert_eq!(seen.json()["nearest"][0], json!("/ti/V1.0/AlertDefinitions"));
    assert!(!seen.text.contains("hunter2"));
}

#[tokio::test]
async fn a_hundred_tenants_come_and_go_in_one_task() {
    for _ in 0..100 {
        drop(Lab::new().await);
    }
}

#[tokio::test]
#[should_panic(expected = "Verifications failed")]
async fn a_scripted_mock_that_nobody_asked_fails_its_test() {
    let lab = Lab::new().await;
    let mock = wiremock::Mock::given(wiremock::matchers::any()).respond_with(wiremock::ResponseTemplate::new(418));
    lab.mocks.scripted(mock.expect(1)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn raw_bytes_of_every_odd_kind_leave_the_server_standing() {
    let lab = Lab::new().await;
    for bytes in [
        "CONNECT 52.184.197.12:443 HTTP/1.1\r\nHost: 52.184.197.12:443\r\n\r\n",
        "CONNECT example.test:443 HTTP/1.1\r\nHost: example.test:443\r\nConnection: close\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "GET /ti/V1.0/%ff%00%2e%2e/ HTTP/1.1\r\nHost: \r\nConnection: close\r\n\r\n",
        "\u{16}\u{3}\u{1}nonsense\r\n\r\n",
    ] {
        raw(&lab, bytes);
        assert_eq!(lab.api("GET", "AlertDefinitions", None).await.status, 200, "after {bytes:?}");
    }
    let answer = raw(&lab, "GET /nowhere HTTP/1.0\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.0 404"), "{answer}");
    assert!(answer.contains("date: Tue, 24 Nov 2026 12:00:00 GMT"), "by the emulated clock: {answer}");
}
