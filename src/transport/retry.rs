//! Whether a request is made again, and when: a function of what happened, the attempt and the moment.

use std::time::Duration;

use jiff::{Timestamp, fmt::rfc2822::DateTimeParser};

/// How patient a transport is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patience {
    /// At most this many attempts at one request.
    pub attempts: u32,
    /// At most this many where there was no connection, or no answer in time.
    pub attempts_at_silence: u32,
    /// The wait after a first failure; it doubles from one attempt to the next.
    pub first_wait: Duration,
    /// The same after HTTP 429 without `Retry-After`.
    pub first_wait_when_throttled: Duration,
    /// No wait of our own choice is longer.
    pub longest_wait: Duration,
    /// A service that asks for a longer wait than this has no more calls to give.
    pub longest_asked: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            attempts: 5,
            attempts_at_silence: 3,
            first_wait: Duration::from_secs(1),
            first_wait_when_throttled: Duration::from_secs(4),
            longest_wait: Duration::from_mins(1),
            longest_asked: Duration::from_mins(5),
        }
    }
}

/// How an attempt ended, as far as it matters here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ending<'a> {
    /// There was an answer.
    Status { status: u16, retry_after: Option<&'a str> },
    /// Nothing was sent: no connection.
    NotSent,
    /// No answer in time. It may have been received.
    TimedOut,
    /// The connection broke. It may have been received.
    Broken,
    /// To ask again would end the same way.
    Hopeless,
}

/// What else a decision depends on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tried {
    /// How many attempts there were, this one included.
    pub(crate) attempts: u32,
    /// Whether making the request twice does what making it once does.
    pub(crate) repeatable: bool,
    /// Now.
    pub(crate) now: Timestamp,
    /// From 0 to 1, by chance, so that those who failed together do not come back together.
    pub(crate) jitter: f64,
}

/// How long to wait before the next attempt; `None` is that there is none.
pub(crate) fn next(patience: &Patience, tried: &Tried, ending: &Ending<'_>) -> Option<Duration> {
    let (limit, first) = match ending {
        Ending::Status { status: 429, .. } => (patience.attempts, patience.first_wait_when_throttled),
        // The service says that it did not take the request on.
        Ending::Status { status: 503, retry_after: Some(_) } => (patience.attempts, patience.first_wait),
        Ending::Status { status: 408 | 500 | 502 | 503 | 504, .. } | Ending::Broken if tried.repeatable => {
            (patience.attempts, patience.first_wait)
        }
        Ending::NotSent => (patience.attempts_at_silence, patience.first_wait),
        Ending::TimedOut if tried.repeatable => (patience.attempts_at_silence, patience.first_wait),
        _ => return None,
    };
    if tried.attempts >= limit {
        return None;
    }
    let asked = match ending {
        Ending::Status { retry_after: Some(text), .. } => retry_after(text, tried.now),
        _ => None,
    };
    match asked {
        Some(asked) if asked > patience.longest_asked => None,
        // Never sooner than asked.
        Some(asked) => Some(asked + Duration::from_secs(1).mul_f64(tried.jitter)),
        None => {
            let doubled = first.saturating_mul(1 << (tried.attempts - 1).min(16));
            Some(doubled.min(patience.longest_wait).mul_f64(0.75 + tried.jitter / 2.0))
        }
    }
}

/// For how long the service takes no call of anybody's, by its answer at `now`: what it asked for, however long, or else
/// `wait`, after which the call is made again. Only what is said of quotas is meant: 503 is said of one call.
pub(crate) fn closed_for(
    status: u16,
    retry_after: Option<&str>,
    wait: Option<Duration>,
    now: Timestamp,
) -> Option<Duration> {
    if status != 429 {
        return None;
    }
    retry_after.and_then(|text| self::retry_after(text, now)).or(wait)
}

