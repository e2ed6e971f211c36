//! Clean-up on a tenant that fails for a while: what failed is tried again, and one failure keeps none of the others.

use super::{run, told, verdict};

const DRILL: &str = "    And an onboarded device\n    And an alert definition and an indicator are published\n";

fn ended(fault: &str) -> super::Ran {
    run(&format!(
        "Feature: f\n  @exclusive @controls\n  Scenario: s\n    Given the laboratory misbehaves: {fault}\n{DRILL}"
    ))
}

#[test]
fn what_could_not_be_removed_is_removed_when_the_tenant_has_recovered() {
    let ran = ended("status\n      | status | 500 |\n      | method | DELETE |\n      | lasting | 60 |");
    assert_eq!(verdict(ran.drill()), "passed", "{}", told(ran.drill()));
    let left: Vec<_> = ran.drill().clean_up.iter().filter(|undone| undone.left.is_some()).collect();
    assert!(left.is_empty() && !ran.drill().clean_up.is_empty(), "{left:?}");
}

#[test]
fn what_cannot_be_removed_in_the_end_is_named_and_decides_the_verdict() {
    let ran = ended("status\n      | status | 500 |\n      | method | DELETE |");
    assert_eq!(verdict(ran.drill()), "errored service-error");
    let left = ran.drill().clean_up.iter().filter(|undone| undone.left.is_some()).count();
    assert_eq!((left, ran.drill().clean_up.len()), (2, 2), "{:?}", ran.drill().clean_up);
}

#[test]
fn a_refusal_is_not_asked_for_again() {
    let ran = ended("status\n      | status | 403 |\n      | method | DELETE |");
    let removals = |drill: &alertdrill::record::drill::Drill| {
        drill.exchanges.iter().filter(|exchange| exchange.purpose().starts_with("remove ")).count()
    };
    assert_eq!((verdict(ran.drill()).as_str(), removals(ran.drill())), ("errored service-error", 2));
}
