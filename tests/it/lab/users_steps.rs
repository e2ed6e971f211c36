//! Steps of a user's own crate, in the same vocabulary and through the same runner.

use alertdrill::{
    Code, Failure, OrFail as _, World,
    runner::{check, find::Found, suite::Suite, vocabulary::Vocabulary},
};
use cucumber::{given, then};

use super::{run, told, verdict};

/// What a user's step can do: everything that the world can.
#[given("an alert definition of the user's own is published")]
async fn own_definition(world: &mut World) {
    world.draft_minted(alertdrill::world::alarm::Role::Subject);
    world.publish_definition(alertdrill::world::alarm::Role::Subject).await.or_fail();
}

#[then(regex = r"^the user's expectation of (\d+) holds$")]
fn expectation(_: &mut World, number: u32) {
    assert_eq!(number, 7, "the user expects seven");
}

#[then("the user's step returns an error")]
fn error(_: &mut World) -> Result<(), String> {
    Err("the user's own words".into())
}

#[then("the user's step finds a gap")]
fn gap(_: &mut World) {
    Err::<(), _>(Failure::new(Code::WrongAlert, "the user's own gap").expected("a").saw("b")).or_fail();
}

/// Takes what [`expectation`] takes, where the number ends in a nought after an even digit.
#[then(regex = r"^the user's expectation of (\d*[02468]0) holds$")]
fn expectation_of_tens(_: &mut World, number: u32) {
    assert_eq!(number % 20, 0, "its pattern takes no other");
}

fn outcome(step: &str) -> (String, String) {
    let ran = run(&format!(
        "Feature: f\n  Scenario: s\n    Given an alert definition of the user's own is published\n    Then {step}\n"
    ));
    assert!(ran.drill().clean_up.iter().all(|undone| undone.left.is_none()) && !ran.drill().clean_up.is_empty());
    (verdict(ran.drill()), told(ran.drill()))
}

#[test]
fn a_user_s_steps_mix_with_alertdrill_s_own() {
    assert_eq!(outcome("the user's expectation of 7 holds").0, "passed");
    assert_eq!(outcome("the tenant holds the alert definition as published").0, "passed");
}

#[test]
fn a_user_s_assertion_that_fails_is_told_with_its_words_and_its_place() {
    let (verdict, told) = outcome("the user's expectation of 8 holds");
    assert_eq!(verdict, "errored inconclusive");
    assert!(told.contains("the user expects seven") && told.contains("users_steps.rs:"), "{told}");
}

#[test]
fn a_user_s_error_is_told_and_a_user_s_gap_is_a_gap() {
    assert!(outcome("the user's step returns an error").1.contains("the user's own words"));
    let (verdict, told) = outcome("the user's step finds a gap");
    assert_eq!(verdict, "failed wrong-alert");
    assert!(told.contains("expected: a") && told.contains("saw: b"), "{told}");
}

#[test]
fn a_line_that_two_steps_take_is_told_with_both_and_their_places() {
    let text = "Feature: f\n  Scenario: s\n    Then the user's expectation of 20 holds\n".to_owned();
    let found = [Found { file: "a.feature".into(), text, lines: vec![] }];
    let suite = Suite::parse(&found).expect("it parses");
    let vocabulary = Vocabulary::linked().expect("the patterns are small");
    let problems = check::check(&suite, &vocabulary).expect_err("it is ambiguous");
    assert_eq!(problems.len(), 1);
    let told = problems[0].to_string();
    let starts = "a.feature:3: more than one step matches `Then the user's expectation of 20 holds`\n  hint: ";
    assert!(told.starts_with(starts), "{told}");
    assert_eq!(told.matches("users_steps.rs:").count(), 2, "{told}");
}
