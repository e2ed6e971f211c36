//! What a drill can make or change in a tenant, and has to undo.

use std::fmt;

/// Something that was, or is about to be, made or changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Thing {
    /// Alert definitions of this name, whose keys are not known.
    DefinitionsNamed(String),
    /// The alert definition of this key.
    Definition(String),
    /// The indicator of this key.
    Indicator(String),
    /// An indicator of this value together with its definition; its key is not known.
    Together(String),
    /// The device of this name, taken off the sensor.
    Offboarded(String),
    /// The threat intelligence API, switched off.
    ApiSwitchedOff,
}

impl Thing {
    /// Whether a service holds it, signed with its drill's marker; the others are states of the laboratory.
    pub fn is_signed(&self) -> bool {
        match self {
            Self::DefinitionsNamed(_) | Self::Definition(_) | Self::Indicator(_) | Self::Together(_) => true,
            Self::Offboarded(_) | Self::ApiSwitchedOff => false,
        }
    }
}

impl fmt::Display for Thing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DefinitionsNamed(name) => write!(f, "alert definitions named `{name}`"),
            Self::Definition(key) => write!(f, "alert definition {key}"),
            Self::Indicator(key) => write!(f, "indicator {key}"),
            Self::Together(value) => write!(f, "an indicator of `{value}`"),
            Self::Offboarded(name) => write!(f, "device {name} offboarded"),
            Self::ApiSwitchedOff => f.write_str("threat intelligence API switched off"),
        }
    }
}
