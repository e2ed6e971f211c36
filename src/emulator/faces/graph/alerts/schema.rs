//! What a query on alerts may name. Eight properties can be filtered by; that one more can, and that alerts can be put
//! in order, is what clients believe and no page says: a knob decides.

use crate::emulator::{
    faces::graph::vocabulary::{CLASSIFICATION, DETECTION_SOURCE, DETERMINATION, SERVICE_SOURCE, SEVERITY, STATUS},
    odata::{
        schema::{Allowed, Dialect, Rules, Schema},
        value::Type,
    },
};

const FILTERS: &[&str] = &[
    "assignedTo",
    "classification",
    "determination",
    "createdDateTime",
    "lastUpdateDateTime",
    "severity",
    "serviceSource",
    "status",
];

static DOCUMENTED_RULES: Rules =
    Rules { filter: Allowed::Only(FILTERS), order: Allowed::Only(&[]), ..Rules::of(Dialect::Graph) };

static WIDE_RULES: Rules = Rules {
    filter: Allowed::Only(&[
        "assignedTo",
        "classification",
        "determination",
        "createdDateTime",
        "lastUpdateDateTime",
        "severity",
        "serviceSource",
        "status",
        "detectionSource",
    ]),
    order: Allowed::Only(&["createdDateTime", "lastUpdateDateTime", "severity", "status"]),
    ..Rules::of(Dialect::Graph)
};

const NAME: &str = "microsoft.graph.security.alert";

const TEXTS: Type = Type::Many(&Type::Text);

/// Whatever has members of its own.
static PART: Schema = Schema::of("microsoft.graph.security.dictionary", &[], &DOCUMENTED_RULES);
const PARTS: Type = Type::Many(&Type::Complex(&PART));

/// The properties, in the order in which they are written.
pub(super) const PROPERTIES: &[(&str, Type)] = &[
    ("id", Type::Text),
    ("providerAlertId", Type::Text),
    ("incidentId", Type::Text),
    ("status", Type::Enum(&STATUS)),
    ("severity", Type::Enum(&SEVERITY)),
    ("classification", Type::Enum(&CLASSIFICATION)),
    ("determination", Type::Enum(&DETERMINATION)),
    ("serviceSource", Type::Enum(&SERVICE_SOURCE)),
    ("detectionSource", Type::Enum(&DETECTION_SOURCE)),
    ("productName", Type::Text),
    ("detectorId", Type::Text),
    ("tenantId", Type::Text),
    ("title", Type::Text),
    ("description", Type::Text),
    ("recommendedActions", Type::Text),
    ("category", Type::Text),
    ("categories", TEXTS),
    ("assignedTo", Type::Text),
    ("alertWebUrl", Type::Text),
    ("incidentWebUrl", Type::Text),
    ("actorDisplayName", Type::Text),
    ("threatDisplayName", Type::Text),
    ("threatFamilyName", Type::Text),
    ("mitreTechniques", TEXTS),
    ("createdDateTime", Type::Time),
    ("lastUpdateDateTime", Type::Time),
    ("resolvedDateTime", Type::Time),
    ("firstActivityDateTime", Type::Time),
    ("lastActivityDateTime", Type::Time),
    ("systemTags", TEXTS),
    ("alertPolicyId", Type::Text),
    ("investigationState", Type::Text),
    ("comments", PARTS),
    ("customDetails", Type::Complex(&PART)),
    ("evidence", PARTS),
    ("additionalData", Type::Complex(&PART)),
];

/// What the pages say.
pub(super) static DOCUMENTED: Schema = Schema::of(NAME, PROPERTIES, &DOCUMENTED_RULES);

/// What clients send as well.
pub(super) static WIDE: Schema = Schema::of(NAME, PROPERTIES, &WIDE_RULES);
