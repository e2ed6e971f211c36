//! The chain of custody: each link is witnessed, or it is said that nothing can bear witness to it, or it broke.

use alertdrill::{
    domain::service::Service,
    record::{
        chain::{Link, Standing, Witness},
        drill::Drill,
    },
    report::reading::{self, State},
};

use super::{Ran, rows, run_on, told, verdict};

/// The head of a drill with a tenant of its own, that misbehaves in this way once it gave access.
fn alone(fault: &str, settings: &[(&str, &str)]) -> String {
    format!("{HEAD}{ACCESS}{}", misbehaves(fault, settings))
}

fn misbehaves(fault: &str, settings: &[(&str, &str)]) -> String {
    let step = || format!("    And the laboratory misbehaves: {fault}\n{}", rows(settings));
    if fault.is_empty() { String::new() } else { step() }
}

const HEAD: &str = "Feature: f\n  @exclusive @controls\n  Scenario: s\n    Given an onboarded device\n";
const ACCESS: &str = "    And access to the tenant\n";
const PUBLISHED: &str =
    "    And an alert definition and an indicator are published\n    And everything published is in effect\n";
const CONTACT: &str = "    When the device contacts the indicator's address\n";
const ALERT: &str = "    Then an alert is raised within 30 minutes\n";
const TELEMETRY: &str = "    Then the device's telemetry shows it within 10 minutes\n";
const SAYS: &str = "    And the alert says what its definition says\n    And it is the only alert\n";

fn of_telemetry(drill: &Drill) -> Vec<&Witness> {
    drill.chain.iter().filter(|witness| witness.link == Link::Telemetry).collect()
}

/// How often hunting was asked what the device did.
fn hunts(drill: &Drill) -> usize {
    drill.exchanges.iter().filter(|exchange| exchange.purpose().starts_with("hunt for ")).count()
}

#[test]
fn every_link_of_a_drill_that_passed_is_witnessed_and_telemetry_by_the_alert_without_a_further_call() {
    for service in Service::ALL {
        let ran = run_on(service, &format!("{}{PUBLISHED}{CONTACT}{ALERT}{SAYS}", alone("", &[])));
        let drill = ran.drill();
        assert_eq!(verdict(drill), "passed", "{service}: {}", told(drill));
        assert_eq!(reading::chain(drill).map(|(_, state, _)| state), [State::Held; 8], "{service}");
        let [telemetry] = of_telemetry(drill)[..] else { panic!("{service}: {:?}", drill.chain) };
        let alert = &drill.sightings[0].seen[0].id;
        assert!(telemetry.by.contains(alert), "{service}: {telemetry:?}");
        assert_eq!(hunts(drill), 0, "{service}");
        let links: Vec<_> = drill.chain.iter().map(|witness| witness.link).collect();
        assert!(
            links.is_sorted() || links.windows(2).filter(|two| two[0] > two[1]).count() == 1,
            "{service}: {links:?}"
        );
    }
}

#[test]
fn the_control_s_alert_bears_witness_that_the_device_reports_what_it_does() {
    let control = "    And a control is published\n";
    let both = "    When the device contacts \"another.example\"\n    And the device contacts the control's address\n";
    for service in Service::ALL {
        let steps = format!("{control}{PUBLISHED}{both}    Then no alert is raised\n");
        let ran = run_on(service, &format!("{}{steps}", alone("", &[])));
        let drill = ran.drill();
        assert_eq!(verdict(drill), "passed", "{service}: {}", told(drill));
        let [telemetry] = of_telemetry(drill)[..] else { panic!("{service}: {:?}", drill.chain) };
        assert!(telemetry.held() && telemetry.by.contains("is raised from what the device reported"), "{service}");
        assert_eq!(hunts(drill), 0, "{service}");
    }
}

