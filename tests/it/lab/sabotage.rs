//! A tenant that loses, delays, mislabels, doubles, moves or forgets.

use super::{rows, run, told, verdict};

/// A whole drill on a tenant that misbehaves from before its first step.
fn sabotaged(fault: &str, settings: &[(&str, &str)]) -> super::Ran {
    let rows = rows(settings);
    run(&format!(
        "Feature: sabotage\n  @exclusive @controls\n  Scenario: a whole drill\n    Given the laboratory misbehaves: {fault}\n{rows}\
         \x20   And an onboarded device\n    And an alert definition and an indicator are published\n\
         \x20   And everything published is in effect\n    When the device contacts the indicator's address\n\
         \x20   Then an alert is raised within 15 minutes\n    And the alert says what its definition says\n\
         \x20   And the alert names the device and the indicator\n    And it is the only alert\n"
    ))
}

fn outcome(fault: &str, settings: &[(&str, &str)]) -> String {
    verdict(sabotaged(fault, settings).drill())
}

#[test]
fn a_tenant_that_does_nothing_wrong_passes() {
    assert_eq!(outcome("delay", &[("milliseconds", "1")]), "passed");
}

#[test]
fn an_alert_that_is_dropped_is_a_gap() {
    let ran = sabotaged("drop-alert", &[]);
    assert_eq!(verdict(ran.drill()), "failed no-alert");
    assert!(told(ran.drill()).contains("no alert came, though nothing before it broke"), "{}", told(ran.drill()));
}

#[test]
fn an_alert_that_comes_after_its_time_is_late_and_not_missing() {
    assert_eq!(outcome("delay-alert", &[("seconds", "900")]), "failed late-alert");
    assert_eq!(outcome("delay-alert", &[("seconds", "7200")]), "failed no-alert");
}

#[test]
fn an_alert_that_says_something_else_is_wrong_whichever_field_it_is() {
    for field in ["title", "severity", "category", "source"] {
        let ran = sabotaged("mislabel-alert", &[("field", field), ("value", "Other")]);
        assert_eq!(verdict(ran.drill()), "failed wrong-alert", "{field}");
        assert!(told(ran.drill()).contains(&format!("{field} `Other`")), "{}", told(ran.drill()));
    }
}

#[test]
fn an_alert_whose_description_lost_the_marker_is_a_near_miss() {
    let ran = sabotaged("mislabel-alert", &[("field", "description"), ("value", "Somebody else's")]);
    assert_eq!(verdict(ran.drill()), "failed no-alert");
    let misses = &ran.drill().sightings[0].near_misses;
    assert_eq!(misses[0].reasons.iter().map(|reason| reason.field.as_str()).collect::<Vec<_>>(), ["marker"]);
}

#[test]
fn an_alert_on_another_device_is_a_near_miss_with_the_reason() {
    let ran = sabotaged("move-alert", &[("device", "another-pc")]);
    assert_eq!(verdict(ran.drill()), "failed no-alert");
    assert!(told(ran.drill()).contains("device is `another-pc`"), "{}", told(ran.drill()));
}

#[test]
fn an_alert_that_comes_twice_is_one_too_many() {
    assert_eq!(outcome("duplicate-alert", &[]), "failed extra-alert");
}

#[test]
fn a_gap_is_not_claimed_when_what_was_published_is_not_there() {
    let ran = sabotaged("forget", &[]);
    assert_eq!(verdict(ran.drill()), "errored not-published", "{}", told(ran.drill()));
}

#[test]
fn nothing_is_left_in_the_tenant_when_a_drill_fails() {
    let ran = sabotaged("drop-alert", &[]);
    let undone = &ran.drill().clean_up;
    assert_eq!(undone.len(), 2);
    assert!(undone.iter().all(|undone| undone.left.is_none()), "{undone:?}");
}

#[test]
fn an_alert_in_the_silence_is_one_too_many_and_silence_without_a_control_proves_nothing() {
    let text = |control: &str| {
        format!(
            "Feature: silence\n  Scenario: s\n    Given an onboarded device\n    And a control is published\n\
             \x20   And an alert definition and an indicator are in effect\n    When the device contacts {control}\n\
             \x20   Then no alert is raised\n"
        )
    };
    let extra = run(&text("the indicator's address"));
    assert_eq!(verdict(extra.drill()), "failed extra-alert");
    let nothing = run(&text("\"another.example\""));
    assert_eq!(verdict(nothing.drill()), "errored inconclusive");
    assert!(told(nothing.drill()).contains("the silence proves nothing"), "{}", told(nothing.drill()));
}

#[test]
fn a_stimulus_before_anything_had_to_be_in_effect_is_not_a_gap() {
    let ran = run(
        "Feature: f\n  Scenario: s\n    Given an onboarded device\n    And an alert definition and an indicator are published\n\
                   \x20   When the device contacts the indicator's address\n    Then an alert is raised within 15 minutes\n",
    );
    assert_eq!(verdict(ran.drill()), "errored not-yet-effective");
}

#[test]
fn acceptance_of_nothing_is_no_acceptance() {
    let ran = run("Feature: f\n  Scenario: s\n    Given access to the tenant\n    Then the tenant accepts it\n");
    assert_eq!(verdict(ran.drill()), "errored inconclusive");
    assert!(told(ran.drill()).contains("nothing was tried"), "{}", told(ran.drill()));
}

#[test]
fn an_alert_in_the_silence_counts_on_whichever_device_it_is_shown() {
    let ran =
        run("Feature: f\n  @exclusive @controls\n  Scenario: s\n    Given the laboratory misbehaves: move-alert\n\
                   \x20     | device | another-pc |\n    And an onboarded device\n    And a control is published\n\
                   \x20   And an alert definition and an indicator are in effect\n\
                   \x20   When the device contacts the indicator's address\n    Then no alert is raised\n");
    assert_eq!(verdict(ran.drill()), "failed extra-alert");
    assert!(told(ran.drill()).contains("another-pc"), "{}", told(ran.drill()));
}

#[test]
fn the_beginning_of_an_answer_is_not_the_answer() {
    let answers = |text: &str| {
        let ran = run(&format!(
            "Feature: f\n  Scenario: s\n    When the device contacts \"52.184.197.12\"\n    Then the address answers \"{text}\"\n"
        ));
        verdict(ran.drill())
    };
    assert_eq!(answers("WDATP Demo - Connection is established!"), "passed");
    assert_eq!(answers("WDATP Demo"), "errored no-stimulus");
}
