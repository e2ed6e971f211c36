//! A machine as it is written: the members recorded in 2023, in their order.
//!
//! What the tenant does not know of a device follows from its id, or is that of the recorded one. `lastSeen` is the last
//! full report, of which there is one a day.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::emulator::{
    faces::{
        endpoint::{Visit, reply::Row},
        written_time,
    },
    noise,
    odata::{
        schema::{Allowed, Dialect, Rules, Schema},
        value::{Enumeration, Type},
    },
    tenant::devices::Device,
};

static HEALTH: Enumeration = Enumeration {
    name: "microsoft.windowsDefenderATP.api.MachineHealthStatus",
    members: &[
        "Active",
        "Inactive",
        "ImpairedCommunication",
        "NoSensorData",
        "NoSensorDataImpairedCommunication",
        "Unknown",
    ],
};

static ONBOARDING: Enumeration = Enumeration {
    name: "microsoft.windowsDefenderATP.api.OnboardingStatus",
    members: &["Onboarded", "CanBeOnboarded", "Unsupported", "InsufficientInfo"],
};

static RISK: Enumeration = Enumeration {
    name: "microsoft.windowsDefenderATP.api.RiskScore",
    members: &["None", "Informational", "Low", "Medium", "High"],
};

static EXPOSURE: Enumeration =
    Enumeration { name: "microsoft.windowsDefenderATP.api.ExposureLevel", members: &["None", "Low", "Medium", "High"] };

static VALUE: Enumeration =
    Enumeration { name: "microsoft.windowsDefenderATP.api.DeviceValue", members: &["Normal", "Low", "High"] };

static RULES: Rules = Rules {
    dialect: Dialect::Endpoint,
    filter: Allowed::Documented(&[
        "computerDnsName",
        "id",
        "version",
        "deviceValue",
        "aadDeviceId",
        "machineTags",
        "lastSeen",
        "exposureLevel",
        "onboardingStatus",
        "lastIpAddress",
        "healthStatus",
        "osPlatform",
        "riskScore",
        "rbacGroupId",
        // Not documented, but what a widely used integration asks by.
        "isExcluded",
    ]),
    order: Allowed::All,
    expand: &[],
    most_top: Some(10_000),
};

static ADDRESS: Schema = Schema::of(
    "microsoft.windowsDefenderATP.api.IpInterface",
    &[("ipAddress", Type::Text), ("macAddress", Type::Text), ("type", Type::Text), ("operationalStatus", Type::Text)],
    &RULES,
);

/// The properties of a machine.
pub(in crate::emulator::faces::endpoint) static MACHINE: Schema = Schema::of(
    "microsoft.windowsDefenderATP.api.Machine",
    &[
        ("id", Type::Text),
        ("mergedIntoMachineId", Type::Text),
        ("isPotentialDuplication", Type::Bool),
        ("isExcluded", Type::Bool),
        ("exclusionReason", Type::Text),
        ("computerDnsName", Type::Text),
        ("firstSeen", Type::Time),
        ("lastSeen", Type::Time),
        ("osPlatform", Type::Text),
        ("osVersion", Type::Text),
        ("osProcessor", Type::Text),
        ("version", Type::Text),
        ("lastIpAddress", Type::Text),
        ("lastExternalIpAddress", Type::Text),
        ("agentVersion", Type::Text),
        ("osBuild", Type::Int),
        ("healthStatus", Type::Enum(&HEALTH)),
        ("deviceValue", Type::Enum(&VALUE)),
        ("rbacGroupId", Type::Int),
        ("rbacGroupName", Type::Text),
        ("riskScore", Type::Enum(&RISK)),
        ("exposureLevel", Type::Enum(&EXPOSURE)),
        ("isAadJoined", Type::Bool),
        ("aadDeviceId", Type::Guid),
        ("machineTags", Type::Many(&Type::Text)),
        ("defenderAvStatus", Type::Text),
        ("onboardingStatus", Type::Enum(&ONBOARDING)),
        ("osArchitecture", Type::Text),
        ("managedBy", Type::Text),
        ("managedByStatus", Type::Text),
        ("ipAddresses", Type::Many(&Type::Complex(&ADDRESS))),
        ("vmMetadata", Type::Text),
    ],
    &RULES,
);

