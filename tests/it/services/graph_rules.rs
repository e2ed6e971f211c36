//! Detection rules against recordings: the request as it must leave, and the answer as it is documented or was seen.

use alertdrill::{
    domain::{
        alert_definition::Severity,
        indicator::{Action, Function, Indicator, Kind},
    },
    services::{
        definitions::{DefinitionChange, DefinitionId, Definitions, Form, Query},
        error::ServiceError,
        graph::Generation,
        indicators::{IndicatorChange, IndicatorId, Indicators},
    },
};

use crate::services::{
    graph_stage::{KEY, Reel, indicator, wanted},
    stage::Wanted,
};

fn definition_id() -> DefinitionId {
    DefinitionId::from(KEY.to_owned())
}

fn indicator_id() -> IndicatorId {
    IndicatorId::from(KEY.to_owned())
}

#[tokio::test]
async fn a_rule_is_created_from_an_indicator_with_its_definition_and_read_back_as_both() {
    let reel = Reel::of(&["rule_create", "rule_read", "rule_read"]).await;
    let (graph, wish) = (reel.graph(), wanted());
    let published = Indicators::publish(&graph, wish.publication()).await.expect("it is created");
    let definition = published.definition.expect("a rule is both");
    assert_eq!((definition.id.as_str(), published.indicator.id.as_str()), (KEY, KEY));
    assert_eq!(published.indicator.indicator, indicator());
    assert_eq!(definition.created_at.to_string(), "2026-11-24T12:00:01.1234567Z");
    assert_eq!((definition.created_by.as_str(), definition.last_modified_at), ("alertdrill", None));
    let held = Definitions::read(&graph, &definition_id()).await.expect("it is read").expect("it is there");
    assert_eq!(held, definition);
    let kept = Indicators::read(&graph, &indicator_id()).await.expect("it is read").expect("it is there");
    assert_eq!(kept, published.indicator);
    // Of the category only the tactic that stands for it is kept, which is why it is not among those that are.
    assert_eq!(held.definition.category, "CommandAndControl");
    let as_published = alertdrill::domain::alert_definition::AlertDefinition {
        category: wish.definition.category.clone(),
        ..held.definition
    };
    assert_eq!(as_published, wish.definition);
    assert!(!graph.keeps_of_definitions().contains(&"category"));
    reel.was_played().await;
}

/// The two ports have a method of this name each.
trait Keeps {
    fn keeps_of_definitions(&self) -> &'static [&'static str];
}

impl<T: Definitions> Keeps for T {
    fn keeps_of_definitions(&self) -> &'static [&'static str] {
        Definitions::keeps(self)
    }
}

#[tokio::test]
async fn a_rule_of_the_older_generation_is_written_and_read_in_its_own_words() {
    let reel = Reel::of(&["rule_create_older", "rule_find_older", "rule_read_older", "rule_change_older"]).await;
    let (graph, wish) = (reel.graph_of(Generation::A), wanted());
    let published = Indicators::publish(&graph, wish.publication()).await.expect("it is created");
    assert_eq!(published.indicator.id.as_str(), "35079");
    let definition = published.definition.expect("a rule is both");
    assert_eq!(definition.definition.category, "SuspiciousActivity");
    // What is not for the reader of an alert has no place in it.
    assert_eq!(definition.definition.internal_description, "");
    assert!(!graph.keeps_of_definitions().contains(&"internal description"));
    let found = graph.of_marker(wish.publication()).await.expect("they are looked for");
    assert_eq!(found, [published.indicator.id], "the other of this name is not signed");
    let off = DefinitionChange { enabled: Some(false), ..DefinitionChange::default() };
    let changed = Definitions::change(&graph, &definition.id, &off).await.expect("it is changed");
    assert!(!changed.definition.enabled);
    reel.was_played().await;
}

