//! Many calls in one: `$batch` carries up to twenty, each of which is counted, throttled and answered by itself.

use std::collections::BTreeMap;

use serde_json::Value;
use url::Url;

use crate::{
    services::{
        error::{Capability, ServiceError},
        graph::{
            Graph, Version,
            alerts::{self, Comment, Treatment, commented},
            limits::Family,
            member, not_there, rules, said_no, said_no_to_one,
            wire::{Batch, BatchAnswer, BatchAnswers, BatchRequest},
        },
        indicators::IndicatorId,
    },
    transport::{
        Transport,
        call::{Call, Method},
        decode::Odd,
        error::TransportError,
        shared::{Share, Shared},
        words,
    },
};

/// At most this many calls in one (`json-batching.md`, 2025-02-21).
pub(super) const LIMIT: usize = 20;

/// A call among others.
struct Part {
    purpose: String,
    method: Method,
    /// Below the version.
    url: String,
    body: Option<Value>,
}

/// How a part was answered.
type Answered = Result<Value, TransportError>;

impl Graph {
    /// Removes many rules, each by itself; that one is gone already is success, and proof of it. The answers come in the
    /// order of `ids`.
    pub(super) async fn remove_together(&self, ids: &[IndicatorId]) -> Vec<Result<(), ServiceError>> {
        let part = |id: &IndicatorId| Part {
            purpose: format!("remove detection rule {id}"),
            method: Method::Delete,
            url: format!("/{}", member(rules::COLLECTION, id.as_str())),
            body: None,
        };
        let parts: Vec<_> = ids.iter().map(part).collect();
        let answers = self.batch(Family::Remove, self.addresses.rules, Again::AsOnce, &parts).await;
        let removed = ids.iter().zip(answers).map(|(id, answer)| match answer {
            Ok(_) => {
                self.removed.note(id.as_str(), false);
                Ok(())
            }
            Err(error) if not_there(&error) => {
                self.removed.note(id.as_str(), true);
                Ok(())
            }
            Err(error) => Err(said_no(Capability::Indicators, error)),
        });
        removed.collect()
    }

    /// Says the same of many alerts, each by itself. The answers come in the order of `ids`.
    pub async fn update_many(&self, ids: &[&str], treatment: Treatment) -> Vec<Result<(), ServiceError>> {
        let body = serde_json::to_value(treatment).unwrap_or_default();
        let part = |id: &&str| Part {
            purpose: format!("change alert {id}"),
            method: Method::Patch,
            url: format!("/{}", member(alerts::COLLECTION, id)),
            body: Some(body.clone()),
        };
        let parts: Vec<_> = ids.iter().map(part).collect();
        let answers = self.batch(Family::Alerts, Version::V1, Again::AsOnce, &parts).await;
        answers.into_iter().map(told).collect()
    }

    /// Closes many alerts as security tests, and comments on those that were closed.
    pub(super) async fn close_together(&self, ids: &[String], comment: &str) -> Vec<Result<(), ServiceError>> {
        let all: Vec<&str> = ids.iter().map(String::as_str).collect();
        let closed = self.update_many(&all, Treatment::DRILL).await;
        let body = serde_json::to_value(Comment::of(comment)).unwrap_or_default();
        let to_comment: Vec<usize> = (0..all.len()).filter(|place| closed[*place].is_ok()).collect();
        let part = |place: &usize| Part {
            purpose: format!("comment on alert {}", all[*place]),
            method: Method::Post,
            url: format!("/{}/comments", member(alerts::COLLECTION, all[*place])),
            body: Some(body.clone()),
        };
        let parts: Vec<_> = to_comment.iter().map(part).collect();
        let answers = self.batch(Family::Alerts, Version::V1, Again::Twice, &parts).await;
        for (place, answer) in to_comment.into_iter().zip(answers) {
            commented(all[place], &told(answer));
        }
        closed
    }

    /// Makes the calls of `parts`, twenty at a time.
    async fn batch(&self, family: Family, version: Version, again: Again, parts: &[Part]) -> Vec<Answered> {
        let mut answers = Vec::new();
        for (number, parts) in parts.chunks(LIMIT).enumerate() {
            let (way, url) = (self.ways.of(family), self.at(version, "$batch"));
            let round = Round { way, url, again, parts, first: number * LIMIT };
            answers.extend(round.run().await);
        }
        answers
    }
}

