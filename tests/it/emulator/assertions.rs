//! Assertions in place of a secret: certificates and federated credentials, registered by the control face.

use serde_json::{Value, json};

use crate::emulator::{
    Lab, Seen,
    signing::{
        APPLICATION_CERTIFICATE, APPLICATION_KEY, EXPIRED_CERTIFICATE, ISSUER_KEY, ISSUER_PUBLIC, jwks, parts, signed,
        thumbprints,
    },
};

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const ISSUER: &str = "https://token.issuer.example";
const SUBJECT: &str = "repo:contoso/drills:ref:refs/heads/main";

impl Lab {
    pub(super) async fn control(&self, method: &str, path: &str, body: Option<&Value>) -> Seen {
        let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
        let mut request = self.client.request(method, format!("{}/{path}", self.details.control));
        if let Some(body) = body {
            request = request.body(body.to_string());
        }
        Seen::of(request.send().await.expect("an answer")).await
    }

    async fn present(&self, assertion: &str) -> Seen {
        let scope = "https://api.securitycenter.microsoft.com/.default";
        let fields = [
            ("client_assertion", Some(assertion)),
            ("client_assertion_type", Some(JWT_BEARER)),
            ("client_secret", None),
            ("resource", None),
            ("scope", Some(scope)),
        ];
        self.ask_token(&self.details.token_url, &fields).await
    }

    async fn register(&self, pem: &str) {
        let seen = self.control("POST", "certificates", Some(&json!({"pem": pem}))).await;
        assert_eq!(seen.status, 201, "{}", seen.text);
        let (x5t, sha256) = thumbprints(pem);
        assert_eq!((&seen.json()["x5t"], &seen.json()["x5t#S256"]), (&json!(x5t), &json!(sha256)));
    }

    async fn trust(&self, keys: (&str, Value)) -> Value {
        let mut body = json!({"issuer": ISSUER, "subject": SUBJECT});
        body[keys.0] = keys.1;
        let seen = self.control("POST", "federation", Some(&body)).await;
        assert_eq!(seen.status, 201, "{}", seen.text);
        seen.json()
    }

    /// The claims of an assertion of the application's own.
    fn own(&self) -> Value {
        let (id, now) = (&self.details.client_id, self.clock.now().as_second());
        let audience = format!("https://login.microsoftonline.com/{}/oauth2/v2.0/token", self.details.tenant_id);
        json!({"aud": audience, "iss": id, "sub": id, "jti": "1", "nbf": now, "iat": now, "exp": now + 600})
    }

    /// The claims of an assertion of the external issuer's.
    fn external(&self) -> Value {
        let now = self.clock.now().as_second();
        json!({"aud": "api://AzureADTokenExchange", "iss": ISSUER, "sub": SUBJECT, "iat": now, "exp": now + 300})
    }
}

fn certified(alg: &str, pem: &str) -> Value {
    let (x5t, sha256) = thumbprints(pem);
    if alg == "PS256" { json!({"alg": alg, "typ": "JWT", "x5t#S256": sha256}) } else { json!({"alg": alg, "x5t": x5t}) }
}

fn with(claims: &Value, name: &str, value: Value) -> Value {
    let mut claims = claims.clone();
    claims[name] = value;
    claims
}

fn refused(seen: &Seen) -> (u16, Value, Value) {
    (seen.status, seen.json()["error"].clone(), seen.json()["error_codes"][0].clone())
}

