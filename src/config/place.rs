//! Where a table stands, and how the values of its keys are read.

use std::time::Duration;

use url::Url;

use crate::{config::error::ConfigError, domain::span::Span};

/// A tenant's table, for the texts of errors.
pub(crate) struct Place<'a> {
    pub(crate) tenant: &'a str,
    pub(crate) file: &'a str,
}

impl Place<'_> {
    pub(crate) fn wrong(&self, key: &str, problem: impl Into<String>, hint: impl Into<String>) -> ConfigError {
        ConfigError {
            key: format!("tenants.{}.{key}", self.tenant),
            source_name: self.file.to_owned(),
            problem: problem.into(),
            hint: hint.into(),
        }
    }

    pub(crate) fn needed(&self, key: &str, value: Option<String>) -> Result<String, ConfigError> {
        value.ok_or_else(|| self.wrong(key, "it is not set", "set it, or name the file of an emulator's `details`"))
    }

    pub(crate) fn url(&self, key: &str, value: &str) -> Result<Url, ConfigError> {
        let url = Url::parse(value)
            .map_err(|error| self.wrong(key, error.to_string(), "write a whole address, such as https://host/path"))?;
        match url.scheme() {
            "http" | "https" => Ok(url),
            scheme => Err(self.wrong(key, format!("`{scheme}` is no scheme for it"), "write an http or https address")),
        }
    }

    pub(crate) fn url_if_any(&self, key: &str, value: Option<&str>) -> Result<Option<Url>, ConfigError> {
        value.map(|value| self.url(key, value)).transpose()
    }

    pub(crate) fn span(&self, key: &str, value: Option<&str>, default: Duration) -> Result<Duration, ConfigError> {
        let Some(value) = value else { return Ok(default) };
        let hint = "write a span of time, such as \"20 minutes\"";
        let span: Span = value.parse().map_err(|problem: String| self.wrong(key, problem, hint))?;
        span.checked().ok_or_else(|| self.wrong(key, "it is less than nothing", hint))
    }

    /// The meaning of a word of `known`; none where there is no word.
    pub(crate) fn word<T: Copy>(
        &self,
        key: &str,
        value: Option<&str>,
        known: &[(&str, T)],
    ) -> Result<Option<T>, ConfigError> {
        let Some(value) = value else { return Ok(None) };
        let found = known.iter().find(|(word, _)| *word == value).map(|(_, meaning)| Some(*meaning));
        found.ok_or_else(|| {
            let words: Vec<_> = known.iter().map(|(word, _)| *word).collect();
            self.wrong(key, format!("`{}` is none of its values", shown(value)), format!("write {}", listed(&words)))
        })
    }
}

/// A value as an error shows it: short, and on one line.
pub(crate) fn shown(value: &str) -> String {
    let plain: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).take(60).collect();
    if plain.len() < value.len() { format!("{plain}…") } else { plain }
}

/// `a`, `a or b`, `a, b or c`.
pub(crate) fn listed(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [word] => (*word).to_owned(),
        [before @ .., last] => format!("{} or {last}", before.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_one_of_those_that_are_known_or_told_with_all_of_them() {
        let place = Place { tenant: "prod", file: "alertdrill.toml" };
        let known = [("a", 1), ("b", 2), ("c", 3)];
        assert_eq!(place.word("key", Some("b"), &known), Ok(Some(2)));
        assert_eq!(place.word("key", None, &known), Ok(None));
        let error = place.word("key", Some("d\u{1b}[2J"), &known).expect_err("there is no such word");
        assert_eq!(
            error.to_string(),
            "tenants.prod.key (alertdrill.toml): `d [2J` is none of its values\n  hint: write a, b or c"
        );
        let long = place.word("key", Some(&"é".repeat(1000)), &known).expect_err("there is no such word");
        assert!(long.problem.chars().count() < 100, "{long}");
    }
}