#[tokio::test]
async fn rules_are_listed_and_what_is_not_understood_is_left_out() {
    let query = Query { filter: Some("startsWith(displayName,'a')".into()), ..Query::default() };
    let reel = Reel::of(&["rule_list", "rule_list"]).await;
    let graph = reel.graph();
    let definitions = Definitions::list(&graph, &query).await.expect("they are listed");
    let ids: Vec<_> = definitions.iter().map(|stored| stored.id.as_str()).collect();
    assert_eq!(ids, ["35079", "35080", KEY], "every rule is a definition, but one of an unknown severity");
    assert_eq!(definitions[1].definition.category, "Malware");
    assert_eq!(definitions[1].definition.recommended_action, None);
    assert!(!definitions[1].definition.enabled && definitions[0].definition.enabled);
    assert!(definitions[1].last_modified_at.is_some());
    let indicators = Indicators::list(&graph, &query).await.expect("they are listed");
    let ids: Vec<_> = indicators.iter().map(|stored| stored.id.as_str()).collect();
    assert_eq!(ids, [KEY], "only queries of ours are indicators");
    reel.was_played().await;
}

#[tokio::test]
async fn access_is_proven_by_one_page_of_one() {
    let reel = Reel::of(&["rule_list_first"]).await;
    let graph = reel.graph();
    assert_eq!(Definitions::access(&graph).await, Ok(()));
    assert_eq!(Definitions::form(&graph), Form::WithIndicator);
    reel.was_played().await;
}

#[tokio::test]
async fn of_a_rule_only_what_changes_is_sent_with_all_that_it_stands_among() {
    let reel = Reel::of(&["rule_read", "rule_change", "rule_read", "rule_change_query", "rule_read"]).await;
    let graph = reel.graph();
    let change = DefinitionChange {
        severity: Some(Severity::High),
        title: Some("Changed".into()),
        recommended_action: Some(None),
        enabled: Some(false),
        ..DefinitionChange::default()
    };
    let changed = Definitions::change(&graph, &definition_id(), &change).await.expect("it is changed");
    assert_eq!((changed.definition.title.as_str(), changed.definition.enabled), ("Changed", false));
    assert_eq!(changed.last_modified_at.map(|at| at.to_string()).as_deref(), Some("2026-11-24T12:05:00Z"));
    let change = IndicatorChange {
        kind: Some(Kind::Sha256),
        value: Some("ab12".into()),
        function: Some(Function::EndWith),
        ..IndicatorChange::default()
    };
    let changed = Indicators::change(&graph, &indicator_id(), &change).await.expect("it is changed");
    assert_eq!((changed.indicator.kind, changed.indicator.value.as_str()), (Kind::Sha256, "ab12"));
    let same = IndicatorChange { expires_at: Some(None), enabled: Some(true), ..IndicatorChange::default() };
    let unchanged = Indicators::change(&graph, &indicator_id(), &same).await.expect("there is nothing to change");
    assert_eq!(unchanged.indicator, indicator());
    reel.was_played().await;
}

#[tokio::test]
async fn a_rule_that_is_served_although_it_is_gone_is_none_once_that_is_proven() {
    let reel = Reel::of(&["rule_remove", "rule_read", "rule_remove_again"]).await;
    let graph = reel.graph();
    Indicators::remove(&graph, &indicator_id()).await.expect("it is removed");
    assert_eq!(Indicators::read(&graph, &indicator_id()).await, Ok(None), "the 404 to a second removal is proof");
    assert_eq!(Definitions::read(&graph, &definition_id()).await, Ok(None), "which holds");
    assert_eq!(Definitions::read(&graph.clone(), &definition_id()).await, Ok(None), "for every clone");
    reel.was_played().await;
}

#[tokio::test]
async fn a_rule_that_is_listed_although_it_is_gone_is_left_out_and_proven_to_be_gone_once() {
    let reel = Reel::of(&["rule_remove", "rule_list", "rule_remove_again", "rule_list"]).await;
    let graph = reel.graph();
    Indicators::remove(&graph, &indicator_id()).await.expect("it is removed");
    let query = Query { filter: Some("startsWith(displayName,'a')".into()), ..Query::default() };
    let listed = Definitions::list(&graph, &query).await.expect("they are listed");
    let ids: Vec<_> = listed.iter().map(|stored| stored.id.as_str()).collect();
    assert_eq!(ids, ["35079", "35080"]);
    assert_eq!(Indicators::list(&graph, &query).await, Ok(Vec::new()));
    reel.was_played().await;
}

