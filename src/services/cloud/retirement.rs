//! What ends, and when: announcements of Microsoft's, as far as each is certain.

use jiff::civil::{Date, date};

use crate::services::cloud::{Source, Sureness, source};

/// Something that ends, or has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    /// The custom TI API of the guide.
    LegacyTi,
    /// The Defender for Endpoint API.
    EndpointApi,
    /// Advanced hunting of the Defender for Endpoint API and of its twin, the Defender XDR API.
    EndpointHunting,
    /// The first generation of Graph's custom detection rules.
    RulesGenerationA,
    /// Graph's older `/security/alerts`.
    GraphOlderAlerts,
    /// Graph's `tiIndicators`.
    GraphIndicators,
}

/// When something ends, and what then takes its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retirement {
    /// What ends.
    pub what: Ending,
    /// From this day on it is not to be counted on.
    pub ends: Date,
    /// What is certain of it and what is not, and what to use instead.
    pub told: &'static str,
    /// Where this is from.
    pub source: Source,
}

const NOTICE: &str = "message MC1220762 of 2026-01-22";

/// Every end that was announced, in the order of their days.
pub const RETIREMENTS: [Retirement; 6] = [
    Retirement {
        what: Ending::LegacyTi,
        ends: date(2019, 8, 29),
        told: "the custom TI API was switched off; publish through the Defender for Endpoint API or Graph",
        source: source("Microsoft's notice on the page of the API", "2019", Sureness::High),
    },
    Retirement {
        what: Ending::GraphIndicators,
        ends: date(2026, 4, 30),
        told: "tiIndicators were to end by April 2026, and were still in the schema of 2026-08-04; use custom detection \
               rules",
        source: source("Graph's pages and its beta schema", "2026-08-04", Sureness::Medium),
    },
    Retirement {
        what: Ending::RulesGenerationA,
        ends: date(2026, 10, 1),
        told: "the older fields of detection rules (isEnabled, schedule.period, mitreTechniques and their kin) were to be \
               removed from beta; whether they were is not known; use rules_generation \"b\"",
        source: source("Graph's schema history and pages", "2026-08-05", Sureness::High),
    },
    Retirement {
        what: Ending::GraphOlderAlerts,
        ends: date(2026, 10, 15),
        told: "/security/alerts ends; an older text said April 2026; use alerts_v2",
        source: source("localised page of Graph", "2026-11-24", Sureness::High),
    },
    Retirement {
        what: Ending::EndpointApi,
        ends: date(2027, 2, 1),
        told: "the notice says that the Defender for Endpoint API and the Defender XDR API end, but of the live pages \
               only those of advanced hunting carry it: whether indicators, alerts and machines end as well is not \
               certain; Graph is what follows",
        source: source(NOTICE, "2026-01-22", Sureness::Medium),
    },
    Retirement {
        what: Ending::EndpointHunting,
        ends: date(2027, 2, 1),
        told: "advanced hunting of the Defender for Endpoint and Defender XDR APIs has been ending since 2026-02-06; use \
               Graph's runHuntingQuery",
        source: source("message MC1220762, and the page of the call", "2026-07-28", Sureness::High),
    },
];

impl Ending {
    /// When it ends.
    ///
    /// # Panics
    /// Never: a test looks for the row of each.
    pub fn retirement(self) -> &'static Retirement {
        RETIREMENTS.iter().find(|row| row.what == self).expect("each has a row")
    }
}

impl Retirement {
    /// Whether the day has come.
    pub fn is_over(&self, today: Date) -> bool {
        today >= self.ends
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_holds_from_its_day_on_and_an_unsure_one_says_so() {
        use Ending::{EndpointApi, EndpointHunting, GraphIndicators, GraphOlderAlerts, LegacyTi, RulesGenerationA};
        for what in [LegacyTi, EndpointApi, EndpointHunting, RulesGenerationA, GraphOlderAlerts, GraphIndicators] {
            assert_eq!(what.retirement().what, what);
        }
        let api = EndpointApi.retirement();
        assert!(!api.is_over(date(2027, 1, 31)) && api.is_over(date(2027, 2, 1)));
        assert!(api.source.what.contains("MC1220762") && api.source.sure < Sureness::High);
        assert!(api.told.contains("not certain"));
        assert!(RulesGenerationA.retirement().is_over(date(2026, 11, 24)));
        assert!(RETIREMENTS.is_sorted_by_key(|row| row.ends));
    }
}
