//! The services that tokens are shown to, as the directory knows them: their names, and the roles that they know.
//!
//! A service has one principal in the directory and many names: hosts of today and of earlier years, one for each
//! cloud, and its application id. A token is issued for a name, and carries the roles that were granted on the service.

/// A service with a principal in the directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Resource {
    /// The Defender for Endpoint API.
    Defender,
    /// The Defender XDR API.
    ThreatProtection,
    /// Microsoft Graph.
    Graph,
    /// Azure AD Graph, whose tokens the threat intelligence API takes.
    DirectoryGraph,
    /// The alert export feed.
    Exporter,
}

/// What the directory knows of a service.
#[derive(Debug)]
pub(super) struct Principal {
    pub(super) resource: Resource,
    pub(super) name: &'static str,
    pub(super) app_id: &'static str,
    /// What a token can be asked for with, without a slash at the end; the application id is one more name.
    pub(super) uris: &'static [&'static str],
    /// The roles that can be granted to applications, each with its id.
    pub(super) roles: &'static [(&'static str, &'static str)],
}

/// The host that the Defender for Endpoint API and the Defender XDR API share. Pages and clients of either ask for
/// tokens by it; whose it is in the directory is not published, so that its tokens are for both.
const SHARED_NAME: &str = "https://api.security.microsoft.com";

/// Every service, with its names in every cloud (defender-endpoint-api §1.1 and §7, graph-security-api §1.1 and §1.4; the
/// regional names of before are on pages of 2020, those of Defender XDR for governments on its page for them).
pub(super) static PRINCIPALS: [Principal; 5] = [
    Principal {
        resource: Resource::Defender,
        name: "WindowsDefenderATP",
        app_id: "fc780465-2017-40d4-a0c5-307022471b92",
        uris: &[
            "https://api.securitycenter.microsoft.com",
            "https://api.securitycenter.windows.com",
            "https://api-us.securitycenter.windows.com",
            "https://api-eu.securitycenter.windows.com",
            "https://api-uk.securitycenter.windows.com",
            SHARED_NAME,
            "https://api-us.securitycenter.microsoft.com",
            "https://api-eu.securitycenter.microsoft.com",
            "https://api-uk.securitycenter.microsoft.com",
            "https://api-au.securitycenter.microsoft.com",
            "https://us.api.security.microsoft.com",
            "https://eu.api.security.microsoft.com",
            "https://uk.api.security.microsoft.com",
            "https://au.api.security.microsoft.com",
            "https://swa.api.security.microsoft.com",
            "https://ina.api.security.microsoft.com",
            "https://aea.api.security.microsoft.com",
            "https://securitycenter.onmicrosoft.com/windowsatpservice",
            "https://api-gcc.securitycenter.microsoft.us",
            "https://api-gov.securitycenter.microsoft.us",
        ],
        roles: &DEFENDER_ROLES,
    },
    Principal {
        resource: Resource::ThreatProtection,
        name: "Microsoft Threat Protection",
        app_id: "8ee8fdad-f234-4243-8f3b-15c294843740",
        uris: &[
            "https://security.microsoft.com/mtp",
            "https://security.microsoft.com",
            "https://security.microsoft.us",
            "https://api-gcc.security.microsoft.us",
            "https://api-gov.security.microsoft.us",
        ],
        roles: &THREAT_PROTECTION_ROLES,
    },
    Principal {
        resource: Resource::Graph,
        name: "Microsoft Graph",
        app_id: "00000003-0000-0000-c000-000000000000",
        uris: &[
            "https://graph.microsoft.com",
            "https://graph.microsoft.us",
            "https://dod-graph.microsoft.us",
            "https://microsoftgraph.chinacloudapi.cn",
        ],
        roles: &GRAPH_ROLES,
    },
    Principal {
        resource: Resource::DirectoryGraph,
        name: "Windows Azure Active Directory",
        app_id: "00000002-0000-0000-c000-000000000000",
        uris: &["https://graph.windows.net"],
        roles: &[],
    },
    Principal {
        resource: Resource::Exporter,
        name: "WindowsDefenderATPSiemConnector",
        app_id: "",
        uris: &["https://wdatpalertexport.seville.onmicrosoft.com"],
        roles: &[],
    },
];

