//! Custom indicators are published, changed, taken away, and expire.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::emulator::{
    detection::{Activity, Candidate},
    propagation,
    tenant::{
        Tenant,
        custom::{
            Action, Custom, Kind,
            index::{Index, Touch},
        },
        publishing::Fate,
        shelf::{Asked, Dropped, Shelf, Stored},
    },
};

/// The tenant holds as many custom indicators as it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;

/// What makes two indicators the same one: the same thing, action and devices. That the devices count is probable, not
/// certain.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    kind: Kind,
    value: String,
    action: Action,
    groups: Vec<String>,
    group_ids: Vec<String>,
}

impl Key {
    fn of(custom: &Custom) -> Self {
        let sorted = |names: &[String]| {
            let mut names = names.to_vec();
            names.sort_unstable();
            names
        };
        Self {
            kind: custom.kind,
            value: if custom.kind == Kind::Url { custom.value.clone() } else { custom.value.to_lowercase() },
            action: custom.action.of_today(),
            groups: sorted(&custom.groups),
            group_ids: sorted(&custom.group_ids),
        }
    }
}

/// What an indicator says only when it is made: a change leaves it as it was.
const ONLY_AT_FIRST: [&str; 3] = ["application", "version", "certificateInfo"];

/// The custom indicators of a tenant.
#[derive(Debug)]
pub(in crate::emulator::tenant) struct Customs {
    shelf: Shelf<Custom>,
    ids: BTreeMap<Key, i64>,
    expiries: BTreeSet<(Timestamp, i64)>,
    index: Index,
}

impl Customs {
    pub(in crate::emulator::tenant) fn new() -> Self {
        Self { shelf: Shelf::new(), ids: BTreeMap::new(), expiries: BTreeSet::new(), index: Index::default() }
    }

    /// What of `activity` touches indicators that are enforced at `now`. A device knows the same thing once, so that what
    /// was published again before its removal came through is the one that counts.
    pub(super) fn enforced(&self, activity: &Activity, now: Timestamp) -> Vec<(Touch, Custom)> {
        let in_force = |touch: Touch| {
            let (version, custom) = self.shelf.in_effect(touch.candidate.indicator, now)?;
            (version == touch.candidate.version).then(|| (touch, custom.clone()))
        };
        let mut enforced: Vec<(Touch, Custom)> =
            self.index.touched(activity).into_iter().filter_map(in_force).collect();
        if enforced.len() > 1 {
            let mut last: BTreeMap<Key, i64> = BTreeMap::new();
            for (touch, custom) in &enforced {
                let newest = last.entry(Key::of(custom)).or_insert(touch.candidate.indicator);
                *newest = touch.candidate.indicator.max(*newest);
            }
            enforced.retain(|(touch, custom)| last[&Key::of(custom)] == touch.candidate.indicator);
        }
        enforced
    }

    fn unindex(&mut self, dropped: Vec<Dropped<Custom>>) {
        for (id, version) in dropped {
            if let Some(custom) = version.content {
                self.index.remove(&custom, Candidate { indicator: id, version: version.number });
            }
        }
    }

    /// Takes away from what is shown and looked up by key; enforcement ends at `from`.
    fn delete(&mut self, id: i64, from: Timestamp) {
        let Some(stored) = self.shelf.get(id) else { return };
        self.ids.remove(&Key::of(&stored.content));
        if let Some(at) = stored.content.expires_at {
            self.expiries.remove(&(at, id));
        }
        let dropped = self.shelf.delete(id, from);
        self.unindex(dropped);
    }

    /// Whether nothing at all is kept.
    #[cfg(test)]
    fn is_bare(&self) -> bool {
        self.shelf.is_bare() && self.ids.is_empty() && self.expiries.is_empty() && self.index.is_bare()
    }
}

impl Tenant {
    /// Every custom indicator, by id. Those whose time was over when the tenant was last settled are not among them.
    pub fn customs(&self) -> impl Iterator<Item = &Stored<Custom>> {
        self.customs.shelf.iter()
    }

    /// The custom indicator of this id.
    pub fn custom(&self, id: i64) -> Option<&Stored<Custom>> {
        self.customs.shelf.get(id)
    }

    /// Whether what the custom indicator of this id says is what devices enforce at `now`.
    pub fn custom_is_enforced(&self, id: i64, now: Timestamp) -> bool {
        let enforced = self.customs.shelf.in_effect(id, now).map(|(_, custom)| custom);
        enforced.is_some() && enforced == self.custom(id).map(|stored| &stored.content)
    }

