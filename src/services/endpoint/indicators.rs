//! Indicators: the set `indicators`. A definition goes out with its indicator, and is its texts.

use futures::future::BoxFuture;

use crate::{
    domain::indicator::{Function, Indicator},
    services::{
        definitions::Query,
        endpoint::{
            Endpoint,
            asked::Spelling,
            bulk::AT_ONCE,
            held::{For, carries, known},
            values::{as_sent, has_a_hidden_path},
            wire::{self, NewIndicator, category_number, raises_alerts},
        },
        error::{Capability, ServiceError},
        indicators::{AtOnce, IndicatorChange, IndicatorId, Indicators, Publication, Published, StoredIndicator},
    },
};

impl Indicators for Endpoint {
    /// Function and "enabled" are none of the service's: everything that it holds is equal, and in force.
    fn keeps(&self) -> &'static [&'static str] {
        &["type", "value", "action", "expires in"]
    }

    fn keeps_one_of_a_value(&self) -> bool {
        true
    }

    fn publish<'a>(&'a self, publication: Publication<'a>) -> BoxFuture<'a, Result<Published, ServiceError>> {
        Box::pin(async move { self.publish_one(publication).await })
    }

    fn at_once(&self) -> AtOnce {
        AtOnce { published: AT_ONCE, removed: AT_ONCE }
    }

    fn publish_many<'a>(
        &'a self,
        publications: &'a [Publication<'a>],
    ) -> BoxFuture<'a, Vec<Result<Published, ServiceError>>> {
        Box::pin(async move { self.publish_together(publications).await })
    }

    /// Whoever is refused is named; the others are kept, and found by their markers.
    fn publish_all<'a>(&'a self, publications: &'a [Publication<'a>]) -> BoxFuture<'a, Result<(), ServiceError>> {
        Box::pin(async move { self.import_all(publications).await })
    }

    /// What has the publication's value and carries its marker, as external id or at the end of its description.
    fn of_marker<'a>(&'a self, publication: Publication<'a>) -> BoxFuture<'a, Result<Vec<IndicatorId>, ServiceError>> {
        Box::pin(async move {
            let Publication { indicator, marker, .. } = publication;
            // What could not be sent is not there.
            let Ok(value) = as_sent(indicator.kind, &indicator.value) else { return Ok(Vec::new()) };
            let purpose = format!("find the indicators that carry the marker {marker}");
            let found = self.of_value(&value, &purpose, For::CleanUp).await?;
            Ok(found.into_iter().filter(|one| carries(one, marker)).map(|one| IndicatorId::from(one.id)).collect())
        })
    }

    fn read<'a>(&'a self, id: &'a IndicatorId) -> BoxFuture<'a, Result<Option<StoredIndicator>, ServiceError>> {
        Box::pin(async move {
            let purpose = format!("read indicator {id}");
            let found = self.find(id.as_str(), &purpose).await?;
            found.map(|held| self.told_indicator(&held)).transpose().map_err(|odd| self.malformed(purpose, odd))
        })
    }

    /// An indicator with a type or an action that is not known (`WebCategory`, `AlertAndBlock` of old) is left out, with
    /// a warning: it is none of a drill's own.
    fn list<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Vec<StoredIndicator>, ServiceError>> {
        Box::pin(async move {
            let set = self.indicators(query, "list indicators", For::Drill).await?;
            Ok(set.iter().filter_map(|held| known(&held.id, self.told_indicator(held))).collect())
        })
    }

    /// The service has no change: what is sent with the same value, type and action is updated. With another of these
    /// it is made anew under another key, and the one before is removed.
    fn change<'a>(
        &'a self,
        id: &'a IndicatorId,
        change: &'a IndicatorChange,
    ) -> BoxFuture<'a, Result<StoredIndicator, ServiceError>> {
        Box::pin(async move {
            check_change(change)?;
            let purpose = format!("change indicator {id}");
            let before = self.to_change(id.as_str(), &purpose).await?;
            let new = self.changed(&before, change)?;
            if (&new.indicator_value, new.indicator_type, new.action)
                != (&before.indicator_value, before.indicator_type, before.action)
                && !new.external_id.as_deref().is_some_and(|marker| is_minted(&new, marker))
            {
                self.is_free(&new, |held| held.external_id.is_some() && held.external_id == new.external_id).await?;
            }
            let asked = self.asked_after(id, &before, change);
            let (held, reply) = self.replace(id.as_str(), &new, &purpose).await?;
            self.keep(&held, asked);
            Ok(self.told_indicator(&held).map_err(|odd| reply.malformed(odd))?)
        })
    }

    fn remove<'a>(&'a self, id: &'a IndicatorId) -> BoxFuture<'a, Result<(), ServiceError>> {
        Box::pin(async move { self.remove_by_key(id.as_str()).await })
    }

    fn remove_many<'a>(&'a self, ids: &'a [IndicatorId]) -> BoxFuture<'a, Vec<Result<(), ServiceError>>> {
        Box::pin(async move {
            match ids {
                [one] => vec![self.remove_by_key(one.as_str()).await],
                several => self.remove_together(several).await,
            }
        })
    }
}

/// What a call is for that makes an indicator.
pub(super) const CREATE: &str = "create an indicator";

