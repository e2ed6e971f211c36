//! The control face: every operation, every refusal, and who is kept out.

use std::time::Duration;

use alertdrill::{clock::Clock, domain::indicator::Kind};
use reqwest::Method;
use serde_json::{Value, json};

use crate::emulate::lab::Lab;

#[tokio::test]
async fn the_documentation_names_every_operation_knob_and_fault() {
    let lab = Lab::plain().await;
    let (status, told) = lab.control("GET", "", "").await;
    assert_eq!(status, 200);
    let routes: Vec<_> = told["routes"].as_array().expect("a list").iter().collect();
    for (method, path) in [
        ("GET", "{control}"),
        ("POST", "{control}/advance"),
        ("GET", "{control}/state"),
        ("GET", "{control}/devices"),
        ("PUT", "{control}/devices/{name}"),
        ("POST", "{control}/devices/{name}/files"),
        ("POST", "{control}/devices/{name}/connections"),
        ("PUT", "{control}/api"),
        ("POST", "{control}/secret"),
        ("GET", "{control}/knobs"),
        ("PATCH", "{control}/knobs"),
        ("GET", "{control}/faults"),
        ("POST", "{control}/faults"),
        ("DELETE", "{control}/faults"),
        ("DELETE", "{control}/faults/{id}"),
    ] {
        let found = routes.iter().find(|route| route["method"] == method && route["path"] == path);
        assert!(
            found.is_some_and(|route| !route["meaning"].as_str().unwrap_or_default().is_empty()),
            "{method} {path}"
        );
    }
    let knob = &told["knobs"].as_array().expect("a list")[0];
    assert_eq!((&knob["name"], &knob["value"]), (&json!("propagationSeconds"), &json!({"min": 1200, "max": 1200})));
    assert!(told["faults"]["kinds"].as_array().is_some_and(|kinds| kinds.len() > 10));
}

