//! How long alerts took, and what it comes to.

use crate::{
    history::run::Outcome,
    record::{
        quantiles::{Quantiles, rank},
        tally::Latency,
    },
};

/// How long alerts took, in seconds.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    propagation: Vec<f64>,
    detection: Vec<f64>,
}

impl Figures {
    /// Takes in the alerts of a drill: of propagation the upper bounds.
    pub fn add(&mut self, outcome: &Outcome) {
        let seconds = |milliseconds: u32| f64::from(milliseconds) / 1000.0;
        for alert in &outcome.alerts {
            self.propagation.extend(alert.propagation_at_most.map(seconds));
            self.detection.push(seconds(alert.detection));
        }
    }

    /// Takes in those of `other` as well.
    pub fn add_all(&mut self, other: &Self) {
        self.propagation.extend(&other.propagation);
        self.detection.extend(&other.detection);
    }

    /// What they come to; none of nothing.
    pub fn quantiles(&self, latency: Latency) -> Option<Quantiles> {
        Quantiles::of(&mut self.of(latency).to_vec())
    }

    /// The least of them that `percent` of a hundred do not exceed, and how many there are; none of nothing.
    pub fn quantile(&self, latency: Latency, percent: f64) -> Option<(f64, usize)> {
        let mut sorted = self.of(latency).to_vec();
        sorted.sort_by(f64::total_cmp);
        Some((sorted[rank(percent, sorted.len())? - 1], sorted.len()))
    }

    fn of(&self, latency: Latency) -> &[f64] {
        match latency {
            Latency::Propagation => &self.propagation,
            Latency::Detection => &self.detection,
        }
    }
}
