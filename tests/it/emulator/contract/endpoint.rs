//! The Defender for Endpoint API against `fixtures/contract/endpoint/shapes.txt`.

use alertdrill::emulator::{
    detection::{Activity, Event},
    tenant::FIRST_DEVICE,
};
use serde_json::{Value, json};

use crate::emulator::{
    Seen,
    contract::Contract,
    endpoint::{Api, indicator, token_for},
};

const SHA1: &str = "0123456789abcdef0123456789abcdef01234567";

/// A tenant, and the list that each of its answers is held against.
struct Court {
    api: Api,
    contract: Contract,
}

impl Court {
    async fn new() -> Self {
        let api = Api::quick().await;
        let contract = Contract::read(include_str!("../../../../fixtures/contract/endpoint/shapes.txt"));
        Self { api, contract }
    }

    /// Asks for `path`, which stands in the list as `call`.
    async fn ask(&mut self, call: &str, path: &str, body: Option<&Value>) -> Value {
        let token = self.api.token.clone();
        self.ask_with(&token, call, path, body).await
    }

    async fn ask_with(&mut self, token: &str, call: &str, path: &str, body: Option<&Value>) -> Value {
        let method = call.split(' ').next().expect("a method");
        let seen = self.api.ask_with(token, method, path, body.map(Value::to_string).as_deref()).await;
        self.contract.hold(call, &seen);
        serde_json::from_str(&seen.text).unwrap_or(Value::Null)
    }

    /// Asks for what stands in the list as it is asked for.
    async fn get(&mut self, path: &str) -> Value {
        self.ask(&format!("GET {path}"), path, None).await
    }

    async fn post(&mut self, path: &str, body: &Value) -> Value {
        self.ask(&format!("POST {path}"), path, Some(body)).await
    }

    fn happens(&self, activity: Activity) {
        let event = Event { device: FIRST_DEVICE.to_owned(), activity };
        self.api.lab.mocks.emulator().with(|tenant, now| tenant.observe(event, now));
    }

    fn contact(&self, host: Option<&str>, address: Option<&str>) {
        self.happens(Activity::Connection {
            host: host.map(str::to_owned),
            address: address.and_then(|address| address.parse().ok()),
            port: 80,
            url: host.map(|host| format!("http://{host}/a")),
            process: "curl.exe".to_owned(),
        });
    }

    fn machine(&self, rest: &str) -> String {
        format!("/machines/{}{rest}", self.api.lab.details.device_id)
    }
}

/// An indicator that says everything that one can say.
fn whole(kind: &str, value: &str, action: &str) -> Value {
    let mut body = indicator(kind, value, action);
    for name in ["application", "educateUrl", "externalId", "lookBackPeriod", "notificationId", "notificationBody"] {
        body[name] = json!(format!("a {name}"));
    }
    for name in ["version", "additionalInfo", "recommendedActions"] {
        body[name] = json!(format!("a {name}"));
    }
    body["bypassDurationHours"] = json!(4);
    body["mitreTechniques"] = json!(["T1071"]);
    body["rbacGroupNames"] = json!(["Servers"]);
    body["rbacGroupIds"] = json!(["1"]);
    body["expirationTime"] = json!("2026-12-24T00:00:00Z");
    body
}

