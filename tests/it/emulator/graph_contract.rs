//! Graph: what is served, member for member, against the published shape. `fixtures/contract/graph/alerts.json` says of
//! each type which source it was checked against.

use std::collections::BTreeSet;

use alertdrill::emulator::{
    detection::{Activity, Event},
    tenant::FIRST_DEVICE,
};
use serde_json::{Map, Value, json};

use crate::emulator::{graph_rules::RULES, graph_rules::rule, graph_stage::Graph, names};

const ALERTS: &str = "v1.0/security/alerts_v2";

/// The published shape.
struct Contract(Value);

impl Contract {
    fn new() -> Self {
        let text = include_str!("../../../fixtures/contract/graph/alerts.json");
        Self(serde_json::from_str(text).expect("JSON"))
    }

    fn properties(&self, of: &str) -> Map<String, Value> {
        let known = &self.0["types"][of];
        let mut all = match known["base"].as_str() {
            Some(base) => self.properties(base),
            None => Map::new(),
        };
        all.extend(known["properties"].as_object().unwrap_or_else(|| panic!("no type {of}")).clone());
        all
    }

    /// What is wrong with `value` as one of type `of`, which may have `!`, `?` or brackets.
    fn problems(&self, at: &str, value: &Value, of: &str, bears_all: bool) -> Vec<String> {
        let bare = of.trim_end_matches(['!', '?']);
        if value.is_null() {
            let list = bare.starts_with('[');
            return if of.ends_with('!') || list { vec![format!("{at} is null")] } else { Vec::new() };
        }
        if let Some(item) = bare.strip_prefix('[').and_then(|of| of.strip_suffix(']')) {
            let Some(items) = value.as_array() else { return vec![format!("{at} is no list")] };
            let each = items.iter().enumerate();
            let each = each.flat_map(|(n, value)| self.problems(&format!("{at}[{n}]"), value, item, bears_all));
            return each.collect();
        }
        let good = match bare {
            "String" => value.is_string(),
            "Int32" => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
            "Int64" => value.is_i64() || value.is_u64(),
            "Double" => value.is_number(),
            "Guid" => value.as_str().is_some_and(|text| text.len() == 36),
            "DateTimeOffset" => value.as_str().is_some_and(is_moment),
            "dictionary" => value.as_object().is_some_and(|members| members.values().all(Value::is_string)),
            _ => return self.parts(at, value, bare, bears_all),
        };
        if good { Vec::new() } else { vec![format!("{at} is no {bare}: {value}")] }
    }

    fn parts(&self, at: &str, value: &Value, of: &str, bears_all: bool) -> Vec<String> {
        if let Some(members) = self.0["enums"][of].as_array() {
            let place = members.iter().position(|member| member == value);
            let future = members.iter().position(|member| member == "unknownFutureValue").unwrap_or(usize::MAX);
            return match place {
                Some(place) if bears_all || place <= future => Vec::new(),
                _ => vec![format!("{at} is no {of}: {value}")],
            };
        }
        let Some(members) = value.as_object() else { return vec![format!("{at} is no object")] };
        let typed = members.get("@odata.type").and_then(Value::as_str);
        let of = typed.and_then(|name| name.strip_prefix("#microsoft.graph.security.")).unwrap_or(of);
        let abstract_type = self.0["types"][of]["abstract"] == json!(true);
        let mut problems = if abstract_type { vec![format!("{at} has no type")] } else { Vec::new() };
        let properties = self.properties(of);
        for name in members.keys().filter(|name| !name.starts_with('@') && !properties.contains_key(*name)) {
            problems.push(format!("{at}.{name} is not published"));
        }
        for (name, of) in &properties {
            let of = of.as_str().expect("a type");
            match members.get(name) {
                Some(value) => problems.extend(self.problems(&format!("{at}.{name}"), value, of, bears_all)),
                None if of.ends_with('?') => {}
                None => problems.push(format!("{at}.{name} is missing: nulls are written")),
            }
        }
        problems
    }
}

/// In UTC, with at most seven digits.
fn is_moment(text: &str) -> bool {
    let fraction = text.strip_suffix('Z').and_then(|text| text.split_once('.')).map_or(0, |(_, digits)| digits.len());
    text.ends_with('Z') && fraction <= 7 && text.parse::<jiff::Timestamp>().is_ok()
}

