//! Faults and knobs of alerts, on every face that lists alerts.

use serde_json::{Value, json};

use crate::emulator::{
    Lab, Seen, endpoint::Api, endpoint::indicator, graph_rules::RULES, graph_rules::rule, graph_stage::Graph,
};

const ADDRESS: &str = "52.184.197.12";
const ALERTS: &str = "v1.0/security/alerts_v2";

/// What is the same on each face: how to touch something that raises an alert after 60 seconds, and to list alerts.
enum Face {
    Legacy(Lab),
    Endpoint(Api),
    Graph(Graph),
}

impl Face {
    /// One tenant for each face, with these faults from before anything is published.
    async fn all(knobs: &Value, faults: &[Value]) -> Vec<Self> {
        let set = |lab: &Lab| {
            lab.set(&json!({
                "propagationSeconds": 0, "detectionSeconds": 60, "networkEnforcementSeconds": 0,
                "networkAlertSeconds": 60, "nrtDetectionSeconds": 60, "telemetrySeconds": 0,
                "graphQuotas": {"alerts": [0, 0, 0], "ruleCreate": [0, 0, 0]}
            }));
            lab.set(knobs);
            for fault in faults {
                lab.fault(fault);
            }
        };
        let (lab, api, graph) = (Lab::new().await, Api::new().await, Graph::new().await);
        [&lab, &api.lab, &graph.lab].into_iter().for_each(set);
        let faces = vec![Self::Legacy(lab), Self::Endpoint(api), Self::Graph(graph)];
        for face in &faces {
            face.publish().await;
        }
        faces
    }

    async fn publish(&self) {
        match self {
            Self::Legacy(lab) => drop(lab.publish_both("IpAddress", "Equals", ADDRESS).await),
            Self::Endpoint(api) => drop(api.publish(&indicator("IpAddress", ADDRESS, "Audit")).await),
            Self::Graph(graph) => assert_eq!(graph.send("POST", RULES, &rule("a")).await.status, 201),
        }
    }

    fn lab(&self) -> &Lab {
        match self {
            Self::Legacy(lab) => lab,
            Self::Endpoint(api) => &api.lab,
            Self::Graph(graph) => &graph.lab,
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Legacy(_) => "legacy",
            Self::Endpoint(_) => "endpoint",
            Self::Graph(_) => "graph",
        }
    }

    async fn get(&self) -> Seen {
        match self {
            Self::Legacy(lab) => lab.feed("?ago=P30D").await,
            Self::Endpoint(api) => api.get("/alerts?$expand=evidence").await,
            Self::Graph(graph) => graph.get(ALERTS).await,
        }
    }

    async fn alerts(&self) -> Vec<Value> {
        let seen = self.get().await;
        assert_eq!(seen.status, 200, "{}", seen.text);
        let json = seen.json();
        json.as_array().or(json["value"].as_array()).expect("a list").clone()
    }

    /// The only alert, after the event and `seconds`.
    async fn alert_after(&self, seconds: i64) -> Value {
        self.lab().raised();
        self.lab().advance(seconds);
        let alerts = self.alerts().await;
        assert_eq!(alerts.len(), 1, "{}: {alerts:?}", self.name());
        alerts[0].clone()
    }

    /// What the members of these names say, on whichever face: of the three names, the one of this face.
    fn of<'a>(&self, alert: &'a Value, names: [&str; 3]) -> &'a Value {
        let place = ["legacy", "endpoint", "graph"].iter().position(|name| *name == self.name()).expect("a face");
        &alert[names[place]]
    }

    /// Whether the alert names its device, and the address.
    fn names(&self, alert: &Value) -> (bool, bool) {
        let text = alert.to_string();
        let device = match self {
            Self::Legacy(_) => {
                let named = |name: &str| alert[name].as_str().is_some_and(|text| !text.is_empty());
                assert_eq!(named("DeviceID"), named("ComputerDnsName"));
                assert_eq!(named("InternalIPv4List"), named("MachineName"));
                named("DeviceID") || named("MachineName")
            }
            Self::Endpoint(_) => {
                assert_eq!(alert["machineId"].is_string(), alert["computerDnsName"].is_string());
                alert["machineId"].is_string()
            }
            Self::Graph(_) => text.contains("deviceEvidence"),
        };
        (device, text.replace(&format!("Found {ADDRESS}"), "").contains(ADDRESS))
    }
}

