//! Drills that share a tenant and do not meet.

use super::{run, told, verdict};

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