/// The application roles of the Defender for Endpoint API (graph-security-api §7).
const DEFENDER_ROLES: [(&str, &str); 26] = [
    ("Ti.ReadWrite", "a8bc2240-f96a-46a1-bad5-6a960b7327a1"),
    ("Ti.ReadWrite.All", "fc511a58-3adf-4d71-af24-00f13e35e479"),
    ("Ti.Read.All", "528ca142-c849-4a5b-935e-10b8b9c38a84"),
    ("Alert.Read.All", "71fe6b80-7034-4028-9ed8-0f316df9c3ff"),
    ("Alert.ReadWrite.All", "0f7000ec-157b-497f-b70e-ef0b0584f140"),
    ("AdvancedQuery.Read.All", "93489bf5-0fbc-4f2d-b901-33f2fe08ff05"),
    ("File.Read.All", "8788f1a9-beca-4e26-ba58-10513f3b896f"),
    ("Ip.Read.All", "47bf842d-354b-49ef-b741-3a6dd815bc13"),
    ("Url.Read.All", "721af526-ffa8-42d7-9b84-1a56244dd99d"),
    ("User.Read.All", "a833834a-4cf1-4732-8acf-bbcfa13fb610"),
    ("Machine.Read.All", "ea8291d3-4b9a-44b5-bc3a-6cea3026dc79"),
    ("Machine.ReadWrite.All", "aa027352-232b-4ed4-b963-a705fc4d6d2c"),
    ("Machine.Isolate", "7e4e1300-e1b9-4102-88ba-f0cb6e6d5974"),
    ("Machine.Scan", "a86d9824-b2b6-45f8-b042-16bc4922ed4e"),
    ("Machine.LiveResponse", "1629b959-c0af-42a1-92f0-f6162060bdf1"),
    ("Machine.StopAndQuarantine", "96e72b5e-7e68-4171-aad1-3937599e4751"),
    ("Machine.CollectForensics", "15405ab2-2103-4a3c-ad80-e829841cedcc"),
    ("Machine.RestrictExecution", "96b6b35d-074d-4e2d-b167-8d68d9269648"),
    ("Machine.Offboard", "594435bf-36dd-4548-83bd-1bdafe157d7a"),
    ("Library.Manage", "41d209c7-2511-4fc9-b899-8008a3976f09"),
    ("Event.Write", "84ddd701-5fac-4c30-b0ad-aa73a67bea1a"),
    ("Score.Read.All", "02b005dd-f804-43b4-8fc7-078460413f74"),
    ("Vulnerability.Read.All", "41269fc5-d04d-4bfd-bce7-43a51cea049a"),
    ("Software.Read.All", "37f71c98-d198-41ae-964d-2c49aab74926"),
    ("SecurityRecommendation.Read.All", "6443965c-7dd2-4cfd-b38f-bb7772bee163"),
    ("RemediationTasks.Read.All", "6a33eedf-ba73-4e5a-821b-f057ef63853a"),
];

/// The application roles of the Defender XDR API (defender-endpoint-api §1.3). Their ids are not in the references.
const THREAT_PROTECTION_ROLES: [(&str, &str); 3] =
    [("Incident.Read.All", ""), ("Incident.ReadWrite.All", ""), ("AdvancedHunting.Read.All", "")];

/// The application roles of Microsoft Graph that have to do with security and with applications (graph-security-api
/// §1.4).
const GRAPH_ROLES: [(&str, &str); 15] = [
    ("CustomDetection.Read.All", "673a007a-9e0f-4c97-b066-3c0164486909"),
    ("CustomDetection.ReadWrite.All", "e0fd9c8d-a12e-4cc9-9827-20c8c3cd6fb8"),
    ("SecurityAlert.Read.All", "472e4a4d-bb4a-4026-98d1-0b0d74cb74a5"),
    ("SecurityAlert.ReadWrite.All", "ed4fca05-be46-441f-9803-1873825f8fdb"),
    ("SecurityAlert.Create.All", "06870c4c-7370-4a2a-ad10-239a337af816"),
    ("SecurityIncident.Read.All", "45cc0394-e837-488b-a098-1918f48d186c"),
    ("SecurityIncident.ReadWrite.All", "34bf0e97-1971-4929-b999-9e2442d941d7"),
    ("ThreatHunting.Read.All", "dd98c7f5-2d42-42d3-a0e4-633161547251"),
    ("ThreatIndicators.ReadWrite.OwnedBy", "21792b6c-c986-4ffc-85de-df9da54b52fa"),
    ("ThreatIndicators.Read.All", "197ee4e9-b993-4066-898f-d6aecc55125b"),
    ("SecurityEvents.Read.All", "bf394140-e372-4bf9-a898-299cfc7564e5"),
    ("Application.ReadWrite.All", "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9"),
    ("Application.ReadWrite.OwnedBy", "18a4783c-866b-4cc7-a460-3d5e5662c884"),
    ("AppRoleAssignment.ReadWrite.All", "06b708a9-e830-4db3-a914-8e69da51d44f"),
    ("Application.Read.All", "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30"),
];

