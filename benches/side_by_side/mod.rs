//! Two ways of doing the same, timed in turn, so that a machine that is slow for a while is slow for both.

use std::time::Instant;

/// The times of both in seconds (medians of the rounds), and the ratio of the first to the second.
pub(crate) struct Compared {
    pub(crate) first: f64,
    pub(crate) second: f64,
    pub(crate) ratio: f64,
}

const ROUNDS: usize = 15;

/// Times `first` and `second` in turn, after one round that does not count.
#[expect(clippy::disallowed_methods, reason = "a benchmark is about real time")]
pub(crate) async fn compare(mut first: impl AsyncFnMut(), mut second: impl AsyncFnMut()) -> Compared {
    let (mut firsts, mut seconds, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let start = Instant::now();
        first().await;
        let middle = Instant::now();
        second().await;
        let (a, b) = ((middle - start).as_secs_f64(), middle.elapsed().as_secs_f64());
        if round > 0 {
            firsts.push(a);
            seconds.push(b);
            ratios.push(a / b);
        }
    }
    Compared { first: median(firsts), second: median(seconds), ratio: median(ratios) }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
