//! Access tokens: signed here, and known again here, without anything being kept.
//!
//! They have the shape and the claims of the real ones, and anybody can check their signature with the key that the
//! emulated identity platform serves.

pub(super) mod key;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::emulator::{
    jwt::{Compact, encoded},
    noise, propagation,
    roles::{Resource, SHARED_NAME},
    tenant::Tenant,
};

/// What a token is issued for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grant<'a> {
    /// Whom it is to be shown to.
    pub(super) audience: &'a str,
    /// Who issues it: a cloud's own name, and a slash at its end.
    pub(super) issuer: &'a str,
    /// How the application showed who it is.
    pub(super) proof: Proof,
}

/// Who issues tokens in the cloud that most tenants are in.
pub(super) const ISSUER: &str = "https://sts.windows.net/";

/// A token, and what the answer says of it.
#[derive(Debug, Clone)]
pub(super) struct Issued {
    pub(super) token: String,
    /// From when on it is valid, in seconds since 1970.
    pub(super) not_before: i64,
    /// Until when it is valid, in seconds since 1970.
    pub(super) expires: i64,
    /// For how many seconds it is said to last: one less than it does.
    pub(super) lasts: i64,
}

/// A token counts as valid from five minutes before its issue (the documented sample's numbers).
const EARLIER: i64 = 300;

/// How an application shows who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    /// By its secret.
    Secret,
    /// By an assertion that a key of its own, or one that it trusts, signed.
    Assertion,
}

/// Issues a token to the tenant's application, with the roles that are in effect at `now`.
pub(super) fn issue(tenant: &Tenant, grant: Grant<'_>, now: Timestamp) -> Issued {
    let lifetime = tenant.knobs.token_lifetime;
    let expires = propagation::after(now, lifetime).as_second();
    let not_before = now.as_second() - EARLIER;
    let claims = claims(tenant, grant, now, (not_before, expires));
    let header = json!({"typ": "JWT", "alg": "RS256", "x5t": key::id(), "kid": key::id()});
    let signed = format!("{}.{}", encoded(header.to_string()), encoded(claims.to_string()));
    let signature = encoded(key::sign(&signed));
    let lasts = i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX).saturating_sub(1).max(0);
    Issued { token: format!("{signed}.{signature}"), not_before, expires, lasts }
}

fn claims(tenant: &Tenant, grant: Grant<'_>, now: Timestamp, (not_before, expires): (i64, i64)) -> Value {
    let (seed, id) = (tenant.seed(), tenant.id());
    let principal = noise::guid(seed, &["principal"]);
    let issuer = format!("{}{id}/", grant.issuer);
    let drawn = |name: &str, bytes: usize| {
        let seeds = noise::bytes(seed, &["token", name, grant.audience, &expires.to_string()]);
        encoded(&seeds[..bytes])
    };
    let mut claims = json!({
        "aud": grant.audience, "iss": issuer, "iat": not_before, "nbf": not_before, "exp": expires,
        "aio": format!("k2Bg{}A=", drawn("aio", 24)), "appid": tenant.application().client_id(),
        "appidacr": match grant.proof { Proof::Secret => "1", Proof::Assertion => "2" },
        "idp": issuer, "idtyp": "app", "oid": principal, "rh": format!("1.A{}.", drawn("rh", 32)),
    });
    let roles = roles(tenant, grant.audience, now);
    if !roles.is_empty() {
        claims["roles"] = json!(roles);
    }
    for (name, value) in [
        ("sub", principal.as_str()),
        ("tenant_region_scope", "NA"),
        ("tid", id),
        ("uti", &drawn("uti", 16)),
        ("ver", "1.0"),
    ] {
        claims[name] = json!(value);
    }
    claims
}

/// What was granted to the application on whatever goes by this name.
fn roles<'a>(tenant: &'a Tenant, audience: &str, now: Timestamp) -> Vec<&'a String> {
    let Some(resource) = Resource::of_audience(audience) else { return Vec::new() };
    let other = is_same(audience, SHARED_NAME).then_some(Resource::ThreatProtection);
    [Some(resource), other].into_iter().flatten().flat_map(|resource| tenant.roles(resource, now)).collect()
}

/// Whether two audiences are one: slashes at the end and letter case do not count.
fn is_same(one: &str, other: &str) -> bool {
    one.trim_end_matches('/').eq_ignore_ascii_case(other.trim_end_matches('/'))
}

/// What a token that was shown says, once it is known to be good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bearer {
    /// Whom it was issued for, as its `aud` says it.
    pub(super) audience: String,
    /// The service that has that name, if the directory knows one.
    pub(super) resource: Option<Resource>,
    /// What was granted to the application; empty for a token without roles.
    pub(super) roles: Vec<String>,
    /// The application that it was issued to.
    pub(super) app_id: String,
}

/// Why a token that was shown is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unauthorised {
    /// There is no `Authorization` header, or nothing in it.
    Missing,
    /// The header is no `Bearer` followed by a token of three parts.
    Malformed,
    /// The tenant did not sign it.
    Forged,
    /// It was valid until now or earlier.
    Expired,
    /// It is not valid yet.
    NotYet,
    /// It was signed for another tenant.
    OtherTenant,
}

impl Bearer {
    /// Whether it was issued for one of `audiences`, which are compared without slashes at the end, in any letter case.
    pub(super) fn is_for(&self, audiences: &[&str]) -> bool {
        audiences.iter().any(|known| is_same(known, &self.audience))
    }
}