#[tokio::test]
async fn the_clock_is_moved_by_whole_and_by_broken_seconds() {
    let lab = Lab::plain().await;
    assert_eq!(lab.control("POST", "/advance", r#"{"seconds":1200}"#).await.1, json!({"now": "2017-03-15T06:20:00Z"}));
    assert_eq!(lab.control("POST", "/advance", r#"{"seconds":0.5}"#).await.1, json!({"now": "2017-03-15T06:20:00.5Z"}));
    assert_eq!(lab.control("POST", "/advance", r#"{"seconds":0}"#).await.0, 200);
    // What PowerShell's ConvertTo-Json makes of a hashtable, with the byte order mark that it puts before a file.
    let powershell = "\u{feff}{\r\n    \"seconds\":  1\r\n}";
    assert_eq!(lab.control("POST", "/advance", powershell).await.1, json!({"now": "2017-03-15T06:20:01.5Z"}));
}

#[tokio::test]
async fn a_clock_is_not_moved_back_nor_beyond_reason_nor_by_what_is_no_number() {
    let lab = Lab::plain().await;
    for body in [
        "",
        "{}",
        "[]",
        "7",
        "{",
        r#"{"seconds":-1}"#,
        r#"{"seconds":-0.001}"#,
        r#"{"seconds":1e30}"#,
        r#"{"seconds":"60"}"#,
        r#"{"seconds":null}"#,
        r#"{"seconds":true}"#,
        r#"{"seconds":1,"minutes":1}"#,
    ] {
        let (status, told) = lab.control("POST", "/advance", body).await;
        assert_eq!(status, 400, "{body}");
        assert!(told["Message"].is_string(), "{told}");
    }
    assert_eq!(lab.emulator.clock().now().to_string(), "2017-03-15T06:00:00Z");
}

#[tokio::test]
async fn a_clock_that_nobody_moves_is_a_conflict() {
    let lab = Lab::new(Clock::system(), false).await;
    assert_eq!(lab.control("POST", "/advance", r#"{"seconds":1}"#).await.0, 409);
}

#[tokio::test]
async fn the_state_holds_everything_but_the_secret() {
    let lab = Lab::plain().await;
    lab.publish(Kind::DomainName, "evil.example");
    let (status, state) = lab.control("GET", "/state", "").await;
    assert_eq!((status, &state["indicators"][0]["value"]), (200, &json!("evil.example")));
    let secret = lab.emulator.details("http://h", "http://h").client_secret;
    assert!(!state.to_string().contains(&secret));
    let (_, made) = lab.control("POST", "/secret", "").await;
    let (_, state) = lab.control("GET", "/state", "").await;
    assert!(!state.to_string().contains(made["clientSecret"].as_str().expect("a secret")));
}

#[tokio::test]
async fn a_device_is_added_and_offboarded_and_listed() {
    let lab = Lab::plain().await;
    let (status, added) = lab.control("PUT", "/devices/PC%207", r#"{"onboarded":true}"#).await;
    assert_eq!((status, &added["name"], &added["onboarded"]), (200, &json!("PC 7"), &json!(true)));
    assert_eq!(added["id"].as_str().map(str::len), Some(40));
    assert_eq!(added.as_object().map(serde_json::Map::len), Some(3));
    let (_, changed) = lab.control("PUT", "/devices/pc%207", r#"{"onboarded":false}"#).await;
    assert_eq!((&changed["id"], &changed["onboarded"]), (&added["id"], &json!(false)));
    let (status, list) = lab.control("GET", "/devices", "").await;
    assert_eq!((status, list.as_array().map(Vec::len)), (200, Some(2)));
    for (name, body) in
        [("a%3Ab", r#"{"onboarded":true}"#), ("%0A", r#"{"onboarded":true}"#), ("pc8", r#"{"onboarded":1}"#)]
    {
        assert_eq!(lab.control("PUT", &format!("/devices/{name}"), body).await.0, 400, "{name} {body}");
    }
}

#[tokio::test]
async fn a_file_on_a_device_is_hashed_and_seen() {
    let lab = Lab::plain().await;
    lab.publish(Kind::Sha1, "A9993E364706816ABA3E25717850C26C9CD0D89D");
    lab.control("PUT", "/devices/pc7", r#"{"onboarded":true}"#).await;
    let (status, hashes) = lab.control("POST", "/devices/PC7/files", r#"{"name":"tool.exe","content":"YWJj"}"#).await;
    assert_eq!(status, 200);
    assert_eq!(
        hashes,
        json!({
            "sha1": "a9993e364706816aba3e25717850c26c9cd0d89d",
            "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "md5": "900150983cd24fb0d6963f7d28e17f72",
        })
    );
    lab.pass(Duration::from_mins(15));
    assert_eq!(lab.alerts(), [("Test alert.".to_owned(), "pc7".to_owned())]);
    for body in [r#"{"name":"a"}"#, r#"{"name":"a","content":"%"}"#, r#"{"name":"","content":"YWJj"}"#] {
        assert_eq!(lab.control("POST", "/devices/pc7/files", body).await.0, 400, "{body}");
    }
    assert_eq!(lab.control("POST", "/devices/none/files", r#"{"name":"a","content":""}"#).await.0, 404);
}

#[tokio::test]
async fn a_connection_of_a_device_is_seen_if_it_is_onboarded() {
    let lab = Lab::plain().await;
    lab.publish(Kind::IpAddress, "198.51.100.7");
    lab.control("PUT", "/devices/on", r#"{"onboarded":true}"#).await;
    lab.control("PUT", "/devices/off", r#"{"onboarded":false}"#).await;
    for device in ["on", "off"] {
        let path = format!("/devices/{device}/connections");
        assert_eq!(lab.control("POST", &path, r#"{"address":"198.51.100.7","port":443}"#).await.0, 200);
    }
    let by_host = lab.control("POST", "/devices/on/connections", r#"{"host":"198.51.100.7","port":80}"#).await;
    assert_eq!(by_host.1["address"], "198.51.100.7", "an address is one, however it is called");
    assert_eq!(lab.control("POST", "/devices/on/connections", r#"{"host":"evil.example","port":80}"#).await.0, 200);
    lab.pass(Duration::from_mins(15));
    let devices: Vec<_> = lab.alerts().into_iter().map(|(_, device)| device).collect();
    assert_eq!(devices, ["on", "on"]);
    for body in [
        r#"{"port":80}"#,
        r#"{"host":"a","address":"192.0.2.1","port":80}"#,
        r#"{"address":"evil.example","port":80}"#,
        r#"{"host":"a","port":0}"#,
        r#"{"host":"a","port":65536}"#,
        r#"{"host":"a"}"#,
    ] {
        assert_eq!(lab.control("POST", "/devices/on/connections", body).await.0, 400, "{body}");
    }
    assert_eq!(lab.control("POST", "/devices/none/connections", r#"{"host":"a","port":80}"#).await.0, 404);
}

#[tokio::test]
async fn the_api_is_switched_and_the_secret_is_made_anew_or_expires() {
    let lab = Lab::plain().await;
    assert_eq!(lab.control("PUT", "/api", r#"{"enabled":false}"#).await, (200, json!({"enabled": false})));
    assert_eq!(lab.control("GET", "/state", "").await.1["application"]["enabled"], false);
    assert_eq!(lab.control("PUT", "/api", r#"{"enabled":"no"}"#).await.0, 400);
    let before = lab.emulator.details("http://h", "http://h").client_secret;
    assert_eq!(lab.control("POST", "/secret", r#"{"expire":true}"#).await, (200, json!({"expired": true})));
    assert!(lab.control("GET", "/state", "").await.1["application"]["secretExpiredAt"].is_string());
    let (status, made) = lab.control("POST", "/secret", "").await;
    let after = lab.emulator.details("http://h", "http://h").client_secret;
    assert_eq!((status, &made["clientSecret"]), (200, &json!(after)));
    assert_ne!(after, before);
    assert!(lab.control("GET", "/state", "").await.1["application"]["secretExpiredAt"].is_null());
    assert_eq!(lab.control("POST", "/secret", r#"{"expire":"now"}"#).await.0, 400);
}

#[tokio::test]
async fn knobs_are_read_and_set_all_or_none() {
    let lab = Lab::plain().await;
    let (status, before) = lab.control("GET", "/knobs", "").await;
    assert_eq!((status, &before["definitionQuota"]), (200, &json!(10_000)));
    let (status, after) = lab.control("PATCH", "/knobs", r#"{"definitionQuota":1,"exportEra":2017}"#).await;
    assert_eq!((status, &after["definitionQuota"], &after["exportEra"]), (200, &json!(1), &json!(2017)));
    for body in ["", "[]", r#"{"unheardOf":1}"#, r#"{"indicatorQuota":2,"definitionQuota":"many"}"#] {
        assert_eq!(lab.control("PATCH", "/knobs", body).await.0, 400, "{body}");
    }
    assert_eq!(lab.control("GET", "/knobs", "").await.1, after);
    let (_, guarded) = lab.control("PATCH", "/knobs", r#"{"proxyLogin":{"user":"u","password":"hush"}}"#).await;
    assert!(!guarded.to_string().contains("hush"));
}

#[tokio::test]
async fn faults_are_switched_on_listed_and_off() {
    let lab = Lab::plain().await;
    let (status, first) = lab.control("POST", "/faults", r#"{"kind":"drop-alert","times":1}"#).await;
    assert_eq!((status, &first["id"], &first["kind"]), (201, &json!(1), &json!("drop-alert")));
    assert_eq!(lab.control("POST", "/faults", r#"{"kind":"html","match":{"face":"portal"}}"#).await.0, 201);
    assert_eq!(lab.control("GET", "/faults", "").await.1.as_array().map(Vec::len), Some(2));
    assert_eq!(lab.control("DELETE", "/faults/1", "").await, (204, Value::Null));
    assert_eq!(lab.control("DELETE", "/faults/1", "").await.0, 404);
    assert_eq!(lab.control("DELETE", "/faults/x", "").await.0, 404);
    assert!(lab.page("/portal").await.1.contains("Sign in"));
    assert_eq!(lab.control("DELETE", "/faults", "").await.0, 204);
    assert!(!lab.page("/portal").await.1.contains("Sign in"));
    for body in ["", "{}", r#"{"kind":"unheard-of"}"#, r#"{"kind":"status","status":99}"#] {
        assert_eq!(lab.control("POST", "/faults", body).await.0, 400, "{body}");
    }
}

#[tokio::test]
async fn faults_of_an_exchange_are_delivered_on_the_wire() {
    let lab = Lab::plain().await;
    let add = |fault: Value| async move { fault.to_string() };
    let get = || lab.request(Method::GET, "/portal").send();
    for (fault, expected) in [
        (json!({"kind": "status", "status": 429, "retryAfter": 7, "times": 1, "match": {"face": "portal"}}), 429),
        (json!({"kind": "delay", "milliseconds": 20, "times": 1, "match": {"face": "portal"}}), 200),
    ] {
        lab.control("POST", "/faults", &add(fault).await).await;
        assert_eq!(get().await.expect("an answer").status(), expected);
    }
    lab.control("POST", "/faults", r#"{"kind":"cut-body","bytes":100,"times":1,"match":{"face":"portal"}}"#).await;
    assert!(get().await.expect("a head").text().await.is_err());
    lab.control("POST", "/faults", r#"{"kind":"close","times":1,"match":{"face":"portal"}}"#).await;
    assert!(get().await.is_err());
    assert_eq!(get().await.expect("an answer").status(), 200);
}

#[tokio::test]
async fn what_is_not_there_is_told_with_what_is() {
    let lab = Lab::plain().await;
    let (status, told) = lab.control("GET", "/unheard-of", "").await;
    assert_eq!(status, 404);
    assert!(told["known"].as_array().is_some_and(|known| known.contains(&json!("POST {control}/advance"))), "{told}");
    let answer = lab.request(Method::DELETE, "/control/knobs").send().await.expect("an answer");
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["allow"]),
        (405, &"GET, PATCH, HEAD".parse().expect("a value"))
    );
    assert_eq!(lab.request(Method::HEAD, "/control/knobs").send().await.expect("an answer").status(), 200);
    assert_eq!(lab.control("GET", "//Knobs/", "").await.0, 200);
}

#[tokio::test]
async fn pages_of_the_web_are_kept_out() {
    let lab = Lab::plain().await;
    let port = lab.served.address.port();
    let asked = |headers: String| {
        let text =
            format!("POST /control/secret HTTP/1.1\r\n{headers}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        let served = &lab.served;
        async move { served.say(text).await[9..12].to_owned() }
    };
    assert_eq!(asked(format!("Host: 127.0.0.1:{port}")).await, "200");
    assert_eq!(asked(format!("Host: localhost:{port}\r\nOrigin: http://localhost:{port}")).await, "200");
    assert_eq!(asked(format!("Host: rebound.example:{port}")).await, "403");
    assert_eq!(asked(format!("Host: localhost:{port}\r\nOrigin: http://evil.example")).await, "403");
    assert_eq!(asked(format!("Host: localhost:{port}\r\nOrigin: null")).await, "403");
    assert_eq!(asked(format!("Host: localhost:{port}\r\nSec-Fetch-Site: cross-site")).await, "403");
    let read = format!("GET /control/state HTTP/1.1\r\nHost: localhost:{port}\r\nOrigin: http://evil.example\r\n\r\n");
    assert!(lab.served.say(read).await.starts_with("HTTP/1.1 403"));
}
