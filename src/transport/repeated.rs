//! A secret that a service repeats: taken out of what it wrote, in whichever way it wrote it.

use crate::transport::secret::Secret;

/// What stands where a service repeated a secret.
const FORGOTTEN: &str = "[redacted]";

/// `text` without `secret`; `None` where it is not in it.
pub(crate) fn without(text: &[u8], secret: &Secret) -> Option<Vec<u8>> {
    let plain = secret.expose();
    if plain.is_empty() {
        return None;
    }
    let mut left = without_plain(text, plain);
    for (marks, one) in [(b"%+".as_slice(), of_a_form as One), (br"\", of_json)] {
        let text = left.as_deref().unwrap_or(text);
        if text.iter().any(|byte| marks.contains(byte)) {
            left = without_escaped(text, plain, one).or(left);
        }
    }
    left
}

/// How many bytes of the beginning of a text are a character.
type One = fn(&[u8], char) -> Option<usize>;

fn without_plain(text: &[u8], plain: &str) -> Option<Vec<u8>> {
    // A token is long, and to look for its beginning first is much faster.
    let beginning = &plain[..plain.floor_char_boundary(32)];
    let repeated = match std::str::from_utf8(text) {
        Ok(text) => text.contains(beginning) && text.contains(plain),
        Err(_) => text.windows(plain.len()).any(|window| window == plain.as_bytes()),
    };
    repeated.then(|| String::from_utf8_lossy(text).replace(plain, FORGOTTEN).into_bytes())
}

fn without_escaped(text: &[u8], plain: &str, one: One) -> Option<Vec<u8>> {
    let mut kept = Vec::new();
    let (mut from, mut at) = (0, 0);
    while at < text.len() {
        if let Some(length) = written(&text[at..], plain, one) {
            kept.extend_from_slice(&text[from..at]);
            kept.extend_from_slice(FORGOTTEN.as_bytes());
            at += length;
            from = at;
        } else {
            at += 1;
        }
    }
    kept.extend_from_slice(&text[from..]);
    (from > 0).then_some(kept)
}

/// How many bytes of the beginning of `text` are `plain`, any of its characters escaped.
fn written(text: &[u8], plain: &str, one: One) -> Option<usize> {
    plain.chars().try_fold(0, |length, character| Some(length + one(text.get(length..)?, character)?))
}

/// A character as a form writes it, or as it is.
fn of_a_form(text: &[u8], character: char) -> Option<usize> {
    let mut buffer = [0; 4];
    let bytes = character.encode_utf8(&mut buffer).as_bytes();
    let escaped = match text.first()? {
        b'%' => hex(text, "%", 2, bytes.iter().map(|byte| u32::from(*byte))),
        b'+' if character == ' ' => Some(1),
        _ => None,
    };
    escaped.or_else(|| text.starts_with(bytes).then_some(bytes.len()))
}

/// A character as JSON writes it, or as it is.
fn of_json(text: &[u8], character: char) -> Option<usize> {
    let (mut bytes, mut units) = ([0; 4], [0; 2]);
    let bytes = character.encode_utf8(&mut bytes).as_bytes();
    if text.first()? != &b'\\' {
        return text.starts_with(bytes).then_some(bytes.len());
    }
    let short = matches!(character, '"' | '\\' | '/') && text.get(1) == bytes.first();
    let units = character.encode_utf16(&mut units).iter().map(|unit| u32::from(*unit));
    if short { Some(2) } else { hex(text, r"\u", 4, units) }
}

/// How many bytes of the beginning of `text` are these numbers, each as `digits` hexadecimal digits behind `mark`.
fn hex(text: &[u8], mark: &str, digits: usize, mut numbers: impl Iterator<Item = u32>) -> Option<usize> {
    let one = mark.len() + digits;
    numbers.try_fold(0, |length, number| {
        let written = std::str::from_utf8(text.get(length..length + one)?).ok()?.strip_prefix(mark)?;
        let hexadecimal = written.bytes().all(|digit| digit.is_ascii_hexdigit());
        (hexadecimal && u32::from_str_radix(written, 16) == Ok(number)).then_some(length + one)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(text: &str, secret: &str) -> String {
        let left = without(text.as_bytes(), &Secret::new(secret)).unwrap_or_else(|| text.into());
        String::from_utf8(left).expect("text")
    }

    #[test]
    fn a_secret_is_taken_out_however_it_is_written() {
        let secret = r#"a+b/c="\ %25é💥"#;
        let forms = [
            secret,
            r#"a\u002Bb\/c\u003d\"\\ %25\u00e9\ud83d\udca5"#,
            "a%2Bb%2fc%3D%22%5C+%2525%C3%A9%F0%9F%92%A5",
            r#"\u0061+b/c=\"\u005C\u0020%25é💥"#,
        ];
        for form in forms {
            assert_eq!(left(&format!("x {form}{form} y"), secret), "x [redacted][redacted] y", "{form}");
        }
    }

    #[test]
    fn what_only_looks_like_a_secret_stays() {
        for text in [r"a\u002", "a%2", "a%+", r"a\u+02b", r"a\", "a%2C", "%61b", "b"] {
            assert_eq!(left(text, "a+"), text);
        }
        assert_eq!(left("anything", ""), "anything");
    }
}
