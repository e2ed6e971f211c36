//! The tenant's directory: which services have a principal in it, and which of their roles the application was granted.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::emulator::{
    propagation::{self, History},
    roles::{PRINCIPALS, Principal, Resource},
    tenant::Tenant,
};

/// What the directory holds.
#[derive(Debug)]
pub(super) struct Directory {
    entries: Vec<Entry>,
    licensed: bool,
}

/// A service in the directory.
#[derive(Debug)]
struct Entry {
    principal: &'static Principal,
    present: bool,
    roles: History<Vec<String>>,
}

impl Directory {
    /// Every service, with every one of its roles granted: whoever starts an emulator wants to use it.
    pub(super) fn new() -> Self {
        let entry = |principal: &'static Principal| {
            let mut roles = History::new();
            let all = principal.roles.iter().map(|(role, _)| (*role).to_owned()).collect();
            roles.accept(Some(all), Timestamp::MIN);
            Entry { principal, present: true, roles }
        };
        Self { entries: PRINCIPALS.iter().map(entry).collect(), licensed: true }
    }

    fn entry(&self, resource: Resource) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.principal.resource == resource)
    }

    fn entry_mut(&mut self, resource: Resource) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|entry| entry.principal.resource == resource)
    }

    /// Every service in JSON, with the roles that a token issued at `now` carries.
    pub(super) fn to_json(&self, now: Timestamp) -> Value {
        let entry = |entry: &Entry| {
            let roles = entry.roles.at(now).and_then(|version| version.content.as_ref());
            json!({
                "name": entry.principal.name, "appId": entry.principal.app_id, "present": entry.present, "roles": roles,
            })
        };
        Value::Array(self.entries.iter().map(entry).collect())
    }
}

impl Tenant {
    /// The roles of a service that a token issued at `now` carries.
    pub(in crate::emulator) fn roles(&self, resource: Resource, now: Timestamp) -> &[String] {
        let version = self.directory.entry(resource).and_then(|entry| entry.roles.at(now));
        version.and_then(|version| version.content.as_deref()).unwrap_or_default()
    }

    /// Grants exactly these roles of a service, and revokes its others. Tokens carry them once they have been
    /// replicated; those issued before never do.
    pub(in crate::emulator) fn grant_roles(&mut self, resource: Resource, roles: Vec<String>, now: Timestamp) {
        let from = propagation::after(now, self.knobs.identity.role_lag);
        if let Some(entry) = self.directory.entry_mut(resource) {
            entry.roles.settle(now);
            entry.roles.accept(Some(roles), from);
        }
    }

    /// Whether the tenant has a licence for the services of today.
    pub(in crate::emulator) fn is_licensed(&self) -> bool {
        self.directory.licensed
    }

    /// Lets the licence end, or renews it.
    pub(in crate::emulator) fn license(&mut self, active: bool) {
        self.directory.licensed = active;
    }

    /// Whether the directory has a principal of the service.
    pub(in crate::emulator) fn knows(&self, resource: Resource) -> bool {
        self.directory.entry(resource).is_some_and(|entry| entry.present)
    }

    /// Adds the principal of a service to the directory, or removes it.
    pub(in crate::emulator) fn put_principal(&mut self, resource: Resource, present: bool) {
        if let Some(entry) = self.directory.entry_mut(resource) {
            entry.present = present;
        }
    }
}
