//! Who may not call a face that has no login: a page of the web that a person's browser is looking at.
//!
//! Such a page can send requests to addresses of the machine it is shown on. It cannot hide that it does: a browser
//! says where a request comes from, and a name that was made to point here is still in the `Host` header. A name is
//! needed for that trick, so every address is good, whichever this machine is reached by.

use std::net::IpAddr;

use crate::emulator::answer::Request;

/// Whether the client means this machine: by address, by a name that no other machine can have, or without a name.
pub(super) fn means_this_machine(request: &Request) -> bool {
    let host = request.host.as_str();
    host.is_empty() || host == "localhost" || host.ends_with(".localhost") || host.parse::<IpAddr>().is_ok()
}

/// Whether a browser sends the request on behalf of a page that is not the face's own.
pub(super) fn is_foreign(request: &Request) -> bool {
    if let Some(origin) = request.header("origin") {
        return !is_own(origin, request);
    }
    // A link from anywhere may lead to a page; only what changes something must come from a page of its own.
    let reads = ["GET", "HEAD", "OPTIONS"].contains(&request.method.as_str());
    let site = request.header("sec-fetch-site").unwrap_or("none");
    !reads && !["same-origin", "none"].contains(&site)
}

fn is_own(origin: &str, request: &Request) -> bool {
    let standard = if request.scheme == "https" { 443 } else { 80 };
    let Some(place) = origin.strip_prefix(request.scheme).and_then(|rest| rest.strip_prefix("://")) else {
        return false;
    };
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, port.parse().ok()),
        _ => (place, Some(standard)),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case(&request.host) && port == Some(request.port.unwrap_or(standard))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(host: &str, headers: &[(&str, &str)]) -> Request {
        Request {
            method: "POST".into(),
            host: host.into(),
            port: Some(8080),
            scheme: "http",
            proxied: false,
            path: "/control".into(),
            query: String::new(),
            headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            body: Vec::new(),
        }
    }

    #[test]
    fn addresses_and_local_names_mean_this_machine_and_other_names_do_not() {
        for host in ["127.0.0.1", "::1", "192.0.2.7", "localhost", "a.localhost", ""] {
            assert!(means_this_machine(&request(host, &[])), "{host}");
        }
        for host in ["evil.example", "localhost.evil.example", "127.0.0.1.nip.example"] {
            assert!(!means_this_machine(&request(host, &[])), "{host}");
        }
    }

    #[test]
    fn only_its_own_origin_is_not_foreign() {
        let foreign = |host, origin| is_foreign(&request(host, &[("origin", origin)]));
        assert!(!foreign("127.0.0.1", "http://127.0.0.1:8080"));
        assert!(!foreign("::1", "http://[::1]:8080"));
        for origin in ["http://127.0.0.1:8081", "https://127.0.0.1:8080", "http://evil.example", "null", ""] {
            assert!(foreign("127.0.0.1", origin), "{origin}");
        }
    }

    #[test]
    fn a_request_without_origin_is_judged_by_what_the_browser_says_of_its_site() {
        assert!(!is_foreign(&request("127.0.0.1", &[])));
        assert!(!is_foreign(&request("127.0.0.1", &[("sec-fetch-site", "same-origin")])));
        assert!(is_foreign(&request("127.0.0.1", &[("sec-fetch-site", "cross-site")])));
        let mut link = request("127.0.0.1", &[("sec-fetch-site", "cross-site")]);
        link.method = "GET".into();
        assert!(!is_foreign(&link));
    }
}
