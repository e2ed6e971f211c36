//! Detection rules as the service holds them, and what is known of those that were removed.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::Timestamp;

use crate::{
    domain::{
        alert_definition::{AlertDefinition, Severity},
        indicator::{Action, Indicator},
    },
    services::{
        definitions::{DefinitionId, StoredDefinition},
        graph::{
            kql::{self, Meaning},
            wire::Held,
        },
        indicators::{IndicatorId, StoredIndicator},
        reading::Word,
    },
    transport::decode::Odd,
};

/// Every rule that was removed through this client, and whether its absence is proven: a short text each.
#[derive(Debug, Default)]
pub(super) struct Removed(Mutex<HashMap<String, bool>>);

impl Removed {
    /// Notes that the service took a removal on, or, where it is `proven`, that there is no such rule.
    pub(super) fn note(&self, id: &str, proven: bool) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), proven);
    }

    /// Forgets that it was removed; returns what was known of that.
    pub(super) fn forget(&self, id: &str) -> Option<bool> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(id)
    }

    /// Whether this rule was removed, and if so, whether that is proven.
    pub(super) fn state(&self, id: &str) -> Option<bool> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(id).copied()
    }
}

/// A rule as the service holds it, as far as it is understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) id: String,
    pub(super) definition: AlertDefinition,
    pub(super) query: String,
    created_at: Timestamp,
    created_by: String,
    last_modified_at: Option<Timestamp>,
    last_modified_by: Option<String>,
    original: Option<Arc<str>>,
}

impl Known {
    /// What the service tells of a rule, by its clock.
    pub(super) fn read(held: Held) -> Result<Self, Odd> {
        let template = held.detection_action.alert_template;
        let severities = || Severity::ALL.map(Severity::as_str).join(", ");
        let path = "detectionAction.alertTemplate.severity";
        let severity = match template.severity {
            Some(Word::Known(severity)) => severity,
            Some(Word::Unknown(word)) => return Err(Odd::new(path, severities(), format!("`{word}`"))),
            None => return Err(Odd::new(path, severities(), "none")),
        };
        let created = held.created_date_time.ok_or_else(|| Odd::new("createdDateTime", "a date and time", "none"))?;
        let tactic = template.tactics.into_iter().next().map(|tactic| tactic.tactic);
        let modified = held.last_modified_date_time.filter(|modified| *modified != created);
        let on = held.is_enabled.or(held.status.map(|status| status.eq_ignore_ascii_case("enabled")));
        Ok(Self {
            id: held.id,
            definition: AlertDefinition {
                name: held.display_name,
                severity,
                internal_description: held.description,
                title: template.title,
                ux_description: template.description,
                recommended_action: template.recommended_actions.filter(|text| !text.is_empty()),
                category: tactic.unwrap_or(template.category),
                enabled: on.unwrap_or_default(),
            },
            query: held.query_condition.query_text,
            created_at: created,
            created_by: held.created_by,
            last_modified_at: modified,
            last_modified_by: held.last_modified_by.filter(|_| modified.is_some()),
            original: held.original,
        })
    }

    /// The same by another clock.
    pub(super) fn at(self, clock: impl Fn(Timestamp) -> Timestamp) -> Self {
        let last_modified_at = self.last_modified_at.map(&clock);
        Self { created_at: clock(self.created_at), last_modified_at, ..self }
    }

    /// The rule as an alert definition.
    pub(super) fn definition(self) -> StoredDefinition {
        StoredDefinition {
            id: DefinitionId::from(self.id),
            definition: self.definition,
            created_at: self.created_at,
            created_by: self.created_by,
            last_modified_at: self.last_modified_at,
            last_modified_by: self.last_modified_by,
        }
    }

    /// The rule as an indicator, where its query is one of ours, which tells its end by the service's clock.
    pub(super) fn indicator(&self) -> Result<StoredIndicator, Odd> {
        let foreign = || Odd::new("queryCondition.queryText", "a query that an indicator makes", &self.query);
        let Meaning { kind, function, value, end } = kql::meant(&self.query).ok_or_else(foreign)?;
        Ok(StoredIndicator {
            id: IndicatorId::from(self.id.clone()),
            indicator: Indicator { kind, value, function, action: Action::Audit, expires_at: end, enabled: true },
            created_at: self.created_at,
            created_by: self.created_by.clone(),
            last_modified_at: self.last_modified_at,
            last_modified_by: self.last_modified_by.clone(),
            original: self.original.clone(),
        })
    }
}

/// What is understood; of what is not, a warning.
pub(super) fn understood<T>(id: &str, read: Result<T, Odd>) -> Option<T> {
    match read {
        Ok(rule) => Some(rule),
        Err(Odd { path, saw, .. }) => {
            tracing::warn!(id, path, saw, "detection rule {id} is left out: its {path} is {saw}, which is not known");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        domain::{
            indicator::{Function, Kind},
            marker::Marker,
        },
        services::graph::{Generation, draft::Draft, tactics::TACTICS, wire::Rule},
    };

    fn definitions() -> impl Strategy<Value = AlertDefinition> {
        let texts = (any::<String>(), any::<String>(), any::<String>(), any::<String>());
        let recommended = proptest::option::of(".+");
        (texts, recommended, 0..4_usize, 0..TACTICS.len(), any::<bool>()).prop_map(
            |((name, internal_description, title, ux_description), recommended_action, severity, tactic, enabled)| {
                AlertDefinition {
                    name,
                    severity: Severity::ALL[severity],
                    internal_description,
                    title,
                    ux_description,
                    recommended_action,
                    category: TACTICS[tactic].name.into(),
                    enabled,
                }
            },
        )
    }

    fn indicators() -> impl Strategy<Value = Indicator> {
        (0..6_usize, 0..4_usize, any::<String>()).prop_map(|(kind, function, value)| Indicator {
            kind: Kind::ALL[kind],
            value,
            function: Function::ALL[function],
            action: Action::Audit,
            expires_at: None,
            enabled: true,
        })
    }

    /// The rule of a draft, as a service that keeps all it is sent tells it.
    fn kept(generation: Generation, draft: &Draft) -> Held {
        let mut rule = serde_json::to_value(Rule::whole(generation, draft)).expect("JSON");
        rule["id"] = json!(draft.id.as_deref().unwrap_or("35079"));
        rule["createdDateTime"] = json!("2026-11-24T12:00:00.1234567Z");
        rule["createdBy"] = Value::Null;
        serde_json::from_value(rule).expect("it is read")
    }

    proptest! {
        #[test]
        fn what_is_published_is_read_back_in_either_generation(definition in definitions(), indicator in indicators()) {
            prop_assume!(kql::unfit(indicator.kind, &indicator.value).is_none());
            let draft = Draft::new(Generation::B, &definition, &indicator).under(&Marker::of(1, "a"));
            let known = Known::read(kept(Generation::B, &draft)).expect("it is understood");
            prop_assert_eq!(&known.indicator().expect("it is ours").indicator, &indicator);
            prop_assert_eq!(&known.definition, &definition);
            let draft = Draft::new(Generation::A, &definition, &indicator);
            let known = Known::read(kept(Generation::A, &draft)).expect("it is understood");
            prop_assert_eq!(known.indicator().expect("it is ours").indicator, indicator);
            let without = AlertDefinition { internal_description: String::new(), ..definition };
            prop_assert_eq!(known.definition, without);
        }
    }
}
