//! A byte stream to a client: TCP, TLS over it, or what runs through a tunnel.
//!
//! It can look at the first byte without taking it, gives up on a client that does not take what it asked for, and
//! tells who waits for it when all that was written has left.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use futures::task::AtomicWaker;
use hyper::rt::{Sleep, Timer};
use hyper_util::rt::TokioTimer;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

/// What a [`Wire`] can run over.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A byte stream to a client.
pub(super) struct Wire {
    stream: Box<dyn Stream>,
    first: Option<u8>,
    flushed: Arc<Flushed>,
    patience: Duration,
    stuck: Option<Pin<Box<dyn Sleep>>>,
}

impl Wire {
    /// A wire over `stream`, which is given up when the client takes nothing for `patience` of real time.
    pub(super) fn new(stream: impl Stream + 'static, patience: Duration) -> Self {
        Self { stream: Box::new(stream), first: None, flushed: Arc::default(), patience, stuck: None }
    }

    /// The first byte, which will be read again; none at the end of the stream.
    pub(super) async fn peek(&mut self) -> io::Result<Option<u8>> {
        if self.first.is_none() {
            let mut byte = [0];
            if self.stream.read(&mut byte).await? == 1 {
                self.first = Some(byte[0]);
            }
        }
        Ok(self.first)
    }

    /// Tells when all that was written has left.
    pub(super) fn flushed(&self) -> Arc<Flushed> {
        Arc::clone(&self.flushed)
    }

    /// A write that is not ready: bad only if it stays so.
    fn waits(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        let patience = self.patience;
        let stuck = self.stuck.get_or_insert_with(|| TokioTimer::new().sleep(patience));
        ready!(stuck.as_mut().poll(cx));
        Poll::Ready(io::Error::new(io::ErrorKind::TimedOut, "the client takes nothing"))
    }

    fn written<T>(&mut self, outcome: Poll<io::Result<T>>, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        match outcome {
            Poll::Pending => self.waits(cx).map(Err),
            Poll::Ready(outcome) => {
                self.stuck = None;
                Poll::Ready(outcome)
            }
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if buf.remaining() > 0
            && let Some(first) = self.first.take()
        {
            buf.put_slice(&[first]);
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.written(outcome, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.written(outcome, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.stream).poll_flush(cx);
        if outcome.is_ready() {
            self.flushed.all_has_left();
        }
        self.written(outcome, cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.written(outcome, cx)
    }
}

/// Whether all that was written has left. One may wait for it at a time.
#[derive(Debug, Default)]
pub(super) struct Flushed {
    left: AtomicBool,
    waiting: AtomicWaker,
}

impl Flushed {
    /// Says that more is about to be written.
    pub(super) fn expect_more(&self) {
        self.left.store(false, Ordering::Release);
    }

    /// Ready once a flush has ended after the last [`Flushed::expect_more`].
    pub(super) fn poll(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.waiting.register(cx.waker());
        if self.left.load(Ordering::Acquire) { Poll::Ready(()) } else { Poll::Pending }
    }

    fn all_has_left(&self) {
        if !self.left.swap(true, Ordering::AcqRel) {
            self.waiting.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;

    use super::*;

    #[tokio::test]
    async fn the_byte_looked_at_is_read_again() {
        let (client, mut server) = tokio::io::duplex(64);
        server.write_all(b"GET").await.expect("room");
        drop(server);
        let mut wire = Wire::new(client, Duration::from_secs(5));
        assert_eq!(wire.peek().await.expect("a byte"), Some(b'G'));
        assert_eq!(wire.peek().await.expect("a byte"), Some(b'G'));
        let mut all = String::new();
        wire.read_to_string(&mut all).await.expect("text");
        assert_eq!(all, "GET");
    }

    #[tokio::test]
    async fn a_client_that_takes_nothing_is_given_up() {
        let (client, _reads_nothing) = tokio::io::duplex(4);
        let mut wire = Wire::new(client, Duration::from_millis(20));
        let error = wire.write_all(b"more than four bytes").await.expect_err("nobody reads");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn whoever_waits_is_told_when_all_has_left() {
        let (client, _server) = tokio::io::duplex(64);
        let mut wire = Wire::new(client, Duration::from_secs(5));
        let flushed = wire.flushed();
        flushed.expect_more();
        assert!(futures::poll!(std::future::poll_fn(|cx| flushed.poll(cx))).is_pending());
        wire.write_all(b"x").await.expect("room");
        wire.flush().await.expect("nothing in the way");
        std::future::poll_fn(|cx| flushed.poll(cx)).await;
    }
}
