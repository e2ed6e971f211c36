//! An incident as it is written, with its alerts, their machines and what they name: the documented members, in their
//! order (api-list-incidents).

use serde_json::{Map, Value, json};

use crate::emulator::{
    faces::{
        endpoint::{Visit, alerts, machines, reply::Row},
        written_time,
    },
    odata::{
        schema::{Allowed, Dialect, Rules, Schema},
        value::Type,
    },
    tenant::{
        alerts::Alert,
        handling::{Comment, Status},
        incidents::Incident,
    },
};

static RULES: Rules = Rules {
    dialect: Dialect::Endpoint,
    filter: Allowed::Documented(&["lastUpdateTime", "createdTime", "status", "assignedTo"]),
    order: Allowed::All,
    expand: &[],
    most_top: Some(100),
};

/// The properties of an incident that a query can name.
pub(in crate::emulator::faces::endpoint) static INCIDENT: Schema = Schema::of(
    "microsoft.mtp.api.Incident",
    &[
        ("incidentId", Type::Int),
        ("incidentUri", Type::Text),
        ("redirectIncidentId", Type::Int),
        ("incidentName", Type::Text),
        ("createdTime", Type::Time),
        ("lastUpdateTime", Type::Time),
        ("assignedTo", Type::Text),
        ("classification", Type::Text),
        ("determination", Type::Text),
        ("status", Type::Text),
        ("severity", Type::Text),
        ("tags", Type::Many(&Type::Text)),
        ("comments", Type::Many(&Type::Text)),
        ("alerts", Type::Many(&Type::Text)),
    ],
    &RULES,
);

/// The severities, from the least to the most serious.
const SEVERITIES: [&str; 4] = ["Informational", "Low", "Medium", "High"];

/// What an alert of an incident says in the words of the alert itself, under names that differ.
const OF_ALERT: [(&str, &str); 20] = [
    ("creationTime", "alertCreationTime"),
    ("lastUpdatedTime", "lastUpdateTime"),
    ("resolvedTime", "resolvedTime"),
    ("firstActivity", "firstEventTime"),
    ("lastActivity", "lastEventTime"),
    ("title", "title"),
    ("description", "description"),
    ("category", "category"),
    ("status", "status"),
    ("severity", "severity"),
    ("investigationId", "investigationId"),
    ("investigationState", "investigationState"),
    ("classification", "classification"),
    ("determination", "determination"),
    ("detectionSource", "detectionSource"),
    ("detectorId", "detectorId"),
    ("assignedTo", "assignedTo"),
    ("actorName", ""),
    ("threatFamilyName", "threatFamilyName"),
    ("mitreTechniques", "mitreTechniques"),
];

/// What a machine of an alert says in the words of the machine itself.
const OF_MACHINE: [(&str, &str); 15] = [
    ("mdatpDeviceId", "id"),
    ("aadDeviceId", "aadDeviceId"),
    ("deviceDnsName", "computerDnsName"),
    ("osPlatform", "osPlatform"),
    ("version", "version"),
    ("osProcessor", "osProcessor"),
    ("osBuild", "osBuild"),
    ("healthStatus", "healthStatus"),
    ("riskScore", "riskScore"),
    ("rbacGroupName", "rbacGroupName"),
    ("firstSeen", "firstSeen"),
    ("tags", "machineTags"),
    ("defenderAvStatus", "defenderAvStatus"),
    ("onboardingStatus", "onboardingStatus"),
    ("vmMetadata", "vmMetadata"),
];

