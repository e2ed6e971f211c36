//! An alert as Graph writes it: the members of the published schema, in the order of a captured alert of 2026.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::emulator::{
    faces::{
        Call,
        graph::{
            Visit,
            alerts::evidence,
            vocabulary::{
                self, CLASSIFICATION, DETECTION_SOURCE, DETERMINATION, SERVICE_SOURCE, SEVERITY, STATUS, shown,
            },
        },
        written_time,
    },
    tenant::{
        Tenant,
        alerts::{Alert, Origin},
        handling::Comment,
    },
};

/// What writing an alert depends on besides the alert.
pub(in crate::emulator::faces::graph) struct Writer<'a> {
    tenant: &'a Tenant,
    alert_page: String,
    bears_all: bool,
    now: Timestamp,
}

impl<'a> Writer<'a> {
    pub(in crate::emulator::faces::graph) fn new(visit: &'a Visit<'_>) -> Self {
        Self {
            alert_page: alert_page(visit.call),
            bears_all: bears_all(visit.call),
            now: visit.now,
            tenant: visit.tenant,
        }
    }

    /// The alert.
    pub(in crate::emulator::faces::graph) fn alert(&self, alert: &Alert) -> Map<String, Value> {
        let mut body = Map::new();
        for members in [self.identity(alert), self.words(alert), self.moments(alert), self.rest(alert)] {
            if let Value::Object(members) = members {
                body.extend(members);
            }
        }
        body
    }

    fn identity(&self, alert: &Alert) -> Value {
        let handling = &alert.handling;
        let id = alert.full_id();
        // Of a posted alert it is the first part of the id (documented samples of both forms).
        let first = id.split('_').next().unwrap_or_default();
        let provider = if is_manual(alert) { format!("manual_{first}") } else { id.clone() };
        let source = vocabulary::detection_source(&alert.source);
        let (service, product) = if is_manual(alert) {
            ("microsoft365Defender", "Microsoft Defender XDR")
        } else {
            ("microsoftDefenderForEndpoint", "Microsoft Defender for Endpoint")
        };
        json!({
            "id": id, "providerAlertId": provider,
            "incidentId": self.tenant.incident_of(alert).to_string(),
            "status": shown(&STATUS, vocabulary::status(handling.status), self.bears_all),
            "severity": shown(&SEVERITY, vocabulary::severity(&alert.severity), self.bears_all),
            "classification": shown(&CLASSIFICATION, vocabulary::classification(handling.classification), self.bears_all),
            "determination": shown(&DETERMINATION, vocabulary::determination(handling.determination), self.bears_all),
            "serviceSource": shown(&SERVICE_SOURCE, service, self.bears_all),
            "detectionSource": shown(&DETECTION_SOURCE, source, self.bears_all),
            "productName": product,
            "detectorId": alert.detector,
            "tenantId": self.tenant.id(),
        })
    }

    fn words(&self, alert: &Alert) -> Value {
        let tenant = self.tenant.id();
        let categories = if alert.category.is_empty() { json!([]) } else { json!([alert.category]) };
        json!({
            "title": alert.title, "description": alert.description,
            "recommendedActions": alert.recommended_action.clone().unwrap_or_default(),
            "category": alert.category, "categories": categories, "assignedTo": alert.handling.assigned_to,
            "alertWebUrl": format!("{}/{}?tid={tenant}", self.alert_page, alert.full_id()),
            "incidentWebUrl": incident_page(self.tenant.incident_of(alert), tenant),
            "actorDisplayName": null, "threatDisplayName": null, "threatFamilyName": null,
            "mitreTechniques": alert.techniques,
        })
    }

    fn moments(&self, alert: &Alert) -> Value {
        json!({
            "createdDateTime": written_time(alert.visible_at),
            "lastUpdateDateTime": written_time(alert.updated_at(self.now)),
            "resolvedDateTime": alert.handling.resolved_at.map(written_time),
            "firstActivityDateTime": written_time(alert.first_event_at),
            "lastActivityDateTime": written_time(alert.last_event_at(self.now)),
        })
    }

    fn rest(&self, alert: &Alert) -> Value {
        let details: Map<_, _> =
            alert.custom_details.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        json!({
            "systemTags": [], "alertPolicyId": null,
            "investigationState": vocabulary::investigation(alert.handling.investigation),
            "comments": comments(&alert.handling.comments), "customDetails": details,
            "evidence": evidence::of(alert, self.bears_all, self.now), "additionalData": {},
        })
    }
}

/// Whether somebody asked for the alert, through this API.
fn is_manual(alert: &Alert) -> bool {
    alert.origin == Origin::Caller && alert.source == "Manual"
}

/// Remarks, the oldest first.
pub(in crate::emulator::faces::graph) fn comments(comments: &[Comment]) -> Value {
    let comment = |comment: &Comment| {
        json!({
            "comment": comment.text, "createdByDisplayName": comment.by,
            "createdDateTime": written_time(comment.at),
        })
    };
    comments.iter().map(comment).collect()
}

/// Whether the client can bear enumeration members that came later.
pub(in crate::emulator::faces::graph) fn bears_all(call: &Call<'_>) -> bool {
    let prefer = call.request.header("prefer").unwrap_or_default();
    prefer.split([',', ';']).any(|part| part.trim().eq_ignore_ascii_case("include-unknown-enum-members"))
}

/// Where an alert is shown to people: the emulated portal, or the real one for whoever uses real host names.
fn alert_page(call: &Call<'_>) -> String {
    let real = call.alert_page.starts_with("https://securitycenter.");
    if real { "https://security.microsoft.com/alerts".to_owned() } else { call.alert_page.clone() }
}

/// Where an incident is shown to people, in the form recorded in 2026. The emulated portal has no such page.
pub(in crate::emulator::faces::graph) fn incident_page(incident: u64, tenant: &str) -> String {
    format!("https://security.microsoft.com/incident2/{incident}/overview?tid={tenant}")
}
