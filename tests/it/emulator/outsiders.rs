//! What the integrations of others send, replayed request for request: raw HTTP, in their letter case, with their quotes.
//!
//! In reading order: this file (the names that they ask for tokens with), [`elastic`], [`xsoar`], [`profiles`], [`splunk`],
//! [`opencti`], [`scripts`].

mod elastic;
mod opencti;
mod profiles;
mod scripts;
mod splunk;
mod xsoar;

use serde_json::json;

use crate::emulator::{
    Seen,
    endpoint::{Api, token_for},
};

/// The API's names at which pages of Microsoft, of whatever year, or integrations ask for a token.
const NAMES: [&str; 18] = [
    "https://api.securitycenter.microsoft.com",
    "https://api.securitycenter.windows.com/",
    "https://api-us.securitycenter.windows.com",
    "https://api.security.microsoft.com",
    "https://api-us.securitycenter.microsoft.com",
    "https://api-eu.securitycenter.microsoft.com",
    "https://api-uk.securitycenter.microsoft.com",
    "https://api-au.securitycenter.microsoft.com/",
    "https://us.api.security.microsoft.com",
    "https://eu.api.security.microsoft.com",
    "https://uk.api.security.microsoft.com",
    "https://au.api.security.microsoft.com",
    "https://swa.api.security.microsoft.com",
    "https://ina.api.security.microsoft.com",
    "https://aea.api.security.microsoft.com",
    "https://api-gcc.securitycenter.microsoft.us",
    "https://api-gov.securitycenter.microsoft.us",
    "https://securitycenter.onmicrosoft.com/windowsatpservice",
];

#[tokio::test]
async fn each_name_of_the_api_gets_a_token_that_the_api_takes() {
    let api = Api::new().await;
    for name in NAMES {
        let token = token_for(&api.lab, name).await;
        let seen = api.ask_with(&token, "GET", "/alerts", None).await;
        assert_eq!(seen.status, 200, "{name}: {}", seen.text);
    }
}

#[tokio::test]
async fn a_token_for_the_host_that_both_services_share_opens_either() {
    let api = Api::new().await;
    for name in ["https://api.security.microsoft.com", "https://API.security.microsoft.com/"] {
        let token = token_for(&api.lab, name).await;
        let query = r#"{"Query":"DeviceInfo | take 1"}"#;
        for (method, path, body) in [
            ("GET", "/incidents", None),
            ("POST", "/advancedhunting/run", Some(query)),
            ("GET", "/alerts", None),
            ("POST", "/advancedqueries/run", Some(query)),
        ] {
            let seen = api.ask_with(&token, method, path, body).await;
            assert_eq!(seen.status, 200, "{name} {path}: {}", seen.text);
        }
    }
    let other = token_for(&api.lab, "https://security.microsoft.com/mtp").await;
    assert_eq!(api.ask_with(&other, "GET", "/alerts", None).await.status, 403, "its own name opens its own calls");
    assert_eq!(api.get("/incidents").await.status, 403);
}

#[tokio::test]
async fn defender_xdr_has_hosts_and_names_of_its_own_for_governments() {
    let api = Api::new().await;
    for host in ["api-gcc.security.microsoft.us", "api-gov.security.microsoft.us"] {
        let token = token_for(&api.lab, &format!("https://{host}")).await;
        let url = format!("{}/api/incidents", api.lab.mocks.base());
        let request = api.lab.client.get(url).bearer_auth(token).header("Host", host);
        let seen = Seen::of(request.send().await.expect("an answer")).await;
        assert_eq!(seen.status, 200, "{host}: {}", seen.text);
        let context = format!("https://{host}/api/$metadata#Incidents");
        assert_eq!(seen.json()["@odata.context"], json!(context));
    }
}

/// Sends a request to the API as it stands: the query is not encoded again.
async fn sent(api: &Api, method: &str, path: &str, body: &str) -> Seen {
    api.ask_with(&api.token, method, path, (!body.is_empty()).then_some(body)).await
}
