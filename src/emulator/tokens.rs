//! Access tokens: signed here, and known again here, without anything being kept.
//!
//! They have the shape and the claims of the real ones, but are signed with a key that follows from the seed, where the
//! real ones carry a signature that anybody can check.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::emulator::{noise, roles::Resource, tenant::Tenant};

/// What a token is issued for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grant<'a> {
    /// Whom it is to be shown to.
    pub(super) audience: &'a str,
    /// From when on it is valid, in seconds since 1970.
    pub(super) not_before: i64,
    /// Until when it is valid, in seconds since 1970.
    pub(super) expires: i64,
}

/// Issues a token to the tenant's application.
pub(super) fn issue(tenant: &Tenant, grant: Grant<'_>) -> String {
    let (seed, id) = (tenant.seed(), tenant.id());
    let client_id = tenant.application().client_id();
    let principal = noise::guid(seed, &["principal"]);
    let issuer = format!("https://sts.windows.net/{id}/");
    let uti = noise::bytes(seed, &["token", grant.audience, &grant.expires.to_string()]);
    let roles = Resource::of_audience(grant.audience).map_or(&[][..], |resource| tenant.application().roles(resource));
    let mut claims = json!({
        "aud": grant.audience, "iss": issuer, "iat": grant.not_before, "nbf": grant.not_before, "exp": grant.expires,
        "appid": client_id, "appidacr": "1", "idp": issuer, "oid": principal, "sub": principal, "tid": id,
        "uti": URL_SAFE_NO_PAD.encode(&uti[..16]), "ver": "1.0",
    });
    if !roles.is_empty() {
        claims["roles"] = json!(roles);
    }
    let header = json!({"typ": "JWT", "alg": "HS256"});
    let signed = format!("{}.{}", encoded(&header), encoded(&claims));
    let signature = URL_SAFE_NO_PAD.encode(signer(seed, &signed).finalize().into_bytes());
    format!("{signed}.{signature}")
}

fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn signer(seed: u64, text: &str) -> Hmac<Sha256> {
    let mut signer =
        Hmac::<Sha256>::new_from_slice(&noise::bytes(seed, &["token key"])).expect("a key may have any length");
    signer.update(text.as_bytes());
    signer
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
        let audience = self.audience.trim_end_matches('/');
        audiences.iter().any(|known| known.trim_end_matches('/').eq_ignore_ascii_case(audience))
    }
}

/// Reads the value of an `Authorization` header as a token of this tenant, valid at `now`.
pub(super) fn bearer(tenant: &Tenant, authorization: Option<&str>, now: Timestamp) -> Result<Bearer, Unauthorised> {
    let authorization = authorization.map(str::trim).filter(|header| !header.is_empty());
    let token = shown(authorization.ok_or(Unauthorised::Missing)?).ok_or(Unauthorised::Malformed)?;
    let claims = claims(tenant.seed(), token)?;
    let number = |name: &str| claims.get(name).and_then(Value::as_i64);
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    if text("tid") != tenant.id() {
        return Err(Unauthorised::OtherTenant);
    }
    if number("nbf").is_none_or(|from| now.as_second() < from) {
        return Err(Unauthorised::NotYet);
    }
    if number("exp").is_none_or(|until| until <= now.as_second()) {
        return Err(Unauthorised::Expired);
    }
    let roles = claims.get("roles").and_then(Value::as_array).into_iter().flatten();
    let roles = roles.filter_map(Value::as_str).map(str::to_owned).collect();
    let audience = text("aud");
    Ok(Bearer { resource: Resource::of_audience(&audience), audience, roles, app_id: text("appid") })
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

fn claims(seed: u64, token: &str) -> Result<Value, Unauthorised> {
    let (signed, signature) = token.rsplit_once('.').ok_or(Unauthorised::Malformed)?;
    let (_, payload) = signed.split_once('.').ok_or(Unauthorised::Malformed)?;
    let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| Unauthorised::Malformed);
    let claims = serde_json::from_slice(&decoded(payload)?).map_err(|_| Unauthorised::Malformed)?;
    signer(seed, signed).verify_slice(&decoded(signature)?).map_err(|_| Unauthorised::Forged)?;
    Ok(claims)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::knobs::Knobs;

    const GRAPH: &str = "https://graph.windows.net";

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).expect("a moment")
    }

    fn token(tenant: &Tenant) -> String {
        issue(tenant, Grant { audience: "https://graph.windows.net/", not_before: 1000, expires: 4600 })
    }

    #[test]
    fn a_token_is_good_from_its_first_second_to_its_last() {
        let tenant = Tenant::new(1, Knobs::default());
        let header = format!("bearer   {}", token(&tenant));
        let admitted = |seconds| admits(&tenant, Some(&header), &[GRAPH], at(seconds));
        assert!(!admitted(999) && admitted(1000) && admitted(4599) && !admitted(4600));
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
            let token = issue(&tenant, Grant { audience, not_before: 1000, expires: 4600 });
            bearer(&tenant, Some(&format!("Bearer {token}")), at(2000)).expect("a good token")
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
            (reason(Some(&good), 999), reason(Some(&good), 4600)),
            (Unauthorised::NotYet, Unauthorised::Expired)
        );
        assert_eq!(bearer(&other, Some(&good), at(2000)), Err(Unauthorised::Forged));
    }
}
