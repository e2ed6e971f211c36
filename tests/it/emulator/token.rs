//! The token endpoints: bodies of success, and the whole table of what goes wrong.

use alertdrill::emulator::tenant::Tenant;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::emulator::{Lab, Seen, names};

#[tokio::test]
async fn version_1_answers_with_seven_texts_in_the_documented_order() {
    let lab = Lab::new().await;
    let seen = lab.ask_token(&lab.details.authorization_url, &[]).await;
    let body = seen.json();
    assert_eq!(seen.status, 200);
    assert_eq!(
        names(&body),
        ["token_type", "expires_in", "ext_expires_in", "expires_on", "not_before", "resource", "access_token"]
    );
    assert!(body.as_object().expect("an object").values().all(Value::is_string));
    assert_eq!(
        (&body["token_type"], &body["expires_in"], &body["ext_expires_in"]),
        (&json!("Bearer"), &json!("3599"), &json!("0"))
    );
    let number = |name: &str| body[name].as_str().and_then(|text| text.parse::<i64>().ok()).expect("a number");
    assert_eq!(number("expires_on") - number("not_before"), 3900);
    assert_eq!(body["resource"], json!("https://graph.windows.net"));
    assert_eq!(body["access_token"].as_str().map(|token| token.split('.').count()), Some(3));
}

#[tokio::test]
async fn version_2_answers_with_numbers_and_wants_a_scope() {
    let lab = Lab::new().await;
    let scope = [("resource", None), ("scope", Some("https://graph.windows.net/.default"))];
    let seen = lab.ask_token(&lab.details.token_url, &scope).await;
    let body = seen.json();
    assert_eq!(names(&body), ["token_type", "expires_in", "ext_expires_in", "access_token"]);
    assert_eq!(body["expires_in"], json!(3599));
    let missing = lab.ask_token(&lab.details.token_url, &[("resource", None)]).await;
    assert_eq!(missing.json()["error_codes"], json!([900_144]));
    let wrong = lab.ask_token(&lab.details.token_url, &[("scope", Some("https://graph.windows.net"))]).await;
    assert_eq!((wrong.status, &wrong.json()["error"]), (400, &json!("invalid_scope")));
}

#[tokio::test]
async fn both_graphs_with_and_without_a_slash_and_no_resource_at_all_give_a_token_that_the_api_takes() {
    let mut lab = Lab::new().await;
    for resource in [
        Some("https://graph.windows.net"),
        Some("https://graph.windows.net/"),
        Some("https://graph.microsoft.com"),
        Some("https://graph.microsoft.com/"),
        None,
    ] {
        let seen = lab.ask_token(&lab.details.authorization_url, &[("resource", resource)]).await;
        assert_eq!(seen.status, 200, "{resource:?}");
        lab.token = seen.json()["access_token"].as_str().expect("a token").to_owned();
        assert_eq!(lab.api("GET", "AlertDefinitions", None).await.status, 200, "{resource:?}");
    }
}

#[tokio::test]
async fn a_token_for_another_service_is_none_for_this_one() {
    let mut lab = Lab::new().await;
    let other = [("resource", Some("https://api.securitycenter.microsoft.com"))];
    let seen = lab.ask_token(&lab.details.authorization_url, &other).await;
    assert_eq!(seen.status, 200);
    lab.token = seen.json()["access_token"].as_str().expect("a token").to_owned();
    assert_eq!(lab.api("GET", "AlertDefinitions", None).await.status, 401);
}

#[tokio::test]
async fn a_token_is_taken_for_an_hour_and_not_a_second_longer() {
    let mut lab = Lab::new().await;
    lab.token = lab.fetch_token().await;
    lab.advance(3599);
    assert_eq!(lab.api("GET", "AlertDefinitions", None).await.status, 200);
    lab.advance(1);
    assert_eq!(lab.api("GET", "AlertDefinitions", None).await.status, 401);
}

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What is wrong, where it is sent, which fields are other than they should be; status, error and code.
type Mistake<'a> = (&'a str, String, &'a [(&'a str, Option<&'a str>)], u16, &'a str, u32);

#[tokio::test]
async fn every_mistake_has_its_own_error() {
    let lab = Lab::new().await;
    let v1 = lab.details.authorization_url.clone();
    let tenant = |name: &str| v1.replace(&lab.details.tenant_id, name);
    let stranger = "11111111-2222-3333-4444-555555555555";
    let cases: [Mistake<'_>; 10] = [
        ("wrong secret", v1.clone(), &[("client_secret", Some("wrong"))], 401, "invalid_client", 7_000_215),
        ("no secret", v1.clone(), &[("client_secret", None)], 401, "invalid_client", 7_000_218),
        (
            "no assertion",
            v1.clone(),
            &[("client_assertion_type", Some(JWT_BEARER)), ("client_assertion", Some("a.b.c"))],
            400,
            "invalid_request",
            50_027,
        ),
        ("unknown client", v1.clone(), &[("client_id", Some(stranger))], 400, "unauthorized_client", 700_016),
        ("unknown tenant", tenant(stranger), &[], 400, "invalid_tenant", 90_002),
        ("malformed tenant", tenant("what"), &[], 400, "invalid_request", 900_023),
        ("unknown resource", v1.clone(), &[("resource", Some("https://x.example"))], 400, "invalid_resource", 500_011),
        ("no grant", v1.clone(), &[("grant_type", None)], 400, "invalid_request", 900_144),
        ("no client", v1.clone(), &[("client_id", None)], 400, "invalid_request", 900_144),
        ("wrong grant", v1.clone(), &[("grant_type", Some("magic"))], 400, "unsupported_grant_type", 70_003),
    ];
    for (what, url, fields, status, error, code) in cases {
        let seen = lab.ask_token(&url, fields).await;
        let body = seen.json();
        assert_eq!((seen.status, &body["error"]), (status, &json!(error)), "{what}");
        assert_eq!(body["error_codes"], json!([code]), "{what}");
        assert_eq!(
            names(&body),
            ["error", "error_description", "error_codes", "timestamp", "trace_id", "correlation_id", "error_uri"]
        );
        let description = body["error_description"].as_str().expect("a text");
        assert!(description.starts_with(&format!("AADSTS{code}: ")), "{description}");
        assert!(description.ends_with("Timestamp: 2026-11-24 12:00:00Z"), "{description}");
        assert_eq!(body["error_uri"], json!(format!("https://login.microsoftonline.com/error?code={code}")));
        assert!(!seen.text.contains(&lab.details.client_secret), "{what}");
    }
}

