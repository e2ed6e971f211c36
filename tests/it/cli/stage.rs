//! A folder of its own to run the binary in, and exact expectations of what it prints, with named holes for what varies.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

use alertdrill::report::Format;
use regex::Regex;
use serde_json::Value;

/// However loaded the machine is, nothing that is tested here takes longer.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// What a run of the binary left behind.
pub(crate) struct Ran {
    pub(crate) exit: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// Everything that was printed, for a failing test.
    pub(crate) fn told(&self) -> String {
        format!("exit {:?}\n--- stdout\n{}--- stderr\n{}", self.exit, self.stdout, self.stderr)
    }

    /// Asserts the exit code.
    #[track_caller]
    pub(crate) fn exits(&self, code: i32) -> &Self {
        assert_eq!(self.exit, Some(code), "{}", self.told());
        self
    }

    /// Asserts that standard output is `expected`, word for word but for its holes.
    #[track_caller]
    pub(crate) fn prints(&self, expected: &str) -> &Self {
        assert!(fits(&self.stdout, expected), "expected on stdout:\n{expected}\n{}", self.told());
        self
    }

    /// Asserts that standard error is `expected`, word for word but for its holes.
    #[track_caller]
    pub(crate) fn tells(&self, expected: &str) -> &Self {
        assert!(fits(&self.stderr, expected), "expected on stderr:\n{expected}\n{}", self.told());
        self
    }
}

/// The reports that a run makes unless it is told otherwise, each in `folder`, in the order in which they are told.
pub(crate) fn reports_in(folder: &str) -> Vec<String> {
    Format::ALL.iter().map(|format| format!("{folder}/{}", format.file_name())).collect()
}

