//! Indicators: publish, read, change, move, remove.

use std::{fmt, sync::Arc};

use futures::future::BoxFuture;
use jiff::Timestamp;

use crate::{
    domain::{
        alert_definition::AlertDefinition,
        indicator::{Action, Function, Indicator, Kind},
        marker::Marker,
    },
    services::{
        definitions::{DefinitionId, Query, StoredDefinition},
        error::{Capability, ServiceError, unsupported},
    },
};

/// The service's key of an indicator.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IndicatorId(String);

impl IndicatorId {
    /// The key.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for IndicatorId {
    fn from(key: String) -> Self {
        Self(key)
    }
}

impl From<i64> for IndicatorId {
    fn from(key: i64) -> Self {
        Self(key.to_string())
    }
}

impl fmt::Display for IndicatorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

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
    /// The same as the service wrote it, where that says more than is read here.
    pub original: Option<Arc<str>>,
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
    pub action: Option<Action>,
}

/// An indicator to publish, with everything that a service may keep along with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Publication<'a> {
    /// The indicator.
    pub indicator: &'a Indicator,
    /// The alert definition that its alert is to follow.
    pub definition: &'a AlertDefinition,
    /// The definition's key, where the service keeps definitions apart.
    pub under: Option<&'a DefinitionId>,
    /// The drill's marker.
    pub marker: &'a Marker,
}

/// What the service keeps of a publication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The indicator.
    pub indicator: StoredIndicator,
    /// The definition, where the service keeps it together with the indicator.
    pub definition: Option<StoredDefinition>,
}

/// Another drill's indicator of the same value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rival {
    /// Whose it is.
    pub marker: Marker,
    /// When it was accepted, as [`StoredIndicator::created_at`] says it.
    pub created_at: Timestamp,
}

/// How many a service takes in one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AtOnce {
    /// To be published.
    pub published: usize,
    /// To be removed.
    pub removed: usize,
}

/// The fields of an indicator, in the words of the vocabulary.
pub const FIELDS: [&str; 6] = ["type", "function", "value", "action", "enabled", "expires in"];

/// What a service can do with indicators. What it cannot is [`ServiceError::Unsupported`].
pub trait Indicators: Send + Sync {
    /// The fields that it keeps as they were published, in the words of the vocabulary.
    fn keeps(&self) -> &'static [&'static str] {
        &FIELDS
    }

    /// Whether it keeps one indicator of a value, whoever publishes it: then the last one is what there is.
    fn keeps_one_of_a_value(&self) -> bool {
        false
    }

    /// The indicators of other drills that have the value of `publication`, where the service keeps several of a value and
    /// tells whose they are: what one device does raises an alert of each.
    fn rivals<'a>(&'a self, _: Publication<'a>) -> BoxFuture<'a, Result<Vec<Rival>, ServiceError>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }

    /// Publishes one.
    fn publish<'a>(&'a self, publication: Publication<'a>) -> BoxFuture<'a, Result<Published, ServiceError>>;

    /// How many of one kind of call it takes in one, at most; 1 is that each goes by itself.
    fn at_once(&self) -> AtOnce {
        AtOnce { published: 1, removed: 1 }
    }

    /// Publishes many, of which each has an answer of its own, in their order.
    fn publish_many<'a>(
        &'a self,
        publications: &'a [Publication<'a>],
    ) -> BoxFuture<'a, Vec<Result<Published, ServiceError>>> {
        Box::pin(async move {
            let mut answers = Vec::with_capacity(publications.len());
            for publication in publications {
                answers.push(self.publish(*publication).await);
            }
            answers
        })
    }

    /// Publishes many; whether all or none is kept when one is refused is the service's to say.
    fn publish_all<'a>(&'a self, publications: &'a [Publication<'a>]) -> BoxFuture<'a, Result<(), ServiceError>>;

    /// The keys of what carries `publication`'s marker, whether or not the answer to its publishing ever came.
    fn of_marker<'a>(&'a self, publication: Publication<'a>) -> BoxFuture<'a, Result<Vec<IndicatorId>, ServiceError>>;

    /// Reads one; `None` is that there is none.
    fn read<'a>(&'a self, id: &'a IndicatorId) -> BoxFuture<'a, Result<Option<StoredIndicator>, ServiceError>>;

    /// Reads those that `query` asks for.
    fn list<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Vec<StoredIndicator>, ServiceError>>;

    /// Changes one, and returns it as it is now.
    fn change<'a>(
        &'a self,
        id: &'a IndicatorId,
        change: &'a IndicatorChange,
    ) -> BoxFuture<'a, Result<StoredIndicator, ServiceError>>;

    /// Moves one under another definition.
    fn move_under<'a>(
        &'a self,
        _id: &'a IndicatorId,
        _definition: &'a DefinitionId,
    ) -> BoxFuture<'a, Result<(), ServiceError>> {
        unsupported(Capability::Indicators, "it keeps an indicator and its alert definition as one thing")
    }

    /// Removes one. That it is gone already is success.
    fn remove<'a>(&'a self, id: &'a IndicatorId) -> BoxFuture<'a, Result<(), ServiceError>>;

    /// Removes many, of which each has an answer of its own, in their order. That one is gone already is success.
    fn remove_many<'a>(&'a self, ids: &'a [IndicatorId]) -> BoxFuture<'a, Vec<Result<(), ServiceError>>> {
        Box::pin(async move {
            let mut answers = Vec::with_capacity(ids.len());
            for id in ids {
                answers.push(self.remove(id).await);
            }
            answers
        })
    }

    /// Removes every indicator of the tenant.
    fn remove_all(&self) -> BoxFuture<'_, Result<(), ServiceError>> {
        unsupported(Capability::Indicators, "it has no call that removes every indicator")
    }
}
