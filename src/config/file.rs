//! `alertdrill.toml`.

use std::{collections::BTreeMap, fs, io, path::Path};

use serde::Deserialize;

use crate::config::error::ConfigError;

/// The file of settings.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// The tenants, by name.
    #[serde(default)]
    pub tenants: BTreeMap<String, Table>,
}

/// A tenant's table, as written. The keys that an emulator hands out have the same names, in snake case.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each field is the setting of the same name, documented in the README")]
pub struct Table {
    pub details: Option<String>,
    pub service: Option<String>,
    pub alerts_service: Option<String>,
    pub hunting_service: Option<String>,
    pub cloud: Option<String>,
    pub region: Option<String>,
    pub directory: Option<String>,
    pub tenant_id: Option<String>,
    pub token_url: Option<String>,
    pub authorization_url: Option<String>,
    pub client_id: Option<String>,
    pub certificate_file: Option<String>,
    pub certificate_signature: Option<String>,
    pub federated_file: Option<String>,
    pub federated_from: Option<String>,
    pub service_connection: Option<String>,
    pub resource: Option<String>,
    pub legacy_api: Option<String>,
    pub alert_export_api: Option<String>,
    pub endpoint_api: Option<String>,
    pub graph_api: Option<String>,
    pub rules_generation: Option<String>,
    pub rules_version: Option<String>,
    pub control: Option<String>,
    pub device_name: Option<String>,
    pub device_id: Option<String>,
    pub device_proxy: Option<String>,
    pub device_proxy_user: Option<String>,
    pub proxy: Option<String>,
    pub proxy_user: Option<String>,
    pub ca_file: Option<String>,
    pub propagation: Option<String>,
    pub detection: Option<String>,
    pub allow_blocking: Option<bool>,
    pub quotas: Option<BTreeMap<String, Quota>>,
    pub close_alerts: Option<bool>,
    pub never_publish: Option<Vec<String>>,
    pub may_publish: Option<Vec<String>>,
    pub max_indicators: Option<usize>,
    pub quiet_hours: Option<String>,
    pub quiet_zone: Option<String>,
    pub stop_file: Option<String>,
    pub announce: Option<String>,
    pub announce_required: Option<bool>,
    pub speed: Option<f64>,
}

impl Table {
    /// The same settings, as far as they are no secret and need none.
    #[must_use]
    pub fn without_secrets(self) -> Self {
        Self {
            certificate_file: None,
            certificate_signature: None,
            federated_file: None,
            federated_from: None,
            service_connection: None,
            device_proxy_user: None,
            proxy_user: None,
            announce: None,
            announce_required: None,
            ..self
        }
    }
}

/// Other limits of a family of calls than the published ones.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// Calls in any minute.
    pub minute: Option<u32>,
    /// Calls in any hour.
    pub hour: Option<u32>,
}

/// The name of the file in the working directory.
pub const NAME: &str = "alertdrill.toml";

impl File {
    /// Reads the file at `path`.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let wrong = |problem: String, hint: &str| ConfigError {
            key: "the file of settings".into(),
            source_name: path.display().to_string(),
            problem,
            hint: hint.into(),
        };
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let hint = "write it, with a table for each tenant as the README shows, or name another with --config";
                return Err(wrong("there is no such file".into(), hint));
            }
            Err(error) => {
                return Err(wrong(format!("it cannot be read: {error}"), "check the path and its permissions"));
            }
        };
        toml::from_str(&text).map_err(|error| wrong(problem(&text, &error), hint(&error)))
    }
}

/// What is wrong, in which line, of which key. The line itself is not repeated: it may hold a secret.
fn problem(text: &str, error: &toml::de::Error) -> String {
    let message = TYPES.iter().fold(error.message().trim().to_owned(), |message, (ours, theirs)| {
        message.replace(&format!("expected {ours}"), &format!("expected {theirs}"))
    });
    let Some(before) = error.span().and_then(|span| text.get(..span.start)) else { return message };
    let number = before.matches('\n').count();
    let key = text.lines().nth(number).and_then(|line| line.split_once('=')).map(|(key, _)| key.trim());
    let is_a_key = |key: &&str| !key.is_empty() && key.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    let is_told = |key: &&str| message.contains(&format!("`{key}`"));
    let key = key.filter(is_a_key).filter(|key| !is_told(key)).map_or_else(String::new, |key| format!(" (`{key}`)"));
    format!("line {}{key}: {message}", number + 1)
}

/// What the kinds of values are called by us, and by people.
const TYPES: [(&str, &str); 5] = [
    ("usize", "a whole number"),
    ("u32", "a whole number"),
    ("f64", "a number"),
    ("a boolean", "true or false"),
    ("a sequence", "a list, such as [\"a\", \"b\"]"),
];

/// A secret in a file that may be shared is a leak, and the unknown key that people try first.
fn hint(error: &toml::de::Error) -> &'static str {
    if error.message().contains("`client_secret`") || error.message().contains("password") {
        "secrets are read from the environment alone: ALERTDRILL_CLIENT_SECRET, ALERTDRILL_PROXY_PASSWORD, \
         ALERTDRILL_DEVICE_PROXY_PASSWORD"
    } else {
        "correct the file; the README lists every setting"
    }
}
