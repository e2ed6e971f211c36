//! The job of a continuous integration that this process is a part of, and the words in which its log is told more.
//!
//! Everything here is for the log, on standard error. What others wrote (a title, an alert) may stand in a log, and gives
//! no command there: [`harmless`].

use std::{
    borrow::Cow,
    fs::File,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use jiff::Timestamp;

use crate::config::environment::Environment;

/// A system that runs jobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Job {
    /// GitHub Actions, and the file that the summary of the job's step is appended to.
    Github(Option<PathBuf>),
    /// GitLab.
    Gitlab,
    /// Azure Pipelines.
    Azure,
}

/// What is told beside a line of a feature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// Whether it is a gap, and not only unknown.
    pub is_gap: bool,
    /// The feature.
    pub file: String,
    /// The line of its drill.
    pub line: u32,
    /// In a few words.
    pub title: String,
    /// All of it, on lines.
    pub message: String,
}

/// So many of each severity are shown of a step; GitHub passes over more.
pub const SHOWN: usize = 10;

/// A step's summary may hold so many bytes.
const SUMMARY_LIMIT: u64 = 1024 * 1024;

impl Job {
    /// The job that `environment` is of.
    pub fn of(environment: &Environment) -> Option<Self> {
        let is = |name: &str| environment.get(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        if is("GITHUB_ACTIONS") {
            return Some(Self::Github(environment.get("GITHUB_STEP_SUMMARY").map(PathBuf::from)));
        }
        if is("GITLAB_CI") {
            return Some(Self::Gitlab);
        }
        is("TF_BUILD").then_some(Self::Azure)
    }

    /// The line from which on the log is folded.
    pub fn fold(&self, title: &str, at: Timestamp) -> String {
        match self {
            Self::Github(_) => format!("::group::{title}"),
            Self::Gitlab => format!("\x1b[0Ksection_start:{}:alertdrill_drills\r\x1b[0K{title}", at.as_second()),
            Self::Azure => format!("##[group]{title}"),
        }
    }

    /// The line up to which it is.
    pub fn unfold(&self, at: Timestamp) -> String {
        match self {
            Self::Github(_) => "::endgroup::".into(),
            Self::Gitlab => format!("\x1b[0Ksection_end:{}:alertdrill_drills\r\x1b[0K", at.as_second()),
            Self::Azure => "##[endgroup]".into(),
        }
    }

    /// The line that shows `issue` beside its feature: a gap is an error, what cannot be told a warning.
    pub fn annotation(&self, issue: &Issue) -> Option<String> {
        let Issue { is_gap, file, line, title, message } = issue;
        let severity = if *is_gap { "error" } else { "warning" };
        match self {
            Self::Github(_) => {
                let escaped = |text: &str| escaped(text, "%25", &[(':', "%3A"), (',', "%2C")]);
                let (file, title) = (escaped(file), escaped(title));
                let message = self::escaped(message, "%25", &[]);
                Some(format!("::{severity} file={file},line={line},title={title}::{message}"))
            }
            Self::Azure => {
                let file = escaped(file, "%AZP25", &[(';', "%3B"), (']', "%5D")]);
                let message = escaped(&format!("{title}\n{message}"), "%AZP25", &[]);
                Some(format!("##vso[task.logissue type={severity};sourcepath={file};linenumber={line};]{message}"))
            }
            Self::Gitlab => None,
        }
    }

    /// Appends the Markdown among `reports` to the summary of the job's step, where there is one and it has room.
    pub fn summarize(&self, reports: &[PathBuf]) -> io::Result<()> {
        let Self::Github(Some(summary)) = self else { return Ok(()) };
        let Some(report) = reports.iter().find(|path| path.extension().is_some_and(|known| known == "md")) else {
            return Ok(());
        };
        // A file that is not there is nobody's: it is not made.
        match File::options().append(true).open(summary) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            opened => append(report, &mut opened?),
        }
    }
}

fn append(report: &Path, summary: &mut File) -> io::Result<()> {
    let text = std::fs::read(report)?;
    let size = summary.metadata()?.len().saturating_add(text.len() as u64);
    if size > SUMMARY_LIMIT {
        return Err(io::Error::other("a step's summary may hold 1 MiB, and has no room left"));
    }
    summary.write_all(&text)
}

