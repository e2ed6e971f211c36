//! What a guide drill on the emulator costs beside its bare HTTP exchanges.
//!
//! Some drills run on the emulator, and whatever they send is written down as it arrives. Then the same drills run again,
//! each round in a new tenant with the same seed, in turn with a plain loop that sends the very same requests to such a
//! tenant: one after another, with one client. Starting the tenants is not timed; everything else is, down to the
//! record on the disk.
#![expect(clippy::print_stdout, reason = "a benchmark prints figures for people")]

use std::{
    hint::black_box,
    rc::Rc,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::Duration,
};

use alertdrill::{
    cli::compose::{Manner, OneTenant},
    clock::Clock,
    config::{environment::Environment, file::Table, tenant::Tenant},
    domain::service::Service,
    emulator::{Emulator, Options, details::Details, knobs::Knobs, mocks::Mocks},
    record::{
        drill::Drill,
        file::{FORMAT, RunWriter},
        run::Head,
        verdict::Verdict,
    },
    runner::{course, drive, find::Found, stop::Stop, suite::Suite, vocabulary::Vocabulary},
};
use criterion::Criterion;
use jiff::Timestamp;
use reqwest::{Client, Proxy, Url, retry};
use serde_json::json;
use wiremock::{Match, Mock, Request, ResponseTemplate};

use crate::side_by_side::{compare, each, measures, timed};

mod side_by_side;

/// So many drills share a tenant and are timed together.
const DRILLS: usize = 128;

/// The guide, with an indicator of each drill's own, so that drills can run side by side.
const GUIDE: &str = "
    Given access to the tenant
    And an onboarded device
    And an alert definition and an indicator are in effect
    When the device contacts the indicator's address
    Then an alert is raised within 15 minutes
    And the alert says what its definition says
    And the alert names the device and the indicator
    And it is the only alert
";

fn suite() -> Suite {
    let drills: Vec<_> = (0..DRILLS).map(|number| format!("  Scenario: {number}{GUIDE}")).collect();
    let text = format!("Feature: f\n{}", drills.concat());
    Suite::parse(&[Found { file: "f.feature".into(), text, lines: Vec::new() }]).expect("it parses")
}

/// A request as the tenant received it.
struct Sent {
    at: Timestamp,
    request: Request,
}

/// Matches nothing, and keeps everything.
struct Ear {
    clock: Clock,
    heard: Arc<Mutex<Vec<Sent>>>,
}

impl Match for Ear {
    fn matches(&self, request: &Request) -> bool {
        let sent = Sent { at: self.clock.now(), request: request.clone() };
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).push(sent);
        false
    }
}

fn noon() -> Timestamp {
    "2026-11-24T12:00:00Z".parse().expect("a timestamp")
}

/// A new tenant, the same every time, and the service of it that drills run on.
struct Ground {
    service: Service,
    clock: Clock,
    mocks: Mocks,
}

impl Ground {
    async fn new(service: Service) -> Self {
        let clock = Clock::jumping(noon());
        // Quotas are about time that jumps here, and would refuse a loop that does not count.
        let unlimited = json!({ "endpointQuotas": false, "graphQuotas": false });
        let knobs = Knobs::default().with(&unlimited).expect("good knobs");
        let emulator = Emulator::new(Options { clock: clock.clone(), seed: 1, knobs });
        let mocks = Mocks::start(Arc::new(emulator)).await.expect("the emulator starts");
        Self { service, clock, mocks }
    }

    fn lab(&self) -> OneTenant {
        OneTenant::new(tenant(&self.mocks.details(), self.service), &self.clock, Manner::default())
            .expect("the tenant is whole")
    }
}

/// The tenant that `details` were handed out for.
fn tenant(details: &Details, service: Service) -> Tenant {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("details.json");
    std::fs::write(&file, serde_json::to_vec(details).expect("plain texts")).expect("it is written");
    let details = Some(file.display().to_string());
    let table = Table { details, service: Some(service.to_string()), ..Table::default() };
    Tenant::resolve("bench", "alertdrill.toml", &table, &Environment::with(&[])).expect("the table is whole")
}

fn head() -> Head {
    Head {
        format: FORMAT,
        alertdrill: "bench".into(),
        run: "bench".into(),
        started: noon(),
        tenant: "bench".into(),
        time_jumps: true,
        seed: 1,
    }
}

