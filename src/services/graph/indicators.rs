//! Indicators: what detection rules look for.

use std::collections::HashSet;

use futures::future::BoxFuture;

use crate::{
    domain::indicator::Action,
    services::{
        definitions::Query,
        error::{Capability, ServiceError, unsupported},
        graph::{Graph, held::understood, said_no},
        indicators::{IndicatorChange, IndicatorId, Indicators, Publication, Published, StoredIndicator},
    },
};

impl Indicators for Graph {
    fn keeps(&self) -> &'static [&'static str] {
        &["type", "function", "value", "expires in"]
    }

    fn publish<'a>(&'a self, publication: Publication<'a>) -> BoxFuture<'a, Result<Published, ServiceError>> {
        Box::pin(async move {
            let rule = self.create(publication).await?;
            let indicator = self.indicator_of(&rule).map_err(|odd| self.not_as_sent("create a detection rule", odd))?;
            Ok(Published { indicator, definition: Some(rule.definition()) })
        })
    }

    /// One after the other, for a rule is created by itself: those before one that is refused are kept. A rule has one
    /// indicator, so that no two can share an alert definition.
    fn publish_all<'a>(&'a self, publications: &'a [Publication<'a>]) -> BoxFuture<'a, Result<(), ServiceError>> {
        let names: HashSet<_> = publications.iter().map(|one| one.definition.name.to_lowercase()).collect();
        let markers: HashSet<_> = publications.iter().map(|one| one.marker).collect();
        if names.len().min(markers.len()) < publications.len() {
            return unsupported(Capability::Indicators, "an alert definition has one indicator, in one rule");
        }
        Box::pin(async move {
            for publication in publications {
                self.draft(*publication)?;
            }
            for publication in publications {
                self.create(*publication).await?;
            }
            Ok(())
        })
    }

    fn of_marker<'a>(&'a self, publication: Publication<'a>) -> BoxFuture<'a, Result<Vec<IndicatorId>, ServiceError>> {
        Box::pin(async move {
            let ids = self.marked(publication).await.map_err(|error| said_no(Capability::Indicators, error))?;
            Ok(ids.into_iter().map(IndicatorId::from).collect())
        })
    }

    /// One that is removed through this client is none, although the service serves it on for hours.
    fn read<'a>(&'a self, id: &'a IndicatorId) -> BoxFuture<'a, Result<Option<StoredIndicator>, ServiceError>> {
        Box::pin(async move {
            let Some(rule) = self.read_rule(id.as_str()).await? else { return Ok(None) };
            Ok(understood(id.as_str(), self.indicator_of(&rule)))
        })
    }

    /// A rule whose query no indicator makes is left out, with a warning: it is none of a drill's own.
    fn list<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Vec<StoredIndicator>, ServiceError>> {
        Box::pin(async move {
            let rules = self.list_rules(query).await?;
            Ok(rules.iter().filter_map(|rule| understood(&rule.id, self.indicator_of(rule))).collect())
        })
    }

    fn change<'a>(
        &'a self,
        id: &'a IndicatorId,
        change: &'a IndicatorChange,
    ) -> BoxFuture<'a, Result<StoredIndicator, ServiceError>> {
        if change.action.is_some_and(|action| action != Action::Audit) {
            return unsupported(Capability::Indicators, "its rules do nothing but raise an alert");
        }
        if change.enabled == Some(false) {
            let why = "an indicator and its alert definition are one rule, whose one switch is the alert definition's";
            return unsupported(Capability::Indicators, why);
        }
        Box::pin(async move {
            let rule = self.change_rule(Capability::Indicators, id.as_str(), |_, indicator| {
                if let Some(kind) = change.kind {
                    indicator.kind = kind;
                }
                if let Some(function) = change.function {
                    indicator.function = function;
                }
                if let Some(value) = &change.value {
                    indicator.value.clone_from(value);
                }
                if let Some(end) = change.expires_at {
                    indicator.expires_at = end;
                }
            });
            let rule = rule.await?;
            self.indicator_of(&rule).map_err(|odd| self.not_as_sent(&format!("change detection rule {id}"), odd))
        })
    }

    fn remove<'a>(&'a self, id: &'a IndicatorId) -> BoxFuture<'a, Result<(), ServiceError>> {
        Box::pin(async move { self.delete(id.as_str()).await })
    }

    fn remove_many<'a>(&'a self, ids: &'a [IndicatorId]) -> BoxFuture<'a, Vec<Result<(), ServiceError>>> {
        Box::pin(Self::remove_many(self, ids))
    }
}
