//! The endpoint service's indicators and definitions against recordings.

use alertdrill::{
    domain::{
        alert_definition::Severity,
        indicator::{Action, Function, Kind},
    },
    services::{
        definitions::{DefinitionChange, DefinitionId, Definitions, Form, Query},
        endpoint::Endpoint,
        error::ServiceError,
        indicators::{IndicatorChange, IndicatorId, Indicators, StoredIndicator},
    },
};

use crate::services::endpoint_stage::{Playback, Wish, marker};

fn id(key: &str) -> IndicatorId {
    IndicatorId::from(key.to_owned())
}

fn same_id(key: &str) -> DefinitionId {
    DefinitionId::from(key.to_owned())
}

async fn published(endpoint: &Endpoint, wish: &Wish) -> StoredIndicator {
    Indicators::publish(endpoint, wish.publication()).await.expect("it is created").indicator
}

#[tokio::test]
async fn an_indicator_goes_out_with_its_definition_and_both_have_its_key() {
    let playback = Playback::of(&["indicator_create"]).await;
    let wish = Wish::new();
    let published = Indicators::publish(&playback.endpoint(), wish.publication()).await.expect("it is created");
    playback.was_asked_for().await;
    assert_eq!((&published.indicator.id, &published.indicator.indicator), (&id("21"), &wish.indicator));
    assert_eq!(published.indicator.created_at.to_string(), "2026-11-24T12:00:01.1642352Z");
    assert_eq!(published.indicator.created_by, "11112222-3333-4444-5555-666677778888");
    assert_eq!((published.indicator.last_modified_at, published.indicator.last_modified_by), (None, None));
    let definition = published.definition.expect("its definition");
    assert_eq!(definition.id, same_id("21"));
    let mut kept = wish.definition.clone();
    (kept.name, kept.internal_description) = (String::new(), String::new());
    assert_eq!(definition.definition, kept);
}

#[tokio::test]
async fn what_it_keeps_is_what_comes_back_as_published() {
    let endpoint = Playback::of(&[]).await.endpoint();
    assert_eq!(Definitions::form(&endpoint), Form::WithIndicator);
    assert_eq!(Definitions::keeps(&endpoint), ["severity", "title", "description", "recommended action"]);
    assert_eq!(Indicators::keeps(&endpoint), ["type", "value", "action", "expires in"]);
}

#[tokio::test]
async fn an_indicator_that_allows_raises_no_alert_and_an_unknown_category_is_not_sent() {
    let playback = Playback::of(&["indicator_create_allowed"]).await;
    let mut wish = Wish::new();
    (wish.indicator.action, wish.indicator.expires_at) = (Action::Allowed, None);
    (wish.definition.category, wish.definition.recommended_action) = ("SuspiciousNetworkTraffic".into(), None);
    let published = Indicators::publish(&playback.endpoint(), wish.publication()).await.expect("it is created");
    playback.was_asked_for().await;
    assert_eq!(published.indicator.indicator, wish.indicator);
    assert_eq!(published.definition.expect("its definition").definition.category, "0", "a number without a word");
}

#[tokio::test]
async fn an_address_of_version_6_is_sent_in_eight_groups_and_told_as_it_was_asked_for() {
    let playback = Playback::of(&["indicators_none", "indicator_create_address"]).await;
    let wish = Wish::of(Kind::IpAddress, "2001:DB8::9");
    let stored = published(&playback.endpoint(), &wish).await;
    playback.was_asked_for().await;
    assert_eq!((stored.id, stored.indicator), (id("22"), wish.indicator));
}

#[tokio::test]
async fn what_is_somebody_else_s_is_not_written_over() {
    let playback = Playback::of(&["indicators_foreign"]).await;
    let wish = Wish::of(Kind::IpAddress, "2001:db8::9");
    let error = Indicators::publish(&playback.endpoint(), wish.publication()).await.expect_err("the place is taken");
    playback.was_asked_for().await;
    assert_eq!(
        error.to_string(),
        "this would write over what is not this drill's: the service keeps one indicator of a value, a type and an \
         action, and indicator 7 has `2001:db8:0:0:0:0:0:9` with Audit already"
    );
    let mut other = wish;
    other.indicator.action = Action::Block;
    let playback = Playback::of(&["indicators_foreign", "indicator_create_address"]).await;
    let endpoint = playback.endpoint();
    let error = Indicators::publish(&endpoint, other.publication()).await;
    assert!(error.is_ok(), "with another action it is another indicator: {error:?}");
}

