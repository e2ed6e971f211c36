//! The things that a detection rule finds in its rows, or that a caller names: by kind, each told by some of its
//! identifiers.

/// A kind of thing.
#[derive(Debug, PartialEq, Eq)]
pub struct EntityKind {
    /// The collection of a rule that names such things.
    pub collection: &'static str,
    /// The word for it in refusals.
    pub word: &'static str,
    /// What can be told of it.
    pub identifiers: &'static [&'static str],
    /// Which of them tell one thing from another, each set by itself.
    pub sufficient: &'static [&'static [&'static str]],
    /// Whether an alert must name one of these, or an address.
    pub asset: bool,
}

/// Every kind. The identifiers follow the published types; the sets that suffice were listed by the service itself in
/// refusals of September 2026 for accounts, hosts, files, messages and registry values, and are a convention for others.
pub static KINDS: [EntityKind; 18] = [
    EntityKind {
        collection: "hosts",
        word: "Machine",
        identifiers: &["deviceId", "name", "netBiosName", "ntDomain", "dnsDomain"],
        sufficient: &[
            &["deviceId"],
            &["name"],
            &["name", "ntDomain"],
            &["name", "dnsDomain"],
            &["netBiosName", "ntDomain"],
            &["netBiosName", "dnsDomain"],
        ],
        asset: true,
    },
    EntityKind {
        collection: "accounts",
        word: "User",
        identifiers: &["aadUserId", "sid", "upn", "name", "ntDomain", "dnsDomain", "upnSuffix"],
        sufficient: &[
            &["aadUserId"],
            &["sid"],
            &["upn"],
            &["name", "ntDomain"],
            &["name", "dnsDomain"],
            &["name", "upnSuffix"],
        ],
        asset: true,
    },
    kind("ips", "IP", &["address", "scope"], &[&["address"]]),
    kind("urls", "URL", &["address"], &[&["address"]]),
    kind(
        "files",
        "File",
        &["name", "sha1", "sha256"],
        &[&["sha1"], &["sha256"], &["name", "sha1"], &["name", "sha256"]],
    ),
    kind("processes", "Process", &["sha1", "sha256"], &[&["sha1"], &["sha256"]]),
    kind("dns", "DNS", &["domainName", "serverIp", "hostIpAddress"], &[&["domainName"]]),
    EntityKind {
        collection: "mailboxes",
        word: "Mailbox",
        identifiers: &["primaryAddress"],
        sufficient: &[&["primaryAddress"]],
        asset: true,
    },
    kind(
        "mailMessages",
        "MailMessage",
        &["networkMessageId", "recipient", "sender", "subject"],
        &[&["networkMessageId", "recipient", "sender", "subject"]],
    ),
    kind("mailClusters", "MailCluster", &["query", "source"], &[&["query"]]),
    kind("registryKeys", "RegistryKey", &["key"], &[&["key"]]),
    kind("registryValues", "RegistryValue", &["key", "valueName"], &[&["key", "valueName"]]),
    kind("cloudApplications", "CloudApplication", &["appId", "name"], &[&["appId"], &["name"]]),
    kind("oAuthApplications", "OAuthApplication", &["oAuthAppId"], &[&["oAuthAppId"]]),
    kind(
        "securityGroups",
        "SecurityGroup",
        &["objectId", "sid", "distinguishedName"],
        &[&["objectId"], &["sid"], &["distinguishedName"]],
    ),
    kind("azureResources", "AzureResource", &["resourceId"], &[&["resourceId"]]),
    kind("amazonResources", "AmazonResource", &["amazonResourceId"], &[&["amazonResourceId"]]),
    kind("googleCloudResources", "GoogleCloudResource", &["fullResourceName"], &[&["fullResourceName"]]),
];

const fn kind(
    collection: &'static str,
    word: &'static str,
    identifiers: &'static [&'static str],
    sufficient: &'static [&'static [&'static str]],
) -> EntityKind {
    EntityKind { collection, word, identifiers, sufficient, asset: false }
}

impl EntityKind {
    /// The kind of this collection.
    pub fn of(collection: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.collection == collection)
    }

    /// Whether these identifiers tell one thing of this kind from another.
    pub fn is_told_by(&self, given: &[&str]) -> bool {
        self.sufficient.iter().any(|set| set.iter().all(|identifier| given.contains(identifier)))
    }
}

/// A thing that an alert names because a rule or a caller named it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Of which kind.
    pub kind: &'static EntityKind,
    /// What is told of it: identifier and value.
    pub values: Vec<(&'static str, String)>,
    /// Whether the alert is about it, and not only near it; rules do not say.
    pub impacted: Option<bool>,
}

impl Named {
    /// Whether it is a device.
    pub fn is_device(&self) -> bool {
        self.kind.collection == "hosts"
    }

    /// What is told of it under this identifier.
    pub fn get(&self, identifier: &str) -> Option<&str> {
        self.values.iter().find(|(known, _)| *known == identifier).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_is_told_by_a_whole_set_and_by_nothing_less() {
        let accounts = EntityKind::of("accounts").expect("a kind");
        for given in [&["upn"][..], &["name", "ntDomain"], &["sid", "upnSuffix"]] {
            assert!(accounts.is_told_by(given), "{given:?}");
        }
        for given in [&[][..], &["name"], &["ntDomain", "upnSuffix"]] {
            assert!(!accounts.is_told_by(given), "{given:?}");
        }
    }

    #[test]
    fn what_suffices_can_be_told() {
        for kind in &KINDS {
            assert!(!kind.sufficient.is_empty());
            for identifier in kind.sufficient.iter().copied().flatten() {
                assert!(kind.identifiers.contains(identifier), "{}: {identifier}", kind.collection);
            }
        }
    }
}
