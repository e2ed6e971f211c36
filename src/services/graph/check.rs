//! What the service refuses without saying so anywhere: rules over a rule, checked before it is sent.
//!
//! Each has the source it was learnt from and the day, because the service changes them within weeks.

use std::collections::BTreeSet;

use crate::services::graph::{
    draft::{Draft, Entity},
    lexer::{Token, tokens},
};

/// Something that the service demands of a rule.
pub(super) struct Demand {
    /// What it demands, in a clause.
    pub(super) what: &'static str,
    /// Who found out.
    pub(super) source: &'static str,
    /// When.
    pub(super) seen: &'static str,
    /// What is wrong with a rule, where anything is.
    finding: fn(&Read<'_>) -> Option<String>,
}

/// Every demand, in the order in which the service was seen to look at them.
pub(super) const DEMANDS: [Demand; 12] = [
    Demand {
        what: "a rule's id is at most 100 letters, digits, dashes and underscores and begins with a letter",
        source: "SentinelToXDR, `Invalid rule identifier format.`",
        seen: "2026-09-16",
        finding: |rule| rule.draft.id.as_ref().filter(|id| !is_id(id)).map(|id| format!("this one is `{id}`")),
    },
    Demand {
        what: "a query is KQL, each of whose texts ends",
        source: "SentinelToXDR, `The query contains syntax errors`",
        seen: "2026-09-16",
        finding: |rule| rule.tokens.is_empty().then(|| format!("this one is `{}`", rule.draft.query)),
    },
    Demand {
        what: "a continuous rule reads a table that streams",
        source: "defender-docs, custom-detection-rules.md",
        seen: "2025-05-02",
        finding: |rule| {
            let table = rule.tokens.first().and_then(Token::word).unwrap_or("nothing");
            (!STREAMING.contains(&table)).then(|| format!("this one reads {table}"))
        },
    },
    Demand {
        what: "a continuous rule reads one table and has no comment, no `join`, `union`, `externaldata`, `let` or \
               `ingestion_time`",
        source: "defender-docs of 2026-05-19 and security-investigator",
        seen: "2026-06",
        finding: |rule| {
            let barred = rule.tokens.iter().find_map(|token| match token {
                Token::Comment => Some("a comment"),
                token => BARRED.into_iter().find(|barred| token.word() == Some(barred)),
            });
            let second = || {
                let words = rule.tokens.iter().skip(1).filter_map(Token::word);
                words.into_iter().find(|word| STREAMING.contains(word)).map(str::to_owned)
            };
            barred.map(str::to_owned).or_else(second).map(|found| format!("this one has {found}"))
        },
    },
    Demand {
        what: "a rule over devices gives Timestamp, DeviceId and ReportId",
        source: "defender-docs, custom-detection-rules.md",
        seen: "2026-08",
        finding: |rule| {
            let missing = ["Timestamp", "DeviceId", "ReportId"].into_iter().find(|column| !rule.gives(column));
            missing.map(|column| format!("this one does not give {column}"))
        },
    },
    Demand {
        what: "a mapped column is among those that the query gives",
        source: "SentinelToXDR, `Entity mappings reference the following column(s) which are not projected`",
        seen: "2026-09-16",
        finding: |rule| {
            let mapped = rule.entities().iter().flat_map(|entity| &entity.columns).map(|(_, column)| *column);
            mapped.into_iter().find(|column| !rule.gives(column)).map(|column| format!("{column} is not"))
        },
    },
    Demand {
        what: "a rule maps at least one entity",
        source: "SentinelToXDR, `At least one of impactedAssets or entityMappings must be provided.`",
        seen: "2026-09-16",
        finding: |rule| rule.entities().is_empty().then(|| "this one maps none".into()),
    },
    Demand {
        what: "an entity is told by one of the sets of columns that suffice for its kind",
        source: "SentinelToXDR, `Entity mapping for … is invalid.`",
        seen: "2026-09-15",
        finding: |rule| {
            let weak = rule.entities().iter().find(|entity| !is_told(entity));
            weak.map(|entity| format!("that of {} is not", entity.collection))
        },
    },
    Demand {
        what: "a rule maps a device, a user, a mailbox or an IP address",
        source: "SentinelToXDR, `At least one asset entity (Machine, User, or Mailbox) or an IP entity must be included.`",
        seen: "2026-09-16",
        finding: |rule| {
            let asset = |entity: &Entity| ["hosts", "accounts", "mailboxes", "ips"].contains(&entity.collection);
            (!rule.entities().iter().any(asset)).then(|| "this one maps none of them".into())
        },
    },
    Demand {
        what: "a rule names a single tactic",
        source: "SentinelToXDR, `Only one tactic is currently supported.`",
        seen: "2026-09-16",
        finding: |rule| {
            let count = rule.draft.alert.tactics.len();
            (count != 1).then(|| format!("this one names {count}"))
        },
    },
    Demand {
        what: "title and description name at most 3 columns in double braces",
        source: "security-investigator, `Dynamic properties in alertTitle and alertDescription must not exceed 3 fields`",
        seen: "2026-02",
        finding: |rule| {
            let alert = &rule.draft.alert;
            let names: BTreeSet<_> = placeholders(&alert.title).chain(placeholders(&alert.description)).collect();
            (names.len() > 3).then(|| format!("these name {}", names.len()))
        },
    },
    Demand {
        what: "a rule has a name and its alerts a title",
        source: "metadata, neither can be null",
        seen: "2026-08",
        finding: |rule| {
            let empty = [("name", &rule.draft.name), ("title", &rule.draft.alert.title)];
            let empty = empty.into_iter().find(|(_, text)| text.trim().is_empty());
            empty.map(|(what, _)| format!("this one has an empty {what}"))
        },
    },
];

/// The tables that stream (defender-docs, `custom-detection-rules.md`, 2025-05-02).
const STREAMING: [&str; 20] = [
    "AlertEvidence",
    "CloudAppEvents",
    "DeviceEvents",
    "DeviceFileCertificateInfo",
    "DeviceFileEvents",
    "DeviceImageLoadEvents",
    "DeviceLogonEvents",
    "DeviceNetworkEvents",
    "DeviceNetworkInfo",
    "DeviceInfo",
    "DeviceProcessEvents",
    "DeviceRegistryEvents",
    "EmailAttachmentInfo",
    "EmailEvents",
    "EmailPostDeliveryEvents",
    "EmailUrlInfo",
    "IdentityDirectoryEvents",
    "IdentityLogonEvents",
    "IdentityQueryEvents",
    "UrlClickEvents",
];

const BARRED: [&str; 5] = ["join", "union", "externaldata", "let", "ingestion_time"];

/// Sets of members that tell one thing of a kind from another (the service's own list, `SentinelToXDR`, 2026-09-15).
const SUFFICIENT: [(&str, &[&[&str]]); 6] = [
    (
        "hosts",
        &[
            &["deviceIdColumn"],
            &["nameColumn"],
            &["netBiosNameColumn", "ntDomainColumn"],
            &["netBiosNameColumn", "dnsDomainColumn"],
        ],
    ),
    (
        "accounts",
        &[
            &["aadUserIdColumn"],
            &["sidColumn"],
            &["upnColumn"],
            &["nameColumn", "ntDomainColumn"],
            &["nameColumn", "dnsDomainColumn"],
            &["nameColumn", "upnSuffixColumn"],
        ],
    ),
    ("files", &[&["sha1Column"], &["sha256Column"]]),
    ("ips", &[&["addressColumn"]]),
    ("urls", &[&["addressColumn"]]),
    ("mailboxes", &[&["primaryAddressColumn"]]),
];

/// A rule, its query taken apart.
struct Read<'a> {
    draft: &'a Draft,
    tokens: Vec<Token>,
}

