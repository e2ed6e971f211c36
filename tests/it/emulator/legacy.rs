//! The threat intelligence API: every operation, as documented.

use serde_json::{Value, json};

use crate::emulator::{Lab, Seen, definition, indicator, names};

#[tokio::test]
async fn an_empty_set_has_a_context_and_no_value() {
    let lab = Lab::new().await;
    let seen = lab.api("GET", "AlertDefinitions", None).await;
    let context = format!("{}$metadata#AlertDefinitions", lab.details.legacy_api);
    assert_eq!(seen.json(), json!({"@odata.context": context, "value": []}));
    assert_eq!(seen.header("cache-control"), "no-cache");
}

#[tokio::test]
async fn one_entity_comes_as_an_array_of_one_without_metadata_where_none_is_wanted() {
    let lab = Lab::new().await;
    let (_, id) = lab.publish_both("SHA1", "Equals", "abcdeabcde1212121212abcdeabcde1212121212").await;
    let url = format!("{}IndicatorsOfCompromise({id})", lab.details.legacy_api);
    let request = lab.client.get(url).header("Authorization", format!("Bearer {}", lab.token));
    let request = request.header("Accept", "application/json;odata.metadata=none");
    let seen = Seen::of(request.send().await.expect("an answer")).await;
    let body = seen.json();
    assert_eq!((seen.status, names(&body)), (200, vec!["value"]));
    assert_eq!(seen.header("content-type"), "application/json; odata.metadata=none");
    let one = &body["value"].as_array().expect("an array even for one")[0];
    assert_eq!(one["Type"], json!("Sha1"), "read in any letter case, written in the documented one");
    assert_eq!(names(one).len(), 10);
    assert_eq!(lab.api("GET", "IndicatorsOfCompromise(99)", None).await.json()["value"], json!([]));
}

#[tokio::test]
async fn a_change_answers_with_the_whole_entity_and_leaves_the_rest_alone() {
    let lab = Lab::new().await;
    let id = lab.publish("AlertDefinitions", &definition()).await;
    lab.advance(60);
    let change = json!({"Severity": "Low", "RecommendedAction": null});
    let seen = lab.api("PATCH", &format!("AlertDefinitions({id})"), Some(&change)).await;
    let body = seen.json();
    assert_eq!(seen.status, 200);
    assert_eq!(
        (&body["Severity"], &body["RecommendedAction"], &body["Title"]),
        (&json!("Low"), &Value::Null, &json!("Test alert."))
    );
    assert_eq!(body["LastModifiedAt"], json!("2026-11-24T12:01:00Z"));
    assert!(body["LastModifiedBy"].is_string());
    assert_eq!(body["CreatedAt"], json!("2026-11-24T12:00:00Z"));
}

#[tokio::test]
async fn an_indicator_is_moved_under_another_definition() {
    let lab = Lab::new().await;
    let (first, ioc) = lab.publish_both("DomainName", "Equals", "evil.example").await;
    let second = lab.publish("AlertDefinitions", &definition()).await;
    let link = json!({"@odata.id": format!("https://TI.SecurityCenter.Windows.com/v1.0/AlertDefinitions({second})")});
    let path = format!("IndicatorsOfCompromise({ioc})/AlertDefinition/$ref");
    let seen = lab.api("PUT", &path, Some(&link)).await;
    assert_eq!((seen.status, seen.text.as_str()), (204, ""));
    lab.api("DELETE", &format!("AlertDefinitions({first})"), None).await;
    let seen = lab.api("GET", "IndicatorsOfCompromise?$expand=AlertDefinition($select=Id)", None).await;
    assert_eq!(seen.json()["value"][0]["AlertDefinition"], json!({"Id": second}));
}

#[tokio::test]
async fn a_definition_takes_its_indicators_with_it() {
    let lab = Lab::new().await;
    let (first, _) = lab.publish_both("DomainName", "Equals", "a.example").await;
    let (_, kept) = lab.publish_both("DomainName", "Equals", "b.example").await;
    let seen = lab.api("DELETE", &format!("AlertDefinitions({first})"), None).await;
    assert_eq!((seen.status, seen.text.as_str()), (204, ""));
    let left = lab.api("GET", "IndicatorsOfCompromise", None).await.json();
    assert_eq!(left["value"].as_array().expect("an array").len(), 1);
    assert_eq!(left["value"][0]["Id"], json!(kept));
    assert_eq!(lab.api("DELETE", &format!("AlertDefinitions({first})"), None).await.status, 404);
}