/// The wait that a `Retry-After` asks for: seconds or a date (RFC 9110, 10.2.3). `None` where it is neither. Microsoft
/// Graph gives fractions of seconds as well: `2.128` (its throttling guide).
fn retry_after(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return Duration::try_from_secs_f64(text.parse().ok()?).ok();
    }
    let date = DateTimeParser::new().parse_timestamp(text).ok()?;
    Some(Duration::try_from(date.duration_since(now)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(attempts: u32, repeatable: bool) -> Tried {
        let now = "2026-11-24T12:00:00Z".parse().expect("a timestamp");
        Tried { attempts, repeatable, now, jitter: 0.5 }
    }

    fn after(attempts: u32, repeatable: bool, ending: &Ending<'_>) -> Option<u64> {
        next(&Patience::default(), &tried(attempts, repeatable), ending).map(|wait| wait.as_secs())
    }

    fn status(status: u16, retry_after: Option<&str>) -> Ending<'_> {
        Ending::Status { status, retry_after }
    }

    #[test]
    fn what_may_have_been_received_is_repeated_only_where_that_does_no_harm() {
        for ending in [status(500, None), status(503, None), status(504, None), Ending::Broken, Ending::TimedOut] {
            assert_eq!(after(1, true, &ending), Some(1), "{ending:?}");
            assert_eq!(after(1, false, &ending), None, "{ending:?}");
        }
    }

    #[test]
    fn what_was_not_taken_on_is_repeated_always() {
        for ending in [Ending::NotSent, status(429, None), status(503, Some("1")), status(429, Some("1"))] {
            assert!(after(1, false, &ending).is_some(), "{ending:?}");
        }
    }

    #[test]
    fn an_answer_that_stays_the_same_is_not_asked_for_again() {
        for code in [200, 301, 400, 401, 403, 404, 407, 501, 507] {
            assert_eq!(after(1, true, &status(code, Some("1"))), None, "{code}");
        }
        assert_eq!(after(1, true, &Ending::Hopeless), None);
    }

    #[test]
    fn waits_double_up_to_the_longest_and_attempts_are_counted() {
        let waits: Vec<_> = (1..6).map(|attempt| after(attempt, true, &status(500, None))).collect();
        assert_eq!(waits, [Some(1), Some(2), Some(4), Some(8), None]);
        let throttled: Vec<_> = (1..6).map(|attempt| after(attempt, true, &status(429, None))).collect();
        assert_eq!(throttled, [Some(4), Some(8), Some(16), Some(32), None]);
        assert_eq!(after(3, true, &Ending::NotSent), None);
        let long = Patience { attempts: 100, ..Patience::default() };
        assert_eq!(next(&long, &tried(40, true), &Ending::Broken), Some(Duration::from_mins(1)));
    }

    #[test]
    fn a_wait_that_is_asked_for_is_never_cut_short() {
        assert_eq!(after(1, true, &status(429, Some(" 30 "))), Some(30));
        assert_eq!(after(1, true, &status(503, Some("Tue, 24 Nov 2026 12:01:00 GMT"))), Some(60));
        assert_eq!(
            after(1, true, &status(429, Some("Tue, 24 Nov 2026 11:00:00 GMT"))),
            Some(0),
            "a date that has passed"
        );
        assert_eq!(after(1, true, &status(429, Some("soon"))), Some(4), "neither seconds nor a date");
        assert_eq!(after(1, true, &status(429, Some("3600"))), None, "longer than anybody waits");
        assert_eq!(after(1, true, &status(429, Some("99999999999999999999999"))), Some(4));
        let asked = next(&Patience::default(), &tried(1, true), &status(429, Some("2.128")));
        assert_eq!(asked, Some(Duration::from_millis(2628)), "a fraction, and half a second by chance");
        for odd in ["1.2.3", ".", "-1", "1e3", "NaN"] {
            assert_eq!(after(1, true, &status(429, Some(odd))), Some(4), "{odd}");
        }
    }

    #[test]
    fn what_is_said_of_quotas_closes_the_service_for_everybody() {
        let now = tried(1, true).now;
        let (minute, second) = (Duration::from_mins(1), Duration::from_secs(1));
        assert_eq!(closed_for(429, Some("60"), Some(second), now), Some(minute));
        assert_eq!(closed_for(429, Some("3600"), None, now), Some(minute * 60));
        assert_eq!(closed_for(429, None, Some(second), now), Some(second));
        assert_eq!(closed_for(429, Some("soon"), None, now), None);
        assert_eq!(closed_for(503, Some("60"), Some(second), now), None);
    }

    #[test]
    fn jitter_spreads_a_wait_by_a_quarter_either_way() {
        let wait = |jitter| next(&Patience::default(), &Tried { jitter, ..tried(1, true) }, &Ending::Broken);
        assert_eq!(wait(0.0), Some(Duration::from_millis(750)));
        assert_eq!(wait(1.0), Some(Duration::from_millis(1250)));
    }
}
