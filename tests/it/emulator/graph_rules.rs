//! Graph: custom detection rules, as they are made, read, changed, deleted, and above all refused.

use serde_json::{Value, json};

use crate::emulator::{
    graph_stage::{Graph, refused, said},
    names,
};

pub(super) const RULES: &str = "beta/security/rules/detectionRules";

/// A good rule of today, over connections to an address.
pub(super) fn rule(id: &str) -> Value {
    json!({
        "id": id, "displayName": format!("Rule {id}"), "status": "enabled",
        "queryCondition": {"queryText":
            "DeviceNetworkEvents | where RemoteIP == '52.184.197.12' \
             | project Timestamp, DeviceId, DeviceName, ReportId, RemoteIP, RemotePort"},
        "schedule": {"frequency": "PT0S"},
        "detectionAction": {"alertTemplate": {
            "title": format!("Title {id}"), "description": "Found {{RemoteIP}}", "severity": "medium",
            "recommendedActions": null,
            "entityMappings": {
                "hosts": [{"deviceIdColumn": "DeviceId"}], "ips": [{"addressColumn": "RemoteIP"}]},
            "customDetails": {"port": "RemotePort"},
            "tactics": [{"tactic": "CommandAndControl", "techniques": [{"technique": "T1071.001"}]}]}}
    })
}

/// A good rule of the first generation.
pub(super) fn old_rule() -> Value {
    json!({
        "displayName": "An old rule", "isEnabled": true,
        "queryCondition": {"queryText": "DeviceProcessEvents | project Timestamp, DeviceId, ReportId"},
        "schedule": {"period": "12H"},
        "detectionAction": {
            "alertTemplate": {
                "title": "An old title", "description": "Some", "severity": "low", "category": "Malware",
                "recommendedActions": null, "mitreTechniques": ["T1059"],
                "impactedAssets": [
                    {"@odata.type": "#microsoft.graph.security.impactedDeviceAsset", "identifier": "deviceId"}]},
            "organizationalScope": null, "responseActions": []}
    })
}

/// The rule at a path of members, changed.
fn changed(path: &str, value: Value) -> Value {
    let mut rule = rule("changed");
    *rule.pointer_mut(path).unwrap_or_else(|| panic!("a member at {path}")) = value;
    rule
}

async fn unlimited() -> Graph {
    let graph = Graph::new().await;
    graph.lab.set(&json!({"graphQuotas": {
        "ruleList": [0, 0, 0], "ruleGet": [0, 0, 0], "ruleCreate": [0, 0, 0], "ruleUpdate": [0, 0, 0],
        "ruleDelete": [0, 0, 0]}}));
    graph
}

#[tokio::test]
async fn a_new_rule_is_201_with_its_place_and_all_of_it() {
    let graph = unlimited().await;
    let seen = graph.send("POST", RULES, &rule("a-1")).await;
    assert_eq!(seen.status, 201, "{}", seen.text);
    assert_eq!(seen.header("location"), graph.url(&format!("{RULES}/a-1")));
    let body = seen.json();
    assert_eq!(
        names(&body),
        [
            "@odata.context",
            "id",
            "displayName",
            "description",
            "status",
            "createdBy",
            "createdDateTime",
            "lastModifiedBy",
            "lastModifiedDateTime",
            "queryCondition",
            "schedule",
            "detectionAction"
        ]
    );
    let template = &body["detectionAction"]["alertTemplate"];
    let technique = json!([{"technique": "T1071", "subTechniques": ["T1071.001"]}]);
    assert_eq!(template["tactics"][0]["techniques"], technique, "a sub-technique is put where it belongs");
    assert_eq!(template["entityMappings"]["hosts"][0]["deviceIdColumn"], json!("DeviceId"));
    assert_eq!(template["entityMappings"]["urls"], json!([]), "empty arrays are kept");
    let read = graph.read(&format!("{RULES}/a-1")).await;
    assert_eq!(read, body);
    assert_eq!(graph.list(RULES).await[0]["id"], json!("a-1"));
    assert_eq!(graph.get(&format!("{RULES}/$count")).await.text, "1");
}

/// A body, and the code and words that refuse it.
type Refused = (Value, &'static str, &'static str);

