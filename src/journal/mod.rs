//! What is about to be made in a tenant, on disk before it is made, so that a killed process leaves nothing unknown.
//!
//! In reading order: [`thing`] (what can be made or changed, and is to be undone), `line` (how it is written), [`Journal`]
//! here (written while a run goes on), [`past`] (read again, and finished).
//!
//! `journal.ndjson` is one JSON object a line, and is only ever appended to. The first line is the head: the format, the
//! run, its tenant, service and application, and when it began. Each line after it is about one entry: that it is about
//! to be made, what it became, that it is undone, or that it was kept on purpose. No line holds a secret.

mod line;
pub mod past;
pub mod thing;

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, Seek, SeekFrom, Write as _},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use jiff::Timestamp;

use crate::{
    clock::Clock,
    domain::{marker::Marker, service::Service},
    journal::{
        line::{Line, Said},
        past::Past,
        thing::Thing,
    },
    record::{claim, owner_only},
};

/// The name of a run's journal in its folder.
pub const NAME: &str = "journal.ndjson";

/// The version of the format that is written and read.
pub const FORMAT: u32 = 1;

/// Whose journal it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The run's name.
    pub run: String,
    /// The name of the tenant's table.
    pub tenant: String,
    /// Which service things are published through.
    pub service: Service,
    /// The application that publishes them.
    pub client_id: String,
    /// When the run began.
    pub started: Timestamp,
}

/// The number of an entry within its journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(u64);

impl Number {
    /// The number.
    pub fn get(self) -> u64 {
        self.0
    }
}

/// A journal that is written to. The file is locked as long as this lives.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    clock: Clock,
    writing: Mutex<Writing>,
    /// The same file, to be synced without keeping anybody from writing.
    synced: File,
    /// So many lines are on the disk itself.
    safe: AtomicU64,
    /// So many syncs that took.
    #[cfg(test)]
    flushes: AtomicU64,
    /// Whose turn it is to sync: the others find their lines synced along when theirs comes.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct Writing {
    file: File,
    /// Up to where the file is whole.
    whole: u64,
    /// Lines that could not be written yet.
    pending: Vec<u8>,
    /// Whether the last attempt failed, which is told once.
    is_stuck: bool,
    lines: u64,
    /// How many of them are not pending.
    written: u64,
    entries: u64,
    /// The entries that are not undone.
    left: BTreeSet<u64>,
}

impl Journal {
    /// Begins the journal of a run in `dir`, in place of one of which nothing is left, and has it on disk when this
    /// returns.
    pub fn create(dir: &Path, head: &Head, clock: &Clock) -> io::Result<Self> {
        let path = dir.join(NAME);
        let remove = || fs::remove_file(&path).map_err(|error| owner_only::named(&path, &error));
        let file = claim::create(&path, remove)?.ok_or_else(|| busy(&path))?;
        let journal = Self::over(file, path, clock, (0, 0))?;
        journal.writing().pending.extend(line::head(head));
        journal.writing().lines += 1;
        journal.flush(1)?;
        sync_folder(dir);
        Ok(journal)
    }

    /// Opens the journal of a run that is over, to write down what of it is undone now.
    ///
    /// One whose run goes on is locked, and refused.
    pub fn reopen(path: &Path, clock: &Clock) -> io::Result<(Self, Past)> {
        let mut file = claim::open(path)?.ok_or_else(|| busy(path))?;
        let (past, whole) = Past::read(&mut file).map_err(|error| owner_only::named(path, &error))?;
        // What a torn line was to say is not known, and nothing is written behind it.
        file.set_len(whole)
            .and_then(|()| file.seek(SeekFrom::End(0)))
            .map_err(|error| owner_only::named(path, &error))?;
        let entries = past.entries();
        let journal = Self::over(file, path.into(), clock, (whole, entries))?;
        journal.writing().left = past.left.iter().map(|left| left.number.0).collect();
        Ok((journal, past))
    }

