//! Why no token is issued, beyond what `token` tells: tenants, scopes, services, policies; and the shape of refusals.

use reqwest::Method;
use serde_json::{Value, json};

use crate::emulator::{Lab, Seen, names, signing::parts};

const DEFENDER: &str = "https://api.securitycenter.microsoft.com";

impl Lab {
    /// Asks version 2 for this scope.
    async fn ask_scope(&self, scope: &str) -> Seen {
        self.ask_token(&self.details.token_url, &[("resource", None), ("scope", Some(scope))]).await
    }

    /// Asks version 1 for this resource.
    async fn ask_resource(&self, resource: &str) -> Seen {
        self.ask_token(&self.details.authorization_url, &[("resource", Some(resource))]).await
    }

    async fn roles(&self) -> Value {
        let seen = self.ask_resource(DEFENDER).await;
        parts(seen.json()["access_token"].as_str().expect("a token")).1["roles"].clone()
    }

    fn form(&self, other: &[(&str, &str)]) -> String {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials").append_pair("client_id", &self.details.client_id);
        form.append_pair("client_secret", &self.details.client_secret).extend_pairs(other).finish()
    }
}

fn refused(seen: &Seen) -> (u16, Value, Value) {
    (seen.status, seen.json()["error"].clone(), seen.json()["error_codes"][0].clone())
}

fn refusal(status: u16, error: &str, code: u32) -> (u16, Value, Value) {
    (status, json!(error), json!(code))
}

#[tokio::test]
async fn scopes_are_taken_as_libraries_send_them() {
    let lab = Lab::new().await;
    for scope in [
        "https://api.securitycenter.microsoft.com/.default",
        "https://api.securitycenter.microsoft.com//.default",
        "https://securitycenter.onmicrosoft.com/windowsatpservice/.default",
        "https://security.microsoft.com/mtp/.default",
        "https://api-gcc.securitycenter.microsoft.us/.default",
        "fc780465-2017-40d4-a0c5-307022471b92/.default",
        "api://fc780465-2017-40d4-a0c5-307022471b92/.default",
        "00000003-0000-0000-c000-000000000000/.default",
        "openid profile offline_access https://graph.microsoft.com/.default",
        "https://graph.microsoft.us/.default offline_access",
        " https://graph.microsoft.com/.DEFAULT ",
    ] {
        let seen = lab.ask_scope(scope).await;
        assert_eq!(seen.status, 200, "{scope}: {}", seen.text);
        let (_, claims) = parts(seen.json()["access_token"].as_str().expect("a token"));
        assert!(claims["roles"].is_array(), "{scope}");
        assert!(scope.contains(claims["aud"].as_str().expect("a text")), "{scope}");
    }
    let both = [("resource", Some(DEFENDER)), ("scope", Some("fc780465-2017-40d4-a0c5-307022471b92/.default"))];
    assert_eq!(lab.ask_token(&lab.details.token_url, &both).await.status, 200, "a resource may say the same");
    let both = [("resource", Some(DEFENDER)), ("scope", Some("https://graph.microsoft.com/.default"))];
    let seen = lab.ask_token(&lab.details.token_url, &both).await;
    assert_eq!(refused(&seen), refusal(400, "invalid_target", 9_010_010));
}

#[tokio::test]
async fn scopes_that_name_no_one_service_are_refused() {
    let lab = Lab::new().await;
    let wrong = ["https://graph.microsoft.com", "User.Read", "openid", "/.default", ".default", "x/.default y", "ä/.d"];
    for scope in wrong {
        assert_eq!(refused(&lab.ask_scope(scope).await), refusal(400, "invalid_scope", 1_002_012), "{scope}");
    }
    for code in [70_011, 28_002] {
        lab.set(&json!({"scopeErrorCode": code}));
        let seen = lab.ask_scope("User.Read").await;
        assert_eq!(refused(&seen), refusal(400, "invalid_scope", code));
        assert!(seen.text.contains("User.Read"));
    }
    let two = "https://graph.microsoft.com/.default https://api.securitycenter.microsoft.com/.default";
    assert_eq!(refused(&lab.ask_scope(two).await), refusal(400, "invalid_scope", 28_000));
    assert_eq!(refused(&lab.ask_scope(" ").await), refusal(400, "invalid_request", 900_144));
    assert_eq!(refused(&lab.ask_scope("https://x.example/.default").await), refusal(400, "invalid_resource", 500_011));
}