/// Wrong ids, queries and schedules.
fn wrong_rules() -> Vec<Refused> {
    const QUERY: &str = "/queryCondition/queryText";
    let id = "Invalid rule identifier format. Rule ID must consist of letters, numbers, dashes, or underscores only, \
              begin with a letter, and not exceed 100 characters.";
    vec![
        (changed("/id", json!("0a0b0c0d-0000-4000-8000-000000000001")), "InvalidInput", id),
        (changed("/id", json!("a".repeat(101))), "InvalidInput", id),
        (changed("/id", json!("a b")), "InvalidInput", id),
        (
            changed(QUERY, json!("DeviceNetworkEvents | where (")),
            "InvalidInput",
            "The query contains syntax errors: The request had some invalid properties.",
        ),
        (
            changed(QUERY, json!("_X() | project Timestamp")),
            "InvalidInput",
            "The query has a semantic error: Unknown function: '_X'. Fix semantic errors in your query.",
        ),
        (changed("/status", json!("autoDisabled")), "BadRequest", "Requested value 'autoDisabled' was not found."),
        (
            changed("/schedule/frequency", json!("1H")),
            "BadRequest",
            "Cannot convert the literal '1H' to the expected type 'Edm.Duration'.",
        ),
        (changed("/displayName", Value::Null), "InvalidInput", "The DisplayName field is required."),
        (
            changed("/schedule", json!({"period": "1H"})),
            "BadRequest",
            "The property 'period' does not exist on type 'microsoft.graph.security.ruleSchedule'. Make sure to only use \
             property names that are defined by the type.",
        ),
    ]
}

/// Wrong entities, tactics and words of the alert.
fn wrong_templates() -> Vec<Refused> {
    let at = |member: &str| format!("/detectionAction/alertTemplate/{member}");
    let user = "Entity mapping for 'User' is invalid. Set non-empty column values for all fields in at least one of \
                these combinations: aadUserIdColumn; sidColumn; upnColumn; nameColumn + ntDomainColumn; nameColumn + \
                dnsDomainColumn; nameColumn + upnSuffixColumn.";
    vec![
        (
            changed(&at("entityMappings"), json!({})),
            "InvalidInput",
            "At least one of impactedAssets or entityMappings must be provided.",
        ),
        (changed(&at("entityMappings"), json!({"accounts": [{"nameColumn": "DeviceName"}]})), "InvalidInput", user),
        (
            changed(&at("entityMappings"), json!({"urls": [{"addressColumn": "DeviceName"}]})),
            "InvalidInput",
            "At least one asset entity (Machine, User, or Mailbox) or an IP entity must be included.",
        ),
        (
            changed(&at("entityMappings"), json!({"ips": [{"addressColumn": "LocalIP"}]})),
            "InvalidInput",
            "Entity mappings reference the following column(s) which are not projected by the query output: LocalIP..",
        ),
        (
            changed(&at("tactics"), json!([{"tactic": "Execution"}, {"tactic": "Impact"}])),
            "InvalidInput",
            "Multiple MITRE tactics are not supported. Specify a single tactic.",
        ),
        (changed(&at("tactics"), json!([{"tactic": "execution"}])), "InvalidInput", "Invalid alert category."),
        (
            changed(&at("title"), json!("{{DeviceId}} {{DeviceName}} {{ReportId}}")),
            "InvalidInput",
            "Dynamic properties in alertTitle and alertDescription must not exceed 3 fields",
        ),
        (changed(&at("severity"), json!("huge")), "BadRequest", "Requested value 'huge' was not found."),
    ]
}

#[tokio::test]
async fn what_is_wrong_with_a_rule_is_said_in_the_recorded_words() {
    let graph = unlimited().await;
    for (body, code, message) in wrong_rules().into_iter().chain(wrong_templates()) {
        let seen = graph.send("POST", RULES, &body).await;
        assert_eq!(refused(&seen, 400), said(code, message), "{body}");
    }
    assert_eq!(graph.list(RULES).await.len(), 0, "nothing of it was kept");
    graph.lab.set(&json!({"ruleWording": "2026-08"}));
    let two = json!([{"tactic": "Execution"}, {"tactic": "Impact"}]);
    let body = changed("/detectionAction/alertTemplate/tactics", two);
    let words = said("InvalidInput", "Only one tactic is currently supported.");
    assert_eq!(refused(&graph.send("POST", RULES, &body).await, 400), words);
}

