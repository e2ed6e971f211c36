//! Microsoft Graph against `fixtures/contract/graph/shapes.txt`; alerts and incidents are held against `alerts.json`.

use serde_json::{Value, json};

use crate::emulator::{
    Seen,
    contract::Contract,
    graph_rules::{old_rule, rule},
    graph_stage::Graph,
};

const RULES: &str = "beta/security/rules/detectionRules";
const INDICATORS: &str = "beta/security/tiIndicators";

/// A tenant, and the list that each of its answers is held against.
struct Court {
    graph: Graph,
    contract: Contract,
}

impl Court {
    async fn new() -> Self {
        let graph = Graph::new().await;
        graph.lab.set(&json!({"graphQuotas": {
            "ruleList": [0, 0, 0], "ruleGet": [0, 0, 0], "ruleCreate": [0, 0, 0], "ruleUpdate": [0, 0, 0],
            "ruleDelete": [0, 0, 0]}}));
        let contract = Contract::read(include_str!("../../../../fixtures/contract/graph/shapes.txt"));
        Self { graph, contract }
    }

    /// Asks for `path`, which stands in the list as `call`.
    async fn ask(&mut self, call: &str, path: &str, body: Option<&Value>) -> Value {
        let method = call.split(' ').next().expect("a method");
        let seen = self.graph.ask(method, path, &[], body).await;
        self.contract.hold(call, &seen);
        serde_json::from_str(&seen.text).unwrap_or(Value::Null)
    }
}

async fn rules(court: &mut Court) {
    let mut whole = rule("a");
    whole["description"] = json!("For its author");
    whole["detectionAction"]["alertTemplate"]["recommendedActions"] = json!("None.");
    let one = format!("{RULES}/a");
    court.ask("POST rules", RULES, Some(&whole)).await;
    court.ask("POST rules", RULES, Some(&json!({}))).await;
    court.ask("GET rules", RULES, None).await;
    court.ask("GET rules/{id}", &one, None).await;
    court.ask("PATCH rules/{id}", &one, Some(&json!({"displayName": "another"}))).await;
    court.ask("DELETE rules/{id}", &one, None).await;
    court.ask("GET rules/{id}", &format!("{RULES}/none"), None).await;
    court.graph.lab.set(&json!({"ruleGeneration": "a", "ruleDeleteLagSeconds": 0}));
    court.graph.lab.advance(86_400);
    let mut old = old_rule();
    old["detectionAction"]["alertTemplate"]["recommendedActions"] = json!("None.");
    court.ask("POST rules of before", RULES, Some(&old)).await;
    court.graph.lab.advance(2 * 86_400);
    court.ask("GET rules of before", RULES, None).await;
}

async fn hunting(court: &mut Court) {
    let hunt = "v1.0/security/runHuntingQuery";
    let query = json!({"Query": "DeviceInfo | project Timestamp, DeviceId | take 1"});
    court.ask("POST runHuntingQuery", hunt, Some(&query)).await;
    court.ask("POST runHuntingQuery", hunt, Some(&json!({"Query": "DeviceInfo | |"}))).await;
    court.ask("GET getHuntingSchema()", "beta/security/getHuntingSchema()", None).await;
}

/// An indicator that says all that one for a domain or a file can say.
fn whole(of: &str, value: &str) -> Value {
    json!({
        "action": "alert", "description": "d", "expirationDateTime": "2026-12-01T00:00:00Z", "fileHashType": "sha256",
        "targetProduct": "Microsoft Defender ATP", "threatType": "C2", "tlpLevel": "red", of: value,
        "additionalInformation": "more", "confidence": 80, "diamondModel": "victim", "externalId": of,
        "knownFalsePositives": "few", "lastReportedDateTime": "2026-11-01T00:00:00Z", "passiveOnly": false, "severity": 4,
        "activityGroupNames": ["g"], "killChain": ["C2"], "malwareFamilyNames": ["m"], "tags": ["t"]
    })
}

async fn indicators(court: &mut Court) {
    let made = court.ask("POST tiIndicators", INDICATORS, Some(&whole("domainName", "evil.example"))).await;
    court.ask("POST tiIndicators", INDICATORS, Some(&whole("fileHashValue", &"ab".repeat(32)))).await;
    let one = format!("{INDICATORS}/{}", made["id"].as_str().expect("an id"));
    court.ask("GET tiIndicators", INDICATORS, None).await;
    court.ask("GET tiIndicators/{id}", &one, None).await;
    court.ask("DELETE tiIndicators/{id}", &one, None).await;
    let action = |name: &str| (format!("POST tiIndicators/{name}"), format!("{INDICATORS}/{name}"));
    let (call, path) = action("submitTiIndicators");
    court.ask(&call, &path, Some(&json!({"value": [whole("domainName", "other.example")]}))).await;
    let (call, path) = action("deleteTiIndicators");
    court.ask(&call, &path, Some(&json!({"value": ["none"]}))).await;
}

async fn the_rest(court: &mut Court) {
    let requests = json!({"requests": [{"id": "1", "method": "GET", "url": "/security/alerts_v2?$top=1"}]});
    court.ask("POST $batch", "v1.0/$batch", Some(&requests)).await;
    court.ask("GET alerts_v2", "v1.0/security/alerts_v2?$count=true", None).await;
    court.ask("GET alerts_v2/$count", "v1.0/security/alerts_v2/$count", None).await;
    court.ask("GET alerts_v2/{id}", "v1.0/security/alerts_v2/none", None).await;
    court.ask("GET nothing", "v1.0/security/nothing", None).await;
    court.ask("GET $metadata", "beta/$metadata", None).await;
    let url = court.graph.url("v1.0/security/alerts_v2");
    let bare = court.graph.lab.client.get(&url).send().await;
    court.contract.hold("GET alerts_v2", &Seen::of(bare.expect("an answer")).await);
    court.graph.lab.set(&json!({"roleLagSeconds": 0}));
    court
        .graph
        .lab
        .control(
            "PUT",
            "roles",
            Some(&json!({"resource": "https://graph.microsoft.com", "roles": ["ThreatHunting.Read.All"]})),
        )
        .await;
    let token = Graph::token_for(&court.graph.lab, "https://graph.microsoft.com").await;
    let poor = court.graph.lab.client.get(url).bearer_auth(token).send().await;
    court.contract.hold("GET alerts_v2", &Seen::of(poor.expect("an answer")).await);
}

#[tokio::test]
async fn every_answer_has_the_listed_members_and_every_listed_member_is_answered() {
    let mut court = Court::new().await;
    hunting(&mut court).await;
    indicators(&mut court).await;
    the_rest(&mut court).await;
    rules(&mut court).await;
    court.contract.finish();
}
