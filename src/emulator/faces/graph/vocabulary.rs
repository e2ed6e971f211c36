//! The enumerations of alerts and incidents, in the order of the published schema. What stands there behind
//! `unknownFutureValue` is written as that, unless the client says that it can bear more.

use crate::emulator::{
    odata::value::Enumeration,
    tenant::handling::{Classification, Determination, Investigation, Status},
};

/// What stands for a member that a client did not ask for.
pub(super) const FUTURE: &str = "unknownFutureValue";

/// `word` as it is written for a client that can bear what came later, or cannot.
pub(super) fn shown(of: &'static Enumeration, word: &str, bears_all: bool) -> &'static str {
    let future = of.members.iter().position(|known| *known == FUTURE).unwrap_or(usize::MAX);
    let found = of.members.iter().position(|known| *known == word);
    found.filter(|place| bears_all || *place < future).map_or(FUTURE, |place| of.members[place])
}

/// The member that a client names; in any letter case, as the service's own samples are not of one mind.
pub(super) fn read(of: &'static Enumeration, word: &str) -> Option<&'static str> {
    of.members.iter().find(|known| known.eq_ignore_ascii_case(word)).copied()
}

pub(super) static STATUS: Enumeration = Enumeration {
    name: "microsoft.graph.security.alertStatus",
    members: &["unknown", "new", "inProgress", "resolved", FUTURE],
};

pub(super) static SEVERITY: Enumeration = Enumeration {
    name: "microsoft.graph.security.alertSeverity",
    members: &["unknown", "informational", "low", "medium", "high", FUTURE],
};

pub(super) static CLASSIFICATION: Enumeration = Enumeration {
    name: "microsoft.graph.security.alertClassification",
    members: &["unknown", "falsePositive", "truePositive", "informationalExpectedActivity", FUTURE],
};

pub(super) static DETERMINATION: Enumeration = Enumeration {
    name: "microsoft.graph.security.alertDetermination",
    members: &[
        "unknown",
        "apt",
        "malware",
        "securityPersonnel",
        "securityTesting",
        "unwantedSoftware",
        "other",
        "multiStagedAttack",
        "compromisedAccount",
        "phishing",
        "maliciousUserActivity",
        "notMalicious",
        "notEnoughDataToValidate",
        "confirmedActivity",
        "lineOfBusinessApplication",
        FUTURE,
    ],
};

pub(super) static DETECTION_SOURCE: Enumeration = Enumeration {
    name: "microsoft.graph.security.detectionSource",
    members: &[
        "unknown",
        "microsoftDefenderForEndpoint",
        "antivirus",
        "smartScreen",
        "customTi",
        "microsoftDefenderForOffice365",
        "automatedInvestigation",
        "microsoftThreatExperts",
        "customDetection",
        "microsoftDefenderForIdentity",
        "cloudAppSecurity",
        "microsoft365Defender",
        "azureAdIdentityProtection",
        "manual",
        "microsoftDataLossPrevention",
        "appGovernancePolicy",
        "appGovernanceDetection",
        FUTURE,
        "microsoftDefenderForCloud",
        "microsoftDefenderForIoT",
        "microsoftDefenderForServers",
        "microsoftDefenderForStorage",
        "microsoftDefenderForDNS",
        "microsoftDefenderForDatabases",
        "microsoftDefenderForContainers",
        "microsoftDefenderForNetwork",
        "microsoftDefenderForAppService",
        "microsoftDefenderForKeyVault",
        "microsoftDefenderForResourceManager",
        "microsoftDefenderForApiManagement",
        "nrtAlerts",
        "scheduledAlerts",
        "microsoftDefenderThreatIntelligenceAnalytics",
        "builtInMl",
        "microsoftInsiderRiskManagement",
        "microsoftThreatIntelligence",
        "microsoftDefenderForAIServices",
        "securityCopilot",
        "microsoftSentinel",
    ],
};

pub(super) static SERVICE_SOURCE: Enumeration = Enumeration {
    name: "microsoft.graph.security.serviceSource",
    members: &[
        "unknown",
        "microsoftDefenderForEndpoint",
        "microsoftDefenderForIdentity",
        "microsoftDefenderForCloudApps",
        "microsoftDefenderForOffice365",
        "microsoft365Defender",
        "azureAdIdentityProtection",
        "microsoftAppGovernance",
        "dataLossPrevention",
        FUTURE,
        "microsoftDefenderForCloud",
        "microsoftSentinel",
        "microsoftInsiderRiskManagement",
        "microsoftThreatIntelligence",
        "microsoftSecurityForAI",
    ],
};

pub(super) static REMEDIATION: Enumeration = Enumeration {
    name: "microsoft.graph.security.evidenceRemediationStatus",
    members: &[
        "none",
        "remediated",
        "prevented",
        "blocked",
        "notFound",
        FUTURE,
        "active",
        "pendingApproval",
        "declined",
        "unremediated",
        "running",
        "partiallyRemediated",
    ],
};

pub(super) static INCIDENT_STATUS: Enumeration = Enumeration {
    name: "microsoft.graph.security.incidentStatus",
    members: &["active", "resolved", "inProgress", "redirected", FUTURE, "awaitingAction"],
};

/// What the tenant's own words for a source are here; words that no mapping is known for are unknown.
const SOURCES: [(&str, &str); 9] = [
    ("CustomerTI", "customTi"),
    ("CustomDetection", "customDetection"),
    ("Manual", "manual"),
    ("WindowsDefenderAtp", "microsoftDefenderForEndpoint"),
    ("WindowsDefenderAv", "antivirus"),
    ("WindowsDefenderSmartScreen", "smartScreen"),
    ("AutomatedInvestigation", "automatedInvestigation"),
    ("ThreatExperts", "microsoftThreatExperts"),
    ("MTP", "microsoft365Defender"),
];

/// The detection source that an alert's source is.
pub(super) fn detection_source(source: &str) -> &'static str {
    let found = SOURCES.iter().find(|(known, _)| known.eq_ignore_ascii_case(source));
    found.map_or_else(|| read(&DETECTION_SOURCE, source).unwrap_or("unknown"), |(_, name)| name)
}

/// A severity of the tenant's.
pub(super) fn severity(severity: &str) -> &'static str {
    read(&SEVERITY, severity).unwrap_or("unknown")
}

