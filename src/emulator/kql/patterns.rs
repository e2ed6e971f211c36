//! Patterns: the operators and functions that take a regular expression.
//!
//! A pattern is a constant and is compiled once, within bounds; matching is linear in the text whatever the pattern.

use std::sync::Arc;

use regex::{Captures, Regex, RegexBuilder};

use crate::emulator::kql::{
    QueryError,
    bind::Place,
    check::Checker,
    plan::Expr as Checked,
    syntax::Expr,
    value::{LONGEST_TEXT, Type, Value},
};

/// The compiled program of a pattern may have this many bytes; patterns in one query may be this many.
const PATTERN_SIZE: usize = 1 << 18;
const MOST_PATTERNS: usize = 64;

/// What is done with what a pattern finds.
#[derive(Debug, Clone)]
pub(super) enum Use {
    Matches {
        negated: bool,
    },
    /// The text of a group of the first match.
    Extract(usize),
    /// Every match by a text, in which `\1` is a group.
    Replace(Arc<str>),
    /// Without what matches at the beginning, and at the end.
    Trim,
}

impl Checker<'_> {
    /// A compiled pattern.
    pub(super) fn pattern(&mut self, pattern: &Checked) -> Result<Box<Regex>, QueryError> {
        let Checked::Literal(Value::Text(pattern)) = pattern else {
            return Err(QueryError::semantic("matches regex: the pattern must be a constant text"));
        };
        self.compiled(pattern)
    }

    fn compiled(&mut self, pattern: &str) -> Result<Box<Regex>, QueryError> {
        self.patterns += 1;
        if self.patterns > MOST_PATTERNS {
            return Err(QueryError::limits());
        }
        let regex = RegexBuilder::new(pattern).size_limit(PATTERN_SIZE).dfa_size_limit(PATTERN_SIZE).build();
        let ill_formed = |_| QueryError::semantic(format!("Regex pattern is ill-formed: '{pattern}'"));
        regex.map(Box::new).map_err(ill_formed)
    }

    /// The call of a function that takes a pattern; none for any other function.
    pub(super) fn call_of_pattern(
        &mut self,
        place: Place<'_>,
        name: &str,
        arguments: &[Expr],
    ) -> Result<Option<Checked>, QueryError> {
        let (pattern, of, count) = match name {
            "extract" => (0, 2, 3),
            "replace_regex" => (1, 0, 3),
            "trim" | "trim_start" | "trim_end" => (0, 1, 2),
            _ => return Ok(None),
        };
        if arguments.len() != count {
            return Err(QueryError::semantic(format!("{name}(): function expects {count} argument(s)")));
        }
        let mut bound = Vec::new();
        for argument in arguments {
            bound.push(self.bind(place, argument)?);
        }
        if !matches!(bound[of].1, Type::Text | Type::Dynamic) {
            let text = format!("{name}(): argument #{} expected to be a string expression", of + 1);
            return Err(QueryError::semantic(text));
        }
        let Checked::Literal(Value::Text(written)) = &bound[pattern].0 else {
            return Err(QueryError::semantic(format!("{name}(): the pattern must be a constant text")));
        };
        let used = match (name, bound.get(if name == "extract" { 1 } else { 2 }).map(|(checked, _)| checked)) {
            ("extract", Some(Checked::Literal(Value::Int(group)))) => {
                Use::Extract(usize::try_from(*group).unwrap_or(0))
            }
            ("replace_regex", Some(Checked::Literal(Value::Text(by)))) => Use::Replace(Arc::clone(by)),
            ("extract" | "replace_regex", _) => {
                return Err(QueryError::semantic(format!("{name}(): arguments other than the text must be constants")));
            }
            _ => Use::Trim,
        };
        let regex = match name {
            "trim" => self.compiled(&format!("^(?:{written})+|(?:{written})+$"))?,
            "trim_start" => self.compiled(&format!("^(?:{written})+"))?,
            "trim_end" => self.compiled(&format!("(?:{written})+$"))?,
            _ => self.compiled(written)?,
        };
        Ok(Some(Checked::Pattern { used, of: Box::new(bound.swap_remove(of).0), regex }))
    }
}

impl Use {
    /// What it makes of a text.
    pub(super) fn of(&self, regex: &Regex, text: &str) -> Value {
        match self {
            Self::Matches { negated } => Value::Bool(regex.is_match(text) != *negated),
            Self::Extract(group) => {
                let found = regex.captures(text).and_then(|captures| captures.get(*group));
                Value::text(found.map_or("", |found| found.as_str()))
            }
            Self::Replace(by) => Value::text(&replaced(regex, text, by)),
            Self::Trim => Value::text(&regex.replace_all(text, "")),
        }
    }
}

/// Every match replaced; a text that gets too long is cut.
fn replaced(regex: &Regex, text: &str, by: &str) -> String {
    let (mut made, mut from) = (String::new(), 0);
    for captures in regex.captures_iter(text) {
        let (start, end) = captures.get(0).map_or((from, from), |found| (found.start(), found.end()));
        made.push_str(&text[from..start]);
        made.push_str(&filled(by, &captures));
        from = end;
        if made.len() > LONGEST_TEXT {
            break;
        }
    }
    made.push_str(&text[from..]);
    made.truncate(made.floor_char_boundary(LONGEST_TEXT));
    made
}

/// The text that takes a match's place, with its groups in it.
fn filled(by: &str, captures: &Captures<'_>) -> String {
    let mut text = String::new();
    let mut rest = by.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        match rest.next() {
            Some(digit) if digit.is_ascii_digit() => {
                let group = digit.to_digit(10).and_then(|group| usize::try_from(group).ok()).unwrap_or(0);
                text.push_str(captures.get(group).map_or("", |found| found.as_str()));
            }
            Some(other) => text.push(other),
            None => text.push('\\'),
        }
    }
    text
}
