//! Which tactic a rule names for an alert definition's category.
//!
//! The custom threat intelligence API had categories of its own; a detection rule of today names one tactic of MITRE
//! ATT&CK, and one of the older generation one of 18 categories.

use crate::{domain::indicator::Kind, services::graph::Generation};

/// A tactic, in the service's spelling, with a technique of it: until 2026-09 the service refused a tactic without one
/// (`Tactic 'Execution' must specify at least one technique.`, seen by `SentinelToXDR`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tactic {
    pub(super) name: &'static str,
    pub(super) technique: &'static str,
}

const fn tactic(name: &'static str, technique: &'static str) -> Tactic {
    Tactic { name, technique }
}

/// Every tactic that the service knows (metadata of 2026-08), each with its broadest technique that fits a drill.
pub(super) const TACTICS: [Tactic; 14] = [
    tactic("Collection", "T1005"),
    COMMAND_AND_CONTROL,
    tactic("CredentialAccess", "T1003"),
    tactic("DefenseEvasion", "T1562"),
    tactic("Discovery", "T1046"),
    EXECUTION,
    tactic("Exfiltration", "T1041"),
    tactic("Impact", "T1486"),
    tactic("InitialAccess", "T1189"),
    tactic("LateralMovement", "T1021"),
    tactic("Persistence", "T1547"),
    tactic("PrivilegeEscalation", "T1068"),
    tactic("Reconnaissance", "T1595"),
    tactic("ResourceDevelopment", "T1588"),
];

const COMMAND_AND_CONTROL: Tactic = tactic("CommandAndControl", "T1071");
const EXECUTION: Tactic = tactic("Execution", "T1204");

/// What the older generation takes as a category beside the tactics, in just this letter case (security-investigator,
/// 2026-06).
const MORE_CATEGORIES: [&str; 4] = ["Malware", "Ransomware", "SuspiciousActivity", "UnwantedSoftware"];

/// A category of an alert definition, and what stands for it.
struct Category {
    name: &'static str,
    /// The tactic; none where the category says nothing of it, and the kind of the indicator decides.
    tactic: Option<&'static str>,
    /// The older generation's category, where it is no tactic.
    older: Option<&'static str>,
}

const fn category(name: &'static str, tactic: Option<&'static str>, older: Option<&'static str>) -> Category {
    Category { name, tactic, older }
}

/// The 31 categories of 2018 (alert resource of the time, fork of windows-itpro-docs at ae932090c), except those that are
/// tactics by name, and one of the older generation. What stands for each is read from the names, 2026-11-24: nobody
/// published a map. The older generation's follow the portal's regrouping of 2019 (`alerts-queue.md` at 025c236f).
const CATEGORIES: [Category; 25] = [
    category("None", None, Some("SuspiciousActivity")),
    category("SuspiciousActivity", None, Some("SuspiciousActivity")),
    category("Malware", Some("Execution"), Some("Malware")),
    category("CredentialTheft", Some("CredentialAccess"), None),
    category("Exploit", Some("Execution"), None),
    category("WebExploit", Some("InitialAccess"), None),
    category("DocumentExploit", Some("Execution"), None),
    category("RemoteAccessTool", Some("CommandAndControl"), Some("Malware")),
    category("SuspiciousNetworkTraffic", Some("CommandAndControl"), Some("SuspiciousActivity")),
    category("Ransomware", Some("Impact"), Some("Ransomware")),
    category("MalwareDownload", Some("CommandAndControl"), Some("Malware")),
    category("WebFingerprinting", Some("Reconnaissance"), None),
    category("Weaponization", Some("ResourceDevelopment"), None),
    category("Delivery", Some("InitialAccess"), None),
    category("SocialEngineering", Some("InitialAccess"), None),
    category("CredentialStealing", Some("CredentialAccess"), None),
    category("Installation", Some("Persistence"), None),
    category("Backdoor", Some("Persistence"), Some("Malware")),
    category("Trojan", Some("Execution"), Some("Malware")),
    category("TrojanDownloader", Some("CommandAndControl"), Some("Malware")),
    category("ExplorationEnumeration", Some("Discovery"), None),
    category("NetworkPropagation", Some("LateralMovement"), None),
    category("NotApplicable", None, Some("SuspiciousActivity")),
    category("EnterprisePolicy", None, Some("SuspiciousActivity")),
    category("General", None, Some("SuspiciousActivity")),
];

/// The tactic for an alert definition of this category, whose indicator is of this kind. One that is not known says
/// nothing: a connection is taken for command and control then, and a file for execution.
pub(super) fn of(category: &str, kind: Kind) -> Tactic {
    let by_kind = if kind.is_file() { EXECUTION } else { COMMAND_AND_CONTROL };
    let name = row(category).map_or(Some(category), |row| row.tactic);
    name.and_then(named).unwrap_or(by_kind)
}

/// The same in the words of a generation.
pub(super) fn word(generation: Generation, category: &str, kind: Kind) -> &'static str {
    let older = MORE_CATEGORIES.into_iter().find(|word| word.eq_ignore_ascii_case(category));
    let older = older.or_else(|| row(category)?.older);
    match generation {
        Generation::A => older.unwrap_or(of(category, kind).name),
        Generation::B => of(category, kind).name,
    }
}

fn row(category: &str) -> Option<&'static Category> {
    CATEGORIES.iter().find(|row| row.name.eq_ignore_ascii_case(category))
}

fn named(name: &str) -> Option<Tactic> {
    TACTICS.into_iter().find(|tactic| tactic.name.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tactic_is_itself_and_a_category_of_old_is_what_the_table_says() {
        assert_eq!(of("exfiltration", Kind::Url).name, "Exfiltration");
        assert_eq!(of("SuspiciousNetworkTraffic", Kind::Sha1), COMMAND_AND_CONTROL);
        assert_eq!(of("Trojan", Kind::IpAddress), EXECUTION);
        assert_eq!(of("General", Kind::Md5), EXECUTION);
        assert_eq!(of("Sunburn", Kind::DomainName), COMMAND_AND_CONTROL);
    }

    #[test]
    fn the_older_generation_has_four_words_more() {
        assert_eq!(word(Generation::A, "Trojan", Kind::Sha1), "Malware");
        assert_eq!(word(Generation::A, "unwantedsoftware", Kind::Sha1), "UnwantedSoftware");
        assert_eq!(word(Generation::A, "Delivery", Kind::Sha1), "InitialAccess");
        assert_eq!(word(Generation::B, "UnwantedSoftware", Kind::Sha1), "Execution");
    }

    #[test]
    fn the_tables_name_nothing_that_the_service_does_not_know() {
        for row in &CATEGORIES {
            assert!(row.tactic.is_none_or(|name| named(name).is_some()), "{}", row.name);
            assert!(row.older.is_none_or(|name| MORE_CATEGORIES.contains(&name)), "{}", row.name);
            assert!(named(row.name).is_none(), "{} is a tactic", row.name);
        }
        for tactic in TACTICS {
            assert!(tactic.technique.len() == 5 && tactic.technique.starts_with('T'), "{}", tactic.name);
        }
    }
}
