//! Alerts of custom indicators: what they say for which action and type, their recorded shape, and what becomes of them.

use alertdrill::emulator::{
    detection::{Activity, Event},
    tenant::FIRST_DEVICE,
};
use serde_json::{Value, json};

use crate::emulator::{
    Seen,
    endpoint::{Api, ids, indicator, refusal, token_for},
    names,
};

/// The members recorded in 2023, in their order.
const MEMBERS: [&str; 31] = [
    "id",
    "incidentId",
    "investigationId",
    "assignedTo",
    "severity",
    "status",
    "classification",
    "determination",
    "investigationState",
    "detectionSource",
    "detectorId",
    "category",
    "threatFamilyName",
    "title",
    "description",
    "alertCreationTime",
    "firstEventTime",
    "lastEventTime",
    "lastUpdateTime",
    "resolvedTime",
    "machineId",
    "computerDnsName",
    "rbacGroupName",
    "aadTenantId",
    "threatName",
    "mitreTechniques",
    "relatedUser",
    "loggedOnUsers",
    "comments",
    "evidence",
    "domains",
];

const SHA1: &str = "0123456789abcdef0123456789abcdef01234567";
const SHA256: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn happens(api: &Api, activity: Activity) {
    let event = Event { device: FIRST_DEVICE.to_owned(), activity };
    api.lab.mocks.emulator().with(|tenant, now| tenant.observe(event, now));
}

fn contact(api: &Api, host: &str, path: &str) {
    happens(
        api,
        Activity::Connection {
            host: Some(host.to_owned()),
            address: None,
            port: 80,
            url: Some(format!("http://{host}{path}")),
            process: "powershell_ise.exe".to_owned(),
        },
    );
}

fn write(api: &Api) {
    let (sha1, sha256) = (SHA1.to_owned(), SHA256.to_owned());
    happens(api, Activity::File { name: "tool.exe".into(), sha1, sha256, md5: "a".repeat(32) });
}

/// A tenant in which a device contacted what an audited domain's indicator looks for, at a moment when the alert can be
/// read.
async fn alerted() -> Api {
    let api = Api::quick().await;
    api.publish(&indicator("DomainName", "evil.example", "Audit")).await;
    contact(&api, "www.evil.example", "/a");
    api.lab.advance(10);
    api
}

/// What the alert of one indicator says after its event.
async fn said(kind: &str, value: &str, action: &str, knobs: &Value) -> Value {
    let api = Api::quick().await;
    api.lab.set(knobs);
    api.publish(&indicator(kind, value, action)).await;
    contact(&api, "evil.example", "/a");
    happens(
        &api,
        Activity::Connection {
            host: None,
            address: "52.184.197.12".parse().ok(),
            port: 80,
            url: None,
            process: "curl.exe".into(),
        },
    );
    write(&api);
    api.lab.advance(10);
    let list = api.get("/alerts").await.json();
    assert!(ids(&list).len() <= 1, "{list}");
    let alert = &list["value"][0];
    json!([alert["title"], alert["severity"], alert["category"], alert["detectionSource"]])
}

