//! Which values the service takes, known before they are sent (pages `indicators-overview` and `indicator-ip-domain`,
//! 2026-07): an address that is nobody's own, a host, a page, a whole hash. What the pages leave open is sent as it is.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use crate::domain::indicator::Kind;

/// `value` as it is sent, or, in one clause, why the service takes no such thing.
pub(super) fn as_sent(kind: Kind, value: &str) -> Result<String, String> {
    if value.is_empty() {
        return Err("it takes no empty value".into());
    }
    if value.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(format!("it takes no value with blanks, and `{}` has one", value.escape_debug()));
    }
    match kind {
        Kind::Sha1 => hash(value, "SHA-1", 40),
        Kind::Sha256 => hash(value, "SHA-256", 64),
        Kind::Md5 => hash(value, "MD5", 32),
        Kind::IpAddress => address(value),
        Kind::DomainName => domain(value),
        Kind::Url => page(value),
    }
}

fn hash(value: &str, name: &str, length: usize) -> Result<String, String> {
    if value.len() == length && value.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(value.to_ascii_lowercase());
    }
    Err(format!("its {name} is {length} hexadecimal digits, and `{value}` is not"))
}

/// One address, of version 6 in all its eight groups.
fn address(value: &str) -> Result<String, String> {
    if value.contains('/') {
        return Err(format!("it takes no range of addresses, and `{value}` is one"));
    }
    let address: IpAddr = value.parse().map_err(|_| format!("it takes one whole IP address, and `{value}` is none"))?;
    if internal(address) {
        return Err(format!("it takes no internal address, and {value} is one"));
    }
    Ok(match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => in_eight_groups(address),
    })
}

/// An address of version 6 without the `::` that stands for a run of zeros.
pub(super) fn in_eight_groups(address: Ipv6Addr) -> String {
    address.segments().map(|group| format!("{group:x}")).join(":")
}

/// Whether an address means another machine wherever it is used. Which addresses the pages mean by "internal" they do
/// not list; addresses that are kept for documentation are sent, for nothing says that they are refused.
fn internal(address: IpAddr) -> bool {
    let four = |address: Ipv4Addr| {
        address.is_private() || address.is_loopback() || address.is_link_local() || address.is_unspecified()
    };
    match address {
        IpAddr::V4(address) => four(address),
        IpAddr::V6(address) => {
            address.is_loopback()
                || address.is_unspecified()
                || address.is_unique_local()
                || address.is_unicast_link_local()
                || address.to_ipv4_mapped().is_some_and(four)
        }
    }
}

fn domain(value: &str) -> Result<String, String> {
    if value.contains('*') {
        return Err(format!(
            "it takes no wildcards, and `{value}` has one; a domain stands for what is below it as well"
        ));
    }
    if value.parse::<IpAddr>().is_ok() {
        return Err(format!("its domain is a name, and `{value}` is an IP address"));
    }
    let part = |label: &str| !label.is_empty() && label.len() <= 63;
    let punctuated = value.contains(|c: char| c.is_ascii_punctuation() && !matches!(c, '-' | '_' | '.'));
    if punctuated || value.len() > 253 || !value.split('.').all(part) {
        return Err(format!("its domain is a bare host name, and `{value}` is none"));
    }
    Ok(value.to_lowercase())
}

/// The address of a page, as it is: only its host does not depend on letter case, and the service says nothing of that.
fn page(value: &str) -> Result<String, String> {
    let whole = if value.contains("://") { value.to_owned() } else { format!("http://{value}") };
    let none = || format!("its URL is the http or https address of a page, and `{value}` is none");
    let url = Url::parse(&whole).map_err(|_| none())?;
    let host = url.host().filter(|_| matches!(url.scheme(), "http" | "https")).ok_or_else(none)?;
    if host.to_string().contains('*') {
        return Err(format!("it takes no wildcards, and `{value}` has one"));
    }
    let address = match host {
        Host::Ipv4(address) => Some(IpAddr::V4(address)),
        Host::Ipv6(address) => Some(IpAddr::V6(address)),
        Host::Domain(_) => None,
    };
    if address.is_some_and(internal) {
        return Err(format!("it takes no internal address, and `{value}` has one"));
    }
    Ok(value.to_owned())
}

