//! The environment, read once, where the program begins.

use std::{collections::BTreeMap, ffi::OsString, fmt};

/// The variables that alertdrill knows. `Debug` tells their names alone, for some are secrets.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, OsString>);

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Environment {
    /// The environment of this process.
    #[expect(clippy::disallowed_methods, reason = "the one place where the environment is read")]
    pub fn of_process() -> Self {
        let known = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
        let is_ours = |name: &str| name.starts_with("ALERTDRILL_") || SHOWN.contains(&name) || OF_A_JOB.contains(&name);
        Self(known.filter(|(name, _)| is_ours(name)).collect())
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

/// What decides how output is shown; the last names the file that GitHub Actions shows as the summary of a step.
const SHOWN: [&str; 8] =
    ["NO_COLOR", "CI", "TERM", "COLUMNS", "GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD", "GITHUB_STEP_SUMMARY"];

/// What a job is given to prove its identity with: GitHub Actions, Azure Pipelines, workload identity.
const OF_A_JOB: [&str; 6] = [
    "ACTIONS_ID_TOKEN_REQUEST_URL",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "SYSTEM_OIDCREQUESTURI",
    "SYSTEM_ACCESSTOKEN",
    "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID",
    "AZURE_FEDERATED_TOKEN_FILE",
];
