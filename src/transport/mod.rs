//! One JSON request done properly: wait for quota → authorise → attempt { send, log } → retry or return.
//!
//! In reading order: [`secret`] and [`credential`] (what a request is authorised by), [`call`] (a request and its
//! answer), [`shared`] (a request that carries many), this file (the way of a call), [`quota`], [`send`] (the wire), [`retry`] (whether again, and when), then
//! how answers are read: [`error`], and in private `decode` (JSON), `refusal` (the words of an error), `entra`
//! (what the token endpoint's codes mean), `repeated` (a secret that an answer repeats), `log` (the record).
//!
//! Knows nothing of what any service means: it moves JSON.

pub mod call;
pub mod credential;
pub mod decode;
mod entra;
pub mod error;
mod log;
pub mod quota;
mod refusal;
mod repeated;
pub mod retry;
pub mod secret;
pub mod send;
pub mod shared;

use std::{
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp, fmt::rfc2822::DateTimeParser};
use tracing::Instrument;

use crate::{
    clock::{Clock, later, limit::Allowance},
    transport::{
        call::{Call, Reply},
        credential::Credential,
        decode::{Odd, shortened},
        error::TransportError,
        log::Log,
        quota::{Limits, Quota},
        retry::{Ending, Patience, Tried},
        secret::Secret,
        send::{Answer, HttpClient, Lost, NoAnswer},
    },
};

/// The way to a service. Clones are the same way: they share connections, quota and credential.
#[derive(Clone)]
pub struct Transport {
    http: HttpClient,
    clock: Clock,
    credential: Option<Arc<dyn Credential>>,
    quota: Arc<Quota>,
    patience: Patience,
    chance: Arc<Mutex<fastrand::Rng>>,
    ahead: Arc<OnceLock<SignedDuration>>,
}

impl Transport {
    /// A way without authorisation or limits.
    pub fn new(http: &HttpClient, clock: &Clock) -> Self {
        Self {
            http: http.clone(),
            clock: clock.clone(),
            credential: None,
            quota: Arc::new(Quota::new(Limits::default())),
            patience: Patience::default(),
            chance: Arc::new(Mutex::new(fastrand::Rng::with_seed(0))),
            ahead: Arc::default(),
        }
    }

    /// The same way, authorised by `credential`.
    #[must_use]
    pub fn authorised_by(self, credential: Arc<dyn Credential>) -> Self {
        Self { credential: Some(credential), ..self }
    }

    /// The same way, within `quota`.
    #[must_use]
    pub fn within(self, quota: Arc<Quota>) -> Self {
        Self { quota, ..self }
    }

    /// The same way, with other patience.
    #[must_use]
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    /// The same way, its waits spread by this seed.
    #[must_use]
    pub fn seeded(self, seed: u64) -> Self {
        Self { chance: Arc::new(Mutex::new(fastrand::Rng::with_seed(seed))), ..self }
    }

    /// The same way to a service whose clock is known to be so far ahead of ours: no answer has to tell.
    #[must_use]
    pub fn knowing(self, ahead: SignedDuration) -> Self {
        Self { ahead: Arc::new(OnceLock::from(ahead)), ..self }
    }

    /// How far the service's clock was ahead of ours when it first answered, by the date of its answer, in whole
    /// seconds, for a date tells no more; zero before, and zero for the few seconds that a date, some time on its way,
    /// cannot tell from none.
    pub fn ahead(&self) -> SignedDuration {
        self.ahead.get().copied().unwrap_or_default()
    }

    /// Whether an answer has told by now how far [ahead](Self::ahead) the service's clock is.
    pub fn clocks_compared(&self) -> bool {
        self.ahead.get().is_some()
    }

    /// What time it is, on our clock.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Makes a call.
    pub async fn call(&self, call: Call) -> Result<Reply, TransportError> {
        let span = tracing::debug_span!("exchange", purpose = call.purpose, host = call.host());
        self.carry_out(call).instrument(span).await
    }

