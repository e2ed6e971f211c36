//! `alertdrill init`: a project with drills of its own, which works as it stands.
//!
//! In reading order: this file (what is written), [`source`] (how the project names alertdrill), in private `place` (where a
//! file may be written). The files themselves are beside, in `project/`, each under a plain name: in a folder with a
//! `Cargo.toml` cargo would see a package of its own, and leave it out of this one.

mod place;
pub mod source;

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::cli::{
    exit::{self, Exit},
    init::source::Source,
    logging::Verbosity,
    print, tell,
};

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Where the project is to stand; it need not be there.
    pub dir: PathBuf,
    /// Where the project has alertdrill from; none is where this program is from.
    pub alertdrill: Option<Source>,
    /// Whether to write nothing, and tell.
    pub dry_run: bool,
    /// Whether what is not a result is told.
    pub verbosity: Verbosity,
}

/// Why the project, or the rest of it, was not written.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// A file cannot be written, or would be written through a symbolic link.
    #[error("{0} (hint: name a folder that can be written to)")]
    Write(#[from] io::Error),
    /// Something else has a file's place, or that of a folder above it.
    #[error("{path} is no {wanted} (hint: move it away, or name another folder)", path = path.display())]
    InTheWay {
        /// The place.
        path: PathBuf,
        /// What is to be there.
        wanted: &'static str,
    },
    /// There is nothing to write.
    #[error("every file of the project is in {dir} already (hint: remove what is to be written anew)", dir = dir.display())]
    AllThere {
        /// The folder.
        dir: PathBuf,
    },
    /// The folder that alertdrill is to be taken from holds no crate.
    #[error("--alertdrill {folder} is no folder with a Cargo.toml (hint: {hint})", folder = folder.display(), hint = source::FORMS)]
    NoCrate {
        /// The folder.
        folder: PathBuf,
    },
}

const MANIFEST: &str = "Cargo.toml";

/// Each file's place in the project, and its text; in the manifest `{alertdrill}` stands for where alertdrill is from.
const FILES: [(&str, &str); 12] = [
    (MANIFEST, include_str!("project/manifest.toml")),
    ("README.md", include_str!("project/readme.md")),
    ("alertdrill.toml", include_str!("project/alertdrill.toml")),
    ("features/first.feature", include_str!("project/first.feature")),
    ("src/main.rs", include_str!("project/main.rs")),
    ("tests/acceptance.rs", include_str!("project/acceptance.rs")),
    (".github/workflows/alertdrill.yml", include_str!("project/github.yml")),
    (".gitlab-ci.yml", include_str!("project/gitlab.yml")),
    ("kubernetes/drills.yaml", include_str!("project/kubernetes.yaml")),
    ("Dockerfile", include_str!("project/dockerfile")),
    (".dockerignore", include_str!("project/dockerignore")),
    (".gitignore", include_str!("project/gitignore")),
];

/// Writes what is not there yet, and tells of each file what became of it. What is there is never written over.
pub fn init(options: &Options) -> Exit {
    match write(options) {
        Ok(notes) => {
            if options.verbosity != Verbosity::Quiet {
                for note in notes {
                    tell(&note);
                }
            }
            Exit::Passed
        }
        Err(refused) => exit::said(Exit::Usage, &refused.to_string()),
    }
}

/// What has to be known of what was written.
fn write(options: &Options) -> Result<Vec<String>, Refused> {
    let dir = options.dir.as_path();
    let source = options.alertdrill.clone().unwrap_or_else(Source::of_this_program);
    let dependency = source.dependency(dir)?;
    // All are looked at before the first is written: what is refused leaves nothing half done.
    let missing = FILES.map(|(name, _)| place::is_missing(dir, name)).into_iter().collect::<Result<Vec<_>, _>>()?;
    if !missing.contains(&true) {
        return Err(Refused::AllThere { dir: dir.to_owned() });
    }
    for ((name, text), missing) in FILES.into_iter().zip(&missing) {
        let path = shown(dir, name);
        let done = match (missing, options.dry_run) {
            (false, _) => "left, as it is there:",
            (true, true) => "would be written:",
            (true, false) => {
                place::create(&path, &text.replace("{alertdrill}", &dependency))?;
                "written:"
            }
        };
        print(&format!("{done} {}\n", path.display()));
    }
    Ok(notes(&source, &dependency, missing[0]))
}

/// The path of a file, as short as it can be written.
fn shown(dir: &Path, name: &str) -> PathBuf {
    if dir == Path::new(".") { name.into() } else { dir.join(name) }
}

fn notes(source: &Source, dependency: &str, is_new: bool) -> Vec<String> {
    let mut notes = Vec::new();
    if !is_new {
        let (_, needed) = FILES[0].1.split_once("[[bin]]").unwrap_or_default();
        let needed = format!("[[bin]]{needed}").replace("{alertdrill}", dependency);
        notes.push(format!("{MANIFEST} was there before; the rest of the project needs this in it:\n\n{needed}"));
    }
    if matches!(source, Source::Folder(_)) {
        notes.push(format!(
            "{MANIFEST} has alertdrill from a folder: where that is not part of the repository, name a version or a git \
             repository there before a workflow builds the project (or here, with --alertdrill)"
        ));
    }
    notes
}
