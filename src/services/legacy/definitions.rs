//! Alert definitions: the set `AlertDefinitions`.

use std::collections::HashSet;

use futures::future::BoxFuture;
use jiff::SignedDuration;
use serde::Serialize;

use crate::{
    domain::{
        alert_definition::{AlertDefinition, Severity},
        marker::Marker,
    },
    services::{
        definitions::{DefinitionChange, DefinitionId, Definitions, Query, Signed, StoredDefinition},
        error::ServiceError,
        legacy::{
            Legacy,
            once::Looked,
            only, said_no_to_one,
            wire::{self, NewDefinition},
        },
        reading::Word,
    },
    transport::{
        call::{Call, Reply},
        decode::Odd,
    },
};

const SET: &str = "AlertDefinitions";

/// A change: only what changes is sent. The order is that of the documentation's samples.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(clippy::option_option, reason = "left out, and null, are two things to say")]
struct Patch<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    severity: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    internal_description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ux_description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recommended_action: Option<Option<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    enabled: Option<bool>,
}

impl<'a> From<&'a DefinitionChange> for Patch<'a> {
    fn from(change: &'a DefinitionChange) -> Self {
        Self {
            name: change.name.as_deref(),
            severity: change.severity.map(Severity::as_str),
            internal_description: change.internal_description.as_deref(),
            title: change.title.as_deref(),
            ux_description: change.ux_description.as_deref(),
            recommended_action: change.recommended_action.as_ref().map(Option::as_deref),
            category: change.category.as_deref(),
            enabled: change.enabled,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bulk<'a> {
    alert_definitions: Vec<NewDefinition<'a>>,
}

impl Definitions for Legacy {
    fn ahead(&self) -> SignedDuration {
        self.transport.ahead()
    }

    fn access(&self) -> BoxFuture<'_, Result<(), ServiceError>> {
        Box::pin(async move {
            let query = Query { top: Some(1), ..Query::default() };
            self.set::<wire::Definition>(SET, &query, "list alert definitions").await.map(drop)
        })
    }

    fn publish<'a>(&'a self, definition: &'a AlertDefinition) -> BoxFuture<'a, Result<StoredDefinition, ServiceError>> {
        Box::pin(async move {
            let call =
                Call::post(self.at(SET)).json(&NewDefinition::from(definition)).purpose("create an alert definition");
            let read = |reply: &Reply| Ok(stored(reply.json()?).map_err(|odd| reply.malformed(odd))?);
            match Marker::signed(&definition.ux_description) {
                Some(marker) => self.create_once(call, read, || self.definition_like(definition, &marker)).await,
                // It may be anybody's, and cannot be looked for.
                None => read(&self.call(call).await?),
            }
        })
    }

    fn publish_all<'a>(&'a self, definitions: &'a [AlertDefinition]) -> BoxFuture<'a, Result<(), ServiceError>> {
        Box::pin(async move {
            let body = Bulk { alert_definitions: definitions.iter().map(NewDefinition::from).collect() };
            let call = Call::post(self.at(&format!("{SET}/Actions.BulkUpload")))
                .json(&body)
                .purpose(format!("create {} alert definitions at once", definitions.len()));
            self.call(call).await.map(drop)
        })
    }

    fn read<'a>(&'a self, id: &'a DefinitionId) -> BoxFuture<'a, Result<Option<StoredDefinition>, ServiceError>> {
        Box::pin(async move {
            let found = self.one(&entity(id), format!("read alert definition {id}")).await?;
            Ok(found.map(|(definition, reply)| stored(definition).map_err(|odd| reply.malformed(odd))).transpose()?)
        })
    }

    /// A definition with a severity that is not known is left out, with a warning: it is none of a drill's own.
    fn list<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Vec<StoredDefinition>, ServiceError>> {
        Box::pin(async move {
            let set: Vec<wire::Definition> = self.set(SET, query, "list alert definitions").await?;
            Ok(set.into_iter().filter_map(|definition| known(definition.id, stored(definition))).collect())
        })
    }

    fn signed<'a>(&'a self, known: &'a HashSet<Marker>) -> BoxFuture<'a, Result<Vec<Signed>, ServiceError>> {
        Box::pin(async move {
            let purpose = "list what carries the mark of a drill";
            let set: Vec<wire::Definition> = self.set(SET, &Query::default(), purpose).await?;
            Ok(set.into_iter().filter_map(|definition| signed(definition, known)).collect())
        })
    }

    fn change<'a>(
        &'a self,
        id: &'a DefinitionId,
        change: &'a DefinitionChange,
    ) -> BoxFuture<'a, Result<StoredDefinition, ServiceError>> {
        Box::pin(async move {
            let purpose = format!("change alert definition {id}");
            // Every member of a change is a value to set, so to set it twice does no harm.
            let call = Call::patch(self.at(&entity(id))).json(&Patch::from(change)).purpose(&purpose).repeatable();
            let reply = self.transport.call(call).await.map_err(said_no_to_one)?;
            changed(self, id, reply).await
        })
    }

    fn remove<'a>(&'a self, id: &'a DefinitionId) -> BoxFuture<'a, Result<(), ServiceError>> {
        Box::pin(async move { self.remove_one(&entity(id), format!("remove alert definition {id}")).await })
    }

    fn remove_all(&self) -> BoxFuture<'_, Result<(), ServiceError>> {
        Box::pin(async move { self.remove_set(SET, "remove every alert definition").await })
    }

    fn remove_indicators_of<'a>(&'a self, id: &'a DefinitionId) -> BoxFuture<'a, Result<(), ServiceError>> {
        Box::pin(async move {
            let call = Call::post(self.at(&format!("{}/Actions.DeleteIOCs", entity(id))))
                .purpose(format!("remove the indicators of alert definition {id}"))
                .repeatable()
                .clean_up();
            self.transport.call(call).await.map(drop).map_err(said_no_to_one)
        })
    }
}

