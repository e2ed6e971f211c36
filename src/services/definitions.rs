//! Alert definitions: publish, read, change, remove.

use futures::future::BoxFuture;

use crate::{
    domain::alert_definition::{AlertDefinition, Severity},
    services::error::ServiceError,
};

/// The service's key of an alert definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DefinitionId(pub i64);

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

/// What a service can do with alert definitions.
pub trait Definitions: Send + Sync {
    /// Publishes one.
    fn publish<'a>(&'a self, definition: &'a AlertDefinition) -> BoxFuture<'a, Result<StoredDefinition, ServiceError>>;

    /// Publishes many, all or none.
    fn publish_all<'a>(&'a self, definitions: &'a [AlertDefinition]) -> BoxFuture<'a, Result<(), ServiceError>>;

    /// Reads one; `None` is that there is none.
    fn read(&self, id: DefinitionId) -> BoxFuture<'_, Result<Option<StoredDefinition>, ServiceError>>;

    /// Reads those that `query` asks for.
    fn list<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Vec<StoredDefinition>, ServiceError>>;

    /// Changes one, and returns it as it is now.
    fn change<'a>(
        &'a self,
        id: DefinitionId,
        change: &'a DefinitionChange,
    ) -> BoxFuture<'a, Result<StoredDefinition, ServiceError>>;

    /// Removes one, and its indicators with it. That it is gone already is success.
    fn remove(&self, id: DefinitionId) -> BoxFuture<'_, Result<(), ServiceError>>;

    /// Removes every alert definition of the tenant, and every indicator with them.
    fn remove_all(&self) -> BoxFuture<'_, Result<(), ServiceError>>;

    /// Removes the indicators of one; the definition stays.
    fn remove_indicators_of(&self, id: DefinitionId) -> BoxFuture<'_, Result<(), ServiceError>>;
}
