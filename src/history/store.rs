//! The file of past runs: a database of one file, for its owner alone, in which there is no secret.
//!
//! It holds three tables: `about` (the version of the format), `drills` (a number for each drill, by its identity as JSON)
//! and `runs` (by beginning and name: what is known of the run as JSON, and its outcomes, each by its drill's number).
//! Every page has a checksum, and all are checked when the file is opened: what somebody else changed is not trusted.

use std::{
    collections::{HashMap, HashSet},
    fmt::Display,
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use redb::{
    Builder, Database, DatabaseError, ReadableDatabase as _, ReadableTable as _, StorageError, TableDefinition,
    TableError, WriteTransaction, backends::FileBackend,
};

use crate::{
    history::{
        bytes,
        run::{About, Identity, Outcome, Run},
    },
    record::owner_only,
};

/// What the file is called, unless it is given another name.
pub const NAME: &str = "history.redb";

/// The version of the format that is written, and the last that is read.
pub const FORMAT: u64 = 1;

const ABOUT: TableDefinition<'_, &str, u64> = TableDefinition::new("about");

const DRILLS: TableDefinition<'_, &[u8], u32> = TableDefinition::new("drills");

const RUNS: TableDefinition<'_, RunKey, RunValue> = TableDefinition::new("runs");

/// When it began, in microseconds of the Unix epoch, and its name.
type RunKey = (i64, &'static str);

/// What is known of it as a whole, and its outcomes.
type RunValue = (&'static [u8], &'static [u8]);

/// The past runs that are remembered. Nobody else has the file open meanwhile.
pub struct Store {
    database: Database,
    path: PathBuf,
}

/// What became of a run that was to be remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remembered {
    /// It was not known.
    New,
    /// It took the place of what was known of it.
    Again,
    /// More of it was known already.
    Known,
}

/// Why nothing can be read or remembered.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else has it open.
    #[error("{path}: another alertdrill has it open (hint: try again when that has ended, or give this one its own --history)", path = path.display())]
    Busy {
        /// Which file.
        path: PathBuf,
    },
    /// It is something else.
    #[error("{path}: this is no history of alertdrill (hint: name another file with --history, or move this one away)", path = path.display())]
    Foreign {
        /// Which file.
        path: PathBuf,
    },
    /// It was written by a later alertdrill.
    #[error("{path}: its format is {format}, and this alertdrill reads up to {FORMAT} (hint: use a newer one)", path = path.display())]
    Newer {
        /// Which file.
        path: PathBuf,
        /// Its format.
        format: u64,
    },
    /// It is not what was written.
    #[error("{path}: it is damaged: {why} (hint: move it away, and fill a new one with `alertdrill history --import RUN...`)", path = path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// In what way.
        why: String,
    },
    /// It cannot be read or written.
    #[error("{0} (hint: name a file that you can write to with --history)")]
    Io(io::Error),
}

