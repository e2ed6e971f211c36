//! The Defender for Endpoint API, V1.0, and the calls of Defender XDR that live at the same host.
//!
//! In reading order: this file (which operation is asked for), [`address`] (the path), [`access`] (who may ask),
//! [`quota`] (how often), [`body`] (what a request says), [`reply`] (how an answer is written), then a file or folder
//! for each thing there is: [`indicators`], [`alerts`], [`machines`], [`actions`], [`library`] (with
//! [`multipart`]), [`hunting`], [`incidents`], [`investigations`],
//! [`profiles`] (what devices had to do with); then [`metadata`] (what describes them all); at last [`refusal`] (every way to say no).
//!
//! Shapes are those recorded from a tenant in 2023 where there is a recording, and the documentation's otherwise; what
//! neither tells is a knob, or is said where it is done.

mod access;
mod actions;
mod address;
mod alerts;
mod body;
mod hunting;
mod incidents;
mod indicators;
mod investigations;
mod library;
mod machines;
mod metadata;
mod multipart;
mod profiles;
mod quota;
mod refusal;
mod reply;

use jiff::Timestamp;

use crate::emulator::{
    Emulator,
    answer::Answer,
    faces::{
        Call,
        endpoint::{
            address::{Place, Set},
            alerts::Of,
            refusal::Refusal,
        },
    },
    tenant::Tenant,
    tokens::Bearer,
};

/// One request on its way through the API.
struct Visit<'a> {
    tenant: &'a mut Tenant,
    call: &'a Call<'a>,
    now: Timestamp,
    /// The token that was shown; none where none is needed.
    bearer: Option<Bearer>,
}

impl Visit<'_> {
    /// The id of the application that asks.
    fn application(&self) -> &str {
        self.bearer.as_ref().map_or("", |bearer| bearer.app_id.as_str())
    }

    /// Whether the token that was shown carries this role.
    fn holds(&self, role: &str) -> bool {
        self.bearer.as_ref().is_some_and(|bearer| bearer.roles.iter().any(|held| held.eq_ignore_ascii_case(role)))
    }
}

/// Answers a request to the API.
pub(super) fn answer(emulator: &Emulator, call: &Call<'_>) -> Answer {
    let answer = emulator.with(|tenant, now| {
        tenant.settle(now);
        tenant.settle_actions(now);
        let mut visit = Visit { tenant, call, now, bearer: None };
        serve(&mut visit).unwrap_or_else(|refusal| refusal.into_answer(&visit))
    });
    answer.with("strict-transport-security", "max-age=31536000; includeSubDomains")
}

fn serve(visit: &mut Visit<'_>) -> Result<Answer, Refusal> {
    let place = address::read(&visit.call.rest).ok_or(Refusal::NoRoute)?;
    let method = visit.call.request.method.to_ascii_uppercase();
    let allowed = allowed(visit, &place).ok_or(Refusal::NoRoute)?;
    if !allowed.split(", ").any(|known| known == method) {
        return Err(Refusal::Method(allowed));
    }
    if let Some(needs) = access::needs(&place, &method) {
        let bearer = access::admit(visit, needs)?;
        quota::take(visit.tenant, needs.family, &bearer.app_id, visit.now)?;
        visit.bearer = Some(bearer);
    }
    by_place(visit, place, &method)
}

