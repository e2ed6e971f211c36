//! An alert, as a tenant shows it.

use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::{device::Device, entity::Entity};

/// An alert as seen. Texts stay as the service wrote them, for what it wrote is what is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// The service's own key.
    pub id: String,
    /// Which of the alert's indicators this is: an alert with several comes in parts, counted from 0.
    pub part: u32,
    /// The title.
    pub title: String,
    /// The severity.
    pub severity: String,
    /// The category.
    pub category: String,
    /// The description.
    pub description: String,
    /// What raised it: `CustomerTI` for an alert of an indicator of the tenant's own.
    pub source: String,
    /// Where it happened.
    pub device: Device,
    /// The observables that the alert names, the indicator's own first where it says which that is.
    pub observables: Vec<String>,
    /// What its evidence names, the device as well.
    pub entities: Vec<Entity>,
    /// When the device did what raised it.
    pub happened_at: Timestamp,
    /// When the device last did so; later than `happened_at` where an open alert took further events in.
    pub last_happened_at: Timestamp,
    /// When the service had it, as it is, ready to be read.
    pub processed_at: Timestamp,
    /// The alert's page in the portal.
    pub link: Option<String>,
    /// The alert as the service wrote it, where that says more than is read here.
    pub original: Option<Arc<str>>,
}
