//! The tenant's alerts as rows: one of `AlertInfo` for each, and one of `AlertEvidence` for each thing that it names.
//!
//! Both appear when the alert can be read. The columns are published, the words in them are not: those here are what
//! queries that people publish compare with (`Microsoft Defender for Endpoint`, `Custom TI`, `Machine`, `Impacted`), and
//! unsure. The severity is that of the alert, the categories a JSON array, as the column's description says.

use jiff::Timestamp;
use serde_json::{Map, json};

use crate::emulator::{
    hunting::cells::{Cells, row, text},
    kql::value::{Row, Value},
    tenant::{Tenant, alerts::Alert, custom::ENGINE, evidence::Entity, rules::entities::Named},
};

/// Whether alerts are what this table holds.
pub(super) fn are_in(table: &str) -> bool {
    matches!(table, "AlertInfo" | "AlertEvidence")
}

/// The rows of the alerts that could first be read from `from` to `until`, the oldest first.
pub(super) fn rows(tenant: &Tenant, table: &str, (from, until): (Timestamp, Timestamp), now: Timestamp) -> Vec<Row> {
    let mut alerts: Vec<_> =
        tenant.alerts(now).filter(|alert| from <= alert.visible_at && alert.visible_at <= until).collect();
    alerts.reverse();
    if table == "AlertInfo" {
        return alerts.into_iter().map(|alert| row(table, info(alert))).collect();
    }
    let named = |alert: &Alert| -> Vec<Row> {
        evidence(alert, now)
            .into_iter()
            .map(|of_entity| {
                let mut cells = common(alert);
                cells.insert("Categories", text(json!([alert.category]).to_string()));
                cells.extend(of_entity);
                row(table, cells)
            })
            .collect()
    };
    alerts.into_iter().flat_map(named).collect()
}

/// What an alert was raised by, as the tables word it.
fn detected_by(source: &str) -> &str {
    match source {
        "CustomerTI" => "Custom TI",
        "CustomDetection" => "Custom detection",
        ENGINE => "Antivirus",
        other => other,
    }
}

fn common(alert: &Alert) -> Cells {
    let techniques = if alert.techniques.is_empty() { String::new() } else { json!(alert.techniques).to_string() };
    Cells::from([
        ("Timestamp", Value::Time(alert.visible_at)),
        ("AlertId", text(alert.full_id())),
        ("Title", text(&alert.title)),
        ("Severity", text(&alert.severity)),
        ("ServiceSource", text("Microsoft Defender for Endpoint")),
        ("DetectionSource", text(detected_by(&alert.source))),
        ("AttackTechniques", text(techniques)),
    ])
}

fn info(alert: &Alert) -> Cells {
    let mut cells = common(alert);
    cells.insert("Category", text(&alert.category));
    cells
}

/// What tells each thing that an alert names, once its evidence can be read.
fn evidence(alert: &Alert, now: Timestamp) -> Vec<Cells> {
    let (has_device, has_things) = (alert.evidence_has_device(now), alert.evidence_has_things(now));
    if let Some(named) = &alert.named {
        let told = named.iter().filter(|named| if named.is_device() { has_device } else { has_things });
        return told.map(of_named).collect();
    }
    let device = Cells::from([
        ("EntityType", text("Machine")),
        ("EvidenceRole", text("Impacted")),
        ("DeviceId", text(&alert.device.id)),
        ("DeviceName", text(alert.device.name.to_ascii_lowercase())),
        ("LocalIP", text(alert.device.address.to_string())),
    ]);
    let mut all: Vec<_> = has_device.then_some(device).into_iter().collect();
    all.extend(alert.entities.iter().filter(|_| has_things).map(|entity| {
        let mut cells = of_entity(entity);
        cells.insert("EvidenceRole", text("Related"));
        cells
    }));
    all
}

fn of_entity(entity: &Entity) -> Cells {
    match entity {
        Entity::File { name, sha1, sha256, .. } => Cells::from([
            ("EntityType", text("File")),
            ("FileName", text(name)),
            ("SHA1", text(sha1)),
            ("SHA256", text(sha256)),
        ]),
        Entity::Process { name } => Cells::from([("EntityType", text("Process")), ("FileName", text(name))]),
        Entity::Url(url) => Cells::from([("EntityType", text("Url")), ("RemoteUrl", text(url))]),
        Entity::Ip(address) => Cells::from([("EntityType", text("Ip")), ("RemoteIP", text(address.to_string()))]),
        Entity::Dns(name) => Cells::from([("EntityType", text("Dns")), ("RemoteUrl", text(name))]),
        Entity::User { account, domain } => {
            Cells::from([("EntityType", text("User")), ("AccountName", text(account)), ("AccountDomain", text(domain))])
        }
    }
}

/// The column that holds what a rule or a caller tells of a thing; the rest stands in `AdditionalFields` alone.
const COLUMNS: [(&str, &str, &str); 18] = [
    ("hosts", "deviceId", "DeviceId"),
    ("hosts", "name", "DeviceName"),
    ("accounts", "aadUserId", "AccountObjectId"),
    ("accounts", "sid", "AccountSid"),
    ("accounts", "upn", "AccountUpn"),
    ("accounts", "name", "AccountName"),
    ("accounts", "ntDomain", "AccountDomain"),
    ("ips", "address", "RemoteIP"),
    ("urls", "address", "RemoteUrl"),
    ("files", "name", "FileName"),
    ("files", "sha1", "SHA1"),
    ("files", "sha256", "SHA256"),
    ("processes", "sha1", "SHA1"),
    ("processes", "sha256", "SHA256"),
    ("dns", "domainName", "RemoteUrl"),
    ("mailMessages", "networkMessageId", "NetworkMessageId"),
    ("registryKeys", "key", "RegistryKey"),
    ("registryValues", "valueName", "RegistryValueName"),
];

fn of_named(named: &Named) -> Cells {
    let role = if named.impacted.unwrap_or(named.kind.asset) { "Impacted" } else { "Related" };
    let word = match named.kind.word {
        "IP" => "Ip",
        "URL" => "Url",
        "DNS" => "Dns",
        word => word,
    };
    let told: Map<_, _> = named.values.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    let mut cells = Cells::from([
        ("EntityType", text(word)),
        ("EvidenceRole", text(role)),
        ("AdditionalFields", text(json!(told).to_string())),
    ]);
    cells.extend(named.values.iter().filter_map(|(name, value)| {
        let of = |row: &&(&str, &str, &'static str)| (row.0, row.1) == (named.kind.collection, *name);
        COLUMNS.iter().find(of).map(|(.., column)| (*column, text(value)))
    }));
    cells
}
