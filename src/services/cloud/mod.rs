//! Microsoft's clouds: who gives tokens, where each API is, what is missing; and when what ends.
//!
//! In reading order: this file (what is known of a cloud), in private `table` (the rows), and [`retirement`].
//!
//! No fact here is code: each row has its source, the date of it, and how sure it is, so that a cloud that changes is a
//! row that changes. Collected by 2026-11-24; nothing was tried on a tenant.

use crate::services::cloud::table::CLOUDS;

pub mod retirement;
mod table;

/// How sure a fact is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sureness {
    /// A conclusion, or from memory.
    Low,
    /// One credible report, or a page that is old.
    Medium,
    /// Read in Microsoft's own documents or schemas, or recorded.
    High,
}

/// Where a fact is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source {
    /// The document or the recording.
    pub what: &'static str,
    /// The date of it, as exact as it is known.
    pub date: &'static str,
    /// How sure the fact is.
    pub sure: Sureness,
}

const fn source(what: &'static str, date: &'static str, sure: Sureness) -> Source {
    Source { what, date, sure }
}

/// A part of an API that not every cloud has. Finer than what a service can do, since two services may do the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Capability {
    /// The Defender for Endpoint API: indicators, alerts, machines, live response.
    Endpoint,
    /// Graph's custom detection rules: in the global cloud in beta alone.
    DetectionRules,
    /// Graph's `alerts_v2`.
    AlertsV2,
    /// Graph's `incidents`.
    Incidents,
    /// Graph's `runHuntingQuery`.
    Hunting,
    /// Alerts that are made by hand, in Graph's beta.
    ManualAlerts,
}

impl Capability {
    /// Every one, in order.
    pub const ALL: [Self; 6] =
        [Self::Endpoint, Self::DetectionRules, Self::AlertsV2, Self::Incidents, Self::Hunting, Self::ManualAlerts];

    /// What it is called in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::Endpoint => "the Defender for Endpoint API",
            Self::DetectionRules => "custom detection rules",
            Self::AlertsV2 => "Graph's alerts",
            Self::Incidents => "Graph's incidents",
            Self::Hunting => "Graph's hunting queries",
            Self::ManualAlerts => "alerts made by hand",
        }
    }
}

/// Something that a cloud has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lack {
    /// What is missing.
    pub capability: Capability,
    /// Why a drill that needs it is skipped, in a sentence of its own.
    pub reason: &'static str,
    /// Where this is from.
    pub source: Source,
}

/// What kind of address a base of the Defender for Endpoint API is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The one that is documented today.
    Today,
    /// One that was documented before, and that clients still use.
    Older,
    /// The one nearest to a region, by its name.
    Regional(&'static str),
    /// The same in an older form.
    OlderRegional(&'static str),
}

/// An address of the Defender for Endpoint API, without a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Base {
    /// The address: `https://api.security.microsoft.com`.
    pub url: &'static str,
    /// What kind it is.
    pub form: Form,
    /// Where this is from.
    pub source: Source,
}

/// One of Microsoft's clouds. Tokens of one are no good in another.
#[derive(Debug, PartialEq, Eq)]
pub struct Cloud {
    name: &'static str,
    login: &'static str,
    endpoint: &'static [Base],
    endpoint_resource: Option<(&'static str, Source)>,
    graph: &'static str,
    portal: Option<&'static str>,
    azure_portal: &'static str,
    source: Source,
    lacks: &'static [Lack],
}

impl Cloud {
    /// Every cloud; the first is the one of a tenant that names none.
    pub fn all() -> &'static [Self] {
        &CLOUDS
    }

