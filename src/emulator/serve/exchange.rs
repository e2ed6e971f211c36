//! One exchange: reads a request, asks the site, and delivers its answer.

use std::{
    borrow::Cow,
    net::Ipv6Addr,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use http_body_util::BodyExt;
use hyper::{
    HeaderMap, Method, Response, Uri,
    body::{Body, Incoming},
    header::{EXPECT, HOST},
};

use crate::{
    clock::{Clock, limit::Allowance},
    emulator::{
        answer::{Answer, Delivery, Request},
        serve::{
            connection::{Guest, open_tunnel},
            delivery::{HangUp, Parcel, deliver},
            wire::Flushed,
        },
    },
};

/// A place: a host, in lower case, and a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) host: String,
    pub(super) port: Option<u16>,
}

impl Place {
    /// Reads `host`, `host:port`, `[::1]:port`; an unreadable port is none.
    fn read(text: &str) -> Self {
        let text = text.trim();
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, port.parse().ok()),
            _ => (text, None),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
        Self { host: host.to_ascii_lowercase(), port }
    }
}

/// How a request reached this server.
#[derive(Debug, Clone)]
pub(super) struct Way {
    /// Whether it came over TLS.
    pub(super) secure: bool,
    /// Where its tunnel leads, if it came through one that leads elsewhere than to this server itself.
    pub(super) tunnel: Option<Place>,
    /// Whether it came through a tunnel at all.
    pub(super) inside: bool,
    /// Tells when what was written to its client has left.
    pub(super) flushed: Arc<Flushed>,
}

/// Answers one request; `HangUp` closes the connection without a byte.
pub(super) async fn exchange(
    guest: Arc<Guest>,
    way: Way,
    mut request: hyper::Request<Incoming>,
) -> Result<Response<Parcel>, HangUp> {
    let site = Arc::clone(&guest.shared.site);
    let upgrade = hyper::upgrade::on(&mut request);
    let (parts, body) = request.into_parts();
    let mut asked = read_head(&guest, &way, &parts);
    if let Some(refusal) = refusal(&guest, &way, &parts, &asked) {
        return deliver(refusal, site.now(), way.flushed).await;
    }
    if parts.method == Method::CONNECT {
        let answer = guarded(&asked, || site.connect(&asked));
        if !(200..300).contains(&answer.status) {
            return deliver(answer, site.now(), way.flushed).await;
        }
        open_tunnel(&guest, upgrade, &asked);
        return Ok(Response::new(Parcel::empty()));
    }
    match read_body(&guest, &parts.headers, body).await {
        Ok(body) => asked.body = body,
        Err(refusal) => return deliver(refusal, site.now(), way.flushed).await,
    }
    let _asking = guest.stay.ask();
    let answer =
        guarded(&asked, || if way.tunnel.is_some() { site.answer_inside(&asked) } else { site.answer(&asked) });
    deliver(answer, site.now(), way.flushed).await
}

/// A face that panics has a defect; its client is told what a service with one tells, and the server lives on.
fn guarded(request: &Request, answer: impl FnOnce() -> Answer) -> Answer {
    catch_unwind(AssertUnwindSafe(answer)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().map(|text| Cow::Borrowed(*text));
        let text = text.or_else(|| panic.downcast_ref::<String>().map(|text| Cow::Borrowed(text.as_str())));
        tracing::error!(
            method = %request.method,
            path = %request.path,
            panic = %text.unwrap_or(Cow::Borrowed("no text")),
            "the emulator has a defect: answering a request panicked"
        );
        message(500, "An error has occurred.")
    })
}

/// An answer of the server itself, in the form that the emulated services use.
fn message(status: u16, text: &str) -> Answer {
    Answer {
        status,
        headers: vec![("content-type".into(), "application/json; charset=utf-8".into())],
        body: serde_json::json!({ "Message": text }).to_string().into_bytes(),
        delivery: Delivery::Whole,
    }
}

fn closing(mut answer: Answer) -> Answer {
    answer.headers.push(("connection".into(), "close".into()));
    answer
}

/// What no face needs to see.
fn refusal(guest: &Guest, way: &Way, parts: &hyper::http::request::Parts, asked: &Request) -> Option<Answer> {
    let connect = parts.method == Method::CONNECT;
    if !is_named_well(&parts.headers) {
        return Some(closing(message(400, "Bad Request - Invalid Hostname")));
    }
    if connect && way.inside {
        return Some(closing(message(400, "A tunnel cannot be opened inside a tunnel.")));
    }
    if connect && asked.host.is_empty() {
        return Some(closing(message(400, "CONNECT needs a host and a port.")));
    }
    let direct = !connect && !way.inside && parts.uri.authority().is_none();
    if guest.shared.speaks_tls && direct && !way.secure {
        return Some(closing(message(
            400,
            "This address speaks TLS: use https. Plain HTTP is only for clients that use it as a proxy.",
        )));
    }
    None
}