    fn over(file: File, path: PathBuf, clock: &Clock, (whole, entries): (u64, u64)) -> io::Result<Self> {
        let synced = file.try_clone().map_err(|error| owner_only::named(&path, &error))?;
        let left = BTreeSet::new();
        Ok(Self {
            path,
            clock: clock.clone(),
            writing: Mutex::new(Writing {
                file,
                whole,
                pending: Vec::new(),
                is_stuck: false,
                lines: 0,
                written: 0,
                entries,
                left,
            }),
            synced,
            safe: AtomicU64::new(0),
            #[cfg(test)]
            flushes: AtomicU64::new(0),
            turn: tokio::sync::Mutex::default(),
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes down that `thing` is about to be made under `marker`. It may be made once [`Journal::sync`] has returned.
    pub fn about_to(&self, marker: &Marker, thing: &Thing) -> Number {
        let mut writing = self.writing();
        writing.entries += 1;
        let number = Number(writing.entries);
        writing.left.insert(number.0);
        let said = Said::AboutTo { marker: marker.as_str().into(), thing: thing.into() };
        writing.append(number, self.clock.now(), said);
        number
    }

    /// Writes down what the entry became: the same under the key of the service.
    pub fn became(&self, number: Number, thing: &Thing) {
        self.writing().append(number, self.clock.now(), Said::Is { thing: thing.into() });
    }

    /// Writes down that nothing of the entry is left.
    pub fn undone(&self, number: Number) {
        let mut writing = self.writing();
        writing.left.remove(&number.0);
        writing.append(number, self.clock.now(), Said::Undone);
    }

    /// How much of what was written down is not undone.
    pub fn left(&self) -> usize {
        self.writing().left.len()
    }

    /// Writes down that what the entry is about was left on purpose.
    pub fn kept(&self, number: Number) {
        self.writing().append(number, self.clock.now(), Said::Kept);
    }

    /// Waits until everything that was written down so far is on the disk itself. Many who wait together cost one sync.
    pub async fn sync(self: &Arc<Self>) -> io::Result<()> {
        let lines = self.writing().lines;
        let _turn = self.turn.lock().await;
        if self.safe.load(Ordering::Acquire) >= lines {
            return Ok(());
        }
        let journal = Arc::clone(self);
        let flushed = tokio::task::spawn_blocking(move || journal.flush(lines)).await;
        flushed.unwrap_or_else(|panic| Err(io::Error::other(panic)))
    }

    /// Has on the disk itself as much as can be written, at least so many lines.
    fn flush(&self, lines: u64) -> io::Result<()> {
        let written = {
            let mut writing = self.writing();
            let outcome = writing.write();
            if writing.written < lines {
                outcome.map_err(|error| owner_only::named(&self.path, &error))?;
            }
            writing.written
        };
        self.synced.sync_data().map_err(|error| owner_only::named(&self.path, &error))?;
        self.safe.fetch_max(written, Ordering::Release);
        #[cfg(test)]
        self.flushes.fetch_add(1, Ordering::Release);
        Ok(())
    }

    fn writing(&self) -> MutexGuard<'_, Writing> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Writing {
    /// Hands a line to the system, which keeps it when the process is killed. One that cannot be written stays for the
    /// next attempt, which [`Journal::sync`] tells of.
    fn append(&mut self, number: Number, at: Timestamp, said: Said) {
        self.pending.extend(line::entry(&Line { entry: number.0, at, said }));
        self.lines += 1;
        match self.write() {
            Err(error) if !self.is_stuck => {
                self.is_stuck = true;
                tracing::warn!("the journal cannot be written to: {error}");
            }
            outcome => self.is_stuck = outcome.is_err(),
        }
    }

    fn write(&mut self) -> io::Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        if let Err(error) = self.file.write_all(&self.pending) {
            let _stays_as_it_is =
                self.file.set_len(self.whole).and_then(|()| self.file.seek(SeekFrom::Start(self.whole)));
            return Err(error);
        }
        self.written = self.lines;
        self.whole += self.pending.len() as u64;
        self.pending.clear();
        Ok(())
    }
}

fn busy(path: &Path) -> io::Error {
    let problem = format!("{}: its run goes on, or another sweep of it", path.display());
    io::Error::new(io::ErrorKind::ResourceBusy, problem)
}

/// A file that is new is there after a power failure only once its folder is synced. Not every system can.
fn sync_folder(dir: &Path) {
    let _where_it_can = File::open(dir).and_then(|folder| folder.sync_all());
}

#[cfg(test)]
mod tests;
