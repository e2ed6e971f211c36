//! The tenant's devices, and what their sensors saw.

use std::{
    collections::{BTreeMap, VecDeque},
    net::{IpAddr, Ipv4Addr},
};

use jiff::Timestamp;

use crate::emulator::{detection::Event, noise};

/// A device of the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Forty hexadecimal digits.
    pub id: String,
    /// The name, as it was given.
    pub name: String,
    /// Whether its sensor reports to the tenant.
    pub onboarded: bool,
    /// Its own address.
    pub address: IpAddr,
}

/// An event that a sensor reported, and when it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telemetry {
    /// Its number: the first event of the tenant is 1.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub event: Event,
}

/// How many of the latest events are kept.
const EVENTS_KEPT: usize = 5_000;

/// How many devices a tenant may hold here, so that memory stays bounded.
pub const DEVICES_AT_MOST: usize = 10_000;

/// Devices by name, in lower case.
#[derive(Debug, Default)]
pub(super) struct Devices {
    by_name: BTreeMap<String, Device>,
    events: VecDeque<Telemetry>,
    /// How many events there ever were.
    seen: u64,
}

impl Devices {
    pub(super) fn get(&self, name: &str) -> Option<&Device> {
        self.by_name.get(&name.to_ascii_lowercase())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Device> {
        self.by_name.values()
    }

    pub(super) fn events(&self) -> impl DoubleEndedIterator<Item = &Telemetry> {
        self.events.iter()
    }

    /// Adds the device or changes whether it is onboarded; none when there is no room for another.
    pub(super) fn put(&mut self, name: &str, onboarded: bool, seed: u64) -> Option<Device> {
        let key = name.to_ascii_lowercase();
        if !self.by_name.contains_key(&key) && self.by_name.len() >= DEVICES_AT_MOST {
            return None;
        }
        let device = self.by_name.entry(key).or_insert_with_key(|key| {
            let raw = noise::bytes(seed, &["device", key]);
            Device {
                id: noise::hex(&raw[..20]),
                name: name.to_owned(),
                onboarded,
                address: IpAddr::V4(Ipv4Addr::new(10, raw[20], raw[21], raw[22].max(1))),
            }
        });
        device.onboarded = onboarded;
        Some(device.clone())
    }

    /// Keeps an event, under the next number.
    pub(super) fn remember(&mut self, at: Timestamp, event: Event) {
        self.seen += 1;
        if self.events.len() == EVENTS_KEPT {
            self.events.pop_front();
        }
        self.events.push_back(Telemetry { number: self.seen, at, event });
    }
}
