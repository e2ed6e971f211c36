//! Where a record is written: by one process at a time, and under another name until it is whole.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use crate::record::{
    claim,
    file::{EARLIER_PART, NAME, PART},
    owner_only,
};

/// The record of a folder, held by this process. It is called [`PART`] until it is whole.
#[derive(Debug)]
pub struct Place {
    pub(super) file: File,
    pub(super) part: PathBuf,
    pub(super) path: PathBuf,
}

impl Place {
    /// Holds the place of the record in `dir`, which is made if need be. The part of a run that was killed is put aside as
    /// [`EARLIER_PART`]; that of a run that still goes on is an error.
    pub fn hold(dir: &Path) -> io::Result<Self> {
        Self::hold_after(dir, put_aside)
    }

    /// The same; `displace` is what becomes of the part of a run that was killed, beside the one that is put aside.
    pub(super) fn hold_after(dir: &Path, displace: impl Fn(&Path, &Path) -> io::Result<()>) -> io::Result<Self> {
        owner_only::make_directory(dir)?;
        let (part, path) = (dir.join(PART), dir.join(NAME));
        owner_only::refuse_link(&path)?;
        let file = claim::create(&part, || displace(&part, &dir.join(EARLIER_PART)))?.ok_or_else(|| {
            let problem = format!("{}: another run is writing here; give this one its own --out", part.display());
            io::Error::new(io::ErrorKind::ResourceBusy, problem)
        })?;
        Ok(Self { file, part, path })
    }

    /// Fills it with the record `of` another folder, which is whole, and gives it its name.
    pub fn copy(mut self, of: &Path) -> io::Result<PathBuf> {
        let mut from = File::open(of).map_err(|error| owner_only::named(of, &error))?;
        io::copy(&mut from, &mut self.file).map_err(|error| owner_only::named(&self.part, &error))?;
        self.name()
    }

    /// Gives the record its name: it is whole.
    pub(super) fn name(self) -> io::Result<PathBuf> {
        self.file.sync_all().map_err(|error| owner_only::named(&self.part, &error))?;
        fs::rename(&self.part, &self.path).map_err(|error| owner_only::named(&self.path, &error))?;
        Ok(self.path)
    }
}

/// Gives the part of a run that was killed the name under which it is kept.
pub(super) fn put_aside(part: &Path, aside: &Path) -> io::Result<()> {
    fs::rename(part, aside).map_err(|error| owner_only::named(aside, &error))
}
