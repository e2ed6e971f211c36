//! The nouns of the field, as the file has them: words that are written are read again, or it is said which is unknown.

use crate::{
    armed::drill::{Definition, Device, Indicator},
    domain::{alert_definition::AlertDefinition, device, indicator, indicator::UnknownWord},
};

impl From<&AlertDefinition> for Definition {
    fn from(definition: &AlertDefinition) -> Self {
        let definition = definition.clone();
        Self {
            name: definition.name,
            severity: definition.severity.to_string(),
            internal_description: definition.internal_description,
            title: definition.title,
            ux_description: definition.ux_description,
            recommended_action: definition.recommended_action,
            category: definition.category,
            enabled: definition.enabled,
        }
    }
}

impl TryFrom<Definition> for AlertDefinition {
    type Error = UnknownWord;

    fn try_from(written: Definition) -> Result<Self, UnknownWord> {
        Ok(Self {
            name: written.name,
            severity: written.severity.parse()?,
            internal_description: written.internal_description,
            title: written.title,
            ux_description: written.ux_description,
            recommended_action: written.recommended_action,
            category: written.category,
            enabled: written.enabled,
        })
    }
}

impl From<&indicator::Indicator> for Indicator {
    fn from(indicator: &indicator::Indicator) -> Self {
        Self {
            kind: indicator.kind.to_string(),
            value: indicator.value.clone(),
            function: indicator.function.to_string(),
            action: indicator.action.to_string(),
            expires_at: indicator.expires_at,
            enabled: indicator.enabled,
        }
    }
}

impl TryFrom<Indicator> for indicator::Indicator {
    type Error = UnknownWord;

    fn try_from(written: Indicator) -> Result<Self, UnknownWord> {
        Ok(Self {
            kind: written.kind.parse()?,
            value: written.value,
            function: written.function.parse()?,
            action: written.action.parse()?,
            expires_at: written.expires_at,
            enabled: written.enabled,
        })
    }
}

impl From<device::Device> for Device {
    fn from(device: device::Device) -> Self {
        Self { id: device.id, name: device.name }
    }
}

impl From<Device> for device::Device {
    fn from(written: Device) -> Self {
        Self { id: written.id, name: written.name }
    }
}
