//! What may be written down of a request: names and values on a list of harmless ones, and nothing that looks like a
//! secret anywhere else. `address` redacts addresses and forms, `json` JSON.
//!
//! Every rule is idempotent, so that what was redacted can be read back and redacted once more. A text without any of
//! the `suspicious` stems costs one search and is copied as it is.

use std::{borrow::Cow, sync::LazyLock};

use regex::Regex;

use crate::record::exchange::{BODY_LIMIT, REDACTED};

mod address;
mod json;

/// Headers whose values are written down; those of every other header are not.
const HARMLESS_HEADERS: [&str; 44] = [
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "age",
    "allow",
    "cache-control",
    "client-request-id",
    "connection",
    "content-encoding",
    "content-language",
    "content-length",
    "content-type",
    "date",
    "etag",
    "expect",
    "expires",
    "host",
    "if-match",
    "if-none-match",
    "keep-alive",
    "last-modified",
    "odata-maxversion",
    "odata-version",
    "pragma",
    "prefer",
    "preference-applied",
    "proxy-authenticate",
    "ratelimit-limit",
    "ratelimit-remaining",
    "ratelimit-reset",
    "request-id",
    "retry-after",
    "server",
    "strict-transport-security",
    "traceparent",
    "transfer-encoding",
    "user-agent",
    "vary",
    "via",
    "www-authenticate",
    "x-content-type-options",
    "x-ms-correlation-request-id",
    "x-ms-request-id",
];

/// Headers that hold an address, which is redacted as one.
const ADDRESS_HEADERS: [&str; 3] = ["content-location", "location", "referer"];

/// What a text has to contain before any rule below, or any secret name of JSON, can apply to it: a stem of a name, the
/// beginning of a JSON web token, a login in an address, or an ASCII letter hidden in a JSON escape.
static SUSPICIOUS: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r#"(?i)secret|token|assertion|passw|pwd|credential|(?:api|access|private).?key|authorization|cookie|bearer|basic|negotiate|ntlm|signature|(?:user|device).?code|code.?verifier|eyJ|://[^/\s"'<>@]+@|\\u00[4-7]"#,
    )
});

/// The rules for text, in the order in which they are applied. What comes before the secret is called `keep`.
static RULES: LazyLock<[Regex; 5]> = LazyLock::new(|| {
    [
        regex(r#"(?i)(?<keep>(?:authorization|cookie)["'\\ \t]*[=:]["'\\ \t]*)(?:\[redacted\]|[^\r\n"']+)"#),
        regex(
            r#"(?i)(?<keep>(?:[\w.-]*(?:secret|assertion|passw|pwd|credential|api[_-]?key|access[_-]?key|private[_-]?key)[\w.-]*|[\w.-]*tokens?|device_?code|user_?code|code_?verifier)["'\\ \t]*[=:][ \t]*)(?:\[redacted\]|\\?"[^"]*"?|'[^']*'?|[^\s&"'<]+)"#,
        ),
        regex(r"(?i)(?<keep>\b(?:bearer|basic|negotiate|ntlm)\s+)[\w.~+/-]{20,}=*"),
        regex(r"(?<keep>)eyJ[\w=-]{5,}(?:\.[\w=-]*)*"),
        regex(r#"(?<keep>://)[^/\s"'<>@]+(?<at>@)"#),
    ]
});

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant, and a test compiles it")
}

/// Whether a text may hold a secret and has to be looked at closely.
pub(crate) fn suspicious(text: &str) -> bool {
    SUSPICIOUS.is_match(text)
}

/// Headers, each in the spelling in which it came.
pub(crate) fn headers<'a>(headers: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<(String, String)> {
    headers.into_iter().map(|(name, value)| (name.to_owned(), header(name, value.to_owned()))).collect()
}

/// Headers that were written down before.
pub(crate) fn written_headers(headers: Vec<(String, String)>) -> Vec<(String, String)> {
    headers
        .into_iter()
        .map(|(name, value)| {
            let value = header(&name, value);
            (name, value)
        })
        .collect()
}

fn header(name: &str, value: String) -> String {
    let is = |known: &&str| known.eq_ignore_ascii_case(name);
    if HARMLESS_HEADERS.iter().any(&is) {
        text(value)
    } else if ADDRESS_HEADERS.iter().any(is) {
        url(&value)
    } else {
        REDACTED.to_owned()
    }
}

/// A text of any kind: tokens, logins in addresses, and what is assigned to a secret name.
pub fn text(text: String) -> String {
    match settled(&text, scrub) {
        Cow::Borrowed(_) => text,
        Cow::Owned(scrubbed) => scrubbed,
    }
}

