//! What a body says of an alert definition: everything of it when one is made, any part of it when one is changed.

use serde_json::{Map, Value};

use crate::{
    domain::alert_definition::{AlertDefinition, Severity},
    emulator::faces::legacy::{
        address::Set,
        payload::{Nullable, Problems, Sent},
        refusal::Refusal,
        vocabulary::{CATEGORY, SEVERITIES, SEVERITY},
    },
};

/// The fields that were sent.
#[derive(Debug, Default)]
pub(super) struct DefinitionFields {
    name: Option<String>,
    severity: Option<Severity>,
    internal_description: Option<String>,
    title: Option<String>,
    ux_description: Option<String>,
    recommended_action: Option<Nullable<String>>,
    category: Option<String>,
    enabled: Option<bool>,
}

impl DefinitionFields {
    pub(super) fn parse(members: &Map<String, Value>, argument: &str) -> Result<Self, Refusal> {
        let sent = Sent::new(members, Set::AlertDefinitions, argument)?;
        Ok(Self {
            name: sent.text("Name")?,
            severity: sent.member("Severity", &SEVERITY)?.map(|member| SEVERITIES[member]),
            internal_description: sent.text("InternalDescription")?,
            title: sent.text("Title")?,
            ux_description: sent.text("UxDescription")?,
            recommended_action: sent.nullable_text("RecommendedAction")?,
            category: sent.member("Category", &CATEGORY)?.map(|member| CATEGORY.members[member].to_owned()),
            enabled: sent.flag("Enabled")?,
        })
    }

    /// A whole definition. Every documented sample of a creation holds all of these fields but the recommended action.
    pub(super) fn whole(self, argument: &str) -> Result<AlertDefinition, Refusal> {
        let mut problems = Problems::new(argument);
        let name = problems.required("Name", self.name, |text| text.trim().is_empty());
        let severity = problems.required("Severity", self.severity, |_| false);
        let internal =
            problems.required("InternalDescription", self.internal_description, |text| text.trim().is_empty());
        let title = problems.required("Title", self.title, |text| text.trim().is_empty());
        let ux_description = problems.required("UxDescription", self.ux_description, |text| text.trim().is_empty());
        let category = problems.required("Category", self.category, |_| false);
        let enabled = problems.required("Enabled", self.enabled, |_| false);
        let made = (|| {
            Some(AlertDefinition {
                name: name?,
                severity: severity?,
                internal_description: internal?,
                title: title?,
                ux_description: ux_description?,
                recommended_action: self.recommended_action.and_then(Nullable::into_option),
                category: category?,
                enabled: enabled?,
            })
        })();
        if let Some(definition) = &made {
            bound(definition, &mut problems);
        }
        problems.or(made)
    }

    /// `definition` with the fields that were sent.
    pub(super) fn changed(self, mut definition: AlertDefinition, argument: &str) -> Result<AlertDefinition, Refusal> {
        let mut problems = Problems::new(argument);
        set(&mut definition.name, self.name);
        set(&mut definition.severity, self.severity);
        set(&mut definition.internal_description, self.internal_description);
        set(&mut definition.title, self.title);
        set(&mut definition.ux_description, self.ux_description);
        set(&mut definition.recommended_action, self.recommended_action.map(Nullable::into_option));
        set(&mut definition.category, self.category);
        set(&mut definition.enabled, self.enabled);
        for (field, text) in texts(&definition) {
            problems.required(field, Some(text), |text| text.trim().is_empty());
        }
        bound(&definition, &mut problems);
        problems.or(Some(definition))
    }
}

/// Puts what was sent in the place of what was.
pub(super) fn set<T>(field: &mut T, sent: Option<T>) {
    if let Some(sent) = sent {
        *field = sent;
    }
}

fn texts(definition: &AlertDefinition) -> [(&'static str, &str); 4] {
    [
        ("Name", &definition.name),
        ("InternalDescription", &definition.internal_description),
        ("Title", &definition.title),
        ("UxDescription", &definition.ux_description),
    ]
}

/// The documented lengths. Whether the real service refuses what is longer or cuts it is not documented.
fn bound(definition: &AlertDefinition, problems: &mut Problems) {
    for ((field, text), most) in texts(definition).into_iter().zip([100, 350, 120, 500]) {
        problems.bounded(field, Some(text), most);
    }
    problems.bounded("RecommendedAction", definition.recommended_action.as_deref(), 2000);
}