    /// Keeps a custom indicator: a change of the one that looks for the same thing with the same action on the same
    /// devices, or else a new one.
    pub fn publish_custom(&mut self, custom: Custom, asked: Asked<'_>) -> Result<Stored<Custom>, Full> {
        self.settle(asked.at);
        let key = Key::of(&custom);
        let known = self.customs.ids.get(&key).copied();
        if known.is_none() && self.customs.shelf.len() >= self.knobs.endpoint.custom_quota {
            return Err(Full);
        }
        let text = format!("{}\n{}", custom.title, custom.value);
        let fate = self.fate(&text, asked.at);
        if fate == Fate::Forgotten {
            return Ok(self.customs.shelf.make(custom, asked));
        }
        let id = match known {
            Some(id) => self.change_custom(id, custom, asked),
            None => self.make_custom(key, custom, asked, fate),
        };
        let stored = self.custom(id).cloned();
        self.settle(asked.at);
        stored.ok_or(Full)
    }

    fn make_custom(&mut self, key: Key, custom: Custom, asked: Asked<'_>, fate: Fate) -> i64 {
        let stored = self.customs.shelf.make(custom, asked);
        let id = stored.id;
        let from = fate.from(self.enforced_from(stored.content.kind, (id, 0), asked.at));
        self.customs.index.insert(&stored.content, Candidate { indicator: id, version: 0 });
        self.customs.ids.insert(key, id);
        self.customs.expiries.extend(stored.content.expires_at.map(|at| (at, id)));
        self.customs.shelf.keep(stored, from);
        id
    }

    fn change_custom(&mut self, id: i64, mut custom: Custom, asked: Asked<'_>) -> i64 {
        let version = self.customs.shelf.next_version(id);
        let from = self.enforced_from(custom.kind, (id, version), asked.at);
        if let Some(before) = self.customs.shelf.get(id) {
            for name in ONLY_AT_FIRST {
                match before.content.carried.get(name) {
                    Some(value) => drop(custom.carried.insert(name, value.clone())),
                    None => drop(custom.carried.remove(name)),
                }
            }
            custom.source = before.content.source;
            custom.author.clone_from(&before.content.author);
            if let Some(at) = before.content.expires_at {
                self.customs.expiries.remove(&(at, id));
            }
        }
        self.customs.expiries.extend(custom.expires_at.map(|at| (at, id)));
        self.customs.index.insert(&custom, Candidate { indicator: id, version });
        let dropped = self.customs.shelf.change(id, custom, asked, from);
        self.customs.unindex(dropped);
        id
    }

    /// Takes the custom indicator of this id away; false when there is none.
    pub fn delete_custom(&mut self, id: i64, now: Timestamp) -> bool {
        self.settle(now);
        let known = self.custom(id).is_some();
        let from = self.released_from(id, now);
        self.customs.delete(id, from);
        self.settle(now);
        known
    }

    /// Deletes what has expired by `now`, each at its second, and forgets what no longer matters.
    pub(in crate::emulator::tenant) fn settle_customs(&mut self, now: Timestamp) {
        while let Some(&(at, id)) = self.customs.expiries.first() {
            if at > now {
                break;
            }
            let from = self.released_from(id, at);
            self.customs.delete(id, from);
        }
        let dropped = self.customs.shelf.settle(now);
        self.customs.unindex(dropped);
    }

    /// When devices enforce what was accepted at `at`.
    fn enforced_from(&self, kind: Kind, (id, version): (i64, u64), at: Timestamp) -> Timestamp {
        let knobs = &self.knobs.endpoint;
        let range = if kind.is_network() { knobs.network_enforcement } else { knobs.file_enforcement };
        let parts = ["enforcement", &id.to_string(), &version.to_string()];
        propagation::after(at, propagation::draw(range, self.seed, &parts))
    }