/// Every service that takes tokens for `audience`, the one that has the name first.
pub(super) fn takers(audience: &str) -> impl Iterator<Item = Resource> {
    let shared = audience.trim_end_matches('/').eq_ignore_ascii_case(SHARED_NAME);
    Resource::of_audience(audience).into_iter().chain(shared.then_some(Resource::ThreatProtection))
}

impl Resource {
    /// What the directory knows of it.
    pub(super) fn principal(self) -> &'static Principal {
        let [defender, threat_protection, graph, directory_graph, exporter] = &PRINCIPALS;
        match self {
            Self::Defender => defender,
            Self::ThreatProtection => threat_protection,
            Self::Graph => graph,
            Self::DirectoryGraph => directory_graph,
            Self::Exporter => exporter,
        }
    }

    /// The service of this name, in any letter case, or with this audience.
    pub(super) fn named(name: &str) -> Option<Self> {
        let by_name = PRINCIPALS.iter().find(|principal| principal.name.eq_ignore_ascii_case(name));
        by_name.map(|principal| principal.resource).or_else(|| Self::of_audience(name))
    }

    /// The service that a token for `audience` is for: by address or application id, with or without `api://` or
    /// `spn:` before the id and slashes at the end, in any letter case.
    pub(super) fn of_audience(audience: &str) -> Option<Self> {
        let name = audience.trim_end_matches('/');
        let id = name.get(..6).filter(|start| start.eq_ignore_ascii_case("api://")).map_or(name, |_| &name[6..]);
        let id = id.get(..4).filter(|start| start.eq_ignore_ascii_case("spn:")).map_or(id, |_| &id[4..]);
        let named = |principal: &&Principal| {
            !id.is_empty() && principal.app_id.eq_ignore_ascii_case(id)
                || principal.uris.iter().any(|uri| uri.eq_ignore_ascii_case(name))
        };
        PRINCIPALS.iter().find(named).map(|principal| principal.resource)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_found_by_each_of_its_names_and_by_no_other() {
        for principal in &PRINCIPALS {
            assert_eq!(principal.resource.principal().name, principal.name);
            assert_eq!(Resource::named(&principal.name.to_uppercase()), Some(principal.resource));
            for uri in principal.uris {
                assert_eq!(Resource::of_audience(uri), Some(principal.resource), "{uri}");
                assert_eq!(Resource::of_audience(&format!("{}//", uri.to_uppercase())), Some(principal.resource));
            }
        }
        for id in ["fc780465-2017-40d4-a0c5-307022471b92", "API://FC780465-2017-40D4-A0C5-307022471B92/"] {
            assert_eq!(Resource::of_audience(id), Some(Resource::Defender), "{id}");
        }
        assert_eq!(Resource::of_audience("spn:00000002-0000-0000-c000-000000000000"), Some(Resource::DirectoryGraph));
        let both: Vec<_> = takers("https://API.security.microsoft.com/").collect();
        assert_eq!(both, [Resource::Defender, Resource::ThreatProtection]);
        assert_eq!(takers("https://graph.microsoft.com").collect::<Vec<_>>(), [Resource::Graph]);
        for stranger in ["", "/", "api://", "spn:", "https://example.com", "https://graph.microsoft.com/beta", "äöüß"]
        {
            assert_eq!(Resource::of_audience(stranger), None, "{stranger}");
        }
    }
}
