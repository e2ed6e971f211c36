//! Which properties an entity has, what a query may do with them, and how a row of them is asked for its values.

use std::borrow::Cow;

use serde_json::Value as Json;

use crate::emulator::odata::value::{Type, Value};

/// An entity's properties, or those of a part of one.
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
    /// How queries are written, and what they may name.
    pub(in crate::emulator) rules: &'static Rules,
}

/// How queries on an entity are written, and what they may name.
#[derive(Debug)]
pub(in crate::emulator) struct Rules {
    pub(in crate::emulator) dialect: Dialect,
    /// What `$filter` may name.
    pub(in crate::emulator) filter: Allowed,
    /// What `$orderby` may name.
    pub(in crate::emulator) order: Allowed,
    /// What `$expand` may name.
    pub(in crate::emulator) expand: &'static [&'static str],
    /// The largest `$top`; a larger one is refused.
    pub(in crate::emulator) most_top: Option<usize>,
}

impl Rules {
    /// The rules of the threat intelligence API, which lets every property be used for everything.
    pub(in crate::emulator) const LEGACY: Self = Self::of(Dialect::Legacy);

    /// The rules of a dialect without any limit.
    pub(in crate::emulator) const fn of(dialect: Dialect) -> Self {
        Self { dialect, filter: Allowed::All, order: Allowed::All, expand: &[], most_top: None }
    }
}

/// Whose habits a query follows.
///
/// That `Endpoint` and `Graph` read names, operators, functions and members of enumerations in any letter case is how
/// their framework behaves when it is told to; for the first the documentation's own samples mix the cases, for the
/// second only the directory is known to take a name in another case. Texts are compared letter by letter in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::emulator) enum Dialect {
    /// The threat intelligence API: names as they are written, one navigation property, rows by column.
    Legacy,
    /// Defender for Endpoint: rows by path, dates with a zone, lambdas, lists of any length.
    Endpoint,
    /// Microsoft Graph: like [`Dialect::Endpoint`], with options that need no `$`, bare durations and words of its own
    /// around the framework's.
    Graph,
}

/// Which properties an option may name, by their paths (`schedule/frequency`).
#[derive(Debug, Clone, Copy)]
pub(in crate::emulator) enum Allowed {
    /// Every one.
    All,
    /// These are documented. What happens to the others is not: they are refused in the framework's words, unless the
    /// reader is told to be lenient.
    Documented(&'static [&'static str]),
    /// These, for certain, and no other.
    Only(&'static [&'static str]),
}

impl Allowed {
    pub(super) fn has(self, path: &str, lenient: bool) -> bool {
        match self {
            Self::All => true,
            Self::Documented(paths) => lenient || paths.contains(&path),
            Self::Only(paths) => paths.contains(&path),
        }
    }
}

/// A property: the entity's own, or one of the entity that its navigation property leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::emulator) struct Column {
    pub(in crate::emulator) navigated: bool,
    pub(in crate::emulator) index: usize,
}

/// A property, by the names that lead to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::emulator) struct Path {
    /// The names, as the schema writes them; none is the thing itself.
    pub(in crate::emulator) names: Vec<&'static str>,
    /// The type of what is found there.
    pub(in crate::emulator) of: Type,
}

/// An entity whose properties can be asked for: by column in the first dialect, by path in the others.
pub(in crate::emulator) trait Row {
    /// The value of a property of the schema that the query was read with.
    fn value(&self, column: Column) -> Value;

    /// The value of the property at a path.
    fn at(&self, _path: &Path) -> Value {
        Value::Null
    }

    /// The members of the collection at a path.
    fn items(&self, _path: &Path) -> &[Json] {
        &[]
    }
}

impl Schema {
    /// A schema without a navigation property.
    pub(in crate::emulator) const fn of(
        name: &'static str,
        properties: &'static [(&'static str, Type)],
        rules: &'static Rules,
    ) -> Self {
        Self { name, properties, navigation: "", single: None, rules }
    }

    /// The place and type of a property of this name.
    pub(in crate::emulator) fn property(&self, name: &str) -> Option<(usize, Type)> {
        let same = |known: &str| match self.rules.dialect {
            Dialect::Legacy => known == name,
            Dialect::Endpoint | Dialect::Graph => known.eq_ignore_ascii_case(name),
        };
        let index = self.properties.iter().position(|(known, _)| same(known))?;
        Some((index, self.properties[index].1))
    }

    /// The property at the end of `path`, from this entity on. The error is the framework's.
    pub(super) fn path(&self, path: &str) -> Result<Path, String> {
        let (mut names, mut here) = (Vec::new(), Type::Null);
        let mut schema: Option<&Self> = Some(self);
        for segment in path.split('/') {
            let Some(known) = schema else { return Err(no_step(here, segment)) };
            let Some((index, of)) = known.property(segment) else { return Err(known.no_property(segment)) };
            names.push(known.properties[index].0);
            here = of;
            schema = match of {
                Type::Complex(below) => Some(below),
                _ => None,
            };
        }
        Ok(Path { names, of: here })
    }

    /// The framework's words for a property that there is none of.
    pub(super) fn no_property(&self, name: &str) -> String {
        format!("Could not find a property named '{name}' on type '{}'.", self.name)
    }
}

/// The framework's words for a step from something that has no properties.
fn no_step(from: Type, name: &str) -> String {
    match from {
        Type::Many(_) => format!(
            "The parent value for a property access of a property '{name}' is not a single value. Property access can \
             only be applied to a single value."
        ),
        _ => format!("Could not find a property named '{name}' on type '{}'.", from.name()),
    }
}

/// Two schemas are the same if their names are: a name stands for one type.
impl PartialEq for Schema {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Schema {}

/// The name of a collection of what is called `name`.
pub(super) fn collection(name: &str) -> Cow<'static, str> {
    format!("Collection({name})").into()
}