#[tokio::test]
async fn a_secret_can_expire_and_be_replaced() {
    let lab = Lab::new().await;
    lab.mocks.emulator().with(Tenant::expire_secret);
    let seen = lab.ask_token(&lab.details.authorization_url, &[]).await;
    assert_eq!((seen.status, &seen.json()["error_codes"]), (401, &json!([7_000_222])));
    let secret = lab.mocks.emulator().with(|tenant, _| tenant.rotate_secret()).expect("shown once");
    assert_eq!(lab.mocks.emulator().with(|tenant, _| tenant.reveal_secret()), None);
    let seen = lab.ask_token(&lab.details.authorization_url, &[("client_secret", Some(&secret))]).await;
    assert_eq!(seen.status, 200);
    let seen = lab.ask_token(&lab.details.authorization_url, &[]).await;
    assert_eq!(seen.json()["error_codes"], json!([7_000_215]));
}

#[tokio::test]
async fn odd_but_right_requests_get_a_token() {
    let lab = Lab::new().await;
    let (id, secret) = (&lab.details.client_id, &lab.details.client_secret);
    let form = |pairs: &[(&str, &str)]| {
        let mut text = url::form_urlencoded::Serializer::new(String::new());
        text.extend_pairs(pairs).finish()
    };
    let whole = form(&[
        ("grant_type", " client_credentials "),
        ("client_id", &format!(" {id} ")),
        ("client_secret", secret),
        ("resource", "https://graph.windows.net"),
    ]);
    let url = lab.details.authorization_url.clone();
    let doubled = url.replace("/oauth2/token", "//oauth2//token/");
    let upper = url.replace("oauth2/token", "OAuth2/Token");
    for (url, media_type) in [
        (&url, "application/x-www-form-urlencoded; charset=utf-8"),
        (&url, "APPLICATION/X-WWW-FORM-URLENCODED;"),
        (&doubled, "application/x-www-form-urlencoded"),
        (&upper, "application/x-www-form-urlencoded"),
    ] {
        let request = lab.client.post(url).header("content-type", media_type).body(whole.clone());
        let seen = Seen::of(request.send().await.expect("an answer")).await;
        assert_eq!(seen.status, 200, "{url} {media_type}: {}", seen.text);
    }
    let login = STANDARD.encode(format!("{id}:{}", secret.replace('/', "%2F").replace('+', "%2B")));
    for login in [login, STANDARD.encode(format!("{id}:{secret}"))] {
        let request = lab.client.post(&url).header("Authorization", format!("basic {login}"));
        let request = request.body(form(&[("grant_type", "client_credentials")]));
        let seen = Seen::of(request.send().await.expect("an answer")).await;
        assert_eq!(seen.status, 200, "{}", seen.text);
    }
}

#[tokio::test]
async fn only_post_is_taken() {
    let lab = Lab::new().await;
    let seen = Seen::of(lab.client.get(&lab.details.authorization_url).send().await.expect("an answer")).await;
    assert_eq!((seen.status, &seen.json()["error_codes"]), (400, &json!([900_561])));
}

#[tokio::test]
async fn what_libraries_send_besides_does_not_matter() {
    let lab = Lab::new().await;
    let telemetry = [
        ("client_info", Some("1")),
        ("x-client-SKU", Some("msal.js.node")),
        ("x-client-VER", Some("1.13.0")),
        ("x-client-OS", Some("win32")),
        ("x-client-CPU", Some("x64")),
        ("x-ms-lib-capability", Some("retry-after, h429")),
        ("x-client-current-telemetry", Some("5|771,2,,,|,")),
        ("x-client-last-telemetry", Some("5|0|||0,0")),
        ("client-request-id", Some("99ceacff-9030-4dbc-8c9c-13f589e3e8a7")),
        ("claims", Some(r#"{"access_token":{"xms_cc":{"values":["cp1"]}}}"#)),
        ("client_id", Some(&*lab.details.client_id.to_uppercase())),
        ("scope", Some("openid profile offline_access https://graph.windows.net/.default")),
        ("resource", None),
    ];
    let url = format!("{}/?api-version=1.0&slice=testslice", lab.details.token_url);
    let seen = lab.ask_token(&url, &telemetry).await;
    assert_eq!(seen.status, 200, "{}", seen.text);
    assert_eq!(names(&seen.json()), ["token_type", "expires_in", "ext_expires_in", "access_token"]);
    assert_eq!(seen.header("x-ms-request-id").len(), 36);
    let wrong = [telemetry.as_slice(), &[("client_secret", Some("wrong"))]].concat();
    let refused = lab.ask_token(&url, &wrong).await.json();
    assert_eq!(refused["correlation_id"], json!("99ceacff-9030-4dbc-8c9c-13f589e3e8a7"));
}
