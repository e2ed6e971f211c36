//! Where a project has alertdrill from, as its `Cargo.toml` says it.

use std::{
    path::{Path, PathBuf, absolute},
    str::FromStr,
};

use crate::cli::init::Refused;

/// Where the crate comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The registry: a requirement such as `0.1`.
    Version(String),
    /// A git repository, by its address.
    Git(String),
    /// A folder with the crate in it.
    Folder(PathBuf),
}

/// What can be written for one, for messages.
pub const FORMS: &str = "write a version, the address of a git repository, or a folder with the crate in it";

impl FromStr for Source {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_version = |text: &str| {
            text.starts_with(|first: char| first.is_ascii_digit() || "^~=<>".contains(first))
                && text.chars().all(|one| one.is_ascii_alphanumeric() || "^~=<>.,-+* ".contains(one))
        };
        match text.trim() {
            "" => Err(format!("it names nothing ({FORMS})")),
            text if text.contains("://") => Ok(Self::Git(text.into())),
            text if is_version(text) => Ok(Self::Version(text.into())),
            text => Ok(Self::Folder(text.into())),
        }
    }
}

impl Source {
    /// Where this program is from: the folder that it was built in, as long as that is there; the version of the registry
    /// otherwise. A package that cargo has unpacked from a registry is told by its second manifest.
    pub fn of_this_program() -> Self {
        let built_in = Path::new(env!("CARGO_MANIFEST_DIR"));
        let is_there = |name: &str| built_in.join(name).is_file();
        if is_there("Cargo.toml") && !is_there("Cargo.toml.orig") {
            Self::Folder(built_in.into())
        } else {
            Self::Version(env!("CARGO_PKG_VERSION").into())
        }
    }

    /// What stands behind `alertdrill =` in the manifest of the project in `project`.
    pub fn dependency(&self, project: &Path) -> Result<String, Refused> {
        Ok(match self {
            Self::Version(version) => quoted(version),
            Self::Git(address) => format!("{{ git = {} }}", quoted(address)),
            Self::Folder(folder) if folder.join("Cargo.toml").is_file() => {
                let folder = absolute(folder)?;
                // A folder in the project is in its repository as well, and elsewhere on another machine.
                let below = absolute(project)?;
                let path = folder.strip_prefix(&below).unwrap_or(&folder);
                format!("{{ path = {} }}", quoted(&path.display().to_string()))
            }
            Self::Folder(folder) => return Err(Refused::NoCrate { folder: folder.clone() }),
        })
    }
}

/// A basic string of TOML: what JSON escapes, TOML reads the same.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_a_repository_and_a_folder_are_told_apart() {
        let read = |text: &str| text.parse::<Source>();
        for text in ["0.1", "0.1.0-alpha.1", "^1", ">=0.1, <0.3", "1.*"] {
            assert_eq!(read(text), Ok(Source::Version(text.into())));
        }
        for text in ["https://git.example/alertdrill.git", "ssh://git@git.example/alertdrill"] {
            assert_eq!(read(text), Ok(Source::Git(text.into())));
        }
        for text in ["alertdrill", "../alertdrill", "./0.1", "0.1/alertdrill"] {
            assert_eq!(read(text), Ok(Source::Folder(text.into())));
        }
        assert!(read(" ").is_err_and(|told| told.contains("write a version")));
    }

    #[test]
    fn each_stands_in_a_manifest_as_cargo_reads_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let project = folder.path().join("project");
        let below = project.join("vendor\"ed");
        for crate_in in [&below, &folder.path().join("beside")] {
            std::fs::create_dir_all(crate_in).expect("a folder");
            std::fs::write(crate_in.join("Cargo.toml"), "").expect("written");
        }
        let of = |source: Source| source.dependency(&project).map_err(|refused| refused.to_string());
        assert_eq!(of(Source::Version("0.1".into())), Ok("\"0.1\"".into()));
        assert_eq!(of(Source::Git("https://a.example/b".into())), Ok("{ git = \"https://a.example/b\" }".into()));
        assert_eq!(of(Source::Folder(below)), Ok("{ path = \"vendor\\\"ed\" }".into()));
        let beside = of(Source::Folder(folder.path().join("beside"))).expect("it is there");
        assert!(beside.contains(&quoted(&folder.path().join("beside").display().to_string())), "{beside}");
        let none = of(Source::Folder(folder.path().into())).expect_err("no manifest there");
        assert!(none.contains("is no folder with a Cargo.toml"), "{none}");
    }
}
