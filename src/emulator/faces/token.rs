//! The token endpoints, versions 1 and 2, for the application's client credentials.
//!
//! The bodies of success are documented; those of failure follow recorded answers of the real service, in its present
//! words. Whatever the tenant says of the threat intelligence API, the application stays registered: how the real
//! switch treats it is not documented.

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::emulator::{
    Emulator,
    answer::{Answer, Request},
    faces::Call,
    noise, propagation,
    tenant::{Tenant, application::SecretCheck},
    tokens,
};

/// The resources that the tenant knows, without a slash at the end.
const RESOURCES: [&str; 8] = [
    "https://graph.windows.net",
    "https://graph.microsoft.com",
    "https://api.securitycenter.microsoft.com",
    "https://api.securitycenter.windows.com",
    "https://api.security.microsoft.com",
    "https://securitycenter.onmicrosoft.com/windowsatpservice",
    "https://wdatpalertexport.seville.onmicrosoft.com",
    AAD_GRAPH,
];

/// The audience of a token that was asked for without a resource (recorded in 2017).
pub(super) const AAD_GRAPH: &str = "00000002-0000-0000-c000-000000000000";

/// A token counts as valid from five minutes before its issue (the documented sample's numbers).
const EARLIER: i64 = 300;

/// Why no token is issued.
struct Refusal {
    status: u16,
    error: &'static str,
    code: u32,
    text: String,
}

/// What a request for a token says.
struct Form(Vec<(String, String)>);

/// Answers a request for a token.
pub(super) fn answer(emulator: &Emulator, call: &Call<'_>) -> Answer {
    let version_2 = match call.rest.iter().map(|segment| segment.to_ascii_lowercase()).collect::<Vec<_>>().as_slice() {
        [_, oauth, token] if oauth == "oauth2" && token == "token" => false,
        [_, oauth, version, token] if oauth == "oauth2" && version == "v2.0" && token == "token" => true,
        _ => return Answer::empty(404),
    };
    emulator.with(|tenant, now| {
        let granted = grant(tenant, call, version_2, now);
        let (status, body) = match granted {
            Ok(body) => (200, body),
            Err(refusal) => (refusal.status, refusal_body(&refusal, tenant.seed(), now)),
        };
        Answer::json(status, &body).with("cache-control", "no-store, no-cache").with("pragma", "no-cache")
    })
}

fn grant(tenant: &Tenant, call: &Call<'_>, version_2: bool, now: Timestamp) -> Result<Value, Refusal> {
    let request = call.request;
    if !request.method.eq_ignore_ascii_case("POST") {
        let text = format!("The endpoint only accepts POST, OPTIONS requests. Received a {} request.", request.method);
        return Err(bad(900_561, text));
    }
    check_tenant(tenant, call.rest.first().map_or("", String::as_str))?;
    let form = Form::read(request);
    match form.required("grant_type")?.as_str() {
        "client_credentials" => {}
        other => {
            let text = format!("The app requested an unsupported grant type '{other}'.");
            return Err(Refusal { status: 400, error: "unsupported_grant_type", code: 70_003, text });
        }
    }
    check_client(tenant, &form, now)?;
    let resource = if version_2 { resource_of_scope(&form)? } else { form.get("resource").map(str::to_owned) };
    let audience = match &resource {
        None => AAD_GRAPH,
        Some(resource) => known_resource(tenant, resource)?,
    };
    let lifetime = i64::try_from(tenant.knobs.token_lifetime.as_secs()).unwrap_or(i64::MAX);
    let expires = propagation::after(now, tenant.knobs.token_lifetime).as_second();
    let not_before = now.as_second() - EARLIER;
    let token = tokens::issue(tenant, tokens::Grant { audience, not_before, expires });
    let lasts = (lifetime - 1).max(0);
    if version_2 {
        return Ok(
            json!({"token_type": "Bearer", "expires_in": lasts, "ext_expires_in": lasts, "access_token": token}),
        );
    }
    Ok(json!({
        "token_type": "Bearer", "expires_in": lasts.to_string(), "ext_expires_in": "0",
        "expires_on": expires.to_string(), "not_before": not_before.to_string(),
        "resource": resource.as_deref().unwrap_or(AAD_GRAPH), "access_token": token,
    }))
}

fn check_tenant(tenant: &Tenant, named: &str) -> Result<(), Refusal> {
    let named = named.trim();
    if named.eq_ignore_ascii_case(tenant.id()) {
        return Ok(());
    }
    let domain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    let is_guid = named.len() == 36 && named.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    if named.is_empty() || !named.chars().all(domain) || !(is_guid || named.contains('.')) {
        let text =
            format!("Specified tenant identifier '{named}' is neither a valid DNS name, nor a valid external domain.");
        return Err(bad(900_023, text));
    }
    let text = format!(
        "Tenant '{named}' not found. Check to make sure you have the correct tenant ID and are signing into the correct \
         cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for \
         the tenant."
    );
    Err(Refusal { status: 400, error: "invalid_tenant", code: 90_002, text })
}

