//! Assertions in place of a secret: signed with a certificate of the application's, or by an issuer that it trusts.
//!
//! Which of the two is meant is told by the assertion's issuer: the application itself, or an address. Order and words
//! of the refusals follow recordings (defender-endpoint-api §1.4); those of a signature that does not fit a federated
//! credential are not recorded.

use jiff::Timestamp;

use crate::emulator::{
    certificate::Certificate,
    faces::{
        Call,
        token::{cloud::Cloud, refusal::Refusal},
    },
    jwt::{Compact, decoded},
    noise,
    tenant::{Tenant, application::APPLICATION_NAME, credentials::Federated},
};

/// Clocks may differ by this many seconds.
const SKEW: i64 = 300;

const ABOUT_CERTIFICATES: &str = "Review the documentation at \
    https://docs.microsoft.com/azure/active-directory/develop/active-directory-certificate-credentials .";

/// Checks an assertion.
pub(super) fn check(tenant: &mut Tenant, call: &Call<'_>, token: &str, now: Timestamp) -> Result<(), Refusal> {
    let Some(token) = Compact::read(token) else { return Err(malformed()) };
    if token.text("iss").eq_ignore_ascii_case(tenant.application().client_id()) {
        check_own(tenant, call, &token, now)?;
    } else {
        check_federated(tenant, &token, now)?;
    }
    let is_new = tenant.application_mut().credentials.note_assertion(token.text("jti"));
    if is_new || tenant.knobs.identity.repeated_assertions { Ok(()) } else { Err(malformed()) }
}

fn malformed() -> Refusal {
    Refusal::request(50_027, "JWT token is invalid or malformed.")
}

/// An assertion that the application signed with a certificate of its own.
fn check_own(tenant: &Tenant, call: &Call<'_>, token: &Compact<'_>, now: Timestamp) -> Result<(), Refusal> {
    if !token.text("sub").eq_ignore_ascii_case(token.text("iss")) {
        return Err(Refusal::client(50_048, "Subject mismatches Issuer claim in the client assertion."));
    }
    check_algorithm(token)?;
    let certificate = find_certificate(tenant, token)?;
    let unfit = |reason: &str| {
        let time = |moment: Timestamp| moment.strftime("%m/%d/%Y %H:%M:%S").to_string();
        let (start, end) = (time(certificate.not_before), time(certificate.not_after));
        let found = format!("Found key 'Start={start}, End={end}', ");
        invalid_signature(tenant, reason, Some(&certificate.thumbprint()), &found)
    };
    if now < certificate.not_before || certificate.not_after <= now {
        return Err(unfit("The key used is expired."));
    }
    if !token.is_signed_by(&certificate.key) {
        return Err(unfit("The provided signature value did not match the expected signature value."));
    }
    if !audiences(token).any(|audience| is_own_address(tenant, call, audience)) {
        let text = format!("Client assertion audience claim does not match Realm issuer. {ABOUT_CERTIFICATES}");
        return Err(Refusal::client(700_023, text));
    }
    check_validity(token, now)
}

fn check_algorithm(token: &Compact<'_>) -> Result<(), Refusal> {
    if token.has_known_algorithm() {
        return Ok(());
    }
    let text = format!(
        "Invalid JWT token. '{}' is not a supported signature algorithm. Supported signing algorithms are: \
         'RS256, RS384, RS512, PS256, PS384, PS512'",
        token.header("alg")
    );
    Err(Refusal::request(5_002_738, text))
}

/// The certificate whose thumbprint the header names: in `x5t#S256`, `x5t`, or in hexadecimal digits as `kid`.
fn find_certificate<'a>(tenant: &'a Tenant, token: &Compact<'_>) -> Result<&'a Certificate, Refusal> {
    let certificates = &tenant.application().credentials.certificates;
    let (sha256, sha1) = (decoded(token.header("x5t#S256")), decoded(token.header("x5t")));
    let is_named = |certificate: &&Certificate| match (&sha256, &sha1) {
        (Some(sha256), _) if !sha256.is_empty() => *sha256 == certificate.sha256,
        (_, Some(sha1)) if !sha1.is_empty() => *sha1 == certificate.sha1,
        _ => certificate.thumbprint().eq_ignore_ascii_case(token.header("kid")),
    };
    certificates.iter().find(is_named).ok_or_else(|| {
        let named = [sha256, sha1].into_iter().flatten().find(|thumbprint| !thumbprint.is_empty());
        let named = named.map(|thumbprint| noise::hex(&thumbprint).to_uppercase());
        invalid_signature(tenant, "The key was not found.", named.as_deref(), "")
    })
}

fn invalid_signature(tenant: &Tenant, reason: &str, thumbprint: Option<&str>, found: &str) -> Refusal {
    let id = tenant.application().client_id();
    let used = thumbprint.map(|thumbprint| format!("Thumbprint of key used by client: '{thumbprint}', "));
    let text = format!(
        "Client assertion contains an invalid signature. [Reason - {reason}, {}{found}Please visit the Azure Portal, Graph \
         Explorer or directly use MS Graph to see configured keys for app Id '{id}'. Review the documentation at \
         https://docs.microsoft.com/en-us/graph/deployments to determine the corresponding service endpoint and \
         https://docs.microsoft.com/en-us/graph/api/application-get?view=graph-rest-1.0&tabs=http to build a query request \
         URL, such as 'https://graph.microsoft.com/beta/applications/{id}'].",
        used.unwrap_or_default()
    );
    Refusal::client(700_027, text)
}

