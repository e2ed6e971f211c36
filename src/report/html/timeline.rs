//! When each link was tried, to scale: a table whose bars share one axis.
//!
//! Waits are hundreds of times as long as all the rest, so a phase that would be too narrow to be seen is drawn wider
//! than it was; the real spans stand beside the bars.

use jiff::Timestamp;
use maud::{Markup, html};

use crate::{
    record::{
        chain::{Link, Witness},
        drill::Drill,
    },
    report::{html::chain, reading::State, wording},
};

/// The width of the axis, in the drawing's own units.
const WIDTH: f64 = 1000.0;

/// No phase is narrower.
const NARROWEST: f64 = 14.0;

/// Ticks for at most so many looks.
const TICKS: usize = 400;

/// Where moments lie on the axis.
struct Axis {
    /// Moments in order, each with its place.
    marks: Vec<(Timestamp, f64)>,
    /// Whether every phase is as wide as it was long.
    to_scale: bool,
}

pub(super) fn table(drill: &Drill) -> Markup {
    let Some(axis) = Axis::of(&drill.chain) else { return html! {} };
    let (begin, end) = (axis.marks[0].0, axis.marks[axis.marks.len() - 1].0);
    html! {
        h4 { "Timeline" }
        table.timeline {
            caption {
                "From " (wording::time_of_day(begin)) " to " (wording::moment(end)) ", "
                (wording::between(begin, end)) " on the drill’s clock. "
                @if axis.to_scale { "Bars are to scale." }
                @else { "Bars are to scale, but short phases are drawn wider than they were." }
                @if drill.waits.iter().any(|wait| !wait.looks.is_empty()) { " A tick is a look at the tenant’s alerts; a dashed line is the latest moment in time." }
                @if drill.stimuli.len() > 1 { " A tick from above is an attempt of the traffic." }
            }
            thead.unseen {
                tr { th scope="col" { "Link" } th scope="col" { "When" } th scope="col" { "Took" } }
            }
            tbody {
                @for phase in phases(drill) { (row(drill, &axis, &phase)) }
            }
        }
    }
}

/// A row of the timeline.
struct Phase<'a> {
    name: &'static str,
    state: State,
    from: Timestamp,
    until: Timestamp,
    by: &'a str,
}

/// The links as they were tried, and between them a wait that no link took: what broke before explains that nothing came.
fn phases(drill: &Drill) -> Vec<Phase<'_>> {
    let of_link = |witness| {
        let &Witness { link, standing, from, until, ref by } = witness;
        Phase { name: link.label(), state: standing.into(), from, until, by }
    };
    let mut phases: Vec<_> = drill.chain.iter().map(of_link).collect();
    for wait in drill.waits.iter().filter(|wait| wait.from < wait.until) {
        let is_shown = |phase: &Phase<'_>| phase.from < wait.until && wait.until <= phase.until;
        if !phases.iter().any(is_shown) {
            let place = phases.iter().position(|phase| phase.from >= wait.until).unwrap_or(phases.len());
            let (from, until) = (wait.from, wait.until);
            phases.insert(place, Phase { name: "wait", state: State::NotReached, from, until, by: "" });
        }
    }
    phases
}

fn row(drill: &Drill, axis: &Axis, phase: &Phase<'_>) -> Markup {
    let Phase { name, state, from, until, by } = phase;
    let is_told = matches!(state, State::Broke | State::Unwitnessable);
    html! {
        tr.(chain::class(*state)) {
            th scope="row" {
                @if is_told { span aria-hidden="true" { (wording::link_mark(*state)) " " } }
                (name)
                @if *state == State::Broke { span.unseen { " broke" } }
            }
            @if *state == State::Unwitnessable {
                td.bar colspan="2" { (state.word()) ": " (wording::short(&wording::line(by), 300)) }
            } @else {
                td.bar { (bar(drill, axis, phase)) span.unseen { "from " (wording::time_of_day(*from)) " to " (wording::time_of_day(*until)) } }
                td.right { (wording::between(*from, *until)) }
            }
        }
    }
}