#[test]
fn what_hunting_found_bears_witness_also_where_the_alert_came_before_or_after() {
    for service in [Service::Endpoint, Service::Graph] {
        for steps in [format!("{TELEMETRY}{ALERT}"), format!("{ALERT}{TELEMETRY}")] {
            let ran = run_on(service, &format!("{}{PUBLISHED}{CONTACT}{steps}", alone("", &[])));
            let drill = ran.drill();
            assert_eq!(verdict(drill), "passed", "{service}: {}", told(drill));
            assert!(hunts(drill) > 0, "{service}");
            let last = *of_telemetry(drill).last().expect("it was told");
            assert!(last.held() && last.by.contains("1 of DeviceNetworkEvents"), "{service}: {last:?}");
        }
    }
}

#[test]
fn the_alert_of_a_later_stimulus_bears_witness_to_that_one_too() {
    // A rule's further matches may go into the alert that is there.
    for service in [Service::Legacy, Service::Endpoint] {
        let again = format!("    When 3 hours pass\n{CONTACT}");
        let ran = run_on(service, &format!("{}{PUBLISHED}{CONTACT}{ALERT}{again}{ALERT}", alone("", &[])));
        assert_eq!(verdict(ran.drill()), "passed", "{service}: {}", told(ran.drill()));
        assert_eq!(of_telemetry(ran.drill()).len(), 2, "{service}");
    }
}

#[test]
fn an_alert_that_is_counted_late_or_one_too_many_bears_witness_as_well() {
    for service in Service::ALL {
        for (fault, then, expected) in [
            ("", "exactly 1 alert is raised", "passed"),
            ("duplicate-alert", "exactly 1 alert is raised", "failed extra-alert"),
            ("", "at least 1 alert is raised within 1 second", "failed late-alert"),
            ("", "no alert is raised", "failed extra-alert"),
        ] {
            let steps = format!("{PUBLISHED}{CONTACT}    Then {then}\n");
            let ran = run_on(service, &format!("{}{steps}", alone(fault, &[])));
            let case = format!("{service}, {then}: {}\n{:#?}", told(ran.drill()), ran.drill().chain);
            assert_eq!(verdict(ran.drill()), expected, "{case}");
            assert!(of_telemetry(ran.drill()).last().is_some_and(|told| told.held()), "{case}");
        }
    }
}

#[test]
fn where_telemetry_cannot_be_asked_for_a_gap_says_that_the_device_may_be_to_blame() {
    for (then, what) in [
        (ALERT, "no alert came, though nothing before it broke; "),
        ("    Then it is the only alert\n", "0 alerts came, not 1; "),
        ("    Then at least 1 alert is raised\n", "0 alerts came, not at least 1; "),
    ] {
        let ran = run_on(Service::Legacy, &format!("{}{PUBLISHED}{CONTACT}{then}", alone("drop-telemetry", &[])));
        let drill = ran.drill();
        let told = told(drill);
        assert_eq!(verdict(drill), "failed no-alert", "{told}");
        let untold = "whether the device reported what it did cannot be told on the service legacy";
        assert!(told.contains(&format!("{what}{untold}")), "{told}");
        assert!(told.contains("look at the device's sensor") && told.contains("--service endpoint or graph"), "{told}");
        let [telemetry] = of_telemetry(drill)[..] else { panic!("{:?}", drill.chain) };
        assert_eq!(telemetry.standing, Standing::Unwitnessable);
        assert_eq!(reading::broken_link(drill), Some(Link::Detection));
    }
}

#[test]
fn where_telemetry_can_be_asked_for_a_gap_says_nothing_of_what_cannot_be_told() {
    for service in [Service::Endpoint, Service::Graph] {
        let ran = run_on(service, &format!("{}{PUBLISHED}{CONTACT}{ALERT}", alone("drop-alert", &[])));
        let drill = ran.drill();
        assert_eq!(verdict(drill), "failed no-alert", "{service}: {}", told(drill));
        assert!(!told(drill).contains("cannot be told"), "{service}: {}", told(drill));
        assert!(of_telemetry(drill).iter().all(|witness| witness.held()), "{service}: {:?}", drill.chain);
        let read_back = |witness: &Witness| witness.link == Link::Published && witness.by.contains("read back");
        assert!(drill.chain.iter().any(read_back), "{service}: {:?}", drill.chain);
    }
}

