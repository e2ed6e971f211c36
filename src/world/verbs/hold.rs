//! What the tenant holds, against what was published.

use crate::{
    domain::{alert_definition::AlertDefinition, indicator::Indicator},
    record::{
        chain::Link,
        failure::{Code, Failure},
        held::Held,
    },
    services::{
        definitions::{DefinitionId, Query, StoredDefinition},
        indicators::StoredIndicator,
    },
    world::{World, alarm::Role, trouble},
};

impl World {
    /// The tenant holds the definition of `role`, every field as published.
    pub async fn holds_definition(&mut self, role: Role) -> Result<(), Failure> {
        let from = self.clock().now();
        let outcome = self.read_back_definition(role).await;
        self.attest(Link::Published, from, outcome)
    }

    async fn read_back_definition(&mut self, role: Role) -> Result<String, Failure> {
        let alarm = self.alarm(role)?;
        let (asked, id) = (alarm.definition.clone(), alarm.published()?.id.clone());
        let what = format!("alert definition {id}");
        let stored = self.read_definition(&id).await?.ok_or_else(|| missing(&what))?;
        let keeps = self.lab().definitions.keeps();
        same(&what, &definition_fields(&asked, keeps), &definition_fields(&stored.definition, keeps))?;
        Ok(format!("{what} read back as published"))
    }

    /// The tenant holds the indicator of `role`, every field as published.
    pub async fn holds_indicator(&mut self, role: Role) -> Result<(), Failure> {
        let from = self.clock().now();
        let outcome = self.read_back_indicator(role).await;
        self.attest(Link::Published, from, outcome)
    }

    async fn read_back_indicator(&mut self, role: Role) -> Result<String, Failure> {
        let alarm = self.alarm(role)?;
        let (asked, id) = (alarm.indicator.clone(), alarm.placed()?.id.clone());
        let what = format!("indicator {id}");
        let stored = self.read_indicator(role).await?.ok_or_else(|| missing(&what))?;
        let keeps = self.lab().indicators.keeps();
        same(&what, &indicator_fields(&asked, keeps), &indicator_fields(&stored.indicator, keeps))?;
        Ok(format!("{what} read back as published"))
    }

    /// The tenant still holds both parts of the alarm of `role`, as published.
    pub(super) async fn still_holds(&mut self, role: Role) -> Result<(), Failure> {
        if self.is_gone {
            return Err(Failure::new(
                Code::NotPublished,
                "what the drill had published was removed, or ended, before it was judged",
            )
            .hint(
                "collect what is armed in time, and before it is swept; what a killed collection cleaned up cannot be judged again",
            ));
        }
        if self.alarm(role)?.stored_definition.is_some() {
            self.holds_definition(role).await?;
        }
        if self.alarm(role)?.stored_indicator.is_some() {
            self.holds_indicator(role).await?;
        }
        Ok(())
    }

    /// The tenant holds the definition of `role` no more.
    pub async fn holds_no_definition(&mut self, role: Role) -> Result<(), Failure> {
        let id = self.alarm(role)?.published()?.id.clone();
        match self.read_definition(&id).await? {
            None => Ok(()),
            Some(_) => Err(still_there(&format!("alert definition {id}"))),
        }
    }

    /// The tenant holds the indicator of `role` no more.
    pub async fn holds_no_indicator(&mut self, role: Role) -> Result<(), Failure> {
        let id = self.alarm(role)?.placed()?.id.clone();
        match self.read_indicator(role).await? {
            None => Ok(()),
            Some(_) => Err(still_there(&format!("indicator {id}"))),
        }
    }

    /// The tenant holds `count` alert definitions in all.
    pub async fn holds_definitions(&mut self, count: usize) -> Result<(), Failure> {
        let held = self.lab().definitions.list(&Query::default()).await;
        let held = held.map_err(|error| trouble::of(&error, Code::NotPublished))?.len();
        same_count("alert definitions", count, held)
    }

    /// The tenant holds `count` indicators in all.
    pub async fn holds_indicators(&mut self, count: usize) -> Result<(), Failure> {
        let held = self.lab().indicators.list(&Query::default()).await;
        let held = held.map_err(|error| trouble::of(&error, Code::NotPublished))?.len();
        same_count("indicators", count, held)
    }

