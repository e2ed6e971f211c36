//! An alert as it is written: the members recorded in 2023, in their order. `loggedOnUsers` and `domains` are not
//! documented.

use std::fmt::Write as _;

use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use crate::emulator::{
    faces::{
        endpoint::{
            Visit,
            alerts::{
                evidence,
                vocabulary::{CLASSIFICATIONS, DETERMINATIONS, INVESTIGATIONS, STATUSES, word},
            },
            reply::Row,
        },
        written_time,
    },
    odata::{
        lazy::Entity,
        schema::{Allowed, Dialect, Rules, Schema},
        value::{Enumeration, Type},
    },
    tenant::{self, Tenant, alerts::Alert, custom::ENGINE},
};

static SEVERITY: Enumeration = Enumeration {
    name: "microsoft.windowsDefenderATP.api.AlertSeverity",
    members: &["UnSpecified", "Informational", "Low", "Medium", "High"],
};

static STATUS: Enumeration = Enumeration {
    name: "microsoft.windowsDefenderATP.api.AlertStatus",
    members: &["Unknown", "New", "InProgress", "Resolved"],
};

static CLASSIFICATION: Enumeration = Enumeration {
    name: "microsoft.windowsDefenderATP.api.AlertClassification",
    members: &["Unknown", "FalsePositive", "TruePositive", "InformationalExpectedActivity"],
};

static RULES: Rules = Rules {
    dialect: Dialect::Endpoint,
    filter: Allowed::Documented(&[
        "alertCreationTime",
        "lastUpdateTime",
        "incidentId",
        "investigationId",
        "id",
        "assignedTo",
        "detectionSource",
        "lastEventTime",
        "status",
        "severity",
        "category",
    ]),
    order: Allowed::All,
    expand: &["evidence"],
    most_top: Some(10_000),
};

static USER: Schema = Schema::of(
    "microsoft.windowsDefenderATP.api.RelatedUser",
    &[("userName", Type::Text), ("domainName", Type::Text)],
    &RULES,
);

static LOGGED_ON: Schema = Schema::of(
    "microsoft.windowsDefenderATP.api.LoggedOnUser",
    &[("accountName", Type::Text), ("domainName", Type::Text)],
    &RULES,
);

static COMMENT: Schema = Schema::of(
    "microsoft.windowsDefenderATP.api.AlertComment",
    &[("comment", Type::Text), ("createdBy", Type::Text), ("createdTime", Type::Time)],
    &RULES,
);

static EVIDENCE: Schema = Schema::of(
    "microsoft.windowsDefenderATP.api.AlertEvidence",
    &[
        ("entityType", Type::Text),
        ("evidenceCreationTime", Type::Time),
        ("sha1", Type::Text),
        ("sha256", Type::Text),
        ("fileName", Type::Text),
        ("filePath", Type::Text),
        ("processId", Type::Int),
        ("processCommandLine", Type::Text),
        ("processCreationTime", Type::Time),
        ("parentProcessId", Type::Int),
        ("parentProcessCreationTime", Type::Time),
        ("parentProcessFileName", Type::Text),
        ("parentProcessFilePath", Type::Text),
        ("ipAddress", Type::Text),
        ("url", Type::Text),
        ("registryKey", Type::Text),
        ("registryHive", Type::Text),
        ("registryValueType", Type::Text),
        ("registryValue", Type::Text),
        ("registryValueName", Type::Text),
        ("accountName", Type::Text),
        ("domainName", Type::Text),
        ("userSid", Type::Text),
        ("aadUserId", Type::Text),
        ("userPrincipalName", Type::Text),
        ("detectionStatus", Type::Text),
    ],
    &RULES,
);

