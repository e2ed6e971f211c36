//! Devices, switches, the pace of things, and time.

use cucumber::{gherkin::Step, given, when};

use crate::{
    domain::span::Span,
    steps::phrase::table,
    world::{OrFail as _, World},
};

/// The lab's own device, which the sensor watches; where the service tells of devices, it is asked.
#[given("an onboarded device")]
async fn device(world: &mut World) {
    world.onboarded_device().await.or_fail();
}

/// Adds a device that only this drill uses, and that the sensor watches. Needs a control face.
#[given("an onboarded device of the drill's own")]
async fn own_device(world: &mut World) {
    world.own_device().await.or_fail();
}

/// Takes the device off the sensor. Needs a control face.
#[given("the device is offboarded")]
#[when("the device is offboarded")]
async fn offboard(world: &mut World) {
    world.offboard().await.or_fail();
}

/// Puts the device back on the sensor. Needs a control face.
#[given("the device is onboarded again")]
#[when("the device is onboarded again")]
async fn onboard(world: &mut World) {
    world.onboard().await.or_fail();
}

/// Switches the tenant's threat intelligence API off. Needs a control face.
#[given("the threat intelligence API is switched off")]
#[when("the threat intelligence API is switched off")]
async fn api_off(world: &mut World) {
    world.switch_api_off().await.or_fail();
}

/// Switches the tenant's threat intelligence API on. Needs a control face.
#[given("the threat intelligence API is switched on")]
#[when("the threat intelligence API is switched on")]
async fn api_on(world: &mut World) {
    world.switch_api_on().await.or_fail();
}

/// Sets how long it takes until what is published is in effect. Needs a control face.
#[given(regex = r"^propagation takes exactly (?P<time>\d.*)$")]
async fn propagation(world: &mut World, time: Span) {
    world.propagation_takes(time.unsigned()).await.or_fail();
}

/// Sets how long it takes from an event on a device to its alert. Needs a control face.
#[given(regex = r"^detection takes exactly (?P<time>\d.*)$")]
async fn detection(world: &mut World, time: Span) {
    world.detection_takes(time.unsigned()).await.or_fail();
}

/// Sets the tenant's quota of alert definitions. Needs a control face.
#[given(regex = r"^the tenant may hold (?P<count>\d+) alert definitions?$")]
async fn definition_quota(world: &mut World, count: u32) {
    world.may_hold_definitions(count).await.or_fail();
}

/// Sets the tenant's quota of indicators. Needs a control face.
#[given(regex = r"^the tenant may hold (?P<count>\d+) indicators?$")]
async fn indicator_quota(world: &mut World, count: u32) {
    world.may_hold_indicators(count).await.or_fail();
}

/// Sets the tenant's quota of indicators whose function is not Equals. Needs a control face.
#[given(regex = r"^the tenant may hold (?P<count>\d+) indicators? with another function than Equals$")]
async fn pattern_quota(world: &mut World, count: u32) {
    world.may_hold_patterns(count).await.or_fail();
}

/// Sets how many entities of a list the tenant shows in one page. Needs a control face.
#[given(regex = r"^the tenant shows (?P<count>\d+) entit(?:y|ies) a page$")]
async fn page_size(world: &mut World, count: u32) {
    world.shows_pages_of(count).await.or_fail();
}

/// Leaves the application the role to read alerts and no other. Needs a control face.
#[given("the application has no role but to read alerts")]
async fn only_reads(world: &mut World) {
    world.has_no_role_but_to_read_alerts().await.or_fail();
}

/// Leaves the application the role to publish and no other. Needs a control face.
#[given("the application has no role but to publish")]
async fn only_publishes(world: &mut World) {
    world.has_no_role_but_to_publish().await.or_fail();
}

/// Makes the laboratory misbehave in the way named; a table may set how. Needs a control face.
#[given(regex = r"^the laboratory misbehaves: (?P<fault>[a-z-]+)$")]
#[when(regex = r"^the laboratory misbehaves: (?P<fault>[a-z-]+)$")]
async fn misbehave(world: &mut World, fault: String, step: &Step) {
    world.inject(&fault, &table(step).or_fail()).await.or_fail();
}

/// Lets time pass.
#[given(regex = r"^(?P<time>\d.*) pass(?:es)?$")]
#[when(regex = r"^(?P<time>\d.*) pass(?:es)?$")]
async fn pass(world: &mut World, time: Span) {
    world.pass(time.0).await.or_fail();
}

/// Lets time pass until so long after the alert definition and indicator, or their last change, were accepted.
#[when(regex = r"^(?P<time>\d.*) (?:has|have) passed since acceptance$")]
async fn pass_since(world: &mut World, time: Span) {
    world.pass_since_acceptance(time.0).await.or_fail();
}