    /// Wait for quota → authorise → attempt { send, log } → retry or return.
    async fn carry_out(&self, call: Call) -> Result<Reply, TransportError> {
        let mut log = Log::open(&self.clock, &call);
        let mut attempts = 0;
        let mut refused_before = false;
        loop {
            let many = (call.weight, call.clean_up);
            if self.quota.take(&self.clock, many, self.patience.longest_asked).await.is_err() {
                return Err(TransportError::Throttled { purpose: call.purpose.clone(), host: call.host(), attempts });
            }
            // Not before: a token that was good may have expired while a call was waited for.
            let token = self.authorise().await?;
            attempts += 1;
            let outcome = self.attempt(&call, token.as_ref(), &mut log).await;
            if let (Ok(Answer { status: 401, .. }), Some(token), false) = (&outcome, &token, refused_before)
                && let Some(credential) = &self.credential
            {
                credential.refused(token);
                refused_before = true;
                continue;
            }
            let wait = self.wait_before_next(&call, attempts, &outcome);
            self.heed(wait, &outcome);
            match wait {
                Some(wait) => self.pause(wait).await,
                None => return verdict(&call, attempts, outcome),
            }
        }
    }

    async fn authorise(&self) -> Result<Option<Secret>, TransportError> {
        match &self.credential {
            Some(credential) => credential.bearer().await.map(Some),
            None => Ok(None),
        }
    }

    async fn attempt(&self, call: &Call, token: Option<&Secret>, log: &mut Log<'_>) -> Result<Answer, Lost> {
        let headers = headers(call, token);
        log.sending(&headers);
        let mut outcome = self.http.send(call, &headers).await;
        let came = outcome.as_mut().map_or_else(|lost| lost.came.as_mut(), Some);
        if let Some(answer) = came {
            call.hidden.iter().chain(token).for_each(|secret| answer.forget(secret));
        }
        match &outcome {
            Ok(answer) => {
                log.answered(answer);
                self.compare_clocks(answer);
                let status = answer.status;
                tracing::debug!(status, "{}: {} answered HTTP {status}", call.purpose, call.host());
            }
            Err(lost) => {
                log.lost(lost);
                tracing::debug!("{}: no answer from {}: {}", call.purpose, call.host(), lost.why);
            }
        }
        outcome
    }

    fn compare_clocks(&self, answer: &Answer) {
        let date = answer.header("date").and_then(|date| DateTimeParser::new().parse_timestamp(date).ok());
        if let Some(date) = date {
            let ahead = date.duration_since(self.clock.now());
            let whole = SignedDuration::from_secs(ahead.as_secs());
            let told = if ahead.abs() <= CLOSE_ENOUGH { SignedDuration::ZERO } else { whole };
            self.ahead.get_or_init(|| {
                if !told.is_zero() {
                    tracing::warn!("the service's clock is {}, which is taken into account", apart(told));
                }
                told
            });
        }
    }

    /// What a service says of its quota is said to everybody who shares it.
    fn heed(&self, wait: Option<Duration>, outcome: &Result<Answer, Lost>) {
        if let Ok(answer) = outcome {
            self.heed_answer(wait, answer.status, answer.header("retry-after"));
        }
    }

    fn heed_answer(&self, wait: Option<Duration>, status: u16, retry_after: Option<&str>) {
        let now = self.clock.now();
        if let Some(closed) = retry::closed_for(status, retry_after, wait, now) {
            self.quota.close(now, later(now, SignedDuration::try_from(closed).unwrap_or(SignedDuration::MAX)));
        }
    }

    fn wait_before_next(&self, call: &Call, attempts: u32, outcome: &Result<Answer, Lost>) -> Option<Duration> {
        let ending = match outcome {
            Ok(answer) if (200..300).contains(&answer.status) && decode::breaks_off(&answer.body) => Ending::Broken,
            Ok(answer) => Ending::Status { status: answer.status, retry_after: answer.header("retry-after") },
            Err(Lost { why, .. }) => match why {
                NoAnswer::NoConnection(_) => Ending::NotSent,
                NoAnswer::Broken(_) => Ending::Broken,
                NoAnswer::TimedOut { .. } => Ending::TimedOut,
                NoAnswer::NotTrusted(_) | NoAnswer::Unsendable(_) | NoAnswer::TooLong { .. } | NoAnswer::ProxyLogin => {
                    Ending::Hopeless
                }
            },
        };
        self.next_wait(attempts, call.repeatable, &ending)
    }

    fn next_wait(&self, attempts: u32, repeatable: bool, ending: &Ending<'_>) -> Option<Duration> {
        let jitter = self.chance.lock().unwrap_or_else(PoisonError::into_inner).f64();
        let tried = Tried { attempts, repeatable, now: self.clock.now(), jitter };
        retry::next(&self.patience, &tried, ending)
    }

