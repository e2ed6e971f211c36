//! A run as people read it: each report is a function of `run.json`, and of nothing else.
//!
//! In reading order: [`reading`] (what a drill's record means: which link of its chain broke), [`wording`] (spans,
//! moments and verdicts in words), `escaped` (JSON that is harmless wherever it is shown), `account`
//! (what stands in an entry for machines), then a file or folder for each
//! format: [`html`], [`junit`], [`messages`], [`har`],
//! [`ctrf`], [`markdown`].
//!
//! Knows nothing of how drills are run, of services, or of any clock: a report can be made again from the record alone.

use std::{
    fmt,
    io::{self, Write},
    path::{Path, PathBuf},
    str::FromStr,
};

use crate::record::{
    drill::Drill,
    owner_only::{self, Draft},
    reader::{ReadError, RunReader},
    run::{Foot, Head},
    verdict::{Counts, RunVerdict},
};

mod account;
pub mod ctrf;
mod escaped;
pub mod har;
pub mod html;
pub mod junit;
pub mod markdown;
pub mod messages;
pub mod reading;
pub mod wording;

/// A report's format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// `index.html`: a page for people.
    Html,
    /// `junit.xml`: for CI servers.
    Junit,
    /// `messages.ndjson`: for the formatters of Cucumber.
    Messages,
    /// `exchanges.har`: for the network tools of a browser.
    Har,
    /// `ctrf.json`: for dashboards.
    Ctrf,
    /// `summary.md`: for a CI job's summary.
    Markdown,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 6] = [Self::Html, Self::Junit, Self::Messages, Self::Har, Self::Ctrf, Self::Markdown];

    /// The names of all, as `--format` takes them.
    pub const LIST: &str = "html,junit,messages,har,ctrf,markdown";

    /// The name, as in `--format`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Junit => "junit",
            Self::Messages => "messages",
            Self::Har => "har",
            Self::Ctrf => "ctrf",
            Self::Markdown => "markdown",
        }
    }

    /// The name of the file.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Html => "index.html",
            Self::Junit => "junit.xml",
            Self::Messages => "messages.ndjson",
            Self::Har => "exchanges.har",
            Self::Ctrf => "ctrf.json",
            Self::Markdown => "summary.md",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that names no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no format of a report (known: {known})", known = Format::LIST.replace(',', ", "))]
pub struct UnknownFormat(pub String);

impl FromStr for Format {
    type Err = UnknownFormat;
    fn from_str(word: &str) -> Result<Self, UnknownFormat> {
        Self::ALL.into_iter().find(|format| format.as_str() == word).ok_or_else(|| UnknownFormat(word.into()))
    }
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The run cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A report cannot be written.
    #[error("{0}")]
    Write(#[from] io::Error),
}

/// A run, but for its drills.
#[derive(Debug, Clone)]
pub struct Outline {
    /// What is known before the first drill.
    pub head: Head,
    /// What is known after the last one; none for a run that was killed.
    pub foot: Option<Foot>,
    /// How many drills ended how.
    pub counts: Counts,
}

impl Outline {
    /// The outline of the run that `reader` reads.
    pub fn of(reader: &RunReader) -> Self {
        Self { head: reader.head().clone(), foot: reader.foot().cloned(), counts: *reader.counts() }
    }

    /// The verdict on the run; a run that was killed is at best interrupted.
    pub fn verdict(&self) -> RunVerdict {
        match &self.foot {
            Some(foot) => foot.verdict,
            None if self.counts.failed > 0 => RunVerdict::Failed,
            None => RunVerdict::Interrupted,
        }
    }
}

/// A report that takes the drills in, one at a time, and is then whole. What it need not know the end to write, it writes
/// at once: memory stays flat.
trait Report {
    fn start(&mut self, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
    fn drill(&mut self, drill: &Drill, out: &mut dyn Write) -> io::Result<()>;
    fn finish(self: Box<Self>, out: &mut dyn Write) -> io::Result<()>;
}

/// Writes the reports of a run into `dir`, for their owner alone, and returns where they are. The drills are read once,
/// however many formats there are.
pub fn render(run: &Path, dir: &Path, formats: &[Format]) -> Result<Vec<PathBuf>, ReportError> {
    render_run(&RunReader::open(run)?, dir, formats)
}

/// As [`render`], of a run that is open already.
pub fn render_run(run: &RunReader, dir: &Path, formats: &[Format]) -> Result<Vec<PathBuf>, ReportError> {
    owner_only::make_directory(dir)?;
    let begun = |format: &Format| {
        let mut report = begin(*format, Outline::of(run), dir)?;
        let mut out = Draft::of(&dir.join(format.file_name()))?;
        report.start(&mut out)?;
        Ok((report, out))
    };
    let mut reports = formats.iter().map(begun).collect::<io::Result<Vec<_>>>()?;
    run.each_drill_in_order(|drill| {
        for (report, out) in &mut reports {
            report.drill(&drill, out)?;
        }
        Ok::<(), ReportError>(())
    })?;
    let whole = |(report, mut out): (Box<dyn Report>, Draft)| {
        report.finish(&mut out)?;
        Ok(out.finish()?)
    };
    reports.into_iter().map(whole).collect()
}

fn begin(format: Format, outline: Outline, dir: &Path) -> io::Result<Box<dyn Report>> {
    Ok(match format {
        Format::Html => Box::new(html::Page::new(outline)),
        Format::Junit => Box::new(junit::Junit::new(outline)),
        Format::Messages => Box::new(messages::Messages::begin(outline, dir)?),
        Format::Har => Box::new(har::Har::new(outline)),
        Format::Ctrf => Box::new(ctrf::Ctrf::new(outline)),
        Format::Markdown => Box::new(markdown::Summary::new(outline)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_names_every_format() {
        let named: Result<Vec<Format>, _> = Format::LIST.split(',').map(str::parse).collect();
        assert_eq!(named, Ok(Format::ALL.to_vec()));
    }
}
