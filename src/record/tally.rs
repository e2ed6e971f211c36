//! How long the alerts of a run's drills took, noted as the drills end, and judged together.

use std::collections::HashSet;

use crate::record::{drill::Drill, failure::Code, quantiles::rank};

/// What the drills of a run that have ended say of its latencies.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tally {
    /// Of what the drills are: the run, or a shard of it.
    pub scope: String,
    told: Vec<Told>,
    /// Drills that waited for an alert, saw none and cannot tell why.
    unknown: usize,
}

/// Which of an alert's latencies is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Latency {
    /// From the stimulus to the alert being ready.
    Detection,
    /// From acceptance of what was published to the stimulus that was detected: an upper bound of propagation.
    Propagation,
}

/// An alert that was expected, and its latencies in seconds where it came.
#[derive(Debug, Clone, PartialEq)]
struct Told {
    drill: String,
    seconds: Option<(f64, Option<f64>)>,
}

/// How the latencies of a run stand to a budget.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// How many alerts were expected.
    pub all: usize,
    /// How many of them came within the budget.
    pub within: usize,
    /// The least number of seconds within which the share asked for came; none where so many never did.
    pub quantile: Option<f64>,
    /// The drills that took longest, at most three, and their seconds where the alert came at all.
    pub worst: Vec<(String, Option<f64>)>,
    /// Drills that cannot tell, and do not count.
    pub unknown: usize,
}

impl Judged {
    /// Whether the share that was asked for came within the budget of so many seconds.
    pub fn holds(&self, budget: f64) -> bool {
        self.quantile.is_some_and(|seconds| seconds <= budget)
    }
}

impl Tally {
    /// A tally of nothing yet, of what is called `scope`.
    pub fn of(scope: impl Into<String>) -> Self {
        Self { scope: scope.into(), ..Self::default() }
    }

    /// Notes what `drill`, which has ended, says.
    pub fn add(&mut self, drill: &Drill) {
        let name = format!("`{}` ({}:{})", drill.name, drill.file, drill.line);
        let mut known = HashSet::new();
        for sighting in &drill.sightings {
            let (Some(alert), Some(latencies)) = (sighting.seen.first(), &sighting.latencies) else { continue };
            // A later event of the same alert is another latency.
            if known.insert((&alert.id, alert.processed_at)) {
                let detection = alert.processed_at.duration_since(sighting.expected.since).as_secs_f64().max(0.0);
                let seconds = Some((detection, latencies.propagation_at_most));
                self.told.push(Told { drill: name.clone(), seconds });
            }
        }
        let never = drill.sightings.last().is_some_and(|last| last.seen.is_empty());
        match drill.verdict.code() {
            Some(Code::NoAlert) => self.told.push(Told { drill: name, seconds: None }),
            Some(_) if never => self.unknown += 1,
            _ => {}
        }
    }

    /// How many drills waited for an alert, saw none and cannot tell why.
    pub fn unknown(&self) -> usize {
        self.unknown
    }

    /// How the latencies stand to a budget of so many seconds for so many of a hundred alerts; none where no alert was
    /// expected.
    pub fn judge(&self, latency: Latency, percent: f64, budget: f64) -> Option<Judged> {
        // What came, and cannot tell how long it took, is no part of what is judged.
        let seconds = |told: &Told| match (told.seconds, latency) {
            (None, _) => Some(None),
            (Some((detection, _)), Latency::Detection) => Some(Some(detection)),
            (Some((_, propagation)), Latency::Propagation) => propagation.map(Some),
        };
        let told = self.told.iter().filter_map(|told| Some((told.drill.as_str(), seconds(told)?)));
        let mut sorted: Vec<(&str, Option<f64>)> = told.collect();
        // What never came took longest.
        let order = |seconds: Option<f64>| seconds.unwrap_or(f64::INFINITY);
        sorted.sort_by(|a, b| order(a.1).total_cmp(&order(b.1)));
        let place = rank(percent, sorted.len())?;
        Some(Judged {
            all: sorted.len(),
            within: sorted.iter().filter(|(_, seconds)| order(*seconds) <= budget).count(),
            quantile: sorted[place - 1].1,
            worst: sorted.iter().rev().take(3).map(|(drill, seconds)| ((*drill).to_owned(), *seconds)).collect(),
            unknown: self.unknown,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(seconds: &[Option<f64>]) -> Tally {
        let told = |(place, one): (usize, &Option<f64>)| Told {
            drill: format!("d{place}"),
            seconds: one.map(|detection| (detection, Some(detection * 10.0))),
        };
        Tally { told: seconds.iter().enumerate().map(told).collect(), ..Tally::of("the run") }
    }

    #[test]
    fn the_quantile_is_that_of_the_nearest_rank() {
        let twenty: Vec<_> = (1..=20).map(|place| Some(f64::from(place))).collect();
        let judged = |percent, budget| tally(&twenty).judge(Latency::Detection, percent, budget).expect("alerts");
        assert_eq!((judged(95.0, 19.0).quantile, judged(95.0, 19.0).within), (Some(19.0), 19));
        assert!(judged(95.0, 19.0).holds(19.0) && !judged(95.0, 18.0).holds(18.0));
        assert_eq!(judged(100.0, 1.0).quantile, Some(20.0));
        assert_eq!(judged(0.1, 1.0).quantile, Some(1.0));
        assert_eq!(
            judged(50.0, 1.0).worst,
            [("d19".into(), Some(20.0)), ("d18".into(), Some(19.0)), ("d17".into(), Some(18.0))]
        );
    }

    #[test]
    fn what_never_came_is_not_within_any_budget() {
        let tally = tally(&[Some(1.0), None]);
        let judged = tally.judge(Latency::Detection, 95.0, 1e9).expect("alerts");
        assert_eq!((judged.all, judged.within, judged.quantile), (2, 1, None));
        assert!(!judged.holds(1e9));
        assert!(tally.judge(Latency::Detection, 50.0, 1.0).expect("alerts").holds(1.0));
        assert_eq!(judged.worst[0], ("d1".into(), None));
    }

    #[test]
    fn propagation_is_another_latency_than_detection_and_nothing_is_no_latency() {
        let judged = tally(&[Some(2.0)]).judge(Latency::Propagation, 95.0, 5.0).expect("an alert");
        assert_eq!((judged.quantile, judged.holds(5.0)), (Some(20.0), false));
        assert_eq!(tally(&[]).judge(Latency::Detection, 95.0, 1.0), None);
    }

    #[test]
    fn an_alert_that_cannot_tell_how_long_propagation_took_counts_for_detection_alone() {
        let mut tally = tally(&[Some(2.0), Some(4.0)]);
        tally.told[1].seconds = Some((4.0, None));
        assert_eq!(
            tally.judge(Latency::Propagation, 100.0, 20.0).map(|judged| (judged.all, judged.within)),
            Some((1, 1))
        );
        assert_eq!(tally.judge(Latency::Detection, 100.0, 4.0).map(|judged| judged.all), Some(2));
    }
}
