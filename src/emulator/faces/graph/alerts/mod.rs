//! Alerts of every origin, as `alerts_v2` shows them.
//!
//! In reading order: this file (one, some, how many), [`schema`] (what a query may name), [`shape`] and [`evidence`]
//! (how one is written), [`change`] (handling and remarks), [`create`] (an alert that somebody asks for).

pub(super) mod change;
pub(super) mod create;
mod evidence;
mod schema;
pub(super) mod shape;

use serde_json::{Map, Value};

use crate::emulator::{
    answer::Answer,
    faces::graph::{
        Visit,
        alerts::{
            change::no_alert,
            shape::{Writer, Written},
        },
        list::{self, Listing},
        refusal::Refusal,
        reply,
    },
    odata::{
        lazy::Lazy,
        options::Reading,
        paging::{Place, Top},
    },
    tenant::alerts::Alert,
};

/// Where alerts are, below the version.
const COLLECTION: &str = "security/alerts_v2";

fn listing(visit: &Visit<'_>, context: String) -> Listing {
    let wide = visit.tenant.knobs.graph.undocumented_queries;
    let schema = if wide { &schema::WIDE } else { &schema::DOCUMENTED };
    Listing { collection: COLLECTION, context, reading: Reading::of(schema), schema, top: Top::APage }
}

/// The alerts that `wanted` chooses, as rows that are written when they are needed.
fn rows<'a>(
    visit: &'a Visit<'_>,
    writer: &'a Writer<'_>,
    wanted: impl Fn(&Alert) -> bool + 'a,
) -> impl Iterator<Item = (Place, Lazy<Written<'a>>)> {
    let alerts = visit.tenant.alerts(visit.now).filter(move |alert| wanted(alert));
    alerts.map(move |alert| (list::newest(alert.visible_at, &alert.id), Lazy::new(Written { writer, alert })))
}

/// The alerts that a query asks for, the newest first.
pub(super) fn all(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let writer = Writer::new(visit);
    list::answer(visit, &listing(visit, visit.context(COLLECTION)), rows(visit, &writer, |_| true))
}

/// How many there are that a query asks for.
pub(super) fn count(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let writer = Writer::new(visit);
    list::count(visit, &listing(visit, String::new()), rows(visit, &writer, |_| true))
}

/// The alerts of an incident.
pub(super) fn of_incident(visit: &Visit<'_>, incident: u64) -> Result<Answer, Refusal> {
    let writer = Writer::new(visit);
    let context = visit.context(&format!("security/incidents('{incident}')/alerts"));
    let of_it = rows(visit, &writer, |alert| visit.tenant.incident_of(alert) == incident);
    list::answer(visit, &listing(visit, context), of_it)
}

/// The alert of this id.
pub(super) fn one(visit: &Visit<'_>, id: &str) -> Result<Answer, Refusal> {
    let options = listing(visit, String::new()).reading.read(&visit.call.request.query)?;
    let alert = find(visit, id)?;
    let mut body = Map::new();
    body.insert("@odata.context".into(), visit.context(&format!("{COLLECTION}/$entity")).into());
    body.extend(list::selected(Writer::new(visit).alert(alert), &schema::WIDE, &options));
    Ok(reply::json(200, &Value::Object(body)))
}

fn find<'a>(visit: &'a Visit<'_>, id: &str) -> Result<&'a Alert, Refusal> {
    visit.tenant.alert(id, visit.now).ok_or_else(|| no_alert(id))
}
