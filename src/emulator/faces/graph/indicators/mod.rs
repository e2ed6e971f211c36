//! Threat indicators, as the security API of before takes them: beta only, announced to end, still described in 2026.
//!
//! In reading order: this file (one, some, many at once), [`read`] (what is submitted, and what endpoints make of it),
//! [`schema`] (every property). An application sees its own and no other. Those for endpoints become custom indicators
//! there; those for Sentinel are kept and nothing comes of them, as there is no Sentinel here.

mod read;
mod schema;

use serde_json::{Map, Value, json};

use crate::emulator::{
    answer::Answer,
    faces::{
        graph::{
            ASKER, Visit, body,
            list::{self, Lazy, Listing},
            place::IndicatorAction,
            refusal::Refusal,
            reply,
        },
        written_time,
    },
    odata::{
        options::Reading,
        paging::{Place, Top},
    },
    tenant::{shelf::Asked, submissions::Submission},
};

const COLLECTION: &str = "security/tiIndicators";

/// How many may be in one request.
const MOST: usize = 100;

fn listing(visit: &Visit<'_>) -> Listing {
    Listing {
        collection: COLLECTION,
        context: visit.context("security/tiIndicators"),
        reading: Reading::of(&schema::INDICATOR),
        schema: &schema::INDICATOR,
        top: Top::InAll,
    }
}

fn rows<'a>(visit: &'a Visit<'_>) -> impl Iterator<Item = (Place, Lazy<'a>)> {
    visit.tenant.submissions(&visit.caller.app_id, visit.now).map(move |submission| {
        let number = i64::try_from(submission.number).unwrap_or(i64::MAX);
        (Place(number, String::new()), Lazy::new(move || written(visit, submission)))
    })
}

pub(super) fn all(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    list::answer(visit, &listing(visit), rows(visit))
}

pub(super) fn count(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    list::count(visit, &listing(visit), rows(visit))
}

pub(super) fn one(visit: &Visit<'_>, id: &str) -> Result<Answer, Refusal> {
    let options = listing(visit).reading.read(&visit.call.request.query)?;
    let row = list::selected(written(visit, find(visit, id)?), &schema::INDICATOR, &options);
    Ok(reply::json(200, &Value::Object(with_context(visit, row))))
}

fn find<'a>(visit: &'a Visit<'_>, id: &str) -> Result<&'a Submission, Refusal> {
    let found = visit.tenant.submission(id, &visit.caller.app_id, visit.now);
    found.ok_or_else(|| Refusal::not_found("The indicator was not found."))
}

fn with_context(visit: &Visit<'_>, row: Map<String, Value>) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("@odata.context".into(), visit.context(&format!("{COLLECTION}/$entity")).into());
    body.extend(row);
    body
}

/// Every property, in the documented order; what was not said is null, or an empty list.
fn written(visit: &Visit<'_>, submission: &Submission) -> Map<String, Value> {
    let mut row = Map::new();
    row.insert("id".into(), json!(submission.id));
    for (name, _) in schema::PROPERTIES {
        let nothing = || if schema::LISTS.contains(name) { json!([]) } else { Value::Null };
        let said = submission.says.get(*name).filter(|value| !value.is_null()).cloned();
        let value = match *name {
            "azureTenantId" => json!(visit.tenant.id()),
            "ingestedDateTime" => json!(written_time(submission.taken_at)),
            "expirationDateTime" => json!(written_time(submission.expires_at)),
            "isActive" => said.unwrap_or(json!(true)),
            "severity" => said.unwrap_or(json!(3)),
            _ => said.unwrap_or_else(nothing),
        };
        row.insert((*name).to_owned(), value);
    }
    row
}

pub(super) fn create(visit: &mut Visit<'_>) -> Result<Answer, Refusal> {
    let members = body::object(visit.call.request)?;
    let submission = submit(visit, &members)?;
    let place = format!("{}/{COLLECTION}/{}", visit.root(), submission.id);
    let row = with_context(visit, written(visit, &submission));
    Ok(reply::json(201, &Value::Object(row)).with("location", place))
}

fn submit(visit: &mut Visit<'_>, members: &Map<String, Value>) -> Result<Submission, Refusal> {
    let draft = read::draft(members, visit.now)?;
    let owner = visit.caller.app_id.clone();
    let submission = visit.tenant.submit(draft, &owner, Asked { by: ASKER, at: visit.now });
    submission.ok_or_else(|| Refusal::bad("The maximum number of indicators was reached."))
}

pub(super) fn update(visit: &mut Visit<'_>, id: &str) -> Result<Answer, Refusal> {
    let members = body::object(visit.call.request)?;
    change(visit, id, &members)?;
    Ok(Answer::empty(204))
}