const HAPPENED: [&str; 3] = ["AlertTime", "firstEventTime", "firstActivityDateTime"];
const MADE: [&str; 3] = ["LastProcessedTimeUtc", "alertCreationTime", "createdDateTime"];
const TITLE: [&str; 3] = ["AlertTitle", "title", "title"];

#[tokio::test]
async fn an_alert_is_listed_so_long_after_its_time_as_the_knob_says() {
    for face in Face::all(&json!({"alertVisibilitySeconds": 120}), &[]).await {
        face.lab().raised();
        face.lab().advance(60 + 119);
        assert_eq!(face.alerts().await.len(), 0, "{}", face.name());
        face.lab().advance(1);
        let alerts = face.alerts().await;
        assert_eq!(
            face.of(&alerts[0], MADE),
            "2026-11-24T12:01:00Z",
            "{}: its time is that of its making",
            face.name()
        );
    }
}

#[tokio::test]
async fn device_and_observable_are_named_so_late_as_the_knobs_say() {
    for (knob, before) in [("deviceEvidenceSeconds", (false, true)), ("observableEvidenceSeconds", (true, false))] {
        for face in Face::all(&json!({knob: 120}), &[]).await {
            let alert = face.alert_after(60 + 119).await;
            assert_eq!(face.names(&alert), before, "{} {knob}: {alert}", face.name());
            face.lab().advance(1);
            assert_eq!(face.names(&face.alerts().await[0]), (true, true), "{} {knob}", face.name());
        }
    }
}

#[tokio::test]
async fn an_alert_is_early() {
    for face in Face::all(&json!({}), &[json!({"kind": "early-alert", "seconds": 600})]).await {
        let alert = face.alert_after(0).await;
        assert_eq!(face.of(&alert, HAPPENED), "2026-11-24T11:50:00Z", "{}", face.name());
        assert_eq!(face.of(&alert, MADE), "2026-11-24T11:51:00Z", "{}", face.name());
    }
}

#[tokio::test]
async fn yesterday_s_alert_is_replayed() {
    for face in Face::all(&json!({}), &[json!({"kind": "replay-alert", "seconds": 86_400})]).await {
        face.lab().raised();
        face.lab().advance(59);
        assert_eq!(face.alerts().await.len(), 0, "{}", face.name());
        face.lab().advance(10);
        let alert = face.alerts().await[0].clone();
        assert_eq!(face.of(&alert, HAPPENED), "2026-11-23T12:00:00Z", "{}", face.name());
        assert_eq!(face.of(&alert, MADE), "2026-11-23T12:01:00Z", "{}", face.name());
        if face.name() != "legacy" {
            let updated = face.of(&alert, ["", "lastUpdateTime", "lastUpdateDateTime"]).as_str().expect("a time");
            assert!(updated.starts_with("2026-11-24T12:01:0"), "{updated}");
        }
    }
}

#[tokio::test]
async fn an_alert_has_another_s_words() {
    let fault = json!({"kind": "rewrite-alert", "from": "184", "to": "185"});
    for face in Face::all(&json!({}), &[fault]).await {
        let alert = face.alert_after(60).await;
        assert_eq!(face.names(&alert), (true, false), "{}: {alert}", face.name());
        assert!(alert.to_string().contains("52.185.197.12"), "{}: {alert}", face.name());
    }
}

#[tokio::test]
async fn an_alert_does_not_name_what_is_dropped() {
    for (of, left) in [("device", (false, true)), ("observable", (true, false)), ("all", (false, false))] {
        for face in Face::all(&json!({}), &[json!({"kind": "drop-evidence", "of": of})]).await {
            assert_eq!(face.names(&face.alert_after(86_400).await), left, "{} {of}", face.name());
        }
    }
}

