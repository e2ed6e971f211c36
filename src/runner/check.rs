//! Everything that can be said of features before anything runs, so that no drill ends green for nothing.

use std::collections::HashSet;

use crate::{
    domain::span::Span,
    runner::{
        problem::Problem,
        suite::{Feature, Place, STEP_KEYWORDS, Suite, Template, nearest_keyword},
        vocabulary::{Meaning, Vocabulary},
    },
    steps::{budget, phrase::Share, tables},
};

/// Checks every feature of `suite`, selected or not: a feature with a mistake in it is not run in part.
pub fn check(suite: &Suite, vocabulary: &Vocabulary) -> Result<(), Vec<Problem>> {
    let problems: Vec<Problem> =
        suite.features.iter().flat_map(|feature| feature_problems(feature, vocabulary)).collect();
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

fn feature_problems(feature: &Feature, vocabulary: &Vocabulary) -> Vec<Problem> {
    if feature.templates.is_empty() {
        return vec![
            Problem::of(&feature.file, "the feature has no scenario, so nothing would be judged")
                .hint("write one, beginning with `Scenario: name`"),
        ];
    }
    let mut known = HashSet::new();
    feature
        .templates
        .iter()
        .enumerate()
        .flat_map(|(index, template)| {
            let mut problems = shape_problems(feature, template);
            if problems.is_empty() {
                problems = step_problems(feature, index, vocabulary, &mut known);
                problems.extend(table_problems(feature, index));
                problems.extend(tag_problem(feature, template));
            }
            problems
        })
        .collect()
}

/// Scenarios that would pass without doing what they say.
fn shape_problems(feature: &Feature, template: &Template) -> Vec<Problem> {
    let at = |what: &str| Problem::at(&feature.file, template.line, what);
    let mut problems = Vec::new();
    let name = &template.scenario.name;
    if let Some((line, keyword)) = misspelt_keyword(template) {
        problems.push(
            at(&format!("the scenario `{name}` has a line that is no step: `{line}`"))
                .hint(format!("did you mean `{keyword}`?")),
        );
    } else if template.scenario.steps.is_empty() {
        problems.push(
            at(&format!("the scenario `{name}` has no steps, so it would judge nothing"))
                .hint("a step begins with Given, When, Then, And, But or *"),
        );
    }
    let is_outline = template.scenario.keyword.contains("Outline") || template.scenario.keyword.contains("Template");
    if is_outline && template.rows.is_empty() {
        problems.push(
            at(&format!("the outline `{name}` has no examples, so it makes no drill")).hint("add a table of Examples"),
        );
    }
    problems.extend(unknown_columns(feature, template));
    problems
}

/// What the parser took for a description, though it looks like a step.
fn misspelt_keyword(template: &Template) -> Option<(String, &'static str)> {
    template.scenario.description.as_deref()?.lines().find_map(|line| {
        let keyword = nearest_keyword(line.trim())?;
        STEP_KEYWORDS.contains(&keyword).then(|| (line.trim().to_owned(), keyword))
    })
}

fn unknown_columns(feature: &Feature, template: &Template) -> Vec<Problem> {
    if template.rows.is_empty() {
        return Vec::new();
    }
    let columns: HashSet<&str> = template.columns().map(String::as_str).collect();
    let texts = template.scenario.steps.iter().flat_map(|step| {
        let cells = step.table.iter().flat_map(|table| table.rows.iter().flatten());
        let line = u32::try_from(step.position.line).unwrap_or(u32::MAX);
        std::iter::once(&step.value).chain(&step.docstring).chain(cells).map(move |text| (line, text))
    });
    std::iter::once((template.line, &template.scenario.name))
        .chain(texts)
        .flat_map(|(line, text)| placeholders(text).map(move |name| (line, name)))
        .filter(|(_, name)| !columns.contains(name))
        .map(|(line, name)| {
            let mut known: Vec<_> = columns.iter().copied().collect();
            known.sort_unstable();
            Problem::at(&feature.file, line, format!("`<{name}>` is no column of the examples"))
                .hint(format!("the columns are: {}", known.join(", ")))
        })
        .collect()
}

/// What stands in angle brackets without blanks at its edges, as a placeholder does.
fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split('<').skip(1).filter_map(|rest| {
        let (name, _) = rest.split_once('>')?;
        (!name.is_empty() && name.trim() == name).then_some(name)
    })
}

