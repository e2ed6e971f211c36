//! Which keys are the drill's own. Those that this process was answered with are; those that another wrote down the tenant is
//! asked about, before anything under them is changed, removed or published.

use std::{collections::HashSet, fmt::Display};

use crate::{
    record::failure::{Code, Failure},
    services::{
        definitions::{DefinitionId, Form},
        indicators::IndicatorId,
    },
    world::{
        World,
        alarm::{Alarm, Role},
        trouble,
    },
};

impl World {
    /// The key of the indicator of `role`; none where nothing of it is there any more.
    pub(super) async fn own_indicator(&self, role: Role) -> Result<Option<IndicatorId>, Failure> {
        let alarm = self.alarm(role)?;
        let id = alarm.placed()?.id.clone();
        if !self.goes_on {
            return Ok(Some(id));
        }
        let own = self.indicators_of(alarm).await?;
        known("indicator", id, &own)
    }

    /// The key of the alert definition of `role`; none where nothing of it is there any more.
    pub(super) async fn own_definition(&self, role: Role) -> Result<Option<DefinitionId>, Failure> {
        let alarm = self.alarm(role)?;
        let id = alarm.published()?.id.clone();
        if !self.goes_on {
            return Ok(Some(id));
        }
        let own = match self.lab().definitions.form() {
            Form::Apart => self.definitions_of(alarm).await?,
            Form::WithIndicator => {
                let own = self.indicators_of(alarm).await?;
                own.into_iter().map(|id| id.as_str().to_owned().into()).collect()
            }
        };
        known("alert definition", id, &own)
    }

    /// The key of the indicator of `role`, which is there to be changed.
    pub(super) async fn indicator_there(&self, role: Role) -> Result<IndicatorId, Failure> {
        self.own_indicator(role).await?.ok_or_else(|| gone("indicator"))
    }

    /// The key of the alert definition of `role`, which is there to be changed or published under.
    pub(super) async fn definition_there(&self, role: Role) -> Result<DefinitionId, Failure> {
        self.own_definition(role).await?.ok_or_else(|| gone("alert definition"))
    }

    async fn indicators_of(&self, alarm: &Alarm) -> Result<Vec<IndicatorId>, Failure> {
        let own = self.lab().indicators.of_marker(alarm.draft().publication(None)).await;
        own.map_err(|error| trouble::of(&error, Code::NotPublished))
    }

    async fn definitions_of(&self, alarm: &Alarm) -> Result<Vec<DefinitionId>, Failure> {
        let signed = self.lab().definitions.signed(&HashSet::from([alarm.marker.clone()])).await;
        let signed = signed.map_err(|error| trouble::of(&error, Code::NotPublished))?;
        Ok(signed.into_iter().filter(|signed| signed.marker == alarm.marker).map(|signed| signed.id).collect())
    }
}

/// What stands under another key than the tenant says is somebody else's.
fn known<T: PartialEq + Display>(what: &str, id: T, own: &[T]) -> Result<Option<T>, Failure> {
    match own {
        [] => Ok(None),
        own if own.contains(&id) => Ok(Some(id)),
        _ => {
            let why = format!("armed.json says that the {what} {id} is this drill's, and it does not bear its marker");
            Err(Failure::new(Code::NotPublished, why)
                .hint("leave armed.json as `run --detach` wrote it; what bears the marker is cleaned up all the same"))
        }
    }
}

/// What is said where there is nothing any more to change.
fn gone(what: &str) -> Failure {
    Failure::new(Code::NotPublished, format!("the tenant holds the {what} of this drill no more"))
        .hint("collect sooner, or arm it with a longer --collect-within")
}
