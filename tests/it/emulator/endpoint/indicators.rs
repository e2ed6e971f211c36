//! Custom indicators: their 31 members, their upsert key, batches, and every refusal.

use serde_json::{Value, json};

use crate::emulator::{
    endpoint::{Api, ids, indicator, refusal},
    names,
};

/// The members recorded in 2023, in their order.
const MEMBERS: [&str; 31] = [
    "id",
    "indicatorValue",
    "indicatorType",
    "action",
    "createdBy",
    "severity",
    "category",
    "application",
    "educateUrl",
    "bypassDurationHours",
    "title",
    "description",
    "recommendedActions",
    "creationTimeDateTimeUtc",
    "expirationTime",
    "lastUpdateTime",
    "lastUpdatedBy",
    "rbacGroupNames",
    "rbacGroupIds",
    "notificationId",
    "notificationBody",
    "version",
    "mitreTechniques",
    "historicalDetection",
    "lookBackPeriod",
    "generateAlert",
    "additionalInfo",
    "createdByDisplayName",
    "externalId",
    "createdBySource",
    "certificateInfo",
];

#[tokio::test]
async fn an_indicator_has_the_31_recorded_members_in_their_order() {
    let api = Api::new().await;
    let made = api.publish(&indicator("Url", "https://evil.example/a", "Audit")).await;
    assert_eq!(names(&made)[0], "@odata.context");
    assert!(made["@odata.context"].as_str().is_some_and(|text| text.ends_with("$metadata#Indicators/$entity")));
    assert_eq!(names(&made)[1..], MEMBERS);
    let list = api.get("/indicators").await.json();
    assert_eq!(names(&list["value"][0]), MEMBERS);
    assert_eq!((&made["id"], &made["category"], &made["generateAlert"]), (&json!("1"), &json!(1), &json!(true)));
    assert_eq!(
        (&made["createdBy"], &made["createdBySource"]),
        (&json!(api.lab.details.client_id), &json!("PublicApi"))
    );
    assert_eq!(made["lastUpdateTime"], made["creationTimeDateTimeUtc"]);
    assert_eq!((&made["lastUpdatedBy"], &made["expirationTime"]), (&Value::Null, &Value::Null));
    assert_eq!((&made["rbacGroupNames"], &made["historicalDetection"]), (&json!([]), &json!(false)));
}

#[tokio::test]
async fn a_second_submission_changes_and_is_200_as_well() {
    let api = Api::new().await;
    let mut body = indicator("DomainName", "evil.example", "Audit");
    body["application"] = json!("first");
    body["externalId"] = json!("run 1");
    api.publish(&body).await;
    api.lab.advance(5);
    body["application"] = json!("second");
    body["title"] = json!("another title");
    body["lookBackPeriod"] = json!("30");
    let changed = api.publish(&body).await;
    assert_eq!((&changed["id"], &changed["title"]), (&json!("1"), &json!("another title")));
    assert_eq!((&changed["application"], &changed["lookBackPeriod"]), (&json!("first"), &json!("30")));
    assert_eq!(changed["lastUpdateTime"], json!("2026-11-24T12:00:05Z"));
    assert_eq!(changed["lastUpdatedBy"], json!(api.lab.details.client_id));
    body["action"] = json!("Allowed");
    assert_eq!(api.publish(&body).await["id"], json!("2"), "another action is another indicator");
    assert_eq!(api.get("/indicators/$count").await.text, "2");
}

