//! Machines, what they are told to do, the library, hunting and incidents.

use serde_json::{Value, json};

use crate::emulator::{
    Seen,
    endpoint::{Api, ids, indicator, refusal, token_for},
    names,
};

/// The members recorded in 2023, in their order.
const MEMBERS: [&str; 32] = [
    "id",
    "mergedIntoMachineId",
    "isPotentialDuplication",
    "isExcluded",
    "exclusionReason",
    "computerDnsName",
    "firstSeen",
    "lastSeen",
    "osPlatform",
    "osVersion",
    "osProcessor",
    "version",
    "lastIpAddress",
    "lastExternalIpAddress",
    "agentVersion",
    "osBuild",
    "healthStatus",
    "deviceValue",
    "rbacGroupId",
    "rbacGroupName",
    "riskScore",
    "exposureLevel",
    "isAadJoined",
    "aadDeviceId",
    "machineTags",
    "defenderAvStatus",
    "onboardingStatus",
    "osArchitecture",
    "managedBy",
    "managedByStatus",
    "ipAddresses",
    "vmMetadata",
];

/// The documented members of an action, in their order.
const ACTION: [&str; 20] = [
    "id",
    "type",
    "title",
    "scope",
    "requestor",
    "requestSource",
    "requestorComment",
    "cancellationRequestor",
    "cancellationComment",
    "cancellationDateTimeUtc",
    "status",
    "machineId",
    "computerDnsName",
    "creationDateTimeUtc",
    "lastUpdateDateTimeUtc",
    "errorHResult",
    "externalId",
    "troubleshootInfo",
    "relatedFileInfo",
    "commands",
];

#[tokio::test]
async fn a_machine_has_the_recorded_members_and_is_found_by_id_and_filter() {
    let api = Api::new().await;
    api.lab.mocks.emulator().with(|tenant, _| {
        tenant.put_device("Silent.contoso.example", false);
        tenant.group_device("silent.contoso.example", Some("Servers"));
    });
    let id = api.lab.details.device_id.clone();
    let machine = api.get(&format!("/machines/{id}")).await.json();
    assert_eq!(names(&machine)[1..], MEMBERS);
    assert_eq!((&machine["id"], &machine["rbacGroupId"]), (&json!(id), &json!(0)));
    let last_seen: jiff::Timestamp = machine["lastSeen"].as_str().and_then(|text| text.parse().ok()).expect("a moment");
    let age = crate::emulator::noon().duration_since(last_seen).as_secs();
    assert!((0..86_400).contains(&age), "a full report a day: {age}");
    for (filter, count) in [
        ("computerDnsName eq 'workstation-1.contoso.example' and onboardingStatus eq 'Onboarded'", 1),
        ("onboardingStatus eq 'onboarded' and HealthStatus eq 'Active'", 1),
        ("startswith(computerDnsName,'silent')", 1),
        ("rbacGroupId eq 1", 1),
        ("lastSeen gt 2018-08-01Z", 2),
        ("machineTags/any(tag: tag eq 'x')", 0),
    ] {
        assert_eq!(ids(&api.get(&format!("/machines?$filter={filter}")).await.json()).len(), count, "{filter}");
    }
    let (status, _, message) = refusal(&api.get("/machines/123123123").await);
    assert_eq!((status, message.as_str()), (404, "Machine 123123123 was not found"));
    let groups = api.get("/exposureScore/ByMachineGroups?$count=true").await.json();
    assert_eq!((&groups["@odata.count"], &groups["value"][1]["rbacGroupName"]), (&json!(2), &json!("Servers")));
}

#[tokio::test]
async fn an_indicator_for_a_device_group_is_for_its_devices_only() {
    let api = Api::quick().await;
    let mut body = indicator("IpAddress", "52.184.197.12", "Audit");
    body["rbacGroupNames"] = json!(["Servers"]);
    api.publish(&body).await;
    assert_eq!(api.lab.raised(), 0);
    let name = api.lab.details.device_name.clone();
    api.lab.mocks.emulator().with(|tenant, _| tenant.group_device(&name, Some("servers")));
    assert_eq!(api.lab.raised(), 1);
}

#[tokio::test]
async fn a_tag_is_added_once_and_taken_away() {
    let api = Api::new().await;
    let path = format!("/machines/{}/tags", api.lab.details.device_id);
    let tag = async |action: &str| api.post(&path, &json!({"Value": "drill", "Action": action})).await;
    tag("Add").await;
    assert_eq!(tag("Add").await.json()["machineTags"], json!(["drill"]));
    assert_eq!(ids(&api.get("/machines?$filter=machineTags/any(tag: tag eq 'drill')").await.json()).len(), 1);
    assert_eq!(tag("Remove").await.json()["machineTags"], json!([]));
    assert_eq!(tag("Paint").await.status, 400);
}

