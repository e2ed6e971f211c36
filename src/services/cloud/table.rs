//! The rows of the clouds.

use crate::services::cloud::{Base, Capability, Cloud, Form, Lack, Source, Sureness, source};

const API_LIST: Source = source("Defender for Endpoint, supported APIs", "by 2026-09-15", Sureness::High);
const OLDER_CLIENTS: Source =
    source("older revisions of the API pages, and clients in production", "2026-08-21", Sureness::High);
const OLD_COPIES: Source = source("copies of the page of supported APIs, and msticpy", "2021 to 2023", Sureness::High);
const GOVERNMENT: Source = source("Defender for Endpoint for US Government customers", "2026-01-05", Sureness::High);
const GOVERNMENT_SCRIPTS: Source = source("scripts of third parties", "2026-08-21", Sureness::Medium);
const DEPLOYMENTS: Source = source("Graph, national cloud deployments", "2026-11-24", Sureness::High);
const AVAILABILITY: Source = source("availability box of Graph's pages", "2026-11-24", Sureness::High);
const SCHEMAS: Source = source("Graph's v1.0 schemas of each cloud", "2026-07-31", Sureness::High);

const fn base(url: &'static str, form: Form, source: Source) -> Base {
    Base { url, form, source }
}

const fn lack(capability: Capability, reason: &'static str, source: Source) -> Lack {
    Lack { capability, reason, source }
}

const COMMERCIAL: &[Base] = &[
    base("https://api.security.microsoft.com", Form::Today, API_LIST),
    base("https://api.securitycenter.microsoft.com", Form::Older, OLDER_CLIENTS),
    base(
        "https://api.securitycenter.windows.com",
        Form::Older,
        source("PSMDATP; nobody says whether it still answers", "2021", Sureness::Low),
    ),
    base("https://us.api.security.microsoft.com", Form::Regional("us"), API_LIST),
    base("https://eu.api.security.microsoft.com", Form::Regional("eu"), API_LIST),
    base("https://uk.api.security.microsoft.com", Form::Regional("uk"), API_LIST),
    base("https://au.api.security.microsoft.com", Form::Regional("au"), API_LIST),
    base("https://swa.api.security.microsoft.com", Form::Regional("swa"), API_LIST),
    base("https://ina.api.security.microsoft.com", Form::Regional("ina"), API_LIST),
    base("https://aea.api.security.microsoft.com", Form::Regional("aea"), API_LIST),
    base("https://api-us.securitycenter.microsoft.com", Form::OlderRegional("us"), OLD_COPIES),
    base("https://api-eu.securitycenter.microsoft.com", Form::OlderRegional("eu"), OLD_COPIES),
    base("https://api-uk.securitycenter.microsoft.com", Form::OlderRegional("uk"), OLD_COPIES),
    base("https://api-au.securitycenter.microsoft.com", Form::OlderRegional("au"), OLD_COPIES),
];

const NO_RULES: &[Lack] = &[lack(
    Capability::DetectionRules,
    "custom detection rules are offered in the global cloud alone, in beta",
    AVAILABILITY,
)];

/// The clouds. The first is the one of a tenant that names none.
pub(super) static CLOUDS: [Cloud; 5] = [
    Cloud {
        name: "global",
        login: "https://login.microsoftonline.com",
        endpoint: COMMERCIAL,
        // Some of the calls refuse a token for any other, whatever the host.
        endpoint_resource: Some((
            "https://api.securitycenter.microsoft.com",
            source("Defender for Endpoint, create an app", "2026-07-28", Sureness::High),
        )),
        graph: "https://graph.microsoft.com",
        portal: Some("https://security.microsoft.com"),
        azure_portal: "https://portal.azure.com",
        source: DEPLOYMENTS,
        lacks: &[],
    },
    // A tenant of GCC whose Defender for Endpoint is the commercial one is `global` in everything.
    Cloud {
        name: "gcc",
        login: "https://login.microsoftonline.com",
        endpoint: &[base("https://api-gcc.securitycenter.microsoft.us", Form::Today, GOVERNMENT)],
        endpoint_resource: Some(("https://api-gcc.securitycenter.microsoft.us", GOVERNMENT_SCRIPTS)),
        graph: "https://graph.microsoft.com",
        portal: Some("https://security.microsoft.com"),
        azure_portal: "https://portal.azure.com",
        source: GOVERNMENT,
        lacks: &[],
    },
    Cloud {
        name: "gcc-high",
        login: "https://login.microsoftonline.us",
        endpoint: &[base("https://api-gov.securitycenter.microsoft.us", Form::Today, GOVERNMENT)],
        endpoint_resource: Some(("https://api-gov.securitycenter.microsoft.us", GOVERNMENT_SCRIPTS)),
        graph: "https://graph.microsoft.us",
        portal: Some("https://security.microsoft.us"),
        azure_portal: "https://portal.azure.us",
        source: GOVERNMENT,
        lacks: NO_RULES,
    },
    Cloud {
        name: "dod",
        login: "https://login.microsoftonline.us",
        endpoint: &[base("https://api-gov.securitycenter.microsoft.us", Form::Today, GOVERNMENT)],
        endpoint_resource: Some(("https://api-gov.securitycenter.microsoft.us", GOVERNMENT_SCRIPTS)),
        graph: "https://dod-graph.microsoft.us",
        portal: Some("https://security.apps.mil"),
        azure_portal: "https://portal.azure.us",
        source: GOVERNMENT,
        lacks: NO_RULES,
    },
    Cloud {
        name: "china",
        login: "https://login.chinacloudapi.cn",
        endpoint: &[],
        endpoint_resource: None,
        graph: "https://microsoftgraph.chinacloudapi.cn",
        portal: None,
        azure_portal: "https://portal.azure.cn",
        source: DEPLOYMENTS,
        lacks: &[
            lack(
                Capability::Endpoint,
                "no address of the Defender for Endpoint API is documented for the cloud in China",
                source("none of the pages of the API names one", "by 2026-09-15", Sureness::Low),
            ),
            lack(
                Capability::DetectionRules,
                "custom detection rules are offered in the global cloud alone, in beta",
                AVAILABILITY,
            ),
            lack(Capability::AlertsV2, "Graph has no alerts_v2 in the cloud in China", SCHEMAS),
            lack(Capability::Incidents, "Graph has no incidents in the cloud in China", SCHEMAS),
            lack(Capability::Hunting, "Graph has no runHuntingQuery in the cloud in China", SCHEMAS),
            lack(Capability::ManualAlerts, "Graph takes no alerts made by hand in the cloud in China", AVAILABILITY),
        ],
    },
];
