//! Files that only their owner can read: a record or report names devices, addresses and users.

use std::{
    ffi::OsString,
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

/// A file that is being written, for its owner alone, and is gone when it is dropped: either it takes the place of another
/// once it is whole, or it is read once.
#[derive(Debug)]
pub struct Draft {
    file: Option<BufWriter<File>>,
    /// Where it is.
    at: PathBuf,
    /// What it is called in errors: what it is to be, or where it is.
    path: PathBuf,
}

impl Draft {
    /// Begins one that is to take the place of `path`, beside it.
    pub fn of(path: &Path) -> io::Result<Self> {
        refuse_link(path)?;
        let mut at = OsString::from(path);
        at.push(".part");
        Self::begin(at.into(), path.to_owned())
    }

    /// Begins one at `path`, in which the end of another waits until its beginning is known.
    pub fn at(path: PathBuf) -> io::Result<Self> {
        Self::begin(path.clone(), path)
    }

    fn begin(at: PathBuf, path: PathBuf) -> io::Result<Self> {
        let file = Some(BufWriter::with_capacity(128 * 1024, create(&at)?));
        Ok(Self { file, at, path })
    }

    /// Ends it, gives it the name that it is to have, and returns that.
    pub fn finish(mut self) -> io::Result<PathBuf> {
        self.flush()?;
        // Windows gives no new name to a file that is open.
        drop(self.file.take());
        fs::rename(&self.at, &self.path).map_err(|error| named(&self.path, &error))?;
        Ok(std::mem::take(&mut self.path))
    }

    /// Writes all of it to `out`.
    pub fn pour(mut self, out: &mut dyn Write) -> io::Result<()> {
        self.flush()?;
        let mut file = File::open(&self.at).map_err(|error| named(&self.path, &error))?;
        io::copy(&mut file, out).map(drop)
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(file) = &mut self.file else { return Ok(0) };
        file.write(bytes).map_err(|error| named(&self.path, &error))
    }

    fn flush(&mut self) -> io::Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        file.flush().map_err(|error| named(&self.path, &error))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if let Some(file) = self.file.take() {
            // What is still in memory is not worth a try at a disk that may be full.
            drop(file.into_parts());
            let _nobody_misses_it = fs::remove_file(&self.at);
        }
    }
}

/// Creates a file for its owner alone, in place of one of the same name. A symbolic link is refused: what it points at
/// belongs to somebody else.
pub fn create(path: &Path) -> io::Result<File> {
    refuse_link(path)?;
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(named(path, &error)),
        _ => {}
    }
    create_new(OpenOptions::new().write(true), path).map_err(|error| named(path, &error))
}

/// Creates a file for its owner alone with `options`, where there is none of the name.
pub(super) fn create_new(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    options.create_new(true);
    restrict(options);
    options.open(path)
}

/// Reads a whole file. What is none is refused before it is opened: a pipe would be waited for, and a device may never
/// end.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let found = fs::metadata(path).map_err(|error| named(path, &error))?;
    regular(&found, path)?;
    fs::read(path).map_err(|error| named(path, &error))
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
    create(path)?.write_all(content).map_err(|error| named(path, &error))
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

/// Fails if `path` is anything else than a regular file, or nothing yet.
pub fn refuse_irregular(path: &Path) -> io::Result<()> {
    refuse_link(path)?;
    fs::symlink_metadata(path).map_or(Ok(()), |found| regular(&found, path))
}

fn regular(found: &fs::Metadata, path: &Path) -> io::Result<()> {
    if found.is_file() {
        return Ok(());
    }
    let problem = format!("{} is no regular file (hint: move it away)", path.display());
    Err(io::Error::new(io::ErrorKind::InvalidInput, problem))
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

    #[test]
    fn a_file_is_replaced_by_a_whole_one_or_stays_as_it_was() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("page");
        fs::write(&path, "old").expect("written");
        let mut given_up = Draft::of(&path).expect("begun");
        given_up.write_all(b"half").expect("taken");
        drop(given_up);
        assert_eq!(fs::read(&path).expect("readable"), b"old");
        let mut new = Draft::of(&path).expect("begun");
        new.write_all(b"new").expect("taken");
        assert_eq!(fs::read(&path).expect("readable"), b"old", "nothing shows before it is whole");
        assert_eq!(new.finish().expect("finished"), path);
        assert_eq!(fs::read(&path).expect("readable"), b"new");
        assert_eq!(fs::read_dir(folder.path()).expect("readable").count(), 1, "no part is left");
    }

    #[test]
    fn what_is_kept_for_later_is_read_once_and_gone_even_if_it_is_not_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let begin = || Draft::at(folder.path().join("later")).expect("begun");
        let (mut kept, mut out) = (begin(), Vec::new());
        kept.write_all(b"the end").expect("taken");
        kept.pour(&mut out).expect("read");
        assert_eq!(out, b"the end");
        begin().write_all(b"given up").expect("taken");
        assert_eq!(fs::read_dir(folder.path()).expect("readable").count(), 0);
    }

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
