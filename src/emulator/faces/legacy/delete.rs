//! `DELETE` of one entity or of a whole set, and the action that takes a definition's indicators away: 204 for each.
//! A definition takes its indicators with it. What an unknown id gives is not documented: here, 404.

use crate::emulator::{
    answer::Answer,
    faces::legacy::{Visit, address::Set, refusal::Refusal},
};

pub(super) fn one(visit: &mut Visit<'_>, set: Set, id: i64) -> Result<Answer, Refusal> {
    let known = match set {
        Set::AlertDefinitions => visit.tenant.delete_definition(id, visit.now),
        Set::IndicatorsOfCompromise => visit.tenant.delete_indicator(id, visit.now),
    };
    if known { Ok(gone()) } else { Err(Refusal::NotFound) }
}

pub(super) fn all(visit: &mut Visit<'_>, set: Set) -> Answer {
    match set {
        Set::AlertDefinitions => visit.tenant.delete_all_definitions(visit.now),
        Set::IndicatorsOfCompromise => visit.tenant.delete_all_indicators(visit.now),
    }
    gone()
}

pub(super) fn indicators_of(visit: &mut Visit<'_>, definition: i64) -> Result<Answer, Refusal> {
    visit.tenant.definition(definition).ok_or(Refusal::NotFound)?;
    visit.tenant.delete_indicators_of(definition, visit.now);
    Ok(gone())
}

fn gone() -> Answer {
    Answer::empty(204).with("odata-version", "4.0")
}
