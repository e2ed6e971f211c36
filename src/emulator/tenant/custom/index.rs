//! Which indicators an event touches, at a cost that does not grow with their number.

use std::{collections::BTreeMap, net::IpAddr};

use url::Host;

use crate::emulator::{
    detection::{Activity, Candidate},
    tenant::custom::{Custom, Kind, address::Address},
};

/// Every version of every indicator that is enforced or on its way, by what it looks for.
#[derive(Debug, Default)]
pub(super) struct Index(BTreeMap<(Kind, String), Vec<Entry>>);

/// One version of an indicator, with its URL where it is one.
type Entry = (Candidate, Option<Address>);

/// An indicator that an event touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Touch {
    pub(super) candidate: Candidate,
    /// How closely it names what it touched: of two that contradict each other, the closer one counts.
    pub(super) closeness: usize,
}

impl Index {
    pub(super) fn insert(&mut self, custom: &Custom, candidate: Candidate) {
        let (key, address) = key(custom);
        self.0.entry((custom.kind, key)).or_default().push((candidate, address));
    }

    pub(super) fn remove(&mut self, custom: &Custom, candidate: Candidate) {
        let place = (custom.kind, key(custom).0);
        if let Some(entries) = self.0.get_mut(&place) {
            entries.retain(|(known, _)| *known != candidate);
            if entries.is_empty() {
                self.0.remove(&place);
            }
        }
    }

    #[cfg(test)]
    pub(super) fn is_bare(&self) -> bool {
        self.0.is_empty()
    }

    /// What `activity` touches, each version once. A domain is touched by its sub-domains, too; a URL by what is below
    /// its path, where the sensor could see the path.
    pub(super) fn touched(&self, activity: &Activity) -> Vec<Touch> {
        let mut found = Vec::new();
        match activity {
            Activity::Connection { host, address, url, .. } => {
                let seen = url.as_deref().and_then(Address::read);
                if let Some(host) = host.as_ref().map(|host| on_the_wire(host)) {
                    for domain in domains(&host) {
                        self.equal(Kind::DomainName, domain, 0, &mut found);
                    }
                    self.urls(&host, seen.as_ref(), &mut found);
                }
                if let Some(address) = address.map(|address| address.to_canonical().to_string()) {
                    self.equal(Kind::IpAddress, &address, 0, &mut found);
                    self.urls(&address, seen.as_ref(), &mut found);
                }
            }
            Activity::File { sha1, sha256, md5, .. } => {
                for (kind, hash, closeness) in
                    [(Kind::FileMd5, md5, 0), (Kind::FileSha1, sha1, 1), (Kind::FileSha256, sha256, 2)]
                {
                    self.equal(kind, &hash.to_ascii_lowercase(), closeness, &mut found);
                }
            }
        }
        found.sort_unstable();
        found.dedup_by_key(|touch| touch.candidate);
        found
    }

    fn equal(&self, kind: Kind, key: &str, closeness: usize, found: &mut Vec<Touch>) {
        let entries = self.0.get(&(kind, key.to_owned())).into_iter().flatten();
        found.extend(entries.map(|(candidate, _)| Touch { candidate: *candidate, closeness }));
    }

    fn urls(&self, host: &str, seen: Option<&Address>, found: &mut Vec<Touch>) {
        for (candidate, address) in self.0.get(&(Kind::Url, host.to_owned())).into_iter().flatten() {
            let Some(address) = address else { continue };
            if address.path.is_empty() || seen.is_some_and(|seen| address.covers(seen)) {
                found.push(Touch { candidate: *candidate, closeness: address.path.len() });
            }
        }
    }
}

/// `a.b.c`, `b.c` and `c`. A name has at most 127 labels; what is longer is none.
fn domains(host: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(host), |domain| domain.split_once('.').map(|(_, rest)| rest)).take(127)
}

/// A host's name as a sensor sees it: in lower case, other scripts in Punycode, without the root's dot.
fn on_the_wire(name: &str) -> String {
    let name = name.trim_end_matches('.');
    match Host::parse(name) {
        Ok(Host::Domain(domain)) if !name.is_ascii() => domain,
        _ => name.to_ascii_lowercase(),
    }
}

/// Under what an indicator is filed, and the whole URL where it is one.
fn key(custom: &Custom) -> (String, Option<Address>) {
    let value = custom.value.trim();
    match custom.kind {
        Kind::IpAddress => {
            (value.parse::<IpAddr>().map_or_else(|_| value.to_owned(), |ip| ip.to_canonical().to_string()), None)
        }
        Kind::DomainName => (on_the_wire(value), None),
        Kind::Url => {
            let address = Address::read(value);
            (address.as_ref().map(|address| address.host.clone()).unwrap_or_default(), address)
        }
        _ => (value.to_ascii_lowercase(), None),
    }
}
