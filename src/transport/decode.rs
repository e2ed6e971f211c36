//! Reads a body as JSON, and tells what is odd about one that is something else.

use serde::de::DeserializeOwned;

/// What was not as expected, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Odd {
    /// Where in the JSON: `value[0].Severity`, or `.` for the whole.
    pub path: String,
    /// What was expected there.
    pub expected: String,
    /// What was there.
    pub saw: String,
}

impl Odd {
    /// Something at `path` that is not `expected`; of `path` and `saw` at most 200 characters are kept.
    pub fn new(path: impl Into<String>, expected: impl Into<String>, saw: impl AsRef<str>) -> Self {
        Self { path: shortened(&path.into(), 200), expected: expected.into(), saw: shortened(saw.as_ref(), 200) }
    }
}

/// Reads `body` as JSON of the type `T`.
pub(crate) fn json<T: DeserializeOwned>(body: &[u8], content_type: Option<&str>) -> Result<T, Odd> {
    // .NET services of the time put a byte order mark before a body now and then.
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(Odd::new(".", "JSON", "an empty body"));
    }
    if let Some(page) = page(body, content_type) {
        return Err(Odd::new(".", "JSON", page));
    }
    if let Ok(value) = serde_json::from_slice(body) {
        return Ok(value);
    }
    // Only what is odd has to be told with its path, which costs as much as reading does.
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        odd_at(path, error.inner())
    })?;
    reader.end().map_err(|error| odd_at(".".into(), &error))?;
    Ok(value)
}

/// Whether `body` begins as JSON does and does not end so: something on the way cut it short, and said that it was whole.
pub(crate) fn breaks_off(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii();
    let end = match body.first() {
        Some(b'{') => b'}',
        Some(b'[') => b']',
        _ => return false,
    };
    body.last() != Some(&end)
}

/// The sentence of the JSON reader, taken apart.
fn odd_at(path: String, error: &serde_json::Error) -> Odd {
    let text = error.to_string();
    let (text, place) = match text.rfind(" at line ") {
        Some(end) => (&text[..end], &text[end..]),
        None => (text.as_str(), ""),
    };
    if let Some((kind, expected)) = text.rsplit_once(", expected ") {
        let saw = kind.strip_prefix("invalid type: ").or_else(|| kind.strip_prefix("invalid value: ")).unwrap_or(kind);
        return Odd::new(path, plainly(expected), plainly(saw));
    }
    if let Some(field) = text.strip_prefix("missing field ") {
        return Odd::new(path, format!("a member {field}"), "none of that name");
    }
    if error.is_syntax() || error.is_eof() {
        return Odd::new(".", "JSON", format!("{text}{place}"));
    }
    Odd::new(path, "what is documented", text)
}

/// The JSON reader's names of things, as a person would say them.
fn plainly(name: &str) -> String {
    let quoted = |kind: &str| name.strip_prefix(kind).map(|value| value.trim_matches('`'));
    match name {
        "i64" | "u64" | "u32" | "u16" => return "a whole number".into(),
        "a string" => return "a text".into(),
        "a sequence" | "sequence" => return "an array".into(),
        "a map" | "map" => return "an object".into(),
        _ if name.starts_with("struct ") => return "an object".into(),
        _ => {}
    }
    if let Some(length) = name.strip_prefix("invalid length ") {
        return format!("an array of {length}");
    }
    if let Some(text) = quoted("string ") {
        return format!("the text {text}");
    }
    match quoted("integer ").or_else(|| quoted("floating point ")).or_else(|| quoted("boolean ")) {
        Some(value) => value.into(),
        None => name.into(),
    }
}