#[tokio::test]
async fn what_an_alert_says_depends_on_the_action_and_the_type() {
    let network = "Connection to a custom network indicator";
    let engine = "'CustomEnterpriseBlockOnly' malware was prevented";
    let none = json!({});
    let fixed = |severity: &str| json!([network, severity, "CommandAndControl", "CustomerTI"]);
    let own = json!(["own title", "High", "SuspiciousActivity", "CustomerTI"]);
    let by_engine = json!([engine, "Informational", "Malware", "WindowsDefenderAv"]);
    let silence = json!([null, null, null, null]);
    let own_network = json!({"networkAuditTitle": "own"});
    let own_file = json!({"fileBlockAlert": "own"});
    for (kind, value, action, knobs, expected) in [
        ("DomainName", "evil.example", "Audit", &none, fixed("High")),
        ("Url", "http://evil.example/a", "Audit", &none, fixed("High")),
        ("IpAddress", "52.184.197.12", "Audit", &none, fixed("High")),
        ("DomainName", "evil.example", "Block", &none, fixed("Informational")),
        ("DomainName", "evil.example", "Warn", &none, fixed("Informational")),
        ("Url", "http://evil.example/", "BlockAndRemediate", &none, fixed("Informational")),
        ("DomainName", "evil.example", "Allowed", &none, silence.clone()),
        (
            "DomainName",
            "evil.example",
            "Audit",
            &own_network,
            json!(["own title", "High", "CommandAndControl", "CustomerTI"]),
        ),
        ("FileSha1", SHA1, "Audit", &none, own.clone()),
        ("FileSha256", SHA256, "BlockAndRemediate", &none, own.clone()),
        ("FileSha256", SHA256, "Block", &none, by_engine.clone()),
        ("FileSha256", SHA256, "Warn", &none, by_engine),
        ("FileSha256", SHA256, "Block", &own_file, own),
        ("FileSha1", SHA1, "Allowed", &none, silence),
    ] {
        assert_eq!(said(kind, value, action, knobs).await, expected, "{kind} {action} {knobs}");
    }
}

#[tokio::test]
async fn an_alert_has_the_recorded_members_and_a_list_hides_its_evidence() {
    let api = alerted().await;
    let list = api.get("/alerts").await.json();
    assert!(list["@odata.context"].as_str().is_some_and(|text| text.ends_with("/api/$metadata#Alerts")));
    let alert = &list["value"][0];
    assert_eq!(names(alert), MEMBERS);
    let id = alert["id"].as_str().expect("an id");
    assert!(id.starts_with("da") && id.ends_with("_1") && id.len() == 2 + 36 + 2, "{id}");
    assert_eq!((&alert["evidence"], &alert["relatedUser"]), (&json!([]), &Value::Null));
    assert_eq!((&alert["status"], &alert["investigationState"]), (&json!("New"), &json!("UnsupportedAlertType")));
    assert_eq!(alert["detectorId"], json!("08dfd06f-d2e2-4049-899f-67b406311d84"));
    assert_eq!(alert["machineId"], json!(api.lab.details.device_id));
    assert_eq!(alert["firstEventTime"], json!("2026-11-24T12:00:00Z"));
    assert_eq!(alert["alertCreationTime"], json!("2026-11-24T12:00:10Z"));

    let one = api.get(&format!("/alerts/{id}")).await.json();
    let expanded = api.get("/alerts?$expand=evidence").await.json();
    let of_machine = api.get(&format!("/machines/{}/alerts", api.lab.details.device_id)).await.json();
    assert_eq!(names(&one)[1..], MEMBERS);
    assert!(one["@odata.context"].as_str().is_some_and(|text| text.ends_with("$metadata#Alerts/$entity")));
    for shown in [&one, &expanded["value"][0], &of_machine["value"][0]] {
        let rows = shown["evidence"].as_array().expect("evidence");
        let types: Vec<_> = rows.iter().map(|row| row["entityType"].as_str().unwrap_or_default()).collect();
        assert_eq!(types, ["Url", "Process", "Url", "User"]);
        assert!(rows.iter().all(|row| names(row).len() == 26), "{rows:?}");
        assert_eq!(
            (&rows[0]["url"], &rows[2]["url"]),
            (&json!("www.evil.example"), &json!("http://www.evil.example/a"))
        );
        assert_eq!((&rows[1]["detectionStatus"], &rows[0]["detectionStatus"]), (&json!("Detected"), &Value::Null));
        assert_eq!(shown["relatedUser"], json!({"userName": "user1", "domainName": "WORKSTATION-1"}));
    }
}