#[tokio::test]
async fn what_a_body_lacks_or_says_wrongly_is_400_with_the_documented_code() {
    let api = Api::new().await;
    let wrong = |name: &str, value: Value| {
        let mut body = indicator("IpAddress", "52.184.197.12", "Audit");
        body[name] = value;
        body
    };
    for (body, code, message) in [
        (wrong("title", Value::Null), "MissingRequiredParameter", "Parameter title is missing."),
        (json!({}), "MissingRequiredParameter", "Parameter indicatorValue is missing."),
        (json!({"IndicatorValue": "1.1.1.1"}), "MissingRequiredParameter", "Parameter indicatorValue is missing."),
        (json!([]), "InvalidRequestBody", "Request body is incorrect."),
        (wrong("generateAlert", json!("true")), "InvalidRequestBody", "Request body is incorrect."),
        (wrong("category", json!("SuspiciousActivity")), "InvalidRequestBody", "Request body is incorrect."),
        (wrong("action", json!("Explode")), "InvalidRequestBody", "Request body is incorrect."),
        (wrong("Severity", json!("Low")), "InvalidRequestBody", "Request body is incorrect."),
        (wrong("rbacGroupNames", json!("Servers")), "InvalidRequestBody", "Request body is incorrect."),
        (wrong("expirationTime", json!("tomorrow")), "InvalidRequestBody", "Request body is incorrect."),
        (wrong("indicatorValue", json!("")), "InvalidInput", "Recieved an empty indicator value."),
        (wrong("indicatorValue", json!("10.1.2.3")), "InvalidIpAddress", "IP address 10.1.2.3 is invalid."),
        (wrong("generateAlert", json!(false)), "InvalidInput", "GenerateAlert must be true when the action is Audit."),
        (
            wrong("expirationTime", json!("2026-11-24T12:00:00Z")),
            "InvalidInput",
            "ExpirationTime must be in the future.",
        ),
    ] {
        let seen = api.post("/indicators", &body).await;
        assert_eq!(refusal(&seen), (400, code.into(), message.into()), "{body}");
    }
    for body in ["", "{", "nonsense", "\u{0}"] {
        let seen = api.ask_with(&api.token, "POST", "/indicators", Some(body)).await;
        assert_eq!(refusal(&seen).1, "InvalidRequestBody", "{body:?}");
    }
    assert_eq!(api.get("/indicators/$count").await.text, "0");
}

#[tokio::test]
async fn what_is_not_known_for_certain_is_as_its_knob_says() {
    let api = Api::new().await;
    let md5 = indicator("FileMd5", &"a".repeat(32), "Audit");
    let remediated = indicator("Url", "https://evil.example/", "BlockAndRemediate");
    let private = indicator("IpAddress", "192.168.0.1", "Audit");
    let legacy = indicator("DomainName", "evil.example", "Alert");
    let mut past = indicator("DomainName", "past.example", "Audit");
    past["expirationTime"] = json!("2020-01-01T00:00:00Z");
    let mut scoped = indicator("DomainName", "scoped.example", "Audit");
    scoped["rbacGroupNames"] = json!(["Nobody"]);
    let refused = json!({
        "acceptFileMd5": false, "acceptNetworkRemediation": false, "legacyActions": "refuse",
        "acceptUnknownGroups": false
    });
    let accepted = json!({
        "acceptFileMd5": true, "acceptNetworkRemediation": true, "legacyActions": "rewrite",
        "acceptUnknownGroups": true, "acceptPrivateAddresses": true, "acceptPastExpiry": true
    });
    api.lab.set(&refused);
    for body in [&md5, &remediated, &private, &legacy, &past, &scoped] {
        assert_eq!(api.post("/indicators", body).await.status, 400, "{body}");
    }
    api.lab.set(&accepted);
    for body in [&md5, &remediated, &private, &legacy, &scoped] {
        api.publish(body).await;
    }
    assert_eq!(api.get("/indicators?$filter=action eq 'Audit'&$count=true").await.json()["@odata.count"], json!(4));
    api.lab.set(&json!({"legacyActions": "accept"}));
    assert_eq!(api.publish(&legacy).await["action"], json!("Alert"));
}

