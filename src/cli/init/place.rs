//! Where a file of the project may be written: where nothing is yet, and through no symbolic link.

use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write as _},
    path::Path,
};

use crate::{cli::init::Refused, record::owner_only};

/// Whether the file `name` of the project in `dir` is not there yet. What is there below `dir` are folders and a file.
pub(super) fn is_missing(dir: &Path, name: &str) -> Result<bool, Refused> {
    let mut path = dir.to_owned();
    let mut parts = Path::new(name).components().peekable();
    while let Some(part) = parts.next() {
        path.push(part);
        owner_only::refuse_link(&path)?;
        let is_the_file = parts.peek().is_none();
        match fs::metadata(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(true),
            Err(error) => return Err(owner_only::named(&path, &error).into()),
            Ok(found) if is_the_file && !found.is_file() => return Err(Refused::InTheWay { path, wanted: "file" }),
            Ok(found) if !is_the_file && !found.is_dir() => return Err(Refused::InTheWay { path, wanted: "folder" }),
            Ok(_) => {}
        }
    }
    Ok(false)
}

/// Writes a new file, and the folders above it. Nothing in it is secret: its access rights are those of any other file.
pub(super) fn create(path: &Path, text: &str) -> Result<(), Refused> {
    let folder = path.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(folder).map_err(|error| owner_only::named(folder, &error))?;
    let mut file =
        OpenOptions::new().write(true).create_new(true).open(path).map_err(|error| owner_only::named(path, &error))?;
    file.write_all(text.as_bytes()).map_err(|error| {
        // Half a file would be left as it is the next time. What is in the way of writing may be in the way of removing.
        drop(fs::remove_file(path));
        owner_only::named(path, &error).into()
    })
}
