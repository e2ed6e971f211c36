//! What a command of live response brings back: a link, and the file behind it.

use serde_json::json;

use crate::emulator::{
    answer::Answer,
    faces::endpoint::{
        Visit,
        actions::{by_id, link},
        refusal::Refusal,
        reply,
    },
};

/// `GET /api/machineactions/{id}/GetLiveResponseResultDownloadLink(index=…)`.
pub(in crate::emulator::faces::endpoint) fn link(visit: &Visit<'_>, id: &str, index: &str) -> Result<Answer, Refusal> {
    let action = by_id(visit, id)?;
    let place: usize = index.parse().map_err(|_| Refusal::input("index is invalid."))?;
    let done = action.progress(visit.now).get(place).is_some_and(|step| step.ended.is_some());
    let step = action.order.steps.get(place).filter(|step| done && step.error.is_none());
    if step.is_none_or(|step| step.result.is_none()) {
        return Err(Refusal::not_found("Live response result", &format!("{id}, {index}")));
    }
    let place = place.to_string();
    let path = format!("liveresponseresults/{}/{place}", action.id);
    let address = link::address(visit, &path, &["result", &action.id, &place]);
    Ok(reply::value(visit, "Edm.String", &json!(address)))
}

/// The file behind a link, which needs no token.
pub(in crate::emulator::faces::endpoint) fn file(visit: &Visit<'_>, id: &str, index: &str) -> Answer {
    let step = index.parse::<usize>().ok().and_then(|place| visit.tenant.action(id)?.order.steps.get(place));
    match step.and_then(|step| step.result.clone()) {
        Some(content) if link::opens(visit, &["result", id, index]) => {
            Answer::of(200, "application/octet-stream", content)
        }
        _ => link::refused(),
    }
}