#[tokio::test]
async fn an_assertion_signed_either_way_with_a_registered_certificate_gets_a_token() {
    let lab = Lab::new().await;
    lab.register(APPLICATION_CERTIFICATE).await;
    for alg in ["PS256", "RS256"] {
        let assertion = signed(APPLICATION_KEY, &certified(alg, APPLICATION_CERTIFICATE), &lab.own());
        let seen = lab.present(&assertion).await;
        assert_eq!(seen.status, 200, "{alg}: {}", seen.text);
        let (_, claims) = parts(seen.json()["access_token"].as_str().expect("a token"));
        assert_eq!(claims["appidacr"], json!("2"));
    }
    let here = [
        lab.details.token_url.clone(),
        lab.details.authorization_url.clone(),
        format!("https://login.microsoftonline.us/{}/v2.0", lab.details.tenant_id),
        format!("https://sts.windows.net/{}/", lab.details.tenant_id),
    ];
    for audience in here.iter().map(|audience| json!(audience)).chain([json!([here[0], "another"])]) {
        let claims = with(&lab.own(), "aud", audience.clone());
        let seen = lab.present(&signed(APPLICATION_KEY, &certified("PS256", APPLICATION_CERTIFICATE), &claims)).await;
        assert_eq!(seen.status, 200, "{audience}: {}", seen.text);
    }
}

#[tokio::test]
async fn every_fault_of_an_own_assertion_has_its_own_code() {
    let lab = Lab::new().await;
    lab.register(APPLICATION_CERTIFICATE).await;
    lab.register(EXPIRED_CERTIFICATE).await;
    let (own, now) = (lab.own(), lab.clock.now().as_second());
    let good = certified("PS256", APPLICATION_CERTIFICATE);
    let sign = |header: &Value, claims: &Value| signed(APPLICATION_KEY, header, claims);
    let stranger = json!({"alg": "PS256", "x5t#S256": "AAAA"});
    let elsewhere = format!("https://evil.example/{}/oauth2/v2.0/token", lab.details.tenant_id);
    let cases = [
        ("another key", signed(ISSUER_KEY, &good, &own), 401, 700_027, "did not match the expected"),
        (
            "unknown thumbprint",
            sign(&stranger, &own),
            401,
            700_027,
            "The key was not found., Thumbprint of key used by",
        ),
        ("no thumbprint", sign(&json!({"alg": "RS256"}), &own), 401, 700_027, "The key was not found., Please visit"),
        ("expired key", sign(&certified("RS256", EXPIRED_CERTIFICATE), &own), 401, 700_027, "The key used is expired."),
        ("over", sign(&good, &with(&own, "exp", json!(now - 301))), 401, 700_024, "Current time: 2026-11-24T12:00:00."),
        ("not yet", sign(&good, &with(&own, "nbf", json!(now + 301))), 401, 700_024, "is not within its valid time"),
        ("never", sign(&good, &with(&own, "nbf", json!(i64::MAX))), 401, 700_024, "is not within its valid time"),
        ("audience", sign(&good, &with(&own, "aud", json!("https://x.example/"))), 401, 700_023, "Realm issuer"),
        ("tenant", sign(&good, &with(&own, "aud", json!("https://login.windows.net/x/v2.0"))), 401, 700_023, "Realm"),
        ("host", sign(&good, &with(&own, "aud", json!(elsewhere))), 401, 700_023, "Realm issuer"),
        ("subject", sign(&good, &with(&own, "sub", json!("someone"))), 401, 50_048, "Subject mismatches Issuer"),
        ("issuer", sign(&good, &with(&own, "iss", json!("someone"))), 401, 700_021, "doesn't match 'client_id'"),
        ("no federation", sign(&good, &with(&own, "iss", json!(ISSUER))), 401, 70_025, "has no configured federated"),
        ("algorithm", sign(&json!({"alg": "none"}), &own), 400, 5_002_738, "'none' is not a supported"),
        ("no end", sign(&good, &with(&own, "exp", json!("soon"))), 400, 50_027, "invalid or malformed"),
        ("no token", "hello".to_owned(), 400, 50_027, "invalid or malformed"),
    ];
    for (what, assertion, status, code, words) in cases {
        let seen = lab.present(&assertion).await;
        let error = if status == 401 { "invalid_client" } else { "invalid_request" };
        assert_eq!(refused(&seen), (status, json!(error), json!(code)), "{what}");
        assert!(seen.text.contains(words), "{what}: {}", seen.text);
        assert!(!seen.text.contains(&assertion) || assertion.len() < 10, "{what} repeats the assertion");
    }
    let within = sign(&good, &with(&with(&own, "nbf", json!(now + 299)), "exp", json!(now - 299)));
    assert_eq!(lab.present(&within).await.status, 200, "clocks may differ by five minutes");
}