fn check_client(tenant: &Tenant, form: &Form, now: Timestamp) -> Result<(), Refusal> {
    let client_id = form.required("client_id")?;
    let (known, id) = (tenant.application().client_id(), tenant.id());
    if !client_id.eq_ignore_ascii_case(known) {
        let text = format!(
            "Application with identifier '{client_id}' was not found in the directory '{id}'. This can happen if the \
             application has not been installed by the administrator of the tenant or consented to by any user in the \
             tenant. You may have sent your authentication request to the wrong tenant."
        );
        return Err(Refusal { status: 400, error: "unauthorized_client", code: 700_016, text });
    }
    let unauthorized = |code, text| Refusal { status: 401, error: "invalid_client", code, text };
    let Some(secret) = form.get("client_secret") else {
        if form.get("client_assertion").is_some() {
            let text = "The certificate with identifier used to sign the client assertion is not registered on \
                        application.";
            return Err(unauthorized(700_027, text.to_owned()));
        }
        let text = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
        return Err(unauthorized(7_000_218, text.to_owned()));
    };
    match tenant.application().check_secret(secret, now) {
        SecretCheck::Right => Ok(()),
        SecretCheck::Expired => Err(unauthorized(
            7_000_222,
            format!(
                "The provided client secret keys for app '{known}' are expired. Visit the Azure portal to create new \
                 keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added \
                 security: https://aka.ms/certCreds."
            ),
        )),
        SecretCheck::Wrong => Err(unauthorized(
            7_000_215,
            format!(
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret \
                 value, not the client secret ID, for a secret added to app '{known}'."
            ),
        )),
    }
}

/// Version 2 asks for a scope: the resource, and everything that was consented to.
fn resource_of_scope(form: &Form) -> Result<Option<String>, Refusal> {
    let scope = form.required("scope")?;
    match scope.strip_suffix("/.default") {
        Some(resource) if !resource.contains(char::is_whitespace) => Ok(Some(resource.to_owned())),
        _ => {
            let text = format!(
                "The provided value for scope {scope} is not valid. Client credential flows must have a scope value \
                 with /.default suffixed to the resource identifier (application ID URI)."
            );
            Err(Refusal { status: 400, error: "invalid_scope", code: 1_002_012, text })
        }
    }
}

fn known_resource(tenant: &Tenant, resource: &str) -> Result<&'static str, Refusal> {
    let bare = resource.trim_end_matches('/');
    RESOURCES.iter().copied().find(|known| known.eq_ignore_ascii_case(bare)).ok_or_else(|| {
        let id = tenant.id();
        let text = format!(
            "The resource principal named {resource} was not found in the tenant named {id}. This can happen if the \
             application has not been installed by the administrator of the tenant or consented to by any user in the \
             tenant. You might have sent your authentication request to the wrong tenant."
        );
        Refusal { status: 400, error: "invalid_resource", code: 500_011, text }
    })
}

fn bad(code: u32, text: String) -> Refusal {
    Refusal { status: 400, error: "invalid_request", code, text }
}

fn refusal_body(refusal: &Refusal, seed: u64, now: Timestamp) -> Value {
    let (Refusal { code, text, error, .. }, moment) = (refusal, now.to_string());
    let trace = noise::guid(seed, &["trace", &moment, text]);
    let correlation = noise::guid(seed, &["correlation", &moment, text]);
    let timestamp = now.strftime("%Y-%m-%d %H:%M:%SZ").to_string();
    let description =
        format!("AADSTS{code}: {text} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {timestamp}");
    json!({
        "error": error, "error_description": description, "error_codes": [code], "timestamp": timestamp,
        "trace_id": trace, "correlation_id": correlation,
        "error_uri": format!("https://login.microsoftonline.com/error?code={code}"),
    })
}

impl Form {
    /// The body's fields, whatever the request says of its media type, with the login of a Basic header where the body
    /// has none.
    fn read(request: &Request) -> Self {
        let pairs = url::form_urlencoded::parse(&request.body);
        let mut fields: Vec<_> =
            pairs.map(|(name, value)| (name.trim().to_ascii_lowercase(), value.into_owned())).collect();
        if let Some((user, password)) = request.header("authorization").and_then(basic) {
            fields.push(("client_id".to_owned(), user));
            fields.push(("client_secret".to_owned(), password));
        }
        Self(fields)
    }

    /// The field of this name, without blanks around it; none where it is empty.
    fn get(&self, name: &str) -> Option<&str> {
        let values = self.0.iter().filter(|(known, _)| known == name).map(|(_, value)| value.trim());
        values.into_iter().find(|value| !value.is_empty())
    }

    fn required(&self, name: &str) -> Result<String, Refusal> {
        self.get(name)
            .map(str::to_owned)
            .ok_or_else(|| bad(900_144, format!("The request body must contain the following parameter: '{name}'.")))
    }
}

/// User and password of a Basic header. They should be form-encoded, but Base64 of a secret with a plus sign rarely is.
fn basic(authorization: &str) -> Option<(String, String)> {
    let (scheme, rest) = authorization.trim().split_once(char::is_whitespace)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let login = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
    let (user, password) = login.split_once(':')?;
    let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    Some((decoded(user), decoded(password)))
}
