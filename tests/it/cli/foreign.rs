//! What others have in a tenant: published with plain HTTP by the same application, and nothing of it a drill's.

use serde_json::{Value, json};

use crate::cli::served::Served;

/// What a tenant holds, as far as runs publish it: definitions, indicators of both kinds, and rules that are not gone.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Holdings(Vec<(String, String)>);

impl Holdings {
    /// What the tenant holds now.
    pub(crate) fn of(served: &Served) -> Self {
        let state = served.state();
        let mut all = Vec::new();
        for (set, name) in
            [("definitions", "title"), ("indicators", "value"), ("customIndicators", "value"), ("rules", "id")]
        {
            let held = state[set].as_array().unwrap_or_else(|| panic!("{set}: {state:#}"));
            let there = held.iter().filter(|one| one["deletedAt"].is_null());
            all.extend(there.map(|one| (set.to_owned(), one[name].as_str().expect("a text").to_owned())));
        }
        all.sort();
        Self(all)
    }

    /// How many they are.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }
}

/// Publishes on every service what looks as much like a drill's as somebody else's can.
pub(crate) fn publish(served: &Served) -> Holdings {
    let legacy = |path: &str, body: &Value| {
        let address = format!("{}/{path}", served.detail("legacyApi").trim_end_matches('/'));
        served.ask_service(served.detail("resource"), "POST", &address, body)
    };
    for description in ["A foreign one", "See alertdrill, marker abcd2345, and [drill sergeant] of ours"] {
        let definition = legacy(
            "AlertDefinitions",
            &json!({ "Name": description, "Severity": "Low", "InternalDescription": "Made by alertdrill for the drill",
                     "Title": "Alert drill abcd2345", "UxDescription": description, "RecommendedAction": "None",
                     "Category": "SuspiciousNetworkTraffic", "Enabled": true }),
        );
        legacy(
            "IndicatorsOfCompromise",
            &json!({ "Type": "IpAddress", "Value": "203.0.113.7", "DetectionFunction": "Equals", "Enabled": true,
                     "AlertDefinition@odata.bind": format!("AlertDefinitions({})", definition["Id"]) }),
        );
    }
    let indicator = format!("{}/indicators", served.detail("endpointApi").trim_end_matches('/'));
    for (value, external) in [("abcd2345.alertdrill.example", Value::Null), ("foreign.example", json!("abcd2345"))] {
        let body = json!({ "indicatorValue": value, "indicatorType": "DomainName", "action": "Audit", "title": "Alert drill",
                           "description": "By alertdrill? [drill ABCD2345]", "severity": "Low", "externalId": external,
                           "generateAlert": true });
        served.ask_service("https://api.securitycenter.microsoft.com/.default", "POST", &indicator, &body);
    }
    let rules = served.detail("graphApi").replace("/v1.0", "/beta");
    let rules = format!("{}/security/rules/detectionRules", rules.trim_end_matches('/'));
    let body = json!({
        "id": "alertdrill-of-somebody-else", "displayName": "alertdrill abcd2345", "status": "enabled",
        "queryCondition": { "queryText": "DeviceNetworkEvents | where RemoteUrl has \"foreign.example\" | project Timestamp, DeviceId, ReportId, RemoteUrl" },
        "schedule": { "frequency": "PT1H" },
        "detectionAction": { "alertTemplate": {
            "title": "Foreign", "description": "Nobody's drill", "severity": "low",
            "tactics": [{ "tactic": "CommandAndControl", "techniques": [] }],
            "entityMappings": { "hosts": [{ "deviceIdColumn": "DeviceId" }] } } }
    });
    served.ask_service("https://graph.microsoft.com/.default", "POST", &rules, &body);
    let holdings = Holdings::of(served);
    assert_eq!(holdings.count(), 7, "{holdings:?}");
    holdings
}
