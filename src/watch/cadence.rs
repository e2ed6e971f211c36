//! When to look: soon at first, since many alerts come soon, and ever more rarely, since calls are what waiting costs.

use jiff::{SignedDuration, Timestamp};

use crate::clock::later;

/// How the gaps between the looks, or the attempts, of a wait grow: they double, from the first to the longest, of each of
/// which the next is a multiple.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gaps {
    /// The first.
    pub first: SignedDuration,
    /// None is longer.
    pub longest: SignedDuration,
}

/// No gap between two looks of a wait is longer.
pub const LONGEST: SignedDuration = SignedDuration::from_mins(2);

const LOOKS: Gaps = Gaps { first: SignedDuration::from_secs(15), longest: LONGEST };

/// When look number `count` of a wait that began at `since` is due; the first that is due at `deadline` or later is the
/// last, and is no later than a gap.
pub fn next(since: Timestamp, count: u32, deadline: Timestamp) -> Timestamp {
    LOOKS.next(since, count, deadline)
}

/// When every look of a wait that began at `since` is due; from `deadline` on, always the last.
pub fn looks(since: Timestamp, deadline: Timestamp) -> impl Iterator<Item = Timestamp> {
    (0..).map(move |count| next(since, count, deadline))
}

impl Gaps {
    /// When number `count` of what began at `since` is due, and the last at `deadline`, or a gap later at most.
    ///
    /// A moment is rounded up to a whole multiple of its gap. Since each gap divides the next, those of several waiters fall
    /// together, whenever they began to wait and whenever they end.
    pub fn next(self, since: Timestamp, count: u32, deadline: Timestamp) -> Timestamp {
        let mut gap = self.first;
        let mut offset = self.first;
        for _ in 0..count {
            gap = (gap * 2).min(self.longest);
            offset = offset.saturating_add(gap);
        }
        rounded_up(later(since, offset).min(deadline), gap)
    }
}

fn rounded_up(moment: Timestamp, step: SignedDuration) -> Timestamp {
    let step = step.as_secs();
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
    fn looks_grow_rarer_and_end_with_the_first_after_the_deadline() {
        let since = at("2026-11-24T12:00:00Z");
        let deadline = at("2026-11-24T12:15:00Z");
        let looks: Vec<_> = (0..20).map(|count| next(since, count, deadline)).collect();
        assert_eq!(looks[0], at("2026-11-24T12:00:15Z"));
        assert!(looks.windows(2).all(|pair| pair[0] <= pair[1]));
        let before = looks.iter().filter(|look| **look < deadline).count();
        assert!((7..=11).contains(&before), "{before} looks in 15 minutes");
        assert_eq!(looks[19], at("2026-11-24T12:16:00Z"));
    }

    #[test]
    fn waiters_that_began_at_different_times_look_together_from_the_fourth_look_on() {
        let deadline = at("2026-11-24T13:00:00Z");
        let looks = |since| (3..12).map(move |count| next(at(since), count, deadline)).collect::<Vec<_>>();
        let one = looks("2026-11-24T12:00:01Z");
        let other = looks("2026-11-24T12:03:19Z");
        assert!(other.iter().take(5).all(|look| one.contains(look)), "{one:?} {other:?}");
    }

    #[test]
    fn waiters_that_end_at_different_times_take_their_last_look_together() {
        let last = |since, deadline| next(at(since), 50, at(deadline));
        let one = last("2026-11-24T12:00:01Z", "2026-11-24T12:15:01Z");
        assert_eq!(one, last("2026-11-24T12:00:40Z", "2026-11-24T12:15:40Z"));
        let short = last("2026-11-24T12:00:01Z", "2026-11-24T12:00:10Z");
        assert_eq!(short, at("2026-11-24T12:02:00Z"));
    }

    #[test]
    fn the_last_look_of_a_short_wait_is_soon_after_it() {
        let now = at("2026-11-24T12:00:07Z");
        assert_eq!(next(now, 0, now), at("2026-11-24T12:00:15Z"));
        assert_eq!(next(at("2026-11-24T12:00:15Z"), 0, at("2026-11-24T12:00:15Z")), at("2026-11-24T12:00:15Z"));
    }
}
