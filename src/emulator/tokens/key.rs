//! The key that the emulated identity platform signs with, and its public half in the forms that libraries ask for.
//!
//! The key is no secret: every emulator has the same one, and it stands in this repository, because an RSA key takes
//! seconds to make. Whoever takes tokens signed with it trusts everybody. Only its public half is ever served.

use std::sync::OnceLock;

use base64::{Engine, engine::general_purpose::STANDARD};
use ring::{
    rand::SystemRandom,
    signature::{RSA_PKCS1_SHA256, RsaKeyPair},
};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, pem::PemObject};
use serde_json::{Value, json};

use crate::emulator::{
    certificate::Certificate,
    jwt::{PublicKey, encoded},
};

const KEY: &str = include_str!("signing_key.pem");
const CERTIFICATE: &str = include_str!("signing_certificate.pem");

/// The key, read once.
struct Key {
    pair: RsaKeyPair,
    certificate: Certificate,
    der: Vec<u8>,
}

fn key() -> &'static Key {
    static READ: OnceLock<Key> = OnceLock::new();
    READ.get_or_init(|| {
        let private = PrivatePkcs8KeyDer::from_pem_slice(KEY.as_bytes()).expect("the key is a PEM file");
        let der = CertificateDer::from_pem_slice(CERTIFICATE.as_bytes()).expect("the certificate is a PEM file");
        Key {
            pair: RsaKeyPair::from_pkcs8(private.secret_pkcs8_der()).expect("the key is one of RSA"),
            certificate: Certificate::of_pem(CERTIFICATE).expect("the certificate is one of RSA"),
            der: der.to_vec(),
        }
    })
}

/// The key's id: the SHA-1 of its certificate, as in the real service, where `kid` and `x5t` are the same.
pub(super) fn id() -> String {
    encoded(key().certificate.sha1)
}

/// The signature of RS256.
pub(super) fn sign(text: &str) -> Vec<u8> {
    let pair = &key().pair;
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature)
        .expect("a key of 2048 bits signs any text");
    signature
}

/// The public half.
pub(super) fn public() -> &'static PublicKey {
    &key().certificate.key
}

/// The public half as a JSON Web Key, with the members that both versions of the real document have.
pub(in crate::emulator) fn jwk() -> Value {
    let Key { certificate: Certificate { key: public, .. }, der, .. } = key();
    json!({
        "kty": "RSA", "use": "sig", "kid": id(), "x5t": id(), "n": encoded(&public.modulus),
        "e": encoded(&public.exponent), "x5c": [STANDARD.encode(der)],
    })
}

#[cfg(test)]
mod tests {
    use ring::signature::RsaPublicKeyComponents;

    use super::*;

    #[test]
    fn the_certificate_is_the_key_s_and_the_private_half_is_not_in_the_public_one() {
        let pair = &key().pair;
        let components = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public());
        assert_eq!((&public().modulus, &public().exponent), (&components.n, &components.e));
        let served = jwk().to_string();
        assert!(KEY.lines().filter(|line| !line.starts_with('-')).all(|line| !served.contains(line)));
        let members: Vec<_> = jwk().as_object().expect("an object").keys().cloned().collect();
        assert_eq!(members, ["kty", "use", "kid", "x5t", "n", "e", "x5c"]);
    }
}
