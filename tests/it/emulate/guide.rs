//! The guide from end to end, as its reader would follow it: over TLS, with the script's own requests, by the addresses
//! of the details, by the real host names, and through the proxy.

use alertdrill::cli::emulate::{Emulation, Options};
use reqwest::{Client, Proxy};
use serde_json::{Value, json};

use crate::emulate::wire::{trusting, trusting_through};

/// Where the reader finds the services.
struct Places {
    authorization: String,
    legacy: String,
    export: String,
}

/// An emulation, and a client that trusts it.
struct Reader {
    emulation: Emulation,
    details: Value,
    client: Client,
}

impl Reader {
    async fn new() -> Self {
        let listen = "127.0.0.1:0".parse().expect("an address");
        let options = Options { listen, tls: true, ca_out: None, details_out: None, speed: 1.0, seed: Some(7) };
        let mut printed = Vec::new();
        let emulation = Emulation::start(options, &mut printed).await.expect("started");
        let client = trusting(emulation.ca()).build().expect("a client");
        Self { emulation, details: serde_json::from_slice(&printed).expect("JSON"), client }
    }

    fn detail(&self, key: &str) -> &str {
        self.details[key].as_str().expect(key)
    }

    fn places(&self) -> Places {
        Places {
            authorization: self.detail("authorizationUrl").to_owned(),
            legacy: self.detail("legacyApi").to_owned(),
            export: self.detail("alertExportApi").to_owned(),
        }
    }

    fn real_places(&self) -> Places {
        Places {
            authorization: format!("https://login.windows.net/{}/oauth2/token", self.detail("tenantId")),
            legacy: "https://ti.securitycenter.windows.com/V1.0/".to_owned(),
            export: "https://wdatp-alertexporter-eu.windows.com/api/alerts".to_owned(),
        }
    }

    /// A client with the real names redirected to the emulation, as a hosts file does.
    fn redirected(&self) -> Client {
        let names = ["login.windows.net", "ti.securitycenter.windows.com", "wdatp-alertexporter-eu.windows.com"];
        let builder = trusting(self.emulation.ca());
        let address = self.emulation.address();
        names.iter().fold(builder, |builder, name| builder.resolve(name, address)).build().expect("a client")
    }

    /// A device's client, which goes through the sensor's proxy for everything.
    fn device(&self) -> Client {
        let proxy = Proxy::all(self.detail("sensorProxy")).expect("a proxy");
        trusting_through(self.emulation.ca(), proxy).build().expect("a client")
    }

    async fn pass(&self, seconds: u32) {
        let url = format!("{}/advance", self.detail("control"));
        let answer = self.client.post(url).body(json!({"seconds": seconds}).to_string()).send().await;
        assert_eq!(answer.expect("an answer").status(), 200);
    }

    /// Steps 1 and 2, request for request as the script sends them.
    async fn publish(&self, client: &Client, places: &Places) -> String {
        let form = [
            ("resource", "https://graph.windows.net"),
            ("client_id", self.detail("clientId")),
            ("client_secret", self.detail("clientSecret")),
            ("grant_type", "client_credentials"),
        ];
        let answer = client.post(&places.authorization).form(&form).send().await.expect("an answer");
        let answer: Value = serde_json::from_str(&answer.text().await.expect("text")).expect("JSON");
        let token = answer["access_token"].as_str().expect("a token").to_owned();
        let definition = json!({
            "UxDescription": "This is a test alert based on a sample custom alert definition.",
            "Severity": "Medium", "Enabled": "true", "Title": "Test alert.", "Name": "Test Alert",
            "RecommendedAction": "No recommended action for this test alert.",
            "Category": "SuspiciousNetworkTraffic", "InternalDescription": "A test alert used to demonstrate the API",
        });
        let kept = post(client, &token, &format!("{}AlertDefinitions", places.legacy), &definition).await;
        let indicator = json!({
            "Type": "IpAddress", "Value": "52.184.197.12", "DetectionFunction": "Equals", "Enabled": "true",
            "AlertDefinition@odata.bind": format!("AlertDefinitions({})", kept["Id"]),
        });
        post(client, &token, &format!("{}IndicatorsOfCompromise", places.legacy), &indicator).await;
        token
    }

