//! Alerts: what a tenant shows.

use futures::future::BoxFuture;
use jiff::Timestamp;

use crate::{domain::alert::Alert, services::error::ServiceError};

/// What a service can tell of alerts.
pub trait Alerts: Send + Sync {
    /// Every alert that the service had ready at `since` or later, oldest first.
    fn since(&self, since: Timestamp) -> BoxFuture<'_, Result<Vec<Alert>, ServiceError>>;
}
