//! What a query on rules may name (the tables of the list page, June 2026).

use crate::emulator::odata::{
    schema::{Allowed, Dialect, Rules, Schema},
    value::{Enumeration, Type},
};

static RULES: Rules = Rules {
    filter: Allowed::Only(&[
        "id",
        "status",
        "isEnabled",
        "createdBy",
        "description",
        "displayName",
        "lastModifiedBy",
        "createdDateTime",
        "lastModifiedDateTime",
        "queryCondition/queryText",
        "schedule/frequency",
        "detectionAction/alertTemplate/title",
        "detectionAction/alertTemplate/description",
        "detectionAction/alertTemplate/category",
        "detectionAction/alertTemplate/recommendedActions",
        "detectionAction/alertTemplate/severity",
    ]),
    order: Allowed::Only(&[
        "id",
        "displayName",
        "status",
        "createdDateTime",
        "lastModifiedDateTime",
        "schedule/frequency",
        "schedule/nextRunDateTime",
    ]),
    ..Rules::of(Dialect::Graph)
};

static STATUS: Enumeration = Enumeration {
    name: "microsoft.graph.security.detectionRuleStatus",
    members: &["enabled", "disabled", "autoDisabled", "unknownFutureValue"],
};

static SEVERITY: Enumeration = Enumeration {
    name: "microsoft.graph.security.alertSeverity",
    members: &["unknown", "informational", "low", "medium", "high", "unknownFutureValue"],
};

static QUERY: Schema = Schema::of(
    "microsoft.graph.security.queryCondition",
    &[("queryText", Type::Text), ("lastModifiedDateTime", Type::Time)],
    &RULES,
);

static SCHEDULE: Schema = Schema::of(
    "microsoft.graph.security.ruleSchedule",
    &[
        ("frequency", Type::Duration),
        ("lookback", Type::Duration),
        ("period", Type::Text),
        ("nextRunDateTime", Type::Time),
    ],
    &RULES,
);

static PART: Schema = Schema::of("microsoft.graph.security.part", &[], &RULES);

static TEMPLATE: Schema = Schema::of(
    "microsoft.graph.security.alertTemplate",
    &[
        ("title", Type::Text),
        ("description", Type::Text),
        ("severity", Type::Enum(&SEVERITY)),
        ("recommendedActions", Type::Text),
        ("category", Type::Text),
        ("tactics", Type::Many(&Type::Complex(&PART))),
        ("entityMappings", Type::Complex(&PART)),
        ("customDetails", Type::Complex(&PART)),
        ("mitreTechniques", Type::Many(&Type::Text)),
        ("impactedAssets", Type::Many(&Type::Complex(&PART))),
    ],
    &RULES,
);

static ACTION: Schema = Schema::of(
    "microsoft.graph.security.detectionAction",
    &[
        ("alertTemplate", Type::Complex(&TEMPLATE)),
        ("automatedActions", Type::Complex(&PART)),
        ("organizationalScope", Type::Complex(&PART)),
        ("responseActions", Type::Many(&Type::Complex(&PART))),
        ("incidentConfiguration", Type::Complex(&PART)),
    ],
    &RULES,
);

/// The members of both generations.
pub(super) static RULE: Schema = Schema::of(
    "microsoft.graph.security.detectionRule",
    &[
        ("id", Type::Text),
        ("displayName", Type::Text),
        ("description", Type::Text),
        ("status", Type::Enum(&STATUS)),
        ("isEnabled", Type::Bool),
        ("createdBy", Type::Text),
        ("createdDateTime", Type::Time),
        ("lastModifiedBy", Type::Text),
        ("lastModifiedDateTime", Type::Time),
        ("detectorId", Type::Text),
        ("queryCondition", Type::Complex(&QUERY)),
        ("schedule", Type::Complex(&SCHEDULE)),
        ("lastRunDetails", Type::Complex(&PART)),
        ("detectionAction", Type::Complex(&ACTION)),
    ],
    &RULES,
);
