//! A file that is handed to somebody else: written whole or not at all, and never through a symbolic link.
//!
//! It is written beside its place and then moved there, so that a program that waits for it never reads half of it, and
//! a file that was there before, with whatever access rights, is replaced rather than filled.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::Path,
};

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Readers {
    /// Its owner alone (mode 0600). On Windows a new file has the access rights of its folder: one below the user's
    /// profile is readable by that user, the system and administrators.
    Owner,
    /// Whoever may read other files of the owner's.
    Anybody,
}

/// Writes `content` to a file at `path`, new or in place of a regular file.
pub(super) fn write(path: &Path, content: &[u8], readers: Readers) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(known) if known.file_type().is_symlink() => {
            return Err(io::Error::other("it is a symbolic link, which is not followed; name the file itself"));
        }
        Ok(known) if !known.is_file() => return Err(io::Error::other("it is there already, and no regular file")),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let mut beside = OsString::from(".");
    beside.push(path.file_name().ok_or_else(|| io::Error::other("it names no file"))?);
    beside.push(format!(".{:016x}", fastrand::u64(..)));
    let beside = path.with_file_name(beside);
    let written = create(&beside, readers).and_then(|mut file| {
        file.write_all(content)?;
        file.flush()
    });
    let moved = written.and_then(|()| fs::rename(&beside, path));
    if moved.is_err() {
        // What is in the way of writing may be in the way of removing, and the first error is the one that tells.
        drop(fs::remove_file(&beside));
    }
    moved
}

#[cfg(unix)]
fn create(path: &Path, readers: Readers) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    let mode = match readers {
        Readers::Owner => 0o600,
        Readers::Anybody => 0o644,
    };
    OpenOptions::new().write(true).create_new(true).mode(mode).open(path)
}

#[cfg(not(unix))]
fn create(path: &Path, _: Readers) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().expect("a folder")
    }

    fn names(folder: &tempfile::TempDir) -> Vec<OsString> {
        fs::read_dir(folder.path()).expect("a folder").map(|entry| entry.expect("an entry").file_name()).collect()
    }

    #[test]
    fn a_file_is_written_and_replaced_and_nothing_else_is_left() {
        let folder = folder();
        let path = folder.path().join("details.json");
        write(&path, b"one, and more", Readers::Owner).expect("written");
        write(&path, b"two", Readers::Owner).expect("replaced");
        assert_eq!(fs::read(&path).expect("readable"), b"two");
        assert_eq!(names(&folder), ["details.json"]);
    }

    #[test]
    fn what_cannot_be_written_says_why_and_leaves_nothing() {
        let folder = folder();
        assert!(write(&folder.path().join("no/such/folder"), b"x", Readers::Owner).is_err());
        let error = write(folder.path(), b"x", Readers::Owner).expect_err("a folder is no file");
        assert!(error.to_string().contains("no regular file"), "{error}");
        assert_eq!(names(&folder), Vec::<OsString>::new());
    }

    #[cfg(unix)]
    #[test]
    fn a_file_for_its_owner_is_for_nobody_else_also_where_it_replaces_one_for_all() {
        use std::os::unix::fs::PermissionsExt;
        let folder = folder();
        let path = folder.path().join("details.json");
        fs::write(&path, "old").expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).expect("opened to all");
        write(&path, b"secret", Readers::Owner).expect("replaced");
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
    }

    #[cfg(unix)]
    #[test]
    fn a_symbolic_link_is_refused_and_what_it_points_to_is_left_alone() {
        let folder = folder();
        let (target, link) = (folder.path().join("target"), folder.path().join("link"));
        fs::write(&target, "precious").expect("written");
        std::os::unix::fs::symlink(&target, &link).expect("linked");
        let error = write(&link, b"x", Readers::Owner).expect_err("a link is not followed");
        assert!(error.to_string().contains("symbolic link"), "{error}");
        assert_eq!(fs::read(&target).expect("readable"), b"precious");
        fs::remove_file(&target).expect("removed");
        assert!(write(&link, b"x", Readers::Owner).is_err(), "a dangling one neither");
    }
}
