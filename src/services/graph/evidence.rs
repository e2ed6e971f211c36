//! What an alert names: its evidence, by type, as far as a drill asks for it.

use serde_json::Value;
use url::Url;

use crate::domain::{
    device::Device,
    entity::{Entity, EntityKind, once},
};

/// Everything observable that an alert as the service wrote it names, each once, the most telling first: hosts before
/// the addresses of pages, both before IP addresses, and the longest hash of a file first. An address of a page names its
/// host as well.
pub(crate) fn observables(original: &Value) -> Vec<String> {
    let mut found: Vec<(u8, String)> = Vec::new();
    for item in evidence(original) {
        read(item, &mut found);
    }
    found.sort_by_key(|(rank, _)| *rank);
    let mut named: Vec<String> = Vec::new();
    let mut known = std::collections::HashSet::new();
    for (_, text) in found {
        if known.insert(text.to_lowercase()) {
            named.push(text);
        }
    }
    named
}

/// What the evidence of the alert `original` names: hosts and pages, IP addresses, files by each of their hashes and their name,
/// and every device.
pub(crate) fn entities(original: &Value) -> Vec<Entity> {
    once(evidence(original).flat_map(entities_of))
}

fn entities_of(item: &Value) -> Vec<Entity> {
    let of = |kind: EntityKind, values: &[Option<&str>]| -> Vec<Entity> {
        values.iter().copied().flatten().map(|value| Entity::new(kind, value)).collect()
    };
    let file = |file: &Value| {
        let members = ["sha256", "sha1", "md5", "fileName"];
        of(EntityKind::File, &members.map(|member| file[member].as_str()))
    };
    match kind(item) {
        "urlEvidence" => text(item, "url").map(Entity::of_address).unwrap_or_default(),
        "dnsEvidence" => {
            let addresses = item["ipAddresses"].as_array().into_iter().flatten();
            let addresses: Vec<_> =
                addresses.chain([&item["hostIpAddress"]]).map(|address| text(address, "ipAddress")).collect();
            [of(EntityKind::Domain, &[text(item, "domainName")]), of(EntityKind::IpAddress, &addresses)].concat()
        }
        "ipEvidence" => of(EntityKind::IpAddress, &[text(item, "ipAddress")]),
        "networkConnectionEvidence" => of(EntityKind::IpAddress, &[text(&item["destinationAddress"], "ipAddress")]),
        "fileEvidence" => file(&item["fileDetails"]),
        "processEvidence" => file(&item["imageFile"]),
        "fileHashEvidence" => of(EntityKind::File, &[text(item, "value")]),
        "deviceEvidence" => {
            let members = ["deviceDnsName", "hostName", "mdeDeviceId"];
            of(EntityKind::Device, &members.map(|member| text(item, member)))
        }
        _ => Vec::new(),
    }
}

const HOST: u8 = 0;
const PAGE: u8 = 1;
const ADDRESS: u8 = 2;
const HASH: u8 = 3;

fn read(item: &Value, found: &mut Vec<(u8, String)>) {
    let mut add = |rank: u8, text: Option<&str>| {
        found.extend(text.filter(|text| !text.is_empty()).map(|text| (rank, text.to_owned())));
    };
    match kind(item) {
        "urlEvidence" => {
            let url = text(item, "url");
            add(HOST, url.and_then(host).as_deref());
            add(PAGE, url);
        }
        "dnsEvidence" => {
            add(HOST, text(item, "domainName"));
            add(ADDRESS, text(&item["hostIpAddress"], "ipAddress"));
            for address in item["ipAddresses"].as_array().into_iter().flatten() {
                add(ADDRESS, text(address, "ipAddress"));
            }
        }
        "ipEvidence" => add(ADDRESS, text(item, "ipAddress")),
        "networkConnectionEvidence" => add(ADDRESS, text(&item["destinationAddress"], "ipAddress")),
        "fileEvidence" => hashes(&item["fileDetails"], &mut add),
        "processEvidence" => hashes(&item["imageFile"], &mut add),
        "fileHashEvidence" => {
            let value = text(item, "value");
            add(HASH + value.map_or(0, |value| shorter(value.len())), value);
        }
        _ => {}
    }
}

fn hashes(file: &Value, add: &mut impl FnMut(u8, Option<&str>)) {
    for (length, member) in [(64, "sha256"), (40, "sha1"), (32, "md5")] {
        add(HASH + shorter(length), text(file, member));
    }
}

/// How far a hash of so many digits stands behind the longest.
fn shorter(digits: usize) -> u8 {
    match digits {
        64.. => 0,
        40.. => 1,
        _ => 2,
    }
}

/// The host of a page's address, or of a bare host, with or without its port: both are seen.
fn host(url: &str) -> Option<String> {
    let whole = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
    Some(Url::parse(&whole).ok()?.host_str()?.to_owned())
}

/// The device that an alert names first, by its key and the name of its page: the DNS name, or the host's.
pub(super) fn device(original: &Value) -> Device {
    let item = evidence(original).find(|item| kind(item) == "deviceEvidence").unwrap_or(&Value::Null);
    let name =
        [text(item, "deviceDnsName"), text(item, "hostName")].into_iter().flatten().find(|name| !name.is_empty());
    let id = text(item, "mdeDeviceId").unwrap_or_default().to_owned();
    Device { id, name: name.unwrap_or_default().to_owned() }
}