/// Applies `rule` until it changes nothing more: what it makes of a malformed text can look like something else.
fn settled(text: &str, rule: impl Fn(&str) -> Cow<'_, str>) -> Cow<'_, str> {
    let Cow::Owned(mut settled) = rule(text) else { return Cow::Borrowed(text) };
    for _ in 0..ROUNDS {
        match rule(&settled) {
            Cow::Owned(again) if again != settled => settled = again,
            _ => break,
        }
    }
    Cow::Owned(settled)
}

/// No text was seen to need more than three.
const ROUNDS: usize = 8;

pub(crate) fn scrub(text: &str) -> Cow<'_, str> {
    if !suspicious(text) {
        return Cow::Borrowed(text);
    }
    let mut scrubbed = Cow::Borrowed(text);
    for rule in RULES.iter() {
        if let Cow::Owned(changed) = rule.replace_all(&scrubbed, "${keep}[redacted]${at}") {
            scrubbed = Cow::Owned(changed);
        }
    }
    if scrubbed == text { Cow::Borrowed(text) } else { scrubbed }
}

/// An address: its login, its fragment, and the query parameters that are not on the list.
pub fn url(url: &str) -> String {
    settled(url, address::redacted).into_owned()
}

/// A text in JSON, whole.
pub(crate) fn json(text: &str) -> String {
    redact(text, false).into_owned()
}

/// A body, whatever it is, sent or received with `headers`; cut at [`BODY_LIMIT`].
pub(crate) fn body(bytes: &[u8], headers: &[(String, String)]) -> String {
    let head = &bytes[..bytes.len().min(BODY_LIMIT)];
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(cut) if cut.error_len().is_none() => {
            std::str::from_utf8(&head[..cut.valid_up_to()]).expect("it is valid up to there")
        }
        Err(_) => return format!("[{} bytes]", bytes.len()),
    };
    if text.contains('\0') {
        return format!("[{} bytes]", bytes.len());
    }
    let redacted = redact(text, is_form(headers));
    if bytes.len() <= BODY_LIMIT && redacted.len() <= BODY_LIMIT {
        return redacted.into_owned();
    }
    format!("{}{CUT}{} bytes in all]", &redacted[..redacted.floor_char_boundary(BODY_LIMIT)], bytes.len())
}

/// Between a body that was cut and how long it was.
const CUT: &str = "… [cut: ";

/// A body that was written down before.
pub(crate) fn written_body(written: String, headers: &[(String, String)]) -> String {
    let end = written.rfind(CUT).filter(|_| written.ends_with(" bytes in all]")).unwrap_or(written.len());
    let (text, mark) = written.split_at(end);
    match redact(text, is_form(headers)) {
        Cow::Borrowed(text) if text.len() <= BODY_LIMIT => written,
        redacted => {
            let kept = &redacted[..redacted.floor_char_boundary(BODY_LIMIT)];
            format!("{kept}{}{mark}", if kept.len() < redacted.len() && mark.is_empty() { "…" } else { "" })
        }
    }
}

fn is_form(headers: &[(String, String)]) -> bool {
    headers.iter().any(|(name, value)| {
        name.eq_ignore_ascii_case("content-type")
            && value.get(..FORM.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(FORM))
    })
}

const FORM: &str = "application/x-www-form-urlencoded";

/// Redacts a body by what it looks like, for what its headers say of it may be wrong.
fn redact(text: &str, is_form: bool) -> Cow<'_, str> {
    settled(text, |text| redact_once(text, is_form))
}

fn redact_once(text: &str, is_form: bool) -> Cow<'_, str> {
    let beginning = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    if beginning.starts_with(['{', '[']) && !beginning.starts_with(REDACTED) {
        if !suspicious(text) {
            return Cow::Borrowed(text);
        }
        return json::redacted(text).unwrap_or_else(|| scrub(text));
    }
    if is_form || looks_like_a_form(text) {
        return address::redacted_parameters(text);
    }
    scrub(text)
}