    /// The cloud of a tenant that names none.
    pub fn global() -> &'static Self {
        &CLOUDS[0]
    }

    /// The cloud of this name, in whatever letter case.
    pub fn by_name(name: &str) -> Option<&'static Self> {
        CLOUDS.iter().find(|cloud| cloud.name.eq_ignore_ascii_case(name))
    }

    /// Its name: `global`, `gcc`, `gcc-high`, `dod`, `china`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Who gives tokens, without the tenant.
    pub fn login(&self) -> &'static str {
        self.login
    }

    /// The v2 token endpoint of `directory`, a tenant's id or one of its domains.
    pub fn token_endpoint(&self, directory: &str) -> String {
        format!("{}/{directory}/oauth2/v2.0/token", self.login)
    }

    /// The address of the Defender for Endpoint API that is documented today.
    pub fn endpoint(&self) -> Option<&'static str> {
        self.endpoint.iter().find(|base| base.form == Form::Today).map(|base| base.url)
    }

    /// The address nearest to `region`, in the form that is documented today.
    pub fn endpoint_in(&self, region: &str) -> Option<&'static str> {
        let is_it = |base: &&Base| matches!(base.form, Form::Regional(known) if known.eq_ignore_ascii_case(region));
        self.endpoint.iter().find(is_it).map(|base| base.url)
    }

    /// The regions that have an address of their own.
    pub fn regions(&self) -> impl Iterator<Item = &'static str> {
        self.endpoint.iter().filter_map(|base| match base.form {
            Form::Regional(region) => Some(region),
            _ => None,
        })
    }

    /// Every address of the Defender for Endpoint API that is known, the one of today first.
    pub fn endpoint_bases(&self) -> &'static [Base] {
        self.endpoint
    }

    /// What a token for the Defender for Endpoint API is asked for: not always the address that is called.
    pub fn endpoint_resource(&self) -> Option<&'static str> {
        self.endpoint_resource.map(|(resource, _)| resource)
    }

    /// The root of Graph, without a version, which is also what a token for it is asked for.
    pub fn graph(&self) -> &'static str {
        self.graph
    }

    /// The Defender portal.
    pub fn portal(&self) -> Option<&'static str> {
        self.portal
    }

    /// The portal in which applications are registered.
    pub fn azure_portal(&self) -> &'static str {
        self.azure_portal
    }

    /// Where the addresses are from.
    pub fn source(&self) -> Source {
        self.source
    }

    /// Why this cloud has no such thing; `None` where it has, as far as is known.
    pub fn lacks(&self, capability: Capability) -> Option<&'static Lack> {
        self.lacks.iter().find(|lack| lack.capability == capability)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cloud(name: &str) -> &'static Cloud {
        Cloud::by_name(name).expect("it is in the table")
    }

    #[test]
    fn each_cloud_has_the_addresses_that_are_documented_for_it() {
        for (name, login, endpoint, resource, graph, portal) in [
            (
                "global",
                "microsoftonline.com",
                "api.security.microsoft.com",
                "api.securitycenter.microsoft.com",
                "graph.microsoft.com",
                "security.microsoft.com",
            ),
            (
                "gcc",
                "microsoftonline.com",
                "api-gcc.securitycenter.microsoft.us",
                "api-gcc.securitycenter.microsoft.us",
                "graph.microsoft.com",
                "security.microsoft.com",
            ),
            (
                "gcc-high",
                "microsoftonline.us",
                "api-gov.securitycenter.microsoft.us",
                "api-gov.securitycenter.microsoft.us",
                "graph.microsoft.us",
                "security.microsoft.us",
            ),
            (
                "dod",
                "microsoftonline.us",
                "api-gov.securitycenter.microsoft.us",
                "api-gov.securitycenter.microsoft.us",
                "dod-graph.microsoft.us",
                "security.apps.mil",
            ),
        ] {
            let cloud = cloud(name);
            let https = |host: &str| format!("https://{host}");
            assert_eq!(cloud.login(), https(&format!("login.{login}")));
            assert_eq!(cloud.endpoint(), Some(https(endpoint).as_str()));
            assert_eq!(cloud.endpoint_resource(), Some(https(resource).as_str()));
            assert_eq!(cloud.graph(), https(graph));
            assert_eq!(cloud.portal(), Some(https(portal).as_str()));
        }
        let china = cloud("China");
        assert_eq!((china.endpoint(), china.endpoint_resource(), china.portal()), (None, None, None));
        assert_eq!(china.graph(), "https://microsoftgraph.chinacloudapi.cn");
        assert_eq!(Cloud::by_name("mars"), None);
        assert_eq!(
            cloud("dod").token_endpoint("t.example"),
            "https://login.microsoftonline.us/t.example/oauth2/v2.0/token"
        );
    }

    #[test]
    fn a_region_is_one_of_the_commercial_api_and_in_the_form_of_today() {
        assert_eq!(Cloud::global().endpoint_in("EU"), Some("https://eu.api.security.microsoft.com"));
        assert_eq!(Cloud::global().endpoint_in("mars"), None);
        assert_eq!(cloud("gcc").endpoint_in("us"), None);
        assert_eq!(Cloud::global().regions().collect::<Vec<_>>(), ["us", "eu", "uk", "au", "swa", "ina", "aea"]);
    }

    #[test]
    fn what_a_cloud_lacks_is_what_the_sources_say() {
        let lacking = |name: &str| -> Vec<_> {
            Capability::ALL.into_iter().filter(|capability| cloud(name).lacks(*capability).is_some()).collect()
        };
        assert_eq!(lacking("global"), []);
        assert_eq!(lacking("gcc"), []);
        assert_eq!(lacking("gcc-high"), [Capability::DetectionRules]);
        assert_eq!(lacking("dod"), [Capability::DetectionRules]);
        assert_eq!(lacking("china"), Capability::ALL);
        let alerts = cloud("china").lacks(Capability::AlertsV2).expect("it is missing");
        assert_eq!((alerts.source.date, alerts.source.sure), ("2026-07-31", Sureness::High));
    }

    #[test]
    fn every_address_is_whole_and_without_a_path() {
        for cloud in Cloud::all() {
            let mut all: Vec<_> = vec![cloud.login(), cloud.graph(), cloud.azure_portal()];
            all.extend(cloud.endpoint_bases().iter().map(|base| base.url));
            all.extend(cloud.portal().into_iter().chain(cloud.endpoint_resource()));
            for text in all {
                let url: url::Url = text.parse().expect("an address");
                assert!(url.scheme() == "https" && url.path() == "/" && !text.ends_with('/'), "{text}");
            }
        }
    }
}
