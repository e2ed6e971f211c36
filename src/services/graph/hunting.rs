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
        hunting::{AT_ONCE, Hunting, Row, Sought, Union, WHOSE, is_of_the_query},
        reading::moment,
    },
    transport::{
        call::{Call, Reply},
        decode::Odd,
        shared::Shared,
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
        Box::pin(self.rows_of(0, sought))
    }

    fn at_once(&self) -> usize {
        AT_ONCE
    }

    fn rows_of_many<'a>(&'a self, sought: &'a [Sought<'a>]) -> BoxFuture<'a, Vec<Result<Vec<Row>, ServiceError>>> {
        Box::pin(async move {
            let queries: Vec<_> = sought.iter().map(|one| self.query(*one)).enumerate().collect();
            let found = if queries.len() > 1 { Some(self.hunt_together(&queries).await) } else { None };
            let mut answers = Vec::with_capacity(sought.len());
            for (place, one) in sought.iter().enumerate() {
                answers.push(match &found {
                    Some(Ok((rows, reply))) => {
                        let is_own = |row: &Map<String, Value>| text(row, WHOSE) == Some(place.to_string());
                        let own: Vec<_> = rows.iter().enumerate().filter(|(_, row)| is_own(row)).collect();
                        self.rows_for(*one, &own, reply)
                    }
                    Some(Err(error)) if !is_of_the_query(error) => Err(error.clone()),
                    // Alone, and where one spoils it for all.
                    _ => self.rows_of(place, *one).await,
                });
            }
            answers
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
            let ask = self.ask(&query, format!("find the device {name}"));
            let (rows, reply) = self.hunt(Capability::Devices, ask).await?;
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
    /// The query for what is sought.
    fn query(&self, sought: Sought<'_>) -> String {
        let Sought { device, kind, observable, since } = sought;
        format!(
            "{} | where Timestamp >= datetime({}) | where {} | where {} | top {ROWS} by Timestamp asc | project Timestamp, \
             ActionType",
            kql::source(kind).table,
            seven_digits(self.to_theirs(since)),
            this_device(device),
            kql::condition(kind, Function::Equals, observable),
        )
    }

    /// The rows of the one who asked at this place.
    async fn rows_of(&self, place: usize, sought: Sought<'_>) -> Result<Vec<Row>, ServiceError> {
        let purpose = format!("hunt for {} on {}", sought.observable, sought.device.name);
        let ask = self.ask(&self.query(sought), purpose).shared(Shared::of_one(place));
        let (rows, reply) = self.hunt(Capability::Hunting, ask).await?;
        self.rows_for(sought, &rows.iter().enumerate().collect::<Vec<_>>(), &reply)
    }

    async fn hunt_together(
        &self,
        queries: &[(usize, String)],
    ) -> Result<(Vec<Map<String, Value>>, Reply), ServiceError> {
        let Union { query, purpose, shared } = Union::of(queries, "results");
        self.hunt(Capability::Hunting, self.ask(&query, purpose).shared(shared)).await
    }

    /// Asking twice finds the same, and heavy queries fail now and then for no reason.
    fn ask(&self, query: &str, purpose: String) -> Call {
        let ask = Ask { query, timespan: WINDOW };
        Call::post(self.at(Version::V1, "security/runHuntingQuery")).json(&ask).purpose(purpose).repeatable()
    }

    /// The rows that a query finds.
    async fn hunt(&self, what: Capability, ask: Call) -> Result<(Vec<Map<String, Value>>, Reply), ServiceError> {
        let reply = self.ways.of(Family::Hunting).call(ask).await.map_err(|error| said_no(what, error))?;
        let found: Found = reply.json()?;
        Ok((found.results, reply))
    }

    /// What is sought, of these rows at their places in the answer.
    fn rows_for(
        &self,
        sought: Sought<'_>,
        found: &[(usize, &Map<String, Value>)],
        reply: &Reply,
    ) -> Result<Vec<Row>, ServiceError> {
        let table = kql::source(sought.kind).table;
        let row = |(place, row): &(usize, &Map<String, Value>)| {
            let at = timestamp(*place, row).map_err(|odd| reply.malformed(odd))?;
            let action = text(row, "ActionType").unwrap_or_default();
            Ok(Row { at: self.to_ours(at), table: table.into(), action })
        };
        let mut rows = found.iter().map(row).collect::<Result<Vec<_>, ServiceError>>()?;
        rows.sort_by_key(|row| row.at);
        Ok(rows)
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
