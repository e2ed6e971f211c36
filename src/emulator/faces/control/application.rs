//! The application's registration: its credentials, its roles, and what keeps it from getting tokens.

use serde_json::{Map, Value, json};

use crate::emulator::{
    answer::Answer,
    certificate,
    faces::control::{
        Ask, Route, Work,
        body::{self, bad},
    },
    jwt::PublicKey,
    roles::{PRINCIPALS, Resource},
    tenant::{
        application::SignIn,
        credentials::{AT_MOST, Federated},
    },
};

pub(super) static ROUTES: [Route; 8] = [
    Route {
        method: "PUT",
        path: "application",
        body: r#"{"signIn": "disabled"}"#,
        meaning: "how the application is kept from getting tokens: `open` for not at all, `disabled` (7000112), `blocked` \
                  by conditional access (53003)",
        work: Work::Checked(sign_in),
    },
    Route {
        method: "POST",
        path: "certificates",
        body: r#"{"pem": "-----BEGIN CERTIFICATE-----\n…"}"#,
        meaning: "registers a certificate that the application may sign assertions with; answers its thumbprints",
        work: Work::Checked(add_certificate),
    },
    Route {
        method: "DELETE",
        path: "certificates/{thumbprint}",
        body: "",
        meaning: "removes a certificate, named by its SHA-1 in hexadecimal digits",
        work: Work::Checked(remove_certificate),
    },
    Route {
        method: "POST",
        path: "federation",
        body: r#"{"issuer": "https://issuer.example", "subject": "repo:a/b:ref:refs/heads/main", "audience": "api://AzureADTokenExchange", "jwks": {"keys": []}}"#,
        meaning: "registers a federated credential: whose assertions are taken for the application's, and the keys of \
                  the issuer, as `jwks` or as a `pem`; the audience may be left out",
        work: Work::Checked(add_federated),
    },
    Route {
        method: "DELETE",
        path: "federation/{id}",
        body: "",
        meaning: "removes a federated credential",
        work: Work::Checked(remove_federated),
    },
    Route {
        method: "PUT",
        path: "roles",
        body: r#"{"resource": "WindowsDefenderATP", "roles": ["Alert.Read.All"]}"#,
        meaning: "grants the application exactly these roles of a service, named by name, address or application id; \
                  tokens issued from now on, or from roleLagSeconds later on, carry them",
        work: Work::Checked(grant),
    },
    Route {
        method: "PUT",
        path: "services",
        body: r#"{"resource": "WindowsDefenderATP", "present": false}"#,
        meaning: "removes the principal of a service from the directory, so that no tokens are issued for it (500011), \
                  or adds it again",
        work: Work::Checked(put_principal),
    },
    Route {
        method: "PUT",
        path: "licence",
        body: r#"{"active": false}"#,
        meaning: "lets the tenant's licence end, so that the services of today refuse its tokens, or renews it",
        work: Work::Checked(license),
    },
];

/// Longer names of services, roles, issuers and subjects are mistakes.
const NAME_AT_MOST: usize = 600;

/// Longer certificates and keys are mistakes.
const PEM_AT_MOST: usize = 32_768;

/// A service has a few dozen roles.
const ROLES_AT_MOST: usize = 200;

/// What external issuers are told to name (certificate-credentials, workload identity federation).
const AUDIENCE: &str = "api://AzureADTokenExchange";

fn sign_in(ask: &Ask<'_>) -> Result<Answer, Answer> {
    let members = body::object(ask.call, &["signIn"])?;
    let word = members.get("signIn").and_then(Value::as_str);
    let Some(sign_in) = SignIn::ALL.into_iter().find(|known| Some(known.as_str()) == word) else {
        return Err(bad("`signIn` must be open, disabled or blocked."));
    };
    ask.emulator.with(|tenant, _| tenant.application_mut().set_sign_in(sign_in));
    Ok(Answer::json(200, &json!({"signIn": sign_in.as_str()})))
}

fn add_certificate(ask: &Ask<'_>) -> Result<Answer, Answer> {
    let members = body::object(ask.call, &["pem"])?;
    let pem = body::text(&members, "pem", PEM_AT_MOST)?;
    let added = ask.emulator.with(|tenant, _| tenant.add_certificate(pem));
    added.map(|shown| Answer::json(201, &shown)).map_err(|problem| bad(format!("`pem`: {problem}.")))
}

