//! Actions on machines: `/api/machineactions`, and the calls that ask for one.
//!
//! In reading order: this file, [`shape`] (as they are written), [`live_response`] (its commands), [`result`] (what they
//! bring back).

mod link;
pub(super) mod live_response;
pub(super) mod package;
pub(super) mod result;
pub(super) mod shape;

use crate::emulator::{
    answer::Answer,
    faces::endpoint::{
        Visit,
        body::{self, Body},
        machines,
        refusal::{Refusal, short},
        reply::{self, Asked, Row},
    },
    odata::paging::Place,
    propagation,
    tenant::{
        actions::{self, Action, Cancellation, Order, Step},
        application::APPLICATION_NAME,
        devices::Device,
    },
};

/// What the context of an answer calls the set.
const NAME: &str = "MachineActions";

/// An action that is asked for with a word of its own.
struct Kind {
    /// The last segment of the path, in lower case.
    path: &'static str,
    /// The action's type.
    name: &'static str,
    /// The member of the body that says how much of it; and what there is to choose from.
    scope: Option<(&'static str, &'static [&'static str])>,
}

/// The actions, by their documented paths.
const KINDS: [Kind; 8] = [
    Kind {
        path: "isolate",
        name: "Isolate",
        scope: Some(("IsolationType", &["Full", "Selective", "UnManagedDevice"])),
    },
    Kind { path: "unisolate", name: "Unisolate", scope: None },
    Kind { path: "runantivirusscan", name: "RunAntiVirusScan", scope: Some(("ScanType", &["Quick", "Full"])) },
    Kind { path: "collectinvestigationpackage", name: "CollectInvestigationPackage", scope: None },
    Kind { path: "restrictcodeexecution", name: "RestrictCodeExecution", scope: None },
    Kind { path: "unrestrictcodeexecution", name: "UnrestrictCodeExecution", scope: None },
    Kind { path: "stopandquarantinefile", name: "StopAndQuarantineFile", scope: None },
    Kind { path: "offboard", name: "Offboard", scope: None },
];

/// Whether there is an action of this word.
pub(super) fn is_known(word: &str) -> bool {
    KINDS.iter().any(|kind| kind.path == word)
}

/// `GET /api/machineactions`, the newest first.
pub(super) fn list(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    Asked::read(visit, &shape::ACTION)?.answer(visit, NAME, rows(visit))
}

/// `GET /api/machineactions/$count`.
pub(super) fn count(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    Asked::read(visit, &shape::ACTION)?.count(visit, NAME, rows(visit))
}

fn rows(visit: &Visit<'_>) -> Vec<(Place, Row)> {
    let row =
        |action: &Action| (Place(-action.created_at.as_microsecond(), action.id.clone()), shape::row(visit, action));
    visit.tenant.actions().iter().map(row).collect()
}

/// `GET /api/machineactions/{id}`.
pub(super) fn one(visit: &Visit<'_>, id: &str) -> Result<Answer, Refusal> {
    let row = shape::row(visit, by_id(visit, id)?);
    Ok(reply::entity(visit, 200, NAME, row))
}

/// The action of this id, which must be a GUID: the refusal of any other is recorded.
fn by_id<'a>(visit: &'a Visit<'_>, id: &str) -> Result<&'a Action, Refusal> {
    let form = id.len() == 36
        && id.char_indices().all(|(at, letter)| match at {
            8 | 13 | 18 | 23 => letter == '-',
            _ => letter.is_ascii_hexdigit(),
        });
    if !form {
        let id = short(id);
        let message = format!(
            "The key value ({id}) from request is not valid. The key value should be format of type 'Edm.Guid'."
        );
        return Err(Refusal::bad("BadRequest", message));
    }
    visit.tenant.action(id).ok_or_else(|| Refusal::not_found("Machine action", id))
}

/// `POST /api/machines/{id}/isolate` and its like.
pub(super) fn ask(visit: &mut Visit<'_>, machine: &str, word: &str) -> Result<Answer, Refusal> {
    let kind = KINDS.iter().find(|kind| kind.path == word).ok_or(Refusal::NoRoute)?;
    let sent = body::json(visit.call.request)?;
    let body = Body::of(&sent)?;
    let comment = body.required("Comment")?.to_owned();
    let scope = match kind.scope {
        None => None,
        Some((name, words)) => {
            let given = body.text(name)?.unwrap_or(words[0]);
            let known = words.iter().find(|word| word.eq_ignore_ascii_case(given));
            Some(known.ok_or_else(|| Refusal::input(format!("{name} is invalid.")))?.to_string())
        }
    };
    let file = match kind.name {
        "StopAndQuarantineFile" => Some(body.required("Sha1")?.to_owned()),
        _ => None,
    };
    let device = machines::device(visit, machine)?.clone();
    let takes = takes(visit, &device, kind.name);
    let step = Step { command: String::new(), params: Vec::new(), takes, error: None, result: None };
    let external_id = body.text("ExternalId")?.map(str::to_owned);
    let order = Order {
        kind: kind.name,
        scope,
        by: APPLICATION_NAME.to_owned(),
        comment,
        external_id,
        file,
        steps: vec![step],
    };
    begin(visit, device, order)
}

/// How long a device takes for a step.
fn takes(visit: &Visit<'_>, device: &Device, what: &str) -> std::time::Duration {
    let parts = ["step", &device.id, what, &visit.now.to_string()];
    propagation::draw(visit.tenant.knobs.endpoint.live_response_time, visit.tenant.seed(), &parts)
}

/// Hands the order to the device: 201 and the action.
fn begin(visit: &mut Visit<'_>, device: Device, order: Order) -> Result<Answer, Refusal> {
    let action = visit.tenant.act(device, order, visit.now).map_err(|refusal| match refusal {
        actions::Refusal::Active => Refusal::bad("ActiveRequestAlreadyExists", "Action is already in progress"),
        actions::Refusal::Sessions => Refusal::Coded {
            status: 429,
            code: "TooManyRequests",
            message: "Too many live response sessions are running.".to_owned(),
        },
    })?;
    Ok(reply::entity(visit, 201, NAME, shape::row(visit, &action)))
}

/// `POST /api/machineactions/{id}/cancel`.
pub(super) fn cancel(visit: &mut Visit<'_>, id: &str) -> Result<Answer, Refusal> {
    let id = by_id(visit, id)?.id.clone();
    let sent = body::json(visit.call.request)?;
    let comment = Body::of(&sent)?.required("Comment")?.to_owned();
    let cancellation = Cancellation { at: visit.now, by: APPLICATION_NAME.to_owned(), comment };
    if !visit.tenant.cancel_action(&id, cancellation) {
        // That what is over cannot be called off is plain; how it is refused is not documented.
        return Err(Refusal::input("The action is over and cannot be cancelled."));
    }
    one(visit, &id)
}
