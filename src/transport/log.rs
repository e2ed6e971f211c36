//! Writes an exchange down, attempt by attempt. What is given up on the way is written down as well.

use std::time::Duration;

use jiff::Timestamp;

use crate::{
    clock::{Clock, Stopwatch},
    record::{
        exchange::{Attempt, Exchange, REDACTED},
        recorder,
    },
    transport::{call::Call, send::Answer},
};

/// An exchange that is going on. Dropped, it goes into the record of the drill that is running.
pub(crate) struct Log<'a> {
    clock: &'a Clock,
    exchange: Option<Exchange>,
    /// The attempt that is on its way.
    open: Option<(Timestamp, Stopwatch)>,
}

impl<'a> Log<'a> {
    pub(crate) fn open(clock: &'a Clock, call: &Call) -> Self {
        let exchange = Exchange {
            purpose: call.purpose.clone(),
            method: call.method.as_str().into(),
            url: call.url.to_string(),
            request_headers: Vec::new(),
            request_body: None,
            attempts: Vec::new(),
        };
        Self { clock, exchange: Some(exchange), open: None }
    }

    /// An attempt begins, with these headers.
    pub(crate) fn sending(&mut self, headers: &[(String, String)]) {
        if let Some(exchange) = &mut self.exchange {
            exchange.request_headers = headers.iter().map(|(name, _)| (name.clone(), REDACTED.into())).collect();
        }
        self.open = Some((self.clock.now(), Stopwatch::start()));
    }

    /// The attempt was answered.
    pub(crate) fn answered(&mut self, answer: &Answer) {
        self.close(|at, took| Attempt {
            at,
            took_ms: took.as_secs_f64() * 1000.0,
            status: Some(answer.status),
            response_headers: answer.headers.iter().map(|(name, _)| (name.clone(), REDACTED.into())).collect(),
            response_body: None,
            response_bytes: answer.body.len() as u64,
            failed: None,
        });
    }

    /// The attempt came to nothing.
    pub(crate) fn failed(&mut self, why: &str) {
        self.close(|at, took| Attempt {
            at,
            took_ms: took.as_secs_f64() * 1000.0,
            status: None,
            response_headers: Vec::new(),
            response_body: None,
            response_bytes: 0,
            failed: Some(why.into()),
        });
    }

    fn close(&mut self, attempt: impl FnOnce(Timestamp, Duration) -> Attempt) {
        let (Some((at, watch)), Some(exchange)) = (self.open.take(), &mut self.exchange) else { return };
        exchange.attempts.push(attempt(at, watch.elapsed()));
    }
}

impl Drop for Log<'_> {
    fn drop(&mut self) {
        if self.open.is_some() {
            self.failed("given up before an answer came");
        }
        if let Some(exchange) = self.exchange.take().filter(|exchange| !exchange.attempts.is_empty()) {
            recorder::note(|notes| notes.exchanges.push(exchange));
        }
    }
}
