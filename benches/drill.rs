//! A whole guide drill on the emulator, against its bare HTTP exchanges done by a plain loop with one client.
#![expect(clippy::print_stdout, clippy::cast_precision_loss, reason = "a benchmark prints figures for people")]

use std::{cell::Cell, hint::black_box, rc::Rc, sync::Arc, time::Duration};

use alertdrill::{
    cli::compose::Emulated,
    clock::Clock,
    emulator::{Emulator, Options, details::Details, knobs::Knobs, mocks::Mocks},
    record::{drill::Drill, file::RunWriter, run::Head, verdict::Verdict},
    runner::{course, drive, find::Found, stop::Stop, suite::Suite, vocabulary::Vocabulary},
};
use criterion::{Criterion, Throughput};
use jiff::SignedDuration;
use serde_json::{Value, json};

mod side_by_side;

/// So many drills a round: enough for the start of a run and of its server to weigh nothing.
const DRILLS: usize = 200;

const SCENARIO: &str = "    Given an onboarded device\n    And an alert definition and an indicator are in effect\n    \
                        When the device contacts the indicator's address\n    Then an alert is raised within 15 minutes\n    \
                        And the alert says what its definition says\n";

fn suite() -> Suite {
    let scenarios = (0..DRILLS).map(|number| format!("  Scenario: {number}\n{SCENARIO}"));
    let text = format!("Feature: f\n{}", scenarios.collect::<Vec<_>>().concat());
    Suite::parse(&[Found { file: "f.feature".into(), text, lines: vec![] }]).expect("it parses")
}

fn noon() -> jiff::Timestamp {
    "2026-11-24T12:00:00Z".parse().expect("a timestamp")
}

/// Runs every drill, so many at a time, recorded to disk; returns how many looks they took in all.
async fn drills(labs: Arc<Emulated>, suite: Suite, jobs: usize, seed: u64) -> usize {
    let folder = tempfile::tempdir().expect("a folder");
    let head = Head {
        format: 1,
        alertdrill: "bench".into(),
        run: "bench".into(),
        started: noon(),
        tenant: "emulator".into(),
        time_jumps: true,
        seed,
    };
    let mut writer = RunWriter::create(folder.path(), &head).expect("a record");
    let looks = Rc::new(Cell::new(0));
    let counted = Rc::clone(&looks);
    let options = course::Options { jobs, fail_fast: false, keep: false, step_limit: Duration::from_mins(1), seed };
    let vocabulary = Vocabulary::linked().expect("the vocabulary");
    drive::run(suite, vocabulary, labs, (options, Stop::default()), move |drill| {
        assert_eq!(drill.verdict, Verdict::Passed);
        writer.drill(&drill).expect("it is written");
        counted.set(counted.get() + taken(&drill));
    })
    .await;
    looks.get()
}

/// The looks that this drill took itself.
fn taken(drill: &Drill) -> usize {
    drill.exchanges.iter().filter(|exchange| exchange.purpose().contains("export")).count()
}

/// The plain loop's side: one client, one token, and the exchanges of a drill one after the other.
struct Plain {
    client: reqwest::Client,
    device: reqwest::Client,
    details: Details,
    token: String,
    clock: Clock,
    /// How many looks a round takes.
    looks: usize,
    _mocks: Mocks,
}

impl Plain {
    async fn start(looks: usize) -> Self {
        let clock = Clock::jumping(noon());
        // The loop moves the clock by hand, and its one token has to last.
        let knobs = Knobs::default().with(&json!({ "tokenLifetimeSeconds": 604_800 })).expect("a lifetime");
        let emulator = Emulator::new(Options { clock: clock.clone(), seed: 1, knobs });
        let mocks = Mocks::start(Arc::new(emulator)).await.expect("the emulator starts");
        let details = mocks.details();
        let builder = || reqwest::Client::builder().tls_certs_only([]).no_proxy().retry(reqwest::retry::never());
        let client = builder().build().expect("a client");
        let proxy = reqwest::Proxy::http(&details.sensor_proxy).expect("a proxy");
        let device = builder().proxy(proxy).build().expect("a client");
        Self { client, device, details, token: String::new(), clock, looks, _mocks: mocks }
    }

    /// One token for a round, as a run has one for its drills.
    async fn obtain_token(&mut self) {
        let form = [
            ("resource", self.details.resource.as_str()),
            ("client_id", &self.details.client_id),
            ("client_secret", &self.details.client_secret),
            ("grant_type", "client_credentials"),
        ];
        let answer = self.client.post(&self.details.authorization_url).form(&form).send().await.expect("an answer");
        let answer: Value = serde_json::from_str(&answer.text().await.expect("a body")).expect("JSON");
        answer["access_token"].as_str().expect("a token").clone_into(&mut self.token);
    }

