//! A tenant's settings, put together: its table, the details that an emulator handed out, and the environment's secrets.

use std::{collections::BTreeMap, fs, path::PathBuf, time::Duration};

use jiff::tz::TimeZone;
use serde::Deserialize;
use url::Url;

use crate::{
    auth::client_credentials::TokenEndpoint,
    config::{
        address::{self, Addresses, Given, Wanted},
        announce::Announce,
        environment::Environment,
        error::ConfigError,
        file::{self, Table},
        place::{Place, shown},
        proof::Proof,
        service::{self, RulesGeneration, RulesVersion, Services},
    },
    domain::{off_limits::OffLimits, quiet_hours::QuietHours},
    services::cloud::Cloud,
    transport::secret::Secret,
};

/// Everything that is needed to run drills on a tenant.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each field is the setting of the same name, documented in the README")]
pub struct Tenant {
    pub name: String,
    /// `service`, `alerts_service` and `hunting_service`.
    pub services: Services,
    pub cloud: &'static Cloud,
    pub tenant_id: Option<String>,
    /// `authorization_url`, `token_url`, or what follows from `directory` and `cloud`.
    pub token_endpoint: TokenEndpoint,
    pub client_id: String,
    /// The client secret, `certificate_file`, `federated_file` or `federated_from`.
    pub proof: Proof,
    /// What a token for the legacy service is asked for; those for the others follow from `cloud`.
    pub resource: String,
    pub legacy_api: Option<Url>,
    pub alert_export_api: Option<Url>,
    pub endpoint_api: Option<Url>,
    pub graph_api: Option<Url>,
    pub rules_generation: RulesGeneration,
    pub rules_version: RulesVersion,
    pub control: Option<Url>,
    pub device_name: String,
    pub device_id: String,
    pub device_proxy: Option<Login>,
    pub proxy: Option<Login>,
    pub ca_file: Option<PathBuf>,
    pub propagation: Duration,
    pub detection: Duration,
    pub allow_blocking: bool,
    /// By the name of a family of calls: so many in a minute, and in an hour.
    pub quotas: BTreeMap<String, (Option<u32>, Option<u32>)>,
    pub close_alerts: bool,
    /// `never_publish`, `may_publish` and `max_indicators`.
    pub off_limits: OffLimits,
    /// `quiet_hours` and `quiet_zone`.
    pub quiet: Option<QuietHours>,
    pub stop_file: Option<PathBuf>,
    /// `announce` and `announce_required`, with the address that the environment holds.
    pub announce: Option<Announce>,
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
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Details {
    authorization_url: Option<String>,
    token_url: Option<String>,
    tenant_id: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    resource: Option<String>,
    legacy_api: Option<String>,
    alert_export_api: Option<String>,
    endpoint_api: Option<String>,
    graph_api: Option<String>,
    control: Option<String>,
    device_name: Option<String>,
    device_id: Option<String>,
    sensor_proxy: Option<String>,
}

impl Tenant {
    /// The tenant `name`, whose table stands in `file`.
    pub fn resolve(name: &str, file: &str, table: &Table, environment: &Environment) -> Result<Self, ConfigError> {
        let place = Place { tenant: name, file };
        let details = details(&place, table.details.as_deref())?;
        let services = Services::of(&place, table)?;
        let cloud = address::cloud(&place, table.cloud.as_deref())?;
        let directory = address::directory(&place, table.directory.clone())?;
        let addresses = addresses(&place, table, &details, (services, cloud, directory.as_deref()))?;
        let proof = Proof::of(&place, table, environment, details.client_secret)?;
        let (rules_generation, rules_version) = service::rules(&place, table)?;
        let tenant_id = address::tenant_id(&place, table.tenant_id.clone().or(details.tenant_id))?;
        let off_limits = off_limits(&place, table, table.control.is_some() || details.control.is_some())?;
        let quiet = quiet(&place, table)?;
        let announce = Announce::of(&place, table, environment)?;
        let table = table.clone();
        let control = table.control.or(details.control);
        let device_proxy = table.device_proxy.or(details.sensor_proxy);
        let Addresses { token_endpoint, legacy_api, alert_export_api, endpoint_api, graph_api } = addresses;
        Ok(Self {
            name: name.into(),
            services,
            cloud,
            tenant_id: tenant_id.or(directory.filter(|name| address::is_guid(name))),
            token_endpoint,
            client_id: place.needed("client_id", table.client_id.or(details.client_id))?,
            proof,
            resource: table.resource.or(details.resource).unwrap_or_else(|| "https://graph.windows.net".into()),
            legacy_api,
            alert_export_api,
            endpoint_api,
            graph_api,
            rules_generation,
            rules_version,
            control: place.url_if_any("control", control.as_deref())?,
            device_name: place.needed("device_name", table.device_name.or(details.device_name))?,
            device_id: table.device_id.or(details.device_id).unwrap_or_default(),
            device_proxy: login(&place, "device_proxy", device_proxy, table.device_proxy_user, environment)?,
            proxy: login(&place, "proxy", table.proxy, table.proxy_user, environment)?,
            ca_file: table.ca_file.map(PathBuf::from),
            propagation: place.span("propagation", table.propagation.as_deref(), services.all.propagation())?,
            detection: place.span("detection", table.detection.as_deref(), services.all.detection())?,
            allow_blocking: table.allow_blocking.unwrap_or(false),
            quotas: quotas(&place, table.quotas)?,
            close_alerts: table.close_alerts.unwrap_or(true),
            off_limits,
            quiet,
            announce,
            stop_file: stop_file(&place, table.stop_file)?,
            speed: speed(&place, table.speed)?,
        })
    }
}

type Quotas = BTreeMap<String, (Option<u32>, Option<u32>)>;

fn quotas(place: &Place<'_>, given: Option<BTreeMap<String, file::Quota>>) -> Result<Quotas, ConfigError> {
    let given = given.unwrap_or_default();
    if let Some((family, _)) = given.iter().find(|(_, own)| own.minute == Some(0) || own.hour == Some(0)) {
        let problem = format!("`{}` has a limit of no calls, with which no drill could run", shown(family));
        return Err(place.wrong("quotas", problem, "leave at least one call, or leave the limit out"));
    }
    Ok(given.into_iter().map(|(family, own)| (family, (own.minute, own.hour))).collect())
}

fn stop_file(place: &Place<'_>, given: Option<String>) -> Result<Option<PathBuf>, ConfigError> {
    match given {
        Some(path) if path.trim().is_empty() => {
            Err(place.wrong("stop_file", "it names no file", "write a path, or leave it out"))
        }
        path => Ok(path.map(PathBuf::from)),
    }
}

fn quiet(place: &Place<'_>, table: &Table) -> Result<Option<QuietHours>, ConfigError> {
    let zone = match &table.quiet_zone {
        None => TimeZone::system(),
        Some(name) => TimeZone::get(name).map_err(|_| {
            let hint = "write its name in the database of time zones, such as \"Europe/Berlin\"";
            place.wrong("quiet_zone", format!("`{}` is no time zone", shown(name)), hint)
        })?,
    };
    let Some(hours) = &table.quiet_hours else {
        let hint = "set `quiet_hours` as well, such as \"22:00-06:00\"";
        return match table.quiet_zone {
            Some(_) => Err(place.wrong("quiet_zone", "a zone alone keeps no hour quiet", hint)),
            None => Ok(None),
        };
    };
    let hours = hours.parse().map_err(|problem: String| {
        place.wrong("quiet_hours", problem, "write two times of the day, such as \"22:00-06:00\"")
    })?;
    Ok(Some(QuietHours { hours, zone }))
}

/// So many indicators may one drill publish, unless the table says otherwise.
const MAX_INDICATORS: usize = 1_000;

fn off_limits(place: &Place<'_>, table: &Table, laboratory: bool) -> Result<OffLimits, ConfigError> {
    let places = |key: &str, names: &Option<Vec<String>>| {
        let read = |name: &String| {
            let hint = "write domains, addresses and networks, such as [\"contoso.com\", \"203.0.113.0/24\"]";
            name.parse().map_err(|problem: String| place.wrong(key, problem, hint))
        };
        names.iter().flatten().map(read).collect::<Result<Vec<_>, _>>()
    };
    Ok(OffLimits {
        never: places("never_publish", &table.never_publish)?,
        may: places("may_publish", &table.may_publish)?,
        laboratory,
        max_indicators: Some(table.max_indicators.unwrap_or(MAX_INDICATORS)),
    })
}

fn addresses(
    place: &Place<'_>,
    table: &Table,
    details: &Details,
    (services, cloud, directory): (Services, &'static Cloud, Option<&str>),
) -> Result<Addresses, ConfigError> {
    let either = |first: &Option<String>, second: &Option<String>| first.clone().or_else(|| second.clone());
    let given = Given {
        token_url: either(&table.token_url, &details.token_url),
        authorization_url: either(&table.authorization_url, &details.authorization_url),
        legacy_api: either(&table.legacy_api, &details.legacy_api),
        alert_export_api: either(&table.alert_export_api, &details.alert_export_api),
        endpoint_api: either(&table.endpoint_api, &details.endpoint_api),
        graph_api: either(&table.graph_api, &details.graph_api),
    };
    let is_emulated = table.details.is_some();
    Wanted { services, cloud, region: table.region.as_deref(), directory, is_emulated }.resolve(place, given)
}

/// The fastest: a day in less than a tenth of a second. Far beyond it no moment that a drill waits for can be told.
const FASTEST: f64 = 1e6;

fn speed(place: &Place<'_>, given: Option<f64>) -> Result<f64, ConfigError> {
    let speed = given.unwrap_or(1.0);
    if speed > 0.0 && speed <= FASTEST {
        return Ok(speed);
    }
    Err(place.wrong("speed", format!("{speed} is no speed"), "write how many seconds pass in one"))
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
    use crate::{auth::client_credentials::Style, domain::service::Service};

    const SECRET: [(&str, &str); 1] = [("ALERTDRILL_CLIENT_SECRET", "hunter2")];

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

    /// The least that a tenant of today needs.
    fn of_today(service: &str) -> Table {
        Table {
            service: Some(service.into()),
            directory: Some("contoso.com".into()),
            client_id: Some("id".into()),
            device_name: Some("pc".into()),
            ..Table::default()
        }
    }

    fn resolve(table: &Table, environment: &[(&str, &str)]) -> Result<Tenant, ConfigError> {
        Tenant::resolve("prod", "alertdrill.toml", table, &Environment::with(environment))
    }

    fn text(url: Option<&Url>) -> Option<&str> {
        url.map(Url::as_str)
    }

    #[test]
    fn the_secret_comes_from_the_environment_and_is_shown_nowhere() {
        let tenant = resolve(&table(), &SECRET).expect("it is whole");
        assert!(matches!(&tenant.proof, Proof::Secret(secret) if secret.expose() == "hunter2"));
        assert!(!format!("{tenant:?} {:?}", Environment::with(&SECRET)).contains("hunter2"));
        let error = resolve(&table(), &[]).expect_err("there is no secret");
        assert!(error.to_string().contains("tenants.prod.client_secret (alertdrill.toml): there is none"), "{error}");
        assert!(error.to_string().contains("ALERTDRILL_CLIENT_SECRET"), "{error}");
    }

    #[test]
    fn a_table_of_before_means_what_it_meant() {
        let tenant = resolve(&table(), &SECRET).expect("it is whole");
        let legacy = Services { all: Service::Legacy, alerts: Service::Legacy, hunting: Service::Legacy };
        assert_eq!(tenant.services, legacy);
        assert_eq!(tenant.token_endpoint.url.as_str(), "https://login.windows.net/t/oauth2/token");
        assert_eq!(tenant.token_endpoint.style, Style::V1);
        assert_eq!(tenant.resource, "https://graph.windows.net");
        assert_eq!(text(tenant.legacy_api.as_ref()), Some("https://ti.example/V1.0/"));
        assert_eq!((tenant.endpoint_api, tenant.graph_api, tenant.tenant_id), (None, None, None));
    }

    #[test]
    fn a_tenant_of_today_needs_no_address_but_what_it_is_called() {
        let tenant = resolve(&of_today("graph"), &SECRET).expect("it is whole");
        assert_eq!(
            tenant.token_endpoint.url.as_str(),
            "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token"
        );
        assert_eq!(tenant.token_endpoint.style, Style::V2);
        assert_eq!(text(tenant.graph_api.as_ref()), Some("https://graph.microsoft.com/"));
        assert_eq!((tenant.legacy_api, tenant.alert_export_api, tenant.endpoint_api), (None, None, None));
        assert_eq!((tenant.rules_generation, tenant.rules_version), (RulesGeneration::B, RulesVersion::Beta));
        let id = "11112222-3333-4444-5555-666677778888";
        let by_id = Table { directory: Some(id.into()), cloud: Some("dod".into()), ..of_today("endpoint") };
        let tenant = resolve(&by_id, &SECRET).expect("it is whole");
        assert_eq!(tenant.token_endpoint.url.host_str(), Some("login.microsoftonline.us"));
        assert_eq!(text(tenant.endpoint_api.as_ref()), Some("https://api-gov.securitycenter.microsoft.us/"));
        assert_eq!((tenant.tenant_id.as_deref(), tenant.graph_api), (Some(id), None));
    }

    #[test]
    fn services_are_mixed_by_what_is_done_with_them() {
        let mixed = Table { alerts_service: Some("graph".into()), region: Some("eu".into()), ..of_today("endpoint") };
        let tenant = resolve(&mixed, &SECRET).expect("it is whole");
        let expected = Services { all: Service::Endpoint, alerts: Service::Graph, hunting: Service::Endpoint };
        assert_eq!(tenant.services, expected);
        assert_eq!(text(tenant.endpoint_api.as_ref()), Some("https://eu.api.security.microsoft.com/"));
        assert_eq!(text(tenant.graph_api.as_ref()), Some("https://graph.microsoft.com/"));
        let given = Table {
            endpoint_api: Some("http://127.0.0.1:1/e".into()),
            graph_api: Some("http://127.0.0.1:1/g".into()),
            token_url: Some("http://127.0.0.1:1/t/oauth2/token".into()),
            rules_generation: Some("a".into()),
            rules_version: Some("v1.0".into()),
            ..mixed
        };
        let tenant = resolve(&given, &SECRET).expect("it is whole");
        assert_eq!(text(tenant.endpoint_api.as_ref()), Some("http://127.0.0.1:1/e"));
        assert_eq!(text(tenant.graph_api.as_ref()), Some("http://127.0.0.1:1/g"));
        assert_eq!(tenant.token_endpoint.style, Style::V1, "by the end of its path");
        assert_eq!((tenant.rules_generation, tenant.rules_version), (RulesGeneration::A, RulesVersion::V1));
        let legacy_read_elsewhere = Table { alert_export_api: None, alerts_service: Some("graph".into()), ..table() };
        assert_eq!(resolve(&legacy_read_elsewhere, &SECRET).expect("it is whole").alert_export_api, None);
    }

    #[test]
    fn what_an_emulator_handed_out_is_used_and_nothing_of_microsoft_s_beside_it() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let id = "11112222-3333-4444-5555-666677778888";
        let details = serde_json::json!({
            "authorizationUrl": "http://127.0.0.1:1/t/oauth2/token", "tokenUrl": "http://127.0.0.1:1/t/oauth2/v2.0/token",
            "tenantId": id, "clientId": "c", "clientSecret": "hunter2", "endpointApi": "http://127.0.0.1:1/endpoint",
            "deviceName": "pc",
        });
        fs::write(file.path(), details.to_string()).expect("it is written");
        let path = Some(file.path().display().to_string());
        let table = Table { details: path, service: Some("endpoint".into()), ..Table::default() };
        let tenant = resolve(&table, &[]).expect("it is whole");
        assert_eq!(tenant.token_endpoint.url.as_str(), "http://127.0.0.1:1/t/oauth2/v2.0/token");
        assert_eq!(text(tenant.endpoint_api.as_ref()), Some("http://127.0.0.1:1/endpoint"));
        assert_eq!(tenant.tenant_id.as_deref(), Some(id));
        assert!(matches!(&tenant.proof, Proof::Secret(secret) if secret.expose() == "hunter2"));
        let by_file = Table { federated_file: Some("token".into()), ..table.clone() };
        let tenant = resolve(&by_file, &[]).expect("it is whole");
        assert!(matches!(tenant.proof, Proof::Federated(_)), "what the table names comes before what was handed out");
        let error = resolve(&Table { service: Some("graph".into()), ..table }, &[]).expect_err("no address of Graph");
        assert_eq!((error.key.as_str(), error.problem.as_str()), ("tenants.prod.graph_api", "it is not set"));
    }

    #[test]
    fn what_is_missing_or_wrong_is_named_with_what_to_do() {
        let missing = resolve(&Table { legacy_api: None, ..table() }, &SECRET).expect_err("no address");
        assert_eq!(missing.key, "tenants.prod.legacy_api");
        let wrong = resolve(&Table { legacy_api: Some("ftp://a/".into()), ..table() }, &SECRET).expect_err("no http");
        assert!(wrong.problem.contains("`ftp`"));
        let span = resolve(&Table { detection: Some("soon".into()), ..table() }, &SECRET).expect_err("no span");
        assert!(span.hint.contains("20 minutes"));
        let speed = resolve(&Table { speed: Some(0.0), ..table() }, &SECRET).expect_err("no speed");
        assert_eq!(speed.key, "tenants.prod.speed");
    }

    #[test]
    fn a_value_of_today_that_is_none_is_told_with_those_that_are() {
        let today = || of_today("endpoint");
        let some = |text: &str| Some(text.to_owned());
        for (table, key, told) in vec![
            (Table { service: some("gragh"), ..today() }, "service", "write legacy, endpoint or graph"),
            (Table { alerts_service: some(""), ..today() }, "alerts_service", "write legacy, endpoint or graph"),
            (Table { hunting_service: some("legacy"), ..today() }, "hunting_service", "write endpoint or graph"),
            (Table { cloud: some("mars"), ..today() }, "cloud", "write global, gcc, gcc-high, dod or china"),
            (Table { region: some("mars"), ..today() }, "region", "write us, eu, uk, au, swa, ina or aea"),
            (Table { region: some("us"), cloud: some("gcc"), ..today() }, "region", "leave it out"),
            (Table { cloud: some("china"), ..today() }, "endpoint_api", "the cloud china has no"),
            (Table { directory: None, ..today() }, "directory", "or set `token_url`"),
            (Table { directory: some("Common"), ..today() }, "directory", "shared by all tenants"),
            (Table { directory: some("contoso"), ..today() }, "directory", "neither an id nor a domain"),
            (Table { directory: some("a.b/../c?x#"), ..today() }, "directory", "neither an id nor a domain"),
            (Table { directory: some("contoso..com"), ..today() }, "directory", "neither an id nor a domain"),
            (Table { tenant_id: some("contoso.com"), ..today() }, "tenant_id", "32 hexadecimal digits"),
            (Table { token_url: some("login"), ..today() }, "token_url", "write a whole address"),
            (Table { graph_api: some("ftp://a/"), ..today() }, "graph_api", "`ftp` is no scheme"),
            (Table { rules_generation: some("c"), ..today() }, "rules_generation", "write a or b"),
            (Table { rules_version: some("v2"), ..today() }, "rules_version", "write beta or v1.0"),
        ] {
            let error = resolve(&table, &SECRET).expect_err("it is wrong");
            assert_eq!(error.key, format!("tenants.prod.{key}"), "{error}");
            assert!(error.to_string().contains(told), "{error}\n{told}");
        }
    }

    #[test]
    fn what_is_no_place_is_told_with_its_list() {
        let places = Some(vec!["contoso.com".to_owned(), "10.0.0.0/33".to_owned()]);
        let never = resolve(&Table { never_publish: places.clone(), ..of_today("graph") }, &SECRET);
        let never = never.expect_err("it is wrong").to_string();
        assert!(never.starts_with("tenants.prod.never_publish (alertdrill.toml): `10.0.0.0/33` is neither"), "{never}");
        let may = resolve(&Table { may_publish: places, ..of_today("graph") }, &SECRET).expect_err("it is wrong");
        assert_eq!(may.key, "tenants.prod.may_publish");
        let limits = resolve(&of_today("graph"), &SECRET).expect("it is whole").off_limits;
        assert_eq!((limits.max_indicators, limits.laboratory), (Some(1_000), false));
    }

    #[test]
    fn a_setting_that_would_do_nothing_is_told() {
        let told = |table: Table| resolve(&table, &SECRET).expect_err("it would do nothing").key;
        let none = file::Quota { minute: Some(0), hour: None };
        let quotas = Some(BTreeMap::from([("endpoint.alerts".to_owned(), none)]));
        for (table, key) in [
            (Table { stop_file: Some(" ".into()), ..of_today("graph") }, "stop_file"),
            (Table { quiet_zone: Some("Europe/Berlin".into()), ..of_today("graph") }, "quiet_zone"),
            (Table { announce_required: Some(true), ..of_today("graph") }, "announce_required"),
            (Table { quotas, ..of_today("graph") }, "quotas"),
        ] {
            assert_eq!(told(table), format!("tenants.prod.{key}"));
        }
    }

    #[test]
    fn quiet_hours_that_are_none_are_told() {
        let of = |hours: &str, zone: &str| {
            let (quiet_hours, quiet_zone) = (Some(hours.to_owned()), Some(zone.to_owned()));
            resolve(&Table { quiet_hours, quiet_zone, ..of_today("graph") }, &SECRET)
        };
        assert!(of("22:00-06:00", "Europe/Berlin").expect("it is whole").quiet.is_some());
        assert_eq!(of("at night", "Europe/Berlin").expect_err("no hours").key, "tenants.prod.quiet_hours");
        assert_eq!(of("22:00-06:00", "Mars/Base").expect_err("no zone").key, "tenants.prod.quiet_zone");
    }

    #[test]
    fn a_proxy_s_password_never_stands_in_the_file() {
        let inline = Table { proxy: Some("http://u:p@proxy.example:8080".into()), ..table() };
        assert!(resolve(&inline, &SECRET).expect_err("a password").hint.contains("ALERTDRILL_PROXY_PASSWORD"));
        let user =
            Table { device_proxy: Some("http://proxy.example".into()), device_proxy_user: Some("u".into()), ..table() };
        assert!(resolve(&user, &SECRET).expect_err("no password").hint.contains("ALERTDRILL_DEVICE_PROXY_PASSWORD"));
    }

    #[test]
    fn a_speed_is_positive_and_not_absurd() {
        let place = Place { tenant: "lab", file: "alertdrill.toml" };
        for absurd in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e308] {
            assert!(speed(&place, Some(absurd)).is_err(), "{absurd}");
        }
        assert_eq!(speed(&place, Some(600.0)).ok(), Some(600.0));
    }
}
