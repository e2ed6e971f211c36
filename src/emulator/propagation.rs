//! When what was accepted is in effect: the versions of a definition or indicator, and which of them counts when.
//!
//! Acceptance gives the order: of the versions whose moment has come, the one accepted last is in effect. So a change
//! keeps the old text in effect until the new one has propagated, and a quick deletion beats a slow publication.

use std::{collections::VecDeque, time::Duration};

use jiff::Timestamp;

use crate::{
    clock::later,
    emulator::{knobs::Range, noise},
};

/// The moment `span` after `from`; the end of time is as far as it goes.
pub(super) fn after(from: Timestamp, span: Duration) -> Timestamp {
    later(from, jiff::SignedDuration::try_from(span).unwrap_or(jiff::SignedDuration::MAX))
}

/// A span of `range`, uniform to the millisecond, that follows from `seed` and `parts`.
pub(super) fn draw(range: Range, seed: u64, parts: &[&str]) -> Duration {
    let width = u64::try_from(range.max.saturating_sub(range.min).as_millis()).unwrap_or(u64::MAX);
    if width == 0 {
        return range.min;
    }
    let step = noise::number(seed, parts) % width.saturating_add(1);
    range.min + Duration::from_millis(step)
}

/// What was accepted at one time: some content, or that there is none any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Version<T> {
    /// Its number among the versions of the same thing.
    pub(super) number: u64,
    /// From when on it is in effect.
    pub(super) from: Timestamp,
    /// What it says; `None` is deleted.
    pub(super) content: Option<T>,
}

/// The versions of one thing that still matter, in the order of acceptance.
#[derive(Debug, Clone)]
pub(super) struct History<T> {
    versions: VecDeque<Version<T>>,
    next: u64,
}

/// More changes than this on their way at once are thinned out, the oldest first: memory stays bounded.
const MOST: usize = 64;

impl<T> History<T> {
    /// Without any version.
    pub(super) fn new() -> Self {
        Self { versions: VecDeque::new(), next: 0 }
    }

    /// The number that the next version will have.
    pub(super) fn next_number(&self) -> u64 {
        self.next
    }

    /// The version in effect at `now`, if any is.
    pub(super) fn at(&self, now: Timestamp) -> Option<&Version<T>> {
        self.versions.iter().rev().find(|version| version.from <= now)
    }

    /// Accepts `content`, in effect from `from` on. Returns the versions that can never be in effect now.
    pub(super) fn accept(&mut self, content: Option<T>, from: Timestamp) -> Vec<Version<T>> {
        let mut dropped = Vec::new();
        while self.versions.back().is_some_and(|earlier| earlier.from >= from) {
            dropped.extend(self.versions.pop_back());
        }
        self.versions.push_back(Version { number: self.next, from, content });
        self.next += 1;
        if self.versions.len() > MOST {
            dropped.extend(self.versions.remove(1));
        }
        dropped
    }

    /// Forgets, and returns, the versions that were over by `now`.
    pub(super) fn settle(&mut self, now: Timestamp) -> Vec<Version<T>> {
        let over = self.versions.iter().rposition(|version| version.from <= now).unwrap_or(0);
        self.versions.drain(..over).collect()
    }

    /// Forgets, and returns, every version.
    pub(super) fn clear(&mut self) -> Vec<Version<T>> {
        self.versions.drain(..).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).expect("a timestamp")
    }

    fn content(history: &History<&'static str>, seconds: i64) -> Option<&'static str> {
        history.at(at(seconds)).and_then(|version| version.content)
    }

    #[test]
    fn a_version_is_in_effect_from_its_second_on_and_not_one_before() {
        let mut history = History::new();
        history.accept(Some("a"), at(1200));
        assert_eq!(content(&history, 1199), None);
        assert_eq!(content(&history, 1200), Some("a"));
    }

    #[test]
    fn a_change_keeps_the_old_text_in_effect_until_it_has_propagated() {
        let mut history = History::new();
        history.accept(Some("old"), at(0));
        history.accept(Some("new"), at(1200));
        assert_eq!(content(&history, 1199), Some("old"));
        assert_eq!(content(&history, 1200), Some("new"));
    }

    #[test]
    fn a_quick_deletion_beats_a_slow_publication() {
        let mut history = History::new();
        history.accept(Some("a"), at(1200));
        let dropped = history.accept(None, at(10));
        assert_eq!(dropped.len(), 1);
        assert_eq!(content(&history, 5000), None);
    }

    #[test]
    fn what_is_over_is_forgotten_and_what_counts_is_kept() {
        let mut history = History::new();
        history.accept(Some("a"), at(0));
        history.accept(Some("b"), at(10));
        history.accept(Some("c"), at(20));
        let over = history.settle(at(15));
        assert_eq!(over.iter().map(|version| version.content).collect::<Vec<_>>(), [Some("a")]);
        assert_eq!(content(&history, 15), Some("b"));
        assert_eq!(content(&history, 20), Some("c"));
    }

    #[test]
    fn a_thousand_changes_on_their_way_are_bounded_and_the_first_and_last_stay() {
        let mut history = History::new();
        for n in 0..1000 {
            history.accept(Some(n), at(n));
        }
        assert_eq!(history.versions.len(), MOST);
        assert_eq!(history.at(at(0)).and_then(|version| version.content), Some(0));
        assert_eq!(history.at(at(2000)).and_then(|version| version.content), Some(999));
    }

    #[test]
    fn a_drawn_span_stays_in_its_range_and_follows_from_the_seed() {
        let range = Range { min: Duration::from_mins(2), max: Duration::from_mins(15) };
        let drawn: Vec<_> = (0..2000).map(|n: u32| draw(range, 1, &[&n.to_string()])).collect();
        assert!(drawn.iter().all(|span| (range.min..=range.max).contains(span)));
        let mean = drawn.iter().sum::<Duration>() / 2000;
        assert!((Duration::from_secs(490)..Duration::from_secs(530)).contains(&mean), "{mean:?}");
        assert_eq!(draw(range, 1, &["x"]), draw(range, 1, &["x"]));
    }
}
