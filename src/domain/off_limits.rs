//! What a tenant's drills may not put on a list: places that every device goes to, addresses that mean no one machine of
//! the internet, and what the tenant's owner names.

use std::{fmt, str::FromStr};

use crate::domain::{
    indicator::{Function, Indicator, Kind},
    network::Network,
    special_addresses,
    well_known::{self, host_of},
};

/// A domain with everything below it, or a network; one address is the smallest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// `contoso.com`, in lower case.
    Domain(String),
    /// `203.0.113.0/24`.
    Network(Network),
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(network) => return Ok(Self::Network(network)),
            Err(none) if text.contains('/') => return Err(none),
            Err(_) => {}
        }
        let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        let label = |label: &str| {
            !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        };
        let looks_like_an_address = name.rsplit('.').next().is_some_and(|top| top.bytes().all(|b| b.is_ascii_digit()));
        if name.len() > 253 || !name.split('.').all(label) || looks_like_an_address {
            return Err(format!("`{}` is no domain, address or network", text.chars().take(60).collect::<String>()));
        }
        Ok(Self::Domain(name))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Domain(name) => f.write_str(name),
            Self::Network(network) => network.fmt(f),
        }
    }
}

impl Place {
    /// Whether `indicator` would see something of this place.
    fn is_met_by(&self, indicator: &Indicator) -> bool {
        let function = indicator.function;
        match self {
            Self::Domain(name) => match indicator.kind {
                Kind::DomainName | Kind::Url => {
                    well_known::meets_domain(function, &host_of(&indicator.value).to_ascii_lowercase(), name)
                }
                _ => false,
            },
            Self::Network(network) => seen(indicator).is_some_and(|seen| seen.meets(*network)),
        }
    }

    /// Whether everything that `indicator` sees is of this place.
    fn holds(&self, indicator: &Indicator) -> bool {
        match self {
            Self::Domain(name) => {
                let host = host_of(&indicator.value).to_ascii_lowercase();
                let below = host == *name || host.strip_suffix(name.as_str()).is_some_and(|rest| rest.ends_with('.'));
                matches!(indicator.kind, Kind::DomainName | Kind::Url)
                    && indicator.function == Function::Equals
                    && below
            }
            Self::Network(network) => seen(indicator).is_some_and(|seen| seen.is_within(*network)),
        }
    }
}

/// The addresses that `indicator` sees, as far as its value says: those of an address or network, or those that begin
/// with the whole groups of a beginning.
fn seen(indicator: &Indicator) -> Option<Network> {
    let value = match indicator.kind {
        Kind::IpAddress => indicator.value.as_str(),
        Kind::DomainName | Kind::Url => host_of(&indicator.value),
        Kind::Sha1 | Kind::Sha256 | Kind::Md5 => return None,
    };
    match indicator.function {
        Function::Equals => value.parse().ok(),
        Function::StartWith => {
            let whole: Vec<u8> = value.rsplit_once('.')?.0.split('.').map(str::parse).collect::<Result<_, _>>().ok()?;
            let mut octets = [0; 4];
            octets.get_mut(..whole.len())?.copy_from_slice(&whole);
            Network::new(octets.into(), u8::try_from(whole.len() * 8).ok()?)
        }
        Function::EndWith | Function::Contains => None,
    }
}

/// What may not be published on a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OffLimits {
    /// What the tenant's owner never wants on a list: stronger than anything else.
    pub never: Vec<Place>,
    /// What the owner allows though it is well known or special.
    pub may: Vec<Place>,
    /// Whether the tenant is a laboratory, in which addresses for documentation are as good as any.
    pub laboratory: bool,
    /// How many indicators one drill may publish.
    pub max_indicators: Option<usize>,
}

/// Why something is not published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// Why, in one clause that goes on "an indicator …".
    pub why: String,
    /// What to do.
    pub hint: &'static str,
}

impl OffLimits {
    /// Why `indicator` may not be published, if it may not.
    pub fn against(&self, indicator: &Indicator) -> Option<Reason> {
        if let Some(place) = self.never.iter().find(|place| place.is_met_by(indicator)) {
            let hint = "name another value, or change `never_publish` in the tenant's table";
            return Some(Reason { why: format!("that meets {place}, which `never_publish` names,"), hint });
        }
        if self.may.iter().any(|place| place.holds(indicator)) {
            return None;
        }
        let hint =
            "put `{marker}` into the value, or name a host of your own; `may_publish` in the tenant's table allows it";
        if let Some(known) = well_known::met_by(indicator) {
            return Some(Reason { why: format!("that meets {known}"), hint });
        }
        let network = seen(indicator)?;
        let known = well_known::addresses().find(|known| known.parse::<Network>().is_ok_and(|at| at.meets(network)));
        if let Some(known) = known {
            return Some(Reason { why: format!("that meets {known}"), hint });
        }
        let special = special_addresses::met_by(network, self.laboratory)?;
        Some(Reason { why: format!("that meets {}, whose addresses are {},", special.range, special.what), hint })
    }

