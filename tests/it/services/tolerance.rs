//! Answers that are not as documented and still plain enough: they are taken for what they mean.

use alertdrill::{
    domain::alert_definition::Severity,
    services::{
        alerts::Alerts,
        definitions::{DefinitionChange, DefinitionId, Definitions},
        error::ServiceError,
        indicators::{IndicatorId, Indicators},
    },
};
use jiff::Timestamp;

use crate::services::stage::{self, Scripted, Turn};

const ENTITY: &str = r#""Id":2,"Name":null,"Severity":"HIGH","Enabled":"True","CreatedAt":"2017-02-01T10:46:22""#;

fn nothing(status: &str) -> Turn {
    Turn::say(status, "", "")
}

fn make_it_high() -> DefinitionChange {
    DefinitionChange { severity: Some(Severity::High), ..DefinitionChange::default() }
}

#[tokio::test]
async fn a_bare_entity_is_as_good_as_an_array_of_one() {
    let (clock, _me) = stage::clock();
    for body in [format!("{{{ENTITY}}}"), format!(r#"{{"value":[{{{ENTITY}}}]}}"#)] {
        let server = Scripted::start(vec![Turn::json(&body)]).await;
        let read = Definitions::read(&stage::legacy(&server.origin(), &clock), &DefinitionId::from(2)).await;
        let stored = read.expect("it is read").expect("it is there");
        assert_eq!((stored.definition.severity, stored.definition.name.as_str()), (Severity::High, ""));
    }
}

#[tokio::test]
async fn an_entity_that_is_not_there_is_none_to_read_and_a_refusal_to_change() {
    let (clock, _me) = stage::clock();
    let server = Scripted::start(vec![nothing("404 Not Found")]).await;
    let legacy = stage::legacy(&server.origin(), &clock);
    assert_eq!(Definitions::read(&legacy, &DefinitionId::from(9)).await, Ok(None));
    assert_eq!(Indicators::read(&legacy, &IndicatorId::from(9)).await, Ok(None));
    let error =
        Definitions::change(&legacy, &DefinitionId::from(9), &make_it_high()).await.expect_err("it is not there");
    assert_eq!(
        error.to_string(),
        "the service refused to change alert definition 9: HTTP 404: it is not there (no words with it)"
    );
}

#[tokio::test]
async fn removing_what_is_gone_is_success_also_when_the_first_answer_was_lost() {
    let (clock, _me) = stage::clock();
    let server = Scripted::start(vec![Turn::Close, nothing("404 Not Found")]).await;
    let legacy = stage::legacy(&server.origin(), &clock);
    assert_eq!(Definitions::remove(&legacy, &DefinitionId::from(2)).await, Ok(()));
    assert_eq!(Indicators::remove(&legacy, &IndicatorId::from(1)).await, Ok(()));
    assert_eq!(server.requests().len(), 3);
    let error = Definitions::remove_all(&legacy).await.expect_err("a set that is not there is another matter");
    assert!(matches!(error, ServiceError::Transport(_)) && error.is_final(), "{error}");
    assert_eq!(error.hint(), Some("check the service's address in the tenant's table"));
}

#[tokio::test]
async fn a_change_that_is_answered_without_the_entity_is_read_back() {
    let (clock, _me) = stage::clock();
    let read = Turn::json(&format!(r#"{{"value":[{{{ENTITY}}}]}}"#));
    let server = Scripted::start(vec![nothing("204 No Content"), read]).await;
    let changed =
        Definitions::change(&stage::legacy(&server.origin(), &clock), &DefinitionId::from(2), &make_it_high()).await;
    assert_eq!(changed.map(|stored| stored.definition.severity), Ok(Severity::High));
    assert!(server.requests()[1].starts_with("GET /V1.0/AlertDefinitions(2) "));
}

#[tokio::test]
async fn a_feed_without_content_is_a_feed_without_alerts() {
    let (clock, _me) = stage::clock();
    for turn in [nothing("204 No Content"), Turn::json("[]")] {
        let server = Scripted::start(vec![turn]).await;
        let alerts = stage::legacy(&server.origin(), &clock).since(Timestamp::UNIX_EPOCH).await;
        assert_eq!(alerts, Ok(Vec::new()));
    }
}