fn definitions() -> Value {
    let one = |kind: &str, identifier: &str, value: &str| json!({"entityType": kind, "entityIdentifier": identifier, "identifierValue": value, "role": "impacted"});
    json!([
        one("user", "userPrincipalName", "u@contoso.example"),
        one("device", "deviceId", "0123"),
        one("device", "deviceName", "workstation-1.contoso.example"),
        one("file", "sha256", "ab"),
        one("ip", "address", "198.51.100.1"),
        one("url", "url", "https://example.com/"),
        one("cloudApplication", "appId", "123"),
        one("mailbox", "mailboxPrimaryAddress", "m@contoso.example"),
        one("securityGroup", "sid", "S-1"),
        one("azureResource", "resourceId", "/a"),
        one("amazonResource", "amazonResourceId", "arn"),
        one("googleCloudResource", "fullResourceName", "//g"),
        one("oAuthApplication", "oAuthAppId", "x"),
        one("emailMessage", "networkMessageId", "m"),
        one("emailCluster", "query", "q"),
        one("process", "sha1", "cd"),
        one("registryKey", "key", "HKLM"),
        one("registryValue", "key", "HKLM")
    ])
}

/// A tenant with alerts of every origin: a definition, custom indicators of endpoints, a rule, a caller.
async fn with_everything() -> Graph {
    let graph = Graph::with_alerts(1).await;
    graph.lab.set(&json!({"nrtDetectionSeconds": 0}));
    let mut connections = rule("connections");
    connections["detectionAction"]["alertTemplate"]["entityMappings"] = json!({
        "hosts": [{"deviceIdColumn": "DeviceId"}], "ips": [{"addressColumn": "RemoteIP"}],
        "dns": [{"domainNameColumn": "DeviceName", "serverIpColumn": "RemoteIP"}],
        "accounts": [{"nameColumn": "DeviceName", "ntDomainColumn": "DeviceName"}]
    });
    assert_eq!(graph.send("POST", RULES, &connections).await.status, 201);
    graph.lab.raised();
    for (kind, value) in [("domainName", "evil.example"), ("fileHashValue", &"ab".repeat(32))] {
        let body = json!({
            "action": "alert", "description": kind, "expirationDateTime": "2026-12-01T00:00:00Z", "fileHashType": "sha256",
            "targetProduct": "Microsoft Defender ATP", "threatType": "C2", "tlpLevel": "red", kind: value
        });
        assert_eq!(graph.send("POST", "beta/security/tiIndicators", &body).await.status, 201);
    }
    graph.lab.advance(48 * 3600);
    graph.lab.connect(Some("evil.example"), Some("198.51.100.9"));
    graph.lab.mocks.emulator().with(|tenant, now| {
        let activity = Activity::File {
            name: "tool.exe".to_owned(),
            sha1: "cd".repeat(20),
            sha256: "ab".repeat(32),
            md5: "ef".repeat(16),
        };
        tenant.observe(Event { device: FIRST_DEVICE.to_owned(), activity }, now)
    });
    let manual = json!({
        "@odata.type": "#microsoft.graph.security.manualAlert", "title": "A test", "description": "Of ours",
        "category": "InitialAccess", "severity": "high", "entityDefinitions": definitions()
    });
    let seen = graph.send("POST", "beta/security/alerts_v2", &manual).await;
    assert_eq!(seen.status, 201, "{}", seen.text);
    graph.lab.advance(3600);
    for alert in graph.list(ALERTS).await {
        let path = format!("{ALERTS}/{}/comments", alert["id"].as_str().expect("a text"));
        graph.send("POST", &path, &json!({"comment": "one"})).await;
    }
    graph
}

#[tokio::test]
async fn every_alert_of_every_origin_has_the_published_shape() {
    let (graph, contract) = (with_everything().await, Contract::new());
    let alerts = graph.list(ALERTS).await;
    assert_eq!(alerts.len(), 6);
    let mut types = BTreeSet::new();
    let mut sources = BTreeSet::new();
    for alert in &alerts {
        assert_eq!(contract.problems("alert", alert, "alert", false), Vec::<String>::new(), "{alert}");
        sources.insert(alert["detectionSource"].as_str().expect("a text").to_owned());
        for item in alert["evidence"].as_array().expect("a list") {
            types.insert(item["@odata.type"].as_str().expect("a text").replace("#microsoft.graph.security.", ""));
        }
    }
    assert_eq!(sources.into_iter().collect::<Vec<_>>(), ["customDetection", "customTi", "manual"]);
    let known = contract.0["types"].as_object().expect("an object");
    let evidence = known.iter().filter(|(_, of)| of["base"] == json!("alertEvidence")).map(|(name, _)| name.clone());
    assert_eq!(types, evidence.collect(), "each published type of evidence is served, and no other");
    let incidents = graph.list("v1.0/security/incidents?$expand=alerts").await;
    for incident in &incidents {
        assert_eq!(contract.problems("incident", incident, "incident", false), Vec::<String>::new(), "{incident}");
    }
}

