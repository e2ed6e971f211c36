//! An alert as Graph writes it: the members of the published schema, in the order of a captured alert of 2026.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::emulator::{
    faces::{
        Call,
        graph::{
            Visit,
            alerts::{evidence, schema::PROPERTIES},
            vocabulary::{
                self, CLASSIFICATION, DETECTION_SOURCE, DETERMINATION, SERVICE_SOURCE, SEVERITY, STATUS, shown,
            },
        },
        written_time,
    },
    odata::lazy::Entity,
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
        PROPERTIES.iter().map(|(name, _)| ((*name).to_owned(), self.identity(alert, name))).collect()
    }

    fn identity(&self, alert: &Alert, name: &str) -> Value {
        let handling = &alert.handling;
        let manual = is_manual(alert);
        let shown = |of, word| json!(shown(of, word, self.bears_all));
        match name {
            // Of a posted alert it is the first part of the id (documented samples of both forms).
            "providerAlertId" if manual => {
                json!(format!("manual_{}", alert.full_id().split('_').next().unwrap_or_default()))
            }
            "id" | "providerAlertId" => json!(alert.full_id()),
            "incidentId" => json!(self.tenant.incident_of(alert).to_string()),
            "status" => shown(&STATUS, vocabulary::status(handling.status)),
            "severity" => shown(&SEVERITY, vocabulary::severity(&alert.severity)),
            "classification" => shown(&CLASSIFICATION, vocabulary::classification(handling.classification)),
            "determination" => shown(&DETERMINATION, vocabulary::determination(handling.determination)),
            "serviceSource" if manual => shown(&SERVICE_SOURCE, "microsoft365Defender"),
            "serviceSource" => shown(&SERVICE_SOURCE, "microsoftDefenderForEndpoint"),
            "detectionSource" => shown(&DETECTION_SOURCE, vocabulary::detection_source(&alert.source)),
            "productName" if manual => json!("Microsoft Defender XDR"),
            "productName" => json!("Microsoft Defender for Endpoint"),
            "detectorId" => json!(alert.detector),
            "tenantId" => json!(self.tenant.id()),
            name => self.words(alert, name),
        }
    }

    fn words(&self, alert: &Alert, name: &str) -> Value {
        let tenant = self.tenant.id();
        match name {
            "title" => json!(alert.title),
            "description" => json!(alert.description),
            "recommendedActions" => json!(alert.recommended_action.as_deref().unwrap_or_default()),
            "category" => json!(alert.category),
            "categories" if alert.category.is_empty() => json!([]),
            "categories" => json!([alert.category]),
            "assignedTo" => json!(alert.handling.assigned_to),
            "alertWebUrl" => json!(format!("{}/{}?tid={tenant}", self.alert_page, alert.full_id())),
            "incidentWebUrl" => json!(incident_page(self.tenant.incident_of(alert), tenant)),
            "mitreTechniques" => json!(alert.techniques),
            name => self.rest(alert, name),
        }
    }

    /// Moments, and what is null where nothing is known of it.
    fn rest(&self, alert: &Alert, name: &str) -> Value {
        match name {
            "createdDateTime" => json!(written_time(alert.visible_at)),
            "lastUpdateDateTime" => json!(written_time(alert.updated_at(self.now))),
            "resolvedDateTime" => json!(alert.handling.resolved_at.map(written_time)),
            "firstActivityDateTime" => json!(written_time(alert.first_event_at)),
            "lastActivityDateTime" => json!(written_time(alert.last_event_at(self.now))),
            "systemTags" => json!([]),
            "investigationState" => json!(vocabulary::investigation(alert.handling.investigation)),
            "comments" => comments(&alert.handling.comments),
            "customDetails" => {
                let details = alert.custom_details.iter().map(|(name, value)| (name.clone(), json!(value)));
                Value::Object(details.collect())
            }
            "evidence" => json!(evidence::of(alert, self.bears_all, self.now)),
            "additionalData" => json!({}),
            _ => Value::Null,
        }
    }
}

/// An alert of a list.
pub(super) struct Written<'a> {
    pub(super) writer: &'a Writer<'a>,
    pub(super) alert: &'a Alert,
}

impl Entity for Written<'_> {
    fn member(&self, name: &str) -> Value {
        self.writer.identity(self.alert, name)
    }

    fn whole(&self) -> Map<String, Value> {
        self.writer.alert(self.alert)
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
