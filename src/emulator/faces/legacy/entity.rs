//! The two entities: their properties in the documented order, and how they are written.

use serde_json::{Map, Value as Json, json};

use crate::{
    domain::alert_definition::AlertDefinition,
    emulator::{
        faces::{
            legacy::{
                address::Set,
                vocabulary::{CATEGORY, FUNCTION, FUNCTIONS, KINDS, SEVERITIES, SEVERITY, TYPE, place},
            },
            written_time,
        },
        odata::{
            schema::{Column, Row, Rules, Schema},
            value::{Type, Value},
        },
        tenant::{publishing::Placed, shelf::Stored},
    },
};

/// The properties of an alert definition. The name of its navigation property is a convention of the emulator.
pub(super) static DEFINITION: Schema = Schema {
    name: "ThreatIntelligence.AlertDefinition",
    properties: &[
        ("Name", Type::Text),
        ("Severity", Type::Enum(&SEVERITY)),
        ("InternalDescription", Type::Text),
        ("Title", Type::Text),
        ("UxDescription", Type::Text),
        ("RecommendedAction", Type::Text),
        ("Category", Type::Enum(&CATEGORY)),
        ("Id", Type::Int),
        ("CreatedAt", Type::Time),
        ("CreatedBy", Type::Text),
        ("LastModifiedAt", Type::Time),
        ("LastModifiedBy", Type::Text),
        ("Enabled", Type::Bool),
    ],
    navigation: "IndicatorsOfCompromise",
    single: None,
    rules: &Rules::LEGACY,
};

/// The properties of an indicator of compromise.
pub(super) static INDICATOR: Schema = Schema {
    name: "ThreatIntelligence.IndicatorOfCompromise",
    properties: &[
        ("Type", Type::Enum(&TYPE)),
        ("Value", Type::Text),
        ("DetectionFunction", Type::Enum(&FUNCTION)),
        ("ExpiresAt", Type::Time),
        ("Id", Type::Int),
        ("CreatedAt", Type::Time),
        ("CreatedBy", Type::Text),
        ("LastModifiedAt", Type::Time),
        ("LastModifiedBy", Type::Text),
        ("Enabled", Type::Bool),
    ],
    navigation: "AlertDefinition",
    single: Some(&DEFINITION),
    rules: &Rules::LEGACY,
};

/// The properties that may be null; all others may not.
pub(super) const NULLABLE: [&str; 4] = ["RecommendedAction", "ExpiresAt", "LastModifiedAt", "LastModifiedBy"];

/// The properties that only the service writes.
pub(super) const READ_ONLY: [&str; 5] = ["Id", "CreatedAt", "CreatedBy", "LastModifiedAt", "LastModifiedBy"];

impl Set {
    pub(super) fn schema(self) -> &'static Schema {
        match self {
            Self::AlertDefinitions => &DEFINITION,
            Self::IndicatorsOfCompromise => &INDICATOR,
        }
    }

    /// The schema at the other end of the navigation property.
    pub(super) fn target(self) -> &'static Schema {
        match self {
            Self::AlertDefinitions => &INDICATOR,
            Self::IndicatorsOfCompromise => &DEFINITION,
        }
    }
}

/// An alert definition as a row of its set.
#[derive(Debug, Clone, Copy)]
pub(super) struct DefinitionRow<'a>(pub(super) &'a Stored<AlertDefinition>);

/// An indicator as a row of its set, with its definition.
#[derive(Debug, Clone, Copy)]
pub(super) struct IndicatorRow<'a> {
    pub(super) stored: &'a Stored<Placed>,
    pub(super) definition: Option<&'a Stored<AlertDefinition>>,
}

impl Row for DefinitionRow<'_> {
    fn value(&self, column: Column) -> Value {
        let definition = &self.0.content;
        match column.index {
            0 => Value::Text(definition.name.clone()),
            1 => Value::Enum(&SEVERITY, place(&SEVERITIES, &definition.severity)),
            2 => Value::Text(definition.internal_description.clone()),
            3 => Value::Text(definition.title.clone()),
            4 => Value::Text(definition.ux_description.clone()),
            5 => definition.recommended_action.clone().map_or(Value::Null, Value::Text),
            6 => Value::Enum(&CATEGORY, CATEGORY.read(&definition.category).unwrap_or_default()),
            12 => Value::Bool(definition.enabled),
            index => kept(self.0, index - 7),
        }
    }
}

impl Row for IndicatorRow<'_> {
    fn value(&self, column: Column) -> Value {
        if column.navigated {
            let column = Column { navigated: false, ..column };
            return self.definition.map_or(Value::Null, |stored| DefinitionRow(stored).value(column));
        }
        let indicator = &self.stored.content.indicator;
        match column.index {
            0 => Value::Enum(&TYPE, place(&KINDS, &indicator.kind)),
            1 => Value::Text(indicator.value.clone()),
            2 => Value::Enum(&FUNCTION, place(&FUNCTIONS, &indicator.function)),
            3 => indicator.expires_at.map_or(Value::Null, Value::Time),
            9 => Value::Bool(indicator.enabled),
            index => kept(self.stored, index - 4),
        }
    }
}

/// The properties that both entities have, from `Id` on.
fn kept<T>(stored: &Stored<T>, index: usize) -> Value {
    match index {
        0 => Value::Int(stored.id),
        1 => Value::Time(stored.created_at),
        2 => Value::Text(stored.created_by.clone()),
        3 => stored.last_modified_at.map_or(Value::Null, Value::Time),
        _ => stored.last_modified_by.clone().map_or(Value::Null, Value::Text),
    }
}

/// The properties of `row` that are selected, in the documented order.
pub(super) fn members(row: &dyn Row, schema: &Schema, select: Option<&[usize]>) -> Map<String, Json> {
    let properties = schema.properties.iter().enumerate();
    let selected = properties.filter(|(index, _)| select.is_none_or(|select| select.contains(index)));
    selected
        .map(|(index, (name, _))| ((*name).to_owned(), json(row.value(Column { navigated: false, index }))))
        .collect()
}

fn json(value: Value) -> Json {
    match value {
        Value::Null | Value::Duration(_) | Value::Parts => Json::Null,
        Value::Bool(on) => json!(on),
        Value::Int(number) => json!(number),
        Value::Real(number) => json!(number),
        Value::Text(text) => json!(text),
        Value::Time(time) => json!(written_time(time)),
        Value::Date(date) => json!(date.to_string()),
        Value::Enum(enumeration, member) => json!(enumeration.members[member]),
    }
}
