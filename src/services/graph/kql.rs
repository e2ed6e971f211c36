//! The query of a detection rule: what an indicator looks for, over the one table that a continuous rule may read, and
//! back again.
//!
//! Connections stand in `DeviceNetworkEvents`. Of the two tables that show a file, `DeviceFileEvents` tells that it was
//! written and `DeviceProcessEvents` that it runs; the first is read, for a file that is seen but never comes to run is
//! what an indicator is for.

use std::net::IpAddr;

use jiff::Timestamp;
use url::Host;

use crate::{
    domain::indicator::{Function, Kind},
    services::graph::lexer::{Token, literal, tokens},
};

/// What a query is made of, by the kind of its indicator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Source {
    /// The table.
    pub(super) table: &'static str,
    /// The column that is compared.
    pub(super) column: &'static str,
    /// What a rule gives beside the four columns that every rule over devices has to.
    also: &'static [&'static str],
}

/// The columns that every rule over the tables of devices gives, unchanged: by these the service finds the event again
/// (`custom-detection-rules.md` of defender-docs; the name of the device is for people).
const ALWAYS: [&str; 4] = ["Timestamp", "DeviceId", "DeviceName", "ReportId"];

/// Where what an indicator of this kind names is seen.
pub(super) fn source(kind: Kind) -> Source {
    let file = |column| Source { table: "DeviceFileEvents", column, also: &["FileName", "SHA1", "SHA256"] };
    let network = |column, also| Source { table: "DeviceNetworkEvents", column, also };
    match kind {
        Kind::Sha1 => file("SHA1"),
        Kind::Sha256 => file("SHA256"),
        Kind::Md5 => file("MD5"),
        Kind::IpAddress => network("RemoteIP", &["RemoteIP"]),
        Kind::DomainName | Kind::Url => network("RemoteUrl", &["RemoteUrl"]),
    }
}

/// Why no query can look for `value`, in a clause.
pub(super) fn unfit(kind: Kind, value: &str) -> Option<String> {
    if value.is_empty() {
        return Some("an empty value is in everything".into());
    }
    let odd = |c: &char| c.is_whitespace() || c.is_control() || "/?#@:".contains(*c);
    let odd = value.chars().find(odd).filter(|_| kind == Kind::DomainName)?;
    Some(format!("no host has {odd:?} in its name, as `{value}` does"))
}

/// What a rule looks for, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Meaning {
    pub(super) kind: Kind,
    pub(super) function: Function,
    pub(super) value: String,
    /// A rule has no end of its own: from this moment on, its query finds nothing. By the service's clock, which writes
    /// the rows that are compared with it.
    pub(super) end: Option<Timestamp>,
}

/// The whole query of a rule.
pub(super) fn rule(meaning: &Meaning) -> String {
    let Meaning { kind, function, value, end } = meaning;
    let source = source(*kind);
    let columns = [&ALWAYS[..], source.also].concat().join(", ");
    let end = end.map(|end| format!("{END}{end}) ")).unwrap_or_default();
    format!("{} | where {} {end}| project {columns}", source.table, condition(*kind, *function, value))
}

/// What stands before the moment from which on a query finds nothing.
const END: &str = "| where Timestamp < datetime(";

/// The moment from which on `query` finds nothing, if it has one.
fn end(query: &str) -> Option<Timestamp> {
    let (_, after) = query.rsplit_once(END)?;
    after.split_once(')')?.0.parse().ok()
}

/// The condition under which a row of the table is meant. Letter case never counts.
pub(super) fn condition(kind: Kind, function: Function, value: &str) -> String {
    let column = source(kind).column;
    if kind == Kind::DomainName {
        return format!("{column} matches regex {}", literal(&host_pattern(function, value)));
    }
    let operator = operator(function);
    let spelt = spellings(kind, function, value);
    spelt.iter().map(|value| format!("{column} {operator} {}", literal(value))).collect::<Vec<_>>().join(" or ")
}

fn operator(function: Function) -> &'static str {
    match function {
        Function::Equals => "=~",
        Function::StartWith => "startswith",
        Function::EndWith => "endswith",
        Function::Contains => "contains",
    }
}

