//! What a caller makes of alerts: `PATCH` of one, or `batchUpdate` of many.
//!
//! Whether a determination goes with its classification is not checked: the documentation's own example pairs two that
//! do not.

use serde_json::Value;

use crate::emulator::{
    answer::Answer,
    faces::endpoint::{
        Visit,
        alerts::{
            NAME, by_id, shape,
            vocabulary::{CLASSIFICATIONS, DETERMINATIONS, DROPPED, STATUSES, read},
        },
        body::{self, Body},
        refusal::Refusal,
        reply,
    },
    tenant::{
        alerts::ALERTS_AT_MOST,
        application::APPLICATION_NAME,
        handling::{Change, Classification, Comment, Determination},
    },
};

/// The names that a body may use.
const NAMES: [&str; 6] = ["alertIds", "status", "assignedTo", "classification", "determination", "comment"];

/// `PATCH /api/alerts/{id}`: the whole alert.
pub(in crate::emulator::faces::endpoint) fn one(visit: &mut Visit<'_>, id: &str) -> Result<Answer, Refusal> {
    by_id(visit, id)?;
    let sent = body::json(visit.call.request)?;
    let change = change(visit, Body::of(&sent)?)?;
    visit.tenant.handle_alert(id, change, visit.now);
    let row = shape::row(visit, by_id(visit, id)?, true);
    Ok(reply::entity(visit, 200, NAME, row))
}

/// `POST /api/alerts/batchUpdate`: 200 without a body. What becomes of ids that there are no alerts of is not
/// documented; here they are passed over.
pub(in crate::emulator::faces::endpoint) fn many(visit: &mut Visit<'_>) -> Result<Answer, Refusal> {
    let sent = body::json(visit.call.request)?;
    let body = Body::of(&sent)?;
    if body.get("alertIds").is_none() {
        return Err(Refusal::missing("alertIds"));
    }
    let ids = body.texts("alertIds", ALERTS_AT_MOST)?;
    if ids.is_empty() {
        return Err(Refusal::input("alertIds is empty."));
    }
    let change = change(visit, body)?;
    for id in ids {
        visit.tenant.handle_alert(&id, change.clone(), visit.now);
    }
    Ok(Answer::empty(200))
}

fn change(visit: &Visit<'_>, body: Body<'_>) -> Result<Change, Refusal> {
    let body = body.check_case(&NAMES)?;
    Ok(Change {
        status: named(body, "status", |text| read(&STATUSES, text))?,
        classification: classification(body)?.map(Some),
        determination: determination(body)?.map(Some),
        assigned_to: body.text("assignedTo")?.map(|name| Some(name.to_owned())),
        comment: body.text("comment")?.map(|text| Comment {
            text: text.to_owned(),
            by: APPLICATION_NAME.to_owned(),
            at: visit.now,
        }),
    })
}

pub(in crate::emulator::faces::endpoint) fn classification(body: Body<'_>) -> Result<Option<Classification>, Refusal> {
    named(body, "classification", |text| read(&CLASSIFICATIONS, text))
}

pub(in crate::emulator::faces::endpoint) fn determination(body: Body<'_>) -> Result<Option<Determination>, Refusal> {
    named(body, "determination", |text| {
        read(&DETERMINATIONS, text).filter(|determination| !DROPPED.contains(determination))
    })
}

/// What the word under `name` stands for, if there is one.
fn named<T>(body: Body<'_>, name: &str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Refusal> {
    match body.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => read(text).map(Some).ok_or_else(|| Refusal::input(format!("{name} is invalid."))),
        Some(_) => Err(Refusal::body()),
    }
}
