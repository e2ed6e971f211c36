//! Files that one process at a time may write to, told apart by a lock on the file itself.
//!
//! A name is not a file: between opening one and locking it, another process may have given the name to another file. So
//! it is looked at again once it is locked, and what lay there before is put out of the way only by whoever holds it.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::Path,
};

use crate::record::owner_only::{self, named, refuse_irregular};

/// Makes a file for its owner alone, and holds it as long as what is returned lives; none where another process holds the
/// one of the same name. One that nobody holds is handed to `displace`, which gives it another name or removes it.
pub fn create(path: &Path, displace: impl Fn() -> io::Result<()>) -> io::Result<Option<File>> {
    loop {
        match owner_only::create_new(shared(OpenOptions::new().read(true).write(true)), path) {
            Ok(file) => match held(file, path)? {
                Hold::Ours(file) => return Ok(Some(file)),
                Hold::Theirs => return Ok(None),
                Hold::Gone => {}
            },
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => match open(path) {
                Ok(Some(earlier)) => out_of_the_way(&earlier, path, &displace)?,
                Ok(None) => return Ok(None),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            },
            Err(error) => return Err(named(path, &error)),
        }
    }
}

/// One that is empty was made by somebody who did not come to hold it: it must not take the place of what has another name
/// already.
fn out_of_the_way(held: &File, path: &Path, displace: impl Fn() -> io::Result<()>) -> io::Result<()> {
    match held.metadata().map_err(|error| named(path, &error))?.len() {
        0 => fs::remove_file(path).map_err(|error| named(path, &error)),
        _ => displace(),
    }
}

/// Opens a file to read and write it, and holds it as long as what is returned lives; none where another process holds it.
pub fn open(path: &Path) -> io::Result<Option<File>> {
    loop {
        refuse_irregular(path)?;
        let file = match shared(OpenOptions::new().read(true).write(true)).open(path) {
            Ok(file) => file,
            Err(error) if is_held(&error) => return Ok(None),
            Err(error) => return Err(named(path, &error)),
        };
        match held(file, path)? {
            Hold::Ours(file) => return Ok(Some(file)),
            Hold::Theirs => return Ok(None),
            Hold::Gone => {}
        }
    }
}

/// What came of holding a file.
enum Hold {
    Ours(File),
    Theirs,
    /// Its name is another's by now, or nobody's.
    Gone,
}

fn held(file: File, path: &Path) -> io::Result<Hold> {
    match file.try_lock() {
        Err(fs::TryLockError::WouldBlock) => Ok(Hold::Theirs),
        // Where files cannot be locked nobody is kept out.
        Ok(()) | Err(fs::TryLockError::Error(_)) if is_named(&file, path)? => Ok(Hold::Ours(file)),
        Ok(()) | Err(fs::TryLockError::Error(_)) => Ok(Hold::Gone),
    }
}

/// Whether `path` names this very file.
#[cfg(unix)]
fn is_named(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let one = |found: fs::Metadata| (found.dev(), found.ino());
    match fs::symlink_metadata(path) {
        Ok(found) => Ok(one(found) == one(file.metadata().map_err(|error| named(path, &error))?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(named(path, &error)),
    }
}

/// On Windows a file is held from the moment it is opened: see [`shared`].
#[cfg(not(unix))]
fn is_named(_file: &File, _path: &Path) -> io::Result<bool> {
    Ok(true)
}

#[cfg(windows)]
fn shared(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::windows::fs::OpenOptionsExt as _;
    // FILE_SHARE_READ and FILE_SHARE_DELETE: others may read it, and it may get another name, but nobody else may open it
    // to write.
    options.share_mode(1 | 4)
}

#[cfg(not(windows))]
fn shared(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// Whether a file could not be opened because somebody else has it open to write.
fn is_held(error: &io::Error) -> bool {
    // ERROR_SHARING_VIOLATION
    cfg!(windows) && error.raw_os_error() == Some(32)
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read as _, Write as _},
        sync::{
            Barrier,
            atomic::{AtomicUsize, Ordering},
        },
    };

    use super::*;

    #[test]
    fn of_many_who_come_at_once_one_holds_the_file_and_nobody_loses_what_was_written() {
        const MANY: usize = 8;
        for round in 0..200 {
            let folder = tempfile::tempdir().expect("a folder");
            let (path, aside) = (folder.path().join("part"), folder.path().join("aside"));
            // In every other round somebody was killed before.
            if round % 2 == 1 {
                fs::write(&path, "before").expect("written");
            }
            let (begin, done, holders) = (Barrier::new(MANY), Barrier::new(MANY), AtomicUsize::new(0));
            std::thread::scope(|scope| {
                for _ in 0..MANY {
                    scope.spawn(|| {
                        begin.wait();
                        let held = create(&path, || fs::rename(&path, &aside)).expect("the folder is ours");
                        if let Some(mut file) = held.as_ref() {
                            holders.fetch_add(1, Ordering::SeqCst);
                            file.write_all(b"mine").expect("written");
                        }
                        done.wait();
                    });
                }
            });
            assert_eq!(holders.into_inner(), 1, "round {round}");
            let mut text = String::new();
            File::open(&path).and_then(|mut file| file.read_to_string(&mut text)).expect("it is there");
            assert_eq!(text, "mine", "round {round}: the file that is held is the one of the name");
            assert_eq!(fs::read_to_string(&aside).ok().as_deref(), (round % 2 == 1).then_some("before"));
        }
    }
}