async fn indicators(court: &mut Court) {
    for (kind, value, action) in [
        ("IpAddress", "52.184.197.12", "Audit"),
        ("DomainName", "evil.example", "Audit"),
        ("FileSha1", SHA1, "Block"),
        ("FileSha256", "ab", "Audit"),
    ] {
        let value = if value == "ab" { "ab".repeat(32) } else { value.to_owned() };
        let said = court.post("/indicators", &whole(kind, &value, action)).await;
        assert_eq!(
            court.post("/indicators", &whole(kind, &value, action)).await["id"],
            said["id"],
            "it is the same one"
        );
    }
    court.post("/indicators", &json!({})).await;
    let many =
        json!({"Indicators": [indicator("DomainName", "one.example", "Audit"), {"indicatorValue": "two.example"}]});
    let imported = court.post("/indicators/import", &many).await;
    let id = imported["value"][0]["id"].as_str().expect("an id").to_owned();
    court.get("/indicators").await;
    court.get("/indicators/$count").await;
    court.api.lab.set(&json!({"indicatorById": true}));
    court.ask("GET /indicators/{id}", &format!("/indicators/{id}"), None).await;
    court.ask("DELETE /indicators/{id}", &format!("/indicators/{id}"), None).await;
    court.ask("DELETE /indicators/{id}", &format!("/indicators/{id}"), None).await;
    let other = court.post("/indicators", &indicator("DomainName", "two.example", "Audit")).await;
    court.post("/indicators/BatchDelete", &json!({"IndicatorIds": [other["id"]]})).await;
}

async fn alerts(court: &mut Court) {
    court.contact(Some("evil.example"), None);
    court.contact(None, Some("52.184.197.12"));
    for (sha1, sha256) in [(SHA1, "cd"), ("ef", "ab")] {
        let sha1 = if sha1 == "ef" { "ef".repeat(20) } else { sha1.to_owned() };
        court.happens(Activity::File { name: "tool.exe".into(), sha1, sha256: sha256.repeat(32), md5: "a".repeat(32) });
    }
    court.api.lab.advance(60);
    let list = court.get("/alerts").await;
    let ids: Vec<_> = list["value"].as_array().expect("a list").iter().map(|alert| alert["id"].clone()).collect();
    assert_eq!(ids.len(), 4, "{list}");
    for id in ids.iter().map(|id| id.as_str().expect("an id")) {
        court.ask("GET /alerts/{id}", &format!("/alerts/{id}"), None).await;
        for relation in ["ips", "domains", "files", "machine", "user"] {
            let call = format!("GET /alerts/{{id}}/{relation}");
            court.ask(&call, &format!("/alerts/{id}/{relation}"), None).await;
        }
        let change = json!({
            "status": "Resolved", "classification": "InformationalExpectedActivity", "determination": "SecurityTesting",
            "assignedTo": "a@contoso.example", "comment": "a drill"
        });
        court.ask("PATCH /alerts/{id}", &format!("/alerts/{id}"), Some(&change)).await;
    }
    court.post("/alerts/batchUpdate", &json!({"alertIds": ids, "comment": "another"})).await;
    let reference = json!({
        "machineId": court.api.lab.details.device_id, "severity": "Low", "title": "t", "description": "d",
        "recommendedAction": "r", "eventTime": "2026-11-24T11:00:00Z", "reportId": 1, "category": "General"
    });
    let made = court.post("/alerts/CreateAlertByReference", &reference).await;
    let path = format!("/alerts/{}/user", made["id"].as_str().expect("an id"));
    court.ask("GET /alerts/{id}/user", &path, None).await;
    court.get("/alerts?$expand=evidence&$count=true").await;
    court.get("/alerts/$count").await;
    court.ask("GET /ips/{ip}/alerts", "/ips/52.184.197.12/alerts", None).await;
    for (what, name) in [("domains", "evil.example"), ("files", SHA1), ("users", "none")] {
        court.ask(&format!("GET /{what}/{{id}}/alerts"), &format!("/{what}/{name}/alerts"), None).await;
    }
    court.ask("GET /alerts/{id}", "/alerts/none", None).await;
    court.ask("GET /machines/{id}/alerts", &court.machine("/alerts"), None).await;
}

async fn machines(court: &mut Court) {
    court.get("/machines").await;
    court.get("/machines/$count").await;
    court.ask("POST /machines/{id}/tags", &court.machine("/tags"), Some(&json!({"Value": "x", "Action": "Add"}))).await;
    court.ask("GET /machines/{id}", &court.machine(""), None).await;
    court.ask("GET /machines/{id}", "/machines/none", None).await;
    let call = "GET /machines/{id}/logonusers";
    for path in [court.machine("/logonusers"), "/machines/none/logonusers".to_owned()] {
        court.ask(call, &path, None).await;
    }
    court.get("/exposureScore/ByMachineGroups").await;
}

