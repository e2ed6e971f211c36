//! A token that is kept while it is good, and fetched once however many ask for it.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};

use crate::{
    auth::token::Token,
    clock::{Clock, later, turn::Turn},
    transport::{error::TransportError, secret::Secret},
};

/// A token is renewed so long before it ends, or a tenth of its lifetime where that is less.
const MARGIN: Duration = Duration::from_mins(5);

#[derive(Debug)]
pub(crate) struct Kept {
    clock: Clock,
    /// Held while fetching. Whoever waits for it counts as asleep.
    turn: Turn,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    token: Option<(Secret, Timestamp)>,
    /// How many fetches have ended.
    ended: u64,
    /// The last fetch that failed, by the number of its end.
    failed: Option<(u64, TransportError)>,
}

impl State {
    fn good(&self, now: Timestamp) -> Option<Secret> {
        self.token.as_ref().filter(|(_, until)| now < *until).map(|(token, _)| token.clone())
    }
}

impl Kept {
    pub(crate) fn new(clock: &Clock) -> Self {
        Self { clock: clock.clone(), turn: Turn::new(clock), state: Mutex::default() }
    }

    /// The token that is kept, or a new one. A failure is shared by everybody who asked before the fetch ended;
    /// whoever asks later has another try.
    pub(crate) async fn get<F>(&self, fetch: impl FnOnce() -> F) -> Result<Secret, TransportError>
    where
        F: Future<Output = Result<Token, TransportError>>,
    {
        let ended_before = {
            let state = self.state();
            if let Some(token) = state.good(self.clock.now()) {
                return Ok(token);
            }
            state.ended
        };
        let _turn = self.turn.take().await;
        {
            let state = self.state();
            if let Some(token) = state.good(self.clock.now()) {
                return Ok(token);
            }
            if let Some((number, error)) = &state.failed
                && *number > ended_before
            {
                return Err(error.clone());
            }
        }
        let fetched = fetch().await;
        let received = self.clock.now();
        let mut state = self.state();
        state.ended += 1;
        match fetched {
            Ok(token) => {
                let good = token.lifetime.saturating_sub(MARGIN.min(token.lifetime / 10));
                let until = later(received, SignedDuration::try_from(good).unwrap_or(SignedDuration::ZERO));
                state.token = Some((token.secret.clone(), until));
                state.failed = None;
                Ok(token.secret)
            }
            Err(error) => {
                state.failed = Some((state.ended, error.clone()));
                Err(error)
            }
        }
    }

    /// Drops `token`, unless a newer one has taken its place.
    pub(crate) fn drop_if(&self, token: &Secret) {
        let mut state = self.state();
        if state.token.as_ref().is_some_and(|(kept, _)| kept == token) {
            state.token = None;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    };

    use super::*;

    fn clock() -> Clock {
        Clock::jumping("2026-11-24T12:00:00Z".parse().expect("a timestamp"))
    }

    fn token(text: &str) -> Token {
        Token { secret: Secret::new(text), lifetime: Duration::from_secs(3599) }
    }

    fn failure() -> TransportError {
        TransportError::ProxyLogin { purpose: "get an access token".into() }
    }

    #[tokio::test]
    async fn a_token_is_kept_until_five_minutes_before_its_end() {
        let clock = clock();
        let kept = Kept::new(&clock);
        assert_eq!(kept.get(async || Ok(token("first"))).await, Ok(Secret::new("first")));
        clock.advance(SignedDuration::from_secs(3599 - 301));
        assert_eq!(kept.get(async || Ok(token("second"))).await, Ok(Secret::new("first")));
        clock.advance(SignedDuration::from_secs(1));
        assert_eq!(kept.get(async || Ok(token("second"))).await, Ok(Secret::new("second")));
    }

    #[tokio::test]
    async fn a_hundred_who_ask_at_once_share_one_fetch_and_its_failure_but_the_next_one_tries_again() {
        let clock = clock();
        let kept = Arc::new(Kept::new(&clock));
        let fetches = Arc::new(AtomicU32::new(0));
        let askers: Vec<_> = (0..100)
            .map(|_| {
                let (kept, fetches, clock, me) = (Arc::clone(&kept), Arc::clone(&fetches), clock.clone(), clock.join());
                tokio::spawn(async move {
                    let got = kept
                        .get(async || {
                            fetches.fetch_add(1, Ordering::Relaxed);
                            clock.sleep(Duration::from_secs(1)).await;
                            Err(failure())
                        })
                        .await;
                    drop(me);
                    got
                })
            })
            .collect();
        for asker in askers {
            assert_eq!(asker.await.expect("no asker panics"), Err(failure()));
        }
        assert_eq!(fetches.load(Ordering::Relaxed), 1);
        assert_eq!(kept.get(async || Ok(token("at last"))).await, Ok(Secret::new("at last")));
    }

    #[tokio::test]
    async fn only_the_token_that_was_refused_is_dropped() {
        let clock = clock();
        let kept = Kept::new(&clock);
        let _first = kept.get(async || Ok(token("first"))).await;
        kept.drop_if(&Secret::new("first"));
        assert_eq!(kept.get(async || Ok(token("second"))).await, Ok(Secret::new("second")));
        kept.drop_if(&Secret::new("first"));
        assert_eq!(kept.get(async || Ok(token("third"))).await, Ok(Secret::new("second")));
    }
}
