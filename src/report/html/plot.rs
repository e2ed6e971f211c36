//! A plot: lines, steps and bars over an axis each way, drawn as SVG.
//!
//! What is drawn is stretched to the width there is; what is written keeps its size, since both are placed by shares of
//! the plot and no unit of its own.

use maud::{Markup, html};

/// A plot that says in words what it shows, for whoever does not see it.
pub(super) struct Plot {
    /// What it shows, in a sentence.
    pub(super) says: String,
    /// Marks on the axis to the right, each at its share of the width.
    pub(super) across: Vec<(f64, String)>,
    /// Marks on the axis upwards, each at its share of the height.
    pub(super) up: Vec<(f64, String)>,
    pub(super) shapes: Vec<Shape>,
}

/// Something drawn, placed by shares of the width and the height.
pub(super) enum Shape {
    /// A line through points, in the looks of this class.
    Line(&'static str, Vec<(f64, f64)>),
    /// Bars, each from here to there, so high.
    Bars(Vec<(f64, f64, f64)>),
    /// A level right across.
    Level(f64),
    /// A point, in the looks of this class.
    Dot(&'static str, f64, f64),
}

/// The drawing's own units each way.
const SIZE: f64 = 1000.0;

impl Plot {
    pub(super) fn markup(&self) -> Markup {
        html! {
            svg.plot role="img" aria-label=(self.says) {
                @for (share, text) in &self.up {
                    line.grid x1="0" x2="100%" y1=(percent(1.0 - share)) y2=(percent(1.0 - share)) {}
                    text.up x="0" y=(percent(1.0 - share)) dy="-4" { (text) }
                }
                @for (share, text) in &self.across {
                    line.grid x1=(percent(*share)) x2=(percent(*share)) y1="0" y2="100%" {}
                    text.across.first[*share < 0.08].last[*share > 0.92] x=(percent(*share)) y="100%" dy="1.35em" { (text) }
                }
                svg viewBox="0 0 1000 1000" preserveAspectRatio="none" width="100%" height="100%" {
                    @for shape in &self.shapes { (shape.markup()) }
                }
                @for shape in &self.shapes {
                    @if let Shape::Dot(class, x, y) = shape {
                        circle.(class) cx=(percent(*x)) cy=(percent(1.0 - y)) r="4" {}
                    }
                }
            }
        }
    }
}

impl Shape {
    fn markup(&self) -> Markup {
        match self {
            Self::Line(class, points) => html! { polyline.(class) points=(listed(points)) {} },
            Self::Bars(bars) => html! {
                @for (from, to, height) in bars {
                    rect.bar x=(unit(*from)) y=(unit(1.0 - height)) width=(unit((to - from).max(0.002))) height=(unit(*height)) {}
                }
            },
            Self::Level(height) => {
                html! { line.level x1="0" x2="1000" y1=(unit(1.0 - height)) y2=(unit(1.0 - height)) {} }
            }
            Self::Dot(..) => html! {},
        }
    }
}

fn listed(points: &[(f64, f64)]) -> String {
    points.iter().map(|(x, y)| format!("{},{}", unit(*x), unit(1.0 - y))).collect::<Vec<_>>().join(" ")
}

fn unit(share: f64) -> String {
    format!("{:.1}", share * SIZE)
}

fn percent(share: f64) -> String {
    format!("{:.2}%", share * 100.0)
}

/// Steps of an axis of time that people count in, in seconds.
const SPANS: [f64; 20] = [
    0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1_800.0, 3_600.0, 7_200.0,
    21_600.0, 43_200.0, 86_400.0,
];

/// How far an axis reaches that `most` seconds are to fit on, and the step between its marks: from three to six of them.
pub(super) fn span_axis(most: f64) -> (f64, f64) {
    let step =
        SPANS.into_iter().find(|step| most / step <= 5.0).unwrap_or_else(|| (most / 5.0 / 86_400.0).ceil() * 86_400.0);
    ((most / step).ceil().max(1.0) * step, step)
}

/// The same of `most` things that are counted.
pub(super) fn count_axis(most: f64) -> (f64, f64) {
    let mut step = 1.0;
    for factor in [2.0, 2.5, 2.0].into_iter().cycle() {
        if most / step <= 4.0 {
            break;
        }
        // 1, 2, 5, 10, 20, 50 …
        step *= factor;
    }
    ((most / step).ceil().max(1.0) * step, step)
}

/// The marks of an axis that reaches so far, a step apart, in the words of `told`.
pub(super) fn marks((reach, step): (f64, f64), told: impl Fn(f64) -> String) -> Vec<(f64, String)> {
    let places = std::iter::successors(Some(0.0), |place| Some(place + step));
    places.take_while(|place| *place <= reach * 1.000_1).map(|place| (place / reach, told(place))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_reaches_as_far_as_what_is_shown_on_it_in_steps_that_people_count_in() {
        for (most, expected) in [
            (0.0, (0.1, 0.1)),
            (47.0, (50.0, 10.0)),
            (200.0, (240.0, 60.0)),
            (7_200.0, (7_200.0, 1_800.0)),
            (1e6, (1_036_800.0, 259_200.0)),
        ] {
            assert_eq!(span_axis(most), expected, "{most}");
        }
        for (most, expected) in [
            (0.0, (1.0, 1.0)),
            (4.0, (4.0, 1.0)),
            (9.0, (10.0, 5.0)),
            (100.0, (100.0, 50.0)),
            (1_500.0, (1_500.0, 500.0)),
        ] {
            assert_eq!(count_axis(most), expected, "{most}");
        }
    }

    #[test]
    fn marks_are_a_step_apart_from_nothing_to_the_end() {
        let marks = marks((60.0, 20.0), |seconds| format!("{seconds} s"));
        let told: Vec<_> = marks.iter().map(|(share, text)| (format!("{share:.2}"), text.as_str())).collect();
        assert_eq!(
            told,
            [("0.00", "0 s"), ("0.33", "20 s"), ("0.67", "40 s"), ("1.00", "60 s")].map(|(a, b)| (a.to_owned(), b))
        );
    }
}
