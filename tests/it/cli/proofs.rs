//! `alertdrill run --tenant` with other proofs of identity than a secret, before a token endpoint that refuses them.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::mpsc::{self, Receiver},
    thread,
};

use crate::cli::stage::{PATIENCE, Stage, finished};

const CERTIFICATE: &str = include_str!("../../../fixtures/certificate/application.pem");

/// A server that answers every request with `status` and `body`, and tells what it heard.
fn server(status: &'static str, body: &'static str) -> (SocketAddr, Receiver<String>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let address = listener.local_addr().expect("an address");
    let (told, heard) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            if told.send(request(&mut stream)).is_err() {
                return;
            }
            let length = body.len();
            let kind = "content-type: application/json\r\nconnection: close\r\n";
            let _gone = write!(stream, "HTTP/1.1 {status}\r\n{kind}content-length: {length}\r\n\r\n{body}");
        }
    });
    (address, heard)
}

/// A request as far as its announced length.
fn request(stream: &mut TcpStream) -> String {
    let (mut text, mut piece) = (String::new(), [0; 4096]);
    let is_whole = |text: &str| {
        text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
            let length = head.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
            body.len() >= length.map_or(0, |length| length.parse().expect("a length"))
        })
    };
    while !is_whole(&text) {
        match stream.read(&mut piece) {
            Ok(count) if count > 0 => text.push_str(&String::from_utf8_lossy(&piece[..count])),
            _ => return text,
        }
    }
    text
}

fn table(token_endpoint: SocketAddr, proof: &str) -> String {
    format!(
        "[tenants.lab]\nauthorization_url = \"http://{token_endpoint}/t/oauth2/token\"\nclient_id = \"id\"\n\
         legacy_api = \"http://127.0.0.1:1/V1.0/\"\nalert_export_api = \"http://127.0.0.1:1/api/alerts\"\n\
         device_name = \"pc\"\n{proof}\n"
    )
}

/// That the only drill ended without access, and that no report holds any of `secrets`.
fn without_access(stage: &Stage, secrets: &[&str]) {
    let drill = stage.json("alertdrill-report/run.json")["drills"][0].clone();
    assert_eq!((&drill["verdict"], &drill["code"]), (&"errored".into(), &"access-denied".into()), "{drill:#}");
    for report in stage.names("alertdrill-report") {
        let text = stage.read(&format!("alertdrill-report/{report}"));
        assert!(secrets.iter().all(|secret| !text.contains(secret)), "{report}");
    }
}

#[test]
fn a_certificate_that_the_tenant_does_not_know_is_told_with_what_to_do() {
    let body = r#"{"error":"invalid_client","error_description":"AADSTS700027: The certificate is not registered."}"#;
    let (address, heard) = server("401 Unauthorized", body);
    let stage = Stage::new();
    stage.write("app.pem", CERTIFICATE).write("alertdrill.toml", table(address, "certificate_file = \"app.pem\""));
    let ran = stage.run("run --tenant lab --name Step.2");
    ran.exits(2);
    assert!(ran.stdout.contains("the certificate is not registered for this application"), "{}", ran.told());
    let sent = heard.recv_timeout(PATIENCE).expect("it was asked");
    let assertion = sent.split("client_assertion=").nth(1).and_then(|rest| rest.split('&').next()).expect("one");
    assert!(assertion.starts_with("eyJ") && sent.contains("resource=https%3A%2F%2Fgraph.windows.net"), "{sent}");
    let key = CERTIFICATE.lines().rfind(|line| line.len() == 64).expect("a line of the key");
    without_access(&stage, &[assertion, key]);
}

#[test]
fn a_job_that_may_not_have_an_assertion_is_told_what_it_lacks() {
    let (address, heard) = server("403 Forbidden", r#"{"message":"no"}"#);
    let stage = Stage::new();
    let closed: SocketAddr = "127.0.0.1:1".parse().expect("an address");
    stage.write("alertdrill.toml", table(closed, "federated_from = \"github-actions\""));
    let mut command = stage.command("run --tenant lab --name Step.2");
    command
        .env("ACTIONS_ID_TOKEN_REQUEST_URL", format!("http://{address}/t?v=1"))
        .env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "hunter2");
    let ran = finished(command);
    ran.exits(2);
    assert!(ran.stdout.contains("id-token: write"), "{}", ran.told());
    let sent = heard.recv_timeout(PATIENCE).expect("it was asked");
    assert!(
        sent.starts_with("GET /t?v=1&audience=api%3A%2F%2FAzureADTokenExchange ") && sent.contains("hunter2"),
        "{sent}"
    );
    assert!(!ran.stderr.contains("hunter2"));
    without_access(&stage, &["hunter2"]);
}
