//! The alert, or its absence.

use cucumber::{gherkin::Step, then};

use crate::{
    domain::span::Span,
    steps::{phrase::Bound, tables},
    world::{OrFail as _, World, alarm::Role},
};

/// The alert of the drill's alert definition comes in time, counted from the stimulus.
#[then(regex = r"^an alert is raised within (?P<time>\d.*)$")]
async fn raised(world: &mut World, time: Span) {
    world.alert_within(Role::Subject, time.0).await.or_fail();
}

/// The alert of the second alert definition comes in time, counted from the stimulus.
#[then(regex = r"^the second definition's alert is raised within (?P<time>\d.*)$")]
async fn second_raised(world: &mut World, time: Span) {
    world.alert_within(Role::Second, time.0).await.or_fail();
}

/// The control's alert comes in time, counted from the last stimulus.
#[then(regex = r"^the control's alert is raised within (?P<time>\d.*)$")]
async fn control_raised(world: &mut World, time: Span) {
    world.alert_within(Role::Control, time.0).await.or_fail();
}

/// The alert's title, severity, category, description and source are what its definition says; those that the service is
/// documented to word by itself are as documented.
#[then("the alert says what its definition says")]
fn says(world: &mut World) {
    world.alert_says_what_its_definition_says(Role::Subject).or_fail();
}

/// What is documented for the indicator's action, type and service happens in time, counted from the stimulus: the alert
/// comes and looks as documented, or, where none is documented, none comes while the control's does.
#[then(regex = r"^the alert documented for this action is raised within (?P<time>\d.*)$")]
async fn documented(world: &mut World, time: Span) {
    world.documented_alert_within(Role::Subject, time.0).await.or_fail();
}

/// The alert's title is the definition's, whatever the service is documented to make of it.
#[then("the alert carries the definition's title")]
fn carries_title(world: &mut World) {
    world.alert_carries_title(Role::Subject).or_fail();
}

/// The tenant's telemetry shows in time, counted from the stimulus, what the device did.
#[then(regex = r"^the device's telemetry shows it within (?P<time>\d.*)$")]
async fn telemetry(world: &mut World, time: Span) {
    world.telemetry_shows(Role::Subject, time.0).await.or_fail();
}

/// The alert names the device that the traffic came from, and the indicator.
#[then("the alert names the device and the indicator")]
fn names(world: &mut World) {
    world.alert_names_device_and_indicator(Role::Subject).or_fail();
}

/// The alert shows what the table demands of its fields: beside each a text, or a word and then a text: one of several with
/// commas between them (`is one of`), one with this in it (`contains`), one of this form (`matches`).
#[then("the alert shows")]
fn shows(world: &mut World, step: &Step) {
    world.alert_shows(Role::Subject, &tables::fields(step).or_fail()).or_fail();
}

/// The alert's evidence names each thing of the table: a `domain`, an `ip address`, a `url`, a `file` by one of its hashes or
/// its name, a `device`.
#[then("the alert's evidence names")]
async fn evidence(world: &mut World, step: &Step) {
    world.evidence_names(Role::Subject, &tables::entities(step).or_fail()).await.or_fail();
}

/// Once every alert has had the time to come, there is no other for the stimulus.
#[then("it is the only alert")]
async fn only(world: &mut World) {
    world.alerts_in_all(Role::Subject, 1).await.or_fail();
}

/// So many alerts have come for all that the device did to what the indicator names. They are counted once every alert has
/// had the time to come and two looks a minute apart agree.
#[then(regex = r"^(?P<bound>exactly|at least|at most) (?P<count>\d+) (?:alert is|alerts are) raised$")]
async fn come_to(world: &mut World, bound: Bound, count: usize) {
    world.alerts_come_to(Role::Subject, (bound.0, count), None).await.or_fail();
}

/// So many alerts have come by so long after the last stimulus; later ones do not count. They are counted once every alert
/// has had the time to come and two looks a minute apart agree.
#[then(
    regex = r"^(?P<bound>exactly|at least|at most) (?P<count>\d+) (?:alert is|alerts are) raised within (?P<time>\d.*)$"
)]
async fn come_to_within(world: &mut World, bound: Bound, count: usize, time: Span) {
    world.alerts_come_to(Role::Subject, (bound.0, count), Some(time.0)).await.or_fail();
}

/// An alert that was seen before is still shown by the tenant.
#[then("the alert is still there")]
async fn still(world: &mut World) {
    world.alert_is_still_there(Role::Subject).await.or_fail();
}

/// No alert came once it has had the time to, while the control's did on the same device.
#[then("no alert is raised")]
async fn silent(world: &mut World) {
    world.stays_silent().await.or_fail();
}

/// No alert came until so long after the last stimulus, while the control's did on the same device in the same time.
#[then(regex = r"^no alert is raised within (?P<time>\d.*)$")]
async fn silent_within(world: &mut World, time: Span) {
    world.stays_silent_within(time.0).await.or_fail();
}