#[tokio::test]
async fn an_action_is_201_pending_then_done_and_one_of_a_kind_at_a_time() {
    let api = Api::new().await;
    api.lab.set(&json!({"liveResponseSeconds": 30}));
    let path = format!("/machines/{}/isolate", api.lab.details.device_id);
    let body = json!({"Comment": "a drill", "IsolationType": "Selective"});
    let seen = api.post(&path, &body).await;
    let action = seen.json();
    assert_eq!(seen.status, 201, "{}", seen.text);
    assert_eq!(names(&action)[1..], ACTION);
    assert_eq!(
        (&action["type"], &action["status"], &action["scope"]),
        (&json!("Isolate"), &json!("Pending"), &json!("Selective"))
    );
    let (status, code, message) = refusal(&api.post(&path, &body).await);
    assert_eq!((status, code.as_str()), (400, "ActiveRequestAlreadyExists"));
    assert_eq!(message, "Action is already in progress");
    let id = action["id"].as_str().expect("an id");
    api.lab.advance(35);
    let done = api.get(&format!("/machineactions/{id}")).await.json();
    assert_eq!(
        (&done["status"], &done["lastUpdateDateTimeUtc"]),
        (&json!("Succeeded"), &json!("2026-11-24T12:00:35Z"))
    );
    assert_eq!(ids(&api.get("/machineactions?$filter=status eq 'Succeeded'").await.json()), [id]);
    let (status, code, message) = refusal(&api.get("/machineactions/x").await);
    assert_eq!((status, code.as_str()), (400, "BadRequest"));
    assert_eq!(
        message,
        "The key value (x) from request is not valid. The key value should be format of type 'Edm.Guid'."
    );
    assert_eq!(api.get("/machineactions/00000000-0000-4000-8000-000000000000").await.status, 404);
    assert_eq!(api.post(&path, &json!({"IsolationType": "Full"})).await.status, 400, "a comment is required");
    let odd = format!("/machines/{}/explode", api.lab.details.device_id);
    assert_eq!(api.post(&odd, &body).await.text, "");
}

async fn upload(api: &Api, name: &str, extra: &str) -> Seen {
    let body = format!(
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\nWrite-Host 1\r\n{extra}--b--\r\n"
    );
    let url = format!("{}/libraryfiles", api.lab.details.endpoint_api);
    let request = api.lab.client.post(url).bearer_auth(&api.token).body(body);
    let request = request.header("content-type", "multipart/form-data; boundary=b");
    Seen::of(request.send().await.expect("an answer")).await
}

const OVERRIDE: &str = "--b\r\nContent-Disposition: form-data; name=\"OverrideIfExists\"\r\n\r\ntrue\r\n";

#[tokio::test]
async fn a_file_of_the_library_comes_and_goes() {
    let api = Api::new().await;
    let seen = upload(&api, "a.ps1", "").await;
    let file = seen.json();
    assert_eq!(seen.status, 200, "{}", seen.text);
    assert_eq!(
        names(&file)[1..],
        [
            "fileName",
            "sha256",
            "description",
            "creationTime",
            "lastUpdatedTime",
            "createdBy",
            "hasParameters",
            "parametersDescription"
        ]
    );
    assert_eq!(file["sha256"].as_str().map(str::len), Some(64));
    assert_eq!(upload(&api, "A.ps1", "").await.status, 400, "it is there already");
    assert_eq!(upload(&api, "A.ps1", OVERRIDE).await.status, 200);
    let list = api.get("/libraryfiles").await.json();
    assert_eq!(list["value"].as_array().map(Vec::len), Some(1));
    assert_eq!(api.ask("DELETE", "/libraryfiles/a.ps1", None).await.status, 204);
    assert_eq!(api.ask("DELETE", "/libraryfiles/a.ps1", None).await.status, 404);
    assert_eq!(refusal(&api.post("/libraryfiles", &json!({})).await).0, 400);
}

fn commands(script: &str) -> Value {
    json!({
        "Commands": [
            {"type": "RunScript", "params": [{"key": "ScriptName", "value": script}, {"key": "Args", "value": "x"}]},
            {"type": "GetFile", "params": [{"key": "Path", "value": "C:\\out.txt"}]},
        ],
        "Comment": "a drill",
    })
}

