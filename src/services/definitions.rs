//! Alert definitions: publish, read, change, remove.

use std::{collections::HashSet, fmt};

use futures::future::BoxFuture;
use jiff::SignedDuration;

use crate::{
    domain::{
        alert_definition::{AlertDefinition, Severity},
        marker::Marker,
    },
    services::error::{Capability, ServiceError, unsupported},
};

/// The service's key of an alert definition.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DefinitionId(String);

impl DefinitionId {
    /// The key.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for DefinitionId {
    fn from(key: String) -> Self {
        Self(key)
    }
}

impl From<i64> for DefinitionId {
    fn from(key: i64) -> Self {
        Self(key.to_string())
    }
}

impl fmt::Display for DefinitionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An alert definition as the service holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDefinition {
    /// The key.
    pub id: DefinitionId,
    /// What it says.
    pub definition: AlertDefinition,
    /// When it was accepted.
    pub created_at: jiff::Timestamp,
    /// By whom.
    pub created_by: String,
    /// When it was last changed; none until it is.
    pub last_modified_at: Option<jiff::Timestamp>,
    /// By whom it was last changed.
    pub last_modified_by: Option<String>,
}

/// An alert definition of the tenant, by itself or with its indicator, that carries the mark of a drill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The key.
    pub id: DefinitionId,
    /// The drill's marker.
    pub marker: Marker,
    /// The title of its alerts.
    pub title: String,
    /// When it was accepted, where the service tells it.
    pub created_at: Option<jiff::Timestamp>,
    /// By whom, in the service's words; empty where it does not tell.
    pub created_by: String,
}

/// A change of an alert definition: what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is the one of the same name of `AlertDefinition`")]
pub struct DefinitionChange {
    pub name: Option<String>,
    pub severity: Option<Severity>,
    pub internal_description: Option<String>,
    pub title: Option<String>,
    pub ux_description: Option<String>,
    /// `Some(None)` takes the recommended action away.
    pub recommended_action: Option<Option<String>>,
    pub category: Option<String>,
    pub enabled: Option<bool>,
}

/// Which entities of a set to read, and how: OData's query options, each sent only where given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// `$filter`, in OData's own words: `Enabled eq true`.
    pub filter: Option<String>,
    /// `$orderby`: `Id desc`.
    pub order_by: Option<String>,
    /// `$top`.
    pub top: Option<u32>,
    /// `$skip`.
    pub skip: Option<u32>,
}

impl Query {
    /// The entities whose property `name` is `text`.
    pub fn where_equals(name: &str, text: &str) -> Self {
        // OData doubles a quote within a text (OData 4.01, URL conventions, 5.1.1.6.1).
        Self { filter: Some(format!("{name} eq '{}'", text.replace('\'', "''"))), ..Self::default() }
    }
}

/// The fields of an alert definition, in the words of the vocabulary.
pub const FIELDS: [&str; 8] =
    ["name", "severity", "internal description", "title", "description", "recommended action", "category", "enabled"];

/// How a service keeps alert definitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// By themselves: indicators are published under them.
    Apart,
    /// Together with their one indicator, as one thing that goes out when the indicator does, under one key.
    WithIndicator,
}

/// What a service can do with alert definitions. What it cannot is [`ServiceError::Unsupported`].
pub trait Definitions: Send + Sync {
    /// How it keeps them.
    fn form(&self) -> Form {
        Form::Apart
    }

    /// The fields that it keeps as they were published, in the words of the vocabulary.
    fn keeps(&self) -> &'static [&'static str] {
        &FIELDS
    }

    /// Whether two alert definitions may have the same title.
    fn shares_titles(&self) -> bool {
        true
    }

    /// How far the service's clock is ahead of ours, as far as an answer has told.
    fn ahead(&self) -> SignedDuration {
        SignedDuration::ZERO
    }

    /// Proves with one small call that the tenant lets the caller read them.
    fn access(&self) -> BoxFuture<'_, Result<(), ServiceError>>;

    /// Publishes one by itself.
    fn publish<'a>(
        &'a self,
        _definition: &'a AlertDefinition,
    ) -> BoxFuture<'a, Result<StoredDefinition, ServiceError>> {
        unsupported(Capability::Definitions, "it keeps no alert definition without its indicator")
    }

    /// Publishes many by themselves, all or none.
    fn publish_all<'a>(&'a self, _definitions: &'a [AlertDefinition]) -> BoxFuture<'a, Result<(), ServiceError>> {
        unsupported(Capability::Definitions, "it keeps no alert definitions without their indicators")
    }

    /// Reads one; `None` is that there is none.
    fn read<'a>(&'a self, id: &'a DefinitionId) -> BoxFuture<'a, Result<Option<StoredDefinition>, ServiceError>>;

    /// Reads those that `query` asks for.
    fn list<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Vec<StoredDefinition>, ServiceError>>;

    /// Everything in the tenant that carries the mark of a drill, whoever made it and whatever else it says.
    ///
    /// A marker that is `known` counts wherever it stands. Another has to stand in two places, for eight letters after
    /// "drill" may be anybody's word.
    fn signed<'a>(&'a self, known: &'a HashSet<Marker>) -> BoxFuture<'a, Result<Vec<Signed>, ServiceError>>;

    /// Changes one, and returns it as it is now.
    fn change<'a>(
        &'a self,
        id: &'a DefinitionId,
        change: &'a DefinitionChange,
    ) -> BoxFuture<'a, Result<StoredDefinition, ServiceError>>;

    /// Removes one, and its indicators with it. That it is gone already is success.
    fn remove<'a>(&'a self, id: &'a DefinitionId) -> BoxFuture<'a, Result<(), ServiceError>>;

    /// Removes every alert definition of the tenant, and every indicator with them.
    fn remove_all(&self) -> BoxFuture<'_, Result<(), ServiceError>> {
        unsupported(Capability::Definitions, "it has no call that removes every alert definition")
    }

    /// Removes the indicators of one; the definition stays.
    fn remove_indicators_of<'a>(&'a self, _id: &'a DefinitionId) -> BoxFuture<'a, Result<(), ServiceError>> {
        unsupported(Capability::Definitions, "it keeps no alert definition without its indicator")
    }
}