impl Read<'_> {
    fn entities(&self) -> &[Entity] {
        &self.draft.alert.entities
    }

    /// Whether the last `project` of the query gives this column; without one, everything is given.
    fn gives(&self, column: &str) -> bool {
        let last = self.tokens.iter().rposition(|token| token.word() == Some("project"));
        last.is_none_or(|at| self.tokens[at..].iter().any(|token| token.word() == Some(column)))
    }
}

/// What the service would refuse of `draft`, in a clause; the first finding, as the service names one.
pub(super) fn finding(draft: &Draft) -> Option<String> {
    let rule = Read { draft, tokens: tokens(&draft.query).unwrap_or_default() };
    DEMANDS.iter().find_map(|demand| {
        let found = (demand.finding)(&rule)?;
        Some(format!("{}, and {found} ({}, {})", demand.what, demand.source, demand.seen))
    })
}

fn is_id(id: &str) -> bool {
    let within = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    id.len() <= 100 && id.starts_with(|c: char| c.is_ascii_alphabetic()) && id.bytes().all(within)
}

fn is_told(entity: &Entity) -> bool {
    let given = |member: &&str| entity.columns.iter().any(|(name, column)| name == member && !column.is_empty());
    let sets = SUFFICIENT.iter().find(|(collection, _)| *collection == entity.collection).map(|(_, sets)| *sets);
    sets.is_none_or(|sets| sets.iter().any(|set| set.iter().all(given)))
}

