//! What one event costs against 15 and against 15,000 indicators of mixed types.
#![expect(clippy::print_stdout, clippy::cast_precision_loss, reason = "a benchmark prints figures for people")]

use alertdrill::{
    clock::Clock,
    domain::{
        alert_definition::{AlertDefinition, Severity},
        indicator::{Function, Indicator, Kind},
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
    let kind = Kind::ALL[number % 5];
    let function = Function::ALL[number / 5 % 4];
    let value = match kind {
        _ if adversarial => format!("www.update.contoso.example.{number:05}"),
        Kind::IpAddress => format!("10.{}.{}.{}", number / 62_500, number / 250 % 250, number % 250),
        Kind::DomainName => format!("host{number}.bad{}.example", number % 97),
        Kind::Sha1 => format!("{number:040x}"),
        Kind::Sha256 => format!("{number:064x}"),
        Kind::Md5 => format!("{number:032x}"),
    };
    Indicator { kind, value, function, expires_at: None, enabled: true }
}

fn emulator(count: usize, adversarial: bool) -> Emulator {
    let clock = Clock::jumping("2026-11-24T12:00:00Z".parse().expect("a timestamp"));
    let knobs = Knobs::default().with(&json!({ "patternQuota": 20_000 })).expect("a quota");
    let emulator = Emulator::new(Options { clock: clock.clone(), seed: 1, knobs });
    emulator.with(|tenant, at| {
        let asked = Asked { by: "bench", at };
        let stored = tenant.publish_definitions(vec![definition()], asked).expect("it is kept");
        let placed = |number| Placed { indicator: indicator(number, adversarial), definition: stored[0].id };
        tenant.publish_indicators((0..count).map(placed).collect(), Asked { by: "bench", at }).expect("they are kept");
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

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    for (name, adversarial) in [("mixed", false), ("with one long common beginning", true)] {
        let (many, few) = (emulator(15_000, adversarial), emulator(15, adversarial));
        let round = |emulator: &Emulator| (0..EVENTS).for_each(|_| observe(emulator));
        let compared = runtime.block_on(side_by_side::compare(async || round(&many), async || round(&few)));
        let each = |seconds: f64| seconds * 1e6 / EVENTS as f64;
        println!(
            "{name}: one event against 15,000 indicators {:.2} us, against 15 {:.2} us, ratio {:.2}",
            each(compared.first),
            each(compared.second),
            compared.ratio
        );
    }
    let mut criterion = Criterion::default().configure_from_args().sample_size(20);
    let mut group = criterion.benchmark_group("detection");
    for count in [15, 1_500, 15_000] {
        let emulator = emulator(count, false);
        group.bench_with_input(BenchmarkId::new("one event", count), &emulator, |bencher, emulator| {
            bencher.iter(|| observe(emulator));
        });
    }
    group.bench_function("publish 15,000", |bencher| bencher.iter(|| emulator(15_000, false)));
    group.bench_function("publish 1,500", |bencher| bencher.iter(|| emulator(1_500, false)));
    group.finish();
    criterion.final_summary();
}