    async fn send(&self, method: reqwest::Method, url: &str, body: Option<Value>) -> String {
        let mut request =
            self.client.request(method, url).bearer_auth(&self.token).header("accept", "application/json");
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let answer = request.send().await.expect("an answer");
        assert!(answer.status().is_success(), "{url}: {}", answer.status());
        answer.text().await.expect("a body")
    }

    async fn create(&self, set: &str, body: Value) -> i64 {
        let created = self.send(reqwest::Method::POST, &format!("{}{set}", self.details.legacy_api), Some(body)).await;
        serde_json::from_str::<Value>(&created).expect("JSON")["Id"].as_i64().expect("an id")
    }

    async fn exchanges(&self, number: usize) {
        let definition = self.create("AlertDefinitions", definition(number)).await;
        let host = format!("d{number}.alertdrill.example");
        let indicator = json!({
            "Type": "DomainName", "Value": host, "DetectionFunction": "Equals", "Enabled": true,
            "AlertDefinition@odata.bind": format!("AlertDefinitions({definition})"),
        });
        let indicator = self.create("IndicatorsOfCompromise", indicator).await;
        self.clock.advance(SignedDuration::from_mins(20));
        let answer = self.device.get(format!("http://{host}/")).send().await.expect("an answer");
        black_box(answer.bytes().await.expect("a body"));
        self.clock.advance(SignedDuration::from_mins(15));
        let since = self.clock.now().saturating_sub(SignedDuration::from_mins(17)).expect("a moment");
        // The loop's drills share the looks that alertdrill's took, as evenly as can be.
        for _ in self.looks * number / DRILLS..self.looks * (number + 1) / DRILLS {
            let url = format!("{}?sinceTimeUtc={}", self.details.alert_export_api, since.strftime("%Y-%m-%dT%H:%M:%S"));
            black_box(self.send(reqwest::Method::GET, &url, None).await);
        }
        let api = &self.details.legacy_api;
        self.send(reqwest::Method::DELETE, &format!("{api}IndicatorsOfCompromise({indicator})"), None).await;
        self.send(reqwest::Method::DELETE, &format!("{api}AlertDefinitions({definition})"), None).await;
    }

    async fn round(&mut self) {
        self.obtain_token().await;
        for number in 0..DRILLS {
            self.exchanges(number).await;
        }
    }
}

fn definition(number: usize) -> Value {
    json!({
        "Name": format!("alertdrill {number}"), "Severity": "Medium",
        "InternalDescription": "Made by alertdrill for a drill; removed when it ends",
        "Title": format!("Alert drill {number}"),
        "UxDescription": format!("A device contacted an address that a drill had put on the list. [drill {number}]"),
        "RecommendedAction": "None: this alert belongs to a drill.",
        "Category": "SuspiciousNetworkTraffic", "Enabled": true,
    })
}

fn labs() -> Arc<Emulated> {
    Arc::new(Emulated::new(&Clock::jumping(noon()), 1).expect("the emulator starts"))
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let suite = suite();
    let looks = runtime.block_on(drills(labs(), suite.clone(), 1, 1));
    println!("{DRILLS} drills, one at a time, took {looks} looks in all");
    let mut plain = runtime.block_on(Plain::start(looks));
    for jobs in [1, 64] {
        let mut seed = 0;
        let compared = runtime.block_on(side_by_side::compare(
            async || {
                seed += 1;
                drills(labs(), suite.clone(), jobs, seed).await;
            },
            async || plain.round().await,
        ));
        let each = |seconds: f64| seconds * 1e6 / DRILLS as f64;
        println!(
            "{jobs} at a time: a drill {:.0} us, its bare exchanges one at a time {:.0} us, ratio {:.2}",
            each(compared.first),
            each(compared.second),
            compared.ratio
        );
    }
    let mut criterion = Criterion::default().configure_from_args().sample_size(10);
    let mut group = criterion.benchmark_group("guide drill");
    group.throughput(Throughput::Elements(DRILLS as u64));
    group.bench_function("drill, one at a time", |bencher| {
        bencher.to_async(&runtime).iter(|| drills(labs(), suite.clone(), 1, 1));
    });
    let plain = tokio::sync::Mutex::new(plain);
    group.bench_function("bare exchanges", |bencher| {
        bencher.to_async(&runtime).iter(async || plain.lock().await.round().await);
    });
    group.finish();
    criterion.final_summary();
}
