//! Drills that share a tenant and do not meet.

use alertdrill::domain::service::Service;
use serde_json::{Value, json};

use super::{Ran, options, run, storm::run_at_once, told, verdict};

#[test]
fn a_drill_that_shares_its_tenant_cannot_change_what_others_stand_on() {
    let steps = [
        "propagation takes exactly 1 minute",
        "the laboratory misbehaves: drop-alert",
        "the threat intelligence API is switched off",
    ];
    for step in steps {
        let ran = run(&format!("Feature: f\n  Scenario: s\n    Given {step}\n"));
        assert_eq!(verdict(ran.drill()), "errored inconclusive", "{step}");
        assert!(told(ran.drill()).contains("@exclusive"), "{}", told(ran.drill()));
    }
}

#[test]
fn drills_that_need_the_same_address_take_turns_and_each_sees_its_own_alert_alone() {
    let scenario = |name: &str| {
        format!(
            "  Scenario: {name}\n    Given an onboarded device\n    And the guide's alert definition and indicator are in effect\n\
             \x20   When the device contacts the indicator's address\n    Then an alert is raised within 15 minutes\n\
             \x20   And it is the only alert\n"
        )
    };
    let ran = run(&format!("Feature: f\n{}{}", scenario("one"), scenario("other")));
    assert_eq!(ran.drills.iter().map(verdict).collect::<Vec<_>>(), ["passed", "passed"]);
    let stood = |drill: &&alertdrill::record::drill::Drill| {
        drill.chain.iter().any(|witness| witness.by.contains("another drill used the address"))
    };
    assert_eq!(ran.drills.iter().filter(stood).count(), 1, "one goes first, and the other tells that it stood in line");
    let stimuli: Vec<_> = ran.drills.iter().map(|drill| drill.stimuli[0].from).collect();
    assert!(stimuli[1] >= ran.drills[0].finished, "the other begins its traffic when the first has gone");
}

/// Drills of the same address, one after the other, on a service at which a removal takes its time.
fn one_after_the_other(count: usize, faults: &[Value]) -> Ran {
    let rows = (0..count).fold(String::new(), |rows, number| format!("{rows}      | {number} |\n"));
    let text = format!(
        "Feature: f\n  Scenario Outline: the guide <n>\n    Given an onboarded device\n\
         \x20   When the guide's alert definition is published\n    And the guide's indicator is published under it\n\
         \x20   And the device contacts the indicator's address until an alert is seen\n\
         \x20   Then an alert is raised within 15 minutes\n    And it is the only alert\n    Examples:\n      | n |\n{rows}"
    );
    let mut ran = run_at_once(Service::Endpoint, faults, &text, options()).0;
    ran.drills.sort_by_key(|drill| drill.started.max(drill.finished));
    ran
}

#[test]
fn what_an_earlier_drill_of_the_same_address_had_removed_is_nobody_s_second_alert() {
    let ran = one_after_the_other(12, &[]);
    for drill in &ran.drills {
        assert_eq!(verdict(drill), "passed", "{}", told(drill));
    }
    let measured = |drill: &alertdrill::record::drill::Drill| {
        drill.sightings[0].latencies.expect("an alert was seen").propagation_at_most.is_some()
    };
    let (first, later) = ran.drills.split_first().expect("twelve");
    assert!(measured(first), "nobody had the address before");
    for drill in later {
        let says = drill.chain.iter().any(|witness| witness.by.contains("propagation took cannot be told"));
        assert!(says && !measured(drill), "{:?}", drill.chain);
    }
}

#[test]
fn a_second_alert_is_a_gap_only_where_no_earlier_drill_had_the_address() {
    let ran = one_after_the_other(3, &[json!({ "kind": "duplicate-alert" })]);
    let verdicts: Vec<_> = ran.drills.iter().map(verdict).collect();
    assert_eq!(verdicts, ["failed extra-alert", "errored inconclusive", "errored inconclusive"]);
    assert!(told(&ran.drills[1]).contains("whose it is cannot be told"), "{}", told(&ran.drills[1]));
}
