//! What identity libraries read: configuration, keys and instances; and that tokens can be checked with them.

use serde_json::{Value, json};

use crate::emulator::{
    Lab, Seen, names,
    signing::{is_signed_by, is_signed_by_certificate, parts},
};

impl Lab {
    /// The address of the emulator without a path.
    fn root(&self) -> String {
        let end = self.details.token_url.find(&self.details.tenant_id).expect("the tenant's id") - 1;
        self.details.token_url[..end].to_owned()
    }

    async fn get(&self, url: &str) -> Seen {
        Seen::of(self.client.get(url).send().await.expect("an answer")).await
    }

    /// The same as a client that kept the name of a real host.
    async fn get_as(&self, host: &str, path: &str) -> Seen {
        let request = self.client.get(format!("{}{path}", self.root())).header("host", host);
        Seen::of(request.send().await.expect("an answer")).await
    }
}

#[tokio::test]
async fn a_token_is_verified_with_the_key_that_its_header_names() {
    let lab = Lab::new().await;
    for (configuration, is_issuer) in
        [(".well-known/openid-configuration", true), ("v2.0/.well-known/openid-configuration", false)]
    {
        let url = format!("{}/{}/{configuration}", lab.root(), lab.details.tenant_id);
        let described = lab.get(&url).await.json();
        let keys = lab.get(described["jwks_uri"].as_str().expect("an address")).await.json();
        let (header, claims) = parts(&lab.token);
        let of_header = |jwk: &&Value| jwk["kid"] == header["kid"] && jwk["x5t"] == header["x5t"];
        let jwk = keys["keys"].as_array().expect("keys").iter().find(of_header).expect("the key of the header");
        assert_eq!((&header["alg"], &header["typ"], &jwk["use"]), (&json!("RS256"), &json!("JWT"), &json!("sig")));
        assert!(is_signed_by(&lab.token, jwk));
        assert!(is_signed_by_certificate(&lab.token, jwk["x5c"][0].as_str().expect("a certificate")));
        let forged = lab.token.replacen("eyJ", "eyK", 1);
        assert!(!is_signed_by(&forged, jwk));
        assert_eq!(described["issuer"] == claims["iss"], is_issuer, "tokens are of version 1");
        let text = keys.to_string();
        assert!(["\"d\"", "\"p\"", "\"q\"", "PRIVATE"].iter().all(|secret| !text.contains(secret)));
    }
}

#[tokio::test]
async fn the_claims_are_the_documented_ones_and_roles_are_there_when_there_are_any() {
    let lab = Lab::new().await;
    let (_, claims) = parts(&lab.token);
    let documented = [
        "aud",
        "iss",
        "iat",
        "nbf",
        "exp",
        "aio",
        "appid",
        "appidacr",
        "idp",
        "idtyp",
        "oid",
        "rh",
        "sub",
        "tenant_region_scope",
        "tid",
        "uti",
        "ver",
    ];
    assert_eq!(names(&claims), documented);
    assert_eq!((&claims["appidacr"], &claims["ver"], &claims["idtyp"]), (&json!("1"), &json!("1.0"), &json!("app")));
    assert_eq!((&claims["sub"], &claims["idp"]), (&claims["oid"], &claims["iss"]));
    let scope = [("resource", None), ("scope", Some("https://api.securitycenter.microsoft.com/.default"))];
    let seen = lab.ask_token(&lab.details.token_url, &scope).await;
    let (_, claims) = parts(seen.json()["access_token"].as_str().expect("a token"));
    assert_eq!(claims["aud"], json!("https://api.securitycenter.microsoft.com"));
    let number = |name: &str| claims[name].as_i64().expect("a number");
    assert_eq!(number("exp") - number("iat"), 3900);
    assert!(claims["roles"].as_array().expect("roles").contains(&json!("Ti.ReadWrite.All")));
}

#[tokio::test]
async fn both_configurations_are_complete_and_follow_the_address_that_was_used() {
    let lab = Lab::new().await;
    let tenant = &lab.details.tenant_id;
    let seen = lab.get(&format!("{}/{tenant}/v2.0/.well-known/openid-configuration", lab.root())).await;
    let version_2 = seen.json();
    assert_eq!(seen.header("cache-control"), "max-age=86400, private");
    assert_eq!(seen.header("access-control-allow-origin"), "*");
    assert_eq!(version_2["token_endpoint"], json!(lab.details.token_url));
    assert_eq!(version_2["issuer"], json!(format!("{}/{tenant}/v2.0", lab.root())));
    assert_eq!(
        version_2["token_endpoint_auth_methods_supported"],
        json!(["client_secret_post", "private_key_jwt", "client_secret_basic"])
    );
    assert_eq!(names(&version_2).len(), 23);
    let host = "login.microsoftonline.us";
    let real = lab.get_as(host, &format!("/{tenant}/.well-known/openid-configuration")).await.json();
    assert_eq!(real["token_endpoint"], json!(format!("https://{host}/{tenant}/oauth2/token")));
    assert_eq!(real["issuer"], json!(format!("https://sts.windows.net/{tenant}/")));
    assert_eq!((&real["msgraph_host"], names(&real).len()), (&json!("graph.microsoft.us"), 24));
    let china = lab.get_as("login.chinacloudapi.cn", &format!("/{tenant}/.well-known/openid-configuration")).await;
    assert_eq!(china.json()["issuer"], json!(format!("https://sts.chinacloudapi.cn/{tenant}/")));
    for (shared, issuer) in [("common", "{tenantid}"), ("Organizations", "{tenantid}")] {
        let any = lab.get(&format!("{}/{shared}/v2.0/.well-known/openid-configuration", lab.root())).await.json();
        assert_eq!(any["issuer"], json!(format!("{}/{issuer}/v2.0", lab.root())));
        assert_eq!(any["tenant_region_scope"], Value::Null);
    }
}

