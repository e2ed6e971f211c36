//! What the tenant holds.

use cucumber::then;

use crate::world::{OrFail as _, World, alarm::Role};

/// The tenant holds the alert definition, every field as published.
#[then("the tenant holds the alert definition as published")]
async fn definition(world: &mut World) {
    world.holds_definition(Role::Subject).await.or_fail();
}

/// The tenant holds the indicator, every field as published.
#[then("the tenant holds the indicator as published")]
async fn indicator(world: &mut World) {
    world.holds_indicator(Role::Subject).await.or_fail();
}

/// The tenant holds the alert definition no more.
#[then("the tenant holds the alert definition no more")]
async fn no_definition(world: &mut World) {
    world.holds_no_definition(Role::Subject).await.or_fail();
}

/// The tenant holds the indicator no more.
#[then("the tenant holds the indicator no more")]
async fn no_indicator(world: &mut World) {
    world.holds_no_indicator(Role::Subject).await.or_fail();
}

/// The tenant holds so many alert definitions, all drills' together.
#[then(regex = r"^the tenant holds (?P<count>\d+) alert definitions? in all$")]
async fn definitions(world: &mut World, count: usize) {
    world.holds_definitions(count).await.or_fail();
}

/// The tenant holds so many indicators, all drills' together.
#[then(regex = r"^the tenant holds (?P<count>\d+) indicators? in all$")]
async fn indicators(world: &mut World, count: usize) {
    world.holds_indicators(count).await.or_fail();
}

/// The tenant finds the alert definition, and nothing else, by a filter in OData's words.
#[then(regex = r#"^the tenant finds the alert definition by "(?P<filter>[^"]*)"$"#)]
async fn finds(world: &mut World, filter: String) {
    world.finds_definition(Role::Subject, &filter).await.or_fail();
}
