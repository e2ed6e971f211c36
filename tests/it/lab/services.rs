//! What one service can do and another cannot.

use alertdrill::{domain::service::Service, record::verdict::Verdict};

use super::{run_on, verdict};

#[test]
fn what_a_service_has_no_such_thing_of_skips_the_drill_with_the_reason_and_a_remedy() {
    let text = "Feature: f\n  Scenario: s\n    Given an alert definition is published\n    \
                When an indicator is published under it\n      | action | Block |\n    \
                Then the tenant holds the indicator as published\n";
    let ran = run_on(Service::Legacy, text);
    let drill = &ran.drills[0];
    let Verdict::Skipped { reason, remedy } = &drill.verdict else { panic!("{}", verdict(drill)) };
    assert!(reason.contains("it can do nothing but raise an alert, and not Block"), "{reason}");
    assert!(remedy.contains("--service"), "{remedy}");
    assert!(drill.clean_up.iter().all(|undone| undone.left.is_none()) && !drill.clean_up.is_empty());
}

#[test]
fn a_drill_that_is_for_other_services_is_skipped_and_says_for_which() {
    let text = "Feature: f\n  @endpoint @graph\n  Scenario: s\n    Given access to the tenant\n";
    let ran = run_on(Service::Legacy, text);
    let Verdict::Skipped { reason, remedy } = &ran.drills[0].verdict else { panic!("it is for others") };
    assert_eq!(reason, "it is not for the service legacy (@endpoint, @graph)");
    assert_eq!(remedy, "run it with --service endpoint");
    assert!(ran.drills[0].exchanges.is_empty());
}
