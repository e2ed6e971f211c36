//! A journal of a run that is over, read again.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
};

use crate::{
    domain::marker::Marker,
    journal::{
        Head, Number,
        line::{self, Said},
        thing::Thing,
    },
};

/// What a run wrote down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// Whose journal it is.
    pub head: Head,
    /// What was, or was about to be, made and is not undone, in the order in which it was.
    pub left: Vec<Left>,
    entries: u64,
}

/// Something that is not undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// Which entry it is.
    pub number: Number,
    /// The marker that it was made under.
    pub marker: Marker,
    /// What it is, as far as the journal knows.
    pub thing: Thing,
    /// Whether it was left on purpose.
    pub kept: bool,
}

impl Past {
    /// The number of the last entry.
    pub fn entries(&self) -> u64 {
        self.entries
    }

    /// Reads a journal, and up to where it is whole. A line without an end was being written when the process ended:
    /// what it is about had not begun.
    pub(super) fn read(file: &mut File) -> io::Result<(Self, u64)> {
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(0))?;
        file.read_to_end(&mut bytes)?;
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        let past = Self::of(&bytes[..whole]).map_err(|problem| io::Error::new(io::ErrorKind::InvalidData, problem))?;
        Ok((past, whole as u64))
    }

    fn of(bytes: &[u8]) -> Result<Self, String> {
        let mut lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let head = line::read_head(lines.next().unwrap_or_default())?;
        let mut left = BTreeMap::new();
        let mut entries = 0;
        for (place, bytes) in lines.enumerate() {
            let wrong = |problem: String| format!("line {}: {problem}", place + 2);
            let line = line::read_entry(bytes).map_err(wrong)?;
            entries = entries.max(line.entry);
            take(&mut left, line.entry, line.said).map_err(wrong)?;
        }
        Ok(Self { head, left: left.into_values().collect(), entries })
    }
}

fn take(left: &mut BTreeMap<u64, Left>, entry: u64, said: Said) -> Result<(), String> {
    match said {
        Said::AboutTo { marker, thing } => {
            let marker = Marker::parse(&marker).ok_or_else(|| format!("`{marker}` is no marker"))?;
            left.insert(entry, Left { number: Number(entry), marker, thing: thing.into(), kept: false });
        }
        Said::Is { thing } => {
            if let Some(known) = left.get_mut(&entry) {
                known.thing = thing.into();
            }
        }
        Said::Undone => {
            left.remove(&entry);
        }
        Said::Kept => {
            if let Some(known) = left.get_mut(&entry) {
                known.kept = true;
            }
        }
    }
    Ok(())
}
