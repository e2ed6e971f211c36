//! A request as a service asks for it, and its answer.

use serde::{Serialize, de::DeserializeOwned};
use url::Url;

use crate::transport::{decode, error::TransportError, secret::Secret, shared::Shared};

/// One request, as yet without authorisation.
#[derive(Debug, Clone)]
#[must_use = "a call is made by `Transport::call`"]
pub struct Call {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) purpose: String,
    pub(crate) accept: &'static str,
    pub(crate) prefer: Option<&'static str>,
    pub(crate) body: Option<Body>,
    pub(crate) repeatable: bool,
    pub(crate) clean_up: bool,
    pub(crate) weight: usize,
    pub(crate) hidden: Vec<Secret>,
    pub(crate) answers_a_secret: bool,
    pub(crate) shared: Option<Shared>,
}

/// The methods that the services know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the HTTP method of the same name")]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// The method as it is sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// A body with its content type. Its `Debug` tells the size only, for a form may hold a secret.
#[derive(Clone)]
pub(crate) struct Body {
    pub(crate) content_type: &'static str,
    pub(crate) bytes: Vec<u8>,
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({} bytes)", self.content_type, self.bytes.len())
    }
}

impl Call {
    /// A call that reads.
    pub fn get(url: Url) -> Self {
        Self::new(Method::Get, url)
    }

    /// A call that makes something; not repeated once it may have been received.
    pub fn post(url: Url) -> Self {
        Self::new(Method::Post, url)
    }

    /// A call that sets something.
    pub fn put(url: Url) -> Self {
        Self::new(Method::Put, url)
    }

    /// A call that changes something; not repeated once it may have been received, unless it is [`Call::repeatable`].
    pub fn patch(url: Url) -> Self {
        Self::new(Method::Patch, url)
    }

    /// A call that removes something.
    pub fn delete(url: Url) -> Self {
        Self::new(Method::Delete, url)
    }

    fn new(method: Method, url: Url) -> Self {
        Self {
            purpose: format!("{} {}", method.as_str(), url.path()),
            repeatable: !matches!(method, Method::Post | Method::Patch),
            method,
            url,
            accept: "application/json",
            prefer: None,
            body: None,
            clean_up: false,
            weight: 1,
            hidden: Vec::new(),
            answers_a_secret: false,
            shared: None,
        }
    }

    /// What the call is for, in words that finish "could not …": `list alert definitions`.
    pub fn purpose(mut self, purpose: impl Into<String>) -> Self {
        self.purpose = purpose.into();
        self
    }

    /// Asks for another form of answer than `application/json`.
    pub fn accept(mut self, accept: &'static str) -> Self {
        self.accept = accept;
        self
    }

    /// Says what would be preferred of the answer, in a `Prefer` header (RFC 7240).
    pub fn prefer(mut self, preference: &'static str) -> Self {
        self.prefer = Some(preference);
        self
    }

    /// Sends `value` as JSON.
    ///
    /// # Panics
    /// Never for the wire types of this crate: they have string keys only.
    pub fn json<T: Serialize>(mut self, value: &T) -> Self {
        let bytes = serde_json::to_vec(value).expect("a wire type has string keys and writes without failing");
        self.body = Some(Body { content_type: "application/json", bytes });
        self
    }

    /// Sends `fields` as a form, in this order.
    pub fn form(mut self, fields: &[(&str, &str)]) -> Self {
        let bytes = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish().into_bytes();
        self.body = Some(Body { content_type: "application/x-www-form-urlencoded", bytes });
        self
    }

    /// Says that to make the call twice does what making it once does.
    pub fn repeatable(mut self) -> Self {
        self.repeatable = true;
        self
    }

    /// Says that the call cleans up, and may use the calls that are kept back for that.
    pub fn clean_up(mut self) -> Self {
        self.clean_up = true;
        self
    }

    /// Says that the call carries so many, each of which the service counts.
    pub fn counts_as(mut self, calls: usize) -> Self {
        self.weight = calls;
        self
    }

    /// Says what of the call belongs to whom, where it is made for several at once.
    pub fn shared(mut self, shared: Shared) -> Self {
        self.shared = Some(shared);
        self
    }

    /// Names a secret that the call sends, so that an answer that repeats it is not shown as it came.
    pub fn hide(mut self, secret: &Secret) -> Self {
        self.hidden.push(secret.clone());
        self
    }

    /// Says that an answer of success is a secret as a whole, whatever its members are called: it is not written down.
    pub fn answers_a_secret(mut self) -> Self {
        self.answers_a_secret = true;
        self
    }

    /// Host and port, as every error text names them.
    pub(crate) fn host(&self) -> String {
        let host = self.url.host_str().unwrap_or("nowhere");
        self.url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }
}

/// An answer with a status of success.
#[derive(Debug, Clone)]
pub struct Reply {
    pub(crate) purpose: String,
    pub(crate) host: String,
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// The status, of the two hundreds.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The first header of this name, given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body, as it came.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body, read as JSON of the type `T`.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, TransportError> {
        if let Some(coding) = self.header("content-encoding").filter(|coding| !coding.eq_ignore_ascii_case("identity"))
        {
            let saw = format!("a body in {coding}, which was not asked for");
            return Err(self.malformed(decode::Odd::new(".", "JSON as it is", saw)));
        }
        decode::json(&self.body, self.header("content-type")).map_err(|odd| self.malformed(odd))
    }

    /// That the service itself said yes, where it need not say more: with an empty body, or with JSON. A page of something
    /// in between did nothing.
    pub fn acknowledged(&self) -> Result<(), TransportError> {
        if self.body.iter().all(u8::is_ascii_whitespace) {
            return Ok(());
        }
        self.json::<serde::de::IgnoredAny>().map(drop)
    }

    /// That this answer is not what was documented.
    pub fn malformed(&self, odd: decode::Odd) -> TransportError {
        TransportError::Malformed {
            purpose: self.purpose.clone(),
            host: self.host.clone(),
            path: odd.path,
            expected: odd.expected,
            saw: odd.saw,
        }
    }
}
