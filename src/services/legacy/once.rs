//! What is created once, though the answer to it is lost.
//!
//! The service has no key that the caller chooses, and no way to say "the same again": to create twice makes two. So what
//! may have been created is looked for, and sent again only where it is not there.

use std::time::Duration;

use crate::{
    services::{
        error::{ServiceError, may_have_been_done},
        legacy::Legacy,
    },
    transport::{
        call::{Call, Reply},
        error::TransportError,
    },
};

/// At most so often something is sent.
const ATTEMPTS: u32 = 4;

/// The wait before it is sent again; it doubles from one to the next.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// What looking for something came to.
pub(super) enum Looked<T> {
    /// It is there.
    There(T),
    /// It is not.
    NotThere,
    /// Nobody can tell: then it is not sent again, and what is there, clean-up finds.
    Unknown,
}

impl Legacy {
    /// Creates something by `call`, and tells it as `read` reads it from the answer, or as `look` finds it.
    pub(super) async fn create_once<T, L: Future<Output = Looked<T>>>(
        &self,
        call: Call,
        read: impl Fn(&Reply) -> Result<T, ServiceError>,
        look: impl Fn() -> L,
    ) -> Result<T, ServiceError> {
        let (mut sent, mut wait) = (0, FIRST_WAIT);
        loop {
            sent += 1;
            let error = match self.call(call.clone()).await.and_then(|reply| read(&reply)) {
                Err(error) if may_have_been_done(&error) => error,
                told => return told,
            };
            match look().await {
                Looked::There(created) => return Ok(created),
                Looked::NotThere if sent < ATTEMPTS && is_over(&error) => self.transport.pause(wait).await,
                Looked::NotThere | Looked::Unknown => return Err(error),
            }
            wait *= 2;
        }
    }
}

/// Whether the service is done with the request: what something in between gave up may still be carried out.
fn is_over(error: &ServiceError) -> bool {
    !matches!(
        error,
        ServiceError::Transport(TransportError::TimedOut { .. } | TransportError::Refused { status: 502 | 504, .. })
    )
}
