//! Publishing many at once, all or none.

use crate::{
    domain::{alert_definition::AlertDefinition, indicator::Indicator},
    record::failure::Failure,
    services::error::ServiceError,
    world::{
        World,
        alarm::{Alarm, Role},
        ledger::Entry,
    },
};

impl World {
    /// Tries to publish `count` definitions at once, the last of which has a title of `title_length` characters.
    pub async fn try_publish_definitions(&mut self, count: usize, title_length: Option<usize>) -> Result<(), Failure> {
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
        for intent in &intents {
            self.ledger.enter(intent.clone());
        }
        let published = self.lab().definitions.publish_all(&definitions).await;
        if let Err(ServiceError::Rejected { .. }) = &published {
            for intent in &intents {
                self.ledger.strike(intent);
            }
        }
        self.tried = Some(published);
        Ok(())
    }

    /// Tries to publish `count` indicators at once under the definition of the subject.
    pub async fn try_publish_indicators(&mut self, count: usize) -> Result<(), Failure> {
        let under = self.alarm(Role::Subject)?.published()?.id;
        let template = self.alarm(Role::Subject)?.indicator.clone();
        let indicators: Vec<_> = (1..=count)
            .map(|number| {
                let value = format!("bulk{number}-{}", template.value);
                (Indicator { value, ..template.clone() }, under)
            })
            .collect();
        // They go with their definition, which the ledger knows.
        self.tried = Some(self.lab().indicators.publish_all(&indicators).await);
        Ok(())
    }
}
