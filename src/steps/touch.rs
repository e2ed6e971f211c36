//! Traffic: what the device does.

use cucumber::{given, then, when};

use crate::world::{OrFail as _, World, alarm::Role};

/// The device requests the address that the indicator names.
#[given("the device contacts the indicator's address")]
#[when("the device contacts the indicator's address")]
async fn indicator(world: &mut World) {
    world.contact_indicator(Role::Subject).await.or_fail();
}

/// The device requests the address that the indicator names, again and again, until an alert of it is seen: what was
/// published need not be in effect yet, and how long that takes is measured.
#[given("the device contacts the indicator's address until an alert is seen")]
#[when("the device contacts the indicator's address until an alert is seen")]
async fn until_alert(world: &mut World) {
    world.contact_until_alert(Role::Subject).await.or_fail();
}

/// The device requests the address that the control's indicator names.
#[given("the device contacts the control's address")]
#[when("the device contacts the control's address")]
async fn control(world: &mut World) {
    world.contact_indicator(Role::Control).await.or_fail();
}

/// The device requests the address that the indicator of the second alert definition names.
#[when("the device contacts the second indicator's address")]
async fn second(world: &mut World) {
    world.contact_indicator(Role::Second).await.or_fail();
}

/// The device requests a host, an IP address or an http address.
#[given(regex = r#"^the device contacts "(?P<address>[^"]*)"$"#)]
#[when(regex = r#"^the device contacts "(?P<address>[^"]*)"$"#)]
async fn contacts(world: &mut World, address: String) {
    world.contact(&address).await.or_fail();
}

/// The device writes a harmless file that only this drill has, and runs it.
#[given("the device runs the drill's file")]
#[when("the device runs the drill's file")]
async fn file(world: &mut World) {
    world.run_file().await.or_fail();
}

/// The address that the device contacted last answered with exactly this text.
#[then(regex = r#"^the address answers "(?P<text>[^"]*)"$"#)]
fn answers(world: &mut World, text: String) {
    world.answered_with(text).or_fail();
}
