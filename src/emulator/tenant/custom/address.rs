//! A URL as it is compared: a host, and a path that stands for everything below it.

use url::Url;

/// The parts of a URL that count. Its scheme, its port and what stands before the host do not: no source says that
/// they do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// In lower case, other scripts in Punycode, an address of version 6 without its brackets.
    pub(super) host: String,
    /// The path and the query, without a slash at the end; empty for the whole host.
    pub(super) path: String,
}

impl Address {
    /// Reads a URL, whose scheme may be left out.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let url = if text.contains("://") { Url::parse(text) } else { Url::parse(&format!("http://{text}")) }.ok()?;
        let host = url.host_str()?.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let path = format!("{}{query}", url.path());
        (!host.is_empty())
            .then(|| Self { host: host.to_ascii_lowercase(), path: path.trim_end_matches('/').to_owned() })
    }

    /// Whether `other` is this or below it.
    pub(super) fn covers(&self, other: &Self) -> bool {
        let below = other.path.strip_prefix(self.path.as_str());
        self.host == other.host && below.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(indicator: &str, visited: &str) -> bool {
        let read = |text| Address::read(text).expect(text);
        read(indicator).covers(&read(visited))
    }

    #[test]
    fn a_path_covers_what_is_below_it_and_not_what_begins_alike() {
        for (indicator, visited) in [
            ("https://Evil.example/", "http://evil.example/a/b?c"),
            ("evil.example", "http://evil.example:8080/"),
            ("evil.example/a/", "http://evil.example/a"),
            ("evil.example/a", "http://evil.example/a/b"),
            ("evil.example/a", "http://evil.example/a?x=1"),
            ("http://bücher.example/a", "http://xn--bcher-kva.example/a"),
            ("http://[2001:db8::1]/a", "http://[2001:0db8:0:0::1]/a"),
        ] {
            assert!(covers(indicator, visited), "{indicator} covers {visited}");
        }
        for (indicator, visited) in [
            ("evil.example/a", "http://evil.example/ab"),
            ("evil.example/a", "http://evil.example/"),
            ("evil.example", "http://www.evil.example/"),
            ("evil.example/A", "http://evil.example/a"),
        ] {
            assert!(!covers(indicator, visited), "{indicator} does not cover {visited}");
        }
    }

    #[test]
    fn what_has_no_host_is_no_address() {
        for text in ["", "/a", "http://", "http:///", "://", "a b", "mailto:a@b.example", "http://[::g]/"] {
            let read = Address::read(text);
            assert!(read.as_ref().is_none_or(|address| !address.host.is_empty()), "{text} {read:?}");
        }
        assert_eq!(Address::read("http://"), None);
    }
}
