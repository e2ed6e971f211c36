//! Which drills of a suite run: by line, tag, name and shard.

use cucumber::tag::Ext as _;
use gherkin::tagexpr::TagOperation;
use regex::Regex;

use crate::runner::{
    find::Found,
    problem::Problem,
    suite::{Feature, Place, Suite},
};

/// What a run is limited to.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// A tag expression: `@guide and not @controls`.
    pub tags: Option<TagOperation>,
    /// What the name of a drill, or of its feature, has to contain.
    pub name: Option<Regex>,
    /// Which share of the drills.
    pub shard: Option<Shard>,
}

impl Selection {
    /// Among how many shards of a run the drills are shared out.
    pub fn shards(&self) -> u32 {
        self.shard.map_or(1, |shard| shard.count)
    }
}

/// One share of several: every drill is in exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Which, from 1.
    pub index: u32,
    /// Of how many.
    pub count: u32,
}

/// `2/5`
impl std::fmt::Display for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

impl std::str::FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/').and_then(|(index, count)| Some((index.parse().ok()?, count.parse().ok()?)));
        match parts {
            Some((index, count)) if (1..=count).contains(&index) => Ok(Self { index, count }),
            _ => Err(format!("`{text}` is no shard: write 2/5 for the second of five")),
        }
    }
}

/// Limits `suite`, read from `found`, to what was asked for. A line that names no scenario is a problem.
pub fn select(suite: &mut Suite, found: &[Found], selection: &Selection) -> Result<(), Vec<Problem>> {
    let mut problems = Vec::new();
    for (feature, found) in suite.features.iter_mut().zip(found) {
        if let Err(mut new) = by_line(feature, found) {
            problems.append(&mut new);
        }
        let drills = std::mem::take(&mut feature.drills);
        feature.drills = drills.into_iter().filter(|place| is_selected(feature, *place, selection)).collect();
    }
    if let Some(shard) = selection.shard {
        by_shard(suite, shard);
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

fn is_selected(feature: &Feature, place: Place, selection: &Selection) -> bool {
    let template = &feature.templates[place.template];
    let tagged = selection.tags.as_ref().is_none_or(|tags| tags.eval(template.tags(place.row)));
    let named = selection
        .name
        .as_ref()
        .is_none_or(|name| name.is_match(&feature.name) || name.is_match(&feature.drill(place).name));
    tagged && named
}

/// A line of a scenario picks it, a row of examples picks its drill, and a line above every scenario picks them all.
fn by_line(feature: &mut Feature, found: &Found) -> Result<(), Vec<Problem>> {
    if found.lines.is_empty() {
        return Ok(());
    }
    let last = u32::try_from(found.text.lines().count()).unwrap_or(u32::MAX);
    let mut kept = Vec::new();
    let mut problems = Vec::new();
    for &line in &found.lines {
        let why = match line {
            0 => "lines are counted from 1".to_owned(),
            line if line > last => format!("the file has {last} {}", if last == 1 { "line" } else { "lines" }),
            _ => {
                let line = below_tags(&found.text, line);
                kept.extend(feature.drills.iter().copied().filter(|place| is_at(feature, *place, line)));
                continue;
            }
        };
        problems.push(
            Problem::at(&feature.file, line, format!("no scenario is at this line: {why}"))
                .hint("name a line of the scenario, or of a row of its examples"),
        );
    }
    feature.drills.retain(|place| kept.contains(place));
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// A tag belongs to what stands below it.
fn below_tags(text: &str, line: u32) -> u32 {
    let tags = text.lines().skip(line as usize - 1).take_while(|line| line.trim_start().starts_with('@'));
    line.saturating_add(u32::try_from(tags.count()).unwrap_or(0))
}

fn is_at(feature: &Feature, place: Place, line: u32) -> bool {
    let template = &feature.templates[place.template];
    let first = feature.templates.first().map_or(0, |first| first.line);
    if line < first {
        return true;
    }
    let on_a_row = (0..template.rows.len()).any(|row| template.line_of(row) == line);
    if on_a_row { template.line_of(place.row) == line } else { (template.line..=template.last_line).contains(&line) }
}

/// Drills are dealt round, so that shards are alike in length; a drill's shard depends on its place alone.
fn by_shard(suite: &mut Suite, shard: Shard) {
    let mut number: u32 = 0;
    for feature in &mut suite.features {
        feature.drills.retain(|_| {
            let mine = number % shard.count == shard.index - 1;
            number += 1;
            mine
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Feature: f\n\n  @a\n  Scenario: one\n    Given x\n\n  @b\n  Scenario Outline: two <n>\n    Given x\n\n\
                        \x20   Examples:\n      | n |\n      | 1 |\n      | 2 |\n";

    fn names(lines: &[u32], selection: &Selection) -> Vec<String> {
        let found = [Found { file: "a".into(), text: TEXT.into(), lines: lines.into() }];
        let mut suite = Suite::parse(&found).expect("it parses");
        select(&mut suite, &found, selection).expect("the lines are there");
        let feature = &suite.features[0];
        feature.drills.iter().map(|place| feature.drill(*place).name).collect()
    }

    #[test]
    fn lines_pick_scenarios_rows_and_whole_outlines() {
        let all = Selection::default();
        assert_eq!(names(&[5], &all), ["one"]);
        assert_eq!(names(&[14], &all), ["two 2"]);
        assert_eq!(names(&[9], &all), ["two 1", "two 2"]);
        assert_eq!(names(&[7], &all), ["two 1", "two 2"], "its tag's line");
        assert_eq!(names(&[1], &all), ["one", "two 1", "two 2"]);
        assert_eq!(names(&[14, 4], &all), ["one", "two 2"]);
    }

    #[test]
    fn tags_and_names_and_lines_limit_together() {
        let tags = Some("@b".parse().expect("a tag expression"));
        let selection = Selection { tags, name: Some(Regex::new("1$").expect("a regex")), shard: None };
        assert_eq!(names(&[], &selection), ["two 1"]);
        assert_eq!(names(&[4], &selection), Vec::<String>::new());
    }

    #[test]
    fn every_drill_is_in_exactly_one_shard() {
        let shards = (1..=2)
            .map(|index| names(&[], &Selection { shard: Some(Shard { index, count: 2 }), ..Selection::default() }));
        let mut all: Vec<_> = shards.flatten().collect();
        all.sort();
        assert_eq!(all, ["one", "two 1", "two 2"]);
        assert!("0/2".parse::<Shard>().is_err() && "3/2".parse::<Shard>().is_err() && "x".parse::<Shard>().is_err());
    }
}
