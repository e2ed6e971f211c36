//! Indicators: publish, read, change, move, remove.

use futures::future::BoxFuture;
use jiff::Timestamp;

use crate::{
    domain::indicator::{Function, Indicator, Kind},
    services::{
        definitions::{DefinitionId, Query},
        error::ServiceError,
    },
};

/// The service's key of an indicator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IndicatorId(pub i64);

/// An indicator as the service holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredIndicator {
    /// The key.
    pub id: IndicatorId,
    /// What it looks for.
    pub indicator: Indicator,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
    /// When it was last changed; none until it is.
    pub last_modified_at: Option<Timestamp>,
    /// By whom it was last changed.
    pub last_modified_by: Option<String>,
}

/// A change of an indicator: what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is the one of the same name of `Indicator`")]
pub struct IndicatorChange {
    pub kind: Option<Kind>,
    pub value: Option<String>,
    pub function: Option<Function>,
    /// `Some(None)` takes the expiry away.
    pub expires_at: Option<Option<Timestamp>>,
    pub enabled: Option<bool>,
}

/// What a service can do with indicators.
pub trait Indicators: Send + Sync {
    /// Publishes one under a definition.
    fn publish<'a>(
        &'a self,
        indicator: &'a Indicator,
        under: DefinitionId,
    ) -> BoxFuture<'a, Result<StoredIndicator, ServiceError>>;

    /// Publishes many, each under its definition, all or none.
    fn publish_all<'a>(
        &'a self,
        indicators: &'a [(Indicator, DefinitionId)],
    ) -> BoxFuture<'a, Result<(), ServiceError>>;

    /// Reads one; `None` is that there is none.
    fn read(&self, id: IndicatorId) -> BoxFuture<'_, Result<Option<StoredIndicator>, ServiceError>>;

    /// Reads those that `query` asks for.
    fn list<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Vec<StoredIndicator>, ServiceError>>;

    /// Changes one, and returns it as it is now.
    fn change<'a>(
        &'a self,
        id: IndicatorId,
        change: &'a IndicatorChange,
    ) -> BoxFuture<'a, Result<StoredIndicator, ServiceError>>;

    /// Moves one under another definition.
    fn move_under(&self, id: IndicatorId, definition: DefinitionId) -> BoxFuture<'_, Result<(), ServiceError>>;

    /// Removes one. That it is gone already is success.
    fn remove(&self, id: IndicatorId) -> BoxFuture<'_, Result<(), ServiceError>>;

    /// Removes every indicator of the tenant.
    fn remove_all(&self) -> BoxFuture<'_, Result<(), ServiceError>>;
}
