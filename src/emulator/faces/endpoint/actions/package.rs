//! The package that a device collects for an investigation: a link, and what is behind it.

use serde_json::json;

use crate::emulator::{
    answer::Answer,
    faces::endpoint::{
        Visit,
        actions::{by_id, link},
        refusal::Refusal,
        reply,
    },
    tenant::actions::Status,
};

/// A ZIP archive without entries: an emulated device has nothing to collect.
const PACKAGE: &[u8] = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

/// `GET /api/machineactions/{id}/getPackageUri`: 404 until the package is there. The page's sample has quotes around the
/// address, which no client is known to need and most would trip over.
pub(in crate::emulator::faces::endpoint) fn link(visit: &Visit<'_>, id: &str) -> Result<Answer, Refusal> {
    let collects = by_id(visit, id).ok().filter(|action| action.order.kind == "CollectInvestigationPackage");
    let Some(action) = collects else {
        // Recorded.
        return Err(Refusal::input("Provided Guid is not a valid id for a CollectInvestigationPackage action"));
    };
    if action.status(visit.now) != Status::Succeeded {
        return Err(Refusal::not_found("Investigation package", id));
    }
    let path = format!("investigationpackages/{}", action.id);
    Ok(reply::value(visit, "Edm.String", &json!(link::address(visit, &path, &["package", &action.id]))))
}

/// The package behind a link, which needs no token.
pub(in crate::emulator::faces::endpoint) fn file(visit: &Visit<'_>, id: &str) -> Answer {
    if link::opens(visit, &["package", id]) {
        Answer::of(200, "application/zip", PACKAGE.to_vec())
    } else {
        link::refused()
    }
}
