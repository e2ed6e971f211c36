//! What a drill's judgements over time come to.
//!
//! A judgement is that it passed, or that it failed, in a run that ended by itself. What errored or was skipped is none, and
//! is passed over.

use serde::Serialize;

/// What is new of a drill at its last judgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// It failed, and did not at the judgement before, if there was one.
    NewlyFailing,
    /// It failed, as at the judgement before.
    StillFailing,
    /// It passed, and failed at the judgement before.
    Fixed,
}

/// So many of a drill's last judgements say whether it is flaky.
pub const WINDOW: usize = 10;

/// So many changes among them are more than something that broke and was fixed again.
pub const CHANGES: usize = 3;

/// What is new at the last of `judgements`, each of which is whether it passed, the earliest first.
pub fn change(judgements: &[bool]) -> Option<Change> {
    match judgements {
        [.., false, false] => Some(Change::StillFailing),
        [.., false] => Some(Change::NewlyFailing),
        [.., false, true] => Some(Change::Fixed),
        _ => None,
    }
}

/// Whether the verdict goes back and forth: it changed [`CHANGES`] times or more among the last [`WINDOW`] of `judgements`.
pub fn is_flaky(judgements: &[bool]) -> bool {
    let last = &judgements[judgements.len().saturating_sub(WINDOW)..];
    last.windows(2).filter(|two| two[0] != two[1]).count() >= CHANGES
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judgements(text: &str) -> Vec<bool> {
        text.chars().map(|letter| letter == 'p').collect()
    }

    #[test]
    fn what_is_new_follows_from_the_last_two_judgements() {
        for (text, told) in [
            ("", None),
            ("p", None),
            ("pp", None),
            ("f", Some(Change::NewlyFailing)),
            ("fpf", Some(Change::NewlyFailing)),
            ("pff", Some(Change::StillFailing)),
            ("ffp", Some(Change::Fixed)),
            ("fpp", None),
        ] {
            assert_eq!(change(&judgements(text)), told, "{text}");
        }
    }

    #[test]
    fn flaky_is_what_breaks_again_after_it_was_fixed() {
        for (text, flaky) in [
            ("", false),
            ("ppffpp", false),
            ("pfpf", true),
            ("fpfpp", true),
            ("pfpfffffffff", false),
            ("pfpffffffff", false),
            ("pfpfffffff", true),
        ] {
            assert_eq!(is_flaky(&judgements(text)), flaky, "{text}");
        }
    }
}
