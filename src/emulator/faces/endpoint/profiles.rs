//! What the tenant's devices had to do with an address, a domain, a file or a user: statistics, machines, and the file
//! itself. All of it is told from the events that the tenant still holds; what the world beyond knows of a thing is
//! nothing.

use std::{collections::BTreeSet, net::IpAddr};

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::emulator::{
    answer::Answer,
    detection::Activity,
    faces::{
        endpoint::{
            Visit,
            address::Thing,
            alerts::relations,
            machines,
            refusal::{Refusal, short},
            reply,
        },
        written_time,
    },
    tenant::devices::{Device, Telemetry},
};

/// How many hours statistics look back, and the most that they can (pages of 2025).
const HOURS: i64 = 720;

/// Whether an event is about the thing of this name.
fn is_about(activity: &Activity, thing: Thing, name: &str) -> bool {
    match (activity, thing) {
        (Activity::Connection { address: Some(address), .. }, Thing::Ip) => {
            name.parse().is_ok_and(|named: IpAddr| named.to_canonical() == address.to_canonical())
        }
        (Activity::Connection { host: Some(host), .. }, Thing::Domain) => host.eq_ignore_ascii_case(name),
        (Activity::File { sha1, sha256, md5, .. }, Thing::File) => {
            [sha1, sha256, md5].into_iter().any(|hash| hash.eq_ignore_ascii_case(name))
        }
        _ => false,
    }
}

/// The events about a thing, the newest first.
fn events<'a>(visit: &'a Visit<'_>, thing: Thing, name: &'a str) -> impl Iterator<Item = &'a Telemetry> {
    visit.tenant.telemetry().filter(move |telemetry| is_about(&telemetry.event.activity, thing, name))
}

/// Refuses what can be no name of a thing of this kind.
fn check(thing: Thing, name: &str) -> Result<(), Refusal> {
    let refused = |code, what| Err(Refusal::bad(code, format!("{what} {} is invalid.", short(name))));
    match thing {
        Thing::Ip if name.parse::<IpAddr>().is_err() => refused("InvalidIpAddress", "IP address"),
        Thing::File if !is_hash(name) => refused("InvalidHashValue", "Hash value"),
        Thing::Ip | Thing::File | Thing::Domain | Thing::User => Ok(()),
    }
}

/// Whether it is an MD5, SHA-1 or SHA-256.
fn is_hash(name: &str) -> bool {
    matches!(name.len(), 32 | 40 | 64) && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// `GET /api/{domains,files,users}/{name}/machines`: an empty list where nobody met it.
pub(super) fn machines(visit: &Visit<'_>, thing: Thing, name: &str) -> Result<Answer, Refusal> {
    check(thing, name)?;
    let met: BTreeSet<_> = events(visit, thing, name).map(|event| event.event.device.to_ascii_lowercase()).collect();
    machines::of(visit, |device| match thing {
        Thing::User => is_user(device, name),
        _ => met.contains(&device.name.to_ascii_lowercase()),
    })
}

/// A user is asked for by the account's name alone.
fn is_user(device: &Device, name: &str) -> bool {
    let (account, domain) = device.user();
    name.eq_ignore_ascii_case(&account) || name.eq_ignore_ascii_case(&format!("{domain}\\{account}"))
}

/// `GET /api/{ips,domains,files}/{name}/stats`.
pub(super) fn statistics(visit: &Visit<'_>, thing: Thing, name: &str) -> Result<Answer, Refusal> {
    check(thing, name)?;
    let since = visit.now - SignedDuration::from_hours(look_back(visit)?);
    let recent: Vec<_> = events(visit, thing, name).filter(|event| event.at >= since).collect();
    let devices: BTreeSet<_> = recent.iter().map(|event| event.event.device.to_ascii_lowercase()).collect();
    let at = |event: Option<&&Telemetry>| event.map(|event| written_time(event.at));
    // The prevalence stands there twice, once as a text (recorded in 2023).
    let in_organisation = json!({
        "orgPrevalence": devices.len().to_string(), "organizationPrevalence": devices.len(),
        "orgFirstSeen": at(recent.last()), "orgLastSeen": at(recent.first()),
    });
    let (of, before, after) = match thing {
        Thing::Ip => ("InOrgIPStats", json!({"ipAddress": name}), json!({})),
        Thing::Domain | Thing::User => ("InOrgDomainStats", json!({"host": name}), json!({})),
        Thing::File => ("InOrgFileStats", json!({"sha1": known_file(visit, name)?["sha1"]}), in_world(&recent)),
    };
    let context = json!({"@odata.context": reply::context(visit, &format!("microsoft.windowsDefenderATP.api.{of}"))});
    let parts = [context, before, in_organisation, after];
    let members = parts.into_iter().filter_map(|part| if let Value::Object(part) = part { Some(part) } else { None });
    Ok(reply::answer(visit, 200, &Value::Object(members.flatten().collect())))
}

/// What the world knows of a file, and by which names the devices do.
fn in_world(recent: &[&Telemetry]) -> Value {
    let mut names: Vec<&str> = Vec::new();
    for event in recent {
        if let Activity::File { name, .. } = &event.event.activity
            && !names.contains(&name.as_str())
        {
            names.push(name);
        }
    }
    json!({
        "globalPrevalence": "0", "globallyPrevalence": 0, "globalFirstObserved": null, "globalLastObserved": null,
        "topFileNames": names,
    })
}

fn look_back(visit: &Visit<'_>) -> Result<i64, Refusal> {
    let mut parameters = url::form_urlencoded::parse(visit.call.request.query.as_bytes());
    let Some((_, hours)) = parameters.find(|(name, _)| name.eq_ignore_ascii_case("lookBackHours")) else {
        return Ok(HOURS);
    };
    let hours = hours.parse().ok().filter(|hours| (1..=HOURS).contains(hours));
    hours.ok_or_else(|| Refusal::input("lookBackHours is invalid."))
}

/// `GET /api/files/{hash}`.
pub(super) fn file(visit: &Visit<'_>, hash: &str) -> Result<Answer, Refusal> {
    check(Thing::File, hash)?;
    let row = known_file(visit, hash)?.as_object().cloned().unwrap_or_default();
    Ok(reply::entity(visit, 200, "Files", row))
}

/// The file of this hash, which some device wrote.
fn known_file(visit: &Visit<'_>, hash: &str) -> Result<Value, Refusal> {
    let file = events(visit, Thing::File, hash).find_map(|event| match &event.event.activity {
        Activity::File { sha1, sha256, md5, .. } => Some(relations::file_row(sha1, sha256, md5)),
        Activity::Connection { .. } => None,
    });
    file.ok_or_else(|| Refusal::not_found("File", hash))
}
