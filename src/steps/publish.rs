//! Publishing alert definitions and indicators.

use cucumber::{gherkin::Step, given, when};

use crate::{
    steps::phrase::{guide, table},
    world::{OrFail as _, World, alarm::Role},
};

/// Publishes the guide's own alert definition, word for word, its description signed with the drill's marker.
#[given("the guide's alert definition is published")]
#[when("the guide's alert definition is published")]
async fn guide_definition(world: &mut World) {
    let (definition, indicator) = guide();
    world.draft_guide(&definition, &indicator);
    world.publish_definition(Role::Subject).await.or_fail();
}

/// Publishes the guide's own indicator, the address 52.184.197.12, under the definition published before.
#[given("the guide's indicator is published under it")]
#[when("the guide's indicator is published under it")]
async fn guide_indicator(world: &mut World) {
    world.publish_indicator(Role::Subject).await.or_fail();
}

/// Publishes the guide's alert definition and indicator, and waits until they are in effect.
#[given("the guide's alert definition and indicator are in effect")]
async fn guide_in_effect(world: &mut World) {
    let (definition, indicator) = guide();
    world.draft_guide(&definition, &indicator);
    world.put_in_effect(Role::Subject).await.or_fail();
}

/// Publishes an alert definition; a table may set its fields.
#[given("an alert definition is published")]
#[when("an alert definition is published")]
async fn definition(world: &mut World, step: &Step) {
    world.draft_minted(Role::Subject);
    world.draft_definition_fields(Role::Subject, &table(step).or_fail()).or_fail();
    world.publish_definition(Role::Subject).await.or_fail();
}

/// Publishes an indicator under the definition published before; a table may set its fields.
#[given("an indicator is published under it")]
#[when("an indicator is published under it")]
async fn indicator(world: &mut World, step: &Step) {
    world.draft_indicator_fields(Role::Subject, &table(step).or_fail()).or_fail();
    world.publish_indicator(Role::Subject).await.or_fail();
}

/// Publishes an alert definition with an indicator; a table may set the indicator's fields.
#[given("an alert definition and an indicator are published")]
#[when("an alert definition and an indicator are published")]
async fn pair(world: &mut World, step: &Step) {
    world.draft_minted(Role::Subject);
    world.draft_indicator_fields(Role::Subject, &table(step).or_fail()).or_fail();
    world.publish(Role::Subject).await.or_fail();
}

/// Publishes an alert definition with an indicator, and waits until they are in effect; a table may set the
/// indicator's fields.
#[given("an alert definition and an indicator are in effect")]
async fn pair_in_effect(world: &mut World, step: &Step) {
    world.draft_minted(Role::Subject);
    world.draft_indicator_fields(Role::Subject, &table(step).or_fail()).or_fail();
    world.put_in_effect(Role::Subject).await.or_fail();
}

/// Publishes once more what the drill's definition and indicator said before they were removed.
#[when("the same alert definition and indicator are published again")]
async fn again(world: &mut World) {
    world.publish(Role::Subject).await.or_fail();
}

/// Publishes a second alert definition beside the first.
#[given("a second alert definition is published")]
#[when("a second alert definition is published")]
async fn second(world: &mut World) {
    world.draft_minted(Role::Second);
    world.publish_definition(Role::Second).await.or_fail();
}

/// Publishes a second alert definition and its indicator beside the first.
#[given("a second alert definition and its indicator are published")]
#[when("a second alert definition and its indicator are published")]
async fn second_whole(world: &mut World) {
    world.draft_minted(Role::Second);
    world.publish(Role::Second).await.or_fail();
}

/// Publishes, as somebody else would, an indicator that allows what the drill's own names.
#[given("somebody else allows what the indicator names")]
async fn foreign(world: &mut World) {
    world.draft_foreign();
    world.publish(Role::Foreign).await.or_fail();
}

/// Publishes what surely fires, so that the silence of the drill's own indicator means something; a table may set the
/// indicator's fields.
#[given("a control is published")]
async fn control(world: &mut World, step: &Step) {
    world.draft_minted(Role::Control);
    world.draft_indicator_fields(Role::Control, &table(step).or_fail()).or_fail();
    world.publish(Role::Control).await.or_fail();
}

/// Waits until everything that the drill published or changed has had the time to take effect.
#[given("everything published is in effect")]
#[when("everything published is in effect")]
async fn in_effect(world: &mut World) {
    world.wait_until_in_effect().await.or_fail();
}

/// Tries to publish one more alert definition where the tenant may refuse it; a table may set its fields.
#[when("publishing another alert definition is tried")]
async fn try_definition(world: &mut World, step: &Step) {
    world.draft_minted(Role::Second);
    world.draft_definition_fields(Role::Second, &table(step).or_fail()).or_fail();
    world.try_definition(Role::Second).await.or_fail();
}

/// Tries to publish one more indicator under the drill's definition; a table may set its fields.
#[when("publishing another indicator under it is tried")]
async fn try_indicator(world: &mut World, step: &Step) {
    world.draft_indicator_fields(Role::Subject, &table(step).or_fail()).or_fail();
    world.try_indicator(Role::Subject).await.or_fail();
}

/// Tries to publish so many alert definitions in one upload.
#[when(regex = r"^(?P<count>\d+) alert definitions are uploaded at once$")]
async fn upload_definitions(world: &mut World, count: usize) {
    world.try_publish_definitions(count, None).await.or_fail();
}

/// Tries to publish so many alert definitions in one upload, the last of which has so long a title.
#[when(
    regex = r"^(?P<count>\d+) alert definitions are uploaded at once, the last with a title of (?P<length>\d+) characters$"
)]
async fn upload_long_title(world: &mut World, count: usize, length: usize) {
    world.try_publish_definitions(count, Some(length)).await.or_fail();
}

/// Tries to publish so many indicators in one upload, under the drill's definition.
#[when(regex = r"^(?P<count>\d+) indicators are uploaded at once$")]
async fn upload_indicators(world: &mut World, count: usize) {
    world.try_publish_indicators(count).await.or_fail();
}
