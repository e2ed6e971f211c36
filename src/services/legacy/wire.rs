//! How the legacy service spells things: what is written, in the documented order; what is read, in every documented way.

use std::fmt;

use jiff::Timestamp;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error, Unexpected, Visitor},
};

use crate::{
    domain::{
        alert_definition::{AlertDefinition, Severity},
        indicator::{Function, Indicator, Kind},
    },
    services::{
        definitions::DefinitionId,
        reading::{Word, date, date_or_none, text},
    },
};

/// A set of entities, or a page of one: `{"@odata.context":"…","value":[…]}`.
#[derive(Debug, Deserialize)]
pub(super) struct Set<T> {
    pub(super) value: Vec<T>,
    /// Where the rest is, in a service that gives sets in pages.
    #[serde(default, rename = "@odata.nextLink")]
    pub(super) next: Option<String>,
}

/// A definition to create. The order is that of the documentation's samples.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct NewDefinition<'a> {
    name: &'a str,
    severity: &'static str,
    internal_description: &'a str,
    title: &'a str,
    ux_description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    recommended_action: Option<&'a str>,
    category: &'a str,
    enabled: bool,
}

impl<'a> From<&'a AlertDefinition> for NewDefinition<'a> {
    fn from(definition: &'a AlertDefinition) -> Self {
        Self {
            name: &definition.name,
            severity: definition.severity.as_str(),
            internal_description: &definition.internal_description,
            title: &definition.title,
            ux_description: &definition.ux_description,
            recommended_action: definition.recommended_action.as_deref(),
            category: &definition.category,
            enabled: definition.enabled,
        }
    }
}

/// An indicator to create. `ExpiresAt` stands where the service's own answers have it; no sample of the documentation
/// sends it, so that the service took it is not proven.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct NewIndicator<'a> {
    r#type: &'static str,
    value: &'a str,
    detection_function: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    enabled: bool,
    #[serde(rename = "AlertDefinition@odata.bind")]
    definition: String,
}

impl<'a> NewIndicator<'a> {
    pub(super) fn new(indicator: &'a Indicator, expires_at: Option<Timestamp>, under: &DefinitionId) -> Self {
        Self {
            r#type: indicator.kind.as_str(),
            value: &indicator.value,
            detection_function: indicator.function.as_str(),
            expires_at,
            enabled: indicator.enabled,
            definition: format!("AlertDefinitions({under})"),
        }
    }
}

/// A definition as the service tells it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Definition {
    pub(super) id: i64,
    #[serde(default, deserialize_with = "text")]
    pub(super) name: String,
    pub(super) severity: Word<Severity>,
    #[serde(default, deserialize_with = "text")]
    pub(super) internal_description: String,
    #[serde(default, deserialize_with = "text")]
    pub(super) title: String,
    #[serde(default, deserialize_with = "text")]
    pub(super) ux_description: String,
    #[serde(default)]
    pub(super) recommended_action: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(super) category: String,
    #[serde(deserialize_with = "flag")]
    pub(super) enabled: bool,
    #[serde(deserialize_with = "date")]
    pub(super) created_at: Timestamp,
    #[serde(default, deserialize_with = "text")]
    pub(super) created_by: String,
    #[serde(default, deserialize_with = "date_or_none")]
    pub(super) last_modified_at: Option<Timestamp>,
    #[serde(default)]
    pub(super) last_modified_by: Option<String>,
}

/// An indicator as the service tells it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct IndicatorOfCompromise {
    pub(super) id: i64,
    pub(super) r#type: Word<Kind>,
    #[serde(deserialize_with = "text")]
    pub(super) value: String,
    pub(super) detection_function: Word<Function>,
    #[serde(default, deserialize_with = "date_or_none")]
    pub(super) expires_at: Option<Timestamp>,
    #[serde(deserialize_with = "flag")]
    pub(super) enabled: bool,
    #[serde(deserialize_with = "date")]
    pub(super) created_at: Timestamp,
    #[serde(default, deserialize_with = "text")]
    pub(super) created_by: String,
    #[serde(default, deserialize_with = "date_or_none")]
    pub(super) last_modified_at: Option<Timestamp>,
    #[serde(default)]
    pub(super) last_modified_by: Option<String>,
    /// Where it was asked for.
    #[serde(default)]
    pub(super) alert_definition: Option<Above>,
}

/// The alert definition above an indicator, as far as it tells whose the indicator is.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Above {
    pub(super) id: i64,
    #[serde(default, deserialize_with = "text")]
    pub(super) ux_description: String,
}

