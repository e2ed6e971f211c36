//! An alarm before it is published: the guide's own, or one that is minted, with fields set as the feature says.

use std::cell::LazyCell;

use jiff::Timestamp;

use crate::{
    clock::{later, whole_second},
    domain::{
        alert_definition::AlertDefinition,
        indicator::{Action, Indicator},
        marker::Marker,
        span::Span,
    },
    record::failure::{Code, Failure},
    world::{
        World,
        alarm::{Alarm, Role},
        verbs::touch::DrillFile,
    },
};

/// One row of a step's table: which field, and what it is to say.
pub type Row = (String, String);

impl World {
    /// The marker of `role`'s alarm: the drill's own for the subject, one beside it for the others.
    pub fn marker_of(&self, role: Role) -> Marker {
        role.marker(self.stage().run, &self.stage().drill)
    }

    /// Drafts the alarm of the guide, word for word, its description signed with the drill's marker.
    pub fn draft_guide(&mut self, definition: &AlertDefinition, indicator: &Indicator) {
        let marker = self.marker_of(Role::Subject);
        let mut definition = definition.clone();
        definition.name = format!("{} {marker}", definition.name);
        definition.ux_description = marker.sign(&definition.ux_description);
        self.alarms.insert(Role::Subject, Alarm::new(marker, definition, indicator.clone()));
    }

    /// Drafts an alarm of the drill's own.
    pub fn draft_minted(&mut self, role: Role) {
        let alarm = Alarm::minted(self.marker_of(role), role);
        self.alarms.insert(role, alarm);
    }

    /// Drafts what somebody else has published of what the drill's own indicator names: that it is allowed.
    pub fn draft_foreign(&mut self) {
        let subject = self.alarm_or_minted(Role::Subject).indicator.clone();
        let foreign = self.alarm_or_minted(Role::Foreign);
        foreign.indicator = Indicator { action: Action::Allowed, ..subject };
    }

    /// The alarm of `role`; one that nobody spoke of yet is minted.
    pub fn alarm_or_minted(&mut self, role: Role) -> &mut Alarm {
        let marker = self.marker_of(role);
        self.alarms.entry(role).or_insert_with(|| Alarm::minted(marker, role))
    }

    /// The alarm of `role`.
    pub fn alarm(&self, role: Role) -> Result<&Alarm, Failure> {
        self.alarms.get(&role).ok_or_else(|| nothing_of(role))
    }

    /// The alarm of `role`, to change.
    pub fn alarm_mut(&mut self, role: Role) -> Result<&mut Alarm, Failure> {
        self.alarms.get_mut(&role).ok_or_else(|| nothing_of(role))
    }

    /// Sets fields of the definition that `role` is about to publish.
    pub fn draft_definition_fields(&mut self, role: Role, rows: &[Row]) -> Result<(), Failure> {
        let marker = self.marker_of(role);
        let definition = &mut self.alarm_or_minted(role).definition;
        rows.iter().try_for_each(|(field, text)| set_definition_field(definition, &marker, field, &marker.fill(text)))
    }

    /// Sets fields of the indicator that `role` is about to publish.
    pub fn draft_indicator_fields(&mut self, role: Role, rows: &[Row]) -> Result<(), Failure> {
        let now = self.clock().now();
        let drill = self.marker();
        // Most tables name no hash, and many drills have no table.
        let file = LazyCell::new(|| DrillFile::of(drill.as_str()));
        let marker = self.marker_of(role);
        let alarm = self.alarm_or_minted(role);
        alarm.expiry_said |= rows.iter().any(|(field, _)| field.eq_ignore_ascii_case("expires in"));
        let indicator = &mut alarm.indicator;
        rows.iter()
            .try_for_each(|(field, text)| set_indicator_field(indicator, field, &file.fill(&marker.fill(text))?, now))
    }
}

fn nothing_of(role: Role) -> Failure {
    Failure::new(Code::Inconclusive, format!("nothing was said of {} before this step", role.words()))
        .hint("put a step before this one that publishes it")
}

/// Sets the field of `definition` that the table calls `field`.
pub fn set_definition_field(
    definition: &mut AlertDefinition,
    marker: &Marker,
    field: &str,
    text: &str,
) -> Result<(), Failure> {
    match field.to_ascii_lowercase().as_str() {
        "name" => text.clone_into(&mut definition.name),
        "severity" => definition.severity = parse(field, text)?,
        "internal description" => text.clone_into(&mut definition.internal_description),
        "title" => text.clone_into(&mut definition.title),
        "description" => definition.ux_description = marker.sign(text),
        "recommended action" => definition.recommended_action = (!text.is_empty()).then(|| text.to_owned()),
        "category" => text.clone_into(&mut definition.category),
        "enabled" => definition.enabled = yes(field, text)?,
        _ => return Err(no_such_field("alert definition", field, DEFINITION_FIELDS)),
    }
    Ok(())
}

/// The fields of a definition, in the words of the vocabulary.
const DEFINITION_FIELDS: &str =
    "name, severity, internal description, title, description, recommended action, category, enabled";

/// Sets the field of `indicator` that the table calls `field`.
pub fn set_indicator_field(indicator: &mut Indicator, field: &str, text: &str, now: Timestamp) -> Result<(), Failure> {
    match field.to_ascii_lowercase().as_str() {
        "type" => indicator.kind = parse(field, text)?,
        "function" => indicator.function = parse(field, text)?,
        "value" => text.clone_into(&mut indicator.value),
        "enabled" => indicator.enabled = yes(field, text)?,
        "action" => indicator.action = parse(field, text)?,
        "expires in" => indicator.expires_at = expiry(field, text, now)?,
        _ => return Err(no_such_field("indicator", field, INDICATOR_FIELDS)),
    }
    Ok(())
}

/// The fields of an indicator, in the words of the vocabulary.
const INDICATOR_FIELDS: &str = "type, function, value, action, enabled, expires in";

fn expiry(field: &str, text: &str, now: Timestamp) -> Result<Option<Timestamp>, Failure> {
    if text.eq_ignore_ascii_case("never") {
        return Ok(None);
    }
    let span: Span = parse(field, text)?;
    Ok(Some(whole_second(later(now, span.0))))
}

fn parse<T: std::str::FromStr<Err: std::fmt::Display>>(field: &str, text: &str) -> Result<T, Failure> {
    text.parse().map_err(|error: T::Err| {
        Failure::new(Code::Inconclusive, format!("the field `{field}` cannot be `{text}`: {error}"))
            .hint("correct the feature")
    })
}

fn yes(field: &str, text: &str) -> Result<bool, Failure> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "true" => Ok(true),
        "no" | "false" => Ok(false),
        _ => Err(Failure::new(Code::Inconclusive, format!("the field `{field}` is yes or no, not `{text}`"))
            .hint("correct the feature")),
    }
}

fn no_such_field(of: &str, field: &str, known: &str) -> Failure {
    Failure::new(Code::Inconclusive, format!("an {of} has no field `{field}`"))
        .expected(format!("one of: {known}"))
        .hint("correct the feature")
}
