//! The tenant as its tables show it, and rules on what happens.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value as Json, json};

use crate::emulator::{
    detection::{Activity, Event},
    hunting::{OfEvent, RuleQuery, Table, rule, run, tables, timespan},
    knobs::{Knobs, Range},
    kql::{ErrorKind, value::Value},
    tenant::{FIRST_DEVICE, Tenant, devices::Telemetry},
};

fn at(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

fn now() -> Timestamp {
    at("2026-11-24T12:00:00Z")
}

fn connection(host: Option<&str>, address: Option<&str>) -> Event {
    let activity = Activity::Connection {
        host: host.map(str::to_owned),
        address: address.map(|address| address.parse().expect("an address")),
        port: 443,
        url: host.map(|host| format!("https://{host}/a")),
        process: "powershell_ise.exe".into(),
    };
    Event { device: FIRST_DEVICE.into(), activity }
}

fn file() -> Event {
    let activity = Activity::File {
        name: "tool.exe".into(),
        sha1: "0123456789abcdef0123456789abcdef01234567".into(),
        sha256: "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef".into(),
        md5: "0123456789abcdef0123456789abcdef".into(),
    };
    Event { device: FIRST_DEVICE.into(), activity }
}

/// A tenant with a connection by name, one by address, and a file; hunting shows each `late` seconds after it happened.
fn tenant(late: u64) -> Tenant {
    let late = Duration::from_secs(late);
    let mut tenant = Tenant::new(1, Knobs { telemetry: Range { min: late, max: late }, ..Knobs::default() });
    tenant.observe(connection(Some("www.evil.example"), None), at("2026-11-24T11:00:00.1234567Z"));
    tenant.observe(connection(None, Some("203.0.113.7")), at("2026-11-24T11:30:00Z"));
    tenant.observe(file(), at("2026-11-24T11:45:00Z"));
    tenant
}

fn rows(table: &Table) -> Json {
    table.rows.iter().map(|row| row.iter().map(Value::to_json).collect::<Json>()).collect()
}

fn found(text: &str) -> Json {
    rows(&run(&tenant(0), text, None, now()).unwrap_or_else(|error| panic!("{text}: {error:?}")))
}

#[test]
fn a_connection_is_a_row_with_what_the_sensor_saw() {
    let query =
        "DeviceNetworkEvents | where RemoteIP == '203.0.113.7' | project Timestamp, DeviceName, RemotePort, ReportId";
    let table = run(&tenant(0), query, None, now()).expect("a result");
    let columns: Vec<_> = table.columns.iter().map(|(name, of)| (name.as_str(), of.wire_name())).collect();
    assert_eq!(
        columns,
        [("Timestamp", "DateTime"), ("DeviceName", "String"), ("RemotePort", "Int32"), ("ReportId", "Int64")]
    );
    assert_eq!(rows(&table), json!([["2026-11-24T11:30:00.0000000Z", FIRST_DEVICE, 443, 2]]));
    let query = "DeviceNetworkEvents | where RemoteUrl has 'evil.example' and ActionType == 'ConnectionSuccess' \
                 | project Timestamp, RemoteUrl, RemoteIP, RemoteIPType, LocalIPType, Protocol, InitiatingProcessFileName";
    assert_eq!(
        found(query),
        json!([[
            "2026-11-24T11:00:00.1234567Z",
            "https://www.evil.example/a",
            "",
            "",
            "Private",
            "Tcp",
            "powershell_ise.exe"
        ]])
    );
}

#[test]
fn a_file_is_a_row_of_files_and_one_of_processes() {
    let wanted =
        "| where SHA1 == '0123456789abcdef0123456789abcdef01234567' | project FileName, MD5, ActionType, ReportId";
    for (table, action) in [("DeviceFileEvents", "FileCreated"), ("DeviceProcessEvents", "ProcessCreated")] {
        let expected = json!([["tool.exe", "0123456789abcdef0123456789abcdef", action, 3]]);
        assert_eq!(found(&format!("{table} {wanted}")), expected, "{table}");
    }
    assert_eq!(found("DeviceNetworkEvents | summarize count()"), json!([[2]]));
}

#[test]
fn devices_describe_themselves() {
    let mut tenant = tenant(0);
    tenant.put_device("pc2", false);
    let id = tenant.device(FIRST_DEVICE).map(|device| device.id.clone());
    let query = "DeviceInfo | project DeviceId, DeviceName, OnboardingStatus, Timestamp | sort by OnboardingStatus";
    let table = run(&tenant, query, None, now()).expect("a result");
    assert_eq!(rows(&table)[0], json!([id, FIRST_DEVICE, "Onboarded", "2026-11-24T12:00:00.0000000Z"]));
    assert_eq!(rows(&table)[1][2], json!("Can be onboarded"));
    let query = "DeviceNetworkEvents | join kind=inner (DeviceInfo | project DeviceId, OSPlatform) on DeviceId \
                 | summarize count() by OSPlatform";
    assert_eq!(found(query), json!([["Windows11", 2]]));
}

#[test]
fn telemetry_is_shown_when_it_has_arrived_and_not_a_tick_before() {
    let tenant = tenant(60);
    let count = |now: &str| {
        let table = run(&tenant, "DeviceFileEvents | count", None, at(now)).expect("a result");
        table.rows[0][0].clone()
    };
    assert_eq!(count("2026-11-24T11:45:59.9999999Z"), Value::Int(0));
    assert_eq!(count("2026-11-24T11:46:00Z"), Value::Int(1));
}

#[test]
fn the_span_that_is_asked_for_and_thirty_days_bound_what_is_seen() {
    let tenant = tenant(0);
    let count = |span: Option<&str>, now: &str| {
        let span = span.map(|text| timespan(text).expect("a span"));
        let table = run(&tenant, "DeviceNetworkEvents | count", span, at(now)).expect("a result");
        table.rows[0][0].clone()
    };
    assert_eq!(count(None, "2026-11-24T12:00:00Z"), Value::Int(2));
    assert_eq!(count(Some("PT45M"), "2026-11-24T12:00:00Z"), Value::Int(1));
    assert_eq!(count(Some("2026-11-24T10:00:00Z/PT1H30M"), "2026-11-24T12:00:00Z"), Value::Int(2));
    assert_eq!(count(Some("2026-11-24T10:00:00Z/PT1H29M"), "2026-11-24T12:00:00Z"), Value::Int(1));
    assert_eq!(count(None, "2026-12-24T11:00:00.1234567Z"), Value::Int(2));
    assert_eq!(count(None, "2026-12-24T11:00:00.1234568Z"), Value::Int(1));
    assert_eq!(count(Some("P90D"), "2026-12-24T11:30:01Z"), Value::Int(0));
}

#[test]
fn every_table_that_rules_may_watch_is_known_and_its_whole_row_has_its_columns() {
    for name in [
        "AlertEvidence",
        "AlertInfo",
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
    ] {
        let table = run(&tenant(0), name, None, now()).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert!(
            table.columns.iter().any(|(column, of)| column == "Timestamp" && of.wire_name() == "DateTime"),
            "{name}"
        );
        assert!(table.rows.iter().all(|row| row.len() == table.columns.len()), "{name}");
        let mut seen = std::collections::HashSet::new();
        assert!(table.columns.iter().all(|(column, _)| seen.insert(column)), "{name} has a column twice");
    }
    assert_eq!(tables::names().count(), 21);
    let number = run(&tenant(0), "search 'evil.example' | count", None, now()).expect("a result");
    assert_eq!(number.rows, [[Value::Int(1)]]);
}

fn checked(text: &str) -> RuleQuery {
    rule(text).unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

/// The tenant's events, oldest first.
fn events(tenant: &Tenant) -> Vec<Telemetry> {
    let mut events: Vec<_> = tenant.telemetry().cloned().collect();
    events.reverse();
    events
}

#[test]
fn a_rule_is_hit_by_its_event_alone() {
    let tenant = tenant(60);
    let hits = |text: &str| -> Vec<usize> {
        let rule = checked(text);
        events(&tenant).iter().map(|event| rule.hits(&OfEvent::new(&tenant, event, event.at), event.at).len()).collect()
    };
    for (text, expected) in [
        ("DeviceNetworkEvents | where RemoteIP == '203.0.113.7' | project Timestamp, DeviceId, ReportId", [0, 1, 0]),
        ("DeviceNetworkEvents | where RemoteUrl has 'evil.example'", [1, 0, 0]),
        ("DeviceNetworkEvents | where RemoteUrl has 'vil.example'", [0, 0, 0]),
        ("DeviceFileEvents | where SHA256 startswith '0123' | where FileName =~ 'TOOL.exe'", [0, 0, 1]),
        ("union DeviceFileEvents, DeviceNetworkEvents | where Timestamp > ago(1h)", [1, 1, 1]),
        ("DeviceNetworkEvents | join kind=inner DeviceInfo on DeviceId | project DeviceId, ReportId", [1, 1, 0]),
        ("DeviceNetworkEvents | summarize arg_max(Timestamp, *) by DeviceId", [1, 1, 0]),
        ("let bad = dynamic(['203.0.113.7']); DeviceNetworkEvents | where RemoteIP in (bad)", [0, 1, 0]),
        ("DeviceInfo | where OSPlatform == 'Windows11'", [0, 0, 0]),
        ("EmailEvents | where Subject has 'x'", [0, 0, 0]),
    ] {
        assert_eq!(hits(text), expected, "{text}");
    }
}

#[test]
fn a_hit_has_the_columns_of_the_query() {
    let tenant = tenant(0);
    let rule = checked(
        "DeviceNetworkEvents | where RemoteIP == '203.0.113.7' | project Timestamp, DeviceId, Address = RemoteIP",
    );
    let names: Vec<_> = rule.columns().iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["Timestamp", "DeviceId", "Address"]);
    let hits = rule.hits(&OfEvent::new(&tenant, &events(&tenant)[1], now()), now());
    assert_eq!(hits[0].get("Address"), Some(&Value::text("203.0.113.7")));
    assert_eq!(hits[0].get("Timestamp"), Some(&Value::Time(at("2026-11-24T11:30:00Z"))));
    assert_eq!(hits[0].get("RemoteIP"), None);
}

#[test]
fn what_a_continuous_rule_demands_is_told_from_the_rest() {
    for text in [
        "DeviceNetworkEvents",
        "DeviceNetworkEvents | where RemoteIP == 'x // no comment' | extend a = 1 | project Timestamp",
        "DeviceNetworkEvents | summarize arg_max(Timestamp, *) by DeviceId",
    ] {
        assert!(checked(text).is_single_plain_table(), "{text}");
    }
    for text in [
        "DeviceNetworkEvents // a comment",
        "let x = 1; DeviceNetworkEvents | where RemotePort == x",
        "union DeviceNetworkEvents, DeviceFileEvents",
        "union DeviceNetworkEvents",
        "DeviceNetworkEvents | union DeviceNetworkEvents",
        "DeviceNetworkEvents | join DeviceInfo on DeviceId",
        "DeviceNetworkEvents | join DeviceNetworkEvents on DeviceId",
        "DeviceNetworkEvents | where DeviceId in ((DeviceNetworkEvents | project DeviceId))",
        "DeviceNetworkEvents | where Timestamp == toscalar(DeviceNetworkEvents | project Timestamp)",
        "print 1",
        "search 'x'",
    ] {
        assert!(!checked(text).is_single_plain_table(), "{text}");
    }
    assert!(checked("DeviceInfo // x").has_comments());
    assert!(!checked("DeviceInfo | where DeviceName == '//x'").has_comments());
    let both = checked("union DeviceInfo, (DeviceFileEvents | where SHA1 == 'x')");
    assert_eq!(both.tables().collect::<Vec<_>>(), ["DeviceFileEvents", "DeviceInfo"]);
}

#[test]
fn a_rule_is_refused_when_it_is_made_and_not_when_it_is_run() {
    for (text, kind) in [
        ("DeviceNetworkEvents | where RemoteIP == 'open", ErrorKind::Syntax),
        ("DeviceNetworkEvents | where Remote == 'x'", ErrorKind::Semantic),
        ("DeviceNetworkEvent | take 1", ErrorKind::Semantic),
        ("_X()", ErrorKind::Semantic),
    ] {
        assert_eq!(rule(text).map(|_| ()).map_err(|error| error.kind), Err(kind), "{text}");
    }
}

#[test]
fn a_join_of_everything_with_everything_is_refused_and_not_waited_for() {
    let mut tenant = tenant(0);
    for n in 0..2_000_u32 {
        let address = std::net::Ipv4Addr::from(0xc633_6400 + n % 256).to_string();
        tenant.observe(connection(None, Some(&address)), at("2026-11-24T11:50:00Z"));
    }
    let query = "let a = DeviceNetworkEvents; a | join kind=inner a on DeviceId | join kind=inner a on DeviceId";
    let error = run(&tenant, query, None, now()).expect_err("too much");
    assert_eq!(error.kind, ErrorKind::Limits);
    let rule = checked(query);
    assert_eq!(rule.hits(&OfEvent::new(&tenant, &events(&tenant)[0], now()), now()).len(), 1);
}
