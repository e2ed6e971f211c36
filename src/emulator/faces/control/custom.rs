//! What people do in the portal of today that an API's caller finds there: custom indicators of somebody else's, and
//! groups of devices.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::{
    domain::alert_definition::Severity,
    emulator::{
        answer::Answer,
        faces::control::{
            Ask, Route, Work,
            body::{self, bad},
        },
        tenant::{
            custom::{Action, Custom, Kind, Source},
            shelf::Asked,
        },
    },
};

pub(super) static ROUTES: [Route; 3] = [
    Route {
        method: "POST",
        path: "custom-indicators",
        body: r#"{"type": "DomainName", "value": "evil.example", "action": "Allowed"}"#,
        meaning: "a person makes a custom indicator in the portal; answers its id. It raises alerts unless it allows, or \
                  `generateAlert` is false",
        work: Work::Checked(publish),
    },
    Route {
        method: "DELETE",
        path: "custom-indicators/{id}",
        body: "",
        meaning: "a person takes a custom indicator away, whoever made it",
        work: Work::Checked(delete),
    },
    Route {
        method: "PUT",
        path: "devices/{name}/group",
        body: r#"{"group": "Servers"}"#,
        meaning: "puts a device into a device group, which is made if there is none; null takes it out",
        work: Work::Checked(group),
    },
];

/// Who is at the portal.
const PERSON: &str = "analyst@contoso.example";

/// What the service takes at most, by the clients that cut what they send.
const TEXT_AT_MOST: usize = 4_000;

fn publish(ask: &Ask<'_>) -> Result<Answer, Answer> {
    let known = ["type", "value", "action", "title", "severity", "generateAlert"];
    let members = body::object(ask.call, &known)?;
    let kind = named(&members, "type", &Kind::ALL.map(|kind| (kind.as_str(), kind)))?;
    let action = named(&members, "action", &Action::ALL.map(|action| (action.as_str(), action)))?;
    let value = body::text(&members, "value", TEXT_AT_MOST)?.to_owned();
    let optional = |name: &str| members.get(name).map(|_| body::text(&members, name, TEXT_AT_MOST)).transpose();
    let title = optional("title")?.unwrap_or("An indicator of the portal").to_owned();
    let severity = match members.get("severity") {
        None => Severity::Informational,
        Some(_) => named(&members, "severity", &Severity::ALL.map(|severity| (severity.as_str(), severity)))?,
    };
    let generate_alert = match members.get("generateAlert") {
        None => action != Action::Allowed,
        Some(_) => body::switch(&members, "generateAlert")?,
    };
    let custom = Custom {
        kind,
        value,
        action,
        generate_alert,
        description: title.clone(),
        title,
        severity,
        category: 1,
        recommended_actions: None,
        techniques: Vec::new(),
        expires_at: None,
        groups: Vec::new(),
        group_ids: Vec::new(),
        source: Source::Portal,
        author: PERSON.to_owned(),
        carried: BTreeMap::new(),
    };
    let kept = ask
        .emulator
        .with(|tenant, now| tenant.publish_custom(custom, Asked { by: PERSON, at: now }).map(|kept| kept.id));
    let id = kept.map_err(|_| Answer::message(507, "The tenant has no room for another custom indicator."))?;
    Ok(Answer::json(200, &json!({"id": id.to_string()})))
}

/// What the word under `name` stands for.
fn named<T: Copy>(members: &Map<String, Value>, name: &str, words: &[(&str, T)]) -> Result<T, Answer> {
    let given = body::text(members, name, TEXT_AT_MOST)?;
    let known = words.iter().find(|(word, _)| *word == given);
    known.map(|(_, member)| *member).ok_or_else(|| {
        let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
        bad(format!("`{name}` must be one of {}.", words.join(", ")))
    })
}

fn delete(ask: &Ask<'_>) -> Result<Answer, Answer> {
    let id = ask.name().parse::<i64>().unwrap_or_default();
    if ask.emulator.with(|tenant, now| tenant.delete_custom(id, now)) {
        return Ok(Answer::empty(204));
    }
    Err(Answer::message(404, "The tenant has no custom indicator of this id."))
}

fn group(ask: &Ask<'_>) -> Result<Answer, Answer> {
    let members = body::object(ask.call, &["group"])?;
    let group = match members.get("group") {
        Some(Value::Null) => None,
        _ => Some(body::text(&members, "group", 255)?),
    };
    let known = ask.emulator.with(|tenant, _| {
        tenant.group_device(ask.name(), group);
        tenant.device(ask.name()).is_some()
    });
    if known { Ok(Answer::empty(204)) } else { Err(Answer::message(404, "The tenant has no device of this name.")) }
}