#[tokio::test]
async fn what_the_service_has_no_such_thing_of_is_refused_before_any_call() {
    let playback = Playback::of(&[]).await;
    let endpoint = playback.endpoint();
    let changed = |change: fn(&mut Wish)| {
        let mut wish = Wish::new();
        change(&mut wish);
        wish
    };
    for (wish, why) in [
        (
            changed(|wish| wish.indicator.function = Function::EndWith),
            "it compares the whole value, and knows no EndWith",
        ),
        (changed(|wish| wish.indicator.enabled = false), "it has none that are disabled: what it holds is in force"),
        (Wish::of(Kind::IpAddress, "10.1.2.3"), "it takes no internal address, and 10.1.2.3 is one"),
        (Wish::of(Kind::IpAddress, "203.0.113.0/24"), "it takes no range of addresses, and `203.0.113.0/24` is one"),
        (Wish::of(Kind::Sha256, "abc"), "its SHA-256 is 64 hexadecimal digits, and `abc` is not"),
    ] {
        let error = Indicators::publish(&endpoint, wish.publication()).await.expect_err(why);
        assert_eq!(error.to_string(), format!("the service cannot do this with indicators: {why}"));
        let error = Indicators::publish_all(&endpoint, &[wish.publication()]).await.expect_err(why);
        assert!(matches!(error, ServiceError::Unsupported { .. }), "{error}");
    }
    let disabled = changed(|wish| wish.definition.enabled = false);
    let error = Indicators::publish(&endpoint, disabled.publication()).await.expect_err("it is in force");
    assert!(error.to_string().starts_with("the service cannot do this with alert definitions: "), "{error}");
    let under = same_id("21");
    let wish = Wish::new();
    let mut publication = wish.publication();
    publication.under = Some(&under);
    assert!(Indicators::publish(&endpoint, publication).await.is_err());
    let error = Definitions::publish(&endpoint, &wish.definition).await.expect_err("it keeps none alone");
    assert!(error.to_string().ends_with("it keeps no alert definition without its indicator"), "{error}");
    let climbing = Indicators::remove(&endpoint, &id("..")).await;
    assert!(matches!(climbing, Err(ServiceError::Unsupported { .. })), "{climbing:?}");
    playback.was_asked_for().await;
}

#[tokio::test]
async fn what_was_published_is_read_by_its_value_and_known_by_its_key() {
    let playback = Playback::of(&["indicator_create", "indicator_read", "indicator_read"]).await;
    let endpoint = playback.endpoint();
    let mut wish = Wish::new();
    // A clock to the nanosecond, of which the service keeps seven digits.
    wish.indicator.expires_at = "2026-11-24T15:00:00.123456789Z".parse().ok();
    published(&endpoint, &wish).await;
    let read = Indicators::read(&endpoint, &id("21")).await.expect("it is read").expect("it is there");
    assert_eq!(read.indicator, wish.indicator);
    let read = Definitions::read(&endpoint, &same_id("21")).await.expect("it is read").expect("it is there");
    assert_eq!(read.definition.title, wish.definition.title);
    playback.was_asked_for().await;
}

#[tokio::test]
async fn an_indicator_of_whoever_is_looked_for_in_the_whole_set() {
    let playback = Playback::of(&["indicator_page_1", "indicator_page_2"]).await;
    let read = Indicators::read(&playback.endpoint(), &id("2")).await.expect("it is read");
    playback.was_asked_for().await;
    assert_eq!(read.map(|stored| stored.id), Some(id("2")));
    let playback = Playback::of(&["indicator_page_1", "indicator_page_2"]).await;
    assert_eq!(Indicators::read(&playback.endpoint(), &id("99")).await, Ok(None));
}

