//! Devices: what a tenant knows of one.

use std::sync::Arc;

use futures::future::BoxFuture;
use jiff::Timestamp;

use crate::{domain::device::Device, services::error::ServiceError};

/// A device as the tenant knows it. Words stay as the service wrote them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// Its key and name.
    pub device: Device,
    /// Its operating system: `Windows10`.
    pub platform: Option<String>,
    /// Whether its sensor is set up to report: `Onboarded`.
    pub onboarding: Option<String>,
    /// Whether its sensor does report: `Active`.
    pub health: Option<String>,
    /// When it last reported in full, which is about once a day: no sign of life of this minute.
    pub last_seen: Option<Timestamp>,
    /// The same as the service wrote it.
    pub original: Arc<str>,
}

/// What a service can tell of devices.
pub trait Devices: Send + Sync {
    /// The device of this name, the one that reported last where there are several; `None` is that there is none.
    fn named<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<Machine>, ServiceError>>;
}
