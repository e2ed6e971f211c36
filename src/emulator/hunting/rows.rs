//! What the tenant holds, as rows of the tables of hunting.
//!
//! A connection is a row of `DeviceNetworkEvents`, which counts it a success even where it is cut off later; that it was
//! cut off is a row of `DeviceEvents`. A file that was written and run is one of `DeviceFileEvents` and one of
//! `DeviceProcessEvents`. What the sensor of the emulator does not see (who was logged on, a process's hashes) is made up,
//! the same for the same tenant. Alerts have a file of their own. Tables of what no device here does are empty.

use std::{cell::RefCell, collections::HashMap, net::IpAddr};

use jiff::{Timestamp, TimestampRound, Unit};
use serde_json::{Value as Json, json};

use crate::emulator::{
    detection::Activity,
    hunting::{
        alerts,
        cells::{Cells, row, text},
    },
    kql::{
        Source,
        value::{Row, Value},
    },
    noise, propagation,
    tenant::{
        Tenant,
        custom::is_edge,
        devices::{Device, Telemetry},
    },
};

/// The rows that can be read at a moment, of a stretch of time.
pub(super) struct OfTenant<'a> {
    pub(super) tenant: &'a Tenant,
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
    pub(super) now: Timestamp,
}

impl Source for OfTenant<'_> {
    fn rows(&self, table: &str) -> Vec<Row> {
        if alerts::are_in(table) {
            return alerts::rows(self.tenant, table, (self.from, self.until), self.now);
        }
        let seen = |at: Timestamp| self.from <= at && at <= self.until;
        if !seen_by_event(table) {
            let at = reported(self.now);
            return if seen(at) { of_devices(self.tenant, table, self.now) } else { Vec::new() };
        }
        let late = self.tenant.knobs.telemetry;
        let arrived = |telemetry: &Telemetry| {
            let number = telemetry.number.to_string();
            let span = || propagation::draw(late, self.tenant.seed(), &["telemetry", &number]);
            propagation::after(telemetry.at, late.max) <= self.now
                || propagation::after(telemetry.at, span()) <= self.now
        };
        let readable = |telemetry: &&Telemetry| seen(telemetry.at) && arrived(telemetry);
        let mut processes = Processes::default();
        self.tenant
            .telemetry()
            .filter(readable)
            .filter_map(|telemetry| of_event(self.tenant, telemetry, table, &mut processes))
            .collect()
    }
}

/// The rows as they are when one event is all that happened.
pub struct OfEvent<'a> {
    tenant: &'a Tenant,
    telemetry: &'a Telemetry,
    now: Timestamp,
    /// What it is as a row of a table, once somebody has asked: many rules ask the same.
    known: RefCell<HashMap<String, Vec<Row>>>,
}

impl<'a> OfEvent<'a> {
    /// What `telemetry` is as rows at `now`.
    pub fn new(tenant: &'a Tenant, telemetry: &'a Telemetry, now: Timestamp) -> Self {
        Self { tenant, telemetry, now, known: RefCell::default() }
    }

    /// Whether the event is a row of this table.
    pub(super) fn touches(&self, table: &str) -> bool {
        action(self.telemetry, table).is_some()
    }
}

impl Source for OfEvent<'_> {
    fn rows(&self, table: &str) -> Vec<Row> {
        let made = || {
            if seen_by_event(table) {
                of_event(self.tenant, self.telemetry, table, &mut Processes::default()).into_iter().collect()
            } else {
                of_devices(self.tenant, table, self.now)
            }
        };
        self.known.borrow_mut().entry(table.to_owned()).or_insert_with(made).clone()
    }
}

fn seen_by_event(table: &str) -> bool {
    matches!(table, "DeviceNetworkEvents" | "DeviceEvents" | "DeviceFileEvents" | "DeviceProcessEvents")
}

/// What an event is called as a row of this table, if it is one.
fn action(telemetry: &Telemetry, table: &str) -> Option<&'static str> {
    match (&telemetry.event.activity, table) {
        (Activity::Connection { .. }, "DeviceNetworkEvents") => Some("ConnectionSuccess"),
        (Activity::Connection { process, .. }, "DeviceEvents") if telemetry.kept_off => {
            Some(if is_edge(process) { "SmartScreenUrlWarning" } else { "ExploitGuardNetworkProtectionBlocked" })
        }
        (Activity::File { .. }, "DeviceFileEvents") => Some("FileCreated"),
        (Activity::File { .. }, "DeviceProcessEvents") => Some("ProcessCreated"),
        _ => None,
    }
}

