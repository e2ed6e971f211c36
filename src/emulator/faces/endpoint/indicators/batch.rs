//! Many indicators at once: made one by one, or taken away together.

use serde_json::{Value, json};

use crate::emulator::{
    answer::Answer,
    faces::endpoint::{
        Visit,
        body::{self, Body},
        indicators,
        refusal::Refusal,
        reply,
    },
    faults::{
        exchange::reason,
        rule::{Fault, Subject},
    },
};

/// Import and deletion take so many at once (import-ti-indicators, batch-delete-ti-indicators).
const AT_MOST: usize = 500;

/// `POST /api/indicators/import`: each on its own, and those that fail do not hinder the others.
pub(in crate::emulator::faces::endpoint) fn import(visit: &mut Visit<'_>) -> Result<Answer, Refusal> {
    let sent = body::json(visit.call.request)?;
    let items = items(Body::of(&sent)?, "Indicators")?;
    if items.iter().any(|item| !item.is_object()) {
        return Err(Refusal::body());
    }
    let results: Vec<_> = items
        .iter()
        .map(|item| {
            let kept = match refused(visit, item) {
                Some(reason) => Err(reason.to_owned()),
                None => indicators::keep(visit, item).map_err(|refusal| refusal.reason()),
            };
            let id = kept.as_ref().ok().map(|stored| stored.id.to_string());
            json!({
                "id": id, "indicator": item.get("indicatorValue").filter(|value| value.is_string()),
                "isFailed": kept.is_err(), "failureReason": kept.err(),
            })
        })
        .collect();
    let of = "Collection(microsoft.windowsDefenderATP.api.ImportIndicatorResult)";
    Ok(reply::value(visit, of, &Value::Array(results)))
}

/// Why a fault refuses this one of many, if one does.
fn refused(visit: &mut Visit<'_>, item: &Value) -> Option<&'static str> {
    let (request, text) = (visit.call.request, item.to_string());
    let part = Subject::Part { face: "endpoint", method: &request.method, path: &request.path, text: &text };
    visit.tenant.faults.applying(&part, visit.now).iter().find_map(|fault| match fault {
        Fault::RefusePart { status } => Some(reason(*status)),
        _ => None,
    })
}

/// `POST /api/indicators/BatchDelete`: all or none.
pub(in crate::emulator::faces::endpoint) fn delete(visit: &mut Visit<'_>) -> Result<Answer, Refusal> {
    let sent = body::json(visit.call.request)?;
    let items = items(Body::of(&sent)?, "IndicatorIds")?;
    let mut ids = Vec::new();
    for item in items {
        let text = item.as_str().ok_or_else(Refusal::body)?;
        let id = text.parse::<i64>().ok().filter(|id| *id > 0);
        ids.push(id.ok_or_else(|| Refusal::input("Indicator id is malformed."))?);
    }
    for id in &ids {
        indicators::visible(visit, *id)?;
    }
    for id in ids {
        visit.tenant.delete_custom(id, visit.now);
    }
    Ok(Answer::empty(204))
}

fn items<'a>(body: Body<'a>, name: &str) -> Result<&'a [Value], Refusal> {
    let items = body.get(name).ok_or_else(|| Refusal::missing(name))?;
    let items = items.as_array().ok_or_else(Refusal::body)?;
    if items.is_empty() {
        return Err(Refusal::input(format!("{name} is empty.")));
    }
    if items.len() > AT_MOST {
        let message = format!("Maximum batch size exceeded. Received: {}, allowed: {AT_MOST}.", items.len());
        return Err(Refusal::bad("MaximumBatchSizeExceeded", message));
    }
    Ok(items)
}