#[tokio::test]
async fn a_rule_that_takes_a_second_removal_is_still_there() {
    let reel = Reel::of(&["rule_remove", "rule_read", "rule_remove", "rule_read_none"]).await;
    let graph = reel.graph();
    Definitions::remove(&graph, &definition_id()).await.expect("it is removed");
    let held = Definitions::read(&graph, &definition_id()).await.expect("it is read");
    assert!(held.is_some(), "nothing proves that it is gone");
    assert_eq!(Definitions::read(&graph, &definition_id()).await, Ok(None));
    reel.was_played().await;
}

#[tokio::test]
async fn a_rule_is_created_again_after_it_was_removed() {
    let reel = Reel::of(&["rule_remove_again", "rule_create", "rule_read"]).await;
    let graph = reel.graph();
    Indicators::remove(&graph, &indicator_id()).await.expect("that it is gone already is success");
    Indicators::publish(&graph, wanted().publication()).await.expect("it is created");
    assert!(Indicators::read(&graph, &indicator_id()).await.expect("it is read").is_some());
    reel.was_played().await;
}

#[tokio::test]
async fn an_id_that_is_taken_by_our_own_rule_is_ours_and_set_to_what_was_asked_for() {
    let reel = Reel::of(&["rule_taken", "rule_read", "rule_read", "rule_adopt"]).await;
    let published = Indicators::publish(&reel.graph(), wanted().publication()).await.expect("it is there");
    assert_eq!(published.indicator.indicator, indicator());
    reel.was_played().await;
}

#[tokio::test]
async fn an_id_that_is_taken_by_a_rule_that_is_gone_is_a_refusal() {
    let reel = Reel::of(&["rule_taken", "rule_read", "rule_read", "rule_adopt_none"]).await;
    let error = Indicators::publish(&reel.graph(), wanted().publication()).await.expect_err("it is not there");
    assert_eq!(
        error.to_string(),
        "the service refused to create a detection rule: HTTP 409: Conflict; the id is still taken by a rule that is \
         gone"
    );
    reel.was_played().await;
    let reel = Reel::of(&["rule_taken", "rule_read_none"]).await;
    let error = Indicators::publish(&reel.graph(), wanted().publication()).await.expect_err("the name is taken");
    assert!(matches!(error, ServiceError::Rejected { status: 409, .. }), "{error}");
    reel.was_played().await;
}

#[tokio::test]
async fn a_rule_that_is_there_although_its_creation_was_refused_is_removed() {
    let reel = Reel::of(&["rule_refused", "rule_read", "rule_read", "rule_remove"]).await;
    let error = Indicators::publish(&reel.graph(), wanted().publication()).await.expect_err("it is refused");
    assert_eq!(
        error.to_string(),
        "the service refused to create a detection rule: HTTP 400: InvalidInput: The query contains syntax errors: The \
         request had some invalid properties.; it had been created all the same, and was removed"
    );
    reel.was_played().await;
    let reel = Reel::of(&["rule_refused", "rule_read_none"]).await;
    let error = Indicators::publish(&reel.graph(), wanted().publication()).await.expect_err("it is refused");
    assert!(error.to_string().ends_with("some invalid properties."), "{error}");
    reel.was_played().await;
}

#[tokio::test]
async fn a_rule_whose_creation_fails_is_created_again_under_the_same_id() {
    let reel = Reel::of(&["rule_failed", "rule_taken", "rule_read", "rule_read", "rule_adopt"]).await;
    let published = Indicators::publish(&reel.graph(), wanted().publication()).await.expect("it is there");
    assert_eq!(published.indicator.id.as_str(), KEY);
    reel.was_played().await;
    let fails = ["rule_failed"; 5];
    let names: Vec<_> = fails.into_iter().chain(["rule_read", "rule_read", "rule_adopt"]).collect();
    let reel = Reel::of(&names).await;
    let published = Indicators::publish(&reel.graph(), wanted().publication()).await.expect("it is there");
    assert_eq!(published.indicator.id.as_str(), KEY, "an error does not prove that nothing was created");
    reel.was_played().await;
}

