//! `alertdrill steps`: the Gherkin vocabulary, from the code.

use serde_json::json;

use crate::{
    cli::{
        exit::{self, Exit},
        print,
    },
    runner::vocabulary::{Definition, Vocabulary},
};

/// How the vocabulary is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Markdown,
    /// For programs.
    Json,
}

/// Prints every step that is linked into this program.
pub fn steps(format: Format) -> Exit {
    match Vocabulary::linked() {
        Ok(vocabulary) => {
            print(&written(&vocabulary, format));
            Exit::Passed
        }
        Err(error) => exit::said(Exit::Defect, &format!("the steps' patterns cannot be tried together: {error}")),
    }
}

/// The vocabulary, written in `format`.
pub fn written(vocabulary: &Vocabulary, format: Format) -> String {
    match format {
        Format::Markdown => markdown(vocabulary),
        Format::Json => json(vocabulary),
    }
}

fn markdown(vocabulary: &Vocabulary) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut keyword = "";
    for step in vocabulary.definitions() {
        if keyword != step.keyword() {
            keyword = step.keyword();
            lines.extend([String::new(), format!("### {keyword}"), String::new()]);
        }
        lines.push(format!("- `{}`: {}", step.phrase(), step.description().unwrap_or_else(|| place(step))));
    }
    format!("{}\n", lines.join("\n").trim_start())
}

fn json(vocabulary: &Vocabulary) -> String {
    let steps: Vec<_> = vocabulary
        .definitions()
        .map(|step| {
            json!({
                "keyword": step.keyword(),
                "phrase": step.phrase(),
                "pattern": step.pattern.as_str(),
                "description": step.description(),
                "place": place(step),
            })
        })
        .collect();
    format!("{:#}\n", json!({ "steps": steps }))
}

fn place(step: &Definition) -> String {
    format!("{}:{}", step.place.path, step.place.line)
}
