//! The emulator's own certificate authority: made at each start, its key never leaves memory.
//!
//! One certificate names all hosts that the emulator is known under. A client that asks for another name, through the
//! sensor's proxy, is shown a certificate made for it on the spot: the authority is the tester's own, and only who was
//! handed its certificate trusts it. Validity is in real time, for that is what clients compare it with.
//!
//! Knows nothing of connections, requests or the tenant.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    SerialNumber,
};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
    server::{ClientHello, ResolvesServerCert, ServerSessionMemoryCache, StoresServerSessions},
    sign::{CertifiedKey, SigningKey},
};

/// How many certificates made on the spot, and how many sessions to be resumed, are kept; the oldest go first.
const KEPT: usize = 256;

/// A certificate, or the means to make one, could not be made.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The certificate library refused, most likely a name.
    #[error("cannot make a certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The TLS library refused what was made.
    #[error("cannot set up TLS: {0}")]
    Setup(#[from] rustls::Error),
}

/// Eight bytes of chance, from the source that keys are made of.
pub fn chance() -> Result<u64, TlsError> {
    let mut bytes = [0; 8];
    let source = rustls::crypto::ring::default_provider().secure_random;
    source.fill(&mut bytes).map_err(|_| rustls::Error::FailedToGetRandomBytes)?;
    Ok(u64::from_le_bytes(bytes))
}

/// A certificate authority, and the certificates that it has issued.
pub struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
    validity: Validity,
    leaf_key: KeyPair,
    signing_key: Arc<dyn SigningKey>,
    names: Vec<String>,
    main: Arc<CertifiedKey>,
    made: Mutex<Issued>,
    sessions: Arc<dyn StoresServerSessions>,
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").field("names", &self.names).finish_non_exhaustive()
    }
}

#[derive(Default)]
struct Issued {
    by_name: HashMap<String, Arc<CertifiedKey>>,
    order: VecDeque<String>,
}

/// From the day before, for clients whose clock is a little behind, for a year.
#[derive(Clone, Copy)]
struct Validity {
    from: jiff::civil::Date,
    to: jiff::civil::Date,
}

impl Validity {
    fn starting(now: Timestamp) -> Self {
        let day = |hours| {
            let moment = now.saturating_add(SignedDuration::from_hours(hours)).unwrap_or(now);
            TimeZone::UTC.to_datetime(moment).date()
        };
        Self { from: day(-24), to: day(365 * 24) }
    }

    fn stamp(self, params: &mut CertificateParams) {
        let date = |day: jiff::civil::Date| {
            rcgen::date_time_ymd(day.year().into(), day.month().unsigned_abs(), day.day().unsigned_abs())
        };
        params.not_before = date(self.from);
        params.not_after = date(self.to);
        // A serial number is a positive integer of at most 20 octets; no two of one issuer may be the same.
        params.serial_number = Some(SerialNumber::from_slice(&(fastrand::u128(..) >> 1 | 1 << 120).to_be_bytes()));
    }
}

impl Authority {
    /// A new authority, valid for a year from `real_now`, with a certificate for `names`: host names, wildcards such as
    /// `*.example.com`, and addresses.
    pub fn new(names: &[&str], real_now: Timestamp) -> Result<Arc<Self>, TlsError> {
        let validity = Validity::starting(real_now);
        let key = KeyPair::generate()?;
        let params = authority_params(validity)?;
        let pem = params.self_signed(&key)?.pem();
        let issuer = Issuer::new(params, key);
        let leaf_key = KeyPair::generate()?;
        let der = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(leaf_key.serialize_der()));
        let signing_key = rustls::crypto::ring::sign::any_supported_type(&der)?;
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let main = issue(&issuer, &leaf_key, validity, &names)?;
        let main = Arc::new(CertifiedKey::new(vec![main], Arc::clone(&signing_key)));
        let made = Mutex::default();
        let sessions = ServerSessionMemoryCache::new(KEPT);
        Ok(Arc::new(Self { pem, issuer, validity, leaf_key, signing_key, names, main, made, sessions }))
    }

    /// The authority's certificate, for clients to trust.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// The TLS side of a connection whose client, where it names no host, means `fallback`.
    pub fn server_config(self: &Arc<Self>, fallback: &str) -> Result<ServerConfig, TlsError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let resolver = Resolver { authority: Arc::clone(self), fallback: fallback.to_owned() };
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(resolver));
        // A client that offers its protocols and finds none of them here would be turned away; old ones offer the old one.
        config.alpn_protocols = vec![b"http/1.1".to_vec(), b"http/1.0".to_vec()];
        config.session_storage = Arc::clone(&self.sessions);
        Ok(config)
    }

    /// Whether the one certificate of all known names covers `name`, given in lower case.
    fn covers(&self, name: &str) -> bool {
        self.names.iter().any(|known| match known.strip_prefix("*.") {
            Some(domain) => name.split_once('.').is_some_and(|(label, rest)| !label.is_empty() && rest == domain),
            None => known == name,
        })
    }

    /// The certificate that a client who asks for `name` is shown; none for what is no name.
    fn certificate(&self, name: &str) -> Option<Arc<CertifiedKey>> {
        let name = name.to_ascii_lowercase();
        if self.covers(&name) {
            return Some(Arc::clone(&self.main));
        }
        let mut issued = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = issued.by_name.get(&name) {
            return Some(Arc::clone(known));
        }
        let names = std::slice::from_ref(&name);
        let shown = match issue(&self.issuer, &self.leaf_key, self.validity, names) {
            Ok(leaf) => Arc::new(CertifiedKey::new(vec![leaf], Arc::clone(&self.signing_key))),
            Err(error) => {
                tracing::warn!(%name, %error, "no certificate can be made for a name that a client asks for");
                return None;
            }
        };
        if issued.order.len() >= KEPT
            && let Some(oldest) = issued.order.pop_front()
        {
            issued.by_name.remove(&oldest);
        }
        issued.order.push_back(name.clone());
        issued.by_name.insert(name, Arc::clone(&shown));
        Some(shown)
    }
}

