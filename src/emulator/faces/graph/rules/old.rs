//! The members of the first generation: they leave the API in October 2026.

use jiff::SignedDuration;
use serde_json::{Map, Value};

use crate::emulator::{
    faces::graph::{
        refusal::Refusal,
        rules::members::{object, wrong},
    },
    tenant::rules::{
        entities::EntityKind,
        rule::{Mapping, Status},
    },
};

pub(super) fn status(value: &Value) -> Result<Status, Refusal> {
    let enabled = value.as_bool().ok_or_else(|| wrong("IsEnabled"))?;
    Ok(if enabled { Status::Enabled } else { Status::Disabled })
}

/// The periods, in hours.
const PERIODS: [(&str, i64); 5] = [("0", 0), ("1H", 1), ("3H", 3), ("12H", 12), ("24H", 24)];

pub(super) fn period(value: &Value) -> Result<SignedDuration, Refusal> {
    let text = value.as_str().ok_or_else(|| wrong("Period"))?;
    let known = PERIODS.iter().find(|(name, _)| *name == text);
    known.map(|(_, hours)| SignedDuration::from_hours(*hours)).ok_or_else(|| {
        let shown: String = text.chars().take(100).collect();
        Refusal::input(format!(
            "Schedule.Period '{shown}' is not in a recognized format. Valid formats are 0, 1H, 3H, 12H, 24H."
        ))
    })
}

/// A frequency as a period; one that has none is custom, which cannot be sent back.
pub(super) fn period_of(frequency: SignedDuration) -> &'static str {
    let known = PERIODS.iter().find(|(_, hours)| SignedDuration::from_hours(*hours) == frequency);
    known.map_or("Custom", |(name, _)| name)
}

/// The categories that are no tactics.
pub(super) const CATEGORIES: [&str; 4] = ["Malware", "Ransomware", "SuspiciousActivity", "UnwantedSoftware"];

const ACTIONS: [&str; 16] = [
    "isolateDevice",
    "blockFile",
    "allowFile",
    "stopAndQuarantineFile",
    "runAntivirusScan",
    "initiateInvestigation",
    "collectInvestigationPackage",
    "restrictAppExecution",
    "disableUser",
    "forceUserPasswordReset",
    "markUserAsCompromised",
    "hardDelete",
    "softDelete",
    "moveToJunk",
    "moveToInbox",
    "moveToDeletedItems",
];

/// What is done when a rule finds something: kept as it was sent, and not done. Null is refused without words.
pub(super) fn response_actions(value: &Value) -> Result<Value, Refusal> {
    let list = value.as_array().filter(|list| list.len() <= 100).ok_or_else(|| Refusal::input(""))?;
    for action in list {
        let action = object(action, "ResponseActions")?;
        let name = type_of(action).strip_suffix("ResponseAction").unwrap_or_default();
        if !ACTIONS.contains(&name) || !action.get("identifier").is_none_or(Value::is_string) {
            return Err(Refusal::input(""));
        }
        let groups = action.get("deviceGroupNames").is_some_and(Value::is_array);
        if ["blockFile", "allowFile"].contains(&name) && !groups {
            return Err(Refusal::input(""));
        }
    }
    Ok(value.clone())
}

/// The name of a member's type, without its namespace.
fn type_of(members: &Map<String, Value>) -> &str {
    let name = members.get("@odata.type").and_then(Value::as_str).unwrap_or_default();
    name.trim_start_matches('#').strip_prefix("microsoft.graph.security.").unwrap_or_default()
}

/// A type of asset: the collection that it is today, and its identifiers, each with what it tells today.
struct Asset {
    name: &'static str,
    collection: &'static str,
    identifiers: &'static [(&'static str, &'static str)],
}

