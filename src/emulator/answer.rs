//! A request, as every face reads it, and its answer, as both servers write it.

use std::time::Duration;

/// A request, whichever server took it in.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method, as sent.
    pub method: String,
    /// The host that the client means, without port, in lower case: of an absolute target, else of the Host header.
    pub host: String,
    /// The port that the client means, where it names one.
    pub port: Option<u16>,
    /// `http` or `https`, as the client means it.
    pub scheme: &'static str,
    /// Whether the target was absolute, as it is when the client takes this server for a proxy.
    pub proxied: bool,
    /// The path, still percent-encoded, with its leading slash.
    pub path: String,
    /// The query, still percent-encoded, without the question mark; empty where there is none.
    pub query: String,
    /// The headers, names in lower case, in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// The first header of this name, given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// An answer, before any server has written it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers, without `content-length` and `date`, which the server adds.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// How it is to be delivered.
    pub delivery: Delivery,
}

/// How an answer is delivered: whole and at once, unless a fault says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Delivery {
    /// Whole, at once.
    #[default]
    Whole,
    /// Whole, after so much real time.
    After(Duration),
    /// Only so many bytes of the body, then the connection is closed.
    Cut(usize),
    /// Nothing: the connection is closed.
    Closed,
}

impl Answer {
    /// An answer with a body of this media type.
    pub fn of(status: u16, media_type: &str, body: Vec<u8>) -> Self {
        let headers = vec![("content-type".to_owned(), media_type.to_owned())];
        Self { status, headers, body, delivery: Delivery::Whole }
    }

    /// An answer without a body.
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new(), delivery: Delivery::Whole }
    }

    /// An answer in JSON.
    pub fn json(status: u16, body: &serde_json::Value) -> Self {
        Self::of(status, "application/json; charset=utf-8", body.to_string().into_bytes())
    }

    /// An error in the form of the framework that the real services are built with: `{"Message": …}`.
    pub fn message(status: u16, message: &str) -> Self {
        Self::json(status, &serde_json::json!({ "Message": message }))
    }

    /// The same answer with one more header.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}
