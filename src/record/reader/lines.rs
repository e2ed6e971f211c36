//! A run in the layout that [`file`](crate::record::file) writes: a line with the head, a line for each drill, a line
//! with the foot.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom},
    path::Path,
};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::record::{
    drill::Drill,
    reader::{Around, ReadError, not_a_run, unreadable},
};

/// The line before the drills.
const DRILLS: &[u8] = b"\"drills\":[\n";

/// The line after them, with the end of the line before.
const END: &[u8] = b"\n],\n";

/// No head or foot that alertdrill writes is longer.
const LONGEST: u64 = 1 << 20;

/// The members around the drills, without a look at these; none if the file has another layout.
pub(super) fn around(path: &Path) -> Result<Option<Around>, ReadError> {
    let file = File::open(path).map_err(|cause| unreadable(path, cause))?;
    read_around(file).map_err(|cause| unreadable(path, cause))
}

fn read_around(file: File) -> io::Result<Option<Around>> {
    let mut file = BufReader::new(file);
    let Some(mut members) = read_head(&mut file)? else { return Ok(None) };
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(LONGEST)))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    let foot = tail.windows(END.len()).rposition(|window| window == END).map(|at| &tail[at + END.len()..]);
    let foot = foot.and_then(|foot| serde_json::from_slice(&[b"{", foot].concat()).ok());
    let cut = foot.is_none();
    members.extend(foot.unwrap_or_else(Map::new));
    Ok(Some(Around { members, cut }))
}

/// Reads the head and the line after it.
fn read_head(file: &mut impl BufRead) -> io::Result<Option<Map<String, Value>>> {
    let (mut head, mut drills) = (Vec::new(), Vec::new());
    file.take(LONGEST).read_until(b'\n', &mut head)?;
    file.take(DRILLS.len() as u64).read_to_end(&mut drills)?;
    let Some(members) = head.strip_suffix(b",\n") else { return Ok(None) };
    // A run that was killed before its first drill ends without a line break.
    if drills != DRILLS && drills != DRILLS[..DRILLS.len() - 1] {
        return Ok(None);
    }
    Ok(serde_json::from_slice(&[members, b"}"].concat()).ok())
}

/// Reads the file once, and hands over each drill as it comes. A last line that was cut off is left out.
pub(super) fn walk<T: DeserializeOwned, E: From<ReadError>>(
    path: &Path,
    take: &mut dyn FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    let mut lines = Lines::open(path)?;
    while let Some(drill) = lines.next()? {
        take(drill)?;
    }
    Ok(())
}

/// As [`walk`], but in the order in which the drills are written in their features, and not in that of their ends. The
/// file is read twice, and remembered is only where each drill begins.
pub(super) fn walk_in_order<E: From<ReadError>>(
    path: &Path,
    take: &mut dyn FnMut(Drill) -> Result<(), E>,
) -> Result<(), E> {
    let mut lines = Lines::open(path)?;
    let mut places = Vec::new();
    loop {
        let begins = lines.at;
        let Some(place) = lines.next::<Place>()? else { break };
        places.push((place, begins));
    }
    places.sort();
    for (_, begins) in places {
        lines.go_to(begins)?;
        match lines.next()? {
            Some(drill) => take(drill)?,
            None => break,
        }
    }
    Ok(())
}

/// Where a drill is written.
#[derive(PartialEq, Eq, PartialOrd, Ord, Deserialize)]
struct Place {
    file: String,
    line: u32,
}

/// The lines of the drills.
struct Lines<'a> {
    path: &'a Path,
    file: BufReader<File>,
    line: Vec<u8>,
    /// Where the next line begins.
    at: u64,
    /// How many lines were read.
    number: u64,
}

impl<'a> Lines<'a> {
    fn open(path: &'a Path) -> Result<Self, ReadError> {
        let file = File::open(path).map_err(|cause| unreadable(path, cause))?;
        let mut lines =
            Self { path, file: BufReader::with_capacity(1 << 14, file), line: Vec::new(), at: 0, number: 0 };
        // The head, and the member that holds the drills.
        lines.read()?;
        lines.read()?;
        Ok(lines)
    }

    fn go_to(&mut self, at: u64) -> Result<(), ReadError> {
        self.at = at;
        self.file.seek(SeekFrom::Start(at)).map_err(|cause| unreadable(self.path, cause))?;
        Ok(())
    }

    fn read(&mut self) -> Result<(), ReadError> {
        self.line.clear();
        let read = self.file.read_until(b'\n', &mut self.line).map_err(|cause| unreadable(self.path, cause))?;
        self.at += read as u64;
        self.number += 1;
        Ok(())
    }

    /// The drill on the next line; none where the drills end, or the file does.
    fn next<T: DeserializeOwned>(&mut self) -> Result<Option<T>, ReadError> {
        self.read()?;
        if self.line.is_empty() || self.line.starts_with(b"]") {
            return Ok(None);
        }
        let whole = self.line.ends_with(b"\n");
        let json = self.line.trim_ascii_end();
        match serde_json::from_slice(json.strip_suffix(b",").unwrap_or(json)) {
            Ok(drill) => Ok(Some(drill)),
            Err(_) if !whole => Ok(None),
            Err(error) => Err(match not_a_run(self.path, &error) {
                ReadError::NotARun { path, why } => {
                    ReadError::NotARun { path, why: format!("{why} (of line {} of the file)", self.number) }
                }
                other => other,
            }),
        }
    }
}
