//! The faces of the tenant, one API each: a `Call` goes in, an answer comes out.
//!
//! In reading order: this file (which face a request is for), then a file or folder for each face. A request is told by
//! its host, where the client kept the real service's name, and by its path otherwise. Doubled and trailing slashes
//! are nothing, and neither is letter case where the real services do not mind it.

mod caller;
mod control;
mod endpoint;
mod export;
mod graph;
pub(super) mod internet;
mod legacy;
mod portal;
pub(super) mod sensor;
pub(super) mod token;

use std::fmt::Write as _;

use jiff::{Timestamp, tz::TimeZone};
use percent_encoding::percent_decode_str;

use crate::emulator::{
    Emulator,
    answer::{Answer, Request},
    faults::exchange,
};

/// Which API a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Face {
    /// The token endpoints.
    Token,
    /// The custom threat intelligence API V1.0.
    Legacy,
    /// The alert export feed.
    Export,
    /// The Defender for Endpoint API.
    Endpoint,
    /// Microsoft Graph.
    Graph,
    /// The portal, for people.
    Portal,
    /// The sensor: traffic of a device that takes this server for its proxy.
    Sensor,
    /// The control face, for tests.
    Control,
}

impl Face {
    /// The name that faults know it by.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Legacy => "legacy",
            Self::Export => "export",
            Self::Endpoint => "endpoint",
            Self::Graph => "graph",
            Self::Portal => "portal",
            Self::Sensor => "sensor",
            Self::Control => "control",
        }
    }
}

/// The real services' host names, and the face that each leads to.
pub const HOSTS: &[(&str, &str)] = &[
    ("login.windows.net", "token"),
    ("login.microsoftonline.com", "token"),
    ("login.microsoft.com", "token"),
    ("login-us.microsoftonline.com", "token"),
    ("login.microsoftonline.us", "token"),
    ("login.usgovcloudapi.net", "token"),
    ("login.chinacloudapi.cn", "token"),
    ("login.partner.microsoftonline.cn", "token"),
    ("sts.windows.net", "token"),
    ("ti.securitycenter.windows.com", "legacy"),
    ("wdatp-alertexporter-us.windows.com", "export"),
    ("wdatp-alertexporter-eu.windows.com", "export"),
    ("wdatp-alertexporter-uk.windows.com", "export"),
    ("wdatp-alertexporter-us.securitycenter.windows.com", "export"),
    ("wdatp-alertexporter-eu.securitycenter.windows.com", "export"),
    ("wdatp-alertexporter-uk.securitycenter.windows.com", "export"),
    ("securitycenter.windows.com", "portal"),
    ("security.microsoft.com", "portal"),
    ("api.securitycenter.windows.com", "endpoint"),
    ("api-us.securitycenter.windows.com", "endpoint"),
    ("api-eu.securitycenter.windows.com", "endpoint"),
    ("api-uk.securitycenter.windows.com", "endpoint"),
    ("api.securitycenter.microsoft.com", "endpoint"),
    ("api.security.microsoft.com", "endpoint"),
    ("api-us.securitycenter.microsoft.com", "endpoint"),
    ("api-eu.securitycenter.microsoft.com", "endpoint"),
    ("api-uk.securitycenter.microsoft.com", "endpoint"),
    ("api-au.securitycenter.microsoft.com", "endpoint"),
    ("us.api.security.microsoft.com", "endpoint"),
    ("eu.api.security.microsoft.com", "endpoint"),
    ("uk.api.security.microsoft.com", "endpoint"),
    ("au.api.security.microsoft.com", "endpoint"),
    ("swa.api.security.microsoft.com", "endpoint"),
    ("ina.api.security.microsoft.com", "endpoint"),
    ("aea.api.security.microsoft.com", "endpoint"),
    ("api-gcc.securitycenter.microsoft.us", "endpoint"),
    ("api-gov.securitycenter.microsoft.us", "endpoint"),
    ("api-gcc.security.microsoft.us", "endpoint"),
    ("api-gov.security.microsoft.us", "endpoint"),
    ("graph.microsoft.com", "graph"),
    ("graph.microsoft.us", "graph"),
    ("dod-graph.microsoft.us", "graph"),
    ("microsoftgraph.chinacloudapi.cn", "graph"),
    ("graph.windows.net", "graph"),
];

/// A request, and what its address says.
#[derive(Debug)]
pub(super) struct Call<'a> {
    /// The request.
    pub(super) request: &'a Request,
    /// The segments of the path below the face, percent-decoded.
    pub(super) rest: Vec<String>,
    /// The URL of the face's root as the client sees it, without a slash at its end.
    pub(super) base: String,
    /// The URL of the emulated portal's alert pages as the client sees it; an alert's id follows.
    pub(super) alert_page: String,
}

