//! The time that a query of hunting looks at, in the forms that the service documents.

use jiff::{Timestamp, tz::TimeZone};

use crate::emulator::kql::moment;

/// What a query may see is from the last 30 days (advanced-hunting-limits).
const DAYS: i64 = 30;

/// A stretch of time; what is not given is open, and ends at the present.
#[derive(Debug, Clone, Copy, Default)]
pub struct Span {
    /// The first moment.
    pub from: Option<Timestamp>,
    /// The last moment.
    pub until: Option<Timestamp>,
    /// How long it is, where it does not say from when, or until when.
    pub lasting: Option<jiff::Span>,
}

/// Reads an ISO 8601 duration (up to now), `start/end`, `duration/end`, `start/duration`, or the moment from which on.
/// That a moment alone is a start is not sure: the documentation only says that it may stand alone.
pub fn timespan(text: &str) -> Option<Span> {
    match text.trim().split_once('/') {
        None => match duration(text) {
            Some(lasting) => Some(Span { lasting: Some(lasting), ..Span::default() }),
            None => moment(text).map(|from| Span { from: Some(from), ..Span::default() }),
        },
        Some((first, second)) => {
            let (from, until) = (moment(first), moment(second));
            match (from, until) {
                (Some(from), Some(until)) => {
                    (from <= until).then_some(Span { from: Some(from), until: Some(until), lasting: None })
                }
                (Some(from), None) => Some(Span { from: Some(from), until: None, lasting: Some(duration(second)?) }),
                (None, Some(until)) => Some(Span { from: None, until: Some(until), lasting: Some(duration(first)?) }),
                (None, None) => None,
            }
        }
    }
}

/// A duration that does not go backwards.
fn duration(text: &str) -> Option<jiff::Span> {
    let text = text.trim();
    let span: jiff::Span = text.starts_with(['P', 'p']).then(|| text.parse().ok())??;
    (!span.is_negative()).then_some(span)
}

/// The first and the last moment that a query sees at `now`.
pub(super) fn bounds(span: Option<Span>, now: Timestamp) -> (Timestamp, Timestamp) {
    let oldest = before(now, jiff::Span::new().days(DAYS));
    let Some(span) = span else { return (oldest, now) };
    let until = match (span.until, span.from, span.lasting) {
        (Some(until), ..) => until,
        (None, Some(from), Some(lasting)) => after(from, lasting),
        _ => now,
    };
    let from = match (span.from, span.lasting) {
        (Some(from), _) => from,
        (None, Some(lasting)) => before(until, lasting),
        (None, None) => oldest,
    };
    (from.max(oldest), until)
}

fn before(at: Timestamp, span: jiff::Span) -> Timestamp {
    let moved = TimeZone::UTC.to_datetime(at).checked_sub(span).ok();
    moved.and_then(|moved| TimeZone::UTC.to_timestamp(moved).ok()).unwrap_or(Timestamp::MIN)
}

fn after(at: Timestamp, span: jiff::Span) -> Timestamp {
    let moved = TimeZone::UTC.to_datetime(at).checked_add(span).ok();
    moved.and_then(|moved| TimeZone::UTC.to_timestamp(moved).ok()).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str) -> Option<(String, String)> {
        let now = "2026-11-24T12:00:00Z".parse().expect("a moment");
        let (from, until) = bounds(Some(timespan(text)?), now);
        Some((from.to_string(), until.to_string()))
    }

    #[test]
    fn every_documented_form_is_read() {
        for (text, from, until) in [
            ("P1D", "2026-11-23T12:00:00Z", "2026-11-24T12:00:00Z"),
            ("PT90M", "2026-11-24T10:30:00Z", "2026-11-24T12:00:00Z"),
            ("2026-11-20T00:00:00Z/2026-11-21T00:00:00Z", "2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z"),
            ("P2D/2026-11-21T00:00:00Z", "2026-11-19T00:00:00Z", "2026-11-21T00:00:00Z"),
            ("2026-11-20T00:00:00Z/PT1H", "2026-11-20T00:00:00Z", "2026-11-20T01:00:00Z"),
            ("2026-11-20", "2026-11-20T00:00:00Z", "2026-11-24T12:00:00Z"),
            ("P1Y", "2026-10-25T12:00:00Z", "2026-11-24T12:00:00Z"),
        ] {
            assert_eq!(seen(text), Some((from.into(), until.into())), "{text}");
        }
    }

    #[test]
    fn what_is_no_span_of_time_is_refused() {
        for text in
            ["", "1 day", "-P1D", "P", "P1D/P1D", "2026-11-21/2026-11-20", "yesterday", "/", "P1D/", "P99999999999D"]
        {
            assert_eq!(seen(text), None, "{text}");
        }
    }

    #[test]
    fn without_a_span_the_last_thirty_days_are_seen() {
        let now = "2026-11-24T12:00:00Z".parse().expect("a moment");
        let (from, until) = bounds(None, now);
        assert_eq!((from.to_string(), until), ("2026-10-25T12:00:00Z".to_owned(), now));
    }
}
