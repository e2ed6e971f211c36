//! What a drill costs a tenant in calls: counted on the emulator, from a start and a seed that never change.

use std::fmt::Write as _;

use alertdrill::{
    domain::service::Service,
    record::exchange::Exchange,
    services::{endpoint::quotas, graph::limits},
};

use super::{read, tables};
use crate::lab;

/// What the service counts a call as, and how many it gives: by the beginning of what the call is for.
const FAMILIES: [(Service, &str, &str); 21] = [
    (Service::Legacy, "get an access token", "of the login, whose limits are not published"),
    (Service::Legacy, "", "nothing is published"),
    (Service::Endpoint, "get an access token", "of the login, whose limits are not published"),
    (Service::Endpoint, "list indicators", "ListIndicators"),
    (Service::Endpoint, "see whether", "ListIndicators"),
    (Service::Endpoint, "create an indicator", "SubmitIndicator"),
    (Service::Endpoint, "list alerts", "ListAlerts"),
    (Service::Endpoint, "find the device", "ListMachines"),
    (Service::Endpoint, "remove indicator", "RemoveIndicator"),
    (Service::Endpoint, "hunt for", "Hunt"),
    (Service::Endpoint, "update alert", "ChangeAlert"),
    (Service::Graph, "get an access token", "of the login, whose limits are not published"),
    (Service::Graph, "list detection rules", "List"),
    (Service::Graph, "look for detection rule", "Read"),
    (Service::Graph, "create a detection rule", "Create"),
    (Service::Graph, "read alerts", "Alerts"),
    (Service::Graph, "find the device", "Hunting"),
    (Service::Graph, "hunt for", "Hunting"),
    (Service::Graph, "remove detection rule", "Remove"),
    (Service::Graph, "change alert", "Alerts"),
    (Service::Graph, "comment on alert", "Alerts"),
];

fn quota(service: Service, purpose: &str) -> String {
    let (.., family) = FAMILIES
        .iter()
        .find(|(of, begin, _)| *of == service && purpose.starts_with(begin))
        .unwrap_or_else(|| panic!("{service}: what `{purpose}` is counted as"));
    let endpoint = quotas::PUBLISHED.iter().map(|row| (format!("{:?}", row.calls), row.per_minute, row.per_hour));
    let graph = limits::PUBLISHED.iter().map(|row| (format!("{:?}", row.family), row.per_minute, row.per_hour));
    let known: Vec<_> = match service {
        Service::Legacy => vec![],
        Service::Endpoint => endpoint.collect(),
        Service::Graph => graph.collect(),
    };
    match known.iter().find(|(name, ..)| name == family) {
        Some((_, minute, Some(hour))) => format!("{minute} a minute, {hour} an hour"),
        Some((_, minute, None)) => format!("{minute} a minute"),
        None => (*family).to_owned(),
    }
}

/// The purpose without the key or name at its end.
fn kind(exchange: &Exchange) -> String {
    let purpose = exchange.purpose();
    for begin in [
        "remove indicator",
        "remove alert definition",
        "remove detection rule",
        "find the device",
        "update alert",
        "change alert",
        "comment on alert",
    ] {
        if purpose.starts_with(begin) {
            return begin.to_owned();
        }
    }
    purpose.to_owned()
}

/// The path below the service's root, without the tenant's id and the key of one entity.
fn path(exchange: &Exchange) -> String {
    let url = exchange.url();
    let path = url.splitn(4, '/').nth(3).unwrap_or_default().split('?').next().unwrap_or_default();
    let below = path.split_once('/').map_or(path, |(_, below)| below);
    // An alert's key begins with `da` or is in several parts; no name of a set does or is.
    let key = |segment: &str| {
        segment.starts_with("alertdrill-")
            || (segment.contains('_') && segment != "alerts_v2")
            || segment.bytes().all(|byte| byte.is_ascii_digit())
    };
    let segments: Vec<_> = below.split('/').map(|segment| if key(segment) { "{id}" } else { segment }).collect();
    segments.join("/").replace("(1)", "({id})")
}

#[test]
fn what_the_whole_guide_costs_in_calls_is_what_is_told() {
    let guide = read("features/guide/5_whole_guide.feature");
    let mut table =
        String::from("| service | call | for what | calls | of which the service gives |\n|---|---|---|---|---|\n");
    for service in Service::ALL {
        let ran = lab::run_on(service, &guide);
        assert_eq!(lab::verdict(ran.drill()), "passed", "{service}");
        let mut rows: Vec<(String, String, u32)> = Vec::new();
        for exchange in &ran.drill().exchanges {
            let (call, kind) = (format!("{} {}", exchange.method(), path(exchange)), kind(exchange));
            match rows.iter_mut().find(|row| (&row.0, &row.1) == (&call, &kind)) {
                Some(row) => row.2 += 1,
                None => rows.push((call, kind, 1)),
            }
        }
        let total: u32 = rows.iter().map(|row| row.2).sum();
        for (call, kind, count) in rows {
            let quota = quota(service, &kind);
            writeln!(table, "| `{service}` | `{call}` | {kind} | {count} | {quota} |").expect("written");
        }
        writeln!(table, "| `{service}` | | in all | {total} | |").expect("written");
    }
    tables::hold("calls", &table);
}
