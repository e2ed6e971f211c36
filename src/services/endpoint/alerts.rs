//! Alerts: the set `alerts`.

use std::collections::BTreeMap;

use futures::future::BoxFuture;
use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    domain::{alert::Alert, device::Device, entity::Entity},
    services::{
        alerts::Alerts,
        definitions::Query,
        endpoint::{
            Endpoint,
            evidence::{entities, observables},
            quotas::Calls,
            refusals::{not_there, read, said_no, said_no_to_one},
            sets::{Ask, Page},
        },
        error::{Capability, ServiceError, may_have_been_done},
        reading::{date, date_or_none, key, text},
    },
    transport::{
        call::{Call, Reply},
        error::TransportError,
        shared::{Share, Shared},
    },
};

const SET: &str = "alerts";

/// An alert, as far as it is judged. Of the words of the service's lists none is refused: what it wrote is what is
/// judged, and the whole of it is kept beside.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    #[serde(deserialize_with = "key")]
    id: String,
    #[serde(default, deserialize_with = "text")]
    severity: String,
    #[serde(default, deserialize_with = "text")]
    detection_source: String,
    #[serde(default, deserialize_with = "text")]
    category: String,
    #[serde(default, deserialize_with = "text")]
    title: String,
    #[serde(default, deserialize_with = "text")]
    description: String,
    #[serde(deserialize_with = "date")]
    alert_creation_time: Timestamp,
    #[serde(default, deserialize_with = "date_or_none")]
    first_event_time: Option<Timestamp>,
    #[serde(default, deserialize_with = "date_or_none")]
    last_event_time: Option<Timestamp>,
    #[serde(default, deserialize_with = "date_or_none")]
    last_update_time: Option<Timestamp>,
    #[serde(default, deserialize_with = "text")]
    machine_id: String,
    #[serde(default, deserialize_with = "text")]
    computer_dns_name: String,
}

/// What becomes of an alert when somebody has dealt with it; what is `None` stays. The order is that of the page
/// `update-alert`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "each field is the one of the same name of the service's alert, in its own words")]
pub struct AlertUpdate<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assigned_to: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub classification: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub determination: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<&'a str>,
}

impl<'a> AlertUpdate<'a> {
    /// That the alert was a security test and is closed; `comment` says whose.
    pub fn security_test(comment: &'a str) -> Self {
        Self {
            status: Some("Resolved"),
            classification: Some("InformationalExpectedActivity"),
            determination: Some("SecurityTesting"),
            comment: Some(comment),
            ..Self::default()
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BatchUpdate<'a> {
    alert_ids: &'a [&'a str],
    #[serde(flatten)]
    update: AlertUpdate<'a>,
}

/// So many alerts in a page. The service gives up to 10 000, but each with its evidence is some kilobytes.
const PAGE: u32 = 500;

/// How many alerts go into one batch update; the page `batch-update-alerts` states no limit, its sisters 500.
const AT_ONCE: usize = 500;

/// More pages than any tenant has, for a service that has lost count.
const PAGES: u32 = 1_000;

impl Alerts for Endpoint {
    fn since(&self, since: Timestamp) -> BoxFuture<'_, Result<Vec<Alert>, ServiceError>> {
        Box::pin(async move {
            let filter = format!("lastUpdateTime ge {}", as_filtered(self.to_theirs(since)));
            let mut seen = BTreeMap::new();
            for page in 0..PAGES {
                let before = seen.len();
                let skip = (page > 0).then(|| PAGE.saturating_mul(page));
                let query = Query { filter: Some(filter.clone()), top: Some(PAGE), skip, ..Query::default() };
                let last = self.read_alerts(&query, &mut seen).await?;
                // Whether a full page without the address of the next is the last one is not documented: the next one
                // is asked for, unless this was nothing new.
                if last < PAGE as usize || seen.len() == before {
                    break;
                }
            }
            let mut alerts: Vec<Alert> = seen.into_values().map(|(_, alert)| alert).collect();
            alerts.sort_by(|a, b| (a.processed_at, &a.id).cmp(&(b.processed_at, &b.id)));
            Ok(alerts)
        })
    }

    fn closed_at_once(&self) -> usize {
        AT_ONCE
    }

    fn close_many<'a>(&'a self, ids: &'a [String], comment: &'a str) -> BoxFuture<'a, Vec<Result<(), ServiceError>>> {
        Box::pin(async move {
            let mut closed = Vec::new();
            for chunk in ids.chunks(AT_ONCE) {
                closed.extend(self.close_some(chunk, AlertUpdate::security_test(comment)).await);
            }
            closed
        })
    }
}

/// An alert by its key, with the moment of its last update: of one that came twice, the later is kept.
type Seen = BTreeMap<String, (Option<Timestamp>, Alert)>;

impl Endpoint {
    /// Reads the alerts that `query` asks for into `seen`; returns how many the last page had.
    async fn read_alerts(&self, query: &Query, seen: &mut Seen) -> Result<usize, ServiceError> {
        let ask = Ask {
            calls: Calls::ListAlerts,
            set: SET,
            query,
            expand: Some("evidence"),
            purpose: "list alerts",
            most: None,
            clean_up: false,
            shared: None,
        };
        self.pages(&ask, |reply| {
            let rows: Page<Row> = read(reply)?;
            let originals: Page<Value> = reply.json()?;
            let count = rows.value.len();
            for (row, original) in rows.value.into_iter().zip(originals.value) {
                let updated = row.last_update_time;
                if seen.get(&row.id).is_none_or(|(before, _)| *before <= updated) {
                    seen.insert(row.id.clone(), (updated, self.alert(row, &original)));
                }
            }
            Ok(count)
        })
        .await
    }