#[tokio::test]
async fn the_first_of_several_mistakes_is_the_one_that_is_said() {
    let graph = unlimited().await;
    let mut body = changed("/id", json!("1"));
    body["status"] = json!("on");
    body["detectionAction"]["alertTemplate"]["severity"] = json!("grave");
    body["detectionAction"]["alertTemplate"]["title"] = Value::Null;
    body["queryCondition"]["queryText"] = json!("nonsense (");
    body["detectionAction"]["alertTemplate"]["entityMappings"] = json!({});
    body["detectionAction"]["alertTemplate"]["tactics"] = json!([{"tactic": "Execution"}, {"tactic": "Impact"}]);
    let said = async |body: &Value| refused(&graph.send("POST", RULES, body).await, 400).1;
    assert_eq!(said(&body).await, "The Title field is required.");
    body["detectionAction"]["alertTemplate"]["title"] = json!("Title a");
    assert!(said(&body).await.starts_with("Invalid rule identifier format."));
    body["id"] = json!("a");
    assert_eq!(said(&body).await, "Requested value 'on' was not found.");
    body["status"] = json!("enabled");
    assert_eq!(said(&body).await, "Requested value 'grave' was not found.");
    body["detectionAction"]["alertTemplate"]["severity"] = json!("low");
    assert!(said(&body).await.starts_with("The query contains syntax errors"));
    body["queryCondition"]["queryText"] = rule("a")["queryCondition"]["queryText"].clone();
    assert!(said(&body).await.starts_with("At least one of impactedAssets"));
    body["detectionAction"]["alertTemplate"]["entityMappings"] = json!({"ips": [{"addressColumn": "RemoteIP"}]});
    assert!(said(&body).await.starts_with("Multiple MITRE tactics"));
}

#[tokio::test]
async fn a_continuous_rule_has_one_plain_table_and_a_scheduled_one_may_look_back() {
    let graph = unlimited().await;
    let columns = "| project Timestamp, DeviceId, ReportId, DeviceName, RemoteIP, RemotePort";
    for query in [
        format!("let x = 1; DeviceNetworkEvents | where RemotePort == x {columns}"),
        format!("DeviceNetworkEvents // a remark\n {columns}"),
        format!("union DeviceNetworkEvents, DeviceEvents {columns}"),
    ] {
        let body = changed("/queryCondition/queryText", json!(query));
        assert_eq!(refused(&graph.send("POST", RULES, &body).await, 400), said("InvalidInput", ""), "{query}");
        let mut scheduled = body.clone();
        scheduled["schedule"]["frequency"] = json!("PT1H");
        let seen = graph.send("POST", RULES, &scheduled).await;
        assert_eq!(seen.status, 201, "{query}: {}", seen.text);
        assert_eq!(graph.send("DELETE", &format!("{RULES}/changed"), &json!({})).await.status, 204);
        graph.lab.advance(60);
    }
    for (schedule, status) in [
        (json!({"frequency": "PT0S", "lookback": "PT1H"}), 400),
        (json!({"frequency": "PT3H", "lookback": "PT1H"}), 400),
        (json!({"frequency": "PT2H"}), 400),
        (json!({"frequency": "P31D"}), 400),
        (json!({"frequency": "P1D", "lookback": "P3D"}), 201),
    ] {
        let body = changed("/schedule", schedule.clone());
        assert_eq!(graph.send("POST", RULES, &body).await.status, status, "{schedule}");
    }
    assert_eq!(
        graph.read(&format!("{RULES}/changed")).await["schedule"],
        json!({"frequency": "P1D", "lookback": "P3D"})
    );
}

#[tokio::test]
async fn id_name_and_title_are_unique_and_a_ghost_may_stay_behind() {
    let graph = unlimited().await;
    graph.send("POST", RULES, &rule("a")).await;
    let (mut id, mut name, mut title) = (rule("b"), rule("b"), rule("b"));
    id["id"] = json!("a");
    name["displayName"] = json!("Rule a");
    title["detectionAction"]["alertTemplate"]["title"] = json!("Title a");
    for (body, status) in [(&id, 409), (&name, 409), (&title, 400)] {
        refused(&graph.send("POST", RULES, body).await, status);
        assert_eq!(graph.list(RULES).await.len(), 1);
    }
    graph.lab.set(&json!({"ruleGhostOnError": true}));
    refused(&graph.send("POST", RULES, &title).await, 400);
    assert_eq!(
        graph.read(&format!("{RULES}/b")).await["id"],
        json!("b"),
        "an error does not prove that nothing was made"
    );
}

