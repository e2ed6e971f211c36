//! Microsoft Graph security: alerts, incidents, detection rules, hunting.
//!
//! In reading order: this file (from a request to its answer), [`place`] (which part a path leads to), [`access`] (who
//! may ask, in which cloud, how often), [`refusal`] (every way to say no), [`reply`] (what every answer carries),
//! [`body`] (what was sent).
//!
//! Shapes and enumerations follow the schema of v1.0; what the service refuses, and in which words, follows reports of
//! its users of 2026. Where neither says anything, the file says so or a knob does.

mod access;
mod alerts;
mod batch;
mod body;
mod hunting;
mod incidents;
mod indicators;
mod list;
mod metadata;
mod place;
mod refusal;
mod reply;
mod rules;
mod vocabulary;

use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::emulator::{
    Emulator,
    answer::Answer,
    faces::{
        Call,
        graph::{
            place::{NoSegment, Place, Version},
            refusal::Refusal,
            reply::Ids,
        },
    },
    tenant::{Tenant, application::APPLICATION_NAME},
    tokens::Bearer,
};

/// One request on its way through the API.
struct Visit<'a> {
    tenant: &'a mut Tenant,
    call: &'a Call<'a>,
    version: Version,
    caller: Bearer,
    now: Timestamp,
}

impl Visit<'_> {
    /// The root of this version, as the client sees it.
    fn root(&self) -> String {
        format!("{}/{}", self.call.base, self.version.as_str())
    }

    /// The description's address, and which part of it an answer is.
    fn context(&self, part: &str) -> String {
        format!("{}/$metadata#{part}", self.root())
    }

    /// The path below the version, as links to the same collection hold it.
    fn path(&self) -> String {
        let segments = self.call.rest.iter().skip(1);
        let written = segments.map(|segment| utf8_percent_encode(segment, NON_ALPHANUMERIC_BUT).to_string());
        written.collect::<Vec<_>>().join("/")
    }
}

/// Who asks, as the service writes it: the name of the application.
const ASKER: &str = APPLICATION_NAME;

/// What is not written as it is in a segment of a path.
const NON_ALPHANUMERIC_BUT: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'$').remove(b'(').remove(b')').remove(b'\'');

/// Answers a request to the API.
pub(super) fn answer(emulator: &Emulator, call: &Call<'_>) -> Answer {
    emulator.with(|tenant, now| serve(tenant, call, now))
}

/// Answers a request, or a part of one.
fn serve(tenant: &mut Tenant, call: &Call<'_>, now: Timestamp) -> Answer {
    let ids = Ids::new(tenant, call.request);
    let outcome = respond(tenant, call, now);
    reply::written(outcome, &ids, &tenant.knobs.graph, now)
}

fn respond(tenant: &mut Tenant, call: &Call<'_>, now: Timestamp) -> Result<Answer, Refusal> {
    let first = call.rest.first().map(String::as_str).unwrap_or_default();
    let segments = call.rest.get(1..).unwrap_or_default();
    let version = Version::read(first);
    if let Some(version) = version
        && segments.len() == 1
        && segments[0].eq_ignore_ascii_case("$metadata")
    {
        return Ok(metadata::document(version));
    }
    let caller = access::caller(tenant, call.request, now)?;
    let version = version.ok_or_else(|| Refusal::bad(format!("Invalid version: {first}")))?;
    let place = place::find(segments, version).map_err(|NoSegment(segment)| Refusal::segment(&segment))?;
    access::served(tenant, call, (&place, version), now)?;
    let mut visit = Visit { tenant, call, version, caller, now };
    access::admit(&mut visit, &place)?;
    dispatch(&mut visit, &place)
}

fn dispatch(visit: &mut Visit<'_>, place: &Place) -> Result<Answer, Refusal> {
    let is = |method| visit.call.request.method.eq_ignore_ascii_case(method);
    let (post, patch, delete) = (is("POST"), is("PATCH"), is("DELETE"));
    match place {
        Place::Alerts if post => alerts::create::manual(visit),
        Place::Alerts => alerts::all(visit),
        Place::AlertCount => alerts::count(visit),
        Place::Alert(id) if patch => alerts::change::update(visit, id),
        Place::Alert(id) => alerts::one(visit, id),
        Place::Comments(id) => alerts::change::comment(visit, id),
        Place::CreateAlert => alerts::create::by_action(visit),
        Place::Incidents => incidents::all(visit),
        Place::IncidentCount => incidents::count(visit),
        Place::Incident(id) if patch => incidents::change::update(visit, id),
        Place::Incident(id) => incidents::one(visit, id),
        Place::IncidentComments(id) => incidents::change::comment(visit, id),
        Place::IncidentAlerts(id) => incidents::alerts(visit, id),
        Place::Rules if post => rules::create(visit),
        Place::Rules => rules::all(visit),
        Place::RuleCount => rules::count(visit),
        Place::Rule(id) if patch => rules::update(visit, id),
        Place::Rule(id) if delete => rules::delete(visit, id),
        Place::Rule(id) => rules::one(visit, id),
        Place::Batch => batch::answer(visit),
        Place::Hunt => hunting::run(visit),
        Place::HuntingSchema => Ok(hunting::schema(visit)),
        Place::Indicators if post => indicators::create(visit),
        Place::Indicators => indicators::all(visit),
        Place::IndicatorCount => indicators::count(visit),
        Place::Indicator(id) if patch => indicators::update(visit, id),
        Place::Indicator(id) if delete => indicators::delete(visit, id),
        Place::Indicator(id) => indicators::one(visit, id),
        Place::IndicatorAction(action) => indicators::many(visit, *action),
        Place::Metadata => Ok(metadata::document(visit.version)),
    }
}