#[tokio::test]
async fn a_missing_field_is_named_and_so_is_one_that_is_there_twice() {
    let lab = Lab::new().await;
    let cases = [("grant_type", "grant_type"), ("client_id", "client_id"), ("scope", "scope")];
    for (field, named) in cases {
        let scope = ("scope", Some("https://graph.microsoft.com/.default"));
        let seen = lab.ask_token(&lab.details.token_url, &[("resource", None), scope, (field, None)]).await;
        assert_eq!(refused(&seen), refusal(400, "invalid_request", 900_144), "{field}");
        assert!(seen.text.contains(&format!("parameter: '{named}'.")), "{}", seen.text);
    }
    let assertion = lab.ask_token(&lab.details.token_url, &[("client_assertion", Some("a.b.c"))]).await;
    assert!(assertion.text.contains("parameter: 'client_assertion_type'."), "{}", assertion.text);
    let body = lab.form(&[("client_id", "x")]);
    let seen = Seen::of(lab.client.post(&lab.details.token_url).body(body).send().await.expect("an answer")).await;
    assert_eq!(refused(&seen), refusal(400, "invalid_request", 9_000_411));
    let json = json!({"grant_type": "client_credentials"}).to_string();
    for body in [json.into_bytes(), b"\xff\xfe%zz=%&&&==".to_vec(), Vec::new()] {
        let request = lab.client.post(&lab.details.token_url).body(body);
        let seen = Seen::of(request.send().await.expect("an answer")).await;
        assert_eq!(refused(&seen), refusal(400, "invalid_request", 900_144));
    }
}

#[tokio::test]
async fn a_get_with_a_body_is_served_and_one_without_is_not() {
    let lab = Lab::new().await;
    let body = lab.form(&[("scope", "https://graph.microsoft.com/.default")]);
    let get = |body: String| lab.client.request(Method::GET, &lab.details.token_url).body(body);
    assert_eq!(Seen::of(get(body).send().await.expect("an answer")).await.status, 200);
    let options = lab.client.request(Method::OPTIONS, &lab.details.token_url);
    let options = Seen::of(options.send().await.expect("an answer")).await;
    assert_eq!((options.status, options.header("allow")), (200, "POST, OPTIONS"));
    assert_eq!(refused(&Seen::of(get(String::new()).send().await.expect("an answer")).await).2, json!(900_561));
}

#[tokio::test]
async fn a_tenant_that_stands_for_any_gives_no_token_to_an_application_alone() {
    let lab = Lab::new().await;
    for (name, code) in [("common", 9_001_023), ("Consumers", 9_001_023), ("organizations", 50_194)] {
        let url = lab.details.token_url.replace(&lab.details.tenant_id, name);
        assert_eq!(refused(&lab.ask_token(&url, &[]).await), refusal(400, "invalid_request", code), "{name}");
        lab.set(&json!({"sharedTenantErrorCode": 90_130}));
        assert_eq!(refused(&lab.ask_token(&url, &[]).await).2, json!(90_130), "{name}");
        lab.set(&json!({"sharedTenantErrorCode": null}));
    }
}

