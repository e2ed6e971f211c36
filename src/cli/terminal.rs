//! The terminal: how wide it is, and texts that are folded to fit.

use std::{
    fmt::Write as _,
    io::{self, IsTerminal as _},
};

/// The columns of the terminal; a pipe has as many as everybody can read.
pub(super) fn width() -> u16 {
    let columns = || terminal_size::terminal_size().map(|(width, _)| width.0);
    if io::stdout().is_terminal() { columns().unwrap_or(80).min(120) } else { 80 }
}

/// A text after a label, folded between words, with the rest below its beginning.
pub(super) fn push_folded(text: &mut String, label: &str, value: &str, width: usize) {
    let indent = label.chars().count();
    let room = width.saturating_sub(indent).max(20);
    let mut line = label.to_owned();
    let mut used = 0;
    for word in value.split_whitespace() {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > room {
            let _ = writeln!(text, "{}", line.trim_end());
            line = " ".repeat(indent);
            used = 0;
        }
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        line.push_str(word);
        used += length;
    }
    let _ = writeln!(text, "{}", line.trim_end());
}
