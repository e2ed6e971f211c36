//! A thousand drills at once on one tenant, within the service's own quotas.

use std::sync::Arc;

use alertdrill::{
    cli::compose::{Manner, OneTenant},
    clock::{Clock, limit::Stopwatch},
    config::{environment::Environment, file::Table, tenant::Tenant},
    domain::service::Service,
    emulator::{Emulator, Options, details::Details, knobs::Knobs, mocks::Mocks},
    record::{drill::Drill, exchange::Exchange},
    runner::{course, stop::Stop},
    world::lab::{Labs as _, Wish},
};
use serde_json::{Value, json};

use super::{Ran, options, run_in, told, verdict};

/// What drills need at least, whatever carries them: 20 minutes of propagation and 200 seconds of detection.
pub(super) const PROPAGATION: u64 = 1_200;
const DETECTION: u64 = 200;

/// The tenant that `details` were handed out for, by a table as a person writes it.
fn tenant(details: &Details) -> Tenant {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("details.json");
    std::fs::write(&file, serde_json::to_vec(details).expect("plain texts")).expect("it is written");
    let table = Table {
        details: Some(file.display().to_string()),
        service: Some(Service::Endpoint.to_string()),
        propagation: Some(format!("{PROPAGATION} seconds")),
        detection: Some("15 minutes".into()),
        ..Table::default()
    };
    Tenant::resolve("crowd", "alertdrill.toml", &table, &Environment::with(&[])).expect("the table is whole")
}

/// A tenant that takes its time, and has the quotas of the service.
pub(super) fn knobs() -> Knobs {
    let knobs = json!({ "networkEnforcementSeconds": PROPAGATION, "networkAlertSeconds": DETECTION });
    Knobs::default().with(&knobs).expect("good knobs")
}

/// How many looks so many drills cost together, and how many calls were refused, when every drill passed.
pub(super) fn looks(count: usize) -> (usize, usize) {
    let (ran, _) = crowd(count);
    assert!(ran.drills.iter().all(|drill| verdict(drill) == "passed"), "{:?}", ran.drills.iter().map(told).next());
    (calls(&ran, "list alerts"), refused(&ran))
}

/// So many drills at once on one tenant, and the seconds that passed by their clock.
fn crowd(count: usize) -> (Ran, f64) {
    crowd_where((count, count), None)
}

/// So many drills on one tenant, so many of them at a time.
fn crowd_of(count: usize, at_a_time: usize) -> Ran {
    crowd_where((count, at_a_time), None).0
}

/// The same on a tenant that misbehaves.
fn crowd_where((count, at_a_time): (usize, usize), fault: Option<&Value>) -> (Ran, f64) {
    let clock = Clock::jumping("2026-11-24T12:00:00Z".parse().expect("a timestamp"));
    let emulator = Arc::new(Emulator::new(Options { clock: clock.clone(), seed: 1, knobs: knobs() }));
    if let Some(fault) = fault {
        emulator.with(|tenant, _| tenant.faults.add(fault).expect("a good fault"));
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let mocks = runtime.block_on(Mocks::start(Arc::clone(&emulator))).expect("the emulator starts");
    let labs = OneTenant::new(tenant(&mocks.details()), &clock, Manner::default()).expect("the tenant is whole");
    let rows = (0..count).fold(String::new(), |rows, number| format!("{rows}      | {number} |\n"));
    let text = format!(
        "Feature: f\n  Scenario Outline: drill <n>\n    Given access to the tenant\n    And an alert definition and an indicator are in effect\n\
         \x20   When the device contacts the indicator's address\n    Then an alert is raised within 15 minutes\n\
         \x20   And the alert says what its definition says\n    And the alert names the device and the indicator\n\
         \x20   Examples:\n      | n |\n{rows}"
    );
    let before = clock.now();
    let ran = run_in(Arc::new(labs), &text, course::Options { jobs: at_a_time, ..options() }, &Stop::default());
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
    let asked = ran.drills.iter().filter_map(|drill| found(drill, "list indicators")).map(|one| one.attempts()[0].at());
    assert_eq!(
        asked.collect::<std::collections::HashSet<_>>().len(),
        1,
        "who asks for access at the same time asks once"
    );
    println!("{seconds} s by the clock, {took:?}, {} looks", calls(&ran, "list alerts"));
    assert_eq!((ran.drills.len(), wrong), (1_000, vec![]));
    assert_eq!(refused(&ran), 0);
    #[expect(clippy::cast_precision_loss, reason = "some thousand seconds")]
    let least = (PROPAGATION + DETECTION) as f64;
    assert!(seconds <= 1.1 * least, "{seconds} seconds, where {least} are needed");
}

/// What of the exchanges that drills shared stands in the record of one.
fn shared<'a>(drill: &'a Drill, purpose: &str) -> &'a Exchange {
    found(drill, purpose).unwrap_or_else(|| panic!("no exchange to `{purpose}` in {:?}", drill.name))
}

fn found<'a>(drill: &'a Drill, purpose: &str) -> Option<&'a Exchange> {
    drill.exchanges.iter().find(|exchange| exchange.purpose().contains(purpose))
}

