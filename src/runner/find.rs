//! Feature files: one by name, all of a folder, one with the line of a scenario, or the built-in ones.

use std::{fs, io, path::Path};

use walkdir::WalkDir;

use crate::runner::{builtin, problem::Problem};

/// A feature file's text, and which of its lines were asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The file, as it was named.
    pub file: String,
    /// Its text.
    pub text: String,
    /// Lines that were asked for as `FILE:LINE`; none is the whole file.
    pub lines: Vec<u32>,
}

/// The built-in features.
pub fn builtin() -> Vec<Found> {
    let found = |(file, text): &(&str, &str)| Found { file: (*file).into(), text: (*text).into(), lines: Vec::new() };
    builtin::FEATURES.iter().map(found).collect()
}

/// The features that `targets` name, each a file, a folder, or `FILE:LINE`, in order and each file once.
pub fn find(targets: &[String]) -> Result<Vec<Found>, Vec<Problem>> {
    let mut found: Vec<Found> = Vec::new();
    let mut problems = Vec::new();
    for target in targets {
        match target_files(target) {
            Ok(files) => files.into_iter().for_each(|file| merge(&mut found, file)),
            Err(mut new) => problems.append(&mut new),
        }
    }
    if problems.is_empty() { Ok(found) } else { Err(problems) }
}

fn merge(found: &mut Vec<Found>, new: Found) {
    match found.iter_mut().find(|known| known.file == new.file) {
        None => found.push(new),
        // The whole file, asked for once, is more than any line of it.
        Some(known) if known.lines.is_empty() || new.lines.is_empty() => known.lines.clear(),
        Some(known) => known.lines.extend(new.lines),
    }
}

fn target_files(target: &str) -> Result<Vec<Found>, Vec<Problem>> {
    let path = Path::new(target);
    if path.is_dir() {
        return folder(target);
    }
    if path.exists() {
        return read(target, Vec::new()).map(|file| vec![file]).map_err(|problem| vec![problem]);
    }
    match target.rsplit_once(':').and_then(|(file, line)| Some((file, line.parse().ok()?))) {
        Some((file, line)) if Path::new(file).is_file() => {
            read(file, vec![line]).map(|file| vec![file]).map_err(|problem| vec![problem])
        }
        _ => Err(vec![Problem::missing(target)]),
    }
}

fn folder(target: &str) -> Result<Vec<Found>, Vec<Problem>> {
    let mut found = Vec::new();
    let mut problems = Vec::new();
    for entry in WalkDir::new(target).sort_by_file_name() {
        match entry {
            Err(error) => problems.push(Problem::of(target, format!("the folder cannot be read: {error}"))),
            Ok(entry) if entry.file_type().is_file() && is_feature(entry.path()) => {
                match read(&entry.path().to_string_lossy(), Vec::new()) {
                    Ok(file) => found.push(file),
                    Err(problem) => problems.push(problem),
                }
            }
            Ok(_) => {}
        }
    }
    if found.is_empty() && problems.is_empty() {
        problems.push(
            Problem::of(target, "there is no .feature file in this folder")
                .hint("name another folder, or none for the built-in features"),
        );
    }
    if problems.is_empty() { Ok(found) } else { Err(problems) }
}

fn is_feature(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("feature"))
}

fn read(file: &str, lines: Vec<u32>) -> Result<Found, Problem> {
    let bytes = fs::read(file).map_err(|error| unreadable(file, &error))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = u32::try_from(before.split(|byte| *byte == b'\n').count()).unwrap_or(u32::MAX);
        Problem::at(file, line, "the file is not UTF-8").hint("save it as UTF-8")
    })?;
    let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
    Ok(Found { file: file.into(), text, lines })
}

fn unreadable(file: &str, error: &io::Error) -> Problem {
    Problem::of(file, format!("the file cannot be read: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_feature_of_the_folder_is_built_in_word_for_word() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let on_disk: Vec<_> = WalkDir::new(root.join("features"))
            .sort_by_file_name()
            .into_iter()
            .filter_map(Result::ok)
            .filter(|entry| is_feature(entry.path()))
            .map(|entry| {
                let name =
                    entry.path().strip_prefix(root).expect("it is below the root").to_string_lossy().into_owned();
                (name, fs::read_to_string(entry.path()).expect("a feature can be read"))
            })
            .collect();
        let built_in: Vec<_> = builtin().into_iter().map(|found| (found.file, found.text)).collect();
        assert_eq!(on_disk, built_in);
    }

    #[test]
    fn a_file_asked_for_whole_and_by_line_runs_whole() {
        let file = |lines: &[u32]| Found { file: "a".into(), text: String::new(), lines: lines.into() };
        let mut found = vec![file(&[3])];
        merge(&mut found, file(&[7]));
        assert_eq!(found[0].lines, [3, 7]);
        merge(&mut found, file(&[]));
        merge(&mut found, file(&[9]));
        assert_eq!(found, [file(&[])]);
    }

    #[test]
    fn what_is_not_there_is_named_with_what_could_be() {
        let problems = find(&["no/such.feature:3".into()]).expect_err("there is no such file");
        assert!(problems[0].to_string().contains("no/such.feature:3: there is no such file"), "{}", problems[0]);
    }
}
