//! How often the API may be called.
//!
//! Calls are counted by application and family, in a minute and in an hour, each from the first call on after the last
//! one ended. That calls which are refused count as well is not documented, and here they do not.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::emulator::{faces::endpoint::refusal::Refusal, knobs::endpoint::Family, tenant::Tenant};

/// A quota that is used up.
#[derive(Debug)]
pub(super) struct Exceeded {
    /// How many calls are allowed.
    pub(super) allowed: u32,
    /// In an hour; otherwise in a minute.
    pub(super) hourly: bool,
    /// How long until there may be another.
    pub(super) wait: Duration,
    /// Whether it is the quota of hunting, which answers in other words.
    pub(super) hunting: bool,
}

/// Counts a call of `family` by the application of this id, unless it is one too many.
pub(super) fn take(tenant: &mut Tenant, family: Family, application: &str, now: Timestamp) -> Result<(), Refusal> {
    let quota = tenant.knobs.endpoint.quotas.of(family);
    let spans =
        [(quota.hour, SignedDuration::from_hours(1), true), (quota.minute, SignedDuration::from_mins(1), false)];
    let windows = tenant.call_windows.of(family, application);
    for ((allowed, span, hourly), window) in spans.into_iter().zip(windows.iter_mut()) {
        let Some(allowed) = allowed else { continue };
        let age = now.duration_since(window.begun);
        if age >= span || age.is_negative() {
            (window.begun, window.calls) = (now, 0);
        }
        if window.calls >= allowed {
            let wait = Duration::try_from(span - now.duration_since(window.begun)).unwrap_or_default();
            return Err(Refusal::Quota(Exceeded { allowed, hourly, wait, hunting: family == Family::Hunting }));
        }
    }
    for window in windows {
        window.calls = window.calls.saturating_add(1);
    }
    Ok(())
}
