//! What libraries read before they ask for a token, or to check one: addresses, keys, and which hosts they may trust.
//!
//! Members and their order are those of recorded documents (the recordings of the Azure SDK for JavaScript, 2021 to
//! 2023). Addresses are under the host that the client uses, so that it comes back.

use std::net::IpAddr;

use jiff::Timestamp;
use serde_json::{Value, json};
use url::{Host, Url};

use crate::emulator::{
    Emulator,
    answer::Answer,
    faces::{
        Call,
        token::{
            Version,
            cloud::{CLOUDS, Cloud},
            grant,
            refusal::{Refusal, Stamp},
        },
    },
    tenant::Tenant,
    tokens::key,
};

/// The tenant of personal accounts, which `consumers` stands for.
const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// The `OpenID` configuration of a tenant, or of those that stand for any.
pub(super) fn configuration(emulator: &Emulator, call: &Call<'_>, version: Version) -> Answer {
    answered(emulator, call, |tenant, _| {
        let (named, issued_for) = names(tenant, call)?;
        Ok(match version {
            Version::V1 => configuration_1(call, named, issued_for),
            Version::V2 => configuration_2(call, named, issued_for),
        })
    })
}

/// The keys that tokens are signed with.
pub(super) fn keys(emulator: &Emulator, call: &Call<'_>, version: Version) -> Answer {
    answered(emulator, call, |tenant, _| {
        let (_, issued_for) = names(tenant, call)?;
        let mut jwk = key::jwk();
        if version == Version::V2 {
            jwk["cloud_instance_name"] = json!(cloud(call).name);
            jwk["issuer"] = json!(format!("{}/{issued_for}/v2.0", call.base));
        }
        Ok(json!({"keys": [jwk]}))
    })
}

/// Whether a library may trust the host that it was told to use, and where that host describes itself.
pub(super) fn instance(emulator: &Emulator, call: &Call<'_>) -> Answer {
    answered(emulator, call, |_, _| {
        let query: Vec<_> = url::form_urlencoded::parse(call.request.query.as_bytes()).collect();
        let field = |name: &str| query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_ref());
        let endpoint = field("authorization_endpoint").and_then(|endpoint| Url::parse(endpoint).ok());
        let tenant = endpoint.as_ref().and_then(|url| url.path_segments()?.find(|segment| !segment.is_empty()));
        let (Some(endpoint), Some(tenant)) = (&endpoint, tenant) else {
            return Err(Refusal::request(50_050, "Request is malformed."));
        };
        if !is_trusted(call, endpoint) {
            return Err(Refusal::bad("invalid_instance", 50_049, "Unknown or invalid instance."));
        }
        let version = if endpoint.path().contains("/v2.0/") { "v2.0/" } else { "" };
        let root = root(call, endpoint);
        let mut body = json!({
            "tenant_discovery_endpoint": format!("{root}/{tenant}/{version}.well-known/openid-configuration"),
        });
        // Version 1.0, which older libraries ask for, says nothing of aliases.
        if field("api-version") != Some("1.0") {
            body["api-version"] = json!("1.1");
            body["metadata"] = metadata(endpoint);
        }
        Ok(body)
    })
}

fn answered(
    emulator: &Emulator,
    call: &Call<'_>,
    work: impl FnOnce(&Tenant, Timestamp) -> Result<Value, Refusal>,
) -> Answer {
    if !["GET", "HEAD", "OPTIONS"].contains(&call.request.method.as_str()) {
        return Answer::empty(405).with("allow", "GET, OPTIONS");
    }
    emulator.with(|tenant, now| {
        let stamp = Stamp::new(call.request, None, tenant.seed(), now);
        let answer = match work(tenant, now) {
            Ok(body) => Answer::json(200, &body).with("cache-control", "max-age=86400, private"),
            Err(refusal) => {
                let body = stamp.body(&refusal, &tenant.knobs.identity);
                Answer::json(refusal.status, &body).with("cache-control", "no-store, no-cache")
            }
        };
        answer
            .with("access-control-allow-origin", "*")
            .with("access-control-allow-methods", "GET, OPTIONS")
            .with("x-content-type-options", "nosniff")
            .with("x-ms-request-id", &stamp.trace)
    })
}

/// How addresses name the tenant, and how issuers do: those that stand for any are described as well.
fn names<'a>(tenant: &'a Tenant, call: &'a Call<'_>) -> Result<(&'a str, &'a str), Refusal> {
    let named = call.tenant_name();
    for (shared, issued_for) in [("common", "{tenantid}"), ("organizations", "{tenantid}"), ("consumers", CONSUMERS)] {
        if named.eq_ignore_ascii_case(shared) {
            return Ok((shared, issued_for));
        }
    }
    grant::check_tenant(tenant, named)?;
    Ok((tenant.id(), tenant.id()))
}