#[tokio::test]
async fn a_marker_finds_its_rule_and_nothing_where_there_is_none() {
    let reel = Reel::of(&["rule_read", "rule_read_none"]).await;
    let (graph, wish) = (reel.graph(), wanted());
    assert_eq!(graph.of_marker(wish.publication()).await, Ok(vec![indicator_id()]));
    assert_eq!(graph.of_marker(wish.publication()).await, Ok(Vec::new()));
    reel.was_played().await;
}

/// What publishing `indicator` comes to, to which nobody is asked.
async fn lacks(indicator: Indicator, spoil: impl FnOnce(&mut Wanted)) -> String {
    let reel = Reel::of(&[]).await;
    let mut wish = Wanted::new(indicator, 1);
    spoil(&mut wish);
    let error = Indicators::publish(&reel.graph(), wish.publication()).await.expect_err("it cannot");
    assert!(matches!(error, ServiceError::Unsupported { .. }), "{error}");
    reel.was_played().await;
    error.to_string()
}

#[tokio::test]
async fn what_the_service_cannot_do_is_said_before_it_is_asked() {
    let plain = |_: &mut Wanted| {};
    for (indicator, expected) in [
        (Indicator { action: Action::Block, ..indicator() }, "its rules raise an alert and do nothing else"),
        (Indicator { enabled: false, ..indicator() }, "whose one switch is the alert definition's"),
        (Indicator { value: String::new(), ..indicator() }, "an empty value is in everything"),
        (
            Indicator { kind: Kind::DomainName, value: "evil.example/a".into(), ..indicator() },
            "no host has '/' in its name",
        ),
    ] {
        let told = lacks(indicator, plain).await;
        assert!(told.starts_with("the service cannot do this with indicators: "), "{told}");
        assert!(told.contains(expected), "{told}");
    }
    let told = lacks(indicator(), |wish| wish.definition.title = "{{A}}{{B}}{{C}}{{D}}".into()).await;
    assert!(told.contains("at most 3 columns in double braces, and these name 4 (security-investigator"), "{told}");
}

#[tokio::test]
async fn a_change_that_the_service_cannot_make_is_said_before_it_is_asked() {
    let reel = Reel::of(&[]).await;
    let graph = reel.graph();
    for change in [
        IndicatorChange { action: Some(Action::Warn), ..IndicatorChange::default() },
        IndicatorChange { enabled: Some(false), ..IndicatorChange::default() },
    ] {
        let error = Indicators::change(&graph, &indicator_id(), &change).await.expect_err("it cannot");
        assert!(matches!(error, ServiceError::Unsupported { .. }), "{error}");
    }
    let both = [wanted(), wanted()];
    let both = both.each_ref().map(Wanted::publication);
    let error = Indicators::publish_all(&graph, &both).await.expect_err("they share a definition");
    assert!(error.to_string().ends_with("an alert definition has one indicator, in one rule"), "{error}");
    let error = Definitions::publish(&graph, &wanted().definition).await.expect_err("a definition alone is none");
    assert!(matches!(error, ServiceError::Unsupported { .. }), "{error}");
    reel.was_played().await;
}

#[tokio::test]
async fn a_cloud_or_version_without_rules_is_told_from_a_refusal() {
    let reel = Reel::of(&["refused_segment"]).await;
    let error = Definitions::access(&reel.graph()).await.expect_err("there are none");
    assert_eq!(
        error.to_string(),
        "the service cannot do this with alert definitions: this cloud, or this version of the API, has none \
         (BadRequest: Resource not found for the segment 'rules'.)"
    );
    assert!(error.is_final());
    reel.was_played().await;
}