    async fn alerts(&self, client: &Client, places: &Places, token: &str) -> Vec<Value> {
        let answer = client.get(&places.export).bearer_auth(token).send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        serde_json::from_str(&answer.text().await.expect("text")).expect("an array")
    }
}

async fn post(client: &Client, token: &str, url: &str, body: &Value) -> Value {
    let request = client.post(url).bearer_auth(token).header("content-type", "application/json");
    let text = serde_json::to_string_pretty(body).expect("text").replace('\n', "\r\n");
    let answer = request.header("accept", "application/json").body(text).send().await.expect("an answer");
    assert_eq!(answer.status(), 201, "{url}");
    serde_json::from_str(&answer.text().await.expect("text")).expect("JSON")
}

fn check(alert: &Value) {
    for (field, value) in [
        ("AlertTitle", "Test alert."),
        ("Severity", "Medium"),
        ("Category", "SuspiciousNetworkTraffic"),
        ("IpAddress", "52.184.197.12"),
        ("FileName", "powershell_ise.exe"),
        ("Source", "CustomerTI"),
    ] {
        assert_eq!(alert[field], value, "{field} in {alert}");
    }
}

#[tokio::test]
async fn the_guide_raises_its_alert_after_twenty_and_fifteen_minutes() {
    let reader = Reader::new().await;
    let (client, places) = (&reader.client, reader.places());
    let token = reader.publish(client, &places).await;
    let visit = || async {
        let answer = reader.device().get("http://52.184.197.12").send().await.expect("an answer");
        assert_eq!(answer.text().await.expect("text"), "WDATP Demo - Connection is established!");
    };
    visit().await;
    reader.pass(1200).await;
    assert_eq!(reader.alerts(client, &places, &token).await, Vec::<Value>::new(), "it was too early");
    visit().await;
    reader.pass(900).await;
    let alerts = reader.alerts(client, &places, &token).await;
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    check(&alerts[0]);
    let link = alerts[0]["LinkToWDATP"].as_str().expect("a link");
    assert!(link.starts_with(reader.detail("portal")), "{link}");
    for page in [link, &format!("{}/alerts", reader.detail("portal")), reader.detail("portal")] {
        let text = client.get(page).send().await.expect("an answer").text().await.expect("text");
        assert!(text.contains("Test alert.") && text.contains("Custom TI"), "{page}: {text}");
    }
}

#[tokio::test]
async fn the_guide_works_unchanged_where_the_real_names_lead_to_the_emulator() {
    let reader = Reader::new().await;
    let (client, places) = (reader.redirected(), reader.real_places());
    let token = reader.publish(&client, &places).await;
    reader.pass(1200).await;
    reader.device().get("http://52.184.197.12/").send().await.expect("an answer");
    reader.pass(900).await;
    check(&reader.alerts(&client, &places, &token).await[0]);
}

#[tokio::test]
async fn the_guide_works_unchanged_behind_the_sensor_s_proxy() {
    let reader = Reader::new().await;
    let (device, places) = (reader.device(), reader.real_places());
    let token = reader.publish(&device, &places).await;
    reader.pass(1200).await;
    device.get("https://52.184.197.12/").send().await.expect("an answer");
    reader.pass(900).await;
    let alerts = reader.alerts(&device, &places, &token).await;
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    check(&alerts[0]);
    let link = alerts[0]["LinkToWDATP"].as_str().expect("a link");
    let page = device.get(link).send().await.expect("an answer").text().await.expect("text");
    assert!(page.contains("Test alert."), "{link}: {page}");
}
