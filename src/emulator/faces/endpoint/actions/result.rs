//! What a command of live response brings back: a link that opens for half an hour, and the file behind it.

use jiff::Timestamp;
use serde_json::json;

use crate::emulator::{
    answer::Answer,
    faces::endpoint::{Visit, actions::by_id, refusal::Refusal, reply},
    noise,
};

/// How long a link opens, in seconds (get-live-response-result).
const OPEN_FOR: i64 = 1_800;

/// `GET /api/machineactions/{id}/GetLiveResponseResultDownloadLink(index=…)`.
pub(in crate::emulator::faces::endpoint) fn link(visit: &Visit<'_>, id: &str, index: &str) -> Result<Answer, Refusal> {
    let action = by_id(visit, id)?;
    let place: usize = index.parse().map_err(|_| Refusal::input("index is invalid."))?;
    let done = action.progress(visit.now).get(place).is_some_and(|step| step.ended.is_some());
    let step = action.order.steps.get(place).filter(|step| done && step.error.is_none());
    if step.is_none_or(|step| step.result.is_none()) {
        return Err(Refusal::not_found("Live response result", &format!("{id}, {index}")));
    }
    let expires = visit.now.as_second() + OPEN_FOR;
    let signature = signature(visit, &action.id, index, expires);
    let address = format!(
        "{}/api/liveresponseresults/{}/{place}?sv=2020-08-04&se={expires}&sr=b&sp=r&sig={signature}",
        visit.call.base, action.id
    );
    Ok(reply::value(visit, "Edm.String", &json!(address)))
}

fn signature(visit: &Visit<'_>, id: &str, index: &str, expires: i64) -> String {
    noise::hex(&noise::bytes(visit.tenant.seed(), &["result", id, index, &expires.to_string()]))
}

/// The file behind a link, which needs no token.
pub(in crate::emulator::faces::endpoint) fn file(visit: &Visit<'_>, id: &str, index: &str) -> Answer {
    let query: Vec<_> = url::form_urlencoded::parse(visit.call.request.query.as_bytes()).collect();
    let value = |name: &str| query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_ref());
    let expires = value("se").and_then(|text| text.parse::<i64>().ok());
    let opens = expires.is_some_and(|expires| {
        Timestamp::from_second(expires).is_ok_and(|at| visit.now < at)
            && value("sig") == Some(signature(visit, id, index, expires).as_str())
    });
    let step = index.parse::<usize>().ok().and_then(|place| visit.tenant.action(id)?.order.steps.get(place));
    match step.and_then(|step| step.result.clone()) {
        Some(content) if opens => Answer::of(200, "application/octet-stream", content),
        _ => {
            let body = "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>AuthenticationFailed</Code><Message>Server \
                        failed to authenticate the request.</Message></Error>";
            Answer::of(403, "application/xml", body.as_bytes().to_vec())
        }
    }
}
