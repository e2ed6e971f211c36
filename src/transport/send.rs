//! One attempt over the wire: the only place that knows the HTTP client.
//!
//! It does not try again, follows no redirect, and reads no more of a body than it was told to.

use std::{
    error::Error,
    fmt,
    path::PathBuf,
    sync::{Arc, Once},
    time::Duration,
};

use reqwest::{Client, ClientBuilder, header::HeaderValue};
use url::Url;

use crate::{
    clock::limit::Stopwatch,
    transport::{call::Call, repeated, secret::Secret},
};

/// How a profile reaches its services.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpSettings {
    /// For the connection: name, address, TLS. Real time, like every limit here.
    pub connect_limit: Duration,
    /// Between two pieces of an answer.
    pub read_limit: Duration,
    /// For the whole of a request.
    pub total_limit: Duration,
    /// The longest body that is read, in bytes.
    pub body_limit: usize,
    /// What stands between.
    pub proxy: Proxy,
    /// A file of certificate authorities in PEM, trusted beside the system's.
    pub ca_file: Option<PathBuf>,
    /// That every address of the profile is `http`: then a machine without any certificate authority is good enough.
    pub plain_only: bool,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            connect_limit: Duration::from_secs(10),
            read_limit: Duration::from_mins(1),
            total_limit: Duration::from_mins(2),
            body_limit: 16 * 1024 * 1024,
            proxy: Proxy::System,
            ca_file: None,
            plain_only: false,
        }
    }
}

/// What stands between alertdrill and a service. `Debug` tells a proxy's host only, for its address may hold a login.
#[derive(Clone, PartialEq, Eq)]
pub enum Proxy {
    /// What the system's settings say (`HTTPS_PROXY` and its kin).
    System,
    /// Nothing, whatever the system says.
    Direct,
    /// This proxy.
    Through {
        /// Its address.
        url: Url,
        /// Whom it knows us as.
        login: Option<Login>,
    },
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System => f.write_str("System"),
            Self::Direct => f.write_str("Direct"),
            Self::Through { url, .. } => write!(f, "Through({})", url.host_str().unwrap_or_default()),
        }
    }
}

/// A user and a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The user.
    pub user: String,
    /// The password.
    pub password: Secret,
}

/// Why there is no HTTP client for the settings of a profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// The file of certificate authorities.
    #[error("the certificate authorities in {path} cannot be used: {cause}")]
    CaFile {
        /// The file.
        path: PathBuf,
        /// The whole chain of causes.
        cause: String,
    },
    /// The proxy's address.
    #[error("the proxy {host} cannot be used: {cause}")]
    Proxy {
        /// Its host, for the address may hold a login.
        host: String,
        /// The whole chain of causes.
        cause: String,
    },
    /// The machine has no certificate authority, or TLS does not start.
    #[error("TLS is not available: {cause}")]
    Tls {
        /// The whole chain of causes.
        cause: String,
    },
}

/// An HTTP client. Clones share its connections; making one is dear, so a profile has one.
#[derive(Clone)]
pub struct HttpClient {
    client: Client,
    settings: Arc<HttpSettings>,
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HttpClient").field(&self.settings).finish()
    }
}

/// An answer, whatever its status.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// An attempt without a whole answer.
#[derive(Debug)]
pub(crate) struct Lost {
    pub(crate) why: NoAnswer,
    /// What came of the answer before.
    pub(crate) came: Option<Answer>,
}

impl From<NoAnswer> for Lost {
    fn from(why: NoAnswer) -> Self {
        Self { why, came: None }
    }
}

/// Why there is no whole answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NoAnswer {
    NoConnection(String),
    /// No connection, and no sense in another try: the service's certificate is not trusted.
    NotTrusted(String),
    Unsendable(String),
    Broken(String),
    TooLong {
        limit: usize,
    },
    TimedOut {
        limit: Duration,
    },
    ProxyLogin,
}

