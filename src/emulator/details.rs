//! What a client needs to know of the emulated tenant in order to use it.

use serde::Serialize;

/// Where the tenant is and how to get in; all texts. Holds a secret, so it has no `Debug`.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Details {
    /// The token endpoint of version 1, which the guide calls the authorization URL.
    pub authorization_url: String,
    /// The token endpoint of version 2.
    pub token_url: String,
    /// The tenant's id.
    pub tenant_id: String,
    /// The registered application's id.
    pub client_id: String,
    /// The registered application's secret.
    pub client_secret: String,
    /// The resource to ask a token for.
    pub resource: String,
    /// The threat intelligence API, with a slash at its end: the guide's script appends to it.
    pub legacy_api: String,
    /// The alert export feed.
    pub alert_export_api: String,
    /// The Defender for Endpoint API.
    pub endpoint_api: String,
    /// Microsoft Graph.
    pub graph_api: String,
    /// The portal.
    pub portal: String,
    /// An HTTP proxy: traffic through it is seen by the sensor of a device.
    pub sensor_proxy: String,
    /// The control face.
    pub control: String,
    /// The name of the device that the tenant has from the start.
    pub device_name: String,
    /// The id of that device.
    pub device_id: String,
}
