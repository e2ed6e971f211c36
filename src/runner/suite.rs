//! Features, parsed, with their outlines still folded: ten thousand rows cost their cells until they run.

use std::{path::PathBuf, sync::Arc};

use gherkin::{GherkinEnv, Step, StepType};

use crate::runner::{
    find::Found,
    outline::Example,
    problem::Problem,
    source::{Row, Source, Table},
    swallowed,
};

/// Every feature of a run.
#[derive(Debug, Clone, Default)]
pub struct Suite {
    /// The features, in the order in which they were named.
    pub features: Vec<Feature>,
}

/// A feature: its scenarios and outlines, and which drills of them run.
#[derive(Debug, Clone)]
pub struct Feature {
    /// The file, as it was named.
    pub file: Arc<str>,
    /// The feature's name.
    pub name: String,
    /// Its scenarios and outlines, in the order of the file.
    pub templates: Vec<Template>,
    /// The drills that run: a template, and a row of it where it is an outline.
    pub drills: Vec<Place>,
}

/// Where a drill is in its feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Which template.
    pub template: usize,
    /// Which row of its examples; 0 where it has none.
    pub row: usize,
}

/// A scenario, or an outline with its rows.
#[derive(Debug, Clone)]
pub struct Template {
    /// The scenario as parsed: the steps of its backgrounds come first, and every tag that holds for it is its own.
    pub scenario: gherkin::Scenario,
    /// Its first line in the file.
    pub line: u32,
    /// Its last line in the file.
    pub last_line: u32,
    /// The rows of its examples; none is a plain scenario.
    pub rows: Vec<Example>,
}

impl Suite {
    /// Parses what was found; every problem of every file is told.
    pub fn parse(found: &[Found]) -> Result<Self, Vec<Problem>> {
        let mut suite = Self::default();
        let mut problems = Vec::new();
        for file in found {
            match Feature::parse(file) {
                Ok(feature) => suite.features.push(feature),
                Err(mut new) => problems.append(&mut new),
            }
        }
        if problems.is_empty() { Ok(suite) } else { Err(problems) }
    }

    /// The drills that speak of themselves, and those that speak of the run and come after all others.
    pub fn split(self, tag: &str) -> [Self; 2] {
        let part = |speaks_of_the_run: bool| {
            let mut part = self.clone();
            for feature in &mut part.features {
                let templates = &feature.templates;
                let is_tagged = |place: &Place| templates[place.template].tags(place.row).iter().any(|one| one == tag);
                feature.drills.retain(|place| is_tagged(place) == speaks_of_the_run);
            }
            part
        };
        [part(false), part(true)]
    }

    /// How many drills run.
    pub fn total(&self) -> usize {
        self.features.iter().map(|feature| feature.drills.len()).sum()
    }
}

impl Feature {
    fn parse(found: &Found) -> Result<Self, Vec<Problem>> {
        let source = Source::read(&found.file, &found.text)?;
        let parsed = gherkin::Feature::parse(&source.text, GherkinEnv::default())
            .map_err(|error| vec![unreadable(&found.file, &source, &error)])?;
        let swallowed = swallowed::problems(&found.file, &source, &parsed);
        if !swallowed.is_empty() {
            return Err(swallowed);
        }
        let mut templates = templates(&parsed, &source);
        let ends: Vec<u32> = templates.iter().skip(1).map(|next| next.line - 1).chain([u32::MAX]).collect();
        templates.iter_mut().zip(ends).for_each(|(template, end)| template.last_line = end);
        let mut feature = Self { file: found.file.as_str().into(), name: parsed.name, templates, drills: Vec::new() };
        feature.drills = feature.places().collect();
        Ok(feature)
    }

    fn places(&self) -> impl Iterator<Item = Place> + '_ {
        self.templates
            .iter()
            .enumerate()
            .flat_map(|(template, outline)| (0..outline.rows.len().max(1)).map(move |row| Place { template, row }))
    }

    /// The drill at `place`, ready to run.
    pub fn drill(&self, place: Place) -> gherkin::Scenario {
        let template = &self.templates[place.template];
        match template.rows.get(place.row) {
            None => template.scenario.clone(),
            Some(example) => example.fill(&template.scenario),
        }
    }

    /// A feature of the parser's kind that holds `drills` and nothing else.
    pub fn chunk(&self, drills: Vec<gherkin::Scenario>) -> gherkin::Feature {
        gherkin::Feature {
            keyword: "Feature".into(),
            name: self.name.clone(),
            description: None,
            background: None,
            scenarios: drills,
            rules: Vec::new(),
            tags: Vec::new(),
            span: gherkin::Span::default(),
            position: gherkin::LineCol::default(),
            path: Some(PathBuf::from(&*self.file)),
        }
    }
}

