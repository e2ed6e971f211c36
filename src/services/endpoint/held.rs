//! What the service holds: finding it, telling it, and sending it again otherwise.

use std::collections::HashSet;

use serde_json::Value;

use crate::{
    domain::{
        indicator::{Function, Indicator},
        marker::Marker,
    },
    services::{
        definitions::{DefinitionId, Query, Signed, StoredDefinition},
        endpoint::{
            Endpoint,
            asked::{Both, Spelling},
            quotas::Calls,
            refusals::{not_one, not_there, read, said_no},
            sets::Ask,
            wire::{self, NewIndicator, as_spelt},
        },
        error::{Capability, ServiceError},
        indicators::{IndicatorId, StoredIndicator},
    },
    transport::{
        call::{Call, Reply},
        decode::Odd,
        error::TransportError,
    },
};

pub(super) const SET: &str = "indicators";

/// Whose calls these are: a drill's, or those that clean up after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum For {
    Drill,
    CleanUp,
}

impl Endpoint {
    /// The indicators that `query` asks for.
    pub(super) async fn indicators(
        &self,
        query: &Query,
        purpose: &str,
        whose: For,
    ) -> Result<Vec<wire::Indicator>, ServiceError> {
        let clean_up = whose == For::CleanUp;
        let (calls, most) = (Calls::ListIndicators, query.top);
        self.told(&Ask { calls, set: SET, query, expand: None, purpose, most, clean_up, shared: None }).await
    }

    /// The indicators that `ask` asks for.
    pub(super) async fn told(&self, ask: &Ask<'_>) -> Result<Vec<wire::Indicator>, ServiceError> {
        let set = self.set(ask).await?;
        Ok(set.into_iter().map(|(one, original): (wire::Indicator, _)| one.told_as(original)).collect())
    }

    /// The indicators of this value, as it is sent.
    pub(super) async fn of_value(
        &self,
        value: &str,
        purpose: &str,
        whose: For,
    ) -> Result<Vec<wire::Indicator>, ServiceError> {
        let mut found = self.indicators(&Query::where_equals("indicatorValue", value), purpose, whose).await?;
        // A service that does not know the filter answers with everything.
        found.retain(|one| one.value.eq_ignore_ascii_case(value));
        Ok(found)
    }

    /// The indicator of this key. One that this program published is found by its value, in one call; for any other
    /// the whole set is read, which is what it costs where neither a key nor a filter leads to it.
    pub(super) async fn find(&self, id: &str, purpose: &str) -> Result<Option<wire::Indicator>, ServiceError> {
        let value = self.asked().get(id).map(|both| both.held.value.clone());
        let among = match value {
            Some(value) => self.of_value(&value, purpose, For::Drill).await?,
            None => self.indicators(&Query::default(), purpose, For::Drill).await?,
        };
        Ok(among.into_iter().find(|one| one.id == id))
    }

    /// Sends an indicator, to be created or updated as the service finds; to send it twice makes one all the same.
    pub(super) async fn submit(
        &self,
        new: &NewIndicator,
        purpose: &str,
    ) -> Result<(wire::Indicator, Reply), ServiceError> {
        let call = Call::post(self.at(SET)).json(new).purpose(purpose).repeatable();
        let reply = self.call(Calls::SubmitIndicator, call).await?;
        if !reply.body().iter().all(u8::is_ascii_whitespace) {
            let held: wire::Indicator = read(&reply)?;
            let original: Value = read(&reply)?;
            return Ok((held.told_as(original.to_string().into()), reply));
        }
        // Documented is the entity; a sister call answers 204 where 200 is documented.
        let same = |one: &wire::Indicator| is_same_key(one, new) && one.external_id == new.external_id;
        let found = self.of_value(&new.indicator_value, purpose, For::Drill).await?.into_iter().find(same);
        match found {
            Some(found) => Ok((found, reply)),
            None => Err(reply.malformed(Odd::new(".", "the indicator as it is held", "none")).into()),
        }
    }

    /// Sends `new` in place of the indicator of the key `id`. Where the service makes another of it, the one before is
    /// removed; if that fails, the other is, so that there are never two.
    pub(super) async fn replace(
        &self,
        id: &str,
        new: &NewIndicator,
        purpose: &str,
    ) -> Result<(wire::Indicator, Reply), ServiceError> {
        let (held, reply) = self.submit(new, purpose).await?;
        if held.id != id
            && let Err(error) = self.remove_by_key(id).await
        {
            if let Err(still) = self.remove_by_key(&held.id).await {
                tracing::warn!(id = held.id, "indicator {} stays beside indicator {id}: {still}", held.id);
            }
            return Err(error);
        }
        Ok((held, reply))
    }

    /// Removes the indicator of this key. That it is gone already is success.
    pub(super) async fn remove_by_key(&self, id: &str) -> Result<(), ServiceError> {
        let url = self.one_of(Capability::Indicators, SET, id)?;
        let call = Call::delete(url).purpose(format!("remove indicator {id}")).clean_up();
        match self.raw(Calls::RemoveIndicator, call).await {
            Ok(reply) => reply.acknowledged()?,
            Err(error) if not_there(&error) => {}
            Err(error) => return Err(said_no(error)),
        }
        self.asked().forget(id);
        Ok(())
    }

    /// The indicator of this key, to be changed.
    pub(super) async fn to_change(&self, id: &str, purpose: &str) -> Result<NewIndicator, ServiceError> {
        let found = self.find(id, purpose).await?;
        let found = found.ok_or_else(|| not_one(purpose.into(), "no indicator of the tenant has this key"))?;
        found.again().map_err(|Odd { path, saw, .. }| ServiceError::Unsupported {
            what: Capability::Indicators,
            why: format!("the {path} of indicator {id} is {saw}, which could not be sent again"),
        })
    }