#[tokio::test]
async fn an_alert_is_not_there_before_its_time_and_its_evidence_may_come_later() {
    let api = Api::quick().await;
    api.lab.set(&json!({"evidenceSeconds": 60}));
    api.publish(&indicator("FileSha256", SHA256, "Audit")).await;
    write(&api);
    api.lab.advance(9);
    assert_eq!(ids(&api.get("/alerts").await.json()).len(), 0);
    api.lab.advance(1);
    let list = api.get("/alerts?$expand=evidence").await.json();
    assert_eq!((ids(&list).len(), &list["value"][0]["evidence"]), (1, &json!([])));
    api.lab.advance(60);
    let list = api.get("/alerts?$expand=evidence").await.json();
    assert_eq!(list["value"][0]["evidence"][0]["sha1"], json!(SHA1));
}

#[tokio::test]
async fn the_alert_of_a_file_is_resolved_by_itself_and_that_of_a_network_is_not() {
    let api = Api::quick().await;
    api.publish(&indicator("FileSha256", SHA256, "Audit")).await;
    api.publish(&indicator("DomainName", "evil.example", "Audit")).await;
    write(&api);
    contact(&api, "evil.example", "/");
    api.lab.advance(10 + 25 * 60 - 1);
    let open = "/alerts?$filter=status ne 'Resolved'";
    assert_eq!(ids(&api.get(open).await.json()).len(), 2);
    api.lab.advance(1);
    assert_eq!(ids(&api.get(open).await.json()).len(), 1);
    let resolved = api.get("/alerts?$filter=status eq 'Resolved'").await.json();
    let alert = &resolved["value"][0];
    assert_eq!(
        (&alert["assignedTo"], &alert["investigationState"]),
        (&json!("API Action"), &json!("SuccessfullyRemediated"))
    );
    let id = alert["id"].as_str().expect("an id");
    assert!(id.starts_with("da639") && id.contains('_'), "ticks of the making: {id}");
}

#[tokio::test]
async fn a_further_contact_extends_the_open_alert_and_another_indicator_makes_one_of_its_own() {
    let api = alerted().await;
    api.publish(&indicator("DomainName", "worse.example", "Audit")).await;
    contact(&api, "evil.example", "/b");
    contact(&api, "worse.example", "/");
    api.lab.advance(365);
    let list = api.get("/alerts?$orderby=alertCreationTime").await.json();
    assert_eq!((ids(&list).len(), &list["value"][0]["lastEventTime"]), (2, &json!("2026-11-24T12:00:00Z")));
    assert_eq!(list["value"][0]["incidentId"], list["value"][1]["incidentId"], "seconds apart, one device");
    api.lab.advance(1);
    let list = api.get("/alerts?$orderby=alertCreationTime").await.json();
    assert_eq!(list["value"][0]["lastEventTime"], json!("2026-11-24T12:00:10Z"));
    assert_eq!(list["value"][0]["lastUpdateTime"], json!("2026-11-24T12:06:16Z"));
}

#[tokio::test]
async fn a_resolved_alert_takes_no_further_contact() {
    let api = alerted().await;
    let id = ids(&api.get("/alerts").await.json())[0].to_owned();
    api.ask("PATCH", &format!("/alerts/{id}"), Some(&json!({"status": "Resolved"}))).await;
    contact(&api, "evil.example", "/b");
    api.lab.advance(10);
    assert_eq!(ids(&api.get("/alerts").await.json()).len(), 2);
}