/// `text` as the value of a command, and none of another command.
fn escaped(text: &str, percent: &str, others: &[(char, &str)]) -> String {
    let known = [('%', percent), ('\r', "%0D"), ('\n', "%0A")];
    text.replace("##", "# # ").chars().fold(String::with_capacity(text.len()), |mut told, c| {
        match known.iter().chain(others).find(|(from, _)| *from == c) {
            Some((_, to)) => told.push_str(to),
            None => told.push(c),
        }
        told
    })
}

/// `text`, in which no line is a command to GitHub Actions or Azure Pipelines: a blank breaks what would be one.
pub fn harmless(text: &str) -> Cow<'_, str> {
    let is_command = |line: &str| line.trim_start().starts_with("::");
    if !text.contains("##") && !text.lines().any(is_command) {
        return Cow::Borrowed(text);
    }
    let broken = |line: &str| {
        let line = line.replace("##", "# # ");
        if is_command(&line) { line.replacen("::", ": :", 1) } else { line }
    };
    Cow::Owned(text.split_inclusive('\n').map(broken).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issue() -> Issue {
        Issue {
            is_gap: true,
            file: "a,b:c.feature".into(),
            line: 7,
            title: "no-alert: 100%,\n::stop".into(),
            message: "one\r\n::error::two ##vso[x]".into(),
        }
    }

    #[test]
    fn a_hostile_title_or_message_is_the_value_of_one_command_and_no_other() {
        let told = Job::Github(None).annotation(&issue()).expect("it is told");
        let expected = "::error file=a%2Cb%3Ac.feature,line=7,title=no-alert%3A 100%25%2C%0A%3A%3Astop::one%0D%0A::error::two # # vso[x]";
        assert_eq!(told, expected);
        let azure = Issue { is_gap: false, file: "a;b].feature".into(), ..issue() };
        let told = Job::Azure.annotation(&azure).expect("it is told");
        assert!(
            told.starts_with("##vso[task.logissue type=warning;sourcepath=a%3Bb%5D.feature;linenumber=7;]"),
            "{told}"
        );
        assert!(!told.contains('\n') && told.contains("100%AZP25,%0A"), "{told}");
        assert_eq!(Job::Gitlab.annotation(&issue()), None);
    }

    #[test]
    fn what_others_wrote_gives_no_command() {
        assert_eq!(harmless("a::b\n c # [d]\n"), "a::b\n c # [d]\n");
        assert_eq!(harmless("saw\n   ::error::x\nend"), "saw\n   : :error::x\nend");
        assert_eq!(harmless("a ##[error]b ##vso[task]c"), "a # # [error]b # # vso[task]c");
        assert_eq!(harmless("::x"), ": :x");
        assert!(!harmless("####[error]x").contains("##"), "{}", harmless("####[error]x"));
    }

    #[test]
    fn a_job_is_known_by_its_environment() {
        let job = |variables: &[(&str, &str)]| Job::of(&Environment::with(variables));
        assert_eq!(job(&[]), None);
        assert_eq!(
            job(&[("GITHUB_ACTIONS", "true"), ("GITHUB_STEP_SUMMARY", "s")]),
            Some(Job::Github(Some("s".into())))
        );
        assert_eq!(job(&[("GITLAB_CI", "true")]), Some(Job::Gitlab));
        assert_eq!(job(&[("TF_BUILD", "True")]), Some(Job::Azure));
    }

    #[test]
    fn the_summary_is_appended_where_it_is_there_and_has_room() {
        let folder = tempfile::tempdir().expect("a folder");
        let (summary, report) = (folder.path().join("step"), folder.path().join("summary.md"));
        std::fs::write(&report, "# passed\n").expect("written");
        let job = Job::Github(Some(summary.clone()));
        job.summarize(std::slice::from_ref(&report)).expect("nothing to do");
        assert!(!summary.exists());
        std::fs::write(&summary, "before\n").expect("written");
        job.summarize(std::slice::from_ref(&report)).expect("appended");
        assert_eq!(std::fs::read_to_string(&summary).expect("readable"), "before\n# passed\n");
        std::fs::write(&summary, vec![b'x'; 1024 * 1024]).expect("written");
        assert!(job.summarize(&[report]).is_err());
    }
}
