//! A request that a device sends: what `Invoke-WebRequest` does in the guide.

use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use reqwest::{
    Proxy, Url,
    header::{CONTENT_TYPE, PROXY_AUTHORIZATION},
};
use secrecy::{ExposeSecret as _, SecretString};

use crate::{clock::Clock, domain::device::Device, record::drill::Stimulus};

/// How requests leave the device.
#[derive(Debug, Clone, Default)]
pub struct Route {
    /// The proxy on the way, without user; none is straight out.
    pub proxy: Option<String>,
    /// The proxy's user, where it wants a login or tells devices apart by it.
    pub user: Option<String>,
    /// The password that goes with the user.
    pub password: Option<SecretString>,
    /// Whether the proxy takes the user of a request for the device that it comes from, as the emulated sensor does.
    pub by_device: bool,
}

/// Why there is no evidence that a request was sent and answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrafficError {
    /// The address cannot be requested.
    #[error("`{url}` is no address that a device could request: {why}")]
    Address {
        /// What was given.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// A proxy on the way wants a login.
    #[error("the proxy {proxy} wants a login (HTTP 407 Proxy Authentication Required)")]
    ProxyLogin {
        /// The proxy.
        proxy: String,
    },
    /// An answer through a proxy that may be the proxy's own, by which the request got no further.
    #[error("GET {url} may have got no further than the proxy {proxy}: the answer was HTTP {status}")]
    ProxyFailed {
        /// The address.
        url: String,
        /// The proxy.
        proxy: String,
        /// What was answered: 429, or 500 and above.
        status: u16,
    },
    /// The answer says that it is whole and is not, so that it is no evidence of who gave it.
    #[error("GET {url} was answered HTTP {status} with JSON that breaks off: {cause}")]
    BreaksOff {
        /// The address.
        url: String,
        /// The answer's status.
        status: u16,
        /// What is wrong with it.
        cause: String,
    },
    /// The connection was made and then closed without an answer, as it is by what keeps a device from an address.
    #[error("GET {url} was cut off: {cause}")]
    CutOff {
        /// The address.
        url: String,
        /// The whole chain of causes.
        cause: String,
    },
    /// The request was not answered.
    #[error("GET {url} was not answered: {cause}")]
    NotAnswered {
        /// The address.
        url: String,
        /// The whole chain of causes.
        cause: String,
    },
}

impl TrafficError {
    /// What a person can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Address { .. } => "write a host, an IP address or an http:// address",
            Self::ProxyLogin { .. } => {
                "set `device_proxy` and `device_proxy_user` in the tenant's table of alertdrill.toml, and \
                 ALERTDRILL_DEVICE_PROXY_PASSWORD in the environment"
            }
            Self::ProxyFailed { .. } => {
                "a proxy answers so when it did not reach the address, and a connection that is never made raises \
                 nothing: check that it may and can reach it, and that something answers there"
            }
            Self::BreaksOff { .. } => {
                "something on the way cut the answer short, or answered in the address's place: check the route from the device"
            }
            Self::CutOff { .. } | Self::NotAnswered { .. } => {
                "something must answer at this address, since a connection that is never made raises nothing: \
                 check the route from the device, and `device_proxy` if there is a proxy"
            }
        }
    }
}

/// At most so much of an answer is read: evidence needs no more.
const ANSWER_LIMIT: usize = 64 * 1024;

/// How much of an answer is kept.
const EXCERPT: usize = 200;

/// A device's browser, one for each route and device.
#[derive(Debug, Clone)]
pub struct Browser {
    client: reqwest::Client,
    route: Route,
}

impl Browser {
    /// A browser whose requests leave by `route` and give up after `limit` of real time.
    pub fn new(route: &Route, limit: Duration) -> Result<Self, TrafficError> {
        let refused = |why: String| TrafficError::Address { url: route.proxy.clone().unwrap_or_default(), why };
        // The client is built with TLS though it uses none; whoever was first has chosen its cryptography.
        let _already_chosen = rustls::crypto::ring::default_provider().install_default();
        // A stimulus goes out over plain HTTP, so no root certificate is needed, and a machine may have none.
        let mut builder = reqwest::Client::builder()
            .tls_certs_only([])
            .no_proxy()
            .retry(reqwest::retry::never())
            .redirect(reqwest::redirect::Policy::none())
            // Every drill has a host of its own: connections that were kept would pile up until the proxy takes no more.
            .pool_max_idle_per_host(0)
            .user_agent("Mozilla/5.0 (Windows NT; Windows NT 10.0) WindowsPowerShell/5.1")
            .timeout(limit);
        if let Some(address) = &route.proxy {
            let mut proxy = Proxy::http(address).map_err(|error| refused(chain(&error)))?;
            if let Some(user) = &route.user {
                let password = route.password.as_ref().map(SecretString::expose_secret);
                proxy = proxy.basic_auth(user, password.unwrap_or_default());
            }
            builder = builder.proxy(proxy);
        }
        let client = builder.build().map_err(|error| refused(chain(&error)))?;
        Ok(Self { client, route: route.clone() })
    }

