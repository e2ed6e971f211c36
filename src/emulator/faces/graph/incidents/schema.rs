//! What a query on incidents may name: seven properties can be filtered by, and alerts can be expanded.

use crate::emulator::{
    faces::graph::vocabulary::{CLASSIFICATION, DETERMINATION, INCIDENT_STATUS, SEVERITY},
    odata::{
        schema::{Allowed, Dialect, Rules, Schema},
        value::Type,
    },
};

static RULES: Rules = Rules {
    filter: Allowed::Only(&[
        "assignedTo",
        "classification",
        "createdDateTime",
        "determination",
        "lastUpdateDateTime",
        "severity",
        "status",
    ]),
    order: Allowed::Only(&["createdDateTime", "lastUpdateDateTime"]),
    expand: &["alerts"],
    ..Rules::of(Dialect::Graph)
};

static PART: Schema = Schema::of("microsoft.graph.security.alertComment", &[], &RULES);

/// The published properties.
pub(super) static INCIDENT: Schema = Schema::of(
    "microsoft.graph.security.incident",
    &[
        ("id", Type::Text),
        ("tenantId", Type::Text),
        ("status", Type::Enum(&INCIDENT_STATUS)),
        ("incidentWebUrl", Type::Text),
        ("redirectIncidentId", Type::Text),
        ("displayName", Type::Text),
        ("createdDateTime", Type::Time),
        ("lastUpdateDateTime", Type::Time),
        ("assignedTo", Type::Text),
        ("classification", Type::Enum(&CLASSIFICATION)),
        ("determination", Type::Enum(&DETERMINATION)),
        ("severity", Type::Enum(&SEVERITY)),
        ("customTags", Type::Many(&Type::Text)),
        ("systemTags", Type::Many(&Type::Text)),
        ("description", Type::Text),
        ("lastModifiedBy", Type::Text),
        ("resolvingComment", Type::Text),
        ("summary", Type::Text),
        ("priorityScore", Type::Int),
        ("comments", Type::Many(&Type::Complex(&PART))),
        ("alerts", Type::Many(&Type::Complex(&PART))),
    ],
    &RULES,
);