#[tokio::test]
async fn a_removed_certificate_is_unknown_and_what_is_none_is_not_registered() {
    let lab = Lab::new().await;
    lab.register(APPLICATION_CERTIFICATE).await;
    let state = lab.control("GET", "state", None).await.json();
    let thumbprint = state["application"]["certificates"][0]["thumbprint"].as_str().expect("a text").to_owned();
    let path = format!("certificates/{}", thumbprint.to_lowercase());
    assert_eq!(lab.control("DELETE", &path, None).await.status, 204);
    assert_eq!(lab.control("DELETE", &path, None).await.status, 404);
    let assertion = signed(APPLICATION_KEY, &certified("PS256", APPLICATION_CERTIFICATE), &lab.own());
    assert_eq!(refused(&lab.present(&assertion).await).2, json!(700_027));
    for body in [json!({"pem": "hello"}), json!({"pem": ISSUER_PUBLIC}), json!({}), json!({"pem": 7})] {
        assert_eq!(lab.control("POST", "certificates", Some(&body)).await.status, 400, "{body}");
    }
}

#[tokio::test]
async fn an_assertion_can_be_made_to_count_only_once() {
    let lab = Lab::new().await;
    lab.register(APPLICATION_CERTIFICATE).await;
    let sign = |claims: &Value| signed(APPLICATION_KEY, &certified("PS256", APPLICATION_CERTIFICATE), claims);
    let (first, second) = (sign(&lab.own()), sign(&with(&lab.own(), "jti", json!("2"))));
    assert_eq!((lab.present(&first).await.status, lab.present(&first).await.status), (200, 200));
    lab.set(&json!({"repeatedAssertions": false}));
    assert_eq!(refused(&lab.present(&first).await).2, json!(50_027));
    assert_eq!((lab.present(&second).await.status, lab.present(&second).await.status), (200, 400));
    assert_eq!(lab.present(&sign(&with(&lab.own(), "jti", json!("")))).await.status, 400);
}

#[tokio::test]
async fn an_external_issuer_s_assertion_gets_a_token_by_key_set_and_by_pem() {
    for keys in [("jwks", jwks(ISSUER_KEY, "k1")), ("pem", json!(ISSUER_PUBLIC))] {
        let lab = Lab::new().await;
        let made = lab.trust(keys).await;
        assert_eq!(made["audience"], json!("api://AzureADTokenExchange"));
        let assertion = signed(ISSUER_KEY, &json!({"alg": "RS256", "kid": "k1"}), &lab.external());
        let seen = lab.present(&assertion).await;
        assert_eq!(seen.status, 200, "{}", seen.text);
        let path = format!("federation/{}", made["id"]);
        assert_eq!(lab.control("DELETE", &path, None).await.status, 204);
        assert_eq!(lab.control("DELETE", &path, None).await.status, 404);
        assert_eq!(refused(&lab.present(&assertion).await), (401, json!("invalid_client"), json!(70_025)));
    }
}

