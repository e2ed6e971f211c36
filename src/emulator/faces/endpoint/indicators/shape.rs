//! An indicator as it is written: the 31 members recorded in 2023, in their order. The documented resource has others.

use serde_json::{Map, Value, json};

use crate::emulator::{
    faces::{endpoint::reply::Row, written_time},
    odata::{
        lazy::Entity,
        schema::{Allowed, Dialect, Rules, Schema},
        value::{Enumeration, Type},
    },
    tenant::{
        custom::{Custom, Source},
        shelf::Stored,
    },
};

static TYPE: Enumeration = Enumeration {
    name: "microsoft.windowsDefenderATP.api.IndicatorType",
    members: &["FileSha1", "FileSha256", "FileMd5", "CertificateThumbprint", "IpAddress", "DomainName", "Url"],
};

static ACTION: Enumeration = Enumeration {
    name: "microsoft.windowsDefenderATP.api.AlertAction",
    members: &["Warn", "Block", "Audit", "Alert", "AlertAndBlock", "BlockAndRemediate", "Allowed"],
};

static SEVERITY: Enumeration = Enumeration {
    name: "microsoft.windowsDefenderATP.api.IndicatorSeverity",
    members: &["Informational", "Low", "Medium", "High"],
};

static RULES: Rules = Rules {
    dialect: Dialect::Endpoint,
    filter: Allowed::Documented(&[
        "application",
        "createdByDisplayName",
        "expirationTime",
        "generateAlert",
        "title",
        "rbacGroupNames",
        "rbacGroupIds",
        "indicatorValue",
        "indicatorType",
        "creationTimeDateTimeUtc",
        "createdBy",
        "action",
        "severity",
    ]),
    order: Allowed::All,
    expand: &[],
    most_top: Some(10_000),
};

/// The properties of an indicator.
pub(in crate::emulator::faces::endpoint) static INDICATOR: Schema = Schema::of(
    "microsoft.windowsDefenderATP.api.Indicator",
    &[
        ("id", Type::Text),
        ("indicatorValue", Type::Text),
        ("indicatorType", Type::Enum(&TYPE)),
        ("action", Type::Enum(&ACTION)),
        ("createdBy", Type::Text),
        ("severity", Type::Enum(&SEVERITY)),
        ("category", Type::Int),
        ("application", Type::Text),
        ("educateUrl", Type::Text),
        ("bypassDurationHours", Type::Int),
        ("title", Type::Text),
        ("description", Type::Text),
        ("recommendedActions", Type::Text),
        ("creationTimeDateTimeUtc", Type::Time),
        ("expirationTime", Type::Time),
        ("lastUpdateTime", Type::Time),
        ("lastUpdatedBy", Type::Text),
        ("rbacGroupNames", Type::Many(&Type::Text)),
        ("rbacGroupIds", Type::Many(&Type::Text)),
        ("notificationId", Type::Text),
        ("notificationBody", Type::Text),
        ("version", Type::Text),
        ("mitreTechniques", Type::Many(&Type::Text)),
        ("historicalDetection", Type::Bool),
        ("lookBackPeriod", Type::Text),
        ("generateAlert", Type::Bool),
        ("additionalInfo", Type::Text),
        ("createdByDisplayName", Type::Text),
        ("externalId", Type::Text),
        ("createdBySource", Type::Text),
        ("certificateInfo", Type::Text),
    ],
    &RULES,
);

impl Entity for &Stored<Custom> {
    fn member(&self, name: &str) -> Value {
        member(self, name)
    }

    fn whole(&self) -> Row {
        row(self)
    }
}

/// The indicator as it is written.
pub(super) fn row(stored: &Stored<Custom>) -> Row {
    INDICATOR.properties.iter().map(|(name, _)| ((*name).to_owned(), member(stored, name))).collect::<Map<_, _>>()
}

fn member(stored: &Stored<Custom>, name: &str) -> Value {
    let custom = &stored.content;
    match name {
        "id" => json!(stored.id.to_string()),
        "indicatorValue" => json!(custom.value),
        "indicatorType" => json!(custom.kind.as_str()),
        "action" => json!(custom.action.as_str()),
        "createdBy" => json!(stored.created_by),
        "severity" => json!(custom.severity.as_str()),
        "category" => json!(custom.category),
        "title" => json!(custom.title),
        "description" => json!(custom.description),
        "recommendedActions" => json!(custom.recommended_actions),
        "creationTimeDateTimeUtc" => json!(written_time(stored.created_at)),
        "expirationTime" => json!(custom.expires_at.map(written_time)),
        "lastUpdateTime" => json!(written_time(stored.last_modified_at.unwrap_or(stored.created_at))),
        "lastUpdatedBy" => json!(stored.last_modified_by),
        "rbacGroupNames" => json!(custom.groups),
        "rbacGroupIds" => json!(custom.group_ids),
        "mitreTechniques" => json!(custom.techniques),
        "generateAlert" => json!(custom.generate_alert),
        "createdByDisplayName" => json!(custom.author),
        "createdBySource" => json!(source(custom.source)),
        "historicalDetection" => custom.carried.get(name).cloned().unwrap_or(Value::Bool(false)),
        carried => custom.carried.get(carried).cloned().unwrap_or(Value::Null),
    }
}

fn source(source: Source) -> &'static str {
    match source {
        Source::Portal => "Portal",
        Source::PublicApi => "PublicApi",
    }
}
