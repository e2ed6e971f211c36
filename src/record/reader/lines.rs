//! A run in the layout that [`file`](crate::record::file) writes: a line with the head, a line for each drill, a line
//! with the foot.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom},
    path::Path,
};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::record::reader::{Around, ReadError, not_a_run, unreadable};

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
    let file = File::open(path).map_err(|cause| unreadable(path, cause))?;
    let mut file = BufReader::with_capacity(1 << 16, file);
    let mut line = Vec::new();
    for number in 1_u64.. {
        line.clear();
        let read = file.read_until(b'\n', &mut line).map_err(|cause| unreadable(path, cause))?;
        if read == 0 || line.starts_with(b"]") {
            break;
        }
        if number <= 2 {
            continue;
        }
        let whole = line.ends_with(b"\n");
        let json = line.trim_ascii_end();
        match serde_json::from_slice(json.strip_suffix(b",").unwrap_or(json)) {
            Ok(drill) => take(drill)?,
            Err(_) if !whole => break,
            Err(error) => {
                return Err(match not_a_run(path, &error) {
                    ReadError::NotARun { path, why } => {
                        ReadError::NotARun { path, why: format!("{why} (of line {number} of the file)") }
                    }
                    other => other,
                }
                .into());
            }
        }
    }
    Ok(())
}
