//! Hunting: what devices reported, and the devices themselves, which no other collection of Microsoft Graph tells.

use futures::future::BoxFuture;
use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    domain::{device::Device, indicator::Function},
    services::{
        devices::{Devices, Machine},
        error::{Capability, ServiceError},
        graph::{Graph, Version, kql, lexer::literal, limits::Family, said_no},
        hunting::{Hunting, Row, Sought},
        reading::moment,
    },
    transport::{
        call::{Call, Reply},
        decode::Odd,
    },
};

/// So many rows bear witness; there may be a hundred thousand.
const ROWS: u32 = 100;

/// The data that there is to hunt in: 30 days (`advanced-hunting-limits.md`, 2025-05-02).
const WINDOW: &str = "P30D";

/// A query, in the letter case of the documentation's sample.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Ask<'a> {
    query: &'a str,
    timespan: &'static str,
}

#[derive(Deserialize)]
struct Found {
    #[serde(alias = "Results")]
    results: Vec<Map<String, Value>>,
}

impl Hunting for Graph {
    fn rows<'a>(&'a self, sought: Sought<'a>) -> BoxFuture<'a, Result<Vec<Row>, ServiceError>> {
        Box::pin(async move {
            let Sought { device, kind, observable, since } = sought;
            let table = kql::source(kind).table;
            let query = format!(
                "{table} | where Timestamp >= datetime({}) | where {} | where {} | top {ROWS} by Timestamp asc | project \
                 Timestamp, ActionType",
                seven_digits(self.to_theirs(since)),
                this_device(device),
                kql::condition(kind, Function::Equals, observable),
            );
            let purpose = format!("hunt for {observable} on {}", device.name);
            let (rows, reply) = self.hunt(Capability::Hunting, &query, purpose).await?;
            let row = |(place, row): (usize, Map<String, Value>)| {
                let at = timestamp(place, &row).map_err(|odd| reply.malformed(odd))?;
                Ok(Row {
                    at: self.to_ours(at),
                    table: table.into(),
                    action: text(&row, "ActionType").unwrap_or_default(),
                })
            };
            let mut rows = rows.into_iter().enumerate().map(row).collect::<Result<Vec<_>, ServiceError>>()?;
            rows.sort_by_key(|row| row.at);
            Ok(rows)
        })
    }
}

impl Devices for Graph {
    fn named<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<Machine>, ServiceError>> {
        Box::pin(async move {
            let query = format!(
                "DeviceInfo | where {} | top 1 by Timestamp desc | project Timestamp, DeviceId, DeviceName, OSPlatform, \
                 OnboardingStatus, SensorHealthState",
                of_name(name),
            );
            let (rows, reply) = self.hunt(Capability::Devices, &query, format!("find the device {name}")).await?;
            let Some(row) = rows.into_iter().next() else { return Ok(None) };
            let seen = timestamp(0, &row).map_err(|odd| reply.malformed(odd))?;
            let device = Device {
                id: text(&row, "DeviceId").unwrap_or_default(),
                name: text(&row, "DeviceName").unwrap_or_else(|| name.to_owned()),
            };
            let filled = |column| text(&row, column).filter(|text| !text.is_empty());
            Ok(Some(Machine {
                platform: filled("OSPlatform"),
                onboarding: filled("OnboardingStatus"),
                health: filled("SensorHealthState"),
                last_seen: Some(self.to_ours(seen)),
                original: Value::Object(row.clone()).to_string().into(),
                device,
            }))
        })
    }
}

impl Graph {
    /// The rows that `query` finds. Asking twice finds the same, and heavy queries fail now and then for no reason.
    async fn hunt(
        &self,
        what: Capability,
        query: &str,
        purpose: String,
    ) -> Result<(Vec<Map<String, Value>>, Reply), ServiceError> {
        let call = Call::post(self.at(Version::V1, "security/runHuntingQuery"))
            .json(&Ask { query, timespan: WINDOW })
            .purpose(purpose)
            .repeatable();
        let reply = self.ways.of(Family::Hunting).call(call).await.map_err(|error| said_no(what, error))?;
        let found: Found = reply.json()?;
        Ok((found.results, reply))
    }
}

/// The rows of one device: by its key where that is known.
fn this_device(device: &Device) -> String {
    if device.id.is_empty() { of_name(&device.name) } else { format!("DeviceId =~ {}", literal(&device.id)) }
}

/// The rows of devices of this name, with or without a domain behind it.
fn of_name(name: &str) -> String {
    format!("(DeviceName =~ {} or DeviceName startswith {})", literal(name), literal(&format!("{name}.")))
}

fn timestamp(place: usize, row: &Map<String, Value>) -> Result<Timestamp, Odd> {
    let value = row.get("Timestamp").unwrap_or(&Value::Null);
    let read = value.as_str().and_then(moment);
    read.ok_or_else(|| Odd::new(format!("results[{place}].Timestamp"), "a date and time", value.to_string()))
}

fn text(row: &Map<String, Value>, column: &str) -> Option<String> {
    row.get(column)?.as_str().map(str::to_owned)
}

/// A moment as the service writes it, cut, so that nothing is missed.
fn seven_digits(moment: Timestamp) -> String {
    let moment = moment.max(Timestamp::UNIX_EPOCH);
    TimeZone::UTC.to_datetime(moment).strftime("%Y-%m-%dT%H:%M:%S%.7fZ").to_string()
}
