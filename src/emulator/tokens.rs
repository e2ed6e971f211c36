//! Access tokens: signed here, and known again here, without anything being kept.
//!
//! They have the shape and the claims of the real ones, but are signed with a key that follows from the seed, where the
//! real ones carry a signature that anybody can check.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::emulator::{noise, tenant::Tenant};

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
    let claims = json!({
        "aud": grant.audience, "iss": issuer, "iat": grant.not_before, "nbf": grant.not_before, "exp": grant.expires,
        "appid": client_id, "appidacr": "1", "idp": issuer, "oid": principal, "sub": principal, "tid": id,
        "uti": URL_SAFE_NO_PAD.encode(&uti[..16]), "ver": "1.0",
    });
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

/// Whether the value of an `Authorization` header is a token of this tenant, valid at `now`, for one of `audiences`
/// (which are compared without a slash at the end, in any letter case).
pub(super) fn admits(tenant: &Tenant, authorization: Option<&str>, audiences: &[&str], now: Timestamp) -> bool {
    let claims = authorization.and_then(bearer).and_then(|token| claims(tenant.seed(), token));
    let Some(claims) = claims else { return false };
    let number = |name: &str| claims.get(name).and_then(Value::as_i64);
    let audience = claims.get("aud").and_then(Value::as_str).unwrap_or_default().trim_end_matches('/');
    let timely = number("nbf").is_some_and(|from| from <= now.as_second())
        && number("exp").is_some_and(|until| now.as_second() < until);
    timely
        && claims.get("tid").and_then(Value::as_str) == Some(tenant.id())
        && audiences.iter().any(|known| known.eq_ignore_ascii_case(audience))
}

/// The token of `Bearer <token>`, in whatever letter case and with whatever blanks.
fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.trim().split_once(char::is_whitespace)?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn claims(seed: u64, token: &str) -> Option<Value> {
    let (signed, signature) = token.rsplit_once('.')?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    signer(seed, signed).verify_slice(&signature).ok()?;
    let (_, claims) = signed.split_once('.')?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
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
}
