//! The alert export feed: its fields by era, its parameters, its errors.

use serde_json::{Value, json};

use crate::emulator::{Lab, Seen, names};

const FIRST: [&str; 19] = [
    "AlertTime",
    "ComputerDnsName",
    "AlertTitle",
    "Category",
    "Severity",
    "AlertId",
    "Actor",
    "LinkToWDATP",
    "IocName",
    "IocValue",
    "CreatorIocName",
    "CreatorIocValue",
    "Sha1",
    "FileName",
    "FilePath",
    "IpAddress",
    "Url",
    "IoaDefinitionId",
    "UserName",
];

const SECOND: [&str; 12] = [
    "AlertPart",
    "FullId",
    "LastProcessedTimeUtc",
    "ThreatCategory",
    "ThreatFamily",
    "ThreatName",
    "RemediationAction",
    "RemediationIsSuccess",
    "Source",
    "Md5",
    "Sha256",
    "WasExecutingWhileDetected",
];

const THIRD_2020: [&str; 19] = [
    "UserDomain",
    "LogOnUsers",
    "MachineDomain",
    "MachineName",
    "InternalIPv4List",
    "InternalIPv6List",
    "FileHash",
    "DeviceID",
    "MachineGroup",
    "Description",
    "DeviceCreatedMachineTags",
    "CloudCreatedMachineTags",
    "CommandLine",
    "IncidentLinkToWDATP",
    "ReportID",
    "LinkToMTP",
    "IncidentLinkToMTP",
    "ExternalId",
    "IocUniqueId",
];

/// A tenant with three alerts, each ten minutes after the one before, all of which can be read.
async fn with_alerts() -> Lab {
    let lab = Lab::new().await;
    lab.set(&json!({"detectionSeconds": 60}));
    lab.publish_both("IpAddress", "Equals", "52.184.197.12").await;
    lab.advance(20 * 60);
    for _ in 0..3 {
        assert_eq!(lab.raised(), 1);
        lab.advance(10 * 60);
    }
    lab
}

async fn count(lab: &Lab, query: &str) -> usize {
    let seen = lab.feed(query).await;
    assert_eq!(seen.status, 200, "{query}: {}", seen.text);
    seen.json().as_array().expect("a bare array").len()
}

#[tokio::test]
async fn in_2020_a_message_has_fifty_fields_in_the_documented_order() {
    let lab = with_alerts().await;
    let message = lab.feed("?limit=1").await.json()[0].clone();
    let fields: Vec<_> = FIRST.into_iter().chain(SECOND).chain(THIRD_2020).collect();
    assert_eq!(fields.len(), 50);
    assert_eq!(names(&message), fields);
    let id = message["AlertId"].as_str().expect("a text");
    assert!(id.starts_with("da63"), "{id}");
    assert_eq!(message["FullId"], json!(format!("{id}:{}", message["IocUniqueId"].as_str().expect("a text"))));
    assert_eq!((&message["RemediationIsSuccess"], &message["Actor"]), (&Value::Null, &json!("")));
    assert!(message["ReportID"].is_number());
    assert!(message["LinkToWDATP"].as_str().is_some_and(|link| link.ends_with(&format!("/portal/alerts/{id}"))));
}

#[tokio::test]
async fn in_2017_it_has_fewer_a_misspelt_one_and_nulls() {
    let lab = with_alerts().await;
    lab.set(&json!({"exportEra": 2017}));
    let message = lab.feed("?limit=1").await.json()[0].clone();
    let first = FIRST.map(|name| if name == "IoaDefinitionId" { "IoaDefinitiondId" } else { name });
    let fields: Vec<_> = first.into_iter().chain(SECOND).chain(["FileHash", "IocUniqueId"]).collect();
    assert_eq!(names(&message), fields);
    assert_eq!(message["Actor"], Value::Null);
    let unique = message["IocUniqueId"].as_str().expect("a text");
    assert!(unique.len() == 64 && unique.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase()));
    let (ticks, number) = message["AlertId"].as_str().and_then(|id| id.split_once('_')).expect("two numbers");
    assert!(ticks.len() == 18 && number.parse::<i32>().is_ok());
}