#[tokio::test]
async fn indicators_are_listed_by_query_and_those_of_unknown_words_are_left_out() {
    let playback = Playback::of(&["indicator_list"]).await;
    let query = Query {
        order_by: Some("id desc".into()),
        top: Some(10),
        skip: Some(1),
        ..Query::where_equals("severity", "Medium")
    };
    let listed = Indicators::list(&playback.endpoint(), &query).await.expect("they are listed");
    playback.was_asked_for().await;
    assert_eq!(listed.iter().map(|stored| stored.id.as_str()).collect::<Vec<_>>(), ["12", "995"]);
    assert_eq!((listed[0].indicator.kind, listed[0].indicator.action), (Kind::Sha1, Action::BlockAndRemediate));
    assert_eq!(listed[0].last_modified_by.as_deref(), Some("analyst@contoso.example"));
    assert_eq!(listed[1].indicator.expires_at.map(|at| at.to_string()).as_deref(), Some("2020-12-12T00:00:00Z"));

    let playback = Playback::of(&["indicator_list"]).await;
    let listed = Definitions::list(&playback.endpoint(), &query).await.expect("they are listed");
    assert_eq!(listed[0].definition.category, "17", "a category without a known word is told by its number");
    assert_eq!(listed.last().map(|stored| stored.definition.severity), Some(Severity::Informational));
}

#[tokio::test]
async fn access_is_proven_by_one_small_call() {
    let playback = Playback::of(&["access"]).await;
    assert_eq!(playback.endpoint().access().await, Ok(()));
    playback.was_asked_for().await;
}

#[tokio::test]
async fn what_carries_the_marker_is_found_and_nothing_else_of_the_same_value() {
    let playback = Playback::of(&["indicators_of_marker"]).await;
    let found = playback.endpoint().of_marker(Wish::new().publication()).await.expect("they are found");
    playback.was_asked_for().await;
    assert_eq!(found, [id("31"), id("32"), id("33")]);
}

#[tokio::test]
async fn what_could_not_be_sent_is_not_looked_for() {
    let playback = Playback::of(&[]).await;
    let found = playback.endpoint().of_marker(Wish::of(Kind::IpAddress, "10.0.0.1").publication()).await;
    assert_eq!(found, Ok(Vec::new()));
    playback.was_asked_for().await;
}

#[tokio::test]
async fn texts_are_changed_by_sending_the_whole_indicator_again() {
    let playback = Playback::of(&["indicator_create", "indicator_read", "indicator_change_texts"]).await;
    let endpoint = playback.endpoint();
    published(&endpoint, &Wish::new()).await;
    let change = DefinitionChange {
        title: Some("Another".into()),
        severity: Some(Severity::High),
        recommended_action: Some(None),
        enabled: Some(true),
        ..DefinitionChange::default()
    };
    let changed = Definitions::change(&endpoint, &same_id("21"), &change).await.expect("it is changed");
    playback.was_asked_for().await;
    assert_eq!((changed.id, changed.definition.title.as_str()), (same_id("21"), "Another"));
    assert_eq!(changed.last_modified_at.map(|at| at.to_string()).as_deref(), Some("2026-11-24T12:10:00.2733333Z"));
}

#[tokio::test]
async fn texts_that_the_service_has_not_are_not_changed() {
    let playback = Playback::of(&[]).await;
    let endpoint = playback.endpoint();
    let none = DefinitionChange::default;
    for (change, why) in [
        (DefinitionChange { name: Some("n".into()), ..none() }, "it gives them no name"),
        (DefinitionChange { internal_description: Some("i".into()), ..none() }, "it keeps no internal description"),
        (
            DefinitionChange { category: Some("Trojan".into()), ..none() },
            "its categories are numbers, and that of `Trojan` is not known",
        ),
        (
            DefinitionChange { enabled: Some(false), ..none() },
            "it has none that are disabled: what it holds is in force",
        ),
    ] {
        let error = Definitions::change(&endpoint, &same_id("21"), &change).await.expect_err(why);
        assert_eq!(error.to_string(), format!("the service cannot do this with alert definitions: {why}"));
    }
    playback.was_asked_for().await;
}