/// Answers a request by the face that it is for, with whatever faults apply.
pub(super) fn answer(emulator: &Emulator, request: &Request) -> Answer {
    if request.proxied
        && let Err(refusal) = emulator.with(|tenant, _| sensor::admit(tenant, request))
    {
        return refusal;
    }
    let Some((face, call)) = route(request) else { return unmatched(request) };
    let faults = emulator.exchange_faults(face.name(), request);
    if let Some(answer) = exchange::instead(&faults) {
        return answer;
    }
    exchange::distorted(&faults, by_face(emulator, face, &call))
}

fn by_face(emulator: &Emulator, face: Face, call: &Call<'_>) -> Answer {
    match face {
        Face::Portal => portal::answer(emulator, call),
        Face::Sensor => sensor::answer(emulator, call),
        Face::Control => control::answer(emulator, call),
        Face::Token => token::answer(emulator, call),
        Face::Legacy => legacy::answer(emulator, call),
        Face::Export => export::answer(emulator, call),
        Face::Endpoint => endpoint::answer(emulator, call),
        Face::Graph => graph::answer(emulator, call),
    }
}

/// Which face a request is for, and what its address says; none when there is no such place.
fn route(request: &Request) -> Option<(Face, Call<'_>)> {
    let segments: Vec<String> = request
        .path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
        .collect();
    if let Some((host, face)) = known_host(&request.host) {
        let below = below_host(face, &segments)?;
        let call = Call {
            request,
            rest: segments[below..].to_vec(),
            base: real_base(host, face),
            alert_page: "https://securitycenter.windows.com/alert".to_owned(),
        };
        return Some((face, call));
    }
    if request.proxied {
        let call = Call { request, rest: segments, base: origin(request), alert_page: String::new() };
        return Some((Face::Sensor, call));
    }
    let (face, below, prefix) = by_path(&segments)?;
    let origin = origin(request);
    let call = Call {
        request,
        rest: segments[below..].to_vec(),
        base: format!("{origin}{prefix}"),
        alert_page: format!("{origin}/portal/alerts"),
    };
    Some((face, call))
}

fn known_host(host: &str) -> Option<(&'static str, Face)> {
    let host = host.trim_end_matches('.');
    let &(host, face) = HOSTS.iter().find(|(known, _)| known.eq_ignore_ascii_case(host))?;
    let face = match face {
        "token" => Face::Token,
        "legacy" => Face::Legacy,
        "export" => Face::Export,
        "portal" => Face::Portal,
        "endpoint" => Face::Endpoint,
        _ => Face::Graph,
    };
    Some((host, face))
}

/// How many segments of a path under a real host name belong to the face's root: the threat intelligence API's version
/// does, and nothing is there without it.
fn below_host(face: Face, segments: &[String]) -> Option<usize> {
    if face != Face::Legacy {
        return Some(0);
    }
    segments.first().is_some_and(|first| is(first, VERSION)).then_some(1)
}

const VERSION: &str = "V1.0";

/// The service writes its own name and version like this in every context URL (custom-ti-api).
fn real_base(host: &str, face: Face) -> String {
    if face == Face::Legacy {
        format!("https://TI.SecurityCenter.Windows.com/{VERSION}")
    } else {
        format!("https://{host}")
    }
}

fn by_path(segments: &[String]) -> Option<(Face, usize, &'static str)> {
    let texts: Vec<&str> = segments.iter().map(String::as_str).collect();
    match texts.as_slice() {
        segments if token::is_place(segments) => Some((Face::Token, 0, "")),
        [ti, version, ..] if is(ti, "ti") && is(version, VERSION) => Some((Face::Legacy, 2, "/ti/V1.0")),
        [version, ..] if is(version, VERSION) => Some((Face::Legacy, 1, "/V1.0")),
        [first, ..] if is(first, "export") => Some((Face::Export, 1, "/export")),
        [first, ..] if is(first, "endpoint") => Some((Face::Endpoint, 1, "/endpoint")),
        [first, ..] if is(first, "graph") => Some((Face::Graph, 1, "/graph")),
        [first, ..] if is(first, "portal") => Some((Face::Portal, 1, "/portal")),
        [first, ..] if is(first, "control") => Some((Face::Control, 1, "/control")),
        _ => None,
    }
}

fn is(segment: &str, word: &str) -> bool {
    segment.eq_ignore_ascii_case(word)
}

/// Scheme, host and port as the client means them.
fn origin(request: &Request) -> String {
    let host = match request.host.as_str() {
        "" => "localhost".to_owned(),
        host if host.contains(':') && !host.starts_with('[') => format!("[{host}]"),
        host => host.to_owned(),
    };
    let port = request.port.map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{host}{port}", request.scheme)
}

