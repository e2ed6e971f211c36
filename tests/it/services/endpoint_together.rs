//! Many publications in one call of the endpoint service: each has its own answer, whatever becomes of the others.

use alertdrill::{
    domain::marker::Marker,
    services::{
        error::ServiceError,
        indicators::{Indicators, Publication, Published},
    },
};
use serde_json::{Value, json};

use crate::services::{
    endpoint_stage::{Wish, endpoint},
    stage::{self, Scripted, Turn},
};

type Answers = Vec<Result<Published, ServiceError>>;

/// What three drills publish, each a domain that has its marker in it.
fn wishes() -> Vec<(Marker, Wish)> {
    let drills = ["a.feature:1", "a.feature:2", "a.feature:3"];
    let wish = |drill: &str| {
        let (marker, mut wish) = (Marker::of(1, drill), Wish::new());
        wish.indicator.value = format!("{marker}.alertdrill.example");
        wish.definition.ux_description = marker.sign("A device contacted an address.");
        (marker, wish)
    };
    drills.into_iter().map(wish).collect()
}

/// An indicator as the service lists it.
fn held(id: u32, (marker, wish): &(Marker, Wish)) -> Value {
    json!({
        "id": id.to_string(), "indicatorValue": wish.indicator.value, "indicatorType": "DomainName", "action": "Audit",
        "severity": "Medium", "title": wish.definition.title, "description": wish.definition.ux_description,
        "recommendedActions": "None.", "externalId": marker.as_str(), "createdBy": "app", "generateAlert": true,
        "creationTimeDateTimeUtc": "2026-11-24T12:00:00Z", "expirationTime": "2026-11-24T15:00:00.1234567Z",
    })
}

fn outcome(id: Option<u32>, (_, wish): &(Marker, Wish), why: Option<&str>) -> Value {
    json!({ "id": id.map(|id| id.to_string()), "indicator": wish.indicator.value, "isFailed": why.is_some(),
            "failureReason": why })
}

/// What becomes of the three, where the service answers so, one call after the other; and what it was asked.
async fn published(answers: Vec<Turn>) -> (Answers, Vec<String>) {
    let (clock, _me) = stage::clock();
    let server = Scripted::start(answers).await;
    let wishes = wishes();
    let publication = |(marker, wish): &'static (Marker, Wish)| Publication { marker, ..wish.publication() };
    let wishes: &'static [(Marker, Wish)] = wishes.leak();
    let publications: Vec<_> = wishes.iter().map(publication).collect();
    let answers = endpoint(&server.origin(), &clock).publish_many(&publications).await;
    let requests = server.requests();
    (answers, requests.iter().map(|request| request.lines().next().unwrap_or_default().to_owned()).collect())
}

fn page(value: &[Value]) -> Turn {
    Turn::json(&json!({ "value": value }).to_string())
}

fn ids(answers: &Answers) -> Vec<Result<String, String>> {
    let told = |answer: &Result<Published, ServiceError>| match answer {
        Ok(published) => Ok(published.indicator.id.to_string()),
        Err(error) => Err(error.to_string()),
    };
    answers.iter().map(told).collect()
}

#[tokio::test]
async fn each_has_what_the_service_holds_of_it_in_whichever_order_it_is_listed() {
    let all = wishes();
    let imported: Vec<_> = all.iter().zip(1..).map(|(wish, id)| outcome(Some(id), wish, None)).collect();
    let listed = [held(3, &all[2]), held(1, &all[0]), held(2, &all[1])];
    // The first call tells how far the clocks are apart.
    let (answers, asked) = published(vec![page(&[]), page(&imported), page(&listed)]).await;
    assert_eq!(ids(&answers), [Ok("1".into()), Ok("2".into()), Ok("3".into())]);
    assert!(asked[1].starts_with("POST /api/indicators/import "), "{asked:?}");
    assert!(asked[2].starts_with("GET /api/indicators?$filter=creationTimeDateTimeUtc%20ge%20"), "{asked:?}");
    assert_eq!(asked.len(), 3);
}

#[tokio::test]
async fn one_that_is_refused_in_a_success_is_refused_alone() {
    let all = wishes();
    let imported = [
        outcome(Some(1), &all[0], None),
        outcome(None, &all[1], Some("Invalid value")),
        outcome(Some(3), &all[2], None),
    ];
    let (answers, _) =
        published(vec![page(&[]), page(&imported), page(&[held(1, &all[0]), held(3, &all[2])]), page(&[])]).await;
    assert!(matches!(&answers[1], Err(ServiceError::Rejected { why, .. }) if why == "Invalid value"), "{answers:?}");
    assert!(answers[0].is_ok() && answers[2].is_ok(), "{answers:?}");
}