#[tokio::test]
async fn with_another_action_it_is_made_anew_and_the_one_before_is_removed() {
    let playback =
        Playback::of(&["indicator_create", "indicator_read", "indicator_change_action", "indicator_remove"]).await;
    let endpoint = playback.endpoint();
    let wish = Wish::new();
    published(&endpoint, &wish).await;
    let change = IndicatorChange { action: Some(Action::Block), ..IndicatorChange::default() };
    let changed = Indicators::change(&endpoint, &id("21"), &change).await.expect("it is changed");
    playback.was_asked_for().await;
    assert_eq!((changed.id, changed.indicator.action), (id("25"), Action::Block));
    assert_eq!(changed.indicator.expires_at, wish.indicator.expires_at);
}

#[tokio::test]
async fn an_expiry_is_taken_away_with_null() {
    let playback = Playback::of(&["indicator_create", "indicator_read", "indicator_change_expiry"]).await;
    let endpoint = playback.endpoint();
    published(&endpoint, &Wish::new()).await;
    let change = IndicatorChange { expires_at: Some(None), ..IndicatorChange::default() };
    let changed = Indicators::change(&endpoint, &id("21"), &change).await.expect("it is changed");
    playback.was_asked_for().await;
    assert_eq!((changed.id, changed.indicator.expires_at), (id("21"), None));
}

#[tokio::test]
async fn removing_is_done_whether_it_is_answered_204_or_200_or_that_it_is_gone() {
    for name in ["indicator_remove", "indicator_remove_200", "indicator_remove_gone"] {
        let playback = Playback::of(&[name]).await;
        assert_eq!(Indicators::remove(&playback.endpoint(), &id("21")).await, Ok(()), "{name}");
        playback.was_asked_for().await;
        let playback = Playback::of(&[name]).await;
        assert_eq!(Definitions::remove(&playback.endpoint(), &same_id("21")).await, Ok(()), "{name}");
        playback.was_asked_for().await;
    }
    let playback = Playback::of(&[]).await;
    assert!(matches!(Indicators::remove_all(&playback.endpoint()).await, Err(ServiceError::Unsupported { .. })));
}

#[tokio::test]
async fn many_are_removed_at_once_and_one_by_one_where_any_is_gone() {
    let both = [id("21"), id("22")];
    let playback = Playback::of(&["indicators_remove"]).await;
    assert_eq!(playback.endpoint().remove_many(&both).await, [Ok(()), Ok(())]);
    playback.was_asked_for().await;
    let playback = Playback::of(&["indicators_remove_gone", "indicator_remove_gone", "indicator_remove_second"]).await;
    assert_eq!(playback.endpoint().remove_many(&both).await, [Ok(()), Ok(())]);
    playback.was_asked_for().await;
    let playback = Playback::of(&[]).await;
    assert_eq!(playback.endpoint().remove_many(&[]).await, []);
    playback.was_asked_for().await;
}

fn three() -> [Wish; 3] {
    let value = format!("{}.alertdrill.example", marker());
    [
        Wish::new(),
        Wish::of(Kind::DomainName, &format!("bulk2-{value}")),
        Wish::of(Kind::DomainName, &format!("bulk3-{value}")),
    ]
}

#[tokio::test]
async fn a_refusal_that_hides_in_a_success_is_that_of_its_indicator_alone() {
    let playback = Playback::of(&["indicator_import"]).await;
    let wishes = three();
    let publications = wishes.each_ref().map(Wish::publication);
    let imported = playback.endpoint().import(&publications).await.expect("the call itself goes through");
    playback.was_asked_for().await;
    let outcomes: Vec<_> = imported.iter().map(|one| one.outcome.clone()).collect();
    assert_eq!(outcomes, [Ok(id("2841")), Err("Invalid".into()), Ok(id("2842"))]);

    let playback = Playback::of(&["indicator_import"]).await;
    let error = Indicators::publish_all(&playback.endpoint(), &publications).await.expect_err("one is refused");
    assert_eq!(
        error.to_string(),
        format!(
            "the service refused to create 3 indicators at once: HTTP 200: it refused 1 of 3: \
             `bulk2-{}.alertdrill.example` (Invalid)",
            marker()
        )
    );
}
