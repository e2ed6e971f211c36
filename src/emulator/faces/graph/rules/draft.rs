//! A rule in the making: what a body says, laid over what is there.

use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::{Map, Value};

use crate::emulator::{
    faces::graph::{
        refusal::Refusal,
        rules::{
            check,
            members::{self, Word},
            old, template,
        },
    },
    knobs::graph::Knobs,
    tenant::rules::rule::{Actions, Rule, Status, Template},
};

/// Which members a rule has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Generation {
    /// Those from 2023 to 2026.
    A,
    /// Those of today.
    B,
    /// All of them.
    Both,
}

impl Generation {
    pub(super) fn has_a(self) -> bool {
        self != Self::B
    }

    pub(super) fn has_b(self) -> bool {
        self != Self::A
    }
}

/// A rule in the making: what is not there yet is none.
pub(super) struct Draft<'a> {
    pub(super) generation: Generation,
    pub(super) knobs: &'a Knobs,
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) status: Option<Word<Status>>,
    pub(super) query: Option<String>,
    pub(super) frequency: Option<SignedDuration>,
    pub(super) lookback: Option<SignedDuration>,
    pub(super) template: Option<template::Draft>,
    pub(super) actions: Actions,
}

impl<'a> Draft<'a> {
    /// Nothing yet.
    pub(super) fn new(generation: Generation, knobs: &'a Knobs) -> Self {
        Self {
            generation,
            knobs,
            name: None,
            description: None,
            status: None,
            query: None,
            frequency: None,
            lookback: None,
            template: None,
            actions: Actions::default(),
        }
    }

    /// What a rule says.
    pub(super) fn of(rule: &Rule, generation: Generation, knobs: &'a Knobs) -> Self {
        Self {
            name: Some(rule.name.clone()),
            description: rule.description.clone(),
            status: Some(Ok(rule.status)),
            query: Some(rule.query.clone()),
            frequency: Some(rule.frequency),
            lookback: rule.lookback,
            template: Some(template::Draft::of(&rule.template)),
            actions: rule.actions.clone(),
            ..Self::new(generation, knobs)
        }
    }

    /// Lays what a body says over it; `own` is the id of the rule that is changed.
    pub(super) fn lay(&mut self, body: &Map<String, Value>, own: Option<&str>) -> Result<(), Refusal> {
        for (name, value) in body {
            match name.as_str() {
                name if name.contains('@') => {}
                "id" if own.is_none() || own == value.as_str() => {}
                name if members::OWNED.contains(&name) => {
                    if own.is_some() {
                        return Err(members::read_only(name));
                    }
                }
                "displayName" => self.name = members::text(value, "DisplayName", members::NAME)?,
                "description" => self.description = members::text(value, "Description", members::TEXT)?,
                "queryCondition" => self.query_condition(value)?,
                "schedule" => self.schedule(value)?,
                "detectionAction" => self.detection_action(value)?,
                "status" if self.generation.has_b() => self.status = Some(members::status(value)?),
                "isEnabled" if self.generation.has_a() => self.status = Some(Ok(old::status(value)?)),
                _ => return Err(members::unknown(name, "detectionRule")),
            }
        }
        Ok(())
    }

    /// The id that a body gives: the first generation's are the service's own, and that of today must be given.
    pub(super) fn id(&self, body: &Map<String, Value>) -> Result<Option<String>, Refusal> {
        self.complete()?;
        match body.get("id") {
            None | Some(Value::Null) if self.generation.has_a() => Ok(None),
            _ if !self.generation.has_b() => Ok(None),
            None | Some(Value::Null) => Err(members::required("Id")),
            Some(id) => members::id(id).map(Some),
        }
    }

    /// Whether everything that is required is there.
    fn complete(&self) -> Result<(), Refusal> {
        let missing = [
            (self.name.is_none(), "DisplayName"),
            (self.status.is_none(), if self.generation.has_b() { "Status" } else { "IsEnabled" }),
            (self.query.is_none(), "QueryText"),
            (self.frequency.is_none(), if self.generation.has_b() { "Frequency" } else { "Period" }),
            (self.template.is_none(), "AlertTemplate"),
        ];
        match missing.iter().find(|(missing, _)| *missing) {
            Some((_, name)) => Err(members::required(name)),
            None => self.template.as_ref().map_or(Ok(()), |template| template.complete(self.generation)),
        }
    }

    /// The rule, checked.
    pub(super) fn rule(self, id: String) -> Result<Rule, Refusal> {
        self.complete()?;
        let (Some(name), Some(status), Some(query), Some(frequency), Some(draft)) =
            (self.name, self.status, self.query, self.frequency, self.template)
        else {
            return Err(members::required("DetectionRule"));
        };
        let status = status?;
        members::spans(frequency, self.lookback, self.knobs)?;
        let template: Template = draft.template(self.generation)?;
        let compiled = check::query(&query, frequency.is_zero())?;
        check::columns(&template, &compiled)?;
        check::entities(&template, self.generation)?;
        check::words(&template, self.knobs)?;
        let compiled = Arc::new(compiled);
        let (description, lookback, actions) = (self.description, self.lookback, self.actions);
        Ok(Rule { id, name, description, status, query, compiled, frequency, lookback, template, actions })
    }

    fn query_condition(&mut self, value: &Value) -> Result<(), Refusal> {
        for (name, value) in members::object(value, "QueryCondition")? {
            match name.as_str() {
                name if name.contains('@') => {}
                "queryText" => self.query = members::text(value, "QueryText", members::QUERY)?,
                // The service writes when it was changed, and takes it back.
                "lastModifiedDateTime" if self.generation.has_a() => {}
                _ => return Err(members::unknown(name, "queryCondition")),
            }
        }
        Ok(())
    }

    fn schedule(&mut self, value: &Value) -> Result<(), Refusal> {
        for (name, value) in members::object(value, "Schedule")? {
            match name.as_str() {
                name if name.contains('@') => {}
                "frequency" if self.generation.has_b() => self.frequency = Some(members::span(value, "Frequency")?),
                "lookback" if self.generation.has_b() => {
                    self.lookback = if value.is_null() { None } else { Some(members::span(value, "Lookback")?) };
                }
                "period" if self.generation.has_a() => self.frequency = Some(old::period(value)?),
                "nextRunDateTime" if self.generation.has_a() => {}
                _ => return Err(members::unknown(name, "ruleSchedule")),
            }
        }
        Ok(())
    }

    fn detection_action(&mut self, value: &Value) -> Result<(), Refusal> {
        for (name, value) in members::object(value, "DetectionAction")? {
            match name.as_str() {
                name if name.contains('@') => {}
                "alertTemplate" => {
                    let draft = self.template.get_or_insert_with(template::Draft::default);
                    draft.lay(members::object(value, "AlertTemplate")?, self.generation)?;
                }
                "automatedActions" if self.generation.has_b() => {
                    self.actions.automated_actions = members::automated_actions(value)?;
                }
                "responseActions" if self.generation.has_a() => {
                    self.actions.response_actions = Some(old::response_actions(value)?);
                }
                "organizationalScope" => {
                    self.actions.organizational_scope = members::scope(value, self.knobs)?;
                }
                "incidentConfiguration" if self.generation.has_b() => {
                    self.actions.incident_configuration = members::kept_object(value, "IncidentConfiguration")?;
                }
                _ => return Err(members::unknown(name, "detectionAction")),
            }
        }
        Ok(())
    }
}
