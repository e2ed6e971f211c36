//! The custom threat intelligence API, V1.0.
//!
//! In reading order: this file (who may ask, which operation is asked for), [`address`] (the path), [`vocabulary`] and
//! [`entity`] (what there is, and how it is written), [`payload`] (the body), [`definition_fields`] and
//! [`indicator_fields`] (what a body says), then a file for each operation: [`create`], [`read`], [`update`],
//! [`relate`], [`delete`], [`bulk`], [`metadata`] ([`representation`] writes their answers); at last [`refusal`] (every way to say no).
//!
//! The operations, names and successes are documented; errors are not, and follow the framework that the service was
//! very likely built with (ASP.NET Web API OData). Where neither says anything, the file says so.

mod address;
mod bulk;
mod create;
mod definition_fields;
mod delete;
mod entity;
mod indicator_fields;
mod metadata;
mod payload;
mod read;
mod refusal;
mod relate;
mod representation;
mod update;
mod vocabulary;

use jiff::Timestamp;

use crate::emulator::{
    Emulator,
    answer::Answer,
    faces::{
        Call,
        legacy::{
            address::{Place, Set},
            refusal::Refusal,
        },
        token::AAD_GRAPH,
    },
    tenant::{Tenant, application::APPLICATION_NAME, shelf::Asked},
    tokens,
};

/// Whose tokens are taken: both resources stand in the documentation, and the third is what comes of asking for none.
const AUDIENCES: [&str; 3] = ["https://graph.windows.net", "https://graph.microsoft.com", AAD_GRAPH];

/// One request on its way through the API.
struct Visit<'a> {
    tenant: &'a mut Tenant,
    call: &'a Call<'a>,
    now: Timestamp,
}

impl Visit<'_> {
    /// Who asks: what `CreatedBy` holds for an application is not documented; later services show its name.
    fn asked(&self) -> Asked<'static> {
        Asked { by: APPLICATION_NAME, at: self.now }
    }

    /// Whether the caller would rather have no body back.
    fn prefers_minimal(&self) -> bool {
        let prefer = self.call.request.header("prefer").unwrap_or_default();
        prefer.split([',', ';']).any(|part| part.trim().eq_ignore_ascii_case("return=minimal"))
    }
}

/// Answers a request to the API.
pub(super) fn answer(emulator: &Emulator, call: &Call<'_>) -> Answer {
    let answer = emulator.with(|tenant, now| {
        let mut visit = Visit { tenant, call, now };
        serve(&mut visit).unwrap_or_else(Refusal::into_answer)
    });
    answer.with("cache-control", "no-cache").with("pragma", "no-cache").with("expires", "-1")
}

fn serve(visit: &mut Visit<'_>) -> Result<Answer, Refusal> {
    admit(visit)?;
    let place = address::read(&visit.call.rest)?;
    let method = visit.call.request.method.to_ascii_uppercase();
    match (place, method.as_str()) {
        (Place::Service, "GET") => Ok(metadata::service(visit)),
        (Place::Metadata, "GET") => Ok(metadata::document()),
        (Place::Set(set), "GET") => read::all(visit, set),
        (Place::Count(set), "GET") => read::count(visit, set),
        (Place::Set(set), "POST") => create::respond(visit, set),
        (Place::Set(set), "DELETE") => Ok(delete::all(visit, set)),
        (Place::One(set, id), "GET") => read::one(visit, set, id),
        (Place::One(set, id), "PATCH") => update::respond(visit, set, id),
        (Place::One(set, id), "DELETE") => delete::one(visit, set, id),
        (Place::DefinitionOf(id), "PUT") => relate::respond(visit, id),
        (Place::DeleteIndicatorsOf(id), "POST") => delete::indicators_of(visit, id),
        (Place::BulkUpload(set), "POST") => bulk::respond(visit, set),
        (place, _) => Err(Refusal::Method { method, allow: allowed(place) }),
    }
}

fn allowed(place: Place) -> &'static str {
    match place {
        Place::Service | Place::Metadata | Place::Count(_) => "GET",
        Place::Set(_) => "GET, POST, DELETE",
        Place::One(..) => "GET, PATCH, DELETE",
        Place::DefinitionOf(_) => "PUT",
        Place::DeleteIndicatorsOf(_) | Place::BulkUpload(_) => "POST",
    }
}

/// A token for the tenant opens the door while the API is switched on. How the real door treats a tenant that switched
/// it off is not documented: the knob `disabledApiStatus` chooses.
fn admit(visit: &Visit<'_>) -> Result<(), Refusal> {
    let authorization = visit.call.request.header("authorization");
    if !tokens::admits(visit.tenant, authorization, &AUDIENCES, visit.now) {
        return Err(Refusal::Unauthorised);
    }
    match (visit.tenant.application().enabled(), visit.tenant.knobs.disabled_api_status) {
        (true, _) => Ok(()),
        (false, 401) => Err(Refusal::Unauthorised),
        (false, _) => Err(Refusal::SwitchedOff),
    }
}

impl Set {
    /// The singular, as the framework names the argument of an operation.
    fn argument(self) -> &'static str {
        match self {
            Self::AlertDefinitions => "alertDefinition",
            Self::IndicatorsOfCompromise => "indicatorOfCompromise",
        }
    }
}
