//! Where everything of a tenant is: what its table or an emulator says, or else what its cloud's row says.

use url::Url;

use crate::{
    auth::client_credentials::{Style, TokenEndpoint},
    config::{
        error::ConfigError,
        place::{Place, listed, shown},
        service::Services,
    },
    domain::service::Service,
    services::cloud::Cloud,
};

/// The addresses of a tenant, as they are given: by its table, or else by an emulator.
#[derive(Debug, Clone, Default)]
pub(crate) struct Given {
    pub(crate) token_url: Option<String>,
    pub(crate) authorization_url: Option<String>,
    pub(crate) legacy_api: Option<String>,
    pub(crate) alert_export_api: Option<String>,
    pub(crate) endpoint_api: Option<String>,
    pub(crate) graph_api: Option<String>,
}

/// The addresses of a tenant. One that is given is here whether or not it is used; one that is used is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Addresses {
    pub(crate) token_endpoint: TokenEndpoint,
    pub(crate) legacy_api: Option<Url>,
    pub(crate) alert_export_api: Option<Url>,
    pub(crate) endpoint_api: Option<Url>,
    pub(crate) graph_api: Option<Url>,
}

/// The cloud that is named.
pub(crate) fn cloud(place: &Place<'_>, name: Option<&str>) -> Result<&'static Cloud, ConfigError> {
    let Some(name) = name else { return Ok(Cloud::global()) };
    Cloud::by_name(name).ok_or_else(|| {
        let known: Vec<_> = Cloud::all().iter().map(Cloud::name).collect();
        place.wrong("cloud", format!("`{}` is no cloud", shown(name)), format!("write {}", listed(&known)))
    })
}

/// A tenant's id, in the form of a GUID.
pub(crate) fn tenant_id(place: &Place<'_>, id: Option<String>) -> Result<Option<String>, ConfigError> {
    match id {
        Some(id) if !is_guid(&id) => {
            let hint = "write the tenant's id (Entra admin center, Overview): 32 hexadecimal digits in five groups";
            Err(place.wrong("tenant_id", format!("`{}` is no id of a tenant", shown(&id)), hint))
        }
        id => Ok(id),
    }
}

pub(crate) fn is_guid(text: &str) -> bool {
    let groups: Vec<_> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// A tenant as the token endpoint is asked for it: its id or one of its domains.
pub(crate) fn directory(place: &Place<'_>, name: Option<String>) -> Result<Option<String>, ConfigError> {
    let Some(name) = name else { return Ok(None) };
    let wrong = |problem: String| {
        Err(place.wrong("directory", problem, "write the tenant's id, or one of its domains, such as contoso.com"))
    };
    if ["common", "organizations", "consumers"].iter().any(|shared| name.eq_ignore_ascii_case(shared)) {
        return wrong(format!("`{name}` is shared by all tenants, and gives an application no token"));
    }
    let label =
        |label: &str| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let is_domain = name.contains('.') && name.len() <= 253 && name.split('.').all(label);
    if is_guid(&name) || is_domain {
        return Ok(Some(name));
    }
    wrong(format!("`{}` is neither an id nor a domain", shown(&name)))
}

/// Where the services are that are used, and who gives tokens for them.
pub(crate) struct Wanted<'a> {
    pub(crate) services: Services,
    pub(crate) cloud: &'static Cloud,
    pub(crate) region: Option<&'a str>,
    pub(crate) directory: Option<&'a str>,
    /// That an emulator handed out addresses: then none of Microsoft's takes the place of one that is missing.
    pub(crate) is_emulated: bool,
}

impl Wanted<'_> {
    pub(crate) fn resolve(&self, place: &Place<'_>, given: Given) -> Result<Addresses, ConfigError> {
        let Given { token_url, authorization_url, legacy_api, alert_export_api, endpoint_api, graph_api } = given;
        let region = self.base_in_region(place)?;
        let token_endpoint = self.token_endpoint(place, token_url, authorization_url)?;
        let demanded = |key: &str, value: Option<String>, is_used: bool| match value {
            None if !is_used => Ok(None),
            value => place.url(key, &place.needed(key, value)?).map(Some),
        };
        let Services { all, alerts, .. } = self.services;
        let legacy_api = demanded("legacy_api", legacy_api, all == Service::Legacy)?;
        let alert_export_api = demanded("alert_export_api", alert_export_api, alerts == Service::Legacy)?;
        let uses_endpoint = self.services.use_any_of(Service::Endpoint);
        let endpoint_api = match endpoint_api {
            None if uses_endpoint && !self.is_emulated => Some(self.endpoint_api(place, region)?.to_owned()),
            given => given,
        };
        let uses_graph = self.services.use_any_of(Service::Graph);
        let graph_api = match graph_api {
            None if uses_graph && !self.is_emulated => Some(self.cloud.graph().to_owned()),
            given => given,
        };
        Ok(Addresses {
            token_endpoint,
            legacy_api,
            alert_export_api,
            endpoint_api: demanded("endpoint_api", endpoint_api, uses_endpoint)?,
            graph_api: demanded("graph_api", graph_api, uses_graph)?,
        })
    }

    /// The guide's own endpoint where the guide's service is published through, and v2 otherwise; the other one where
    /// only that is given.
    fn token_endpoint(
        &self,
        place: &Place<'_>,
        token_url: Option<String>,
        authorization_url: Option<String>,
    ) -> Result<TokenEndpoint, ConfigError> {
        let of_v1 = authorization_url.map(|url| ("authorization_url", url, Style::V1));
        let of_v2 = token_url.map(|url| ("token_url", url, Style::V2));
        let of_directory = || self.directory.map(|name| ("directory", self.cloud.token_endpoint(name), Style::V2));
        let is_legacy = self.services.all == Service::Legacy;
        let found = if is_legacy { of_v1.or(of_v2) } else { of_v2.or_else(of_directory).or(of_v1) };
        let (key, url, style) = found.ok_or_else(|| {
            if is_legacy {
                return place.wrong(
                    "authorization_url",
                    NOT_SET,
                    "set it, or name the file of an emulator's `details`",
                );
            }
            let hint = "set it to the tenant's id or one of its domains, or set `token_url`, or name the file of an \
                        emulator's `details`";
            place.wrong("directory", NOT_SET, hint)
        })?;
        let url = place.url(key, &url)?;
        Ok(TokenEndpoint { style: Style::of(&url, style), url })
    }

    fn endpoint_api(&self, place: &Place<'_>, region: Option<&'static str>) -> Result<&'static str, ConfigError> {
        region.or(self.cloud.endpoint()).ok_or_else(|| {
            let problem =
                format!("the cloud {} has no Defender for Endpoint API that is documented", self.cloud.name());
            place.wrong("endpoint_api", problem, "set it, where you know of one, or use another service")
        })
    }

    fn base_in_region(&self, place: &Place<'_>) -> Result<Option<&'static str>, ConfigError> {
        let Some(region) = self.region else { return Ok(None) };
        let found = self.cloud.endpoint_in(region).map(Some);
        found.ok_or_else(|| {
            let known: Vec<_> = self.cloud.regions().collect();
            let hint = if known.is_empty() { "leave it out".into() } else { format!("write {}", listed(&known)) };
            let cloud = self.cloud.name();
            place.wrong("region", format!("`{}` is no region of the cloud {cloud}", shown(region)), hint)
        })
    }
}

const NOT_SET: &str = "it is not set";