/// The properties of an alert.
pub(in crate::emulator::faces::endpoint) static ALERT: Schema = Schema::of(
    "microsoft.windowsDefenderATP.api.Alert",
    &[
        ("id", Type::Text),
        ("incidentId", Type::Int),
        ("investigationId", Type::Int),
        ("assignedTo", Type::Text),
        ("severity", Type::Enum(&SEVERITY)),
        ("status", Type::Enum(&STATUS)),
        ("classification", Type::Enum(&CLASSIFICATION)),
        ("determination", Type::Text),
        ("investigationState", Type::Text),
        ("detectionSource", Type::Text),
        ("detectorId", Type::Text),
        ("category", Type::Text),
        ("threatFamilyName", Type::Text),
        ("title", Type::Text),
        ("description", Type::Text),
        ("alertCreationTime", Type::Time),
        ("firstEventTime", Type::Time),
        ("lastEventTime", Type::Time),
        ("lastUpdateTime", Type::Time),
        ("resolvedTime", Type::Time),
        ("machineId", Type::Text),
        ("computerDnsName", Type::Text),
        ("rbacGroupName", Type::Text),
        ("aadTenantId", Type::Text),
        ("threatName", Type::Text),
        ("mitreTechniques", Type::Many(&Type::Text)),
        ("relatedUser", Type::Complex(&USER)),
        ("loggedOnUsers", Type::Many(&Type::Complex(&LOGGED_ON))),
        ("comments", Type::Many(&Type::Complex(&COMMENT))),
        ("evidence", Type::Many(&Type::Complex(&EVIDENCE))),
        ("domains", Type::Many(&Type::Text)),
    ],
    &RULES,
);

/// An alert of a list.
pub(super) struct Shown<'a> {
    tenant: &'a Tenant,
    now: Timestamp,
    alert: &'a Alert,
    detailed: bool,
}

impl<'a> Shown<'a> {
    /// `detailed` tells whether evidence and user are shown, once they are there.
    pub(super) fn new(visit: &'a Visit<'_>, alert: &'a Alert, detailed: bool) -> Self {
        Self { tenant: visit.tenant, now: visit.now, alert, detailed }
    }
}

impl Entity for Shown<'_> {
    fn member(&self, name: &str) -> Value {
        member(self, name)
    }

    fn whole(&self) -> Row {
        ALERT.properties.iter().map(|(name, _)| ((*name).to_owned(), member(self, name))).collect()
    }
}

/// The alert as it is written; `detailed` tells whether evidence and user are shown, once they are there.
pub(in crate::emulator::faces::endpoint) fn row(visit: &Visit<'_>, alert: &Alert, detailed: bool) -> Row {
    Shown::new(visit, alert, detailed).whole()
}

fn member(of: &Shown<'_>, name: &str) -> Value {
    let (alert, now) = (of.alert, of.now);
    let handling = &alert.handling;
    let shown = of.detailed && alert.evidence_has_things(now);
    match name {
        "assignedTo" => json!(handling.assigned_to),
        "status" => json!(word(&STATUSES, &handling.status)),
        "classification" => json!(handling.classification.and_then(|found| word(&CLASSIFICATIONS, &found))),
        "determination" => json!(handling.determination.and_then(|found| word(&DETERMINATIONS, &found))),
        "investigationState" => json!(word(&INVESTIGATIONS, &handling.investigation)),
        "resolvedTime" => json!(handling.resolved_at.map(written_time)),
        "lastEventTime" => json!(written_time(alert.last_event_at(now))),
        "lastUpdateTime" => json!(coarse_time(alert.updated_at(now))),
        "machineId" | "computerDnsName" | "rbacGroupName" | "loggedOnUsers" if alert.device_at > now => Value::Null,
        "relatedUser" if shown => user(alert).map_or(Value::Null, |(account, domain)| {
            json!({"userName": account, "domainName": domain})
        }),
        "evidence" => Value::Array(if shown { evidence::rows(alert) } else { Vec::new() }),
        "comments" => handling
            .comments
            .iter()
            .map(|comment| {
                json!({"comment": comment.text, "createdBy": comment.by, "createdTime": written_time(comment.at)})
            })
            .collect(),
        name => fixed(of.tenant, alert, name),
    }
}

