//! The clock, the state, the switches, the knobs and the faults of the tenant.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::emulator::{
    answer::Answer,
    faces::control::{
        Ask,
        body::{self, bad},
    },
    knobs,
};

/// The emulated clock stays well before the last moment that dates can be written for.
const LAST_YEAR: i16 = 9_000;

pub(super) fn advance(ask: &Ask<'_>) -> Result<Answer, Answer> {
    let members = body::object(ask.call, &["seconds"])?;
    let span = knobs::seconds(members.get("seconds").unwrap_or(&Value::Null))
        .map_err(|problem| bad(format!("`seconds`: {problem}.")))?;
    let span = SignedDuration::try_from(span).map_err(|_| bad("`seconds` is too large."))?;
    let clock = ask.emulator.clock();
    let then = clock.now().saturating_add(span).unwrap_or(Timestamp::MAX);
    if jiff::tz::TimeZone::UTC.to_datetime(then).year() >= LAST_YEAR {
        return Err(bad(format!("The clock would be past the year {LAST_YEAR}.")));
    }
    if !clock.advance(span) {
        return Err(Answer::message(409, "The tenant lives by the system's clock, which nobody moves."));
    }
    Ok(Answer::json(200, &json!({"now": clock.now().to_string()})))
}

pub(super) fn state(ask: &Ask<'_>) -> Answer {
    Answer::json(200, &ask.emulator.with(|tenant, now| tenant.state(now)))
}

pub(super) fn switch_api(ask: &Ask<'_>) -> Result<Answer, Answer> {
    let enabled = body::switch(&body::object(ask.call, &["enabled"])?, "enabled")?;
    ask.emulator.with(|tenant, _| tenant.switch_api(enabled));
    Ok(Answer::json(200, &json!({"enabled": enabled})))
}

pub(super) fn secret(ask: &Ask<'_>) -> Result<Answer, Answer> {
    let expire = body::json(ask.call)?.is_some() && {
        let members = body::object(ask.call, &["expire"])?;
        !members.is_empty() && body::switch(&members, "expire")?
    };
    let answer = ask.emulator.with(|tenant, now| {
        if expire {
            tenant.expire_secret(now);
            return json!({"expired": true});
        }
        json!({"clientSecret": tenant.rotate_secret()})
    });
    Ok(Answer::json(200, &answer))
}

pub(super) fn knobs(ask: &Ask<'_>) -> Answer {
    Answer::json(200, &ask.emulator.with(|tenant, _| tenant.knobs.to_json()))
}

pub(super) fn set_knobs(ask: &Ask<'_>) -> Result<Answer, Answer> {
    let change = body::json(ask.call)?.unwrap_or(Value::Null);
    ask.emulator.with(|tenant, _| {
        tenant.knobs = tenant.knobs.with(&change).map_err(bad)?;
        Ok(Answer::json(200, &tenant.knobs.to_json()))
    })
}

pub(super) fn faults(ask: &Ask<'_>) -> Answer {
    Answer::json(200, &ask.emulator.with(|tenant, _| tenant.faults.to_json()))
}

pub(super) fn add_fault(ask: &Ask<'_>) -> Result<Answer, Answer> {
    let rule = body::json(ask.call)?.unwrap_or(Value::Null);
    let added = ask.emulator.with(|tenant, _| tenant.faults.add(&rule)).map_err(bad)?;
    Ok(Answer::json(201, &added))
}

pub(super) fn clear_faults(ask: &Ask<'_>) -> Answer {
    ask.emulator.with(|tenant, _| tenant.faults.clear());
    Answer::empty(204)
}

pub(super) fn remove_fault(ask: &Ask<'_>) -> Result<Answer, Answer> {
    let removed = ask.name().parse().is_ok_and(|id| ask.emulator.with(|tenant, _| tenant.faults.remove(id)));
    if removed { Ok(Answer::empty(204)) } else { Err(Answer::message(404, "There is no fault of this id.")) }
}