    /// How long to wait before another attempt at a part of a call that ended with this status and `Retry-After`; `None`
    /// is that there is none.
    pub(crate) fn wait_of_part(
        &self,
        attempts: u32,
        repeatable: bool,
        (status, retry_after): (u16, Option<&str>),
    ) -> Option<Duration> {
        let wait = self.next_wait(attempts, repeatable, &Ending::Status { status, retry_after });
        self.heed_answer(wait, status, retry_after);
        wait
    }

    /// Waits, and allows whoever counts the time of it as much more.
    pub(crate) async fn pause(&self, wait: Duration) {
        Allowance::extend_current(wait);
        self.clock.sleep(wait).await;
    }
}

/// Clocks that differ by no more are taken for the same.
const CLOSE_ENOUGH: SignedDuration = SignedDuration::from_secs(3);

/// How far a clock is from ours, in whole seconds, as a person would say it.
fn apart(ahead: SignedDuration) -> String {
    let side = if ahead.is_negative() { "behind" } else { "ahead of" };
    let seconds = SignedDuration::from_secs(ahead.as_secs()).abs();
    format!("{seconds:#} {side} ours")
}

fn headers(call: &Call, token: Option<&Secret>) -> Vec<(String, String)> {
    let mut headers = vec![("accept".to_owned(), call.accept.to_owned())];
    if let Some(preference) = call.prefer {
        headers.push(("prefer".into(), preference.into()));
    }
    if let Some(body) = &call.body {
        headers.push(("content-type".into(), body.content_type.into()));
    }
    if let Some(token) = token {
        headers.push(("authorization".into(), format!("Bearer {}", token.expose())));
    }
    headers
}

/// What a call comes to, once it is not made again.
fn verdict(call: &Call, attempts: u32, outcome: Result<Answer, Lost>) -> Result<Reply, TransportError> {
    let (purpose, host) = (call.purpose.clone(), call.host());
    let answer = match outcome {
        Ok(answer) => answer,
        Err(lost) => return Err(unanswered(purpose, host, lost.why)),
    };
    match answer.status {
        200..=299 => Ok(Reply { purpose, host, status: answer.status, headers: answer.headers, body: answer.body }),
        300..=399 => {
            let saw = format!("a redirect (HTTP {}) to {}", answer.status, redirect_target(call, &answer));
            let Odd { path, expected, saw } = Odd::new(".", "an answer of its own", saw);
            Err(TransportError::Malformed { purpose, host, path, expected, saw })
        }
        429 => Err(TransportError::Throttled { purpose, host, attempts }),
        status => {
            let code = refusal::words(&answer.body, answer.header("content-type"));
            Err(TransportError::Refused { purpose, host, status, code })
        }
    }
}

/// What the body of an error says, in the service's own words; for an answer that came within another.
pub(crate) fn words(body: &[u8]) -> String {
    refusal::words(body, Some("application/json"))
}

fn unanswered(purpose: String, host: String, why: NoAnswer) -> TransportError {
    match why {
        NoAnswer::NoConnection(cause) | NoAnswer::NotTrusted(cause) | NoAnswer::Unsendable(cause) => {
            TransportError::Connect { purpose, host, cause }
        }
        NoAnswer::Broken(cause) => TransportError::Broken { purpose, host, cause },
        NoAnswer::TooLong { .. } => TransportError::Broken { purpose, host, cause: why.to_string() },
        NoAnswer::TimedOut { limit } => TransportError::TimedOut { purpose, host, limit },
        NoAnswer::ProxyLogin => TransportError::ProxyLogin { purpose },
    }
}

/// Where a redirect leads, without its query, which may hold anything.
fn redirect_target(call: &Call, answer: &Answer) -> String {
    let Some(location) = answer.header("location") else { return "nowhere".into() };
    match call.url.join(location) {
        Ok(mut target) => {
            target.set_query(None);
            target.set_fragment(None);
            let _has_no_login = target.set_username("");
            let _has_no_login = target.set_password(None);
            shortened(target.as_str(), 150)
        }
        Err(_) => "an address that is none".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_apart_is_told_with_its_side_and_in_whole_seconds() {
        assert_eq!(apart(SignedDuration::from_millis(1_231_625)), "20m 31s ahead of ours");
        assert_eq!(apart(SignedDuration::from_millis(-3_600_400)), "1h behind ours");
    }
}