fn remove_certificate(ask: &Ask<'_>) -> Result<Answer, Answer> {
    let remove = |name| ask.emulator.with(|tenant, _| tenant.application_mut().credentials.remove_certificate(name));
    if remove(ask.name()) {
        return Ok(Answer::empty(204));
    }
    Err(Answer::message(404, "The application has no certificate of this thumbprint."))
}

fn add_federated(ask: &Ask<'_>) -> Result<Answer, Answer> {
    let members = body::object(ask.call, &["issuer", "subject", "audience", "jwks", "pem"])?;
    let text = |name| body::text(&members, name, NAME_AT_MOST).map(str::to_owned);
    let audience = if members.contains_key("audience") { text("audience")? } else { AUDIENCE.to_owned() };
    let keys = keys(&members)?;
    let mut credential = Federated { id: 0, issuer: text("issuer")?, subject: text("subject")?, audience, keys };
    let id = ask.emulator.with(|tenant, _| tenant.application_mut().credentials.add_federated(credential.clone()));
    let Some(id) = id else {
        return Err(bad(format!("The application has {AT_MOST} federated credentials; take some away first.")));
    };
    credential.id = id;
    Ok(Answer::json(201, &credential.to_json()))
}

/// The keys of an issuer, each with its id.
fn keys(members: &Map<String, Value>) -> Result<Vec<(String, PublicKey)>, Answer> {
    let keys = match (members.get("jwks"), members.contains_key("pem")) {
        (None, true) => {
            certificate::key_of_pem(body::text(members, "pem", PEM_AT_MOST)?).map(|key| vec![(String::new(), key)])
        }
        (Some(jwks), false) => jwks.get("keys").and_then(Value::as_array).map(|keys| {
            let id = |jwk: &Value| jwk.get("kid").and_then(Value::as_str).unwrap_or_default().to_owned();
            keys.iter().take(AT_MOST).filter_map(|jwk| Some((id(jwk), PublicKey::of_jwk(jwk)?))).collect()
        }),
        _ => return Err(bad("Either `jwks` or `pem` must be given.")),
    };
    let keys = keys.filter(|keys| !keys.is_empty());
    keys.ok_or_else(|| bad("The issuer must have an RSA key of 2048 to 8192 bits, in `jwks` or as `pem`."))
}

fn remove_federated(ask: &Ask<'_>) -> Result<Answer, Answer> {
    let remove = |id| ask.emulator.with(|tenant, _| tenant.application_mut().credentials.remove_federated(id));
    if ask.name().parse().is_ok_and(remove) {
        return Ok(Answer::empty(204));
    }
    Err(Answer::message(404, "The application has no federated credential of this id."))
}

fn grant(ask: &Ask<'_>) -> Result<Answer, Answer> {
    let members = body::object(ask.call, &["resource", "roles"])?;
    let resource = resource(&members)?;
    let roles: Option<Vec<String>> = members.get("roles").and_then(Value::as_array).and_then(|roles| {
        let text = |role: &Value| role.as_str().filter(|role| role.len() <= NAME_AT_MOST).map(str::to_owned);
        (roles.len() <= ROLES_AT_MOST).then(|| roles.iter().map(text).collect())?
    });
    let Some(roles) = roles else { return Err(bad(format!("`roles` must be a list of up to {ROLES_AT_MOST} texts."))) };
    let answer = json!({"resource": resource.principal().name, "roles": roles});
    ask.emulator.with(|tenant, now| tenant.grant_roles(resource, roles, now));
    Ok(Answer::json(200, &answer))
}

fn put_principal(ask: &Ask<'_>) -> Result<Answer, Answer> {
    let members = body::object(ask.call, &["resource", "present"])?;
    let (resource, present) = (resource(&members)?, body::switch(&members, "present")?);
    ask.emulator.with(|tenant, _| tenant.put_principal(resource, present));
    Ok(Answer::json(200, &json!({"resource": resource.principal().name, "present": present})))
}

fn license(ask: &Ask<'_>) -> Result<Answer, Answer> {
    let active = body::switch(&body::object(ask.call, &["active"])?, "active")?;
    ask.emulator.with(|tenant, _| tenant.license(active));
    Ok(Answer::json(200, &json!({"active": active})))
}

/// The service that a request names.
fn resource(members: &Map<String, Value>) -> Result<Resource, Answer> {
    let name = body::text(members, "resource", NAME_AT_MOST)?;
    Resource::named(name).ok_or_else(|| {
        let known: Vec<_> = PRINCIPALS.iter().map(|principal| principal.name).collect();
        bad(format!("The directory knows no such service (known: {}).", known.join(", ")))
    })
}
