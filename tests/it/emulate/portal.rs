//! The portal: what a person reads, in the words and the order that the guide's reader knows.

use std::time::Duration;

use alertdrill::{domain::indicator::Kind, emulator::tenant::FIRST_DEVICE};
use reqwest::Method;

use crate::emulate::lab::Lab;

const SETTINGS: &str = "/portal/settings/threat-intel";

async fn with_alert(title: &str) -> Lab {
    let lab = Lab::plain().await;
    lab.publish_titled(title, Kind::IpAddress, "52.184.197.12");
    lab.served.proxied("").get("http://52.184.197.12/").send().await.expect("an answer");
    lab.pass(Duration::from_mins(15));
    lab
}

fn alert_id(lab: &Lab) -> String {
    lab.emulator.with(|tenant, now| tenant.alerts(now).next().expect("an alert").id.clone())
}

fn in_order(page: &str, texts: &[&str]) {
    let mut from = 0;
    for text in texts {
        let at = page[from..].find(text).unwrap_or_else(|| panic!("{text} is missing, or before its place, in {page}"));
        from += at + text.len();
    }
}

#[tokio::test]
async fn the_dashboard_the_queue_and_the_machine_show_the_alert() {
    let lab = with_alert("Test alert.").await;
    for path in ["/portal", "/portal/alerts"] {
        let (status, page) = lab.page(path).await;
        assert_eq!(status, 200);
        let heads = ["Severity", "Title", "Machine", "Category", "Last activity", "Status"];
        in_order(&page, &heads);
        in_order(&page, &["Medium", "Custom TI", "Test alert.", FIRST_DEVICE, "Suspicious Network Traffic"]);
        in_order(&page, &["03.15.2017 | 06:20:00", "New"]);
    }
    let (_, list) = lab.page("/portal/devices").await;
    in_order(&list, &[FIRST_DEVICE, "Onboarded"]);
    let (_, state) = lab.control("GET", "/devices", "").await;
    let id = state[0]["id"].as_str().expect("an id");
    for path in [format!("/portal/devices/{id}"), format!("/portal/machines/{FIRST_DEVICE}")] {
        let (status, page) = lab.page(&path).await;
        assert_eq!(status, 200);
        in_order(&page, &["Alerts related to this machine", "Last activity", "Title", "03.15.2017 | 06:20:00"]);
        in_order(&page, &["Custom TI", "Test alert.", "Suspicious Network Traffic"]);
    }
}

#[tokio::test]
async fn an_alert_s_page_tells_what_to_do_and_why_it_was_raised() {
    let lab = with_alert("Test alert.").await;
    let id = alert_id(&lab);
    for path in [format!("/portal/alerts/{id}"), format!("/portal/alert/da{id}")] {
        let (status, page) = lab.page(&path).await;
        assert_eq!(status, 200, "{path}");
        in_order(&page, &["Test alert.", "Medium", "Suspicious Network Traffic", "New", FIRST_DEVICE]);
        in_order(&page, &["More information about this alert", "This is a test alert."]);
        in_order(&page, &["Recommended actions", "No recommended action for this test alert."]);
        in_order(&page, &["powershell_ise.exe", "52.184.197.12", "http://52.184.197.12/"]);
        in_order(&page, &["IpAddress", "Equals", "52.184.197.12"]);
    }
}

#[tokio::test]
async fn an_alert_is_not_shown_before_detection_has_done_its_work() {
    let lab = Lab::plain().await;
    lab.publish(Kind::IpAddress, "52.184.197.12");
    lab.served.proxied("").get("http://52.184.197.12/").send().await.expect("an answer");
    lab.pass(Duration::from_secs(119));
    assert!(!lab.page("/portal/alerts").await.1.contains("Test alert."));
    lab.pass(Duration::from_secs(900 - 119));
    assert!(lab.page("/portal/alerts").await.1.contains("Test alert."));
}

