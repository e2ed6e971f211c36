//! How a step's own words are read: bounds, shares, tables, reasons, and the guide's payloads.

use std::{str::FromStr, sync::LazyLock};

use cucumber::gherkin::Step;
use serde::Deserialize;

use crate::{
    domain::{
        alert_definition::AlertDefinition,
        indicator::{Action, Indicator},
    },
    record::failure::{Code, Failure},
    world::verbs::{count, draft::Row},
};

/// Which side a number bounds, in the vocabulary's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound(pub count::Bound);

impl FromStr for Bound {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = count::Bound::ALL.into_iter().find(|bound| bound.word() == text);
        known.map(Self).ok_or_else(|| format!("`{text}` is no bound (known: exactly, at least, at most)"))
    }
}

/// So many of a hundred: `95 %`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share(pub f64);

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let share = text.trim_end_matches('%').trim().parse().ok();
        let share = share.filter(|percent| 0.0 < *percent && *percent <= 100.0);
        share.map(Self).ok_or_else(|| format!("`{text}` is no share, such as `95 %`"))
    }
}

/// Why a tenant refuses something, in the vocabulary's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// HTTP 401 or 403: which of the two a service says for what is undocumented.
    NoAccess,
    /// HTTP 400: the service cannot make sense of it.
    Malformed,
    /// HTTP 507: a quota of the tenant's is used up.
    QuotaUsedUp,
}

impl Refusal {
    /// The HTTP statuses that say so.
    pub fn statuses(self) -> &'static [u16] {
        match self {
            Self::NoAccess => &[401, 403],
            Self::Malformed => &[400],
            Self::QuotaUsedUp => &[507],
        }
    }
}

impl FromStr for Refusal {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "no access" => Ok(Self::NoAccess),
            "malformed" => Ok(Self::Malformed),
            "quota used up" => Ok(Self::QuotaUsedUp),
            _ => Err(format!("`{text}` is no reason (known: no access, malformed, quota used up)")),
        }
    }
}

/// The rows of the step's table, each a field and its text; no table is no rows.
pub fn table(step: &Step) -> Result<Vec<Row>, Failure> {
    let Some(table) = &step.table else { return Ok(Vec::new()) };
    table
        .rows
        .iter()
        .map(|row| match row.as_slice() {
            [field, text] => Ok((field.clone(), text.clone())),
            cells => {
                Err(Failure::new(Code::Inconclusive, format!("a row of the table has {} cells, not 2", cells.len()))
                    .expected("| field | text |")
                    .hint("correct the feature"))
            }
        })
        .collect()
}

/// The guide's alert definition and indicator, from its payloads.
pub fn guide() -> (AlertDefinition, Indicator) {
    static GUIDE: LazyLock<(AlertDefinition, Indicator)> = LazyLock::new(|| {
        let definition: GuideDefinition =
            serde_json::from_str(include_str!("../../fixtures/payloads/guide_alert_definition.json"))
                .expect("the guide's definition is well-formed");
        let indicator: GuideIndicator =
            serde_json::from_str(include_str!("../../fixtures/payloads/guide_indicator.json"))
                .expect("the guide's indicator is well-formed");
        (definition.into(), indicator.into())
    });
    GUIDE.clone()
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GuideDefinition {
    name: String,
    severity: String,
    internal_description: String,
    title: String,
    ux_description: String,
    recommended_action: String,
    category: String,
    enabled: String,
}

impl From<GuideDefinition> for AlertDefinition {
    fn from(guide: GuideDefinition) -> Self {
        Self {
            name: guide.name,
            severity: guide.severity.parse().expect("the guide's severity is known"),
            internal_description: guide.internal_description,
            title: guide.title,
            ux_description: guide.ux_description,
            recommended_action: Some(guide.recommended_action),
            category: guide.category,
            enabled: guide.enabled == "true",
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GuideIndicator {
    r#type: String,
    value: String,
    detection_function: String,
    enabled: String,
}

impl From<GuideIndicator> for Indicator {
    fn from(guide: GuideIndicator) -> Self {
        Self {
            kind: guide.r#type.parse().expect("the guide's indicator type is known"),
            value: guide.value,
            function: guide.detection_function.parse().expect("the guide's detection function is known"),
            action: Action::Audit,
            expires_at: None,
            enabled: guide.enabled == "true",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_more_than_nothing_and_at_most_all() {
        let share = |text: &str| text.parse::<Share>().map(|share| share.0).ok();
        assert_eq!((share("95 %"), share("99.5%"), share("100 %")), (Some(95.0), Some(99.5), Some(100.0)));
        assert_eq!((share("0 %"), share("101 %"), share("9.9.9 %")), (None, None, None));
    }

    #[test]
    fn the_guide_s_payloads_are_the_guide_s() {
        let (definition, indicator) = guide();
        assert_eq!(definition.title, "Test alert.");
        assert_eq!(indicator.value, "52.184.197.12");
        assert!(definition.enabled && indicator.enabled);
    }
}
