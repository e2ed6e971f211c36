//! What a run asked of a service, by family of calls and over time.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The calls of one family, beside the limits that the run kept to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calls {
    /// The family, as a profile's `quotas` names it.
    pub family: String,
    /// So many it kept to in any minute; none where there is no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_minute: Option<u32>,
    /// So many in any hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_hour: Option<u32>,
    /// How many there were.
    pub all: u64,
    /// The most in one minute of the clock.
    pub most_in_a_minute: u32,
    /// So many seconds each entry of `over_time` spans: a whole number of minutes.
    pub every_s: u32,
    /// How many there were when, the earliest first, without the times at which there were none.
    pub over_time: Vec<Counted>,
}

/// Calls within a span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// When it begins, on the drills' clock.
    pub from: Timestamp,
    /// How many calls were made in it.
    pub calls: u32,
}

/// How many calls were made in each minute of the clock, by the number of the minute since 1970.
pub type Minutes = BTreeMap<i64, u32>;

/// No more entries than this are told of a family: a plot shows no more.
const ENTRIES: i64 = 240;

/// The spans that entries may have, in minutes; after the last come its multiples.
const SPANS: [i64; 9] = [1, 2, 5, 10, 15, 30, 60, 180, 720];

impl Calls {
    /// The calls of `family` that were made in these minutes, within limits per minute and per hour.
    pub fn of(
        family: impl Into<String>,
        (per_minute, per_hour): (Option<u32>, Option<u32>),
        minutes: &Minutes,
    ) -> Self {
        Self::by(1, family, (per_minute, per_hour), minutes)
    }

    /// The same, in entries of no less than `least` minutes.
    fn by(
        least: i64,
        family: impl Into<String>,
        (per_minute, per_hour): (Option<u32>, Option<u32>),
        minutes: &Minutes,
    ) -> Self {
        let span = span(least, minutes);
        let mut over_time: BTreeMap<i64, u32> = BTreeMap::new();
        for (minute, calls) in minutes {
            let entry = over_time.entry(minute.div_euclid(span) * span).or_default();
            *entry = entry.saturating_add(*calls);
        }
        let counted = |(minute, calls)| Counted { from: moment(minute), calls };
        Self {
            family: family.into(),
            per_minute,
            per_hour,
            all: minutes.values().map(|calls| u64::from(*calls)).sum(),
            most_in_a_minute: minutes.values().copied().max().unwrap_or_default(),
            every_s: u32::try_from(span * 60).unwrap_or(u32::MAX),
            over_time: over_time.into_iter().map(counted).collect(),
        }
    }

    /// The calls of several runs that shared the limits of a tenant, by family, in the order of their names.
    pub fn together(all: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut families: BTreeMap<String, (Self, Minutes)> = BTreeMap::new();
        for calls in all {
            let minutes = calls.over_time.iter().map(|counted| (minute(counted.from), counted.calls));
            let Some((sum, known)) = families.get_mut(&calls.family) else {
                let minutes = minutes.collect();
                families.insert(calls.family.clone(), (calls, minutes));
                continue;
            };
            for (minute, count) in minutes {
                *known.entry(minute).or_default() += count;
            }
            let both = |a: Option<u32>, b: Option<u32>| Some(a?.saturating_add(b?));
            sum.per_minute = both(sum.per_minute, calls.per_minute);
            sum.per_hour = both(sum.per_hour, calls.per_hour);
            sum.most_in_a_minute = sum.most_in_a_minute.max(calls.most_in_a_minute);
            sum.every_s = sum.every_s.max(calls.every_s);
        }
        let told = families.into_values().map(|(sum, minutes)| {
            let least = i64::from(sum.every_s / 60);
            let told = Self::by(least, sum.family, (sum.per_minute, sum.per_hour), &minutes);
            // Where minutes were counted together already, what the most of one was is known of each run alone.
            if least == 1 { told } else { Self { most_in_a_minute: sum.most_in_a_minute, ..told } }
        });
        told.collect()
    }
}

/// The shortest of the spans, in minutes, that is no less than `at_least` and makes no more entries than are told.
fn span(at_least: i64, minutes: &Minutes) -> i64 {
    let ends = minutes.first_key_value().zip(minutes.last_key_value());
    let Some(((first, _), (last, _))) = ends else { return at_least };
    let entries = |span: i64| last.div_euclid(span) - first.div_euclid(span) + 1;
    let longest = SPANS[SPANS.len() - 1];
    let multiples = (2..).map(|times| longest * times);
    SPANS.into_iter().chain(multiples).find(|span| *span >= at_least && entries(*span) <= ENTRIES).unwrap_or(longest)
}

/// The number of the minute that `at` is in.
pub fn minute(at: Timestamp) -> i64 {
    at.as_second().div_euclid(60)
}

fn moment(minute: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH.saturating_add(SignedDuration::from_mins(minute)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn calls(minutes: &[(i64, u32)]) -> Calls {
        Calls::of("alerts", (Some(50), Some(1_500)), &minutes.iter().copied().collect())
    }

    #[test]
    fn a_short_run_is_told_by_the_minute() {
        let told = calls(&[(100, 3), (101, 7), (130, 1)]);
        assert_eq!((told.all, told.most_in_a_minute, told.every_s), (11, 7, 60));
        let over_time: Vec<_> = told.over_time.iter().map(|counted| (minute(counted.from), counted.calls)).collect();
        assert_eq!(over_time, [(100, 3), (101, 7), (130, 1)]);
    }

    #[test]
    fn shards_come_to_one_another_s_calls_and_limits() {
        let shards = [calls(&[(100, 3)]), calls(&[(100, 4), (101, 1)])];
        let [sum] = Calls::together(shards).try_into().expect("one family");
        assert_eq!((sum.per_minute, sum.per_hour, sum.all, sum.most_in_a_minute), (Some(100), Some(3_000), 8, 7));
    }

    #[test]
    fn where_one_shard_was_told_by_longer_spans_than_another_no_two_entries_overlap() {
        let long = Calls { every_s: 300, most_in_a_minute: 1, ..calls(&[(0, 2)]) };
        let [sum] = Calls::together([calls(&[(1, 2), (3, 1), (6, 1)]), long]).try_into().expect("one family");
        let over_time: Vec<_> = sum.over_time.iter().map(|counted| (minute(counted.from), counted.calls)).collect();
        assert_eq!((sum.every_s, over_time), (300, vec![(0, 5), (5, 1)]));
        assert_eq!((sum.all, sum.most_in_a_minute), (6, 2));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_call_is_lost_however_long_the_run(minutes in prop::collection::btree_map(0_i64..2_000_000, 1_u32..9, 0..300)) {
            let told = Calls::of("alerts", (None, None), &minutes);
            let all: u64 = minutes.values().map(|calls| u64::from(*calls)).sum();
            prop_assert_eq!(told.all, all);
            prop_assert_eq!(told.over_time.iter().map(|counted| u64::from(counted.calls)).sum::<u64>(), all);
            prop_assert!(told.over_time.len() <= 240);
            let every = i64::from(told.every_s);
            prop_assert!(told.over_time.windows(2).all(|two| two[0].from.as_second() + every <= two[1].from.as_second()));
        }
    }
}
