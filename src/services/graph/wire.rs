//! How Microsoft Graph spells a detection rule: what is written, in the documented order; what is read, in both
//! generations at once.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::SerializeMap};

use crate::{
    domain::alert_definition::Severity,
    services::{
        graph::{
            Generation,
            draft::{AlertDraft, Draft, Entity},
        },
        reading::{Word, date_or_none, key},
    },
};

/// A rule to create, or what is to change of one; what is none is not sent. The order is that of the documentation's
/// samples.
#[derive(Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Rule<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) display_name: Option<&'a str>,
    /// Only of the younger generation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<&'a str>,
    /// Of the younger generation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<&'static str>,
    /// Of the older one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) is_enabled: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) query_condition: Option<QueryCondition<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) schedule: Option<Schedule>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) detection_action: Option<DetectionAction<'a>>,
}

#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct QueryCondition<'a> {
    query_text: &'a str,
}

/// Events are tested as they come in: a period, or a frequency, of nothing.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Schedule {
    #[serde(skip_serializing_if = "Option::is_none")]
    frequency: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    period: Option<&'static str>,
}

#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DetectionAction<'a> {
    alert_template: AlertTemplate<'a>,
}

#[derive(Debug, PartialEq, Serialize)]
#[serde(untagged)]
enum AlertTemplate<'a> {
    A(TemplateA<'a>),
    B(TemplateB<'a>),
}

/// The older generation's, in the order of its create sample.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct TemplateA<'a> {
    title: &'a str,
    description: &'a str,
    severity: &'a str,
    category: &'static str,
    recommended_actions: Option<&'a str>,
    mitre_techniques: [&'static str; 0],
    impacted_assets: [Asset; 1],
}

/// The device is all that an alert of the older generation needs to be told of.
#[derive(Debug, PartialEq, Serialize)]
struct Asset {
    #[serde(rename = "@odata.type")]
    kind: &'static str,
    identifier: &'static str,
}

#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct TemplateB<'a> {
    title: &'a str,
    description: &'a str,
    severity: &'a str,
    recommended_actions: Option<&'a str>,
    entity_mappings: Mappings<'a>,
    tactics: Vec<Tactic>,
}

#[derive(Debug, PartialEq)]
struct Mappings<'a>(&'a [Entity]);

impl Serialize for Mappings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for entity in self.0 {
            map.serialize_entry(entity.collection, &[Columns(&entity.columns)])?;
        }
        map.end()
    }
}

struct Columns<'a>(&'a [(&'static str, &'static str)]);

impl Serialize for Columns<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}

#[derive(Debug, PartialEq, Serialize)]
struct Tactic {
    tactic: &'static str,
    techniques: [Technique; 1],
}

#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Technique {
    technique: &'static str,
    sub_techniques: [&'static str; 0],
}

impl<'a> Rule<'a> {
    /// Everything of `draft`, as `generation` writes it.
    pub(super) fn whole(generation: Generation, draft: &'a Draft) -> Self {
        let (status, is_enabled) = switch(generation, draft.enabled);
        Self {
            id: draft.id.as_deref(),
            display_name: Some(&draft.name),
            description: description(generation, draft),
            status,
            is_enabled,
            query_condition: Some(QueryCondition { query_text: &draft.query }),
            schedule: Some(match generation {
                Generation::A => Schedule { frequency: None, period: Some("0") },
                Generation::B => Schedule { frequency: Some("PT0S"), period: None },
            }),
            detection_action: Some(DetectionAction { alert_template: template(generation, &draft.alert) }),
        }
    }

    /// What of `after` is not as in `before`. A member that holds others is sent whole: whether the service keeps those
    /// that are left out is not documented.
    pub(super) fn change(generation: Generation, before: &Draft, after: &'a Draft) -> Self {
        let whole = Self::whole(generation, after);
        let was = Rule::whole(generation, before);
        Self {
            id: None,
            display_name: whole.display_name.filter(|_| whole.display_name != was.display_name),
            description: whole.description.filter(|_| whole.description != was.description),
            status: whole.status.filter(|_| whole.status != was.status),
            is_enabled: whole.is_enabled.filter(|_| whole.is_enabled != was.is_enabled),
            query_condition: whole.query_condition.filter(|now| Some(now) != was.query_condition.as_ref()),
            schedule: None,
            detection_action: whole.detection_action.filter(|now| Some(now) != was.detection_action.as_ref()),
        }
    }
}

fn switch(generation: Generation, enabled: bool) -> (Option<&'static str>, Option<bool>) {
    match generation {
        Generation::A => (None, Some(enabled)),
        Generation::B => (Some(if enabled { "enabled" } else { "disabled" }), None),
    }
}

