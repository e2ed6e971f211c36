//! What drills publish at the same time, in one call, and read back in another: each has an answer of its own.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};

use crate::{
    services::{
        definitions::Query,
        endpoint::{
            Endpoint,
            bulk::{Imported, ONE_BY_ONE},
            held::{For, SET, carries, is_same_key},
            indicators::{CREATE, is_minted},
            quotas::Calls,
            sets::Ask,
            wire::{self, NewIndicator, as_written},
        },
        error::{ServiceError, may_have_been_done},
        indicators::{IndicatorId, Publication, Published},
    },
    transport::shared::{Share, Shared},
};

type Answer = Result<Published, ServiceError>;

/// What is about to be sent together, and at which places it was asked for.
#[derive(Default)]
struct Ready<'a> {
    places: Vec<usize>,
    new: Vec<NewIndicator>,
    publications: Vec<Publication<'a>>,
}

/// What was created by another clock than the service's own, or was there before, is looked for by its value.
const MARGIN: SignedDuration = SignedDuration::from_mins(5);

impl Endpoint {
    /// Publishes many at once, and tells what became of each, in their order.
    pub(super) async fn publish_together(&self, publications: &[Publication<'_>]) -> Vec<Answer> {
        let mut answers: Vec<Option<Answer>> = publications.iter().map(|_| None).collect();
        let mut ready = Ready::default();
        let mut taken = HashSet::new();
        let mut alone = Vec::new();
        if !self.transport.clocks_compared() {
            // When an indicator ends is said by the service's clock, which any answer tells.
            let one = Query { top: Some(1), ..Query::default() };
            let _whatever_it_says = self.indicators(&one, "see how far the clocks are apart", For::Drill).await;
        }
        for (place, publication) in publications.iter().enumerate() {
            match self.new_one(*publication) {
                Err(error) => answers[place] = Some(Err(error)),
                // What may be somebody else's is looked for first; and of two with one value in one call, who knows what
                // would become.
                Ok(new)
                    if !is_minted(&new, publication.marker.as_str()) || !taken.insert(new.indicator_value.clone()) =>
                {
                    alone.push(place);
                }
                Ok(new) => {
                    ready.places.push(place);
                    ready.new.push(new);
                    ready.publications.push(*publication);
                }
            }
        }
        let together = if ready.places.len() > 1 { self.import_and_read(&ready).await } else { None };
        match together {
            None => alone.append(&mut ready.places),
            Some(outcome) => {
                for (place, answer) in ready.places.iter().zip(outcome) {
                    answers[*place] = Some(answer);
                }
            }
        }
        for place in alone {
            answers[place] = Some(self.publish_one(publications[place]).await);
        }
        answers.into_iter().map(|answer| answer.unwrap_or_else(|| Err(unanswered()))).collect()
    }

    /// Imports what is ready, and reads it back; none where all was refused, which may be for the sake of one. What an
    /// import whose answer was lost came to, is told by reading alone.
    async fn import_and_read(&self, ready: &Ready<'_>) -> Option<Vec<Answer>> {
        let of_all = |error: ServiceError| ready.places.iter().map(|_| Err(error.clone())).collect();
        let before = self.to_theirs(self.transport.now());
        let imported = match self.send_many(&ready.new, &ready.publications, &ready.places).await {
            Ok(imported) => Ok(imported),
            Err(ServiceError::Rejected { .. }) => return None,
            Err(error) if may_have_been_done(&error) => Err(error),
            Err(error) => return Some(of_all(error)),
        };
        let held = match self.read_back_twice(ready, before.saturating_sub(MARGIN).unwrap_or(before)).await {
            Ok(held) => held,
            Err(error) => return Some(of_all(error)),
        };
        let outcomes = imported.map(by_value);
        let each = ready.new.iter().zip(&ready.publications).map(|(new, publication)| {
            let own = |one: &&wire::Indicator| is_same_key(one, new) && carries(one, publication.marker);
            let held = held.iter().find(own);
            let not_held = match &outcomes {
                Err(lost) => lost.clone(),
                Ok(outcomes) => {
                    let refused = |why: String| ServiceError::Rejected { purpose: CREATE.into(), status: 200, why };
                    let told = outcomes.get(&new.indicator_value.to_ascii_lowercase()).cloned();
                    told.ok_or_else(unanswered)?.map_err(refused)?;
                    let why = "it is not among the indicators that the service lists".into();
                    ServiceError::NotHeld { purpose: CREATE.into(), why }
                }
            };
            self.published(held.ok_or(not_held)?, *publication, READ)
        });
        Some(each.collect())
    }

    /// Reads back, and once more after a while where that fails for the moment: as many drills as were published depend on
    /// it.
    async fn read_back_twice(&self, ready: &Ready<'_>, since: Timestamp) -> Result<Vec<wire::Indicator>, ServiceError> {
        match self.read_back(ready, since).await {
            Err(error) if may_have_been_done(&error) || error.throttled() => {
                self.transport.pause(A_WHILE).await;
                self.read_back(ready, since).await
            }
            read => read,
        }
    }

    /// What the service holds of what was sent: what was created since `since`, by its clock, and what is not among that.
    async fn read_back(&self, ready: &Ready<'_>, since: Timestamp) -> Result<Vec<wire::Indicator>, ServiceError> {
        let filter = Some(format!("creationTimeDateTimeUtc ge {}", as_written(since)));
        let mut held = self.listed(&Query { filter, ..Query::default() }, ready).await?;
        let known: HashSet<String> = held.iter().map(|one| one.value.to_ascii_lowercase()).collect();
        let missing: Vec<_> =
            ready.new.iter().filter(|new| !known.contains(&new.indicator_value.to_ascii_lowercase())).collect();
        if missing.len() > ONE_BY_ONE {
            return self.listed(&Query::default(), ready).await;
        }
        for new in missing {
            held.extend(self.of_value(&new.indicator_value, READ, For::Drill).await?);
        }
        Ok(held)
    }

    async fn listed(&self, query: &Query, ready: &Ready<'_>) -> Result<Vec<wire::Indicator>, ServiceError> {
        let share = |(place, new): (&usize, &NewIndicator)| Share { place: *place, key: new.indicator_value.clone() };
        let shared = Shared {
            asked: None,
            answered: Some(("value", "indicatorValue")),
            shares: ready.places.iter().zip(&ready.new).map(share).collect(),
        };
        let (calls, most) = (Calls::ListIndicators, None);
        let shared = Some(&shared);
        self.told(&Ask { calls, set: SET, query, expand: None, purpose: READ, most, clean_up: false, shared }).await
    }
}

/// So much later a service may have recovered that did not answer in five attempts.
const A_WHILE: Duration = Duration::from_mins(1);

/// What became of each, by its value.
fn by_value(imported: Vec<Imported>) -> HashMap<String, Result<IndicatorId, String>> {
    imported.into_iter().map(|Imported { value, outcome }| (value.to_ascii_lowercase(), outcome)).collect()
}

const READ: &str = "read back what was published";

fn unanswered() -> ServiceError {
    ServiceError::NotHeld { purpose: CREATE.into(), why: "what became of it was not told".into() }
}