#[tokio::test]
async fn the_members_of_an_alert_stand_in_the_captured_order() {
    let (graph, contract) = (Graph::with_alerts(1).await, Contract::new());
    let alert = graph.list(ALERTS).await[0].clone();
    let published = contract.properties("alert");
    assert_eq!(names(&alert), published.keys().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn every_type_of_the_contract_says_what_it_was_checked_against() {
    let contract = Contract::new();
    for (name, of) in contract.0["types"].as_object().expect("an object") {
        assert!(of["source"].as_str().is_some_and(|source| !source.is_empty()), "{name}");
    }
}

#[test]
fn the_contract_itself_finds_what_is_wrong() {
    let contract = Contract::new();
    let comment = |value: Value| contract.problems("c", &value, "alertComment", false).len();
    let good = json!({"comment": null, "createdByDisplayName": "a", "createdDateTime": "2026-01-01T00:00:00.1234567Z"});
    assert_eq!(comment(good.clone()), 0);
    for (name, value) in [
        ("comment", json!(1)),
        ("createdDateTime", Value::Null),
        ("createdDateTime", json!("2026-01-01T00:00:00.12345678Z")),
        ("strange", json!(1)),
    ] {
        let mut bad = good.clone();
        bad[name] = value;
        assert_eq!(comment(bad), 1, "{name}");
    }
    assert_eq!(comment(json!({"comment": "a", "createdByDisplayName": "a"})), 1);
    let word = |word, all| contract.problems("w", &json!(word), "evidenceRemediationStatus", all).len();
    assert_eq!((word("active", false), word("active", true), word("nope", true)), (1, 0, 1));
}

#[tokio::test]
async fn the_description_says_the_same_as_the_contract() {
    let (graph, contract) = (Graph::new().await, Contract::new());
    let request = graph.lab.client.get(graph.url("v1.0/$metadata"));
    let seen = crate::emulator::Seen::of(request.send().await.expect("an answer")).await;
    assert_eq!((seen.status, seen.header("content-type")), (200, "application/xml"), "anybody may read it");
    let full = |name: &str| {
        let primitive = name.starts_with(|first: char| first.is_ascii_uppercase());
        if primitive { format!("Edm.{name}") } else { format!("microsoft.graph.security.{name}") }
    };
    for (name, of) in contract.0["types"].as_object().expect("an object") {
        let start =
            seen.text.find(&format!("Type Name=\"{name}\"")).unwrap_or_else(|| panic!("{name} is not described"));
        let described = &seen.text[start..];
        let described = &described[..described.find("Type>").expect("an end")];
        for (property, of) in of["properties"].as_object().expect("an object") {
            let of = of.as_str().expect("a type");
            if of.ends_with('?') {
                continue;
            }
            let nullable = if of.ends_with('!') { " Nullable=\"false\"" } else { "" };
            let bare = of.trim_end_matches('!');
            let item = bare.strip_prefix('[').and_then(|of| of.strip_suffix(']'));
            let of = item.map_or_else(|| full(bare), |item| format!("Collection({})", full(item)));
            let line = format!("<Property Name=\"{property}\" Type=\"{of}\"{nullable} />");
            assert!(described.contains(&line), "{name}: {line}");
        }
    }
    for (name, members) in contract.0["enums"].as_object().expect("an object") {
        let start = seen.text.find(&format!("<EnumType Name=\"{name}\"")).unwrap_or_else(|| panic!("no {name}"));
        let described = &seen.text[start..];
        let described = &described[..described.find("</EnumType>").expect("an end")];
        let described = described.split("<Member Name=\"").skip(1).filter_map(|member| member.split('"').next());
        let members: Vec<_> = members.as_array().expect("a list").iter().filter_map(Value::as_str).collect();
        assert_eq!(described.collect::<Vec<_>>(), members, "{name}");
    }
    let beta = graph.lab.client.get(graph.url("beta/$metadata"));
    let beta = crate::emulator::Seen::of(beta.send().await.expect("an answer")).await;
    assert!(beta.text.contains("\"detectionRule\"") && !seen.text.contains("\"detectionRule\""));
}
