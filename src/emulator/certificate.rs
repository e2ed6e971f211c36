//! X.509 certificates, as far as a client assertion is checked with one: its key, its validity and its thumbprints.
//!
//! A certificate stands for its key alone here, as it does for an application's credentials: nobody asks who issued it.

use jiff::{Timestamp, civil, tz::TimeZone};
use rustls::pki_types::{CertificateDer, SubjectPublicKeyInfoDer, pem::PemObject};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::emulator::{
    jwt::{PublicKey, without_zeros},
    noise,
};

/// A certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Certificate {
    pub(super) key: PublicKey,
    pub(super) not_before: Timestamp,
    pub(super) not_after: Timestamp,
    /// The SHA-1 of the whole, `x5t`.
    pub(super) sha1: [u8; 20],
    /// The SHA-256 of the whole, `x5t#S256`.
    pub(super) sha256: [u8; 32],
}

impl Certificate {
    /// The first certificate of a PEM file, whatever else is in it; none when it has none with an RSA key.
    pub(super) fn of_pem(pem: &str) -> Option<Self> {
        Self::of_der(&CertificateDer::from_pem_slice(pem.as_bytes()).ok()?)
    }

    fn of_der(der: &[u8]) -> Option<Self> {
        let mut whole = Der(Der(der).expect(SEQUENCE)?);
        let mut body = Der(whole.expect(SEQUENCE)?);
        if body.0.first() == Some(&VERSION) {
            body.next()?;
        }
        body.expect(INTEGER)?;
        body.expect(SEQUENCE)?;
        body.expect(SEQUENCE)?;
        let mut validity = Der(body.expect(SEQUENCE)?);
        let (not_before, not_after) = (validity.time()?, validity.time()?);
        body.expect(SEQUENCE)?;
        let key = key(body.expect(SEQUENCE)?)?;
        let (sha1, sha256) = (Sha1::digest(der).into(), Sha256::digest(der).into());
        Some(Self { key, not_before, not_after, sha1, sha256 })
    }

    /// The SHA-1 in upper-case hexadecimal digits, as portals show it.
    pub(super) fn thumbprint(&self) -> String {
        noise::hex(&self.sha1).to_uppercase()
    }
}

/// The RSA key of a PEM file that holds a certificate or a public key.
pub(super) fn key_of_pem(pem: &str) -> Option<PublicKey> {
    let bare = || key(Der(&SubjectPublicKeyInfoDer::from_pem_slice(pem.as_bytes()).ok()?).expect(SEQUENCE)?);
    Certificate::of_pem(pem).map(|certificate| certificate.key).or_else(bare)
}

/// The RSA key of what a `SubjectPublicKeyInfo` holds.
fn key(info: &[u8]) -> Option<PublicKey> {
    let mut info = Der(info);
    let algorithm = Der(info.expect(SEQUENCE)?).expect(OBJECT_IDENTIFIER)?;
    let bits = info.expect(BIT_STRING)?;
    let (unused, key) = bits.split_first()?;
    (algorithm == RSA && *unused == 0).then_some(())?;
    let mut numbers = Der(Der(key).expect(SEQUENCE)?);
    let mut number = || numbers.expect(INTEGER).map(|number| without_zeros(number.to_vec()));
    Some(PublicKey { modulus: number()?, exponent: number()? }).filter(PublicKey::is_usable)
}

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OBJECT_IDENTIFIER: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
/// What the version stands behind; certificates of version 1 have none.
const VERSION: u8 = 0xa0;
/// The object identifier 1.2.840.113549.1.1.1, `rsaEncryption`.
const RSA: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

/// What is left to read of a text in the Distinguished Encoding Rules of ASN.1.
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    /// The next value and its tag.
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            0x81..=0x83 => {
                let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
            }
            _ => return None,
        };
        let (value, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((tag, value))
    }

    /// The next value, which must have this tag.
    fn expect(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.next().filter(|(found, _)| *found == tag).map(|(_, value)| value)
    }

    /// The next value, which must be a time: with two digits of the year up to 2049, with four after.
    fn time(&mut self) -> Option<Timestamp> {
        let (tag, text) = self.next()?;
        let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
        let text = match tag {
            UTC_TIME if text.as_bytes().first()? < &b'5' => format!("20{text}"),
            UTC_TIME => format!("19{text}"),
            GENERALIZED_TIME => text.to_owned(),
            _ => return None,
        };
        let time = civil::DateTime::strptime("%Y%m%d%H%M%S", text).ok()?;
        TimeZone::UTC.to_timestamp(time).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEM: &str = include_str!("tokens/signing_certificate.pem");

    #[test]
    fn a_certificate_is_read_with_its_key_validity_and_thumbprints() {
        let certificate = Certificate::of_pem(PEM).expect("a certificate");
        assert_eq!(certificate.not_before.to_string(), "2017-01-01T00:00:00Z");
        assert_eq!(certificate.not_after.to_string(), "2117-01-01T00:00:00Z");
        assert_eq!((certificate.key.modulus.len(), certificate.key.exponent.as_slice()), (256, [1, 0, 1].as_slice()));
        assert_eq!(certificate.thumbprint().len(), 40);
        assert_eq!(key_of_pem(PEM), Some(certificate.key));
    }

    #[test]
    fn a_certificate_that_is_cut_anywhere_is_none_and_no_panic() {
        let der = CertificateDer::from_pem_slice(PEM.as_bytes()).expect("a certificate");
        let signed_part = der.len() - 256 - 30;
        for end in 0..der.len() {
            assert_eq!(Certificate::of_der(&der[..end]), None, "cut at {end}");
        }
        for place in 0..signed_part {
            let mut changed = der.to_vec();
            changed[place] ^= 0x80;
            let _ = Certificate::of_der(&changed);
        }
    }

    #[test]
    fn an_elliptic_key_and_what_is_no_certificate_are_none() {
        let made = rcgen::generate_simple_self_signed(["a.example".to_owned()]).expect("a certificate");
        assert_eq!(Certificate::of_pem(&made.cert.pem()), None);
        for bad in ["", "hello", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            assert_eq!((Certificate::of_pem(bad), key_of_pem(bad)), (None, None), "{bad}");
        }
    }
}