fn cloud(call: &Call<'_>) -> &'static Cloud {
    Cloud::of_host(&call.request.host).unwrap_or(&CLOUDS[0])
}

fn configuration_2(call: &Call<'_>, named: &str, issued_for: &str) -> Value {
    let (base, cloud) = (&call.base, cloud(call));
    let at = |place: &str| format!("{base}/{named}/{place}");
    json!({
        "token_endpoint": at("oauth2/v2.0/token"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": at("discovery/v2.0/keys"),
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": format!("{base}/{issued_for}/v2.0"),
        "request_uri_parameter_supported": false,
        "userinfo_endpoint": format!("https://{}/oidc/userinfo", cloud.graph),
        "authorization_endpoint": at("oauth2/v2.0/authorize"),
        "device_authorization_endpoint": at("oauth2/v2.0/devicecode"),
        "http_logout_supported": true,
        "frontchannel_logout_supported": true,
        "end_session_endpoint": at("oauth2/v2.0/logout"),
        "claims_supported": [
            "sub", "iss", "cloud_instance_name", "cloud_instance_host_name", "cloud_graph_host_name", "msgraph_host",
            "aud", "exp", "iat", "auth_time", "acr", "nonce", "preferred_username", "name", "tid", "ver", "at_hash",
            "c_hash", "email",
        ],
        "kerberos_endpoint": at("kerberos"),
        "tenant_region_scope": region(issued_for),
        "cloud_instance_name": cloud.name,
        "cloud_graph_host_name": cloud.directory_graph,
        "msgraph_host": cloud.graph,
        "rbac_url": cloud.access_control,
    })
}

/// Tokens have the shape of version 1, so it is this document whose issuer they name.
fn configuration_1(call: &Call<'_>, named: &str, issued_for: &str) -> Value {
    let (base, cloud) = (&call.base, cloud(call));
    let at = |place: &str| format!("{base}/{named}/{place}");
    json!({
        "token_endpoint": at("oauth2/token"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": at("discovery/keys"),
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "token id_token", "token"],
        "scopes_supported": ["openid"],
        "issuer": format!("{}{issued_for}/", cloud.issuer),
        "microsoft_multi_refresh_token": true,
        "authorization_endpoint": at("oauth2/authorize"),
        "device_authorization_endpoint": at("oauth2/devicecode"),
        "http_logout_supported": true,
        "frontchannel_logout_supported": true,
        "end_session_endpoint": at("oauth2/logout"),
        "claims_supported": [
            "sub", "iss", "cloud_instance_name", "cloud_instance_host_name", "cloud_graph_host_name", "msgraph_host",
            "aud", "exp", "iat", "auth_time", "acr", "amr", "nonce", "email", "given_name", "family_name", "nickname",
        ],
        "check_session_iframe": at("oauth2/checksession"),
        "userinfo_endpoint": at("openid/userinfo"),
        "kerberos_endpoint": at("kerberos"),
        "tenant_region_scope": region(issued_for),
        "cloud_instance_name": cloud.name,
        "cloud_graph_host_name": cloud.directory_graph,
        "msgraph_host": cloud.graph,
        "rbac_url": cloud.access_control,
    })
}

/// The tenant's region; what stands for any tenant has none.
fn region(issued_for: &str) -> Option<&'static str> {
    (!issued_for.starts_with('{')).then_some("NA")
}

/// Scheme, host and port of an address. Older libraries leave the port out of what they ask for: it is the one that they
/// use.
fn root(call: &Call<'_>, endpoint: &Url) -> String {
    let host = endpoint.host_str().unwrap_or_default().trim_matches(['[', ']']);
    if endpoint.port().is_none() && host.eq_ignore_ascii_case(&call.request.host) {
        return call.base.clone();
    }
    endpoint.origin().ascii_serialization()
}

/// A host of the real service; the host that the client uses, or any address of this machine: a library asks the real
/// login host about them, and that may lead here.
fn is_trusted(call: &Call<'_>, endpoint: &Url) -> bool {
    let is_web = matches!(endpoint.scheme(), "https" | "http");
    let local = match endpoint.host() {
        Some(Host::Domain(host)) => {
            Cloud::of_host(host).is_some() || host.eq_ignore_ascii_case(&call.request.host) || is_local(host)
        }
        Some(Host::Ipv4(address)) => is_own(IpAddr::V4(address), call),
        Some(Host::Ipv6(address)) => is_own(IpAddr::V6(address), call),
        None => false,
    };
    is_web && local
}

fn is_local(host: &str) -> bool {
    host == "localhost" || host.ends_with(".localhost")
}

fn is_own(address: IpAddr, call: &Call<'_>) -> bool {
    address.is_loopback() || call.request.host.parse() == Ok(address)
}

/// The hosts that are names of the same, cloud by cloud, and the asked one where it is none of the real service.
fn metadata(endpoint: &Url) -> Value {
    let entry = |network: &str, cache: &str, aliases: Vec<&str>| json!({"preferred_network": network, "preferred_cache": cache, "aliases": aliases});
    let mut entries: Vec<_> =
        CLOUDS.iter().map(|cloud| entry(cloud.hosts[0], cloud.hosts[1], cloud.aliases().collect())).collect();
    let host = endpoint.host_str().unwrap_or_default();
    if Cloud::of_host(host).is_none() {
        let with_port = endpoint.port().map(|port| format!("{host}:{port}"));
        let aliases = [Some(host), with_port.as_deref()].into_iter().flatten().collect();
        let preferred = with_port.as_deref().unwrap_or(host);
        entries.push(entry(preferred, preferred, aliases));
    }
    Value::Array(entries)
}