    /// When devices no longer enforce what was taken away at `at`.
    fn released_from(&self, id: i64, at: Timestamp) -> Timestamp {
        let range = self.knobs.endpoint.enforcement_removal;
        propagation::after(at, propagation::draw(range, self.seed, &["release", &id.to_string()]))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::emulator::{
        detection::Event,
        knobs::Knobs,
        tenant::{FIRST_DEVICE, Observation, custom::custom},
    };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).expect("a moment")
    }

    fn asked(second: i64) -> Asked<'static> {
        Asked { by: "somebody", at: at(second) }
    }

    fn tenant() -> Tenant {
        let knobs = json!({
            "networkEnforcementSeconds": 60, "enforcementRemovalSeconds": 30, "networkAlertSeconds": 10,
            "alertGroupingSeconds": 0
        });
        Tenant::new(7, Knobs::default().with(&knobs).expect("good knobs"))
    }

    fn raised(tenant: &mut Tenant, url: &str, second: i64) -> usize {
        let host = url.split('/').nth(2).map(str::to_owned);
        let activity =
            Activity::Connection { host, address: None, port: 80, url: Some(url.into()), process: "curl.exe".into() };
        match tenant.observe(Event { device: FIRST_DEVICE.into(), activity }, at(second)) {
            Observation::Reported(ids) => ids.len(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_indicator_is_enforced_from_its_second_until_its_removal_has_come_through() {
        let mut tenant = tenant();
        let id =
            tenant.publish_custom(custom(Kind::DomainName, "evil.example", Action::Audit), asked(0)).expect("kept").id;
        assert_eq!(raised(&mut tenant, "http://www.evil.example/a", 59), 0);
        assert_eq!(raised(&mut tenant, "http://www.evil.example/a", 60), 1);
        assert!(tenant.delete_custom(id, at(100)) && !tenant.delete_custom(id, at(100)));
        assert_eq!(raised(&mut tenant, "http://evil.example/", 129), 1);
        assert_eq!(raised(&mut tenant, "http://evil.example/", 130), 0);
        assert!(tenant.customs.is_bare(), "{:?}", tenant.customs);
    }

    #[test]
    fn an_indicator_is_gone_at_the_second_of_its_expiry() {
        let mut tenant = tenant();
        let mut short = custom(Kind::Url, "http://evil.example/a", Action::Audit);
        short.expires_at = Some(at(200));
        let id = tenant.publish_custom(short, asked(0)).expect("kept").id;
        tenant.settle(at(199));
        assert!(tenant.custom(id).is_some());
        tenant.settle(at(200));
        assert!(tenant.custom(id).is_none());
        assert_eq!(raised(&mut tenant, "http://evil.example/a/b", 229), 1);
        assert_eq!(raised(&mut tenant, "http://evil.example/a/b", 230), 0);
        assert!(tenant.customs.is_bare(), "{:?}", tenant.customs);
    }

    #[test]
    fn the_same_thing_and_action_is_a_change_and_another_action_another_indicator() {
        let mut tenant = tenant();
        let mut first = custom(Kind::IpAddress, "192.0.2.1", Action::Audit);
        first.carried.insert("application", json!("first"));
        let first = tenant.publish_custom(first, asked(0)).expect("kept");
        let mut change = custom(Kind::IpAddress, "192.0.2.1", Action::Alert);
        change.title = "new title".into();
        change.carried.insert("application", json!("second"));
        let changed = tenant.publish_custom(change, asked(5)).expect("changed");
        assert_eq!((changed.id, changed.content.title.as_str()), (first.id, "new title"));
        assert_eq!(changed.content.carried.get("application"), Some(&json!("first")), "only set when it is made");
        assert_eq!(changed.last_modified_at, Some(at(5)));
        let other = tenant.publish_custom(custom(Kind::IpAddress, "192.0.2.1", Action::Block), asked(6)).expect("kept");
        let mut scoped = custom(Kind::IpAddress, "192.0.2.1", Action::Audit);
        scoped.groups = vec!["Servers".into()];
        let scoped = tenant.publish_custom(scoped, asked(7)).expect("kept");
        assert_eq!((other.id, scoped.id, tenant.customs().count()), (2, 3, 3));
    }

    #[test]
    fn a_full_tenant_takes_changes_and_nothing_new() {
        let mut tenant = tenant();
        tenant.knobs.endpoint.custom_quota = 1;
        let audit = custom(Kind::DomainName, "a.example", Action::Audit);
        tenant.publish_custom(audit.clone(), asked(0)).expect("kept");
        tenant.publish_custom(audit, asked(1)).expect("changed");
        assert_eq!(tenant.publish_custom(custom(Kind::DomainName, "b.example", Action::Audit), asked(2)), Err(Full));
    }
}
