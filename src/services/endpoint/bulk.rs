//! Many indicators at once: `import` and `BatchDelete`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    services::{
        definitions::Query,
        endpoint::{
            Endpoint,
            asked::{Both, Spelling},
            held::{For, SET, carries, taken_by},
            indicators::{is_minted, spelling_of},
            quotas::Calls,
            refusals::{not_there, read, said_no},
            sets::Page,
            wire::NewIndicator,
        },
        error::ServiceError,
        indicators::{IndicatorId, Publication},
        reading::{key_or_none, text},
    },
    transport::{
        call::Call,
        decode::Odd,
        error::TransportError,
        shared::{Share, Shared},
    },
};

/// The most that one call takes (pages `import-ti-indicators` and `batch-delete-ti-indicators`, 2025-12).
pub(super) const AT_ONCE: usize = 500;

/// Up to so many are looked up one by one, before the whole set is read instead.
pub(super) const ONE_BY_ONE: usize = 5;

/// So many of what was refused are named.
const NAMED: usize = 10;

#[derive(Serialize)]
struct Import<'a> {
    #[serde(rename = "Indicators")]
    indicators: &'a [NewIndicator],
}

#[derive(Serialize)]
struct BatchDelete<'a> {
    #[serde(rename = "IndicatorIds")]
    ids: &'a [&'a str],
}

/// What became of one indicator of an import: a refusal hides in a success.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    #[serde(default, deserialize_with = "key_or_none")]
    id: Option<String>,
    #[serde(default, deserialize_with = "text")]
    indicator: String,
    #[serde(default)]
    is_failed: Option<bool>,
    #[serde(default, deserialize_with = "text")]
    failure_reason: String,
}

/// What became of one indicator of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// Its value, as the service names it.
    pub value: String,
    /// Its key, or why it was refused.
    pub outcome: Result<IndicatorId, String>,
}