async fn upload(court: &mut Court) {
    let field =
        |name: &str, value: &str| format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    let body = format!(
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.ps1\"\r\n\r\n1\r\n{}{}{}--b--\r\n",
        field("Description", "d"),
        field("HasParameters", "true"),
        field("ParametersDescription", "p")
    );
    let url = format!("{}/libraryfiles", court.api.lab.details.endpoint_api);
    let request = court.api.lab.client.post(url).bearer_auth(&court.api.token).body(body);
    let request = request.header("content-type", "multipart/form-data; boundary=b");
    court.contract.hold("POST /libraryfiles", &Seen::of(request.send().await.expect("an answer")).await);
    court.get("/libraryfiles").await;
}

async fn actions(court: &mut Court) {
    court.api.lab.set(&json!({"liveResponseSeconds": 30}));
    let isolate = json!({"Comment": "c", "IsolationType": "Full", "ExternalId": "x"});
    let action = court.ask("POST /machines/{id}/isolate", &court.machine("/isolate"), Some(&isolate)).await;
    court.ask("POST /machines/{id}/isolate", &court.machine("/isolate"), Some(&isolate)).await;
    let path = format!("/machineactions/{}/cancel", action["id"].as_str().expect("an id"));
    court.ask("POST /machineactions/{id}/cancel", &path, Some(&json!({"Comment": "enough"}))).await;
    let quarantine = json!({"Comment": "c", "Sha1": SHA1});
    let call = "POST /machines/{id}/StopAndQuarantineFile";
    court.ask(call, &court.machine("/StopAndQuarantineFile"), Some(&quarantine)).await;
    court.api.lab.advance(60);
    let run = |script: &str| json!({"Comment": "c", "Commands": [{"type": "RunScript", "params": [{"key": "ScriptName", "value": script}]}]});
    let call = "POST /machines/{id}/runliveresponse";
    court.ask(call, &court.machine("/runliveresponse"), Some(&run("nobody.ps1"))).await;
    court.api.lab.advance(60);
    let action = court.ask(call, &court.machine("/runliveresponse"), Some(&run("a.ps1"))).await;
    court.api.lab.advance(60);
    let id = action["id"].as_str().expect("an id");
    court.ask("GET /machineactions/{id}", &format!("/machineactions/{id}"), None).await;
    court.ask("GET /machineactions/{id}", "/machineactions/x", None).await;
    court.get("/machineactions").await;
    court.get("/machineactions/$count").await;
    court.get("/libraryfiles/$count").await;
    let link = "GetLiveResponseResultDownloadLink(index=0)";
    let link =
        court.ask(&format!("GET /machineactions/{{id}}/{link}"), &format!("/machineactions/{id}/{link}"), None).await;
    let fetched = court.api.lab.client.get(link["value"].as_str().expect("an address")).send().await;
    court.contract.hold("GET the result", &Seen::of(fetched.expect("an answer")).await);
    court.api.lab.set(&json!({"automationLevel": false}));
    court.ask(call, &court.machine("/runliveresponse"), Some(&run("a.ps1"))).await;
    court.ask("DELETE /libraryfiles/{name}", "/libraryfiles/a.ps1", None).await;
}