/// Lays what a body says over an indicator. Of one for endpoints, only three properties can be changed.
fn change(visit: &mut Visit<'_>, id: &str, members: &Map<String, Value>) -> Result<(), Refusal> {
    let mut says = find(visit, id)?.says.clone();
    let for_endpoints = says.get("targetProduct").and_then(Value::as_str).is_some_and(read::is_endpoints);
    let changed = members.iter().filter(|(name, _)| *name != "id" && !name.contains('@'));
    for (name, value) in changed {
        if for_endpoints && !["expirationDateTime", "severity", "description", "targetProduct"].contains(&name.as_str())
        {
            return Err(Refusal::bad(format!(
                "The property {} cannot be changed.",
                name.chars().take(100).collect::<String>()
            )));
        }
        says.insert(name.clone(), value.clone());
    }
    let draft = read::draft(&says, visit.now)?;
    visit.tenant.resubmit(id, draft, Asked { by: ASKER, at: visit.now });
    Ok(())
}

pub(super) fn delete(visit: &mut Visit<'_>, id: &str) -> Result<Answer, Refusal> {
    let id = find(visit, id)?.id.clone();
    visit.tenant.withdraw(&id, visit.now);
    Ok(Answer::empty(204))
}

/// Does something with many at once. What becomes of each is said by its place in the answer.
pub(super) fn many(visit: &mut Visit<'_>, action: IndicatorAction) -> Result<Answer, Refusal> {
    let members = body::object(visit.call.request)?;
    let list =
        members.get("value").and_then(Value::as_array).ok_or_else(|| Refusal::bad("The value field is required."))?;
    if list.len() > MOST {
        return Err(Refusal::bad(format!("At most {MOST} indicators are allowed in a request.")));
    }
    let results = match action {
        IndicatorAction::Submit => list.iter().map(|item| submit_one(visit, item)).collect::<Vec<_>>(),
        IndicatorAction::Update => list.iter().map(|item| update_one(visit, item)).collect(),
        IndicatorAction::Delete => list.iter().map(|item| delete_one(visit, item)).collect(),
        IndicatorAction::DeleteByExternalId => list.iter().map(|item| delete_external(visit, item)).collect(),
    };
    let part = match action {
        IndicatorAction::Submit | IndicatorAction::Update => "Collection(microsoft.graph.tiIndicator)",
        IndicatorAction::Delete | IndicatorAction::DeleteByExternalId => "Collection(microsoft.graph.resultInfo)",
    };
    Ok(reply::json(200, &json!({"@odata.context": visit.context(part), "value": results})))
}

/// What became of one of many.
fn result(outcome: Result<(), Refusal>) -> Value {
    match outcome {
        Ok(()) => json!({"code": 0, "message": "", "subcode": 0}),
        Err(refusal) => json!({"code": refusal.status, "message": refusal.message, "subcode": 0}),
    }
}

fn submit_one(visit: &mut Visit<'_>, item: &Value) -> Value {
    let Some(members) = item.as_object() else { return result(Err(Refusal::bad("An indicator must be an object."))) };
    match submit(visit, members) {
        Ok(submission) => Value::Object(written(visit, &submission)),
        Err(refusal) => result(Err(refusal)),
    }
}

fn update_one(visit: &mut Visit<'_>, item: &Value) -> Value {
    let Some(members) = item.as_object() else { return result(Err(Refusal::bad("An indicator must be an object."))) };
    let id = body::text(members, "id").unwrap_or_default().to_owned();
    let outcome = change(visit, &id, members);
    match outcome.and_then(|()| find(visit, &id)) {
        Ok(submission) => Value::Object(written(visit, submission)),
        Err(refusal) => result(Err(refusal)),
    }
}

fn delete_one(visit: &mut Visit<'_>, item: &Value) -> Value {
    let id = item.as_str().unwrap_or_default();
    result(delete(visit, id).map(|_| ()))
}

fn delete_external(visit: &mut Visit<'_>, item: &Value) -> Value {
    let wanted = item.as_str().unwrap_or_default();
    let owner = visit.caller.app_id.clone();
    let same = |submission: &&Submission| submission.says.get("externalId").and_then(Value::as_str) == Some(wanted);
    let found = visit.tenant.submissions(&owner, visit.now).filter(same).map(|submission| submission.id.clone());
    let found: Vec<_> = found.collect();
    if found.is_empty() {
        return result(Err(Refusal::not_found("The indicator was not found.")));
    }
    for id in found {
        visit.tenant.withdraw(&id, visit.now);
    }
    result(Ok(()))
}