fn authority_params(validity: Validity) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(Vec::new())?;
    validity.stamp(&mut params);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    // Each start has a name of its own: with one name for two keys, a client that still trusts the last one would find
    // a bad signature instead of an unknown issuer.
    let name = format!("alertdrill emulator {:08x} (trust for tests only)", fastrand::u32(..));
    params.distinguished_name.push(DnType::CommonName, name);
    Ok(params)
}

fn issue(
    issuer: &Issuer<'_, KeyPair>,
    key: &KeyPair,
    validity: Validity,
    names: &[String],
) -> Result<CertificateDer<'static>, rcgen::Error> {
    let mut params = CertificateParams::new(names)?;
    validity.stamp(&mut params);
    // X.520 allows 64 characters of a common name, and clients read the alternative names anyway.
    let common = names.first().map_or("localhost", |name| name.get(..64).unwrap_or(name));
    params.distinguished_name.push(DnType::CommonName, common);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    Ok(params.signed_by(key, issuer)?.der().clone())
}

/// Shows each client the certificate of the name that it asks for.
#[derive(Debug)]
struct Resolver {
    authority: Arc<Authority>,
    fallback: String,
}

impl ResolvesServerCert for Resolver {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.authority.certificate(hello.server_name().unwrap_or(&self.fallback))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn authority() -> Arc<Authority> {
        let now = "2026-11-24T12:00:00Z".parse().expect("a timestamp");
        Authority::new(&["localhost", "127.0.0.1", "*.securitycenter.windows.com"], now).expect("an authority")
    }

    #[test]
    fn known_names_share_one_certificate_and_others_get_their_own_once() {
        let authority = authority();
        let shown = |name: &str| authority.certificate(name).expect("a certificate");
        assert!(Arc::ptr_eq(&shown("LOCALHOST"), &shown("ti.securitycenter.windows.com")));
        assert!(!Arc::ptr_eq(&shown("localhost"), &shown("a.ti.securitycenter.windows.com")));
        assert!(Arc::ptr_eq(&shown("evil.example"), &shown("evil.example")));
        assert!(!Arc::ptr_eq(&shown("evil.example"), &shown("52.184.197.12")));
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let authority = authority();
        for n in 0..KEPT + 10 {
            authority.certificate(&format!("host{n}.example"));
        }
        let issued = authority.made.lock().expect("nobody panicked");
        assert_eq!((issued.by_name.len(), issued.order.len()), (KEPT, KEPT));
        assert!(!issued.by_name.contains_key("host0.example"), "the oldest went");
    }

    #[test]
    fn two_starts_have_two_authorities_and_no_private_key_is_in_what_is_handed_out() {
        let (one, other) = (authority(), authority());
        assert_ne!(one.pem(), other.pem());
        assert!(one.pem().starts_with("-----BEGIN CERTIFICATE-----"));
        assert!(!one.pem().contains("KEY"));
    }

    #[test]
    fn validity_is_a_year_from_the_day_before() {
        let validity = Validity::starting("2027-02-28T23:59:59Z".parse().expect("a timestamp"));
        assert_eq!(validity.from.to_string(), "2027-02-27");
        assert_eq!(validity.to.to_string(), "2028-02-28");
    }
}
