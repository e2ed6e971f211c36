//! Propagation and detection, measured apart.

use alertdrill::domain::service::Service;

use super::{Ran, run_in, run_on, told, verdict};

/// A drill that probes, where what is published takes effect after so many minutes and an alert takes three.
fn probed(service: Service, propagation: u32, within: &str) -> Ran {
    run_on(
        service,
        &format!(
            "Feature: f\n  @exclusive @controls\n  Scenario: s\n    Given propagation takes exactly {propagation} minutes\n\
             \x20   And detection takes exactly 3 minutes\n    And an onboarded device\n\
             \x20   And an alert definition and an indicator are published\n\
             \x20   When the device contacts the indicator's address until an alert is seen\n\
             \x20   Then an alert is raised within {within}\n    And it is the only alert\n"
        ),
    )
}

#[test]
fn both_latencies_come_out_with_bounds_that_hold_the_truth() {
    for (service, minutes) in [
        (Service::Legacy, 11),
        (Service::Legacy, 19),
        (Service::Endpoint, 50),
        (Service::Endpoint, 110),
        (Service::Graph, 4),
    ] {
        let ran = probed(service, minutes, "5 minutes");
        let drill = ran.drill();
        assert_eq!(verdict(drill), "passed", "{service}: {}", told(drill));
        let latencies = drill.sightings[0].latencies.expect("an alert was seen");
        let truth = f64::from(minutes) * 60.0;
        let least = latencies.propagation_at_least.expect("earlier attempts were silent");
        let most = latencies.propagation_at_most.expect("nobody else had the address");
        assert!(least <= truth && truth <= most, "{service}: {latencies:?}");
        assert!(most < 2.0 * truth + 60.0, "{service}: {latencies:?}");
        assert!((latencies.detection - 180.0).abs() < 2.0, "{service}: {latencies:?}");
        let targets: Vec<_> = drill.stimuli.iter().map(|stimulus| &stimulus.what).collect();
        let mut apart = targets.clone();
        apart.dedup();
        assert!(targets.len() > 2 && targets == apart, "each attempt has its own address: {targets:?}");
    }
}

#[test]
fn attempts_that_came_to_nothing_are_one_stimulus_with_the_one_that_was_seen() {
    let ran = run_on(
        Service::Legacy,
        "Feature: f\n  @exclusive @controls\n  Scenario: s\n    Given propagation takes exactly 11 minutes\n\
         \x20   And detection takes exactly 9 minutes\n    And an onboarded device\n\
         \x20   And an alert definition and an indicator are published\n\
         \x20   When the device contacts the indicator's address until an alert is seen\n\
         \x20   Then exactly 1 alert is raised\n",
    );
    assert_eq!(verdict(ran.drill()), "passed", "{}", told(ran.drill()));
    let after = ran
        .drill()
        .stimuli
        .iter()
        .filter(|stimulus| stimulus.from.duration_since(ran.drill().stimuli[0].from).as_secs() >= 11 * 60);
    assert!(after.count() > 1, "a later attempt raised an alert of its own: {:?}", ran.drill().stimuli);
}

#[test]
fn what_is_in_effect_at_once_needs_one_attempt_or_the_few_that_its_alert_takes() {
    let ran = probed(Service::Legacy, 0, "5 minutes");
    assert_eq!(verdict(ran.drill()), "passed", "{}", told(ran.drill()));
    assert!(ran.drill().stimuli.len() <= 4, "{:?}", ran.drill().stimuli);
    let latencies = ran.drill().sightings[0].latencies.expect("an alert was seen");
    assert!(latencies.propagation_at_most.is_some_and(|most| most < 1.0), "{latencies:?}");
}

#[test]
fn an_alert_that_never_comes_is_a_gap_after_an_attempt_that_had_to_be_seen() {
    let ran = run_on(
        Service::Endpoint,
        "Feature: f\n  @exclusive @controls\n  Scenario: s\n    Given the laboratory misbehaves: drop-alert\n\
         \x20   And an onboarded device\n    And an alert definition and an indicator are published\n\
         \x20   When the device contacts the indicator's address until an alert is seen\n\
         \x20   Then an alert is raised within 30 minutes\n",
    );
    assert_eq!(verdict(ran.drill()), "failed no-alert", "{}", told(ran.drill()));
    let stimuli = &ran.drill().stimuli;
    let span = stimuli[stimuli.len() - 1].from.duration_since(stimuli[0].from);
    assert_eq!(span.as_secs(), 7_200, "the last attempt was when propagation had to be over");
    assert!(stimuli.len() < 20, "{}", stimuli.len());
}

#[test]
fn with_a_fixed_wait_there_is_one_attempt_after_the_whole_of_it() {
    use std::sync::Arc;

    use alertdrill::{cli::compose::Emulated, clock::Clock, runner::stop::Stop};

    let clock = Clock::jumping("2026-11-24T12:00:00Z".parse().expect("a timestamp"));
    let labs = Emulated::new(&clock, 7, Service::Legacy).expect("the emulator starts").waiting(true);
    let ran = run_in(
        Arc::new(labs),
        "Feature: f\n  Scenario: s\n    Given an onboarded device\n    And an alert definition and an indicator are published\n\
         \x20   When the device contacts the indicator's address until an alert is seen\n\
         \x20   Then an alert is raised within 15 minutes\n",
        super::options(),
        &Stop::default(),
    );
    assert_eq!(verdict(ran.drill()), "passed", "{}", told(ran.drill()));
    assert_eq!(ran.drill().stimuli.len(), 1);
    let latencies = ran.drill().sightings[0].latencies.expect("an alert was seen");
    assert!(latencies.propagation_at_most.is_some_and(|most| (most - 1_200.0).abs() < 1.0), "{latencies:?}");
}