/// Whether the Host header names one host at most, in a way that it can be repeated to the client (RFC 9112, 3.2). HTTP/1.1
/// demands one, but who sends none means well.
fn is_named_well(headers: &HeaderMap) -> bool {
    let mut named = headers.get_all(HOST).iter();
    let (first, second) = (named.next(), named.next());
    let Some(first) = first else { return true };
    let host = first.to_str().map(|text| Place::read(text).host);
    let letter = |letter: u8| letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'.' | b'_');
    second.is_none() && host.is_ok_and(|host| host.bytes().all(letter) || host.parse::<Ipv6Addr>().is_ok())
}

fn read_head(guest: &Guest, way: &Way, parts: &hyper::http::request::Parts) -> Request {
    let headers: Vec<_> = parts
        .headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    let place = meant(&parts.uri, &parts.headers, way);
    let absolute = parts.uri.authority().is_some();
    let own = guest.shared.is_own(&place.host, place.port);
    let secure = match parts.uri.scheme_str() {
        Some(scheme) => scheme.eq_ignore_ascii_case("https"),
        None => way.secure,
    };
    let path = parts.uri.path();
    Request {
        method: parts.method.as_str().to_owned(),
        host: place.host,
        port: place.port,
        scheme: if secure { "https" } else { "http" },
        proxied: absolute && !own && !way.inside,
        path: if path.starts_with('/') { path.to_owned() } else { format!("/{path}") },
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers,
        body: Vec::new(),
    }
}

/// The place that the client means: of an absolute target, else of the Host header, else where its tunnel leads.
fn meant(uri: &Uri, headers: &HeaderMap, way: &Way) -> Place {
    if let Some(authority) = uri.authority() {
        // Who writes `user@host` as a target means the host.
        let text = authority.as_str();
        return Place::read(text.rsplit_once('@').map_or(text, |(_, host)| host));
    }
    let host = headers.get(HOST).map(|value| String::from_utf8_lossy(value.as_bytes()));
    match (host, &way.tunnel) {
        (Some(host), _) if !host.trim().is_empty() => Place::read(&host),
        (_, Some(tunnel)) => tunnel.clone(),
        _ => Place { host: String::new(), port: None },
    }
}

/// Why a body was not read to its end.
enum Unread {
    TooLarge,
    TooSlow,
    Broken,
}

async fn read_body(guest: &Guest, headers: &HeaderMap, mut body: Incoming) -> Result<Vec<u8>, Answer> {
    let limits = guest.shared.limits;
    let allowance = Allowance::new(limits.body_time);
    let reading = async {
        let announced = body.size_hint().lower();
        if announced > limits.body_bytes as u64 && headers.contains_key(EXPECT) {
            // The client waits to be told that it may send: it is told that it need not.
            return Err(Unread::TooLarge);
        }
        collect(&mut body, limits.body_bytes).await
    };
    let outcome = Clock::system().limit(&allowance, reading).await.unwrap_or(Err(Unread::TooSlow));
    outcome.map_err(|unread| {
        closing(match unread {
            Unread::TooLarge => message(413, "The request entity is too large."),
            Unread::TooSlow => message(408, "The request was not sent in time."),
            Unread::Broken => message(400, "The request body cannot be read."),
        })
    })
}

/// Reads up to `limit` bytes. What is too large is read on for a while and dropped: a client that is still sending
/// when the connection closes would lose the answer that tells it why.
async fn collect(body: &mut Incoming, limit: usize) -> Result<Vec<u8>, Unread> {
    let mut read = Vec::new();
    let mut total = 0_usize;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            return Err(if total > limit { Unread::TooLarge } else { Unread::Broken });
        };
        let Some(data) = frame.data_ref() else { continue };
        total = total.saturating_add(data.len());
        if total <= limit {
            read.extend_from_slice(data);
        } else if total > limit.saturating_mul(4) {
            break;
        } else {
            read = Vec::new();
        }
    }
    if total > limit { Err(Unread::TooLarge) } else { Ok(read) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_in_every_way_it_is_written() {
        let read = |text: &str| {
            let place = Place::read(text);
            (place.host, place.port)
        };
        assert_eq!(read("TI.SecurityCenter.Windows.com"), ("ti.securitycenter.windows.com".into(), None));
        assert_eq!(read("evil.example.:8080"), ("evil.example".into(), Some(8080)));
        assert_eq!(read("[::1]:443"), ("::1".into(), Some(443)));
        assert_eq!(read("[::1]"), ("::1".into(), None));
        assert_eq!(read("::1"), ("::1".into(), None));
        assert_eq!(read("host:99999"), ("host".into(), None));
        assert_eq!(read(""), (String::new(), None));
    }
}
