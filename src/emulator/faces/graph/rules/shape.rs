//! A rule as Graph writes it, in the members of the generations that there are.

use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use crate::emulator::{
    faces::{
        graph::rules::{draft::Generation, old},
        written_time,
    },
    noise,
    tenant::{
        Tenant,
        rules::{
            entities::KINDS,
            rule::{Rule, Status, StoredRule, Template},
        },
    },
};

/// The members of a rule.
pub(super) fn rule(tenant: &Tenant, stored: &StoredRule, generation: Generation) -> Map<String, Value> {
    let rule = &stored.rule;
    let mut body = Map::new();
    let mut put = |name: &str, value: Value| drop(body.insert(name.to_owned(), value));
    put("id", json!(rule.id));
    put("displayName", json!(rule.name));
    if generation.has_b() {
        put("description", json!(rule.description));
        put("status", json!(status(rule.status)));
    }
    if generation.has_a() {
        put("isEnabled", json!(rule.status == Status::Enabled));
    }
    put("createdBy", json!(stored.created_by));
    put("createdDateTime", json!(written_time(stored.created_at)));
    put("lastModifiedBy", json!(stored.last_modified_by));
    put("lastModifiedDateTime", json!(written_time(stored.last_modified_at)));
    if generation.has_a() {
        put("detectorId", json!(noise::guid(tenant.seed(), &["rule", &rule.id])));
    }
    put("queryCondition", condition(stored, generation));
    put("schedule", schedule(stored, generation));
    if generation.has_a() {
        put("lastRunDetails", last_run(stored));
    }
    put("detectionAction", action(rule, generation));
    body
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Enabled => "enabled",
        Status::Disabled => "disabled",
        Status::AutoDisabled => "autoDisabled",
    }
}

fn condition(stored: &StoredRule, generation: Generation) -> Value {
    let mut condition = json!({"queryText": stored.rule.query});
    if generation.has_a() {
        condition["lastModifiedDateTime"] = json!(written_time(stored.last_modified_at));
    }
    condition
}

fn schedule(stored: &StoredRule, generation: Generation) -> Value {
    let rule = &stored.rule;
    let mut schedule = json!({});
    if generation.has_b() {
        schedule["frequency"] = json!(duration(rule.frequency));
        if let Some(lookback) = rule.lookback {
            schedule["lookback"] = json!(duration(lookback));
        }
    }
    if generation.has_a() {
        schedule["period"] = json!(old::period_of(rule.frequency));
        schedule["nextRunDateTime"] = json!(written_time(stored.next_run.unwrap_or(stored.created_at)));
    }
    schedule
}

/// All of it is null until the rule has run.
fn last_run(stored: &StoredRule) -> Value {
    let (at, status, code) = match stored.last_run {
        None => (None, None, None),
        Some((at, true)) => (Some(written_time(at)), Some("completed"), None),
        Some((at, false)) => (Some(written_time(at)), Some("failed"), Some("queryLimitsExceeded")),
    };
    json!({"lastRunDateTime": at, "status": status, "failureReason": null, "errorCode": code})
}

fn action(rule: &Rule, generation: Generation) -> Value {
    let mut action = json!({"alertTemplate": template(&rule.template, generation)});
    let kept = &rule.actions;
    if generation.has_b() {
        action["automatedActions"] = json!(kept.automated_actions);
    }
    action["organizationalScope"] = json!(kept.organizational_scope);
    if generation.has_a() {
        action["responseActions"] = kept.response_actions.clone().unwrap_or_else(|| json!([]));
    }
    if let Some(configuration) = &kept.incident_configuration {
        action["incidentConfiguration"] = configuration.clone();
    }
    action
}

fn template(template: &Template, generation: Generation) -> Value {
    let mut body = json!({
        "title": template.title, "description": template.description, "severity": template.severity,
    });
    if generation.has_a() {
        body["category"] = json!(template.category);
    }
    body["recommendedActions"] = json!(template.recommended_actions);
    if generation.has_a() {
        let techniques = template
            .techniques
            .iter()
            .flat_map(|(technique, below)| if below.is_empty() { vec![technique.clone()] } else { below.clone() });
        body["mitreTechniques"] = techniques.collect();
        let asset = |(asset, identifier): &(String, String)| json!({"@odata.type": format!("#microsoft.graph.security.{asset}"), "identifier": identifier});
        body["impactedAssets"] = template.impacted_assets.iter().map(asset).collect();
    }
    if generation.has_b() {
        body["tactics"] = tactics(template);
        body["entityMappings"] = mappings(template);
        let details = template.custom_details.iter().map(|(name, column)| (name.clone(), json!(column)));
        body["customDetails"] = Value::Object(details.collect());
    }
    body
}

fn tactics(template: &Template) -> Value {
    if template.category.is_empty() || old::CATEGORIES.contains(&template.category.as_str()) {
        return json!([]);
    }
    let technique =
        |(technique, below): &(String, Vec<String>)| json!({"technique": technique, "subTechniques": below});
    let techniques: Vec<_> = template.techniques.iter().map(technique).collect();
    json!([{"tactic": template.category, "techniques": techniques}])
}

/// Every collection, also those of nothing: empty arrays are kept.
fn mappings(template: &Template) -> Value {
    let mut body = Map::new();
    for kind in KINDS.iter().filter(|kind| kind.collection != "registryKeys") {
        let of_kind = template.mappings.iter().filter(|mapping| mapping.kind == kind);
        let item = |mapping: &crate::emulator::tenant::rules::rule::Mapping| {
            let told = |identifier: &&str| {
                let column = mapping.columns.iter().find(|(known, _)| known == identifier).map(|(_, column)| column);
                (format!("{identifier}Column"), json!(column))
            };
            Value::Object(kind.identifiers.iter().map(told).collect())
        };
        body.insert(kind.collection.to_owned(), of_kind.map(item).collect());
    }
    Value::Object(body)
}

/// A duration as .NET writes one: days, then the rest of a day.
fn duration(span: SignedDuration) -> String {
    let seconds = span.as_secs();
    if seconds == 0 {
        return "PT0S".to_owned();
    }
    let (days, hours, minutes, rest) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    let part = |count: i64, letter: &str| if count == 0 { String::new() } else { format!("{count}{letter}") };
    let time = [part(hours, "H"), part(minutes, "M"), part(rest, "S")].concat();
    let time = if time.is_empty() { time } else { format!("T{time}") };
    format!("P{}{time}", part(days, "D"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_has_days_and_the_rest_of_one() {
        for (seconds, written) in
            [(0, "PT0S"), (3_600, "PT1H"), (86_400, "P1D"), (90_061, "P1DT1H1M1S"), (300, "PT5M"), (1_209_600, "P14D")]
        {
            assert_eq!(duration(SignedDuration::from_secs(seconds)), written);
        }
    }
}