/// Steps that nobody, or more than one, understands. Each line of the file is told once, however many rows fill it.
fn step_problems(
    feature: &Feature,
    index: usize,
    vocabulary: &Vocabulary,
    known: &mut HashSet<(gherkin::StepType, String)>,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut told = HashSet::new();
    let rows = feature.templates[index].rows.len().max(1);
    let varies = feature.templates[index].scenario.steps.iter().any(|step| step.value.contains('<'));
    for row in 0..if varies { rows } else { 1 } {
        for step in feature.drill(Place { template: index, row }).steps {
            let line = u32::try_from(step.position.line).unwrap_or(u32::MAX);
            if told.contains(&line) || !known.insert((step.ty, step.value.clone())) {
                continue;
            }
            if let Some(problem) = step_problem(&feature.file, line, &step, vocabulary) {
                told.insert(line);
                problems.push(problem);
            }
        }
    }
    problems
}

/// Tables that cannot be read as what they demand. Each line of the file is told once, however many rows fill it.
fn table_problems(feature: &Feature, index: usize) -> Vec<Problem> {
    let template = &feature.templates[index];
    let cells = |step: &gherkin::Step| -> String {
        step.table.iter().flat_map(|table| table.rows.iter().flatten()).map(String::as_str).collect()
    };
    let mut known = template.scenario.steps.iter().filter(|step| tables::is_known(step)).peekable();
    if known.peek().is_none() {
        return Vec::new();
    }
    let varies = known.any(|step| cells(step).contains('<'));
    let rows = if varies { template.rows.len().max(1) } else { 1 };
    let mut told = HashSet::new();
    let mut problems = Vec::new();
    for row in 0..rows {
        for step in feature.drill(Place { template: index, row }).steps {
            let line = u32::try_from(step.position.line).unwrap_or(u32::MAX);
            let Some(mistake) = tables::mistake(&step).filter(|_| told.insert(line)) else { continue };
            let problem = Problem::at(&feature.file, line, mistake.what);
            problems.push(match mistake.expected {
                Some(expected) => problem.hint(format!("write {expected}")),
                None => problem,
            });
        }
    }
    problems
}

/// What a drill says of the run, it cannot know before the others have ended.
fn tag_problem(feature: &Feature, template: &Template) -> Option<Problem> {
    let step = template.scenario.steps.iter().find(|step| budget::speaks_of_the_run(&step.value))?;
    let is_tagged = |row: usize| template.tags(row).iter().any(|tag| tag == budget::TAG);
    if (0..template.rows.len().max(1)).all(is_tagged) {
        return None;
    }
    let line = u32::try_from(step.position.line).unwrap_or(u32::MAX);
    let what = format!("`{}` speaks of the run, and the drill is not tagged `@run`", step.value);
    Some(Problem::at(&feature.file, line, what).hint("write `@run` above the scenario: it then runs after all others"))
}

