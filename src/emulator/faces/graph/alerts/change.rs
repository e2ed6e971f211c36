//! How an alert is handled, and remarks on it.

use serde_json::{Map, Value, json};

use crate::emulator::{
    answer::Answer,
    faces::graph::{
        ASKER, Visit,
        alerts::{one, shape},
        body,
        refusal::Refusal,
        reply,
        vocabulary::{self, CLASSIFICATION, DETERMINATION, STATUS},
    },
    odata::value::Enumeration,
    tenant::handling::{Change, Comment},
};

/// Changes an alert and returns it.
pub(in crate::emulator::faces::graph) fn update(visit: &mut Visit<'_>, id: &str) -> Result<Answer, Refusal> {
    let members = body::object(visit.call.request)?;
    let change = read(&members)?;
    if !visit.tenant.handle_alert(id, change, visit.now) {
        return Err(no_alert(id));
    }
    one(visit, id)
}

/// Adds a remark and returns all of them: not the new one.
pub(in crate::emulator::faces::graph) fn comment(visit: &mut Visit<'_>, id: &str) -> Result<Answer, Refusal> {
    let comment = read_comment(visit)?;
    let change = Change { comment: Some(comment), ..Change::default() };
    if !visit.tenant.handle_alert(id, change, visit.now) {
        return Err(no_alert(id));
    }
    let alert = visit.tenant.alert(id, visit.now).ok_or_else(|| no_alert(id))?;
    let context = visit.context(&format!("security/alerts_v2('{}')/comments", alert.full_id()));
    Ok(reply::json(200, &json!({"@odata.context": context, "value": shape::comments(&alert.handling.comments)})))
}

pub(in crate::emulator::faces::graph) fn no_alert(id: &str) -> Refusal {
    let shown: String = id.chars().take(100).collect();
    Refusal::not_found(format!("Alert with id '{shown}' was not found."))
}

/// A remark as it is sent, with or without its type.
pub(in crate::emulator::faces::graph) fn read_comment(visit: &Visit<'_>) -> Result<Comment, Refusal> {
    let members = body::object(visit.call.request)?;
    let strange = members.keys().any(|name| !["@odata.type", "comment"].contains(&name.as_str()));
    match body::text(&members, "comment") {
        Some(text) if !strange && !text.trim().is_empty() && text.len() <= LONGEST_COMMENT => {
            Ok(Comment { text: text.to_owned(), by: ASKER.to_owned(), at: visit.now })
        }
        _ => Err(Refusal::body()),
    }
}

/// Longer remarks are refused, so that memory stays bounded; what the service takes is not published.
const LONGEST_COMMENT: usize = 10_000;

/// The members of alerts that only the service writes. Sent back to it, they are refused as unknown ones are: the page
/// says which four can be changed, and no more.
fn read(members: &Map<String, Value>) -> Result<Change, Refusal> {
    if members.keys().any(|name| !CHANGEABLE.contains(&name.as_str())) {
        return Err(Refusal::body());
    }
    handling(members)
}

const CHANGEABLE: [&str; 5] = ["@odata.type", "status", "classification", "determination", "assignedTo"];

/// What a body says of the handling of an alert or incident. A name that is assigned nothing is taken back.
pub(in crate::emulator::faces::graph) fn handling(members: &Map<String, Value>) -> Result<Change, Refusal> {
    let word = |name: &str, of: &'static Enumeration| -> Result<Option<&'static str>, Refusal> {
        match members.get(name) {
            None => Ok(None),
            Some(Value::String(word)) => vocabulary::read(of, word).map(Some).ok_or_else(Refusal::body),
            Some(_) => Err(Refusal::body()),
        }
    };
    let unless_unknown =
        |word: &str, known: bool| if word == "unknown" || known { Ok(()) } else { Err(Refusal::body()) };
    let mut change = Change::default();
    if let Some(word) = word("status", &STATUS)? {
        change.status = Some(vocabulary::status_of(word).ok_or_else(Refusal::body)?);
    }
    if let Some(word) = word("classification", &CLASSIFICATION)? {
        let classification = vocabulary::classification_of(word);
        unless_unknown(word, classification.is_some())?;
        change.classification = Some(classification);
    }
    if let Some(word) = word("determination", &DETERMINATION)? {
        let determination = vocabulary::determination_of(word);
        unless_unknown(word, determination.is_some())?;
        change.determination = Some(determination);
    }
    change.assigned_to = match members.get("assignedTo") {
        None => None,
        Some(Value::Null) => Some(None),
        Some(Value::String(name)) if name.len() <= LONGEST_NAME => {
            Some(Some(name.clone()).filter(|name| !name.is_empty()))
        }
        Some(_) => return Err(Refusal::body()),
    };
    Ok(change)
}

/// Longer names are nobody's.
const LONGEST_NAME: usize = 1_000;
