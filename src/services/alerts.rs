//! Alerts: what a tenant shows, and what is said of them.

use futures::future::BoxFuture;
use jiff::Timestamp;

use crate::{
    domain::alert::Alert,
    services::error::{Capability, ServiceError},
};

/// What a service can tell of alerts, and be told of them.
pub trait Alerts: Send + Sync {
    /// Every alert that the service had ready at `since` or later, oldest first.
    fn since(&self, since: Timestamp) -> BoxFuture<'_, Result<Vec<Alert>, ServiceError>>;

    /// How many alerts it closes in one call, at most; 1 is that each is closed by itself.
    fn closed_at_once(&self) -> usize {
        1
    }

    /// Closes the alerts of these ids as security tests, each with `comment`, and says of each how it went, in the order
    /// of `ids`.
    fn close_many<'a>(&'a self, ids: &'a [String], _comment: &'a str) -> BoxFuture<'a, Vec<Result<(), ServiceError>>> {
        let none =
            || ServiceError::Unsupported { what: Capability::Alerts, why: "it has no call that closes one".into() };
        Box::pin(std::future::ready(ids.iter().map(|_| Err(none())).collect()))
    }
}