fn of_event(tenant: &Tenant, telemetry: &Telemetry, table: &str, processes: &mut Processes) -> Option<Row> {
    let activity = &telemetry.event.activity;
    let action = action(telemetry, table)?;
    let device = tenant.device(&telemetry.event.device)?;
    let mut cells = Cells::from([
        ("Timestamp", Value::Time(telemetry.at)),
        ("DeviceId", text(&device.id)),
        ("DeviceName", text(device.name.to_ascii_lowercase())),
        ("ActionType", text(action)),
        ("ReportId", Value::Int(i64::try_from(telemetry.number).unwrap_or(i64::MAX))),
    ]);
    match activity {
        Activity::Connection { host, address, port, url, process } => {
            let address = address.map(|address| address.to_canonical());
            // A URL where the sensor saw one, else the name.
            let remote_url = url.as_ref().or(host.as_ref()).cloned().unwrap_or_default();
            let local_port = 49_152 + telemetry.number % 16_384;
            cells.extend([
                ("RemoteIP", text(address.map(|address| address.to_string()).unwrap_or_default())),
                ("RemoteIPType", text(address.map_or("", sort_of_address))),
                ("RemotePort", Value::Int((*port).into())),
                ("RemoteUrl", text(remote_url)),
                ("LocalIP", text(device.address.to_string())),
                ("LocalIPType", text(sort_of_address(device.address))),
                ("LocalPort", Value::Int(i64::try_from(local_port).unwrap_or_default())),
                ("Protocol", text("Tcp")),
            ]);
            cells.extend(initiating(tenant, telemetry, process, processes));
            if table == "DeviceEvents" {
                cells.insert("AdditionalFields", text(list(process).to_string()));
            }
        }
        Activity::File { name, sha1, sha256, md5 } => {
            let path = format!("C:\\Users\\{ACCOUNT}\\Downloads\\{name}");
            cells.extend(initiating(tenant, telemetry, "explorer.exe", processes));
            cells.extend([
                ("FileName", text(name)),
                ("SHA1", text(sha1)),
                ("SHA256", text(sha256)),
                ("MD5", text(md5)),
                ("ProcessId", Value::Int(process_id(tenant, telemetry, name))),
                ("ProcessCommandLine", text(format!("\"{path}\""))),
                ("ProcessCreationTime", Value::Time(telemetry.at)),
                ("FolderPath", text(path)),
                ("AccountDomain", text(DOMAIN)),
                ("AccountName", text(ACCOUNT)),
            ]);
        }
    }
    Some(row(table, cells))
}

/// Whose list it was that a connection was on: the tenant's own.
fn list(process: &str) -> Json {
    let name = if is_edge(process) { "Experience" } else { "ResponseCategory" };
    json!({ name: "CustomBlockList" })
}

/// Who is logged on to every device.
const ACCOUNT: &str = "analyst";
const DOMAIN: &str = "contoso";

fn process_id(tenant: &Tenant, telemetry: &Telemetry, process: &str) -> i64 {
    let number = noise::number(tenant.seed(), &["process", &telemetry.event.device, process]);
    i64::try_from(number % 16_000).unwrap_or_default() * 4 + 1_000
}

/// What is made up for a process, by its path: of many events, few processes.
type Processes = HashMap<String, [Value; 3]>;

/// Its hashes: SHA-1, SHA-256, MD5.
fn hashes(tenant: &Tenant, path: &str) -> [Value; 3] {
    let image = noise::hex(&noise::bytes(tenant.seed(), &["image", path]));
    [text(&image[24..]), text(&image), text(&image[16..48])]
}

