//! Which properties an entity has, and how a row of them is asked for its values.

use crate::emulator::odata::value::{Type, Value};

/// An entity's properties.
#[derive(Debug)]
pub(in crate::emulator) struct Schema {
    /// The full name of the entity's type.
    pub(in crate::emulator) name: &'static str,
    /// The properties, in the order in which they are written.
    pub(in crate::emulator) properties: &'static [(&'static str, Type)],
    /// The navigation property, and the type that it leads to; whether it leads to one entity or to many.
    pub(in crate::emulator) navigation: &'static str,
    /// The schema at the navigation property's other end, where expressions may follow it: it leads to one entity.
    pub(in crate::emulator) single: Option<&'static Schema>,
}

/// A property: the entity's own, or one of the entity that its navigation property leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::emulator) struct Column {
    pub(in crate::emulator) navigated: bool,
    pub(in crate::emulator) index: usize,
}

/// An entity whose properties can be asked for.
pub(in crate::emulator) trait Row {
    /// The value of a property of the schema that the query was read with.
    fn value(&self, column: Column) -> Value;
}

impl Schema {
    /// The place and type of a property of this name.
    pub(in crate::emulator) fn property(&self, name: &str) -> Option<(usize, Type)> {
        let index = self.properties.iter().position(|(known, _)| *known == name)?;
        Some((index, self.properties[index].1))
    }

    /// The framework's words for a property that there is none of.
    pub(super) fn no_property(&self, name: &str) -> String {
        format!("Could not find a property named '{name}' on type '{}'.", self.name)
    }
}