/// The names that stand in double braces.
fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split("{{").skip(1).filter_map(|rest| rest.split_once("}}")).map(|(name, _)| name.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{
            alert_definition::{AlertDefinition, Severity},
            indicator::{Action, Function, Indicator, Kind},
            marker::Marker,
        },
        services::graph::{Generation, tactics::TACTICS},
    };

    fn draft() -> Draft {
        let definition = AlertDefinition {
            name: "n".into(),
            severity: Severity::Low,
            internal_description: "i".into(),
            title: "t".into(),
            ux_description: "u".into(),
            recommended_action: None,
            category: "Trojan".into(),
            enabled: true,
        };
        let indicator = Indicator {
            kind: Kind::Url,
            value: "https://evil.example/let/join // union".into(),
            function: Function::Equals,
            action: Action::Audit,
            expires_at: None,
            enabled: true,
        };
        Draft::new(Generation::B, &definition, &indicator).under(&Marker::of(1, "a"))
    }

    /// What is found in the draft after `spoil` had it.
    fn found(spoil: impl FnOnce(&mut Draft)) -> String {
        let mut draft = draft();
        spoil(&mut draft);
        finding(&draft).unwrap_or_default()
    }

    #[test]
    fn our_own_rules_have_nothing_that_the_service_refuses_whatever_they_look_for() {
        assert_eq!(finding(&draft()), None);
        for kind in Kind::ALL {
            for function in Function::ALL {
                let indicator = Indicator {
                    kind,
                    value: "let'join|union//".replace('/', "-"),
                    function,
                    action: Action::Audit,
                    expires_at: None,
                    enabled: true,
                };
                let definition = AlertDefinition {
                    name: "n".into(),
                    severity: Severity::High,
                    internal_description: String::new(),
                    title: "t".into(),
                    ux_description: String::new(),
                    recommended_action: None,
                    category: "General".into(),
                    enabled: false,
                };
                assert_eq!(finding(&Draft::new(Generation::A, &definition, &indicator)), None, "{kind} {function}");
            }
        }
    }

    #[test]
    fn each_demand_is_told_with_what_is_wrong_its_source_and_its_day() {
        let told = found(|draft| draft.alert.tactics = TACTICS[..2].to_vec());
        assert_eq!(
            told,
            "a rule names a single tactic, and this one names 2 (SentinelToXDR, `Only one tactic is currently \
             supported.`, 2026-09-16)"
        );
    }

    #[test]
    fn what_the_service_was_seen_to_refuse_is_found_before() {
        let query = |query: &'static str| found(|draft| draft.query = query.into());
        for (told, part) in [
            (found(|draft| draft.id = Some("1-begins-with-a-digit".into())), "this one is `1-begins"),
            (found(|draft| draft.id = Some("a".repeat(101))), "at most 100"),
            (found(|draft| draft.id = Some("ä".into())), "letters, digits"),
            (query("T | where a == 'unfinished"), "each of whose texts ends"),
            (query("MyTable_CL | take 1"), "this one reads MyTable_CL"),
            (query("let x = 1; DeviceEvents"), "this one reads let"),
            (query("DeviceEvents | join DeviceInfo on DeviceId"), "this one has join"),
            (query("DeviceEvents // all of them"), "this one has a comment"),
            (query("DeviceEvents | where DeviceId in (DeviceInfo)"), "this one has DeviceInfo"),
            (query("DeviceEvents | project DeviceId, Timestamp"), "this one does not give ReportId"),
            (query("DeviceEvents | project DeviceId, Timestamp, ReportId"), "RemoteUrl is not"),
            (found(|draft| draft.alert.entities.clear()), "this one maps none ("),
            (found(|draft| draft.alert.entities[0].columns.clear()), "that of hosts is not"),
            (found(|draft| draft.alert.entities.truncate(0)), "at least one entity"),
            (found(|draft| draft.alert.entities = draft.alert.entities.split_off(1)), "this one maps none of them"),
            (found(|draft| draft.alert.tactics.clear()), "this one names 0"),
            (found(|draft| draft.alert.title = "{{A}} {{B}} {{ A }} {{C}} {{D}}".into()), "these name 4"),
            (found(|draft| draft.name = " ".into()), "an empty name"),
        ] {
            assert!(told.contains(part), "{part}: {told}");
        }
        assert_eq!(found(|draft| draft.alert.title = "{{A}} {{B}} {{A}} {{C}} {{D".into()), "");
    }
}
