//! Redaction of JSON text, which may be cut off: the members with secret names at any depth, and secrets within strings.
//!
//! The text is walked once and never parsed into values, so that its layout stays, and a body that was cut is redacted
//! as well as a whole one.

use std::borrow::Cow;

use crate::record::redaction::{scrub, suspicious};

const REDACTED_STRING: &str = "\"[redacted]\"";

/// JSON within a string within JSON is followed so deep; what lies deeper is redacted whole.
const DEPTH: u32 = 8;

/// Parts of the names of secret members, letter case and punctuation left out.
const SECRET_PARTS: [&str; 10] = [
    "secret",
    "passw",
    "pwd",
    "assertion",
    "credential",
    "cookie",
    "apikey",
    "accesskey",
    "privatekey",
    "authorization",
];

/// Endings of the names of secret members.
const SECRET_ENDINGS: [&str; 7] = ["token", "tokens", "bearer", "signature", "devicecode", "usercode", "codeverifier"];

/// The redacted text; none if it is not JSON, not even the beginning of some.
pub(super) fn redacted(text: &str) -> Option<Cow<'_, str>> {
    Walk { text, at: 0, copied: 0, out: String::new(), depth: 0 }.run()
}

struct Walk<'a> {
    text: &'a str,
    /// Where the walk is.
    at: usize,
    /// Up to where the text is in `out`.
    copied: usize,
    out: String,
    depth: u32,
}

impl<'a> Walk<'a> {
    fn run(mut self) -> Option<Cow<'a, str>> {
        while let Some(byte) = self.text.as_bytes().get(self.at) {
            match byte {
                b'"' => self.string(),
                b'{' | b'}' | b'[' | b']' | b':' | b',' | b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                0xEF if self.text[self.at..].starts_with('\u{feff}') => self.at += '\u{feff}'.len_utf8(),
                _ => self.at = self.word_end()?,
            }
        }
        if self.out.is_empty() {
            return Some(Cow::Borrowed(self.text));
        }
        self.out.push_str(&self.text[self.copied..]);
        Some(Cow::Owned(self.out))
    }

    /// A string: the name of a member, or a value.
    fn string(&mut self) {
        let (begin, end) = (self.at, string_end(self.text, self.at));
        let after = blank_end(self.text, end);
        let raw = &self.text[begin..end];
        if self.text.as_bytes().get(after) == Some(&b':') && is_secret_name(raw) {
            let value = blank_end(self.text, after + 1);
            self.at = value_end(self.text, value);
            if self.at > value {
                self.replace(value, self.at, REDACTED_STRING);
            }
            return;
        }
        self.at = end;
        if suspicious(raw) {
            let changed = redacted_string(raw, self.depth);
            if changed != raw {
                self.replace(begin, end, &changed);
            }
        }
    }

    fn replace(&mut self, begin: usize, end: usize, by: &str) {
        self.out.push_str(&self.text[self.copied..begin]);
        self.out.push_str(by);
        self.copied = end;
    }

    /// The end of a number or literal, whole or cut off by the end of the text.
    fn word_end(&self) -> Option<usize> {
        let rest = &self.text[self.at..];
        let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"+-.".contains(c)).unwrap_or(rest.len());
        let (word, cut) = (&rest[..length], length == rest.len());
        let literal = |known: &str| known == word || (cut && known.starts_with(word));
        let number = word.starts_with(|c: char| c.is_ascii_digit() || c == '-')
            && word.chars().all(|c| c.is_ascii_digit() || "+-.eE".contains(c));
        (!word.is_empty() && (number || ["true", "false", "null"].into_iter().any(literal))).then_some(self.at + length)
    }
}

/// A string with its quotes, redacted; one that was cut off or is malformed, and suspicious, is redacted whole.
fn redacted_string(raw: &str, depth: u32) -> Cow<'_, str> {
    let Ok(value) = serde_json::from_str::<String>(raw) else { return Cow::Borrowed(REDACTED_STRING) };
    let redacted = if value.trim_start().starts_with(['{', '[']) && suspicious(&value) {
        if depth == DEPTH {
            return Cow::Borrowed(REDACTED_STRING);
        }
        let inner = Walk { text: &value, at: 0, copied: 0, out: String::new(), depth: depth + 1 };
        inner.run().unwrap_or_else(|| scrub(&value))
    } else {
        scrub(&value)
    };
    if redacted == value.as_str() {
        return Cow::Borrowed(raw);
    }
    serde_json::to_string(&redacted).map_or(Cow::Borrowed(REDACTED_STRING), Cow::Owned)
}

fn is_secret_name(raw: &str) -> bool {
    if !suspicious(raw) {
        return false;
    }
    let Ok(name) = serde_json::from_str::<String>(raw) else { return true };
    let name: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    SECRET_PARTS.into_iter().any(|part| name.contains(part))
        || SECRET_ENDINGS.into_iter().any(|ending| name.ends_with(ending))
}

/// Behind the string that begins at `begin`.
fn string_end(text: &str, begin: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = begin + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    text.len()
}

fn blank_end(text: &str, at: usize) -> usize {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    at + text.as_bytes()[at..].iter().take_while(|byte| blank(byte)).count()
}

/// Behind the value that begins at `begin`: a string, a number, a literal, or all of an object or array.
fn value_end(text: &str, begin: usize) -> usize {
    let bytes = text.as_bytes();
    let (mut at, mut open) = (begin, 0_usize);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => at = string_end(text, at),
            b'{' | b'[' => (open, at) = (open + 1, at + 1),
            b'}' | b']' | b',' if open == 0 => return at,
            b'}' | b']' => (open, at) = (open - 1, at + 1),
            _ => at += 1,
        }
        if open == 0 && matches!(bytes.get(at - 1), Some(b'"' | b'}' | b']')) {
            return at;
        }
    }
    text.len()
}
