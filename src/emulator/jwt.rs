//! JSON Web Tokens in their compact form, and the RSA keys that they are signed with.
//!
//! Knows nothing of who issues a token or what its claims mean.

use base64::{
    Engine,
    engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD},
};
use ring::signature::{self, RsaParameters, RsaPublicKeyComponents};
use serde_json::Value;

/// The algorithms that signatures are known by (RFC 7518 §3.1): those with RSA keys.
static ALGORITHMS: [(&str, &RsaParameters); 6] = [
    ("RS256", &signature::RSA_PKCS1_2048_8192_SHA256),
    ("RS384", &signature::RSA_PKCS1_2048_8192_SHA384),
    ("RS512", &signature::RSA_PKCS1_2048_8192_SHA512),
    ("PS256", &signature::RSA_PSS_2048_8192_SHA256),
    ("PS384", &signature::RSA_PSS_2048_8192_SHA384),
    ("PS512", &signature::RSA_PSS_2048_8192_SHA512),
];

/// A token, taken apart; whether its signature is good is another question.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Compact<'a> {
    pub(super) header: Value,
    pub(super) claims: Value,
    signed: &'a str,
    signature: Vec<u8>,
}

/// The public half of an RSA key: big-endian numbers, without zeros in front.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PublicKey {
    pub(super) modulus: Vec<u8>,
    pub(super) exponent: Vec<u8>,
}

impl<'a> Compact<'a> {
    /// Takes a token apart; none when it has not three parts, the first two of them objects of JSON.
    pub(super) fn read(token: &'a str) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let object = |part| serde_json::from_slice(&decoded(part)?).ok().filter(Value::is_object);
        Some(Self { header: object(header)?, claims: object(claims)?, signed, signature: decoded(signature)? })
    }

    /// A text of the header; empty where there is none.
    pub(super) fn header(&self, name: &str) -> &str {
        self.header.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// A text of the claims; empty where there is none.
    pub(super) fn text(&self, name: &str) -> &str {
        self.claims.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// A moment of the claims, in whole seconds since 1970.
    pub(super) fn moment(&self, name: &str) -> Option<i64> {
        let value = self.claims.get(name)?;
        #[expect(clippy::cast_possible_truncation, reason = "a moment beyond all bounds stays beyond them")]
        value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64))
    }

    /// Whether its algorithm is one of those that are known here.
    pub(super) fn has_known_algorithm(&self) -> bool {
        self.algorithm().is_some()
    }

    /// Whether `key` signed it.
    pub(super) fn is_signed_by(&self, key: &PublicKey) -> bool {
        let Some(algorithm) = self.algorithm() else { return false };
        let key = RsaPublicKeyComponents { n: &key.modulus, e: &key.exponent };
        key.verify(algorithm, self.signed.as_bytes(), &self.signature).is_ok()
    }

    fn algorithm(&self) -> Option<&'static RsaParameters> {
        let name = self.header("alg");
        ALGORITHMS.iter().find(|(known, _)| *known == name).map(|(_, algorithm)| *algorithm)
    }
}

impl PublicKey {
    /// The key of a JSON Web Key, if it is one of RSA.
    pub(super) fn of_jwk(jwk: &Value) -> Option<Self> {
        let number = |name| jwk.get(name).and_then(Value::as_str).and_then(decoded).map(without_zeros);
        let is_rsa = jwk.get("kty").and_then(Value::as_str) == Some("RSA");
        is_rsa.then_some(())?;
        Some(Self { modulus: number("n")?, exponent: number("e")? }).filter(Self::is_usable)
    }

    /// Whether signatures can be checked with it: RSA keys of 2048 to 8192 bits.
    pub(super) fn is_usable(&self) -> bool {
        (256..=1024).contains(&self.modulus.len()) && (1..=5).contains(&self.exponent.len())
    }
}

/// A number as JSON Web Keys and signatures have it, without zeros in front.
pub(super) fn without_zeros(mut number: Vec<u8>) -> Vec<u8> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.drain(..zeros);
    number
}

/// Base64 in the alphabet of URLs; real signers leave the padding out, some others do not.
pub(super) fn decoded(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).or_else(|_| URL_SAFE.decode(text)).ok()
}

/// Base64 in the alphabet of URLs, without padding.
pub(super) fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_no_token_is_read_as_none() {
        let parts = |header: &str, claims: &str| format!("{}.{}.AA", encoded(header), encoded(claims));
        assert!(Compact::read(&parts("{}", "{}")).is_some());
        for bad in
            ["", ".", "..", "a.b", "a.b.c", "e30.e30.!", &parts("[]", "{}"), &parts("{}", "7"), "e30.e30.e30.e30"]
        {
            assert_eq!(Compact::read(bad), None, "{bad}");
        }
        let deep = format!("{{\"a\":{}", "[".repeat(100_000));
        assert_eq!(Compact::read(&parts(&deep, "{}")), None);
    }

    #[test]
    fn moments_may_be_decimals_and_far_away() {
        let token = format!("{}.{}.AA", encoded("{}"), encoded(r#"{"nbf": 12.9, "exp": 1e300, "iat": "12"}"#));
        let token = Compact::read(&token).expect("a token");
        assert_eq!((token.moment("nbf"), token.moment("exp"), token.moment("iat")), (Some(12), Some(i64::MAX), None));
    }

    #[test]
    fn a_key_that_no_signature_could_be_checked_with_is_none() {
        let key = |kty: &str, n: &[u8], e: &[u8]| {
            PublicKey::of_jwk(&json!({"kty": kty, "n": encoded(n), "e": encoded(e)})).is_some()
        };
        assert!(key("RSA", &[0xff; 256], &[1, 0, 1]));
        assert!(key("RSA", &[[0].as_slice(), &[0xff; 256]].concat(), &[0, 1, 0, 1]), "zeros in front are nothing");
        assert!(!key("EC", &[0xff; 256], &[1, 0, 1]));
        assert!(!key("RSA", &[0xff; 128], &[1, 0, 1]));
        assert!(!key("RSA", &[0xff; 256], &[]));
    }
}
