//! The guide, request for request, with the bodies that PowerShell makes.

use serde_json::{Value, json};

use crate::emulator::{Lab, Seen, names};

/// A hashtable has no order: this is one that PowerShell 5 gives.
const DEFINITION: &str = r#"{
    "Severity":  "Medium",
    "InternalDescription":  "A test alert used to demonstrate the Microsoft Defender ATP TI API feature",
    "Title":  "Test alert.",
    "Category":  "SuspiciousNetworkTraffic",
    "UxDescription":  "This is a test alert based on a sample custom alert definition. This alert was triggered manually using a provided test command. It indicates that the Threat Intelligence API has been properly enabled.",
    "Name":  "Test Alert",
    "RecommendedAction":  "No recommended action for this test alert.",
    "Enabled":  "true"
}"#;

#[tokio::test]
async fn the_guide_s_script_runs_to_its_end_and_its_alert_appears_with_every_field() {
    let lab = Lab::new().await;
    let post = |path: &str, body: String| {
        let request = lab
            .client
            .post(format!("{}{path}", lab.details.legacy_api))
            .header("Content-Type", "application/json")
            .header("Accept", "application/json")
            .header("Authorization", format!("Bearer {}", lab.token))
            .header("User-Agent", "Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.19041.1")
            .header("Expect", "100-continue");
        async move { Seen::of(request.body(body).send().await.expect("an answer")).await }
    };
    let definition = post("AlertDefinitions", DEFINITION.to_owned()).await;
    assert_eq!(definition.status, 201, "{}", definition.text);
    let id = definition.json()["Id"].clone();
    assert_eq!(id, json!(1));

    let indicator = format!(
        "{{\r\n    \"Value\":  \"52.184.197.12\",\r\n    \"Type\":  \"IpAddress\",\r\n    \"Enabled\":  \"true\",\r\n    \
         \"AlertDefinition@odata.bind\":  \"AlertDefinitions({id})\",\r\n    \"DetectionFunction\":  \"Equals\"\r\n}}"
    );
    let indicator = post("IndicatorsOfCompromise", indicator).await;
    assert_eq!(indicator.status, 201, "{}", indicator.text);

    lab.advance(20 * 60);
    assert_eq!(lab.raised(), 1);
    lab.advance(15 * 60);
    let feed = lab.feed("").await;
    assert_eq!(feed.status, 200);
    let alerts = feed.json();
    let alert = &alerts.as_array().expect("a bare array")[0];
    for (field, value) in [
        ("AlertTitle", "Test alert."),
        ("Severity", "Medium"),
        ("Category", "SuspiciousNetworkTraffic"),
        ("IpAddress", "52.184.197.12"),
        ("Url", ""),
        ("FileName", "powershell_ise.exe"),
        ("Source", "CustomerTI"),
        ("ComputerDnsName", &lab.details.device_name),
        ("DeviceID", &lab.details.device_id),
        ("AlertTime", "2026-11-24T12:20:00Z"),
    ] {
        assert_eq!(alert[field], json!(value), "{field}");
    }
    assert_eq!(alert["AlertPart"], json!(0));
    assert!(alert["Description"].as_str().is_some_and(|text| text.starts_with("This is a test alert based on")));
}

#[tokio::test]
async fn a_created_definition_comes_back_as_the_documentation_shows_it() {
    let lab = Lab::new().await;
    let seen = lab.api("POST", "AlertDefinitions", Some(&serde_json::from_str(DEFINITION).expect("JSON"))).await;
    let body = seen.json();
    assert_eq!(
        names(&body),
        [
            "@odata.context",
            "Name",
            "Severity",
            "InternalDescription",
            "Title",
            "UxDescription",
            "RecommendedAction",
            "Category",
            "Id",
            "CreatedAt",
            "CreatedBy",
            "LastModifiedAt",
            "LastModifiedBy",
            "Enabled"
        ]
    );
    assert_eq!(body["Enabled"], json!(true));
    assert_eq!(body["CreatedAt"], json!("2026-11-24T12:00:00Z"));
    assert_eq!((&body["LastModifiedAt"], &body["LastModifiedBy"]), (&Value::Null, &Value::Null));
    let context = body["@odata.context"].as_str().expect("a text");
    assert!(context.ends_with("/ti/V1.0/$metadata#AlertDefinitions/$entity"), "{context}");
    assert!(seen.header("location").ends_with("/ti/V1.0/AlertDefinitions(1)"));
    assert_eq!(seen.header("odata-version"), "4.0");
    assert_eq!(seen.header("content-type"), "application/json; odata.metadata=minimal");
}

#[tokio::test]
async fn a_created_indicator_comes_back_without_its_definition() {
    let lab = Lab::new().await;
    let definition = lab.publish("AlertDefinitions", &super::definition()).await;
    let seen = lab.api("POST", "IndicatorsOfCompromise", Some(&super::indicator(definition))).await;
    let body = seen.json();
    assert_eq!(
        names(&body)[1..],
        [
            "Type",
            "Value",
            "DetectionFunction",
            "ExpiresAt",
            "Id",
            "CreatedAt",
            "CreatedBy",
            "LastModifiedAt",
            "LastModifiedBy",
            "Enabled"
        ]
    );
    assert_eq!((&body["ExpiresAt"], &body["Type"]), (&Value::Null, &json!("IpAddress")));
}

#[tokio::test]
async fn the_details_are_what_the_script_needs() {
    let lab = Lab::new().await;
    let details = serde_json::to_value(&lab.details).expect("JSON");
    assert_eq!(
        names(&details),
        [
            "authorizationUrl",
            "tokenUrl",
            "tenantId",
            "clientId",
            "clientSecret",
            "resource",
            "legacyApi",
            "alertExportApi",
            "endpointApi",
            "graphApi",
            "portal",
            "sensorProxy",
            "control",
            "deviceName",
            "deviceId"
        ]
    );
    assert!(details.as_object().expect("an object").values().all(Value::is_string));
    assert!(lab.details.legacy_api.ends_with("/V1.0/"), "the script appends the name of a set to it");
    assert_eq!(lab.details.device_id.len(), 40);
}
