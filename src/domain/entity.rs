//! What the evidence of an alert names, thing by thing.

use std::net::IpAddr;

use url::Url;

use crate::domain::{device::Device, indicator::Kind, service::Service};

/// A kind of thing that an alert names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntityKind {
    /// A host by its name.
    Domain,
    /// An IP address.
    IpAddress,
    /// The address of a page.
    Url,
    /// A file, by one of its hashes or its name.
    File,
    /// A device, by its name or the service's key.
    Device,
}

impl EntityKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Domain, Self::IpAddress, Self::Url, Self::File, Self::Device];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Domain => "domain",
            Self::IpAddress => "ip address",
            Self::Url => "url",
            Self::File => "file",
            Self::Device => "device",
        }
    }

    /// The kind that `word` names.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word().eq_ignore_ascii_case(word.trim()))
    }

    /// What the alert of an indicator of `kind` is known to name, where it was published through `publisher`: the device, and
    /// what the indicator is about. The alert of a connection by a host's name has its page beside it in every recording of
    /// the Defender for Endpoint API; the export feed has the indicator's own value alone, and an alert of a detection rule
    /// what the rule maps.
    pub fn told(publisher: Service, kind: Kind) -> &'static [Self] {
        match kind {
            Kind::IpAddress => &[Self::IpAddress, Self::Device],
            Kind::DomainName | Kind::Url if publisher == Service::Endpoint => &[Self::Domain, Self::Url, Self::Device],
            Kind::DomainName | Kind::Url => &[Self::Domain, Self::Device],
            Kind::Sha1 | Kind::Sha256 | Kind::Md5 => &[Self::File, Self::Device],
        }
    }
}

/// A thing that an alert names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entity {
    /// Of which kind.
    pub kind: EntityKind,
    /// What tells it from others, as the service wrote it.
    pub value: String,
}

impl Entity {
    /// The thing of this kind and value.
    pub fn new(kind: EntityKind, value: impl Into<String>) -> Self {
        Self { kind, value: value.into() }
    }

    /// What a bare host or the address of a page names: the host, which may be an IP address, and the page.
    pub fn of_address(address: &str) -> Vec<Self> {
        let bare = !address.contains("://");
        let parsed = if bare { Url::parse(&format!("http://{address}")) } else { Url::parse(address) };
        let host = parsed.ok().and_then(|url| {
            let host = url.host_str()?.trim_start_matches('[').trim_end_matches(']').to_owned();
            let kind = if host.parse::<IpAddr>().is_ok() { EntityKind::IpAddress } else { EntityKind::Domain };
            Some(Self::new(kind, host))
        });
        let page = (!bare || address.contains('/')).then(|| Self::new(EntityKind::Url, address));
        host.into_iter().chain(page).collect()
    }

    /// What names `device`: its name and its key, as far as they are told.
    pub fn of_device(device: &Device) -> impl Iterator<Item = Self> {
        [&device.name, &device.id]
            .into_iter()
            .filter(|text| !text.is_empty())
            .map(|text| Self::new(EntityKind::Device, text))
    }

    /// Whether `other` is the same thing, however it is spelt.
    pub fn is(&self, other: &Self) -> bool {
        self.kind == other.kind && {
            let (ours, theirs) = (&self.value, &other.value);
            match self.kind {
                EntityKind::IpAddress => same(ours, theirs, |text| text.parse::<IpAddr>().ok()),
                EntityKind::Url => same(ours, theirs, |text| Url::parse(text).ok()),
                EntityKind::Device => {
                    let named = |name: &String| Device { id: String::new(), name: name.clone() };
                    ours.eq_ignore_ascii_case(theirs) || named(ours).is(&named(theirs))
                }
                EntityKind::Domain | EntityKind::File => ours.eq_ignore_ascii_case(theirs),
            }
        }
    }
}

fn same<T: PartialEq>(ours: &str, theirs: &str, read: impl Fn(&str) -> Option<T>) -> bool {
    read(ours).zip(read(theirs)).map_or(ours == theirs, |(ours, theirs)| ours == theirs)
}

/// `domain evil.example`
impl std::fmt::Display for Entity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} `{}`", self.kind.word(), self.value)
    }
}

/// Each of `entities` once, in their order.
pub fn once(entities: impl IntoIterator<Item = Entity>) -> Vec<Entity> {
    let mut known: Vec<Entity> = Vec::new();
    for one in entities {
        if !one.value.is_empty() && !known.contains(&one) {
            known.push(one);
        }
    }
    known
}

/// `domain evil.example, device pc7`, or `nothing`.
pub fn listed<'a>(entities: impl IntoIterator<Item = &'a Entity>) -> String {
    let names: Vec<_> = entities.into_iter().map(ToString::to_string).collect();
    if names.is_empty() { "nothing".into() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: EntityKind, value: &str) -> Entity {
        Entity::new(kind, value)
    }

    #[test]
    fn an_address_names_its_host_and_the_page_if_it_is_one() {
        let listed = |address: &str| listed(&Entity::of_address(address));
        assert_eq!(listed("www.evil.example"), "domain `www.evil.example`");
        assert_eq!(listed("www.evil.example:8080"), "domain `www.evil.example`");
        assert_eq!(listed("https://Evil.example/a?b"), "domain `evil.example`, url `https://Evil.example/a?b`");
        assert_eq!(listed("http://203.0.113.9/"), "ip address `203.0.113.9`, url `http://203.0.113.9/`");
        assert_eq!(listed("http://[2001:db8::1]/"), "ip address `2001:db8::1`, url `http://[2001:db8::1]/`");
        assert_eq!(listed("http://"), "url `http://`");
        assert_eq!(listed(""), "nothing");
    }

    #[test]
    fn the_same_thing_is_the_same_however_it_is_spelt() {
        use EntityKind::{Device, Domain, File, IpAddress, Url};
        for (kind, one, other) in [
            (IpAddress, "2001:DB8:0::1", "2001:db8::1"),
            (Url, "http://EVIL.example", "http://evil.example/"),
            (Domain, "Evil.Example", "evil.example"),
            (File, "AB", "ab"),
            (Device, "pc7.contoso.example", "PC7"),
        ] {
            assert!(of(kind, one).is(&of(kind, other)), "{one} {other}");
        }
        assert!(!of(Url, "http://evil.example/A").is(&of(Url, "http://evil.example/a")));
        assert!(!of(IpAddress, "203.0.113.9").is(&of(IpAddress, "203.0.113.90")));
        assert!(!of(Domain, "a.example").is(&of(Url, "a.example")));
    }
}
