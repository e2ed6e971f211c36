//! `POST {set}/Actions.BulkUpload`: many entities, all or none. The status of success is not documented; an action
//! without a result says 204.

use serde_json::{Map, Value};

use crate::emulator::{
    answer::Answer,
    faces::legacy::{
        Visit, address::Set, definition_fields::DefinitionFields, indicator_fields::IndicatorFields, payload,
        refusal::Refusal,
    },
};

/// How many entities one request may hold (custom-ti-api).
const MOST: usize = 5_000;

pub(super) fn respond(visit: &mut Visit<'_>, set: Set) -> Result<Answer, Refusal> {
    let field = field(set);
    let body = payload::object(visit.call.request, "parameters")?;
    let entities = entities(&body, field)?;
    let asked = visit.asked();
    let refused = |refusal| Refusal::of(refusal, field);
    match set {
        Set::AlertDefinitions => {
            let definitions = each(&entities, field, |members, argument| {
                DefinitionFields::parse(members, argument)?.whole(argument)
            })?;
            visit.tenant.publish_definitions(definitions, asked).map_err(refused)?;
        }
        Set::IndicatorsOfCompromise => {
            let validate = visit.tenant.knobs.validate_values;
            let placed = each(&entities, field, |members, argument| {
                IndicatorFields::parse(members, argument)?.whole(argument, validate)
            })?;
            visit.tenant.publish_indicators(placed, asked).map_err(refused)?;
        }
    }
    Ok(Answer::empty(204).with("odata-version", "4.0"))
}

/// The body's one field.
fn field(set: Set) -> &'static str {
    match set {
        Set::AlertDefinitions => "alertDefinitions",
        Set::IndicatorsOfCompromise => "iocs",
    }
}

fn entities<'a>(body: &'a Map<String, Value>, field: &str) -> Result<Vec<&'a Map<String, Value>>, Refusal> {
    let problem = |text: String| Refusal::Model(vec![format!("parameters : {text}")]);
    if let Some(stranger) = body.keys().find(|name| *name != field && !name.contains('@')) {
        return Err(problem(format!("The parameter '{stranger}' in the request payload is not a valid parameter.")));
    }
    let Some(Value::Array(items)) = body.get(field) else {
        return Err(problem(format!("The parameter '{field}' must be an array.")));
    };
    if items.len() > MOST {
        return Err(problem(format!("The parameter '{field}' must hold at most {MOST} entities.")));
    }
    let object =
        |item: &'a Value| item.as_object().ok_or_else(|| problem(format!("Each of '{field}' must be an object.")));
    items.iter().map(object).collect()
}

/// Reads every entity; the first that is wrong names its place.
fn each<T>(
    entities: &[&Map<String, Value>],
    field: &str,
    read: impl Fn(&Map<String, Value>, &str) -> Result<T, Refusal>,
) -> Result<Vec<T>, Refusal> {
    entities.iter().enumerate().map(|(place, members)| read(members, &format!("{field}[{place}]"))).collect()
}
