//! Indicators: the set `IndicatorsOfCompromise`.

use futures::future::BoxFuture;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

use crate::{
    domain::{
        indicator::{Action, Function, Indicator, Kind},
        marker::Marker,
    },
    services::{
        definitions::{DefinitionId, Query},
        error::{Capability, ServiceError},
        indicators::{IndicatorChange, IndicatorId, Indicators, Publication, Published, Rival, StoredIndicator},
        legacy::{
            Legacy,
            definitions::known,
            once::Looked,
            only, said_no_to_one,
            wire::{IndicatorOfCompromise, NewIndicator},
        },
        odata::with_options,
        reading::Word,
    },
    transport::{
        call::{Call, Reply},
        decode::Odd,
    },
};

const SET: &str = "IndicatorsOfCompromise";

/// A change: only what changes is sent.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(clippy::option_option, reason = "left out, and null, are two things to say")]
struct Patch<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    r#type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detection_function: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Option<Timestamp>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    enabled: Option<bool>,
}

impl<'a> From<&'a IndicatorChange> for Patch<'a> {
    fn from(change: &'a IndicatorChange) -> Self {
        Self {
            r#type: change.kind.map(Kind::as_str),
            value: change.value.as_deref(),
            detection_function: change.function.map(Function::as_str),
            expires_at: change.expires_at,
            enabled: change.enabled,
        }
    }
}

#[derive(Serialize)]
struct Bulk<'a> {
    iocs: Vec<NewIndicator<'a>>,
}

impl Indicators for Legacy {
    fn keeps(&self) -> &'static [&'static str] {
        &["type", "function", "value", "enabled", "expires in"]
    }

    fn rivals<'a>(&'a self, publication: Publication<'a>) -> BoxFuture<'a, Result<Vec<Rival>, ServiceError>> {
        Box::pin(async move {
            let purpose = "see whether other drills have indicators of the same value";
            let set = self.of_value(&publication.indicator.value, purpose).await?;
            let rival = |one: IndicatorOfCompromise| {
                let marker = Marker::signed(&one.alert_definition?.ux_description)?;
                (marker != *publication.marker).then_some(Rival { marker, created_at: one.created_at })
            };
            Ok(set.into_iter().filter_map(rival).collect())
        })
    }

    fn publish<'a>(&'a self, publication: Publication<'a>) -> BoxFuture<'a, Result<Published, ServiceError>> {
        Box::pin(async move {
            let knew_the_clock = self.transport.clocks_compared();
            let sent = self.place(publication).await;
            if self.may_fare_better(knew_the_clock, &sent) { self.place(publication).await } else { sent }
        })
    }

    fn publish_all<'a>(&'a self, publications: &'a [Publication<'a>]) -> BoxFuture<'a, Result<(), ServiceError>> {
        Box::pin(async move {
            let knew_the_clock = self.transport.clocks_compared();
            let sent = self.upload(publications).await;
            if self.may_fare_better(knew_the_clock, &sent) { self.upload(publications).await } else { sent }
        })
    }

    /// An indicator bears a marker in its value alone; whose another is, its definition tells.
    fn of_marker<'a>(&'a self, publication: Publication<'a>) -> BoxFuture<'a, Result<Vec<IndicatorId>, ServiceError>> {
        Box::pin(async move {
            let Publication { indicator, marker, .. } = publication;
            let purpose = format!("find the indicators that carry the marker {marker}");
            let mut set = self.of_value(&indicator.value, &purpose).await?;
            set.retain(|one| match &one.alert_definition {
                Some(definition) => marker.is_in(&definition.ux_description),
                None => one.value.contains(marker.as_str()),
            });
            Ok(set.into_iter().map(|one| one.id.into()).collect())
        })
    }

    fn read<'a>(&'a self, id: &'a IndicatorId) -> BoxFuture<'a, Result<Option<StoredIndicator>, ServiceError>> {
        Box::pin(async move {
            let found = self.one(&entity(id), format!("read indicator {id}")).await?;
            Ok(found
                .map(|(indicator, reply)| self.stored(indicator).map_err(|odd| reply.malformed(odd)))
                .transpose()?)
        })
    }

    /// An indicator with a type or function that is not known (`FileName` of 2018) is left out, with a warning: it is
    /// none of a drill's own.
    fn list<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Vec<StoredIndicator>, ServiceError>> {
        Box::pin(async move {
            let set: Vec<IndicatorOfCompromise> = self.set(SET, query, "list indicators").await?;
            Ok(set.into_iter().filter_map(|indicator| known(indicator.id, self.stored(indicator))).collect())
        })
    }

    fn change<'a>(
        &'a self,
        id: &'a IndicatorId,
        change: &'a IndicatorChange,
    ) -> BoxFuture<'a, Result<StoredIndicator, ServiceError>> {
        Box::pin(async move {
            if change.action.is_some_and(|action| action != Action::Audit) {
                let why = "it can do nothing but raise an alert".to_owned();
                return Err(ServiceError::Unsupported { what: Capability::Indicators, why });
            }
            let purpose = format!("change indicator {id}");
            let expires_at = change.expires_at.map(|expiry| expiry.map(|at| self.to_theirs(at)));
            let change = &IndicatorChange { expires_at, ..change.clone() };
            // Every member of a change is a value to set, so to set it twice does no harm.
            let call = Call::patch(self.at(&entity(id))).json(&Patch::from(change)).purpose(purpose).repeatable();
            let reply = self.transport.call(call).await.map_err(said_no_to_one)?;
            changed(self, id, reply).await
        })
    }

    fn move_under<'a>(
        &'a self,
        id: &'a IndicatorId,
        definition: &'a DefinitionId,
    ) -> BoxFuture<'a, Result<(), ServiceError>> {
        Box::pin(async move {
            let target = self.at(&format!("AlertDefinitions({definition})"));
            let call = Call::put(self.at(&format!("{}/AlertDefinition/$ref", entity(id))))
                .json(&json!({ "@odata.id": target.as_str() }))
                .purpose(format!("move indicator {id} under alert definition {definition}"));
            self.transport.call(call).await.map(drop).map_err(said_no_to_one)
        })
    }

    fn remove<'a>(&'a self, id: &'a IndicatorId) -> BoxFuture<'a, Result<(), ServiceError>> {
        Box::pin(async move { self.remove_one(&entity(id), format!("remove indicator {id}")).await })
    }

    fn remove_all(&self) -> BoxFuture<'_, Result<(), ServiceError>> {
        Box::pin(async move { self.remove_set(SET, "remove every indicator").await })
    }
}

