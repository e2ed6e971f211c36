//! One recorded exchange through transport, against the bare client.
#![expect(clippy::print_stdout, reason = "a benchmark prints figures for people")]

use std::{hint::black_box, sync::Arc, time::Duration};

use alertdrill::{
    clock::Clock,
    emulator::{Emulator, Options, knobs::Knobs, mocks::Mocks},
    record::recorder::Recorder,
    transport::{
        Transport,
        call::Call,
        send::{HttpClient, HttpSettings, Proxy},
    },
};
use criterion::Criterion;
use url::Url;

use crate::side_by_side::{compare, each, measures, timed};

mod side_by_side;

/// So many exchanges a round.
const EXCHANGES: usize = 200;

async fn through_transport(transport: &Transport, url: &Url, count: usize) {
    let recorder = Arc::new(Recorder::default());
    let work = async {
        for _ in 0..count {
            let reply = transport.call(Call::get(url.clone()).purpose("read the knobs")).await.expect("an answer");
            black_box(reply.json::<serde_json::Value>().expect("JSON"));
        }
    };
    Arc::clone(&recorder).scope(work).await;
    assert_eq!(recorder.take().exchanges.len(), count);
}

async fn bare(client: &reqwest::Client, url: &Url, count: usize) {
    for _ in 0..count {
        let answer = client.get(url.clone()).send().await.expect("an answer");
        let body = answer.bytes().await.expect("a body");
        black_box(serde_json::from_slice::<serde_json::Value>(&body).expect("JSON"));
    }
}

/// Both ways to a server of their own: it keeps what it is sent, so none serves for long.
struct Ways {
    transport: Transport,
    client: reqwest::Client,
    url: Url,
    _mocks: Mocks,
}

impl Ways {
    async fn open() -> Self {
        let clock = Clock::jumping("2026-11-24T12:00:00Z".parse().expect("a timestamp"));
        let emulator = Emulator::new(Options { clock: clock.clone(), seed: 1, knobs: Knobs::default() });
        let mocks = Mocks::start(Arc::new(emulator)).await.expect("the emulator starts");
        let url = format!("{}/devices", mocks.details().control).parse().expect("an address");
        let settings = HttpSettings { proxy: Proxy::Direct, plain_only: true, ..HttpSettings::default() };
        let transport = Transport::new(&HttpClient::new(&settings).expect("a client"), &clock);
        let client = reqwest::Client::builder().tls_certs_only([]).no_proxy().build().expect("a client");
        Self { transport, client, url, _mocks: mocks }
    }
}

async fn both() {
    let Ways { transport, client, url, _mocks } = Ways::open().await;
    let compared = compare(
        31,
        async || timed(async || through_transport(&transport, &url, EXCHANGES).await).await,
        async || timed(async || bare(&client, &url, EXCHANGES).await).await,
    )
    .await;
    println!(
        "one exchange through transport, recorded {:.1} us, by the bare client {:.1} us, ratio {:.2}",
        each(compared.first, EXCHANGES),
        each(compared.second, EXCHANGES),
        compared.ratio
    );
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    if measures() {
        runtime.block_on(both());
    }
    let criterion = Criterion::default().sample_size(10).warm_up_time(Duration::from_millis(500));
    let mut criterion = criterion.measurement_time(Duration::from_secs(1)).configure_from_args();
    let ways = runtime.block_on(Ways::open());
    criterion.bench_function("exchange/through transport, recorded", |bencher| {
        bencher.to_async(&runtime).iter(|| through_transport(&ways.transport, &ways.url, 1));
    });
    let ways = runtime.block_on(Ways::open());
    criterion.bench_function("exchange/by the bare client", |bencher| {
        bencher.to_async(&runtime).iter(|| bare(&ways.client, &ways.url, 1));
    });
    criterion.final_summary();
}