/// Runs the drills of `suite`, so many at a time, recorded to the disk by a thread of its own, as `alertdrill run` does.
async fn drills(suite: Suite, ground: &Ground, jobs: usize) -> Duration {
    let folder = tempfile::tempdir().expect("a folder");
    let options = course::Options {
        jobs,
        fail_fast: false,
        keep: false,
        step_limit: Duration::from_mins(1),
        seed: 1,
        shard: None,
    };
    let (vocabulary, labs) = (Vocabulary::linked().expect("the vocabulary"), Arc::new(ground.lab()));
    timed(async || {
        let mut writer = RunWriter::create(folder.path(), &head()).expect("a record");
        let (sender, ended) = mpsc::sync_channel::<Drill>(64);
        let scribe = thread::spawn(move || ended.iter().for_each(|drill| writer.drill(&drill).expect("it is written")));
        let sink = move |drill: Drill| {
            assert_eq!(drill.verdict, Verdict::Passed, "{:?}", drill.steps);
            sender.send(drill).expect("the scribe writes");
        };
        drive::run(suite, Rc::new(vocabulary), labs, (options, Stop::default()), sink).await;
        scribe.join().expect("the scribe is well");
    })
    .await
}

/// What the drills of `suite` send, in the order in which it arrives.
async fn requests(service: Service, suite: Suite, jobs: usize) -> Vec<Sent> {
    let ground = Ground::new(service).await;
    let heard = Arc::default();
    let ear = Ear { clock: ground.clock.clone(), heard: Arc::clone(&heard) };
    ground.mocks.scripted(Mock::given(ear).respond_with(ResponseTemplate::new(500)).with_priority(1)).await;
    drills(suite, &ground, jobs).await;
    std::mem::take(&mut *heard.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Sends the same requests with one client, one after another.
async fn bare(requests: &[Sent], ground: &Ground) -> Duration {
    let own: Url = ground.mocks.base().parse().expect("an address");
    let proxy = own.clone();
    // As one client would: the tenant's own address straight, every other through the sensor.
    let through = Proxy::custom(move |url| (url.host_str() != proxy.host_str()).then(|| proxy.clone()));
    let builder = Client::builder().tls_certs_only([]).no_proxy().proxy(through).retry(retry::never());
    let client = builder.build().expect("a client");
    let requests: Vec<_> = requests.iter().map(|sent| (sent.at, again(&client, &sent.request, &own))).collect();
    timed(async || {
        for (at, request) in requests {
            ground.clock.advance(at.duration_since(ground.clock.now()));
            let response = client.execute(request).await.expect("an answer");
            assert!(response.status().is_success(), "{response:?}");
            black_box(response.bytes().await.expect("the whole of it"));
        }
    })
    .await
}

/// A request that was received, to be sent once more: wiremock writes `localhost` where only a path was asked for.
fn again(client: &Client, received: &Request, own: &Url) -> reqwest::Request {
    let mut url = received.url.clone();
    if url.host_str() == Some("localhost") {
        url.set_host(own.host_str()).expect("a host");
        url.set_port(own.port()).expect("a port");
    }
    let headers = received.headers.iter().filter(|(name, _)| !matches!(name.as_str(), "host" | "content-length"));
    let headers = headers.map(|(name, value)| (name.clone(), value.clone())).collect();
    let request = client.request(received.method.clone(), url).headers(headers);
    let request = if received.body.is_empty() { request } else { request.body(received.body.clone()) };
    request.build().expect("it was sent before")
}

/// Both in turn, with so many drills at a time.
async fn both(service: Service, jobs: usize) {
    let suite = suite();
    let requests = requests(service, suite.clone(), jobs).await;
    let compared = compare(
        21,
        async || drills(suite.clone(), &Ground::new(service).await, jobs).await,
        async || bare(&requests, &Ground::new(service).await).await,
    )
    .await;
    println!(
        "{service}, {jobs} at a time: a drill of {:.1} requests {:.0} us, the same requests by a plain loop {:.0} us, ratio {:.2}",
        each(Duration::from_micros(requests.len() as u64), DRILLS),
        each(compared.first, DRILLS),
        each(compared.second, DRILLS),
        compared.ratio
    );
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    if measures() {
        for service in Service::ALL {
            for jobs in [1, 64] {
                runtime.block_on(both(service, jobs));
            }
        }
    }
    let mut criterion =
        Criterion::default().sample_size(10).measurement_time(Duration::from_secs(3)).configure_from_args();
    let suite = suite();
    let requests = runtime.block_on(requests(Service::Legacy, suite.clone(), 1));
    let mut group = criterion.benchmark_group(format!("{DRILLS} guide drills"));
    for jobs in [1, 64] {
        group.bench_function(format!("{jobs} at a time"), |bencher| {
            bencher.to_async(&runtime).iter_custom(async |times| {
                let mut took = Duration::ZERO;
                for _ in 0..times {
                    took += drills(suite.clone(), &Ground::new(Service::Legacy).await, jobs).await;
                }
                took
            });
        });
    }
    group.bench_function("bare requests", |bencher| {
        bencher.to_async(&runtime).iter_custom(async |times| {
            let mut took = Duration::ZERO;
            for _ in 0..times {
                took += bare(&requests, &Ground::new(Service::Legacy).await).await;
            }
            took
        });
    });
    group.finish();
    criterion.final_summary();
}