    /// That to publish `new` would write over nothing but what is `ours`: the service keeps one indicator of a value,
    /// a type and an action, and updates it, whoever made it.
    pub(super) async fn is_free(
        &self,
        new: &NewIndicator,
        ours: impl Fn(&wire::Indicator) -> bool,
    ) -> Result<(), ServiceError> {
        let purpose = "see whether an indicator of the same value is there already";
        let held = self.of_value(&new.indicator_value, purpose, For::Drill).await?;
        taken_by(&held, new, ours)
    }

    /// That an entity which was found is not what was documented.
    pub(super) fn malformed(&self, purpose: String, odd: Odd) -> ServiceError {
        let Odd { path, expected, saw } = odd;
        let host = Call::get(self.api.clone()).host();
        TransportError::Malformed { purpose, host, path, expected, saw }.into()
    }

    /// An indicator in our words and on our clock.
    pub(super) fn told_indicator(&self, held: &wire::Indicator) -> Result<StoredIndicator, Odd> {
        let now = Spelling { value: held.value.clone(), expires_at: held.expiration_time };
        let on_our_clock = now.expires_at.map(|at| self.to_ours(at));
        let told = match self.asked().get(&held.id) {
            Some(both) => both.told(&now, on_our_clock),
            None => Spelling { expires_at: on_our_clock, ..now },
        };
        Ok(StoredIndicator {
            id: IndicatorId::from(held.id.clone()),
            indicator: Indicator {
                kind: held.kind()?,
                value: told.value,
                function: Function::Equals,
                action: held.action()?,
                expires_at: told.expires_at,
                enabled: true,
            },
            created_at: self.to_ours(held.created_at()?),
            created_by: held.created_by.clone(),
            last_modified_at: held.changed_at().map(|at| self.to_ours(at)),
            last_modified_by: held.last_updated_by.clone(),
            original: held.original.clone(),
        })
    }

    /// The definition that is kept with an indicator, under the same key.
    pub(super) fn told_definition(&self, held: &wire::Indicator) -> Result<StoredDefinition, Odd> {
        Ok(StoredDefinition {
            id: DefinitionId::from(held.id.clone()),
            definition: held.definition()?,
            created_at: self.to_ours(held.created_at()?),
            created_by: held.created_by.clone(),
            last_modified_at: held.changed_at().map(|at| self.to_ours(at)),
            last_modified_by: held.last_updated_by.clone(),
        })
    }

    /// An indicator that carries the mark of a drill; `None` is that it carries none.
    pub(super) fn told_signed(&self, held: wire::Indicator, known: &HashSet<Marker>) -> Option<Signed> {
        let (by_id, in_text) = (held.external_id.as_deref().and_then(Marker::parse), Marker::signed(&held.description));
        let one_known = [&by_id, &in_text].into_iter().flatten().find(|marker| known.contains(*marker)).cloned();
        let marker = one_known.or_else(|| mark(&held))?;
        Some(Signed {
            marker,
            created_at: held.created_at().ok().map(|at| self.to_ours(at)),
            id: DefinitionId::from(held.id),
            title: held.title,
            created_by: held.created_by,
        })
    }

    /// Keeps in which words `asked` was asked for of what is `held`.
    pub(super) fn keep(&self, held: &wire::Indicator, asked: Spelling) {
        let held_as = Spelling { value: held.value.clone(), expires_at: held.expiration_time };
        self.asked().keep(&held.id, Both { held: held_as, asked });
    }
}

/// Whether `held` is what the service would update when it is sent `new`. Whether the device groups count as well is
/// not recorded; that they do not is assumed, for then nothing of anybody's is written over.
pub(super) fn is_same_key(held: &wire::Indicator, new: &NewIndicator) -> bool {
    held.value.eq_ignore_ascii_case(&new.indicator_value)
        && held.kind.eq_ignore_ascii_case(as_spelt(new.indicator_type))
        && held.action.eq_ignore_ascii_case(new.action.as_str())
}

/// That none of `held` that is not `ours` has the place of `new`.
pub(super) fn taken_by(
    held: &[wire::Indicator],
    new: &NewIndicator,
    ours: impl Fn(&wire::Indicator) -> bool,
) -> Result<(), ServiceError> {
    match held.iter().find(|one| is_same_key(one, new) && !ours(one)) {
        None => Ok(()),
        Some(one) => Err(ServiceError::Occupied {
            holder: mark(one),
            why: format!(
                "the service keeps one indicator of a value, a type and an action, and indicator {} has `{}` with {} already",
                one.id, one.value, new.action
            ),
        }),
    }
}

/// The mark of the drill that made `held`: in its description, and in one place more, for anybody may quote one.
fn mark(held: &wire::Indicator) -> Option<Marker> {
    let by_id = held.external_id.as_deref().and_then(Marker::parse);
    let is_meant = |marker: &Marker| {
        by_id.as_ref() == Some(marker) || marker.ends(&held.title) || held.value.contains(marker.as_str())
    };
    Marker::signed(&held.description).filter(is_meant)
}

/// Whether `held` was published with `marker`.
pub(super) fn carries(held: &wire::Indicator, marker: &Marker) -> bool {
    held.external_id.as_deref() == Some(marker.as_str()) || marker.is_in(&held.description)
}

/// What is understood; of what is not, a warning.
pub(super) fn known<T>(id: &str, told: Result<T, Odd>) -> Option<T> {
    match told {
        Ok(entity) => Some(entity),
        Err(Odd { path, saw, .. }) => {
            tracing::warn!(
                id,
                path,
                saw,
                "indicator {id} of the tenant is left out: its {path} is {saw}, which is not known"
            );
            None
        }
    }
}
