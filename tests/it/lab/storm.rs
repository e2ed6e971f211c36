//! Five hundred drills on a tenant at which every fifth request fails, the device's own among them: what is said of each is
//! right, or is that it cannot be told, and nothing is left behind in silence.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use alertdrill::{
    cli::compose::{Manner, OneTenant},
    clock::Clock,
    config::{environment::Environment, file::Table, tenant::Tenant},
    domain::service::Service,
    emulator::{Emulator, Options, details::Details, knobs::Knobs, mocks::Mocks},
    record::drill::Drill,
    runner::{course, stop::Stop},
};
use serde_json::{Value, json};

use super::{Ran, options, run_in, told, verdict};

/// Drills of one kind: how many, and how they touch what they publish.
struct Kind {
    name: &'static str,
    count: usize,
    touches: &'static str,
}

const ONCE: &str = "When the device contacts the indicator's address";
const PROBING: &str = "When the device contacts the indicator's address until an alert is seen";

const KINDS: [Kind; 4] = [
    Kind { name: "Healthy", count: 200, touches: ONCE },
    Kind { name: "Probed", count: 50, touches: PROBING },
    Kind { name: "Dropped", count: 125, touches: ONCE },
    Kind { name: "Inert", count: 125, touches: ONCE },
];

impl Kind {
    /// Whether its alert comes.
    fn fires(&self) -> bool {
        matches!(self.name, "Healthy" | "Probed")
    }

    fn outline(&self) -> String {
        let rows = (0..self.count).fold(String::new(), |rows, number| format!("{rows}      | {number} |\n"));
        let waits = if self.touches == ONCE { "    And everything published is in effect\n" } else { "" };
        format!(
            "  Scenario Outline: {name} <n>\n    Given an alert definition is published\n\
             \x20     | title | {name} alert of drill {{marker}} |\n    And an indicator is published under it\n{waits}\
             \x20   {touches}\n    Then an alert is raised within 15 minutes\n\
             \x20   And the alert says what its definition says\n    Examples:\n      | n |\n{rows}",
            name = self.name,
            touches = self.touches,
        )
    }
}

fn tenant(details: &Details, service: Service) -> Tenant {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("details.json");
    std::fs::write(&file, serde_json::to_vec(details).expect("plain texts")).expect("it is written");
    let table = Table {
        details: Some(file.display().to_string()),
        service: Some(service.to_string()),
        propagation: (service == Service::Endpoint).then(|| "20 minutes".into()),
        detection: Some("15 minutes".into()),
        ..Table::default()
    };
    Tenant::resolve("storm", "alertdrill.toml", &table, &Environment::with(&[])).expect("the table is whole")
}

/// What the drills came to, and what the tenant held when they had ended.
fn storm(service: Service, faults: &[Value]) -> (Ran, Value) {
    let text = KINDS.iter().fold("Feature: f\n".to_owned(), |text, kind| text + &kind.outline());
    let jobs = KINDS.iter().map(|kind| kind.count).sum();
    run_at_once(service, faults, &text, course::Options { jobs, step_limit: Duration::from_mins(20), ..options() })
}

/// Runs the drills of `text` on one tenant, at which these faults are at work.
pub(super) fn run_at_once(service: Service, faults: &[Value], text: &str, options: course::Options) -> (Ran, Value) {
    let clock = Clock::jumping("2026-11-24T12:00:00Z".parse().expect("a timestamp"));
    let knobs = json!({ "networkEnforcementSeconds": 1_200, "networkAlertSeconds": 200 });
    let knobs = Knobs::default().with(&knobs).expect("good knobs");
    let emulator = Arc::new(Emulator::new(Options { clock: clock.clone(), seed: 1, knobs }));
    for fault in faults {
        emulator.with(|tenant, _| tenant.faults.add(fault).expect("a good fault"));
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let mocks = runtime.block_on(Mocks::start(Arc::clone(&emulator))).expect("the emulator starts");
    let labs = OneTenant::new(tenant(&mocks.details(), service), &clock, Manner::default()).expect("a whole tenant");
    let ran = run_in(Arc::new(labs), text, options, &Stop::default());
    assert_eq!(emulator.panics(), Vec::<String>::new());
    let held = emulator.with(|tenant, now| tenant.state(now));
    (ran, held)
}

fn kind(drill: &Drill) -> &'static Kind {
    KINDS.iter().find(|kind| drill.name.starts_with(kind.name)).expect("each has a kind")
}

/// Errors of calls: one in 5,000 fails five times in a row where 7 of 40 fail once, and a drill makes some twenty.
const FAILED_CALLS: usize = 10;

/// A stimulus is sent once, and 7 of 40 are not answered.
const UNANSWERED: usize = 4;

/// What of the tenant's things is still there.
fn left(held: &Value) -> Vec<String> {
    let sets = ["definitions", "indicators", "customIndicators", "rules"];
    let all = sets.iter().flat_map(|set| held[*set].as_array().expect("a list"));
    // A rule that is gone is shown for hours.
    all.filter(|thing| thing["deletedAt"].is_null()).map(Value::to_string).collect()
}

fn every_drill_is_right_or_says_that_it_cannot_tell(service: Service) {
    let faults = [
        json!({ "kind": "any-failure", "share": 0.2, "seed": 7 }),
        // An alert of this service does not say its definition's title.
        json!({ "kind": if service == Service::Endpoint { "inert" } else { "drop-alert" }, "text": "Dropped alert" }),
        json!({ "kind": "inert", "text": "Inert alert" }),
    ];
    let (ran, held) = storm(service, &faults);
    let mut said: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for drill in &ran.drills {
        *said.entry((kind(drill).name, verdict(drill))).or_default() += 1;
    }
    let is_honest = |drill: &&Drill| match verdict(drill).as_str() {
        "passed" => kind(drill).fires(),
        "failed no-alert" => !kind(drill).fires(),
        verdict => verdict.starts_with("errored "),
    };
    let wrong: Vec<_> =
        ran.drills.iter().filter(|drill| !is_honest(drill)).map(|drill| (&drill.name, told(drill))).collect();
    assert_eq!((ran.drills.len(), wrong), (500, vec![]));
    let errored = |code: &str, touches: &str| {
        let those = ran.drills.iter().filter(|drill| kind(drill).touches == touches);
        those.filter(|drill| verdict(drill).starts_with("errored ") && verdict(drill).ends_with(code)).count()
    };
    let unanswered = errored(" no-stimulus", ONCE);
    assert!(unanswered * UNANSWERED <= 450, "{unanswered} of 450 requests of the device were not answered");
    assert_eq!(errored(" no-stimulus", PROBING), 0, "who probes does so again");
    let failed = errored("", ONCE) + errored("", PROBING) - unanswered;
    assert!(failed <= FAILED_CALLS, "{failed} drills cannot tell, where asking again would have told: {said:?}");
    let known = |thing: &String| {
        let undone = ran.drills.iter().filter(|drill| drill.clean_up.iter().any(|undone| undone.left.is_some()));
        undone.map(|drill| &drill.marker).any(|marker| thing.contains(marker))
    };
    assert_eq!(left(&held).into_iter().filter(|thing| !known(thing)).collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn five_hundred_drills_in_a_storm_on_legacy() {
    every_drill_is_right_or_says_that_it_cannot_tell(Service::Legacy);
}

#[test]
fn five_hundred_drills_in_a_storm_on_endpoint() {
    every_drill_is_right_or_says_that_it_cannot_tell(Service::Endpoint);
}

#[test]
fn five_hundred_drills_in_a_storm_on_graph() {
    every_drill_is_right_or_says_that_it_cannot_tell(Service::Graph);
}