async fn profiles(court: &mut Court) {
    for (call, name) in [
        ("/ips/{ip}/stats", "52.184.197.12"),
        ("/ips/{ip}/stats", "192.0.2.1"),
        ("/ips/{ip}/stats", "x"),
        ("/domains/{id}/stats", "evil.example"),
        ("/domains/{id}/stats", "good.example"),
        ("/files/{id}/stats", SHA1),
        ("/files/{id}/stats", &"f".repeat(40)),
        ("/files/{id}", SHA1),
        ("/files/{id}", &"f".repeat(40)),
        ("/domains/{id}/machines", "evil.example"),
        ("/files/{id}/machines", SHA1),
        ("/users/{id}/machines", "user1"),
    ] {
        let path = call.replace("{ip}", name).replace("{id}", name);
        court.ask(&format!("GET {call}"), &path, None).await;
    }
    let call = "POST /machines/{id}/collectInvestigationPackage";
    let path = court.machine("/collectInvestigationPackage");
    let action = court.ask(call, &path, Some(&json!({"Comment": "c"}))).await;
    let path = format!("/machineactions/{}/getPackageUri", action["id"].as_str().expect("an id"));
    court.ask("GET /machineactions/{id}/getPackageUri", &path, None).await;
    court.api.lab.advance(60);
    court.ask("GET /machineactions/{id}/getPackageUri", &path, None).await;
    court.ask("GET /machineactions/{id}/getPackageUri", "/machineactions/x/getPackageUri", None).await;
}

async fn investigations(court: &mut Court) {
    let call = "POST /machines/{id}/startInvestigation";
    court.ask(call, &court.machine("/startInvestigation"), Some(&json!({"Comment": "c"}))).await;
    court.api.lab.advance(349);
    let list = court.get("/investigations").await;
    court.get("/investigations/$count").await;
    for id in [list["value"][0]["id"].as_str().expect("an id"), "none"] {
        court.ask("GET /investigations/{id}", &format!("/investigations/{id}"), None).await;
    }
}

async fn incidents_and_hunting(court: &mut Court) {
    let token = token_for(&court.api.lab, "https://security.microsoft.com/mtp").await;
    let change = json!({"assignedTo": "a@contoso.example", "tags": ["drill"], "comment": "done"});
    court.ask_with(&token, "PATCH /incidents/{id}", "/incidents/1", Some(&change)).await;
    court.api.lab.set(&json!({"incidentMergeSeconds": 30}));
    court.api.lab.advance(2 * 86_400);
    court.contact(None, Some("52.184.197.12"));
    court.api.lab.advance(60);
    court.ask_with(&token, "GET /incidents/{id}", "/incidents/2", None).await;
    court.ask_with(&token, "GET /incidents", "/incidents", None).await;
    court.ask_with(&token, "GET /incidents/$count", "/incidents/$count", None).await;
    court.api.lab.advance(3600);
    court.post("/advancedqueries/run", &json!({"Query": "DeviceInfo | |"})).await;
    let query = json!({"Query": "DeviceNetworkEvents | project DeviceName, RemotePort"});
    court.post("/advancedqueries/run", &query).await;
    court.ask_with(&token, "POST /advancedhunting/run", "/advancedhunting/run", Some(&query)).await;
}

async fn refusals(court: &mut Court) {
    court.get("/$metadata").await;
    court.get("/nothing").await;
    court.get("/indicators/import").await;
    court.ask_with("", "GET /indicators", "/indicators", None).await;
    let other = token_for(&court.api.lab, "https://graph.microsoft.com").await;
    court.ask_with(&other, "GET /indicators", "/indicators", None).await;
    court.api.lab.set(&json!({"endpointQuotas": {"indicators": [0, null]}}));
    court.get("/indicators").await;
}

#[tokio::test]
async fn every_answer_has_the_listed_members_and_every_listed_member_is_answered() {
    let mut court = Court::new().await;
    court.api.lab.mocks.emulator().with(|tenant, _| {
        tenant.put_device("silent.contoso.example", false);
        tenant.group_device(FIRST_DEVICE, Some("Servers"));
    });
    indicators(&mut court).await;
    machines(&mut court).await;
    alerts(&mut court).await;
    upload(&mut court).await;
    actions(&mut court).await;
    profiles(&mut court).await;
    incidents_and_hunting(&mut court).await;
    investigations(&mut court).await;
    refusals(&mut court).await;
    court.contract.finish();
}
