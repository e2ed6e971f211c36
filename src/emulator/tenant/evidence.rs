//! What an alert is about, thing by thing, in no API's own spelling.

use std::net::IpAddr;

use crate::emulator::detection::Activity;

/// A thing that an alert names.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each part is what its name says, empty where it is not known")]
pub enum Entity {
    /// A file, by name and hashes.
    File { name: String, sha1: String, sha256: String, md5: String },
    /// A program that ran.
    Process { name: String },
    /// A URL, or the bare host of one.
    Url(String),
    /// An address.
    Ip(IpAddr),
    /// A host name that was looked up.
    Dns(String),
    /// An account of the device.
    User { account: String, domain: String },
}

impl Entity {
    /// Everything that is told of it.
    pub fn texts(&self) -> Vec<String> {
        match self {
            Self::File { name, sha1, sha256, md5 } => [name, sha1, sha256, md5].map(String::clone).into(),
            Self::Process { name } => vec![name.clone()],
            Self::Url(text) | Self::Dns(text) => vec![text.clone()],
            Self::Ip(address) => vec![address.to_string()],
            Self::User { account, domain } => vec![account.clone(), domain.clone()],
        }
    }

    /// What an alert of a custom indicator names of `activity`: of a connection the bare host and the whole URL, in
    /// this order, the address where there is no host, and the program; of a file the file and its writer.
    pub fn of(activity: &Activity) -> Vec<Self> {
        match activity {
            Activity::Connection { host, address, url, process, .. } => {
                let mut entities: Vec<_> = host.iter().cloned().map(Self::Url).collect();
                if host.is_none() {
                    entities.extend(address.map(Self::Ip));
                }
                entities.push(Self::Process { name: process.clone() });
                entities.extend(url.iter().cloned().map(Self::Url));
                entities
            }
            Activity::File { name, sha1, sha256, md5 } => {
                vec![Self::File { name: name.clone(), sha1: sha1.clone(), sha256: sha256.clone(), md5: md5.clone() }]
            }
        }
    }
}