#[tokio::test]
async fn a_change_returns_the_whole_and_what_the_service_owns_is_refused() {
    let graph = unlimited().await;
    graph.send("POST", RULES, &rule("a")).await;
    graph.lab.advance(5);
    let path = format!("{RULES}/a");
    let seen = graph.send("PATCH", &path, &json!({"status": "disabled"})).await;
    assert_eq!(seen.status, 200, "{}", seen.text);
    let body = seen.json();
    assert_eq!((&body["status"], &body["displayName"]), (&json!("disabled"), &json!("Rule a")));
    assert_ne!(body["lastModifiedDateTime"], body["createdDateTime"]);
    let echoed = refused(&graph.send("PATCH", &path, &body).await, 400);
    assert!(echoed.1.contains("createdBy"), "{}", echoed.1);
    let template = json!({"detectionAction": {"alertTemplate": {"severity": "high"}}});
    let body = graph.send("PATCH", &path, &template).await.json();
    let template = &body["detectionAction"]["alertTemplate"];
    assert_eq!((&template["severity"], &template["title"]), (&json!("high"), &json!("Title a")));
    refused(&graph.send("PATCH", &path, &json!({"queryCondition": {"queryText": "Nope"}})).await, 400);
    refused(&graph.send("PATCH", &format!("{RULES}/none"), &json!({"status": "disabled"})).await, 404);
}

#[tokio::test]
async fn a_deleted_rule_is_still_listed_for_a_while_and_its_name_is_reserved_for_a_moment() {
    let graph = unlimited().await;
    graph.send("POST", RULES, &rule("a")).await;
    let path = format!("{RULES}/a");
    let seen = graph.send("DELETE", &path, &json!({})).await;
    assert_eq!((seen.status, seen.text.as_str()), (204, ""));
    refused(&graph.send("DELETE", &path, &json!({})).await, 404);
    refused(&graph.send("PATCH", &path, &json!({"status": "enabled"})).await, 404);
    assert_eq!(graph.get(&path).await.status, 200);
    assert_eq!(graph.list(RULES).await.len(), 1);
    refused(&graph.send("POST", RULES, &rule("a")).await, 409);
    graph.lab.advance(45);
    assert_eq!(graph.send("POST", RULES, &rule("a")).await.status, 201);
    assert_eq!(graph.send("DELETE", &path, &json!({})).await.status, 204);
    graph.lab.advance(2 * 3600);
    refused(&graph.get(&path).await, 404);
    assert_eq!(graph.list(RULES).await.len(), 0);
}

#[tokio::test]
async fn how_often_a_rule_may_run_and_how_long_a_name_is_kept_are_as_the_knobs_say() {
    let graph = unlimited().await;
    let often = changed("/schedule/frequency", json!("PT6H"));
    refused(&graph.send("POST", RULES, &often).await, 400);
    graph.lab.set(&json!({"ruleCustomFrequencies": true, "ruleNameReservedSeconds": 10}));
    assert_eq!(graph.send("POST", RULES, &often).await.status, 201);
    assert_eq!(graph.send("DELETE", &format!("{RULES}/changed"), &json!({})).await.status, 204);
    graph.lab.advance(9);
    refused(&graph.send("POST", RULES, &often).await, 409);
    graph.lab.advance(1);
    assert_eq!(graph.send("POST", RULES, &often).await.status, 201);
}

#[tokio::test]
async fn lists_are_filtered_sorted_and_cut_as_the_pages_say() {
    let graph = unlimited().await;
    for (id, frequency) in [("a", "PT0S"), ("b", "PT1H"), ("c", "P1D")] {
        let mut body = rule(id);
        body["schedule"]["frequency"] = json!(frequency);
        assert_eq!(graph.send("POST", RULES, &body).await.status, 201);
        graph.lab.advance(60);
    }
    let ids = async |query: &str| {
        let rules = graph.list(&format!("{RULES}?{query}")).await;
        rules.iter().map(|rule| rule["id"].as_str().expect("a text").to_owned()).collect::<String>()
    };
    for (query, found) in [
        ("$filter=contains(displayName, 'Rule b')", "b"),
        ("$filter=id in ('a','c') and status eq 'enabled'", "ac"),
        ("$filter=schedule/frequency ge duration'PT1H'", "bc"),
        ("$filter=detectionAction/alertTemplate/title eq 'Title c'", "c"),
        ("$filter=createdDateTime gt 2026-11-24T12:00:30Z", "bc"),
        ("$orderby=displayName desc", "cba"),
        ("$orderby=schedule/frequency desc&$top=1", "c"),
        ("$skip=1&$top=1", "b"),
    ] {
        assert_eq!(ids(query).await, found, "{query}");
    }
    let selected = graph.list(&format!("{RULES}?$select=id,status&$top=1")).await;
    assert_eq!(names(&selected[0]), ["id", "status"]);
    let (_, message) = refused(&graph.get(&format!("{RULES}?$filter=lookback eq 'x'")).await, 400);
    assert!(message.starts_with("Invalid filter clause: "), "{message}");
}

