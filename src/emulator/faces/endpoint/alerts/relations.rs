//! What an alert names: addresses, domains, files, the machine, the user.

use serde_json::{Value, json};

use crate::emulator::{
    answer::Answer,
    faces::{
        endpoint::{
            Visit,
            address::Relation,
            alerts::{by_id, shape},
            machines,
            refusal::{Refusal, short},
            reply::{self, Row},
        },
        written_time,
    },
    tenant::{alerts::Alert, evidence::Entity},
};

/// `GET /api/alerts/{id}/…`.
pub(in crate::emulator::faces::endpoint) fn respond(
    visit: &Visit<'_>,
    id: &str,
    relation: Relation,
) -> Result<Answer, Refusal> {
    let alert = by_id(visit, id)?;
    match relation {
        Relation::Ips => Ok(list(visit, "Ips", alert, |entity| match entity {
            Entity::Ip(address) => Some(json!({"id": address.to_string()})),
            _ => None,
        })),
        Relation::Domains => Ok(list(visit, "Domains", alert, |entity| match entity {
            Entity::Url(url) | Entity::Dns(url) => domain(url).map(|host| json!({"host": host})),
            _ => None,
        })),
        Relation::Files => Ok(list(visit, "Files", alert, file)),
        Relation::Machine => {
            let device = machines::device(visit, &alert.device.id)?;
            Ok(reply::entity(visit, 200, "Machines", machines::shape::row(visit, device)))
        }
        Relation::User => user(visit, alert, id),
    }
}

/// What `of` makes of the alert's entities, each once.
fn list(visit: &Visit<'_>, name: &str, alert: &Alert, of: impl Fn(&Entity) -> Option<Value>) -> Answer {
    let mut found: Vec<Value> = Vec::new();
    for value in alert.entities.iter().filter_map(of) {
        if !found.contains(&value) {
            found.push(value);
        }
    }
    reply::value(visit, name, &Value::Array(found))
}

/// The host of a URL or of what is one alone.
pub(super) fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', ':']).next().unwrap_or(rest)
}

/// The host of a URL, unless it is an address.
fn domain(url: &str) -> Option<String> {
    let host = host(url).to_ascii_lowercase();
    (!host.is_empty() && host.parse::<std::net::IpAddr>().is_err()).then_some(host)
}

fn file(entity: &Entity) -> Option<Value> {
    let Entity::File { sha1, sha256, md5, .. } = entity else { return None };
    Some(file_row(sha1, sha256, md5))
}

/// What is known of a file: the members recorded in 2023. The world beyond the tenant has not seen it.
pub(in crate::emulator::faces::endpoint) fn file_row(sha1: &str, sha256: &str, md5: &str) -> Value {
    json!({
        "sha1": sha1, "sha256": sha256, "md5": md5, "globalPrevalence": 0, "globalFirstObserved": null,
        "globalLastObserved": null, "size": null, "fileType": null, "isPeFile": null, "filePublisher": null,
        "fileProductName": null, "signer": null, "issuer": null, "signerHash": null, "isValidCertificate": null,
        "determinationType": "Unknown", "determinationValue": null,
    })
}

fn user(visit: &Visit<'_>, alert: &Alert, id: &str) -> Result<Answer, Refusal> {
    let Some((account, domain)) = shape::user(alert) else {
        // Recorded.
        let message = format!("There is no User related to alert {}", short(id));
        return Err(Refusal::Coded { status: 404, code: "ResourceNotFound", message });
    };
    let seen_at = written_time(alert.first_event_at);
    let user = json!({
        "id": format!("{}\\{account}", domain.to_lowercase()), "accountName": account, "accountDomain": domain,
        "accountSid": null, "firstSeen": seen_at, "lastSeen": seen_at, "mostPrevalentMachineId": alert.device.id,
        "leastPrevalentMachineId": alert.device.id, "logonTypes": "Interactive", "logOnMachinesCount": 1,
        "isDomainAdmin": false, "isOnlyNetworkUser": false,
    });
    let Value::Object(row) = user else { return Ok(reply::entity(visit, 200, "Users", Row::new())) };
    Ok(reply::entity(visit, 200, "Users", row))
}
