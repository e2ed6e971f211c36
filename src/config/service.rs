//! Which services a tenant's drills use, and which forms of them; and the words for it in its table.

use crate::{
    config::{error::ConfigError, file::Table, place::Place},
    domain::service::Service,
};

/// The services by their words.
const WORDS: [(&str, Service); 3] =
    [("legacy", Service::Legacy), ("endpoint", Service::Endpoint), ("graph", Service::Graph)];

/// The two incompatible forms of Graph's custom detection rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RulesGeneration {
    /// The form of 2023 to 2026, whose fields were announced to go on 2026-10-01.
    A,
    /// The form since 2026.
    #[default]
    B,
}

/// Under which version of Graph the rules are asked for: documents name both, and reports of 2026 saw only beta answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RulesVersion {
    /// `/beta`.
    #[default]
    Beta,
    /// `/v1.0`.
    V1,
}

/// What each thing is done with: a tenant may publish through one service and read alerts through another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Services {
    /// What is published through, and everything that is not named below.
    pub all: Service,
    /// What alerts are read through.
    pub alerts: Service,
    /// What telemetry is looked for with.
    pub hunting: Service,
}

impl Services {
    /// Whether anything is done with `service`.
    pub fn use_any_of(self, service: Service) -> bool {
        [self.all, self.alerts, self.hunting].contains(&service)
    }

    pub(crate) fn of(place: &Place<'_>, table: &Table) -> Result<Self, ConfigError> {
        let all = place.word("service", table.service.as_deref(), &WORDS)?.unwrap_or(Service::Legacy);
        let alerts = place.word("alerts_service", table.alerts_service.as_deref(), &WORDS)?;
        // The guide's API cannot be hunted with.
        let hunting = place.word("hunting_service", table.hunting_service.as_deref(), &WORDS[1..])?;
        Ok(Self { all, alerts: alerts.unwrap_or(all), hunting: hunting.unwrap_or(all) })
    }
}

pub(crate) fn rules(place: &Place<'_>, table: &Table) -> Result<(RulesGeneration, RulesVersion), ConfigError> {
    let generations = [("a", RulesGeneration::A), ("b", RulesGeneration::B)];
    let versions = [("beta", RulesVersion::Beta), ("v1.0", RulesVersion::V1)];
    let generation = place.word("rules_generation", table.rules_generation.as_deref(), &generations)?;
    let version = place.word("rules_version", table.rules_version.as_deref(), &versions)?;
    Ok((generation.unwrap_or_default(), version.unwrap_or_default()))
}