/// The process that did it.
fn initiating(tenant: &Tenant, telemetry: &Telemetry, process: &str, processes: &mut Processes) -> Cells {
    let path = format!("c:\\windows\\system32\\{}", process.to_ascii_lowercase());
    let [sha1, sha256, md5] = processes.entry(path.clone()).or_insert_with(|| hashes(tenant, &path)).clone();
    Cells::from([
        ("InitiatingProcessFileName", text(process)),
        ("InitiatingProcessFolderPath", text(&path)),
        ("InitiatingProcessCommandLine", text(format!("\"{process}\""))),
        ("InitiatingProcessId", Value::Int(process_id(tenant, telemetry, process))),
        ("InitiatingProcessSHA1", sha1),
        ("InitiatingProcessSHA256", sha256),
        ("InitiatingProcessMD5", md5),
        ("InitiatingProcessAccountDomain", text(DOMAIN)),
        ("InitiatingProcessAccountName", text(ACCOUNT)),
        ("InitiatingProcessIntegrityLevel", text("Medium")),
        ("InitiatingProcessTokenElevation", text("TokenElevationTypeDefault")),
        ("InitiatingProcessParentFileName", text("explorer.exe")),
        ("InitiatingProcessSessionId", Value::Int(1)),
        ("IsInitiatingProcessRemoteSession", Value::Bool(false)),
    ])
}

/// As the table's documentation sorts addresses.
fn sort_of_address(address: IpAddr) -> &'static str {
    match address {
        _ if address.is_loopback() => "Loopback",
        IpAddr::V4(four) if four.is_broadcast() => "Broadcast",
        IpAddr::V4(four) if four.is_private() => "Private",
        IpAddr::V4(four) if four.is_multicast() || four.is_unspecified() => "Reserved",
        IpAddr::V6(six) if six.is_unique_local() => "Private",
        IpAddr::V6(six) if six.is_multicast() || six.is_unspecified() => "Reserved",
        IpAddr::V6(six) if six.segments()[..2] == [0x2001, 0] => "Teredo",
        IpAddr::V4(_) | IpAddr::V6(_) => "Public",
    }
}

/// When a device last described itself: it does every hour.
fn reported(now: Timestamp) -> Timestamp {
    let hour = TimestampRound::new().smallest(Unit::Hour).mode(jiff::RoundMode::Floor);
    now.round(hour).unwrap_or(now)
}

fn of_devices(tenant: &Tenant, table: &str, now: Timestamp) -> Vec<Row> {
    let at = reported(now);
    let report = at.as_second().rem_euclid(1_000_000_000);
    let common = |device: &Device| {
        Cells::from([
            ("Timestamp", Value::Time(at)),
            ("DeviceId", text(&device.id)),
            ("DeviceName", text(device.name.to_ascii_lowercase())),
            ("ReportId", Value::Int(report)),
        ])
    };
    let describe: fn(&Device) -> Cells = match table {
        "DeviceInfo" => description,
        "DeviceNetworkInfo" => network,
        _ => return Vec::new(),
    };
    let described = tenant.devices().map(|device| {
        let mut cells = common(device);
        cells.extend(describe(device));
        row(table, cells)
    });
    described.collect()
}

fn description(device: &Device) -> Cells {
    let (status, health) = if device.onboarded { ("Onboarded", "Active") } else { ("Can be onboarded", "") };
    Cells::from([
        ("OSPlatform", text("Windows11")),
        ("OSArchitecture", text("64-bit")),
        ("OSBuild", Value::Int(26_200)),
        ("OSVersion", text("10.0")),
        ("OSVersionInfo", text("25H2")),
        ("OnboardingStatus", text(status)),
        ("SensorHealthState", text(health)),
        ("DeviceCategory", text("Endpoint")),
        ("DeviceType", text("Workstation")),
        ("IsAzureADJoined", Value::Bool(false)),
        ("IsInternetFacing", Value::Bool(false)),
        ("IsExcluded", Value::Bool(false)),
        ("ExposureLevel", text("Low")),
        ("AssetValue", text("Normal")),
        ("LoggedOnUsers", text(json!([{"UserName": ACCOUNT, "DomainName": DOMAIN}]).to_string())),
    ])
}

fn network(device: &Device) -> Cells {
    let address = json!([{
        "IPAddress": device.address.to_string(), "SubnetPrefix": 24, "AddressType": sort_of_address(device.address),
    }]);
    Cells::from([
        ("NetworkAdapterName", text("Ethernet")),
        ("NetworkAdapterType", text("Ethernet")),
        ("NetworkAdapterStatus", text("Up")),
        ("TunnelType", text("None")),
        ("IPAddresses", text(address.to_string())),
    ])
}
