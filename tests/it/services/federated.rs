//! Another issuer's word as proof of identity: how each issuer is asked, and that nothing of it is seen.

use std::fs;

use alertdrill::{
    auth::{
        client_credentials::{ClientCredentials, Proof, Registration, Style, TokenEndpoint},
        federated::{Federated, Issuer},
    },
    clock::Clock,
    transport::{credential::Credential, error::TransportError, secret::Secret},
};
use jiff::SignedDuration;

use crate::services::stage::{self, Scripted, Turn, recorded, url};

/// What a job is given to ask with, and what it is answered; neither looks like a token.
const GIVEN: &str = "g1ven-to-the-job";
const ASSERTION: &str = "0paque~assertion";

const GRANTED: &str = r#"{"token_type":"Bearer","expires_in":3599,"access_token":"a.token"}"#;

fn credentials(token_endpoint: &Scripted, issuer: Issuer, clock: &Clock) -> ClientCredentials {
    let endpoint = TokenEndpoint { url: url(&token_endpoint.origin(), "/t/oauth2/v2.0/token"), style: Style::V2 };
    let proof = Proof::Federated(Box::new(Federated::new(issuer, stage::transport(clock))));
    let registration = Registration { endpoint, client_id: "an-application".into(), proof };
    ClientCredentials::new(registration, "https://graph.microsoft.com", stage::transport(clock), clock)
}

fn github(ci: &Scripted) -> Issuer {
    Issuer::GitHubActions { url: url(&ci.origin(), "/token?api-version=2.0"), token: Secret::new(GIVEN) }
}

fn azure(ci: &Scripted) -> Issuer {
    let url = url(&ci.origin(), "/contoso/_apis/oidctoken");
    Issuer::AzurePipelines { url, token: Secret::new(GIVEN), connection: "a connection&id".into() }
}

/// The field of the form in a request as it was heard.
fn field(request: &str, name: &str) -> String {
    let body = request.split("\r\n\r\n").nth(1).expect("a body");
    let fields = url::form_urlencoded::parse(body.as_bytes());
    fields.into_owned().find(|(known, _)| known == name).expect("the field is there").1
}

