//! How moments and spans are written in queries, in values and in results.

use jiff::{Timestamp, civil, tz::TimeZone};

/// Ticks of 100 nanoseconds in a second.
pub(super) const SECOND: i64 = 10_000_000;

/// Ticks in a day.
pub(super) const DAY: i64 = 86_400 * SECOND;

/// How many ticks one of a unit is.
fn unit(name: &str) -> Option<i64> {
    Some(match name {
        "d" | "day" | "days" => DAY,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3_600 * SECOND,
        "m" | "min" | "minute" | "minutes" => 60 * SECOND,
        "s" | "sec" | "second" | "seconds" => SECOND,
        "ms" | "milli" | "millis" | "millisecond" | "milliseconds" => SECOND / 1_000,
        "micro" | "micros" | "microsecond" | "microseconds" => SECOND / 1_000_000,
        "tick" | "ticks" => 1,
        _ => return None,
    })
}

/// `number` of the unit `name`, in ticks; none if there is no such unit, or too many of it.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "bounded before it is cast")]
pub(super) fn ticks(number: &str, name: &str) -> Option<i64> {
    let unit = unit(name)?;
    if let Ok(whole) = number.parse::<i64>() {
        return whole.checked_mul(unit);
    }
    let ticks = number.parse::<f64>().ok()? * unit as f64;
    (ticks.abs() < 9.0e18).then_some(ticks.round() as i64)
}

/// A span as `1.02:03:04.5`, `02:03:04`, `02:03`, `1d` or a number of days.
pub(super) fn span(text: &str) -> Option<i64> {
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let letters = text.find(|c: char| c.is_ascii_alphabetic());
    let ticks = match letters {
        Some(at) => ticks(&text[..at], &text[at..])?,
        None if text.contains(':') => clock(text)?,
        None => ticks(text, "d")?,
    };
    Some(if negative { -ticks } else { ticks })
}

/// `[d.]hh:mm[:ss[.fffffff]]`
fn clock(text: &str) -> Option<i64> {
    let mut parts = text.split(':');
    let (first, minutes) = (parts.next()?, parts.next()?);
    let seconds = parts.next().unwrap_or("0");
    let (days, hours) = first.split_once('.').unwrap_or(("0", first));
    let below = |text: &str, limit: i64| text.parse::<i64>().ok().filter(|number| (0..limit).contains(number));
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    if parts.next().is_some() || fraction.len() > 7 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let fraction = format!("{fraction:0<7}").parse::<i64>().ok()?;
    let of_day = below(hours, 24)? * 3_600 + below(minutes, 60)? * 60 + below(whole, 60)?;
    below(days, 10_675_199)?.checked_mul(DAY)?.checked_add(of_day * SECOND + fraction)
}

/// A moment: ISO 8601, with a blank for the `T` or not, in UTC where it does not say otherwise.
pub(super) fn time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let time = match text.parse::<Timestamp>() {
        Ok(time) => time,
        Err(_) => TimeZone::UTC.to_timestamp(text.parse::<civil::DateTime>().ok()?).ok()?,
    };
    (time >= first_moment()).then(|| whole(time))
}

/// The year 1, where the engine's time begins.
pub(super) fn first_moment() -> Timestamp {
    Timestamp::from_second(-62_135_596_800).unwrap_or(Timestamp::MIN)
}

/// Cut to whole ticks.
fn whole(time: Timestamp) -> Timestamp {
    let nanoseconds = time.as_nanosecond();
    Timestamp::from_nanosecond(nanoseconds - nanoseconds.rem_euclid(100)).unwrap_or(time)
}

/// Ticks since 1970.
pub(super) fn ticks_of(time: Timestamp) -> i128 {
    time.as_nanosecond().div_euclid(100)
}

/// The moment of so many ticks since 1970; none outside of the engine's time.
pub(super) fn of_ticks(ticks: i128) -> Option<Timestamp> {
    let time = Timestamp::from_nanosecond(ticks.checked_mul(100)?).ok()?;
    (time >= first_moment()).then_some(time)
}

/// As results have it: seven digits, always.
pub(super) fn written_time(time: Timestamp) -> String {
    let utc = TimeZone::UTC.to_datetime(time);
    let ticks = utc.subsec_nanosecond() / 100;
    format!("{}.{ticks:07}Z", utc.strftime("%Y-%m-%dT%H:%M:%S"))
}

/// As results have it: `[-][d.]hh:mm:ss[.fffffff]`.
pub(super) fn written_span(ticks: i64) -> String {
    let size = ticks.unsigned_abs();
    let (second, day) = (SECOND.unsigned_abs(), DAY.unsigned_abs());
    let (days, seconds, fraction) = (size / day, size % day / second, size % second);
    let sign = if ticks < 0 { "-" } else { "" };
    let days = if days == 0 { String::new() } else { format!("{days}.") };
    let fraction = if fraction == 0 { String::new() } else { format!(".{fraction:07}") };
    format!("{sign}{days}{:02}:{:02}:{:02}{fraction}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_in_all_their_forms() {
        for (text, ticks) in [
            ("1d", DAY),
            ("1.5h", 5_400 * SECOND),
            ("10ms", SECOND / 100),
            ("1tick", 1),
            ("1.02:03:04.5", DAY + (2 * 3_600 + 3 * 60 + 4) * SECOND + SECOND / 2),
            ("-00:00:01", -SECOND),
            ("00:10", 600 * SECOND),
            ("2", 2 * DAY),
        ] {
            assert_eq!(span(text), Some(ticks), "{text}");
        }
        for text in ["", "-", "d", "1x", "25:00:00", "00:60:00", "1:2:3:4", "99999999999d", "00:00:00.12345678", "é"] {
            assert_eq!(span(text), None, "{text}");
        }
    }

    #[test]
    fn moments_are_read_with_and_without_a_zone_and_written_with_seven_digits() {
        for (text, written) in [
            ("2026-11-24", "2026-11-24T00:00:00.0000000Z"),
            ("2026-11-24 12:30", "2026-11-24T12:30:00.0000000Z"),
            ("2026-11-24T12:30:00.123456789Z", "2026-11-24T12:30:00.1234567Z"),
            ("2026-11-24T12:30:00+02:00", "2026-11-24T10:30:00.0000000Z"),
            ("1969-12-31T23:59:59.9Z", "1969-12-31T23:59:59.9000000Z"),
        ] {
            assert_eq!(time(text).map(written_time).as_deref(), Some(written), "{text}");
        }
        for text in ["", "yesterday", "2026-13-01", "-0044-03-15", "0000-01-01"] {
            assert_eq!(time(text), None, "{text}");
        }
    }

    #[test]
    fn spans_are_written_as_dotnet_writes_them() {
        assert_eq!(written_span(0), "00:00:00");
        assert_eq!(written_span(-(DAY + SECOND / 2)), "-1.00:00:00.5000000");
        assert_eq!(written_span(i64::MIN), "-10675199.02:48:05.4775808");
    }
}
