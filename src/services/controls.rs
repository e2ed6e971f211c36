//! What the owner of a tenant, or of a laboratory, can change around a drill: devices, switches, the pace of things.
//!
//! A tenant that offers none of it has no [`Controls`], and a drill that needs them is skipped with that reason.

use std::time::Duration;

use futures::future::BoxFuture;

use crate::{domain::device::Device, services::error::ServiceError};

/// What can be set of a laboratory's pace and limits; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Knobs {
    /// From acceptance of a definition or indicator until it is in effect, exactly.
    pub propagation: Option<Duration>,
    /// From an event on a device until its alert can be read, exactly.
    pub detection: Option<Duration>,
    /// How many alert definitions the tenant may hold.
    pub definition_quota: Option<u32>,
    /// How many indicators the tenant may hold.
    pub indicator_quota: Option<u32>,
    /// How many indicators with another function than `Equals` the tenant may hold.
    pub pattern_quota: Option<u32>,
    /// How many entities of a list come in one page.
    pub page_size: Option<u32>,
}

/// What a device can be made to do from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRun {
    /// The file's name.
    pub name: String,
    /// Its whole content.
    pub content: Vec<u8>,
}

/// Deliberate misbehaviour of a laboratory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Which, in the laboratory's own words: `GET {control}` lists them.
    pub kind: String,
    /// Its settings, in the laboratory's own words.
    pub settings: Vec<(String, String)>,
}

/// What can be changed around a drill.
pub trait Controls: Send + Sync {
    /// Adds a device of this name that the sensor watches, or onboards it again.
    fn onboard<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Device, ServiceError>>;

    /// Stops the sensor of a device; adds the device where there is none of this name.
    fn offboard<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Device, ServiceError>>;

    /// Makes a device write a file and run it.
    fn run_file<'a>(&'a self, device: &'a Device, file: &'a FileRun) -> BoxFuture<'a, Result<(), ServiceError>>;

    /// Switches the threat intelligence API of the tenant on or off.
    fn switch_api(&self, on: bool) -> BoxFuture<'_, Result<(), ServiceError>>;

    /// Sets the pace and limits of the laboratory.
    fn set<'a>(&'a self, knobs: &'a Knobs) -> BoxFuture<'a, Result<(), ServiceError>>;

    /// Leaves the application these roles of the service and no others; tokens issued from now on say so.
    fn grant<'a>(&'a self, roles: &'a [String]) -> BoxFuture<'a, Result<(), ServiceError>>;

    /// Makes the laboratory misbehave.
    fn inject<'a>(&'a self, fault: &'a Fault) -> BoxFuture<'a, Result<(), ServiceError>>;
}
