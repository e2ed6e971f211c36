//! What the evidence of an alert names. The alert of an indicator does not say which indicator raised it: what it names
//! is what was touched.

use std::net::{IpAddr, Ipv6Addr};

use serde_json::Value;
use url::Url;

use crate::{
    domain::entity::{Entity, EntityKind, once},
    services::endpoint::values::in_eight_groups,
};

/// The hashes of a row, the strongest first. `md5` stands in no recorded row, and would be read.
const HASHES: [&str; 3] = ["sha256", "sha1", "md5"];

/// Every observable that the alert `original` names, the likeliest of its indicator first: hosts, addresses of pages,
/// IP addresses, hashes of files, then those of processes. Each is there once, whatever its letter case.
pub(crate) fn observables(original: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for row in rows(original, "Url") {
        found.extend(text(row, "url").and_then(host_of));
    }
    for row in rows(original, "Url") {
        found.extend(text(row, "url").into_iter().flat_map(spellings_of_page));
    }
    for row in rows(original, "Ip") {
        found.extend(text(row, "ipAddress").into_iter().flat_map(spellings_of_address));
    }
    for kind in ["File", "Process"] {
        for row in rows(original, kind) {
            found.extend(HASHES.iter().filter_map(|name| text(row, name)).map(str::to_owned));
        }
    }
    let mut known = std::collections::HashSet::new();
    found.retain(|one| known.insert(one.to_ascii_lowercase()));
    found
}

/// What the evidence of the alert `original` names: hosts and pages, IP addresses, and files by each of their hashes and their
/// name, those of processes as well.
pub(crate) fn entities(original: &Value) -> Vec<Entity> {
    let mut found = Vec::new();
    found.extend(rows(original, "Url").filter_map(|row| text(row, "url")).flat_map(Entity::of_address));
    let addresses = rows(original, "Ip").filter_map(|row| text(row, "ipAddress"));
    found.extend(addresses.map(|address| Entity::new(EntityKind::IpAddress, address)));
    for row in ["File", "Process"].into_iter().flat_map(|kind| rows(original, kind)) {
        let names = HASHES.iter().chain(&["fileName"]).filter_map(|name| text(row, name));
        found.extend(names.map(|name| Entity::new(EntityKind::File, name)));
    }
    once(found)
}

fn rows<'a>(original: &'a Value, kind: &'a str) -> impl Iterator<Item = &'a Value> {
    let rows = original.get("evidence").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    rows.iter().filter(move |row| text(row, "entityType").is_some_and(|word| word.eq_ignore_ascii_case(kind)))
}

fn text<'a>(row: &'a Value, name: &str) -> Option<&'a str> {
    row.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// The host of a page's address, or of what is a bare host already, perhaps with a port.
pub(super) fn host_of(address: &str) -> Option<String> {
    let whole = if address.contains("://") { Url::parse(address) } else { Url::parse(&format!("http://{address}")) };
    whole.ok()?.host_str().map(|host| host.trim_start_matches('[').trim_end_matches(']').to_owned())
}

/// A page's address, and the same without the slash after its host: both name it.
fn spellings_of_page(address: &str) -> Vec<String> {
    let bare =
        address.strip_suffix('/').filter(|rest| rest.split("://").last().is_some_and(|rest| !rest.contains('/')));
    [Some(address), bare].into_iter().flatten().map(str::to_owned).collect()
}

/// An address as it came, and of version 6 in its other spellings as well.
pub(super) fn spellings_of_address(address: &str) -> Vec<String> {
    let mut all = vec![address.to_owned()];
    if let Ok(IpAddr::V6(parsed)) = address.parse() {
        let others = [Ipv6Addr::to_string(&parsed), in_eight_groups(parsed)];
        all.extend(others.into_iter().filter(|other| !other.eq_ignore_ascii_case(address)));
    }
    all
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::entity::listed;

    fn named(evidence: &Value) -> Vec<String> {
        observables(&json!({ "evidence": evidence }))
    }

    #[test]
    fn of_a_connection_the_bare_host_comes_first_wherever_it_stands() {
        let evidence = json!([
            { "entityType": "Process", "fileName": "msedge.exe", "sha1": "ee" },
            { "entityType": "Url", "url": "https://www.evil.example/" },
            { "entityType": "User", "accountName": "u" },
            { "entityType": "Url", "url": "www.evil.example" },
        ]);
        assert_eq!(
            named(&evidence),
            ["www.evil.example", "https://www.evil.example/", "https://www.evil.example", "ee"]
        );
    }

    #[test]
    fn of_a_file_the_strongest_hash_comes_first_and_a_process_has_the_last_word() {
        let evidence = json!([
            { "entityType": "Process", "sha256": "pp" },
            { "entityType": "File", "sha1": "aa", "sha256": "bb", "md5": "cc" },
            { "entityType": "File", "sha1": "AA", "sha256": null },
        ]);
        assert_eq!(named(&evidence), ["bb", "aa", "cc", "pp"]);
        let only_process = json!({ "evidence": [{ "entityType": "Process", "sha256": "pp" }] });
        assert_eq!(observables(&only_process), ["pp"]);
    }

    #[test]
    fn each_row_names_a_thing_of_its_kind_once() {
        let evidence = json!([
            { "entityType": "Url", "url": "www.evil.example" },
            { "entityType": "Process", "fileName": "msedge.exe", "sha1": "ee" },
            { "entityType": "Url", "url": "https://www.evil.example/" },
            { "entityType": "Ip", "ipAddress": "203.0.113.9" },
            { "entityType": "File", "fileName": "a.exe", "sha1": "aa", "sha256": "bb" },
            { "entityType": "User", "accountName": "u" },
        ]);
        assert_eq!(
            listed(&entities(&json!({ "evidence": evidence }))),
            "domain `www.evil.example`, url `https://www.evil.example/`, ip address `203.0.113.9`, file `bb`, file `aa`, \
             file `a.exe`, file `ee`, file `msedge.exe`"
        );
        assert_eq!(entities(&json!({ "evidence": [null, 7, { "entityType": "Url", "url": 3 }] })), []);
    }

    #[test]
    fn an_address_of_version_6_is_named_in_each_of_its_spellings() {
        assert_eq!(
            named(&json!([{ "entityType": "Ip", "ipAddress": "2001:DB8:0::1" }])),
            ["2001:DB8:0::1", "2001:db8::1", "2001:db8:0:0:0:0:0:1"]
        );
        assert_eq!(named(&json!([{ "entityType": "Ip", "ipAddress": "203.0.113.9" }])), ["203.0.113.9"]);
    }

    #[test]
    fn evidence_that_is_odd_names_nothing_and_does_no_harm() {
        for evidence in [
            json!(null),
            json!("x"),
            json!([null, 7, [], { "entityType": 3 }, { "entityType": "Url", "url": 3 }]),
            json!([{ "entityType": "Url", "url": "" }, { "entityType": "File" }]),
        ] {
            assert_eq!(named(&evidence), Vec::<String>::new(), "{evidence}");
        }
        assert_eq!(named(&json!([{ "entityType": "Url", "url": "http://" }])), ["http://"]);
        assert_eq!(observables(&json!(null)), Vec::<String>::new());
    }
}