#[test]
fn of_a_call_that_carries_many_each_drill_has_its_own_part_and_no_other_s() {
    let ran = crowd(10).0;
    let markers: Vec<_> = ran.drills.iter().map(|drill| drill.marker.as_str()).collect();
    for drill in &ran.drills {
        let texts = |exchange: &Exchange| {
            let answered = exchange.attempts().iter().filter_map(|attempt| attempt.response_body());
            exchange.request_body().into_iter().chain(answered).map(str::to_owned).collect::<Vec<_>>()
        };
        let created = texts(shared(drill, "indicators at once"));
        let read = texts(shared(drill, "read back what was published"));
        for text in created.iter().chain(&read) {
            let named: Vec<_> = markers.iter().filter(|marker| text.contains(**marker)).collect();
            assert_eq!(named, [&drill.marker], "{text}");
        }
        assert_eq!((created.len(), read.len()), (2, 1));
        assert!(
            found(drill, "list indicators").is_some() && found(drill, "token").is_some(),
            "what is the same for all"
        );
        let removed = shared(drill, "remove 10 indicators at once").request_body().expect("a body");
        assert_eq!(removed.matches('"').count(), 4, "one key in one list: {removed}");
    }
    // Whether alerts may be closed is asked with the first, and the others are closed in one call.
    let closed = ran.drills.iter().filter_map(|drill| Some((drill, found(drill, "update 9 alerts at once")?)));
    let closed: Vec<_> = closed.map(|(drill, exchange)| (drill, exchange.request_body().expect("a body"))).collect();
    assert_eq!(closed.len(), 9);
    for (drill, body) in closed {
        let alert = &drill.sightings[0].seen[0].id;
        assert!(body.contains(&format!(r#""alertIds":["{alert}"]"#)), "{body}");
    }
}

#[test]
fn what_was_agreed_to_and_is_not_held_is_looked_for_again_when_the_drill_ends() {
    let ran = crowd_where((3, 3), Some(&json!({ "kind": "forget" }))).0;
    for drill in &ran.drills {
        assert_eq!(verdict(drill), "errored not-published", "{}", told(drill));
        assert!(told(drill).contains("does not hold it"), "{}", told(drill));
        let undone: Vec<_> = drill.clean_up.iter().map(|undone| (undone.what.clone(), undone.left.clone())).collect();
        assert_eq!(undone, [(format!("what carries the marker {}", drill.marker), None)]);
    }
}

#[test]
fn where_no_alert_comes_to_anybody_what_was_reported_is_asked_for_all_at_once() {
    let ran = crowd_where((40, 40), Some(&json!({ "kind": "drop-alert" }))).0;
    for drill in &ran.drills {
        assert_eq!(verdict(drill), "failed no-alert", "{}", told(drill));
        let texts = drill.exchanges.iter().filter(|exchange| exchange.purpose().contains("observables at once"));
        let found: Vec<_> = texts.flat_map(Exchange::attempts).filter_map(|attempt| attempt.response_body()).collect();
        let own = found.iter().filter(|text| text.contains(&drill.marker)).count();
        assert_eq!((found.len(), own), (1, 1), "its own rows: {found:?}");
        assert_eq!(
            found[0].matches("ActionType").count() - 1,
            found[0].matches(drill.marker.as_str()).count(),
            "{found:?}"
        );
    }
    let hunts =
        ran.drills.iter().flat_map(|drill| &drill.exchanges).filter(|one| one.purpose().starts_with("hunt for"));
    let queries: std::collections::BTreeSet<_> =
        hunts.map(|one| one.request_body().expect("a query").to_owned()).collect();
    assert!(queries.len() <= 3, "{} queries for 40 drills", queries.len());
}

#[test]
fn a_shard_of_a_run_has_its_part_of_the_calls() {
    let clock = Clock::jumping("2026-11-24T12:00:00Z".parse().expect("a timestamp"));
    let emulator = Arc::new(Emulator::new(Options { clock: clock.clone(), seed: 1, knobs: Knobs::default() }));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let mocks = runtime.block_on(Mocks::start(emulator)).expect("the emulator starts");
    let after_three_calls = |shards| {
        let manner = Manner { shards, ..Manner::default() };
        let labs = OneTenant::new(tenant(&mocks.details()), &clock, manner).expect("the tenant is whole");
        runtime.block_on(async {
            let me = clock.join();
            let before = clock.now();
            let lab = labs.lab(Wish { exclusive: false, controls: false }).await.expect("a lab");
            for _ in 0..3 {
                lab.definitions.access().await.expect("the tenant lets it");
            }
            drop(me);
            clock.now().duration_since(before).as_secs()
        })
    };
    // Of 100 a minute and 1,500 an hour: all; 2 a minute, of which one is kept back for clean-up; one an hour.
    assert_eq!([1, 50, 1_000].map(after_three_calls), [0, 2 * 61, 2 * 3_601]);
}

#[test]
fn what_the_first_drills_learn_of_a_tenant_lets_the_next_look_when_their_alerts_come() {
    let mut drills = crowd_of(5, 1).drills;
    drills.sort_by_key(|drill| drill.started);
    let resolutions: Vec<_> =
        drills.iter().map(|drill| drill.sightings[0].latencies.as_ref().expect("seen").resolution).collect();
    assert!(resolutions[..3].iter().all(|gap| *gap > 60.0), "{resolutions:?}");
    assert!(resolutions[3..].iter().all(|gap| *gap <= 15.1), "{resolutions:?}");
    let looks =
        |drill: &Drill| drill.waits.iter().find(|wait| wait.what.contains("alert of")).expect("a wait").looks.len();
    assert!(looks(&drills[4]) <= looks(&drills[0]) + 1, "{:?}", drills.iter().map(looks).collect::<Vec<_>>());
}

#[test]
fn ten_drills_cost_hardly_more_looks_than_one() {
    let (one, ten) = (crowd(1).0, crowd(10).0);
    let looks = [&one, &ten].map(|ran| calls(ran, "list alerts"));
    assert!(looks[1] <= looks[0] + 2, "{looks:?}");
}