/// A moment as .NET writes it: to the tick of 100 nanoseconds, without the zeros at the end. The end of time is .NET's.
fn written_time(time: Timestamp) -> String {
    if time == Timestamp::MAX {
        return "9999-12-31T23:59:59.9999999Z".to_owned();
    }
    let time = TimeZone::UTC.to_datetime(time);
    let mut text = time.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    let ticks = time.subsec_nanosecond() / 100;
    if ticks > 0 {
        let fraction = format!("{ticks:07}");
        let _ = write!(text, ".{}", fraction.trim_end_matches('0'));
    }
    text.push('Z');
    text
}

/// Every place there is, for whoever asked for another.
const PLACES: [&str; 14] = [
    "/{tenant}/oauth2/token",
    "/{tenant}/oauth2/v2.0/token",
    "/{tenant}/v2.0/.well-known/openid-configuration",
    "/{tenant}/discovery/v2.0/keys",
    "/common/discovery/instance",
    "/ti/V1.0/$metadata",
    "/ti/V1.0/AlertDefinitions",
    "/ti/V1.0/IndicatorsOfCompromise",
    "/export/api/alerts",
    "/endpoint/api",
    "/graph/v1.0",
    "/portal",
    "/control",
    "/control/state",
];

/// A 404 that names the places nearest to the one asked for; it does not repeat the path, which may hold anything.
pub(super) fn unmatched(request: &Request) -> Answer {
    let asked: String = request.path.chars().take(100).collect();
    let mut places = PLACES;
    places.sort_by(|a, b| strsim::jaro_winkler(b, &asked).total_cmp(&strsim::jaro_winkler(a, &asked)));
    Answer::json(404, &serde_json::json!({"Message": "There is nothing at this address.", "nearest": &places[..3]}))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(host: &str, path: &str) -> Request {
        Request {
            method: "GET".into(),
            host: host.into(),
            port: Some(8080),
            scheme: "http",
            proxied: false,
            path: path.into(),
            query: String::new(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    fn face(host: &str, path: &str) -> Option<(&'static str, String, String)> {
        let request = request(host, path);
        route(&request).map(|(face, call)| (face.name(), call.rest.join("/"), call.base))
    }

    #[test]
    fn a_real_host_name_leads_to_its_face_whatever_the_path() {
        let found = face("ti.securitycenter.windows.com", "/v1.0/AlertDefinitions").expect("a face");
        let base = "https://TI.SecurityCenter.Windows.com/V1.0".to_owned();
        assert_eq!(found, ("legacy", "AlertDefinitions".to_owned(), base));
        assert_eq!(
            face("ti.securitycenter.windows.com", "/AlertDefinitions"),
            None,
            "there is no API without a version"
        );
        let found = face("login.windows.net", "/x/oauth2/token").expect("a face");
        assert_eq!(found.0, "token");
    }

    #[test]
    fn a_path_leads_to_its_face_in_any_letter_case_and_with_any_slashes() {
        let base = "http://127.0.0.1:8080/ti/V1.0".to_owned();
        for path in ["/ti/V1.0/AlertDefinitions", "//ti//v1.0/AlertDefinitions//", "/TI/v1.0/AlertDefinitions"] {
            assert_eq!(face("127.0.0.1", path), Some(("legacy", "AlertDefinitions".to_owned(), base.clone())));
        }
        assert_eq!(face("127.0.0.1", "/V1.0").map(|found| found.2), Some("http://127.0.0.1:8080/V1.0".to_owned()));
        assert_eq!(face("::1", "/x/oauth2/v2.0/token").map(|found| found.2), Some("http://[::1]:8080".to_owned()));
    }

    #[test]
    fn an_absolute_target_elsewhere_is_a_device_s_traffic() {
        let mut request = request("52.184.197.12", "/control");
        request.proxied = true;
        assert_eq!(route(&request).map(|(face, _)| face), Some(Face::Sensor));
        request.host = "login.windows.net".into();
        assert_eq!(route(&request).map(|(face, _)| face), Some(Face::Token));
    }

    #[test]
    fn a_moment_has_as_many_digits_as_it_needs() {
        for (given, written) in [
            ("2017-02-01T10:46:22.08Z", "2017-02-01T10:46:22.08Z"),
            ("2016-12-05T15:50:53Z", "2016-12-05T15:50:53Z"),
            ("2018-08-07T11:45:40.019993299Z", "2018-08-07T11:45:40.0199932Z"),
            ("1969-12-31T23:59:59.75Z", "1969-12-31T23:59:59.75Z"),
        ] {
            assert_eq!(written_time(given.parse().expect("a moment")), written);
        }
    }

    #[test]
    fn an_unknown_place_is_answered_with_the_nearest_known_and_without_what_was_asked() {
        let answer = unmatched(&request("127.0.0.1", "/ti/V2.0/AlertDefinition?secret"));
        let body = String::from_utf8(answer.body).expect("text");
        assert_eq!(answer.status, 404);
        assert!(body.contains("/ti/V1.0/AlertDefinitions") && !body.contains("secret"), "{body}");
    }
}