impl Template {
    /// The tags of the drill in `row`, without `@`.
    pub fn tags(&self, row: usize) -> Vec<String> {
        let own = self.rows.get(row).map(|example| example.tags.as_slice()).unwrap_or_default();
        self.scenario.tags.iter().chain(own).cloned().collect()
    }

    /// The line of the drill in `row`: the row's, or the scenario's.
    pub fn line_of(&self, row: usize) -> u32 {
        self.rows.get(row).map_or(self.line, |example| example.row.line)
    }

    /// The columns of the examples, of every table of them.
    pub fn columns(&self) -> impl Iterator<Item = &String> {
        self.rows.iter().flat_map(|example| example.header.iter())
    }
}

/// Every scenario of the feature and its rules, in the order of the file.
fn templates(feature: &gherkin::Feature, source: &Source) -> Vec<Template> {
    let background = |background: &Option<gherkin::Background>| {
        background.as_ref().map(|background| background.steps.clone()).unwrap_or_default()
    };
    let outer = background(&feature.background);
    let mut templates: Vec<Template> =
        feature.scenarios.iter().map(|scenario| template(scenario, &outer, &feature.tags, source)).collect();
    for rule in &feature.rules {
        let steps: Vec<Step> = outer.iter().cloned().chain(background(&rule.background)).collect();
        let tags: Vec<String> = feature.tags.iter().chain(&rule.tags).cloned().collect();
        templates.extend(rule.scenarios.iter().map(|scenario| template(scenario, &steps, &tags, source)));
    }
    templates.sort_by_key(|template| template.line);
    templates
}

fn template(scenario: &gherkin::Scenario, before: &[Step], tags: &[String], source: &Source) -> Template {
    let line = source.line(scenario.position.line);
    let rows = scenario.examples.iter().flat_map(|examples| rows(examples, source)).collect();
    let mut own = gherkin::Scenario { examples: Vec::new(), ..scenario.clone() };
    own.position.line = line as usize;
    own.tags = tags.iter().chain(&scenario.tags).cloned().collect();
    own.steps = before.iter().chain(&scenario.steps).cloned().collect();
    let mut last = StepType::Given;
    for step in &mut own.steps {
        step.position.line = source.line(step.position.line) as usize;
        // A leading `And` continues the background, which the parser does not know it follows.
        match step.keyword.trim() {
            "And" | "But" | "*" => step.ty = last,
            _ => last = step.ty,
        }
    }
    Template { scenario: own, line, last_line: line, rows }
}

fn rows(examples: &gherkin::Examples, source: &Source) -> Vec<Example> {
    let table: Option<&Table> = source.table_after(source.line(examples.position.line));
    let Some((header, rows)) = table.filter(|_| examples.table.is_some()).and_then(|table| table.rows.split_first())
    else {
        return Vec::new();
    };
    let (header, tags) = (Arc::new(header.cells.clone()), Arc::new(examples.tags.clone()));
    let example = |row: &Row| Example { header: Arc::clone(&header), tags: Arc::clone(&tags), row: row.clone() };
    rows.iter().map(example).collect()
}

fn unreadable(file: &str, source: &Source, error: &gherkin::ParseError) -> Problem {
    if source.text.trim().is_empty() {
        return Problem::of(file, "the file is empty").hint(FEATURE);
    }
    if let Some((line, fence)) = source.open_text {
        return Problem::at(file, line, "the text that begins here does not end")
            .hint(format!("close it with `{fence}` on a line of its own"));
    }
    let parser_line = suspect(&source.text).unwrap_or_else(|| position(error)).min(last_line(&source.text));
    let line = source.line(parser_line);
    let text = source.text.lines().nth(parser_line.saturating_sub(1)).unwrap_or_default().trim();
    Problem::at(file, line, format!("this line is no Gherkin here: `{}`", text.chars().take(80).collect::<String>()))
        .hint(hint(source, text))
}

/// The line of a parser's error, which tells it only in its text: `Error at 4:5: {...}`.
fn position(error: &gherkin::ParseError) -> usize {
    let text = error.to_string();
    let place = text.strip_prefix("Error at ").and_then(|rest| rest.split(':').next());
    place.and_then(|line| line.parse().ok()).unwrap_or(1)
}

/// The last line that says anything; a parser that misses something gives up below it.
fn last_line(text: &str) -> usize {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.last().map_or(1, |(index, _)| index + 1)
}

/// The first line below a step that cannot stand there. The parser's own error is where it gave up, which may be
/// anywhere below. In another language than English only the parser knows.
fn suspect(text: &str) -> Option<usize> {
    if text.lines().any(|line| line.trim_start().starts_with("# language:")) {
        return None;
    }
    let (mut below_a_step, mut in_text) = (false, false);
    for (index, line) in text.lines().map(str::trim).enumerate() {
        if line.starts_with("\"\"\"") || line.starts_with("```") {
            in_text = !in_text;
            continue;
        }
        let first = line.split_whitespace().next().unwrap_or_default();
        if in_text || line.is_empty() || line.starts_with(['#', '@', '|']) {
            continue;
        }
        if STEP_KEYWORDS.contains(&first) || first == "*" {
            below_a_step = true;
        } else if SECTIONS.iter().any(|section| line.starts_with(section)) {
            below_a_step = false;
        } else if below_a_step {
            return Some(index + 1);
        }
    }
    None
}

