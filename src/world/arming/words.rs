//! What is armed, in the words of the file: values of a drill written, and read again, or it is said which is unknown.

use std::time::Duration;

use jiff::SignedDuration;

use crate::{
    armed::drill as written,
    domain::{
        appearance::{Compared, Finding},
        indicator::UnknownWord,
        marker::Marker,
    },
    services::{definitions::StoredDefinition, indicators::StoredIndicator},
    world::{
        alarm::{Alarm, Role, Touch},
        trouble::Refusal,
    },
};

pub(super) fn span(span: Duration) -> SignedDuration {
    SignedDuration::try_from(span).unwrap_or(SignedDuration::MAX)
}

pub(super) fn real(span: SignedDuration) -> Duration {
    Duration::try_from(span).unwrap_or_default()
}

pub(super) fn role_to(role: Role) -> written::Role {
    match role {
        Role::Subject => written::Role::Subject,
        Role::Second => written::Role::Second,
        Role::Control => written::Role::Control,
        Role::Foreign => written::Role::Foreign,
    }
}

pub(super) fn role_of(role: written::Role) -> Role {
    match role {
        written::Role::Subject => Role::Subject,
        written::Role::Second => Role::Second,
        written::Role::Control => Role::Control,
        written::Role::Foreign => Role::Foreign,
    }
}

pub(super) fn alarm_to(role: Role, alarm: &Alarm) -> written::Alarm {
    written::Alarm {
        role: role_to(role),
        marker: alarm.marker.to_string(),
        definition: (&alarm.definition).into(),
        indicator: (&alarm.indicator).into(),
        announced: alarm.announced,
        expiry_said: alarm.expiry_said,
        stored_definition: alarm.stored_definition.as_ref().map(|stored| written::Stored {
            key: stored.id.to_string(),
            says: (&stored.definition).into(),
            created_at: stored.created_at,
            created_by: stored.created_by.clone(),
            last_modified_at: stored.last_modified_at,
            last_modified_by: stored.last_modified_by.clone(),
        }),
        stored_indicator: alarm.stored_indicator.as_ref().map(|stored| written::Stored {
            key: stored.id.to_string(),
            says: (&stored.indicator).into(),
            created_at: stored.created_at,
            created_by: stored.created_by.clone(),
            last_modified_at: stored.last_modified_at,
            last_modified_by: stored.last_modified_by.clone(),
        }),
        removed: alarm.removed,
        accepted_at: alarm.accepted_at,
        touches: alarm.earlier.iter().chain(&alarm.touch).map(touch_to).collect(),
    }
}

pub(super) fn alarm_of(alarm: written::Alarm) -> Result<Alarm, String> {
    let unknown = |word: UnknownWord| word.to_string();
    let marker = Marker::parse(&alarm.marker).ok_or_else(|| format!("`{}` is no marker", alarm.marker))?;
    let definition_of = |stored: written::Stored<written::Definition>| {
        Ok(StoredDefinition {
            id: stored.key.into(),
            definition: stored.says.try_into()?,
            created_at: stored.created_at,
            created_by: stored.created_by,
            last_modified_at: stored.last_modified_at,
            last_modified_by: stored.last_modified_by,
        })
    };
    let indicator_of = |stored: written::Stored<written::Indicator>| {
        Ok(StoredIndicator {
            id: stored.key.into(),
            indicator: stored.says.try_into()?,
            created_at: stored.created_at,
            created_by: stored.created_by,
            last_modified_at: stored.last_modified_at,
            last_modified_by: stored.last_modified_by,
            // It is in the record already.
            original: None,
        })
    };
    let mut touches: Vec<_> = alarm.touches.into_iter().map(touch_of).collect();
    let touch = touches.pop();
    Ok(Alarm {
        marker,
        definition: alarm.definition.try_into().map_err(unknown)?,
        indicator: alarm.indicator.try_into().map_err(unknown)?,
        announced: alarm.announced,
        expiry_said: alarm.expiry_said,
        stored_definition: alarm.stored_definition.map(definition_of).transpose().map_err(unknown)?,
        stored_indicator: alarm.stored_indicator.map(indicator_of).transpose().map_err(unknown)?,
        removed: alarm.removed,
        // Where drills are armed, an address is one drill's for good.
        vacated_at: None,
        accepted_at: alarm.accepted_at,
        touch,
        earlier: touches,
    })
}

pub(super) fn touch_to(touch: &Touch) -> written::Touch {
    let Touch { observable, device, at, before, next } = touch.clone();
    written::Touch { observable, device: device.into(), at, before, next }
}

pub(super) fn touch_of(touch: written::Touch) -> Touch {
    let written::Touch { observable, device, at, before, next } = touch;
    Touch { observable, device: device.into(), at, before, next }
}

pub(super) fn tried_to(tried: &Result<(), Refusal>) -> written::Tried {
    match tried.clone() {
        Ok(()) => written::Tried::Accepted,
        Err(Refusal { status, full, failure }) => written::Tried::Refused { status, full, failure },
    }
}

pub(super) fn tried_of(tried: written::Tried) -> Result<(), Refusal> {
    match tried {
        written::Tried::Accepted => Ok(()),
        written::Tried::Refused { status, full, failure } => Err(Refusal { status, full, failure }),
    }
}

pub(super) fn compared_to(compared: &Compared) -> written::Compared {
    let finding = match compared.finding.clone() {
        Finding::Definitions => written::Found::Definitions,
        Finding::Services => written::Found::Services,
        Finding::Better { documented } => written::Found::Better { documented },
        Finding::Wrong { expected } => written::Found::Wrong { expected },
    };
    written::Compared { field: compared.field.into(), saw: compared.saw.clone(), finding }
}

/// The fields of an alert that are compared.
const FIELDS: [&str; 5] = ["title", "severity", "category", "description", "source"];

pub(super) fn compared_of(compared: written::Compared) -> Option<Compared> {
    let finding = match compared.finding {
        written::Found::Definitions => Finding::Definitions,
        written::Found::Services => Finding::Services,
        written::Found::Better { documented } => Finding::Better { documented },
        written::Found::Wrong { expected } => Finding::Wrong { expected },
    };
    let field = FIELDS.into_iter().find(|known| *known == compared.field)?;
    Some(Compared { field, saw: compared.saw, finding })
}
