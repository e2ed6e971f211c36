//! The token endpoints, and what is found on the way to them, against `fixtures/contract/token/shapes.txt`.

use serde_json::json;

use crate::emulator::{Lab, Seen, contract::Contract};

#[tokio::test]
async fn every_answer_has_the_listed_members_and_every_listed_member_is_answered() {
    let (lab, mut contract) =
        (Lab::new().await, Contract::read(include_str!("../../../../fixtures/contract/token/shapes.txt")));
    let scope = [("resource", None), ("scope", Some("https://graph.windows.net/.default"))];
    let (v1, v2) = (lab.details.authorization_url.clone(), lab.details.token_url.clone());
    contract.hold("POST /{tenant}/oauth2/token", &lab.ask_token(&v1, &[]).await);
    contract.hold("POST /{tenant}/oauth2/v2.0/token", &lab.ask_token(&v2, &scope).await);
    let wrong = [("client_secret", Some("wrong"))];
    contract.hold("POST /{tenant}/oauth2/token", &lab.ask_token(&v1, &wrong).await);
    contract.hold("POST /{tenant}/oauth2/v2.0/token", &lab.ask_token(&v2, &[]).await);
    lab.control("PUT", "application", Some(&json!({"signIn": "blocked"}))).await;
    contract.hold("POST /{tenant}/oauth2/token", &lab.ask_token(&v1, &[]).await);
    let root = v1.strip_suffix("/oauth2/token").expect("the tenant's address").to_owned();
    let base = root.rsplit_once('/').expect("a tenant").0;
    for (call, url) in [
        ("/{tenant}/.well-known/openid-configuration", format!("{root}/.well-known/openid-configuration")),
        ("/{tenant}/v2.0/.well-known/openid-configuration", format!("{root}/v2.0/.well-known/openid-configuration")),
        ("/{tenant}/discovery/keys", format!("{root}/discovery/keys")),
        ("/{tenant}/discovery/v2.0/keys", format!("{root}/discovery/v2.0/keys")),
        (
            "/common/discovery/instance",
            format!(
                "{base}/common/discovery/instance?api-version=1.1&authorization_endpoint={root}/oauth2/v2.0/authorize"
            ),
        ),
        (
            "/common/discovery/instance?api-version=1.0",
            format!("{base}/common/discovery/instance?api-version=1.0&authorization_endpoint={root}/oauth2/authorize"),
        ),
        ("/common/discovery/instance", format!("{base}/common/discovery/instance?api-version=1.1")),
    ] {
        let seen = Seen::of(lab.client.get(url).send().await.expect("an answer")).await;
        contract.hold(&format!("GET {call}"), &seen);
    }
    contract.finish();
}
