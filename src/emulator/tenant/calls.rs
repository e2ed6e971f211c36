//! How many calls were made of late, by family and caller: what quotas are counted with.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};

/// So many calls in so long a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::emulator) struct Limit {
    pub(in crate::emulator) calls: usize,
    pub(in crate::emulator) span: Duration,
}

/// A limit that is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::emulator) struct Reached {
    pub(in crate::emulator) limit: Limit,
    /// How long it takes until the next call would be taken.
    pub(in crate::emulator) wait: Duration,
}

/// More calls than these of one family are not remembered, whatever a limit says: memory stays bounded.
pub(in crate::emulator) const CALLS_KEPT: usize = 10_000;

/// The longest span that any limit has.
const LONGEST: SignedDuration = SignedDuration::from_hours(1);

/// The calls of the last hour.
#[derive(Debug, Default)]
pub(in crate::emulator) struct Calls {
    /// By family and caller.
    made: BTreeMap<(&'static str, String), VecDeque<Timestamp>>,
    answered: u64,
}

impl Calls {
    /// The number of the next answer: 1, 2, …
    pub(in crate::emulator) fn next_answer(&mut self) -> u64 {
        self.answered += 1;
        self.answered
    }

    /// Counts a call of `family` at `now`, unless it is one too many within any of `limits`: then the error is the one
    /// that is reached for longest. A refused call is not counted.
    pub(in crate::emulator) fn take(
        &mut self,
        family: &'static str,
        caller: &str,
        limits: &[Limit],
        now: Timestamp,
    ) -> Result<(), Reached> {
        let made = self.made.entry((family, caller.to_owned())).or_default();
        let old = made.partition_point(|at| now.duration_since(*at) >= LONGEST);
        made.drain(..old);
        let reached = limits.iter().filter_map(|limit| Some(Reached { limit: *limit, wait: wait(made, *limit, now)? }));
        if let Some(reached) = reached.max_by_key(|reached| reached.wait) {
            return Err(reached);
        }
        if made.len() == CALLS_KEPT {
            made.pop_front();
        }
        made.push_back(now);
        Ok(())
    }
}

/// How long until `limit` lets another call through; none where it does now.
fn wait(made: &VecDeque<Timestamp>, limit: Limit, now: Timestamp) -> Option<Duration> {
    let span = SignedDuration::try_from(limit.span).unwrap_or(LONGEST);
    let recent = made.partition_point(|at| now.duration_since(*at) >= span);
    if made.len() - recent < limit.calls {
        return None;
    }
    // The call that must have grown too old before another is let through.
    let blocking = made.len().checked_sub(limit.calls.max(1)).and_then(|at| made.get(at));
    let age = blocking.map_or(SignedDuration::ZERO, |at| now.duration_since(*at));
    Some(Duration::try_from(span - age).unwrap_or(limit.span))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a moment")
    }

    #[test]
    fn a_call_too_many_waits_until_the_oldest_that_counts_is_over() {
        let limits =
            [Limit { calls: 2, span: Duration::from_mins(1) }, Limit { calls: 3, span: Duration::from_hours(1) }];
        let mut calls = Calls::default();
        let mut take = |second| calls.take("list", "a", &limits, at(second)).map_err(|reached| reached.wait);
        assert_eq!((take(0), take(10)), (Ok(()), Ok(())));
        assert_eq!(take(20), Err(Duration::from_secs(40)));
        assert_eq!(take(59), Err(Duration::from_secs(1)));
        assert_eq!(take(60), Ok(()), "the refused calls did not count");
        assert_eq!(take(200), Err(Duration::from_secs(3400)), "the hour's limit is reached");
        assert_eq!(take(3600), Ok(()));
        assert_eq!(calls.take("get", "a", &limits, at(3600)), Ok(()), "another family");
        assert_eq!(calls.take("list", "b", &limits, at(3600)), Ok(()), "another caller");
    }

    #[test]
    fn a_limit_of_nothing_lets_nothing_through() {
        let limit = [Limit { calls: 0, span: Duration::from_mins(1) }];
        let reached = Reached { limit: limit[0], wait: Duration::from_mins(1) };
        assert_eq!(Calls::default().take("list", "a", &limit, at(0)), Err(reached));
    }
}
