//! Machines: `/api/machines`, their tags and their groups.
//!
//! In reading order: this file, [`shape`] (as they are written).

pub(super) mod shape;

use std::{collections::BTreeMap, net::IpAddr};

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::emulator::{
    answer::Answer,
    faces::{
        endpoint::{
            Visit,
            body::{self, Body},
            refusal::{Refusal, short},
            reply::{self, Asked, Row},
        },
        written_time,
    },
    odata::{
        paging::Place,
        schema::{Dialect, Rules, Schema},
        value::Type,
    },
    tenant::devices::Device,
};

/// What the context of an answer calls the set.
const NAME: &str = "Machines";

/// `GET /api/machines`: 404 where there are none at all (get-machines).
pub(super) fn list(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let asked = Asked::read(visit, &shape::MACHINE)?;
    let rows = rows(visit);
    if rows.is_empty() {
        let message = "No recent machines were found";
        return Err(Refusal::Coded { status: 404, code: "ResourceNotFound", message: message.into() });
    }
    asked.answer(visit, NAME, rows)
}

/// `GET /api/machines/$count`.
pub(super) fn count(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    Asked::read(visit, &shape::MACHINE)?.count(visit, NAME, rows(visit))
}

fn rows(visit: &Visit<'_>) -> Vec<(Place, Row)> {
    visit.tenant.devices().map(|device| (Place(0, device.id.clone()), shape::row(visit, device))).collect()
}

/// `GET /api/machines/{id}`.
pub(super) fn one(visit: &Visit<'_>, id: &str) -> Result<Answer, Refusal> {
    let row = shape::row(visit, device(visit, id)?);
    Ok(reply::entity(visit, 200, NAME, row))
}

/// How far back a time may lie, in seconds: 30 days (find-machines-by-ip).
const FOUND_WITHIN: i64 = 30 * 86_400;

/// `GET /api/machines/findbyip(ip='…',timestamp=…)`. A device of the tenant has one address for good, so that the time
/// only has to be a good one: 400 otherwise is documented, and a list, which may be empty.
pub(super) fn by_ip(visit: &Visit<'_>, ip: &str, time: &str) -> Result<Answer, Refusal> {
    let invalid = || Refusal::bad("InvalidIpAddress", format!("IP address {} is invalid.", short(ip)));
    let address: IpAddr = ip.parse().map_err(|_| invalid())?;
    let time: Timestamp = time.parse().map_err(|_| Refusal::input("timestamp is invalid."))?;
    if !(0..=FOUND_WITHIN).contains(&(visit.now.as_second() - time.as_second())) {
        return Err(Refusal::input("timestamp is not in the past 30 days."));
    }
    of(visit, |device| device.address == address)
}

/// The machines that are `meant`.
pub(super) fn of(visit: &Visit<'_>, meant: impl Fn(&Device) -> bool) -> Result<Answer, Refusal> {
    let asked = Asked::read(visit, &shape::MACHINE)?;
    let devices = visit.tenant.devices().filter(|device| meant(device));
    let rows = devices.map(|device| (Place(0, device.id.clone()), shape::row(visit, device)));
    asked.answer(visit, NAME, rows)
}

/// The device of this id or name.
pub(super) fn device<'a>(visit: &'a Visit<'_>, id: &str) -> Result<&'a Device, Refusal> {
    visit.tenant.device_by_id(id).or_else(|| visit.tenant.device(id)).ok_or_else(|| Refusal::not_found("Machine", id))
}

/// `POST /api/machines/{id}/tags`: `{"Value": …, "Action": "Add" or "Remove"}`; answers the machine.
pub(super) fn tag(visit: &mut Visit<'_>, id: &str) -> Result<Answer, Refusal> {
    let sent = body::json(visit.call.request)?;
    let body = Body::of(&sent)?;
    let (tag, action) = (body.required("Value")?.to_owned(), body.required("Action")?.to_owned());
    let adds = match action.to_ascii_lowercase().as_str() {
        "add" => true,
        "remove" => false,
        _ => return Err(Refusal::input("Action must be Add or Remove.")),
    };
    if tag.trim().is_empty() {
        return Err(Refusal::input("Value is empty."));
    }
    let name = device(visit, id)?.name.clone();
    visit.tenant.tag_device(&name, tag, adds);
    one(visit, id)
}

/// `GET /api/machines/{id}/logonusers`: the one person at the device, with the nulls that were recorded in 2023.
pub(super) fn users(visit: &Visit<'_>, id: &str) -> Result<Answer, Refusal> {
    let device = device(visit, id)?;
    let (account, domain) = device.user();
    let (account, domain) = (account.to_lowercase(), domain.to_lowercase());
    let machine = shape::row(visit, device);
    let user = json!({
        "id": format!("{domain}\\{account}"), "accountName": account, "accountDomain": domain, "accountSid": null,
        "firstSeen": machine["firstSeen"], "lastSeen": machine["lastSeen"], "mostPrevalentMachineId": null,
        "leastPrevalentMachineId": null, "logonTypes": "Interactive", "logOnMachinesCount": null, "isDomainAdmin": false,
        "isOnlyNetworkUser": null,
    });
    Ok(reply::value(visit, "Users", &json!([user])))
}

static GROUP: Schema = Schema::of(
    "microsoft.windowsDefenderATP.api.ExposureScore",
    &[("time", Type::Time), ("score", Type::Real), ("rbacGroupName", Type::Text), ("rbacGroupId", Type::Text)],
    &Rules::of(Dialect::Endpoint),
);

/// `GET /api/exposureScore/ByMachineGroups`: the one call that tells which id a device group has. The scores are none.
pub(super) fn groups(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let groups = visit.tenant.devices().filter_map(|device| device.group.as_ref());
    let groups: BTreeMap<_, _> = groups.map(|group| (group.id, group.name.as_str())).collect();
    let time = written_time(visit.now);
    let row = |(id, name): (i64, &str)| {
        let row: Map<String, Value> = [
            ("time".to_owned(), json!(time)),
            ("score".to_owned(), json!(0.0)),
            ("rbacGroupName".to_owned(), json!(name)),
            ("rbacGroupId".to_owned(), json!(id.to_string())),
        ]
        .into_iter()
        .collect();
        (Place(id, String::new()), row)
    };
    let unassigned = (0, "UnassignedGroup");
    let rows = [unassigned].into_iter().chain(groups).map(row);
    Asked::read(visit, &GROUP)?.answer(visit, "ExposureScore", rows)
}