pub(super) fn status(status: Status) -> &'static str {
    match status {
        Status::New => "new",
        Status::InProgress => "inProgress",
        Status::Resolved => "resolved",
    }
}

pub(super) fn status_of(word: &str) -> Option<Status> {
    [Status::New, Status::InProgress, Status::Resolved].into_iter().find(|known| status(*known) == word)
}

const CLASSIFICATIONS: [(&str, Classification); 3] = [
    ("falsePositive", Classification::FalsePositive),
    ("truePositive", Classification::TruePositive),
    ("informationalExpectedActivity", Classification::ExpectedActivity),
];

pub(super) fn classification(of: Option<Classification>) -> &'static str {
    CLASSIFICATIONS.iter().find(|(_, known)| Some(*known) == of).map_or("unknown", |(word, _)| word)
}

pub(super) fn classification_of(word: &str) -> Option<Classification> {
    CLASSIFICATIONS.iter().find(|(known, _)| *known == word).map(|(_, of)| *of)
}

const DETERMINATIONS: [(&str, Determination); 14] = [
    ("apt", Determination::Apt),
    ("malware", Determination::Malware),
    ("securityPersonnel", Determination::SecurityPersonnel),
    ("securityTesting", Determination::SecurityTesting),
    ("unwantedSoftware", Determination::UnwantedSoftware),
    ("other", Determination::Other),
    ("multiStagedAttack", Determination::MultiStagedAttack),
    ("compromisedAccount", Determination::CompromisedAccount),
    ("phishing", Determination::Phishing),
    ("maliciousUserActivity", Determination::MaliciousUserActivity),
    ("notMalicious", Determination::NotMalicious),
    ("notEnoughDataToValidate", Determination::NotEnoughData),
    ("confirmedActivity", Determination::ConfirmedActivity),
    ("lineOfBusinessApplication", Determination::LineOfBusinessApplication),
];

pub(super) fn determination(of: Option<Determination>) -> &'static str {
    DETERMINATIONS.iter().find(|(_, known)| Some(*known) == of).map_or("unknown", |(word, _)| word)
}

pub(super) fn determination_of(word: &str) -> Option<Determination> {
    DETERMINATIONS.iter().find(|(known, _)| *known == word).map(|(_, of)| *of)
}

pub(super) fn investigation(of: Investigation) -> &'static str {
    match of {
        Investigation::UnsupportedAlertType => "unsupportedAlertType",
        Investigation::Queued => "queued",
        Investigation::Running => "running",
        Investigation::SuccessfullyRemediated => "successfullyRemediated",
        Investigation::Benign => "benign",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_later_is_written_only_for_who_can_bear_it() {
        assert_eq!(shown(&REMEDIATION, "active", false), "unknownFutureValue");
        assert_eq!(shown(&REMEDIATION, "active", true), "active");
        assert_eq!(shown(&DETECTION_SOURCE, "customTi", false), "customTi");
        assert_eq!(shown(&DETECTION_SOURCE, "nonsense", true), "unknownFutureValue");
    }

    #[test]
    fn every_word_of_the_tenant_has_one_here() {
        for (word, of) in DETERMINATIONS {
            assert_eq!((determination(Some(of)), determination_of(word)), (word, Some(of)));
            assert!(DETERMINATION.members.contains(&word));
        }
        for (word, of) in CLASSIFICATIONS {
            assert_eq!((classification(Some(of)), classification_of(word)), (word, Some(of)));
        }
        for (_, word) in SOURCES {
            assert!(DETECTION_SOURCE.members.contains(&word), "{word}");
        }
        assert_eq!(detection_source("customerti"), "customTi");
        assert_eq!(detection_source("A fault's own word"), "unknown");
    }
}
