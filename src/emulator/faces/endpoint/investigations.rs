//! Automated investigations: `/api/investigations`, and what starts one.

use serde_json::{Value, json};

use crate::emulator::{
    answer::Answer,
    faces::{
        endpoint::{
            Visit, alerts,
            body::{self, Body},
            machines,
            refusal::Refusal,
            reply::{self, Asked, Row},
        },
        written_time,
    },
    odata::{
        paging::Place,
        schema::{Allowed, Dialect, Rules, Schema},
        value::{Enumeration, Type},
    },
    tenant::{application::APPLICATION_NAME, investigations::Investigation},
};

/// What the context of an answer calls the set.
const NAME: &str = "Investigations";

static STATE: Enumeration = Enumeration {
    name: "microsoft.windowsDefenderATP.api.InvestigationState",
    members: &[
        "Unknown",
        "Terminated",
        "SuccessfullyRemediated",
        "Benign",
        "Failed",
        "PartiallyRemediated",
        "Running",
        "PendingApproval",
        "PendingResource",
        "PartiallyInvestigated",
        "TerminatedByUser",
        "TerminatedBySystem",
        "Queued",
        "InnerFailure",
        "PreexistingAlert",
        "UnsupportedOs",
        "UnsupportedAlertType",
        "SuppressedAlert",
    ],
};

static RULES: Rules = Rules {
    dialect: Dialect::Endpoint,
    filter: Allowed::Documented(&["startTime", "id", "state", "machineId", "triggeringAlertId"]),
    order: Allowed::All,
    expand: &[],
    most_top: Some(10_000),
};

/// The properties of an investigation.
pub(super) static INVESTIGATION: Schema = Schema::of(
    "microsoft.windowsDefenderATP.api.Investigation",
    &[
        ("id", Type::Text),
        ("startTime", Type::Time),
        ("endTime", Type::Time),
        ("state", Type::Enum(&STATE)),
        ("cancelledBy", Type::Text),
        ("statusDetails", Type::Text),
        ("machineId", Type::Text),
        ("computerDnsName", Type::Text),
        ("triggeringAlertId", Type::Text),
    ],
    &RULES,
);

/// `GET /api/investigations`, the newest first.
pub(super) fn list(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    Asked::read(visit, &INVESTIGATION)?.answer(visit, NAME, rows(visit))
}

/// `GET /api/investigations/$count`.
pub(super) fn count(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    Asked::read(visit, &INVESTIGATION)?.count(visit, NAME, rows(visit))
}

fn rows(visit: &Visit<'_>) -> Vec<(Place, Row)> {
    let place = |number: u64| Place(-i64::try_from(number).unwrap_or(i64::MAX), number.to_string());
    visit.tenant.investigations(visit.now).map(|found| (place(found.number), row(found))).collect()
}

/// `GET /api/investigations/{id}`.
pub(super) fn one(visit: &Visit<'_>, id: &str) -> Result<Answer, Refusal> {
    let is_it = |found: &Investigation<'_>| found.number.to_string() == id || found.alert.full_id() == id;
    let found = visit.tenant.investigations(visit.now).find(is_it);
    let found = found.ok_or_else(|| Refusal::not_found("Investigation", id))?;
    Ok(reply::entity(visit, 200, NAME, row(found)))
}

/// `POST /api/machines/{id}/startInvestigation`: `{"Comment": …}`; answers 201 and the investigation.
pub(super) fn start(visit: &mut Visit<'_>, machine: &str) -> Result<Answer, Refusal> {
    let sent = body::json(visit.call.request)?;
    Body::of(&sent)?.required("Comment")?;
    let device = machines::device(visit, machine)?.clone();
    let number = visit.tenant.investigate(device, APPLICATION_NAME, visit.now).unwrap_or_default().to_string();
    let found = visit.tenant.investigations(visit.now).find(|found| found.number.to_string() == number);
    let found = found.ok_or_else(|| Refusal::not_found("Investigation", &number))?;
    Ok(reply::entity(visit, 201, NAME, row(found)))
}

/// The investigation as it is written. Nobody calls one off here, and no details are documented.
fn row(found: Investigation<'_>) -> Row {
    let alert = found.alert;
    let row = json!({
        "id": found.number.to_string(), "startTime": written_time(alert.visible_at),
        "endTime": found.ended_at.map(written_time), "state": alerts::investigation(alert.handling.investigation),
        "cancelledBy": null, "statusDetails": null, "machineId": alert.device.id,
        "computerDnsName": alert.device.name.to_lowercase(), "triggeringAlertId": alert.full_id(),
    });
    match row {
        Value::Object(row) => row,
        _ => Row::new(),
    }
}
