//! Tables of the README that are made of runs, between markers: compared, or written anew by whoever asks for it.

use std::fs;

use super::{read, root};

/// Holds what stands in the README between `<!-- name -->` and `<!-- /name -->` to `table`. With `UPDATE_README` set, it
/// is written there first.
#[track_caller]
pub(super) fn hold(name: &str, table: &str) {
    let readme = read("README.md");
    let (open, close) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let (above, rest) = readme.split_once(&open).unwrap_or_else(|| panic!("README.md: {open}"));
    let (listed, below) = rest.split_once(&close).unwrap_or_else(|| panic!("README.md: {close}"));
    if is_to_be_written() {
        fs::write(root().join("README.md"), format!("{above}{open}{}\n{close}{below}", table.trim())).expect("written");
        return;
    }
    assert_eq!(
        listed.trim(),
        table.trim(),
        "README.md is behind: `UPDATE_README=1 cargo test --test it docs:: -- --test-threads 1` writes what stands \
         between `<!-- {name} -->` and `<!-- /{name} -->`; read what it changed"
    );
}

fn is_to_be_written() -> bool {
    #[expect(clippy::disallowed_methods, reason = "whoever wants the file written says so to the test alone")]
    std::env::var_os("UPDATE_README").is_some()
}