#[tokio::test]
async fn what_others_wrote_is_text_and_never_markup() {
    let title = "<script>alert(1)</script>\"'&";
    let lab = with_alert(title).await;
    let hostile = "%3Cimg%20src=x%3E";
    lab.control("PUT", &format!("/devices/{hostile}"), r#"{"onboarded":true}"#).await;
    let alert = format!("/portal/alerts/{}", alert_id(&lab));
    for path in ["/portal", "/portal/alerts", "/portal/devices", &alert, &format!("/portal/devices/{hostile}")] {
        let (_, page) = lab.page(path).await;
        assert!(!page.contains("<script>alert") && !page.contains("<img"), "{path}: {page}");
    }
    assert!(lab.page(&alert).await.1.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
}

#[tokio::test]
async fn every_page_is_whole_strict_and_named() {
    let lab = with_alert("Test alert.").await;
    for path in ["/portal", "/portal/alerts", "/portal/devices", SETTINGS, "/portal/unheard-of"] {
        let answer = lab.request(Method::GET, path).send().await.expect("an answer");
        let policy = answer.headers()["content-security-policy"].to_str().expect("text").to_owned();
        assert!(policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        let page = answer.text().await.expect("text");
        in_order(&page, &["<html lang=\"en\">", "<title>", "<header>", "<nav", "<main", "<h1>", "<footer>"]);
        assert!(!page.contains("http-equiv") && !page.contains("src="), "nothing is loaded: {page}");
    }
}

#[tokio::test]
async fn the_settings_page_has_the_fields_in_their_order_and_keeps_the_secret() {
    let lab = Lab::plain().await;
    let (_, page) = lab.page(SETTINGS).await;
    let details = lab.emulator.details(&lab.served.url("http", ""), "");
    in_order(&page, &["Application URI", "Client ID", "Authorization server URL", "Resource", "Client secret"]);
    in_order(&page, &[&details.client_id, &details.authorization_url, "https://graph.windows.net"]);
    in_order(
        &page,
        &["Save details to file", "API tokens generator", "Access token", "Refresh token", "Generate tokens"],
    );
    assert!(!page.contains(&details.client_secret));
    let (status, file) = lab.page(&format!("{SETTINGS}/details.json")).await;
    let file: serde_json::Value = serde_json::from_str(&file).expect("JSON");
    assert_eq!((status.as_u16(), file["clientId"].as_str()), (200, Some(details.client_id.as_str())));
    assert!(file["clientSecret"].is_null());
}

#[tokio::test]
async fn enabling_makes_a_secret_that_is_shown_once() {
    let lab = Lab::plain().await;
    let press = |action: &str| lab.request(Method::POST, &format!("{SETTINGS}/{action}")).send();
    let before = lab.emulator.details("", "").client_secret;
    let answer = press("disable").await.expect("an answer");
    assert_eq!((answer.status().as_u16(), &answer.headers()["location"]), (303, &SETTINGS.parse().expect("a value")));
    let (_, off) = lab.page(SETTINGS).await;
    in_order(&off, &["Enable threat intel API", "disabled", "Save details to file", "Generate tokens"]);
    assert!(!off.contains(&lab.emulator.details("", "").client_id), "every field is empty");
    assert_eq!(lab.page(&format!("{SETTINGS}/details.json")).await.0, 404);
    let on = press("enable").await.expect("an answer").text().await.expect("text");
    let secret = lab.emulator.details("", "").client_secret;
    assert_ne!(secret, before);
    in_order(&on, &["Client secret", &secret, "Warning", "shown this once", "data:application/json;base64,"]);
    assert!(!lab.page(SETTINGS).await.1.contains(&secret));
    assert_eq!(press("enable").await.expect("an answer").status(), 303, "pressed twice, nothing is made anew");
    assert_eq!(lab.emulator.details("", "").client_secret, secret);
}

#[tokio::test]
async fn generated_tokens_are_shown_where_the_api_is_enabled() {
    let lab = Lab::plain().await;
    let press = |action: &str| lab.request(Method::POST, &format!("{SETTINGS}/{action}")).send();
    let page = press("tokens").await.expect("an answer").text().await.expect("text");
    in_order(&page, &["Access token", "value=\"ey", "Refresh token", "gives no refresh tokens"]);
    press("disable").await.expect("an answer");
    assert_eq!(press("tokens").await.expect("an answer").status(), 303);
}

#[tokio::test]
async fn buttons_are_pressed_on_the_portal_s_own_page_only() {
    let lab = Lab::plain().await;
    let port = lab.served.address.port();
    let press = |headers: String| {
        let text =
            format!("POST {SETTINGS}/disable HTTP/1.1\r\n{headers}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        let served = &lab.served;
        async move { served.say(text).await[9..12].to_owned() }
    };
    assert_eq!(press(format!("Host: 127.0.0.1:{port}\r\nOrigin: http://evil.example")).await, "403");
    assert_eq!(press(format!("Host: 127.0.0.1:{port}\r\nSec-Fetch-Site: cross-site")).await, "403");
    let rebound = format!("rebound.example:{port}");
    assert_eq!(press(format!("Host: {rebound}\r\nOrigin: http://{rebound}")).await, "403");
    assert!(lab.emulator.with(|tenant, _| tenant.application().enabled()));
    assert_eq!(press(format!("Host: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}")).await, "303");
    let by_link = lab.request(Method::GET, &format!("{SETTINGS}/enable")).send().await.expect("an answer");
    assert_eq!((by_link.status().as_u16(), &by_link.headers()["allow"]), (405, &"POST".parse().expect("a value")));
}
