//! The files that live response can put onto devices and run there.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::emulator::noise;

/// A file of the library.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is what its name says")]
pub struct LibraryFile {
    pub name: String,
    pub description: Option<String>,
    pub parameters_description: Option<String>,
    pub has_parameters: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub created_by: String,
    /// SHA-256 of the content, in hexadecimal digits.
    pub sha256: String,
}

/// The library, by names in lower case. What a file holds is not kept: nothing here runs it.
#[derive(Debug, Default)]
pub struct Library(BTreeMap<String, LibraryFile>);

/// More files than these are not taken: memory stays bounded.
const FILES_AT_MOST: usize = 1_000;

/// Why a file is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// There is one of this name, and it is not to be overwritten.
    Exists,
    /// There is no room for another.
    Full,
}

impl Library {
    /// Every file, by name.
    pub fn files(&self) -> impl Iterator<Item = &LibraryFile> {
        self.0.values()
    }

    /// The file of this name, in any letter case.
    pub fn file(&self, name: &str) -> Option<&LibraryFile> {
        self.0.get(&name.to_lowercase())
    }

    /// Keeps a file with this content; one of the same name is overwritten only if it `may_exist`.
    pub fn put(&mut self, mut file: LibraryFile, content: &[u8], may_exist: bool) -> Result<&LibraryFile, Refusal> {
        let key = file.name.to_lowercase();
        match self.0.get(&key) {
            Some(_) if !may_exist => return Err(Refusal::Exists),
            Some(before) => {
                file.created_at = before.created_at;
                file.created_by.clone_from(&before.created_by);
            }
            None if self.0.len() >= FILES_AT_MOST => return Err(Refusal::Full),
            None => {}
        }
        file.sha256 = noise::hex(&Sha256::digest(content));
        Ok(self.0.entry(key).insert_entry(file).into_mut())
    }

    /// Takes the file of this name away; false when there is none.
    pub fn remove(&mut self, name: &str) -> bool {
        self.0.remove(&name.to_lowercase()).is_some()
    }
}
