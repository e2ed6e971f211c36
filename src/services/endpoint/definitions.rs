//! Alert definitions: the texts of indicators.

use std::collections::HashSet;

use futures::future::BoxFuture;
use jiff::SignedDuration;

use crate::{
    domain::marker::Marker,
    services::{
        definitions::{DefinitionChange, DefinitionId, Definitions, Form, Query, Signed, StoredDefinition},
        endpoint::{
            Endpoint,
            held::{For, known},
            indicators::disabled,
            wire::{NewIndicator, category_number},
        },
        error::{Capability, ServiceError},
    },
};

impl Definitions for Endpoint {
    fn form(&self) -> Form {
        Form::WithIndicator
    }

    /// It has no name and no internal description, and of its categories one is known.
    fn keeps(&self) -> &'static [&'static str] {
        &["severity", "title", "description", "recommended action"]
    }

    fn ahead(&self) -> SignedDuration {
        self.transport.ahead()
    }

    fn access(&self) -> BoxFuture<'_, Result<(), ServiceError>> {
        Box::pin(async move {
            let query = Query { top: Some(1), ..Query::default() };
            self.indicators(&query, "list indicators", For::Drill).await.map(drop)
        })
    }

    fn read<'a>(&'a self, id: &'a DefinitionId) -> BoxFuture<'a, Result<Option<StoredDefinition>, ServiceError>> {
        Box::pin(async move {
            let purpose = format!("read the alert definition of indicator {id}");
            let found = self.find(id.as_str(), &purpose).await?;
            found.map(|held| self.told_definition(&held)).transpose().map_err(|odd| self.malformed(purpose, odd))
        })
    }

    /// The definition of an indicator without a severity that is known is left out, with a warning: it is none of a
    /// drill's own.
    fn list<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Vec<StoredDefinition>, ServiceError>> {
        Box::pin(async move {
            let set = self.indicators(query, "list the alert definitions of indicators", For::Drill).await?;
            Ok(set.iter().filter_map(|held| known(&held.id, self.told_definition(held))).collect())
        })
    }

    /// The marker stands in the external id, the description, and, as a rule, the title or the value.
    fn signed<'a>(&'a self, known: &'a HashSet<Marker>) -> BoxFuture<'a, Result<Vec<Signed>, ServiceError>> {
        Box::pin(async move {
            let purpose = "list what carries the mark of a drill";
            let set = self.indicators(&Query::default(), purpose, For::CleanUp).await?;
            Ok(set.into_iter().filter_map(|held| self.told_signed(held, known)).collect())
        })
    }

    fn change<'a>(
        &'a self,
        id: &'a DefinitionId,
        change: &'a DefinitionChange,
    ) -> BoxFuture<'a, Result<StoredDefinition, ServiceError>> {
        Box::pin(async move {
            let category = check_change(change)?;
            let purpose = format!("change the alert definition of indicator {id}");
            let before = self.to_change(id.as_str(), &purpose).await?;
            let asked = self.asked().get(id.as_str()).map(|both| both.asked.clone());
            let new = changed(before, change, category);
            let (held, reply) = self.replace(id.as_str(), &new, &purpose).await?;
            if let Some(asked) = asked {
                self.keep(&held, asked);
            }
            Ok(self.told_definition(&held).map_err(|odd| reply.malformed(odd))?)
        })
    }

    fn remove<'a>(&'a self, id: &'a DefinitionId) -> BoxFuture<'a, Result<(), ServiceError>> {
        Box::pin(async move { self.remove_by_key(id.as_str()).await })
    }
}

/// That the service has what is to change; returns the number of the category, where that is to change.
fn check_change(change: &DefinitionChange) -> Result<Option<i64>, ServiceError> {
    let lack = |why: String| ServiceError::Unsupported { what: Capability::Definitions, why };
    if change.name.is_some() {
        return Err(lack("it gives them no name".into()));
    }
    if change.internal_description.is_some() {
        return Err(lack("it keeps no internal description".into()));
    }
    if change.enabled == Some(false) {
        return Err(disabled(Capability::Definitions));
    }
    let number = |word: &String| {
        category_number(word)
            .ok_or_else(|| lack(format!("its categories are numbers, and that of `{word}` is not known")))
    };
    change.category.as_ref().map(number).transpose()
}

fn changed(before: NewIndicator, change: &DefinitionChange, category: Option<i64>) -> NewIndicator {
    NewIndicator {
        title: change.title.clone().unwrap_or(before.title),
        description: change.ux_description.clone().unwrap_or(before.description),
        severity: change.severity.unwrap_or(before.severity),
        recommended_actions: change.recommended_action.clone().unwrap_or(before.recommended_actions),
        category: category.or(before.category),
        ..before
    }
}
