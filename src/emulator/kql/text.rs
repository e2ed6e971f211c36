//! How texts are looked for in texts.
//!
//! A term is a run of letters and digits. What `has` finds need not be one term: it stands where no letter or digit
//! touches either of its ends that is one itself. So `has "evil.example"` finds `www.evil.example/x` and not
//! `devil.example`. Letters of other scripts count as letters: nothing is published about them.

use std::borrow::Cow;

use crate::emulator::kql::syntax::{Find, Test};

/// Whether `sought` is in `text`, looked for in this way.
pub(super) fn holds(how: Test, text: &str, sought: &str) -> bool {
    let (text, sought) = if how.cased { (text.into(), sought.into()) } else { (folded(text), folded(sought)) };
    found(how.find, &text, &sought) != how.negated
}

/// In lower case, letter by letter.
pub(super) fn folded(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        return Cow::Borrowed(text);
    }
    if text.is_ascii() {
        return Cow::Owned(text.to_ascii_lowercase());
    }
    Cow::Owned(text.chars().flat_map(char::to_lowercase).collect())
}

/// Whether `sought` is in `text`, letter case counting.
pub(super) fn found(find: Find, text: &str, sought: &str) -> bool {
    match find {
        Find::Whole => text == sought,
        Find::Within => text.contains(sought),
        Find::Prefix => text.starts_with(sought),
        Find::Suffix => text.ends_with(sought),
        Find::Term => term(text, sought, true, true),
        Find::TermPrefix => term(text, sought, true, false),
        Find::TermSuffix => term(text, sought, false, true),
        Find::Regex => false,
    }
}

fn term(text: &str, sought: &str, begins: bool, ends: bool) -> bool {
    let solid = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let (first, last) = (solid(sought.chars().next()), solid(sought.chars().next_back()));
    if sought.is_empty() {
        return true;
    }
    let edges = [begins && first, ends && last];
    match text.find(sought) {
        None => false,
        Some(at) => apart(text, at, sought.len(), edges) || anywhere(text, sought, edges),
    }
}

fn apart(text: &str, at: usize, length: usize, [begins, ends]: [bool; 2]) -> bool {
    let touches = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    !(begins && touches(text[..at].chars().next_back()) || ends && touches(text[at + length..].chars().next()))
}

/// Every place of `sought`, overlapping ones too (`1.1.1` is in `11.1.1.1` twice), in one pass: the search of Knuth,
/// Morris and Pratt, whose cost no text can drive up.
fn anywhere(text: &str, sought: &str, edges: [bool; 2]) -> bool {
    let (text_bytes, sought_bytes) = (text.as_bytes(), sought.as_bytes());
    let mut borders = vec![0; sought_bytes.len()];
    let mut length = 0;
    for at in 1..sought_bytes.len() {
        while length > 0 && sought_bytes[at] != sought_bytes[length] {
            length = borders[length - 1];
        }
        length += usize::from(sought_bytes[at] == sought_bytes[length]);
        borders[at] = length;
    }
    length = 0;
    for (at, byte) in text_bytes.iter().enumerate() {
        while length > 0 && *byte != sought_bytes[length] {
            length = borders[length - 1];
        }
        length += usize::from(*byte == sought_bytes[length]);
        if length == sought_bytes.len() {
            if apart(text, at + 1 - length, length, edges) {
                return true;
            }
            length = borders[length - 1];
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(text: &str, sought: &str) -> bool {
        holds(Test { find: Find::Term, cased: false, negated: false }, text, sought)
    }

    #[test]
    fn has_finds_whole_terms_and_nothing_less() {
        for (text, sought) in [
            ("http://www.evil.example/x", "evil.example"),
            ("EVIL.example", "evil"),
            ("a evil", "evil"),
            ("evil", "evil"),
            ("under_score", "score"),
            ("11.1.1.1", "1.1.1"),
            ("x.y", ".y"),
            ("anything", ""),
            ("Straße ÄRGER", "ärger"),
        ] {
            assert!(has(text, sought), "{text} has {sought}");
        }
        for (text, sought) in [
            ("devil.example", "evil.example"),
            ("evil.examples", "evil.example"),
            ("1evil", "evil"),
            ("", "evil"),
            ("10.0.0.11", "10.0.0.1"),
            ("Äevil", "evil"),
        ] {
            assert!(!has(text, sought), "{text} has {sought}");
        }
    }

    #[test]
    fn a_long_text_is_looked_for_in_a_longer_one_in_one_pass() {
        let long = "a".repeat(1 << 20);
        let half = "a".repeat(1 << 19);
        assert!(!has(&long, &half));
        assert!(has(&format!("{long} {half}"), &half));
    }
}
