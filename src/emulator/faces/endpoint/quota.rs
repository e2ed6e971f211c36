//! How often the API may be called: by application and family, in a minute and in an hour.

use std::time::Duration;

use jiff::Timestamp;

use crate::emulator::{
    faces::endpoint::refusal::Refusal,
    knobs::endpoint::Family,
    tenant::{
        Tenant,
        calls::{Limit, Reached},
    },
};

/// A quota that is used up.
#[derive(Debug)]
pub(super) struct Exceeded {
    pub(super) reached: Reached,
    /// Whether it is the quota of hunting, which answers in other words.
    pub(super) hunting: bool,
}

/// Counts a call of `family` by the application of this id, unless it is one too many. That calls which are refused
/// count as well is not documented, and here they do not.
pub(super) fn take(tenant: &mut Tenant, family: Family, application: &str, now: Timestamp) -> Result<(), Refusal> {
    let quota = tenant.knobs.endpoint.quotas.of(family);
    let spans = [(quota.minute, Duration::from_mins(1)), (quota.hour, Duration::from_hours(1))];
    let limit =
        |(calls, span): (Option<u32>, _)| Some(Limit { calls: usize::try_from(calls?).unwrap_or(usize::MAX), span });
    let limits: Vec<_> = spans.into_iter().filter_map(limit).collect();
    let caller = format!("endpoint {application}");
    let taken = tenant.calls.take(family.word(), &caller, &limits, now);
    taken.map_err(|reached| Refusal::Quota(Exceeded { reached, hunting: family == Family::Hunting }))
}
