//! An indicator as it is sent.

use std::collections::BTreeMap;

use jiff::{Timestamp, fmt::temporal::Pieces, tz::TimeZone};
use serde_json::Value;

use crate::{
    domain::alert_definition::Severity,
    emulator::{
        faces::endpoint::{Visit, body::Body, indicators::value, refusal::Refusal},
        knobs::endpoint::LegacyActions,
        tenant::{
            application::APPLICATION_NAME,
            custom::{Action, Custom, Kind, Source},
        },
    },
};

/// Every name that a body may use. Those from the ninth on are not documented, but are written all the same.
const NAMES: [&str; 26] = [
    "indicatorValue",
    "indicatorType",
    "action",
    "title",
    "description",
    "application",
    "severity",
    "expirationTime",
    "recommendedActions",
    "rbacGroupNames",
    "rbacGroupIds",
    "generateAlert",
    "educateUrl",
    "externalId",
    "category",
    "mitreTechniques",
    "lookBackPeriod",
    "historicalDetection",
    "bypassDurationHours",
    "notificationId",
    "notificationBody",
    "version",
    "additionalInfo",
    "certificateInfo",
    "createdBy",
    "id",
];

/// More techniques or groups than these are refused: no limit is published, but the tenant remembers many.
const NAMES_AT_MOST: usize = 100;

/// What an indicator carries along without any effect here: texts.
const TEXTS: [&str; 8] = [
    "application",
    "educateUrl",
    "externalId",
    "lookBackPeriod",
    "notificationId",
    "notificationBody",
    "version",
    "additionalInfo",
];

/// Reads an indicator.
pub(super) fn read(visit: &Visit<'_>, sent: &Value) -> Result<Custom, Refusal> {
    let knobs = &visit.tenant.knobs.endpoint;
    let body = Body::of(sent)?;
    let value = body.required("indicatorValue")?;
    let kind = word(body, "indicatorType", &Kind::ALL.map(|kind| (kind.as_str(), kind)))?;
    let action = word(body, "action", &Action::ALL.map(|action| (action.as_str(), action)))?;
    let (title, description) = (body.required("title")?, body.required("description")?);
    body.check_case(&NAMES)?;
    value::check(kind, value, knobs.private_addresses)?;
    let action = accepted(visit, kind, action)?;
    let generate_alert = body.flag("generateAlert")?.unwrap_or(knobs.generate_alert_default);
    if action.of_today() == Action::Audit && !generate_alert {
        // That it must be is documented; the text is not.
        return Err(Refusal::input("GenerateAlert must be true when the action is Audit."));
    }
    let severities = Severity::ALL.map(|severity| (severity.as_str(), severity));
    let severity = match body.get("severity") {
        None => Severity::Informational,
        Some(_) => word(body, "severity", &severities)?,
    };
    Ok(Custom {
        kind,
        value: value.to_owned(),
        action,
        generate_alert,
        title: title.to_owned(),
        description: description.to_owned(),
        severity,
        category: body.number("category")?.unwrap_or(1),
        recommended_actions: body.text("recommendedActions")?.map(str::to_owned),
        techniques: body.texts("mitreTechniques", NAMES_AT_MOST)?,
        expires_at: expiry(visit, body)?,
        groups: groups(visit, body)?,
        group_ids: body.texts("rbacGroupIds", NAMES_AT_MOST)?,
        source: Source::PublicApi,
        author: APPLICATION_NAME.to_owned(),
        carried: carried(body)?,
    })
}

/// The member of `words` that is named, in any letter case: the framework reads them so.
fn word<T: Copy>(body: Body<'_>, name: &str, words: &[(&str, T)]) -> Result<T, Refusal> {
    let given = body.required(name)?;
    let known = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(given));
    known.map(|(_, member)| *member).ok_or_else(Refusal::body)
}

/// The action that is kept, if it goes with the kind (indicators-overview). The texts of these refusals are the
/// emulator's.
fn accepted(visit: &Visit<'_>, kind: Kind, action: Action) -> Result<Action, Refusal> {
    let knobs = &visit.tenant.knobs.endpoint;
    let refused = |what: &str| Err(Refusal::input(format!("{what} is not supported.")));
    if kind == Kind::FileMd5 && !knobs.file_md5 {
        return refused("Indicator type FileMd5");
    }
    if kind.is_network() && action.of_today() == Action::BlockAndRemediate && !knobs.remediate_network {
        return refused(&format!("Action {} for indicators of type {}", action.as_str(), kind.as_str()));
    }
    let for_certificates = matches!(action.of_today(), Action::Allowed | Action::BlockAndRemediate | Action::Block);
    if kind == Kind::CertificateThumbprint && !for_certificates {
        return refused(&format!("Action {} for indicators of type {}", action.as_str(), kind.as_str()));
    }
    match (action != action.of_today(), knobs.legacy_actions) {
        (true, LegacyActions::Refuse) => refused(&format!("Action {}", action.as_str())),
        (true, LegacyActions::Rewrite) => Ok(action.of_today()),
        _ => Ok(action),
    }
}

fn expiry(visit: &Visit<'_>, body: Body<'_>) -> Result<Option<Timestamp>, Refusal> {
    let Some(text) = body.text("expirationTime")? else { return Ok(None) };
    let at = moment(text.trim()).ok_or_else(Refusal::body)?;
    if at <= visit.now && !visit.tenant.knobs.endpoint.past_expiry {
        return Err(Refusal::input("ExpirationTime must be in the future."));
    }
    Ok(Some(at))
}

/// A moment; without an offset it is UTC. What is later than this program can hold is the end of time.
fn moment(text: &str) -> Option<Timestamp> {
    let pieces = Pieces::parse(text).ok()?;
    let time = pieces.time().unwrap_or_default();
    let offset = pieces.to_numeric_offset().unwrap_or(jiff::tz::Offset::UTC);
    let date = pieces.date();
    let moment = match offset.to_timestamp(date.to_datetime(time)) {
        Ok(moment) => moment,
        Err(_) if date.year() == 9999 => Timestamp::MAX,
        Err(_) => return None,
    };
    (TimeZone::UTC.to_datetime(moment).year() >= 1).then_some(moment)
}

fn groups(visit: &Visit<'_>, body: Body<'_>) -> Result<Vec<String>, Refusal> {
    let names = body.texts("rbacGroupNames", NAMES_AT_MOST)?;
    let known = |name: &String| {
        let groups = visit.tenant.devices().filter_map(|device| device.group.as_ref());
        groups.into_iter().any(|group| group.name.eq_ignore_ascii_case(name))
    };
    let stranger = names.iter().find(|name| !visit.tenant.knobs.endpoint.unknown_groups && !known(name));
    match stranger {
        Some(name) => Err(Refusal::input(format!("Device group {name} was not found."))),
        None => Ok(names),
    }
}

fn carried(body: Body<'_>) -> Result<BTreeMap<&'static str, Value>, Refusal> {
    let mut carried = BTreeMap::new();
    for name in TEXTS {
        if let Some(text) = body.text(name)? {
            carried.insert(name, Value::from(text));
        }
    }
    if let Some(hours) = body.number("bypassDurationHours")? {
        carried.insert("bypassDurationHours", Value::from(hours));
    }
    if let Some(on) = body.flag("historicalDetection")? {
        carried.insert("historicalDetection", Value::from(on));
    }
    Ok(carried)
}