static ASSETS: [Asset; 3] = [
    Asset {
        name: "impactedDeviceAsset",
        collection: "hosts",
        identifiers: &[
            ("deviceId", "deviceId"),
            ("deviceName", "name"),
            ("remoteDeviceName", "name"),
            ("targetDeviceName", "name"),
            ("destinationDeviceName", "name"),
        ],
    },
    Asset {
        name: "impactedUserAsset",
        collection: "accounts",
        identifiers: &[
            ("accountObjectId", "aadUserId"),
            ("accountSid", "sid"),
            ("accountUpn", "upn"),
            ("accountName", "name"),
            ("accountDomain", "ntDomain"),
            ("accountId", "aadUserId"),
            ("requestAccountSid", "sid"),
            ("requestAccountName", "name"),
            ("requestAccountDomain", "ntDomain"),
            ("recipientObjectId", "aadUserId"),
            ("processAccountObjectId", "aadUserId"),
            ("initiatingAccountSid", "sid"),
            ("initiatingProcessAccountUpn", "upn"),
            ("initiatingAccountName", "name"),
            ("initiatingAccountDomain", "ntDomain"),
            ("servicePrincipalId", "aadUserId"),
            ("servicePrincipalName", "name"),
            ("targetAccountUpn", "upn"),
        ],
    },
    Asset {
        name: "impactedMailboxAsset",
        collection: "mailboxes",
        identifiers: &[
            ("accountUpn", "primaryAddress"),
            ("fileOwnerUpn", "primaryAddress"),
            ("initiatingProcessAccountUpn", "primaryAddress"),
            ("lastModifyingAccountUpn", "primaryAddress"),
            ("targetAccountUpn", "primaryAddress"),
            ("senderFromAddress", "primaryAddress"),
            ("senderDisplayName", "primaryAddress"),
            ("recipientEmailAddress", "primaryAddress"),
            ("senderMailFromAddress", "primaryAddress"),
        ],
    },
];

/// The assets of an alert: at least one. An unknown identifier is refused without words.
pub(super) fn impacted_assets(value: &Value) -> Result<Vec<(String, String)>, Refusal> {
    let few =
        || Refusal::input("The field ImpactedAssets must be a string or array type with a minimum length of '1'.");
    let list = value.as_array().filter(|list| !list.is_empty()).ok_or_else(few)?;
    let asset = |item: &Value| {
        let item = object(item, "ImpactedAssets")?;
        let asset = ASSETS.iter().find(|asset| asset.name == type_of(item));
        let given = item.get("identifier").and_then(Value::as_str).unwrap_or_default();
        let known = asset.filter(|asset| asset.identifiers.iter().any(|(name, _)| *name == given));
        known.map(|asset| (asset.name.to_owned(), given.to_owned())).ok_or_else(|| Refusal::input(""))
    };
    list.iter().take(100).map(asset).collect()
}

/// Assets as the mappings of today.
pub(super) fn mappings(assets: &[(String, String)]) -> Vec<Mapping> {
    assets.iter().filter_map(mapping).collect()
}

/// An asset as a mapping: an identifier names a column in the spelling of columns.
fn mapping((asset, identifier): &(String, String)) -> Option<Mapping> {
    let asset = ASSETS.iter().find(|known| known.name == asset)?;
    let (_, tells) = asset.identifiers.iter().find(|(name, _)| name == identifier)?;
    let mut letters = identifier.chars();
    let column = letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect();
    Some(Mapping { kind: EntityKind::of(asset.collection)?, columns: vec![(*tells, column)] })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_custom_period_is_shown_and_cannot_be_sent_back() {
        let custom = period_of(SignedDuration::from_hours(2));
        let refusal = period(&json!(custom)).expect_err("refused");
        assert_eq!(
            refusal.message,
            "Schedule.Period 'Custom' is not in a recognized format. Valid formats are 0, 1H, 3H, 12H, 24H."
        );
        for (name, _) in PERIODS {
            assert_eq!(period(&json!(name)).map(period_of), Ok(name));
        }
    }

    #[test]
    fn an_identifier_is_a_column() {
        let asset = ("impactedDeviceAsset".to_owned(), "remoteDeviceName".to_owned());
        let mapping = mapping(&asset).expect("a mapping");
        assert_eq!(
            (mapping.kind.collection, mapping.columns),
            ("hosts", vec![("name", "RemoteDeviceName".to_owned())])
        );
    }
}