impl Endpoint {
    pub(super) async fn publish_one(&self, publication: Publication<'_>) -> Result<Published, ServiceError> {
        let knew_the_clock = self.transport.clocks_compared();
        let new = self.new_one(publication)?;
        if !is_minted(&new, publication.marker.as_str()) {
            self.is_free(&new, |held| carries(held, publication.marker)).await?;
        }
        let mut sent = self.submit(&new, CREATE).await;
        let refused = matches!(sent, Err(ServiceError::Rejected { status: 400, .. }));
        if refused && !knew_the_clock && !self.transport.ahead().is_zero() {
            // The refusal may be of an expiry that is past by a clock which no answer had told before.
            sent = self.submit(&self.new_one(publication)?, CREATE).await;
        }
        let (held, _) = sent?;
        self.published(&held, publication, CREATE)
    }

    /// What is `held` of `publication`, as an answer to `purpose` told, in the words of whoever asked.
    pub(super) fn published(
        &self,
        held: &wire::Indicator,
        publication: Publication<'_>,
        purpose: &str,
    ) -> Result<Published, ServiceError> {
        self.keep(held, spelling_of(publication.indicator));
        let odd = |odd| self.malformed(purpose.into(), odd);
        let indicator = self.told_indicator(held).map_err(odd)?;
        Ok(Published { indicator, definition: Some(self.told_definition(held).map_err(odd)?) })
    }

    /// What is sent of `publication`.
    pub(super) fn new_one(&self, publication: Publication<'_>) -> Result<NewIndicator, ServiceError> {
        let Publication { indicator, definition, under, marker } = publication;
        if under.is_some() {
            return Err(lack("it keeps an indicator and its alert definition as one thing"));
        }
        check_form(indicator.function, indicator.enabled)?;
        if !definition.enabled {
            return Err(disabled(Capability::Definitions));
        }
        let indicator_value = as_sent(indicator.kind, &indicator.value).map_err(lack)?;
        if has_a_hidden_path(indicator.kind, &indicator_value) {
            tracing::warn!("of an encrypted page only Edge sees the path: nothing else will meet `{indicator_value}`");
        }
        Ok(NewIndicator {
            indicator_value,
            indicator_type: indicator.kind,
            action: indicator.action,
            application: None,
            title: definition.title.clone(),
            description: definition.ux_description.clone(),
            expiration_time: indicator.expires_at.map(|at| self.to_theirs(at)),
            severity: definition.severity,
            recommended_actions: definition.recommended_action.clone(),
            rbac_group_names: Vec::new(),
            educate_url: None,
            generate_alert: raises_alerts(indicator.action),
            external_id: Some(marker.as_str().into()),
            category: category_number(&definition.category),
            mitre_techniques: Vec::new(),
        })
    }

    /// `before` with what `change` says.
    fn changed(&self, before: &NewIndicator, change: &IndicatorChange) -> Result<NewIndicator, ServiceError> {
        let indicator_type = change.kind.unwrap_or(before.indicator_type);
        let action = change.action.unwrap_or(before.action);
        let value = change.value.as_ref().unwrap_or(&before.indicator_value);
        let stays = indicator_type == before.indicator_type && *value == before.indicator_value;
        Ok(NewIndicator {
            // What the service holds is spelt as it holds it, or it would be another.
            indicator_value: if stays { value.clone() } else { as_sent(indicator_type, value).map_err(lack)? },
            indicator_type,
            action,
            expiration_time: match change.expires_at {
                Some(expires_at) => expires_at.map(|at| self.to_theirs(at)),
                None => before.expiration_time,
            },
            generate_alert: raises_alerts(action),
            ..before.clone()
        })
    }

    /// In which words the value and the expiry were asked for, after `change`.
    fn asked_after(&self, id: &IndicatorId, before: &NewIndicator, change: &IndicatorChange) -> Spelling {
        let held = || Spelling {
            value: before.indicator_value.clone(),
            expires_at: before.expiration_time.map(|at| self.to_ours(at)),
        };
        let asked = self.asked().get(id.as_str()).map_or_else(held, |both| both.asked.clone());
        Spelling {
            value: change.value.clone().unwrap_or(asked.value),
            expires_at: change.expires_at.unwrap_or(asked.expires_at),
        }
    }
}

/// The words in which an indicator is asked for.
pub(super) fn spelling_of(indicator: &Indicator) -> Spelling {
    Spelling { value: indicator.value.clone(), expires_at: indicator.expires_at }
}

/// Whether nobody else can have this value: the drill's marker is in it.
pub(super) fn is_minted(new: &NewIndicator, marker: &str) -> bool {
    !marker.is_empty() && new.indicator_value.contains(marker)
}

/// That the service has no such thing of indicators.
pub(super) fn lack(why: impl Into<String>) -> ServiceError {
    ServiceError::Unsupported { what: Capability::Indicators, why: why.into() }
}

/// That a thing that is not in force is not there.
pub(super) fn disabled(what: Capability) -> ServiceError {
    ServiceError::Unsupported { what, why: "it has none that are disabled: what it holds is in force".into() }
}

fn check_form(function: Function, enabled: bool) -> Result<(), ServiceError> {
    if function != Function::Equals {
        return Err(lack(format!("it compares the whole value, and knows no {function}")));
    }
    if enabled { Ok(()) } else { Err(disabled(Capability::Indicators)) }
}

fn check_change(change: &IndicatorChange) -> Result<(), ServiceError> {
    check_form(change.function.unwrap_or(Function::Equals), change.enabled.unwrap_or(true))
}
