//! `alertdrill steps`, in both formats.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::cli::stage::Stage;

#[test]
fn both_formats_list_the_same_steps_each_with_what_it_does() {
    let stage = Stage::new();
    let markdown = stage.run("steps");
    markdown.exits(0).tells("");
    let listed: BTreeSet<String> = markdown
        .stdout
        .lines()
        .filter_map(|line| line.strip_prefix("- `")?.split_once("`: "))
        .map(|(phrase, does)| format!("{phrase}: {does}"))
        .collect();
    let json = stage.run("steps --format json");
    json.exits(0).tells("");
    let steps: Value = serde_json::from_str(&json.stdout).expect("JSON");
    let steps = steps["steps"].as_array().expect("a list");
    let text = |step: &Value, key: &str| step[key].as_str().unwrap_or_else(|| panic!("{key}: {step}")).to_owned();
    let known: BTreeSet<_> =
        steps.iter().map(|step| format!("{}: {}", text(step, "phrase"), text(step, "description"))).collect();
    assert_eq!(listed, known);
    assert!(known.len() > 40, "{}", known.len());
    for step in steps {
        assert!(["Given", "When", "Then"].contains(&text(step, "keyword").as_str()), "{step}");
        assert!(regex::Regex::new(&text(step, "pattern")).is_ok() && text(step, "place").contains(".rs:"), "{step}");
    }
    assert!(stage.names(".").is_empty());
}