/// The incident as it is written, with `alerts`, the newest first.
pub(super) fn row(visit: &Visit<'_>, incident: &Incident, alerts: &[&Alert]) -> Row {
    let (handling, notes) = (&incident.handling, &incident.notes);
    // One that went into another keeps what its alerts gave it (recorded), though they are elsewhere now.
    let own: Vec<_> = visit.tenant.alerts(visit.now).filter(|alert| alert.incident == incident.id).collect();
    let named_by = if alerts.is_empty() { own.as_slice() } else { alerts };
    let severity = SEVERITIES.iter().rev().find(|known| named_by.iter().any(|alert| alert.severity == **known));
    let name = named_by.last().map(|alert| alert.title.as_str());
    let updated_at = alerts.iter().map(|alert| alert.updated_at(visit.now)).chain(handling.changed_at);
    let updated_at = updated_at.fold(incident.created_at, jiff::Timestamp::max);
    let status = match (incident.redirected_to, handling.status) {
        (Some(_), _) => "Redirected",
        (None, Status::New) => "Active",
        (None, Status::InProgress) => "InProgress",
        (None, Status::Resolved) => "Resolved",
    };
    let classification = handling.classification.and_then(alerts::classification);
    let determination = handling.determination.and_then(alerts::determination);
    let row = json!({
        "incidentId": incident.id, "incidentUri": address(visit, incident.id), "redirectIncidentId": incident.redirected_to,
        "incidentName": notes.name.as_deref().or(name), "createdTime": alerts::coarse_time(incident.created_at),
        "lastUpdateTime": alerts::coarse_time(updated_at), "assignedTo": handling.assigned_to,
        "classification": classification.unwrap_or("Unknown"), "determination": determination.unwrap_or("NotAvailable"),
        "status": status, "severity": notes.severity.as_deref().or(severity.copied()).unwrap_or("Informational"),
        "tags": notes.tags, "comments": handling.comments.iter().map(comment).collect::<Vec<_>>(),
        "alerts": alerts.iter().map(|alert| of_alert(visit, incident, alert)).collect::<Vec<_>>(),
    });
    match row {
        Value::Object(row) => row,
        _ => Row::new(),
    }
}

/// Where a person reads the incident; the tenant's own portal is not at Microsoft's.
fn address(visit: &Visit<'_>, id: u64) -> String {
    format!("https://security.microsoft.com/incidents/{id}?tid={}", visit.tenant.id())
}

fn comment(comment: &Comment) -> Value {
    json!({"comment": comment.text, "createdBy": comment.by, "createdTime": written_time(comment.at)})
}

fn of_alert(visit: &Visit<'_>, incident: &Incident, alert: &Alert) -> Value {
    let own = alerts::shape::row(visit, alert, true);
    let mut row = Map::new();
    // The same alert bears the same id here but for the letters before it (recorded).
    row.insert("alertId".into(), json!(alert.full_id()));
    row.insert("providerAlertId".into(), json!(alert.id));
    row.insert("incidentId".into(), json!(incident.id));
    row.insert("serviceSource".into(), json!("MicrosoftDefenderForEndpoint"));
    for (name, of) in OF_ALERT {
        row.insert(name.into(), own.get(of).cloned().unwrap_or(Value::Null));
    }
    let machine = machines::shape::row(visit, &alert.device);
    let mut device: Row = OF_MACHINE
        .iter()
        .map(|(name, of)| ((*name).to_owned(), machine.get(*of).cloned().unwrap_or(Value::Null)))
        .collect();
    device.insert("loggedOnUsers".into(), own.get("loggedOnUsers").cloned().unwrap_or_default());
    row.insert("devices".into(), json!([device]));
    let entities = own.get("evidence").and_then(Value::as_array).into_iter().flatten();
    row.insert("entities".into(), entities.map(|entity| of_entity(entity, &alert.device.id)).collect());
    Value::Object(row)
}

/// What an alert names. Unlike the alert's own evidence, what a row does not know it leaves out (recorded in 2023).
fn of_entity(evidence: &Value, device: &str) -> Value {
    let mut entity = Row::new();
    for (name, value) in evidence.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
        entity.insert(name.clone(), value.clone());
        if name == "evidenceCreationTime" {
            entity.insert("verdict".into(), json!("Suspicious"));
            entity.insert("remediationStatus".into(), json!("None"));
        }
    }
    entity.insert("deviceId".into(), json!(device));
    Value::Object(entity)
}