/// The methods that a place takes; none where there is no such place after all.
fn allowed(visit: &Visit<'_>, place: &Place) -> Option<&'static str> {
    let by_id = visit.tenant.knobs.endpoint.indicator_by_id;
    Some(match place {
        Place::Indicator(_) if by_id => "GET, DELETE",
        Place::Indicator(_) | Place::LibraryFile(_) => "DELETE",
        Place::Set(Set::Indicators | Set::Library) => "GET, POST",
        Place::Alert(_) | Place::Incident(_) => "GET, PATCH",
        Place::Metadata
        | Place::Set(_)
        | Place::Count(_)
        | Place::Related(..)
        | Place::Machine(_)
        | Place::MachinesByIp(..)
        | Place::MachineAction(_)
        | Place::Investigation(_)
        | Place::LogonUsers(_)
        | Place::PackageLink(_)
        | Place::Package(_)
        | Place::File(_)
        | Place::Statistics(..)
        | Place::MachinesOf(..)
        | Place::ResultLink(..)
        | Place::Result(..)
        | Place::DeviceGroups => "GET",
        Place::Act(_, word) if !actions::is_known(word) => return None,
        Place::Import
        | Place::BatchDelete
        | Place::AlertBatchUpdate
        | Place::AlertByReference
        | Place::Tags(_)
        | Place::LiveResponse(_)
        | Place::StartInvestigation(_)
        | Place::Act(..)
        | Place::Cancel(_)
        | Place::Hunting { .. } => "POST",
    })
}

fn by_place(visit: &mut Visit<'_>, place: Place, method: &str) -> Result<Answer, Refusal> {
    match (place, method) {
        (Place::Metadata, _) => Ok(metadata::document()),
        (Place::Set(Set::Indicators), "POST") => indicators::publish(visit),
        (Place::Set(Set::Library), "POST") => library::upload(visit),
        (Place::Set(set), _) => list(visit, &set),
        (Place::Count(set), _) => count(visit, &set),
        (Place::Indicator(id), "DELETE") => indicators::delete(visit, &id),
        (Place::Indicator(id), _) => indicators::one(visit, &id),
        (Place::Import, _) => indicators::batch::import(visit),
        (Place::BatchDelete, _) => indicators::batch::delete(visit),
        (Place::Alert(id), "PATCH") => alerts::change::one(visit, &id),
        (Place::Alert(id), _) => alerts::one(visit, &id),
        (Place::AlertBatchUpdate, _) => alerts::change::many(visit),
        (Place::AlertByReference, _) => alerts::by_reference::respond(visit),
        (Place::Related(id, relation), _) => alerts::relations::respond(visit, &id, relation),
        (Place::Machine(id), _) => machines::one(visit, &id),
        (Place::MachinesByIp(ip, time), _) => machines::by_ip(visit, &ip, &time),
        (Place::LogonUsers(id), _) => machines::users(visit, &id),
        (Place::Tags(id), _) => machines::tag(visit, &id),
        (Place::DeviceGroups, _) => machines::groups(visit),
        (Place::LiveResponse(id), _) => actions::live_response::run(visit, &id),
        (Place::Act(id, word), _) => actions::ask(visit, &id, &word),
        (Place::MachineAction(id), _) => actions::one(visit, &id),
        (Place::Cancel(id), _) => actions::cancel(visit, &id),
        (Place::ResultLink(id, index), _) => actions::result::link(visit, &id, &index),
        (Place::Result(id, index), _) => Ok(actions::result::file(visit, &id, &index)),
        (Place::PackageLink(id), _) => actions::package::link(visit, &id),
        (Place::Package(id), _) => Ok(actions::package::file(visit, &id)),
        (Place::File(hash), _) => profiles::file(visit, &hash),
        (Place::Statistics(thing, name), _) => profiles::statistics(visit, thing, &name),
        (Place::MachinesOf(thing, name), _) => profiles::machines(visit, thing, &name),
        (Place::LibraryFile(name), _) => library::delete(visit, &name),
        (Place::Hunting { .. }, _) => hunting::run(visit),
        (Place::Investigation(id), _) => investigations::one(visit, &id),
        (Place::StartInvestigation(id), _) => investigations::start(visit, &id),
        (Place::Incident(id), "PATCH") => incidents::change(visit, &id),
        (Place::Incident(id), _) => incidents::one(visit, &id),
    }
}

fn list(visit: &Visit<'_>, set: &Set) -> Result<Answer, Refusal> {
    match set {
        Set::Indicators => indicators::list(visit),
        Set::Alerts => alerts::list(visit, &Of::Everybody),
        Set::AlertsOfMachine(id) => alerts::list(visit, &Of::Machine(id)),
        Set::AlertsOf(thing, name) => alerts::list(visit, &Of::Thing(*thing, name)),
        Set::Machines => machines::list(visit),
        Set::MachineActions => actions::list(visit),
        Set::Library => library::list(visit),
        Set::Incidents => incidents::list(visit),
        Set::Investigations => investigations::list(visit),
    }
}

fn count(visit: &Visit<'_>, set: &Set) -> Result<Answer, Refusal> {
    match set {
        Set::Indicators => indicators::count(visit),
        Set::Alerts => alerts::count(visit, &Of::Everybody),
        Set::AlertsOfMachine(id) => alerts::count(visit, &Of::Machine(id)),
        Set::AlertsOf(thing, name) => alerts::count(visit, &Of::Thing(*thing, name)),
        Set::Machines => machines::count(visit),
        Set::MachineActions => actions::count(visit),
        Set::Library => library::count(visit),
        Set::Incidents => incidents::count(visit),
        Set::Investigations => investigations::count(visit),
    }
}
