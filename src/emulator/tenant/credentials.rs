//! What an application can show besides its secret: certificates of its own, and the word of issuers that it trusts.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::emulator::{
    certificate::Certificate,
    jwt::{PublicKey, encoded},
    noise,
    tenant::Tenant,
};

/// The credentials of the application, the secret aside.
#[derive(Debug, Clone, Default)]
pub(in crate::emulator) struct Credentials {
    pub(in crate::emulator) certificates: Vec<Certificate>,
    pub(in crate::emulator) federated: Vec<Federated>,
    federated_made: u64,
    /// What tells apart the assertions that were taken, the latest ones.
    assertions: VecDeque<[u8; 32]>,
    /// The latest requests for tokens: when, and what tells apart for what.
    requests: VecDeque<(Timestamp, u64)>,
}

/// Whose word is taken for the application's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::emulator) struct Federated {
    pub(in crate::emulator) id: u64,
    pub(in crate::emulator) issuer: String,
    pub(in crate::emulator) subject: String,
    pub(in crate::emulator) audience: String,
    /// The issuer's keys, with their ids; empty where they have none.
    pub(in crate::emulator) keys: Vec<(String, PublicKey)>,
}

/// An application can have this many federated credentials (the real limit), and certificates.
pub(in crate::emulator) const AT_MOST: usize = 20;

/// How many assertions, and requests for tokens, are remembered.
const KEPT: usize = 4_096;

/// For how long requests for the same token count as a loop (MSAL's documentation of 50196).
const LOOP: SignedDuration = SignedDuration::from_mins(5);

impl Federated {
    /// The keys that an assertion with this key id may be signed with: the one of that id, or those without any.
    pub(in crate::emulator) fn keys_for(&self, id: &str) -> impl Iterator<Item = &PublicKey> {
        let fits = move |known: &str| known == id || known.is_empty() || id.is_empty();
        self.keys.iter().filter(move |(known, _)| fits(known)).map(|(_, key)| key)
    }

    /// The credential in JSON.
    pub(in crate::emulator) fn to_json(&self) -> Value {
        json!({"id": self.id, "issuer": self.issuer, "subject": self.subject, "audience": self.audience})
    }
}

impl Credentials {
    /// Adds a certificate, unless it is there already; false where there is no room for another.
    pub(in crate::emulator) fn add_certificate(&mut self, certificate: Certificate) -> bool {
        if self.certificates.contains(&certificate) {
            return true;
        }
        let has_room = self.certificates.len() < AT_MOST;
        if has_room {
            self.certificates.push(certificate);
        }
        has_room
    }

    /// Removes the certificate of this thumbprint, in hexadecimal digits; false where there is none.
    pub(in crate::emulator) fn remove_certificate(&mut self, thumbprint: &str) -> bool {
        let before = self.certificates.len();
        self.certificates.retain(|certificate| !certificate.thumbprint().eq_ignore_ascii_case(thumbprint));
        self.certificates.len() < before
    }

    /// Adds a federated credential, whose id it returns; none where there is no room for another.
    pub(in crate::emulator) fn add_federated(&mut self, mut credential: Federated) -> Option<u64> {
        if self.federated.len() >= AT_MOST {
            return None;
        }
        self.federated_made += 1;
        credential.id = self.federated_made;
        self.federated.push(credential);
        Some(self.federated_made)
    }

    /// Removes the federated credential of this id; false where there is none.
    pub(in crate::emulator) fn remove_federated(&mut self, id: u64) -> bool {
        let before = self.federated.len();
        self.federated.retain(|credential| credential.id != id);
        self.federated.len() < before
    }

    /// Notes that the assertion of this `jti` was taken; false when it was before, or has none.
    pub(in crate::emulator) fn note_assertion(&mut self, jti: &str) -> bool {
        let mark = noise::bytes(0, &[jti]);
        if jti.is_empty() || self.assertions.contains(&mark) {
            return false;
        }
        if self.assertions.len() == KEPT {
            self.assertions.pop_front();
        }
        self.assertions.push_back(mark);
        true
    }

    /// The credentials in JSON.
    pub(super) fn to_json(&self) -> (Value, Value) {
        let certificates = self.certificates.iter().map(certificate_json).collect();
        (Value::Array(certificates), Value::Array(self.federated.iter().map(Federated::to_json).collect()))
    }
}

/// A certificate in JSON.
pub(in crate::emulator) fn certificate_json(certificate: &Certificate) -> Value {
    json!({
        "thumbprint": certificate.thumbprint(), "x5t": encoded(certificate.sha1),
        "x5t#S256": encoded(certificate.sha256), "notBefore": certificate.not_before.to_string(),
        "notAfter": certificate.not_after.to_string(),
    })
}

impl Tenant {
    /// Counts a request for a token; false when the same was asked for too often of late.
    pub(in crate::emulator) fn count_request(&mut self, audience: &str, now: Timestamp) -> bool {
        let most = self.knobs.identity.repeats;
        if most == 0 {
            return true;
        }
        let requests = &mut self.application.credentials.requests;
        let start = now.saturating_sub(LOOP).unwrap_or(Timestamp::MIN);
        while requests.len() >= KEPT.max(most) || requests.front().is_some_and(|(at, _)| *at <= start) {
            requests.pop_front();
        }
        let mark = noise::number(0, &[audience]);
        requests.push_back((now, mark));
        requests.iter().filter(|(_, known)| *known == mark).count() <= most
    }

    /// Registers a certificate, given as PEM, as a credential of the application. The error is for a person to read.
    pub fn add_certificate(&mut self, pem: &str) -> Result<Value, String> {
        let certificate =
            Certificate::of_pem(pem).ok_or("expected a certificate in PEM with an RSA key of 2048 to 8192 bits")?;
        let shown = certificate_json(&certificate);
        if self.application.credentials.add_certificate(certificate) {
            return Ok(shown);
        }
        Err(format!("the application has {AT_MOST} certificates already; take some away first"))
    }
}
