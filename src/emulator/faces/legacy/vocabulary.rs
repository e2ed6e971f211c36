//! The words of the API, in its own spelling, and what they mean here.
//!
//! The names of sets, properties and samples' values are documented. The namespace, the numbers of members and the whole
//! list of categories are not: they stand only in the service's metadata, which was never published. The categories are
//! those of the alerts of the same service in 2018, and hold every one that the API's samples use.

use crate::{
    domain::{
        alert_definition::Severity,
        indicator::{Function, Kind},
    },
    emulator::odata::value::Enumeration,
};

/// The namespace of every type: a convention of the emulator.
pub(super) const NAMESPACE: &str = "ThreatIntelligence";

pub(super) static SEVERITY: Enumeration =
    Enumeration { name: "ThreatIntelligence.Severity", members: &["Informational", "Low", "Medium", "High"] };

pub(super) static TYPE: Enumeration = Enumeration {
    name: "ThreatIntelligence.IndicatorType",
    members: &["Sha1", "Sha256", "Md5", "IpAddress", "DomainName"],
};

pub(super) static FUNCTION: Enumeration = Enumeration {
    name: "ThreatIntelligence.DetectionFunction",
    members: &["Equals", "StartWith", "EndWith", "Contains"],
};

pub(super) static CATEGORY: Enumeration = Enumeration {
    name: "ThreatIntelligence.Category",
    members: &[
        "None",
        "SuspiciousActivity",
        "Malware",
        "CredentialTheft",
        "Exploit",
        "WebExploit",
        "DocumentExploit",
        "PrivilegeEscalation",
        "Persistence",
        "RemoteAccessTool",
        "CommandAndControl",
        "SuspiciousNetworkTraffic",
        "Ransomware",
        "MalwareDownload",
        "Reconnaissance",
        "WebFingerprinting",
        "Weaponization",
        "Delivery",
        "SocialEngineering",
        "CredentialStealing",
        "Installation",
        "Backdoor",
        "Trojan",
        "TrojanDownloader",
        "LateralMovement",
        "ExplorationEnumeration",
        "NetworkPropagation",
        "Exfiltration",
        "NotApplicable",
        "EnterprisePolicy",
        "General",
    ],
};

/// What the members of [`SEVERITY`] mean, in their order.
pub(super) const SEVERITIES: [Severity; 4] = [Severity::Informational, Severity::Low, Severity::Medium, Severity::High];

/// What the members of [`TYPE`] mean, in their order.
pub(super) const KINDS: [Kind; 5] = [Kind::Sha1, Kind::Sha256, Kind::Md5, Kind::IpAddress, Kind::DomainName];

/// What the members of [`FUNCTION`] mean, in their order.
pub(super) const FUNCTIONS: [Function; 4] =
    [Function::Equals, Function::StartWith, Function::EndWith, Function::Contains];

/// The place of `value` in one of the tables above.
pub(super) fn place<T: PartialEq>(table: &[T], value: &T) -> usize {
    table.iter().position(|known| known == value).unwrap_or_default()
}