#[tokio::test]
async fn the_indicators_of_a_definition_go_and_it_stays() {
    let lab = Lab::new().await;
    let (id, _) = lab.publish_both("DomainName", "Equals", "a.example").await;
    let seen = lab.api("POST", &format!("AlertDefinitions({id})/Actions.DeleteIOCs"), None).await;
    assert_eq!(seen.status, 204);
    assert_eq!(lab.api("GET", "IndicatorsOfCompromise", None).await.json()["value"], json!([]));
    assert_eq!(lab.api("GET", "AlertDefinitions/$count", None).await.text, "1");
}

#[tokio::test]
async fn a_whole_set_is_deleted_at_once() {
    let lab = Lab::new().await;
    lab.publish_both("DomainName", "Contains", "a.example").await;
    lab.publish_both("DomainName", "Equals", "b.example").await;
    assert_eq!(lab.api("DELETE", "IndicatorsOfCompromise", None).await.status, 204);
    assert_eq!(lab.api("GET", "AlertDefinitions/$count", None).await.text, "2");
    lab.publish_both("DomainName", "Equals", "c.example").await;
    assert_eq!(lab.api("DELETE", "AlertDefinitions", None).await.status, 204);
    assert_eq!(lab.api("GET", "AlertDefinitions/$count", None).await.text, "0");
    assert_eq!(lab.api("GET", "IndicatorsOfCompromise/$count", None).await.text, "0");
}

#[tokio::test]
async fn a_bulk_upload_keeps_all_or_none() {
    let lab = Lab::new().await;
    let mut bad = definition();
    bad["Title"] = json!("x".repeat(121));
    let seen = lab
        .api("POST", "AlertDefinitions/Actions.BulkUpload", Some(&json!({"alertDefinitions": [definition(), bad]})))
        .await;
    assert_eq!(seen.status, 400);
    assert!(seen.text.contains("alertDefinitions[1].Title"), "{}", seen.text);
    assert_eq!(lab.api("GET", "AlertDefinitions/$count", None).await.text, "0");
    let good = json!({"alertDefinitions": [definition(), definition()]});
    assert_eq!(lab.api("POST", "AlertDefinitions/Actions.BulkUpload", Some(&good)).await.status, 204);
    let twice = json!({"iocs": [indicator(1), indicator(1), indicator(2)]});
    assert_eq!(lab.api("POST", "IndicatorsOfCompromise/Actions.BulkUpload", Some(&twice)).await.status, 204);
    assert_eq!(lab.api("GET", "IndicatorsOfCompromise/$count", None).await.text, "3");
}

#[tokio::test]
async fn a_bulk_upload_holds_five_thousand_and_not_one_more() {
    let lab = Lab::new().await;
    let id = lab.publish("AlertDefinitions", &definition()).await;
    let many = |count| json!({"iocs": vec![indicator(id); count]});
    assert_eq!(lab.api("POST", "IndicatorsOfCompromise/Actions.BulkUpload", Some(&many(5001))).await.status, 400);
    assert_eq!(lab.api("POST", "IndicatorsOfCompromise/Actions.BulkUpload", Some(&many(5000))).await.status, 204);
    assert_eq!(lab.api("GET", "IndicatorsOfCompromise/$count", None).await.text, "5000");
}