#[tokio::test]
async fn live_response_runs_its_commands_one_by_one_and_hands_out_what_they_bring_back() {
    let api = Api::new().await;
    api.lab.set(&json!({"liveResponseSeconds": 30}));
    upload(&api, "a.ps1", "").await;
    let path = format!("/machines/{}/runliveresponse", api.lab.details.device_id);
    let seen = api.post(&path, &commands("a.ps1")).await;
    let action = seen.json();
    assert_eq!((seen.status, &action["status"]), (201, &json!("Pending")), "{}", seen.text);
    assert_eq!(
        action["commands"][0],
        json!({
            "index": 0, "startTime": null, "endTime": null, "commandStatus": "Created", "errors": [],
            "command": commands("a.ps1")["Commands"][0]
        })
    );
    assert_eq!(refusal(&api.post(&path, &commands("a.ps1")).await).1, "ActiveRequestAlreadyExists");
    let id = action["id"].as_str().expect("an id").to_owned();
    let link = format!("/machineactions/{id}/GetLiveResponseResultDownloadLink(index=0)");
    assert_eq!(api.get(&link).await.status, 404, "it is not done");
    api.lab.advance(35);
    let action = api.get(&format!("/machineactions/{id}")).await.json();
    assert_eq!(
        (&action["status"], &action["commands"][0]["commandStatus"]),
        (&json!("InProgress"), &json!("Completed"))
    );
    let seen = api.get(&link).await.json();
    assert!(seen["@odata.context"].as_str().is_some_and(|text| text.ends_with("#Edm.String")), "{seen}");
    let address = seen["value"].as_str().expect("an address").to_owned();
    let fetch = async |address: &str| Seen::of(api.lab.client.get(address).send().await.expect("an answer")).await;
    let result = fetch(&address).await.json();
    assert_eq!(names(&result), ["script_name", "exit_code", "script_output", "script_errors"]);
    assert_eq!(fetch(&address.replace("sig=", "sig=0")).await.status, 403);
    api.lab.advance(30);
    assert_eq!(api.get(&format!("/machineactions/{id}")).await.json()["status"], json!("Succeeded"));
    api.lab.advance(1770);
    assert_eq!(fetch(&address).await.status, 403, "half an hour is over");
}

#[tokio::test]
async fn a_command_that_fails_ends_the_session_and_a_silent_device_keeps_it_waiting() {
    let api = Api::new().await;
    api.lab.set(&json!({"liveResponseSeconds": 30}));
    let path = format!("/machines/{}/runliveresponse", api.lab.details.device_id);
    let failing = api.post(&path, &commands("nobody.ps1")).await.json();
    api.lab.advance(100);
    let failed = api.get(&format!("/machineactions/{}", failing["id"].as_str().expect("an id"))).await.json();
    assert_eq!((&failed["status"], &failed["commands"][0]["commandStatus"]), (&json!("Failed"), &json!("Failed")));
    assert_eq!(failed["commands"][1]["commandStatus"], json!("Created"));
    let name = api.lab.details.device_name.clone();
    api.lab.mocks.emulator().with(|tenant, _| tenant.put_device(&name, false));
    let waiting = api.post(&path, &commands("nobody.ps1")).await.json();
    let id = waiting["id"].as_str().expect("an id");
    let cancelled = api.post(&format!("/machineactions/{id}/cancel"), &json!({"Comment": "enough"})).await.json();
    assert_eq!((&cancelled["status"], &cancelled["cancellationComment"]), (&json!("Cancelled"), &json!("enough")));
    assert_eq!(api.post(&format!("/machineactions/{id}/cancel"), &json!({"Comment": "x"})).await.status, 400);
    let waiting = api.post(&path, &commands("nobody.ps1")).await.json();
    api.lab.advance(7200);
    let over = api.get(&format!("/machineactions/{}", waiting["id"].as_str().expect("an id"))).await.json();
    assert_eq!(over["status"], json!("TimeOut"));
}

#[tokio::test]
async fn live_response_is_refused_as_its_knobs_say() {
    let api = Api::new().await;
    let path = format!("/machines/{}/runliveresponse", api.lab.details.device_id);
    api.lab.set(&json!({"automationLevel": false}));
    let (status, code, message) = refusal(&api.post(&path, &commands("a.ps1")).await);
    assert_eq!((status, code.as_str()), (403, "DisallowedOperation"));
    assert!(message.starts_with("This device has no automation level assigned to it."), "{message}");
    api.lab.set(&json!({"liveResponse": false}));
    assert_eq!(refusal(&api.post(&path, &commands("a.ps1")).await).1, "DisabledFeature");
    api.lab.set(&json!({"automationLevel": true, "liveResponse": true, "liveResponseSessions": 0}));
    assert_eq!(refusal(&api.post(&path, &commands("a.ps1")).await).0, 429);
    for bad in [
        json!({}),
        json!({"Commands": []}),
        json!({"Commands": [{}]}),
        json!({"Commands": [{"type": "Explode"}]}),
        json!({"Commands": [{"type": "GetFile", "params": []}]}),
        json!({"commands": []}),
    ] {
        assert_eq!(refusal(&api.post(&path, &bad).await).0, 400, "{bad}");
    }
    assert_eq!(refusal(&api.post("/machines/x/runliveresponse", &commands("a.ps1")).await).0, 404);
}

