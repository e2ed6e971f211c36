//! `POST /api/machines/{id}/runliveresponse`: commands that a device does one after the other.
//!
//! Nothing is really run: a script of the library ends well and says nothing, a file that is fetched holds a line.

use serde_json::{Value, json};

use crate::emulator::{
    answer::Answer,
    faces::endpoint::{
        Visit,
        actions::{begin, takes},
        body::{self, Body},
        machines,
        refusal::Refusal,
    },
    tenant::{
        actions::{LIVE_RESPONSE, Order, Step},
        application::APPLICATION_NAME,
        devices::Device,
    },
};

/// More commands than these are refused: no number is published, but the tenant remembers many actions.
const COMMANDS_AT_MOST: usize = 100;

/// The commands, each with the parameter that it cannot do without.
const COMMANDS: [(&str, &str); 3] = [("PutFile", "FileName"), ("RunScript", "ScriptName"), ("GetFile", "Path")];

pub(in crate::emulator::faces::endpoint) fn run(visit: &mut Visit<'_>, machine: &str) -> Result<Answer, Refusal> {
    let sent = body::json(visit.call.request)?;
    let body = Body::of(&sent)?;
    let comment = body.text("Comment")?.unwrap_or_default().to_owned();
    let commands = body.get("Commands").ok_or_else(|| Refusal::missing("Commands"))?;
    let commands = commands.as_array().ok_or_else(Refusal::body)?;
    if commands.is_empty() || commands.len() > COMMANDS_AT_MOST {
        return Err(Refusal::input("The number of commands is invalid."));
    }
    let device = machines::device(visit, machine)?.clone();
    if !visit.tenant.knobs.endpoint.live_response {
        return Err(Refusal::forbidden("DisabledFeature", "Live response is not enabled."));
    }
    if !visit.tenant.knobs.endpoint.automation_level {
        // Told by users.
        return Err(Refusal::forbidden(
            "DisallowedOperation",
            "This device has no automation level assigned to it. You'll need to at least enable the minimum Remediation \
             Level for a given Device Group.",
        ));
    }
    let steps = commands.iter().enumerate().map(|(index, command)| step(visit, &device, index, command));
    let steps = steps.collect::<Result<Vec<_>, _>>()?;
    let order = Order {
        kind: LIVE_RESPONSE,
        scope: None,
        by: APPLICATION_NAME.to_owned(),
        comment,
        external_id: None,
        file: None,
        steps,
    };
    begin(visit, device, order)
}

fn step(visit: &Visit<'_>, device: &Device, index: usize, command: &Value) -> Result<Step, Refusal> {
    let body = Body::of(command)?;
    let kind = body.required("type")?;
    let (kind, needed) =
        COMMANDS.iter().find(|(known, _)| *known == kind).ok_or_else(|| Refusal::input("Command type is invalid."))?;
    let params = match body.get("params") {
        None => Vec::new(),
        Some(given) => params(given)?,
    };
    let value = |name: &str| params.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let subject = value(needed).filter(|value| !value.is_empty()).ok_or_else(|| Refusal::missing(needed))?;
    let in_library = visit.tenant.library.file(subject).is_some();
    let error = (*kind != "GetFile" && !in_library).then(|| format!("File {subject} was not found in the library."));
    let result = match *kind {
        "PutFile" => None,
        "RunScript" => {
            Some(json!({"script_name": subject, "exit_code": 0, "script_output": "", "script_errors": ""}).to_string())
        }
        _ => Some(format!("This stands for {subject} of the emulated device {}.\n", device.name)),
    };
    Ok(Step {
        command: (*kind).to_owned(),
        takes: takes(visit, device, &format!("{kind} {index}")),
        error,
        result: result.map(String::into_bytes),
        params,
    })
}

fn params(given: &Value) -> Result<Vec<(String, String)>, Refusal> {
    let param = |param: &Value| {
        let param = Body::of(param)?;
        Ok((param.required("key")?.to_owned(), param.text("value")?.unwrap_or_default().to_owned()))
    };
    given.as_array().ok_or_else(Refusal::body)?.iter().map(param).collect()
}
