//! What the tenant was asked, by family of calls, beside the limits that the run kept to.

use maud::{Markup, html};

use crate::{
    record::calls::{Calls, Counted},
    report::{
        html::plot::{Plot, Shape, count_axis, marks},
        wording,
    },
};

pub(super) fn section(calls: &[Calls]) -> Markup {
    let mut families: Vec<&Calls> = calls.iter().collect();
    families.sort_by(|a, b| share_used(b).total_cmp(&share_used(a)).then(b.all.cmp(&a.all)));
    html! {
        section #calls aria-labelledby="calls-title" {
            h2 #calls-title { "Calls" }
            p.aside { "What the tenant was asked, by family, on the drills’ clock. A dashed line is the limit that the run kept to." }
            div.figures { @for calls in families { (figure(calls)) } }
        }
    }
}

/// How near the busiest minute came to its limit.
fn share_used(calls: &Calls) -> f64 {
    calls.per_minute.map_or(0.0, |limit| f64::from(calls.most_in_a_minute) / f64::from(limit.max(1)))
}

fn figure(calls: &Calls) -> Markup {
    let Some((first, last)) = calls.over_time.first().zip(calls.over_time.last()) else { return html! {} };
    let every = f64::from(calls.every_s);
    let begin = first.from;
    let after = |counted: &Counted| counted.from.duration_since(begin).as_secs_f64();
    // A few minutes are not drawn as if they were all there is.
    let long = (after(last) + every).max(every * 12.0);
    let end = begin.saturating_add(jiff::SignedDuration::from_secs_f64(long)).unwrap_or(begin);
    let most = calls.over_time.iter().map(|counted| counted.calls).max().map_or(0.0, f64::from);
    let limit = calls.per_minute.map(|limit| f64::from(limit) * every / 60.0);
    let (reach, step) = count_axis(limit.map_or(most, |limit| limit.max(most)));
    let bars = calls.over_time.iter().map(|counted| {
        let from = after(counted) / long;
        (from, from + every / long, f64::from(counted.calls) / reach)
    });
    let says = says(calls);
    let plot = Plot {
        says: says.clone(),
        across: vec![(0.0, wording::short_moment(begin)), (1.0, wording::short_moment(end))],
        up: marks((reach, step), |count| format!("{count}")).split_off(1),
        shapes: [Shape::Bars(bars.collect())]
            .into_iter()
            .chain(limit.map(|limit| Shape::Level(limit / reach)))
            .collect(),
    };
    html! {
        figure {
            figcaption { strong { (wording::line(&calls.family)) } ": " (says) "." }
            (plot.markup())
        }
    }
}

fn says(calls: &Calls) -> String {
    let limits = [(calls.per_minute, "minute"), (calls.per_hour, "hour")];
    let limits: Vec<_> = limits.iter().filter_map(|(limit, of)| Some(format!("{} a {of}", (*limit)?))).collect();
    let allowed = if limits.is_empty() { String::new() } else { format!("; allowed {}", limits.join(", ")) };
    let each = if calls.every_s == 60 {
        String::new()
    } else {
        format!(", a bar is {}", wording::seconds(calls.every_s.into()))
    };
    format!("{}, at most {} in a minute{allowed}{each}", wording::count(calls.all, "call"), calls.most_in_a_minute)
}