#[tokio::test]
async fn a_change_answers_with_the_whole_alert_and_leaves_the_rest() {
    let api = alerted().await;
    let id = ids(&api.get("/alerts").await.json())[0].to_owned();
    let change = json!({
        "status": "InProgress", "assignedTo": "analyst@contoso.example", "classification": "InformationalExpectedActivity",
        "determination": "SecurityTesting", "comment": "a drill"
    });
    api.lab.advance(5);
    let seen = api.ask("PATCH", &format!("/alerts/{id}"), Some(&change)).await;
    let alert = seen.json();
    assert_eq!(seen.status, 200, "{}", seen.text);
    assert_eq!(names(&alert)[1..], MEMBERS);
    assert_eq!((&alert["status"], &alert["resolvedTime"]), (&json!("InProgress"), &Value::Null));
    assert_eq!(
        (&alert["classification"], &alert["determination"]),
        (&json!("InformationalExpectedActivity"), &json!("SecurityTesting"))
    );
    assert_eq!(names(&alert["comments"][0]), ["comment", "createdBy", "createdTime"]);
    let seen = api.ask("PATCH", &format!("/alerts/{id}"), Some(&json!({"status": "Resolved"}))).await.json();
    assert_eq!((&seen["resolvedTime"], &seen["assignedTo"]), (&json!("2026-11-24T12:00:15Z"), &change["assignedTo"]));
    for bad in [
        json!({"status": "Nonsense"}),
        json!({"status": 1}),
        json!({"Status": "New"}),
        json!({"determination": "Apt"}),
        json!([]),
    ] {
        let seen = api.ask("PATCH", &format!("/alerts/{id}"), Some(&bad)).await;
        assert_eq!(refusal(&seen).0, 400, "{bad}");
    }
    assert_eq!(refusal(&api.ask("PATCH", "/alerts/da1_1", Some(&change)).await).0, 404);
    assert_eq!(refusal(&api.get("/alerts/da1_1").await).0, 404);
}

#[tokio::test]
async fn a_batch_update_is_200_without_a_body() {
    let api = alerted().await;
    let id = ids(&api.get("/alerts").await.json())[0].to_owned();
    let body = json!({"alertIds": [id], "status": "Resolved", "determination": "NotMalicious"});
    let seen = api.post("/alerts/batchUpdate", &body).await;
    assert_eq!((seen.status, seen.text.as_str()), (200, ""));
    let alert = api.get(&format!("/alerts/{id}")).await.json();
    assert_eq!((&alert["status"], &alert["determination"]), (&json!("Resolved"), &json!("Clean")));
    for bad in [json!({}), json!({"alertIds": []}), json!({"alertIds": "x"}), json!({"alertIds": [{}]})] {
        assert_eq!(api.post("/alerts/batchUpdate", &bad).await.status, 400, "{bad}");
    }
}

#[tokio::test]
async fn alerts_are_filtered_by_what_is_documented_and_not_by_title() {
    let api = alerted().await;
    for filter in [
        "detectionSource eq 'CustomerTI' and alertCreationTime ge 2026-11-24T12:00:10Z",
        "severity eq 'HIGH'",
        "lastUpdateTime gt 2026-11-24T11:00:00.0000000Z and status in ('New','InProgress')",
        "incidentId eq 1 and category eq 'CommandAndControl'",
    ] {
        assert_eq!(ids(&api.get(&format!("/alerts?$filter={filter}")).await.json()).len(), 1, "{filter}");
    }
    assert_eq!(ids(&api.get("/alerts?$filter=alertCreationTime gt 2026-11-24T12:00:10Z").await.json()).len(), 0);
    assert_eq!(api.get("/alerts?$filter=title eq 'x'").await.status, 400);
    let path = format!("/machines/{}/alerts/$count?$filter=status ne 'Resolved'", api.lab.details.device_id);
    assert_eq!(api.get(&path).await.text, "1");
}

#[tokio::test]
async fn what_an_alert_names_is_asked_for_by_its_relations() {
    let api = alerted().await;
    let id = ids(&api.get("/alerts").await.json())[0].to_owned();
    let value = async |relation: &str| api.get(&format!("/alerts/{id}/{relation}")).await.json()["value"].clone();
    assert_eq!(value("ips").await, json!([]));
    assert_eq!(value("domains").await, json!([{"host": "www.evil.example"}]));
    assert_eq!(value("files").await, json!([]));
    assert_eq!(api.get(&format!("/alerts/{id}/machine")).await.json()["id"], json!(api.lab.details.device_id));
    assert_eq!(api.get(&format!("/alerts/{id}/user")).await.json()["accountName"], json!("user1"));
    assert_eq!(ids(&api.get("/domains/www.evil.example/alerts").await.json()), [id.as_str()]);
    let list = api.get("/ips/192.0.2.1/alerts").await.json();
    assert!(list["@odata.context"].as_str().is_some_and(|text| text.ends_with("#AlertEntitySetName")), "{list}");
}

