//! The evidence of an alert: 26 members a row, always all of them (recorded in 2023).

use serde_json::{Value, json};

use crate::emulator::{
    faces::{endpoint::reply::Row, written_time},
    tenant::{alerts::Alert, evidence::Entity},
};

/// The members of a row, in their order; `registryValueName` is not documented.
const MEMBERS: [&str; 26] = [
    "entityType",
    "evidenceCreationTime",
    "sha1",
    "sha256",
    "fileName",
    "filePath",
    "processId",
    "processCommandLine",
    "processCreationTime",
    "parentProcessId",
    "parentProcessCreationTime",
    "parentProcessFileName",
    "parentProcessFilePath",
    "ipAddress",
    "url",
    "registryKey",
    "registryHive",
    "registryValueType",
    "registryValue",
    "registryValueName",
    "accountName",
    "domainName",
    "userSid",
    "aadUserId",
    "userPrincipalName",
    "detectionStatus",
];

/// The rows of an alert's evidence.
pub(super) fn rows(alert: &Alert) -> Vec<Value> {
    let made_at = json!(written_time(alert.visible_at));
    let row = |entity: &Entity| {
        let (of, known) = known(entity);
        let mut row: Row = MEMBERS.iter().map(|name| ((*name).to_owned(), Value::Null)).collect();
        row["entityType"] = json!(of);
        row["evidenceCreationTime"] = made_at.clone();
        for (name, value) in known {
            row[name] = json!(value);
        }
        Value::Object(row)
    };
    alert.entities.iter().map(row).collect()
}

/// What a row says of an entity. A name that was looked up is shown as a URL: there is no row of its own for it.
fn known(entity: &Entity) -> (&'static str, Vec<(&'static str, String)>) {
    match entity {
        Entity::File { name, sha1, sha256, .. } => (
            "File",
            vec![
                ("sha1", sha1.clone()),
                ("sha256", sha256.clone()),
                ("fileName", name.clone()),
                ("detectionStatus", "Detected".into()),
            ],
        ),
        Entity::Process { name } => {
            ("Process", vec![("fileName", name.clone()), ("detectionStatus", "Detected".into())])
        }
        Entity::Url(url) | Entity::Dns(url) => ("Url", vec![("url", url.clone())]),
        Entity::Ip(address) => ("Ip", vec![("ipAddress", address.to_string())]),
        Entity::User { account, domain } => {
            ("User", vec![("accountName", account.clone()), ("domainName", domain.clone())])
        }
    }
}