/// What does not change once the alert is there.
fn fixed(tenant: &Tenant, alert: &Alert, name: &str) -> Value {
    let device = &alert.device;
    let by_engine = |text: &str| if alert.source == ENGINE { json!(text) } else { Value::Null };
    match name {
        "id" => json!(alert.full_id()),
        "incidentId" => json!(tenant.incident_of(alert)),
        "investigationId" => json!(alert.investigation),
        "severity" => json!(alert.severity),
        "detectionSource" => json!(alert.source),
        "detectorId" => json!(alert.detector),
        "category" => json!(alert.category),
        "threatFamilyName" => by_engine("CustomEnterpriseBlock"),
        "threatName" => by_engine("EUS:Win32/CustomEnterpriseBlock!cl"),
        "title" => json!(alert.title),
        "description" => json!(alert.description),
        "alertCreationTime" => json!(written_time(alert.visible_at)),
        "firstEventTime" => json!(written_time(alert.first_event_at)),
        "machineId" => json!(device.id),
        "computerDnsName" => json!(device.name.to_lowercase()),
        "rbacGroupName" => json!(device.group.as_ref().map(|group| &group.name)),
        "aadTenantId" => json!(tenant.id()),
        "mitreTechniques" => json!(alert.techniques),
        "loggedOnUsers" => {
            let (account, domain) = device.user();
            json!([{"accountName": account, "domainName": domain}])
        }
        "domains" => json!([]),
        _ => Value::Null,
    }
}

/// The account and domain of the user that an alert names.
pub(super) fn user(alert: &Alert) -> Option<(&str, &str)> {
    alert.entities.iter().find_map(|entity| match entity {
        tenant::evidence::Entity::User { account, domain } => Some((account.as_str(), domain.as_str())),
        _ => None,
    })
}

/// A moment as the service's database holds it: to a third of a hundredth of a second, written with up to seven digits.
pub(in crate::emulator::faces::endpoint) fn coarse_time(time: Timestamp) -> String {
    const STEPS: i128 = 300;
    const SECOND: i128 = 1_000_000_000;
    let (second, part) = (time.as_nanosecond().div_euclid(SECOND), time.as_nanosecond().rem_euclid(SECOND));
    let step = (part * STEPS + SECOND / 2) / SECOND;
    let second = i64::try_from(second + step / STEPS).ok().and_then(|second| Timestamp::from_second(second).ok());
    let Some(second) = second else { return written_time(time) };
    let ticks = (step % STEPS * 10_000_000 + STEPS / 2) / STEPS;
    let mut text = TimeZone::UTC.to_datetime(second).strftime("%Y-%m-%dT%H:%M:%S").to_string();
    if ticks > 0 {
        let fraction = format!("{ticks:07}");
        let _ = write!(text, ".{}", fraction.trim_end_matches('0'));
    }
    text.push('Z');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coarse_time_is_one_that_the_database_can_hold() {
        for (given, written) in [
            ("2023-05-01T13:23:23.1058311Z", "2023-05-01T13:23:23.1066667Z"),
            ("2023-05-01T13:23:23.2733Z", "2023-05-01T13:23:23.2733333Z"),
            ("2023-05-01T13:23:23.57Z", "2023-05-01T13:23:23.57Z"),
            ("2023-05-01T13:23:23Z", "2023-05-01T13:23:23Z"),
            ("2023-05-01T13:23:59.9999Z", "2023-05-01T13:24:00Z"),
            ("1969-12-31T23:59:58.9999Z", "1969-12-31T23:59:59Z"),
        ] {
            assert_eq!(coarse_time(given.parse().expect("a moment")), written, "{given}");
        }
        coarse_time(Timestamp::MIN);
        coarse_time(Timestamp::MAX);
    }
}