#[tokio::test]
async fn an_alert_by_reference_is_there_at_once_and_joins_its_like() {
    let api = Api::new().await;
    let body = json!({
        "machineId": api.lab.details.device_id, "severity": "Low", "title": "found by hunting", "description": "d",
        "recommendedAction": "none", "eventTime": "2026-11-24T11:59:00.1234567Z", "reportId": "20776",
        "category": "Exploit"
    });
    let seen = api.post("/alerts/CreateAlertByReference", &body).await;
    let alert = seen.json();
    assert_eq!(seen.status, 200, "{}", seen.text);
    assert_eq!((&alert["detectionSource"], &alert["title"]), (&json!("CustomerTI"), &json!("found by hunting")));
    assert_eq!(alert["firstEventTime"], json!("2026-11-24T11:59:00.1234567Z"));
    let again = api.post("/alerts/CreateAlertByReference", &body).await.json();
    assert_eq!(again["id"], alert["id"]);
    let (status, _, message) =
        refusal(&api.get(&format!("/alerts/{}/user", alert["id"].as_str().expect("an id"))).await);
    assert_eq!(status, 404);
    assert!(message.starts_with("There is no User related to alert da"), "{message}");
    for (name, value, status) in [
        ("machineId", json!("123123123"), 404),
        ("severity", json!("Informational"), 400),
        ("category", json!("Nonsense"), 400),
        ("eventTime", json!("yesterday"), 400),
        ("reportId", Value::Null, 400),
    ] {
        let mut body = body.clone();
        body[name] = value;
        assert_eq!(refusal(&api.post("/alerts/CreateAlertByReference", &body).await).0, status, "{name}");
    }
}

#[tokio::test]
async fn a_token_without_the_role_is_refused_in_the_recorded_words() {
    let api = Api::new().await;
    // The Defender XDR API's tokens are for another service, and have no role of this one.
    let token = token_for(&api.lab, "https://security.microsoft.com/mtp").await;
    api.lab.set(&json!({"endpointAudiences": "any"}));
    let (status, code, message) = refusal(&api.ask_with(&token, "GET", "/alerts", None).await);
    assert_eq!((status, code.as_str()), (403, "Forbidden"));
    assert_eq!(
        message,
        "Missing application roles. API required roles: Alert.Read.All,Alert.ReadWrite.All, application roles: \
         Incident.Read.All,Incident.ReadWrite.All,AdvancedHunting.Read.All."
    );
}

#[tokio::test]
async fn pages_of_alerts_lose_nothing_while_new_ones_come() {
    let api = Api::quick().await;
    api.lab.set(&json!({"endpointPageSize": 2, "alertGroupingSeconds": 0}));
    api.publish(&indicator("DomainName", "evil.example", "Audit")).await;
    for n in 0..5 {
        contact(&api, "evil.example", &format!("/{n}"));
        api.lab.advance(1);
    }
    api.lab.advance(10);
    let mut page = api.get("/alerts").await.json();
    let mut walked: Vec<String> = ids(&page).into_iter().map(str::to_owned).collect();
    while let Some(link) = page["@odata.nextLink"].as_str().map(str::to_owned) {
        contact(&api, "evil.example", "/new");
        api.lab.advance(10);
        let request = api.lab.client.get(link).bearer_auth(&api.token);
        page = Seen::of(request.send().await.expect("an answer")).await.json();
        walked.extend(ids(&page).into_iter().map(str::to_owned));
    }
    let unique: std::collections::BTreeSet<_> = walked.iter().collect();
    assert_eq!((walked.len(), unique.len()), (5, 5), "the newest come first: what is new comes before the first page");
}
