//! A span of time, as people write it: in features, in settings and on the command line alike.

use std::{str::FromStr, time::Duration};

use jiff::{SignedDuration, SpanRelativeTo};

/// A span of time as people write it: `15 minutes`, `19 minutes and 59 seconds`, `48h`, `30 days`. A day has 24 hours, a
/// week seven days; months and years have no length that is known, and are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span(pub SignedDuration);

impl Span {
    /// The span, for what cannot be negative.
    pub fn unsigned(self) -> Duration {
        self.checked().unwrap_or_default()
    }

    /// The same; none where it is negative.
    pub fn checked(self) -> Option<Duration> {
        Duration::try_from(self.0).ok()
    }
}

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let span = text.replace(" and ", " ").parse::<jiff::Span>();
        span.and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()))
            .map(Self)
            .map_err(|_| format!("`{text}` is no span of time, such as `15 minutes`, `24 hours` or `30 days`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_as_people_write_them() {
        let seconds = |text: &str| text.parse::<Span>().map(|span| span.0.as_secs());
        assert_eq!(seconds("15 minutes"), Ok(900));
        assert_eq!(seconds("1 minute"), Ok(60));
        assert_eq!(seconds("19 minutes and 59 seconds"), Ok(1199));
        assert_eq!(seconds("48 hours"), Ok(172_800));
        assert_eq!(seconds("800h"), Ok(2_880_000));
        assert_eq!(seconds("30 days"), Ok(2_592_000));
        assert_eq!(seconds("1 week and 1 day"), Ok(691_200));
        assert_eq!(seconds("-5 minutes"), Ok(-300));
        for none in ["5 parsecs", "2 months", "1 year", "soon", ""] {
            assert!(seconds(none).expect_err("no unit of time").contains("15 minutes"), "{none}");
        }
    }

    #[test]
    fn what_cannot_be_negative_is_not() {
        let span = Span(SignedDuration::from_secs(-1));
        assert_eq!((span.unsigned(), span.checked()), (Duration::ZERO, None));
    }
}
