//! Places that every device of the world goes to: no drill may put them on a list, for an indicator on one of them would
//! raise an alert on each device of the tenant, or cut all of them off.
//!
//! The list is short on purpose: what a device needs to start, to sign in, to be updated and to be protected, and what
//! nearly every page loads from. It is no list of what is harmless.

mod places;

use std::net::IpAddr;

use self::places::{ADDRESSES, CERTIFICATES, DELIVERY, MICROSOFTS, OTHERS};
use crate::domain::indicator::{Function, Indicator, Kind};

fn domains() -> impl Iterator<Item = &'static str> {
    [MICROSOFTS, DELIVERY, CERTIFICATES, OTHERS].into_iter().flatten().copied()
}

pub(in crate::domain) fn addresses() -> impl Iterator<Item = &'static str> {
    ADDRESSES.iter().flat_map(|(_, addresses)| addresses.iter().copied())
}

/// The well-known place that `indicator` would meet, if it meets one.
pub fn met_by(indicator: &Indicator) -> Option<&'static str> {
    match indicator.kind {
        Kind::DomainName | Kind::Url => {
            let host = host_of(&indicator.value).to_ascii_lowercase();
            domains().find(|domain| meets_domain(indicator.function, &host, domain))
        }
        Kind::IpAddress => addresses().find(|known| meets_address(indicator.function, &indicator.value, known)),
        Kind::Sha1 | Kind::Sha256 | Kind::Md5 => None,
    }
}

/// The host of a URL, or the text itself, without the root's dot and without the brackets of an IPv6 address.
pub(crate) fn host_of(value: &str) -> &str {
    let bare = value.split_once("://").map_or(value, |(_, bare)| bare);
    let authority = bare.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if let Some((address, _)) = host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return address;
    }
    let host = match host.split_once(':') {
        // More than one colon is no port, but an address.
        Some((name, port)) if !port.contains(':') => name,
        _ => host,
    };
    host.strip_suffix('.').unwrap_or(host)
}

pub(in crate::domain) fn meets_domain(function: Function, host: &str, domain: &str) -> bool {
    let below = |name: &str| name == domain || name.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
    let www = format!("www.{domain}");
    match function {
        Function::Equals => below(host),
        Function::StartWith => domain.starts_with(host) || www.starts_with(host),
        Function::EndWith => below(host) || domain.ends_with(host) || www.ends_with(host),
        Function::Contains => below(host) || www.contains(host),
    }
}

fn meets_address(function: Function, value: &str, known: &str) -> bool {
    match function {
        Function::Equals => {
            let address: Option<IpAddr> = value.parse().ok();
            let address = address.map(|address| address.to_canonical());
            address.is_some_and(|address| known.parse() == Ok(address))
        }
        Function::StartWith => known.starts_with(value),
        Function::EndWith => known.ends_with(value),
        Function::Contains => known.contains(value),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::indicator::Action;

    fn indicator(kind: Kind, function: Function, value: &str) -> Indicator {
        Indicator { kind, value: value.into(), function, action: Action::Audit, expires_at: None, enabled: true }
    }

    #[test]
    fn what_everybody_goes_to_is_met_however_it_is_written() {
        for (kind, function, value, met) in [
            (Kind::DomainName, Function::Equals, "Login.MicrosoftOnline.com.", "microsoftonline.com"),
            (Kind::Url, Function::Equals, "https://me@www.google.com:443/search?q=a", "google.com"),
            (Kind::Url, Function::StartWith, "http://www.", "aka.ms"),
            (Kind::DomainName, Function::EndWith, ".com", "aspnetcdn.com"),
            (Kind::DomainName, Function::EndWith, "cdn.windows.net", "windows.net"),
            (Kind::DomainName, Function::Contains, "soft", "cloud.microsoft"),
            (Kind::DomainName, Function::Contains, "", "aka.ms"),
            (Kind::DomainName, Function::Equals, "teams.cloud.microsoft", "cloud.microsoft"),
            (Kind::Url, Function::Equals, "http://x1.c.lencr.org/", "lencr.org"),
            (Kind::DomainName, Function::Equals, "a.blob.core.usgovcloudapi.net", "usgovcloudapi.net"),
            (Kind::IpAddress, Function::Equals, "::ffff:8.8.8.8", "8.8.8.8"),
            (Kind::IpAddress, Function::Equals, "149.112.112.10", "149.112.112.10"),
            (Kind::IpAddress, Function::Equals, "2001:4860:4860:0::8888", "2001:4860:4860::8888"),
            (Kind::IpAddress, Function::StartWith, "8.", "8.8.4.4"),
            (Kind::IpAddress, Function::EndWith, ".1", "1.0.0.1"),
        ] {
            assert_eq!(met_by(&indicator(kind, function, value)), Some(met), "{kind} {function} {value}");
        }
    }

    #[test]
    fn the_lists_name_each_place_once_and_as_it_is_compared() {
        let mut seen = BTreeSet::new();
        for domain in domains() {
            assert!(seen.insert(domain), "{domain} is there twice");
            assert_eq!(domain, domain.trim_matches('.').to_ascii_lowercase());
            for lists in [MICROSOFTS, DELIVERY, CERTIFICATES, OTHERS] {
                let above = lists.iter().find(|above| domain.ends_with(&format!(".{above}")));
                assert_eq!(above, None, "{domain} stands below another one");
            }
        }
        for address in addresses() {
            assert!(seen.insert(address), "{address} is there twice");
            let read: IpAddr = address.parse().expect("an address");
            assert_eq!(address, read.to_string());
        }
    }

    #[test]
    fn what_drills_name_is_met_by_nobody() {
        for (kind, function, value) in [
            (Kind::IpAddress, Function::Equals, "52.184.197.12"),
            (Kind::IpAddress, Function::Equals, "198.51.100.17"),
            (Kind::IpAddress, Function::EndWith, ".100.17"),
            (Kind::DomainName, Function::Equals, "abcd2345.alertdrill.example"),
            (Kind::DomainName, Function::Equals, "notmicrosoft.com"),
            (Kind::DomainName, Function::Equals, "notcloud.microsoft"),
            (Kind::DomainName, Function::Equals, "somebodys.vercel.app"),
            (Kind::DomainName, Function::StartWith, "abcd2345-"),
            (Kind::DomainName, Function::EndWith, ".abcd2345.example"),
            (Kind::Url, Function::Equals, "http://abcd2345.example/microsoft.com"),
            (Kind::Sha1, Function::Contains, "a"),
        ] {
            assert_eq!(met_by(&indicator(kind, function, value)), None, "{kind} {function} {value}");
        }
    }
}
