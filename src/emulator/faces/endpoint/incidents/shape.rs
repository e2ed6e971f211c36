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
const OF_ALERT: [(&str, &str); 21] = [
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
    ("threatName", "threatName"),
];

/// What a machine of an alert says in the words of the machine itself.
const OF_MACHINE: [(&str, &str); 13] = [
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
    ("rbacGroupId", "rbacGroupId"),
    ("firstSeen", "firstSeen"),
    ("onboardingStatus", "onboardingStatus"),
];

/// The incident as it is written, with `alerts`, the newest first.
pub(super) fn row(visit: &Visit<'_>, incident: &Incident, alerts: &[&Alert]) -> Row {
    let (handling, notes) = (&incident.handling, &incident.notes);
    let severity = SEVERITIES.iter().rev().find(|known| alerts.iter().any(|alert| alert.severity == **known));
    let name = alerts.last().map(|alert| alert.title.as_str());
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
        "incidentId": incident.id, "redirectIncidentId": incident.redirected_to,
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

/// What an alert names, with what mail would say and the machine that it was seen on.
fn of_entity(evidence: &Value, device: &str) -> Value {
    const OF_MAIL: [&str; 9] = [
        "mailboxDisplayName",
        "mailboxAddress",
        "clusterBy",
        "sender",
        "recipient",
        "subject",
        "deliveryAction",
        "securityGroupId",
        "securityGroupName",
    ];
    let mut entity = evidence.as_object().cloned().unwrap_or_default();
    entity.extend(OF_MAIL.iter().map(|name| ((*name).to_owned(), Value::Null)));
    entity.insert("deviceId".into(), json!(device));
    Value::Object(entity)
}
