//! JSON as reports write it: the data is what it was, and the file neither steers a terminal, nor reverses what is read,
//! nor ends a script that it is put into.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use crate::report::wording;

/// Writes a value on one line.
pub(super) fn write(mut out: &mut dyn Write, value: &(impl Serialize + ?Sized)) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(&mut out, Harmless)).map_err(io::Error::from)
}

/// The items of a list that is written one by one, each on a line of its own.
#[derive(Debug, Default)]
pub(super) struct Items {
    any: bool,
}

impl Items {
    /// Writes one more.
    pub(super) fn push(&mut self, out: &mut dyn Write, item: &impl Serialize) -> io::Result<()> {
        out.write_all(if self.any { b",\n" } else { b"\n" })?;
        self.any = true;
        write(out, item)
    }
}

/// Writes some characters as the numbers that they are.
struct Harmless;

impl Formatter for Harmless {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        let mut plain = 0;
        for (at, c) in fragment.char_indices().filter(|(_, c)| *c == '<' || wording::is_unseen(*c)) {
            out.write_all(&fragment.as_bytes()[plain..at])?;
            write!(out, "\\u{:04x}", u32::from(c))?;
            plain = at + c.len_utf8();
        }
        out.write_all(&fragment.as_bytes()[plain..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_harmless_and_what_is_read_is_what_was_there() {
        let hostile = "</script>\u{1b}[31m\u{9b}31m\0\u{202e}gnp.exe\u{feff}\u{2028}\u{7f} and \u{1f600} \"\\";
        let mut json = Vec::new();
        write(&mut json, hostile).expect("written");
        let json = String::from_utf8(json).expect("text");
        assert!(!json.contains(|c: char| c == '<' || wording::is_unseen(c)), "{json}");
        assert_eq!(serde_json::from_str::<String>(&json).expect("JSON"), hostile);
    }

    #[test]
    fn items_stand_on_lines_of_their_own_with_a_comma_between() {
        let (mut items, mut out) = (Items::default(), Vec::new());
        for number in 1..=3 {
            items.push(&mut out, &number).expect("written");
        }
        assert_eq!(out, b"\n1,\n2,\n3");
    }
}
