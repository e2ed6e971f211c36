//! `GET` of a set, of one entity of it, or of their number.
//!
//! One entity comes as an array of one, as every revision of the documentation shows. That an unknown id then gives an
//! empty array, and not 404, follows from it but is not documented.

use std::{cmp::Ordering, collections::BTreeMap};

use serde_json::{Map, Value, json};

use crate::emulator::{
    answer::Answer,
    faces::legacy::{
        Visit,
        address::Set,
        entity::{self, DefinitionRow, IndicatorRow},
        refusal::Refusal,
        representation::{self, Entity, Metadata},
    },
    odata::{
        eval,
        options::{self, Expand, Options},
    },
    tenant::Tenant,
};

pub(super) fn all(visit: &Visit<'_>, set: Set) -> Result<Answer, Refusal> {
    let options = options(visit, set)?;
    Ok(collection(visit, set, entities(visit.tenant, set), &options))
}

pub(super) fn one(visit: &Visit<'_>, set: Set, id: i64) -> Result<Answer, Refusal> {
    let options = options(visit, set)?;
    let found = entities(visit.tenant, set).into_iter().filter(|entity| entity.id() == id).collect();
    Ok(collection(visit, set, found, &options))
}

pub(super) fn count(visit: &Visit<'_>, set: Set) -> Result<Answer, Refusal> {
    let options = options(visit, set)?;
    let count = entities(visit.tenant, set).iter().filter(|entity| passes(entity, &options)).count();
    Ok(Answer::of(200, "text/plain", count.to_string().into_bytes()).with("odata-version", "4.0"))
}

fn options(visit: &Visit<'_>, set: Set) -> Result<Options, Refusal> {
    Ok(options::read(&visit.call.request.query, set.schema(), set.target())?)
}

fn entities(tenant: &Tenant, set: Set) -> Vec<Entity<'_>> {
    match set {
        Set::AlertDefinitions => tenant.definitions().map(|stored| Entity::Definition(DefinitionRow(stored))).collect(),
        Set::IndicatorsOfCompromise => {
            let row = |stored| {
                let definition = tenant.definition_of(stored);
                Entity::Indicator(IndicatorRow { stored, definition })
            };
            tenant.indicators().map(row).collect()
        }
    }
}

fn passes(entity: &Entity<'_>, options: &Options) -> bool {
    options.filter.as_ref().is_none_or(|filter| eval::passes(filter, entity.row()))
}

fn collection(visit: &Visit<'_>, set: Set, mut entities: Vec<Entity<'_>>, options: &Options) -> Answer {
    entities.retain(|entity| passes(entity, options));
    let count = entities.len();
    sort(&mut entities, options);
    let page = entities.into_iter().skip(options.skip).take(options.top.unwrap_or(usize::MAX));
    let metadata = Metadata::asked(visit, options.format.as_deref());
    let expansion = options.expand.as_ref().map(|expand| Expansion::new(visit.tenant, set, expand));
    let value: Vec<_> = page
        .map(|entity| {
            let mut body = Map::new();
            representation::annotate(&mut body, metadata, visit, set, entity.id());
            body.extend(entity::members(entity.row(), set.schema(), options.select.as_deref()));
            if let Some(expansion) = &expansion {
                body.insert(set.schema().navigation.to_owned(), expansion.of(&entity));
            }
            Value::Object(body)
        })
        .collect();
    let mut body = Map::new();
    if metadata != Metadata::None {
        body.insert("@odata.context".into(), json!(context(visit, set, options)));
    }
    if options.count {
        body.insert("@odata.count".into(), json!(count));
    }
    body.insert("value".into(), Value::Array(value));
    representation::answer(200, metadata, &body)
}

/// What the answer is: the set, and the properties that were selected of it.
fn context(visit: &Visit<'_>, set: Set, options: &Options) -> String {
    let schema = set.schema();
    let selected = options.select.iter().flatten().map(|index| schema.properties[*index].0.to_owned());
    let mut parts: Vec<_> = selected.collect();
    if let Some(select) = options.expand.as_ref().and_then(|expand| expand.select.as_ref()) {
        let nested: Vec<_> = select.iter().map(|index| set.target().properties[*index].0).collect();
        parts.push(format!("{}({})", schema.navigation, nested.join(",")));
    }
    let parts = if parts.is_empty() { String::new() } else { format!("({})", parts.join(",")) };
    format!("{}/$metadata#{}{parts}", visit.call.base, set.name())
}

fn sort(entities: &mut Vec<Entity<'_>>, options: &Options) {
    if options.order_by.is_empty() {
        return;
    }
    let keyed = std::mem::take(entities).into_iter().map(|entity| {
        let keys: Vec<_> = options.order_by.iter().map(|(expr, _)| eval::value(expr, entity.row())).collect();
        (keys, entity)
    });
    let mut keyed: Vec<_> = keyed.collect();
    keyed.sort_by(|(a, _), (b, _)| {
        let pairs = a.iter().zip(b).zip(&options.order_by);
        pairs.fold(Ordering::Equal, |order, ((a, b), (_, descending))| {
            order.then_with(|| if *descending { b.sorts(a) } else { a.sorts(b) })
        })
    });
    entities.extend(keyed.into_iter().map(|(_, entity)| entity));
}

/// The other end of the navigation property, ready for every entity of an answer.
struct Expansion<'a> {
    indicators: BTreeMap<i64, Vec<Value>>,
    expand: &'a Expand,
}

impl<'a> Expansion<'a> {
    fn new(tenant: &Tenant, set: Set, expand: &'a Expand) -> Self {
        let mut indicators: BTreeMap<i64, Vec<Value>> = BTreeMap::new();
        if set == Set::AlertDefinitions {
            for stored in tenant.indicators() {
                let row = IndicatorRow { stored, definition: None };
                let members = entity::members(&row, set.target(), expand.select.as_deref());
                indicators.entry(stored.content.definition).or_default().push(Value::Object(members));
            }
        }
        Self { indicators, expand }
    }

    fn of(&self, entity: &Entity<'_>) -> Value {
        match entity {
            Entity::Definition(row) => Value::Array(self.indicators.get(&row.0.id).cloned().unwrap_or_default()),
            Entity::Indicator(row) => row.definition.map_or(Value::Null, |stored| {
                let select = self.expand.select.as_deref();
                Value::Object(entity::members(&DefinitionRow(stored), &entity::DEFINITION, select))
            }),
        }
    }
}