    /// Requests `target` (a host, an IP address or an http address) on `device`, and returns the evidence.
    pub async fn contact(&self, device: &Device, target: &str, clock: &Clock) -> Result<Stimulus, TrafficError> {
        let url = address(target)?;
        let from = clock.now();
        let not_answered = |error: reqwest::Error| {
            let (url, cause) = (url.to_string(), chain(&error));
            let cut_off = !error.is_connect() && !error.is_timeout();
            if cut_off { TrafficError::CutOff { url, cause } } else { TrafficError::NotAnswered { url, cause } }
        };
        let mut request = self.client.get(url.clone());
        if self.route.by_device && self.route.user.is_none() {
            let user = BASE64_STANDARD.encode(format!("{}:", device.name));
            request = request.header(PROXY_AUTHORIZATION, format!("Basic {user}"));
        }
        let mut response = request.send().await.map_err(not_answered)?;
        if response.status() == reqwest::StatusCode::PROXY_AUTHENTICATION_REQUIRED {
            return Err(TrafficError::ProxyLogin { proxy: self.route.proxy.clone().unwrap_or_default() });
        }
        if let (Some(proxy), status @ (429 | 500..)) = (&self.route.proxy, response.status().as_u16()) {
            return Err(TrafficError::ProxyFailed { url: url.to_string(), proxy: proxy.clone(), status });
        }
        let mut body = Vec::new();
        while body.len() < ANSWER_LIMIT {
            let Some(chunk) = response.chunk().await.map_err(not_answered)? else { break };
            body.extend_from_slice(&chunk);
        }
        whole(&url, &response, &body)?;
        Ok(Stimulus {
            what: format!("GET {url}"),
            device: device.name.clone(),
            via: self.route.proxy.clone(),
            from,
            until: clock.now(),
            status: Some(response.status().as_u16()),
            bytes: u64::try_from(body.len()).unwrap_or(u64::MAX),
            excerpt: String::from_utf8_lossy(&body).chars().take(EXCERPT).collect(),
        })
    }
}

/// That `body`, where it is said to be JSON and all of it was read, does not break off.
fn whole(url: &Url, response: &reqwest::Response, body: &[u8]) -> Result<(), TrafficError> {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let says_json = kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"));
    if !says_json || body.is_empty() || body.len() >= ANSWER_LIMIT {
        return Ok(());
    }
    match serde_json::from_slice::<serde::de::IgnoredAny>(body) {
        Err(error) if error.is_eof() => {
            let (url, status, cause) = (url.to_string(), response.status().as_u16(), error.to_string());
            Err(TrafficError::BreaksOff { url, status, cause })
        }
        _ => Ok(()),
    }
}

/// The host that a request of `target` goes to, as an indicator would name it.
pub fn host(target: &str) -> Option<String> {
    let url = address(target).ok()?;
    Some(url.host_str()?.trim_matches(['[', ']']).to_owned())
}

fn address(target: &str) -> Result<Url, TrafficError> {
    let refused = |why: &str| TrafficError::Address { url: target.into(), why: why.into() };
    let text = if target.contains("://") { target.to_owned() } else { format!("http://{target}/") };
    let url = Url::parse(&text).map_err(|error| refused(&error.to_string()))?;
    if url.scheme() == "http" { Ok(url) } else { Err(refused("only http is sent as a stimulus")) }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_host_or_address_is_requested_over_http() {
        assert_eq!(address("52.184.197.12").map(String::from), Ok("http://52.184.197.12/".into()));
        assert_eq!(address("http://a.example/x?y").map(String::from), Ok("http://a.example/x?y".into()));
    }

    #[test]
    fn the_host_is_what_an_indicator_would_name() {
        let hosts = ["52.184.197.12", "http://a.example:80/x?y", "http://user@a.example/", "http://[::1]:80/", "a b"];
        let expected = [Some("52.184.197.12"), Some("a.example"), Some("a.example"), Some("::1"), None];
        assert_eq!(hosts.map(host), expected.map(|host| host.map(str::to_owned)));
    }

    #[test]
    fn what_is_not_http_is_refused_with_what_to_write_instead() {
        for target in ["file:///etc/passwd", "https://a.example/", "", "a b"] {
            let error = address(target).expect_err(target);
            assert!(error.hint().contains("http://"), "{error}");
        }
    }
}
