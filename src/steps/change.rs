//! Changing and removing what is published.

use cucumber::{gherkin::Step, given, when};

use crate::{
    steps::phrase::table,
    world::{OrFail as _, World, alarm::Role},
};

/// Changes the fields of the alert definition that the table names; the rest stays.
#[given("the alert definition is changed")]
#[when("the alert definition is changed")]
async fn definition(world: &mut World, step: &Step) {
    world.change_definition(Role::Subject, &table(step).or_fail()).await.or_fail();
}

/// Changes the fields of the indicator that the table names; the rest stays.
#[given("the indicator is changed")]
#[when("the indicator is changed")]
async fn indicator(world: &mut World, step: &Step) {
    world.change_indicator(Role::Subject, &table(step).or_fail()).await.or_fail();
}

/// Moves the indicator under the second alert definition.
#[when("the indicator is moved under the second alert definition")]
async fn move_under(world: &mut World) {
    world.move_indicator(Role::Subject, Role::Second).await.or_fail();
}

/// Removes the alert definition, and with it its indicators.
#[given("the alert definition is removed")]
#[when("the alert definition is removed")]
async fn remove_definition(world: &mut World) {
    world.remove_definition(Role::Subject).await.or_fail();
}

/// Removes the indicator.
#[given("the indicator is removed")]
#[when("the indicator is removed")]
async fn remove_indicator(world: &mut World) {
    world.remove_indicator(Role::Subject).await.or_fail();
}

/// Removes every indicator of the alert definition; the definition stays.
#[when("the alert definition's indicators are removed")]
async fn remove_indicators_of(world: &mut World) {
    world.remove_indicators_of(Role::Subject).await.or_fail();
}

/// Removes every indicator of the tenant.
#[when("every indicator of the tenant is removed")]
async fn remove_all_indicators(world: &mut World) {
    world.remove_all_indicators().await.or_fail();
}

/// Removes every alert definition of the tenant.
#[when("every alert definition of the tenant is removed")]
async fn remove_all_definitions(world: &mut World) {
    world.remove_all_definitions().await.or_fail();
}

/// Removes what somebody else has published of the same value.
#[when("the foreign indicator is removed")]
async fn remove_foreign(world: &mut World) {
    world.remove_indicator(Role::Foreign).await.or_fail();
}