fn step_problem(file: &str, line: u32, step: &gherkin::Step, vocabulary: &Vocabulary) -> Option<Problem> {
    match vocabulary.meaning(step.ty, &step.value) {
        Meaning::Step(definition, parts) => {
            // What the parts of a user's own steps mean, they alone know.
            definition.description()?;
            let wrong = parts.iter().find_map(|(name, text)| match name.as_deref()? {
                "time" => text.parse::<Span>().err(),
                "share" => text.parse::<Share>().err(),
                _ => None,
            });
            wrong.map(|wrong| Problem::at(file, line, wrong).hint("correct the feature"))
        }
        Meaning::Unknown => {
            let near = vocabulary.nearest(&step.value);
            let hint = if near.is_empty() {
                "`alertdrill steps` lists every step".to_owned()
            } else {
                format!("the nearest known steps are:\n    {}", near.join("\n    "))
            };
            let what = format!("no step is known for `{}{}`", step.keyword, step.value);
            Some(Problem::at(file, line, what).hint(hint))
        }
        Meaning::Ambiguous(steps) => {
            let places = steps.iter().map(|step| format!("{} ({})", step.sentence(), step.place));
            let what = format!("more than one step matches `{}{}`", step.keyword, step.value);
            let hint = format!(
                "make the patterns of these steps exclude each other:\n    {}",
                places.collect::<Vec<_>>().join("\n    ")
            );
            Some(Problem::at(file, line, what).hint(hint))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::find::Found;

    fn problems(text: &str) -> Vec<String> {
        let found = [Found { file: "a.feature".into(), text: text.into(), lines: vec![] }];
        let suite = Suite::parse(&found).expect("it parses");
        let vocabulary = Vocabulary::linked().expect("the patterns are small");
        let problems = check(&suite, &vocabulary).err().unwrap_or_default();
        problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_unknown_step_is_told_once_with_its_line_and_the_nearest_known_ones() {
        let told = problems(
            "Feature: f\n  Scenario Outline: s\n    Given an onborded device <n>\n    Examples:\n      | n |\n      | 1 |\n      | 2 |\n",
        );
        assert_eq!(told.len(), 1);
        assert!(
            told[0].starts_with("a.feature:3: no step is known") && told[0].contains("an onboarded device"),
            "{}",
            told[0]
        );
    }

    #[test]
    fn what_a_step_cannot_read_is_told_before_anything_runs() {
        let of = |steps: &str| problems(&format!("Feature: f\n  @run\n  Scenario: s\n{steps}"));
        let told = of("    Then an alert is raised within 15 foos\n");
        assert_eq!(
            told,
            [
                "a.feature:4: `15 foos` is no span of time, such as `15 minutes`, `24 hours` or `30 days`\n  hint: correct the feature"
            ]
        );
        let told = of("    Then 0 % of the run's alerts come within 10 minutes\n");
        assert!(told[0].starts_with("a.feature:4: `0 %` is no share"), "{told:?}");
        let published = |row: &str| {
            of(&format!(
                "    Given an alert definition and an indicator are published\n      {row}\n    Then it is the only alert\n"
            ))
        };
        for (row, said) in [
            ("| typo | DomainName |", "an indicator has no field `typo`"),
            ("| type | Domain |", "the field `type` cannot be `Domain`"),
            ("| expires in | soon |", "the field `expires in` cannot be `soon`"),
            ("| type | DomainName | x |", "a row of the table has 3 cells, not 2"),
            ("| value | {sha3} |", "sha3"),
        ] {
            let told = published(row);
            assert!(
                told.len() == 1 && told[0].starts_with("a.feature:4: ") && told[0].contains(said),
                "{row}: {told:?}"
            );
        }
        assert_eq!(published("| value | {marker}.alertdrill.example |"), Vec::<String>::new());
        let told = of(
            "    When the alert definition is changed\n      | severity | Enormous |\n    Then it is the only alert\n",
        );
        assert!(told[0].contains("the field `severity` cannot be `Enormous`"), "{told:?}");
    }

    #[test]
    fn a_scenario_whose_steps_are_taken_for_a_description_is_no_drill() {
        let told = problems("Feature: f\n  Scenario: s\n    Gibben an onboarded device\n");
        assert!(told[0].starts_with("a.feature:2:") && told[0].contains("did you mean `Given`?"), "{}", told[0]);
    }

    #[test]
    fn nothing_that_would_be_green_for_nothing_gets_by() {
        assert!(problems("Feature: f\n")[0].contains("no scenario"));
        assert!(problems("Feature: f\n  Scenario: s\n")[0].contains("no steps"));
        assert!(
            problems("Feature: f\n  Scenario Outline: s\n    Given an onboarded device\n")[0].contains("no examples")
        );
    }

    #[test]
    fn a_placeholder_without_a_column_is_told() {
        let told = problems(
            "Feature: f\n  Scenario Outline: s\n    When the device contacts \"<hots>\"\n    Examples:\n      | host |\n      | a |\n",
        );
        assert!(told[0].contains("`<hots>` is no column") && told[0].contains("host"), "{}", told[0]);
    }

    #[test]
    fn the_built_in_features_have_no_problem() {
        let suite = Suite::parse(&crate::runner::find::builtin()).expect("they parse");
        let vocabulary = Vocabulary::linked().expect("the patterns are small");
        let problems = check(&suite, &vocabulary).err().unwrap_or_default();
        assert!(problems.is_empty(), "{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
    }
}
