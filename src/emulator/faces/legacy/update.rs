//! `PATCH` of one entity: 200 with the whole of it, as documented (the framework alone would say 204).

use crate::emulator::{
    answer::Answer,
    faces::legacy::{
        Visit,
        address::Set,
        definition_fields::DefinitionFields,
        entity::DefinitionRow,
        indicator_fields::IndicatorFields,
        payload,
        refusal::Refusal,
        representation::{self, Entity},
    },
};

pub(super) fn respond(visit: &mut Visit<'_>, set: Set, id: i64) -> Result<Answer, Refusal> {
    let argument = set.argument();
    let members = payload::object(visit.call.request, argument)?;
    let refused = |refusal| Refusal::of(refusal, argument);
    let asked = visit.asked();
    match set {
        Set::AlertDefinitions => {
            let fields = DefinitionFields::parse(&members, argument)?;
            let known = visit.tenant.definition(id).ok_or(Refusal::NotFound)?.content.clone();
            let definition = fields.changed(known, argument)?;
            let stored = visit.tenant.change_definition(id, definition, asked).map_err(refused)?;
            Ok(representation::entity(visit, set, &Entity::Definition(DefinitionRow(&stored)), 200))
        }
        Set::IndicatorsOfCompromise => {
            let fields = IndicatorFields::parse(&members, argument)?;
            let known = visit.tenant.indicator(id).ok_or(Refusal::NotFound)?.content.clone();
            let placed = fields.changed(known, argument, visit.tenant.knobs.validate_values)?;
            let stored = visit.tenant.change_indicator(id, placed, asked).map_err(refused)?;
            Ok(representation::entity(visit, set, &Entity::indicator(&stored), 200))
        }
    }
}
