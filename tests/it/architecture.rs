//! The layers of `ARCHITECTURE.md`, held against the code.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use walkdir::WalkDir;

/// A source file: its place below `src`, its module, and its text without comments and tests.
struct Source {
    path: String,
    module: String,
    text: String,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Vec<Source> {
    let src = root().join("src");
    let files = WalkDir::new(&src).sort_by_file_name().into_iter().filter_map(Result::ok);
    files
        .filter(|entry| entry.path().extension().is_some_and(|extension| extension == "rs"))
        .map(|entry| {
            let path = entry.path().strip_prefix(&src).expect("it is below src").to_string_lossy().replace('\\', "/");
            let module = path.split('/').next().unwrap_or_default().trim_end_matches(".rs").to_owned();
            Source { module, text: code(entry.path()), path }
        })
        .filter(|source| !["lib", "main"].contains(&source.module.as_str()))
        .collect()
}

/// The text without comment lines, and without what follows `mod tests`.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).expect("a source can be read");
    text.lines()
        .take_while(|line| !line.starts_with("mod tests"))
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The rows of the table in `ARCHITECTURE.md` whose first heading is `heading`.
fn table(heading: &str) -> Vec<(String, String)> {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md can be read");
    let start = format!("| {heading} |");
    let rows: Vec<_> = text
        .lines()
        .skip_while(|line| !line.starts_with(&start))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let mut cells = line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned());
            (cells.next().unwrap_or_default(), cells.next().unwrap_or_default())
        })
        .collect();
    assert!(!rows.is_empty(), "ARCHITECTURE.md has no table `{heading}`");
    rows
}

fn words(cell: &str) -> Vec<String> {
    cell.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Every path below the crate that `text` names: `crate::a::b`, and each member of `crate::{a, b::c}`.
fn named(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for rest in text.split("crate::").skip(1) {
        expand("", rest, &mut found);
    }
    found
}

/// Reads one path, or a group of them, at the beginning of `rest`; returns what follows.
fn expand<'a>(prefix: &str, rest: &'a str, found: &mut BTreeSet<String>) -> &'a str {
    let rest = rest.trim_start();
    if let Some(mut group) = rest.strip_prefix('{') {
        loop {
            group = expand(prefix, group, found).trim_start();
            match group.strip_prefix(',') {
                Some(next) if next.trim_start().starts_with('}') => group = next.trim_start(),
                Some(next) => {
                    group = next;
                    continue;
                }
                None => {}
            }
            return group.strip_prefix('}').unwrap_or(group);
        }
    }
    let end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
    let path = if prefix.is_empty() { rest[..end].to_owned() } else { format!("{prefix}::{}", &rest[..end]) };
    match rest[end..].strip_prefix("::") {
        Some(below) if !below.trim_start().starts_with('<') => expand(&path, below, found),
        _ => {
            found.insert(path);
            &rest[end..]
        }
    }
}

fn head(path: &str) -> &str {
    path.split("::").next().unwrap_or_default()
}

#[test]
fn every_module_is_in_the_table_and_every_row_is_a_module() {
    let modules: BTreeSet<_> = sources().into_iter().map(|source| source.module).collect();
    let rows: BTreeSet<_> = table("module").into_iter().map(|(module, _)| module).collect();
    assert_eq!(modules, rows);
}

#[test]
fn a_module_may_name_only_modules_above_it_so_there_is_no_circle() {
    let mut above = BTreeSet::new();
    for (module, may) in table("module") {
        for other in words(&may) {
            let is_config_for_the_edge = module == "cli" && other == "config";
            assert!(
                above.contains(&other) || is_config_for_the_edge,
                "`{module}` may name `{other}`, which is not above it"
            );
        }
        above.insert(module);
    }
}

#[test]
fn modules_name_only_what_they_may() {
    let may: BTreeMap<_, _> = table("module").into_iter().map(|(module, may)| (module, words(&may))).collect();
    for source in sources() {
        for path in named(&source.text) {
            let other = head(&path);
            let allowed = other == source.module || may[&source.module].iter().any(|known| known == other);
            let root_macro = !may.contains_key(other);
            assert!(
                allowed || root_macro,
                "`{}` names `{other}` in src/{}: ARCHITECTURE.md says it may name {:?}",
                source.module,
                source.path,
                may[&source.module],
            );
        }
    }
}

#[test]
fn nothing_reaches_across_what_is_kept_apart() {
    for (pair, why) in table("never") {
        let (from, to) = pair.split_once(" ✗ ").expect("a row names two sides");
        let to = to.replace('/', "::");
        let within =
            |source: &Source| source.path.starts_with(&format!("{from}/")) || source.path == format!("{from}.rs");
        for source in sources().iter().filter(|source| within(source)) {
            let crossing =
                named(&source.text).into_iter().find(|path| *path == to || path.starts_with(&format!("{to}::")));
            assert_eq!(crossing, None, "src/{} names `{to}`: it must not, because {why}", source.path);
        }
    }
}

#[test]
fn crates_are_named_only_where_they_may_be() {
    for (name, places) in table("crate") {
        let places = words(&places);
        for source in sources() {
            let names = source.text.contains(&format!("{name}::")) || source.text.contains(&format!("use {name}"));
            let inside =
                source.text.contains(&format!("crate::{name}::")) || source.text.contains(&format!("_{name}::"));
            let allowed = places.iter().any(|place| source.path.starts_with(place.as_str()));
            assert!(
                !names || inside || allowed,
                "src/{} names the crate `{name}`, which belongs in {places:?}",
                source.path
            );
        }
    }
}

#[test]
fn no_module_climbs_over_its_parent_or_hides_in_a_drawer() {
    for source in sources() {
        assert!(!source.text.contains("super::super"), "src/{} climbs over its parent", source.path);
        let drawer = ["util", "utils", "helpers", "common", "misc"];
        let name = source.path.trim_end_matches(".rs").rsplit('/').next().unwrap_or_default();
        assert!(!drawer.contains(&name), "src/{} is a drawer: give what is in it a home", source.path);
    }
}

#[test]
fn paths_are_read_from_groups_within_groups() {
    let found = named("use crate::{\n a::{b, c::D},\n e,\n};\nlet x = crate::f::g();");
    assert_eq!(found.into_iter().collect::<Vec<_>>(), ["a::b", "a::c::D", "e", "f::g"]);
}