#[tokio::test]
async fn quotas_answer_507_and_count_patterns_apart() {
    let lab = Lab::new().await;
    lab.set(&json!({"definitionQuota": 2, "indicatorQuota": 3, "patternQuota": 1}));
    let (id, pattern) = lab.publish_both("DomainName", "Contains", "a.example").await;
    let mut second = indicator(id);
    second["DetectionFunction"] = json!("StartWith");
    let seen = lab.api("POST", "IndicatorsOfCompromise", Some(&second)).await;
    assert_eq!(seen.status, 507);
    assert!(seen.json()["error"]["message"].as_str().is_some_and(|text| text.contains("quota")), "{}", seen.text);
    let change = json!({"DetectionFunction": "Equals", "Value": "a.example"});
    assert_eq!(lab.api("PATCH", &format!("IndicatorsOfCompromise({pattern})"), Some(&change)).await.status, 200);
    assert_eq!(lab.api("POST", "IndicatorsOfCompromise", Some(&second)).await.status, 201);
    let both = json!({"iocs": [indicator(id), indicator(id)]});
    assert_eq!(lab.api("POST", "IndicatorsOfCompromise/Actions.BulkUpload", Some(&both)).await.status, 507);
    assert_eq!(lab.api("POST", "IndicatorsOfCompromise", Some(&indicator(id))).await.status, 201);
    assert_eq!(lab.api("POST", "IndicatorsOfCompromise", Some(&indicator(id))).await.status, 507);
    lab.publish("AlertDefinitions", &definition()).await;
    assert_eq!(lab.api("POST", "AlertDefinitions", Some(&definition())).await.status, 507);
}

#[tokio::test]
async fn who_would_rather_have_no_body_gets_none() {
    let lab = Lab::new().await;
    let url = format!("{}AlertDefinitions", lab.details.legacy_api);
    let request = lab.client.post(url).header("Authorization", format!("Bearer {}", lab.token));
    let request = request.header("Content-Type", "application/json").header("Prefer", "return=minimal");
    let seen = Seen::of(request.body(definition().to_string()).send().await.expect("an answer")).await;
    assert_eq!((seen.status, seen.text.as_str()), (204, ""));
    assert!(seen.header("odata-entityid").ends_with("AlertDefinitions(1)"));
    assert!(seen.header("location").ends_with("AlertDefinitions(1)"));
}

#[tokio::test]
async fn the_service_describes_itself() {
    let lab = Lab::new().await;
    let service = lab.api("GET", "", None).await.json();
    let sets: Vec<_> = service["value"].as_array().expect("an array").iter().map(|set| set["name"].clone()).collect();
    assert_eq!(sets, ["AlertDefinitions", "IndicatorsOfCompromise"]);
    let metadata = lab.api("GET", "$metadata", None).await;
    assert_eq!(metadata.header("content-type"), "application/xml");
    let mut reader = quick_xml::Reader::from_str(&metadata.text);
    let mut properties = 0;
    loop {
        match reader.read_event().expect("well-formed XML") {
            quick_xml::events::Event::Eof => break,
            quick_xml::events::Event::Empty(element) if element.name().as_ref() == "Property" => properties += 1,
            _ => {}
        }
    }
    assert_eq!(properties, 23);
    assert!(metadata.text.contains("SuspiciousNetworkTraffic"));
}

#[tokio::test]
async fn full_metadata_names_type_and_address() {
    let lab = Lab::new().await;
    lab.publish("AlertDefinitions", &definition()).await;
    let body = lab.api("GET", "AlertDefinitions?$format=application/json;odata.metadata%3Dfull", None).await.json();
    let one = &body["value"][0];
    assert!(one["@odata.type"].as_str().is_some_and(|text| text.ends_with(".AlertDefinition")));
    assert!(one["@odata.id"].as_str().is_some_and(|text| text.ends_with("/ti/V1.0/AlertDefinitions(1)")));
}

#[tokio::test]
async fn a_tenant_that_switched_the_api_off_is_refused_as_its_knob_says() {
    let lab = Lab::new().await;
    lab.mocks.emulator().with(|tenant, _| tenant.switch_api(false));
    assert_eq!(lab.api("GET", "AlertDefinitions", None).await.status, 403);
    assert_eq!(lab.feed("").await.status, 403);
    lab.set(&json!({"disabledApiStatus": 401}));
    assert_eq!(lab.api("GET", "AlertDefinitions", None).await.status, 401);
    lab.mocks.emulator().with(|tenant, _| tenant.switch_api(true));
    assert_eq!(lab.api("GET", "AlertDefinitions", None).await.status, 200);
}
