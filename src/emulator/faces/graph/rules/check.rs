//! What a rule's query, columns, entities and words must be to one another.

use std::collections::BTreeSet;

use crate::emulator::{
    faces::graph::{
        refusal::Refusal,
        rules::{draft::Generation, old, template::MANY},
    },
    hunting::{self, RuleQuery},
    knobs::graph::Knobs,
    kql::value::Type,
    tenant::rules::rule::Template,
};

/// The tables that a continuous rule may look at (custom-detection-rules).
const CONTINUOUS: [&str; 20] = [
    "AlertEvidence",
    "CloudAppEvents",
    "DeviceEvents",
    "DeviceFileCertificateInfo",
    "DeviceFileEvents",
    "DeviceImageLoadEvents",
    "DeviceLogonEvents",
    "DeviceNetworkEvents",
    "DeviceNetworkInfo",
    "DeviceInfo",
    "DeviceProcessEvents",
    "DeviceRegistryEvents",
    "EmailAttachmentInfo",
    "EmailEvents",
    "EmailPostDeliveryEvents",
    "EmailUrlInfo",
    "IdentityDirectoryEvents",
    "IdentityLogonEvents",
    "IdentityQueryEvents",
    "UrlClickEvents",
];

/// The query, checked: it must be one, name what there is, and give what an alert is made of. What a continuous rule may
/// not do is refused without words.
pub(super) fn query(text: &str, continuous: bool) -> Result<RuleQuery, Refusal> {
    let query = hunting::rule(text).map_err(|error| Refusal::input(error.rule_sentence()))?;
    let has = |column: &str| query.columns().iter().any(|(name, _)| name == column);
    let timed =
        query.columns().iter().any(|(name, of)| *of == Type::Time && (name == "Timestamp" || name == "TimeGenerated"));
    let mut missing = Vec::new();
    let of_alerts = query.tables().all(|table| table.starts_with("Alert"));
    if !timed {
        missing.push("Timestamp");
    }
    if query.tables().any(|table| table.starts_with("Device")) && !has("DeviceId") {
        missing.push("DeviceId");
    }
    if !of_alerts && !has("ReportId") {
        missing.push("ReportId");
    }
    if !missing.is_empty() {
        let text = format!("The query must return the following column(s): {}.", missing.join(", "));
        return Err(Refusal::input(text));
    }
    let streamed = query.is_single_plain_table() && query.tables().all(|table| CONTINUOUS.contains(&table));
    if continuous && !streamed {
        return Err(Refusal::input(""));
    }
    Ok(query)
}

/// Whether the query gives every column that entities are told by.
pub(super) fn columns(template: &Template, query: &RuleQuery) -> Result<(), Refusal> {
    let given: BTreeSet<&str> = query.columns().iter().map(|(name, _)| name.as_str()).collect();
    let named = template.mappings.iter().flat_map(|mapping| &mapping.columns).map(|(_, column)| column.as_str());
    let missing: BTreeSet<_> = named.filter(|column| !given.contains(column)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let missing: Vec<_> = missing.into_iter().collect();
    Err(Refusal::input(format!(
        "Entity mappings reference the following column(s) which are not projected by the query output: {}..",
        missing.join(", ")
    )))
}

/// Whether every entity can be told from others, and whether an asset or an address is among them. A rule of the first
/// generation tells its assets by one identifier each, and that is enough.
pub(super) fn entities(template: &Template, generation: Generation) -> Result<(), Refusal> {
    if template.mappings.is_empty() {
        let none = if generation.has_b() {
            "At least one of impactedAssets or entityMappings must be provided."
        } else {
            "The ImpactedAssets field is required."
        };
        return Err(Refusal::input(none));
    }
    if template.mappings == old::mappings(&template.impacted_assets) {
        return Ok(());
    }
    for mapping in &template.mappings {
        let told: Vec<_> = mapping.columns.iter().map(|(identifier, _)| *identifier).collect();
        if mapping.kind.is_told_by(&told) {
            continue;
        }
        let column = |identifier: &&str| format!("{identifier}Column");
        let set = |set: &&[&str]| set.iter().map(column).collect::<Vec<_>>().join(" + ");
        let sets: Vec<_> = mapping.kind.sufficient.iter().map(set).collect();
        return Err(Refusal::input(format!(
            "Entity mapping for '{}' is invalid. Set non-empty column values for all fields in at least one of these \
             combinations: {}.",
            mapping.kind.word,
            sets.join("; ")
        )));
    }
    let anchored = template.mappings.iter().any(|mapping| mapping.kind.asset || mapping.kind.collection == "ips");
    if anchored {
        Ok(())
    } else {
        Err(Refusal::input("At least one asset entity (Machine, User, or Mailbox) or an IP entity must be included."))
    }
}

/// Whether there is one tactic at most, and no more holes in the texts than there may be.
pub(super) fn words(template: &Template, knobs: &Knobs) -> Result<(), Refusal> {
    if template.category == MANY {
        return Err(Refusal::input(if knobs.wording == "2026-08" {
            "Only one tactic is currently supported."
        } else {
            "Multiple MITRE tactics are not supported. Specify a single tactic."
        }));
    }
    let mut columns = BTreeSet::new();
    for text in [&template.title, &template.description] {
        columns
            .extend(text.split("{{").skip(1).filter_map(|rest| rest.split_once("}}")).map(|(column, _)| column.trim()));
    }
    if columns.len() > 3 {
        return Err(Refusal::input("Dynamic properties in alertTitle and alertDescription must not exceed 3 fields"));
    }
    Ok(())
}
