//! Whether a value has the form that its type demands, with the documented message where it has not.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::Host;

use crate::emulator::{
    faces::endpoint::refusal::{Refusal, short},
    tenant::custom::{self, Kind},
};

/// Checks `value`; `private` tells whether private addresses are taken.
pub(super) fn check(kind: Kind, value: &str, private: bool) -> Result<(), Refusal> {
    if value.trim().is_empty() {
        // Recorded, with its misspelling.
        return Err(Refusal::input("Recieved an empty indicator value."));
    }
    let right = value.trim() == value
        && match kind {
            Kind::FileSha1 | Kind::CertificateThumbprint => is_hex(value, 40),
            Kind::FileSha256 => is_hex(value, 64),
            Kind::FileMd5 => is_hex(value, 32),
            Kind::IpAddress => address(value).is_some_and(|address| private || is_public(address)),
            Kind::DomainName => is_domain(value),
            Kind::Url => custom::is_url(value),
        };
    if right { Ok(()) } else { Err(invalid(kind, value)) }
}

fn invalid(kind: Kind, value: &str) -> Refusal {
    let (code, what) = match kind {
        Kind::FileSha1 | Kind::FileSha256 | Kind::FileMd5 | Kind::CertificateThumbprint => {
            ("InvalidHashValue", "Hash value")
        }
        Kind::IpAddress => ("InvalidIpAddress", "IP address"),
        Kind::DomainName => ("InvalidDomainName", "Domain name"),
        Kind::Url => ("InvalidUrl", "URL"),
    };
    Refusal::bad(code, format!("{what} {} is invalid.", short(value)))
}

fn is_hex(value: &str, digits: usize) -> bool {
    value.len() == digits && value.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// An address of version 4 in its four parts, or of version 6 in all of its eight: no range, no mask, nothing left out
/// (indicator-ip-domain).
fn address(value: &str) -> Option<IpAddr> {
    let address: IpAddr = value.parse().ok()?;
    let whole = address.is_ipv4() || value.split(':').count() == 8 && !value.contains("::");
    whole.then_some(address)
}

/// Whether the address is none of a network's own (RFC 6890).
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_4(address),
        IpAddr::V6(address) => is_public_6(address),
    }
}

fn is_public_4(address: Ipv4Addr) -> bool {
    let shared = address.octets()[0] == 100 && address.octets()[1] & 0xc0 == 64;
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_unspecified()
        || address.is_broadcast()
        || address.is_multicast()
        || shared)
}

fn is_public_6(address: Ipv6Addr) -> bool {
    !(address.is_loopback()
        || address.is_unspecified()
        || address.is_multicast()
        || address.is_unique_local()
        || address.is_unicast_link_local())
}

/// A name of at least two labels, without wildcards; neither an address nor a URL.
fn is_domain(value: &str) -> bool {
    const LABEL_AT_MOST: usize = 63;
    const NAME_AT_MOST: usize = 253;
    let Ok(Host::Domain(domain)) = Host::parse(value) else { return false };
    let name = domain.trim_end_matches('.');
    let label = |label: &str| {
        let inside = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        !label.is_empty() && label.len() <= LABEL_AT_MOST && label.bytes().all(inside)
    };
    name.len() <= NAME_AT_MOST && name.contains('.') && name.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(kind: Kind, value: &str) -> Option<String> {
        check(kind, value, false).err().map(|refusal| refusal.reason())
    }

    #[test]
    fn a_value_must_have_the_form_of_its_type() {
        let sha1 = "a".repeat(40);
        for (kind, good) in [
            (Kind::FileSha1, sha1.as_str()),
            (Kind::CertificateThumbprint, "0123456789ABCDEF0123456789abcdef01234567"),
            (Kind::IpAddress, "52.184.197.12"),
            (Kind::IpAddress, "2001:db8:0:0:0:0:0:1"),
            (Kind::DomainName, "evil.example"),
            (Kind::DomainName, "bücher.example"),
            (Kind::Url, "https://evil.example/a?b=c"),
            (Kind::Url, "www.evil.example"),
        ] {
            assert_eq!(refused(kind, good), None, "{good}");
        }
        for (kind, bad, why) in [
            (Kind::FileSha256, sha1.as_str(), "Hash value aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa is invalid."),
            (Kind::FileMd5, "xyz", "Hash value xyz is invalid."),
            (Kind::IpAddress, "10.0.0.1", "IP address 10.0.0.1 is invalid."),
            (Kind::IpAddress, "192.0.2.0/24", "IP address 192.0.2.0/24 is invalid."),
            (Kind::IpAddress, "2001:db8::1", "IP address 2001:db8::1 is invalid."),
            (Kind::IpAddress, "100.64.0.1", "IP address 100.64.0.1 is invalid."),
            (Kind::DomainName, "*.evil.example", "Domain name *.evil.example is invalid."),
            (Kind::DomainName, "localhost", "Domain name localhost is invalid."),
            (Kind::DomainName, "evil.example ", "Domain name evil.example  is invalid."),
            (Kind::DomainName, "192.0.2.1", "Domain name 192.0.2.1 is invalid."),
            (Kind::Url, "http://", "URL http:// is invalid."),
            (Kind::Url, "nonsense", "URL nonsense is invalid."),
            (Kind::Url, "  ", "Recieved an empty indicator value."),
        ] {
            assert_eq!(refused(kind, bad).as_deref(), Some(why), "{bad}");
        }
        assert!(check(Kind::IpAddress, "10.0.0.1", true).is_ok());
    }
}