fn looks_like_a_form(text: &str) -> bool {
    let name = |c: char| c.is_ascii_alphanumeric() || "_.$%*-".contains(c);
    text.split_once('=').is_some_and(|(first, _)| !first.is_empty() && first.chars().all(name))
        && !text.contains(|c: char| c.is_whitespace() || "<>{}\"".contains(c))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const JWT: &str = "eyJhbGciOiJub25lIn0.eyJhdWQiOiJ4In0.c2lnbmF0dXJl";

    fn json_headers() -> Vec<(String, String)> {
        vec![("Content-Type".into(), "application/json".into())]
    }

    #[test]
    fn headers_that_are_not_known_to_be_harmless_keep_only_their_name() {
        let written = headers([
            ("Authorization", "Bearer abc"),
            ("X-New-Thing", "abc"),
            ("Content-Type", "application/json;"),
            ("Location", "https://u:p@host/a?access_token=abc&api-version=1"),
            ("WWW-Authenticate", "Bearer authorization_uri=\"https://login.windows.net/x\", error=\"invalid_token\""),
        ]);
        let values: Vec<&str> = written.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(
            values,
            [
                "[redacted]",
                "[redacted]",
                "application/json;",
                "https://[redacted]@host/a?access_token=[redacted]&api-version=1",
                "Bearer authorization_uri=\"https://login.windows.net/x\", error=\"invalid_token\"",
            ]
        );
    }

    #[test]
    fn a_form_keeps_only_what_is_on_the_list() {
        let form = [("content-type".to_owned(), "application/x-www-form-urlencoded; charset=utf-8".to_owned())];
        let given = "grant_type=client_credentials&client_id=5&client_secret=abc&resource=https%3A%2F%2Fgraph";
        let expected = given.replace("abc", "[redacted]");
        assert_eq!(body(given.as_bytes(), &form), expected);
        assert_eq!(body(given.as_bytes(), &json_headers()), expected, "whatever its headers say of it");
    }

    #[test]
    fn json_keeps_its_layout_and_loses_its_secrets_at_any_depth() {
        let given = r#"{ "token_type": "Bearer",
  "access_token": "abc", "a": [{"Client-Secret": {"x": ["abc"]}, "b": null}], "acc\u0065ssToken" :7, "n": 1.5e3 }"#;
        let expected = r#"{ "token_type": "Bearer",
  "access_token": "[redacted]", "a": [{"Client-Secret": "[redacted]", "b": null}], "acc\u0065ssToken" :"[redacted]", "n": 1.5e3 }"#;
        assert_eq!(body(given.as_bytes(), &json_headers()), expected);
    }

    #[test]
    fn json_that_is_cut_off_or_nested_in_a_string_is_redacted_as_well() {
        let inner = r#"{"password":"ab,\"c"}"#;
        let nested = serde_json::json!({ "sent": inner, "then": format!("Bearer {JWT}") }).to_string();
        let written = body(nested.as_bytes(), &[]);
        let value: serde_json::Value = serde_json::from_str(&written).expect("it is still JSON");
        assert_eq!(value["sent"], r#"{"password":"[redacted]"}"#);
        assert_eq!(value["then"], "Bearer [redacted]");
        assert_eq!(body(br#"{"id_token":"abc"#, &[]), r#"{"id_token":"[redacted]""#);
        assert_eq!(body(br#"{"x":tru"#, &[]), r#"{"x":tru"#);
    }

    #[test]
    fn a_text_loses_tokens_logins_and_what_is_assigned_to_a_secret_name() {
        let cases = [
            ("said client_secret='two words' twice", "said client_secret=[redacted] twice"),
            ("<p>password: abc</p>", "<p>password: [redacted]</p>"),
            ("Authorization: Basic dXNlcjpw\nnext", "Authorization: [redacted]\nnext"),
            ("see http://u:p@h/x", "see http://[redacted]@h/x"),
            ("AADSTS7000215: Invalid client secret is provided.", "=="),
            ("the token was refused", "=="),
        ];
        for (given, expected) in cases {
            assert_eq!(text(given.into()), if expected == "==" { given } else { expected });
        }
        assert_eq!(text(format!("got {JWT}, why")), "got [redacted], why");
        assert_eq!(text(format!("cut {}", &JWT[..12])), "cut [redacted]");
    }

    #[test]
    fn what_is_no_text_is_only_counted_and_what_is_long_is_cut_between_characters() {
        assert_eq!(body(&[0x1f, 0x8b, 0xff], &[]), "[3 bytes]");
        assert_eq!(body(b"a\0b", &[]), "[3 bytes]");
        assert_eq!(body(b"caf\xc3", &[]), "caf", "the connection broke within a character");
        let long = "é".repeat(BODY_LIMIT);
        let written = body(long.as_bytes(), &[]);
        assert!(written.ends_with(&format!("é… [cut: {} bytes in all]", long.len())), "{} bytes", written.len());
        assert!(written.len() < BODY_LIMIT + 64);
        assert_eq!(written_body(written.clone(), &[]), written);
    }

    /// Text as services and those in between may write it, with every kind of mark that a rule looks for.
    fn messy() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            "[a-zA-Z0-9 .:=&?#/@\"'\\\\{}\\[\\],<>é\n-]{0,6}",
            prop::sample::select(vec![
                "client_secret",
                "token",
                "password\":\"",
                "access_token=",
                "Authorization: ",
                "Bearer ",
                "eyJ",
                "https://",
                "{\"",
                "\\\"",
                "\\u0061",
                "[redacted]",
                "&",
                JWT,
                "cookie=",
                "null",
                "}",
            ])
            .prop_map(str::to_owned),
        ];
        prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn redacting_twice_is_redacting_once(given in messy(), as_form: bool) {
            let once = url(&given);
            prop_assert_eq!(url(&once), once);
            let once = text(given.clone());
            prop_assert_eq!(text(once.clone()), once);
            let headers = [("content-type".to_owned(), if as_form { FORM } else { "text/plain" }.to_owned())];
            let once = body(given.as_bytes(), &headers);
            prop_assert_eq!(written_body(once.clone(), &headers), once);
        }

        #[test]
        fn json_stays_json(name in messy(), value in messy(), number: i32) {
            let given = serde_json::json!({ &name: { &value: [number, &value, null] }, "x": &value }).to_string();
            let written = body(given.as_bytes(), &[]);
            prop_assert!(serde_json::from_str::<serde_json::Value>(&written).is_ok(), "{}", written);
        }
    }
}