impl Endpoint {
    /// Publishes many, in calls of at most 500, and tells what became of each. An error is of a whole call; what the
    /// calls before it published is kept.
    pub async fn import(&self, publications: &[Publication<'_>]) -> Result<Vec<Imported>, ServiceError> {
        let knew_the_clock = self.transport.clocks_compared();
        let sent = self.import_once(publications).await;
        let refused = match &sent {
            Ok(imported) => imported.iter().any(|one| one.outcome.is_err()),
            Err(error) => matches!(error, ServiceError::Rejected { status: 400, .. }),
        };
        if refused && !knew_the_clock && !self.transport.ahead().is_zero() {
            // The refusal may be of an expiry that is past by a clock which no answer had told before; what was taken is
            // updated.
            return self.import_once(publications).await;
        }
        sent
    }

    async fn import_once(&self, publications: &[Publication<'_>]) -> Result<Vec<Imported>, ServiceError> {
        let new = publications.iter().map(|one| self.new_one(*one)).collect::<Result<Vec<_>, _>>()?;
        self.are_free(&new, publications).await?;
        self.send_many(&new, publications, &(0..new.len()).collect::<Vec<_>>()).await
    }

    /// Sends what is `new` of `publications`, which were asked for at these `places`.
    pub(super) async fn send_many(
        &self,
        new: &[NewIndicator],
        publications: &[Publication<'_>],
        places: &[usize],
    ) -> Result<Vec<Imported>, ServiceError> {
        let asked: BTreeMap<String, (&NewIndicator, Spelling)> = new
            .iter()
            .zip(publications)
            .map(|(new, one)| (new.indicator_value.to_ascii_lowercase(), (new, spelling_of(one.indicator))))
            .collect();
        let mut imported = Vec::with_capacity(new.len());
        for (indicators, places) in new.chunks(AT_ONCE).zip(places.chunks(AT_ONCE)) {
            for outcome in self.import_chunk(indicators, places).await? {
                if let (Ok(id), Some((sent, asked))) =
                    (&outcome.outcome, asked.get(&outcome.value.to_ascii_lowercase()))
                {
                    let held = Spelling { value: outcome.value.clone(), expires_at: sent.expiration_time };
                    self.asked().keep(id.as_str(), Both { held, asked: asked.clone() });
                }
                imported.push(outcome);
            }
        }
        Ok(imported)
    }

    /// Publishes many; those that are refused are one error that names them.
    pub(super) async fn import_all(&self, publications: &[Publication<'_>]) -> Result<(), ServiceError> {
        let imported = self.import(publications).await?;
        let refused: Vec<String> = imported
            .iter()
            .filter_map(|one| Some(format!("`{}` ({})", one.value, one.outcome.as_ref().err()?)))
            .collect();
        if refused.is_empty() {
            return Ok(());
        }
        let more = refused.len().saturating_sub(NAMED);
        let and_more = if more == 0 { String::new() } else { format!(", and {more} more") };
        Err(ServiceError::Rejected {
            purpose: creating(publications.len()),
            // The documented status of an answer in which some are refused.
            status: 200,
            why: format!(
                "it refused {} of {}: {}{and_more}",
                refused.len(),
                imported.len(),
                refused[..refused.len() - more].join(", ")
            ),
        })
    }

    async fn import_chunk(&self, indicators: &[NewIndicator], places: &[usize]) -> Result<Vec<Imported>, ServiceError> {
        let keys = indicators.iter().map(|one| one.indicator_value.clone());
        let call = Call::post(self.at(&format!("{SET}/import")))
            .json(&Import { indicators })
            .shared(Shared {
                asked: Some("Indicators"),
                answered: Some(("value", "indicator")),
                shares: keys.zip(places).map(|(key, place)| Share { place: *place, key }).collect(),
            })
            .purpose(creating(indicators.len()))
            .repeatable();
        let reply = self.call(Calls::ImportIndicators, call).await?;
        let outcomes = read::<Page<Outcome>>(&reply)?.value;
        if outcomes.len() != indicators.len() {
            let expected = format!("what became of each of {}", indicators.len());
            return Err(reply.malformed(Odd::new("value", expected, format!("{} of them", outcomes.len()))).into());
        }
        let tell = |(place, outcome): (usize, Outcome)| match outcome {
            Outcome { is_failed: Some(true), indicator, failure_reason, .. } => {
                let why = if failure_reason.is_empty() { "no words with it".into() } else { failure_reason };
                Ok(Imported { value: indicator, outcome: Err(why) })
            }
            Outcome { id: Some(id), indicator, .. } => {
                Ok(Imported { value: indicator, outcome: Ok(IndicatorId::from(id)) })
            }
            Outcome { id: None, .. } => Err(Odd::new(format!("value[{place}].id"), "a key", "none")),
        };
        let imported: Result<_, Odd> = outcomes.into_iter().enumerate().map(tell).collect();
        Ok(imported.map_err(|odd| reply.malformed(odd))?)
    }

    /// That none of them would write over what is somebody else's.
    async fn are_free(&self, new: &[NewIndicator], publications: &[Publication<'_>]) -> Result<(), ServiceError> {
        let shared: Vec<_> =
            new.iter().zip(publications).filter(|(new, one)| !is_minted(new, one.marker.as_str())).collect();
        if shared.len() <= ONE_BY_ONE {
            for (new, one) in shared {
                self.is_free(new, |held| carries(held, one.marker)).await?;
            }
            return Ok(());
        }
        let purpose = "see whether indicators of the same values are there already";
        let held = self.indicators(&Query::default(), purpose, For::Drill).await?;
        let mut by_value = BTreeMap::<_, Vec<_>>::new();
        for one in held {
            by_value.entry(one.value.to_ascii_lowercase()).or_default().push(one);
        }
        for (new, one) in shared {
            let held = by_value.get(&new.indicator_value.to_ascii_lowercase());
            taken_by(held.map_or(&[][..], Vec::as_slice), new, |held| carries(held, one.marker))?;
        }
        Ok(())
    }

    /// Removes many, in calls of at most 500, and tells what became of each. A call in which any is gone already removes
    /// none, and one that is refused may be so for the sake of one: the indicators of both are removed one by one then.
    pub(super) async fn remove_together(&self, ids: &[IndicatorId]) -> Vec<Result<(), ServiceError>> {
        let mut answers = Vec::with_capacity(ids.len());
        for (number, chunk) in ids.chunks(AT_ONCE).enumerate() {
            match self.remove_chunk(chunk, number * AT_ONCE).await {
                Ok(()) => {
                    for id in chunk {
                        self.asked().forget(id.as_str());
                    }
                    answers.extend(chunk.iter().map(|_| Ok(())));
                }
                Err(error) if not_there(&error) || matches!(error, TransportError::Refused { status: 400, .. }) => {
                    for id in chunk {
                        answers.push(self.remove_by_key(id.as_str()).await);
                    }
                }
                Err(error) => answers.extend(chunk.iter().map(|_| Err(said_no(error.clone())))),
            }
        }
        answers
    }

    async fn remove_chunk(&self, ids: &[IndicatorId], first: usize) -> Result<(), TransportError> {
        let keys: Vec<&str> = ids.iter().map(IndicatorId::as_str).collect();
        let share = |(place, key): (usize, &&str)| Share { place: first + place, key: (*key).into() };
        let call = Call::post(self.at(&format!("{SET}/BatchDelete")))
            .json(&BatchDelete { ids: &keys })
            .purpose(format!("remove {} indicators at once", keys.len()))
            .shared(Shared {
                asked: Some("IndicatorIds"),
                answered: None,
                shares: keys.iter().enumerate().map(share).collect(),
            })
            .repeatable()
            .clean_up();
        self.raw(Calls::RemoveIndicators, call).await?.acknowledged()
    }
}

fn creating(count: usize) -> String {
    format!("create {count} indicators at once")
}