/// Whether `value` is the address of an encrypted page: its path is seen by one browser alone.
pub(super) fn has_a_hidden_path(kind: Kind, value: &str) -> bool {
    let url = Url::parse(value).ok().filter(|url| kind == Kind::Url && url.scheme() == "https");
    url.is_some_and(|url| url.path() != "/" || url.query().is_some())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn why_not(kind: Kind, value: &str) -> String {
        as_sent(kind, value).expect_err(value)
    }

    #[test]
    fn an_address_is_one_of_somebody_else_s_and_of_version_6_in_eight_groups() {
        for value in ["52.184.197.12", "203.0.113.9", "2001:db8:0:0:0:0:0:1"] {
            assert_eq!(as_sent(Kind::IpAddress, value).as_deref(), Ok(value));
        }
        assert_eq!(as_sent(Kind::IpAddress, "2001:DB8::1").as_deref(), Ok("2001:db8:0:0:0:0:0:1"));
        for value in ["10.0.0.1", "172.16.3.4", "192.168.1.1", "127.0.0.1", "169.254.1.1", "::1", "fd00::1", "fe80::1"]
        {
            assert_eq!(why_not(Kind::IpAddress, value), format!("it takes no internal address, and {value} is one"));
        }
        assert!(why_not(Kind::IpAddress, "::ffff:10.0.0.1").contains("internal"));
        assert_eq!(
            why_not(Kind::IpAddress, "203.0.113.0/24"),
            "it takes no range of addresses, and `203.0.113.0/24` is one"
        );
        for value in ["203.0.113", "203.0.113.9-12", "203.0.113.*", "evil.example", "2001:db8:::1"] {
            assert_eq!(
                why_not(Kind::IpAddress, value),
                format!("it takes one whole IP address, and `{value}` is none")
            );
        }
    }

    #[test]
    fn a_hash_is_as_long_as_its_kind_says() {
        assert_eq!(as_sent(Kind::Sha1, &"A".repeat(40)), Ok("a".repeat(40)));
        assert_eq!(as_sent(Kind::Sha256, &"0".repeat(64)), Ok("0".repeat(64)));
        assert_eq!(as_sent(Kind::Md5, &"f".repeat(32)), Ok("f".repeat(32)));
        assert_eq!(why_not(Kind::Md5, "abc"), "its MD5 is 32 hexadecimal digits, and `abc` is not");
        assert!(as_sent(Kind::Sha1, &"g".repeat(40)).is_err());
        assert!(as_sent(Kind::Sha256, &"a".repeat(40)).is_err());
    }

    #[test]
    fn a_domain_is_a_bare_host_name() {
        assert_eq!(
            as_sent(Kind::DomainName, "Evil_1.xn--bcher-kva.example").as_deref(),
            Ok("evil_1.xn--bcher-kva.example")
        );
        for value in
            ["http://evil.example", "evil.example/x", "evil.example:80", "a..example", ".example", "e@x.example"]
        {
            assert_eq!(
                why_not(Kind::DomainName, value),
                format!("its domain is a bare host name, and `{value}` is none")
            );
        }
        assert!(why_not(Kind::DomainName, "*.example").contains("no wildcards"));
        assert!(why_not(Kind::DomainName, "203.0.113.9").contains("is an IP address"));
        assert!(as_sent(Kind::DomainName, &"a".repeat(64)).is_err());
    }

    #[test]
    fn a_url_is_the_address_of_a_page() {
        for value in ["http://evil.example/Path?q=1", "https://evil.example", "evil.example/path"] {
            assert_eq!(as_sent(Kind::Url, value).as_deref(), Ok(value));
        }
        for value in ["ftp://evil.example/", "http://", "javascript://x", "::"] {
            assert!(why_not(Kind::Url, value).ends_with("is none"), "{value}");
        }
        assert!(why_not(Kind::Url, "http://127.0.0.1/x").contains("internal"));
        assert!(has_a_hidden_path(Kind::Url, "https://evil.example/path"));
        assert!(!has_a_hidden_path(Kind::Url, "https://evil.example/"));
        assert!(!has_a_hidden_path(Kind::Url, "http://evil.example/path"));
    }

    #[test]
    fn a_value_with_blanks_is_told_with_them() {
        assert_eq!(
            why_not(Kind::DomainName, "evil.example\n"),
            "it takes no value with blanks, and `evil.example\\n` has one"
        );
        assert_eq!(why_not(Kind::Url, ""), "it takes no empty value");
    }

    proptest! {
        #[test]
        fn what_is_sent_is_taken_as_it_is(kind in prop::sample::select(Kind::ALL.to_vec()), value in "\\PC{0,60}|[0-9a-f:.]{1,20}") {
            if let Ok(sent) = as_sent(kind, &value) {
                prop_assert_eq!(as_sent(kind, &sent), Ok(sent.clone()));
            }
        }
    }
}
