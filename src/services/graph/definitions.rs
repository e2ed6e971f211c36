//! Alert definitions: the texts of detection rules.

use std::collections::HashSet;

use futures::future::BoxFuture;
use jiff::SignedDuration;

use crate::{
    domain::marker::Marker,
    services::{
        definitions::{DefinitionChange, DefinitionId, Definitions, Form, Query, Signed, StoredDefinition},
        error::{Capability, ServiceError},
        graph::{Generation, Graph, held::Known, limits::Family},
    },
};

impl Definitions for Graph {
    fn form(&self) -> Form {
        Form::WithIndicator
    }

    /// Of a category only the tactic is kept that stands for it, and the older generation has no place for what is not
    /// for the reader of an alert.
    fn keeps(&self) -> &'static [&'static str] {
        match self.generation {
            Generation::A => &["name", "severity", "title", "description", "recommended action", "enabled"],
            Generation::B => {
                &["name", "severity", "internal description", "title", "description", "recommended action", "enabled"]
            }
        }
    }

    /// A rule whose alert title another rule has is refused (security-investigator, 2026-02).
    fn shares_titles(&self) -> bool {
        false
    }

    fn ahead(&self) -> SignedDuration {
        self.ways.of(Family::Alerts).ahead()
    }

    fn access(&self) -> BoxFuture<'_, Result<(), ServiceError>> {
        Box::pin(self.first_rule())
    }

    /// One that is removed through this client is none, although the service serves it on for hours.
    fn read<'a>(&'a self, id: &'a DefinitionId) -> BoxFuture<'a, Result<Option<StoredDefinition>, ServiceError>> {
        Box::pin(async move { Ok(self.read_rule(id.as_str()).await?.map(Known::definition)) })
    }

    /// Every rule is an alert definition, whoever wrote it.
    fn list<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Vec<StoredDefinition>, ServiceError>> {
        Box::pin(async move {
            let rules = self.list_rules(query).await?;
            Ok(rules.into_iter().map(Known::definition).collect())
        })
    }

    /// A rule carries the mark in the key that we chose, or in the description of its alerts and its name.
    fn signed<'a>(&'a self, known: &'a HashSet<Marker>) -> BoxFuture<'a, Result<Vec<Signed>, ServiceError>> {
        Box::pin(self.signed_rules(known))
    }

    fn change<'a>(
        &'a self,
        id: &'a DefinitionId,
        change: &'a DefinitionChange,
    ) -> BoxFuture<'a, Result<StoredDefinition, ServiceError>> {
        Box::pin(async move {
            let change = change.clone();
            let rule = self.change_rule(Capability::Definitions, id.as_str(), |definition, _| {
                let DefinitionChange { name, severity, internal_description, title, ux_description, .. } = change;
                set(&mut definition.name, name);
                set(&mut definition.severity, severity);
                set(&mut definition.internal_description, internal_description);
                set(&mut definition.title, title);
                set(&mut definition.ux_description, ux_description);
                set(&mut definition.recommended_action, change.recommended_action);
                set(&mut definition.category, change.category);
                set(&mut definition.enabled, change.enabled);
            });
            Ok(rule.await?.definition())
        })
    }

    fn remove<'a>(&'a self, id: &'a DefinitionId) -> BoxFuture<'a, Result<(), ServiceError>> {
        Box::pin(async move { self.delete(id.as_str()).await })
    }
}

fn set<T>(field: &mut T, to: Option<T>) {
    if let Some(to) = to {
        *field = to;
    }
}
