//! Alerts: the collection `alerts_v2`, which has those of every origin.

use std::{collections::HashMap, sync::Arc};

use futures::future::BoxFuture;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::{
    domain::alert::Alert,
    services::{
        alerts::Alerts,
        definitions::Query,
        error::{Capability, ServiceError},
        graph::{Graph, Version, batch::LIMIT, evidence, limits::Family, member, pages, said_no, said_no_to_one},
        odata::with_options,
        reading::moment,
    },
    transport::{
        call::{Call, Reply},
        decode::Odd,
    },
};

/// The collection.
pub(super) const COLLECTION: &str = "security/alerts_v2";

/// Members of enumerations that are younger than the API's first day are told only to those who ask for them
/// (`security-alert.md`).
pub(super) const ALL_MEMBERS: &str = "include-unknown-enum-members";

/// So many alerts to a page, as the documentation's example has it; the most is not documented.
const PAGE: u32 = 100;

/// What is to be said of an alert: what is none stays. The words are the service's: those of the schema, from which
/// the tables of some pages differ.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Treatment {
    /// `new`, `inProgress`, `resolved`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<&'static str>,
    /// `falsePositive`, `truePositive`, `informationalExpectedActivity`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub classification: Option<&'static str>,
    /// `securityTesting`, `confirmedActivity` and others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub determination: Option<&'static str>,
}

impl Treatment {
    /// How the alert of a drill is closed: nobody is to work on it.
    pub const DRILL: Self = Self {
        status: Some("resolved"),
        classification: Some("informationalExpectedActivity"),
        determination: Some("securityTesting"),
    };
}

/// A comment to add, in the order of the documentation's sample.
#[derive(Serialize)]
pub(super) struct Comment<'a> {
    #[serde(rename = "@odata.type")]
    kind: &'static str,
    comment: &'a str,
}

impl<'a> Comment<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { kind: "microsoft.graph.security.alertComment", comment: text }
    }
}

impl Alerts for Graph {
    /// Every alert of the tenant, whatever raised it, for a near miss may be of any origin.
    fn since(&self, since: Timestamp) -> BoxFuture<'_, Result<Vec<Alert>, ServiceError>> {
        Box::pin(async move {
            let theirs = whole_second(self.to_theirs(since));
            let mut latest: HashMap<String, Served> = HashMap::new();
            let mut skip = 0;
            loop {
                let served = self.some_alerts(theirs, skip).await?;
                let (count, known) = (served.len(), latest.len());
                for one in served {
                    // Alerts that change while they are read move from one page to another, and may be in both.
                    match latest.get(&one.alert.id) {
                        Some(known) if known.updated > one.updated => {}
                        _ => drop(latest.insert(one.alert.id.clone(), one)),
                    }
                }
                // A service may take `$top` for all that is asked for, and not say that there is more.
                let whole_pages = count > 0 && count.is_multiple_of(PAGE as usize);
                if !whole_pages || latest.len() == known {
                    break;
                }
                skip += u32::try_from(count).unwrap_or(u32::MAX);
            }
            let ours = latest.into_values().filter(|one| one.updated.is_none_or(|updated| updated >= theirs));
            let mut alerts: Vec<Alert> = ours.map(|one| self.on_our_clock(one.alert)).collect();
            alerts.sort_by(|a, b| (a.processed_at, &a.id).cmp(&(b.processed_at, &b.id)));
            Ok(alerts)
        })
    }

    fn closed_at_once(&self) -> usize {
        LIMIT
    }

    fn close_many<'a>(&'a self, ids: &'a [String], comment: &'a str) -> BoxFuture<'a, Vec<Result<(), ServiceError>>> {
        Box::pin(async move {
            if let [id] = ids {
                let closed = self.update(id, Treatment::DRILL).await;
                if closed.is_ok() {
                    commented(id, &self.comment(id, comment).await);
                }
                return vec![closed];
            }
            self.close_together(ids, comment).await
        })
    }
}

/// An alert that is closed is closed, whether or not that could be explained to its reader: a comment is sent once.
pub(super) fn commented(id: &str, answer: &Result<(), ServiceError>) {
    if let Err(error) = answer {
        tracing::warn!(id, "alert {id} was closed, and may have no comment: {error}");
    }
}

impl Graph {
    /// Says something of an alert.
    pub async fn update(&self, id: &str, treatment: Treatment) -> Result<(), ServiceError> {
        let url = self.at(Version::V1, &member(COLLECTION, id));
        let call = Call::patch(url).json(&treatment).purpose(format!("change alert {id}")).repeatable().clean_up();
        let reply = self.ways.of(Family::Alerts).call(call).await;
        reply.map(drop).map_err(|error| said_no_to_one(Capability::Alerts, error))
    }

