//! The environment, read once, where the program begins.

use std::{collections::BTreeMap, ffi::OsString};

/// The variables that alertdrill knows.
#[derive(Debug, Clone, Default)]
pub struct Environment(BTreeMap<String, OsString>);

impl Environment {
    /// The environment of this process.
    #[expect(clippy::disallowed_methods, reason = "the one place where the environment is read")]
    pub fn of_process() -> Self {
        let known = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
        Self(known.filter(|(name, _)| name.starts_with("ALERTDRILL_") || SHOWN.contains(&name.as_str())).collect())
    }

    /// An environment of these variables alone.
    pub fn with(variables: &[(&str, &str)]) -> Self {
        Self(variables.iter().map(|(name, value)| ((*name).to_owned(), OsString::from(value))).collect())
    }

    /// A variable that is set, not empty, and text.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.to_str().filter(|value| !value.is_empty())
    }

    /// Whether a variable is set and not empty.
    pub fn is_set(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|value| !value.is_empty())
    }
}

/// What decides how output is shown.
const SHOWN: [&str; 4] = ["NO_COLOR", "CI", "TERM", "COLUMNS"];
