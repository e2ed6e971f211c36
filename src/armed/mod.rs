//! What is armed now and judged later, by another process: `armed.json`.
//!
//! In reading order: this file (the run, and how the file is written and read), [`drill`] (what the rest of a drill
//! needs), in private `words` (the nouns of the field in it).
//!
//! It lies beside the run's journal, which alone says what is to be undone. It is for its owner alone and holds no secret:
//! exchanges were redacted when they were made.

pub mod drill;
mod words;

use std::{
    fs,
    io::{self, Write as _},
    path::Path,
};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{armed::drill::Drill, record::owner_only};

/// The name of the file in the folder of its run.
pub const NAME: &str = "armed.json";

/// What it is called until it is whole.
const PART: &str = "armed.json.part";

/// The version of the format that is written and read.
pub const FORMAT: u32 = 1;

/// The drills of a run that are armed, and what they were armed with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Armed {
    /// The version of the format, under a name that no other kind of file has.
    pub alertdrill_armed: u32,
    /// The version of alertdrill that wrote it.
    pub alertdrill: String,
    /// The run's name.
    pub run: String,
    /// The name of the tenant's table.
    pub tenant: String,
    /// The tenant's own id, where its table says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// Which service things are published through.
    pub service: String,
    /// The seed of the run.
    pub seed: u64,
    /// What markers are derived from: the seed, and the moment of the start.
    pub markers: u64,
    /// Among so many shards the tenant's calls are shared.
    pub shards: u32,
    /// Of what these drills are all: `the run`, or a shard of it.
    pub scope: String,
    /// How far the service's clock was ahead of the drills', as far as that is known: another machine's may be wrong by
    /// another span.
    pub service_ahead: SignedDuration,
    /// Until when they can be judged: their indicators end then.
    pub until: Timestamp,
    /// The features that the drills are written in.
    pub features: Vec<Feature>,
    /// The drills.
    pub drills: Vec<Drill>,
}

/// A feature, by what it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feature {
    /// The file, as it was named.
    pub file: String,
    /// Whether it is one of those that are built in.
    pub built_in: bool,
    /// The SHA-256 of its text, in hexadecimal.
    pub sha256: String,
}

/// What tells one format from another, whatever else it holds.
#[derive(Deserialize)]
struct Version {
    alertdrill_armed: u32,
}

impl Armed {
    /// Writes it into `dir`, whole or not at all.
    pub fn write(&self, dir: &Path) -> io::Result<()> {
        let (part, path) = (dir.join(PART), dir.join(NAME));
        owner_only::refuse_link(&path)?;
        let mut file = owner_only::create(&part)?;
        let mut bytes = serde_json::to_vec_pretty(self).map_err(io::Error::from)?;
        bytes.push(b'\n');
        file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(|error| owner_only::named(&part, &error))?;
        fs::rename(&part, &path).map_err(|error| owner_only::named(&path, &error))
    }

    /// Reads what lies in `dir`; none where nothing does.
    pub fn read(dir: &Path) -> io::Result<Option<Self>> {
        let path = dir.join(NAME);
        let wrong = |why: String| io::Error::new(io::ErrorKind::InvalidData, format!("{}: {why}", path.display()));
        let bytes = match owner_only::read(&path) {
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Ok(None);
            }
            read => read?,
        };
        let Ok(version) = serde_json::from_slice::<Version>(&bytes) else {
            return Err(wrong("it does not say what a run has armed".into()));
        };
        if version.alertdrill_armed != FORMAT {
            let written = version.alertdrill_armed;
            return Err(wrong(format!("its format is {written}, and this alertdrill reads {FORMAT}")));
        }
        serde_json::from_slice(&bytes).map(Some).map_err(|error| wrong(error.to_string()))
    }

    /// Removes what lies in `dir`: it is judged, or given up. That there is nothing is success.
    pub fn remove(dir: &Path) -> io::Result<()> {
        match fs::remove_file(dir.join(NAME)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(owner_only::named(&dir.join(NAME), &error)),
            _ => Ok(()),
        }
    }
}
