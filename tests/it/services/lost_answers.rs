//! What the legacy service was asked to create, and the answer was lost: it is looked for, and sent again only where it is
//! not there.

use alertdrill::{
    domain::{
        indicator::{Action, Function, Indicator, Kind},
        marker::Marker,
    },
    services::{definitions::Definitions, error::ServiceError, indicators::Indicators},
};
use serde_json::{Value, json};

use crate::services::stage::{self, Scripted, Turn, Wanted};

fn minted() -> Indicator {
    Indicator {
        kind: Kind::DomainName,
        value: format!("{}.alertdrill.example", Marker::of(1, "a.feature:1")),
        function: Function::Equals,
        action: Action::Audit,
        expires_at: None,
        enabled: true,
    }
}

/// The guide's, which every drill of it publishes.
fn shared() -> Indicator {
    Indicator { kind: Kind::IpAddress, value: "52.184.197.12".into(), ..minted() }
}

/// A definition as the service holds it, signed with the mark of the drill `drill`.
fn definition(id: u32, drill: &str) -> Value {
    let wanted = Wanted::new(minted(), 7).definition;
    json!({
        "Name": wanted.name, "Severity": "Medium", "InternalDescription": wanted.internal_description,
        "Title": wanted.title, "UxDescription": Marker::of(1, drill).sign("A device contacted an address."),
        "RecommendedAction": wanted.recommended_action, "Category": wanted.category, "Enabled": true, "Id": id,
        "CreatedAt": "2026-11-24T12:00:00Z", "CreatedBy": "somebody",
    })
}

fn indicator(id: u32, one: &Indicator, under: Option<u32>) -> Value {
    let mut held = json!({
        "Type": one.kind.as_str(), "Value": one.value, "DetectionFunction": "Equals", "Enabled": true, "Id": id,
        "CreatedAt": "2026-11-24T12:00:00Z", "CreatedBy": "somebody",
    });
    if let Some(under) = under {
        held["AlertDefinition"] = json!({ "Id": under });
    }
    held
}

fn set(members: &[Value]) -> Turn {
    Turn::json(&json!({ "value": members }).to_string())
}

fn trouble(status: &str) -> Turn {
    Turn::say(status, "", "")
}

/// What creating a definition came to where the service answers so: its key, or the status of the error, if it has one;
/// and the methods that it was asked by.
async fn created(script: Vec<Turn>) -> (Result<String, Option<u16>>, Vec<String>) {
    let (clock, _me) = stage::clock();
    let server = Scripted::start(script).await;
    let wanted = Wanted::new(minted(), 7);
    let outcome = Definitions::publish(&stage::legacy(&server.origin(), &clock), &wanted.definition).await;
    (outcome.map(|stored| stored.id.to_string()).map_err(|error| error.status()), methods(&server))
}

async fn placed(one: Indicator, script: Vec<Turn>) -> (Result<String, Option<u16>>, Vec<String>) {
    let (clock, _me) = stage::clock();
    let server = Scripted::start(script).await;
    let outcome =
        Indicators::publish(&stage::legacy(&server.origin(), &clock), Wanted::new(one, 7).publication()).await;
    let key = |error: ServiceError| error.status();
    (outcome.map(|published| published.indicator.id.to_string()).map_err(key), methods(&server))
}

fn methods(server: &Scripted) -> Vec<String> {
    server.requests().iter().map(|request| request.split(' ').next().unwrap_or_default().to_owned()).collect()
}

const OURS: &str = "a.feature:1";
const ANOTHER: &str = "b.feature:1";

