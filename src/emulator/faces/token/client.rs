//! Who asks for a token: the application, by its secret or an assertion.

use jiff::Timestamp;

use crate::emulator::{
    faces::{
        Call,
        token::{assertion, form::Form, refusal::Refusal},
    },
    tenant::{
        Tenant,
        application::{APPLICATION_NAME, SecretCheck, SignIn},
    },
    tokens::Proof,
};

/// The only type of assertion that there is for clients (RFC 7523 §2.2).
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Checks that the tenant's application asks, and returns how it showed that.
pub(super) fn check(tenant: &mut Tenant, call: &Call<'_>, form: &Form, now: Timestamp) -> Result<Proof, Refusal> {
    let client_id = form.required("client_id")?;
    let (known, id) = (tenant.application().client_id(), tenant.id());
    if !client_id.eq_ignore_ascii_case(known) {
        let text = format!(
            "Application with identifier '{client_id}' was not found in the directory '{id}'. This can happen if the \
             application has not been installed by the administrator of the tenant or consented to by any user in the \
             tenant. You may have sent your authentication request to the wrong tenant."
        );
        return Err(Refusal::unauthorized(700_016, text));
    }
    if tenant.application().sign_in() == SignIn::Disabled {
        let text = format!("Application '{known}'({APPLICATION_NAME}) is disabled.");
        return Err(Refusal::unauthorized(7_000_112, text));
    }
    match (form.get("client_assertion"), form.get("client_secret")) {
        (Some(token), _) if is_jwt_bearer(form)? => {
            assertion::check(tenant, call, token, now)?;
            Ok(Proof::Assertion)
        }
        (_, Some(secret)) => check_secret(tenant, secret, now).map(|()| Proof::Secret),
        (_, None) => {
            let text = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
            Err(Refusal::client(7_000_218, text))
        }
    }
}

fn is_jwt_bearer(form: &Form) -> Result<bool, Refusal> {
    form.required("client_assertion_type").map(|kind| kind == JWT_BEARER)
}

fn check_secret(tenant: &Tenant, secret: &str, now: Timestamp) -> Result<(), Refusal> {
    let id = tenant.application().client_id();
    match tenant.application().check_secret(secret, now) {
        SecretCheck::Right => Ok(()),
        SecretCheck::Expired => Err(Refusal::client(
            7_000_222,
            format!(
                "The provided client secret keys for app '{id}' are expired. Visit the Azure portal to create new \
                 keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added \
                 security: https://aka.ms/certCreds."
            ),
        )),
        SecretCheck::Wrong => Err(Refusal::client(
            7_000_215,
            format!(
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret \
                 value, not the client secret ID, for a secret added to app '{id}'."
            ),
        )),
    }
}
