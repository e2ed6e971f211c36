//! What is wrong with a setting, and where it came from.

/// A setting that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key} ({source_name}): {problem}\n  hint: {hint}")]
pub struct ConfigError {
    /// The setting: `tenants.prod.client_id`.
    pub key: String,
    /// Where it came from: a file with its line, the environment, a flag.
    pub source_name: String,
    /// What is wrong with it.
    pub problem: String,
    /// What to do.
    pub hint: String,
}
