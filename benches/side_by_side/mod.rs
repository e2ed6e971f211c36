//! Two ways of doing the same, timed in turn, so that a machine that is slow for a while is slow for both.

use std::time::{Duration, Instant};

/// The times of both (medians of the rounds), and the median of the ratios of the first to the second.
pub(crate) struct Compared {
    pub(crate) first: Duration,
    pub(crate) second: Duration,
    pub(crate) ratio: f64,
}

/// Asks `first` and `second` in turn what they took, after one round that does not count.
pub(crate) async fn compare(
    rounds: usize,
    mut first: impl AsyncFnMut() -> Duration,
    mut second: impl AsyncFnMut() -> Duration,
) -> Compared {
    let (mut firsts, mut seconds, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=rounds {
        let (a, b) = (first().await, second().await);
        if round > 0 {
            firsts.push(a);
            seconds.push(b);
            ratios.push(a.as_secs_f64() / b.as_secs_f64());
        }
    }
    firsts.sort();
    seconds.sort();
    ratios.sort_by(f64::total_cmp);
    Compared { first: firsts[rounds / 2], second: seconds[rounds / 2], ratio: ratios[rounds / 2] }
}

/// What `work` takes.
#[expect(clippy::disallowed_methods, reason = "a benchmark is about real time")]
pub(crate) async fn timed(work: impl AsyncFnOnce()) -> Duration {
    let start = Instant::now();
    work().await;
    start.elapsed()
}

/// One of `count` equal parts of `whole`, in microseconds.
pub(crate) fn each(whole: Duration, count: usize) -> f64 {
    whole.as_secs_f64() * 1e6 / f64::from(u32::try_from(count).expect("a bench counts in thousands"))
}

/// Whether this is `cargo bench`, and not a run of everything that only sees whether it works.
pub(crate) fn measures() -> bool {
    std::env::args().any(|argument| argument == "--bench")
}
