//! What a device did, and which indicators it touches.
//!
//! `IpAddress` is compared with the remote address of a connection, `DomainName` with its host as a whole (an indicator
//! on `evil.example` with `Equals` is not touched by `www.evil.example`), the hashes with those of a file. Letter case
//! does not count. Nothing of this is tabulated by the vendor: it follows from the names.

use std::{collections::BTreeMap, net::IpAddr};

use url::Host;

use crate::{
    domain::indicator::{Function, Indicator, Kind},
    emulator::trie::Trie,
};

/// Something that a device did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The device's name.
    pub device: String,
    /// What it did.
    pub activity: Activity,
}

/// What a device can do that its sensor sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Activity {
    /// It connected to somewhere.
    Connection {
        /// The host, where it was given by name.
        host: Option<String>,
        /// The remote address, where it is known.
        address: Option<IpAddr>,
        /// The remote port.
        port: u16,
        /// The whole URL, where the sensor could see it.
        url: Option<String>,
        /// The program that connected.
        process: String,
    },
    /// It wrote a file and ran it.
    File {
        /// The file's name.
        name: String,
        /// SHA-1 of its content, in hexadecimal digits.
        sha1: String,
        /// SHA-256 of its content, in hexadecimal digits.
        sha256: String,
        /// MD5 of its content, in hexadecimal digits.
        md5: String,
    },
}

impl Activity {
    /// What of it is compared with which kind of indicator.
    fn observables(&self) -> Vec<(Kind, String)> {
        match self {
            Self::Connection { host, address, .. } => {
                let address = address.map(|address| (Kind::IpAddress, address.to_canonical().to_string()));
                let host = host.as_ref().map(|host| (Kind::DomainName, on_the_wire(host)));
                address.into_iter().chain(host).collect()
            }
            Self::File { sha1, sha256, md5, .. } => vec![
                (Kind::Sha1, sha1.to_ascii_lowercase()),
                (Kind::Sha256, sha256.to_ascii_lowercase()),
                (Kind::Md5, md5.to_ascii_lowercase()),
            ],
        }
    }

    /// A text that two activities share only when they are the same.
    pub(super) fn key(&self) -> String {
        match self {
            Self::Connection { host, address, port, url, process } => {
                let address = address.map(|address| address.to_string());
                let text = |part: &Option<String>| part.clone().unwrap_or_default();
                format!("connection\n{}\n{}\n{port}\n{}\n{process}", text(host), text(&address), text(url))
            }
            Self::File { name, sha256, .. } => format!("file\n{name}\n{sha256}"),
        }
    }
}

/// One version of an indicator, as the index knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate {
    /// The indicator's id.
    pub(super) indicator: i64,
    /// The number of its version.
    pub(super) version: u64,
}

/// Every version of every indicator that is in effect or on its way, by what it looks for.
#[derive(Debug, Default)]
pub(super) struct Index(BTreeMap<(Kind, Function), Trie<Candidate>>);

impl Index {
    /// Adds a version of an indicator.
    pub(super) fn insert(&mut self, indicator: &Indicator, candidate: Candidate) {
        let key = key(indicator);
        self.0.entry((indicator.kind, indicator.function)).or_default().insert(&key, candidate);
    }

    /// Takes a version of an indicator away.
    pub(super) fn remove(&mut self, indicator: &Indicator, candidate: Candidate) {
        if let Some(trie) = self.0.get_mut(&(indicator.kind, indicator.function)) {
            trie.remove(&key(indicator), &candidate);
        }
    }

    /// Whether nothing at all is kept.
    #[cfg(test)]
    pub(super) fn is_bare(&self) -> bool {
        self.0.values().all(Trie::is_bare)
    }

