//! Alerts: `/api/alerts`, and those of a machine or of something that alerts name.
//!
//! In reading order: this file (list, one), [`shape`] and [`evidence`] (as they are written), [`vocabulary`] (in which
//! words), [`change`] (what becomes of them), [`relations`] (what they name), [`by_reference`] (made on request).

pub(super) mod by_reference;
pub(super) mod change;
mod evidence;
pub(super) mod relations;
pub(super) mod shape;
mod vocabulary;

pub(super) use crate::emulator::faces::endpoint::alerts::shape::coarse_time;
use crate::emulator::{
    answer::Answer,
    faces::endpoint::{
        Visit,
        address::Thing,
        machines,
        refusal::Refusal,
        reply::{self, Asked},
    },
    odata::{lazy::Lazy, paging::Place},
    tenant::{
        alerts::Alert,
        evidence::Entity,
        handling::{Classification, Determination, Investigation},
    },
};

/// What the context of an answer calls the set.
const NAME: &str = "Alerts";

/// Whose alerts a list is of.
pub(super) enum Of<'a> {
    Everybody,
    /// The machine of this id or name.
    Machine(&'a str),
    /// What is named so.
    Thing(Thing, &'a str),
}

impl Of<'_> {
    /// Whether `alert` is among them; an error where there can be none.
    fn holds(&self, alert: &Alert) -> bool {
        match self {
            Self::Everybody => true,
            Self::Machine(id) => alert.device.id.eq_ignore_ascii_case(id) || alert.device.name.eq_ignore_ascii_case(id),
            Self::Thing(thing, name) => alert.entities.iter().any(|entity| names(entity, *thing, name)),
        }
    }

    /// The list of a machine shows evidence without being asked to (recorded in 2023).
    fn is_detailed(&self) -> bool {
        matches!(self, Self::Machine(_))
    }

    /// What the context calls the list; that of a thing's alerts is recorded.
    fn name(&self) -> &'static str {
        if matches!(self, Self::Thing(..)) { "AlertEntitySetName" } else { NAME }
    }
}

/// What is written for a classification.
pub(super) fn classification(found: Classification) -> Option<&'static str> {
    vocabulary::word(&vocabulary::CLASSIFICATIONS, &found)
}

/// What is written for how far an investigation has come.
pub(super) fn investigation(of: Investigation) -> Option<&'static str> {
    vocabulary::word(&vocabulary::INVESTIGATIONS, &of)
}

/// What is written for a determination.
pub(super) fn determination(found: Determination) -> Option<&'static str> {
    vocabulary::word(&vocabulary::DETERMINATIONS, &found)
}

fn names(entity: &Entity, thing: Thing, name: &str) -> bool {
    match (entity, thing) {
        (Entity::Ip(address), Thing::Ip) => name.parse() == Ok(*address),
        (Entity::Url(url) | Entity::Dns(url), Thing::Domain) => relations::host(url).eq_ignore_ascii_case(name),
        (Entity::File { sha1, sha256, md5, .. }, Thing::File) => {
            [sha1, sha256, md5].into_iter().any(|hash| hash.eq_ignore_ascii_case(name))
        }
        (Entity::User { account, domain }, Thing::User) => {
            name.eq_ignore_ascii_case(account) || name.eq_ignore_ascii_case(&format!("{domain}\\{account}"))
        }
        _ => false,
    }
}

/// `GET` of a list of alerts.
pub(super) fn list(visit: &Visit<'_>, of: &Of<'_>) -> Result<Answer, Refusal> {
    let asked = Asked::read(visit, &shape::ALERT)?;
    let detailed = of.is_detailed() || asked.expands("evidence");
    asked.answer(visit, of.name(), rows(visit, of, detailed)?)
}

/// `GET` of how many there are of a list.
pub(super) fn count(visit: &Visit<'_>, of: &Of<'_>) -> Result<Answer, Refusal> {
    Asked::read(visit, &shape::ALERT)?.count(visit, of.name(), rows(visit, of, false)?)
}

/// The newest first: no order is documented.
fn rows<'a>(
    visit: &'a Visit<'_>,
    of: &'a Of<'_>,
    detailed: bool,
) -> Result<impl Iterator<Item = (Place, Lazy<shape::Shown<'a>>)>, Refusal> {
    if let Of::Machine(id) = of {
        machines::device(visit, id)?;
    }
    let alerts = visit.tenant.alerts(visit.now).filter(move |alert| of.holds(alert));
    Ok(alerts.map(move |alert| {
        let place = Place(-alert.visible_at.as_microsecond(), alert.id.clone());
        (place, Lazy::new(shape::Shown::new(visit, alert, detailed)))
    }))
}

/// `GET /api/alerts/{id}`, with evidence.
pub(super) fn one(visit: &Visit<'_>, id: &str) -> Result<Answer, Refusal> {
    let row = shape::row(visit, by_id(visit, id)?, true);
    Ok(reply::entity(visit, 200, NAME, row))
}

fn by_id<'a>(visit: &'a Visit<'_>, id: &str) -> Result<&'a Alert, Refusal> {
    visit.tenant.alert(id, visit.now).ok_or_else(|| Refusal::not_found("Alert", id))
}