impl Answer {
    /// The first header of this name, given in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Takes `secret` out, for a service that repeats what it was sent.
    pub(crate) fn forget(&mut self, secret: &Secret) {
        if let Some(body) = repeated::without(&self.body, secret) {
            self.body = body;
        }
        for (_, value) in &mut self.headers {
            if let Some(left) = repeated::without(value.as_bytes(), secret) {
                *value = String::from_utf8_lossy(&left).into_owned();
            }
        }
    }
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoConnection(cause) | Self::NotTrusted(cause) => write!(f, "no connection: {cause}"),
            Self::Unsendable(cause) => write!(f, "nothing was sent: {cause}"),
            Self::Broken(cause) => write!(f, "the answer broke off: {cause}"),
            Self::TooLong { limit } => write!(f, "the body is longer than {} KiB", limit / 1024),
            Self::TimedOut { limit } => write!(f, "no answer within {limit:?}"),
            Self::ProxyLogin => f.write_str("the proxy wants a login (HTTP 407)"),
        }
    }
}

impl HttpClient {
    /// A client by these settings.
    pub fn new(settings: &HttpSettings) -> Result<Self, SettingsError> {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            let _already_chosen_by_the_program = rustls::crypto::ring::default_provider().install_default();
        });
        let authorities = authorities(settings)?;
        let trusting = |builder: ClientBuilder, alone: bool| {
            if alone {
                builder.tls_certs_only(authorities.clone())
            } else {
                builder.tls_certs_merge(authorities.clone())
            }
        };
        let built = trusting(builder(settings)?, settings.plain_only).build();
        let client = match built {
            // A machine without authorities of its own can do with ours.
            Err(_) if !authorities.is_empty() => trusting(builder(settings)?, true).build(),
            other => other,
        };
        let client = client.map_err(|error| SettingsError::Tls { cause: chain(&error) })?;
        Ok(Self { client, settings: Arc::new(settings.clone()) })
    }

    /// Makes one attempt.
    pub(crate) async fn send(&self, call: &Call, headers: &[(String, String)]) -> Result<Answer, Lost> {
        let watch = Stopwatch::start();
        let method = call.method.as_str().parse().expect("every method of ours is one of HTTP");
        let mut request = self.client.request(method, call.url.clone());
        for (name, text) in headers {
            let mut value = HeaderValue::from_str(text)
                .map_err(|_| NoAnswer::Unsendable(format!("the header `{name}` has characters that cannot be sent")))?;
            value.set_sensitive(name == "authorization");
            request = request.header(name.as_str(), value);
        }
        if let Some(body) = &call.body {
            request = request.body(body.bytes.clone());
        }
        let response = request.send().await.map_err(|error| self.read_failure(&error, watch))?;
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        let mut answer = Answer { status, headers, body: Vec::new() };
        match self.body(response, watch, &mut answer.body).await {
            _ if status == 407 => Err(Lost { why: NoAnswer::ProxyLogin, came: Some(answer) }),
            Ok(()) => Ok(answer),
            Err(why) => Err(Lost { why, came: Some(answer) }),
        }
    }

    async fn body(
        &self,
        mut response: reqwest::Response,
        watch: Stopwatch,
        body: &mut Vec<u8>,
    ) -> Result<(), NoAnswer> {
        let limit = self.settings.body_limit;
        while let Some(piece) = response.chunk().await.map_err(|error| self.read_failure(&error, watch))? {
            if body.len() + piece.len() > limit {
                return Err(NoAnswer::TooLong { limit });
            }
            body.extend_from_slice(&piece);
        }
        Ok(())
    }

    fn read_failure(&self, error: &reqwest::Error, watch: Stopwatch) -> NoAnswer {
        let cause = chain(error);
        if cause.contains("proxy authorization required") {
            NoAnswer::ProxyLogin
        } else if error.is_connect() && error.is_timeout() {
            NoAnswer::NoConnection(format!("none within {:?}", self.settings.connect_limit))
        } else if cause.contains("invalid peer certificate") {
            NoAnswer::NotTrusted(cause)
        } else if error.is_connect() {
            NoAnswer::NoConnection(cause)
        } else if error.is_timeout() {
            let total = watch.elapsed() >= self.settings.total_limit;
            let limit = if total { self.settings.total_limit } else { self.settings.read_limit };
            NoAnswer::TimedOut { limit }
        } else {
            NoAnswer::Broken(cause)
        }
    }
}