fn description(generation: Generation, draft: &Draft) -> Option<&str> {
    match generation {
        Generation::A => None,
        Generation::B => Some(&draft.description),
    }
}

fn template(generation: Generation, alert: &AlertDraft) -> AlertTemplate<'_> {
    let AlertDraft { title, description, severity, recommended, tactics, category, entities } = alert;
    match generation {
        Generation::A => AlertTemplate::A(TemplateA {
            title,
            description,
            severity,
            category,
            recommended_actions: recommended.as_deref(),
            mitre_techniques: [],
            impacted_assets: [Asset { kind: "#microsoft.graph.security.impactedDeviceAsset", identifier: "deviceId" }],
        }),
        Generation::B => AlertTemplate::B(TemplateB {
            title,
            description,
            severity,
            recommended_actions: recommended.as_deref(),
            entity_mappings: Mappings(entities),
            tactics: tactics
                .iter()
                .map(|tactic| Tactic {
                    tactic: tactic.name,
                    techniques: [Technique { technique: tactic.technique, sub_techniques: [] }],
                })
                .collect(),
        }),
    }
}

/// A rule as the service tells it, of either generation.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Held {
    /// The whole of it, as the service wrote it.
    #[serde(skip)]
    pub(super) original: Option<Arc<str>>,
    #[serde(deserialize_with = "key")]
    pub(super) id: String,
    #[serde(default, deserialize_with = "or_none")]
    pub(super) display_name: String,
    #[serde(default, deserialize_with = "or_none")]
    pub(super) description: String,
    #[serde(default)]
    pub(super) status: Option<String>,
    #[serde(default)]
    pub(super) is_enabled: Option<bool>,
    #[serde(default, deserialize_with = "or_none")]
    pub(super) query_condition: HeldQuery,
    #[serde(default, deserialize_with = "or_none")]
    pub(super) detection_action: HeldAction,
    #[serde(default, deserialize_with = "date_or_none")]
    pub(super) created_date_time: Option<Timestamp>,
    #[serde(default, deserialize_with = "or_none")]
    pub(super) created_by: String,
    #[serde(default, deserialize_with = "date_or_none")]
    pub(super) last_modified_date_time: Option<Timestamp>,
    #[serde(default)]
    pub(super) last_modified_by: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HeldQuery {
    #[serde(default, deserialize_with = "or_none")]
    pub(super) query_text: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HeldAction {
    #[serde(default, deserialize_with = "or_none")]
    pub(super) alert_template: HeldTemplate,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HeldTemplate {
    #[serde(default, deserialize_with = "or_none")]
    pub(super) title: String,
    #[serde(default, deserialize_with = "or_none")]
    pub(super) description: String,
    #[serde(default)]
    pub(super) severity: Option<Word<Severity>>,
    #[serde(default)]
    pub(super) recommended_actions: Option<String>,
    #[serde(default, deserialize_with = "or_none")]
    pub(super) category: String,
    #[serde(default, deserialize_with = "or_none")]
    pub(super) tactics: Vec<HeldTactic>,
}

#[derive(Debug, Deserialize)]
pub(super) struct HeldTactic {
    #[serde(default, deserialize_with = "or_none")]
    pub(super) tactic: String,
}

/// A page of a collection; its members are read one by one, for one that is odd is not the whole page's fault.
#[derive(Debug, Deserialize)]
pub(super) struct Page {
    pub(super) value: Vec<serde_json::Value>,
    #[serde(default, rename = "@odata.nextLink")]
    pub(super) next: Option<String>,
}

/// A request that carries others.
#[derive(Debug, Serialize)]
pub(super) struct Batch<'a> {
    pub(super) requests: Vec<BatchRequest<'a>>,
}

#[derive(Debug, Serialize)]
pub(super) struct BatchRequest<'a> {
    pub(super) id: String,
    pub(super) method: &'static str,
    pub(super) url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) headers: Option<BTreeMap<&'static str, &'static str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<&'a serde_json::Value>,
}

/// The answers to the requests of a batch, in any order.
#[derive(Debug, Deserialize)]
pub(super) struct BatchAnswers {
    pub(super) responses: Vec<BatchAnswer>,
}

#[derive(Debug, Deserialize)]
pub(super) struct BatchAnswer {
    #[serde(deserialize_with = "key")]
    pub(super) id: String,
    pub(super) status: u16,
    #[serde(default, deserialize_with = "or_none")]
    pub(super) headers: BTreeMap<String, serde_json::Value>,
    #[serde(default)]
    pub(super) body: serde_json::Value,
}

impl BatchAnswer {
    /// What its `Retry-After` says.
    pub(super) fn retry_after(&self) -> Option<String> {
        let (_, value) = self.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("retry-after"))?;
        Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    }
}

/// What is there, or nothing of its kind for `null`.
fn or_none<'de, T: Default + Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
