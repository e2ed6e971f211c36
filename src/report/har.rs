//! `exchanges.har`, for the network tools of a browser: a page for each drill, an entry for each attempt at an exchange.
//!
//! HTTP Archive 1.2 (<http://www.softwareishard.com/blog/har-12-spec/>). Of an attempt the whole span is known and none
//! of its parts: it stands as `wait`, since the format has no word for not knowing `send` and `receive`. A size that is
//! not known is -1, and of the status there is the number alone. An attempt without an answer has the status 0 and an
//! `_error`, as browsers write it. Members that the format does not know begin with `_`, as it asks for.

use std::io::{self, Write};

use jiff::Timestamp;
use serde::Serialize;
use url::Url;

use crate::{
    record::{
        drill::Drill,
        exchange::{Attempt, Exchange},
    },
    report::{
        Outline, Report,
        escaped::{self, Items},
        wording,
    },
};

/// The protocol that alertdrill speaks; it knows no other.
const PROTOCOL: &str = "HTTP/1.1";

/// What browsers write where no header says what a body is.
const UNKNOWN_TYPE: &str = "x-unknown";

/// The report while the drills come in: of each drill, its page.
pub(super) struct Har {
    outline: Outline,
    drills: u64,
    entries: Items,
    pages: Items,
    written_pages: Vec<u8>,
}

impl Har {
    pub(super) fn new(outline: Outline) -> Self {
        Self { outline, drills: 0, entries: Items::default(), pages: Items::default(), written_pages: Vec::new() }
    }
}

impl Report for Har {
    fn start(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"{\"log\":{\"version\":\"1.2\",\"creator\":{\"name\":\"alertdrill\",\"version\":")?;
        escaped::write(out, &wording::brief(&self.outline.head.alertdrill))?;
        out.write_all(b"},\"comment\":")?;
        escaped::write(out, &wording::brief(&format!("{}, on {}", self.outline.head.run, self.outline.head.tenant)))?;
        out.write_all(b",\"entries\":[")
    }

    fn drill(&mut self, drill: &Drill, out: &mut dyn Write) -> io::Result<()> {
        self.drills += 1;
        let page = format!("drill-{}", self.drills);
        self.pages.push(&mut self.written_pages, &Page::of(drill, &page))?;
        for exchange in &drill.exchanges {
            let request = Request::of(exchange);
            for (index, attempt) in exchange.attempts().iter().enumerate() {
                let entry = Entry {
                    pageref: &page,
                    started_date_time: attempt.at(),
                    time: attempt.took_ms().max(0.0),
                    request: &request,
                    response: Response::of(attempt),
                    cache: Cache {},
                    timings: Timings::of(attempt),
                    drill: &drill.id,
                    purpose: exchange.purpose(),
                    attempt: index + 1,
                };
                self.entries.push(out, &entry)?;
            }
        }
        Ok(())
    }

    fn finish(self: Box<Self>, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"\n],\"pages\":[")?;
        out.write_all(&self.written_pages)?;
        out.write_all(b"\n]}}\n")
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page<'a> {
    started_date_time: Timestamp,
    id: &'a str,
    title: String,
    #[serde(rename = "pageTimings")]
    timings: PageTimings,
    #[serde(rename = "_drill")]
    drill: &'a str,
    #[serde(rename = "_service")]
    service: &'a str,
    #[serde(rename = "_verdict")]
    verdict: &'static str,
}

/// No part of a page that is loaded is known: a drill loads none.
#[derive(Serialize)]
struct PageTimings {}