#[tokio::test]
async fn the_first_generation_is_served_where_a_knob_says_so() {
    let graph = unlimited().await;
    refused(&graph.send("POST", RULES, &old_rule()).await, 400);
    graph.lab.set(&json!({"ruleGeneration": "a"}));
    let seen = graph.send("POST", RULES, &old_rule()).await;
    assert_eq!(seen.status, 201, "{}", seen.text);
    let body = seen.json();
    assert_eq!(body["id"], json!("35079"));
    assert_eq!(names(&body["schedule"]), ["period", "nextRunDateTime"]);
    assert_eq!(body["lastRunDetails"]["status"], Value::Null);
    assert!(body.get("status").is_none() && body["detectorId"].is_string());
    for (path, value, message) in [
        (
            "/schedule/period",
            json!("Custom"),
            "Schedule.Period 'Custom' is not in a recognized format. Valid formats are 0, 1H, 3H, 12H, 24H.",
        ),
        (
            "/detectionAction/alertTemplate/impactedAssets",
            json!([]),
            "The field ImpactedAssets must be a string or array type with a minimum length of '1'.",
        ),
        ("/detectionAction/alertTemplate/category", json!("malware"), "Invalid alert category."),
        ("/detectionAction/alertTemplate/mitreTechniques", json!(["T1", "x"]), "Mitre techniques (T1) are invalid."),
        ("/detectionAction/responseActions", Value::Null, ""),
    ] {
        let mut body = old_rule();
        *body.pointer_mut(path).expect("a member") = value;
        let seen = graph.send("POST", RULES, &body).await;
        assert_eq!(refused(&seen, 400), said("InvalidInput", message), "{path}");
    }
    graph.lab.set(&json!({"ruleGeneration": "byDate", "ruleGenerationCutoff": "2026-11-24T13:00:00Z"}));
    let both = graph.read(&format!("{RULES}/35079")).await;
    assert_eq!((&both["isEnabled"], &both["status"]), (&json!(true), &json!("enabled")));
    graph.lab.advance(3600);
    assert!(graph.read(&format!("{RULES}/35079")).await.get("isEnabled").is_none());
}

#[tokio::test]
async fn a_null_scope_is_taken_or_refused_without_words() {
    let graph = unlimited().await;
    let mut body = rule("a");
    body["detectionAction"]["organizationalScope"] = Value::Null;
    assert_eq!(graph.send("POST", RULES, &body).await.status, 201);
    graph.lab.set(&json!({"nullScopeAccepted": false}));
    let mut body = rule("b");
    body["detectionAction"]["organizationalScope"] = Value::Null;
    assert_eq!(refused(&graph.send("POST", RULES, &body).await, 400), said("InvalidInput", ""));
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_refused() {
    let graph = unlimited().await;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for (media_type, body, words) in [
        ("application/json", "", "Empty Payload. JSON content expected."),
        ("application/json", "[]", "Unable to read JSON request payload."),
        ("application/json; charset=utf-8", &deep, "Unable to read JSON request payload."),
        ("text/plain", "{}", "Entity only allows writes with a JSON Content-Type header."),
    ] {
        let request = graph.lab.client.post(graph.url(RULES)).bearer_auth(&graph.token);
        let request = request.header("Content-Type", media_type).body(body.to_owned());
        let seen = crate::emulator::Seen::of(request.send().await.expect("an answer")).await;
        let (code, message) = refused(&seen, 400);
        assert!(code == "BadRequest" && message.starts_with(words), "{message}");
    }
}