/// What a section of a feature begins with.
const SECTIONS: [&str; 10] = [
    "Feature:",
    "Rule:",
    "Background:",
    "Scenario:",
    "Example:",
    "Scenario Outline:",
    "Scenario Template:",
    "Examples:",
    "Scenarios:",
    "Ability:",
];

const FEATURE: &str = "a feature begins with `Feature: name`";

fn hint(source: &Source, text: &str) -> String {
    if let Some(keyword) = nearest_keyword(text) {
        return format!("did you mean `{keyword}`?");
    }
    let mut lines = source.text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('@'));
    match lines.next() {
        Some(first) if !first.contains(':') => FEATURE.into(),
        Some(first) if !first.starts_with('#') && !SECTIONS.iter().any(|section| first.starts_with(section)) => {
            format!("{FEATURE}; one in another language with a line such as `# language: de` above it")
        }
        _ => "a step begins with Given, When, Then, And, But or *; a scenario with `Scenario: name`".into(),
    }
}

/// The keywords of steps.
pub const STEP_KEYWORDS: [&str; 5] = ["Given", "When", "Then", "And", "But"];

/// The keyword that the first word of `line` nearly is, if it is one letter or two off.
pub fn nearest_keyword(line: &str) -> Option<&'static str> {
    let word = line.split_whitespace().next()?;
    let sections = ["Feature:", "Rule:", "Background:", "Scenario:", "Scenario", "Examples:"];
    let known = STEP_KEYWORDS.into_iter().chain(sections);
    let near = known.map(|keyword| (strsim::damerau_levenshtein(keyword, word), keyword));
    let (distance, keyword) = near.min()?;
    let allowed = if keyword.len() > 3 { 2 } else { 1 };
    (1..=allowed).contains(&distance).then_some(keyword)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::outline::example;

    fn parse(text: &str) -> Feature {
        Feature::parse(&Found { file: "a.feature".into(), text: text.into(), lines: vec![] }).expect("it parses")
    }

    #[test]
    fn an_outline_makes_a_drill_of_each_row_with_the_row_s_own_line() {
        let feature = parse(
            "@f\nFeature: f\n\n  Background:\n    Given b\n\n  Scenario Outline: <n> of <m>\n    And a <n>\n      | <m> |\n\n\
             \x20   @e\n    Examples:\n      | n | m |\n      # why\n      | 1 | x |\n      | 2 | y |\n",
        );
        assert_eq!(feature.drills.len(), 2);
        let drill = feature.drill(feature.drills[1]);
        assert_eq!(drill.name, "2 of y");
        assert_eq!(drill.position.line, 16);
        assert_eq!(example(&drill), ["2", "y"]);
        assert_eq!(drill.tags, ["f", "e"]);
        assert_eq!(drill.steps.iter().map(|step| step.value.as_str()).collect::<Vec<_>>(), ["b", "a 2"]);
        assert_eq!(drill.steps[1].table.as_ref().map(|table| table.rows.clone()), Some(vec![vec!["y".to_owned()]]));
        assert_eq!(drill.steps[1].position.line, 8);
    }

    #[test]
    fn rules_keep_the_order_of_the_file_and_get_both_backgrounds() {
        let feature = parse(
            "Feature: f\n  Background:\n    Given a\n  Scenario: one\n    When b\n  Rule: r\n    Background:\n      Given c\n\
             \x20   Scenario: two\n      When d\n",
        );
        let steps =
            |n: usize| feature.drill(feature.drills[n]).steps.iter().map(|step| step.value.clone()).collect::<Vec<_>>();
        assert_eq!(steps(0), ["a", "b"]);
        assert_eq!(steps(1), ["a", "c", "d"]);
    }

    #[test]
    fn what_is_no_gherkin_is_told_with_its_line_and_a_hint() {
        let problem = |text: &str| {
            let found = Found { file: "a.feature".into(), text: text.into(), lines: vec![] };
            Feature::parse(&found).expect_err("it does not parse")[0].to_string()
        };
        let misspelt = problem("Feature: f\n  Scenario: s\n    Given a\n    Whne b\n");
        assert!(misspelt.starts_with("a.feature:4:") && misspelt.contains("did you mean `When`?"), "{misspelt}");
        assert!(problem("").contains("the file is empty"));
        assert!(problem("hello\n").contains("Feature: name"));
    }
}