impl<'a> Page<'a> {
    fn of(drill: &'a Drill, id: &'a str) -> Self {
        let of = if drill.service.is_empty() { String::new() } else { format!(" ({})", drill.service) };
        Self {
            started_date_time: drill.started,
            id,
            title: wording::brief(&format!("{}{of}: {}", drill.name, drill.verdict.word())),
            timings: PageTimings {},
            drill: &drill.id,
            service: &drill.service,
            verdict: drill.verdict.word(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    pageref: &'a str,
    started_date_time: Timestamp,
    time: f64,
    request: &'a Request<'a>,
    response: Response<'a>,
    cache: Cache,
    timings: Timings,
    #[serde(rename = "_drill")]
    drill: &'a str,
    #[serde(rename = "_purpose")]
    purpose: &'a str,
    #[serde(rename = "_attempt")]
    attempt: usize,
}

#[derive(Serialize)]
struct Cache {}

#[derive(Serialize)]
struct Timings {
    blocked: i8,
    dns: i8,
    connect: i8,
    ssl: i8,
    send: f64,
    wait: f64,
    receive: f64,
}

impl Timings {
    fn of(attempt: &Attempt) -> Self {
        let wait = attempt.took_ms().max(0.0);
        Self { blocked: -1, dns: -1, connect: -1, ssl: -1, send: 0.0, wait, receive: 0.0 }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    method: &'a str,
    url: String,
    http_version: &'static str,
    cookies: [(); 0],
    headers: Vec<Pair<'a>>,
    query_string: Vec<Parameter>,
    #[serde(skip_serializing_if = "Option::is_none")]
    post_data: Option<PostData<'a>>,
    headers_size: i8,
    body_size: i8,
}

#[derive(Serialize)]
struct Pair<'a> {
    name: &'a str,
    value: &'a str,
}

#[derive(Serialize)]
struct Parameter {
    name: String,
    value: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PostData<'a> {
    mime_type: &'a str,
    text: &'a str,
}

impl<'a> Request<'a> {
    fn of(exchange: &'a Exchange) -> Self {
        let headers = exchange.request_headers();
        let url = Url::parse(exchange.url()).ok();
        let parameters = url.iter().flat_map(Url::query_pairs);
        let query_string = parameters.map(|(name, value)| Parameter { name: name.into(), value: value.into() });
        let mime_type = header(headers, "content-type").unwrap_or(UNKNOWN_TYPE);
        Self {
            method: exchange.method(),
            url: uri(url.as_ref(), exchange.url()),
            http_version: PROTOCOL,
            cookies: [],
            headers: pairs(headers),
            query_string: query_string.collect(),
            post_data: exchange.request_body().map(|text| PostData { mime_type, text }),
            headers_size: -1,
            body_size: if exchange.request_body().is_some() { -1 } else { 0 },
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Response<'a> {
    status: u16,
    status_text: &'static str,
    http_version: &'static str,
    cookies: [(); 0],
    headers: Vec<Pair<'a>>,
    content: Content<'a>,
    #[serde(rename = "redirectURL")]
    redirect_url: &'a str,
    headers_size: i8,
    body_size: i64,
    #[serde(rename = "_error", skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Content<'a> {
    size: u64,
    mime_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
}

impl<'a> Response<'a> {
    fn of(attempt: &'a Attempt) -> Self {
        let headers = attempt.response_headers();
        let answered = attempt.status().is_some();
        Self {
            status: attempt.status().unwrap_or(0),
            status_text: "",
            http_version: if answered { PROTOCOL } else { "" },
            cookies: [],
            headers: pairs(headers),
            content: Content {
                size: attempt.response_bytes(),
                mime_type: header(headers, "content-type").unwrap_or(UNKNOWN_TYPE),
                text: attempt.response_body(),
            },
            redirect_url: header(headers, "location").unwrap_or_default(),
            headers_size: -1,
            body_size: if answered { attempt.response_bytes().try_into().unwrap_or(-1) } else { -1 },
            error: attempt.why_failed(),
        }
    }
}

fn pairs(headers: &[(String, String)]) -> Vec<Pair<'_>> {
    headers.iter().map(|(name, value)| Pair { name, value }).collect()
}

fn header<'a>(headers: &'a [(String, String)], wanted: &str) -> Option<&'a str> {
    headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.as_str())
}

/// An address as RFC 3986 allows it: the brackets of `[redacted]` are none of its characters. What is no address at all
/// stands behind one that leads nowhere.
fn uri(url: Option<&Url>, written: &str) -> String {
    let Some(url) = url else { return encoded(&format!("about:invalid#{written}")) };
    let url = url.as_str();
    // The brackets of a host are those of an IPv6 address, and stay.
    let path = url.find("://").and_then(|at| url[at + 3..].find(['/', '?', '#']).map(|end| at + 3 + end));
    let (host, rest) = url.split_at(path.unwrap_or(0));
    format!("{host}{}", encoded(rest))
}

fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    let (bytes, mut fragments) = (text.as_bytes(), 0);
    for (at, byte) in bytes.iter().enumerate() {
        fragments += usize::from(*byte == b'#');
        let kept = match byte {
            b'%' => bytes.get(at + 1..at + 3).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)),
            b'#' => fragments == 1,
            byte => byte.is_ascii_alphanumeric() || b"-._~:/?@!$&'()*+,;=".contains(byte),
        };
        if kept {
            encoded.push(char::from(*byte));
        } else {
            encoded.push_str(percent_encoding::percent_encode_byte(*byte));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_no_character_that_addresses_do_not_have() {
        let told = |written: &str| uri(Url::parse(written).ok().as_ref(), written);
        for (written, expected) in [
            ("https://h/a?sig=[redacted]&b=%2F", "https://h/a?sig=%5Bredacted%5D&b=%2F"),
            ("http://[::1]:80/a?b={c}|d^`%zz", "http://[::1]/a?b=%7Bc%7D%7Cd%5E%60%25zz"),
            ("https://h/ä b\u{202e}#x#y", "https://h/%C3%A4%20b%E2%80%AE#x%23y"),
            ("</script> #1", "about:invalid#%3C/script%3E%20%231"),
            ("", "about:invalid#"),
        ] {
            assert_eq!(told(written), expected, "{written}");
        }
    }
}
