//! The alert as expected and as seen, side by side, and the alerts that attribution refused.

use maud::{Markup, html};

use crate::{
    record::sighting::{Difference, NearMiss, SeenAlert, Sighting},
    report::{html::json, wording},
};

/// Near misses shown of one sighting.
const NEAR_MISSES: usize = 20;

/// A field: its name, what was expected, what was seen.
type Row<'a> = (&'a str, &'a str, Option<&'a str>);

pub(super) fn sighting(sighting: &Sighting) -> Markup {
    html! {
        h4 { "The alert" }
        (comparison(sighting))
        @if sighting.seen.len() > 1 {
            p.aside { "The tenant showed " (sighting.seen.len()) " alerts of this drill; the first is compared." }
        }
        @if let Some(alert) = sighting.seen.first() { (facts(alert)) (evidence(alert)) (original(alert)) }
        @if let Some(latencies) = &sighting.latencies {
            dl.facts.latencies {
                div { dt { "Propagation" } dd { (wording::propagation(latencies)) } }
                div { dt { "Detection" } dd { (wording::seconds(latencies.detection)) } }
                div { dt { "Traffic until seen" } dd { (wording::seconds(latencies.until_seen)) " ± " (wording::seconds(latencies.resolution)) } }
            }
        }
        @if !sighting.near_misses.is_empty() { (near_misses(&sighting.near_misses)) }
    }
}

fn comparison(sighting: &Sighting) -> Markup {
    let expected = &sighting.expected;
    let seen = sighting.seen.first();
    let rows: [Row<'_>; 7] = [
        ("title", &expected.title, seen.map(|alert| alert.title.as_str())),
        ("severity", &expected.severity, seen.map(|alert| alert.severity.as_str())),
        ("category", &expected.category, seen.map(|alert| alert.category.as_str())),
        ("description", &expected.description, seen.map(|alert| alert.description.as_str())),
        ("source", &expected.source, seen.map(|alert| alert.source.as_str())),
        ("device", &expected.device, seen.map(|alert| alert.device.as_str())),
        ("observable", &expected.observable, seen.map(|alert| named(alert, &expected.observable))),
    ];
    let differs = |field: &str| sighting.differences.iter().any(|difference| difference.field == field);
    let others = sighting.differences.iter().filter(|difference| rows.iter().all(|row| row.0 != difference.field));
    html! {
        @if seen.is_none() { p { "The tenant showed no such alert. It should have been:" } }
        table.compare.alone[seen.is_none()] {
            thead { tr { th scope="col" { "Field" } th scope="col" { "Expected" } @if seen.is_some() { th scope="col" { "Seen" } } } }
            tbody {
                @for (field, expected, seen) in rows { (compared(field, expected, seen, differs(field))) }
                @for difference in others {
                    (compared(&difference.field, &difference.expected, Some(&difference.saw), true))
                }
                tr {
                    th scope="row" { "time" }
                    td { "from " (wording::moment(expected.since)) " to " (wording::moment(expected.deadline)) }
                    @if let Some(alert) = seen {
                        td { "happened " (wording::moment(alert.happened_at)) ", ready " (wording::moment(alert.processed_at)) }
                    }
                }
            }
        }
    }
}

/// The observable of the alert that is the expected one, or the first that it names.
fn named<'a>(alert: &'a SeenAlert, expected: &str) -> &'a str {
    let mut all = alert.observables();
    all.find(|named| named.eq_ignore_ascii_case(expected)).or(alert.observable.as_deref()).unwrap_or("none")
}

fn compared(field: &str, expected: &str, seen: Option<&str>, differs: bool) -> Markup {
    html! {
        tr.differs[differs] {
            th scope="row" { (wording::line(field)) @if differs { span.flag { "≠ differs" } } }
            @match seen {
                Some(seen) if differs => {
                    @let (left, right) = apart(expected, seen);
                    td { (left) } td { (right) }
                }
                Some(seen) => { td { (wording::lines(expected)) } td { (wording::lines(seen)) } }
                None => { td { (wording::lines(expected)) } }
            }
        }
    }
}

