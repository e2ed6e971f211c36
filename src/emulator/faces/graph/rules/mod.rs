//! Custom detection rules, in both generations of their members.
//!
//! In reading order: this file (the operations), [`draft`] (a body, laid over what is there), [`members`] and
//! [`template`] (what it may say), [`old`] (the members of the first generation), [`check`] (query, columns, entities),
//! [`shape`] (how a rule is written), [`schema`] (what a query may name).
//!
//! Bodies are checked in the order in which the service was found to check them, and refused in its words where they
//! are recorded: members, id, enumerations, query, columns, entities, assets, tactics, and what another rule has.

mod check;
mod draft;
mod members;
mod old;
mod schema;
mod shape;
mod template;

use serde_json::{Map, Value};

use crate::emulator::{
    answer::Answer,
    faces::graph::{
        ASKER, Visit, body,
        list::{self, Lazy, Listing},
        refusal::Refusal,
        reply,
        rules::draft::{Draft, Generation},
    },
    odata::{
        options::Reading,
        paging::{Place, Top},
    },
    tenant::{
        rules::{Conflict, rule::StoredRule},
        shelf::Asked,
    },
};

const COLLECTION: &str = "security/rules/detectionRules";

/// Which generation's members there are now.
fn generation(visit: &Visit<'_>) -> Generation {
    let knobs = &visit.tenant.knobs.graph;
    match knobs.generation {
        "a" => Generation::A,
        "both" => Generation::Both,
        "byDate" if visit.now < knobs.generation_cutoff => Generation::Both,
        _ => Generation::B,
    }
}

fn listing(visit: &Visit<'_>) -> Listing {
    Listing {
        collection: COLLECTION,
        context: visit.context(COLLECTION),
        reading: Reading::of(&schema::RULE),
        schema: &schema::RULE,
        top: Top::InAll,
    }
}

fn rows<'a>(visit: &'a Visit<'_>) -> impl Iterator<Item = (Place, Lazy<'a>)> {
    let generation = generation(visit);
    visit.tenant.rules(visit.now).map(move |stored| {
        let number = i64::try_from(stored.number).unwrap_or(i64::MAX);
        (Place(number, String::new()), Lazy::new(move || shape::rule(visit.tenant, stored, generation)))
    })
}

/// The rules that a query asks for, the oldest first.
pub(super) fn all(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    list::answer(visit, &listing(visit), rows(visit))
}

/// How many there are that a query asks for.
pub(super) fn count(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    list::count(visit, &listing(visit), rows(visit))
}

/// The rule of this id.
pub(super) fn one(visit: &Visit<'_>, id: &str) -> Result<Answer, Refusal> {
    let options = listing(visit).reading.read(&visit.call.request.query)?;
    let stored = find(visit, id)?;
    let row = list::selected(written(visit, stored), &schema::RULE, &options);
    Ok(reply::json(200, &Value::Object(row)))
}

fn find<'a>(visit: &'a Visit<'_>, id: &str) -> Result<&'a StoredRule, Refusal> {
    visit.tenant.rule(id, visit.now).ok_or_else(|| no_rule(id))
}

fn no_rule(id: &str) -> Refusal {
    let shown: String = id.chars().take(100).collect();
    Refusal::not_found(format!("Detection rule with id '{shown}' was not found."))
}

/// A rule by itself, with its context.
fn written(visit: &Visit<'_>, stored: &StoredRule) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("@odata.context".into(), visit.context(&format!("{COLLECTION}/$entity")).into());
    body.extend(shape::rule(visit.tenant, stored, generation(visit)));
    body
}

/// Keeps a new rule.
pub(super) fn create(visit: &mut Visit<'_>) -> Result<Answer, Refusal> {
    let members = body::object(visit.call.request)?;
    let mut draft = Draft::new(generation(visit), &visit.tenant.knobs.graph);
    draft.lay(&members, None)?;
    let given = draft.id(&members)?;
    let rule = draft.rule(given.unwrap_or_else(|| visit.tenant.next_rule_id()))?;
    let id = rule.id.clone();
    let asked = Asked { by: ASKER, at: visit.now };
    let stored = visit.tenant.create_rule(rule, asked).map_err(|conflict| refusal(conflict, &id))?;
    let place = format!("{}/{COLLECTION}/{id}", visit.root());
    Ok(reply::json(201, &Value::Object(written(visit, &stored))).with("location", place))
}

/// Changes a rule and returns the whole of it.
pub(super) fn update(visit: &mut Visit<'_>, id: &str) -> Result<Answer, Refusal> {
    let stored = find(visit, id)?;
    if stored.deleted_at.is_some() {
        return Err(no_rule(id));
    }
    let members = body::object(visit.call.request)?;
    let mut draft = Draft::of(&stored.rule, generation(visit), &visit.tenant.knobs.graph);
    draft.lay(&members, Some(id))?;
    let rule = draft.rule(id.to_owned())?;
    let asked = Asked { by: ASKER, at: visit.now };
    visit.tenant.change_rule(rule, asked).map_err(|conflict| refusal(conflict, id))?;
    Ok(reply::json(200, &Value::Object(written(visit, find(visit, id)?))))
}

/// Deletes a rule, which is then shown for a while all the same.
pub(super) fn delete(visit: &mut Visit<'_>, id: &str) -> Result<Answer, Refusal> {
    if visit.tenant.delete_rule(id, visit.now) { Ok(Answer::empty(204)) } else { Err(no_rule(id)) }
}

/// The statuses are recorded, the words are not.
fn refusal(conflict: Conflict, id: &str) -> Refusal {
    let taken = |what: &str| format!("A detection rule with the same {what} already exists.");
    match conflict {
        Conflict::Id => Refusal::new(409, "Conflict", taken("id")),
        Conflict::Name => Refusal::new(409, "Conflict", taken("display name")),
        Conflict::Title => Refusal::input(taken("alert title")),
        Conflict::Quota => Refusal::input("The maximum number of detection rules was reached."),
        Conflict::NotFound => no_rule(id),
    }
}
