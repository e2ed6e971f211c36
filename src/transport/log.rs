//! Writes an exchange down, attempt by attempt. What is given up on the way is written down as well.

use std::time::Duration;

use jiff::Timestamp;

use crate::{
    clock::{Clock, limit::Stopwatch},
    record::{
        exchange::{Attempt, Exchange, REDACTED},
        recorder,
    },
    transport::{
        call::Call,
        send::{Answer, Lost},
        shared::Shared,
    },
};

/// An exchange that is going on. Dropped, it goes into the record of the drill that is running; one that carries many, into
/// the record of each of them, with what is its own.
pub(crate) struct Log<'a> {
    clock: &'a Clock,
    call: &'a Call,
    shared: Option<&'a Shared>,
    exchanges: Vec<Exchange>,
    /// The attempt that is on its way.
    open: Option<(Timestamp, Stopwatch)>,
}

impl<'a> Log<'a> {
    /// An exchange of which nothing has been sent.
    pub(crate) fn open(clock: &'a Clock, call: &'a Call) -> Self {
        let shared = call.shared.as_ref().filter(|_| recorder::hears_several());
        Self { clock, call, shared, exchanges: Vec::new(), open: None }
    }

    /// An attempt begins, with these headers.
    pub(crate) fn sending(&mut self, headers: &[(String, String)]) {
        if self.exchanges.is_empty() {
            let call = self.call;
            let body = call.body.as_ref().map(|body| body.bytes.as_slice());
            let exchange = |body: Option<&[u8]>| {
                Exchange::new(call.purpose.as_str(), call.method.as_str(), call.url.as_str(), pairs(headers), body)
            };
            self.exchanges = match (self.shared, body) {
                (None, body) => vec![exchange(body)],
                (Some(shared), None) => shared.shares.iter().map(|_| exchange(None)).collect(),
                (Some(shared), Some(body)) => {
                    shared.requests(body).iter().map(|own| exchange(Some(own.as_slice()))).collect()
                }
            };
        }
        self.open = Some((self.clock.now(), Stopwatch::start()));
    }

    /// The attempt was answered.
    pub(crate) fn answered(&mut self, answer: &Answer) {
        let body = self.body(answer);
        let attempt = |at, took, body: &[u8]| Attempt::answered(at, took, answer.status, pairs(&answer.headers), body);
        match self.shared {
            None => self.close(|at, took| vec![attempt(at, took, body)]),
            Some(shared) => {
                let own = shared.answers(body);
                self.close(|at, took| own.iter().map(|body| attempt(at, took, body)).collect());
            }
        }
    }

    /// What is written down of an answer's body.
    fn body<'b>(&self, answer: &'b Answer) -> &'b [u8] {
        let is_a_secret = self.call.answers_a_secret && (200..300).contains(&answer.status);
        if is_a_secret { REDACTED.as_bytes() } else { &answer.body }
    }

    /// The attempt came to nothing, or to a part of an answer.
    pub(crate) fn lost(&mut self, lost: &Lost) {
        let why = lost.why.to_string();
        let part = lost.came.as_ref().map(|part| (part, self.body(part)));
        self.close(|at, took| {
            vec![match part {
                Some((part, body)) => {
                    Attempt::answered(at, took, part.status, pairs(&part.headers), body).broken_off(why)
                }
                None => Attempt::failed(at, took, why),
            }]
        });
    }

    /// Ends the attempt that is on its way: with an attempt for each exchange, or one for all.
    fn close(&mut self, attempts: impl FnOnce(Timestamp, Duration) -> Vec<Attempt>) {
        let Some((at, watch)) = self.open.take() else { return };
        let attempts = attempts(at, watch.elapsed());
        for (exchange, attempt) in self.exchanges.iter_mut().zip(attempts.iter().cycle()) {
            exchange.push(attempt.clone());
        }
    }
}

impl Drop for Log<'_> {
    fn drop(&mut self) {
        self.close(|at, took| vec![Attempt::failed(at, took, "given up before an answer came")]);
        let exchanges = std::mem::take(&mut self.exchanges).into_iter();
        match self.shared {
            None => exchanges.for_each(recorder::note_exchange),
            Some(shared) => exchanges.zip(&shared.shares).for_each(|(exchange, share)| {
                recorder::note_of(share.place, |notes| notes.exchanges.push(exchange));
            }),
        }
    }
}

fn pairs(headers: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_str()))
}
