//! `PUT IndicatorsOfCompromise(id)/AlertDefinition/$ref`: moves an indicator under another definition. The status of
//! success is not documented; OData's own is 204.

use serde_json::Value;

use crate::emulator::{
    answer::Answer,
    faces::legacy::{Visit, address, payload, refusal::Refusal},
};

/// The framework's name of the body.
const ARGUMENT: &str = "link";

pub(super) fn respond(visit: &mut Visit<'_>, id: i64) -> Result<Answer, Refusal> {
    let members = payload::object(visit.call.request, ARGUMENT)?;
    let link = members.get("@odata.id").and_then(Value::as_str);
    let Some(definition) = link.and_then(address::linked_definition) else {
        let text = format!("{ARGUMENT} : The body must hold '@odata.id' with the address of an AlertDefinition.");
        return Err(Refusal::Model(vec![text]));
    };
    let mut placed = visit.tenant.indicator(id).ok_or(Refusal::NotFound)?.content.clone();
    placed.definition = definition;
    let asked = visit.asked();
    visit.tenant.change_indicator(id, placed, asked).map_err(|refusal| Refusal::of(refusal, ARGUMENT))?;
    Ok(Answer::empty(204).with("odata-version", "4.0"))
}