#[tokio::test]
async fn what_does_not_match_a_federated_credential_is_told_by_code_and_before_2024_was_not() {
    let lab = Lab::new().await;
    lab.trust(("jwks", jwks(ISSUER_KEY, "k1"))).await;
    let (external, now) = (lab.external(), lab.clock.now().as_second());
    let sign = |claims: &Value| signed(ISSUER_KEY, &json!({"alg": "RS256", "kid": "k1"}), claims);
    let unmatched = [
        (with(&external, "iss", json!(format!("{ISSUER}/"))), 700_211, format!("assertion issuer '{ISSUER}/'.")),
        (with(&external, "aud", json!("https://x.example")), 700_212, "assertion audience 'https://x.example'.".into()),
        (with(&external, "sub", json!("Repo:other")), 700_213, "assertion subject 'Repo:other'.".to_owned()),
    ];
    for (claims, code, words) in &unmatched {
        let seen = lab.present(&sign(claims)).await;
        assert_eq!(refused(&seen), (401, json!("invalid_client"), json!(code)));
        assert!(seen.text.contains(words), "{}", seen.text);
    }
    let unsigned = signed(APPLICATION_KEY, &json!({"alg": "RS256", "kid": "k1"}), &external);
    assert_eq!(refused(&lab.present(&unsigned).await).2, json!(50_013));
    let other_key = signed(ISSUER_KEY, &json!({"alg": "RS256", "kid": "k2"}), &external);
    assert_eq!(refused(&lab.present(&other_key).await).2, json!(50_013));
    assert_eq!(refused(&lab.present(&sign(&with(&external, "exp", json!(now - 900)))).await).2, json!(700_024));
    lab.set(&json!({"oneFederatedError": true}));
    for (claims, _, _) in &unmatched {
        let seen = lab.present(&sign(claims)).await;
        assert_eq!(refused(&seen), (401, json!("invalid_client"), json!(70_021)));
        assert!(seen.text.contains("Assertion Issuer: '"), "{}", seen.text);
    }
}

#[tokio::test]
async fn a_federated_credential_without_a_usable_key_is_refused() {
    let lab = Lab::new().await;
    let body = |name: &str, value: Value| with(&json!({"issuer": ISSUER, "subject": SUBJECT}), name, value);
    for body in [
        body("jwks", json!({"keys": []})),
        body("jwks", json!({"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}, 7, null]})),
        body("jwks", json!("keys")),
        body("pem", json!("hello")),
        body("subject", json!(SUBJECT)),
        with(&body("pem", json!(ISSUER_PUBLIC)), "jwks", json!({})),
        json!({"issuer": ISSUER, "pem": ISSUER_PUBLIC}),
    ] {
        assert_eq!(lab.control("POST", "federation", Some(&body)).await.status, 400, "{body}");
    }
    for _ in 0..20 {
        lab.trust(("pem", json!(ISSUER_PUBLIC))).await;
    }
    let seen = lab.control("POST", "federation", Some(&body("pem", json!(ISSUER_PUBLIC)))).await;
    assert_eq!(seen.status, 400, "twenty are as many as there can be");
}

#[tokio::test]
async fn claims_of_any_type_and_length_are_refused_and_no_defect() {
    let lab = Lab::new().await;
    lab.register(APPLICATION_CERTIFICATE).await;
    lab.trust(("pem", json!(ISSUER_PUBLIC))).await;
    let long = "x".repeat(100_000);
    let odd =
        [json!(null), json!(7), json!(-1e300), json!([]), json!([[[]], 7]), json!({"a": {}}), json!(""), json!(long)];
    for name in ["iss", "sub", "aud", "exp"] {
        for value in &odd {
            let claims = with(&lab.own(), name, value.clone());
            let header = certified("PS256", APPLICATION_CERTIFICATE);
            let seen = lab.present(&signed(APPLICATION_KEY, &header, &claims)).await;
            assert!([400, 401].contains(&seen.status), "{name} {value}: {}", seen.text);
        }
    }
    for name in ["alg", "x5t#S256", "x5t", "kid"] {
        for value in &odd {
            let header = with(&json!({"alg": "PS256"}), name, value.clone());
            let seen = lab.present(&signed(APPLICATION_KEY, &header, &lab.own())).await;
            assert!([400, 401].contains(&seen.status), "{name} {value}: {}", seen.text);
        }
    }
}
