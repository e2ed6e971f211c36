//! What the parser takes for a description, though it begins a section or is a step: it would be left out in silence.

use crate::runner::{
    problem::Problem,
    source::Source,
    suite::{STEP_KEYWORDS, nearest_keyword},
};

/// Sections with a misspelt keyword, and backgrounds without steps, of the feature `parsed` in `file`.
pub(super) fn problems(file: &str, source: &Source, parsed: &gherkin::Feature) -> Vec<Problem> {
    let descriptions = std::iter::once(&parsed.description).chain(parsed.rules.iter().map(|rule| &rule.description));
    let backgrounds = parsed.background.iter().chain(parsed.rules.iter().filter_map(|rule| rule.background.as_ref()));
    let sections = descriptions.flatten().flat_map(|text| text.lines()).filter_map(|line| {
        let keyword = nearest_section(line)?;
        let problem = Problem::at(file, line_of(source, line), format!("`{}` begins no section", line.trim()));
        Some(problem.hint(format!("did you mean `{keyword}:`?")))
    });
    sections.chain(backgrounds.filter_map(|background| empty(file, source, background))).collect()
}

fn empty(file: &str, source: &Source, background: &gherkin::Background) -> Option<Problem> {
    if !background.steps.is_empty() {
        return None;
    }
    let lines = background.description.iter().flat_map(|text| text.lines());
    let step =
        lines.filter_map(|line| Some((line, nearest_keyword(line)?))).find(|(_, near)| STEP_KEYWORDS.contains(near));
    Some(match step {
        Some((line, keyword)) => Problem::at(
            file,
            line_of(source, line),
            format!("the background has a line that is no step: `{}`", line.trim()),
        )
        .hint(format!("did you mean `{keyword}`?")),
        None => Problem::at(file, source.line(background.position.line), "the background has no steps")
            .hint("write one, or take the background out"),
    })
}

/// Where a line of a description is. The parser does not tell.
fn line_of(source: &Source, line: &str) -> u32 {
    let index = source.text.lines().position(|known| known.trim() == line.trim());
    source.line(index.unwrap_or(0) + 1)
}

/// What sections inside a feature begin with. `Rule` is too short for a likeness to mean anything: `Role: analyst`.
const SECTIONS: [&str; 6] = ["Background", "Scenario", "Scenario Outline", "Scenario Template", "Example", "Examples"];

/// The keyword that stands before the colon of `line`, all but a letter or two.
fn nearest_section(line: &str) -> Option<&'static str> {
    let (head, _) = line.trim().split_once(':')?;
    let near = SECTIONS.into_iter().map(|section| (strsim::damerau_levenshtein(section, head.trim_end()), section));
    let (distance, section) = near.min()?;
    (1..=2).contains(&distance).then_some(section)
}

#[cfg(test)]
mod tests {
    use crate::runner::{find::Found, suite::Suite};

    fn told(text: &str) -> Vec<String> {
        let found = [Found { file: "a.feature".into(), text: text.into(), lines: vec![] }];
        Suite::parse(&found).err().unwrap_or_default().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_scenario_whose_keyword_is_misspelt_is_not_lost_in_the_feature_s_description() {
        for keyword in ["Scenaro", "Szenario", "scenario", "Backgruond"] {
            let text = format!("Feature: f\n  {keyword}: a\n    Given x\n\n  Scenario: b\n    Given x\n");
            let problems = told(&text);
            assert_eq!(problems.len(), 1, "{keyword}: {problems:?}");
            assert!(problems[0].starts_with("a.feature:2:") && problems[0].contains("did you mean `"), "{problems:?}");
        }
    }

    #[test]
    fn nor_in_a_rule_s() {
        let problems = told("Feature: f\n  Rule: r\n    Scenaro: a\n      Given x\n    Scenario: b\n      Given x\n");
        assert!(problems[0].starts_with("a.feature:3:"), "{problems:?}");
    }

    #[test]
    fn a_background_whose_step_is_misspelt_is_not_left_out() {
        let problems = told("Feature: f\n  Background:\n    Givn x\n\n  Scenario: s\n    Given x\n");
        assert!(
            problems[0].starts_with("a.feature:3:") && problems[0].contains("did you mean `Given`?"),
            "{problems:?}"
        );
        let problems = told("Feature: f\n  Background:\n\n  Scenario: s\n    Given x\n");
        assert!(problems[0].starts_with("a.feature:2:") && problems[0].contains("no steps"), "{problems:?}");
    }

    #[test]
    fn prose_is_no_mistake() {
        let text = "Feature: f\n  When an alert comes, scenarios like these say so.\n  Role: analyst\n\n  Scenario: s\n    Given x\n";
        assert_eq!(told(text), Vec::<String>::new());
    }
}