fn builder(settings: &HttpSettings) -> Result<ClientBuilder, SettingsError> {
    let builder = Client::builder()
        .user_agent(concat!("alertdrill/", env!("CARGO_PKG_VERSION")))
        .retry(reqwest::retry::never())
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        // Shorter than any server keeps an idle connection: a request that meets a closing one may not be repeated.
        .pool_idle_timeout(Duration::from_secs(20))
        .connect_timeout(settings.connect_limit)
        .read_timeout(settings.read_limit)
        .timeout(settings.total_limit);
    Ok(match &settings.proxy {
        Proxy::System => builder,
        Proxy::Direct => builder.no_proxy(),
        Proxy::Through { url, login } => {
            let mut proxy = reqwest::Proxy::all(url.clone()).map_err(|error| SettingsError::Proxy {
                host: url.host_str().unwrap_or_default().to_owned(),
                cause: chain(&error),
            })?;
            if let Some(login) = login {
                proxy = proxy.basic_auth(&login.user, login.password.expose());
            }
            builder.no_proxy().proxy(proxy)
        }
    })
}

fn authorities(settings: &HttpSettings) -> Result<Vec<reqwest::Certificate>, SettingsError> {
    let Some(path) = &settings.ca_file else { return Ok(Vec::new()) };
    let unusable = |cause: String| SettingsError::CaFile { path: path.clone(), cause };
    let pem = std::fs::read(path).map_err(|error| unusable(error.to_string()))?;
    let found = reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| unusable(chain(&error)))?;
    if found.is_empty() {
        return Err(unusable("it holds no certificate in PEM".into()));
    }
    Ok(found)
}

/// The causes of an error from the outermost that says something of its own, without the address, which may hold
/// more than everybody may see.
fn chain(error: &reqwest::Error) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut next = error.source();
    while let Some(error) = next {
        let text = error.to_string();
        // The client's own layers say no more than that there is an error below them.
        let says_nothing = text.starts_with("client error (") || text == "request or response body error";
        if !says_nothing && texts.last().is_none_or(|last| !last.ends_with(&text)) {
            texts.push(text);
        }
        next = error.source();
    }
    if texts.is_empty() { "the request cannot be made".into() } else { texts.join(": ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_certificates_is_refused_by_name() {
        let settings = HttpSettings { ca_file: Some("/nowhere/ca.pem".into()), ..HttpSettings::default() };
        let error = HttpClient::new(&settings).expect_err("there is no such file");
        assert!(
            error.to_string().starts_with("the certificate authorities in /nowhere/ca.pem cannot be used"),
            "{error}"
        );
        let empty = tempfile::NamedTempFile::new().expect("a file");
        let settings = HttpSettings { ca_file: Some(empty.path().into()), ..HttpSettings::default() };
        let error = HttpClient::new(&settings).expect_err("the file is empty");
        assert!(error.to_string().ends_with("it holds no certificate in PEM"), "{error}");
    }

    #[test]
    fn settings_never_show_a_password() {
        let proxy = Proxy::Through {
            url: "http://you:hunter23@proxy.example:3128".parse().expect("an address"),
            login: Some(Login { user: "me".into(), password: Secret::new("hunter2") }),
        };
        let settings = HttpSettings { proxy, plain_only: true, ..HttpSettings::default() };
        let client = HttpClient::new(&settings).expect("a client");
        assert!(!format!("{settings:?}{client:?}").contains("hunter2"));
    }
}
