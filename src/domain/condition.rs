//! What a text has to be: the one that is expected, one of several, or one of a form.

use std::fmt;

use regex::Regex;

/// What a text has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// This text.
    Is(String),
    /// One of these texts.
    OneOf(Vec<String>),
    /// A text with this one in it.
    Contains(String),
    /// A text that this regular expression finds something in.
    Matches(String),
}

/// The words for each kind of condition.
pub const WORDS: [&str; 4] = ["is", "is one of", "contains", "matches"];

impl Condition {
    /// The condition that `word` and `text` state; the error is for a person.
    pub fn read(word: &str, text: &str) -> Result<Self, String> {
        match word.trim().to_ascii_lowercase().as_str() {
            "is" => Ok(Self::Is(text.into())),
            "is one of" => {
                let texts: Vec<_> = text.split(',').map(|one| one.trim().to_owned()).collect();
                let is_list = texts.iter().all(|one| !one.is_empty());
                is_list
                    .then_some(Self::OneOf(texts))
                    .ok_or_else(|| format!("`{text}` is no list, such as `High, Medium`"))
            }
            "contains" if text.is_empty() => Err("every text contains nothing".into()),
            "contains" => Ok(Self::Contains(text.into())),
            "matches" if text.is_empty() => Err("every text matches an empty pattern".into()),
            "matches" => Ok(Self::Matches(text.into())),
            _ => Err(format!("`{word}` is no condition (known: {})", WORDS.join(", "))),
        }
    }

    /// The same with a value in place of each name; in a pattern, the value is meant literally.
    #[must_use]
    pub fn filled(&self, values: &[(&str, &str)]) -> Self {
        let with = |text: &String, value: fn(&str) -> String| {
            values.iter().fold(text.clone(), |text, (name, of_it)| text.replace(name, &value(of_it)))
        };
        match self {
            Self::Is(text) => Self::Is(with(text, str::to_owned)),
            Self::OneOf(texts) => Self::OneOf(texts.iter().map(|text| with(text, str::to_owned)).collect()),
            Self::Contains(text) => Self::Contains(with(text, str::to_owned)),
            Self::Matches(pattern) => Self::Matches(with(pattern, regex::escape)),
        }
    }

    /// Why it can hold of nothing: a pattern that is none.
    pub fn flaw(&self) -> Option<String> {
        let Self::Matches(pattern) = self else { return None };
        let error = Regex::new(pattern).err()?.to_string();
        // The crate draws the pattern with a mark below it; the last line says what is wrong.
        let why = error.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        Some(format!("`{pattern}` is no pattern: {why}"))
    }

    /// Whether it holds of `seen`; unless `exactly`, whatever its letter case. A pattern says itself what it minds.
    pub fn holds(&self, seen: &str, exactly: bool) -> bool {
        let same = |text: &String| if exactly { text == seen } else { text.eq_ignore_ascii_case(seen) };
        match self {
            Self::Is(text) => same(text),
            Self::OneOf(texts) => texts.iter().any(same),
            Self::Contains(text) if exactly => seen.contains(text.as_str()),
            Self::Contains(text) => seen.to_ascii_lowercase().contains(&text.to_ascii_lowercase()),
            Self::Matches(pattern) => Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(seen)),
        }
    }
}

/// What the text should have been: `High`, or `one of High, Medium`.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Is(text) => write!(f, "`{text}`"),
            Self::OneOf(texts) => write!(f, "one of `{}`", texts.join("`, `")),
            Self::Contains(text) => write!(f, "a text with `{text}` in it"),
            Self::Matches(pattern) => write!(f, "a text that matches `{pattern}`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(word: &str, text: &str) -> Condition {
        Condition::read(word, text).expect("a condition")
    }

    #[test]
    fn each_condition_holds_of_what_it_says_and_of_nothing_else() {
        for (word, text, of, not_of) in [
            ("is", "High", "High", "Higher"),
            ("is one of", "High, Medium", "Medium", "High, Medium"),
            ("contains", "drill", "A drill.", "A drip."),
            ("matches", "^Alert [0-9a-f]{2}$", "Alert f0", "Alert f01"),
        ] {
            let condition = read(word, text);
            assert!(condition.holds(of, true) && !condition.holds(not_of, true), "{condition}");
        }
    }

    #[test]
    fn letter_case_counts_where_it_is_said_to() {
        for condition in [read("is", "High"), read("IS ONE OF", "Low,High"), read("contains", "Hi")] {
            assert!(condition.holds("high", false) && !condition.holds("high", true), "{condition}");
        }
        assert!(!read("matches", "High").holds("high", false), "a pattern says so itself");
        assert!(read("matches", "(?i)High").holds("high", true));
    }

    #[test]
    fn what_is_no_condition_is_told_and_so_is_a_pattern_that_is_none() {
        for (word, text, told) in [
            ("equals", "x", "`equals` is no condition (known: is, is one of, contains, matches)"),
            ("is one of", "High,", "`High,` is no list"),
            ("contains", "", "contains nothing"),
            ("matches", "", "empty pattern"),
        ] {
            let error = Condition::read(word, text).expect_err(told);
            assert!(error.contains(told), "{error}");
        }
        let flaw = read("matches", "a(b").flaw().expect("it is no pattern");
        assert_eq!(flaw, "`a(b` is no pattern: unclosed group");
        assert_eq!(read("is", "a(b").flaw(), None);
    }

    #[test]
    fn what_is_filled_into_a_pattern_is_meant_literally() {
        let values = [("{x}", "a.b")];
        let filled = read("matches", "^{x}$").filled(&values);
        assert!(filled.holds("a.b", true) && !filled.holds("acb", true));
        assert!(read("is one of", "y, {x}").filled(&values).holds("a.b", true));
    }
}