/// What making calls again does that may have been made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Again {
    /// The same as making them once.
    AsOnce,
    /// It does it twice.
    Twice,
}

/// How a part was answered that is about one alert.
fn told(answer: Answered) -> Result<(), ServiceError> {
    answer.map(drop).map_err(|error| said_no_to_one(Capability::Alerts, error))
}

/// At most twenty calls at once.
struct Round<'a> {
    way: &'a Transport,
    url: Url,
    again: Again,
    parts: &'a [Part],
    /// The place of the first among all who asked together.
    first: usize,
}

impl Round<'_> {
    /// Makes the calls, and those again that are told to wait.
    async fn run(self) -> Vec<Answered> {
        let mut answers: BTreeMap<usize, Answered> = BTreeMap::new();
        let mut pending: Vec<usize> = (0..self.parts.len()).collect();
        let mut attempts = 0;
        let call = Call::post(self.url.clone());
        let host = call.host();
        while !pending.is_empty() {
            attempts += 1;
            match self.send(call.clone(), &pending).await {
                Ok(came) => pending = self.sort(attempts, &host, came, &mut answers).await,
                Err(error) => {
                    answers.extend(pending.into_iter().map(|place| (place, Err(error.clone()))));
                    break;
                }
            }
        }
        let parts = self.parts.iter().enumerate();
        parts.map(|(place, part)| answers.remove(&place).unwrap_or_else(|| Err(unanswered(part, &host)))).collect()
    }

    async fn send(&self, call: Call, pending: &[usize]) -> Result<BatchAnswers, TransportError> {
        let requests = pending.iter().map(|place| request(*place, &self.parts[*place])).collect();
        let purpose = match pending {
            [one] => self.parts[*one].purpose.clone(),
            several => format!("{}, and {} calls more", self.parts[several[0]].purpose, several.len() - 1),
        };
        let share = |place: &usize| Share { place: self.first + place, key: place.to_string() };
        let shared = Shared {
            asked: Some("requests"),
            answered: Some(("responses", "id")),
            shares: pending.iter().map(share).collect(),
        };
        let call = call.json(&Batch { requests }).purpose(purpose).shared(shared);
        let call = call.counts_as(pending.len()).clean_up();
        let call = if self.again == Again::AsOnce { call.repeatable() } else { call };
        self.way.call(call).await?.json()
    }

    /// Puts each answer to its place, and waits for those that are to be asked for again, whose places it returns.
    async fn sort(
        &self,
        attempts: u32,
        host: &str,
        came: BatchAnswers,
        answers: &mut BTreeMap<usize, Answered>,
    ) -> Vec<usize> {
        let mut again = BTreeMap::new();
        for answer in came.responses {
            let place = answer.id.parse::<usize>().ok();
            // What nobody asked for is nobody's answer.
            let Some((place, part)) = place.and_then(|place| Some((place, self.parts.get(place)?))) else { continue };
            let asked = answer.retry_after();
            let wait = self.way.wait_of_part(attempts, self.again == Again::AsOnce, (answer.status, asked.as_deref()));
            again.extend(wait.map(|wait| (place, wait)));
            answers.insert(place, read(part.purpose.clone(), host.to_owned(), attempts, answer));
        }
        if let Some(longest) = again.values().max() {
            self.way.pause(*longest).await;
        }
        again.into_keys().collect()
    }
}

fn unanswered(part: &Part, host: &str) -> TransportError {
    let Odd { path, expected, saw } = Odd::new("responses", "an answer to each request", "none to this one");
    TransportError::Malformed { purpose: part.purpose.clone(), host: host.to_owned(), path, expected, saw }
}

fn request(place: usize, part: &Part) -> BatchRequest<'_> {
    let json = || BTreeMap::from([("Content-Type", "application/json")]);
    BatchRequest {
        id: place.to_string(),
        method: part.method.as_str(),
        url: &part.url,
        headers: part.body.as_ref().map(|_| json()),
        body: part.body.as_ref(),
    }
}

fn read(purpose: String, host: String, attempts: u32, answer: BatchAnswer) -> Answered {
    let BatchAnswer { status, body, .. } = answer;
    match status {
        200..=299 => Ok(body),
        429 => Err(TransportError::Throttled { purpose, host, attempts }),
        status => {
            let text = if body.is_null() { String::new() } else { body.to_string() };
            Err(TransportError::Refused { purpose, host, status, code: words(text.as_bytes()) })
        }
    }
}