    /// The alert of this key, with its evidence; `None` is that there is none.
    pub async fn alert_of(&self, id: &str) -> Result<Option<Alert>, ServiceError> {
        let call = Call::get(self.one_of(Capability::Alerts, SET, id)?).purpose(format!("read alert {id}"));
        match self.raw(Calls::ReadAlert, call).await {
            Err(error) if not_there(&error) => Ok(None),
            other => Ok(Some(self.only_alert(&other.map_err(said_no)?)?)),
        }
    }

    /// Updates the alert of this key, and returns it as it is now. A comment is added, so one with it is not sent twice.
    pub async fn update_alert(&self, id: &str, update: AlertUpdate<'_>) -> Result<Alert, ServiceError> {
        let url = self.one_of(Capability::Alerts, SET, id)?;
        let call = Call::patch(url).json(&update).purpose(format!("update alert {id}")).clean_up();
        let call = if update.comment.is_none() { call.repeatable() } else { call };
        let reply = self.raw(Calls::ChangeAlert, call).await.map_err(said_no_to_one)?;
        Ok(self.only_alert(&reply)?)
    }

    /// Updates many alerts alike.
    pub async fn update_alerts(&self, ids: &[String], update: AlertUpdate<'_>) -> Result<(), ServiceError> {
        for (number, chunk) in ids.chunks(AT_ONCE).enumerate() {
            let alert_ids: Vec<&str> = chunk.iter().map(String::as_str).collect();
            let share = |(place, key): (usize, &String)| Share { place: number * AT_ONCE + place, key: key.clone() };
            let shares = chunk.iter().enumerate().map(share).collect();
            let call = Call::post(self.at(&format!("{SET}/batchUpdate")))
                .json(&BatchUpdate { alert_ids: &alert_ids, update })
                .purpose(format!("update {} alerts at once", alert_ids.len()))
                .shared(Shared { asked: Some("alertIds"), answered: None, shares })
                .clean_up();
            let call = if update.comment.is_none() { call.repeatable() } else { call };
            self.call(Calls::ChangeAlerts, call).await?;
        }
        Ok(())
    }

    /// Closes as many alerts as go into one call. Its answer is one for all, so that where it is no, each is asked for by
    /// itself: what is wrong with one is no answer to the others.
    async fn close_some(&self, ids: &[String], update: AlertUpdate<'_>) -> Vec<Result<(), ServiceError>> {
        if ids.len() > 1 {
            match self.close_all(ids, update).await {
                Err(error) if matches!(error.status(), Some(400 | 404 | 409 | 422)) => {}
                all => return vec![all; ids.len()],
            }
        }
        let mut closed = Vec::new();
        for id in ids {
            closed.push(self.close_one(id, update).await);
        }
        closed
    }

    /// What is asked for once for the sake of its comment, and may have been done or not, is asked for again without one:
    /// that does no harm.
    async fn close_all(&self, ids: &[String], update: AlertUpdate<'_>) -> Result<(), ServiceError> {
        match self.update_alerts(ids, update).await {
            Err(lost) if may_have_been_done(&lost) => {
                self.update_alerts(ids, AlertUpdate { comment: None, ..update }).await
            }
            told => told,
        }
    }

    /// The same of one.
    async fn close_one(&self, id: &str, update: AlertUpdate<'_>) -> Result<(), ServiceError> {
        match self.update_alert(id, update).await.map(drop) {
            Err(lost) if may_have_been_done(&lost) => {
                self.update_alert(id, AlertUpdate { comment: None, ..update }).await.map(drop)
            }
            told => told,
        }
    }

    fn only_alert(&self, reply: &Reply) -> Result<Alert, TransportError> {
        let row: Row = read(reply)?;
        Ok(self.alert(row, &reply.json()?))
    }

    fn alert(&self, row: Row, original: &Value) -> Alert {
        let created_at = row.alert_creation_time;
        let happened_at = row.first_event_time.unwrap_or(created_at);
        let last_happened_at = row.last_event_time.unwrap_or(happened_at);
        // An alert that took in an event later than itself was not as it is now before it was updated for that; one that
        // somebody assigned, or a machine resolved, was.
        let extended = last_happened_at > created_at;
        let device = Device { id: row.machine_id, name: row.computer_dns_name };
        let processed_at = row.last_update_time.filter(|_| extended).unwrap_or(created_at).max(created_at);
        Alert {
            id: row.id,
            part: 0,
            title: row.title,
            severity: row.severity,
            category: row.category,
            description: row.description,
            source: row.detection_source,
            observables: observables(original),
            entities: entities(original).into_iter().chain(Entity::of_device(&device)).collect(),
            device,
            happened_at: self.to_ours(happened_at),
            last_happened_at: self.to_ours(last_happened_at),
            processed_at: self.to_ours(processed_at),
            link: None,
            original: Some(original.to_string().into()),
        }
    }
}

/// `2026-11-24T12:00:00Z`: cut to the second, so that nothing is missed; the service rounds the time of an update to
/// some milliseconds. "From the beginning" is 1970: not every reader of dates knows years before.
fn as_filtered(moment: Timestamp) -> String {
    TimeZone::UTC.to_datetime(moment.max(Timestamp::UNIX_EPOCH)).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
