//! What is believed of what another process wrote down: what fits its run and the time it is. Which keys are the drill's own
//! the tenant is asked, before anything under one is changed or removed (`verbs::own`).

use jiff::{SignedDuration, Timestamp};

use crate::{
    armed::drill::{Alarm, Drill},
    clock::later,
    domain::marker::Marker,
    world::{alarm::Role, arming::words::role_of},
};

/// Two machines' clocks are held against each other by a service's, which tells whole seconds and takes its time.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// Says which field of `drill` cannot be as it is written, in a run whose markers derive from `markers`, at `now`.
pub(super) fn check(drill: &Drill, markers: u64, now: Timestamp) -> Result<(), String> {
    has_happened("started", drill.started, now)?;
    for (place, alarm) in drill.alarms.iter().enumerate() {
        let within = |why: String| format!("alarms[{place}].{why}");
        let own = role_of(alarm.role).marker(markers, &drill.id);
        is_own("marker", &alarm.marker, &own).and_then(|()| all_happened(alarm, now)).map_err(within)?;
    }
    is_own("marker", &drill.marker, &Role::Subject.marker(markers, &drill.id))
}

fn is_own(field: &str, written: &str, own: &Marker) -> Result<(), String> {
    if written == own.as_str() { Ok(()) } else { Err(format!("{field}: `{written}` is not the drill's own, `{own}`")) }
}

fn all_happened(alarm: &Alarm, now: Timestamp) -> Result<(), String> {
    for (place, touch) in alarm.touches.iter().enumerate() {
        let within = |why: String| format!("touches[{place}].{why}");
        has_happened("at", touch.at, now).map_err(within)?;
        touch.before.iter().try_for_each(|before| has_happened("before", *before, now)).map_err(within)?;
        touch.next.iter().try_for_each(|next| has_happened("next", *next, now)).map_err(within)?;
    }
    alarm.accepted_at.iter().try_for_each(|at| has_happened("accepted_at", *at, now))
}

/// A drill would wait for what is to come, for ever if need be.
fn has_happened(field: &str, at: Timestamp, now: Timestamp) -> Result<(), String> {
    if at <= later(now, SKEW) { Ok(()) } else { Err(format!("{field}: {at} is to come yet, at {now}")) }
}
