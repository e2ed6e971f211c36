//! Certificates as proofs of identity, checked with the public key, and one proof for several resources.

use std::{collections::BTreeMap, sync::Arc};

use alertdrill::{
    auth::{
        certificate::{Certificate, Signature},
        client_credentials::{ClientCredentials, Proof, Registration, Style, TokenEndpoint},
    },
    clock::Clock,
    transport::{credential::Credential, error::TransportError, secret::Secret},
};
use base64::{Engine, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use ring::signature::{self, RsaParameters, UnparsedPublicKey};
use serde_json::{Value, json};
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers::any};

use crate::services::stage::{self, Scripted, Turn, recorded, url};

const PEM: &str = include_str!("../../../fixtures/certificate/application.pem");
const PUBLIC: &str = include_str!("../../../fixtures/certificate/application_public.pem");

/// The thumbprints of the certificate, as OpenSSL tells them.
const SHA256: &str = "MvehYe5G7UmS5vxwDElitZV_mKD1C53yPYI6wExq558";
const SHA1: &str = "kCai4hNiEOzfDM6vxIU5tH9X6bE";

const MDE: &str = "https://api.securitycenter.microsoft.com";
const GRAPH: &str = "https://graph.microsoft.com";

const ID: &str = "11112222-3333-4444-5555-666677778888";

fn by_certificate(origin: &str, path: &str, signature: Signature, clock: &Clock) -> ClientCredentials {
    let proof = Proof::Certificate(Certificate::from_pem(PEM.as_bytes(), signature).expect("it can be used"));
    credentials(origin, path, proof, clock)
}

fn credentials(origin: &str, path: &str, proof: Proof, clock: &Clock) -> ClientCredentials {
    let url = url(origin, path);
    let endpoint = TokenEndpoint { style: Style::of(&url, Style::V2), url };
    let registration = Registration { endpoint, client_id: ID.into(), proof };
    ClientCredentials::new(registration, MDE, stage::transport(clock), clock)
}

