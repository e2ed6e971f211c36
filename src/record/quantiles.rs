//! What a number of latencies come to together.

use serde::{Deserialize, Serialize};

/// The quantiles of some spans of time, in seconds, each that of the nearest rank: a span that occurred.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Quantiles {
    /// How many there were, at least one.
    pub n: u64,
    /// Half of them took no longer.
    pub p50: f64,
    /// Ninety-five of a hundred took no longer.
    pub p95: f64,
    /// None took longer.
    pub max: f64,
}

impl Quantiles {
    /// Those of `seconds`, which are put in order; none of nothing.
    pub fn of(seconds: &mut [f64]) -> Option<Self> {
        seconds.sort_by(f64::total_cmp);
        let at = |percent| Some(seconds[rank(percent, seconds.len())? - 1]);
        Some(Self { n: seconds.len() as u64, p50: at(50.0)?, p95: at(95.0)?, max: *seconds.last()? })
    }
}

/// The nearest rank, from 1: the least number of `all` that is `percent` of a hundred of them or more. None of nothing.
pub fn rank(percent: f64, all: usize) -> Option<usize> {
    #[expect(clippy::cast_precision_loss, reason = "there are fewer than there are exact numbers")]
    let least = (percent * all as f64 / 100.0 - 1e-9).ceil();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is put within 1 and all")]
    (all > 0).then(|| (least as usize).clamp(1, all))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// The definition, word for word: the least of them that so many of a hundred do not exceed.
        #[test]
        fn a_quantile_is_the_least_span_that_so_many_do_not_exceed(tenths in prop::collection::vec(0_u32..500, 1..200)) {
            let mut seconds: Vec<f64> = tenths.iter().map(|tenth| f64::from(*tenth) / 10.0).collect();
            let told = Quantiles::of(&mut seconds.clone()).expect("there are some");
            seconds.sort_by(f64::total_cmp);
            let not_above = |limit: f64| seconds.iter().filter(|one| **one <= limit).count();
            for (percent, told) in [(50, told.p50), (95, told.p95), (100, told.max)] {
                let least = seconds.iter().find(|one| not_above(**one) * 100 >= percent * seconds.len());
                prop_assert_eq!(Some(&told), least, "of {}", percent);
            }
            prop_assert_eq!(told.n, seconds.len() as u64);
        }
    }

    #[test]
    fn of_nothing_there_is_no_quantile_and_of_one_it_is_that_one() {
        assert_eq!((Quantiles::of(&mut []), rank(50.0, 0)), (None, None));
        let one = Quantiles { n: 1, p50: 3.0, p95: 3.0, max: 3.0 };
        assert_eq!(Quantiles::of(&mut [3.0]), Some(one));
        assert_eq!((rank(0.0, 4), rank(95.0, 20), rank(100.0, 4)), (Some(1), Some(19), Some(4)));
    }
}
