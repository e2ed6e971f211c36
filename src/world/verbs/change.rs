//! Changing and removing what is published.

use crate::{
    domain::alert_definition::AlertDefinition,
    record::failure::{Code, Failure},
    services::{
        definitions::{DefinitionChange, Form},
        error::ServiceError,
        indicators::IndicatorChange,
    },
    world::{
        World,
        alarm::{Alarm, Role},
        ledger::{Draft, Entry},
        trouble,
        verbs::draft::{Row, set_definition_field, set_indicator_field},
    },
};

impl World {
    /// Changes fields of the published definition of `role`.
    pub async fn change_definition(&mut self, role: Role, rows: &[Row]) -> Result<(), Failure> {
        let marker = self.marker_of(role);
        let (id, before) = (self.definition_there(role).await?, self.alarm(role)?.definition.clone());
        let mut after = before.clone();
        for (field, text) in rows {
            set_definition_field(&mut after, &marker, field, &marker.fill(text))?;
        }
        let change = definition_change(&before, &after);
        let stored = not_published(self.lab().definitions.change(&id, &change).await)?;
        self.accepted(role, |alarm| {
            alarm.definition = after;
            alarm.stored_definition = Some(stored);
        })
    }

    /// Changes fields of the published indicator of `role`.
    pub async fn change_indicator(&mut self, role: Role, rows: &[Row]) -> Result<(), Failure> {
        let (marker, now) = (self.marker_of(role), self.clock().now());
        let (id, before) = (self.indicator_there(role).await?, self.alarm(role)?.indicator.clone());
        let mut after = before.clone();
        for (field, text) in rows {
            set_indicator_field(&mut after, field, &marker.fill(text), now)?;
        }
        self.may_stand(&after)?;
        let change = IndicatorChange {
            kind: (before.kind != after.kind).then_some(after.kind),
            value: (before.value != after.value).then(|| after.value.clone()),
            function: (before.function != after.function).then_some(after.function),
            expires_at: (before.expires_at != after.expires_at).then_some(after.expires_at),
            enabled: (before.enabled != after.enabled).then_some(after.enabled),
            action: (before.action != after.action).then_some(after.action),
        };
        // A service that has no change makes another in its place, which is found by its marker if the answer is lost.
        let draft = Draft { indicator: after.clone(), ..self.alarm(role)?.draft() };
        let intent = Entry::Together(Box::new(draft));
        if self.lab().definitions.form() == Form::WithIndicator {
            self.intend(&marker, std::slice::from_ref(&intent)).await?;
        }
        let underway = self.sending.begin();
        let stored = not_published(self.lab().indicators.change(&id, &change).await)?;
        drop(underway);
        self.ledger.strike(&intent);
        self.note_indicator(&stored);
        self.ledger.narrow(&Entry::Indicator(id), Entry::Indicator(stored.id.clone()));
        self.accepted(role, |alarm| {
            alarm.indicator = after;
            alarm.hold(stored);
        })
    }

    /// Moves the indicator of `role` under the definition of `other`, whose alarm it is from now on.
    pub async fn move_indicator(&mut self, role: Role, other: Role) -> Result<(), Failure> {
        let id = self.indicator_there(role).await?;
        let under = self.definition_there(other).await?;
        not_published(self.lab().indicators.move_under(&id, &under).await)?;
        let from = self.alarm_mut(role)?;
        let (indicator, stored) = (from.indicator.clone(), from.stored_indicator.take());
        self.accepted(other, |alarm| {
            alarm.indicator = indicator;
            alarm.stored_indicator = stored;
        })
    }

    /// Removes the definition of `role`, and with it its indicator.
    pub async fn remove_definition(&mut self, role: Role) -> Result<(), Failure> {
        if let Some(id) = self.own_definition(role).await? {
            not_published(self.lab().definitions.remove(&id).await)?;
            self.ledger.strike(&Entry::Definition(id));
        }
        self.forget_indicator(role)
    }

    /// Removes the indicator of `role`.
    pub async fn remove_indicator(&mut self, role: Role) -> Result<(), Failure> {
        if let Some(id) = self.own_indicator(role).await? {
            not_published(self.lab().indicators.remove(&id).await)?;
        }
        self.forget_indicator(role)
    }

    /// Removes every indicator of the definition of `role`; the definition stays.
    pub async fn remove_indicators_of(&mut self, role: Role) -> Result<(), Failure> {
        if let Some(id) = self.own_definition(role).await? {
            not_published(self.lab().definitions.remove_indicators_of(&id).await)?;
        }
        self.forget_indicator(role)
    }

    /// Removes every indicator of the tenant.
    pub async fn remove_all_indicators(&mut self) -> Result<(), Failure> {
        not_published(self.lab().indicators.remove_all().await)?;
        self.forget_all();
        Ok(())
    }

    /// Removes every alert definition of the tenant.
    pub async fn remove_all_definitions(&mut self) -> Result<(), Failure> {
        not_published(self.lab().definitions.remove_all().await)?;
        self.forget_all();
        Ok(())
    }

    fn forget_all(&mut self) {
        self.alarms.values_mut().for_each(|alarm| alarm.removed = true);
    }

    fn forget_indicator(&mut self, role: Role) -> Result<(), Failure> {
        if let Some(stored) = &self.alarm(role)?.stored_indicator {
            let entry = Entry::Indicator(stored.id.clone());
            self.ledger.strike(&entry);
        }
        // A removal needs its time as well.
        self.accepted(role, |alarm| alarm.removed = true)
    }

    fn accepted(&mut self, role: Role, update: impl FnOnce(&mut Alarm)) -> Result<(), Failure> {
        let now = self.clock().now();
        let alarm = self.alarm_mut(role)?;
        update(alarm);
        alarm.accepted_at = Some(now);
        Ok(())
    }
}

/// A change that did not go through leaves something unpublished.
fn not_published<T>(outcome: Result<T, ServiceError>) -> Result<T, Failure> {
    outcome.map_err(|error| trouble::of(&error, Code::NotPublished))
}

fn definition_change(before: &AlertDefinition, after: &AlertDefinition) -> DefinitionChange {
    let text = |before: &String, after: &String| (before != after).then(|| after.clone());
    DefinitionChange {
        name: text(&before.name, &after.name),
        severity: (before.severity != after.severity).then_some(after.severity),
        internal_description: text(&before.internal_description, &after.internal_description),
        title: text(&before.title, &after.title),
        ux_description: text(&before.ux_description, &after.ux_description),
        recommended_action: (before.recommended_action != after.recommended_action)
            .then(|| after.recommended_action.clone()),
        category: text(&before.category, &after.category),
        enabled: (before.enabled != after.enabled).then_some(after.enabled),
    }
}
