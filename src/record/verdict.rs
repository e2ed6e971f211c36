//! What is said of a drill, and of a run.

use serde::{Deserialize, Serialize};

use crate::record::failure::{Code, Failure};

/// The verdict on a drill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum Verdict {
    /// Every expectation held.
    Passed,
    /// A detection gap: everything before it is proven to have worked.
    Failed {
        /// Which gap.
        code: Code,
        /// What happened.
        reason: String,
    },
    /// Alertdrill cannot tell, and says which link of the chain broke.
    Errored {
        /// Which link.
        code: Code,
        /// What happened.
        reason: String,
    },
    /// Not run.
    Skipped {
        /// Why.
        reason: String,
        /// What would let it run.
        remedy: String,
    },
}

impl Verdict {
    /// The verdict that `failure` means.
    pub fn of(failure: &Failure) -> Self {
        let (code, reason) = (failure.code, failure.what.clone());
        if code.is_skip() {
            let remedy = failure.hint.clone().unwrap_or_else(|| "run it on another service".into());
            return Self::Skipped { reason, remedy };
        }
        if code.is_gap() { Self::Failed { code, reason } } else { Self::Errored { code, reason } }
    }

    /// The first word: `passed`, `failed`, `errored` or `skipped`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed { .. } => "failed",
            Self::Errored { .. } => "errored",
            Self::Skipped { .. } => "skipped",
        }
    }

    /// The name of what is wrong, where something is.
    pub fn code(&self) -> Option<Code> {
        match self {
            Self::Failed { code, .. } | Self::Errored { code, .. } => Some(*code),
            Self::Passed | Self::Skipped { .. } => None,
        }
    }

    /// Why, where there is a why.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Passed => None,
            Self::Failed { reason, .. } | Self::Errored { reason, .. } | Self::Skipped { reason, .. } => Some(reason),
        }
    }
}

/// How many drills ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Drills that passed.
    pub passed: u64,
    /// Drills that failed.
    pub failed: u64,
    /// Drills that errored.
    pub errored: u64,
    /// Drills that were skipped.
    pub skipped: u64,
}

impl Counts {
    /// Counts one more drill.
    pub fn add(&mut self, verdict: &Verdict) {
        match verdict {
            Verdict::Passed => self.passed += 1,
            Verdict::Failed { .. } => self.failed += 1,
            Verdict::Errored { .. } => self.errored += 1,
            Verdict::Skipped { .. } => self.skipped += 1,
        }
    }

    /// All drills.
    pub fn total(&self) -> u64 {
        self.passed + self.failed + self.errored + self.skipped
    }
}

/// The verdict on a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunVerdict {
    /// At least one drill was judged, and every judged one passed.
    Passed,
    /// At least one drill failed.
    Failed,
    /// No drill failed, and at least one errored; or nothing was judged, which is never green.
    Errored,
    /// The run was interrupted, and cleaned up.
    Interrupted,
    /// No drill failed or errored so far, and at least one is armed, to be judged later.
    Armed,
}

impl RunVerdict {
    /// Whether the run ended by itself, and all of it.
    pub fn is_over(self) -> bool {
        !matches!(self, Self::Interrupted | Self::Armed)
    }

    /// The verdict on a run that ended by itself.
    pub fn of(counts: &Counts) -> Self {
        if counts.failed > 0 {
            Self::Failed
        } else if counts.errored > 0 || counts.passed == 0 {
            Self::Errored
        } else {
            Self::Passed
        }
    }

    /// The verdict on a run that ended by itself, and of which so many drills are to be judged later.
    pub fn with_armed(counts: &Counts, armed: usize) -> Self {
        match Self::of(counts) {
            Self::Passed | Self::Errored if armed > 0 && counts.errored == 0 => Self::Armed,
            verdict => verdict,
        }
    }

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Errored => "errored",
            Self::Interrupted => "interrupted",
            Self::Armed => "armed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_in_which_nothing_was_judged_is_never_green() {
        assert_eq!(RunVerdict::of(&Counts::default()), RunVerdict::Errored);
        assert_eq!(RunVerdict::of(&Counts { skipped: 3, ..Counts::default() }), RunVerdict::Errored);
        assert_eq!(RunVerdict::of(&Counts { skipped: 3, passed: 1, ..Counts::default() }), RunVerdict::Passed);
    }

    #[test]
    fn what_is_armed_is_not_judged_and_hides_nothing_that_was() {
        let armed = |counts| RunVerdict::with_armed(&counts, 2);
        assert_eq!(armed(Counts::default()), RunVerdict::Armed);
        assert_eq!(armed(Counts { passed: 1, skipped: 1, ..Counts::default() }), RunVerdict::Armed);
        assert_eq!(armed(Counts { passed: 1, errored: 1, ..Counts::default() }), RunVerdict::Errored);
        assert_eq!(armed(Counts { failed: 1, ..Counts::default() }), RunVerdict::Failed);
        assert_eq!(RunVerdict::with_armed(&Counts { skipped: 1, ..Counts::default() }, 0), RunVerdict::Errored);
    }

    #[test]
    fn a_gap_outweighs_an_error() {
        let counts = Counts { passed: 5, failed: 1, errored: 4, skipped: 0 };
        assert_eq!(RunVerdict::of(&counts), RunVerdict::Failed);
    }

    #[test]
    fn only_gaps_fail_a_drill_and_everything_else_is_an_error_except_what_a_service_has_no_such_thing_of() {
        for code in Code::ALL {
            let verdict = Verdict::of(&Failure::new(code, "x"));
            let word = match code {
                Code::Unsupported => "skipped",
                code if code.is_gap() => "failed",
                _ => "errored",
            };
            assert_eq!(verdict.word(), word, "{code}");
        }
    }
}
