//! The sensor's proxy: whose traffic is seen, once, and answered without leaving the machine.

use std::time::Duration;

use alertdrill::{domain::indicator::Kind, emulator::tenant::FIRST_DEVICE};

use crate::emulate::lab::{Lab, seen};

#[tokio::test]
async fn the_demo_server_answers_as_it_did() {
    let lab = Lab::plain().await;
    let answer = lab.served.say("GET http://52.184.197.12/ HTTP/1.1\r\nHost: 52.184.197.12\r\n\r\n").await;
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    assert_eq!(body, "WDATP Demo - Connection is established!");
    for line in [
        "HTTP/1.1 200 OK",
        "content-type: text/html; charset=utf-8",
        "content-length: 39",
        "connection: keep-alive",
        "x-cache: MISS from localhost",
        "x-cache-lookup: HIT from localhost:3128",
        "date: Wed, 15 Mar 2017 06:00:00 GMT",
    ] {
        assert!(head.split("\r\n").any(|known| known == line), "{line} in {head}");
    }
}

#[tokio::test]
async fn a_connection_is_seen_once_over_http_and_over_a_tunnel() {
    for lab in [Lab::plain().await, Lab::secure().await] {
        let client = lab.served.proxied("");
        let page = client.get("http://evil.example:8080/a?b=c").send().await.expect("an answer");
        assert!(page.text().await.expect("text").contains("emulated internet"));
        assert_eq!(lab.telemetry().await, [seen("evil.example", 8080)]);
        for _ in 0..2 {
            let page = client.get("https://52.184.197.12/").send().await.expect("an answer");
            assert_eq!(page.text().await.expect("text"), "WDATP Demo - Connection is established!");
        }
        assert_eq!(lab.telemetry().await, [seen("52.184.197.12", 443), seen("evil.example", 8080)]);
    }
}

#[tokio::test]
async fn an_event_raises_the_alert_of_its_device() {
    let lab = Lab::plain().await;
    lab.publish(Kind::DomainName, "evil.example");
    lab.control("PUT", "/devices/pc7", r#"{"onboarded":true}"#).await;
    for user in ["pc7", ""] {
        lab.served.proxied(user).get("http://evil.example/").send().await.expect("an answer");
    }
    lab.pass(Duration::from_mins(15));
    let mut devices: Vec<_> = lab.alerts().into_iter().map(|(_, device)| device).collect();
    devices.sort();
    assert_eq!(devices, ["pc7", FIRST_DEVICE]);
}

#[tokio::test]
async fn microsoft_s_hosts_are_the_tenant_also_through_the_proxy_and_no_event() {
    let lab = Lab::secure().await;
    let client = lab.served.proxied("");
    for url in ["https://securitycenter.windows.com/", "http://securitycenter.windows.com/portal"] {
        let page = client.get(url).send().await.expect("an answer").text().await.expect("text");
        assert!(page.contains("Dashboard"), "{url}: {page}");
    }
    assert!(lab.telemetry().await.is_empty());
}

#[tokio::test]
async fn the_emulator_itself_through_its_own_proxy_is_no_event() {
    let lab = Lab::secure().await;
    let url = lab.served.url("https", "/control/knobs");
    assert_eq!(lab.served.proxied("").get(url).send().await.expect("an answer").status(), 200);
    assert!(lab.telemetry().await.is_empty());
}

#[tokio::test]
async fn an_unknown_device_and_a_missing_login_are_407_with_a_challenge() {
    let lab = Lab::plain().await;
    let answer = lab.served.proxied("stranger").get("http://evil.example/").send().await.expect("an answer");
    assert_eq!(answer.status(), 407);
    assert!(answer.headers()["proxy-authenticate"].to_str().expect("text").starts_with("Basic realm="));
    assert!(answer.text().await.expect("text").contains("no device of this name"));
    lab.control("PATCH", "/knobs", r#"{"proxyLogin":{"user":"u","password":"p"}}"#).await;
    for url in ["http://evil.example/", "http://login.windows.net/x/oauth2/token"] {
        assert_eq!(lab.served.proxied("").get(url).send().await.expect("an answer").status(), 407, "{url}");
    }
    assert!(lab.served.proxied("u:wrong").get("https://evil.example/").send().await.is_err());
    assert_eq!(lab.served.proxied("u:p").get("https://evil.example/").send().await.expect("an answer").status(), 200);
    assert_eq!(lab.telemetry().await, [seen("evil.example", 443)]);
}

#[tokio::test]
async fn faults_and_offboarding_blind_the_sensor_and_leave_the_traffic_alone() {
    let lab = Lab::plain().await;
    let get = || lab.served.proxied("").get("http://evil.example/").send();
    lab.control("POST", "/faults", r#"{"kind":"drop-telemetry","times":1}"#).await;
    assert_eq!(get().await.expect("an answer").status(), 200);
    lab.control("PUT", &format!("/devices/{FIRST_DEVICE}"), r#"{"onboarded":false}"#).await;
    assert_eq!(get().await.expect("an answer").status(), 200);
    assert!(lab.telemetry().await.is_empty());
    lab.control("POST", "/faults", r#"{"kind":"status","status":502,"times":1,"match":{"face":"sensor"}}"#).await;
    assert_eq!(get().await.expect("an answer").status(), 502);
}
