//! Which step a line means: alertdrill's own, and those of the crate that runs it.

use cucumber::{
    codegen::{WorldInventory, inventory},
    step,
};
use gherkin::StepType;
use regex::{Regex, RegexSet};

use crate::{steps::sources, world::World};

/// Every step there is.
pub struct Vocabulary {
    given: Kind,
    when: Kind,
    then: Kind,
}

/// The steps of a keyword; all their patterns are tried in one pass.
struct Kind {
    patterns: RegexSet,
    definitions: Vec<Definition>,
}

/// A step.
pub struct Definition {
    /// Which keyword it goes with.
    pub kind: StepType,
    /// What a line has to be.
    pub pattern: Regex,
    /// What it calls.
    pub call: step::Step<World>,
    /// Where in the code it is.
    pub place: step::Location,
}

/// What a line means.
pub enum Meaning<'a> {
    /// This step, with these parts of the line.
    Step(&'a Definition, Vec<(Option<String>, String)>),
    /// No step.
    Unknown,
    /// More than one step.
    Ambiguous(Vec<&'a Definition>),
}

impl Vocabulary {
    /// The steps that are linked into this program.
    ///
    /// # Errors
    ///
    /// When the patterns of a user's steps are too large to be tried together.
    pub fn linked() -> Result<Self, regex::Error> {
        Ok(Self {
            given: Kind::of(StepType::Given, collect::<<World as WorldInventory>::Given>())?,
            when: Kind::of(StepType::When, collect::<<World as WorldInventory>::When>())?,
            then: Kind::of(StepType::Then, collect::<<World as WorldInventory>::Then>())?,
        })
    }

    /// What `line` means after the keyword `kind`.
    pub fn meaning(&self, kind: StepType, line: &str) -> Meaning<'_> {
        let kind = self.kind(kind);
        let matches: Vec<&Definition> =
            kind.patterns.matches(line).into_iter().map(|index| &kind.definitions[index]).collect();
        match matches.as_slice() {
            [] => Meaning::Unknown,
            [one] => Meaning::Step(one, parts(&one.pattern, line)),
            _ => Meaning::Ambiguous(matches),
        }
    }

    /// Every step, in the order of keyword and place.
    pub fn definitions(&self) -> impl Iterator<Item = &Definition> {
        [&self.given, &self.when, &self.then].into_iter().flat_map(|kind| &kind.definitions)
    }

    /// The phrases of any keyword that come nearest to `line`, at most three, the nearest first.
    pub fn nearest(&self, line: &str) -> Vec<String> {
        let mut near: Vec<(f64, String)> = self
            .definitions()
            .map(|definition| (strsim::sorensen_dice(line, &definition.phrase()), definition.sentence()))
            .collect();
        near.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        near.dedup_by(|a, b| a.1 == b.1);
        near.into_iter().filter(|(likeness, _)| *likeness > 0.4).take(3).map(|(_, sentence)| sentence).collect()
    }

    fn kind(&self, kind: StepType) -> &Kind {
        match kind {
            StepType::Given => &self.given,
            StepType::When => &self.when,
            StepType::Then => &self.then,
        }
    }
}

impl Kind {
    fn of(kind: StepType, steps: Vec<Parts>) -> Result<Self, regex::Error> {
        let mut definitions: Vec<Definition> =
            steps.into_iter().map(|(place, pattern, call)| Definition { kind, pattern, call, place }).collect();
        definitions.sort_by_key(|definition| definition.place);
        let patterns = RegexSet::new(definitions.iter().map(|definition| definition.pattern.as_str()))?;
        Ok(Self { patterns, definitions })
    }
}

type Parts = (step::Location, Regex, step::Step<World>);

fn collect<T>() -> Vec<Parts>
where
    T: cucumber::codegen::StepConstructor<World> + inventory::Collect,
{
    inventory::iter::<T>
        .into_iter()
        .map(|step| {
            let (place, pattern, call) = step.inner();
            (place, pattern(), call)
        })
        .collect()
}

fn parts(pattern: &Regex, line: &str) -> Vec<(Option<String>, String)> {
    let Some(captures) = pattern.captures(line) else { return Vec::new() };
    let names = pattern.capture_names();
    names
        .zip(captures.iter())
        .map(|(name, part)| (name.map(str::to_owned), part.map_or_else(String::new, |part| part.as_str().to_owned())))
        .collect()
}

