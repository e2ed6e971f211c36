//! Access to the tenant, and what the tenant refuses.

use cucumber::{given, then, when};

use crate::{
    steps::phrase::Refusal,
    world::{OrFail as _, World},
};

/// Obtains a token, and proves that the tenant takes it.
#[given("access to the tenant")]
#[when("access to the tenant is obtained")]
async fn obtain(world: &mut World) {
    world.obtain_access().await.or_fail();
}

/// Tries to obtain access where the tenant may refuse it.
#[when("access to the tenant is tried")]
async fn try_access(world: &mut World) {
    world.try_access().await.or_fail();
}

/// Tries to read the tenant's alerts where the tenant may refuse it.
#[when("reading the alerts is tried")]
async fn try_alerts(world: &mut World) {
    world.try_alerts().await.or_fail();
}

/// The tenant refused what was tried before, for the reason given: no access, malformed, or quota used up.
#[then(regex = r"^the tenant refuses it: (?P<reason>no access|malformed|quota used up)$")]
fn refused(world: &mut World, reason: Refusal) {
    world.was_refused(reason.statuses()).or_fail();
}

/// The tenant accepted what was tried before.
#[then("the tenant accepts it")]
fn accepted(world: &mut World) {
    world.was_accepted().or_fail();
}