impl Legacy {
    async fn definition_like(&self, definition: &AlertDefinition, marker: &Marker) -> Looked<StoredDefinition> {
        let query = Query::where_equals("Name", &definition.name);
        let found = self.set::<wire::Definition>(SET, &query, "see whether the alert definition was created").await;
        let Ok(set) = found else { return Looked::Unknown };
        // A service that does not know the filter answers with everything.
        let is_ours = |one: &wire::Definition| one.name == definition.name && marker.is_in(&one.ux_description);
        match set.into_iter().find(is_ours) {
            Some(one) => stored(one).map_or(Looked::Unknown, Looked::There),
            None => Looked::NotThere,
        }
    }
}

fn entity(id: &DefinitionId) -> String {
    format!("{SET}({id})")
}

/// The entity after a change: in the answer as documented, or, where the framework's own default leaves it out, read.
async fn changed(legacy: &Legacy, id: &DefinitionId, reply: Reply) -> Result<StoredDefinition, ServiceError> {
    if reply.status() == 204 {
        let found = Definitions::read(legacy, id).await?;
        return found.ok_or_else(|| reply.malformed(Odd::new(".", "the definition as changed", "none")).into());
    }
    let definition = only(&reply)?.ok_or_else(|| reply.malformed(Odd::new("value", "one definition", "none")))?;
    Ok(stored(definition).map_err(|odd| reply.malformed(odd))?)
}

fn stored(definition: wire::Definition) -> Result<StoredDefinition, Odd> {
    let severity = match definition.severity {
        Word::Known(severity) => severity,
        Word::Unknown(word) => {
            return Err(Odd::new("Severity", Severity::ALL.map(Severity::as_str).join(", "), format!("`{word}`")));
        }
    };
    Ok(StoredDefinition {
        id: DefinitionId::from(definition.id),
        definition: AlertDefinition {
            name: definition.name,
            severity,
            internal_description: definition.internal_description,
            title: definition.title,
            ux_description: definition.ux_description,
            recommended_action: definition.recommended_action,
            category: definition.category,
            enabled: definition.enabled,
        },
        created_at: definition.created_at,
        created_by: definition.created_by,
        last_modified_at: definition.last_modified_at,
        last_modified_by: definition.last_modified_by,
    })
}

fn signed(definition: wire::Definition, known: &HashSet<Marker>) -> Option<Signed> {
    let marker = Marker::signed(&definition.ux_description)?;
    let is_ours = known.contains(&marker) || marker.ends(&definition.name) || marker.ends(&definition.title);
    is_ours.then(|| Signed {
        marker,
        id: DefinitionId::from(definition.id),
        title: definition.title,
        created_at: Some(definition.created_at),
        created_by: definition.created_by,
    })
}

/// What is understood; of what is not, a warning.
pub(super) fn known<T>(id: i64, read: Result<T, Odd>) -> Option<T> {
    match read {
        Ok(entity) => Some(entity),
        Err(Odd { path, saw, .. }) => {
            tracing::warn!(
                id,
                path,
                saw,
                "entity {id} of the tenant is left out: its {path} is {saw}, which is not known"
            );
            None
        }
    }
}
