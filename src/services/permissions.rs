//! What an application has to be permitted for which service to do what.

use std::fmt;

use crate::domain::service::Service;

/// What an application wants a service to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To publish, and to remove what was published.
    Publish,
    /// To read alerts.
    ReadAlerts,
    /// To close alerts, which needs no other permission to read them.
    CloseAlerts,
    /// To hunt for what devices reported.
    Hunt,
    /// To learn what is known of a device.
    KnowDevice,
}

/// An application permission, and the application that it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permission {
    /// The application's name in the directory.
    pub application: &'static str,
    /// The permission's name, as in the `roles` of a token.
    pub name: &'static str,
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` ({})", self.name, self.application)
    }
}

/// The least permission with which `service` does it; none where the service knows none, or cannot do it.
///
/// Source: of the Defender for Endpoint API the page of each call (2025-12 and older, which also list wider permissions);
/// of Microsoft Graph its reference of permissions.
pub fn least(service: Service, purpose: Purpose) -> Option<Permission> {
    let endpoint = |name| Some(Permission { application: "WindowsDefenderATP", name });
    let graph = |name| Some(Permission { application: "Microsoft Graph", name });
    match (service, purpose) {
        (Service::Legacy, _) => None,
        (Service::Endpoint, Purpose::Publish) => endpoint("Ti.ReadWrite.All"),
        (Service::Endpoint, Purpose::ReadAlerts) => endpoint("Alert.Read.All"),
        (Service::Endpoint, Purpose::CloseAlerts) => endpoint("Alert.ReadWrite.All"),
        (Service::Endpoint, Purpose::Hunt) => endpoint("AdvancedQuery.Read.All"),
        (Service::Endpoint, Purpose::KnowDevice) => endpoint("Machine.Read.All"),
        (Service::Graph, Purpose::Publish) => graph("CustomDetection.ReadWrite.All"),
        (Service::Graph, Purpose::ReadAlerts) => graph("SecurityAlert.Read.All"),
        (Service::Graph, Purpose::CloseAlerts) => graph("SecurityAlert.ReadWrite.All"),
        // A device is known by what it reported.
        (Service::Graph, Purpose::Hunt | Purpose::KnowDevice) => graph("ThreatHunting.Read.All"),
    }
}