    /// The tenant finds the definition of `role` by `filter`, in OData's words, and nothing that is not it.
    pub async fn finds_definition(&mut self, role: Role, filter: &str) -> Result<(), Failure> {
        let id = self.alarm(role)?.published()?.id.clone();
        let query = Query { filter: Some(self.marker_of(role).fill(filter)), ..Query::default() };
        let found = self.lab().definitions.list(&query).await;
        let found = found.map_err(|error| trouble::of(&error, Code::ServiceError))?;
        let ids: Vec<_> = found.iter().map(|stored| stored.id.clone()).collect();
        if ids.iter().eq([&id]) {
            return Ok(());
        }
        Err(Failure::new(Code::NotPublished, "the tenant does not find the alert definition by the filter")
            .expected(format!("alert definition {id} alone"))
            .saw(format!("{:?}", ids.iter().map(ToString::to_string).collect::<Vec<_>>())))
    }

    async fn read_definition(&self, id: &DefinitionId) -> Result<Option<StoredDefinition>, Failure> {
        let read = self.lab().definitions.read(id).await;
        read.map_err(|error| trouble::of(&error, Code::ServiceError))
    }

    async fn read_indicator(&self, role: Role) -> Result<Option<StoredIndicator>, Failure> {
        let id = self.alarm(role)?.placed()?.id.clone();
        let read = self.lab().indicators.read(&id).await;
        let read = read.map_err(|error| trouble::of(&error, Code::ServiceError))?;
        if let Some(stored) = &read {
            self.note_indicator(stored);
        }
        Ok(read)
    }

    /// Writes down all that the service says of an indicator of the drill's own.
    pub(super) fn note_indicator(&self, stored: &StoredIndicator) {
        if let Some(original) = &stored.original {
            self.note_held(&format!("indicator {}", stored.id), original);
        }
    }

    /// Writes down `what` the tenant holds, unless it was told the same before.
    pub(super) fn note_held(&self, what: &str, original: &str) {
        let held = Held::new(what, original);
        self.recorder.note(|notes| {
            if !notes.held.contains(&held) {
                notes.held.push(held);
            }
        });
    }
}

type Fields = Vec<(&'static str, String)>;

/// The fields of `definition` that a service keeps.
fn definition_fields(definition: &AlertDefinition, keeps: &[&str]) -> Fields {
    let fields = vec![
        ("name", definition.name.clone()),
        ("severity", definition.severity.to_string()),
        ("internal description", definition.internal_description.clone()),
        ("title", definition.title.clone()),
        ("description", definition.ux_description.clone()),
        ("recommended action", definition.recommended_action.clone().unwrap_or_default()),
        ("category", definition.category.clone()),
        ("enabled", definition.enabled.to_string()),
    ];
    fields.into_iter().filter(|(field, _)| keeps.contains(field)).collect()
}

/// The fields of `indicator` that a service keeps.
fn indicator_fields(indicator: &Indicator, keeps: &[&str]) -> Fields {
    let fields = vec![
        ("type", indicator.kind.to_string()),
        ("function", indicator.function.to_string()),
        ("value", indicator.value.clone()),
        ("action", indicator.action.to_string()),
        ("enabled", indicator.enabled.to_string()),
        ("expires in", indicator.expires_at.map_or_else(|| "never".into(), |at| at.to_string())),
    ];
    fields.into_iter().filter(|(field, _)| keeps.contains(field)).collect()
}

fn missing(what: &str) -> Failure {
    Failure::new(Code::NotPublished, format!("the tenant holds no {what}"))
        .expected("it, as published")
        .saw("none")
        .hint("look in the tenant's audit log whether it ended, or who removed it")
}

fn same(what: &str, asked: &Fields, held: &Fields) -> Result<(), Failure> {
    let differing = asked.iter().zip(held).filter(|(asked, held)| asked != held);
    let (expected, saw): (Vec<_>, Vec<_>) = differing
        .map(|(asked, held)| (format!("{} `{}`", asked.0, asked.1), format!("{} `{}`", held.0, held.1)))
        .unzip();
    if expected.is_empty() {
        return Ok(());
    }
    Err(Failure::new(Code::NotPublished, format!("{what} is not held as published"))
        .expected(expected.join(", "))
        .saw(saw.join(", "))
        .hint("look in the tenant's audit log who changed it: somebody else may have published the same"))
}

fn same_count(what: &str, expected: usize, held: usize) -> Result<(), Failure> {
    if expected == held {
        return Ok(());
    }
    Err(Failure::new(Code::NotPublished, format!("the tenant does not hold {expected} {what}"))
        .expected(expected.to_string())
        .saw(held.to_string()))
}

fn still_there(what: &str) -> Failure {
    Failure::new(Code::NotPublished, format!("the tenant still holds {what}, which was removed"))
}
