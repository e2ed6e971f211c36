//! A poller for each drill, every two seconds, as the nearest peers wait, beside the one poller of all: on the same
//! emulator, with the same waits, within the same quotas.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use alertdrill::{
    clock::Clock,
    emulator::{Emulator, Options, details::Details, mocks::Mocks},
};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::crowd;

/// How long a poller waits between two calls, and for its alert.
const EVERY: std::time::Duration = std::time::Duration::from_secs(2);
const PATIENCE: SignedDuration = SignedDuration::from_mins(15);

/// What a poller does with a refused call.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Refused {
    /// Its drill is lost.
    Ends,
    /// It asks again two seconds later.
    GoesOn,
}

#[derive(Debug, Default)]
struct Cost {
    calls: AtomicUsize,
    refused: AtomicUsize,
    lost: AtomicUsize,
}

impl Cost {
    fn figures(&self) -> [usize; 3] {
        [&self.calls, &self.refused, &self.lost].map(|figure| figure.load(Ordering::Relaxed))
    }
}

/// The tenant, for somebody who speaks plain HTTP.
struct Raw {
    http: reqwest::Client,
    proxied: reqwest::Client,
    details: Details,
}

impl Raw {
    fn new(details: Details) -> Self {
        let _installed_already = rustls::crypto::ring::default_provider().install_default();
        let client = || reqwest::Client::builder().no_proxy();
        let proxy = reqwest::Proxy::http(&details.sensor_proxy).expect("an address");
        let proxied = reqwest::Client::builder().proxy(proxy).build().expect("a client");
        Self { http: client().build().expect("a client"), proxied, details }
    }

    /// A token; each poller has its own, since they share nothing.
    async fn token(&self) -> String {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &self.details.client_id),
            ("client_secret", &self.details.client_secret),
            ("scope", "https://api.securitycenter.microsoft.com/.default"),
        ];
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let asked = self.http.post(&self.details.token_url);
        let asked = asked.header("content-type", "application/x-www-form-urlencoded").body(body);
        let answer: Value = read(asked).await.1;
        answer["access_token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    /// Publishes every indicator in as few calls as the service allows: only the waiting is compared.
    async fn publish(&self, count: usize) {
        let token = self.token().await;
        let all: Vec<_> = (0..count)
            .map(|number| {
                json!({
                    "indicatorValue": host(number), "indicatorType": "DomainName", "action": "Audit",
                    "title": format!("drill {number}"), "description": "a drill", "severity": "Informational",
                    "generateAlert": true
                })
            })
            .collect();
        for some in all.chunks(500) {
            let url = format!("{}/indicators/import", self.details.endpoint_api);
            let asked = self.http.post(url).bearer_auth(&token).header("content-type", "application/json");
            let (status, answer) = read(asked.body(json!({ "Indicators": some }).to_string())).await;
            assert!(status == 200 && !answer.to_string().contains(r#""isFailed":true"#), "{status} {answer}");
        }
    }

    async fn contact(&self, number: usize) {
        let _whatever_is_answered = self.proxied.get(format!("http://{}/", host(number))).send().await;
    }

    /// Whether the alert of `number` is there; none where the call is refused.
    async fn poll(&self, token: &str, since: &str, number: usize) -> Option<bool> {
        let mut url = url::Url::parse(&format!("{}/alerts", self.details.endpoint_api)).expect("an address");
        let filter = format!("alertCreationTime ge {since}");
        url.query_pairs_mut().append_pair("$filter", &filter).append_pair("$expand", "evidence");
        let answer = self.http.get(url).bearer_auth(token).send().await.expect("answered");
        let status = answer.status().as_u16();
        assert!(status == 200 || status == 429, "{status}");
        let text = answer.text().await.expect("a body");
        (status == 200).then(|| text.contains(&host(number)))
    }
}

async fn read(asked: reqwest::RequestBuilder) -> (u16, Value) {
    let answer = asked.send().await.expect("answered");
    let status = answer.status().as_u16();
    (status, serde_json::from_str(&answer.text().await.expect("a body")).unwrap_or_default())
}

fn host(number: usize) -> String {
    format!("drill-{number}.alertdrill-pollers.com")
}

/// What `count` pollers cost.
fn pollers(count: usize, refused: Refused) -> [usize; 3] {
    let clock = Clock::jumping("2026-11-24T12:00:00Z".parse().expect("a timestamp"));
    let emulator = Arc::new(Emulator::new(Options { clock: clock.clone(), seed: 1, knobs: crowd::knobs() }));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let cost = Arc::new(Cost::default());
    runtime.block_on(async {
        let mocks = Mocks::start(Arc::clone(&emulator)).await.expect("the emulator starts");
        let raw = Arc::new(Raw::new(mocks.details()));
        let me = clock.join();
        raw.publish(count).await;
        clock.sleep(std::time::Duration::from_secs(crowd::PROPAGATION)).await;
        let since = clock.now();
        for number in 0..count {
            raw.contact(number).await;
        }
        let token = raw.token().await;
        let tasks: Vec<_> = (0..count)
            .map(|number| {
                let (raw, clock, cost, token) = (Arc::clone(&raw), clock.clone(), Arc::clone(&cost), token.clone());
                let me = clock.join();
                tokio::spawn(async move {
                    let lost = !found(&raw, &clock, &cost, (&token, since, number), refused).await;
                    cost.lost.fetch_add(lost.into(), Ordering::Relaxed);
                    drop(me);
                })
            })
            .collect();
        drop(me);
        for task in tasks {
            task.await.expect("a poller ends");
        }
    });
    cost.figures()
}

async fn found(
    raw: &Raw,
    clock: &Clock,
    cost: &Cost,
    (token, since, number): (&str, jiff::Timestamp, usize),
    refused: Refused,
) -> bool {
    let until = since + PATIENCE;
    while clock.now() < until {
        cost.calls.fetch_add(1, Ordering::Relaxed);
        match raw.poll(token, &since.to_string(), number).await {
            Some(true) => return true,
            Some(false) => {}
            None => {
                cost.refused.fetch_add(1, Ordering::Relaxed);
                if refused == Refused::Ends {
                    return false;
                }
            }
        }
        clock.sleep(EVERY).await;
    }
    false
}

#[test]
fn a_poller_for_each_drill_is_refused_where_one_for_all_is_not() {
    let count = 40;
    let [calls, refused, lost] = pollers(count, Refused::Ends);
    assert!(refused > 0 && lost == refused && calls < count * 10, "{calls} calls, {refused} refused, {lost} lost");
    let [calls, refused, lost] = pollers(count, Refused::GoesOn);
    let (looks, throttled) = crowd::looks(count);
    assert_eq!((throttled, lost), (0, 0), "who goes on finds its alert in the end, this few do");
    assert!(refused > calls / 2, "{refused} of {calls}");
    assert!(calls > 200 * looks, "{calls} calls, where {looks} do");
}

/// Measures what the README says.
#[test]
#[ignore = "a quarter of a million calls take minutes"]
fn a_thousand_pollers() {
    let count = 1_000;
    for (what, refused) in [("ends at a 429", Refused::Ends), ("goes on", Refused::GoesOn)] {
        let [calls, refused, lost] = pollers(count, refused);
        println!("{what}: {calls} calls, {refused} refused, {lost} verdicts lost");
    }
    let (looks, refused) = crowd::looks(count);
    println!("one for all: {looks} calls, {refused} refused");
}
