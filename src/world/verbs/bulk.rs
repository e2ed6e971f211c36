//! Publishing many at once, all or none.

use crate::{
    domain::{alert_definition::AlertDefinition, indicator::Indicator},
    record::failure::Failure,
    services::{definitions::Form, error::ServiceError},
    world::{
        World,
        alarm::{self, Alarm, Role},
        ledger::{Draft, Entry},
        trouble::Refusal,
    },
};

impl World {
    /// Tries to publish `count` definitions at once, the last of which has a title of `title_length` characters.
    pub async fn try_publish_definitions(&mut self, count: usize, title_length: Option<usize>) -> Result<(), Failure> {
        if self.lab().definitions.form() == Form::WithIndicator {
            return Err(alarm::apart());
        }
        let marker = self.marker_of(Role::Subject);
        let mut definitions: Vec<AlertDefinition> = (1..=count)
            .map(|number| {
                let mut definition = Alarm::minted(marker.clone(), Role::Subject).definition;
                definition.name = format!("{} bulk {number}", definition.name);
                definition
            })
            .collect();
        if let (Some(length), Some(last)) = (title_length, definitions.last_mut()) {
            last.title = "x".repeat(length);
        }
        let intent = |definition: &AlertDefinition| Entry::DefinitionsNamed(definition.name.clone(), marker.clone());
        let intents: Vec<_> = definitions.iter().map(intent).collect();
        self.intend(&marker, &intents).await?;
        let _underway = self.sending.begin();
        let published = self.lab().definitions.publish_all(&definitions).await;
        if let Err(ServiceError::Rejected { .. }) = &published {
            for intent in &intents {
                self.ledger.strike(intent);
            }
        }
        self.tried = Some(published.map_err(Refusal::from));
        Ok(())
    }

    /// Tries to publish `count` indicators at once under the definition of the subject.
    pub async fn try_publish_indicators(&mut self, count: usize) -> Result<(), Failure> {
        let under = self.under(Role::Subject).await?;
        self.may_publish_more(count)?;
        self.limit_life(Role::Subject, under.is_none());
        let template = self.alarm(Role::Subject)?.draft();
        let drafts: Vec<_> = (1..=count)
            .map(|number| {
                let value = format!("bulk{number}-{}", template.indicator.value);
                Draft { indicator: Indicator { value, ..template.indicator.clone() }, ..template.clone() }
            })
            .collect();
        drafts.iter().try_for_each(|draft| self.may_stand(&draft.indicator))?;
        if under.is_none() {
            // Elsewhere they go with their definition, which the ledger knows.
            let intents: Vec<_> = drafts.iter().map(|draft| Entry::Together(Box::new(draft.clone()))).collect();
            self.intend(&template.marker, &intents).await?;
        }
        let publications: Vec<_> = drafts.iter().map(|draft| draft.publication(under.as_ref())).collect();
        let _underway = self.sending.begin();
        let published = self.lab().indicators.publish_all(&publications).await;
        self.tried = Some(published.map_err(Refusal::from));
        Ok(())
    }
}
