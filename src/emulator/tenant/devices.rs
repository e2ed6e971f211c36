//! The tenant's devices, and what their sensors saw.

use std::{
    collections::{BTreeMap, VecDeque},
    net::{IpAddr, Ipv4Addr},
};

use jiff::Timestamp;

use crate::emulator::{
    detection::Event,
    noise,
    tenant::{Tenant, custom::Custom},
};

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
    /// The device group that it belongs to.
    pub group: Option<Group>,
    /// What people tagged it with.
    pub tags: Vec<String>,
}

/// A group of devices that a person made in the portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The number, 1, 2, …
    pub id: i64,
    /// The name.
    pub name: String,
}

impl Group {
    /// Whether `custom` is for the devices of this group, by name or id.
    pub(super) fn is_of(&self, custom: &Custom) -> bool {
        let id = self.id.to_string();
        custom.groups.iter().any(|name| name.eq_ignore_ascii_case(&self.name)) || custom.group_ids.contains(&id)
    }
}

impl Device {
    /// What stands for the device of an alert that is about none.
    pub(in crate::emulator) fn nameless() -> Self {
        Self {
            id: String::new(),
            name: String::new(),
            onboarded: false,
            address: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            group: None,
            tags: Vec::new(),
        }
    }

    /// The account and domain of the person at the device: the emulator's convention, a local account.
    pub fn user(&self) -> (String, String) {
        let host = self.name.split('.').next().unwrap_or_default();
        ("user1".to_owned(), host.to_ascii_uppercase().chars().take(15).collect())
    }
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
    /// Whether the device was kept from it.
    pub kept_off: bool,
}

/// How many of the latest events are kept.
const EVENTS_KEPT: usize = 5_000;

/// How many devices a tenant may hold here, so that memory stays bounded.
pub const DEVICES_AT_MOST: usize = 10_000;

/// More tags than these on one device push out the oldest: memory stays bounded.
const TAGS_AT_MOST: usize = 200;

impl Tenant {
    /// The device of this id, in any letter case.
    pub fn device_by_id(&self, id: &str) -> Option<&Device> {
        self.devices().find(|device| device.id.eq_ignore_ascii_case(id))
    }

    /// Adds a tag to the device of this name, or takes it away.
    pub fn tag_device(&mut self, name: &str, tag: String, adds: bool) {
        let Some(device) = self.devices.get_mut(name) else { return };
        device.tags.retain(|known| *known != tag);
        if adds {
            device.tags.push(tag);
        }
        let surplus = device.tags.len().saturating_sub(TAGS_AT_MOST);
        device.tags.drain(..surplus);
    }

    /// Puts the device of this name into the group of that one, which is made if there is none; or into none.
    pub fn group_device(&mut self, name: &str, group: Option<&str>) {
        let groups: Vec<_> = self.devices().filter_map(|device| device.group.clone()).collect();
        let known = |name: &str| groups.iter().find(|group| group.name.eq_ignore_ascii_case(name)).cloned();
        let next = groups.iter().map(|group| group.id).max().unwrap_or_default() + 1;
        let group = group.map(|name| known(name).unwrap_or_else(|| Group { id: next, name: name.to_owned() }));
        if let Some(device) = self.devices.get_mut(name) {
            device.group = group;
        }
    }
}

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

    fn get_mut(&mut self, name: &str) -> Option<&mut Device> {
        self.by_name.get_mut(&name.to_ascii_lowercase())
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
                group: None,
                tags: Vec::new(),
            }
        });
        device.onboarded = onboarded;
        Some(device.clone())
    }

    /// The event of this number, if it is still kept.
    pub(super) fn event(&self, number: u64) -> Option<&Telemetry> {
        let place = self.events.binary_search_by_key(&number, |telemetry| telemetry.number).ok()?;
        self.events.get(place)
    }

    /// Keeps an event, under the next number, and returns it.
    pub(super) fn remember(&mut self, at: Timestamp, event: Event, kept_off: bool) -> Telemetry {
        self.seen += 1;
        if self.events.len() == EVENTS_KEPT {
            self.events.pop_front();
        }
        let telemetry = Telemetry { number: self.seen, at, event, kept_off };
        self.events.push_back(telemetry.clone());
        telemetry
    }
}
