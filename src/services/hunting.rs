//! Hunting: what devices reported, row by row. It bears witness that a stimulus arrived, alert or no alert.

use futures::future::BoxFuture;
use jiff::Timestamp;

use crate::{
    domain::{device::Device, indicator::Kind},
    services::error::ServiceError,
};

/// What is looked for among the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sought<'a> {
    /// The device that did it.
    pub device: &'a Device,
    /// What kind of observable it touched.
    pub kind: Kind,
    /// The observable.
    pub observable: &'a str,
    /// Not before this moment, on the drill's clock.
    pub since: Timestamp,
}

/// A row that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// When the device did it, on the drill's clock.
    pub at: Timestamp,
    /// The table that it stands in: `DeviceNetworkEvents`.
    pub table: String,
    /// What was done, in the service's word: `ConnectionSuccess`.
    pub action: String,
}

/// What a service can tell of telemetry.
pub trait Hunting: Send + Sync {
    /// The rows of what is sought, oldest first.
    fn rows<'a>(&'a self, sought: Sought<'a>) -> BoxFuture<'a, Result<Vec<Row>, ServiceError>>;
}
