//! The tenant's devices, and what they are made to do.

use std::net::IpAddr;

use base64::{Engine, engine::general_purpose::STANDARD};
use md5::Md5;
use serde_json::{Map, Value, json};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::emulator::{
    answer::Answer,
    detection::{Activity, Event},
    faces::{
        control::{
            Ask,
            body::{self, bad},
        },
        sensor::PROGRAM,
    },
    noise,
    tenant::{Observation, devices::Device},
};

/// A DNS name has at most 255 octets (RFC 1035, 2.3.4); file names are not longer on Windows.
const NAME_AT_MOST: usize = 255;

pub(super) fn list(ask: &Ask<'_>) -> Answer {
    let devices = ask.emulator.with(|tenant, _| tenant.devices().map(Device::to_json).collect::<Vec<_>>());
    Answer::json(200, &Value::Array(devices))
}

pub(super) fn put(ask: &Ask<'_>) -> Result<Answer, Answer> {
    let onboarded = body::switch(&body::object(ask.call, &["onboarded"])?, "onboarded")?;
    let name = ask.name().trim();
    if name.is_empty() || name.len() > NAME_AT_MOST || name.contains(|letter: char| letter.is_control()) {
        return Err(bad(format!("A device's name is a text of 1 to {NAME_AT_MOST} bytes.")));
    }
    if name.contains(':') {
        return Err(bad("A device's name has no colon: it could not be the user name of a proxy."));
    }
    let device = ask.emulator.with(|tenant, _| tenant.put_device(name, onboarded));
    let device = device.ok_or_else(|| Answer::message(507, "The tenant has no room for another device."))?;
    Ok(Answer::json(200, &json!({"id": device.id, "name": device.name, "onboarded": device.onboarded})))
}

pub(super) fn file(ask: &Ask<'_>) -> Result<Answer, Answer> {
    let members = body::object(ask.call, &["name", "content"])?;
    let name = body::text(&members, "name", NAME_AT_MOST)?.to_owned();
    let content = members.get("content").and_then(Value::as_str).map(|text| STANDARD.decode(text.trim()));
    let Some(Ok(content)) = content else { return Err(bad("`content` must be the file in Base64.")) };
    let sha1 = noise::hex(&Sha1::digest(&content));
    let sha256 = noise::hex(&Sha256::digest(&content));
    let md5 = noise::hex(&Md5::digest(&content));
    let hashes = json!({"sha1": sha1, "sha256": sha256, "md5": md5});
    observe(ask, Activity::File { name, sha1, sha256, md5 })?;
    Ok(Answer::json(200, &hashes))
}

pub(super) fn connection(ask: &Ask<'_>) -> Result<Answer, Answer> {
    let members = body::object(ask.call, &["host", "address", "port"])?;
    let (host, address) = remote(&members)?;
    let port = members.get("port").and_then(Value::as_u64).and_then(|port| u16::try_from(port).ok());
    let Some(port) = port.filter(|port| *port > 0) else { return Err(bad("`port` must be a number from 1 to 65535.")) };
    let answer = json!({"host": host, "address": address.map(|address| address.to_string()), "port": port});
    observe(ask, Activity::Connection { host, address, port, url: None, process: PROGRAM.to_owned() })?;
    Ok(Answer::json(200, &answer))
}

/// The host or the address; an address that is given as a host is one all the same, as it is to a device.
fn remote(members: &Map<String, Value>) -> Result<(Option<String>, Option<IpAddr>), Answer> {
    match (members.contains_key("host"), members.contains_key("address")) {
        (true, false) => {
            let host = body::text(members, "host", NAME_AT_MOST)?;
            let address = host.parse().ok();
            Ok((address.is_none().then(|| host.to_owned()), address))
        }
        (false, true) => {
            let address = body::text(members, "address", NAME_AT_MOST)?.parse();
            Ok((None, Some(address.map_err(|_| bad("`address` must be an IP address."))?)))
        }
        _ => Err(bad("Either `host` or `address` must be given.")),
    }
}

/// The device did it, whether its sensor reports it or not.
fn observe(ask: &Ask<'_>, activity: Activity) -> Result<(), Answer> {
    let event = Event { device: ask.name().to_owned(), activity };
    match ask.emulator.with(|tenant, now| tenant.observe(event, now)) {
        Observation::UnknownDevice => Err(Answer::message(404, "The tenant has no device of this name.")),
        Observation::Reported(_) | Observation::NotOnboarded | Observation::Lost => Ok(()),
    }
}