/// The machine as it is written.
pub(in crate::emulator::faces::endpoint) fn row(visit: &Visit<'_>, device: &Device) -> Row {
    MACHINE.properties.iter().map(|(name, _)| ((*name).to_owned(), member(visit, device, name))).collect()
}

fn member(visit: &Visit<'_>, device: &Device, name: &str) -> Value {
    let group = device.group.as_ref();
    match name {
        "id" => json!(device.id),
        "computerDnsName" => json!(device.name.to_lowercase()),
        "firstSeen" => json!(written_time(first_seen(visit, device))),
        "lastSeen" => json!(written_time(last_seen(visit, device))),
        "lastIpAddress" => json!(device.address.to_string()),
        "healthStatus" => json!(if device.onboarded { "Active" } else { "Inactive" }),
        "onboardingStatus" => json!(if device.onboarded { "Onboarded" } else { "CanBeOnboarded" }),
        "rbacGroupId" => json!(group.map_or(0, |group| group.id)),
        "rbacGroupName" => json!(group.map(|group| &group.name)),
        "aadDeviceId" => json!(noise::guid(visit.tenant.seed(), &["directory device", &device.id])),
        "machineTags" => json!(device.tags),
        "ipAddresses" => json!([
            {"ipAddress": device.address.to_string(), "macAddress": mac(visit, device), "type": "Ethernet",
             "operationalStatus": "Up"},
            {"ipAddress": "127.0.0.1", "macAddress": null, "type": "SoftwareLoopback", "operationalStatus": "Up"},
        ]),
        name => usual(name),
    }
}

/// What every device says alike.
fn usual(name: &str) -> Value {
    match name {
        "isPotentialDuplication" | "isExcluded" => json!(false),
        "isAadJoined" => json!(true),
        "osPlatform" => json!("Windows10"),
        "osProcessor" => json!("x64"),
        "version" => json!("21H2"),
        "osBuild" => json!(19044),
        "osArchitecture" => json!("64-bit"),
        "agentVersion" => json!("10.8210.19041.2006"),
        "lastExternalIpAddress" => json!("192.0.2.1"),
        "deviceValue" => json!("Normal"),
        "riskScore" => json!("None"),
        "exposureLevel" => json!("Low"),
        "defenderAvStatus" => json!("Updated"),
        "managedBy" => json!("Intune"),
        "managedByStatus" => json!("Unknown"),
        _ => Value::Null,
    }
}

fn mac(visit: &Visit<'_>, device: &Device) -> String {
    noise::hex(&noise::bytes(visit.tenant.seed(), &["network card", &device.id])[..6]).to_uppercase()
}

const DAY: i64 = 86_400;

/// The last of the reports that come once a day, at a second that is the device's own.
fn last_seen(visit: &Visit<'_>, device: &Device) -> Timestamp {
    latest(visit, device, DAY)
}

/// The first that is remembered: at most a year ago.
fn first_seen(visit: &Visit<'_>, device: &Device) -> Timestamp {
    let year = SignedDuration::from_secs(365 * DAY);
    let first = latest(visit, device, 365 * DAY);
    if first == last_seen(visit, device) { first.saturating_sub(year).unwrap_or(first) } else { first }
}

/// The last moment by now that comes every `period` seconds.
fn latest(visit: &Visit<'_>, device: &Device, period: i64) -> Timestamp {
    let offset = noise::number(visit.tenant.seed(), &["report", &device.id]) % u64::try_from(DAY).unwrap_or(1);
    let now = visit.now.as_second();
    let age = (now - i64::try_from(offset).unwrap_or_default()).rem_euclid(period);
    Timestamp::from_second(now - age).unwrap_or(visit.now)
}