#[tokio::test]
async fn in_2018_the_tags_have_other_names() {
    let lab = with_alerts().await;
    lab.set(&json!({"exportEra": 2018}));
    let message = lab.feed("?limit=1").await.json()[0].clone();
    let fields = names(&message);
    assert!(fields.contains(&"BuiltInMachineTags") && fields.contains(&"UserDefinedMachineTags"));
    assert!(!fields.contains(&"ReportID") && !fields.contains(&"CloudCreatedMachineTags"));
    assert!(message["AlertId"].as_str().is_some_and(|id| !id.starts_with("da")));
}

#[tokio::test]
async fn the_window_is_two_hours_by_default_and_whatever_is_asked_for_otherwise() {
    let lab = with_alerts().await;
    assert_eq!(count(&lab, "").await, 3);
    assert_eq!(count(&lab, "?ago=PT15M").await, 1);
    assert_eq!(count(&lab, "?sinceTimeUtc=2026-11-24T12:31:00").await, 2);
    assert_eq!(count(&lab, "?sinceTimeUtc=2026-11-24T12:31:00.001Z").await, 1);
    assert_eq!(count(&lab, "?sinceTimeUtc=%222026-11-24%2012:00:00%22&untilTimeUtc=2026-11-24T12:31:00").await, 2);
    assert_eq!(count(&lab, "?untilTimeUtc=2030-01-01").await, 3);
    assert_eq!(count(&lab, "?sinceTimeUtc=2030-01-01").await, 0);
    assert_eq!(count(&lab, "?machinegroups=x").await, 0);
    lab.advance(2 * 3600);
    assert_eq!(count(&lab, "").await, 0);
    assert_eq!(count(&lab, "?ago=PT3H").await, 3);
}

#[tokio::test]
async fn a_limit_keeps_the_newest() {
    let lab = with_alerts().await;
    let all = lab.feed("").await.json();
    let newest = lab.feed("?limit=2").await.json();
    assert_eq!(newest.as_array().map(Vec::len), Some(2));
    assert_eq!((&newest[0], &newest[1]), (&all[0], &all[1]));
    assert!(all[0]["AlertTime"].as_str() > all[2]["AlertTime"].as_str());
}

#[tokio::test]
async fn a_bad_token_or_request_is_401_as_documented() {
    let lab = with_alerts().await;
    for query in ["?ago=soon", "?limit=x", "?limit=0", "?sinceTimeUtc=x", "?untilTimeUtc="] {
        assert_eq!(lab.feed(query).await.status, 401, "{query}");
    }
    let seen = Seen::of(lab.client.get(&lab.details.alert_export_api).send().await.expect("an answer")).await;
    assert_eq!(seen.status, 401);
    let request = lab.client.post(&lab.details.alert_export_api);
    let seen = Seen::of(request.send().await.expect("an answer")).await;
    assert_eq!((seen.status, seen.header("allow")), (405, "GET"));
}

#[tokio::test]
async fn every_path_below_export_that_ends_like_the_real_one_is_the_feed() {
    let lab = with_alerts().await;
    let base = lab.mocks.base();
    for (path, status) in [
        ("/export", 200),
        ("/export/", 200),
        ("/export/api/alerts/", 200),
        ("/export/us/api/Alerts", 200),
        ("/export/api/machines", 404),
    ] {
        let request = lab.client.get(format!("{base}{path}")).header("Authorization", format!("Bearer {}", lab.token));
        assert_eq!(Seen::of(request.send().await.expect("an answer")).await.status, status, "{path}");
    }
}

#[tokio::test]
async fn alerts_are_forgotten_at_their_age() {
    let lab = with_alerts().await;
    lab.set(&json!({"alertRetentionSeconds": 86400}));
    lab.advance(86400);
    assert_eq!(lab.raised(), 1);
    lab.advance(60);
    assert_eq!(count(&lab, "?ago=P2D").await, 1);
}
