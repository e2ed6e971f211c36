//! `POST` to a set: 201 with the entity and its address.

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

pub(super) fn respond(visit: &mut Visit<'_>, set: Set) -> Result<Answer, Refusal> {
    let argument = set.argument();
    let members = payload::object(visit.call.request, argument)?;
    let refused = |refusal| Refusal::of(refusal, argument);
    let asked = visit.asked();
    match set {
        Set::AlertDefinitions => {
            let definition = DefinitionFields::parse(&members, argument)?.whole(argument)?;
            let stored = visit.tenant.publish_definitions(vec![definition], asked).map_err(refused)?;
            Ok(created(visit, set, stored.first().map(|stored| Entity::Definition(DefinitionRow(stored)))))
        }
        Set::IndicatorsOfCompromise => {
            let validate = visit.tenant.knobs.validate_values;
            let placed = IndicatorFields::parse(&members, argument)?.whole(argument, validate)?;
            let stored = visit.tenant.publish_indicators(vec![placed], asked).map_err(refused)?;
            Ok(created(visit, set, stored.first().map(Entity::indicator)))
        }
    }
}

fn created(visit: &Visit<'_>, set: Set, entity: Option<Entity<'_>>) -> Answer {
    let Some(entity) = entity else { return Answer::empty(201) };
    let location = representation::address(visit, set, entity.id());
    representation::entity(visit, set, &entity, 201).with("location", location)
}