/// `true`, or the text `"true"` that the guide's own script sends and a careless service sends back.
fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    struct Flag;
    impl Visitor<'_> for Flag {
        type Value = bool;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("true or false")
        }
        fn visit_bool<E: Error>(self, flag: bool) -> Result<bool, E> {
            Ok(flag)
        }
        fn visit_str<E: Error>(self, word: &str) -> Result<bool, E> {
            match word {
                _ if word.eq_ignore_ascii_case("true") => Ok(true),
                _ if word.eq_ignore_ascii_case("false") => Ok(false),
                _ => Err(E::invalid_value(Unexpected::Str(word), &self)),
            }
        }
    }
    deserializer.deserialize_any(Flag)
}

/// A number, or a text that holds one, or `null` for 0.
pub(super) fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a whole number")]
    enum Count {
        Number(u32),
        Text(String),
        None(()),
    }
    match Count::deserialize(deserializer)? {
        Count::Number(number) => Ok(number),
        Count::Text(text) => {
            text.parse().map_err(|_| D::Error::invalid_value(Unexpected::Str(&text), &"a whole number"))
        }
        Count::None(()) => Ok(0),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::domain::indicator::Action;

    const DEFINITION: &str = r#"{"Name":"a","Severity":"medium","InternalDescription":null,"Title":"t","UxDescription":"u","RecommendedAction":null,"Category":"Trojan","Id":2,"CreatedAt":"2017-02-01T10:46:22.08Z","CreatedBy":"User1","LastModifiedAt":null,"LastModifiedBy":null,"Enabled":true}"#;

    fn definition_with(member: &str, value: Value) -> Result<Definition, String> {
        let mut json: Value = serde_json::from_str(DEFINITION).expect("the sample is JSON");
        json[member] = value;
        serde_json::from_value(json).map_err(|error| error.to_string())
    }

    #[test]
    fn enabled_is_read_as_a_truth_value_or_its_word() {
        for (value, expected) in [(json!(true), true), (json!("False"), false), (json!("true"), true)] {
            assert_eq!(definition_with("Enabled", value).map(|read| read.enabled), Ok(expected));
        }
        let error = definition_with("Enabled", json!(1)).expect_err("a number is neither");
        assert_eq!(error, "invalid type: integer `1`, expected true or false");
    }

    #[test]
    fn dates_are_read_with_and_without_fraction_and_zone() {
        for (word, expected) in [
            ("2016-12-05T15:50:53Z", "2016-12-05T15:50:53Z"),
            ("2017-02-01T10:46:22.0812345Z", "2017-02-01T10:46:22.0812345Z"),
            ("2017-02-01T10:46:22.08", "2017-02-01T10:46:22.08Z"),
            ("2017-02-01 10:46:22", "2017-02-01T10:46:22Z"),
            ("2017-02-01T12:46:22+02:00", "2017-02-01T10:46:22Z"),
        ] {
            let read = definition_with("CreatedAt", json!(word)).expect("a date");
            assert_eq!(read.created_at.to_string(), expected, "{word}");
        }
        assert!(definition_with("CreatedAt", json!("yesterday")).is_err());
        assert!(definition_with("LastModifiedAt", json!("")).is_ok_and(|read| read.last_modified_at.is_none()));
    }

    #[test]
    fn words_are_read_in_any_letter_case_and_unknown_ones_are_kept() {
        let read = definition_with("Severity", json!("UnSpecified")).expect("a word");
        assert_eq!(read.severity, Word::Unknown("UnSpecified".into()));
        let read = definition_with("Other", json!({"deep": [1]})).expect("an unknown member is passed over");
        assert_eq!(read.severity, Word::Known(Severity::Medium));
        assert_eq!(read.internal_description, "");
    }

    #[test]
    fn what_is_written_has_the_documented_order_and_types() {
        let indicator = Indicator {
            kind: Kind::IpAddress,
            value: "52.184.197.12".into(),
            function: Function::Equals,
            action: Action::Audit,
            expires_at: None,
            enabled: true,
        };
        let written =
            serde_json::to_string(&NewIndicator::new(&indicator, None, &DefinitionId::from(7))).expect("JSON");
        assert_eq!(
            written,
            r#"{"Type":"IpAddress","Value":"52.184.197.12","DetectionFunction":"Equals","Enabled":true,"AlertDefinition@odata.bind":"AlertDefinitions(7)"}"#
        );
    }
}