/// Every way in which a sensor may write what `value` means, as published first.
fn spellings(kind: Kind, function: Function, value: &str) -> Vec<String> {
    let mut spelt = vec![value.to_owned()];
    let from_the_start = matches!(function, Function::Equals | Function::StartWith);
    match kind {
        Kind::IpAddress if function == Function::Equals => {
            if let Ok(address) = value.parse::<IpAddr>() {
                let address = address.to_canonical();
                spelt.push(address.to_string());
                if address.is_ipv4() {
                    spelt.push(format!("{MAPPED}{address}"));
                }
            }
        }
        Kind::IpAddress if from_the_start && value.bytes().all(|b| b.is_ascii_digit() || b == b'.') => {
            spelt.push(format!("{MAPPED}{value}"));
        }
        Kind::Url if from_the_start => {
            let bare = value.split_once("://").map_or(value, |(_, bare)| bare);
            let host = bare.strip_suffix('/').filter(|host| !host.contains('/') && function == Function::Equals);
            for bare in [bare].into_iter().chain(host) {
                spelt.extend(["", "http://", "https://"].map(|scheme| format!("{scheme}{bare}")));
            }
        }
        _ => {}
    }
    let mut known: Vec<String> = Vec::new();
    spelt.retain(|one| {
        !known.contains(&one.to_ascii_lowercase()) && {
            known.push(one.to_ascii_lowercase());
            true
        }
    });
    spelt
}

/// How an IPv4 address begins on a socket that speaks both (`RemoteIPType` is `FourToSixMapping` then).
const MAPPED: &str = "::ffff:";

/// A name of a host within `RemoteUrl`, which may be a host, with or without its port, or a whole address. (`:/{2}` is
/// `://` without what looks like a comment.)
const BEFORE: &str = "(?i)^(?:[a-z][a-z0-9+.-]*:/{2})?(?:[^/?#@]*@)?";
/// Any part of a host's name.
const ANY: &str = "[^/?#:@]*";
/// What may follow a host's name: the root's dot, a port, and more of an address.
const AFTER: &str = r"\.?(?::[0-9]+)?(?:[/?#]|$)";

/// What stands before and after the value in a pattern.
fn around(function: Function) -> (String, String) {
    let (start, end) = match function {
        Function::Equals => ("", ""),
        Function::StartWith => ("", ANY),
        Function::EndWith => (ANY, ""),
        Function::Contains => (ANY, ANY),
    };
    (format!("{BEFORE}{start}"), format!("{end}{AFTER}"))
}

/// The host as a whole has to match, as the custom threat intelligence API means it: an indicator on `evil.example` with
/// `Equals` does not see `www.evil.example`.
fn host_pattern(function: Function, value: &str) -> String {
    let (before, after) = around(function);
    let plain = escaped(value);
    match on_the_wire(value).filter(|_| function == Function::Equals) {
        Some(wire) => format!("{before}(?:{plain}|{}){after}", escaped(&wire)),
        None => format!("{before}{plain}{after}"),
    }
}

/// How a sensor writes a name that is written otherwise: other scripts in Punycode, without the root's dot.
fn on_the_wire(name: &str) -> Option<String> {
    let bare = name.strip_suffix('.').unwrap_or(name);
    let wire = match Host::parse(bare) {
        Ok(Host::Domain(domain)) if !bare.is_ascii() => domain,
        _ => bare.to_owned(),
    };
    (!wire.is_empty() && !wire.eq_ignore_ascii_case(name)).then_some(wire)
}

/// `text` as a pattern that means just it.
fn escaped(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || !c.is_ascii() || matches!(c, '-' | '_');
    text.chars().flat_map(|c| (!plain(c)).then_some('\\').into_iter().chain([c])).collect()
}

/// The text that a pattern means, up to where it ends or means something else.
fn unescaped(pattern: &str) -> String {
    let mut text = String::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => text.extend(chars.next()),
            '|' => break,
            c => text.push(c),
        }
    }
    text
}

/// What a rule's query looks for, where the query is one of ours, however it is spaced.
pub(super) fn meant(query: &str) -> Option<Meaning> {
    let read = tokens(query)?;
    let text = read.iter().find_map(|token| if let Token::Text(text) = token { Some(text) } else { None })?;
    let column = read.get(3)?.word()?;
    let candidates = Kind::ALL.into_iter().filter(|kind| source(*kind).column == column);
    let candidates = candidates.flat_map(|kind| Function::ALL.map(|function| (kind, function)));
    // What looks like an end may stand within a text.
    let ends: Vec<_> = end(query).into_iter().map(Some).chain([None]).collect();
    candidates
        .filter_map(|(kind, function)| Some((kind, function, value(kind, function, text)?)))
        .flat_map(|(kind, function, value)| {
            ends.iter().map(move |end| Meaning { kind, function, value: value.clone(), end: *end })
        })
        .find(|meaning| tokens(&rule(meaning)).is_some_and(|ours| ours == read))
}

