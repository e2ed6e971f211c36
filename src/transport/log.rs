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
    },
};

/// An exchange that is going on. Dropped, it goes into the record of the drill that is running.
pub(crate) struct Log<'a> {
    clock: &'a Clock,
    call: &'a Call,
    exchange: Option<Exchange>,
    /// The attempt that is on its way.
    open: Option<(Timestamp, Stopwatch)>,
}

impl<'a> Log<'a> {
    /// An exchange of which nothing has been sent.
    pub(crate) fn open(clock: &'a Clock, call: &'a Call) -> Self {
        Self { clock, call, exchange: None, open: None }
    }

    /// An attempt begins, with these headers.
    pub(crate) fn sending(&mut self, headers: &[(String, String)]) {
        let call = self.call;
        self.exchange.get_or_insert_with(|| {
            let body = call.body.as_ref().map(|body| body.bytes.as_slice());
            Exchange::new(call.purpose.as_str(), call.method.as_str(), call.url.as_str(), pairs(headers), body)
        });
        self.open = Some((self.clock.now(), Stopwatch::start()));
    }

    /// The attempt was answered.
    pub(crate) fn answered(&mut self, answer: &Answer) {
        let body = self.body(answer);
        self.close(|at, took| Attempt::answered(at, took, answer.status, pairs(&answer.headers), body));
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
        self.close(|at, took| match part {
            Some((part, body)) => Attempt::answered(at, took, part.status, pairs(&part.headers), body).broken_off(why),
            None => Attempt::failed(at, took, why),
        });
    }

    fn close(&mut self, attempt: impl FnOnce(Timestamp, Duration) -> Attempt) {
        let (Some((at, watch)), Some(exchange)) = (self.open.take(), &mut self.exchange) else { return };
        exchange.push(attempt(at, watch.elapsed()));
    }
}

impl Drop for Log<'_> {
    fn drop(&mut self) {
        self.close(|at, took| Attempt::failed(at, took, "given up before an answer came"));
        if let Some(exchange) = self.exchange.take() {
            recorder::note(|notes| notes.exchanges.push(exchange));
        }
    }
}

fn pairs(headers: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_str()))
}
