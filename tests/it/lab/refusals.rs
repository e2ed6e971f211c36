//! A service that refuses, breaks off, or answers what cannot be understood.

use super::{rows, run, told, verdict};

/// A whole drill against a service that misbehaves at one of its faces.
fn against(face: &str, fault: &str, settings: &[(&str, &str)]) -> super::Ran {
    let rows = rows(settings);
    run(&format!(
        "Feature: refusals\n  @exclusive @controls\n  Scenario: a whole drill\n    Given an onboarded device\n\
         \x20   And the laboratory misbehaves: {fault}\n      | face | {face} |\n{rows}\
         \x20   When an alert definition and an indicator are published\n    And everything published is in effect\n\
         \x20   And the device contacts the indicator's address\n    Then an alert is raised within 15 minutes\n"
    ))
}

#[track_caller]
fn assert_told(ran: &super::Ran, expected: &str, words: &[&str]) {
    let (drill, told) = (ran.drill(), told(ran.drill()));
    assert_eq!(verdict(drill), expected, "{told}");
    for word in words {
        assert!(told.contains(word), "`{word}` is not told: {told}");
    }
}

#[test]
fn a_service_that_fails_is_an_error_and_no_gap() {
    assert_told(&against("legacy", "status", &[("status", "500")]), "errored service-error", &["HTTP 500"]);
    assert_told(&against("export", "status", &[("status", "500")]), "errored service-error", &["no look", "500"]);
}

#[test]
fn a_service_that_refuses_the_token_denies_access() {
    assert_told(&against("legacy", "status", &[("status", "403")]), "errored access-denied", &["HTTP 403", "hint"]);
    assert_told(&against("export", "status", &[("status", "401")]), "errored access-denied", &["401"]);
    assert_told(&against("token", "status", &[("status", "401")]), "errored access-denied", &["401"]);
}

#[test]
fn a_service_without_calls_to_give_throttles() {
    let settings = [("status", "429"), ("retryAfter", "30")];
    assert_told(&against("legacy", "status", &settings), "errored throttled", &["429", "attempts"]);
}

#[test]
fn a_feed_without_calls_to_give_throttles_as_well() {
    let settings = [("status", "429"), ("retryAfter", "30")];
    assert_told(&against("export", "status", &settings), "errored throttled", &["no look", "429"]);
}

#[test]
fn a_service_that_recovers_is_waited_for() {
    let settings = [("status", "429"), ("retryAfter", "30"), ("times", "2")];
    assert_told(&against("legacy", "status", &settings), "passed", &[]);
    assert_told(&against("export", "status", &[("status", "503"), ("times", "1")]), "passed", &[]);
}

#[test]
fn an_answer_that_is_not_understood_is_told_with_what_was_expected_and_seen() {
    assert_told(&against("legacy", "html", &[]), "errored service-error", &["HTML", "hint"]);
    assert_told(&against("legacy", "garbage", &[]), "errored service-error", &["expected", "saw"]);
    assert_told(&against("legacy", "wrong-types", &[]), "errored service-error", &["expected", "saw"]);
}

#[test]
fn an_answer_that_breaks_off_is_told_and_what_was_accepted_is_found_again_and_removed() {
    // Neither what was sent nor whether it is there is told.
    let ran = against("legacy", "cut-body", &[("bytes", "10"), ("times", "6")]);
    assert_told(&ran, "errored service-error", &["broke off"]);
    let undone = &ran.drill().clean_up;
    assert_eq!(undone.len(), 1, "the definition was accepted, though its answer was lost: {undone:?}");
    assert!(undone[0].what.contains("named") && undone[0].left.is_none(), "{undone:?}");
    let deleted = ran.drill().exchanges.iter().any(|exchange| exchange.method() == "DELETE");
    assert!(deleted, "it was found by its name and removed");
}

#[test]
fn what_is_removed_by_its_name_is_the_drill_s_own_and_nobody_else_s() {
    let ran = run("Feature: f\n  @exclusive @controls\n  Scenario: s\n    Given an alert definition is published\n\
                   \x20     | name | A name that somebody else gave as well |\n\
                   \x20   And the laboratory misbehaves: cut-body\n      | bytes | 10 |\n      | method | POST |\n\
                   \x20     | face | legacy |\n      | times | 1 |\n\
                   \x20   When publishing another alert definition is tried\n\
                   \x20     | name | A name that somebody else gave as well |\n");
    let undone = &ran.drill().clean_up;
    assert!(undone.len() == 2 && undone.iter().all(|undone| undone.left.is_none()), "{undone:?}");
    let deletes = ran.drill().exchanges.iter().filter(|exchange| exchange.method() == "DELETE").count();
    assert_eq!(deletes, 2, "of two definitions of one name, each is removed once, as what it is known by");
}

#[test]
fn a_drill_that_cannot_clean_up_is_not_green() {
    let ran = run("Feature: f\n  @exclusive @controls\n  Scenario: s\n    Given an alert definition is published\n\
                   \x20   And the laboratory misbehaves: status\n      | status | 500 |\n      | method | DELETE |\n");
    assert_eq!(verdict(ran.drill()), "errored service-error");
    assert!(ran.drill().clean_up[0].left.as_deref().is_some_and(|why| why.contains("500")));
}

#[test]
fn no_secret_and_no_token_is_in_the_record_of_a_drill() {
    let ran =
        run("Feature: f\n  Scenario: s\n    Given access to the tenant\n    And an alert definition is published\n");
    let text = serde_json::to_string(&ran.drills).expect("a record is JSON");
    assert!(text.contains("client_secret=") || text.contains("client_secret"), "the token request is recorded");
    assert!(!text.contains("eyJ"), "a token is in the record");
    assert!(text.contains("[redacted]"));
}