/// What is in the folder of a run, by name, and `besides`.
pub(crate) fn folder_with(besides: &[&'static str]) -> Vec<&'static str> {
    const OF_EVERY_RUN: [&str; 7] =
        ["ctrf.json", "exchanges.har", "index.html", "junit.xml", "messages.ndjson", "run.json", "summary.md"];
    let mut names = [&OF_EVERY_RUN, besides].concat();
    names.sort_unstable();
    names
}

/// What may stand in a hole of an expectation: `⟨seed⟩`.
const HOLES: [(&str, &str); 6] = [
    ("⟨seed⟩", r"\d+"),
    ("⟨span⟩", r"[0-9.]+ (?:ms|s|min|h)(?: \d+ (?:s|min))?"),
    ("⟨port⟩", r"\d{2,5}"),
    ("⟨line⟩", r"[^\n]*"),
    ("⟨blanks⟩", r" *"),
    ("⟨any⟩", r"(?s:.*)"),
];

/// Whether `text` is `expected`, but for its holes and blank space at the ends.
pub(crate) fn fits(text: &str, expected: &str) -> bool {
    let mut pattern = regex::escape(expected.trim());
    for (hole, matched) in HOLES {
        pattern = pattern.replace(hole, matched);
    }
    assert!(!pattern.contains('⟨'), "an unknown hole in: {expected}");
    Regex::new(&format!("^{pattern}$")).expect("a pattern").is_match(text.trim())
}

/// A folder to run the binary in.
pub(crate) struct Stage(tempfile::TempDir);

impl Stage {
    /// An empty one.
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file, and the folders above it.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> &Self {
        let path = self.file(name);
        fs::create_dir_all(path.parent().expect("it is in the folder")).expect("folders");
        fs::write(path, content).expect("written");
        self
    }

    /// A file as text; what is none stands for something else.
    pub(crate) fn read(&self, name: &str) -> String {
        let bytes = fs::read(self.file(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        String::from_utf8_lossy(&bytes).into_owned()
    }

    pub(crate) fn json(&self, name: &str) -> Value {
        serde_json::from_str(&self.read(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The names in a folder, in order; none where there is no such folder.
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.file(folder)) else { return Vec::new() };
        let mut names: Vec<_> =
            entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// The binary with the arguments of `line`, split at blanks, and none of this process's settings. A run on the emulator
    /// that does not say on which services is on the guide's own.
    pub(crate) fn command(&self, line: &str) -> Command {
        let arguments: Vec<&str> = line.split_whitespace().collect();
        self.command_of(&arguments)
    }

    /// As [`Stage::command`], for arguments that hold blanks.
    pub(crate) fn command_of(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_alertdrill"));
        command.args(arguments).current_dir(self.path());
        let says = |flag: &str| arguments.iter().any(|argument| argument.starts_with(flag));
        if arguments.first() == Some(&"run") && !["--service", "--tenant", "--help"].into_iter().any(says) {
            command.args(["--service", "legacy"]);
        }
        for name in SETTINGS {
            command.env_remove(name);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs the binary to its end.
    pub(crate) fn run(&self, line: &str) -> Ran {
        finished(self.command(line))
    }

    /// Runs the binary to its end, with arguments that hold blanks.
    pub(crate) fn run_of(&self, arguments: &[&str]) -> Ran {
        finished(self.command_of(arguments))
    }
}

/// What would change the binary's ways if the tests' own surroundings held it.
pub(crate) const SETTINGS: [&str; 18] = [
    "GITHUB_ACTIONS",
    "GITHUB_STEP_SUMMARY",
    "GITLAB_CI",
    "TF_BUILD",
    "ALERTDRILL_TENANT",
    "ALERTDRILL_OUT",
    "ALERTDRILL_LOG",
    "ALERTDRILL_CLIENT_SECRET",
    "ALERTDRILL_PROXY_PASSWORD",
    "ALERTDRILL_DEVICE_PROXY_PASSWORD",
    "NO_COLOR",
    "CLICOLOR_FORCE",
    "COLUMNS",
    "http_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
];

/// Runs `command` to its end.
pub(crate) fn finished(mut command: Command) -> Ran {
    let mut running = Running::of(command.spawn().expect("the binary starts"));
    running.end()
}

/// A process that goes on, and what it has printed so far. It is killed when it is dropped.
pub(crate) struct Running {
    child: Child,
    stdout: Stream,
    stderr: Stream,
}

impl Running {
    /// A child whose outputs are piped.
    pub(crate) fn of(mut child: Child) -> Self {
        let stdout = Stream::of(child.stdout.take().expect("it is piped"));
        let stderr = Stream::of(child.stderr.take().expect("it is piped"));
        Self { child, stdout, stderr }
    }

    /// Waits until standard output holds `text`.
    pub(crate) fn has_printed(&mut self, text: &str) -> &str {
        self.stdout.until(|read| read.contains(text))
    }

    /// Waits until standard error holds `text`.
    pub(crate) fn has_told(&mut self, text: &str) -> &str {
        self.stderr.until(|read| read.contains(text))
    }

    /// Sends a signal, by the name that `kill` knows.
    #[cfg(unix)]
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status();
        assert!(sent.expect("kill is there").success());
    }

    /// Whether the process has closed its outputs within `limit`, and is over or about to be.
    #[cfg(unix)]
    pub(crate) fn is_over_within(&mut self, limit: Duration) -> bool {
        self.stdout.ends_within(limit)
    }

    /// Waits until the process is over.
    pub(crate) fn end(&mut self) -> Ran {
        let stdout = self.stdout.whole();
        let stderr = self.stderr.whole();
        Ran { exit: self.child.wait().expect("it was started").code(), stdout, stderr }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may be over.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// An output, read as it comes.
struct Stream {
    pieces: Receiver<Vec<u8>>,
    bytes: Vec<u8>,
    text: String,
}

impl Stream {
    fn of(mut output: impl Read + Send + 'static) -> Self {
        let (sender, pieces) = mpsc::channel();
        thread::spawn(move || {
            let mut buffer = [0; 8192];
            while let Ok(read @ 1..) = output.read(&mut buffer) {
                if sender.send(buffer[..read].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self { pieces, bytes: Vec::new(), text: String::new() }
    }

    fn until(&mut self, is_enough: impl Fn(&str) -> bool) -> &str {
        while !is_enough(&self.text) {
            assert!(self.more(), "it ended after:\n{}", self.text);
        }
        &self.text
    }

    #[cfg(unix)]
    #[expect(clippy::disallowed_methods, reason = "a moment of the world's is meant, and no drill's")]
    fn ends_within(&mut self, limit: Duration) -> bool {
        let until = std::time::Instant::now() + limit;
        loop {
            let left = until.saturating_duration_since(std::time::Instant::now());
            match self.pieces.recv_timeout(left) {
                Ok(piece) => self.take(&piece),
                Err(mpsc::RecvTimeoutError::Disconnected) => return true,
                Err(mpsc::RecvTimeoutError::Timeout) => return false,
            }
        }
    }

    fn take(&mut self, piece: &[u8]) {
        self.bytes.extend(piece);
        self.text = String::from_utf8_lossy(&self.bytes).into_owned();
    }

    fn whole(&mut self) -> String {
        while self.more() {}
        self.text.clone()
    }

    fn more(&mut self) -> bool {
        match self.pieces.recv_timeout(PATIENCE) {
            Ok(piece) => {
                self.take(&piece);
                true
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => false,
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("it hangs after:\n{}", self.text),
        }
    }
}
