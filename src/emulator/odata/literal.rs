//! How the dialects of today write moments, durations and GUIDs; and the same values in a row's JSON.

use jiff::{
    SignedDuration, Span, SpanRelativeTo, Timestamp,
    civil::{Date, DateTime, Time},
};

use crate::emulator::odata::QueryError;

/// A moment with its zone: `2018-08-01T10:00:00.1234567Z`, or a day with its zone alone (`2018-08-01Z`), as the
/// vendor's samples have it. What lies after the last moment that can be kept is that moment: services write
/// `9999-12-31T23:59:59Z` for ever.
pub(super) fn moment(text: &str) -> Option<Timestamp> {
    if let Ok(time) = text.parse() {
        return Some(time);
    }
    let (date, zone) = text.split_at_checked(10)?;
    let date: Date = date.parse().ok()?;
    if date.year() == 9999 && is_in_utc(zone) {
        return Some(Timestamp::MAX);
    }
    let midnight = (!zone.starts_with(['T', 't'])).then(|| format!("{date}T00:00:00{zone}"))?;
    midnight.parse().ok()
}

/// Whether `text`, which follows a date, is a time in UTC, or nothing but the letter for it.
fn is_in_utc(text: &str) -> bool {
    let Some(clock) = text.strip_suffix(['Z', 'z']) else { return false };
    clock.is_empty() || clock.strip_prefix(['T', 't']).is_some_and(|clock| clock.parse::<Time>().is_ok())
}

/// Whether `text` is a date and a time, but says not in which zone.
pub(super) fn lacks_zone(text: &str) -> bool {
    text.contains(['T', 't']) && text.parse::<DateTime>().is_ok()
}

/// The framework's words for that, as Graph was seen to give them in 2026.
pub(super) fn no_zone(text: &str) -> QueryError {
    QueryError(format!(
        "The DateTimeOffset text '{text}' should be in format 'yyyy-mm-ddThh:mm:ss('.'s+)?(zzzzzz)?' and each field value \
         is within valid range."
    ))
}

/// A duration in days, hours, minutes and seconds.
pub(super) fn duration(text: &str) -> Option<SignedDuration> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let span = unsigned.starts_with(['P', 'p']).then(|| text.parse::<Span>().ok())??;
    span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()
}

/// A GUID of 36 characters, in lower case.
pub(super) fn guid(text: &str) -> Option<String> {
    leading_guid(text).filter(|guid| guid.len() == text.len())
}

/// The GUID that `text` begins with, in lower case, if a word ends where it does.
pub(super) fn leading_guid(text: &str) -> Option<String> {
    let (guid, rest) = text.split_at_checked(36)?;
    let fits = guid.bytes().enumerate().all(|(place, byte)| match place {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    });
    let ends = !rest.starts_with(|next: char| next.is_alphanumeric() || matches!(next, '-' | '_' | '/' | '\''));
    (fits && ends).then(|| guid.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_in_every_form_that_the_services_and_their_samples_use() {
        for (text, time) in [
            ("2018-08-01T10:00:00Z", "2018-08-01T10:00:00Z"),
            ("2018-08-01T10:00:00.1234567Z", "2018-08-01T10:00:00.1234567Z"),
            ("2018-08-01T10:00Z", "2018-08-01T10:00:00Z"),
            ("2018-08-01T10:00:00+02:00", "2018-08-01T08:00:00Z"),
            ("2018-08-01Z", "2018-08-01T00:00:00Z"),
            ("2018-08-01z", "2018-08-01T00:00:00Z"),
            ("2018-08-01+02:00", "2018-07-31T22:00:00Z"),
        ] {
            assert_eq!(moment(text), Some(time.parse().expect("a moment")), "{text}");
        }
        for text in ["9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59Z", "9999-12-31Z"] {
            assert_eq!(moment(text), Some(Timestamp::MAX), "{text}");
        }
        for text in ["2018-08-01", "2018-08-01T10:00:00", "2018-13-01Z", "2018-08-0éZ", "Z", "9999-12-31TxZ", ""] {
            assert_eq!(moment(text), None, "{text}");
        }
    }

    #[test]
    fn a_moment_without_a_zone_is_told_from_what_is_no_moment() {
        assert!(lacks_zone("2025-11-24T01:11:04") && lacks_zone("2025-11-24T01:11:04.5"));
        assert!(!lacks_zone("2025-11-24") && !lacks_zone("2025-11-24T01:11:04Z") && !lacks_zone("12T"));
    }

    #[test]
    fn durations_are_days_and_less() {
        assert_eq!(duration("PT0S"), Some(SignedDuration::ZERO));
        assert_eq!(duration("P1DT1H"), Some(SignedDuration::from_hours(25)));
        assert_eq!(duration("PT0.5S"), Some(SignedDuration::from_millis(500)));
        assert_eq!(duration("-PT1M"), Some(SignedDuration::from_mins(-1)));
        for text in ["P1M", "P1Y", "1H", "PT", "P", "", "1 hour", "PT99999999999999999999H"] {
            assert_eq!(duration(text), None, "{text}");
        }
    }

    #[test]
    fn a_guid_ends_where_a_word_does() {
        let text = "80FE8ff8-2624-418e-9591-41f0491218f9";
        assert_eq!(guid(text), Some(text.to_ascii_lowercase()));
        assert!(leading_guid(&format!("{text}) and")).is_some());
        for bad in [format!("{text}0"), format!("{text}-1"), text.replace('8', "g"), text[1..].to_owned()] {
            assert_eq!(leading_guid(&bad), None, "{bad}");
        }
    }
}
