//! When to look: soon at first, since many alerts come soon, and ever more rarely, since calls are what waiting costs.

use jiff::{SignedDuration, Timestamp};

use crate::clock::later;

const FIRST: SignedDuration = SignedDuration::from_secs(15);
const LONGEST: SignedDuration = SignedDuration::from_mins(2);

/// When look number `count` of a wait that began at `since` is due: the gaps are 15 seconds and grow by half each time,
/// up to two minutes; no look is due after `deadline`, and the last is due exactly then.
///
/// Moments are rounded up to whole steps of 15 seconds of the clock, so that the looks of several waiters coincide.
pub fn next(since: Timestamp, count: u32, deadline: Timestamp) -> Timestamp {
    let mut gap = FIRST;
    let mut offset = FIRST;
    for _ in 0..count {
        gap = (gap + gap / 2).min(LONGEST);
        offset = offset.saturating_add(gap);
    }
    rounded_up(later(since, offset)).min(deadline)
}

fn rounded_up(moment: Timestamp) -> Timestamp {
    let step = FIRST.as_secs();
    let seconds = moment.as_second() + i64::from(moment.subsec_nanosecond() > 0);
    let rounded = seconds.saturating_add(step - 1).div_euclid(step).saturating_mul(step);
    Timestamp::from_second(rounded).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a timestamp")
    }

    #[test]
    fn looks_grow_rarer_and_end_at_the_deadline() {
        let since = at("2026-11-24T12:00:00Z");
        let deadline = at("2026-11-24T12:15:00Z");
        let looks: Vec<_> = (0..20).map(|count| next(since, count, deadline)).collect();
        assert_eq!(looks[0], at("2026-11-24T12:00:15Z"));
        assert!(looks.windows(2).all(|pair| pair[0] <= pair[1]));
        let before = looks.iter().filter(|look| **look < deadline).count();
        assert!((8..=12).contains(&before), "{before} looks in 15 minutes");
        assert_eq!(looks[19], deadline);
    }

    #[test]
    fn waiters_that_began_within_the_same_step_look_together() {
        let deadline = at("2026-11-24T13:00:00Z");
        let one = next(at("2026-11-24T12:00:01Z"), 3, deadline);
        let other = next(at("2026-11-24T12:00:09Z"), 3, deadline);
        assert_eq!(one, other);
    }

    #[test]
    fn a_deadline_that_has_come_is_due_at_once() {
        let now = at("2026-11-24T12:00:00Z");
        assert_eq!(next(now, 0, now), now);
    }
}
