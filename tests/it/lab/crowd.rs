//! A thousand drills at once on one tenant, within the service's own quotas.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use alertdrill::{
    auth::client_credentials::{Style, TokenEndpoint},
    cli::compose::{Manner, OneTenant},
    clock::{Clock, limit::Stopwatch},
    config::{
        proof::Proof,
        service::{RulesGeneration, RulesVersion, Services},
        tenant::{Login, Tenant},
    },
    domain::{off_limits::OffLimits, service::Service},
    emulator::{Emulator, Options, details::Details, knobs::Knobs, mocks::Mocks},
    record::exchange::Exchange,
    runner::{course, stop::Stop},
    services::cloud::Cloud,
    transport::secret::Secret,
};
use serde_json::json;

use super::{Ran, options, run_in, told, verdict};

/// What drills need at least, whatever carries them: 20 minutes of propagation and 200 seconds of detection.
const PROPAGATION: u64 = 1_200;
const DETECTION: u64 = 200;

fn tenant(details: Details, service: Service) -> Tenant {
    let url = |text: &str| text.parse().expect("an address");
    Tenant {
        name: "crowd".into(),
        services: Services { all: service, alerts: service, hunting: service },
        cloud: Cloud::global(),
        tenant_id: None,
        token_endpoint: TokenEndpoint { url: url(&details.token_url), style: Style::V2 },
        client_id: details.client_id,
        proof: Proof::Secret(Secret::new(details.client_secret)),
        resource: details.resource,
        legacy_api: Some(url(&details.legacy_api)),
        alert_export_api: Some(url(&details.alert_export_api)),
        endpoint_api: Some(url(&details.endpoint_api)),
        graph_api: Some(url(&details.graph_api)),
        rules_generation: RulesGeneration::default(),
        rules_version: RulesVersion::default(),
        control: Some(url(&details.control)),
        device_name: details.device_name,
        device_id: details.device_id,
        device_proxy: Some(Login { url: url(&details.sensor_proxy), user: None, password: None }),
        proxy: None,
        ca_file: None,
        propagation: Duration::from_secs(PROPAGATION),
        detection: Duration::from_mins(15),
        allow_blocking: false,
        close_alerts: true,
        quiet: None,
        announce: None,
        stop_file: None,
        off_limits: OffLimits::default(),
        quotas: BTreeMap::new(),
        speed: 1.0,
    }
}

/// So many drills at once on one tenant, and the seconds that passed by their clock.
fn crowd(count: usize) -> (Ran, f64) {
    let clock = Clock::jumping("2026-11-24T12:00:00Z".parse().expect("a timestamp"));
    let knobs = json!({ "networkEnforcementSeconds": PROPAGATION, "networkAlertSeconds": DETECTION });
    let knobs = Knobs::default().with(&knobs).expect("good knobs");
    let emulator = Arc::new(Emulator::new(Options { clock: clock.clone(), seed: 1, knobs }));
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let mocks = runtime.block_on(Mocks::start(Arc::clone(&emulator))).expect("the emulator starts");
    let labs = OneTenant::new(tenant(mocks.details(), Service::Endpoint), &clock, Manner::default())
        .expect("the tenant is whole");
    let rows = (0..count).fold(String::new(), |rows, number| format!("{rows}      | {number} |\n"));
    let text = format!(
        "Feature: f\n  Scenario Outline: drill <n>\n    Given an alert definition and an indicator are in effect\n\
         \x20   When the device contacts the indicator's address\n    Then an alert is raised within 15 minutes\n\
         \x20   And the alert says what its definition says\n    And the alert names the device and the indicator\n\
         \x20   Examples:\n      | n |\n{rows}"
    );
    let before = clock.now();
    let ran = run_in(Arc::new(labs), &text, course::Options { jobs: count, ..options() }, &Stop::default());
    assert_eq!(emulator.panics(), Vec::<String>::new());
    let held = emulator.with(|tenant, now| tenant.state(now));
    assert_eq!(held["customIndicators"], json!([]), "nothing is left");
    (ran, clock.now().duration_since(before).as_secs_f64())
}

fn calls<'a>(ran: &'a Ran, purpose: &'a str) -> usize {
    let exchanges = ran.drills.iter().flat_map(|drill| &drill.exchanges);
    exchanges.filter(|exchange| exchange.purpose().contains(purpose)).count()
}

fn refused(ran: &Ran) -> usize {
    let exchanges = ran.drills.iter().flat_map(|drill| &drill.exchanges);
    exchanges.flat_map(Exchange::attempts).filter(|attempt| attempt.status() == Some(429)).count()
}

#[test]
fn a_thousand_drills_in_one_window_stay_within_the_quotas_and_lose_no_verdict() {
    let watch = Stopwatch::start();
    let (ran, seconds) = crowd(1_000);
    let took = watch.elapsed();
    let wrong: Vec<_> = ran.drills.iter().filter(|drill| verdict(drill) != "passed").map(told).take(3).collect();
    println!("{seconds} s by the clock, {took:?}, {} looks", calls(&ran, "list alerts"));
    assert_eq!((ran.drills.len(), wrong), (1_000, vec![]));
    assert_eq!(refused(&ran), 0);
    #[expect(clippy::cast_precision_loss, reason = "some thousand seconds")]
    let least = (PROPAGATION + DETECTION) as f64;
    assert!(seconds <= 1.1 * least, "{seconds} seconds, where {least} are needed");
}

#[test]
fn ten_drills_cost_hardly_more_looks_than_one() {
    let (one, ten) = (crowd(1).0, crowd(10).0);
    let looks = [&one, &ten].map(|ran| calls(ran, "list alerts"));
    assert!(looks[1] <= looks[0] + 2, "{looks:?}");
}
