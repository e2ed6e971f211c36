//! For which service a token is asked for: a resource in version 1, a scope in version 2.

use crate::emulator::{
    faces::{
        Call,
        token::{AAD_GRAPH, Version, cloud::Cloud, form::Form, refusal::Refusal},
    },
    roles::Resource,
    tenant::Tenant,
};

/// Scopes that libraries add to every request; they name no service.
const OF_OPEN_ID: [&str; 4] = ["openid", "profile", "offline_access", "email"];

/// The audience of the token that is asked for, as the request names it.
pub(super) fn audience(tenant: &Tenant, call: &Call<'_>, version: Version, form: &Form) -> Result<String, Refusal> {
    let named = match version {
        Version::V1 => form.get("resource").map(str::to_owned),
        Version::V2 => Some(of_scope(tenant, form)?),
    };
    let Some(named) = named else { return Ok(AAD_GRAPH.to_owned()) };
    let resource = Resource::of_audience(&named).filter(|resource| tenant.knows(*resource));
    if resource.is_none() || is_of_another_cloud(call, &named) {
        return Err(unknown(tenant, &named));
    }
    Ok(named)
}

/// Version 2 asks for a scope: the resource, and everything that was consented to. A resource beside it must be the
/// same.
fn of_scope(tenant: &Tenant, form: &Form) -> Result<String, Refusal> {
    let scope = form.required("scope")?;
    let mut named = scope.split_whitespace().filter(|scope| !OF_OPEN_ID.contains(scope));
    let (Some(first), None) = (named.next(), named.next()) else {
        if named_twice(scope) {
            let text = format!(
                "Provided value for the input parameter scope is not valid because it contains more than one resource. \
                 Scope {scope} is not valid."
            );
            return Err(Refusal::bad("invalid_scope", 28_000, text));
        }
        return Err(invalid_scope(tenant, scope));
    };
    let at = first.len().saturating_sub(DEFAULT.len());
    let resource = match (first.get(..at), first.get(at..)) {
        (Some(resource), Some(end)) if !resource.is_empty() && end.eq_ignore_ascii_case(DEFAULT) => resource,
        _ => return Err(invalid_scope(tenant, scope)),
    };
    match form.get("resource") {
        Some(beside) if Resource::of_audience(beside) != Resource::of_audience(resource) => {
            let text = "The resource parameter provided in the request doesn't match with the requested scopes.";
            Err(Refusal::bad("invalid_target", 9_010_010, text))
        }
        _ => Ok(resource.to_owned()),
    }
}

const DEFAULT: &str = "/.default";

/// Whether a scope asks for everything of more than one service.
fn named_twice(scope: &str) -> bool {
    scope.split_whitespace().filter(|scope| scope.ends_with(DEFAULT)).count() > 1
}

fn invalid_scope(tenant: &Tenant, scope: &str) -> Refusal {
    let code = tenant.knobs.identity.scope_error;
    let text = match code {
        70_011 => {
            format!("The provided value for the input parameter 'scope' is not valid. The scope {scope} is not valid.")
        }
        28_002 => {
            format!(
                "Provided value for the input parameter scope '{scope}' is not valid when requesting an access token. \
                 Please specify a valid scope."
            )
        }
        _ => format!(
            "The provided value for scope {scope} is not valid. Client credential flows must have a scope value \
             with /.default suffixed to the resource identifier (application ID URI)."
        ),
    };
    Refusal::bad("invalid_scope", code, text)
}

fn is_of_another_cloud(call: &Call<'_>, named: &str) -> bool {
    let named = named.trim_end_matches('/').to_ascii_lowercase();
    Cloud::of_host(&call.request.host).is_some_and(|cloud| cloud.foreign.iter().any(|end| named.ends_with(end)))
}

fn unknown(tenant: &Tenant, resource: &str) -> Refusal {
    let id = tenant.id();
    let text = format!(
        "The resource principal named {resource} was not found in the tenant named {id}. This can happen if the \
         application has not been installed by the administrator of the tenant or consented to by any user in the \
         tenant. You might have sent your authentication request to the wrong tenant."
    );
    Refusal::bad("invalid_resource", 500_011, text)
}
