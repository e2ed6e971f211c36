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