impl Store {
    /// Opens the history at `path`, which is made unless it is there.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            owner_only::make_directory(folder).map_err(StoreError::Io)?;
        }
        let file = owner_only::open_or_create(path).map_err(StoreError::Io)?;
        let told = |error: &DatabaseError| match error {
            DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => {
                StoreError::Busy { path: path.into() }
            }
            _ if !begins_as_ours(path) => StoreError::Foreign { path: path.into() },
            DatabaseError::Storage(StorageError::Io(error)) if error.kind() != io::ErrorKind::InvalidData => {
                StoreError::Io(owner_only::named(path, error))
            }
            _ => StoreError::Damaged { path: path.into(), why: error.to_string() },
        };
        let database = database(file).map_err(|error| told(&error))?;
        let store = Self { database, path: path.into() };
        store.check_format()?;
        Ok(store)
    }

    /// Which file it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is known of each run as a whole, the earliest first.
    pub fn runs(&self) -> Result<Vec<About>, StoreError> {
        let reading = self.try_to(self.database.begin_read())?;
        let table = self.try_to(reading.open_table(RUNS))?;
        let mut runs = Vec::new();
        for run in self.try_to(table.iter())? {
            let (_, run) = self.try_to(run)?;
            runs.push(self.about(run.value().0)?);
        }
        Ok(runs)
    }

    /// How the drills of a run ended, each with its number; none of a run that is not remembered.
    pub fn outcomes(&self, run: &About) -> Result<Vec<(u32, Outcome)>, StoreError> {
        let reading = self.try_to(self.database.begin_read())?;
        let table = self.try_to(reading.open_table(RUNS))?;
        let found = self.try_to(table.get(key(run)))?;
        found.map_or(Ok(Vec::new()), |run| bytes::outcomes(run.value().1).map_err(|why| self.damaged(&why)))
    }

    /// The number of each drill.
    pub fn drills(&self) -> Result<HashMap<Identity, u32>, StoreError> {
        let reading = self.try_to(self.database.begin_read())?;
        let table = self.try_to(reading.open_table(DRILLS))?;
        let mut drills = HashMap::new();
        for drill in self.try_to(table.iter())? {
            let (identity, number) = self.try_to(drill)?;
            let identity = serde_json::from_slice(identity.value()).map_err(|error| self.damaged(&error))?;
            drills.insert(identity, number.value());
        }
        Ok(drills)
    }

    /// Remembers `run`. Of a run that is known already what tells of more drills is kept, and of as many the later.
    pub fn remember(&self, run: &Run) -> Result<Remembered, StoreError> {
        let about = &run.about;
        let known = self.runs()?.into_iter().find(|known| known.run == about.run);
        let tells = |about: &About| (about.counts.total(), about.is_over());
        if known.as_ref().is_some_and(|known| tells(known) > tells(about)) {
            return Ok(Remembered::Known);
        }
        let writing = self.try_to(self.database.begin_write())?;
        if let Some(known) = &known {
            self.try_to(self.try_to(writing.open_table(RUNS))?.remove(key(known)))?;
        }
        let numbers = self.numbers(&writing, run)?;
        let outcomes = run.drills.iter().map(|drill| &drill.outcome);
        let outcomes = bytes::of(numbers.into_iter().zip(outcomes)).map_err(|why| self.damaged(&why))?;
        let value = (json(about), outcomes);
        self.try_to(
            self.try_to(writing.open_table(RUNS))?.insert(key(about), (value.0.as_slice(), value.1.as_slice())),
        )?;
        self.try_to(writing.commit())?;
        Ok(if known.is_some() { Remembered::Again } else { Remembered::New })
    }

    /// Forgets these runs, and the drills that were in no other, and makes the file as small as what is left. Returns how many
    /// bytes it has lost.
    pub fn forget(&mut self, runs: &[About]) -> Result<u64, StoreError> {
        let before = self.size()?;
        let writing = self.try_to(self.database.begin_write())?;
        {
            let mut table = self.try_to(writing.open_table(RUNS))?;
            for run in runs {
                self.try_to(table.remove(key(run)))?;
            }
            let mut known = HashSet::new();
            for run in self.try_to(table.iter())? {
                let (_, run) = self.try_to(run)?;
                let outcomes = bytes::outcomes(run.value().1).map_err(|why| self.damaged(&why))?;
                known.extend(outcomes.into_iter().map(|(drill, _)| drill));
            }
            let mut drills = self.try_to(writing.open_table(DRILLS))?;
            self.try_to(drills.retain(|_, number| known.contains(&number)))?;
        }
        self.try_to(writing.commit())?;
        let compacted = self.database.compact();
        self.try_to(compacted)?;
        Ok(before.saturating_sub(self.size()?))
    }

    fn size(&self) -> Result<u64, StoreError> {
        let about = fs::metadata(&self.path).map_err(|error| StoreError::Io(owner_only::named(&self.path, &error)))?;
        Ok(about.len())
    }

    /// The number of each drill of `run`; one that was in no run before gets the next.
    fn numbers(&self, writing: &WriteTransaction, run: &Run) -> Result<Vec<u32>, StoreError> {
        let mut drills = self.try_to(writing.open_table(DRILLS))?;
        let mut next = 0;
        for drill in self.try_to(drills.iter())? {
            next = next.max(self.try_to(drill)?.1.value() + 1);
        }
        let mut numbers = Vec::with_capacity(run.drills.len());
        for drill in &run.drills {
            let identity = json(&drill.identity);
            let known = self.try_to(drills.get(identity.as_slice()))?.map(|number| number.value());
            if known.is_none() {
                self.try_to(drills.insert(identity.as_slice(), next))?;
            }
            numbers.push(known.unwrap_or(next));
            next += u32::from(known.is_none());
        }
        Ok(numbers)
    }

    /// Makes sure that the format is known, and writes it down in a file that is new.
    fn check_format(&self) -> Result<(), StoreError> {
        let reading = self.try_to(self.database.begin_read())?;
        let format = match reading.open_table(ABOUT) {
            Ok(about) => self.try_to(about.get("format"))?.map(|format| format.value()),
            Err(TableError::TableDoesNotExist(_)) => None,
            Err(TableError::TableTypeMismatch { .. }) => return Err(StoreError::Foreign { path: self.path.clone() }),
            Err(error) => return self.try_to(Err(error)),
        };
        match format {
            Some(1..=FORMAT) => Ok(()),
            Some(format) => Err(StoreError::Newer { path: self.path.clone(), format }),
            None if self.try_to(reading.list_tables())?.next().is_some() => {
                Err(StoreError::Foreign { path: self.path.clone() })
            }
            None => self.begin(),
        }
    }

    fn begin(&self) -> Result<(), StoreError> {
        let writing = self.try_to(self.database.begin_write())?;
        self.try_to(self.try_to(writing.open_table(ABOUT))?.insert("format", FORMAT))?;
        self.try_to(writing.open_table(DRILLS))?;
        self.try_to(writing.open_table(RUNS))?;
        self.try_to(writing.commit())
    }

    fn about(&self, bytes: &[u8]) -> Result<About, StoreError> {
        serde_json::from_slice(bytes).map_err(|error| self.damaged(&error))
    }

    /// The same, with an error that names the file.
    fn try_to<T, E: Into<redb::Error>>(&self, result: Result<T, E>) -> Result<T, StoreError> {
        result.map_err(|error| match error.into() {
            redb::Error::Io(error) => StoreError::Io(owner_only::named(&self.path, &error)),
            error => self.damaged(&error),
        })
    }

    fn damaged(&self, why: &dyn Display) -> StoreError {
        StoreError::Damaged { path: self.path.clone(), why: why.to_string() }
    }
}

fn database(file: File) -> Result<Database, DatabaseError> {
    Builder::new().set_cache_size(CACHE).set_check_integrity_on_open(true).create_with_backend(FileBackend::new(file)?)
}

/// So many bytes of the file are kept in memory at most.
const CACHE: usize = 64 << 20;

/// Whether the file begins as a database does.
fn begins_as_ours(path: &Path) -> bool {
    let mut begin = [0; 4];
    File::open(path).and_then(|mut file| file.read_exact(&mut begin)).is_ok() && begin == *b"redb"
}

fn key(run: &About) -> (i64, &str) {
    (run.started.as_microsecond(), &run.run)
}

fn json(value: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}