/// Reads the value of an `Authorization` header as a token of this tenant, valid at `now`.
pub(super) fn bearer(tenant: &Tenant, authorization: Option<&str>, now: Timestamp) -> Result<Bearer, Unauthorised> {
    let authorization = authorization.map(str::trim).filter(|header| !header.is_empty());
    let token = shown(authorization.ok_or(Unauthorised::Missing)?).ok_or(Unauthorised::Malformed)?;
    let token = Compact::read(token).ok_or(Unauthorised::Malformed)?;
    if token.header("alg") != "RS256" || !token.is_signed_by(key::public()) {
        return Err(Unauthorised::Forged);
    }
    if token.text("tid") != tenant.id() {
        return Err(Unauthorised::OtherTenant);
    }
    if token.moment("nbf").is_none_or(|from| now.as_second() < from) {
        return Err(Unauthorised::NotYet);
    }
    if token.moment("exp").is_none_or(|until| until <= now.as_second()) {
        return Err(Unauthorised::Expired);
    }
    let roles = token.claims.get("roles").and_then(Value::as_array).into_iter().flatten();
    let roles = roles.filter_map(Value::as_str).map(str::to_owned).collect();
    let (audience, app_id) = (token.text("aud").to_owned(), token.text("appid").to_owned());
    Ok(Bearer { resource: Resource::of_audience(&audience), audience, roles, app_id })
}

/// Whether the value of an `Authorization` header is a token of this tenant, valid at `now`, for one of `audiences`
/// (which are compared without a slash at the end, in any letter case).
pub(super) fn admits(tenant: &Tenant, authorization: Option<&str>, audiences: &[&str], now: Timestamp) -> bool {
    bearer(tenant, authorization, now).is_ok_and(|bearer| bearer.is_for(audiences))
}

/// The token of `Bearer <token>`, in whatever letter case and with whatever blanks; it has three parts.
fn shown(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.split_once(char::is_whitespace)?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && token.split('.').count() == 3).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::knobs::Knobs;

    const GRAPH: &str = "https://graph.windows.net";

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).expect("a moment")
    }

    fn issued(tenant: &Tenant, audience: &str) -> String {
        issue(tenant, Grant { audience, issuer: ISSUER, proof: Proof::Secret }, at(1300)).token
    }

    fn token(tenant: &Tenant) -> String {
        issued(tenant, "https://graph.windows.net/")
    }

    #[test]
    fn a_token_is_good_from_its_first_second_to_its_last() {
        let tenant = Tenant::new(1, Knobs::default());
        let header = format!("bearer   {}", token(&tenant));
        let admitted = |seconds| admits(&tenant, Some(&header), &[GRAPH], at(seconds));
        assert!(!admitted(999) && admitted(1000) && admitted(4899) && !admitted(4900));
    }

    #[test]
    fn another_audience_tenant_or_letter_is_refused() {
        let (tenant, other) = (Tenant::new(1, Knobs::default()), Tenant::new(2, Knobs::default()));
        let good = format!("Bearer {}", token(&tenant));
        assert!(admits(&tenant, Some(&good), &[GRAPH], at(2000)));
        assert!(!admits(&tenant, Some(&good), &["https://graph.microsoft.com"], at(2000)));
        assert!(!admits(&other, Some(&good), &[GRAPH], at(2000)));
        let mut forged = good.clone().into_bytes();
        forged[60] ^= 1;
        let forged = String::from_utf8_lossy(&forged).into_owned();
        for bad in [Some(forged.as_str()), Some("Bearer"), Some("Bearer a.b.c"), Some("Basic x"), Some(""), None] {
            assert!(!admits(&tenant, bad, &[GRAPH], at(2000)), "{bad:?}");
        }
    }

    #[test]
    fn a_token_says_for_whom_to_whom_and_with_which_roles() {
        let tenant = Tenant::new(1, Knobs::default());
        let read = |audience| {
            let header = format!("Bearer {}", issued(&tenant, audience));
            bearer(&tenant, Some(&header), at(2000)).expect("a good token")
        };
        let defender = read("https://api.securitycenter.microsoft.com/");
        assert_eq!(defender.resource, Some(Resource::Defender));
        assert_eq!(defender.app_id, tenant.application().client_id());
        assert!(defender.roles.iter().any(|role| role == "Ti.ReadWrite.All"));
        assert!(read("https://graph.microsoft.com").roles.iter().any(|role| role == "SecurityAlert.Read.All"));
        assert_eq!(read(GRAPH).roles, Vec::<String>::new());
    }

    #[test]
    fn a_bad_token_is_refused_with_its_own_reason() {
        let (tenant, other) = (Tenant::new(1, Knobs::default()), Tenant::new(2, Knobs::default()));
        let good = format!("Bearer {}", token(&tenant));
        let reason = |header: Option<&str>, seconds| bearer(&tenant, header, at(seconds)).expect_err("refused");
        assert_eq!((reason(None, 2000), reason(Some("  "), 2000)), (Unauthorised::Missing, Unauthorised::Missing));
        for malformed in ["Bearer", "Basic a.b.c", "Bearer a.b", "Bearer a.b.c", "Bearer ..", "Bearer e30.e30.e30"] {
            assert!(matches!(reason(Some(malformed), 2000), Unauthorised::Malformed | Unauthorised::Forged));
        }
        assert_eq!(
            (reason(Some(&good), 999), reason(Some(&good), 4900)),
            (Unauthorised::NotYet, Unauthorised::Expired)
        );
        assert_eq!(bearer(&other, Some(&good), at(2000)), Err(Unauthorised::OtherTenant));
        let (signed, signature) = good.rsplit_once('.').expect("three parts");
        let none = signed.replacen(signed.split('.').next().expect("a header"), "Bearer eyJhbGciOiJub25lIn0", 1);
        for forged in [format!("{none}."), format!("{none}.{signature}"), format!("{signed}.AAAA")] {
            assert_eq!(reason(Some(&forged), 2000), Unauthorised::Forged, "{forged}");
        }
    }
}