/// The audiences of an assertion: one text, or a list of them.
fn audiences<'a>(token: &'a Compact<'_>) -> impl Iterator<Item = &'a str> {
    let audience = token.claims.get("aud");
    let listed = audience.and_then(serde_json::Value::as_array).into_iter().flatten();
    listed.chain(audience).filter_map(serde_json::Value::as_str)
}

/// Whether an audience is a token endpoint or issuer of this tenant: under a real login host, under the host that the
/// client uses, or under the emulator's.
fn is_own_address(tenant: &Tenant, call: &Call<'_>, audience: &str) -> bool {
    let Ok(address) = url::Url::parse(audience) else { return false };
    let host = address.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let is_known = Cloud::of_host(host).is_some() || host.eq_ignore_ascii_case(&call.request.host);
    let path = address.path().trim_matches('/').to_ascii_lowercase();
    let Some(below) = path.strip_prefix(&tenant.id().to_ascii_lowercase()) else { return false };
    is_known && ["", "/v2", "/v2.0", "/oauth2/token", "/oauth2/v2.0/token"].contains(&below)
}

/// An assertion of an issuer that a federated credential of the application trusts.
fn check_federated(tenant: &Tenant, token: &Compact<'_>, now: Timestamp) -> Result<(), Refusal> {
    let federated = &tenant.application().credentials.federated;
    let id = tenant.application().client_id();
    if federated.is_empty() {
        if token.text("iss").contains("://") {
            let text =
                format!("The client '{id}'({APPLICATION_NAME}) has no configured federated identity credentials.");
            return Err(Refusal::client(70_025, text));
        }
        let text = format!(
            "Client assertion application identifier doesn't match 'client_id' parameter. {ABOUT_CERTIFICATES}"
        );
        return Err(Refusal::client(700_021, text));
    }
    let credential = matching(tenant, federated, token)?;
    check_algorithm(token)?;
    if !credential.keys_for(token.header("kid")).any(|key| token.is_signed_by(key)) {
        let text = "Assertion failed signature validation. [Reason - The provided signature value did not match the \
                    expected signature value.]";
        return Err(Refusal::client(50_013, text));
    }
    check_validity(token, now)
}

fn matching<'a>(tenant: &Tenant, federated: &'a [Federated], token: &Compact<'_>) -> Result<&'a Federated, Refusal> {
    let (issuer, subject) = (token.text("iss"), token.text("sub"));
    let audience = audiences(token).next().unwrap_or_default();
    let of_issuer = || federated.iter().filter(|credential| credential.issuer == issuer);
    let of_audience = || of_issuer().filter(|credential| audiences(token).any(|given| given == credential.audience));
    if let Some(credential) = of_audience().find(|credential| credential.subject == subject) {
        return Ok(credential);
    }
    if tenant.knobs.identity.one_federated_error {
        let text = format!(
            "No matching federated identity record found for presented assertion. Assertion Issuer: '{issuer}'. Assertion \
             Subject: '{subject}'. Assertion Audience: '{audience}'. \
             https://docs.microsoft.com/en-us/azure/active-directory/develop/workload-identity-federation"
        );
        return Err(Refusal::client(70_021, text));
    }
    let (code, what) = match (of_issuer().next(), of_audience().next()) {
        (None, _) => (700_211, format!("issuer '{issuer}'")),
        (_, None) => (700_212, format!("audience '{audience}'")),
        _ => (700_213, format!("subject '{subject}'")),
    };
    let text = format!(
        "No matching federated identity record found for presented assertion {what}. Please check your federated identity \
         credential Subject, Audience and Issuer against the presented assertion. \
         https://learn.microsoft.com/entra/workload-id/workload-identity-federation"
    );
    Err(Refusal::client(code, text))
}

fn check_validity(token: &Compact<'_>, now: Timestamp) -> Result<(), Refusal> {
    let Some(until) = token.moment("exp") else { return Err(malformed()) };
    let from = token.moment("nbf").or_else(|| token.moment("iat")).unwrap_or(i64::MIN);
    let second = now.as_second();
    if from <= second.saturating_add(SKEW) && second < until.saturating_add(SKEW) {
        return Ok(());
    }
    let written = |second: i64| {
        let moment = Timestamp::from_second(second).unwrap_or(if second < 0 { Timestamp::MIN } else { Timestamp::MAX });
        moment.strftime("%Y-%m-%dT%H:%M:%S.0000000Z").to_string()
    };
    let text = format!(
        "Client assertion is not within its valid time range. Current time: {}, assertion valid from {}, expiry time of \
         assertion {}. {ABOUT_CERTIFICATES}",
        now.strftime("%Y-%m-%dT%H:%M:%S%.7fZ"),
        written(from),
        written(until)
    );
    Err(Refusal::client(700_024, text))
}
