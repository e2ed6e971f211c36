//! What differs from cloud to cloud: the names of hosts, and who issues tokens.

/// A cloud, as its login hosts tell it.
#[derive(Debug)]
pub(super) struct Cloud {
    /// The login hosts, the one that libraries prefer first, and the one that they keep tokens under second.
    pub(super) hosts: &'static [&'static str],
    /// Who issues tokens of version 1.
    pub(super) issuer: &'static str,
    /// What the discovery documents call it.
    pub(super) name: &'static str,
    pub(super) directory_graph: &'static str,
    pub(super) graph: &'static str,
    pub(super) access_control: &'static str,
    /// How names of services end that the directories of this cloud do not know.
    pub(super) foreign: &'static [&'static str],
}

/// Every cloud that has a place in the discovery of instances. The commercial one stands first: a client that reaches
/// the emulator by another name means that one. That its directories know no service of the others is recorded
/// (defender-endpoint-api §1.4); nothing is known of the opposite.
pub(super) static CLOUDS: [Cloud; 4] = [
    Cloud {
        hosts: &["login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"],
        issuer: "https://sts.windows.net/",
        name: "microsoftonline.com",
        directory_graph: "graph.windows.net",
        graph: "graph.microsoft.com",
        access_control: "https://pas.windows.net",
        foreign: &["api-gov.securitycenter.microsoft.us", "graph.microsoft.us", ".chinacloudapi.cn"],
    },
    Cloud {
        hosts: &["login.partner.microsoftonline.cn", "login.partner.microsoftonline.cn", "login.chinacloudapi.cn"],
        issuer: "https://sts.chinacloudapi.cn/",
        name: "partner.microsoftonline.cn",
        directory_graph: "graph.chinacloudapi.cn",
        graph: "microsoftgraph.chinacloudapi.cn",
        access_control: "https://pas.chinacloudapi.cn",
        foreign: &[],
    },
    Cloud {
        hosts: &["login.microsoftonline.us", "login.microsoftonline.us", "login.usgovcloudapi.net"],
        issuer: "https://sts.windows.net/",
        name: "microsoftonline.us",
        directory_graph: "graph.windows.net",
        graph: "graph.microsoft.us",
        access_control: "https://pasff.usgovcloudapi.net",
        foreign: &[],
    },
    Cloud {
        hosts: &["login-us.microsoftonline.com", "login-us.microsoftonline.com"],
        issuer: "https://sts.windows.net/",
        name: "us.microsoftonline.com",
        directory_graph: "graph.windows.net",
        graph: "graph.microsoft.com",
        access_control: "https://pas.windows.net",
        foreign: &[],
    },
];

impl Cloud {
    /// The cloud of a login host; none where the host is not one of the real service.
    pub(super) fn of_host(host: &str) -> Option<&'static Self> {
        let host = host.trim_end_matches('.');
        CLOUDS.iter().find(|cloud| cloud.hosts.iter().any(|known| known.eq_ignore_ascii_case(host)))
    }

    /// The login hosts, each once.
    pub(super) fn aliases(&self) -> impl Iterator<Item = &'static str> {
        let repeated = self.hosts.first() == self.hosts.get(1);
        self.hosts.iter().skip(usize::from(repeated)).copied()
    }
}
