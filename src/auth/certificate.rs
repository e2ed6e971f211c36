//! The proof of a certificate: a statement that the application signs itself, good for one token.
//!
//! The form is the one that Microsoft documents (certificate credentials, 2025-01): PS256 with the SHA-256 thumbprint
//! in `x5t#S256`. The older form, RS256 with the SHA-1 thumbprint in `x5t`, is there for servers that know no other.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use rustls::{
    InconsistentKeys, SignatureAlgorithm, SignatureScheme,
    crypto::ring::sign::any_supported_type,
    pki_types::{
        CertificateDer, PrivateKeyDer,
        pem::{PemObject, SectionKind},
    },
    sign::{CertifiedKey, SigningKey},
};
use serde_json::json;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::{
    clock::later,
    transport::{error::TransportError, secret::Secret},
};

/// How an assertion is signed, and what its header calls the certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Signature {
    /// RSA-PSS with SHA-256, and `x5t#S256`: what is documented today.
    #[default]
    Ps256,
    /// RSA PKCS#1 with SHA-256, and `x5t`: the older form.
    Rs256,
}

impl Signature {
    /// The word for it, in settings and in the header.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ps256 => "PS256",
            Self::Rs256 => "RS256",
        }
    }

    fn scheme(self) -> SignatureScheme {
        match self {
            Self::Ps256 => SignatureScheme::RSA_PSS_SHA256,
            Self::Rs256 => SignatureScheme::RSA_PKCS1_SHA256,
        }
    }
}

/// How long an assertion is good: the longest that is advised, so that it outlasts most retries.
pub(crate) const LIFETIME: SignedDuration = SignedDuration::from_mins(10);

/// No file of a certificate is longer, in bytes.
const LONGEST: u64 = 256 * 1024;

/// Why a certificate cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// The file.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
    /// Nothing of what was looked for.
    #[error("it holds no {0} in PEM (a .pfx becomes one with `openssl pkcs12 -in app.pfx -out app.pem -nodes`)")]
    Missing(&'static str),
    /// More than one key.
    #[error("it holds several private keys: leave the one of the certificate")]
    SeveralKeys,
    /// The key is locked.
    #[error(
        "its private key is encrypted: write it plainly with `openssl pkey -in app.pem`, in a file that only you read"
    )]
    Encrypted,
    /// A key of another kind, or one that is broken, too short or too long.
    #[error("its private key is no RSA key of 2048 to 4096 bits, which is all that the token endpoint takes")]
    NotRsa,
    /// The key is another's.
    #[error("its private key is not the one of its certificate")]
    AnothersKey,
}

/// A certificate with its key. `Debug` tells the thumbprint only.
#[derive(Clone)]
pub struct Certificate {
    key: Arc<dyn SigningKey>,
    der: CertificateDer<'static>,
    signature: Signature,
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({} {})", self.signature.word(), self.thumbprint())
    }
}

impl Certificate {
    /// Reads a file in PEM that holds the certificate and its RSA key, in PKCS#8 or PKCS#1, in any order; other
    /// certificates of its chain may stand there as well.
    pub fn read(path: &Path, signature: Signature) -> Result<Self, (PathBuf, CertificateError)> {
        let read = || {
            let unreadable = |error: std::io::Error| CertificateError::Unreadable(error.to_string());
            if fs::metadata(path).map_err(unreadable)?.len() > LONGEST {
                return Err(CertificateError::Unreadable("it is too long for a certificate".into()));
            }
            Self::from_pem(&fs::read(path).map_err(unreadable)?, signature)
        };
        read().map_err(|error| (path.to_owned(), error))
    }

    /// The same from the file's content.
    pub fn from_pem(pem: &[u8], signature: Signature) -> Result<Self, CertificateError> {
        let (mut certificates, mut keys) = (Vec::new(), Vec::new());
        for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(pem) {
            let (kind, der) = section.map_err(|_| unreadable(pem))?;
            if kind == SectionKind::Certificate {
                certificates.push(CertificateDer::from(der));
            } else if let Some(key) = PrivateKeyDer::from_pem(kind, der) {
                keys.push(key);
            }
        }
        let Some(key) = keys.pop() else { return Err(unreadable(pem)) };
        if !keys.is_empty() {
            return Err(CertificateError::SeveralKeys);
        }
        let key = any_supported_type(&key).map_err(|_| CertificateError::NotRsa)?;
        if key.algorithm() != SignatureAlgorithm::RSA {
            return Err(CertificateError::NotRsa);
        }
        let der = own_certificate(certificates, &key)?;
        Ok(Self { key, der, signature })
    }

    /// The SHA-256 thumbprint, as the header of an assertion writes it.
    pub fn thumbprint(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(&self.der))
    }

    /// A statement to `audience`, the token endpoint, that `client_id` asks it, good from `from` by its clock.
    pub(crate) fn assertion(&self, audience: &str, client_id: &str, from: Timestamp) -> Result<Secret, TransportError> {
        let (name, thumbprint) = match self.signature {
            Signature::Ps256 => ("x5t#S256", self.thumbprint()),
            Signature::Rs256 => ("x5t", URL_SAFE_NO_PAD.encode(Sha1::digest(&self.der))),
        };
        let header = json!({ "alg": self.signature.word(), "typ": "JWT", name: thumbprint });
        let claims = json!({
            "aud": audience,
            "iss": client_id,
            "sub": client_id,
            "jti": unique(),
            "nbf": from.as_second(),
            "iat": from.as_second(),
            "exp": later(from, LIFETIME).as_second(),
        });
        let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let chosen = self.key.choose_scheme(&[self.signature.scheme()]);
        let signature = chosen.and_then(|signer| signer.sign(signed.as_bytes()).ok());
        let signature = signature.ok_or_else(|| TransportError::Unproven {
            cause: "the certificate's key does not sign".into(),
            remedy: "check `certificate_file` in the tenant's table: it needs an RSA key of 2048 bits or more",
        })?;
        Ok(Secret::new(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))))
    }
}

