//! The terminal: how wide it is, and texts that are folded to fit.

use std::{
    fmt::Write as _,
    io::{self, IsTerminal as _},
    sync::{Mutex, PoisonError},
};

use indicatif::ProgressBar;
use terminal_size::{Height, Width};

/// What is drawn on the terminal again and again, and lies below everything else that is told meanwhile. A process has one
/// terminal.
static DRAWN: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// From now on this is drawn, or nothing is.
pub(super) fn show(bar: Option<ProgressBar>) {
    *DRAWN.lock().unwrap_or_else(PoisonError::into_inner) = bar;
}

/// Standard error, above what is drawn there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stderr;

impl io::Write for Stderr {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes).map(|()| bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let drawn = DRAWN.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let write = || anstream::stderr().write_all(bytes);
        drawn.map_or_else(write, |bar| bar.suspend(write))
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// The columns and rows of the terminal that standard error is.
pub(super) fn room() -> (usize, usize) {
    let size = terminal_size::terminal_size_of(io::stderr());
    size.map_or((80, 24), |(Width(columns), Height(rows))| (columns.into(), rows.into()))
}

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
