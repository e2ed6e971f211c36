//! A tenant's settings, put together: its table, the details that an emulator handed out, and the environment's secrets.

use std::{fs, path::PathBuf, time::Duration};

use jiff::SignedDuration;
use serde::Deserialize;
use url::Url;

use crate::{
    config::{environment::Environment, error::ConfigError, file::Table},
    transport::secret::Secret,
};

/// Everything that is needed to run drills on a tenant.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each field is the setting of the same name, documented in the README")]
pub struct Tenant {
    pub name: String,
    pub authorization_url: Url,
    pub client_id: String,
    pub client_secret: Secret,
    pub resource: String,
    pub legacy_api: Url,
    pub alert_export_api: Url,
    pub control: Option<Url>,
    pub device_name: String,
    pub device_id: String,
    pub device_proxy: Option<Login>,
    pub proxy: Option<Login>,
    pub ca_file: Option<PathBuf>,
    pub propagation: Duration,
    pub detection: Duration,
    pub speed: f64,
}

/// A proxy, and whom it knows us as.
#[derive(Debug, Clone)]
pub struct Login {
    /// The proxy's address.
    pub url: Url,
    /// The user, where it wants a login.
    pub user: Option<String>,
    /// The password.
    pub password: Option<Secret>,
}

/// What an emulator handed out; the keys are those of `alertdrill emulate --details-out`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Details {
    authorization_url: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    resource: Option<String>,
    legacy_api: Option<String>,
    alert_export_api: Option<String>,
    control: Option<String>,
    device_name: Option<String>,
    device_id: Option<String>,
    sensor_proxy: Option<String>,
}

/// Where a table stands, for the texts of errors.
struct Place<'a> {
    tenant: &'a str,
    file: &'a str,
}

impl Place<'_> {
    fn wrong(&self, key: &str, problem: impl Into<String>, hint: impl Into<String>) -> ConfigError {
        ConfigError {
            key: format!("tenants.{}.{key}", self.tenant),
            source_name: self.file.to_owned(),
            problem: problem.into(),
            hint: hint.into(),
        }
    }

    fn needed(&self, key: &str, value: Option<String>) -> Result<String, ConfigError> {
        value.ok_or_else(|| self.wrong(key, "it is not set", "set it, or name the file of an emulator's `details`"))
    }

    fn url(&self, key: &str, value: &str) -> Result<Url, ConfigError> {
        let url = Url::parse(value)
            .map_err(|error| self.wrong(key, error.to_string(), "write a whole address, such as https://host/path"))?;
        match url.scheme() {
            "http" | "https" => Ok(url),
            scheme => Err(self.wrong(key, format!("`{scheme}` is no scheme for it"), "write an http or https address")),
        }
    }

    fn span(&self, key: &str, value: Option<&str>, default: Duration) -> Result<Duration, ConfigError> {
        let Some(value) = value else { return Ok(default) };
        let span: Result<SignedDuration, _> = value.parse();
        span.map_err(|error| error.to_string())
            .and_then(|span| Duration::try_from(span).map_err(|error| error.to_string()))
            .map_err(|problem| self.wrong(key, problem, "write a span of time, such as \"20 minutes\""))
    }
}

impl Tenant {
    /// The tenant `name`, whose table stands in `file`.
    pub fn resolve(name: &str, file: &str, table: &Table, environment: &Environment) -> Result<Self, ConfigError> {
        let place = Place { tenant: name, file };
        let details = details(&place, table.details.as_deref())?;
        let (table, details) = (table.clone(), details);
        let authorization_url =
            place.needed("authorization_url", table.authorization_url.or(details.authorization_url))?;
        let legacy_api = place.needed("legacy_api", table.legacy_api.or(details.legacy_api))?;
        let export = place.needed("alert_export_api", table.alert_export_api.or(details.alert_export_api))?;
        let control = table.control.or(details.control);
        let secret = environment.get("ALERTDRILL_CLIENT_SECRET").map(str::to_owned).or(details.client_secret);
        let secret = secret.ok_or_else(|| {
            place.wrong("client_secret", "there is none", "set ALERTDRILL_CLIENT_SECRET in the environment")
        })?;
        let device_proxy = table.device_proxy.or(details.sensor_proxy);
        let speed = table.speed.unwrap_or(1.0);
        if !(speed.is_finite() && speed > 0.0) {
            return Err(place.wrong("speed", format!("{speed} is no speed"), "write how many seconds pass in one"));
        }
        Ok(Self {
            name: name.into(),
            authorization_url: place.url("authorization_url", &authorization_url)?,
            client_id: place.needed("client_id", table.client_id.or(details.client_id))?,
            client_secret: Secret::new(secret),
            resource: table.resource.or(details.resource).unwrap_or_else(|| "https://graph.windows.net".into()),
            legacy_api: place.url("legacy_api", &legacy_api)?,
            alert_export_api: place.url("alert_export_api", &export)?,
            control: control.map(|url| place.url("control", &url)).transpose()?,
            device_name: place.needed("device_name", table.device_name.or(details.device_name))?,
            device_id: table.device_id.or(details.device_id).unwrap_or_default(),
            device_proxy: login(&place, "device_proxy", device_proxy, table.device_proxy_user, environment)?,
            proxy: login(&place, "proxy", table.proxy, table.proxy_user, environment)?,
            ca_file: table.ca_file.map(PathBuf::from),
            propagation: place.span("propagation", table.propagation.as_deref(), Duration::from_mins(20))?,
            detection: place.span("detection", table.detection.as_deref(), Duration::from_mins(15))?,
            speed,
        })
    }
}

