//! From a row that a rule finds to its alert: the template with the row's values, and the things that are mapped.

use std::{net::IpAddr, sync::Arc};

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::emulator::{
    detection::Activity,
    hunting::Row,
    kql::value::Value,
    noise, propagation,
    tenant::{
        Tenant,
        alerts::{Alert, Origin},
        devices::{Device, Telemetry},
        evidence::Entity,
        observing::{Merging, raise_or_join},
        rules::{
            entities::Named,
            rule::{Rule, Template},
            running::shown_after,
        },
    },
};

/// What a row says.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// When it happened.
    pub(super) at: Timestamp,
    /// What is the same only for the same row.
    pub(super) mark: [u8; 16],
    /// What is the same for rows that share an alert.
    key: [u8; 16],
    device: Device,
    activity: Activity,
    title: String,
    description: String,
    details: Vec<(String, String)>,
    named: Vec<Named>,
}

impl Found {
    /// What `row` says; `now` is the moment of the run.
    pub(super) fn new(tenant: &Tenant, rule: &Arc<Rule>, row: &Row, now: Timestamp) -> Self {
        let template = &rule.template;
        let at = match row.get("Timestamp").or_else(|| row.get("TimeGenerated")) {
            Some(Value::Time(at)) => (*at).min(now),
            _ => now,
        };
        let event = event(tenant, row);
        let device = device(tenant, row, event);
        let details: Vec<_> =
            template.custom_details.iter().map(|(name, column)| (name.clone(), text(row, column))).collect();
        let (title, description) = (filled(&template.title, row), filled(&template.description, row));
        let named = named(template, row);
        let key = digest(&[&rule.id, &title, &description, &format!("{details:?}"), &told(&named)]);
        let mark = digest(&[&noise::hex(&key), &text(row, "ReportId"), &device.id, &at.to_string()]);
        let nothing = || Activity::Connection { host: None, address: None, port: 0, url: None, process: String::new() };
        let activity = event.map_or_else(nothing, |telemetry| telemetry.event.activity.clone());
        Self { at, mark, key, device, activity, title, description, details, named }
    }

    fn alert(self, tenant: &Tenant, rule: &Rule, visible_at: Timestamp) -> Alert {
        let template = &rule.template;
        let alert = Alert::new(Origin::Rule(rule.id.clone()), self.device, self.activity, self.at, visible_at);
        Alert {
            group: format!("rule {}\n{}", rule.id, noise::hex(&self.key)),
            detector: noise::guid(tenant.seed, &["rule", &rule.id]),
            title: self.title,
            severity: template.severity.clone(),
            category: template.category.clone(),
            description: self.description,
            recommended_action: Some(template.recommended_actions.clone().unwrap_or_default()),
            source: "CustomDetection".to_owned(),
            entities: self.named.iter().filter_map(entity).collect(),
            named: Some(self.named),
            techniques: techniques(template),
            custom_details: self.details,
            evidence_at: propagation::after(visible_at, tenant.knobs.handling.evidence),
            ..alert
        }
    }
}

/// Raises the alerts of what a run found, to be read from `visible_at` on: no more new ones than a run may. Returns the
/// ids of what was raised or joined.
pub(super) fn raise(tenant: &mut Tenant, rule: &Rule, found: Vec<Found>, visible_at: Timestamp) -> Vec<String> {
    let (window, most) = (tenant.knobs.graph.suppression, tenant.knobs.graph.alerts_per_run);
    let mut raised = Vec::new();
    let mut keys = std::collections::BTreeSet::new();
    for found in found {
        let new = !keys.contains(&found.key);
        if new && keys.len() >= most {
            continue;
        }
        keys.insert(found.key);
        let merging = Merging { window, shown_after: shown_after(found.at, visible_at) };
        let alert = found.alert(tenant, rule, visible_at);
        raised.extend(raise_or_join(tenant, alert, merging));
    }
    raised
}

/// The event that a row is of, by its number.
fn event<'a>(tenant: &'a Tenant, row: &Row) -> Option<&'a Telemetry> {
    let Some(Value::Int(number)) = row.get("ReportId") else { return None };
    tenant.devices.event(u64::try_from(*number).ok()?)
}

fn device(tenant: &Tenant, row: &Row, event: Option<&Telemetry>) -> Device {
    let by_event = event.and_then(|telemetry| tenant.device(&telemetry.event.device));
    let by_name = || row.get("DeviceName").and_then(Value::as_str).and_then(|name| tenant.device(name));
    by_event.or_else(by_name).cloned().unwrap_or_else(Device::nameless)
}

/// What stands in a column, as text; nothing where there is none.
fn text(row: &Row, column: &str) -> String {
    match row.get(column) {
        None | Some(Value::Null) => String::new(),
        Some(value) => match value.as_str() {
            Some(text) => text.to_owned(),
            None => match value.to_json() {
                serde_json::Value::String(text) => text,
                serde_json::Value::Null => String::new(),
                json => json.to_string(),
            },
        },
    }
}

/// A template's text with the row's values in its holes.
fn filled(template: &str, row: &Row) -> String {
    let (mut filled, mut rest) = (String::new(), template);
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((column, behind)) = after.split_once("}}") else { break };
        filled.push_str(before);
        filled.push_str(&text(row, column.trim()));
        rest = behind;
    }
    filled.push_str(rest);
    filled.chars().take(LONGEST_TEXT).collect()
}

/// Longer titles and descriptions are cut, so that memory stays bounded.
const LONGEST_TEXT: usize = 10_000;

/// The things that are mapped and that the row has.
fn named(template: &Template, row: &Row) -> Vec<Named> {
    let mut found: Vec<Named> = Vec::new();
    for mapping in &template.mappings {
        let values = mapping.columns.iter().map(|(identifier, column)| (*identifier, text(row, column)));
        let values: Vec<_> = values.filter(|(_, value)| !value.is_empty()).collect();
        let named = Named { kind: mapping.kind, values, impacted: None };
        if !named.values.is_empty() && !found.contains(&named) {
            found.push(named);
        }
    }
    found
}

fn told(named: &[Named]) -> String {
    let told = named.iter().map(|named| format!("{} {:?}\n", named.kind.collection, named.values));
    told.collect()
}

/// Every sub-technique, and every technique that has none.
fn techniques(template: &Template) -> Vec<String> {
    let each = template
        .techniques
        .iter()
        .flat_map(|(technique, below)| if below.is_empty() { vec![technique.clone()] } else { below.clone() });
    each.collect()
}

/// What of it the services that know no other things name.
fn entity(named: &Named) -> Option<Entity> {
    let get = |identifier| named.get(identifier).unwrap_or_default().to_owned();
    match named.kind.collection {
        "ips" => named.get("address")?.parse::<IpAddr>().ok().map(Entity::Ip),
        "urls" => Some(Entity::Url(get("address"))),
        "files" => {
            Some(Entity::File { name: get("name"), sha1: get("sha1"), sha256: get("sha256"), md5: String::new() })
        }
        "dns" => Some(Entity::Dns(get("domainName"))),
        "accounts" => Some(Entity::User { account: get("name"), domain: get("ntDomain") }),
        _ => None,
    }
}

fn digest(parts: &[&str]) -> [u8; 16] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    let whole: [u8; 32] = hash.finalize().into();
    let mut half = [0; 16];
    half.copy_from_slice(&whole[..16]);
    half
}
