//! Incidents of Defender XDR: `/api/incidents`.
//!
//! In reading order: this file, [`shape`] (as they are written).

pub(super) mod shape;

use std::collections::BTreeMap;

use crate::emulator::{
    answer::Answer,
    faces::endpoint::{
        Visit, alerts,
        body::{self, Body},
        refusal::Refusal,
        reply::{self, Asked, Row},
    },
    odata::paging::Place,
    tenant::{
        alerts::Alert,
        application::APPLICATION_NAME,
        handling::{Change, Comment, Status},
        incidents::Incident,
    },
};

/// What the context of an answer calls the set.
const NAME: &str = "Incidents";

/// A page holds no more (api-list-incidents).
const PAGE: usize = 100;

/// More tags than these are refused.
const TAGS_AT_MOST: usize = 100;

/// The words for where an incident stands. `Redirected` is read as well, and is nothing that a caller can bring about.
const STATUSES: [(&str, Status); 3] =
    [("Active", Status::New), ("InProgress", Status::InProgress), ("Resolved", Status::Resolved)];

/// The alerts of each incident, the newest first.
type ByIncident<'a> = BTreeMap<u64, Vec<&'a Alert>>;

fn by_incident<'a>(visit: &'a Visit<'_>) -> ByIncident<'a> {
    let mut found: ByIncident<'_> = BTreeMap::new();
    for alert in visit.tenant.alerts(visit.now) {
        found.entry(visit.tenant.incident_of(alert)).or_default().push(alert);
    }
    found
}

/// `GET /api/incidents`, the newest first.
pub(super) fn list(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    Asked::read(visit, &shape::INCIDENT)?.with_pages_of(PAGE).answer(visit, NAME, rows(visit))
}

/// `GET /api/incidents/$count`.
pub(super) fn count(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    Asked::read(visit, &shape::INCIDENT)?.count(visit, NAME, rows(visit))
}

fn rows(visit: &Visit<'_>) -> Vec<(Place, Row)> {
    let alerts = by_incident(visit);
    let row = |incident: &Incident| {
        let of_it = alerts.get(&incident.id).map_or(&[][..], Vec::as_slice);
        let place = Place(-incident.created_at.as_microsecond(), incident.id.to_string());
        (place, shape::row(visit, incident, of_it))
    };
    visit.tenant.incidents().filter(|incident| incident.created_at <= visit.now).map(row).collect()
}

/// `GET /api/incidents/{id}`.
pub(super) fn one(visit: &Visit<'_>, id: &str) -> Result<Answer, Refusal> {
    let incident = by_id(visit, id)?;
    let alerts = by_incident(visit).remove(&incident.id).unwrap_or_default();
    Ok(reply::entity(visit, 200, NAME, shape::row(visit, incident, &alerts)))
}

fn by_id<'a>(visit: &'a Visit<'_>, id: &str) -> Result<&'a Incident, Refusal> {
    let incident = id.parse().ok().and_then(|id| visit.tenant.incident(id));
    incident.filter(|incident| incident.created_at <= visit.now).ok_or_else(|| Refusal::not_found("Incident", id))
}

/// `PATCH /api/incidents/{id}`: the whole incident. Its tags are replaced, and a comment is added.
pub(super) fn change(visit: &mut Visit<'_>, id: &str) -> Result<Answer, Refusal> {
    let number = by_id(visit, id)?.id;
    let sent = body::json(visit.call.request)?;
    let body = Body::of(&sent)?;
    let status = match body.text("status")? {
        None => None,
        Some(word) => Some(
            STATUSES
                .iter()
                .find(|(known, _)| known.eq_ignore_ascii_case(word))
                .map(|(_, status)| *status)
                .ok_or_else(|| Refusal::input("status is invalid."))?,
        ),
    };
    let comment = body.text("comment")?.map(|text| Comment {
        text: text.to_owned(),
        by: APPLICATION_NAME.to_owned(),
        at: visit.now,
    });
    let change = Change {
        status,
        classification: alerts::change::classification(body)?.map(Some),
        determination: alerts::change::determination(body)?.map(Some),
        assigned_to: body.text("assignedTo")?.map(|name| Some(name.to_owned())),
        comment,
    };
    let tags = body.get("tags").map(|_| body.texts("tags", TAGS_AT_MOST)).transpose()?;
    visit.tenant.handle_incident(number, change, visit.now);
    if let (Some(tags), Some(notes)) = (tags, visit.tenant.incident_notes(number)) {
        notes.tags = tags;
    }
    one(visit, id)
}