#[tokio::test]
async fn a_fault_may_refuse_one_of_an_import_and_no_other() {
    let api = Api::new().await;
    api.lab.fault(&json!({"kind": "refuse-part", "status": 429, "path": "/import", "text": "b.example"}));
    let [a, b] = ["a.example", "b.example"].map(|domain| indicator("DomainName", domain, "Audit"));
    let seen = api.post("/indicators/import", &json!({"Indicators": [a, b]})).await;
    let results = seen.json()["value"].clone();
    assert_eq!((&results[0]["isFailed"], &results[0]["id"]), (&json!(false), &json!("1")));
    let refused = json!({
        "id": null, "indicator": "b.example", "isFailed": true, "failureReason": "Too many requests.",
    });
    assert_eq!((seen.status, &results[1]), (200, &refused));
    assert_eq!(api.get("/indicators").await.json()["value"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn an_import_fails_item_by_item_inside_a_200() {
    let api = Api::new().await;
    let good = indicator("DomainName", "evil.example", "Audit");
    let bad = indicator("DomainName", "nonsense", "Audit");
    let seen = api.post("/indicators/import", &json!({"Indicators": [good, bad, {}]})).await;
    assert_eq!(seen.status, 200, "{}", seen.text);
    assert_eq!(
        seen.json()["value"],
        json!([
            {"id": "1", "indicator": "evil.example", "isFailed": false, "failureReason": null},
            {"id": null, "indicator": "nonsense", "isFailed": true, "failureReason": "Domain name nonsense is invalid."},
            {"id": null, "indicator": null, "isFailed": true, "failureReason": "Parameter indicatorValue is missing."},
        ])
    );
    let many = |count| json!({"Indicators": vec![json!({}); count]});
    assert_eq!(api.post("/indicators/import", &many(500)).await.status, 200);
    let (status, code, message) = refusal(&api.post("/indicators/import", &many(501)).await);
    assert_eq!((status, code.as_str()), (400, "MaximumBatchSizeExceeded"));
    assert_eq!(message, "Maximum batch size exceeded. Received: 501, allowed: 500.");
    for body in [json!({"Indicators": []}), json!({"indicators": [good]}), json!({"Indicators": [1]}), json!({})] {
        assert_eq!(api.post("/indicators/import", &body).await.status, 400, "{body}");
    }
}

#[tokio::test]
async fn a_deletion_is_204_once_and_404_then() {
    let api = Api::new().await;
    api.publish(&indicator("DomainName", "a.example", "Audit")).await;
    api.publish(&indicator("DomainName", "b.example", "Audit")).await;
    let seen = api.ask("DELETE", "/indicators/1", None).await;
    assert_eq!((seen.status, seen.text.as_str()), (204, ""));
    assert_eq!(refusal(&api.ask("DELETE", "/indicators/1", None).await).0, 404);
    assert_eq!(refusal(&api.ask("DELETE", "/indicators/x", None).await).0, 404);
    api.lab.set(&json!({"indicatorDeleteStatus": 200}));
    let seen = api.ask("DELETE", "/indicators/2", None).await;
    assert_eq!((seen.status, seen.header("content-length")), (200, "0"));
    assert_eq!(api.publish(&indicator("DomainName", "c.example", "Audit")).await["id"], json!("3"), "ids leave gaps");
}

#[tokio::test]
async fn a_batch_deletion_takes_all_or_none() {
    let api = Api::new().await;
    for host in ["a.example", "b.example", "c.example"] {
        api.publish(&indicator("DomainName", host, "Audit")).await;
    }
    let batch = async |ids: Value| api.post("/indicators/BatchDelete", &json!({"IndicatorIds": ids})).await;
    assert_eq!(batch(json!(["1", "9"])).await.status, 404);
    for bad in [json!([]), json!(["x"]), json!([1]), json!("1"), Value::Null, json!(vec!["1"; 501])] {
        assert_eq!(batch(bad.clone()).await.status, 400, "{bad}");
    }
    assert_eq!(ids(&api.get("/indicators").await.json()), ["1", "2", "3"]);
    let seen = batch(json!(["1", "3"])).await;
    assert_eq!((seen.status, seen.text.as_str()), (204, ""));
    assert_eq!(ids(&api.get("/indicators").await.json()), ["2"]);
}

#[tokio::test]
async fn a_list_is_filtered_sorted_counted_and_paged() {
    let api = Api::new().await;
    for n in 1..=5 {
        let mut body = indicator("DomainName", &format!("h{n}.example"), "Audit");
        body["severity"] = json!(if n % 2 == 0 { "Low" } else { "High" });
        body["title"] = json!(format!("o'title {n}"));
        api.publish(&body).await;
    }
    let list = async |query: &str| api.get(&format!("/indicators?{query}")).await.json();
    assert_eq!(ids(&list("$filter=indicatorValue+eq+'h2.example'").await), ["2"]);
    assert_eq!(ids(&list("$filter=Severity%20eq%20'low'&$orderby=id desc").await), ["4", "2"]);
    assert_eq!(ids(&list("$filter=title eq 'o''title 3'").await), ["3"]);
    assert_eq!(
        ids(&list("$filter=creationTimeDateTimeUtc ge 2026-11-24Z and indicatorType eq 'DomainName'").await).len(),
        5
    );
    assert_eq!(names(&list("$select=indicatorValue,id").await["value"][0]), ["id", "indicatorValue"]);
    assert_eq!(ids(&list("$skip=1&$top=2").await), ["2", "3"]);
    let (status, code, _) = refusal(&api.get("/indicators?$filter=title eq 'open").await);
    assert_eq!((status, code.as_str()), (400, "BadRequest"));
    assert_eq!(api.get("/indicators?$filter=externalId eq 'x'").await.status, 400, "not among those documented");
    assert_eq!(api.get("/indicators?$top=10001").await.status, 400);

    api.lab.set(&json!({"endpointPageSize": 2}));
    let first = list("$count=true").await;
    assert_eq!((ids(&first), &first["@odata.count"]), (vec!["1", "2"], &json!(5)));
    api.ask("DELETE", "/indicators/1", None).await;
    let mut walked = Vec::new();
    let mut next = first["@odata.nextLink"].as_str().map(str::to_owned);
    while let Some(link) = next {
        let request = api.lab.client.get(link).bearer_auth(&api.token);
        let page = crate::emulator::Seen::of(request.send().await.expect("an answer")).await.json();
        walked.extend(ids(&page).into_iter().map(str::to_owned));
        next = page["@odata.nextLink"].as_str().map(str::to_owned);
    }
    assert_eq!(walked, ["3", "4", "5"], "what was deleted in between hides nothing");
}

#[tokio::test]
async fn an_indicator_is_gone_at_the_second_of_its_expiry_and_a_full_tenant_says_so() {
    let api = Api::new().await;
    api.lab.set(&json!({"customIndicatorQuota": 1}));
    let mut body = indicator("DomainName", "evil.example", "Audit");
    body["expirationTime"] = json!("2026-11-24T13:00:00+00:00");
    assert_eq!(api.publish(&body).await["expirationTime"], json!("2026-11-24T13:00:00Z"));
    let other = indicator("DomainName", "other.example", "Audit");
    assert_eq!(refusal(&api.post("/indicators", &other).await).0, 400);
    api.lab.advance(3599);
    assert_eq!(api.get("/indicators/$count").await.text, "1");
    api.lab.advance(1);
    assert_eq!(api.get("/indicators/$count").await.text, "0");
    api.publish(&other).await;
}

#[tokio::test]
async fn who_may_only_write_their_own_sees_their_own_and_what_others_allow_still_counts() {
    let api = Api::quick().await;
    api.publish(&indicator("IpAddress", "52.184.197.12", "Audit")).await;
    let control = async |method: &str, path: &str, body: Value| {
        let url = format!("{}/{path}", api.lab.details.control);
        let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
        let request = api.lab.client.request(method, url).body(body.to_string());
        crate::emulator::Seen::of(request.send().await.expect("an answer")).await
    };
    let foreign = json!({"type": "IpAddress", "value": "52.184.197.12", "action": "Allowed"});
    assert_eq!(control("POST", "custom-indicators", foreign).await.json(), json!({"id": "2"}));
    let list = api.get("/indicators").await.json();
    assert_eq!(
        (&list["value"][1]["createdBySource"], &list["value"][1]["createdBy"]),
        (&json!("Portal"), &json!("analyst@contoso.example"))
    );
    assert_eq!(api.lab.raised(), 0, "somebody else allows it");
    let roles = json!({"resource": "https://api.securitycenter.microsoft.com", "roles": ["Ti.ReadWrite"]});
    let seen = control("PUT", "roles", roles).await;
    assert!(seen.status < 300, "{}", seen.text);
    let own = crate::emulator::endpoint::token_for(&api.lab, crate::emulator::endpoint::RESOURCE).await;
    assert_eq!(ids(&api.ask_with(&own, "GET", "/indicators", None).await.json()), ["1"]);
    assert_eq!(api.ask_with(&own, "DELETE", "/indicators/2", None).await.status, 404);
    let (status, _, message) = refusal(&api.ask_with(&own, "GET", "/alerts", None).await);
    assert_eq!(status, 403);
    assert!(message.ends_with(", application roles: Ti.ReadWrite."), "{message}");
    assert_eq!(control("DELETE", "custom-indicators/2", Value::Null).await.status, 204);
    assert_eq!(api.lab.raised(), 1);
}

#[tokio::test]
async fn hostile_bodies_are_400_and_cost_little() {
    let api = Api::new().await;
    let deep = "[".repeat(1_000_000);
    let long = json!({"Indicators": vec!["x".repeat(16); 400_000]}).to_string();
    let big = json!({"indicatorValue": "x".repeat(15 << 20), "indicatorType": "Url", "action": "Audit", "title": "t",
        "description": "d"});
    for (path, body) in [
        ("/indicators", deep.as_str()),
        ("/indicators/import", &long),
        ("/indicators", &big.to_string()),
        ("/alerts/batchUpdate", &deep),
        ("/indicators", "{\"indicatorValue\":1e999}"),
        ("/advancedqueries/run", &deep),
    ] {
        assert_eq!(api.ask_with(&api.token, "POST", path, Some(body)).await.status, 400, "{path}");
    }
    let mut many = indicator("DomainName", "evil.example", "Audit");
    many["mitreTechniques"] = json!(vec!["T1059"; 101]);
    assert_eq!(api.post("/indicators", &many).await.status, 400);
    many["mitreTechniques"] = json!(["T1059", 1]);
    assert_eq!(api.publish(&many).await["mitreTechniques"], json!(["T1059", "1"]));
}
