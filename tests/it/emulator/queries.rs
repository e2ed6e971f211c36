//! OData's query options over HTTP, on both sets.

use serde_json::{Value, json};

use crate::emulator::{Lab, definition, indicator};

/// Three definitions of different severity, and two indicators under the second.
async fn furnished() -> Lab {
    let lab = Lab::new().await;
    for (name, severity) in [("One", "High"), ("Two", "Low"), ("O'Three", "Medium")] {
        let mut body = definition();
        body["Name"] = json!(name);
        body["Severity"] = json!(severity);
        lab.publish("AlertDefinitions", &body).await;
        lab.advance(3600);
    }
    for value in ["52.184.197.12", "198.51.100.7"] {
        let mut body = indicator(2);
        body["Value"] = json!(value);
        lab.publish("IndicatorsOfCompromise", &body).await;
    }
    lab
}

async fn ids(lab: &Lab, query: &str) -> Vec<i64> {
    let seen = lab.api("GET", query, None).await;
    assert_eq!(seen.status, 200, "{query}: {}", seen.text);
    let value = seen.json()["value"].clone();
    value.as_array().expect("an array").iter().map(|one| one["Id"].as_i64().expect("an id")).collect()
}

#[tokio::test]
async fn filters_orders_and_pages() {
    let lab = furnished().await;
    for (query, expected) in [
        ("AlertDefinitions?$filter=Severity eq 'Low'", vec![2]),
        ("AlertDefinitions?$filter=Severity eq ThreatIntelligence.Severity'High'", vec![1]),
        ("AlertDefinitions?$filter=Severity gt 'Low'", vec![1, 3]),
        ("AlertDefinitions?$filter=Name eq 'O''Three'", vec![3]),
        ("AlertDefinitions?$filter=contains(tolower(Name),'o') and Enabled", vec![1, 2, 3]),
        ("AlertDefinitions?$filter=CreatedAt ge 2026-11-24T13:00:00Z", vec![2, 3]),
        ("AlertDefinitions?$filter=CreatedAt+ge+2026-11-24T14:00:00%2B01:00", vec![2, 3]),
        ("AlertDefinitions?$filter=hour(CreatedAt) eq 12 or LastModifiedAt ne null", vec![1]),
        ("AlertDefinitions?$filter=Id in (3,1)&$orderby=Id desc", vec![3, 1]),
        ("AlertDefinitions?$orderby=Severity desc", vec![1, 3, 2]),
        ("AlertDefinitions?$orderby=length(Name),Id desc", vec![2, 1, 3]),
        ("AlertDefinitions?$orderby=Id&$skip=1&$top=1", vec![2]),
        ("AlertDefinitions?$top=0", vec![]),
        ("AlertDefinitions?%24filter=Id%20eq%203", vec![3]),
        ("IndicatorsOfCompromise?$filter=startswith(Value,'52.')", vec![1]),
        ("IndicatorsOfCompromise?$filter=AlertDefinition/Severity eq 'Low'&$orderby=Value", vec![2, 1]),
        ("IndicatorsOfCompromise?$filter=Type eq 'IpAddress' and ExpiresAt eq null", vec![1, 2]),
    ] {
        assert_eq!(ids(&lab, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn selecting_counting_and_expanding_shape_the_answer() {
    let lab = furnished().await;
    let seen = lab.api("GET", "AlertDefinitions?$select=Name,Id&$count=true&$top=1", None).await.json();
    assert_eq!(seen["@odata.count"], json!(3));
    assert!(seen["@odata.context"].as_str().is_some_and(|text| text.ends_with("$metadata#AlertDefinitions(Name,Id)")));
    assert_eq!(seen["value"], json!([{"Name": "One", "Id": 1}]));
    let seen = lab.api("GET", "AlertDefinitions?$select=Id&$expand=IndicatorsOfCompromise($select=Value)", None).await;
    let iocs: Vec<Value> = seen.json()["value"]
        .as_array()
        .expect("an array")
        .iter()
        .map(|one| one["IndicatorsOfCompromise"].clone())
        .collect();
    assert_eq!(iocs, [json!([]), json!([{"Value": "52.184.197.12"}, {"Value": "198.51.100.7"}]), json!([])]);
    let seen = lab.api("GET", "IndicatorsOfCompromise(1)?$expand=AlertDefinition", None).await.json();
    assert_eq!(seen["value"][0]["AlertDefinition"]["Name"], json!("Two"));
    assert_eq!(lab.api("GET", "AlertDefinitions/$count?$filter=Id gt 1", None).await.text, "2");
}

#[tokio::test]
async fn a_bad_query_is_refused_in_the_framework_s_words() {
    let lab = furnished().await;
    for (query, detail) in [
        ("$filter=Nope eq 1", "Could not find a property named 'Nope' on type 'ThreatIntelligence.AlertDefinition'."),
        ("$search=x", "The query parameter '$search' is not supported."),
        ("$filter=Id eq", "Expression expected at position 5 in 'Id eq'."),
        ("$filter=Severity eq 'Huge'", "The string 'Huge' is not a valid enumeration type constant."),
        ("$top=x", "Invalid value 'x' for $top query option found."),
    ] {
        let seen = lab.api("GET", &format!("AlertDefinitions?{query}"), None).await;
        assert_eq!(seen.status, 400, "{query}");
        let message = seen.json()["error"]["message"].as_str().expect("a text").to_owned();
        assert!(message.starts_with(&format!("The query specified in the URI is not valid. {detail}")), "{message}");
    }
}
