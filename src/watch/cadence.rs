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

/// How soon alerts of a tenant could be seen after what raised them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Known {
    times: u32,
    soonest: SignedDuration,
    latest: SignedDuration,
}

/// So many have to be known before anything follows from it.
const ENOUGH: u32 = 3;

/// While alerts may be expected, looks stay as close as the first two, if that is not for longer.
const WORTH_IT: SignedDuration = SignedDuration::from_mins(4);

impl Known {
    /// One more could be seen after `time`.
    pub fn learn(&mut self, time: SignedDuration) {
        self.soonest = if self.times == 0 { time } else { self.soonest.min(time) };
        self.latest = self.latest.max(time);
        self.times = self.times.saturating_add(1);
    }

    /// From when to when after the stimulus the next may be expected: a quarter sooner than any came, to a quarter later.
    fn expected(self) -> Option<(SignedDuration, SignedDuration)> {
        (self.times >= ENOUGH).then(|| (self.soonest - self.soonest / 4, self.latest + self.latest / 4))
    }

    /// How long after the stimulus the looks are due, each with the gap that it keeps from the one before. Where nothing is
    /// known, the gaps double from the first; else no look is taken before the first alert may be expected, and the gaps double
    /// when the last may no longer.
    fn offsets(self) -> impl Iterator<Item = (SignedDuration, SignedDuration)> {
        let first = LOOKS.first;
        let expected = self.expected();
        let from = expected.map_or(first, |(from, _)| from.max(first));
        // Where they come at any time, no look is worth more than another.
        let until = expected.filter(|(from, to)| *to - *from <= WORTH_IT).map_or(from, |(_, to)| to);
        std::iter::successors(Some((from, first)), move |(offset, gap)| {
            let gap = if *offset < until { *gap } else { (*gap * 2).min(LOOKS.longest) };
            Some((offset.saturating_add(gap), gap))
        })
    }
}

/// When the next look of a wait for what a stimulus at `since` raises is due, the last having been taken at `last`; the first
/// that is due at `deadline` or later is the last, and is no later than a gap.
///
/// A moment is rounded up to a whole multiple of its gap. Since each gap divides the next, those of several waiters fall
/// together, whenever they began to wait and whenever they end.
pub fn next(known: Known, since: Timestamp, last: Option<Timestamp>, deadline: Timestamp) -> Timestamp {
    let due = |(offset, gap): (SignedDuration, SignedDuration)| rounded_up(later(since, offset).min(deadline), gap);
    let is_next = |moment: &Timestamp| last.is_none_or(|last| *moment > last) || *moment >= deadline;
    known.offsets().map(due).find(is_next).unwrap_or(deadline)
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

    /// Every look of a wait that finds nothing.
    fn looks(known: Known, since: &str, deadline: &str) -> Vec<Timestamp> {
        let (since, deadline) = (at(since), at(deadline));
        let mut looks = vec![next(known, since, None, deadline)];
        while looks[looks.len() - 1] < deadline {
            looks.push(next(known, since, looks.last().copied(), deadline));
        }
        looks
    }

    fn known(seconds: &[i64]) -> Known {
        let mut known = Known::default();
        for time in seconds {
            known.learn(SignedDuration::from_secs(*time));
        }
        known
    }

    const NOTHING: Known = Known { times: 0, soonest: SignedDuration::ZERO, latest: SignedDuration::ZERO };

    #[test]
    fn looks_grow_rarer_and_end_with_the_first_after_the_deadline() {
        let looks = looks(NOTHING, "2026-11-24T12:00:00Z", "2026-11-24T12:15:00Z");
        assert_eq!(looks[0], at("2026-11-24T12:00:15Z"));
        assert!(looks.windows(2).all(|pair| pair[0] < pair[1]));
        assert!((8..=12).contains(&looks.len()), "{} looks in 15 minutes", looks.len());
        assert_eq!(looks.last(), Some(&at("2026-11-24T12:16:00Z")));
    }

    #[test]
    fn waiters_that_began_at_different_times_look_together_from_the_fourth_look_on() {
        let looks = |since| looks(NOTHING, since, "2026-11-24T13:00:00Z");
        let (one, other) = (looks("2026-11-24T12:00:01Z"), looks("2026-11-24T12:03:19Z"));
        assert!(other.iter().skip(3).take(5).all(|look| one.contains(look)), "{one:?} {other:?}");
    }

    #[test]
    fn waiters_that_end_at_different_times_take_their_last_look_together() {
        let last = |since, deadline| looks(NOTHING, since, deadline).pop();
        let one = last("2026-11-24T12:00:01Z", "2026-11-24T12:15:01Z");
        assert_eq!(one, last("2026-11-24T12:00:40Z", "2026-11-24T12:15:40Z"));
    }

    #[test]
    fn the_last_look_of_a_short_wait_is_soon_after_it() {
        for (now, look) in [("12:00:07Z", "12:00:15Z"), ("12:00:15Z", "12:00:15Z")] {
            let now = at(&format!("2026-11-24T{now}"));
            assert_eq!(next(NOTHING, now, None, now), at(&format!("2026-11-24T{look}")));
        }
    }

    #[test]
    fn looks_are_taken_when_alerts_of_the_tenant_are_known_to_come() {
        let gaps = |known| {
            let looks = looks(known, "2026-11-24T12:00:00Z", "2026-11-24T12:15:00Z");
            let ages = looks.iter().map(|look| look.duration_since(at("2026-11-24T12:00:00Z")).as_secs());
            ages.collect::<Vec<_>>()
        };
        assert_eq!(gaps(known(&[200, 200])), gaps(NOTHING), "two are chance");
        let learned = gaps(known(&[200, 210, 200]));
        assert_eq!(
            learned[..9],
            [150, 165, 180, 195, 210, 225, 240, 255, 270][..],
            "none before, then each a quarter of a minute"
        );
        assert!(learned.len() < gaps(NOTHING).len() + 8 && learned.last() == Some(&960), "{learned:?}");
        let wide = gaps(known(&[20, 800, 100, 300]));
        assert_eq!(wide, gaps(NOTHING));
        // An alert that comes at once is not waited for longer than anybody would.
        assert_eq!(gaps(known(&[1, 1, 1]))[0], 15);
    }

    #[test]
    fn what_is_learnt_in_the_middle_of_a_wait_puts_no_look_before_the_last() {
        let (since, deadline) = (at("2026-11-24T12:00:00Z"), at("2026-11-24T12:15:00Z"));
        let last = at("2026-11-24T12:03:45Z");
        let next = next(known(&[30, 30, 30]), since, Some(last), deadline);
        assert!(next > last && next <= at("2026-11-24T12:06:00Z"), "{next}");
    }
}
