//! One recorded exchange through transport, against the bare client.
#![expect(clippy::print_stdout, clippy::cast_precision_loss, reason = "a benchmark prints figures for people")]

use std::{hint::black_box, sync::Arc};

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

mod side_by_side;

/// So many exchanges a round.
const EXCHANGES: usize = 500;

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

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let clock = Clock::jumping("2026-11-24T12:00:00Z".parse().expect("a timestamp"));
    let emulator = Emulator::new(Options { clock: clock.clone(), seed: 1, knobs: Knobs::default() });
    let mocks = runtime.block_on(Mocks::start(Arc::new(emulator))).expect("the emulator starts");
    let url: Url = format!("{}/devices", mocks.details().control).parse().expect("an address");
    let settings = HttpSettings { proxy: Proxy::Direct, plain_only: true, ..HttpSettings::default() };
    let transport = Transport::new(&HttpClient::new(&settings).expect("a client"), &clock);
    let client = reqwest::Client::builder().tls_certs_only([]).no_proxy().build().expect("a client");
    let compared = runtime.block_on(side_by_side::compare(
        async || through_transport(&transport, &url, EXCHANGES).await,
        async || bare(&client, &url, EXCHANGES).await,
    ));
    let each = |seconds: f64| seconds * 1e6 / EXCHANGES as f64;
    println!(
        "one exchange through transport, recorded {:.1} us, by the bare client {:.1} us, ratio {:.2}",
        each(compared.first),
        each(compared.second),
        compared.ratio
    );
    let mut criterion = Criterion::default().configure_from_args().sample_size(20);
    criterion.bench_function("exchange through transport, recorded", |bencher| {
        bencher.to_async(&runtime).iter(|| through_transport(&transport, &url, 20));
    });
    criterion.bench_function("exchange by the bare client", |bencher| {
        bencher.to_async(&runtime).iter(|| bare(&client, &url, 20));
    });
    criterion.final_summary();
}