#[tokio::test]
async fn hunting_answers_what_sensors_saw_and_bad_queries_in_the_recorded_words() {
    let api = Api::new().await;
    api.lab.set(&json!({"telemetrySeconds": 0}));
    api.lab.connect(Some("evil.example"), None);
    let query =
        json!({"Query": "DeviceNetworkEvents | where RemoteUrl has 'evil.example' | project DeviceName, RemotePort"});
    let seen = api.post("/advancedqueries/run", &query).await;
    let body = seen.json();
    assert_eq!((seen.status, names(&body)), (200, vec!["Stats", "Schema", "Results"]), "{}", seen.text);
    assert_eq!(body["Schema"][0], json!({"Name": "DeviceName", "Type": "String"}));
    assert_eq!(body["Results"][0]["DeviceName"], json!(api.lab.details.device_name));
    let (status, code, message) =
        refusal(&api.post("/advancedqueries/run", &json!({"Query": "DeviceNetworkEvents | |"})).await);
    assert_eq!((status, code.as_str()), (400, "BadRequest"));
    assert!(message.contains("Fix syntax errors in your query."), "{message}");
    assert_eq!(
        api.post("/advancedqueries/run", &json!({"query": "print 1"})).await.status,
        400,
        "names have their case"
    );
    api.lab.set(&json!({"endpointQuotas": {"hunting": [0, null]}}));
    assert_eq!(
        refusal(&api.post("/advancedqueries/run", &query).await).1,
        "429",
        "recorded with the number for its code"
    );
}

#[tokio::test]
async fn incidents_are_another_service_s_and_hold_their_alerts() {
    let api = Api::quick().await;
    api.publish(&indicator("IpAddress", "52.184.197.12", "Audit")).await;
    api.lab.raised();
    api.lab.advance(10);
    assert_eq!(api.get("/incidents").await.status, 403, "the token is for another service");
    let token = token_for(&api.lab, "https://security.microsoft.com/mtp").await;
    let list = api.ask_with(&token, "GET", "/incidents?$filter=status eq 'Active'", None).await.json();
    let incident = &list["value"][0];
    assert_eq!(
        names(incident),
        [
            "incidentId",
            "incidentUri",
            "redirectIncidentId",
            "incidentName",
            "createdTime",
            "lastUpdateTime",
            "assignedTo",
            "classification",
            "determination",
            "status",
            "severity",
            "tags",
            "comments",
            "alerts"
        ]
    );
    assert_eq!((&incident["incidentId"], &incident["classification"]), (&json!(1), &json!("Unknown")));
    let alert = &incident["alerts"][0];
    assert_eq!(alert["alertId"], json!(format!("da{}", alert["providerAlertId"].as_str().expect("an id"))));
    assert_eq!(alert["devices"][0]["mdatpDeviceId"], json!(api.lab.details.device_id));
    assert_eq!(alert["entities"][0]["ipAddress"], json!("52.184.197.12"));
    let change = json!({"status": "Resolved", "determination": "SecurityTesting", "classification":
        "InformationalExpectedActivity", "tags": ["drill"], "comment": "done"});
    let changed = api.ask_with(&token, "PATCH", "/incidents/1", Some(&change.to_string())).await.json();
    assert_eq!((&changed["status"], &changed["tags"]), (&json!("Resolved"), &json!(["drill"])));
    assert_eq!(changed["comments"][0]["comment"], json!("done"));
    assert_eq!(api.ask_with(&token, "GET", "/incidents?$top=101", None).await.status, 400);
    assert_eq!(api.ask_with(&token, "GET", "/incidents/9", None).await.status, 404);
}

#[tokio::test]
async fn the_service_describes_its_sets_to_everybody() {
    let api = Api::new().await;
    let seen = api.ask_with("", "GET", "/$metadata", None).await;
    assert_eq!((seen.status, seen.header("content-type")), (200, "application/xml"));
    for set in ["Indicators", "Alerts", "Machines", "MachineActions", "LibraryFiles", "Incidents"] {
        assert!(seen.text.contains(&format!("<EntitySet Name=\"{set}\"")), "{set}");
    }
    let mut reader = quick_xml::Reader::from_str(&seen.text);
    while !matches!(reader.read_event().expect("well-formed XML"), quick_xml::events::Event::Eof) {}
}
