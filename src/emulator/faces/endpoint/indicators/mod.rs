//! Custom indicators: `/api/indicators`.
//!
//! In reading order: this file (list, publish, delete), [`shape`] (as they are written), [`fields`] (as they are sent),
//! [`value`] (what each type looks for), [`batch`] (many at once).

pub(super) mod batch;
mod fields;
pub(super) mod shape;
mod value;

use serde_json::Value;

use crate::emulator::{
    answer::Answer,
    faces::endpoint::{
        Visit, body,
        refusal::Refusal,
        reply::{self, Asked},
    },
    odata::{lazy::Lazy, paging::Place},
    tenant::{custom::Custom, shelf},
};

/// What the context of an answer calls the set.
const NAME: &str = "Indicators";

/// `GET /api/indicators`.
pub(super) fn list(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    Asked::read(visit, &shape::INDICATOR)?.answer(visit, NAME, rows(visit))
}

/// `GET /api/indicators/$count`.
pub(super) fn count(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    Asked::read(visit, &shape::INDICATOR)?.count(visit, NAME, rows(visit))
}

fn rows<'a>(visit: &'a Visit<'_>) -> impl Iterator<Item = (Place, Lazy<&'a shelf::Stored<Custom>>)> {
    let seen = visit.tenant.customs().filter(|stored| sees(visit, stored));
    seen.map(|stored| (Place(stored.id, String::new()), Lazy::new(stored)))
}

/// Who holds `Ti.ReadWrite` alone sees what they made.
fn sees(visit: &Visit<'_>, stored: &shelf::Stored<Custom>) -> bool {
    visit.holds("Ti.ReadWrite.All") || stored.created_by == visit.application()
}

/// The indicator of this id, if the caller sees it.
fn visible<'a>(visit: &'a Visit<'_>, id: i64) -> Result<&'a shelf::Stored<Custom>, Refusal> {
    let stored = visit.tenant.custom(id).filter(|stored| sees(visit, stored));
    stored.ok_or_else(|| Refusal::not_found("Indicator", &id.to_string()))
}

fn by_id<'a>(visit: &'a Visit<'_>, id: &str) -> Result<&'a shelf::Stored<Custom>, Refusal> {
    match id.parse() {
        Ok(id) => visible(visit, id),
        Err(_) => Err(Refusal::not_found("Indicator", id)),
    }
}

/// `GET /api/indicators/{id}`, which is not documented.
pub(super) fn one(visit: &Visit<'_>, id: &str) -> Result<Answer, Refusal> {
    let row = shape::row(by_id(visit, id)?);
    Ok(reply::entity(visit, 200, NAME, row))
}

/// `POST /api/indicators`: 200 and the whole, be it new or changed.
pub(super) fn publish(visit: &mut Visit<'_>) -> Result<Answer, Refusal> {
    let sent = body::json(visit.call.request)?;
    let row = shape::row(&keep(visit, &sent)?);
    Ok(reply::entity(visit, 200, NAME, row))
}

/// Keeps the indicator that `sent` describes.
fn keep(visit: &mut Visit<'_>, sent: &Value) -> Result<shelf::Stored<Custom>, Refusal> {
    let custom = fields::read(visit, sent)?;
    let by = visit.application().to_owned();
    let asked = shelf::Asked { by: &by, at: visit.now };
    visit.tenant.publish_custom(custom, asked).map_err(|_| {
        let allowed = visit.tenant.knobs.endpoint.custom_quota;
        // No body of this refusal is published.
        Refusal::bad("BadRequest", format!("Maximum number of indicators exceeded, allowed: {allowed}."))
    })
}

/// `DELETE /api/indicators/{id}`.
pub(super) fn delete(visit: &mut Visit<'_>, id: &str) -> Result<Answer, Refusal> {
    let id = by_id(visit, id)?.id;
    visit.tenant.delete_custom(id, visit.now);
    Ok(Answer::empty(visit.tenant.knobs.endpoint.delete_status))
}
