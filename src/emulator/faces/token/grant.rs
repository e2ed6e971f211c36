//! A request for a token, from the first check to the last.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::emulator::{
    Emulator,
    answer::Answer,
    faces::{
        Call,
        token::{
            Version, client,
            cloud::{CLOUDS, Cloud},
            form::Form,
            refusal::{Refusal, Stamp, is_guid},
            target,
        },
    },
    tenant::{
        Tenant,
        application::{APPLICATION_NAME, SignIn},
    },
    tokens::{self, Grant, Issued},
};

/// Names of the path that stand for no tenant in particular.
const SHARED: [&str; 3] = ["common", "consumers", "organizations"];

/// Answers a request for a token.
pub(super) fn answer(emulator: &Emulator, call: &Call<'_>, version: Version) -> Answer {
    if call.request.method.eq_ignore_ascii_case("OPTIONS") {
        return Answer::empty(200).with("allow", "POST, OPTIONS");
    }
    emulator.with(|tenant, now| {
        let form = Form::read(call.request);
        let stamp = Stamp::new(call.request, form.get("client-request-id"), tenant.seed(), now);
        let (status, body, retry_after) = match grant(tenant, call, version, &form, now) {
            Ok(body) => (200, body, None),
            Err(refusal) => (refusal.status, stamp.body(&refusal, &tenant.knobs.identity), refusal.retry_after),
        };
        let mut answer = Answer::json(status, &body)
            .with("cache-control", "no-store, no-cache")
            .with("pragma", "no-cache")
            .with("expires", "-1")
            .with("x-content-type-options", "nosniff")
            .with("x-ms-request-id", &stamp.trace);
        if call.request.header("return-client-request-id").is_some_and(|asked| asked.eq_ignore_ascii_case("true")) {
            answer = answer.with("client-request-id", &stamp.correlation);
        }
        match retry_after {
            Some(seconds) => answer.with("retry-after", seconds.to_string()),
            None => answer,
        }
    })
}

fn grant(
    tenant: &mut Tenant,
    call: &Call<'_>,
    version: Version,
    form: &Form,
    now: Timestamp,
) -> Result<Value, Refusal> {
    check_method(call)?;
    check_tenant(tenant, call.tenant_name())?;
    form.check_single()?;
    check_grant(form)?;
    let proof = client::check(tenant, call, form, now)?;
    let audience = target::audience(tenant, call, version, form)?;
    if tenant.application().sign_in() == SignIn::Blocked {
        return Err(Refusal::policy(tenant.seed()));
    }
    if !tenant.count_request(&audience, now) {
        return Err(Refusal::repeated());
    }
    let cloud = Cloud::of_host(&call.request.host).unwrap_or(&CLOUDS[0]);
    let issued = tokens::issue(tenant, Grant { audience: &audience, issuer: cloud.issuer, proof }, now);
    Ok(granted(version, &issued, &audience))
}

fn granted(version: Version, issued: &Issued, audience: &str) -> Value {
    let Issued { token, not_before, expires, lasts } = issued;
    match version {
        Version::V1 => json!({
            "token_type": "Bearer", "expires_in": lasts.to_string(), "ext_expires_in": "0",
            "expires_on": expires.to_string(), "not_before": not_before.to_string(), "resource": audience,
            "access_token": token,
        }),
        Version::V2 => {
            json!({"token_type": "Bearer", "expires_in": lasts, "ext_expires_in": lasts, "access_token": token})
        }
    }
}

/// A POST; or a GET with a body, which some clients send.
fn check_method(call: &Call<'_>) -> Result<(), Refusal> {
    let method = &call.request.method;
    let is_get_with_a_form = method.eq_ignore_ascii_case("GET") && !call.request.body.is_empty();
    if method.eq_ignore_ascii_case("POST") || is_get_with_a_form {
        return Ok(());
    }
    let text = format!("The endpoint only accepts POST, OPTIONS requests. Received a {method} request.");
    Err(Refusal::request(900_561, text))
}

/// Checks that the path names this tenant.
pub(super) fn check_tenant(tenant: &Tenant, named: &str) -> Result<(), Refusal> {
    if named.eq_ignore_ascii_case(tenant.id()) {
        return Ok(());
    }
    if SHARED.iter().any(|shared| shared.eq_ignore_ascii_case(named)) {
        return Err(shared(tenant, named));
    }
    let domain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    if named.is_empty() || !named.chars().all(domain) || !(is_guid(named) || named.contains('.')) {
        let text =
            format!("Specified tenant identifier '{named}' is neither a valid DNS name, nor a valid external domain.");
        return Err(Refusal::request(900_023, text));
    }
    let text = format!(
        "Tenant '{named}' not found. Check to make sure you have the correct tenant ID and are signing into the correct \
         cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for \
         the tenant."
    );
    Err(Refusal::bad("invalid_tenant", 90_002, text))
}

/// Why nobody gets a token for an application alone from a tenant that is none.
fn shared(tenant: &Tenant, named: &str) -> Refusal {
    let usual = if named.eq_ignore_ascii_case("organizations") { 50_194 } else { 9_001_023 };
    let code = tenant.knobs.identity.shared_tenant_error.unwrap_or(usual);
    let id = tenant.application().client_id();
    let text = match code {
        50_194 => format!(
            "Application '{id}'({APPLICATION_NAME}) is not configured as a multi-tenant application. Usage of the \
             /common endpoint is not supported for such apps created after '10/15/2018'. Use a tenant-specific endpoint \
             or configure the application to be multi-tenant."
        ),
        90_130 => format!(
            "Application '{id}'({APPLICATION_NAME}) is not supported over the /common or /consumers endpoints. Please \
             use the /organizations or tenant-specific endpoint."
        ),
        _ => "The grant type is not supported over the /common or /consumers endpoints. Please use the /organizations \
              or tenant-specific endpoint."
            .to_owned(),
    };
    Refusal::request(code, text)
}

fn check_grant(form: &Form) -> Result<(), Refusal> {
    match form.required("grant_type")? {
        "client_credentials" => Ok(()),
        other => {
            let text = format!("The app requested an unsupported grant type '{other}'.");
            Err(Refusal::bad("unsupported_grant_type", 70_003, text))
        }
    }
}