impl Definition {
    /// The keyword.
    pub fn keyword(&self) -> &'static str {
        match self.kind {
            StepType::Given => "Given",
            StepType::When => "When",
            StepType::Then => "Then",
        }
    }

    /// What a person writes: `an alert is raised within <time>`.
    pub fn phrase(&self) -> String {
        phrase(self.pattern.as_str())
    }

    /// Keyword and phrase.
    pub fn sentence(&self) -> String {
        format!("{} {}", self.keyword(), self.phrase())
    }

    /// What the step does, from the comment above it; a user's own step has none.
    pub fn description(&self) -> Option<String> {
        sources::description(self.place.path, self.place.line)
    }
}

/// A pattern as a person would write a line that it matches: named parts in angle brackets, optional letters in round.
fn phrase(pattern: &str) -> String {
    let mut phrase = String::new();
    let mut rest = pattern.trim_start_matches('^').trim_end_matches('$');
    while let Some(letter) = rest.chars().next() {
        let group = (letter == '(').then(|| group_end(rest)).flatten();
        match group {
            Some(end) => {
                let (inside, after) = (&rest[1..end - 1], &rest[end..]);
                let optional = after.starts_with('?');
                phrase.push_str(&group_words(inside, optional));
                rest = after.strip_prefix('?').unwrap_or(after);
            }
            None if letter == '\\' => {
                let escaped = rest.chars().nth(1);
                phrase.extend(escaped);
                rest = &rest[1 + escaped.map_or(0, char::len_utf8)..];
            }
            None if rest[letter.len_utf8()..].starts_with('?') => {
                phrase.extend(['(', letter, ')']);
                rest = &rest[letter.len_utf8() + 1..];
            }
            None => {
                phrase.push(letter);
                rest = &rest[letter.len_utf8()..];
            }
        }
    }
    phrase
}

fn group_words(inside: &str, optional: bool) -> String {
    if let Some((name, choice)) = inside.strip_prefix("?P<").and_then(|rest| rest.split_once('>')) {
        let words =
            choice.contains('|') && choice.chars().all(|letter| letter.is_alphanumeric() || " |-".contains(letter));
        return if words { format!("<{name}: {}>", choice.replace('|', ", ")) } else { format!("<{name}>") };
    }
    let words = inside.strip_prefix("?:").unwrap_or(inside);
    if optional { format!("({words})") } else { words.replace('|', "/") }
}

/// Where the group that `text` begins with ends, in bytes.
fn group_end(text: &str) -> Option<usize> {
    let mut depth = 0_u32;
    let mut escaped = false;
    for (at, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '(' => depth += 1,
            ')' if depth == 1 => return Some(at + 1),
            ')' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_what_a_person_writes() {
        assert_eq!(phrase("^an onboarded device$"), "an onboarded device");
        assert_eq!(phrase(r"^an alert is raised within (?P<time>\d.*)$"), "an alert is raised within <time>");
        assert_eq!(phrase(r#"^the device contacts "(?P<address>[^"]*)"$"#), "the device contacts \"<address>\"");
        assert_eq!(phrase(r"^(?P<time>\d.*) pass(?:es)?$"), "<time> pass(es)");
        assert_eq!(phrase(r"^holds (?P<count>\d+) definitions?$"), "holds <count> definition(s)");
        assert_eq!(phrase(r"^no: (?P<why>one|two words)$"), "no: <why: one, two words>");
    }

    #[test]
    fn every_step_of_alertdrill_s_own_is_linked_and_described() {
        let vocabulary = Vocabulary::linked().expect("the patterns are small");
        let own: Vec<_> = vocabulary.definitions().filter(|step| step.place.path.contains("src/steps/")).collect();
        let attributes = ["#[given(", "#[when(", "#[then("];
        let written = sources::SOURCES
            .iter()
            .flat_map(|(_, source)| source.lines())
            .filter(|line| attributes.iter().any(|attribute| line.starts_with(attribute)))
            .count();
        assert_eq!(own.len(), written, "a step that is not linked would be unknown in a release build");
        for step in own {
            assert!(step.description().is_some(), "{} has no description", step.sentence());
        }
    }

    #[test]
    fn a_misspelt_step_is_near_to_what_was_meant() {
        let vocabulary = Vocabulary::linked().expect("the patterns are small");
        let near = vocabulary.nearest("the device contact the indicators adress");
        assert!(near[0].ends_with("the device contacts the indicator's address"), "{near:?}");
    }
}
