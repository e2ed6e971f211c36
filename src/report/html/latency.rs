//! How long propagation and detection took: over the drills of the run, and over the runs before it.

use std::collections::BTreeMap;

use maud::{Markup, html};

use crate::{
    record::{
        drill::Drill,
        past::{Past, Taken},
        quantiles::Quantiles,
    },
    report::{
        html::plot::{Plot, Shape, marks, span_axis},
        reading, wording,
    },
};

/// The latencies of the run's alerts, by service.
#[derive(Default)]
pub(super) struct Latencies(BTreeMap<String, [Vec<f64>; 2]>);

/// The two latencies, and what each is called; the place is that in the list.
const KINDS: [&str; 2] = ["Propagation", "Detection"];

/// A line has no more steps: no screen shows them.
const STEPS: usize = 400;

impl Latencies {
    /// Takes in the alerts of `drill`.
    pub(super) fn add(&mut self, drill: &Drill) {
        let Some(latencies) = reading::latencies(drill) else { return };
        let of_service = self.0.entry(drill.service.clone()).or_default();
        of_service[0].extend(latencies.propagation_at_most);
        of_service[1].push(latencies.detection);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn section(&mut self, past: Option<&Past>) -> Markup {
        html! {
            section #latency aria-labelledby="latency-title" {
                h2 #latency-title { "Latency" }
                p.aside {
                    "Propagation is from acceptance of what was published to the traffic that was detected, so at most that long; detection is "
                    "from the event on the device to the alert being ready, by the service’s own times."
                }
                @for (service, kinds) in &mut self.0 {
                    @let now = Taken {
                        service: service.clone(),
                        propagation: Quantiles::of(&mut kinds[0]),
                        detection: Quantiles::of(&mut kinds[1]),
                    };
                    h3 { "On " (wording::line(service)) }
                    div.figures {
                        @for (place, kind) in KINDS.into_iter().enumerate() {
                            @if let Some(quantiles) = quantiles(&now, place) {
                                (distribution(kind, &kinds[place], &quantiles))
                                @if let Some(past) = past { (over_runs(kind, place, &now, past)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn quantiles(taken: &Taken, place: usize) -> Option<Quantiles> {
    if place == 0 { taken.propagation } else { taken.detection }
}

/// What share of `sorted` took no longer than any time.
fn distribution(kind: &str, sorted: &[f64], quantiles: &Quantiles) -> Markup {
    // What is far beyond all others would squeeze them to nothing.
    let is_far = quantiles.max > quantiles.p95 * 3.0 && quantiles.p95 > 0.0;
    let axis = span_axis(if is_far { quantiles.p95 * 1.3 } else { quantiles.max });
    let says = format!(
        "{kind} of {}: half within {}, 95 % within {}, all within {}{}",
        wording::count(quantiles.n, "alert"),
        wording::seconds(quantiles.p50),
        wording::seconds(quantiles.p95),
        wording::seconds(quantiles.max),
        if is_far { ", which is beyond the plot" } else { "" }
    );
    let plot = Plot {
        says: says.clone(),
        across: marks(axis, wording::seconds),
        up: [0.5, 0.95].map(|share| (share, format!("{:.0} %", share * 100.0))).into(),
        shapes: vec![
            Shape::Line("curve", steps(sorted, axis.0)),
            Shape::Dot("dot", quantiles.p50 / axis.0, 0.5),
            Shape::Dot("dot", quantiles.p95 / axis.0, 0.95),
        ],
    };
    html! {
        figure {
            figcaption { (says) "." }
            (plot.markup())
        }
    }
}

/// The steps of the share of `sorted` that is no more than any time, up to `reach`.
#[expect(clippy::cast_precision_loss, reason = "there are fewer than there are exact numbers")]
fn steps(sorted: &[f64], reach: f64) -> Vec<(f64, f64)> {
    let every = sorted.len().div_ceil(STEPS).max(1);
    let mut points = vec![(0.0, 0.0)];
    let mut height = 0.0;
    for (place, seconds) in sorted.iter().enumerate() {
        if (place + 1) % every != 0 && place + 1 != sorted.len() {
            continue;
        }
        if *seconds > reach {
            points.push((1.0, height));
            return points;
        }
        points.push((seconds / reach, height));
        height = (place + 1) as f64 / sorted.len() as f64;
        points.push((seconds / reach, height));
    }
    points.push((1.0, 1.0));
    points
}

/// Half and 95 % of the alerts of each run so far, this one the last.
#[expect(clippy::cast_precision_loss, reason = "there are at most thirty runs")]
fn over_runs(kind: &str, place: usize, now: &Taken, past: &Past) -> Markup {
    let of_service = |services: &[Taken]| {
        services.iter().find(|taken| taken.service == now.service).and_then(|taken| quantiles(taken, place))
    };
    let known = past.runs.iter().filter_map(|run| Some((wording::date(run.started), of_service(&run.services)?)));
    let mut runs: Vec<(String, Quantiles)> = known.collect();
    if runs.is_empty() {
        return html! {};
    }
    runs.extend(quantiles(now, place).map(|quantiles| ("this run".to_owned(), quantiles)));
    let axis = span_axis(runs.iter().map(|(_, quantiles)| quantiles.p95).fold(0.0, f64::max));
    let last = (runs.len() - 1).max(1) as f64;
    let line = |of: fn(&Quantiles) -> f64| -> Vec<(f64, f64)> {
        runs.iter().enumerate().map(|(at, (_, quantiles))| (at as f64 / last, of(quantiles) / axis.0)).collect()
    };
    let says = format!(
        "{kind} over {}: half of the alerts (solid) and 95 % (dashed) of each",
        wording::count(runs.len() as u64, "run")
    );
    let ends = [(0.0, runs[0].0.clone()), (1.0, runs[runs.len() - 1].0.clone())];
    let (halves, most) = (line(|quantiles| quantiles.p50), line(|quantiles| quantiles.p95));
    let dots = halves
        .last()
        .map(|(x, y)| Shape::Dot("dot", *x, *y))
        .into_iter()
        .chain(most.last().map(|(x, y)| Shape::Dot("dot", *x, *y)));
    let shapes =
        dots.chain([Shape::Line("curve", halves.clone()), Shape::Line("curve dashed", most.clone())]).collect();
    let plot = Plot { says: says.clone(), across: ends.into(), up: marks(axis, wording::seconds).split_off(1), shapes };
    html! {
        figure {
            figcaption { (says) "." }
            (plot.markup())
            details {
                summary { "The figures" }
                table.figures-table {
                    thead { tr { th scope="col" { "Run" } th.right scope="col" { "Alerts" } th.right scope="col" { "Half" } th.right scope="col" { "95 %" } th.right scope="col" { "All" } } }
                    tbody {
                        @for (name, quantiles) in runs.iter().rev() {
                            tr {
                                th scope="row" { (name) }
                                td.right { (quantiles.n) }
                                @for seconds in [quantiles.p50, quantiles.p95, quantiles.max] { td.right { (wording::seconds(seconds)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_rises_from_nothing_to_all_at_each_latency() {
        assert_eq!(
            steps(&[1.0, 3.0], 4.0),
            [(0.0, 0.0), (0.25, 0.0), (0.25, 0.5), (0.75, 0.5), (0.75, 1.0), (1.0, 1.0)]
        );
        assert_eq!(
            steps(&[1.0, 9.0], 4.0),
            [(0.0, 0.0), (0.25, 0.0), (0.25, 0.5), (1.0, 0.5)],
            "up to the end of the plot"
        );
        let many: Vec<f64> = (0..10_000).map(f64::from).collect();
        let points = steps(&many, 10_000.0);
        assert!(points.len() <= 2 * STEPS + 4 && points.is_sorted(), "{}", points.len());
        assert_eq!(points.last(), Some(&(1.0, 1.0)));
    }
}
