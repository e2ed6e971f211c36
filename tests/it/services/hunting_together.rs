//! What several drills look for in one query: each has its own rows, and its own error.

use alertdrill::{
    domain::{device::Device, indicator::Kind},
    services::{
        error::ServiceError,
        graph::Generation,
        hunting::{Hunting, Row, Sought},
    },
};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::services::{
    endpoint_stage::endpoint,
    graph_stage::graph,
    stage::{self, Scripted, Turn},
};

const OBSERVABLES: [(Kind, &str); 3] =
    [(Kind::DomainName, "one.example"), (Kind::IpAddress, "192.0.2.7"), (Kind::DomainName, "two.example")];

/// The two services that hunt, by what their answers call the list of rows.
const LISTS: [&str; 2] = ["Results", "results"];

/// What becomes of three who look for something, where the service answers so; and what it was asked.
async fn looked_for(
    list: &str,
    sought: &[(Kind, &str)],
    answers: Vec<Turn>,
) -> (Vec<Result<Vec<Row>, ServiceError>>, Vec<Value>) {
    let (clock, _me) = stage::clock();
    let server = Scripted::start(answers).await;
    let device = Device { id: "ab".into(), name: "pc7.contoso.com".into() };
    let since = at("2026-11-24T12:00:00Z");
    let sought: Vec<_> =
        sought.iter().map(|(kind, observable)| Sought { device: &device, kind: *kind, observable, since }).collect();
    let answers = if list == "Results" {
        endpoint(&server.origin(), &clock).rows_of_many(&sought).await
    } else {
        graph(&server.origin(), &clock, Generation::B).rows_of_many(&sought).await
    };
    let body = |request: &String| request.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default();
    let asked = server.requests().iter().map(body).map(|body| serde_json::from_str(&body).expect("JSON")).collect();
    (answers, asked)
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a timestamp")
}

fn row(whose: usize, minute: u32, action: &str, address: &str) -> Value {
    json!({
        "Timestamp": format!("2026-11-24T12:{minute:02}:00Z"), "ActionType": action, "RemoteUrl": address,
        "Sought": whose.to_string(),
    })
}

fn answer(list: &str, rows: &[Value]) -> Turn {
    Turn::json(&json!({ "Schema": [], list: rows }).to_string())
}

fn refusal() -> Turn {
    Turn::say(
        "400 Bad Request",
        "content-type: application/json\r\n",
        r#"{"error":{"code":"BadRequest","message":"too long"}}"#,
    )
}

#[tokio::test]
async fn each_has_its_own_rows_of_one_answer() {
    for list in LISTS {
        let rows = [
            row(2, 3, "ConnectionSuccess", "https://two.example/"),
            row(0, 2, "ConnectionSuccess", "one.example"),
            row(0, 1, "ConnectionAttempt", "one.example"),
        ];
        let (answers, asked) = looked_for(list, &OBSERVABLES, vec![answer(list, &rows)]).await;
        let found: Vec<Vec<_>> = answers
            .into_iter()
            .map(|answer| answer.expect("rows").into_iter().map(|row| (row.at, row.action)).collect())
            .collect();
        let when = |minute: u32| at(&format!("2026-11-24T12:{minute:02}:00Z"));
        let expected = [
            vec![(when(1), "ConnectionAttempt".to_owned()), (when(2), "ConnectionSuccess".to_owned())],
            vec![],
            vec![(when(3), "ConnectionSuccess".to_owned())],
        ];
        assert_eq!(found, expected, "{list}");
        assert_eq!(asked.len(), 1, "one query for all");
        let query = asked[0]["Query"].as_str().expect("a query");
        assert!(query.starts_with("union\n(DeviceNetworkEvents"), "{query}");
        for (place, (_, observable)) in OBSERVABLES.iter().enumerate() {
            let leg = query.split(",\n(").nth(place).expect("a leg").replace("\\\\", "");
            assert!(leg.contains(observable) && leg.contains(&format!("| extend Sought = \"{place}\")")), "{leg}");
        }
    }
}

#[tokio::test]
async fn where_the_query_is_refused_each_asks_by_itself_and_only_then() {
    for list in LISTS {
        let alone = |whose, address| answer(list, &[row(whose, 1, "ConnectionSuccess", address)]);
        let answers = vec![refusal(), alone(0, "one.example"), refusal(), alone(2, "two.example")];
        let (answers, asked) = looked_for(list, &OBSERVABLES, answers).await;
        let found: Vec<_> = answers.iter().map(|answer| answer.as_ref().map(Vec::len).ok()).collect();
        assert_eq!((found, asked.len()), (vec![Some(1), None, Some(1)], 4), "{list}");

        let forbidden = Turn::say(
            "403 Forbidden",
            "content-type: application/json\r\n",
            r#"{"error":{"code":"Forbidden","message":"no"}}"#,
        );
        let (answers, asked) = looked_for(list, &OBSERVABLES, vec![forbidden]).await;
        assert!(answers.iter().all(|answer| matches!(answer, Err(error) if error.is_final())), "{answers:?}");
        assert_eq!(asked.len(), 1, "what holds for all is said once");
    }
}

#[tokio::test]
async fn one_alone_asks_as_ever_and_what_cannot_be_asked_spoils_nothing() {
    for list in LISTS {
        let alone = || answer(list, &[row(0, 1, "ConnectionSuccess", "one.example")]);
        let (answers, asked) = looked_for(list, &OBSERVABLES[..1], vec![alone()]).await;
        assert_eq!(answers[0].as_ref().map(Vec::len), Ok(1));
        assert!(asked[0]["Query"].as_str().is_some_and(|query| !query.contains("union") && !query.contains("Sought")));
    }
    let sought = [(Kind::DomainName, "one.example"), (Kind::DomainName, "two\nlines.example")];
    let alone = answer("Results", &[row(0, 1, "ConnectionSuccess", "one.example")]);
    let (answers, asked) = looked_for("Results", &sought, vec![alone]).await;
    assert_eq!((answers[0].as_ref().map(Vec::len), asked.len()), (Ok(1), 1));
    assert!(matches!(answers[1], Err(ServiceError::Unsupported { .. })), "{answers:?}");
}