#[tokio::test]
async fn a_tenant_that_is_none_has_no_configuration_and_no_keys() {
    let lab = Lab::new().await;
    let stranger = "11111111-2222-3333-4444-555555555555";
    for place in ["v2.0/.well-known/openid-configuration", ".well-known/openid-configuration", "discovery/v2.0/keys"] {
        let seen = lab.get(&format!("{}/{stranger}/{place}", lab.root())).await;
        let body = seen.json();
        assert_eq!(
            (seen.status, &body["error"], &body["error_codes"]),
            (400, &json!("invalid_tenant"), &json!([90_002]))
        );
    }
    let posted = lab.client.post(format!("{}/{stranger}/discovery/keys", lab.root())).send().await.expect("an answer");
    assert_eq!(posted.status(), 405);
}

#[tokio::test]
async fn instances_are_answered_as_libraries_of_today_and_of_before_ask() {
    let lab = Lab::new().await;
    let tenant = &lab.details.tenant_id;
    let ask = |endpoint: String, version: &str| {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("api-version", version)
            .append_pair("authorization_endpoint", &endpoint)
            .finish();
        format!("/common/discovery/instance?{query}")
    };
    let endpoint = format!("https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize");
    let seen = lab.get_as("login.microsoftonline.com", &ask(endpoint, "1.1")).await.json();
    assert_eq!(names(&seen), ["tenant_discovery_endpoint", "api-version", "metadata"]);
    let described = format!("https://login.microsoftonline.com/{tenant}/v2.0/.well-known/openid-configuration");
    assert_eq!(seen["tenant_discovery_endpoint"], json!(described));
    assert_eq!(
        seen["metadata"][0],
        json!({
            "preferred_network": "login.microsoftonline.com", "preferred_cache": "login.windows.net",
            "aliases": ["login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"],
        })
    );
    let older =
        lab.get(&format!("{}{}", lab.root(), ask(format!("{}/{tenant}/oauth2/authorize", lab.root()), "1.0"))).await;
    let described = format!("{}/{tenant}/.well-known/openid-configuration", lab.root());
    assert_eq!(older.json(), json!({"tenant_discovery_endpoint": described}));
    let without_port = ask(format!("http://127.0.0.1/{tenant}/oauth2/authorize"), "1.0");
    let seen = lab.get(&format!("{}{without_port}", lab.root())).await.json();
    assert_eq!(seen, json!({"tenant_discovery_endpoint": described}), "older libraries leave the port out");
    let here = ask(format!("{}/{tenant}/oauth2/v2.0/authorize", lab.root()), "1.1");
    let seen = lab.get_as("login.microsoftonline.com", &here).await.json();
    let own = seen["metadata"].as_array().expect("entries").last().expect("an entry").clone();
    let authority = lab.root().replace("http://", "");
    assert_eq!((&own["preferred_network"], &own["aliases"][1]), (&json!(authority), &json!(authority)));
}

#[tokio::test]
async fn an_instance_that_is_unknown_or_missing_is_refused() {
    let lab = Lab::new().await;
    for (query, code, error) in [
        ("authorization_endpoint=https://evil.example/common/oauth2/authorize", 50_049, "invalid_instance"),
        ("authorization_endpoint=https://login.microsoftonline.com.evil.example/x", 50_049, "invalid_instance"),
        ("authorization_endpoint=https://8.8.8.8/common/oauth2/authorize", 50_049, "invalid_instance"),
        ("authorization_endpoint=ftp://localhost/common", 50_049, "invalid_instance"),
        ("authorization_endpoint=login.microsoftonline.com", 50_050, "invalid_request"),
        ("authorization_endpoint=https://login.microsoftonline.com", 50_050, "invalid_request"),
        ("api-version=1.1", 50_050, "invalid_request"),
    ] {
        let seen = lab.get(&format!("{}/common/discovery/instance?{query}", lab.root())).await;
        let body = seen.json();
        assert_eq!(
            (seen.status, &body["error"], &body["error_codes"]),
            (400, &json!(error), &json!([code])),
            "{query}"
        );
    }
}
