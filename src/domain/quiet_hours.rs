//! Hours of the day in which a tenant's owner wants no drill to begin.

use std::str::FromStr;

use jiff::{
    Timestamp, ToSpan as _,
    civil::{DateTime, Time},
    tz::TimeZone,
};

/// From a time of the day to another, which may be one of the next day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    from: Time,
    until: Time,
}

impl FromStr for Hours {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let none = || format!("`{}` is no time of the day to another", text.chars().take(60).collect::<String>());
        let (from, until) = text.split_once('-').ok_or_else(none)?;
        let time = |text: &str| Time::strptime("%H:%M", text.trim()).map_err(|_| none());
        let (from, until) = (time(from)?, time(until)?);
        if from == until { Err(format!("{text} is either never or always")) } else { Ok(Self { from, until }) }
    }
}

/// Quiet hours, by the clocks of a zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuietHours {
    /// Which hours.
    pub hours: Hours,
    /// By whose clocks.
    pub zone: TimeZone,
}

impl QuietHours {
    /// When the quiet hours that `now` is within end, if it is within any. The last moment is no part of them.
    pub fn end(&self, now: Timestamp) -> Option<Timestamp> {
        let local = self.zone.to_datetime(now);
        let Hours { from, until } = self.hours;
        let at = |date: jiff::civil::Date| DateTime::from_parts(date, until);
        let end = if from < until {
            (from..until).contains(&local.time()).then(|| at(local.date()))
        } else if local.time() >= from {
            local.date().checked_add(1.day()).ok().map(at)
        } else {
            (local.time() < until).then(|| at(local.date()))
        };
        self.zone.to_timestamp(end?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When the hours that the moment is within end.
    fn end(hours: &str, zone: &str, now: &str) -> Option<String> {
        let quiet = QuietHours { hours: hours.parse().expect("hours"), zone: TimeZone::get(zone).expect("a zone") };
        quiet.end(now.parse().expect("a timestamp")).map(|end| end.to_string())
    }

    #[test]
    fn a_moment_is_within_or_not_by_the_clocks_of_the_zone() {
        let night = |now| end("22:00-06:00", "Europe/Berlin", now);
        assert_eq!(night("2026-11-24T20:59:59Z"), None);
        assert_eq!(night("2026-11-24T21:00:00Z").as_deref(), Some("2026-11-25T05:00:00Z"));
        assert_eq!(night("2026-11-25T04:59:59Z").as_deref(), Some("2026-11-25T05:00:00Z"));
        assert_eq!(night("2026-11-25T05:00:00Z"), None);
        assert_eq!(night("2026-07-01T20:00:00Z").as_deref(), Some("2026-07-02T04:00:00Z"), "in summer an hour earlier");
        let office = |now| end("09:00-17:30", "America/New_York", now);
        assert_eq!(office("2026-11-24T13:59:59Z"), None);
        assert_eq!(office("2026-11-24T14:00:00Z").as_deref(), Some("2026-11-24T22:30:00Z"));
        assert_eq!(office("2026-11-24T22:30:00Z"), None);
    }

    #[test]
    fn what_is_no_span_of_the_day_is_told() {
        for text in ["", "22:00", "22-06", "25:00-06:00", "22:00-22:00", "22:00-06:00-07:00", "22:00–06:00"] {
            assert!(text.parse::<Hours>().is_err(), "{text}");
        }
    }
}
