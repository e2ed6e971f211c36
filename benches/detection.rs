//! What one event costs against 15 and against 15,000 indicators of mixed types.
#![expect(clippy::print_stdout, reason = "a benchmark prints figures for people")]

use std::time::Duration;

use alertdrill::{
    clock::Clock,
    domain::{
        alert_definition::{AlertDefinition, Severity},
        indicator::{Action, Function, Indicator, Kind},
    },
    emulator::{
        Emulator, Options,
        detection::{Activity, Event},
        knobs::Knobs,
        tenant::{FIRST_DEVICE, publishing::Placed, shelf::Asked},
    },
};
use criterion::{BenchmarkId, Criterion};
use jiff::SignedDuration;
use serde_json::json;
use tokio::runtime::Runtime;

use crate::side_by_side::{compare, each, measures, timed};

mod side_by_side;

fn definition() -> AlertDefinition {
    AlertDefinition {
        name: "n".into(),
        severity: Severity::Low,
        internal_description: "i".into(),
        title: "t".into(),
        ux_description: "u".into(),
        recommended_action: None,
        category: "Malware".into(),
        enabled: true,
    }
}

/// Number `number` of a mixed crowd: every type with every function, none of which sees the event.
fn indicator(number: usize, adversarial: bool) -> Indicator {
    let kind = Kind::LEGACY[number % 5];
    let function = Function::ALL[number / 5 % 4];
    let value = match kind {
        _ if adversarial => format!("www.update.contoso.example.{number:05}"),
        Kind::IpAddress => format!("10.{}.{}.{}", number / 62_500, number / 250 % 250, number % 250),
        Kind::DomainName | Kind::Url => format!("host{number}.bad{}.example", number % 97),
        Kind::Sha1 => format!("{number:040x}"),
        Kind::Sha256 => format!("{number:064x}"),
        Kind::Md5 => format!("{number:032x}"),
    };
    Indicator { kind, value, function, action: Action::Audit, expires_at: None, enabled: true }
}

/// A tenant in which so many indicators were published one by one, and are in effect.
fn published(count: usize, adversarial: bool) -> Emulator {
    let clock = Clock::jumping("2026-11-24T12:00:00Z".parse().expect("a timestamp"));
    let knobs = Knobs::default().with(&json!({ "patternQuota": 20_000 })).expect("a quota");
    let emulator = Emulator::new(Options { clock: clock.clone(), seed: 1, knobs });
    emulator.with(|tenant, at| {
        let asked = Asked { by: "bench", at };
        let stored = tenant.publish_definitions(vec![definition()], asked).expect("it is kept");
        let placed = |number| Placed { indicator: indicator(number, adversarial), definition: stored[0].id };
        for number in 0..count {
            tenant.publish_indicators(vec![placed(number)], Asked { by: "bench", at }).expect("it is kept");
        }
    });
    clock.advance(SignedDuration::from_hours(1));
    observe(&emulator);
    emulator
}

/// One connection that touches nothing of the crowd, but shares its letters.
fn observe(emulator: &Emulator) {
    let activity = Activity::Connection {
        host: Some("www.update.contoso.example".into()),
        address: Some([198, 51, 100, 7].into()),
        port: 443,
        url: Some("https://www.update.contoso.example/".into()),
        process: "powershell_ise.exe".into(),
    };
    emulator.with(|tenant, now| tenant.observe(Event { device: FIRST_DEVICE.into(), activity }, now));
}

/// So many events a round.
const EVENTS: usize = 2_000;

fn both((name, adversarial): (&str, bool), runtime: &Runtime) {
    let (many, few) = (published(15_000, adversarial), published(15, adversarial));
    let round = async |emulator: &Emulator| timed(async || (0..EVENTS).for_each(|_| observe(emulator))).await;
    let compared = runtime.block_on(compare(31, async || round(&many).await, async || round(&few).await));
    println!(
        "{name}: one event against 15,000 indicators {:.2} us, against 15 {:.2} us, ratio {:.2}",
        each(compared.first, EVENTS),
        each(compared.second, EVENTS),
        compared.ratio
    );
    let publish =
        async |count, times: usize| timed(async || (0..times).for_each(|_| drop(published(count, adversarial)))).await;
    let compared = runtime.block_on(compare(7, async || publish(15_000, 1).await, async || publish(1_500, 10).await));
    println!(
        "{name}: publishing 15,000 indicators one by one {:.2} us each, 1,500 {:.2} us each, ratio {:.2}",
        each(compared.first, 15_000),
        each(compared.second, 15_000),
        compared.ratio
    );
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    if measures() {
        both(("mixed", false), &runtime);
        both(("with one long common beginning", true), &runtime);
    }
    let criterion = Criterion::default().sample_size(20).warm_up_time(Duration::from_millis(500));
    let mut criterion = criterion.measurement_time(Duration::from_secs(2)).configure_from_args();
    let mut group = criterion.benchmark_group("detection");
    for count in [15, 1_500, 15_000] {
        let emulator = published(count, false);
        group.bench_with_input(BenchmarkId::new("one event", count), &emulator, |bencher, emulator| {
            bencher.iter(|| observe(emulator));
        });
        group.bench_function(BenchmarkId::new("publish", count), |bencher| bencher.iter(|| published(count, false)));
    }
    group.finish();
    criterion.final_summary();
}