    /// The versions that `activity` touches, each once, in the order of their indicators.
    pub(super) fn touched(&self, activity: &Activity) -> Vec<Candidate> {
        let mut found = Vec::new();
        for (kind, text) in activity.observables() {
            for function in Function::ALL {
                if let Some(trie) = self.0.get(&(kind, function)) {
                    search(trie, function, text.as_bytes(), &mut |candidate| found.push(*candidate));
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

fn search(trie: &Trie<Candidate>, function: Function, text: &[u8], found: &mut impl FnMut(&Candidate)) {
    match function {
        Function::Equals => trie.equal(text, found),
        Function::StartWith => trie.beginning(text, found),
        Function::EndWith => trie.beginning(&reversed(text), found),
        Function::Contains => trie.within(text, found),
    }
}

fn reversed(text: &[u8]) -> Vec<u8> {
    text.iter().rev().copied().collect()
}

/// A host's name as a sensor sees it: in lower case, other scripts in Punycode, without the root's dot.
fn on_the_wire(name: &str) -> String {
    let name = name.trim_end_matches('.');
    match Host::parse(name) {
        Ok(Host::Domain(domain)) if !name.is_ascii() => domain,
        _ => name.to_ascii_lowercase(),
    }
}

/// An indicator's value as the index files it: whole names as a sensor sees them, addresses in their one usual spelling, everything in lower case, and
/// backwards where its end is looked for.
fn key(indicator: &Indicator) -> Vec<u8> {
    let whole = indicator.function == Function::Equals;
    let value = indicator.value.to_ascii_lowercase();
    let value = match indicator.kind {
        Kind::IpAddress if whole => match value.parse::<IpAddr>() {
            Ok(address) => address.to_canonical().to_string(),
            Err(_) => value,
        },
        Kind::DomainName if whole => on_the_wire(&value),
        _ => value,
    };
    if indicator.function == Function::EndWith { reversed(value.as_bytes()) } else { value.into_bytes() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::indicator::Action;

    /// For each function, a value that matches and one that nearly does.
    type HitsAndMisses = [(&'static str, &'static str); 4];

    fn indicator(kind: Kind, function: Function, value: &str) -> Indicator {
        Indicator { kind, value: value.into(), function, action: Action::Audit, expires_at: None, enabled: true }
    }

    fn connection(host: Option<&str>, address: Option<&str>) -> Activity {
        Activity::Connection {
            host: host.map(str::to_owned),
            address: address.map(|address| address.parse().expect("an address")),
            port: 80,
            url: None,
            process: "powershell_ise.exe".into(),
        }
    }

    fn file() -> Activity {
        Activity::File {
            name: "tool.exe".into(),
            sha1: "0123456789abcdef0123456789abcdef01234567".into(),
            sha256: "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef".into(),
            md5: "0123456789ABCDEF0123456789ABCDEF".into(),
        }
    }

    fn touches(kind: Kind, function: Function, value: &str, activity: &Activity) -> bool {
        let mut index = Index::default();
        let indicator = indicator(kind, function, value);
        let candidate = Candidate { indicator: 1, version: 0 };
        index.insert(&indicator, candidate);
        let touched = !index.touched(activity).is_empty();
        index.remove(&indicator, candidate);
        assert!(index.touched(activity).is_empty(), "what is removed is touched by nothing");
        touched
    }

    #[test]
    fn every_type_and_function_matches_its_own_and_not_what_is_nearly_so() {
        let domain = connection(Some("WWW.Evil.example."), None);
        let address = connection(None, Some("52.184.197.12"));
        let file = file();
        let cases: [(Kind, &Activity, HitsAndMisses); 5] = [
            (
                Kind::DomainName,
                &domain,
                [
                    ("www.evil.example", "evil.example"),
                    ("www.ev", "evil"),
                    ("evil.EXAMPLE", "evil.exampl"),
                    ("w.evil.e", "w-evil"),
                ],
            ),
            (
                Kind::IpAddress,
                &address,
                [("52.184.197.12", "52.184.197.1"), ("52.184.", "184."), (".12", ".1"), ("184.197", "184.198")],
            ),
            (
                Kind::Sha1,
                &file,
                [
                    ("0123456789ABCDEF0123456789abcdef01234567", "0123456789abcdef0123456789abcdef01234568"),
                    ("0123", "123"),
                    ("4567", "456"),
                    ("cdef01", "cdef11"),
                ],
            ),
            (
                Kind::Sha256,
                &file,
                [
                    (
                        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
                        "0123456789abcdef0123456789abcdef01234567",
                    ),
                    ("01234", "12"),
                    ("CDEF", "cde"),
                    ("f0123", "f1123"),
                ],
            ),
            (
                Kind::Md5,
                &file,
                [
                    ("0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdee"),
                    ("0123", "123"),
                    ("cdef", "cde"),
                    ("ef01", "ee01"),
                ],
            ),
        ];
        for (kind, activity, values) in cases {
            for (function, (hit, miss)) in Function::ALL.into_iter().zip(values) {
                assert!(touches(kind, function, hit, activity), "{kind} {function} {hit}");
                assert!(!touches(kind, function, miss, activity), "{kind} {function} {miss}");
            }
        }
    }

    #[test]
    fn a_kind_is_not_compared_with_what_belongs_to_another() {
        assert!(!touches(Kind::DomainName, Function::Contains, "52", &connection(None, Some("52.184.197.12"))));
        assert!(!touches(Kind::IpAddress, Function::Contains, "e", &connection(Some("evil.example"), None)));
        assert!(!touches(Kind::Sha1, Function::Contains, "a", &connection(Some("a.example"), None)));
    }

    #[test]
    fn addresses_are_the_same_in_every_spelling() {
        let six = connection(None, Some("2001:db8::1"));
        assert!(touches(Kind::IpAddress, Function::Equals, "2001:0DB8:0:0:0:0:0:1", &six));
        let mapped = connection(None, Some("::ffff:52.184.197.12"));
        assert!(touches(Kind::IpAddress, Function::Equals, "52.184.197.12", &mapped));
    }

    fn functions() -> impl Strategy<Value = Function> {
        proptest::sample::select(Function::ALL.to_vec())
    }

    proptest! {
        #[test]
        fn the_index_agrees_with_naive_matching(
            indicators in proptest::collection::vec((functions(), "[abAB.]{1,5}"), 0..30),
            host in "[abAB.]{1,10}[a-b]",
        ) {
            let mut index = Index::default();
            let mut naive = Vec::new();
            let text = host.to_ascii_lowercase();
            for (n, (function, value)) in (0..).zip(&indicators) {
                index.insert(&indicator(Kind::DomainName, *function, value), Candidate { indicator: n, version: 0 });
                let value = value.to_ascii_lowercase();
                let holds = match function {
                    Function::Equals => text == value.trim_end_matches('.'),
                    Function::StartWith => text.starts_with(&value),
                    Function::EndWith => text.ends_with(&value),
                    Function::Contains => text.contains(&value),
                };
                if holds {
                    naive.push(n);
                }
            }
            let touched: Vec<_> =
                index.touched(&connection(Some(&host), None)).into_iter().map(|found| found.indicator).collect();
            prop_assert_eq!(touched, naive);
        }
    }
}