/// The fields of a form, in their order.
fn form(body: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(body).map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

/// The header and the claims of an assertion, whose signature holds under the public key.
fn verified(assertion: &str, algorithm: &'static RsaParameters) -> (Value, Value) {
    let key: String = PUBLIC.lines().filter(|line| !line.starts_with('-')).collect();
    let key = UnparsedPublicKey::new(algorithm, STANDARD.decode(key).expect("Base64"));
    let parts: Vec<_> = assertion.split('.').collect();
    let read = |part: &str| URL_SAFE_NO_PAD.decode(part).expect("Base64 without padding");
    let [header, claims, signature] = parts.as_slice() else { panic!("three parts: {assertion}") };
    key.verify(format!("{header}.{claims}").as_bytes(), &read(signature)).expect("the signature holds");
    let json = |part: &str| serde_json::from_slice(&read(part)).expect("JSON");
    (json(header), json(claims))
}

fn granted(date: &str) -> ResponseTemplate {
    let body = json!({ "token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599, "access_token": "a.token" });
    ResponseTemplate::new(200).insert_header("date", date).set_body_json(body)
}

fn refused(date: &str, code: u32) -> ResponseTemplate {
    let body = json!({
        "error": "invalid_client", "error_description": format!("AADSTS{code}: No. Trace ID: 1"), "error_codes": [code],
    });
    ResponseTemplate::new(401).insert_header("date", date).set_body_json(body)
}

/// Every form that `server` was sent.
async fn forms(server: &MockServer) -> Vec<BTreeMap<String, String>> {
    let requests = server.received_requests().await.expect("requests are kept");
    requests.iter().map(|request| form(&request.body).into_iter().collect()).collect()
}

#[tokio::test]
async fn an_assertion_has_the_documented_form_and_the_certificate_s_signature() {
    let (clock, _me) = stage::clock();
    let noon = clock.now().as_second();
    for (path, signature, algorithm, thumbprint) in [
        ("/t/oauth2/v2.0/token", Signature::Ps256, &signature::RSA_PSS_2048_8192_SHA256, ("x5t#S256", SHA256)),
        ("/t/oauth2/token", Signature::Rs256, &signature::RSA_PKCS1_2048_8192_SHA256, ("x5t", SHA1)),
    ] {
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(granted(stage::DATE)).mount(&server).await;
        let token = by_certificate(&server.uri(), path, signature, &clock).bearer().await;
        assert_eq!(token, Ok(Secret::new("a.token")));
        let request = server.received_requests().await.expect("requests are kept").remove(0);
        let fields = form(&request.body);
        let (target, client, kind, assertion, grant) = match fields.as_slice() {
            [target, client, kind, assertion, grant] => (target, client, kind, &assertion.1, grant),
            other => panic!("five fields: {other:?}"),
        };
        let expected_target = match signature {
            Signature::Ps256 => ("scope", format!("{MDE}/.default")),
            Signature::Rs256 => ("resource", MDE.to_owned()),
        };
        assert_eq!((target.0.as_str(), &target.1), (expected_target.0, &expected_target.1));
        assert_eq!((client.0.as_str(), client.1.as_str()), ("client_id", ID));
        assert_eq!(kind.0, "client_assertion_type");
        assert_eq!(kind.1, "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        assert_eq!((grant.0.as_str(), grant.1.as_str()), ("grant_type", "client_credentials"));
        let (header, claims) = verified(assertion, algorithm);
        assert_eq!(header, json!({ "alg": signature.word(), "typ": "JWT", thumbprint.0: thumbprint.1 }));
        let jti = claims["jti"].as_str().expect("a number of its own");
        assert_eq!(
            claims,
            json!({
                "aud": format!("{}{path}", server.uri()), "iss": ID, "sub": ID, "jti": jti,
                "nbf": noon, "iat": noon, "exp": noon + 600,
            })
        );
    }
}

#[tokio::test]
async fn each_resource_has_its_own_token_and_its_own_assertion_of_the_same_proof() {
    let (clock, _me) = stage::clock();
    let server = MockServer::start().await;
    let for_its_scope = |request: &Request| {
        let scope = form(&request.body).remove(0).1;
        ResponseTemplate::new(200)
            .insert_header("date", stage::DATE)
            .set_body_json(json!({ "expires_in": 3599, "access_token": format!("for-{scope}") }))
    };
    Mock::given(any()).respond_with(for_its_scope).mount(&server).await;
    let mde = by_certificate(&server.uri(), "/t/oauth2/v2.0/token", Signature::Ps256, &clock);
    let graph = mde.for_resource(GRAPH);
    let again = graph.for_resource(MDE);
    let for_mde = Secret::new(format!("for-{MDE}/.default"));
    let for_graph = Secret::new(format!("for-{GRAPH}/.default"));
    for _ in 0..3 {
        assert_eq!(mde.bearer().await, Ok(for_mde.clone()));
        assert_eq!(graph.bearer().await, Ok(for_graph.clone()));
        assert_eq!(again.bearer().await, Ok(for_mde.clone()));
    }
    assert_eq!(forms(&server).await.len(), 2, "one for each resource");
    again.refused(&for_mde);
    assert_eq!(mde.bearer().await, Ok(for_mde.clone()));
    assert_eq!(graph.bearer().await, Ok(for_graph));
    let sent = forms(&server).await;
    assert_eq!(sent.len(), 3, "only the token that was refused is fetched again");
    let numbers: std::collections::BTreeSet<_> = sent
        .iter()
        .map(|form| verified(&form["client_assertion"], &signature::RSA_PSS_2048_8192_SHA256).1["jti"].to_string())
        .collect();
    assert_eq!(numbers.len(), 3, "no assertion is used twice");
}

/// An issuer whose clock is `ahead` of the drill's noon, and which takes only what is good by its own.
async fn strict(ahead: SignedDuration) -> MockServer {
    let server = MockServer::start().await;
    let noon: Timestamp = "2026-11-24T12:00:00Z".parse().expect("a timestamp");
    let now = noon + ahead;
    let date = now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let answer = move |request: &Request| {
        let fields: BTreeMap<_, _> = form(&request.body).into_iter().collect();
        let (_, claims) = verified(&fields["client_assertion"], &signature::RSA_PSS_2048_8192_SHA256);
        let at = |claim: &str| claims[claim].as_i64().expect("a moment");
        let good = at("nbf") <= now.as_second() && now.as_second() < at("exp") && at("exp") - at("nbf") <= 600;
        if good { granted(&date) } else { refused(&date, 700_024) }
    };
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

#[tokio::test]
async fn an_assertion_of_a_clock_that_is_wrong_is_made_once_more_by_the_issuer_s_clock() {
    for (ahead, requests) in [(0, 1), (20, 2), (-20, 2), (60 * 24 * 365, 2)] {
        let (clock, _me) = stage::clock();
        let server = strict(SignedDuration::from_mins(ahead)).await;
        let mde = by_certificate(&server.uri(), "/t/oauth2/v2.0/token", Signature::Ps256, &clock);
        assert_eq!(mde.bearer().await, Ok(Secret::new("a.token")), "{ahead} minutes ahead");
        assert_eq!(forms(&server).await.len(), requests, "{ahead} minutes ahead");
        assert_eq!(mde.for_resource(GRAPH).bearer().await, Ok(Secret::new("a.token")));
        assert_eq!(forms(&server).await.len(), requests + 1, "the second resource knows the clock");
    }
}

#[tokio::test]
async fn an_assertion_that_is_refused_for_another_reason_is_not_made_again() {
    let (clock, _me) = stage::clock();
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(refused(stage::DATE, 700_027)).mount(&server).await;
    let mde = by_certificate(&server.uri(), "/t/oauth2/v2.0/token", Signature::Ps256, &clock);
    let error = mde.bearer().await.expect_err("it is refused");
    assert!(error.denies_access(), "{error}");
    assert!(error.hint().is_some_and(|hint| hint.contains("upload its public part")), "{error}");
    assert_eq!(forms(&server).await.len(), 1);
}

#[tokio::test]
async fn an_assertion_whose_time_ran_out_while_the_issuer_was_busy_is_made_anew() {
    let (clock, _me) = stage::clock();
    let busy = || Turn::say("429 Too Many Requests", "retry-after: 290\r\n", "");
    let late = Turn::say("401 Unauthorized", "", r#"{"error":"invalid_client"}"#);
    let good = Turn::json(r#"{"access_token":"at.last","expires_in":3599}"#);
    let issuer = Scripted::start(vec![busy(), busy(), busy(), late, good]).await;
    let mde = by_certificate(&issuer.origin(), "/t/oauth2/v2.0/token", Signature::Ps256, &clock);
    assert_eq!(mde.bearer().await, Ok(Secret::new("at.last")));
    let sent = issuer.requests();
    let assertion = |request: &String| {
        let body = request.split("\r\n\r\n").nth(1).expect("a body");
        form(body.as_bytes()).into_iter().find(|(name, _)| name == "client_assertion").expect("an assertion").1
    };
    assert_eq!(sent.len(), 5);
    assert_eq!(assertion(&sent[0]), assertion(&sent[3]));
    assert_ne!(assertion(&sent[3]), assertion(&sent[4]));
}

#[tokio::test]
async fn an_assertion_is_seen_nowhere_even_when_the_issuer_repeats_it() {
    let (clock, _me) = stage::clock();
    let server = MockServer::start().await;
    let echo = |request: &Request| {
        let sent = form(&request.body).into_iter().find(|(name, _)| name == "client_assertion").expect("it is sent").1;
        let body =
            json!({ "error": "invalid_client", "error_description": format!("AADSTS700027: `{sent}` is wrong.") });
        ResponseTemplate::new(401)
            .insert_header("date", stage::DATE)
            .insert_header("location", format!("https://a.example/?x={sent}").as_str())
            .set_body_json(body)
    };
    Mock::given(any()).respond_with(echo).mount(&server).await;
    let mde = by_certificate(&server.uri(), "/t/oauth2/v2.0/token", Signature::Ps256, &clock);
    let (error, exchanges) = recorded(mde.bearer()).await;
    let error = error.expect_err("it is refused");
    let sent = forms(&server).await.remove(0).remove("client_assertion").expect("it was sent");
    let shown = format!("{error} {error:?} {}", serde_json::to_string(&exchanges).expect("JSON"));
    for part in sent.split('.') {
        assert!(!shown.contains(part), "{part} in {shown}");
    }
    assert!(shown.contains("client_assertion=[redacted]"), "{shown}");
}

#[tokio::test]
async fn a_hundred_callers_of_two_resources_ask_for_two_tokens() {
    let (clock, _me) = stage::clock();
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(granted(stage::DATE)).mount(&server).await;
    let mde = by_certificate(&server.uri(), "/t/oauth2/v2.0/token", Signature::Ps256, &clock);
    let callers: Vec<_> = (0..100)
        .map(|number| {
            let (credential, me) = (mde.for_resource(if number % 2 == 0 { MDE } else { GRAPH }), clock.join());
            tokio::spawn(async move {
                let token = Arc::new(credential).bearer().await;
                drop(me);
                token
            })
        })
        .collect();
    for caller in callers {
        assert_eq!(caller.await.expect("no caller panics"), Ok(Secret::new("a.token")));
    }
    assert_eq!(forms(&server).await.len(), 2);
}

/// What section 5.2 of the protocol and its recordings say when no token is given: the body's beginning, what is told
/// of it, and a word of the remedy.
#[tokio::test]
async fn every_refusal_is_told_with_its_code_and_what_to_do() {
    let recorded: Value = serde_json::from_str(include_str!("../../../fixtures/exchanges/token/refusals.json"))
        .expect("the recording is JSON");
    let (clock, _me) = stage::clock();
    for row in recorded["refusals"].as_array().expect("a list") {
        let text = |name: &str| row[name].as_str().expect("a text");
        for joint in ["\r\n", " "] {
            let description = format!(
                "{}{joint}Trace ID: 00000000-0000-0000-0000-000000000000{joint}Correlation ID: \
                 00000000-0000-0000-0000-000000000001{joint}Timestamp: 2026-07-01 10:00:00Z",
                text("description"),
            );
            let mut body = json!({ "error": text("error"), "error_description": description });
            if joint == " " {
                body["error_codes"] = json!([row["code"]]);
                body["error_uri"] = json!(format!("https://login.microsoftonline.com/error?code={}", row["code"]));
            }
            let status = format!("{} Refused", row["status"]);
            let issuer =
                Scripted::start(vec![Turn::say(&status, "content-type: application/json\r\n", &body.to_string())])
                    .await;
            let proof = Proof::Secret(Secret::new("hunter2"));
            let error = credentials(&issuer.origin(), "/t/oauth2/v2.0/token", proof, &clock).bearer().await;
            let error = error.expect_err("it is refused");
            assert!(error.denies_access() && matches!(error, TransportError::Refused { .. }), "{row}: {error}");
            let told = error.to_string();
            let begins = format!("{}: AADSTS{}: ", text("error"), row["code"]);
            assert!(told.contains(&begins) && !told.contains("Trace ID"), "{row}: {told}");
            let hint = error.hint().unwrap_or_else(|| panic!("{row} has no remedy"));
            assert!(hint.contains(text("remedy")), "{row}: {hint}");
            assert_eq!(issuer.requests().len(), 1, "{row}: it is not asked again");
        }
    }
}

#[tokio::test]
async fn what_is_no_refusal_of_a_token_endpoint_is_told_as_what_it_is() {
    let (clock, _me) = stage::clock();
    let (html, json) = ("content-type: text/html\r\n", "content-type: application/json\r\n");
    for (turn, told, remedy) in [
        (
            Turn::say("400 Bad Request", html, "<html><title>Blocked</title>"),
            "an HTML page titled `Blocked`",
            "in between",
        ),
        (Turn::say("404 Not Found", html, "<!doctype html>"), "an HTML page", "tenant included"),
        (Turn::say("403 Forbidden", "", ""), "no words with it", "check its id"),
        (
            Turn::say("400 Bad Request", json, r#"{"error_description":"no"}"#),
            r#"{"error_description":"no"}"#,
            "in between",
        ),
        (Turn::say("400 Bad Request", json, r#"{"error":"odd","error_codes":[]}"#), "HTTP 400: odd", "in between"),
        (
            Turn::say("401 Unauthorized", json, r#"{"error":"invalid_client"}"#),
            "invalid_client",
            "Certificates & secrets",
        ),
        (Turn::say("400 Bad Request", json, r#"{"error":["#), r#"{"error":["#, "in between"),
    ] {
        let issuer = Scripted::start(vec![turn]).await;
        let proof = Proof::Secret(Secret::new("hunter2"));
        let error = credentials(&issuer.origin(), "/t/oauth2/v2.0/token", proof, &clock).bearer().await;
        let error = error.expect_err("it is refused");
        assert!(error.denies_access() && error.to_string().contains(told), "{error}");
        assert!(error.hint().is_some_and(|hint| hint.contains(remedy)), "{error}: {:?}", error.hint());
    }
}