    /// Why one drill may not publish so many indicators in all, if it may not.
    pub fn against_so_many(&self, count: usize) -> Option<Reason> {
        let most = self.max_indicators.filter(|most| count > *most)?;
        let hint = "publish fewer, or raise `max_indicators` in the tenant's table";
        Some(Reason { why: format!("beyond the {most} that one drill may publish"), hint })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::indicator::Action;

    fn indicator(kind: Kind, function: Function, value: &str) -> Indicator {
        Indicator { kind, value: value.into(), function, action: Action::Audit, expires_at: None, enabled: true }
    }

    fn why(limits: &OffLimits, kind: Kind, value: &str) -> Option<String> {
        limits.against(&indicator(kind, Function::Equals, value)).map(|reason| reason.why)
    }

    fn places(names: &[&str]) -> Vec<Place> {
        names.iter().map(|name| name.parse().expect("a place")).collect()
    }

    #[test]
    fn an_address_that_is_no_one_machine_s_is_refused_however_it_is_written() {
        let limits = OffLimits::default();
        for (value, range) in [
            ("10.1.2.3", "10.0.0.0/8"),
            ("172.31.255.255", "172.16.0.0/12"),
            ("192.168.0.1", "192.168.0.0/16"),
            ("127.0.0.1", "127.0.0.0/8"),
            ("169.254.1.1", "169.254.0.0/16"),
            ("239.255.255.250", "224.0.0.0/4"),
            ("203.0.113.7", "203.0.113.0/24"),
            ("::1", "::1/128"),
            ("fe80::1", "fe80::/10"),
            ("fd00:1::", "fc00::/7"),
            ("ff02::fb", "ff00::/8"),
            ("2001:0DB8::7", "2001:db8::/32"),
            ("::ffff:10.0.0.1", "10.0.0.0/8"),
            ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
            ("11.0.0.0/7", "10.0.0.0/8"),
        ] {
            let told = why(&limits, Kind::IpAddress, value);
            assert!(told.as_ref().is_some_and(|told| told.contains(&format!("meets {range},"))), "{value}: {told:?}");
        }
        let page = why(&limits, Kind::Url, "http://[fe80::1]:80/a");
        assert!(page.is_some_and(|told| told.contains("link-local")));
        assert!(why(&limits, Kind::IpAddress, "8.8.0.0/16").is_some_and(|told| told.contains("8.8.4.4")));
        let beginning = limits.against(&indicator(Kind::IpAddress, Function::StartWith, "192.168."));
        assert!(beginning.is_some_and(|reason| reason.why.contains("private")));
    }

    #[test]
    fn the_guide_s_address_and_what_is_next_to_a_range_may_be_published() {
        let limits = OffLimits::default();
        for value in ["52.184.197.12", "172.32.0.1", "11.0.0.0/8", "100.128.0.1", "2001:db9::1", "2a01::/16"] {
            assert_eq!(why(&limits, Kind::IpAddress, value), None, "{value}");
        }
        assert_eq!(why(&limits, Kind::DomainName, "abcd2345.alertdrill.example"), None);
        let laboratory = OffLimits { laboratory: true, ..OffLimits::default() };
        assert_eq!(why(&laboratory, Kind::IpAddress, "198.51.100.17"), None);
        assert!(why(&laboratory, Kind::IpAddress, "10.0.0.1").is_some());
    }

    #[test]
    fn the_owner_s_lists_count_and_the_stricter_one_more() {
        let limits = OffLimits {
            never: places(&["Contoso.com", "20.0.0.0/8", "52.184.197.12"]),
            may: places(&["10.1.0.0/16", "login.microsoftonline.com", "8.8.8.8", "20.1.1.1"]),
            ..OffLimits::default()
        };
        for (kind, value, refused) in [
            (Kind::DomainName, "mail.contoso.com", true),
            (Kind::Url, "https://contoso.com/x", true),
            (Kind::DomainName, "notcontoso.com", false),
            (Kind::IpAddress, "52.184.197.12", true),
            (Kind::IpAddress, "20.1.1.1", true),
            (Kind::Url, "http://20.7.7.7/", true),
            (Kind::IpAddress, "10.1.9.9", false),
            (Kind::IpAddress, "10.1.0.0/15", true),
            (Kind::IpAddress, "8.8.8.8", false),
            (Kind::DomainName, "login.microsoftonline.com", false),
            (Kind::DomainName, "microsoftonline.com", true),
        ] {
            assert_eq!(why(&limits, kind, value).is_some(), refused, "{value}");
        }
        let ending = limits.against(&indicator(Kind::DomainName, Function::EndWith, ".com"));
        assert!(ending.is_some_and(|reason| reason.why.contains("contoso.com")));
    }

    #[test]
    fn a_drill_may_publish_as_many_as_are_allowed_and_no_more() {
        let limits = OffLimits { max_indicators: Some(3), ..OffLimits::default() };
        assert_eq!(limits.against_so_many(3), None);
        assert!(limits.against_so_many(4).is_some_and(|reason| reason.why.contains("the 3 that")));
        assert_eq!(OffLimits::default().against_so_many(1_000_000), None);
    }

    #[test]
    fn what_is_no_place_is_told() {
        for text in ["", "a b", "10.0.0.0/33", "300.1.1.1", "http://a/", "a..b", "::/129", "::ffff:1.1.1.1/95"] {
            assert!(text.parse::<Place>().is_err(), "{text}");
        }
        assert_eq!("2001:DB8::/32".parse::<Place>().map(|place| place.to_string()), Ok("2001:db8::/32".into()));
    }
}