/// How an HTML page is named, where the body is one: a sign-in page or a proxy's, mostly.
pub(crate) fn page(body: &[u8], content_type: Option<&str>) -> Option<String> {
    let says_so = content_type.is_some_and(|kind| kind.to_ascii_lowercase().contains("html"));
    if !says_so && matches!(body.first(), Some(b'{' | b'[')) {
        return None;
    }
    let start = String::from_utf8_lossy(&body[..body.len().min(4096)]);
    if !says_so && !start.trim_start().starts_with('<') {
        return None;
    }
    let lower = start.to_ascii_lowercase();
    let title = lower.find("<title>").and_then(|from| {
        let from = from + "<title>".len();
        let to = from + lower[from..].find('<')?;
        Some(start[from..to].trim().to_owned())
    });
    Some(match title {
        Some(title) if !title.is_empty() => format!("an HTML page titled `{}`", shortened(&title, 100)),
        _ => "an HTML page".into(),
    })
}

/// `text` on one line, of at most `limit` characters, without any that would steer a terminal.
pub(crate) fn shortened(text: &str, limit: usize) -> String {
    let apart = |c: char| c.is_whitespace() || c.is_control();
    let line = text.split(apart).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    if line.chars().count() <= limit {
        return line;
    }
    line.chars().take(limit - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[expect(dead_code, reason = "only read into")]
    struct Set {
        value: Vec<Entity>,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(rename_all = "PascalCase")]
    #[expect(dead_code, reason = "only read into")]
    struct Entity {
        id: i64,
        title: String,
    }

    fn odd(body: &[u8]) -> Odd {
        json::<Set>(body, Some("application/json")).expect_err("the body is odd")
    }

    #[test]
    fn the_failing_member_is_named_with_its_path() {
        assert_eq!(
            odd(br#"{"value":[{"Id":1,"Title":"a"},{"Id":"x","Title":"b"}]}"#),
            Odd::new("value[1].Id", "a whole number", "the text \"x\"")
        );
        assert_eq!(odd(br#"{"value":[{"Id":1}]}"#), Odd::new("value[0]", "a member `Title`", "none of that name"));
    }

    #[test]
    fn what_is_no_json_at_all_is_said_to_be_so() {
        assert_eq!(odd(b" \r\n"), Odd::new(".", "JSON", "an empty body"));
        assert_eq!(
            odd(b"<html><head><Title>Sign in\n to your account</Title>"),
            Odd::new(".", "JSON", "an HTML page titled `Sign in to your account`")
        );
        assert_eq!(odd(br#"{"value":["#), Odd::new(".", "JSON", "EOF while parsing a list at line 1 column 10"));
        assert_eq!(odd(b"[]"), Odd::new(".", "an object", "an array of 0"));
        assert!(odd(br#"{"value":[]} and more"#).saw.contains("trailing characters"));
    }

    #[test]
    fn deep_nesting_and_bytes_that_are_no_text_are_refused() {
        let deep = format!("{{\"value\":{}", "[".repeat(100_000));
        assert!(odd(deep.as_bytes()).saw.len() <= 200);
        assert!(odd(deep.as_bytes()).path.starts_with("value[0]"));
        let mut deep_elsewhere = br#"{"other":"#.to_vec();
        deep_elsewhere.extend(vec![b'['; 100_000]);
        assert!(odd(&deep_elsewhere).saw.starts_with("EOF"), "what is passed over is not recursed into");
        assert!(odd(b"{\"value\":[{\"Id\":1,\"Title\":\"\xff\xfe\"}]}").saw.contains("unicode"));
    }

    #[test]
    fn json_that_breaks_off_is_told_from_what_is_whole_and_from_what_is_none() {
        for body in [r#"{"value":[{"Id":1,"#, "{", " [1,2", "[1}", "\u{feff}{\"a\":1"] {
            assert!(breaks_off(body.as_bytes()), "{body}");
        }
        for body in ["", " ", "{}", " [1,2]\r\n", "\u{feff}{}", "<html>", "true", "\"text", "] and more"] {
            assert!(!breaks_off(body.as_bytes()), "{body}");
        }
    }

    #[test]
    fn a_byte_order_mark_is_passed_over() {
        assert!(json::<Set>(b"\xef\xbb\xbf{\"value\":[]}", None).is_ok());
    }

    #[test]
    fn a_long_text_is_cut_by_characters_and_put_on_one_line() {
        assert_eq!(shortened("a\r\n  b\x1b[2J", 10), "a b [2J");
        assert_eq!(shortened("ääää", 3), "ää…");
    }
}