/// Two texts with what they do not share marked, unless that is most of them.
fn apart(expected: &str, seen: &str) -> (Markup, Markup) {
    let (expected, seen) = (wording::lines(expected), wording::lines(seen));
    let before: usize = expected.chars().zip(seen.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let ends = expected[before..].chars().rev().zip(seen[before..].chars().rev());
    let after: usize = ends.take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let shorter = expected.len().min(seen.len());
    if (before + after) * 2 < shorter {
        return (html! { (expected) }, html! { (seen) });
    }
    let marked = |text: &str| {
        let (shared, rest) = text.split_at(before);
        let (own, end) = rest.split_at(rest.len() - after);
        html! { (shared) mark { @if own.is_empty() { span.missing { "nothing" } } @else { (own) } } (end) }
    };
    (marked(&expected), marked(&seen))
}

fn facts(alert: &SeenAlert) -> Markup {
    html! {
        p.aside {
            "Alert " code { (wording::line(&alert.id)) }
            @if alert.part > 0 { ", part " (alert.part) }
            @if let Some(link) = &alert.link { ", " code { (wording::line(link)) } }
        }
    }
}

/// What the alert's evidence names.
fn evidence(alert: &SeenAlert) -> Markup {
    html! {
        @if !alert.entities.is_empty() {
            p.aside {
                "Its evidence names "
                @for (place, entity) in alert.entities.iter().enumerate() {
                    @if place > 0 { ", " }
                    (wording::line(&entity.kind)) " " code { (wording::short(&wording::line(&entity.value), 160)) }
                }
                "."
            }
        }
    }
}

/// What the service wrote, for what is read of it is less.
fn original(alert: &SeenAlert) -> Markup {
    html! {
        @if let Some(text) = &alert.original {
            details.original { summary { "The alert as the service wrote it" } pre { code { (wording::lines(&json::laid_out(text).unwrap_or_else(|| text.clone()))) } } }
        }
    }
}

fn near_misses(misses: &[NearMiss]) -> Markup {
    html! {
        h4 { "Near misses" }
        p.aside { "Alerts that share something with this drill and are not its own, the nearest first." }
        ol.near-misses {
            @for miss in misses.iter().take(NEAR_MISSES) {
                li {
                    p {
                        strong { "“" (wording::short(&wording::line(&miss.alert.title), 160)) "”" }
                        " on " (wording::short(&wording::line(&miss.alert.device), 120)) ", " (wording::moment(miss.alert.happened_at))
                        " – not this drill’s, because of " (reasons(&miss.reasons)) "."
                    }
                    table.compare {
                        thead { tr { th scope="col" { "Field" } th scope="col" { "Expected" } th scope="col" { "Seen" } } }
                        tbody {
                            @for reason in &miss.reasons { (compared(&reason.field, &reason.expected, Some(&reason.saw), true)) }
                        }
                    }
                    (facts(&miss.alert))
                }
            }
        }
        @if misses.len() > NEAR_MISSES { p.left-out { "… and " (misses.len() - NEAR_MISSES) " more." } }
    }
}

fn reasons(reasons: &[Difference]) -> String {
    let fields: Vec<_> = reasons.iter().map(|reason| wording::line(&reason.field)).collect();
    match fields.split_last() {
        Some((last, [])) => last.to_string(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
        None => "nothing known".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_marked_also_between_characters_of_several_bytes() {
        let (left, right) = apart("a é severity High.", "a è severity High.");
        assert_eq!(left.0, "a <mark>é</mark> severity High.");
        assert_eq!(right.0, "a <mark>è</mark> severity High.");
        let (left, right) = apart("Test alert.", "Test alert");
        assert_eq!(left.0, "Test alert<mark>.</mark>");
        assert_eq!(right.0, "Test alert<mark><span class=\"missing\">nothing</span></mark>");
        assert_eq!(apart("High", "Low").0.0, "High", "two different words have nothing to compare");
    }
}