fn login(
    place: &Place<'_>,
    key: &str,
    url: Option<String>,
    user: Option<String>,
    environment: &Environment,
) -> Result<Option<Login>, ConfigError> {
    let Some(url) = url else { return Ok(None) };
    let url = place.url(key, &url)?;
    if url.password().is_some() {
        return Err(place.wrong(key, "it holds a password", password_hint(key)));
    }
    let password = environment.get(password_name(key)).map(Secret::new);
    if user.is_some() && password.is_none() {
        return Err(place.wrong(&format!("{key}_user"), "there is no password for it", password_hint(key)));
    }
    Ok(Some(Login { url, user, password }))
}

fn password_name(key: &str) -> &'static str {
    if key == "proxy" { "ALERTDRILL_PROXY_PASSWORD" } else { "ALERTDRILL_DEVICE_PROXY_PASSWORD" }
}

fn password_hint(key: &str) -> String {
    format!("set {key}_user in the table, and {} in the environment", password_name(key))
}

fn details(place: &Place<'_>, path: Option<&str>) -> Result<Details, ConfigError> {
    let Some(path) = path else { return Ok(Details::default()) };
    let text = fs::read_to_string(path).map_err(|error| {
        place.wrong(
            "details",
            format!("{path} cannot be read: {error}"),
            "write it with `alertdrill emulate --details-out`",
        )
    })?;
    serde_json::from_str(&text).map_err(|error| {
        place.wrong(
            "details",
            format!("{path} is not what an emulator hands out: {error}"),
            "write it anew with `alertdrill emulate --details-out`",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        Table {
            authorization_url: Some("https://login.windows.net/t/oauth2/token".into()),
            client_id: Some("id".into()),
            legacy_api: Some("https://ti.example/V1.0/".into()),
            alert_export_api: Some("https://export.example/api/alerts".into()),
            device_name: Some("pc".into()),
            ..Table::default()
        }
    }

    fn resolve(table: &Table, environment: &[(&str, &str)]) -> Result<Tenant, ConfigError> {
        Tenant::resolve("prod", "alertdrill.toml", table, &Environment::with(environment))
    }

    #[test]
    fn the_secret_comes_from_the_environment_and_is_shown_nowhere() {
        let tenant = resolve(&table(), &[("ALERTDRILL_CLIENT_SECRET", "hunter2")]).expect("it is whole");
        assert_eq!(tenant.client_secret.expose(), "hunter2");
        assert!(!format!("{tenant:?}").contains("hunter2"));
        let error = resolve(&table(), &[]).expect_err("there is no secret");
        assert!(error.to_string().contains("tenants.prod.client_secret (alertdrill.toml): there is none"), "{error}");
        assert!(error.to_string().contains("ALERTDRILL_CLIENT_SECRET"), "{error}");
    }

    #[test]
    fn what_is_missing_or_wrong_is_named_with_what_to_do() {
        let secret = [("ALERTDRILL_CLIENT_SECRET", "x")];
        let missing = resolve(&Table { legacy_api: None, ..table() }, &secret).expect_err("no address");
        assert_eq!(missing.key, "tenants.prod.legacy_api");
        let wrong = resolve(&Table { legacy_api: Some("ftp://a/".into()), ..table() }, &secret).expect_err("no http");
        assert!(wrong.problem.contains("`ftp`"));
        let span = resolve(&Table { detection: Some("soon".into()), ..table() }, &secret).expect_err("no span");
        assert!(span.hint.contains("20 minutes"));
        let speed = resolve(&Table { speed: Some(0.0), ..table() }, &secret).expect_err("no speed");
        assert_eq!(speed.key, "tenants.prod.speed");
    }

    #[test]
    fn a_proxy_s_password_never_stands_in_the_file() {
        let secret = [("ALERTDRILL_CLIENT_SECRET", "x")];
        let inline = Table { proxy: Some("http://u:p@proxy.example:8080".into()), ..table() };
        assert!(resolve(&inline, &secret).expect_err("a password").hint.contains("ALERTDRILL_PROXY_PASSWORD"));
        let user =
            Table { device_proxy: Some("http://proxy.example".into()), device_proxy_user: Some("u".into()), ..table() };
        assert!(resolve(&user, &secret).expect_err("no password").hint.contains("ALERTDRILL_DEVICE_PROXY_PASSWORD"));
    }
}
