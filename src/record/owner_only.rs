//! Files that only their owner can read: a record or report names devices, addresses and users.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io,
    path::Path,
};

/// Creates a file for its owner alone, in place of one of the same name. A symbolic link is refused: what it points at
/// belongs to somebody else.
pub fn create(path: &Path) -> io::Result<File> {
    refuse_link(path)?;
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(named(path, &error)),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    restrict(&mut options);
    options.open(path).map_err(|error| named(path, &error))
}

/// Opens a file to read and write it, and makes it, for its owner alone, unless it is there already. A symbolic link is
/// refused.
pub fn open_or_create(path: &Path) -> io::Result<File> {
    refuse_link(path)?;
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    restrict(&mut options);
    options.open(path).map_err(|error| named(path, &error))
}

/// Writes a whole file for its owner alone.
pub fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    io::Write::write_all(&mut create(path)?, content).map_err(|error| named(path, &error))
}

/// Makes a directory, and those above it, unless it is there already.
pub fn make_directory(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    restrict_directory(&mut builder);
    builder.create(path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => io::Error::new(error.kind(), format!("{} is no folder", path.display())),
        _ => named(path, &error),
    })
}

/// Fails if `path` is a symbolic link.
pub fn refuse_link(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.file_type().is_symlink() => {
            let problem = format!("{} is a symbolic link, and alertdrill writes through none", path.display());
            Err(io::Error::new(io::ErrorKind::InvalidInput, problem))
        }
        _ => Ok(()),
    }
}

/// The same error, with the path in front.
pub fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

#[cfg(unix)]
fn restrict(options: &mut OpenOptions) {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
}

#[cfg(unix)]
fn restrict_directory(builder: &mut DirBuilder) {
    std::os::unix::fs::DirBuilderExt::mode(builder, 0o700);
}

/// On Windows a new file takes over the access list of its folder, which in a user's profile is the user's own; the
/// standard library sets no other.
#[cfg(not(unix))]
fn restrict(_options: &mut OpenOptions) {}

/// As for files.
#[cfg(not(unix))]
fn restrict_directory(_builder: &mut DirBuilder) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_file_is_its_owner_s_alone_and_a_link_is_refused() {
        use std::os::unix::fs::{PermissionsExt, symlink};

        let folder = tempfile::tempdir().expect("a folder");
        let (path, link) = (folder.path().join("deep/er/file"), folder.path().join("link"));
        make_directory(path.parent().expect("a parent")).expect("made");
        write(&path, b"one").expect("written");
        write(&path, b"two").expect("written again");
        let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().expect("a parent"))), (0o600, 0o700));
        assert_eq!(fs::read(&path).expect("readable"), b"two");

        symlink(&path, &link).expect("linked");
        let error = write(&link, b"three").expect_err("refused");
        assert!(error.to_string().contains("link is a symbolic link"), "{error}");
        assert_eq!(fs::read(&path).expect("readable"), b"two");
    }
}