fn bar(drill: &Drill, axis: &Axis, phase: &Phase<'_>) -> Markup {
    let (from, until) = (axis.place(phase.from), axis.place(phase.until));
    let width = (until - from).max(NARROWEST);
    let left = from.min(WIDTH - width);
    let within = |at: Timestamp| at >= phase.from && at <= phase.until;
    // Attempts are told apart from looks, and where the traffic is the phase itself there is nothing to tell.
    let is_probed = drill.stimuli.len() > 1 && phase.name != Link::Stimulus.label();
    let waits = || drill.waits.iter().filter(|wait| within(wait.from) && within(wait.until) && wait.from < wait.until);
    html! {
        svg viewBox="0 0 1000 20" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
            line.axis x1="0" y1="10" x2="1000" y2="10" {}
            rect.(chain::class(phase.state)) x=(number(left)) y="3" width=(number(width)) height="14" rx="2" {}
            @for probe in drill.stimuli.iter().filter(|stimulus| is_probed && within(stimulus.from)).take(TICKS) {
                line.probe x1=(number(axis.place(probe.from))) y1="0" x2=(number(axis.place(probe.from))) y2="7" {}
            }
            @for wait in waits() {
                @for look in wait.looks.iter().filter(|look| within(look.at)).take(TICKS) {
                    line.look.failed[look.failed.is_some()].news[look.news > 0] x1=(number(axis.place(look.at))) y1="5" x2=(number(axis.place(look.at))) y2="15" {}
                }
                @if wait.deadline <= axis.marks[axis.marks.len() - 1].0 {
                    line.deadline x1=(number(axis.place(wait.deadline))) y1="0" x2=(number(axis.place(wait.deadline))) y2="20" {}
                }
            }
        }
    }
}

fn number(value: f64) -> String {
    format!("{value:.1}")
}

impl Axis {
    fn of(witnesses: &[Witness]) -> Option<Self> {
        let mut moments: Vec<Timestamp> =
            witnesses.iter().flat_map(|witness| [witness.from, witness.until.max(witness.from)]).collect();
        moments.sort_unstable();
        moments.dedup();
        if moments.is_empty() {
            return None;
        }
        let spans: Vec<f64> = moments.windows(2).map(|pair| pair[1].duration_since(pair[0]).as_secs_f64()).collect();
        let (widths, to_scale) = widths(&spans);
        let mut place = 0.0;
        let mut marks = vec![(moments[0], 0.0)];
        for (moment, width) in moments[1..].iter().zip(widths) {
            place += width;
            marks.push((*moment, place));
        }
        Some(Self { marks, to_scale })
    }

    /// Between two marks time runs evenly.
    fn place(&self, at: Timestamp) -> f64 {
        let after = self.marks.partition_point(|(moment, _)| *moment < at);
        let Some(&(end, right)) = self.marks.get(after) else { return WIDTH };
        if after == 0 || end == at {
            return right;
        }
        let (begin, left) = self.marks[after - 1];
        let share = at.duration_since(begin).as_secs_f64() / end.duration_since(begin).as_secs_f64();
        left + (right - left) * share
    }
}

/// A width for each span: those too short get [`NARROWEST`], and the others share the rest by length. Returns whether
/// none was too short as well.
#[expect(clippy::cast_precision_loss, reason = "a chain has a dozen moments")]
fn widths(spans: &[f64]) -> (Vec<f64>, bool) {
    let narrowest = NARROWEST.min(WIDTH / spans.len().max(1) as f64);
    let mut narrow = vec![false; spans.len()];
    loop {
        let room = WIDTH - narrowest * narrow.iter().filter(|narrow| **narrow).count() as f64;
        let rest: f64 = spans.iter().zip(&narrow).filter(|(_, narrow)| !**narrow).map(|(span, _)| span).sum();
        let width = |span: f64| if rest > 0.0 { room * span / rest } else { narrowest };
        let too_narrow = |index: usize| !narrow[index] && width(spans[index]) < narrowest && spans.len() > 1;
        let Some(index) = (0..spans.len()).find(|index| too_narrow(*index)) else {
            let widths = spans.iter().zip(&narrow).map(|(span, narrow)| if *narrow { narrowest } else { width(*span) });
            return (widths.collect(), !narrow.contains(&true));
        };
        narrow[index] = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_does_not_squeeze_the_rest_out_of_sight() {
        let (widths, to_scale) = widths(&[0.2, 0.5, 1200.0, 0.4, 312.0]);
        assert!(!to_scale);
        assert!(widths.iter().all(|width| *width >= NARROWEST - 0.001), "{widths:?}");
        assert!((widths.iter().sum::<f64>() - WIDTH).abs() < 0.001, "{widths:?}");
        let ratio = widths[2] / widths[4];
        assert!((ratio - 1200.0 / 312.0).abs() < 0.001, "the long ones keep their proportion: {ratio}");
    }

    #[test]
    fn equal_phases_are_equally_wide() {
        let (widths, to_scale) = widths(&[5.0, 5.0, 5.0, 5.0]);
        assert_eq!((widths, to_scale), (vec![250.0; 4], true));
    }
}