fn evidence(original: &Value) -> impl Iterator<Item = &Value> {
    original["evidence"].as_array().into_iter().flatten()
}

/// `urlEvidence`, of `#microsoft.graph.security.urlEvidence`.
fn kind(item: &Value) -> &str {
    text(item, "@odata.type").and_then(|name| name.rsplit('.').next()).unwrap_or_default()
}

fn text<'a>(object: &'a Value, member: &str) -> Option<&'a str> {
    object[member].as_str()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::entity::listed;

    fn of(evidence: &Value) -> Vec<String> {
        observables(&json!({ "evidence": evidence }))
    }

    #[test]
    fn each_type_of_evidence_names_what_it_is_about_and_hosts_come_first() {
        let kind = |name: &str| format!("#microsoft.graph.security.{name}Evidence");
        let named = of(&json!([
            { "@odata.type": kind("file"), "fileDetails": { "md5": "c".repeat(32), "sha1": "b".repeat(40), "sha256": "a".repeat(64) } },
            { "@odata.type": kind("ip"), "ipAddress": "203.0.113.9" },
            { "@odata.type": kind("url"), "url": "http://Evil.example:8080/a?b" },
            { "@odata.type": kind("url"), "url": "evil.example" },
            { "@odata.type": kind("dns"), "domainName": "other.example", "ipAddresses": [{ "ipAddress": "203.0.113.10" }], "hostIpAddress": null },
            { "@odata.type": kind("networkConnection"), "destinationAddress": { "ipAddress": "203.0.113.9" } },
            { "@odata.type": kind("process"), "imageFile": { "sha1": "B".repeat(40), "sha256": null } },
            { "@odata.type": kind("fileHash"), "algorithm": "sha256", "value": "d".repeat(64) },
            { "@odata.type": kind("device"), "hostName": "pc7" },
        ]));
        let expected = [
            "evil.example".to_owned(),
            "other.example".into(),
            "http://Evil.example:8080/a?b".into(),
            "203.0.113.9".into(),
            "203.0.113.10".into(),
            "a".repeat(64),
            "d".repeat(64),
            "b".repeat(40),
            "c".repeat(32),
        ];
        assert_eq!(named, expected);
    }

    #[test]
    fn each_type_of_evidence_names_a_thing_of_its_kind_once() {
        let kind = |name: &str| format!("#microsoft.graph.security.{name}Evidence");
        let evidence = json!([
            { "@odata.type": kind("url"), "url": "http://evil.example/a" },
            { "@odata.type": kind("url"), "url": "evil.example" },
            { "@odata.type": kind("dns"), "domainName": "other.example", "ipAddresses": [{ "ipAddress": "203.0.113.10" }] },
            { "@odata.type": kind("ip"), "ipAddress": "203.0.113.9" },
            { "@odata.type": kind("networkConnection"), "destinationAddress": { "ipAddress": "203.0.113.9" } },
            { "@odata.type": kind("file"), "fileDetails": { "sha1": "aa", "sha256": "bb", "fileName": "a.exe" } },
            { "@odata.type": kind("process"), "imageFile": { "sha1": "cc", "sha256": null } },
            { "@odata.type": kind("fileHash"), "value": "dd" },
            { "@odata.type": kind("device"), "mdeDeviceId": "ab", "deviceDnsName": "pc7.contoso.example", "hostName": "pc7" },
            { "@odata.type": kind("user") }, null, 7,
        ]);
        assert_eq!(
            listed(&entities(&json!({ "evidence": evidence }))),
            "domain `evil.example`, url `http://evil.example/a`, domain `other.example`, ip address `203.0.113.10`, \
             ip address `203.0.113.9`, file `bb`, file `aa`, file `a.exe`, file `cc`, file `dd`, \
             device `pc7.contoso.example`, device `pc7`, device `ab`"
        );
    }

    #[test]
    fn evidence_of_the_wrong_shape_names_nothing() {
        for odd in
            [json!(null), json!("x"), json!([1, null, {}, { "@odata.type": 7 }, { "@odata.type": "urlEvidence" }])]
        {
            assert_eq!(of(&odd), Vec::<String>::new());
        }
        assert_eq!(observables(&json!(7)), Vec::<String>::new());
        assert_eq!(of(&json!([{ "@odata.type": "a.urlEvidence", "url": "http://[" }])), ["http://["]);
        assert_eq!(device(&json!([])), Device { id: String::new(), name: String::new() });
    }

    #[test]
    fn a_device_goes_by_its_dns_name_or_its_host_s() {
        let of = |members: Value| {
            let mut item = members;
            item["@odata.type"] = json!("#microsoft.graph.security.deviceEvidence");
            device(&json!({ "evidence": [{ "@odata.type": "x.ipEvidence" }, item] }))
        };
        let dns = of(json!({ "mdeDeviceId": "ab", "deviceDnsName": "pc7.contoso.example", "hostName": "pc7" }));
        assert_eq!(dns, Device { id: "ab".into(), name: "pc7.contoso.example".into() });
        let host = of(json!({ "mdeDeviceId": null, "deviceDnsName": null, "hostName": "pc7" }));
        assert_eq!(host, Device { id: String::new(), name: "pc7".into() });
    }
}
