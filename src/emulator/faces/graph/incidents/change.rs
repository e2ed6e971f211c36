//! How an incident is handled, and remarks on it.

use serde_json::{Map, Value, json};

use crate::emulator::{
    answer::Answer,
    faces::graph::{
        ASKER, Visit,
        alerts::{
            change::{handling, read_comment},
            shape::comments,
        },
        body,
        incidents::{find, no_incident, one},
        refusal::Refusal,
        reply,
        vocabulary::{self, INCIDENT_STATUS, SEVERITY},
    },
    tenant::{
        handling::{Change, Status},
        incidents::Notes,
    },
};

/// Changes an incident and returns it.
pub(in crate::emulator::faces::graph) fn update(visit: &mut Visit<'_>, id: &str) -> Result<Answer, Refusal> {
    let number = find(visit, id)?.id;
    let members = body::object(visit.call.request)?;
    let mut change = handling(&without_status(&members))?;
    change.status = members.get("status").map(status).transpose()?;
    let edit = Edit::read(&members)?;
    visit.tenant.handle_incident(number, change.clone(), visit.now);
    if let Some(notes) = visit.tenant.incident_notes(number) {
        edit.apply(notes);
    }
    if change.status == Some(Status::Resolved) && visit.tenant.knobs.graph.incident_resolves {
        resolve_alerts(visit, number);
    }
    one(visit, id)
}

/// Adds a remark and returns all of them.
pub(in crate::emulator::faces::graph) fn comment(visit: &mut Visit<'_>, id: &str) -> Result<Answer, Refusal> {
    let number = find(visit, id)?.id;
    let change = Change { comment: Some(read_comment(visit)?), ..Change::default() };
    visit.tenant.handle_incident(number, change, visit.now);
    let incident = visit.tenant.incident(number).ok_or_else(|| no_incident(id))?;
    let context = visit.context(&format!("security/incidents('{number}')/comments"));
    Ok(reply::json(200, &json!({"@odata.context": context, "value": comments(&incident.handling.comments)})))
}

/// An incident's states have names of their own.
fn without_status(members: &Map<String, Value>) -> Map<String, Value> {
    members.iter().filter(|(name, _)| *name != "status").map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn status(value: &Value) -> Result<Status, Refusal> {
    let word = value.as_str().and_then(|word| vocabulary::read(&INCIDENT_STATUS, word));
    match word {
        Some("active") => Ok(Status::New),
        Some("inProgress") => Ok(Status::InProgress),
        Some("resolved") => Ok(Status::Resolved),
        _ => Err(Refusal::body()),
    }
}

fn resolve_alerts(visit: &mut Visit<'_>, incident: u64) {
    let tenant = &visit.tenant;
    let open = tenant
        .alerts(visit.now)
        .filter(|alert| tenant.incident_of(alert) == incident && alert.handling.status != Status::Resolved);
    let ids: Vec<_> = open.map(|alert| alert.id.clone()).collect();
    for id in ids {
        let change = Change { status: Some(Status::Resolved), ..Change::default() };
        visit.tenant.handle_alert(&id, change, visit.now);
    }
}

/// What a body says of an incident beyond its handling.
#[derive(Default)]
struct Edit {
    texts: Vec<(&'static str, Option<String>)>,
    tags: Option<Vec<String>>,
    severity: Option<String>,
}

const TEXTS: [&str; 4] = ["displayName", "description", "summary", "resolvingComment"];
const OTHERS: [&str; 7] =
    ["@odata.type", "status", "classification", "determination", "assignedTo", "customTags", "severity"];

/// Longer texts and more tags are refused, so that memory stays bounded.
const LONGEST_TEXT: usize = 10_000;
const MOST_TAGS: usize = 100;

impl Edit {
    fn read(members: &Map<String, Value>) -> Result<Self, Refusal> {
        let mut edit = Self::default();
        for (name, value) in members {
            let known = TEXTS.iter().find(|known| *known == name);
            match (known, value) {
                (Some(name), Value::Null) => edit.texts.push((name, None)),
                (Some(name), Value::String(text)) if text.len() <= LONGEST_TEXT => {
                    edit.texts.push((name, Some(text.clone())));
                }
                (None, _) if OTHERS.contains(&name.as_str()) => {}
                _ => return Err(Refusal::body()),
            }
        }
        edit.tags = members.get("customTags").map(tags).transpose()?;
        edit.severity = members.get("severity").map(severity).transpose()?;
        Ok(edit)
    }

    fn apply(self, notes: &mut Notes) {
        for (name, text) in self.texts {
            match name {
                "displayName" => notes.name = text,
                "description" => notes.description = text,
                "summary" => notes.summary = text,
                _ => notes.resolving_comment = text,
            }
        }
        if let Some(tags) = self.tags {
            notes.tags = tags;
        }
        if let Some(severity) = self.severity {
            notes.severity = Some(severity);
        }
        notes.changed_by = Some(ASKER.to_owned());
    }
}

fn tags(value: &Value) -> Result<Vec<String>, Refusal> {
    let list = value.as_array().filter(|list| list.len() <= MOST_TAGS).ok_or_else(Refusal::body)?;
    let tag = |item: &Value| item.as_str().filter(|tag| tag.len() <= 1_000).map(str::to_owned);
    list.iter().map(|item| tag(item).ok_or_else(Refusal::body)).collect()
}

fn severity(value: &Value) -> Result<String, Refusal> {
    let word = value.as_str().and_then(|word| vocabulary::read(&SEVERITY, word));
    word.map(str::to_owned).ok_or_else(Refusal::body)
}