    /// Adds a comment to an alert.
    pub async fn comment(&self, id: &str, text: &str) -> Result<(), ServiceError> {
        let url = self.at(Version::V1, &format!("{}/comments", member(COLLECTION, id)));
        let call = Call::post(url).json(&Comment::of(text)).purpose(format!("comment on alert {id}")).clean_up();
        let reply = self.ways.of(Family::Alerts).call(call).await;
        reply.map(drop).map_err(|error| said_no_to_one(Capability::Alerts, error))
    }

    /// The alerts that changed at `theirs` or later, without the first so many, as far as one question goes.
    async fn some_alerts(&self, theirs: Timestamp, skip: u32) -> Result<Vec<Served>, ServiceError> {
        let filter = format!("lastUpdateDateTime ge {}", theirs.strftime("%Y-%m-%dT%H:%M:%SZ"));
        let skip = (skip > 0).then_some(skip);
        let query = Query { filter: Some(filter), top: Some(PAGE), skip, ..Query::default() };
        let first = with_options(self.at(Version::V1, COLLECTION), &query, None);
        let call = |url| Call::get(url).prefer(ALL_MEMBERS).purpose("read alerts");
        let read = |place, value: Value, reply: &Reply| served(place, &value).map_err(|odd| reply.malformed(odd));
        let served = pages(self.ways.of(Family::Alerts), first, None, call, read).await;
        served.map_err(|error| said_no(Capability::Alerts, error))
    }

    fn on_our_clock(&self, alert: Alert) -> Alert {
        Alert {
            happened_at: self.to_ours(alert.happened_at),
            last_happened_at: self.to_ours(alert.last_happened_at),
            processed_at: self.to_ours(alert.processed_at),
            ..alert
        }
    }
}

/// An alert, by the service's clock.
struct Served {
    alert: Alert,
    updated: Option<Timestamp>,
}

/// Reads the alert at a place of its page. The schema lets nearly everything be null.
fn served(place: usize, original: &Value) -> Result<Served, Odd> {
    let path = |member: &str| format!("value[{place}].{member}");
    let text = |member: &str| original[member].as_str().unwrap_or_default();
    let at = |member: &str| match &original[member] {
        Value::Null => Ok(None),
        Value::String(word) if word.is_empty() => Ok(None),
        Value::String(word) => match moment(word) {
            None => Err(Odd::new(path(member), "a date and time", format!("the text {word:?}"))),
            moment => Ok(moment),
        },
        other => Err(Odd::new(path(member), "a date and time", other.to_string())),
    };
    let none = |member: &str, expected: &str| Odd::new(path(member), expected, original[member].to_string());
    let id = original["id"].as_str().filter(|id| !id.is_empty()).ok_or_else(|| none("id", "a text"))?;
    let created = at("createdDateTime")?.ok_or_else(|| none("createdDateTime", "a date and time"))?;
    let (first, last) = (at("firstActivityDateTime")?.unwrap_or(created), at("lastActivityDateTime")?);
    let last = last.unwrap_or(first);
    let updated = at("lastUpdateDateTime")?;
    // What happened after it was created was taken in later; a person who treats it changes it as well.
    let processed = if last > created { updated.unwrap_or(created).max(created) } else { created };
    let category = text("category");
    let category = if category.is_empty() { original["categories"][0].as_str().unwrap_or_default() } else { category };
    let alert = Alert {
        id: id.to_owned(),
        part: 0,
        title: text("title").to_owned(),
        severity: text("severity").to_owned(),
        category: category.to_owned(),
        description: text("description").to_owned(),
        source: text("detectionSource").to_owned(),
        device: evidence::device(original),
        observables: evidence::observables(original),
        entities: evidence::entities(original),
        happened_at: first,
        last_happened_at: last,
        processed_at: processed,
        link: Some(text("alertWebUrl")).filter(|link| !link.is_empty()).map(str::to_owned),
        original: Some(Arc::from(original.to_string())),
    };
    Ok(Served { alert, updated })
}

/// The whole second that `moment` is in, so that nothing is missed. "From the beginning" is 1970: not every reader of
/// dates knows years before.
fn whole_second(moment: Timestamp) -> Timestamp {
    Timestamp::from_second(moment.as_second().max(0)).unwrap_or(Timestamp::UNIX_EPOCH)
}