#[tokio::test]
async fn one_that_was_taken_and_is_not_held_is_no_success_and_no_refusal() {
    let all = wishes();
    let imported: Vec<_> = all.iter().zip(1..).map(|(wish, id)| outcome(Some(id), wish, None)).collect();
    let listed = [held(1, &all[0]), held(2, &all[1])];
    // What is not among those that were created just now is looked for by its value.
    let (answers, asked) = published(vec![page(&[]), page(&imported), page(&listed), page(&[])]).await;
    assert!(matches!(&answers[2], Err(ServiceError::NotHeld { .. })), "{answers:?}");
    assert!(answers[0].is_ok() && answers[1].is_ok(), "{answers:?}");
    assert!(asked[3].contains("indicatorValue%20eq%20"), "{asked:?}");
}

#[tokio::test]
async fn a_refusal_of_all_is_asked_again_one_by_one_and_another_error_is_everybody_s() {
    let all = wishes();
    let refused =
        Turn::say("400 Bad Request", "Content-Type: application/json\r\n", r#"{"error":{"code":"InvalidInput"}}"#);
    let single = |id: u32| Turn::json(&held(id, &all[id as usize - 1]).to_string());
    let (answers, asked) = published(vec![page(&[]), refused, single(1), single(2), single(3)]).await;
    assert_eq!(ids(&answers), [Ok("1".into()), Ok("2".into()), Ok("3".into())]);
    assert!(asked[2..].iter().all(|line| line.starts_with("POST /api/indicators ")), "{asked:?}");
    let denied = Turn::say("403 Forbidden", "", "");
    let (answers, asked) = published(vec![page(&[]), denied]).await;
    assert!(answers.iter().all(|answer| answer.as_ref().is_err_and(ServiceError::denied)), "{answers:?}");
    assert_eq!(asked.len(), 2, "nobody asks again");
}

#[tokio::test]
async fn what_an_import_came_to_whose_answer_is_lost_is_told_by_reading_back() {
    let all = wishes();
    let lost = vec![Turn::say("500 Internal Server Error", "", ""); 5];
    let listed = [held(1, &all[0]), held(2, &all[1])];
    let script = [vec![page(&[])], lost, vec![page(&listed), page(&[])]].concat();
    let (answers, _) = published(script).await;
    assert_eq!(ids(&answers)[..2], [Ok("1".into()), Ok("2".into())]);
    assert_eq!(answers[2].as_ref().map_err(ServiceError::status), Err(Some(500)), "it is not there: {answers:?}");
}

#[tokio::test]
async fn what_was_imported_is_read_back_once_more_when_the_service_may_have_recovered() {
    let all = wishes();
    let imported: Vec<_> = all.iter().zip(1..).map(|(wish, id)| outcome(Some(id), wish, None)).collect();
    let listed = [held(1, &all[0]), held(2, &all[1]), held(3, &all[2])];
    let down = vec![Turn::say("503 Service Unavailable", "", ""); 5];
    let script = [vec![page(&[]), page(&imported)], down.clone(), vec![page(&listed)]].concat();
    let (answers, _) = published(script).await;
    assert_eq!(ids(&answers), [Ok("1".into()), Ok("2".into()), Ok("3".into())]);
    let (answers, asked) = published([vec![page(&[]), page(&imported)], down].concat()).await;
    assert!(answers.iter().all(|answer| answer.as_ref().is_err_and(|error| error.status() == Some(503))));
    assert_eq!(asked.len(), 2 + 2 * 5, "twice, and no more");
}

#[tokio::test]
async fn an_import_is_made_again_whose_ends_were_past_by_a_clock_that_was_not_known() {
    let (clock, _me) = stage::clock();
    let one = &wishes()[0];
    let headers = "content-type: application/json\r\ndate: Tue, 24 Nov 2026 13:00:00 GMT\r\n";
    let said = |outcome: Value| Turn::say("200 OK", headers, &json!({ "value": [outcome] }).to_string());
    let past = said(outcome(None, one, Some("The expiration is past")));
    let server = Scripted::start(vec![past, said(outcome(Some(1), one, None))]).await;
    let publication = Publication { marker: &one.0, ..one.1.publication() };
    endpoint(&server.origin(), &clock).publish_all(&[publication]).await.expect("the second is accepted");
    assert!(server.requests()[1].contains(r#""expirationTime":"2026-11-24T16:00:00"#), "{:?}", server.requests());
}
