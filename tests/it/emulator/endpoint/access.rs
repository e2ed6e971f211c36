//! Who may ask the Defender for Endpoint API, and how often.

use serde_json::json;

use crate::emulator::{
    Seen,
    endpoint::{Api, RESOURCE, refusal, token_for},
};

#[tokio::test]
async fn no_token_is_401_and_a_token_for_another_service_403() {
    let api = Api::new().await;
    let (status, code, message) = refusal(&api.ask_with("", "GET", "/indicators", None).await);
    assert_eq!((status, code.as_str()), (401, "Unauthorized"));
    assert!(message.starts_with("Unauthorized request - reason of failure: "), "{message}");
    let graph = token_for(&api.lab, "https://graph.microsoft.com").await;
    let (status, code, _) = refusal(&api.ask_with(&graph, "GET", "/indicators", None).await);
    assert_eq!((status, code.as_str()), (403, "Forbidden"));
    api.lab.set(&json!({"endpointAudiences": "former"}));
    let today = token_for(&api.lab, "https://api.security.microsoft.com").await;
    assert_eq!(api.ask_with(&today, "GET", "/indicators", None).await.status, 403);
    assert_eq!(api.get("/indicators").await.status, 200);
    api.lab.set(&json!({"endpointAudiences": "defender"}));
    assert_eq!(api.ask_with(&today, "GET", "/indicators", None).await.status, 200);
}

#[tokio::test]
async fn an_expired_token_is_401() {
    let api = Api::new().await;
    api.lab.set(&json!({"tokenLifetimeSeconds": 60}));
    let short = token_for(&api.lab, RESOURCE).await;
    assert_eq!(api.ask_with(&short, "GET", "/indicators", None).await.status, 200);
    api.lab.advance(60);
    assert_eq!(api.ask_with(&short, "GET", "/indicators", None).await.status, 401);
}

#[tokio::test]
async fn an_unknown_route_is_404_and_a_wrong_verb_405_both_without_a_body() {
    let api = Api::new().await;
    for path in ["/machine", "/indicators/1/2", "/nothing", ""] {
        let seen = api.get(path).await;
        assert_eq!((seen.status, seen.text.as_str()), (404, ""), "{path}");
    }
    for (method, path, allow) in
        [("GET", "/indicators/import", "POST"), ("PUT", "/indicators", "GET, POST"), ("GET", "/indicators/1", "DELETE")]
    {
        let seen = api.ask(method, path, None).await;
        assert_eq!((seen.status, seen.text.as_str(), seen.header("allow")), (405, "", allow), "{method} {path}");
    }
}

#[tokio::test]
async fn paths_are_read_in_any_letter_case_with_and_without_version_and_under_every_host() {
    let api = Api::new().await;
    let base = api.lab.mocks.base();
    for path in ["/endpoint/api/indicators", "/endpoint/API/V1.0/Indicators", "/endpoint//api/v1.0//indicators/"] {
        let request = api.lab.client.get(format!("{base}{path}")).bearer_auth(&api.token);
        let seen = Seen::of(request.send().await.expect("an answer")).await;
        let context = format!("{base}/endpoint/api/$metadata#Indicators");
        assert_eq!((seen.status, seen.json()), (200, json!({"@odata.context": context, "value": []})), "{path}");
    }
    for host in [
        "api.securitycenter.microsoft.com",
        "api.security.microsoft.com",
        "api.securitycenter.windows.com",
        "eu.api.security.microsoft.com",
        "api-us.securitycenter.microsoft.com",
        "api-gcc.securitycenter.microsoft.us",
        "API-GOV.securitycenter.microsoft.us",
    ] {
        let request = api.lab.client.get(format!("{base}/api/v1.0/indicators")).bearer_auth(&api.token);
        let seen = Seen::of(request.header("host", host).send().await.expect("an answer")).await;
        let context = format!("https://{}/api/$metadata#Indicators", host.to_ascii_lowercase());
        assert_eq!(seen.json()["@odata.context"], json!(context), "{host}");
    }
}

#[tokio::test]
async fn an_answer_has_the_recorded_headers_and_an_error_has_not() {
    let api = Api::new().await;
    let seen = api.get("/indicators").await;
    assert_eq!(
        seen.header("content-type"),
        "application/json; odata.metadata=minimal; odata.streaming=true; charset=utf-8"
    );
    assert_eq!((seen.header("odata-version"), seen.header("vary")), ("4.0", "Accept-Encoding"));
    assert_eq!(seen.header("mise-correlation-id").len(), 36);
    let seen = api.post("/indicators", &json!({})).await;
    assert_eq!(seen.header("content-type"), "application/json; charset=utf-8");
    assert_eq!(seen.header("odata-version"), "");
    assert_eq!(seen.header("strict-transport-security"), "max-age=31536000; includeSubDomains");
}

#[tokio::test]
async fn one_call_too_many_is_429_in_the_recorded_words_until_the_minute_is_over() {
    let api = Api::new().await;
    api.lab.set(&json!({"endpointQuotas": true}));
    for _ in 0..100 {
        assert_eq!(api.get("/indicators?$top=1").await.status, 200);
    }
    api.lab.advance(20);
    let seen = api.get("/indicators").await;
    let (status, code, message) = refusal(&seen);
    assert_eq!((status, code.as_str()), (429, "TooManyRequests"));
    assert_eq!(message, "API calls quota exceeded! maximum allowed 100 per 00:01:00");
    assert_eq!(seen.header("retry-after"), "40");
    assert_eq!(api.post("/indicators/import", &json!({})).await.status, 400, "another family has its own");
    api.lab.advance(39);
    assert_eq!(api.get("/indicators").await.status, 429);
    api.lab.advance(1);
    assert_eq!(api.get("/indicators").await.status, 200);
}

#[tokio::test]
async fn the_hour_has_a_limit_of_its_own_and_retry_after_is_as_its_knob_says() {
    let api = Api::new().await;
    api.lab.set(&json!({"endpointQuotas": {"indicators": [10, 3]}, "endpointRetryAfter": "fractional"}));
    for _ in 0..3 {
        assert_eq!(api.get("/indicators").await.status, 200);
    }
    let seen = api.get("/indicators").await;
    assert_eq!(refusal(&seen).2, "API calls quota exceeded! maximum allowed 3 per 01:00:00");
    assert_eq!(seen.header("retry-after"), "3600.000");
    api.lab.set(&json!({"endpointRetryAfter": "absent"}));
    assert_eq!(api.get("/indicators").await.header("retry-after"), "");
    api.lab.advance(3600);
    assert_eq!(api.get("/indicators").await.status, 200);
}