#[tokio::test]
async fn a_definition_that_is_there_though_its_answer_was_lost_is_not_sent_again() {
    let garbage = Turn::json(r#"{"value":[{"Id":1,"#);
    for lost in [Turn::Close, trouble("500 Internal Server Error"), trouble("504 Gateway Timeout"), garbage] {
        let (outcome, methods) = created(vec![lost, set(&[definition(4, ANOTHER), definition(5, OURS)])]).await;
        assert_eq!((outcome, methods), (Ok("5".into()), vec!["POST".into(), "GET".into()]));
    }
}

#[tokio::test]
async fn a_definition_that_is_not_there_is_sent_again_but_not_without_end() {
    let made = Turn::json(&definition(6, OURS).to_string());
    let script = vec![Turn::Close, set(&[definition(4, ANOTHER)]), trouble("503 Service Unavailable"), set(&[]), made];
    let (outcome, methods) = created(script).await;
    assert_eq!((outcome, methods), (Ok("6".into()), ["POST", "GET", "POST", "GET", "POST"].map(Into::into).into()));
    let down = [trouble("500 Internal Server Error"), set(&[])];
    let (outcome, methods) = created(down.into_iter().cycle().take(40).collect()).await;
    assert_eq!((outcome, methods.len()), (Err(Some(500)), 8));
}

#[tokio::test]
async fn a_definition_that_may_yet_be_created_or_cannot_be_looked_for_is_not_sent_again() {
    for (script, status, calls) in [
        (vec![trouble("504 Gateway Timeout"), set(&[])], 504, 2),
        (vec![trouble("500 Internal Server Error"), trouble("400 Bad Request")], 500, 2),
        (vec![trouble("400 Bad Request")], 400, 1),
    ] {
        let (outcome, methods) = created(script).await;
        assert_eq!((outcome, methods.len()), (Err(Some(status)), calls));
    }
    let mut odd = definition(5, OURS);
    odd["Severity"] = json!("Purple");
    let (outcome, methods) = created(vec![trouble("500 Internal Server Error"), set(&[odd])]).await;
    assert_eq!((outcome, methods.len()), (Err(Some(500)), 2), "what is there and not understood is there");
}

#[tokio::test]
async fn an_indicator_is_told_from_another_s_by_the_definition_above_it() {
    let others = [indicator(1, &shared(), Some(3)), indicator(2, &shared(), Some(7))];
    let (outcome, methods) = placed(shared(), vec![Turn::Close, set(&others)]).await;
    assert_eq!((outcome, methods), (Ok("2".into()), vec!["POST".into(), "GET".into()]));

    let made = Turn::json(&indicator(9, &shared(), None).to_string());
    let (outcome, methods) = placed(shared(), vec![Turn::Close, set(&others[..1]), made]).await;
    assert_eq!((outcome, methods), (Ok("9".into()), ["POST", "GET", "POST"].map(Into::into).into()));

    // Where the service does not tell the definition, only the drill's marker in the value does.
    let down = trouble("500 Internal Server Error");
    let (outcome, _) = placed(shared(), vec![down.clone(), set(&[indicator(2, &shared(), None)])]).await;
    assert_eq!(outcome, Err(Some(500)));
    let (outcome, _) = placed(minted(), vec![down, set(&[indicator(2, &minted(), None)])]).await;
    assert_eq!(outcome, Ok("2".into()));
}

#[tokio::test]
async fn indicators_of_the_same_value_are_rivals_where_another_drill_signed_their_definitions() {
    let (clock, _me) = stage::clock();
    let signed = |id, drill: &str| {
        let mut held = indicator(id, &shared(), Some(id));
        held["AlertDefinition"]["UxDescription"] = json!(Marker::of(1, drill).sign("A test."));
        held
    };
    let other_value = Indicator { value: "52.184.197.13".into(), ..shared() };
    let members =
        [signed(1, ANOTHER), signed(2, OURS), indicator(3, &shared(), Some(3)), indicator(4, &other_value, None)];
    let server = Scripted::start(vec![set(&members)]).await;
    let rivals = stage::legacy(&server.origin(), &clock).rivals(Wanted::new(shared(), 7).publication()).await;
    let markers: Vec<_> = rivals.expect("they are read").into_iter().map(|rival| rival.marker).collect();
    assert_eq!(markers, [Marker::of(1, ANOTHER)]);
    let asked = server.requests()[0].clone();
    assert!(asked.contains("$filter=Value%20eq%20%2752.184.197.12%27&$expand=AlertDefinition "), "{asked}");
}

/// A refusal that tells the service's clock, an hour ahead, then success.
fn refusing_once(success: &str) -> Vec<Turn> {
    let headers = "content-type: application/json\r\ndate: Tue, 24 Nov 2026 13:00:00 GMT\r\n";
    vec![Turn::say("400 Bad Request", headers, "{}"), Turn::say("200 OK", headers, success)]
}

#[tokio::test]
async fn an_end_that_was_past_by_a_clock_that_was_not_known_is_said_again_by_it() {
    let (clock, _me) = stage::clock();
    let wanted = Wanted::new(Indicator { expires_at: Some(clock.now()), ..minted() }, 7);
    let server = Scripted::start(refusing_once(&indicator(1, &minted(), None).to_string())).await;
    let legacy = stage::legacy(&server.origin(), &clock);
    Indicators::publish(&legacy, wanted.publication()).await.expect("the second is accepted");
    assert!(server.requests()[1].contains(r#""ExpiresAt":"2026-11-24T13:00:00Z""#), "{:?}", server.requests());

    let server = Scripted::start(refusing_once("")).await;
    let legacy = stage::legacy(&server.origin(), &clock);
    Indicators::publish_all(&legacy, &[wanted.publication()]).await.expect("the second is accepted");
    assert!(server.requests()[1].contains(r#""ExpiresAt":"2026-11-24T13:00:00Z""#), "{:?}", server.requests());

    let server = Scripted::start(vec![trouble("400 Bad Request")]).await;
    let legacy = stage::legacy(&server.origin(), &clock);
    assert!(Indicators::publish(&legacy, wanted.publication()).await.is_err());
    assert_eq!(server.requests().len(), 1, "of clocks that are not apart nothing is to be learnt");
}
