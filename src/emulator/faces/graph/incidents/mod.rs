//! Incidents: one, some, how many, with or without their alerts.
//!
//! In reading order: this file, [`schema`] (what a query may name), [`change`] (handling and remarks). The name of an
//! incident that nobody named is a convention: its newest alert's title, and how many devices it is about.

pub(super) mod change;
mod schema;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::emulator::{
    answer::Answer,
    faces::{
        graph::{
            Visit,
            alerts::{
                self,
                shape::{Writer, bears_all, comments, incident_page},
            },
            list::{self, Lazy, Listing},
            refusal::Refusal,
            reply,
            vocabulary::{self, CLASSIFICATION, DETERMINATION, INCIDENT_STATUS, SEVERITY, shown},
        },
        written_time,
    },
    odata::{
        options::{Options, Reading},
        paging::{Place, Top},
    },
    tenant::{alerts::Alert, handling::Status, incidents::Incident},
};

const COLLECTION: &str = "security/incidents";

fn listing(visit: &Visit<'_>) -> Listing {
    Listing {
        collection: COLLECTION,
        context: visit.context(COLLECTION),
        reading: Reading::of(&schema::INCIDENT),
        schema: &schema::INCIDENT,
        top: Top::APage,
    }
}

/// The alerts of each incident, the newest first.
type ByIncident<'a> = BTreeMap<u64, Vec<&'a Alert>>;

fn by_incident<'a>(visit: &'a Visit<'_>) -> ByIncident<'a> {
    let mut found: ByIncident<'_> = BTreeMap::new();
    for alert in visit.tenant.alerts(visit.now) {
        found.entry(visit.tenant.incident_of(alert)).or_default().push(alert);
    }
    found
}

fn rows<'a>(
    visit: &'a Visit<'_>,
    alerts: &'a ByIncident<'_>,
    options: &'a Options,
) -> impl Iterator<Item = (Place, Lazy<'a>)> {
    shown_ones(visit).map(move |incident| {
        let place = list::newest(incident.created_at, &incident.id.to_string());
        (place, Lazy::new(move || written(visit, incident, alerts, options)))
    })
}

/// The incidents that a query asks for, the newest first.
pub(super) fn all(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let (listing, alerts) = (listing(visit), by_incident(visit));
    let options = listing.reading.read(&visit.call.request.query)?;
    list::answer(visit, &listing, rows(visit, &alerts, &options))
}

/// How many there are that a query asks for.
pub(super) fn count(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let (alerts, options) = (by_incident(visit), Options::default());
    list::count(visit, &listing(visit), rows(visit, &alerts, &options))
}

fn shown_ones<'a>(visit: &'a Visit<'_>) -> impl Iterator<Item = &'a Incident> {
    visit.tenant.incidents().filter(|incident| incident.created_at <= visit.now)
}

/// The incident of this number.
pub(super) fn one(visit: &Visit<'_>, id: &str) -> Result<Answer, Refusal> {
    let options = listing(visit).reading.read(&visit.call.request.query)?;
    let incident = find(visit, id)?;
    let mut body = Map::new();
    body.insert("@odata.context".into(), visit.context(&format!("{COLLECTION}/$entity")).into());
    let row = written(visit, incident, &by_incident(visit), &options);
    body.extend(list::selected(row, &schema::INCIDENT, &options));
    Ok(reply::json(200, &Value::Object(body)))
}

/// The alerts of the incident of this number.
pub(super) fn alerts(visit: &Visit<'_>, id: &str) -> Result<Answer, Refusal> {
    alerts::of_incident(visit, find(visit, id)?.id)
}

fn find<'a>(visit: &'a Visit<'_>, id: &str) -> Result<&'a Incident, Refusal> {
    let incident = id.parse().ok().and_then(|number| visit.tenant.incident(number));
    incident.filter(|incident| incident.created_at <= visit.now).ok_or_else(|| no_incident(id))
}

fn no_incident(id: &str) -> Refusal {
    let shown: String = id.chars().take(100).collect();
    Refusal::not_found(format!("Incident with id '{shown}' was not found."))
}

/// An incident in the members of the published schema.
fn written(visit: &Visit<'_>, incident: &Incident, alerts: &ByIncident<'_>, options: &Options) -> Map<String, Value> {
    let alerts = alerts.get(&incident.id).map_or(&[][..], Vec::as_slice);
    let (bears_all, notes, handling) = (bears_all(visit.call), &incident.notes, &incident.handling);
    let (id, tenant) = (incident.id, visit.tenant.id());
    let updated = alerts.iter().map(|alert| alert.updated_at(visit.now)).chain(handling.changed_at);
    let mut body = json!({
        "id": id.to_string(), "tenantId": tenant, "status": shown(&INCIDENT_STATUS, status(incident), bears_all),
        "incidentWebUrl": incident_page(id, tenant),
        "redirectIncidentId": incident.redirected_to.map(|id| id.to_string()),
        "displayName": notes.name.clone().unwrap_or_else(|| name(alerts)),
        "createdDateTime": written_time(incident.created_at),
        "lastUpdateDateTime": written_time(updated.fold(incident.created_at, jiff::Timestamp::max)),
        "assignedTo": handling.assigned_to,
        "classification": shown(&CLASSIFICATION, vocabulary::classification(handling.classification), bears_all),
        "determination": shown(&DETERMINATION, vocabulary::determination(handling.determination), bears_all),
        "severity": shown(&SEVERITY, severity(incident, alerts), bears_all),
        "customTags": notes.tags, "systemTags": [], "description": notes.description,
        "lastModifiedBy": notes.changed_by, "resolvingComment": notes.resolving_comment, "summary": notes.summary,
        "priorityScore": null, "comments": comments(&handling.comments),
    });
    if options.expanded.contains(&"alerts") {
        let writer = Writer::new(visit);
        body["alerts"] = alerts.iter().map(|alert| Value::Object(writer.alert(alert))).collect();
    }
    match body {
        Value::Object(body) => body,
        _ => Map::new(),
    }
}

fn status(incident: &Incident) -> &'static str {
    match incident.handling.status {
        _ if incident.redirected_to.is_some() => "redirected",
        Status::New => "active",
        Status::InProgress => "inProgress",
        Status::Resolved => "resolved",
    }
}

fn name(alerts: &[&Alert]) -> String {
    let devices: std::collections::BTreeSet<_> = alerts.iter().map(|alert| alert.device.id.as_str()).collect();
    let title = alerts.first().map_or("", |alert| alert.title.as_str());
    match devices.len() {
        1 => format!("{title} on one endpoint"),
        _ => title.to_owned(),
    }
}

/// That which somebody set, or the highest of the alerts.
fn severity(incident: &Incident, alerts: &[&Alert]) -> &'static str {
    let order = |word: &str| SEVERITY.members.iter().position(|known| *known == word);
    let highest = alerts.iter().map(|alert| vocabulary::severity(&alert.severity)).max_by_key(|word| order(word));
    let set = incident.notes.severity.as_deref().and_then(|word| vocabulary::read(&SEVERITY, word));
    set.or(highest).unwrap_or("unknown")
}
