//! Places that every device of the world goes to: no drill may put them on a list, for an indicator on one of them would
//! raise an alert on each device of the tenant, or cut all of them off.
//!
//! The list is short on purpose: what a device needs to start, to sign in, to be updated and to be protected, and what
//! nearly every page loads from. It is no list of what is harmless.

use std::net::IpAddr;

use crate::domain::indicator::{Function, Indicator, Kind};

const DOMAINS: [&str; 40] = [
    "akamai.net",
    "akamaihd.net",
    "amazon.com",
    "amazonaws.com",
    "apple.com",
    "azure.com",
    "azureedge.net",
    "azurefd.net",
    "bing.com",
    "cloudflare.com",
    "cloudfront.net",
    "debian.org",
    "digicert.com",
    "docker.com",
    "duckduckgo.com",
    "fastly.net",
    "github.com",
    "githubusercontent.com",
    "google.com",
    "googleapis.com",
    "gstatic.com",
    "icloud.com",
    "letsencrypt.org",
    "live.com",
    "microsoft.com",
    "microsoft.us",
    "microsoftonline.com",
    "microsoftonline.us",
    "mozilla.org",
    "msftconnecttest.com",
    "office.com",
    "office365.com",
    "okta.com",
    "sharepoint.com",
    "ubuntu.com",
    "wikipedia.org",
    "windows.com",
    "windows.net",
    "windowsupdate.com",
    "youtube.com",
];

/// More of Microsoft's own, of what Windows, Office and Defender talk to (the pages "Office 365 URLs and IP address ranges"
/// and "Configure your network environment to ensure connectivity with Defender for Endpoint", 2026-09).
const MICROSOFTS: [&str; 17] = [
    "aka.ms",
    "azure.net",
    "azure.us",
    "microsoftonline-p.com",
    "msauth.net",
    "msedge.net",
    "msftauth.net",
    "msftncsi.com",
    "office.net",
    "onmicrosoft.com",
    "outlook.com",
    "s-microsoft.com",
    "skype.com",
    "svc.ms",
    "trafficmanager.net",
    "visualstudio.com",
    "windows.us",
];

/// More of the networks that pages are delivered by, under the names that they document for their customers (2026-11).
const DELIVERY: [&str; 14] = [
    "akadns.net",
    "akamaiedge.net",
    "akamaized.net",
    "b-cdn.net",
    "cdn77.org",
    "cdnjs.com",
    "cloudflare.net",
    "edgekey.net",
    "edgesuite.net",
    "fastly.com",
    "googleusercontent.com",
    "jsdelivr.net",
    "unpkg.com",
    "vercel.app",
];

fn domains() -> impl Iterator<Item = &'static str> {
    DOMAINS.into_iter().chain(MICROSOFTS).chain(DELIVERY)
}

/// Public resolvers (by the pages of those who run them, 2026-11), and what clouds answer at from within.
pub(in crate::domain) const ADDRESSES: [&str; 26] = [
    "1.0.0.1",
    "1.1.1.1",
    "8.8.4.4",
    "8.8.8.8",
    "9.9.9.9",
    "149.112.112.112",
    "168.63.129.16",
    "169.254.169.254",
    "208.67.220.220",
    "208.67.222.222",
    "2001:4860:4860::8888",
    "2606:4700:4700::1111",
    "1.0.0.2",
    "1.1.1.2",
    "1.1.1.3",
    "9.9.9.10",
    "64.6.64.6",
    "76.76.2.0",
    "94.140.14.14",
    "94.140.15.15",
    "185.228.168.9",
    "208.67.220.222",
    "2001:4860:4860::8844",
    "2606:4700:4700::1001",
    "2620:fe::fe",
    "2620:119:35::35",
];

/// The well-known place that `indicator` would meet, if it meets one.
pub fn met_by(indicator: &Indicator) -> Option<&'static str> {
    match indicator.kind {
        Kind::DomainName | Kind::Url => {
            let host = host_of(&indicator.value).to_ascii_lowercase();
            domains().find(|domain| meets_domain(indicator.function, &host, domain))
        }
        Kind::IpAddress => {
            ADDRESSES.into_iter().find(|known| meets_address(indicator.function, &indicator.value, known))
        }
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
            (Kind::Url, Function::StartWith, "http://www.", "akamai.net"),
            (Kind::DomainName, Function::EndWith, ".com", "amazon.com"),
            (Kind::DomainName, Function::EndWith, "cdn.windows.net", "windows.net"),
            (Kind::DomainName, Function::Contains, "soft", "microsoft.com"),
            (Kind::DomainName, Function::Contains, "", "akamai.net"),
            (Kind::IpAddress, Function::Equals, "::ffff:8.8.8.8", "8.8.8.8"),
            (Kind::IpAddress, Function::Equals, "2001:4860:4860:0::8888", "2001:4860:4860::8888"),
            (Kind::IpAddress, Function::StartWith, "8.", "8.8.4.4"),
            (Kind::IpAddress, Function::EndWith, ".1", "1.0.0.1"),
        ] {
            assert_eq!(met_by(&indicator(kind, function, value)), Some(met), "{kind} {function} {value}");
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
            (Kind::DomainName, Function::StartWith, "abcd2345-"),
            (Kind::DomainName, Function::EndWith, ".abcd2345.example"),
            (Kind::Url, Function::Equals, "http://abcd2345.example/microsoft.com"),
            (Kind::Sha1, Function::Contains, "a"),
        ] {
            assert_eq!(met_by(&indicator(kind, function, value)), None, "{kind} {function} {value}");
        }
    }
}
