//! `POST /api/alerts/CreateAlertByReference`: an alert of an event that the caller found by hunting. It is a
//! `CustomerTI` one, too, and so no proof that an indicator was touched.

use jiff::Timestamp;

use crate::emulator::{
    answer::Answer,
    detection::Activity,
    faces::endpoint::{
        Visit,
        alerts::{NAME, by_id, shape},
        body::{self, Body},
        machines,
        refusal::Refusal,
        reply,
    },
    tenant::{custom::by_reference::Reference, devices::Telemetry},
};

/// The categories that the page lists.
const CATEGORIES: [&str; 16] = [
    "General",
    "CommandAndControl",
    "Collection",
    "CredentialAccess",
    "DefenseEvasion",
    "Discovery",
    "Exfiltration",
    "Exploit",
    "Execution",
    "InitialAccess",
    "LateralMovement",
    "Malware",
    "Persistence",
    "PrivilegeEscalation",
    "Ransomware",
    "SuspiciousActivity",
];

/// The page has no `Informational`.
const SEVERITIES: [&str; 3] = ["Low", "Medium", "High"];

/// Makes the alert, or joins an open one of the same title and machine.
pub(in crate::emulator::faces::endpoint) fn respond(visit: &mut Visit<'_>) -> Result<Answer, Refusal> {
    let sent = body::json(visit.call.request)?;
    let body = Body::of(&sent)?;
    let machine = body.required("machineId")?;
    let severity = one_of(body, "severity", &SEVERITIES)?;
    let title = body.required("title")?;
    let description = body.required("description")?;
    let recommended_action = body.required("recommendedAction")?;
    let event_time: Timestamp = body.required("eventTime")?.parse().map_err(|_| Refusal::body())?;
    let report = body.get("reportId").ok_or_else(|| Refusal::missing("reportId"))?;
    let category = one_of(body, "category", &CATEGORIES)?;
    if !report.is_string() && !report.is_number() {
        return Err(Refusal::body());
    }
    let device = machines::device(visit, machine)?.clone();
    let reference = Reference {
        activity: activity(visit, &device.name, event_time),
        device,
        event_time,
        severity: severity.to_owned(),
        title: title.to_owned(),
        description: description.to_owned(),
        recommended_action: recommended_action.to_owned(),
        category: category.to_owned(),
    };
    let id = visit.tenant.raise_by_reference(reference, visit.now).unwrap_or_default();
    let row = shape::row(visit, by_id(visit, &id)?, true);
    Ok(reply::entity(visit, 200, NAME, row))
}

fn one_of(body: Body<'_>, name: &str, words: &[&'static str]) -> Result<&'static str, Refusal> {
    let given = body.required(name)?;
    let known = words.iter().find(|word| word.eq_ignore_ascii_case(given));
    known.copied().ok_or_else(|| Refusal::input(format!("{name} is invalid.")))
}

/// What the device did at that time, if the tenant still knows it.
fn activity(visit: &Visit<'_>, device: &str, at: Timestamp) -> Option<Activity> {
    let same = |telemetry: &&Telemetry| telemetry.at == at && telemetry.event.device.eq_ignore_ascii_case(device);
    visit.tenant.telemetry().find(same).map(|telemetry| telemetry.event.activity.clone())
}