/// The value that a query's first text would tell, were it of this kind and function.
fn value(kind: Kind, function: Function, text: &str) -> Option<String> {
    if kind != Kind::DomainName {
        return Some(text.to_owned());
    }
    let (before, after) = around(function);
    let inside = text.strip_prefix(before.as_str())?.strip_suffix(after.as_str())?;
    Some(unescaped(inside.strip_prefix("(?:").unwrap_or(inside)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use regex::Regex;

    use super::*;

    fn meaning(kind: Kind, function: Function, value: &str) -> Meaning {
        Meaning { kind, function, value: value.into(), end: None }
    }

    #[test]
    fn each_kind_is_looked_for_where_it_is_seen() {
        assert_eq!(
            rule(&meaning(Kind::IpAddress, Function::Contains, "203.0.113.7")),
            "DeviceNetworkEvents | where RemoteIP contains '203.0.113.7' \
             | project Timestamp, DeviceId, DeviceName, ReportId, RemoteIP"
        );
        assert_eq!(
            rule(&meaning(Kind::Sha1, Function::StartWith, "ab12")),
            "DeviceFileEvents | where SHA1 startswith 'ab12' \
             | project Timestamp, DeviceId, DeviceName, ReportId, FileName, SHA1, SHA256"
        );
        assert_eq!(condition(Kind::Md5, Function::EndWith, "'"), r"MD5 endswith '\''");
        assert_eq!(
            condition(Kind::DomainName, Function::Equals, "evil.example"),
            r"RemoteUrl matches regex '(?i)^(?:[a-z][a-z0-9+.-]*:/{2})?(?:[^/?#@]*@)?evil\\.example\\.?(?::[0-9]+)?(?:[/?#]|$)'"
        );
    }

    #[test]
    fn an_end_is_part_of_the_query_for_a_rule_has_none_of_its_own() {
        let end = Some("2026-11-24T18:00:00Z".parse().expect("a moment"));
        let ending = Meaning { end, ..meaning(Kind::Sha1, Function::Equals, "ab") };
        assert_eq!(
            rule(&ending),
            "DeviceFileEvents | where SHA1 =~ 'ab' | where Timestamp < datetime(2026-11-24T18:00:00Z) \
             | project Timestamp, DeviceId, DeviceName, ReportId, FileName, SHA1, SHA256"
        );
    }

    #[test]
    fn an_address_is_looked_for_in_every_spelling() {
        assert_eq!(
            condition(Kind::IpAddress, Function::Equals, "203.0.113.7"),
            "RemoteIP =~ '203.0.113.7' or RemoteIP =~ '::ffff:203.0.113.7'"
        );
        assert_eq!(
            condition(Kind::IpAddress, Function::Equals, "2001:DB8:0::1"),
            "RemoteIP =~ '2001:DB8:0::1' or RemoteIP =~ '2001:db8::1'"
        );
        assert_eq!(
            condition(Kind::IpAddress, Function::StartWith, "203.0."),
            "RemoteIP startswith '203.0.' or RemoteIP startswith '::ffff:203.0.'"
        );
        assert_eq!(
            condition(Kind::Url, Function::Equals, "http://evil.example/a"),
            "RemoteUrl =~ 'http://evil.example/a' or RemoteUrl =~ 'evil.example/a' or RemoteUrl =~ 'https://evil.example/a'"
        );
        let root = condition(Kind::Url, Function::Equals, "evil.example/");
        assert!(root.contains("=~ 'evil.example'") && root.contains("=~ 'https://evil.example'"), "{root}");
        assert_eq!(condition(Kind::Url, Function::Contains, "http://e/"), "RemoteUrl contains 'http://e/'");
    }

    fn sees(function: Function, value: &str, row: &str) -> bool {
        Regex::new(&host_pattern(function, value)).expect("a pattern").is_match(row)
    }

    #[test]
    fn a_domain_is_compared_with_the_host_as_a_whole_wherever_it_stands() {
        for row in [
            "evil.example",
            "EVIL.example",
            "evil.example.",
            "evil.example:8080",
            "http://evil.example",
            "https://evil.example/a?b#c",
            "http://me:pass@evil.example:80/",
            "evil.example/path",
            "evil.example?x",
        ] {
            assert!(sees(Function::Equals, "evil.example", row), "{row}");
        }
        for row in [
            "www.evil.example",
            "evil.example.org",
            "evilxexample",
            "http://other.example/evil.example",
            "http://other.example/?u=http://evil.example/",
            "evil.example@other.example",
            "http://evil.example:pass@other.example/",
            "",
        ] {
            assert!(!sees(Function::Equals, "evil.example", row), "{row}");
        }
    }

    #[test]
    fn parts_of_a_host_are_found_in_the_host_alone() {
        let hit_and_miss = [
            (Function::StartWith, "evil", "http://evil.example/", "http://not.evil.example/"),
            (Function::StartWith, "http", "http.example", "http://x.example"),
            (Function::EndWith, ".example", "a.evil.example:443", "a.example.org/.example"),
            (Function::Contains, "evil", "http://not-evil.example/", "http://x.example/evil"),
        ];
        for (function, value, hit, miss) in hit_and_miss {
            assert!(sees(function, value, hit), "{function} {value} {hit}");
            assert!(!sees(function, value, miss), "{function} {value} {miss}");
        }
        assert!(sees(Function::Equals, "bücher.example", "xn--bcher-kva.example"));
        assert!(sees(Function::Equals, "bücher.example", "http://BÜCHER.example/"));
        assert!(sees(Function::Equals, "evil.example.", "evil.example"), "the root's dot does not count");
    }

    #[test]
    fn a_query_of_somebody_else_means_nothing_of_ours() {
        let of_an_address = meaning(Kind::IpAddress, Function::Equals, "203.0.113.7");
        let ours = rule(&of_an_address);
        assert_eq!(meant(&ours), Some(of_an_address.clone()));
        assert_eq!(meant(&ours.replace(" | ", "\n| ")), Some(of_an_address));
        for foreign in [
            "",
            "DeviceProcessEvents | take 1",
            "DeviceNetworkEvents | where RemoteIP == '203.0.113.7' | project Timestamp, DeviceId, ReportId",
            "DeviceNetworkEvents | where RemoteUrl matches regex 'evil' | project Timestamp",
            &format!("{ours} // seen by us"),
            &ours.replace("RemoteIP =~ '203.0.113.7' or", ""),
            &ours.replace('\'', "\""),
            "a b c RemoteIP 'unfinished",
        ] {
            let same_by_other_quotes = foreign.contains('"');
            assert_eq!(meant(foreign).is_some(), same_by_other_quotes, "{foreign}");
        }
    }

    proptest! {
        #[test]
        fn what_a_query_looks_for_and_until_when_is_read_back(
            kind in 0..6_usize,
            function in 0..4_usize,
            value in prop_oneof![any::<String>(), Just(format!("{END}2026-11-24T12:00:00Z) "))],
            end in proptest::option::of(0_i64..4_000_000_000),
        ) {
            let end = end.map(|second| Timestamp::from_second(second).expect("a moment"));
            let asked = Meaning { end, ..meaning(Kind::ALL[kind], Function::ALL[function], &value) };
            prop_assume!(unfit(asked.kind, &value).is_none());
            let query = rule(&asked);
            prop_assert_eq!(meant(&query), Some(asked), "{}", query);
        }

        #[test]
        fn patterns_of_odd_names_are_patterns_and_see_just_them(value in "[a-z.(){}|*+?$^\\\\\\[\\]'\"ü-]{1,12}") {
            prop_assume!(unfit(Kind::DomainName, &value).is_none());
            prop_assert!(sees(Function::Equals, &value, &value));
            let within = format!("http://x{value}y/");
            prop_assert!(sees(Function::Contains, &value, &within));
            let longer = format!("a{value}");
            prop_assert!(!sees(Function::Equals, &value, &longer));
            let asked = meaning(Kind::DomainName, Function::Equals, &value);
            prop_assert_eq!(meant(&rule(&asked)), Some(asked));
        }

        #[test]
        fn whatever_the_query_it_is_ours_or_not(query in any::<String>()) {
            let _ours = meant(&query);
        }
    }
}