#[tokio::test]
async fn an_event_joins_an_older_alert_of_something_else() {
    for face in Face::all(&json!({}), &[json!({"kind": "merge-alert"})]).await {
        let alert = face.alert_after(60).await;
        assert_eq!(face.of(&alert, TITLE), "Suspicious activity", "{}", face.name());
        assert_eq!(face.of(&alert, HAPPENED), "2026-11-23T12:00:00Z", "{}", face.name());
        assert_eq!(face.names(&alert), (true, true), "{}: {alert}", face.name());
        if face.name() != "legacy" {
            assert_eq!(face.of(&alert, ["", "lastEventTime", "lastActivityDateTime"]), "2026-11-24T12:00:00Z");
        }
    }
}

#[tokio::test]
async fn what_is_inert_is_shown_and_raises_nothing() {
    for face in Face::all(&json!({}), &[json!({"kind": "inert"})]).await {
        assert_eq!(face.lab().raised(), 0, "{}", face.name());
        face.lab().advance(365 * 86_400);
        assert_eq!(face.lab().raised(), 0, "{}", face.name());
        let state = face.lab().mocks.emulator().with(|tenant, now| tenant.state(now));
        let kept = ["indicators", "customIndicators", "rules"].map(|set| state[set].as_array().map_or(0, Vec::len));
        assert_eq!(kept.iter().sum::<usize>(), 1, "{}", face.name());
    }
}

#[tokio::test]
async fn a_feed_is_down_for_a_while_of_the_tenant_s_time() {
    for face in Face::all(&json!({}), &[]).await {
        face.lab().fault(&json!({"kind": "status", "status": 503, "path": "alerts", "lasting": 600}));
        face.lab().advance(3_600);
        assert_eq!(face.get().await.status, 503, "{}: it counts from its first use on", face.name());
        face.lab().advance(599);
        assert_eq!(face.get().await.status, 503, "{}", face.name());
        face.lab().advance(1);
        assert_eq!(face.get().await.status, 200, "{}", face.name());
    }
}

#[tokio::test]
async fn a_share_of_requests_fails_in_every_way_and_the_same_ones_again() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let lab = Lab::new().await;
        lab.fault(&json!({"kind": "any-failure", "share": 0.5, "seed": 3, "face": "export"}));
        let mut seen = Vec::new();
        for _ in 0..60 {
            let request = lab.client.get(&lab.details.alert_export_api).bearer_auth(&lab.token);
            seen.push(match request.send().await {
                Err(_) => "no answer".to_owned(),
                Ok(answer) if answer.status() != 200 => answer.status().to_string(),
                Ok(answer) => match answer.text().await {
                    Err(_) => "cut".to_owned(),
                    Ok(text) => {
                        if serde_json::from_str::<Value>(&text).is_ok() { "good" } else { "garbage" }.to_owned()
                    }
                },
            });
        }
        runs.push(seen);
    }
    assert_eq!(runs[0], runs[1]);
    let good = runs[0].iter().filter(|what| *what == "good").count();
    assert!((20..45).contains(&good), "half of them, and those that are late: {good}");
    for kind in ["no answer", "500", "503", "429", "garbage"] {
        assert!(runs[0].iter().any(|what| what.starts_with(kind)), "{kind}: {:?}", runs[0]);
    }
}

#[tokio::test]
async fn the_control_face_says_what_can_go_wrong_and_how_often() {
    let lab = Lab::new().await;
    let seen = Seen::of(lab.client.get(&lab.details.control).send().await.expect("an answer")).await.json();
    let faults = &seen["faults"];
    for kind in ["early-alert", "replay-alert", "rewrite-alert", "drop-evidence", "merge-alert", "inert", "any-failure"]
    {
        let known = faults["kinds"].as_array().expect("a list").iter().any(|known| known["kind"] == kind);
        assert!(known, "{kind}: {faults}");
    }
    for name in ["lasting", "share", "seed"] {
        assert!(faults[name].is_string(), "{name}");
    }
    for example in faults["examples"].as_array().expect("examples") {
        lab.fault(&example["fault"]);
    }
}
