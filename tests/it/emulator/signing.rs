//! Tokens made and checked by the tests' own hand, with the primitives of `ring` and none of the emulator's code.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    rand::SystemRandom,
    signature::{
        self, KeyPair, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair,
        RsaPublicKeyComponents,
    },
};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, pem::PemObject};
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::{Digest, Sha256};

pub(super) const APPLICATION_KEY: &str = include_str!("../../../fixtures/keys/application_key.pem");
pub(super) const APPLICATION_CERTIFICATE: &str = include_str!("../../../fixtures/keys/application_certificate.pem");
pub(super) const EXPIRED_CERTIFICATE: &str = include_str!("../../../fixtures/keys/expired_certificate.pem");
pub(super) const ISSUER_KEY: &str = include_str!("../../../fixtures/keys/issuer_key.pem");
pub(super) const ISSUER_PUBLIC: &str = include_str!("../../../fixtures/keys/issuer_public.pem");

fn key(pem: &str) -> RsaKeyPair {
    let der = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).expect("a key in PEM");
    RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).expect("an RSA key")
}

pub(super) fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(super) fn decoded(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).expect("Base64 of URLs")
}

/// A token with this header and these claims, signed with PS256 or else RS256, as the header says.
pub(super) fn signed(pem: &str, header: &Value, claims: &Value) -> String {
    let text = format!("{}.{}", encoded(header.to_string()), encoded(claims.to_string()));
    let scheme: &dyn RsaEncoding = if header["alg"] == "PS256" { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
    let pair = key(pem);
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(scheme, &SystemRandom::new(), text.as_bytes(), &mut signature).expect("a signature");
    format!("{text}.{}", encoded(signature))
}

/// The thumbprints of a certificate, as headers have them: `x5t`, `x5t#S256`.
pub(super) fn thumbprints(pem: &str) -> (String, String) {
    let der = CertificateDer::from_pem_slice(pem.as_bytes()).expect("a certificate in PEM");
    (encoded(Sha1::digest(&der)), encoded(Sha256::digest(&der)))
}

/// The public half of a key as a JSON Web Key Set.
pub(super) fn jwks(pem: &str, kid: &str) -> Value {
    let pair = key(pem);
    let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
    json!({"keys": [
        {"kty": "EC", "kid": "other", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "RSA", "kid": kid, "n": encoded(public.n), "e": encoded(public.e)},
    ]})
}

/// The header and the claims of a token.
pub(super) fn parts(token: &str) -> (Value, Value) {
    let mut parts = token.split('.').map(|part| serde_json::from_slice(&decoded(part)));
    let mut next = || parts.next().expect("a part").expect("JSON");
    (next(), next())
}

/// Whether the key of `jwk` signed `token` by RS256.
pub(super) fn is_signed_by(token: &str, jwk: &Value) -> bool {
    let (text, signature) = token.rsplit_once('.').expect("three parts");
    let number = |name: &str| decoded(jwk[name].as_str().expect("a number"));
    let key = RsaPublicKeyComponents { n: number("n"), e: number("e") };
    key.verify(&RSA_PKCS1_2048_8192_SHA256, text.as_bytes(), &decoded(signature)).is_ok()
}

/// Whether the key of a certificate in Base64, as `x5c` has it, signed `token` by RS256.
pub(super) fn is_signed_by_certificate(token: &str, certificate: &str) -> bool {
    let der = base64::engine::general_purpose::STANDARD.decode(certificate).expect("Base64");
    let (text, signature) = token.rsplit_once('.').expect("three parts");
    // The public key in PKCS #1 follows its object identifier, a null and the head of a bit string.
    let rsa = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00, 0x03, 0x82, 0x01, 0x0f, 0x00];
    let start = der.windows(rsa.len()).position(|window| window == rsa).expect("a key of 2048 bits") + rsa.len();
    let key = signature::UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &der[start..start + 270]);
    key.verify(text.as_bytes(), &decoded(signature)).is_ok()
}