#[tokio::test]
async fn the_issuer_of_a_job_is_asked_as_it_documents_and_its_answer_is_the_assertion() {
    let (clock, _me) = stage::clock();
    for (is_github, line, answer) in [
        (true, "GET /token?api-version=2.0&audience=api%3A%2F%2FAzureADTokenExchange HTTP/1.1", "value"),
        (
            false,
            "POST /contoso/_apis/oidctoken?api-version=7.1&serviceConnectionId=a+connection%26id HTTP/1.1",
            "oidcToken",
        ),
    ] {
        let ci = Scripted::start(vec![Turn::json(&format!(r#"{{"count":1,"{answer}":"{ASSERTION}"}}"#))]).await;
        let endpoint = Scripted::start(vec![Turn::json(GRANTED)]).await;
        let issuer = if is_github { github(&ci) } else { azure(&ci) };
        let credentials = credentials(&endpoint, issuer, &clock);
        let (token, exchanges) = recorded(credentials.bearer()).await;
        assert_eq!(token, Ok(Secret::new("a.token")));
        let asked = ci.requests().remove(0);
        assert!(asked.starts_with(line), "{asked}");
        assert!(asked.to_ascii_lowercase().contains(&format!("\r\nauthorization: bearer {GIVEN}\r\n")), "{asked}");
        if !is_github {
            assert!(asked.contains("content-type: application/json\r\n") && asked.ends_with("\r\n\r\n{}"), "{asked}");
        }
        let sent = endpoint.requests().remove(0);
        assert_eq!(field(&sent, "client_assertion"), ASSERTION);
        assert_eq!(field(&sent, "client_assertion_type"), "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        assert!(!sent.contains("client_secret") && !sent.contains(GIVEN), "{sent}");
        let purposes: Vec<_> = exchanges.iter().map(alertdrill::record::exchange::Exchange::purpose).collect();
        let whose = if is_github { "GitHub Actions" } else { "Azure Pipelines" };
        assert_eq!(purposes, [format!("get an assertion from {whose}").as_str(), "get an access token"]);
        let record = serde_json::to_string(&exchanges).expect("JSON");
        for secret in [GIVEN, ASSERTION, "a.token"] {
            assert!(!record.contains(secret), "{secret} in {record}");
        }
    }
}

#[tokio::test]
async fn a_file_is_read_anew_for_each_token() {
    let (clock, _me) = stage::clock();
    let endpoint = Scripted::start(vec![Turn::json(GRANTED)]).await;
    let file = tempfile::NamedTempFile::new().expect("a file");
    let credentials = credentials(&endpoint, Issuer::File(file.path().into()), &clock);
    for text in ["the.first.assertion", "the.second.assertion"] {
        fs::write(file.path(), format!("{text}\n")).expect("it is written");
        for _ in 0..2 {
            assert!(credentials.bearer().await.is_ok());
        }
        clock.advance(SignedDuration::from_hours(1));
    }
    let sent: Vec<_> = endpoint.requests().iter().map(|request| field(request, "client_assertion")).collect();
    assert_eq!(sent, ["the.first.assertion", "the.second.assertion"]);
}

#[tokio::test]
async fn what_an_issuer_answers_instead_of_an_assertion_is_told_and_never_shown() {
    let (clock, _me) = stage::clock();
    let html = "content-type: text/html\r\n";
    for (turn, told) in [
        (
            Turn::json(r#"{"token":"hunter2"}"#),
            "get an assertion from GitHub Actions: the answer of HOST is not understood at value: expected an \
             assertion, saw no such member",
        ),
        (Turn::json(r#"{"value":{"hunter2":1}}"#), "saw no text"),
        (Turn::json(r#"{"value":"hunter2 hunter2"}"#), "saw a text with blanks or letters that no assertion has"),
        (Turn::json(r#"{"value":""}"#), "saw empty"),
        (Turn::json("[]"), "saw no such member"),
        (Turn::json(&format!("{{\"value\":\"{}\"}}", "x".repeat(100_000))), "saw longer than any assertion"),
        (Turn::say("200 OK", html, "<html><title>Sign in</title>"), "saw an HTML page titled `Sign in`"),
        (Turn::say("302 Found", "location: https://a.example/_signin?x=hunter2\r\n", ""), "saw a redirect (HTTP 302)"),
    ] {
        let ci = Scripted::start(vec![turn]).await;
        let endpoint = Scripted::start(vec![Turn::json(GRANTED)]).await;
        let (error, exchanges) = recorded(credentials(&endpoint, github(&ci), &clock).bearer()).await;
        let error = error.expect_err("there is no assertion");
        let text = error.to_string().replace(&ci.address.to_string(), "HOST");
        assert!(text.contains(told), "{text}\n{told}");
        let shown = format!("{error:?} {}", serde_json::to_string(&exchanges).expect("JSON"));
        assert!(!text.contains("hunter2") && !shown.contains("hunter2"), "{text} {shown}");
        assert!(endpoint.requests().is_empty(), "no token is asked for without a proof");
    }
}

#[tokio::test]
async fn an_issuer_that_refuses_the_job_denies_access_with_what_to_do() {
    let (clock, _me) = stage::clock();
    for (is_github, remedy) in [(true, "id-token: write"), (false, "SYSTEM_ACCESSTOKEN: $(System.AccessToken)")] {
        for status in ["400 Bad Request", "401 Unauthorized", "403 Forbidden", "404 Not Found"] {
            let body = format!(r#"{{"message":"`{GIVEN}` may not"}}"#);
            let ci = Scripted::start(vec![Turn::say(status, "content-type: application/json\r\n", &body)]).await;
            let endpoint = Scripted::start(vec![Turn::json(GRANTED)]).await;
            let issuer = if is_github { github(&ci) } else { azure(&ci) };
            let (error, exchanges) = recorded(credentials(&endpoint, issuer, &clock).bearer()).await;
            let error = error.expect_err("it is refused");
            assert!(error.denies_access() && matches!(error, TransportError::Unproven { .. }), "{error}");
            assert!(error.to_string().ends_with("`[redacted]` may not"), "{error}");
            assert!(error.hint().is_some_and(|hint| hint.contains(remedy)), "{error}");
            assert!(endpoint.requests().is_empty(), "no token is asked for without a proof");
            assert!(!serde_json::to_string(&exchanges).expect("JSON").contains(GIVEN));
        }
    }
}

#[tokio::test]
async fn a_text_that_cannot_be_an_assertion_is_not_sent() {
    let (clock, _me) = stage::clock();
    let endpoint = Scripted::start(vec![Turn::json(GRANTED)]).await;
    let credentials = credentials(&endpoint, Issuer::Text(Secret::new("two words")), &clock);
    let error = credentials.bearer().await.expect_err("there is no assertion");
    assert!(error.denies_access() && error.hint().is_some(), "{error}");
    assert!(!error.to_string().contains("two words") && endpoint.requests().is_empty(), "{error}");
}