#[tokio::test]
async fn a_service_that_the_directory_does_not_know_is_refused() {
    let lab = Lab::new().await;
    let gone = json!({"resource": "WindowsDefenderATP", "present": false});
    assert_eq!(lab.control("PUT", "services", Some(&gone)).await.status, 200);
    let seen = lab.ask_resource(DEFENDER).await;
    assert_eq!(refused(&seen), refusal(400, "invalid_resource", 500_011));
    let words = format!("The resource principal named {DEFENDER} was not found in the tenant named");
    assert!(seen.text.contains(&words), "{}", seen.text);
    assert_eq!(lab.ask_resource("https://graph.microsoft.com").await.status, 200);
    let back = json!({"resource": DEFENDER, "present": true});
    assert_eq!(lab.control("PUT", "services", Some(&back)).await.status, 200);
    assert_eq!(lab.ask_resource(DEFENDER).await.status, 200);
    let unknown = json!({"resource": "Exchange", "present": false});
    assert!(lab.control("PUT", "services", Some(&unknown)).await.text.contains("known: WindowsDefenderATP, "));
}

#[tokio::test]
async fn the_commercial_cloud_knows_no_service_of_the_others() {
    let lab = Lab::new().await;
    let path = format!("/{}/oauth2/token", lab.details.tenant_id);
    let ask = async |host: &str, resource: &str| {
        let url = lab.details.authorization_url.clone();
        assert!(url.ends_with(&path));
        let request = lab.client.post(url).header("host", host).body(lab.form(&[("resource", resource)]));
        Seen::of(request.send().await.expect("an answer")).await
    };
    let gov = "https://api-gov.securitycenter.microsoft.us";
    assert_eq!(refused(&ask("login.microsoftonline.com", gov).await), refusal(400, "invalid_resource", 500_011));
    assert_eq!(ask("login.microsoftonline.us", gov).await.status, 200);
    assert_eq!(ask("login.microsoftonline.com", "https://api-gcc.securitycenter.microsoft.us").await.status, 200);
    let china = ask("login.partner.microsoftonline.cn", "https://microsoftgraph.chinacloudapi.cn").await;
    let (_, claims) = parts(china.json()["access_token"].as_str().expect("a token"));
    assert_eq!(claims["iss"], json!(format!("https://sts.chinacloudapi.cn/{}/", lab.details.tenant_id)));
}