/// What goes wrong at a link: the fault and its settings, the steps, and the verdict that has to come of it.
type Break = (Link, &'static str, &'static [(&'static str, &'static str)], Vec<&'static str>, &'static str);

fn breaks() -> Vec<Break> {
    let whole = || vec![PUBLISHED, CONTACT, ALERT, SAYS];
    let slow = "    And propagation takes exactly 2 hours\n";
    let early = vec![slow, "    And an alert definition and an indicator are published\n", CONTACT, ALERT];
    let nowhere = vec![PUBLISHED, "    When the device contacts \"ftp://nowhere.example/\"\n", ALERT];
    let late: &[(&str, &str)] = &[("seconds", "2400")];
    let other: &[(&str, &str)] = &[("field", "title"), ("value", "Other")];
    let elsewhere: &[(&str, &str)] = &[("device", "another-pc")];
    vec![
        (Link::Access, "status", &[("status", "401")], whole(), "errored access-denied"),
        (Link::Published, "status", &[("status", "500"), ("method", "POST")], whole(), "errored service-error"),
        (Link::Published, "forget", &[], whole(), "errored not-published"),
        (Link::Propagation, "", &[], early, "errored not-yet-effective"),
        (Link::Stimulus, "", &[], nowhere, "errored no-stimulus"),
        (Link::Telemetry, "drop-telemetry", &[], whole(), "errored no-telemetry"),
        (Link::Detection, "drop-alert", &[], whole(), "failed no-alert"),
        (Link::Detection, "delay-alert", late, whole(), "failed late-alert"),
        (Link::Detection, "duplicate-alert", &[], whole(), "failed extra-alert"),
        (Link::Detection, "move-alert", elsewhere, whole(), "failed no-alert"),
        (Link::Check, "mislabel-alert", other, whole(), "failed wrong-alert"),
    ]
}

#[test]
fn the_first_link_that_broke_is_named_with_what_was_expected_what_was_seen_and_what_to_do() {
    for service in Service::ALL {
        for (link, fault, settings, steps, expected) in breaks() {
            if service == Service::Legacy && link == Link::Telemetry {
                continue;
            }
            let head = match link {
                Link::Access => format!("{HEAD}{}{ACCESS}", misbehaves(fault, settings)),
                _ => alone(fault, settings),
            };
            let ran = run_on(service, &format!("{head}{}", steps.concat()));
            broke_first(service, fault, &ran, (link, expected));
        }
    }
}

/// The drill ended so, and every reader of its chain sees that `link` broke, no earlier one, and why.
fn broke_first(service: Service, fault: &str, ran: &Ran, (link, expected): (Link, &str)) {
    let drill = ran.drill();
    let case = format!("{service}, {fault}: {}\n{:#?}", told(drill), drill.chain);
    assert_eq!(verdict(drill), expected, "{case}");
    assert_eq!(reading::broken_link(drill), Some(link), "{case}");
    let failure = reading::failure(drill).expect("a step failed");
    let first = drill.chain.iter().find(|witness| witness.broke()).unwrap_or_else(|| panic!("{case}"));
    assert_eq!((first.link, first.by.as_str()), (link, failure.what.as_str()), "{case}");
    for (at, state, _) in reading::chain(drill) {
        let is_broken = state == State::Broke;
        assert_eq!(is_broken, at == link, "{}: {case}", at.label());
    }
    assert!(failure.hint.is_some(), "no hint: {case}");
    // What a service or a device answers instead of doing it is all that is known of that.
    let is_refusal = expected == "errored service-error" || failure.what.starts_with("the service refused");
    let by_answer = [Link::Access, Link::Stimulus].contains(&link) || is_refusal;
    assert!(by_answer || (failure.expected.is_some() && failure.saw.is_some()), "{case}");
    let near: Vec<_> = drill.sightings.iter().flat_map(|sighting| &sighting.near_misses).collect();
    assert_eq!(near.len(), usize::from(fault == "move-alert"), "{case}");
    assert!(near.iter().all(|miss| !miss.reasons.is_empty()), "{case}");
}