/// What a file in which something is missing may be instead.
fn unreadable(pem: &[u8]) -> CertificateError {
    // `ENCRYPTED PRIVATE KEY`, or `Proc-Type: 4,ENCRYPTED` in the older form.
    let encrypted = pem.windows(b"ENCRYPTED".len()).any(|window| window == b"ENCRYPTED");
    if encrypted { CertificateError::Encrypted } else { CertificateError::Missing("private key") }
}

/// The certificate that belongs to `key`.
fn own_certificate(
    certificates: Vec<CertificateDer<'static>>,
    key: &Arc<dyn SigningKey>,
) -> Result<CertificateDer<'static>, CertificateError> {
    let matches = |certificate: &CertificateDer<'static>| {
        CertifiedKey::new(vec![certificate.clone()], Arc::clone(key)).keys_match()
    };
    let is_alone = certificates.len() == 1;
    let mut found = Err(CertificateError::Missing("certificate"));
    for certificate in certificates {
        match matches(&certificate) {
            Ok(()) => return Ok(certificate),
            Err(rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => {
                found = Err(CertificateError::AnothersKey);
            }
            // One of a version that is not read here may be the right one all the same: the token endpoint will say.
            Err(_) if is_alone => return Ok(certificate),
            Err(_) => found = Err(CertificateError::AnothersKey),
        }
    }
    found
}

/// A number that no other assertion has, in the form of a UUID of version 4.
fn unique() -> String {
    let bits = fastrand::u128(..) & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
    let text = format!("{bits:032x}");
    [&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEM: &str = include_str!("../../fixtures/certificate/application.pem");
    const PKCS1: &str = include_str!("../../fixtures/certificate/application_pkcs1.pem");

    fn refused(pem: &str) -> CertificateError {
        Certificate::from_pem(pem.as_bytes(), Signature::Ps256).expect_err("it cannot be used")
    }

    /// The sections of the file, in their order: certificate, key.
    fn sections() -> (String, String) {
        let (start, key) = PEM.split_once("-----BEGIN PRIVATE KEY").expect("a key");
        (start.to_owned(), format!("-----BEGIN PRIVATE KEY{key}"))
    }

    #[test]
    fn a_key_is_read_in_either_form_and_whatever_else_stands_in_the_file() {
        let first = Certificate::from_pem(PEM.as_bytes(), Signature::Ps256).expect("it can be used");
        let second = Certificate::from_pem(PKCS1.as_bytes(), Signature::Ps256).expect("it can be used");
        assert_eq!(first.thumbprint(), second.thumbprint());
        let other = rcgen::generate_simple_self_signed(["ca.example".to_owned()]).expect("a certificate").cert.pem();
        let chain = format!("{other}\n{PEM}").replace('\n', "\r\n");
        let third = Certificate::from_pem(chain.as_bytes(), Signature::Ps256).expect("it can be used");
        assert_eq!(third.thumbprint(), first.thumbprint());
    }

    #[test]
    fn what_cannot_be_used_is_told_by_what_is_wrong_with_it() {
        let (certificate, key) = sections();
        let other = rcgen::generate_simple_self_signed(["a.example".to_owned()]).expect("a certificate");
        assert_eq!(refused(""), CertificateError::Missing("private key"));
        assert_eq!(refused("\u{0}\u{1}0\u{82}"), CertificateError::Missing("private key"));
        assert_eq!(refused(&certificate), CertificateError::Missing("private key"));
        assert_eq!(refused(&key), CertificateError::Missing("certificate"));
        assert_eq!(refused(&format!("{certificate}{key}{key}")), CertificateError::SeveralKeys);
        assert_eq!(refused(&format!("{}{key}", other.cert.pem())), CertificateError::AnothersKey);
        assert_eq!(
            refused(&format!("{}{}", other.cert.pem(), other.signing_key.serialize_pem())),
            CertificateError::NotRsa
        );
        let locked = key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
        assert_eq!(refused(&format!("{certificate}{locked}")), CertificateError::Encrypted);
        let broken = key.replace("\nMII", "\nMIJ");
        assert_eq!(refused(&format!("{certificate}{broken}")), CertificateError::NotRsa);
        let cut = &PEM[..PEM.len() - 200];
        assert_eq!(refused(cut), CertificateError::Missing("private key"));
    }

    #[test]
    fn a_file_that_is_not_there_or_no_file_is_refused() {
        for path in ["/nowhere/app.pem", "/dev/null", "src"] {
            let (named, _) = Certificate::read(Path::new(path), Signature::Ps256).expect_err("it cannot be used");
            assert_eq!(named, Path::new(path));
        }
    }

    #[test]
    fn a_number_is_in_the_form_of_a_uuid_and_never_the_same() {
        let (first, second) = (unique(), unique());
        assert_ne!(first, second);
        for number in [first, second] {
            assert_eq!((number.len(), &number[14..15]), (36, "4"), "{number}");
            assert!("89ab".contains(&number[19..20]), "{number}");
        }
    }

    #[test]
    fn a_certificate_does_not_show_its_key() {
        let certificate = Certificate::from_pem(PEM.as_bytes(), Signature::Rs256).expect("it can be used");
        assert_eq!(format!("{certificate:?}"), format!("Certificate(RS256 {})", certificate.thumbprint()));
    }
}