fn entity(id: &IndicatorId) -> String {
    format!("{SET}({id})")
}

/// The entity after a change: in the answer as documented, or, where the framework's own default leaves it out, read.
async fn changed(legacy: &Legacy, id: &IndicatorId, reply: Reply) -> Result<StoredIndicator, ServiceError> {
    if reply.status() == 204 {
        let found = Indicators::read(legacy, id).await?;
        return found.ok_or_else(|| reply.malformed(Odd::new(".", "the indicator as changed", "none")).into());
    }
    let indicator = only(&reply)?.ok_or_else(|| reply.malformed(Odd::new("value", "one indicator", "none")))?;
    Ok(legacy.stored(indicator).map_err(|odd| reply.malformed(odd))?)
}

impl Legacy {
    fn new_one<'a>(
        &self,
        Publication { indicator, under, .. }: Publication<'a>,
    ) -> Result<NewIndicator<'a>, ServiceError> {
        let lack = |why: String| ServiceError::Unsupported { what: Capability::Indicators, why };
        let under = under.ok_or_else(|| lack("it keeps no indicator without an alert definition above it".into()))?;
        if !Kind::LEGACY.contains(&indicator.kind) {
            return Err(lack(format!("it knows no indicator of the type {}", indicator.kind)));
        }
        if indicator.action != Action::Audit {
            return Err(lack(format!("it can do nothing but raise an alert, and not {}", indicator.action)));
        }
        Ok(NewIndicator::new(indicator, indicator.expires_at.map(|at| self.to_theirs(at)), under))
    }

    /// Whether `sent` was refused, maybe for an end that is past by a clock which no answer had told before.
    fn may_fare_better<T>(&self, knew_the_clock: bool, sent: &Result<T, ServiceError>) -> bool {
        let refused = matches!(sent, Err(ServiceError::Rejected { status: 400, .. }));
        refused && !knew_the_clock && !self.transport.ahead().is_zero()
    }

    async fn place(&self, publication: Publication<'_>) -> Result<Published, ServiceError> {
        let call = Call::post(self.at(SET)).json(&self.new_one(publication)?).purpose("create an indicator");
        let read = |reply: &Reply| Ok(self.stored(reply.json()?).map_err(|odd| reply.malformed(odd))?);
        let indicator = self.create_once(call, read, || self.indicator_like(publication)).await?;
        Ok(Published { indicator, definition: None })
    }

    async fn upload(&self, publications: &[Publication<'_>]) -> Result<(), ServiceError> {
        let iocs = publications.iter().map(|one| self.new_one(*one)).collect::<Result<_, _>>()?;
        let call = Call::post(self.at(&format!("{SET}/Actions.BulkUpload")))
            .json(&Bulk { iocs })
            .purpose(format!("create {} indicators at once", publications.len()));
        self.call(call).await.map(drop)
    }

    /// The indicator of this value under the definition that it was sent under. Whose another is, only its definition
    /// tells, unless the drill's marker is in its value.
    async fn indicator_like(
        &self,
        Publication { indicator, under, marker, .. }: Publication<'_>,
    ) -> Looked<StoredIndicator> {
        let found = self.of_value(&indicator.value, "see whether the indicator was created").await;
        let Ok(set) = found else { return Looked::Unknown };
        let minted = indicator.value.contains(marker.as_str());
        for one in set {
            match &one.alert_definition {
                Some(definition) if under.is_none_or(|under| definition.id.to_string() != under.as_str()) => {}
                None if !minted => return Looked::Unknown,
                Some(_) | None => return self.stored(one).map_or(Looked::Unknown, Looked::There),
            }
        }
        Looked::NotThere
    }

    /// The indicators of this value, each with its definition, where the service tells it.
    async fn of_value(&self, value: &str, purpose: &str) -> Result<Vec<IndicatorOfCompromise>, ServiceError> {
        let url = with_options(self.at(SET), &Query::where_equals("Value", value), Some("AlertDefinition"));
        let mut set: Vec<IndicatorOfCompromise> = self.pages(url, purpose).await?;
        // A service that does not know the filter answers with everything.
        set.retain(|one| one.value.eq_ignore_ascii_case(value));
        Ok(set)
    }

    fn stored(&self, indicator: IndicatorOfCompromise) -> Result<StoredIndicator, Odd> {
        let mut stored = stored(indicator)?;
        stored.indicator.expires_at = stored.indicator.expires_at.map(|at| self.to_ours(at));
        Ok(stored)
    }
}

fn stored(indicator: IndicatorOfCompromise) -> Result<StoredIndicator, Odd> {
    let kind = match indicator.r#type {
        Word::Known(kind) => kind,
        Word::Unknown(word) => {
            return Err(Odd::new("Type", Kind::LEGACY.map(Kind::as_str).join(", "), format!("`{word}`")));
        }
    };
    let function = match indicator.detection_function {
        Word::Known(function) => function,
        Word::Unknown(word) => {
            let known = Function::ALL.map(Function::as_str).join(", ");
            return Err(Odd::new("DetectionFunction", known, format!("`{word}`")));
        }
    };
    Ok(StoredIndicator {
        id: IndicatorId::from(indicator.id),
        indicator: Indicator {
            kind,
            value: indicator.value,
            function,
            action: Action::Audit,
            expires_at: indicator.expires_at,
            enabled: indicator.enabled,
        },
        created_at: indicator.created_at,
        created_by: indicator.created_by,
        last_modified_at: indicator.last_modified_at,
        last_modified_by: indicator.last_modified_by,
        // All that an indicator has is read.
        original: None,
    })
}
