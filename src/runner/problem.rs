//! What is wrong with a feature, where, and what to do.

use std::fmt;

/// One thing that is wrong with a feature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file or folder, as it was named.
    pub file: String,
    /// The line, counted from 1, where there is one.
    pub line: Option<u32>,
    /// What is wrong, in one sentence without a full stop.
    pub what: String,
    /// What to do.
    pub hint: Option<String>,
    /// Where the mistake is.
    pub mistake: Mistake,
}

/// Where the mistake behind a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mistake {
    /// In a feature, or in a folder that should hold some.
    Feature,
    /// In the command line, which names what is not there.
    CommandLine,
}

impl Problem {
    /// A problem of the whole file.
    pub fn of(file: &str, what: impl Into<String>) -> Self {
        Self { file: file.into(), line: None, what: what.into(), hint: None, mistake: Mistake::Feature }
    }

    /// A file or folder that was asked for, and is not there.
    pub fn missing(target: &str) -> Self {
        let hint = "name a .feature file, a folder of them, or FILE:LINE; without any, the built-in ones run";
        Self { mistake: Mistake::CommandLine, ..Self::of(target, "there is no such file or folder").hint(hint) }
    }

    /// A problem at a line.
    pub fn at(file: &str, line: u32, what: impl Into<String>) -> Self {
        Self { line: Some(line), ..Self::of(file, what) }
    }

    /// Adds what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.what)?;
        match &self.hint {
            Some(hint) => write!(f, "\n  hint: {hint}"),
            None => Ok(()),
        }
    }
}