#[tokio::test]
async fn a_disabled_application_and_a_blocked_one_get_no_token() {
    let lab = Lab::new().await;
    let set = |word: &str| json!({"signIn": word});
    assert_eq!(lab.control("PUT", "application", Some(&set("disabled"))).await.status, 200);
    let seen = lab.ask_resource(DEFENDER).await;
    assert_eq!(refused(&seen), refusal(400, "unauthorized_client", 7_000_112));
    let words = format!("Application '{}'(WindowsDefenderATPThreatIntelAPI) is disabled.", lab.details.client_id);
    assert!(seen.text.contains(&words), "{}", seen.text);
    lab.control("PUT", "application", Some(&set("blocked"))).await;
    let body = lab.ask_resource(DEFENDER).await;
    assert_eq!(refused(&body), refusal(400, "invalid_grant", 53_003));
    assert_eq!(names(&body.json())[7..], ["suberror", "claims"]);
    assert!(body.json()["claims"].as_str().expect("a text").starts_with(r#"{"access_token":{"capolids":"#));
    assert_eq!(lab.control("PUT", "application", Some(&set("closed"))).await.status, 400);
    lab.control("PUT", "application", Some(&set("open"))).await;
    assert_eq!(lab.ask_resource(DEFENDER).await.status, 200);
}

#[tokio::test]
async fn a_client_in_a_loop_is_stopped_for_a_while() {
    let lab = Lab::new().await;
    lab.set(&json!({"identicalTokenRequests": 2}));
    assert_eq!((lab.ask_resource(DEFENDER).await.status, lab.ask_resource(DEFENDER).await.status), (200, 200));
    let seen = lab.ask_resource(DEFENDER).await;
    assert_eq!(refused(&seen), refusal(429, "invalid_grant", 50_196));
    assert_eq!(seen.header("retry-after"), "60");
    assert_eq!(lab.ask_resource("https://graph.microsoft.com").await.status, 200, "it is another token");
    lab.advance(300);
    assert_eq!(lab.ask_resource(DEFENDER).await.status, 200);
}

#[tokio::test]
async fn a_refusal_is_written_as_in_either_year_and_carries_the_client_s_correlation() {
    let lab = Lab::new().await;
    lab.set(&json!({"tokenErrorOnLines": true, "tokenErrorUri": false}));
    let id = "0F8FAD5B-D9CB-469F-A165-70867728950E";
    let request = lab.client.post(&lab.details.token_url).header("client-request-id", id);
    let request = request.header("return-client-request-id", "true").body("grant_type=magic");
    let seen = Seen::of(request.send().await.expect("an answer")).await;
    let body = seen.json();
    assert_eq!(names(&body), ["error", "error_description", "error_codes", "timestamp", "trace_id", "correlation_id"]);
    assert_eq!(
        (&body["correlation_id"], seen.header("client-request-id")),
        (&json!(id.to_lowercase()), &*id.to_lowercase())
    );
    assert_eq!(json!(seen.header("x-ms-request-id")), body["trace_id"]);
    let lines: Vec<_> = body["error_description"].as_str().expect("a text").split("\r\n").collect();
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert_eq!(lines[0], "AADSTS70003: The app requested an unsupported grant type 'magic'.");
    assert_eq!(lines[3], "Timestamp: 2026-11-24 12:00:00Z");
}

#[tokio::test]
async fn new_roles_need_a_new_token_and_some_time() {
    let lab = Lab::new().await;
    let grant = |roles: &[&str]| json!({"resource": "fc780465-2017-40d4-a0c5-307022471b92", "roles": roles});
    assert_eq!(lab.control("PUT", "roles", Some(&grant(&["Alert.Read.All"]))).await.status, 200);
    assert_eq!(lab.roles().await, json!(["Alert.Read.All"]));
    lab.set(&json!({"roleLagSeconds": 90}));
    assert_eq!(lab.control("PUT", "roles", Some(&grant(&["Ti.ReadWrite.All"]))).await.status, 200);
    let early = lab.ask_resource(DEFENDER).await.json()["access_token"].as_str().expect("a token").to_owned();
    lab.advance(89);
    assert_eq!(lab.roles().await, json!(["Alert.Read.All"]));
    lab.advance(1);
    assert_eq!(lab.roles().await, json!(["Ti.ReadWrite.All"]));
    assert_eq!(parts(&early).1["roles"], json!(["Alert.Read.All"]), "a token keeps what it was issued with");
    lab.set(&json!({"roleLagSeconds": 0}));
    lab.control("PUT", "roles", Some(&grant(&[]))).await;
    assert_eq!(lab.roles().await, Value::Null, "a token without roles is issued all the same");
    for body in [json!({"resource": "x", "roles": []}), json!({"resource": DEFENDER}), grant(&[&"x".repeat(601)])] {
        assert_eq!(lab.control("PUT", "roles", Some(&body)).await.status, 400, "{body}");
    }
}

#[tokio::test]
async fn the_control_face_shows_what_it_was_told_and_documents_how() {
    let lab = Lab::new().await;
    assert_eq!(lab.control("PUT", "licence", Some(&json!({"active": false}))).await.status, 200);
    let state = lab.control("GET", "state", None).await.json();
    assert_eq!((&state["licensed"], &state["application"]["signIn"]), (&json!(false), &json!("open")));
    assert_eq!(state["services"][0]["name"], json!("WindowsDefenderATP"));
    let about = lab.control("GET", "", None).await.json();
    let paths: Vec<_> = about["routes"].as_array().expect("routes").iter().map(|route| &route["path"]).collect();
    for path in ["application", "certificates", "federation", "roles", "services", "licence"] {
        assert!(paths.contains(&&json!(format!("{{control}}/{path}"))), "{path}");
    }
    assert!(about["knobs"].as_array().expect("knobs").iter().any(|knob| knob["name"] == "roleLagSeconds"));
}
